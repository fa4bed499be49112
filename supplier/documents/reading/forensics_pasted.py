"""Values set on a page after all the rest of it: how an editor replaces a date or an account.

A program writes a page in its own order. Who removes a value and sets another leaves the new one
at the end, alone: its label and the lines under it were painted long before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from supplier.documents.reading import forensics_values as values
from supplier.documents.reading.forensics_facts import PastedValue
from supplier.documents.reading.forensics_objects import (
    ObjectKind,
    Painted,
    font_name,
    shares,
    text_of,
)

#: Most values looked at, fewest texts painted before them, and of these under them.
MOST, LEAST_BEFORE, LEAST_UNDER = 12, 12, 3
#: How near, in heights of its type, the neighbour of a value stands on its line.
NEAR = 6.0
#: "A MONTREUIL, le 11 août 2026": a day and what leads to it, no longer.
MOST_DATED = 50
#: Letters that may stand beside a value: "le", "du", "EUR".
_MOST_LETTERS = 3
_STYLE = re.compile(r"^[A-Z]{6}\+|[-,].*$|(?:MT|PS|Std|Regular|Bold|Italic|Oblique)+$")


def pasted_values(page: Any, marks: Sequence[Painted], *, number: int) -> tuple[PastedValue, ...]:
    """The values that were painted last and stand where something else was painted before."""
    texts = [m for m in marks if m.kind is ObjectKind.TEXT and not m.invisible and m.area.size > 0]
    if len(texts) <= LEAST_BEFORE:
        return ()
    strange = _strange_days(page, texts, number=number)
    if strange or not _rises(texts[-1], texts[:-1]):
        return strange
    textpage = page.get_textpage()
    try:
        late = _bare_values(texts, textpage=textpage)
    finally:
        textpage.close()
    before = texts[: len(texts) - len(late)]
    if not late or len(before) < LEAST_BEFORE:
        return ()
    if not all(_rises(mark, before) for mark, _ in late):
        return ()
    own = {_family(mark) for mark, _ in late}
    if own & {_family(mark) for mark in before} and not all(
        _neighbour(mark, before) for mark, _ in late
    ):
        return ()
    return tuple(PastedValue(number, shares(mark.area, page=page), text) for mark, text in late)


def _strange_days(page: Any, texts: Sequence[Painted], *, number: int) -> tuple[PastedValue, ...]:
    """A day that alone of all the page is set in its typeface: typed over in an editor.

    Programs set all that they fill in alike; a whole page has one or two families.
    """
    by_family: dict[str, list[Painted]] = {}
    for mark in texts:
        by_family.setdefault(_family(mark), []).append(mark)
    alone = [marks[0] for marks in by_family.values() if len(marks) == 1]
    if not alone or len(by_family) < 2:
        return ()
    textpage = page.get_textpage()
    try:
        told = [(mark, text_of(mark, textpage=textpage).strip()) for mark in alone]
    finally:
        textpage.close()
    return tuple(
        PastedValue(number, shares(mark.area, page=page), text, strange=True)
        for mark, text in told if len(text) < MOST_DATED and values.dates(text)
    )  # fmt: skip


def _bare_values(texts: Sequence[Painted], *, textpage: Any) -> list[tuple[Painted, str]]:
    """The last texts of the page, as long as each is a value and nothing else."""
    found: list[tuple[Painted, str]] = []
    for mark in reversed(texts):
        text = text_of(mark, textpage=textpage).strip()
        if len(found) >= MOST or not _is_value(text):
            break
        found.append((mark, text))
    return found


def _is_value(text: str) -> bool:
    """Whether a text is a date, an identifier, an account or an amount, and no word beside it."""
    if len(text) > 40 or sum(letter.isdigit() for letter in text) < 3:
        return False
    rest = values.IBAN.sub("", text)
    for form in (values.CODE, values.DATE, values.SPOKEN_DATE, values.DIGITS):
        rest = form.sub("", values.folded(rest) if form is values.SPOKEN_DATE else rest)
    return sum(letter.isalpha() for letter in rest) <= _MOST_LETTERS


def _rises(mark: Painted, before: Sequence[Painted]) -> bool:
    """Whether texts painted before stand under this one."""
    under = sum(other.area.top < mark.area.bottom for other in before)
    return under >= LEAST_UNDER


def _neighbour(mark: Painted, before: Sequence[Painted]) -> bool:
    """Whether something stands beside the value on its line that was painted long before it."""
    high = max(mark.area.top - mark.area.bottom, 1.0)
    for index, other in enumerate(before):
        level = abs(other.area.bottom - mark.area.bottom) < 0.5 * high
        gap = max(mark.area.left - other.area.right, other.area.left - mark.area.right)
        if level and gap < NEAR * high and len(before) - index > LEAST_BEFORE:
            return True
    return False


def _family(mark: Painted) -> str:
    """The family of a typeface: its name without subset and style."""
    return _STYLE.sub("", _STYLE.sub("", font_name(mark))).casefold()
