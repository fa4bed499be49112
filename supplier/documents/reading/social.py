"""How social certificates print their values: Urssaf, MSA, paid-leave funds."""

from __future__ import annotations

import re

from supplier.documents.reading import unlabelled
from supplier.documents.reading.extract import (
    By,
    Fields,
    Hints,
    Parsed,
    as_value,
    asks,
    label,
    lines_of,
    phrase,
)
from supplier.documents.reading.labels import SECURITY_CODE
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.numbers import subject
from supplier.documents.reading.people import addressee, beside_siren, expected_name
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import pattern
from supplier.documents.reading.values import (
    amount,
    compact_day,
    company,
    count,
    cut,
    day,
    named_company,
    sirets,
)
from supplier.documents.reading.vocabulary import Term
from supplier.documents.reading.wanted import MADE_ON, SUBJECTS, name_of

_CODE = re.compile(
    r"(?<![A-Z0-9])(?=[A-Z0-9]{0,14}\d)(?=[A-Z0-9]{0,14}[A-Z])[A-Z0-9]{15}(?![A-Z0-9])"
)


#: Under its own label a code may hold letters alone, as one in a hundred does by chance.
_LABELLED = re.compile(r"(?<![A-Z0-9])(?=[A-Z0-9]{0,14}[A-Z])[A-Z0-9]{15}(?![A-Z0-9])")


def security_code(span: Span) -> Parsed | None:
    """Fifteen capitals and digits, as the Urssaf and the MSA print it."""
    match = _CODE.search(span.text)
    return Parsed(match[0], cut(span, match)) if match else None


def _labelled_code(span: Span) -> Parsed | None:
    match = _LABELLED.search(span.text)
    return Parsed(match[0], cut(span, match)) if match else None


