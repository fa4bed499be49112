"""The people of a list that gives each of them a card: labels with values, person by person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supplier.documents.reading.layout import Cell, Sheet
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import pattern

_ASKED = tuple(
    (name, pattern(rf"^(?:{source})\s?(?::\s?|$)"))
    for name, source in (
        ("family", r"noms?(?: de famille)?"),
        ("given", r"prenoms?"),
        ("name", r"noms? (?:et|,) ?prenoms?|identite|(?:nom du )?(?:salarie|travailleur)"),
        ("nationality", r"nationalite"),
        ("hired_on", r"(?:date )?(?:d'|de l')?(?:embauche|entree|recrutement)(?: dans .{2,20})?"
                     r"|embauchee?(?: le)?|entree?(?: le)?|date de debut(?: de contrat)?"),
        ("permit_type", r"(?:type|nature)(?: (?:de|du) titre)?(?: de sejour)?|titre(?: de sejour)?"
                        r"|titre valant autorisation de travail"),
        ("permit_number", r"(?:n°|no|numero)(?: d'ordre)? (?:de |du )?(?:titre|carte|permis)?"
                          r"(?: de sejour)?|n° d'ordre|numero d'ordre"),
    )
)  # fmt: skip
#: What heads the card of one person.
_HEADED = re.compile(r"(?:salarie|travailleur|employe|fiche)e?\s?(?:n°|no|numero)?\s?\d{1,3}\b")
Card = dict[str, Span]


def cards(sheet: Sheet) -> list[Card]:
    """What the labels of each card give; a label that comes again begins the next card."""
    found: list[Card] = []
    headed = 0
    for row in sheet.rows:
        for cell in row:
            if _HEADED.match(cell.run.folded):
                headed += 1
                found.append({})
                continue
            for name, span in _told(sheet, cell):
                if not found or (name in found[-1] and not headed):
                    found.append({})
                found[-1].setdefault(name, span)
    return [card for card in found if card or headed]


def _told(sheet: Sheet, cell: Cell) -> Iterator[tuple[str, Span]]:
    for name, form in _ASKED:
        match = form.match(cell.run.folded)
        if match is None:
            continue
        right = sheet.right_of(cell)
        span = cell.run.span(match.end(), len(cell.run.text))
        if span is None and right and not any(f.match(right.run.folded) for _, f in _ASKED):
            span = right.run.whole()
        if span:
            yield name, span
        return
