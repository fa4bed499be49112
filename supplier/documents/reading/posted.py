"""How form A1 prints its values: numbered boxes, in the language of the country that made it."""

from __future__ import annotations

import re

from supplier.documents.reading.extract import (
    By,
    Fields,
    Hints,
    Parsed,
    as_value,
    asks,
    candidates,
    stack_beside,
)
from supplier.documents.reading.labels import is_label
from supplier.documents.reading.layout import Cell, Paper, Sheet
from supplier.documents.reading.people import is_name, person
from supplier.documents.reading.places import is_place
from supplier.documents.reading.result import FieldValue
from supplier.documents.reading.spans import Span
from supplier.documents.reading.values import company, day
from supplier.documents.reading.vocabulary import Term

_SURNAME = r"nachname|nom(?! de l)|surname|nazwisko|cognome|apellidos?|achternaam|naam|apelidos?"
_GIVEN = r"vornamen?|prenoms?|forenames?|imiona|imie|nome|nombre|voornamen?"


def _worker(paper: Paper, _hints: Hints) -> FieldValue | None:
    family = _boxed(paper, "1.2", _SURNAME) or _worded(paper, _SURNAME)
    given = _boxed(paper, "1.3", _GIVEN) or _worded(paper, _GIVEN)
    if family is None or given is None:
        return None
    span = family.joined(given)
    return as_value(Parsed(span.text, span))


#: How the box of the employer's name is called; on most forms 4.4, on older ones 4.2.
_CALLED = r"name|nome|nombre|nom|nazwa|naam|denomination|raison sociale"
#: What boxes 4.1 and 4.2 ask on the others: whether somebody else employs the holder.
_STATUS = re.compile(
    r"(?:self-?)?\s?employ|salari|travailleur|activit|independant|(?:un)?selb|beschaftigt|werknemer"
    r"|zelfst|pracownik|najemn|samodziel|autonom|dipendent|subordinat|cuenta|zatrudn"
)


