"""How register extracts print their values: Kbis, K, RNE, and registers of other countries."""

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
    fit,
    home_of,
    label,
    phrase,
)
from supplier.documents.reading.layout import Cell, Paper, Sheet
from supplier.documents.reading.numbers import LABELLED, subject
from supplier.documents.reading.people import address, addresses
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import pattern
from supplier.documents.reading.values import amount, company, day, free, matching, siren
from supplier.documents.reading.vocabulary import Term
from supplier.documents.reading.wanted import MADE_ON

_NAME = (
    r"denomination(?: ou raison)?(?: sociale)?(?: de la (?:societe|personne morale))?"
    r"|raison sociale|nom de l'entreprise|nom commercial et denomination"
)
_PERSON = r"noms?[, ]+(?:et )?prenoms?(?:\(s\))?"
_SEAT = r"adresse du siege(?: social)?|siege(?: social)?"
_PREMISES = (
    r"adresse de l'(?:entreprise|etablissement)(?: principal)?"
    r"|adresse du principal etablissement|adresse"
)

_COURT = re.compile(
    r"R\.? ?C\.? ?S\.?\s*(?:de |d'|du )?(?P<v>[A-ZÀ-Ý][\w'’ -]*?)"
    r"\s*(?:$|\s[-–—]|[(,;\t]|\d)"
)
_GREFFE = re.compile(
    r"greffe du tribunal (?:de commerce|judiciaire|de grande instance|mixte de commerce"
    r"|des activites economiques|d'instance) (?:de la |de |d'|du |des )?(?P<v>[\w' -]+)$"
)
_AUDITOR = re.compile(r"commissaires? aux? comptes|commissaire|suppleant")
_MANAGERS = re.compile(r"gestion|direction|administration$|dirigeants|mandataires")
_SECTION_END = re.compile(
    r"renseignements|etablissement principal|observations|activite|le greffier|fin de l'extrait"
)


def _court(paper: Paper, _hints: Hints) -> FieldValue | None:
    for line in paper.lines:
        match = _COURT.search(line.text)
        if match and match["v"].strip():
            span = line.span(match.start("v"), match.end("v"))
            if span and not re.match(r"(?:numero|n°)", span.folded):
                return as_value(Parsed(span.text, span))
    for line in paper.lines:
        for cell in line.folded.split("\t"):
            found = _GREFFE.search(cell)
            if found:
                start = line.folded.index(cell) + found.start("v")
                span = line.span(start, start + len(found["v"]))
                return as_value(Parsed(span.text.title(), span)) if span else None
    return None


def _representatives(paper: Paper, hints: Hints) -> FieldValue | None:
    found: list[Value] = []
    for sheet in paper.sheets:
        for cell in _management(sheet):
            value = _representative(sheet, cell)
            if value and value.text not in {item.text for item in found}:
                found.append(value)
    if not found and "personne physique" in paper.flat:
        name = _first_name(paper, hints)
        return (name,) if isinstance(name, Value) else None
    return tuple(found) or None


_ROLES = re.compile(
    r"(?:co-?)?(?:gerante?|presidente?|directeurs? general(?: delegue)?|directrice generale"
    r"(?: deleguee)?|administrateur|administratrice|associee? (?:gerante?|unique|indefiniment.*)|"
    r"membre du .*|liquidateur|representant.*|exploitant|chef d'entreprise)\b[^:]{0,60}$"
)
_PEOPLE = pattern(rf"^(?:{_PERSON}|{_NAME})(?:\s?:\s?|$)")


def _management(sheet: Sheet) -> list[Cell]:
    """The cells between the heading on managers and the next heading."""
    inside, cells = False, []
    for row in sheet.rows:
        head = row[0].run.folded
        if _MANAGERS.match(head):
            inside = True
            continue
        if inside and _SECTION_END.match(head):
            break
        if inside:
            cells.extend(row)
    return cells


def _seat(paper: Paper, _hints: Hints) -> FieldValue | None:
    parsed = next(addresses(paper, _SEAT), None)
    return as_value(parsed) if parsed else None