def _code_anywhere(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The code stands under its label, sometimes far from it: its form is unmistakable."""
    if not paper.scanned and not re.search(SECURITY_CODE, paper.flat):
        return None
    for line in paper.lines:
        parsed = security_code(line.whole())
        if parsed:
            return as_value(parsed)
    return _code_of_letters(paper)


def _code_of_letters(paper: Paper) -> FieldValue | None:
    """Fifteen capitals that fill a cell right under the label of the code."""
    for sheet, cell in paper.cells:
        if not re.search(SECURITY_CODE, cell.run.folded):
            continue
        for under in sheet.below(cell)[:1]:
            parsed = _labelled_code(under.run.whole())
            if parsed and parsed.value == under.run.whole().text.strip():
                return as_value(parsed)
    return None


def _all_sirets(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The establishments of the company that the certificate is about."""
    found: dict[str, Value] = {}
    for line in paper.lines:
        for parsed in sirets(line.whole()):
            found.setdefault(parsed.value, as_value(parsed))
    if not found:
        return None
    head = next(iter(found))[:9]
    return tuple(value for number, value in found.items() if number.startswith(head))


_OFFICE_END = re.compile(
    r"attestation|certificat|objet|(?:tsa|cs|bp)\b ?\d|\d|securite sociale|service|pour nous|"
    r"a .*, le"
)
_OFFICE = re.compile(r"(?:urssaf|cgss|caisse generale de securite sociale) [a-z]")


def _office(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The body at the head of the certificate, as printed, on one line or two."""
    for block in paper.blocks:
        lines = lines_of(block)
        for index, line in enumerate(lines):
            if not _OFFICE.match(line.folded) or len(line.text) > 60:
                continue
            if line.folded.startswith("urssaf.") or " / " in line.text:
                continue
            span = line
            for more in lines[index + 1 : index + 3]:
                if _OFFICE_END.match(more.folded) or more.text != more.text.upper():
                    break
                span = span.joined(more)
            return as_value(Parsed(span.text, span))
    return None


_DIRECTOR = re.compile(r"directeur (?:general )?de l'(?P<v>urssaf(?: [\w' -]+?)?)(?:,| certifie)")


def _office_of_director(paper: Paper, _hints: Hints) -> FieldValue | None:
    for block in paper.blocks:
        match = _DIRECTOR.search(block.folded)
        span = block.span(match.start("v"), match.end("v")) if match else None
        if span:
            return as_value(Parsed(span.text, span))
    return None


_PLAIN = pattern(r"^(?P<v>msa (?:d'|de |du |des )?[a-z](?:(?! - ).){0,40}|urssaf)(?: - .{0,60})?$")


def _plain_office(paper: Paper, _hints: Hints) -> FieldValue | None:
    """A body named in a cell of its own: "MSA d'Alsace"; or just "Urssaf" before an address."""
    for block in paper.blocks:
        lines = lines_of(block)
        for index, line in enumerate(lines):
            alone = line.folded == "urssaf" and index + 1 == len(lines)
            match = _PLAIN.match(line.folded)
            span = line.cut(*match.span("v")) if match and not alone else None
            if span:
                return as_value(Parsed(span.text, span))
    return None


_SITUATION = (
    phrase(r"\ba la date du (?P<v>.{6,24})", compact_day),
    phrase(r"(?:exigibles|dues|arretee?s?|a jour.{0,200}?|obligations.{0,300}?) au "
           r"(?P<v>\d.{5,24})", compact_day),
    asks(Term.SITUATION, parse=compact_day, also=(Term.DAY, Term.PERIOD, Term.COMPANY)),
    phrase(r"situation (?:au|arretee au) (?P<v>\d.{5,24})", compact_day),
)  # fmt: skip
#: "A STRASBOURG , le 08/08/2026"; "Fait à : NANCY le : …"; "Colmar, le 3 septembre 2026".
_ISSUED = (
    phrase(r"(?:^|\t)a [a-z' -]{2,40}?,? ?le ?:? ?(?P<v>\d.{5,24})", day),
    phrase(r"(?:^|\t)le ?:? (?P<v>\d.{5,20})$", day),
    phrase(r"(?:^|\t)[a-z][a-z' -]{2,40}, le (?P<v>\d.{5,24})", day),
    phrase(r"fait a ?:? ?[^\d]{2,60}? le ?:? ?(?P<v>\d.{5,24})", day),
    phrase(r"(?:delivree?|etablie?|editee?) (?:a .{2,40}? )?le (?P<v>\d.{5,24})", day),
    MADE_ON,
    label(r"le", day),
    By(unlabelled.made_on),
)
URSSAF: Fields = {
    "siren": (subject(),),
    "sirets": (By(_all_sirets),),
    "company_name": (
        name_of(Term.FIRM, Term.NAME, *SUBJECTS),
        By(beside_siren),
        phrase(r"certifie que (?!:)(?:l'entreprise |la societe )?(?P<v>.{2,120}?) est a jour",
               named_company),
        By(addressee),
        By(expected_name),
    ),
    "issued_on": _ISSUED,
    "situation_on": _SITUATION,
    "security_code": (
        phrase(rf"{SECURITY_CODE}\s?:?\s?(?P<v>[a-z0-9]{{15}})\b", _labelled_code),
        By(_code_anywhere),
    ),
    "headcount": (
        phrase(r"effectif (?:moyen (?:mensuel )?)?(?:de|:) (?P<v>\d[\d ]*)", count),
        asks(Term.HEADCOUNT, parse=count, also=(Term.WORKER, Term.COMPANY)),
        phrase(r"nombre de salaries[^\d]{0,20}(?P<v>\d+)", count),
        phrase(r"(?P<v>\d+) salaries?\b", count),
    ),
    "payroll": (
        phrase(r"masse salariale (?:de|:) (?P<v>\d[\d .,]*)", amount),
        asks(Term.PAYROLL, parse=amount, also=(Term.AMOUNT,)),
        phrase(r"remunerations declarees[^\d]{0,60}(?P<v>\d[\d .,]*)", amount),
    ),
    "issuer": (
        By(_office),
        By(_office_of_director),
        By(_plain_office),
    ),
}  # fmt: skip


_FUND = pattern(
    r"^(?P<v>(?:cibtp caisse|cibtp |caisse cibtp|caisse (?:des |de )?conges|cnetp|conges "
    r"intemperies btp|caisse nationale des entrepreneurs)[^\t]*)$"
)


def _fund(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The paid-leave fund: its full name closes the certificate or heads the letter."""
    found: list[Span] = []
    for _, cell in paper.cells:
        match = _FUND.match(cell.run.folded)
        span = cell.run.span(match.start("v"), match.end("v")) if match else None
        if span and "." not in span.text and "atteste" not in span.folded:
            found.append(span)
    full = [span for span in found if re.search(r"caisse|cnetp", span.folded)] or found
    return as_value(Parsed(full[0].text, full[0])) if full else None


def _cnetp(paper: Paper, _hints: Hints) -> FieldValue | None:
    for line in paper.lines:
        match = re.search(r"\bcnetp\b", line.folded)
        span = line.span(match.start(), match.end()) if match else None
        if span:
            return as_value(Parsed(span.text, span))
    return None


PAID_LEAVE: Fields = {
    "siren": (subject(beside_issuer=True),),
    "company_name": (
        name_of(Term.FIRM, Term.NAME, *SUBJECTS),
        label(r"identification de l'entreprise|attestons que l'entreprise|l'entreprise", company,
              wraps=True, only="below"),
        By(addressee),
        By(expected_name),
    ),
    "issued_on": (
        phrase(r"(?:^|\t)(?:a )?[a-z][a-z' -]{2,40}, ?le (?P<v>\d.{5,24})", day),
        phrase(r"(?:delivree?|etablie?) (?:a .{2,40}? )?le (?P<v>\d.{5,24})", day),
        phrase(r"fait a ?:? ?[^\d]{2,60}? le ?:? ?(?P<v>\d.{5,24})", day),
        MADE_ON,
        label(r"le", day),
        By(unlabelled.made_on),
    ),
    "issuer": (By(_fund), By(_cnetp)),
}  # fmt: skip
