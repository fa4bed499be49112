"""What of a page is nobody's business here: social security numbers, home addresses, permits.

The first two are found to be covered, never to be read: no value of theirs leaves this module. The
number of a work permit is read (D8254-2 asks for it) and covered on the page as among the values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from stdnum.fr import nir

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.covering import covering, number_in, values_of
from supplier.documents.reading.dates import first_date
from supplier.documents.reading.extract import label_form
from supplier.documents.reading.layout import Cell, Sheet
from supplier.documents.reading.one_person import of_one_person
from supplier.documents.reading.places import is_address
from supplier.documents.reading.result import FieldValue, Finding, Reading, Value, Zone
from supplier.documents.reading.spans import Run, Span

_GAP = r"[ .\t/\u00a0-]{0,3}"
_BODY = rf"[1-478](?:{_GAP}\d){{4}}{_GAP}(?:\d{_GAP}\d|2{_GAP}[abAB])(?:{_GAP}\d){{6}}"
#: Thirteen figures and a key of two (décret 82-103; the key is 97 less the rest by 97), however
#: they are grouped. What stands close is another number: a SIRET has fourteen.
_WITH_KEY = re.compile(rf"(?<![0-9A-Za-z])(?=(?P<v>{_BODY}{_GAP}\d{_GAP}\d)(?![0-9]))")
#: Grouped as people write it, its key wrong or away: 2 79 01 75 056 234 (55).
_GROUPED = re.compile(
    r"(?<![0-9A-Za-z])(?=(?P<v>[12][ .\u00a0-]\d\d[ .\u00a0-](?:0[1-9]|1[0-2]|[2-9]\d)[ .\u00a0-]"
    r"(?:\d\d|2[abAB])[ .\u00a0-]\d{3}[ .\u00a0-]\d{3}(?:[ .\u00a0/-]\d\d)?)(?![0-9]))"
)
#: Labels of a number that names a person; the second line is the first field of form A1.
_NUMBER_LABELS = label_form(
    r"(?:rappeler ce )?(?:n°|no|numero)\s?(?:de )?(?:securite sociale|s\.?s\.?|nir|immatriculation "
    r"(?:a la )?securite sociale)|nir|nss|numero d'inscription au repertoire|"
    r"(?:1\.1 ?)?(?:numero d'identification personnel|personal identification number|"
    r"personliche identifikationsnummer)(?: \(pin\))?|sozialversicherungsnummer|"
    r"versicherungsnummer|pesel"
)
_ADDRESS_LABELS = label_form(
    r"domicile(?: personnel)?|adresse (?:personnelle|privee|du domicile)|commune de residence|"
    r"(?:1\.8 ?)?(?:adresse dans l'etat de residence|address in the state of residence|"
    r"anschrift im wohn(?:sitz)?staat)|wohnanschrift|wohnort|private address|home address|"
    r"residential address"
)
_LIVING = re.compile(
    r"(?:demeurant|domiciliee? au?|residant|wohnhaft in|residing at) (?:a |au |la )?"
    r"(?P<v>.{6,90}?)(?=,? (?:agissant|representant|declare|certifie|atteste|nee? le|soussigne)|$)"
)
#: A postcode of any country, then its town: 59200 Tourcoing, 00-950 Warszawa, L-1234 Luxembourg.
_TOWN = re.compile(r"(?:[a-z]{1,2}[- ])?\d{2}[\d -]{1,5} ?[a-z]{0,2} [a-z]")
#: The number of a permit stands in one piece or in groups: 99 1234 5678.
_MOST_GROUPS = 6
_PERMIT = re.compile(r"(?=.*\d{4})[A-Z0-9]{8,14}")
VEIL = "•••••••••••••••"
MOST_ZONES = 400


def zones(sheets: Sequence[Sheet]) -> tuple[Zone, ...]:
    """The places to cover on these pages, in their order."""
    found = chain.from_iterable(_zones_of(sheet) for sheet in sheets)
    return tuple(dict.fromkeys(found))[:MOST_ZONES]


def _zones_of(sheet: Sheet) -> Iterator[Zone]:
    for run in (*sheet.lines, *sheet.blocks):
        for number in _numbers(run):
            yield from covering(number)
        for match in _LIVING.finditer(run.folded):
            span = run.span(match.start("v"), match.end("v"))
            if span:
                yield from covering(span)
    yield from of_one_person(sheet)
    for cell in sheet.cells:
        if number_label := _NUMBER_LABELS.match(cell.run.folded):
            yield from _numbers_beside(sheet, cell, number_label.end())
        elif home := _ADDRESS_LABELS.match(cell.run.folded):
            yield from _address_beside(sheet, cell, home.end())


def _numbers(run: Run) -> Iterator[Span]:
    """Numbers that say by themselves what they are."""
    for match in _WITH_KEY.finditer(run.text):
        if nir.is_valid(re.sub(r"[^0-9ABab]", "", match["v"]).upper()):
            span = run.span(match.start("v"), match.end("v"))
            if span:
                yield span
    for match in _GROUPED.finditer(run.text):
        span = run.span(match.start("v"), match.end("v"))
        if span:
            yield span


def permit_zones(sheets: Sequence[Sheet], reading: Reading) -> tuple[Zone, ...]:
    """The places of the numbers of work permits on the pages of a list of workers.

    Those that were read, and in a row with a date whatever looks like one: a row that was not
    understood goes to a person, who sees it covered too.
    """
    if reading.kind is not DocumentKind.FOREIGN_WORKERS_LIST:
        return ()
    read = {
        _joined(one.value.get("permit_number", ""))
        for one in reading.items("workers")
        if isinstance(one.value, Mapping)
    } - {""}
    found = (
        zone
        for sheet in sheets
        for row in sheet.rows
        for span in _permits(row, read)
        for zone in covering(span)
    )
    return tuple(dict.fromkeys(found))[:MOST_ZONES]


def _permits(row: Sequence[Cell], read: Collection[str]) -> Iterator[Span]:
    dated = any(first_date(cell.run.folded) for cell in row)
    for cell in row:
        words = cell.run.words
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + _MOST_GROUPS) + 1):
                text = "".join(word.text for word in words[start:end]).upper()
                alone = end == start + 1 or (start == 0 and end == len(words))
                if _joined(text) in read or (dated and alone and _PERMIT.fullmatch(text)):
                    yield Span(text, tuple(words[start:end]))


def _joined(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _numbers_beside(sheet: Sheet, cell: Cell, end: int) -> Iterator[Zone]:
    for span, _ in values_of(sheet, cell, end):
        yield from number_in(span)


def _address_beside(sheet: Sheet, cell: Cell, end: int) -> Iterator[Zone]:
    for span, holder in values_of(sheet, cell, end):
        yield from covering(span)
        for line in sheet.continued(holder, most=3):
            if not (is_address(line.run.folded) or _TOWN.match(line.run.folded)):
                break
            yield from covering(line.run.whole())


def holds_number(text: str) -> bool:
    """Whether a text holds a social security number whose key is right."""
    found = _WITH_KEY.finditer(text)
    return any(nir.is_valid(re.sub(r"[^0-9ABab]", "", one["v"]).upper()) for one in found)


def veiled(text: str) -> str:
    """The text with every social security number in it taken out."""
    if not any(letter.isdigit() for letter in text):
        return text
    places = [
        (one.start("v"), one.end("v"))
        for one in (*_WITH_KEY.finditer(text), *_GROUPED.finditer(text))
        if one.re is _GROUPED or nir.is_valid(re.sub(r"[^0-9ABab]", "", one["v"]).upper())
    ]
    told, at = "", 0
    for start, end in sorted(places):
        if start >= at:
            told, at = told + text[at:start] + VEIL, end
        at = max(at, end)
    return told + text[at:]


def without_numbers(reading: Reading) -> Reading:
    """The reading without a social security number in any value or finding, whatever it is."""
    fields = {name: _veiled_field(found) for name, found in reading.fields.items()}
    findings = tuple(_veiled_finding(finding) for finding in reading.findings)
    return replace(reading, fields=fields, findings=findings)


def _veiled_field(found: FieldValue) -> FieldValue:
    if isinstance(found, tuple):
        return tuple(_veiled_value(one) for one in found)
    return _veiled_value(found)


def _veiled_value(value: Value) -> Value:
    if isinstance(value.value, Mapping):
        return replace(value, value={name: veiled(text) for name, text in value.value.items()})
    return replace(value, value=veiled(value.value))


def _veiled_finding(finding: Finding) -> Finding:
    return replace(finding, params={name: veiled(text) for name, text in finding.params.items()})
