"""How tax certificates, bank details, insurance certificates and invoices print their values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from supplier.documents.reading.extract import (
    By,
    Fields,
    Hints,
    Parsed,
    as_value,
    bare_label,
    fit,
    is_address,
    label,
    lines_of,
    phrase,
)
from supplier.documents.reading.layout import Paper, Span
from supplier.documents.reading.people import addressee, expected_name, lone_siren
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.text import pattern
from supplier.documents.reading.values import amount, cut, day, free, matching, siren

_SIREN = (
    label(r"(?:n° ?|numero )?(?:de )?siren(?: / siret)?", siren),
    label(r"(?:n° ?|numero )?(?:de )?siret", siren),
    phrase(r"siren[^\d]{0,20}(?P<v>\d{3} ?\d{3} ?\d{3})(?!\d)", siren),
    phrase(r"siret[^\d]{0,12}(?P<v>\d{3} ?\d{3} ?\d{3} ?\d{5})(?!\d)", siren),
    phrase(r"r\.? ?c\.? ?s\.? [^\d\t]{0,30}(?P<v>\d{3} ?\d{3} ?\d{3})(?!\d)", siren),
)

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
    "siren": (*_SIREN, By(lone_siren)),
    "company_name": (
        label(r"denomination de la societe|noms? et prenoms? de l'exploitant|denomination ou nom "
              r"et prenoms?|denomination(?: sociale)?|raison sociale|nom et prenoms?",
              free, wraps=True),
        bare_label(r"entreprise|societe|redevable", free, wraps=True),
        By(expected_name),
    ),
    "issued_on": (
        label(r"date de delivrance", day),
        phrase(r"date de delivrance\s?:?\s?(?:le )?(?P<v>\d.{5,24})", day),
        phrase(r"(?:^|\t| )date ?: ?(?:le )?(?P<v>\d.{5,24})", day),
        phrase(r"delivree? (?:a [^\d]{2,40}? )?le (?P<v>\d.{5,24})", day),
        phrase(r"(?:^|\t)a [a-z][^\d\t]{1,40}?,? le (?P<v>\d.{5,24})", day),
        phrase(r"fait a ?:? ?[^\d]{2,60}? le ?:? ?(?P<v>\d.{5,24})", day),
        phrase(r"(?:^|\t)[a-z][a-z' -]{2,40}, le (?P<v>\d.{5,24})", day),
    ),
    "delivery_number": (
        phrase(r"(?:numero|n°) de delivrance ?:? ?(?P<v>\d{5,12})\b", matching(r"\d{5,12}")),
        label(r"(?:numero|n°) de delivrance", matching(r"\d{5,12}")),
    ),
    "issuer": (By(_tax_office),),
}  # fmt: skip


# --- bank details

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])(?P<v>[A-Za-z]{2}\s?\d\s?\d(?:[ \t]?[A-Za-z0-9]){11,30})(?![A-Za-z0-9])"
)
_LENGTHS = {
    "FR": 27, "MC": 27, "DE": 22, "BE": 16, "LU": 20, "PL": 28, "IT": 27, "ES": 24, "PT": 25,
    "NL": 18, "AT": 20, "CH": 21, "GB": 22, "IE": 22, "RO": 24, "CZ": 24, "SK": 24, "HU": 28,
    "LT": 20, "LV": 21, "EE": 20, "SI": 19, "HR": 21, "BG": 22, "DK": 18, "SE": 24, "FI": 18,
    "GR": 27, "CY": 28, "MT": 31, "NO": 15, "LI": 21, "SM": 27, "AD": 24,
}  # fmt: skip
RIB = re.compile(r"(?<!\d)(\d{5})[ \t]+(\d{5})[ \t]+([A-Z0-9]{11})[ \t]+(\d{2})(?!\d)")


def ibans(paper: Paper) -> list[Parsed]:
    """Every account number in IBAN form on the paper, right key or wrong, each once."""
    found: dict[str, Parsed] = {}
    for runs in (paper.lines, paper.blocks):
        for run in runs:
            for parsed in _ibans_in(run.whole()):
                found.setdefault(parsed.value, parsed)
    return list(found.values())


def _ibans_in(span: Span) -> Iterator[Parsed]:
    for match in _IBAN.finditer(span.text):
        compact = re.sub(r"\s", "", match["v"]).upper()
        length = _LENGTHS.get(compact[:2])
        if length is None or len(compact) < length:
            continue
        end, letters = match.start("v"), 0
        while letters < length:
            letters += not span.text[end].isspace()
            end += 1
        yield Parsed(compact[:length], span.cut(match.start("v"), end) or span)


def iban_holds(iban: str) -> bool:
    """Whether the control key of an IBAN is right (mod 97)."""
    try:
        IBAN(iban)
    except (SchwiftyException, ValueError):
        return False
    return True


def rib_holds(iban: str) -> bool:
    """Whether an IBAN of France or Monaco also passes its RIB key; true for other countries."""
    if iban[:2] not in {"FR", "MC"}:
        return True
    try:
        IBAN(iban, validate_bban=True)
    except (SchwiftyException, ValueError):
        return False
    return True


def rib_parts(paper: Paper) -> set[str]:
    """The national account numbers printed as bank, branch, account, key, without blanks."""
    found = set()
    for line in paper.lines:
        for match in RIB.finditer(line.text):
            found.add("".join(match.groups()))
    labelled = [
        _digits_after(paper, source, form)
        for source, form in (
            (r"(?:code )?(?:banque|etablissement)|c/etab", r"\d{5}"),
            (r"(?:code )?guichet|c/guichet", r"\d{5}"),
            (r"n(?:umero|°)?(?: de| /)? ?compte|compte|n/compte", r"[A-Z0-9]{11}"),
            (r"cle(?: rib)?|c/rice", r"\d{2}"),
        )
    ]
    if all(labelled):
        found.add("".join(part or "" for part in labelled))
    return found


def _digits_after(paper: Paper, source: str, form: str) -> str | None:
    from supplier.documents.reading.extract import candidates

    parse = matching(rf"(?<![A-Z0-9]){form}(?![A-Z0-9])")
    parsed = next(candidates(paper, label(source, parse), hints=Hints()), None)
    return parsed.value if parsed else None


def _iban(paper: Paper, _hints: Hints) -> FieldValue | None:
    found = ibans(paper)
    good = [parsed for parsed in found if iban_holds(parsed.value)]
    chosen = good or found
    return as_value(chosen[0]) if chosen else None


_BIC = re.compile(r"(?<![A-Z0-9])[A-Z]{4} ?[A-Z]{2} ?[A-Z0-9]{2}(?: ?[A-Z0-9]{3})?(?![A-Z0-9])")


def _bic(span: Span) -> Parsed | None:
    for match in _BIC.finditer(span.text):
        code = match[0].replace(" ", "")
        if code[4:6] in _LENGTHS and re.search(r"\d|XX|FRPP|PP", code[4:]):
            return Parsed(code, cut(span, match))
    return None


def _strict_bic(paper: Paper, _hints: Hints) -> FieldValue | None:
    """A BIC whose institution exists in the register of banks, wherever it stands."""
    for line in paper.lines:
        for match in _BIC.finditer(line.text):
            code = match[0].replace(" ", "")
            try:
                known = BIC(code).exists
            except (SchwiftyException, ValueError):
                continue
            span = line.span(match.start(), match.end())
            if known and span:
                return as_value(Parsed(code, span))
    return None


_HOLDER = (
    r"(?:nom (?:du |et adresse du )?)?titulaires?(?: du compte| de compte)?|intitule du compte"
    r"|kontoinhaber(?:in)?|account (?:holder|name)|beneficiaire|beneficiary|intestatario.*"
    r"|titular(?: de la cuenta)?|rekeninghouder|nom du compte|raison sociale"
)


def _holder(paper: Paper, hints: Hints) -> FieldValue | None:
    """The account holder: after its label, in the column under it, or in the address block."""
    block = _holder_block(paper, hints)
    return block or addressee(paper, hints) or expected_name(paper, hints)


def _holder_block(paper: Paper, hints: Hints) -> Value | None:
    """A block headed by the label of the holder holds the name in its second line."""
    form = pattern(rf"^(?:{_HOLDER})\s?:?\s?$")
    for block in paper.blocks:
        lines = lines_of(block)
        for index, line in enumerate(lines[:-1]):
            if form.match(line.folded) and not is_address(lines[index + 1].folded):
                span = fit(lines[index + 1], lines[index + 2 : index + 5], hints=hints)
                parsed = free(span)
                return as_value(parsed) if parsed else None
    return None


_BANK = pattern(
    r"^(?P<v>(?:bnp paribas|societe generale|credit (?:agricole|mutuel|lyonnais|du nord|"
    r"cooperatif|industriel)|\bcic\b|\blcl\b|la banque postale|banque |caisse (?:d'epargne|"
    r"regionale|federale)|bred|hsbc|sparkasse|volksbank|raiffeisen|deutsche bank|commerzbank|"
    r"qonto|olinda|revolut|n26|boursorama|boursobank|shine|kbc|belfius|ing\b|bgl|bcee|spuerkeess|"
    r"axa banque|fortuneo|monabanq|ccf\b|arkea|unicredit|intesa|santander|bbva|caixa|millennium|"
    r"pko|mbank|banca |banco |bank |crelan|memo bank|treezor|swan)[^\t]*)$"
)
_NOT_BANK = re.compile(r"postfach|·|@|https?:|www\.|releve|capital|tel\b")


def _bank(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The bank: after its label, by its letterhead, or by the domiciliation."""
    found = [
        cell.run.whole()
        for _, cell in paper.cells
        if _BANK.match(cell.run.folded)
        and not _NOT_BANK.search(cell.run.folded)
        and len(cell.run.text) < 70
    ]
    if not found:
        return None
    # "CREDIT MUTUEL STRASBOURG" is the branch: the bank is what all its mentions begin with.
    chosen = next(
        (span for span in sorted(found, key=lambda item: len(item.text))
         if found[0].folded.startswith(span.folded)), found[0])  # fmt: skip
    return as_value(Parsed(chosen.text, chosen))