def _premises(paper: Paper, hints: Hints) -> FieldValue | None:
    """The address of an establishment, never that of an auditor or of a manager."""
    people = {word for cell in _people(paper) for word in cell.run.words}
    known = label(_PREMISES, address, wraps=True)
    for parsed in (*candidates(paper, known, hints=hints), *addresses(paper, _PREMISES)):
        if parsed.span.words[0] not in people:
            return as_value(parsed)
    return None


def _people(paper: Paper) -> list[Cell]:
    """The cells on managers and auditors, on whichever pages they stand."""
    inside, cells = False, list[Cell]()
    for row in (row for sheet in paper.sheets for row in sheet.rows):
        head = row[0].run.folded
        inside = bool(_MANAGERS.match(head)) or (inside and not _SECTION_END.match(head))
        cells.extend(row if inside else ())
    return cells


def _representative(sheet: Sheet, cell: Cell) -> Value | None:
    folded = cell.run.folded
    match = _PEOPLE.match(folded)
    if match:
        if _AUDITOR.search(_role_above(sheet, cell)):
            return None
        rest = cell.run.span(match.end(), len(folded))
        right = sheet.right_of(cell)
        span = rest or (right.run.whole() if right else None)
        return _value(span)
    role = re.sub(r"^qualite\s?:?\s?", "", folded)
    if not _ROLES.fullmatch(role) or _AUDITOR.search(role) or folded.startswith("qualite"):
        return None
    right = sheet.right_of(cell)
    if right and not _ROLES.fullmatch(right.run.folded):
        return _value(right.run.whole())
    under = [other for other in sheet.below(cell) if abs(other.x0 - cell.x0) < 2 * cell.height]
    if (
        under
        and not _PEOPLE.match(under[0].run.folded)
        and not under[0].run.folded.startswith(("nom", "denomination"))
    ):
        return _value(under[0].run.whole())
    return None


def _role_above(sheet: Sheet, cell: Cell) -> str:
    """The heading under which a name stands: the nearest row above that is a role."""
    for row in reversed(sheet.rows[: cell.row]):
        head = row[0].run.folded
        if head.startswith("qualite") and len(row) > 1:
            return row[1].run.folded
        if len(row) == 1 and (_ROLES.match(head) or _AUDITOR.search(head)):
            return head
    return ""


def _value(span: Span | None) -> Value | None:
    parsed = free(span) if span else None
    return as_value(parsed) if parsed else None


def _first_name(paper: Paper, hints: Hints) -> FieldValue | None:
    """The subject's name: the first name line of the extract, a person's or a company's."""
    form = pattern(rf"^(?:{_NAME}|{_PERSON})(?:\s?\([^()]*\))?(?:\s?(?::|[.…]{{3,}})\s?|$)")
    for sheet, cell in paper.cells:
        match = form.match(cell.run.folded)
        if not match:
            continue
        rest = cell.run.span(match.end(), len(cell.run.folded))
        home = cell if rest else home_of(sheet, cell)
        if home is None:
            continue
        more = [item.run.whole() for item in sheet.continued(home)]
        return _value(fit(rest or home.run.whole(), more, hints=hints))
    return None


def _born_name(paper: Paper, _hints: Hints) -> FieldValue | None:
    """A person's family name and first names printed on two lines."""
    family = _beside(paper, r"nom(?: de naissance| d'usage| de famille)?")
    given = _beside(paper, r"prenoms?(?:\(s\))?")
    if family is None or given is None:
        return None
    span = family.joined(given)
    return as_value(Parsed(span.text, span))


def _beside(paper: Paper, source: str) -> Span | None:
    form = pattern(rf"^(?:{source})\s?:?\s?$")
    for sheet, cell in paper.cells:
        home = home_of(sheet, cell) if form.match(cell.run.folded) else None
        if home:
            return home.run.whole()
    return None


