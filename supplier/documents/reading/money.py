"""How tax certificates, insurance certificates and invoices print their values."""

from __future__ import annotations

import re

from supplier.documents.reading import unlabelled
from supplier.documents.reading.bank import iban_of
from supplier.documents.reading.dates import find_dates, first_date
from supplier.documents.reading.extract import (
    By,
    Fields,
    Hints,
    Parsed,
    Parser,
    as_value,
    asks,
    bare_label,
    candidates,
    fit,
    label,
    lines_of,
    phrase,
)
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.numbers import LABELLED, subject
from supplier.documents.reading.people import addressee, expected_name, is_name
from supplier.documents.reading.places import is_address
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.sentences import CERTIFIES_THAT, named_after
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import fold, pattern
from supplier.documents.reading.values import (
    amount,
    company,
    cut,
    day,
    digits,
    is_siren,
    is_siret,
    matching,
    named_company,
)
from supplier.documents.reading.vocabulary import Term
from supplier.documents.reading.wanted import MADE_ON, SUBJECTS, name_of

_OFFICE = pattern(
    r"^(?:services? (?:des )?impots des entreprises|sie |service de gestion comptable|"
    r"direction (?:departementale|regionale|des grandes entreprises)|dge\b|pole )"
)


def _tax_office(paper: Paper, _hints: Hints) -> FieldValue | None:
    for _, cell in paper.cells:
        if _OFFICE.match(cell.run.folded) and "@" not in cell.run.text:
            if re.match(r"sie[.@]", cell.run.folded):
                continue
            return as_value(Parsed(cell.run.text, cell.run.whole()))
    return None


TAX: Fields = {
    "siren": (subject(),),
    "company_name": (
        name_of(Term.FIRM, Term.NAME, *SUBJECTS),
        By(expected_name),
    ),
    "issued_on": (
        MADE_ON,
        phrase(r"date de delivrance\s?:?\s?(?:le )?(?P<v>\d.{5,24})", day),
        phrase(r"(?:^|\t| )date ?: ?(?:le )?(?P<v>\d.{5,24})", day),
        phrase(r"delivree? (?:a [^\d]{2,40}? )?le (?P<v>\d.{5,24})", day),
        phrase(r"(?:^|\t)a [a-z][^\d\t]{1,40}?,? le (?P<v>\d.{5,24})", day),
        phrase(r"fait a ?:? ?[^\d]{2,60}? le ?:? ?(?P<v>\d.{5,24})", day),
        phrase(r"(?:^|\t)[a-z][a-z' -]{2,40}, le (?P<v>\d.{5,24})", day),
        By(unlabelled.made_on),
    ),
    "delivery_number": (
        phrase(r"(?:numero|n°) de delivrance ?:? ?(?P<v>\d{5,12})\b", matching(r"\d{5,12}")),
        phrase(r"(?:^|\t)delivrance ?:? ?(?:numero|n°) ?:? ?(?P<v>\d{5,12})\b",
               matching(r"\d{5,12}")),
        phrase(r"attestation de regularite fiscale ?,? (?:numero|n°|ref\.?|reference) ?:? ?"
               r"(?P<v>\d{5,12})\b", matching(r"\d{5,12}")),
        asks(Term.DELIVERY, parse=matching(r"\d{5,12}"), also=(Term.NUMBER, Term.PAPER)),
        asks(Term.PAPER, parse=matching(r"\d{5,12}"), also=(Term.NUMBER,), needs=(Term.NUMBER,)),
    ),
    "issuer": (By(_tax_office),),
}  # fmt: skip


# --- insurance


def _period(which: int) -> By:
    """The printed period: two dates joined by "du … au …" or "entre le … et le …"."""
    # "ler juillet": how a scan reads 1er.
    a_day = r"(?:\d|[li|]er )[\w .]{5,18}?\d{4}|\d{2}\D\d{2}\D\d{4}"
    form = re.compile(
        rf"(?:du|entre le|a compter du|from)\s+(?P<a>{a_day})\s+"
        rf"(?:au|et le|(?:et )?jusqu'au|to|until)\s+(?P<b>{a_day})"
    )

    def find(paper: Paper, _hints: Hints) -> FieldValue | None:
        for runs in (paper.lines, paper.blocks):
            for run in runs:
                match = form.search(run.folded)
                span = run.span(*match.span("ab"[which])) if match else None
                parsed = day(span) if span else None
                if parsed:
                    return as_value(parsed)
        return None

    return By(find)


