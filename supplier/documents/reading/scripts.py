"""Words of two alphabets: Cyrillic or Greek letters that look Latin, in a word that is Latin."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from supplier.documents.findings import doubt
from supplier.documents.kinds import ReasonCode
from supplier.documents.reading.result import Finding
from supplier.documents.reading.spans import Span
from supplier.kernel.i18n import N_
from supplier.kernel.pages import PageText, Source, Word

_OTHER = ("CYRILLIC", "GREEK", "ARMENIAN")
#: Greek letters that stand for units and sizes in Latin print.
_UNITS = frozenset("µμΩΔπΣαβγλφΦ")
MIXED = N_("What the page shows and what a program reads are not the same: %(detail)s")


def mixed_words(texts: Iterable[PageText]) -> Iterator[Finding]:
    """One doubt for each page with a word whose letters are of two alphabets.

    To the eye the word is what it seems to be; a program that compares it finds another.
    """
    for text in texts:
        found = next((word for word in text.words if _is_mixed(word)), None)
        if found:
            span = Span(found.text, (found,))
            params = {"detail": found.text}
            yield doubt(ReasonCode.TAMPERED, message=MIXED, at=span, params=params)


def _is_mixed(word: Word) -> bool:
    """On a picture only shapes are read: another alphabet there is a slip of the reader."""
    if word.text.isascii() or word.source is not Source.TEXT:
        return False
    alphabets = {_alphabet(letter) for letter in word.text if letter not in _UNITS}
    return "LATIN" in alphabets and bool(alphabets & set(_OTHER))


@lru_cache(maxsize=4096)
def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ", 1)[0] if letter.isalpha() else ""
