"""Compares the values of a page's text layer with those that its picture shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from supplier.documents.reading import forensics_values as values
from supplier.kernel.pages import Box, PageText, Word


class ValueKind(StrEnum):
    """The kinds of values compared between text layer and picture."""

    IBAN = "iban"
    SIREN = "siren"
    DATE = "date"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A value of the text layer that the picture does not confirm, or one it shows alone.

    `certain`: the picture legibly shows another value in its place (a key that passes, a date,
    clear letters). Otherwise the picture could not be read well enough there. `in_text` is empty
    for a value that only the picture shows. `box` is where the eye should look.
    """

    kind: ValueKind
    in_text: str
    in_image: str
    page: int
    box: Box | None
    certain: bool


Finder = Callable[[str], set[str]]
FINDERS: dict[ValueKind, Finder] = {
    ValueKind.IBAN: values.ibans,
    ValueKind.SIREN: values.sirens,
    ValueKind.DATE: values.dates,
    ValueKind.CODE: values.codes,
}
#: Values with a key: a misreading fails it, so another that passes was really printed.
KEYED = frozenset({ValueKind.IBAN, ValueKind.SIREN})
#: Letters that OCR takes for one another: a difference in these alone is no difference.
LOOKALIKES = str.maketrans("OoQDIl|iSsBZzGgJj[](){}", "0000111155822661111111" + "1")
#: Words that a value may be broken into, and how sure OCR must be of letters without a key.
MOST_WORDS, SURE = 12, 0.8


def compare_text_and_image(page_text: PageText, ocr_text: PageText) -> tuple[Mismatch, ...]:
    """Values that differ between the text layer of a page and the OCR of its picture."""
    layer, picture = _text(page_text.words), _text(ocr_text.words)
    found: list[Mismatch] = []
    for kind, find in FINDERS.items():
        shown = find(picture)
        for value in sorted(find(layer)):
            if value in shown or _plain(value) in _plain(picture):
                continue
            mismatch = _mismatch(kind, value, page_text, ocr_text)
            if mismatch is not None:
                found.append(mismatch)
    told = {mismatch.in_image for mismatch in found}
    for iban in sorted(values.ibans(picture) - values.ibans(layer) - told):
        if _plain(iban) in _plain(layer):
            continue  # printed letter by letter, or in lower case
        box = place_of(iban, ocr_text.words, kind=ValueKind.IBAN)
        found.append(Mismatch(ValueKind.IBAN, "", iban, page_text.number, box, certain=False))
    return tuple(found)


def _mismatch(
    kind: ValueKind, value: str, page_text: PageText, ocr_text: PageText
) -> Mismatch | None:
    box = place_of(value, page_text.words, kind=kind)
    there = _words_at(box, ocr_text.words) if box is not None else ()
    text = _text(there)
    others = FINDERS[kind](text) - {value}
    if others and (kind in KEYED or _confidence(there) >= SURE):
        other = min(others)
        if _plain(other) == _plain(value):
            return None
        return Mismatch(kind, value, other, page_text.number, box, certain=True)
    if kind in KEYED:
        return Mismatch(kind, value, text[:60], page_text.number, box, certain=False)
    return None


def place_of(value: str, words: Sequence[Word], *, kind: ValueKind) -> Box | None:
    """Around the shortest run of words that spells a value; None where they are scattered."""
    find = FINDERS[kind]
    best: Sequence[Word] | None = None
    for start in range(len(words)):
        for length in range(1, min(MOST_WORDS, len(words) - start) + 1):
            if best is not None and length >= len(best):
                break
            run = words[start : start + length]
            if value in find(_text(run)):
                best = run
                break
    return _around(best) if best else None


def _around(words: Sequence[Word]) -> Box:
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return box


def _words_at(box: Box, words: Sequence[Word]) -> tuple[Word, ...]:
    """The words whose middle lies in a place, a little around it included."""
    high = (box.bottom - box.top) * 0.6
    return tuple(
        word
        for word in words
        if box.x0 - 0.02 <= (word.box.x0 + word.box.x1) / 2 <= box.x1 + 0.02
        and box.top - high <= (word.box.top + word.box.bottom) / 2 <= box.bottom + high
    )


def _confidence(words: Sequence[Word]) -> float:
    return min((word.confidence for word in words), default=0.0)


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.translate(LOOKALIKES).casefold())
