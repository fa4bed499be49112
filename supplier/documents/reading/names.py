"""Whether two names mean the same company or person."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from enum import StrEnum

from supplier.documents.reading.text import key

_FORMS = [
    "sarl",
    "sas",
    "sasu",
    "sa",
    "eurl",
    "ei",
    "eirl",
    "sci",
    "snc",
    "scop",
    "scp",
    "selarl",
    "gie",
    "earl",
    "gaec",
    "sasp",
    "scic",
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "bv",
    "nv",
    "srl",
    "sprl",
    "spa",
    "sl",
    "lda",
    "ltd",
    "plc",
    "llc",
    "sp z o o",
    "spolka z ograniczona odpowiedzialnoscia",
    "s a r l",
    "s a s",
    "s a",
    "s r l",
    "s a r l s",
    "s p a",
    "societe",
    "ste",
    "ets",
    "etablissements",
    "entreprise",
    "monsieur",
    "madame",
    "mademoiselle",
    "mr",
    "mme",
    "mlle",
    "m",
    "herr",
    "frau",
]
#: "&", "et", "und": two ways of writing one name.
_AND = frozenset({"et", "and", "und"})
_FORM = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _FORMS), key=len, reverse=True))})\b")


class Likeness(StrEnum):
    """How close two names are. `CLOSE` is for a person to decide."""

    SAME = "same"
    CLOSE = "close"
    DIFFERENT = "different"


def bare(name: str) -> str:
    """A name without accents, case, legal form and civility; whole when nothing is left."""
    plain = key(name)
    words = _FORM.sub(" ", plain).split()
    stripped = " ".join(word for word in words if word not in _AND)
    return stripped or plain


def likeness(first: str, second: str, *, scanned: bool = False) -> Likeness:
    """Compare two names. `scanned` allows the odd letter that a scan gets wrong."""
    one, other = bare(first), bare(second)
    if not one or not other:
        return Likeness.DIFFERENT
    if one == other or sorted(one.split()) == sorted(other.split()):
        return Likeness.SAME
    if one.replace(" ", "") == other.replace(" ", ""):
        return Likeness.SAME
    ratio = max(
        SequenceMatcher(None, one, other, autojunk=False).ratio(),
        SequenceMatcher(None, key(first), key(second), autojunk=False).ratio(),
    )
    if scanned and ratio >= 0.9 and min(len(one), len(other)) >= 8:
        return Likeness.SAME
    ours, theirs = set(one.split()), set(other.split())
    shared = {word for word in ours & theirs if len(word) > 2}
    if ratio >= 0.75 or (shared and (ours <= theirs or theirs <= ours)):
        return Likeness.CLOSE
    return Likeness.DIFFERENT