BANK: Fields = {
    "iban": (By(_iban),),
    "bic": (
        phrase(r"(?:bic|swift)[^\t\n]{0,60}?(?P<v>[a-z]{4} ?[a-z]{2} ?[a-z0-9]{2}"
               r"(?: ?[a-z0-9]{3})?)(?![a-z0-9])", _bic),
        label(r"(?:code )?bic.*|.*\(bank identifier code\)|adresse swift|bic-adresse swift|swift.*",
              _bic),
        By(_strict_bic),
    ),
    "bank_name": (
        bare_label(r"kreditinstitut|name der bank|bank name|nom de la banque|etablissement "
                   r"bancaire|banque", matching(r"^(?P<v>[^\W\d][^\t]{2,60})")),
        By(_bank),
    ),
    "holder": (
        label(_HOLDER, free, wraps=True, only="after"),
        By(_holder_block),
        label(_HOLDER, free, wraps=True),
        By(_holder),
    ),
}  # fmt: skip


# --- insurance

_PERIOD = (
    r"(?:periode de validite|valable|validite|periode|effet).{0,80}?"
    r"(?:du|entre le|a compter du|depuis le) "
)


def _period(which: int) -> By:
    """The printed period: two dates joined by "du … au …" or "entre le … et le …"."""
    form = re.compile(
        r"(?:du|entre le|a compter du|from)\s+(?P<a>\d[\w .]{5,18}?\d{4}|\d{2}\D\d{2}\D\d{4})\s+"
        r"(?:au|et le|jusqu'au|to)\s+(?P<b>\d[\w .]{5,18}?\d{4}|\d{2}\D\d{2}\D\d{4})"
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


_POLICY = matching(r"(?P<v>[A-Z0-9][A-Z0-9./-]*(?: [A-Z0-9./-]+)*)")


def _policy(span: Span) -> Parsed | None:
    match = re.match(r"\W*(?P<v>(?:[A-Z0-9./-]*\d[A-Z0-9./-]*|[A-Z]{1,3})(?: (?:[A-Z0-9./-]*\d"
                     r"[A-Z0-9./-]*|[A-Z]{1,3}\b))*)", span.text)  # fmt: skip
    if not match or not re.search(r"\d{4}", match["v"]):
        return None
    return Parsed(match["v"].strip(), cut(span, match, group="v"))


_INSURERS = pattern(
    r"^(?P<v>(?:axa|allianz|smabtp|sma |maaf|maf\b|mma|groupama|generali|gan |abeille|aviva|"
    r"l'auxiliaire|covea|areas|matmut|macif|thelem|swisslife|swiss life|zurich|qbe|millennium|"
    r"chubb|camca|pacifica|acm|mic insurance|wakam|entoria|april|cam btp|cambtp|l'equite|elite|"
    r"mutuelle |maif|msig|hiscox|ergo|hdi|bpce iard|sogessur|acte iard)[^\t]{0,40})$"
)


def _insurer(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The insurer: named in the sentence that certifies, or heading the paper."""
    forms = (
        r"l'assureur,? (?P<v>[^,]{2,60}?),? (?:atteste|certifie|soussigne)",
        r"nous,? soussignes?,? (?P<v>[^,]{2,60}?),? (?:certifions|attestons|compagnie|assureur|"
        r"dont le siege)",
        r"(?:^|\. )(?P<v>[a-z][^,.]{2,60}?) (?:atteste|certifie) que (?:le souscripteur|l'assure|"
        r"la societe|l'entreprise|le societaire|le titulaire)",
        r"la (?:compagnie|societe|mutuelle) (?P<v>[^,]{2,60}?),? (?:atteste|certifie)",
    )
    for source in forms:
        form = pattern(source)
        for block in paper.blocks:
            match = form.search(block.folded)
            span = block.span(match.start("v"), match.end("v")) if match else None
            if span:
                return as_value(Parsed(span.text, span))
    for _, cell in paper.cells:
        match = _INSURERS.match(cell.run.folded)
        if match:
            return as_value(Parsed(cell.run.text, cell.run.whole()))
    return None


def _last_line_name(span: Span) -> Parsed | None:
    return free(span)


INSURANCE: Fields = {
    "siren": (*_SIREN, By(lone_siren)),
    "company_name": (
        label(r"(?:l')?assuree?(?: designe.*)?|souscripteur|societaire|raison sociale"
              r"|denomination(?: sociale)?|nom de l'assure|titulaire du contrat", free, wraps=True),
        phrase(r"(?:l'entreprise|la societe|l'assure|certifions que|atteste que) "
               r"(?!l'|la |le )(?P<v>[^,]{2,120}?),[^.]{0,150}?"
               r"(?:immatriculee?|siren|siret|a souscrit|est titulaire)", free),
        By(addressee),
        By(expected_name),
    ),
    "insurer": (By(_insurer),),
    "policy_number": (
        phrase(r"(?:contrat|police)(?: d'assurance)? (?:n°|numero|n\.|no) ?:? ?"
               r"(?P<v>[a-z0-9].{3,40})", _policy),
        label(r"(?:n° ?|numero )?(?:de )?(?:contrat|police)(?: n°| numero)?", _policy),
        phrase(r"(?:n° ?|numero )(?:de |du )?(?:contrat|police) ?:? ?(?P<v>[a-z0-9].{3,40})",
               _policy),
    ),
    "valid_from": (
        _period(0),
        label(r"date d'effet|effet|valable du|date de debut", day),
    ),
    "valid_until": (
        _period(1),
        label(r"echeance|date d'echeance|date de fin|expiration|valable jusqu'au", day),
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


def _seller(paper: Paper, hints: Hints) -> FieldValue | None:
    """The seller heads the invoice: the first address block, or the first line."""
    for block in paper.blocks:
        lines = lines_of(block)
        if re.search(r"siren|siret|tva|rcs", block.folded) or hints.names(lines[0].text):
            if is_address(lines[0].folded) or re.match(r"facture|invoice", lines[0].folded):
                continue
            span = fit(lines[0], lines[1:4], hints=hints)
            parsed = free(span)
            return as_value(parsed) if parsed else None
    return expected_name(paper, hints)


_VAT = matching(r"\bFR ?[0-9A-Z]{2} ?\d{3} ?\d{3} ?\d{3}\b|\b[A-Z]{2}\d{8,12}\b")


def _vat(span: Span) -> Parsed | None:
    parsed = _VAT(span)
    return Parsed(parsed.value.replace(" ", ""), parsed.span) if parsed else None


INVOICE: Fields = {
    "number": (
        phrase(r"(?:facture|invoice|rechnung)(?: n°| no\.?| numero| nr\.?|\s?:) ?:? ?"
               r"(?P<v>[a-z0-9][a-z0-9/._-]{2,25})", matching(r"\S*\d\S*")),
        label(r"(?:facture )?(?:n°|numero|no)(?: de)?(?: facture)?", matching(r"^\S*\d\S*$")),
        phrase(r"(?:^|\t)n° ?(?P<v>[a-z]{0,4}[0-9][a-z0-9/._-]{2,25})$", matching(r"\S*\d\S*")),
        phrase(r"(?:^|\t)n° ?(?P<v>[a-z]{1,4}[0-9/._-][a-z0-9/._-]{2,25})", matching(r"\S*\d\S*")),
    ),
    "issued_on": (
        label(r"date(?: de (?:la )?facture| d'emission| de facturation)?|facture du|rechnungsdatum"
              r"|invoice date", day),
        phrase(r"(?:date(?: de facturation| d'emission| de la facture)?|facture du|emise le) ?:? ?"
               r"(?P<v>\d.{5,24})", day),
        phrase(r"(?:^|\t)[a-z][a-z' -]{2,40}, le (?P<v>\d.{5,24})", day),
    ),
    "seller_name": (By(_seller),),
    "seller_siren": _SIREN,
    "seller_vat": (
        phrase(r"(?:tva|vat|ust)[^\t\n]{0,40}?(?P<v>[a-z]{2} ?[0-9a-z]{2} ?\d{3} ?\d{3} ?\d{3})",
               _vat),
        phrase(r"(?P<v>\bfr ?\d{2} ?\d{3} ?\d{3} ?\d{3})\b", _vat),
    ),
    "iban": (By(_iban),),
    "total_gross": (
        phrase(r"(?:total|montant)(?: a payer)? (?:ttc|t\.t\.c\.?)[^\d\n]{0,20}(?P<v>\d[\d .,']*)",
               amount),
        label(r"total (?:ttc|t\.t\.c\.?|a payer|general)|net a payer|montant ttc|gesamtbetrag"
              r"|total due|montant (?:total )?a payer", amount),
        phrase(r"net a payer[^\d\n]{0,30}(?P<v>\d[\d .,']*)", amount),
    ),
    "currency": (By(_currency),),
}  # fmt: skip