def _opening(span: Span) -> Parsed | None:
    """The day a period begins with; a scan that lost it leaves the day it ends with."""
    parsed = day(span)
    found = first_date(span.folded)
    lost = found and re.search(r"\b(?:au|jusqu'au|until)\b", span.folded[: found.start])
    return None if lost else parsed


def _of_two(which: int) -> Parser:
    """One of the two days that a cell of a period holds, in whatever words; no other number."""

    def parse(span: Span) -> Parsed | None:
        found = find_dates(span.folded)
        if len(found) != 2 or found[0].day >= found[1].day:
            return None
        chosen = found[which]
        return Parsed(chosen.day.isoformat(), span.cut(chosen.start, chosen.end) or span)

    return parse


#: So many figures in groups of three or fewer make up the number of a contract.
_FIGURES = 6


def _policy(span: Span) -> Parsed | None:
    """The number of a contract: not a date, nor the number of a company."""
    match = re.match(r"\W*(?P<v>(?:[A-Z0-9./-]*\d[A-Z0-9./-]*|[A-Z]{1,3})(?: (?:[A-Z0-9./-]*\d"
                     r"[A-Z0-9./-]*|[A-Z]{1,3}\b))*)", span.text)  # fmt: skip
    if not match or not (re.search(r"\d{4}", match["v"]) or len(digits(match["v"])) >= _FIGURES):
        return None
    if is_siren(digits(match["v"])) or is_siret(digits(match["v"])) or find_dates(fold(match["v"])):
        return None
    return Parsed(match["v"].rstrip("./-"), cut(span, match, group="v"))


#: "… est assurée par le contrat RCD80546795 …", "police responsabilité décennale AB 123 456".
_UNLABELLED = phrase(
    r"\b(?:contrat|police)(?: (?:(?:d'|de |de la |portant |sous )?(?:la |le )?(?:assurances?"
    r"|responsabilite|rc|civile|decennale|professionnelle|obligatoire|groupe|multirisques?"
    r"|construction|batiment|travaux|artisans?|references?|ref|n°|numero))(?![a-z])){0,6}[.:]? ?"
    r"(?P<v>(?=\S{0,12}\d)[a-z0-9]\S{2,20}(?: (?=\S{0,12}\d)\S{1,12}){0,4}(?: [a-z]{1,2}\b)?)",
    _policy,
)


def _unlabelled_policy(paper: Paper, hints: Hints) -> FieldValue | None:
    """The number that follows the word "contrat" itself, where the whole paper gives one only."""
    found = list(candidates(paper, _UNLABELLED, hints=hints))
    return as_value(found[0]) if len({digits(parsed.value) for parsed in found}) == 1 else None


_HOUSES = (
    r"(?:axa|allianz|smabtp|sma |maaf|maf\b|mma|groupama|generali|gan |abeille|aviva|"
    r"l'auxiliaire|covea|areas|matmut|macif|thelem|swisslife|swiss life|zurich|qbe|millennium|"
    r"chubb|camca|pacifica|acm|mic insurance|wakam|entoria|april|cam btp|cambtp|l'equite|elite|"
    r"mutuelle |maif|msig|hiscox|ergo|hdi|bpce iard|sogessur|acte iard|tokio marine|aig\b|"
    r"lloyd's|euromaf|mutuelles? du mans|sada|serenis|gmf|monceau|msa assurances)"
)
_INSURERS = pattern(rf"^(?P<v>{_HOUSES}[^\t]{{0,40}})$")
_INSURER_NAMES = pattern(rf"^(?P<v>{_HOUSES}[a-z &']{{0,30}}?)(?=\t| - |,|\(| sa au |$)")


