"""Until when the permits on a list are good: not asked for by the law, so not kept.

A permit that has ended is none, all the same.
"""

from __future__ import annotations

import re

from supplier.documents.reading.dates import first_date
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.result import Value
from supplier.documents.reading.text import fold

_UNTIL = r"\b(?:exp(?:ir\w*)?\.?|(?:fin de )?validite|valable|valide|jusqu'au)(?!\w)"
_SAID = re.compile(rf"\s*[(,;-]*\s*{_UNTIL}.*$")
_ENDS = re.compile(_UNTIL)


def bare_permit(text: str) -> str:
    """What a permit is called, without the day it ends on."""
    match = _SAID.search(fold(text))
    return text[: match.start()] if match and match.start() else text


def permit_ends(paper: Paper) -> list[Value]:
    """The last days that a list gives its permits, on the line of the word or under it."""
    found = []
    for sheet, cell in paper.cells:
        match = _ENDS.search(cell.run.folded)
        if match is None:
            continue
        under = [line.run.folded for line in sheet.continued(cell)[:1]]
        told = first_date(" ".join([cell.run.folded[match.end() :], *under]))
        if told:
            span = cell.run.whole()
            found.append(Value(told.day.isoformat(), span.page, span.box, span.source, 1.0))
    return found