def _person_only(paper: Paper, hints: Hints) -> FieldValue | None:
    """A sole trader represents himself."""
    if not re.search(r"entrepreneur individuel|personne physique", paper.flat):
        return None
    name = _born_name(paper, hints) or _first_name(paper, hints)
    return (name,) if isinstance(name, Value) else None


_SIREN = subject(
    (
        label(
            r"immatriculation au r\.?c\.?s\.?,? ?(?:numero)?|(?:numero |n° ?)?r\.?c\.?s\.?", siren
        ),
        *LABELLED,
    )
)
_REGISTERED = (
    label(r"date d'immatriculation(?: au (?:rne|rcs|registre.{0,40}))?", day),
    label(r"immatriculee? (?:au rcs )?(?:le|depuis le)", day),
    phrase(r"immatriculee? (?:au rcs |au rne )?(?:le|depuis le) (?P<v>.{8,20})", day),
)
_CODE = matching(
    r"(?<![A-Za-z0-9])(?P<v>[A-Za-z0-9]{10}|[A-Za-z0-9]{4,7} (?!https?)[A-Za-z0-9]{3,6})"
    r"(?![A-Za-z0-9])"
)


def _code(span: Span) -> Parsed | None:
    """A control code of ten: never a word, though a word of an address may have ten letters.

    A scan may part it in two.
    """
    parsed = _CODE(span)
    text = parsed.value.replace(" ", "") if parsed else ""
    if parsed is None or len(text) != 10 or text.islower() or text.istitle():
        return None
    if text != parsed.value and not re.search(r"\d|[a-z][A-Z]", parsed.value):
        return None
    return Parsed(text, parsed.span)


_NAMED = asks(Term.FIRM, parse=company, also=(Term.NAME, Term.COMPANY, Term.SEAT), wraps=True)

KBIS: Fields = {
    "siren": (_SIREN,),
    "company_name": (By(_first_name), By(_born_name), _NAMED),
    "legal_form": (asks(Term.FORM, parse=free, wraps=True),),
    "share_capital": (label(r"capital(?: social)?(?: \(.*\))?", amount),),
    "registry_court": (By(_court),),
    "registered_on": _REGISTERED,
    "issued_on": (
        phrase(r"\ba jour au (?P<v>.{6,24})", day),
        phrase(r"registre du commerce et des societes (?:en date du|au) (?P<v>.{6,24})", day),
        label(r"au", day),
        phrase(r"delivree? (?:a .{2,40},? )?le (?P<v>.{6,24})", day),
        phrase(r"r\.? ?c\.? ?s\.? .{2,40}? - (?P<v>\d\d/\d\d/\d{4}) -", day),
    ),
    "address": (
        label(_SEAT, address, wraps=True),
        By(_seat),
        By(_premises),
    ),
    "representatives": (By(_representatives), By(_person_only)),
    "verification_code": (
        phrase(r"code de (?:verification|controle)\s?:?\s?(?P<v>[a-z0-9]{10})\b", _code),
        label(r"code de (?:verification|controle)", _code),
        phrase(r"codeverif=(?P<v>[a-z0-9]{10})\b", _code),
    ),
}

RNE: Fields = {
    "siren": (_SIREN,),
    "company_name": (
        By(_born_name),
        By(_first_name),
        phrase(r"concernant l'entreprise (?P<v>.{2,120}?) a la date du", free),
        _NAMED,
    ),
    "legal_form": (asks(Term.FORM, parse=free, wraps=True),),
    "registered_on": _REGISTERED,
    "issued_on": (
        phrase(r"\ba la date du (?P<v>.{6,24})", day),
        phrase(r"(?:extrait|attestation) (?:etablie?|delivree?|editee?) (?:a .{2,30}, )?le "
               r"(?P<v>.{6,24})", day),
        phrase(r"\ba jour au (?P<v>.{6,24})", day),
        MADE_ON,
    ),
    "address": (
        label(_SEAT, address, wraps=True),
        By(_seat),
        By(_premises),
    ),
    "representatives": (By(_representatives), By(_person_only)),
}  # fmt: skip