_CERTIFIES = r"(?:atteste|certifie|attestons|certifions|soussigne)"
#: How sentences name the insurer: before what it certifies, clauses of its own between.
_NAMED_INSURER = tuple(
    pattern(source)
    for source in (
        rf"l'assureur,? (?P<v>[^,]{{2,60}}?)(?:,[^.]{{0,140}}?)?,? {_CERTIFIES}",
        r"nous,? soussignes?,? (?P<v>[^,]{2,60}?),? (?:certi\S{1,4}ons|attestons|compagnie|"
        r"assureur|dont le siege|entreprise regie)",
        rf"la (?:compagnie|societe|mutuelle)(?: d'assurances?)? (?P<v>[^,]{{2,60}}?)"
        rf"(?:,[^.]{{0,140}}?)?,? {_CERTIFIES}",
        r"(?:^|\. )(?P<v>[a-z][^,.]{2,60}?) (?:atteste|certifie)(?:,? par la presente,?)? que "
        r"(?:le|la|l'|notre|son|les)\b",
        r"(?:souscrit|garantie?|assuree?) (?:aupres de|par) (?:la (?:compagnie|societe) )?"
        r"(?P<v>[a-z][^,.]{2,60}?)(?:,| sous | un | le | contrat| police|\.)",
    )
)


