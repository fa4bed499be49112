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
    "sp z 0 0",
    "s a rl",
    "s rl",
    "s r i",
    "s a r i",
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
    if sorted(one.split()) == sorted(other.split()) or _plain(one) == _plain(other):
        return Likeness.SAME
    ratio = max(
        SequenceMatcher(None, one, other, autojunk=False).ratio(),
        SequenceMatcher(None, key(first), key(second), autojunk=False).ratio(),
    )
    misread = min(len(one), len(other)) >= 5 and _misread(one, other)
    if scanned and (misread or _same_but_for_form(first, second)):
        return Likeness.SAME
    ours, theirs = set(one.split()), set(other.split())
    shared = {word for word in ours & theirs if len(word) > 2}
    if ratio >= 0.75 or (shared and (ours <= theirs or theirs <= ours)):
        return Likeness.CLOSE
    return Likeness.DIFFERENT


#: Letters that readers of pictures take for one another; figures are told apart by context only
#: where a letter stands in the other name ("2M" is never "3M").
_ALIKE = ("il1", "o0", "s5", "b8", "z2", "g9q")


def _misread(one: str, other: str) -> bool:
    """Whether two names differ only as a scan differs from its original.

    Joined or parted words, a stain, and at most one letter in eight taken for one that looks
    like it. Two figures are never the same figure.
    """
    first, second = _print(one), _print(other)
    allowed = max(1, min(len(first), len(second)) // 8)
    wrong = 0
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        ours, theirs = first[a0:a1], second[b0:b1]
        if tag != "replace" or len(ours) != len(theirs):
            return False
        for a, b in zip(ours, theirs, strict=True):
            if a.isdigit() and b.isdigit():
                return False
            if not any(a in group and b in group for group in _ALIKE):
                return False
            wrong += 1
    return wrong <= allowed


def _print(text: str) -> str:
    return _plain(text).replace("rn", "m").replace("vv", "w")


def _plain(text: str) -> str:
    return text.replace(" ", "")


def _same_but_for_form(printed: str, expected: str) -> bool:
    """Whether a scan gives the name itself right and only its long legal form nearly right."""
    core, ours = bare(expected), key(printed)
    form = key(expected).removeprefix(core).strip()
    if len(form) < 12 or len(core) < 5 or not ours.startswith(f"{core} "):
        return False
    rest = ours.removeprefix(core).strip()
    return SequenceMatcher(None, rest, form, autojunk=False).ratio() >= 0.8