def _employer(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The employer's name: the box that asks for it in his part, whatever numbers a form gives."""
    part = _employer_part(paper)
    span = _boxed(paper, f"{part}.4", _CALLED, named=True)
    for box in "123":
        span = span or _boxed(paper, f"{part}.{box}", _CALLED, named=True, unlike=_STATUS)
    span = (
        span
        or _boxed(paper, f"{part}.2", _CALLED, unlike=_STATUS)
        or _worded(paper, _CALLED, after=_EMPLOYER)
    )
    return as_value(Parsed(span.text, span)) if span else None


def _employer_part(paper: Paper) -> str:
    """The number of the first part that an employer heads; the host of the worker comes later."""
    for _, cell in paper.cells:
        match = _PART.match(cell.run.folded)
        if match and _EMPLOYER.search(cell.run.folded, match.end()):
            return match["n"]
    return "4"


def _a1_country(paper: Paper, _hints: Hints) -> FieldValue | None:
    words = r"mitgliedstaat|etat membre|member state|panstwo.*|stato.*"
    span = _boxed(paper, "2.1", words) or _worded(paper, words)
    if span is None:
        return None
    match = re.search(r"\b[A-Z]{2}\b", span.text)
    code = match[0] if match else STATES.get(span.folded.strip())
    return as_value(Parsed(code, span)) if code else None


STATES = {
    "allemagne": "DE", "deutschland": "DE", "germany": "DE", "belgique": "BE", "belgie": "BE",
    "belgium": "BE", "pologne": "PL", "polska": "PL", "poland": "PL", "luxembourg": "LU",
    "luxemburg": "LU", "espagne": "ES", "espana": "ES", "spain": "ES", "portugal": "PT",
    "italie": "IT", "italia": "IT", "italy": "IT", "pays-bas": "NL", "nederland": "NL",
    "roumanie": "RO", "romania": "RO", "suisse": "CH", "schweiz": "CH", "autriche": "AT",
    "osterreich": "AT", "slovaquie": "SK", "slovensko": "SK", "tchequie": "CZ", "hongrie": "HU",
    "bulgarie": "BG", "lituanie": "LT", "slovenie": "SI", "croatie": "HR",
}  # fmt: skip


def _boxed(
    paper: Paper,
    number: str,
    words: str,
    *,
    named: bool = False,
    unlike: re.Pattern[str] | None = None,
) -> Span | None:
    """The text of a numbered box, never a tick. `named`: the box must be called by its words.

    `unlike` tells the boxes that another edition of the form has under the same number.
    """
    for sheet, cell in paper.cells:
        span = _box_text(sheet, cell, number, words, named=named)
        if span is None or not is_name(span.text) or is_place(span.folded):
            continue
        if unlike is None or not (unlike.search(cell.run.folded) or unlike.search(span.folded)):
            return span
    return None


#: Another box, or the heading of another part.
_NUMBERED = re.compile(r"[1-9][.,] ?\d{1,2}(?![.,\d])|\d\. [a-z]")


#: What a label goes on with up to its colon: "Nom de l'entreprise :"; without a colon, a value.
_OF_WHAT = r"(?: (?:de|du|des|d|of|the|der|della|dell|del|do|da|van|von)\b[^:]{1,30}(?=\s?:))?"


def _box_text(sheet: Sheet, cell: Cell, number: str, words: str, *, named: bool) -> Span | None:
    """What a numbered box holds: after its label in the cell, to the right, or under it."""
    box = number.replace(".", "[.,] ?")
    label = rf"(?:{words}){_OF_WHAT}\s?:?\s?"
    form = re.compile(rf"^{box}\.?\s*(?:[-:] ?)?(?P<w>{label})?")
    worded = re.compile(rf"^{label}")
    match = form.match(cell.run.folded)
    if not match:
        return None
    labelled = is_label(cell.run.folded)
    rest = None if labelled else cell.run.span(match.end(), len(cell.run.folded))
    right = sheet.right_of(cell)
    if labelled and match["w"] and (right is None or _NUMBERED.match(right.run.folded)):
        under = next(iter(sheet.below(cell)), None)
        boxed = under is None or _NUMBERED.match(under.run.folded)
        return None if boxed or under is None else _over_lines(sheet, under)
    if right is None and not named and (stack := stack_beside(sheet, cell)):
        return stack[0].run.whole().joined(stack[1].run.whole())
    said = worded.match(right.run.folded) if right else None
    if named and not match["w"] and not said:
        return None
    if right and said and cell.run.folded == number:
        rest = right.run.span(said.end(), len(right.run.folded))
        stack = stack_beside(sheet, right)
        if stack and not rest and sheet.right_of(right) is None:
            return stack[0].run.whole().joined(stack[1].run.whole())
        right = None if rest else sheet.right_of(right)
    return _over_lines(sheet, right) if right else rest


def _over_lines(sheet: Sheet, cell: Cell) -> Span:
    """A value that runs over several lines, up to the next numbered box."""
    span = cell.run.whole()
    for line in sheet.continued(cell):
        if _NUMBERED.match(line.run.folded):
            break
        span = span.joined(line.run.whole())
    return span


_EMPLOYER = re.compile(
    r"4\. |employeur|arbeitgeber|employer|pracodaw|datore|empleador|werkgever|entidade patronal"
)
#: The heading of a part: its number alone, where boxes have two.
_PART = re.compile(r"(?P<n>[1-9])\s?[.)-]\s?(?!\d)")


def _worded(paper: Paper, words: str, *, after: re.Pattern[str] | None = None) -> Span | None:
    """The text of a box whose number a scan lost: the cell to the right of its words."""
    form = re.compile(rf"^(?:{words})\s?:?$")
    begun = after is None
    for sheet, cell in paper.cells:
        begun = begun or bool(after and after.search(cell.run.folded))
        right = sheet.right_of(cell)
        if begun and right and form.match(cell.run.folded):
            return right.run.whole() if is_name(right.run.text) else None
    return None


_ANY_NAME = asks(
    Term.FIRM, Term.NAME, parse=company, wraps=True, also=(Term.EMPLOYER, Term.ADDRESS)
)


def _named_in_part(paper: Paper, hints: Hints) -> FieldValue | None:
    """The first name that a label asks for under the heading of the employer's part."""
    heading = next((cell for _, cell in paper.cells if _heads_employer(cell)), None)
    if heading is None:
        return None
    for parsed in candidates(paper, _ANY_NAME, hints=hints):
        if (parsed.span.page, parsed.span.box.top) > (heading.page, heading.run.whole().box.top):
            return as_value(parsed) if is_name(parsed.value) else None
    return None


def _heads_employer(cell: Cell) -> bool:
    match = _PART.match(cell.run.folded)
    return bool(match and _EMPLOYER.search(cell.run.folded, match.end()))


def _box_day(number: str, words: str) -> By:
    def find(paper: Paper, _hints: Hints) -> FieldValue | None:
        span = _boxed(paper, number, words)
        parsed = day(span) if span else None
        return as_value(parsed) if parsed else None

    return By(find)


A1: Fields = {
    "worker": (
        By(_worker),
        asks(Term.WORKER, Term.HOLDER, parse=person, wraps=True,
             also=(Term.NAME, Term.GIVEN, Term.FAMILY)),
    ),
    "employer": (
        By(_employer),
        By(_named_in_part),
        asks(Term.EMPLOYER, parse=company, also=(Term.FIRM, Term.NAME, Term.COMPANY, Term.ADDRESS),
             wraps=True),
    ),
    "valid_from": (
        _box_day("2.2", r"anfangsdatum|date de debut|starting date|data rozpoczecia.*"),
        asks(Term.EFFECT, parse=day, also=(Term.DAY, Term.PERIOD)),
    ),
    "valid_until": (
        _box_day("2.3", r"enddatum|date de fin|ending date|data zakonczenia.*"),
        asks(Term.END, parse=day, also=(Term.DAY, Term.PERIOD)),
    ),
    "country": (By(_a1_country),),
}  # fmt: skip