def _insurer(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The insurer: after its label, in the sentence that certifies, or heading the paper."""
    for form in _NAMED_INSURER:
        for block in paper.blocks:
            match = form.search(block.folded)
            span = block.span(match.start("v"), match.end("v")) if match else None
            if span and not re.match(r"assuree?\b|entreprise\b|soussigne", span.folded):
                return as_value(Parsed(span.text, span))
    for _, cell in paper.cells:
        match = _INSURERS.match(cell.run.folded)
        if match:
            return as_value(Parsed(cell.run.text, cell.run.whole()))
    return _known_insurer(paper)


def _known_insurer(paper: Paper) -> FieldValue | None:
    """A known insurer at the head of a line that says more."""
    for line in paper.lines:
        match = _INSURER_NAMES.match(line.folded)
        span = line.span(match.start("v"), match.end("v")) if match else None
        if span:
            return as_value(Parsed(span.text, span))
    return None


INSURANCE: Fields = {
    "siren": (subject(beside_issuer=True),),
    "company_name": (
        name_of(Term.INSURED, Term.FIRM, Term.NAME, Term.COMPANY, Term.HOLDER, also=(Term.POLICY,)),
        phrase(r"(?:l'entreprise|la societe|l'assure|certifions que|atteste que) "
               r"(?!l'|la |le )(?P<v>[^,]{2,120}?),[^.]{0,150}?"
               r"(?:immatriculee?|siren|siret|a souscrit|est titulaire)", named_company),
        named_after(
            rf"{CERTIFIES_THAT} (?=[^.\t]{{2,300}}? (?:(?:est|sont) (?:bien )?(?:assur|garanti"
            r"|couvert|titulaire)|a souscrit|a adhere|beneficie))",
            r"\battestation delivree a",
        ),
        By(addressee),
        By(expected_name),
    ),
    "insurer": (
        asks(Term.INSURER, parse=company, also=(Term.NAME, Term.ADDRESS), wraps=True),
        By(_insurer),
    ),
    "policy_number": (
        phrase(r"(?:contrat|police)(?: (?!n°|numero|no\b)[^\s,;.:]{1,20}){0,4}? "
               r"(?:n°|numero|n\.|no) ?:? ?"
               r"(?P<v>[a-z0-9].{3,40})", _policy),
        asks(Term.POLICY, parse=_policy, also=(Term.NUMBER,), needs=(Term.NUMBER,)),
        asks(Term.POLICY, parse=_policy, text=True),
        phrase(r"(?:n° ?|numero )(?:de |du )?(?:contrat|police)(?: d'assurances?)? ?:? ?"
               r"(?P<v>[a-z0-9].{3,40})", _policy),
        phrase(r"(?:contrat|police)[^.]{0,90}? sous le (?:n° ?|numero )(?P<v>[a-z0-9].{3,40})",
               _policy),
        By(_unlabelled_policy),
    ),
    "valid_from": (
        _period(0),
        asks(Term.PERIOD, parse=_of_two(0), also=(Term.DAY, Term.PAPER, Term.POLICY)),
        asks(Term.EFFECT, parse=_opening, also=(Term.DAY, Term.PERIOD, Term.PAPER)),
        asks(Term.EFFECT, parse=_opening, also=(Term.DAY, Term.PERIOD, Term.POLICY)),
        label(r"du|a effet du|valable du", _opening),
    ),
    "valid_until": (
        _period(1),
        asks(Term.PERIOD, parse=_of_two(1), also=(Term.DAY, Term.PAPER, Term.POLICY)),
        asks(Term.END, parse=day, also=(Term.DAY, Term.PERIOD, Term.PAPER)),
        asks(Term.END, parse=day, also=(Term.DAY, Term.PERIOD, Term.POLICY)),
        label(r"jusqu'au|au", day),
        phrase(r"(?:valable|validite|valide) jusqu'au (?P<v>\d.{5,24})", day),
    ),
}  # fmt: skip


# --- invoices

_CURRENCIES = (("EUR", r"€|\beur\b|\beuros?\b"), ("CHF", r"\bchf\b"), ("GBP", r"£|\bgbp\b"),
               ("USD", r"\$|\busd\b"), ("PLN", r"\bpln\b|zł"))  # fmt: skip


def _currency(paper: Paper, _hints: Hints) -> FieldValue | None:
    total = pattern(r"total (?:ttc|a payer|general)|net a payer|montant ttc|gesamtbetrag|total due")
    ordered = sorted(paper.lines, key=lambda line: not total.search(line.folded))
    for line in ordered:
        for code, source in _CURRENCIES:
            match = re.search(source, line.folded)
            span = line.span(match.start(), match.end()) if match else None
            if span:
                return as_value(Parsed(code, span))
    return None


#: What heads an invoice or a column of its table, and no company.
_NOT_SELLER = re.compile(
    r"\W*(?:facture|invoice|(?:taux |montant |n° )?tva|total|montant|prix|quantite|qte|designation"
    r"|description|date|page|client|devis|iban|bic|siren|siret|r\.?c\.?s)\b"
)


def _seller(paper: Paper, hints: Hints) -> FieldValue | None:
    """The seller: the expected name where the page prints it, or who heads the invoice."""
    known = expected_name(paper, hints)
    if known:
        return known
    for block in paper.blocks:
        lines = lines_of(block)
        if re.search(r"siren|siret|tva|rcs", block.folded):
            if is_address(lines[0].folded) or _NOT_SELLER.match(lines[0].folded):
                continue
            span = fit(lines[0], lines[1:4], hints=hints)
            parsed = company(span)
            return as_value(parsed) if parsed and is_name(parsed.value) else None
    return None


#: The lines by which a company names itself: form, capital, register.
_LEGAL_MENTION = re.compile(r"au capital|r\.?c\.?s\b|siret|(?:code )?(?:naf|ape)\b")


def _seller_siren(paper: Paper, hints: Hints) -> FieldValue | None:
    """The seller's company number: in its legal mention, or the first that is announced.

    An invoice may print the customer's number as well, mostly as a number for tax.
    """
    legal = [
        parsed
        for source in LABELLED
        for parsed in candidates(paper, source, hints=hints)
        if _in_legal_mention(paper, parsed)
    ]
    if legal:
        return as_value(legal[0])
    return subject().find(paper, hints)


def _in_legal_mention(paper: Paper, parsed: Parsed) -> bool:
    word = parsed.span.words[0]
    return any(word in line.words and _LEGAL_MENTION.search(line.folded) for line in paper.lines)


#: A scan may glue the number to the word before it.
_VAT = matching(r"(?:\b|(?<=TVA))FR ?[0-9A-Z]{2} ?\d{3} ?\d{3} ?\d{3}\b|\b[A-Z]{2}\d{8,12}\b")


def _vat(span: Span) -> Parsed | None:
    parsed = _VAT(span)
    return Parsed(parsed.value.replace(" ", ""), parsed.span) if parsed else None


_VAT_FORMS = (
    phrase(r"(?:tva|vat|ust)[^\t\n]{0,40}?\b(?P<v>[a-z]{2} ?[0-9a-z]{2} ?\d{3} ?\d{3} ?\d{3})"
           r"(?!\d)", _vat),
    phrase(r"(?:\b|(?<=tva))(?P<v>fr ?\d{2} ?\d{3} ?\d{3} ?\d{3})\b", _vat),
)  # fmt: skip


def _seller_vat(paper: Paper, hints: Hints) -> FieldValue | None:
    """The seller's number for tax: the one that holds its company number, or the only one."""
    found = [p for form in _VAT_FORMS for p in candidates(paper, form, hints=hints)]
    seller = _seller_siren(paper, hints)
    own = [p for p in found if isinstance(seller, Value) and p.value.endswith(seller.text)]
    if own:
        return as_value(own[0])
    different = {parsed.value for parsed in found}
    return as_value(found[0]) if len(different) == 1 else None


INVOICE: Fields = {
    "number": (
        phrase(r"(?:facture|invoice|rechnung)(?: n°| no\.?| numero| nr\.?|\s?:) ?:? ?"
               r"(?P<v>[a-z0-9][a-z0-9/._-]{2,25})", matching(r"\S*\d\S*")),
        label(r"(?:facture )?(?:n°|numero|no)(?: de)?(?: facture)?", matching(r"^\S*\d\S*$")),
        phrase(r"(?:^|\t)(?:facture|invoice|rechnung) (?P<v>[a-z0-9][a-z0-9/._-]{2,25})$",
               matching(r"\S*\d\S*")),
        label(r"facture|invoice|rechnung", matching(r"^(?=\S*\d)[A-Z0-9][A-Za-z0-9/._-]{3,25}$"),
              only="below"),
        phrase(r"(?:^|\t)n° ?(?P<v>[a-z]{0,4}[0-9][a-z0-9/._-]{2,25})$", matching(r"\S*\d\S*")),
        phrase(r"(?:^|\t)n° ?(?P<v>[a-z]{1,4}[0-9/._-][a-z0-9/._-]{2,25})", matching(r"\S*\d\S*")),
    ),
    "issued_on": (
        asks(Term.INVOICE, Term.ISSUE, Term.DAY, parse=day, also=(Term.PAPER,),
             needs=(Term.DAY,)),
        label(r"facture du", day),
        phrase(r"\b(?:facture|invoice|rechnung)\b(?: [^\t ]{1,30}){0,3}? (?:du|vom|of|dated|en date"
               r" du) (?P<v>\d.{5,24})", day),
        phrase(r"(?:date(?: de facturation| d'emission| de la facture)?|facture du|emise le) ?:? ?"
               r"(?P<v>\d.{5,24})", day),
        phrase(r"(?:^|\t)[a-z][a-z' -]{2,40}, le (?P<v>\d.{5,24})", day),
    ),
    "seller_name": (By(_seller),),
    "seller_siren": (By(_seller_siren),),
    "seller_vat": (By(_seller_vat),),
    "iban": (By(iban_of),),
    "total_gross": (
        phrase(r"(?:total|montant)(?: a payer)? (?:ttc|t\.t\.c\.?|toutes taxes)"
               r"[^\d\n]{0,24}(?P<v>\d[\d .,']*)",
               amount),
        label(r"total (?:ttc|t\.t\.c\.?|a payer|general)|net a payer|montant ttc|gesamtbetrag"
              r"|total due|montant (?:total )?a payer", amount),
        phrase(r"net a payer[^\d\n]{0,30}(?P<v>\d[\d .,']*)", amount),
        bare_label(r"(?:reste |montant |somme )?(?:a payer|a regler|due?)", amount),
    ),
    "currency": (By(_currency),),
}  # fmt: skip
