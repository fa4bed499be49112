"""Words made comparable: without case, accents or odd blanks."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Lower case without accents, blanks made single."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(kept.casefold().split())
