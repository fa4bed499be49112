"""How a piece of a page is covered: line by line, a little larger than its letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from supplier.documents.reading.layout import Cell, Sheet
from supplier.documents.reading.result import Zone
from supplier.documents.reading.spans import Span

#: A box fits its letters; what covers it is a little larger.
_MARGIN = 0.003
_FIGURES = re.compile(r"(?P<v>\d[\dA-Za-z .\u00a0/-]{5,}[\dA-Za-z])")
_LEAST_FIGURES = 7


def values_of(sheet: Sheet, cell: Cell, end: int) -> list[tuple[Span, Cell]]:
    """Where the value of a label may stand: after it, else to its right, else under it."""
    rest = cell.run.span(end, len(cell.run.text))
    if rest:
        return [(rest, cell)]
    right = sheet.right_of(cell)
    near = [right] if right else sheet.below(cell)[:1]
    return [(other.run.whole(), other) for other in near]


def number_in(span: Span) -> Iterator[Zone]:
    """The places of a value that holds a number long enough to name a person."""
    match = _FIGURES.search(span.text)
    if match and sum(letter.isdigit() for letter in match["v"]) >= _LEAST_FIGURES:
        yield from covering(span)


def covering(span: Span) -> Iterator[Zone]:
    """The words of a span, line by line: a box around two lines would cover what is between."""
    lines: list[Span] = []
    for word in span.words:
        one = Span(word.text, (word,))
        if lines and _on_one_line(lines[-1], one):
            lines[-1] = lines[-1].joined(one)
        else:
            lines.append(one)
    for line in lines:
        box = line.box
        wide = replace(
            box, x0=max(0.0, box.x0 - _MARGIN), top=max(0.0, box.top - _MARGIN / 3),
            x1=min(1.0, box.x1 + _MARGIN), bottom=min(1.0, box.bottom + _MARGIN / 3),
        )  # fmt: skip
        yield Zone(line.page, wide)


def _on_one_line(line: Span, word: Span) -> bool:
    middle = (word.box.top + word.box.bottom) / 2
    return line.page == word.page and line.box.top <= middle <= line.box.bottom
