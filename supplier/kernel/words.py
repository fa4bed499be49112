"""Words made clean to keep, and made comparable: without case, accents or odd blanks."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

#: Characters that turn text around or hide in it: never wanted in a name or a reason.
_BIDI = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
#: Letters that no decomposition brings back to the alphabet.
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "þ": "th"})
_WORD = re.compile(r"[^\W_]+")


def clean(text: Any) -> Any:
    """Text as it is kept: NFC, no control or direction characters, no blank ends.

    Values that are not text come back unchanged.
    """
    if not isinstance(text, str):
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    kept = (
        letter
        for letter in text
        if letter in "\n\t"
        or (unicodedata.category(letter) not in {"Cc", "Cs", "Cn"} and letter not in _BIDI)
    )
    return "".join(kept).strip()


def fold(text: str) -> str:
    """Lower case without accents, blanks made single."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(kept.casefold().split())


def alphabetical(text: str) -> str:
    """What lists in order of names compare: words without case, accents or signs."""
    return " ".join(_WORD.findall(fold(text).translate(_LETTERS)))
