"""Words made comparable: accents, case, quotes, dashes; without losing their places."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_QUOTES = str.maketrans({
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "\u00a0": " ", "\u202f": " ",
    "œ": "o", "Œ": "o", "æ": "a", "Æ": "a", "ß": "s", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l",
    "đ": "d", "Đ": "d", "ı": "i", "º": "°", "￾": "-",
})  # fmt: skip
_LONG = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O"}
_LONG_TABLE = str.maketrans(_LONG)


@lru_cache(maxsize=4096)
def _base(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter)[:1].lower()
    return plain if len(plain) == 1 else letter


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Lower case, no accents, plain quotes and dashes; as many characters as `text`."""
    plain = text.translate(_QUOTES)
    if plain.isascii():
        return plain.lower()
    return "".join(letter.lower() if letter.isascii() else _base(letter) for letter in plain)


def compose(text: str) -> str:
    """The text in composed form (é as one character), ordinary blanks."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").replace("\u202f", " ")


def key(text: str) -> str:
    """What two ways of writing one name share: letters and digits, without accents or case."""
    return re.sub(r"[^a-z0-9]+", " ", fold(text.translate(_LONG_TABLE))).strip()


def pattern(source: str) -> re.Pattern[str]:
    """A regular expression for folded text, where a blank stands for any run of blanks.

    A blank followed by a question mark may be missing; so may the blank after a comma, which
    narrow print loses.
    """
    source = source.replace(" ?", r"\s*").replace(",? ", r"(?:\s*,\s*|\s+)")
    return re.compile(source.replace(", ", r",\s*").replace(" ", r"\s+"))
