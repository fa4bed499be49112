"""Papers about one person: an independent's certificate, a notice of income tax.

What names the person to the State and where they live are nobody's business here: the numbers and
the blocks of address are found to be covered. The name and the SIRET stay: they say whose paper
it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stdnum import luhn

from supplier.documents.reading.covering import covering, number_in, values_of
from supplier.documents.reading.extract import label_form
from supplier.documents.reading.layout import Cell, Sheet
from supplier.documents.reading.places import is_address
from supplier.documents.reading.result import Zone
from supplier.documents.reading.spans import Run, Span

_PAPER = re.compile(
    r"attestation de compte a jour|avis d'imp[o0]t|avis de situation declarative|"
    r"revenu fiscal de reference|taxe d'habitation"
)
#: A sole trader pays the one; a form for everybody names both.
_INCOME, _CORPORATE = (
    re.compile(r"imp[o0]t sur les? revenus?\b"),
    re.compile(r"imp[o0]t sur les soc"),
)
#: Also goes to companies: only what stands under a person's name is a home.
_MAYBE = re.compile(r"travailleurs? independants?")
_NUMBERS = label_form(
    r"(?:n[°o'’]?|numero)\s?t[il1|]|"
    r"(?:n°|no|numero|identifiant) fiscal(?: (?:du )?declarant \d)?|"
    r"(?:n°|no|numero) (?:d'acces|de declarant) en ligne|"
    r"ref(?:erence|\.)? (?:de )?(?:l')?avis(?: d'impot)?"
)
_HOME = label_form(
    r"(?:votre )?adresse(?: d'activite| d'imposition| au 1er janvier(?: \d{4})?)?|"
    r"lieu d'activite|domicile"
)
_CIVIL = re.compile(r"(?:m|mr|m\.|mme|mlle|monsieur|madame)(?: (?:ou|et) (?:m|mr|mme))? [a-z' -]+$")
#: Somebody else of the same form: an office has no home.
_OFFICE = re.compile(
    r"\b(?:urssaf|service|centre|sip|sie|direction|directeur|tresorerie|finances|caisse|recouvrement)\b"
)
#: A scan takes a nought for an O and a one for an l.
_TOWN = re.compile(r"(?:f-)?[\doil]{5} [a-z]")
_LONG = re.compile(r"\D?(?P<v>\d{13,21})\D?")
#: An address has no more lines above its town.
_MOST_LINES = 4


def of_one_person(sheet: Sheet) -> Iterator[Zone]:
    """What to cover on a page that is about one person; nothing on another."""
    text = "\n".join(line.folded for line in sheet.lines)
    income = _INCOME.search(text) and not _CORPORATE.search(text)
    own = bool(_PAPER.search(text) or income)
    if not own and not _MAYBE.search(text):
        return
    for cell in sheet.cells:
        yield from _numbers(sheet, cell)
        yield from _address(sheet, cell, named=not own)
        home = _HOME.match(cell.run.folded) if own else None
        if home:
            for span, _ in values_of(sheet, cell, home.end()):
                if is_address(span.folded):
                    yield from covering(span)
    if own:
        yield from _long_numbers(sheet)


def _numbers(sheet: Sheet, cell: Cell) -> Iterator[Zone]:
    label = _NUMBERS.match(cell.run.folded)
    if label is None:
        return
    for span, holder in values_of(sheet, cell, label.end()):
        yield from number_in(span)
        key = sheet.right_of(holder)
        if key and len(key.run.text) <= 2:
            yield from covering(key.run.whole())


def _long_numbers(sheet: Sheet) -> Iterator[Zone]:
    """Numbers too long for a company: a label may be misread, the form has no others."""
    for line in sheet.lines:
        for word in line.words:
            match = _LONG.fullmatch(word.text)
            before = line.folded[: line.starts[line.words.index(word)]]
            if match and not _is_siret(match["v"]) and "siret" not in before[-30:]:
                yield from covering(Span(word.text, (word,)))


def _is_siret(figures: str) -> bool:
    return len(figures) == 14 and bool(luhn.is_valid(figures))


def _address(sheet: Sheet, town: Cell, *, named: bool) -> Iterator[Zone]:
    """The lines of an address that ends with this town; `named`: only under a person's name."""
    if not _TOWN.match(town.run.folded) or "cedex" in town.run.folded:
        return
    above = list(_lines_above(sheet, town))
    name = next((at for at, line in enumerate(above) if _CIVIL.match(line.folded)), None)
    if name is None and named:
        return
    lines = above[:name] if name is not None else _address_like(above)
    beyond = above[len(lines)] if len(lines) < len(above) else None
    if not lines or (beyond and _OFFICE.search(beyond.folded)):
        return
    yield from covering(town.run.whole())
    for line in lines:
        yield from covering(line)


def _address_like(above: Sequence[Span]) -> Sequence[Span]:
    count = 0
    for line in above:
        if not is_address(line.folded):
            break
        count += 1
    return above[:count]


def _lines_above(sheet: Sheet, town: Cell) -> Iterator[Span]:
    """The words that begin above a cell, line by line upwards, while the lines are close."""
    floor, height = town.top, town.height
    for row in reversed(sheet.rows[max(0, town.row - 2 * _MOST_LINES) : town.row]):
        line = _aligned(row, town.x0 / sheet.width, 0.9 * height / sheet.width)
        if line is None:
            continue
        cell, span = line
        if floor - cell.bottom > 1.1 * height:
            return
        yield span
        floor = cell.top


def _aligned(row: Sequence[Cell], x0: float, within: float) -> tuple[Cell, Span] | None:
    for cell in row:
        for index, word in enumerate(cell.run.words):
            if abs(word.box.x0 - x0) < within:
                return cell, Run(cell.run.words[index:]).whole()
    return None
