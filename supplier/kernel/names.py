"""Names of companies and people as they are compared: without accents, forms and civilities."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from enum import StrEnum

#: Words that say what kind of company it is, not which one; in the countries of our suppliers.
_FORMS = frozenset(
    {
        "SA", "SAS", "SASU", "SARL", "SARLU", "EURL", "EI", "EIRL", "SNC", "SCS", "SCA", "SCI",
        "SCP", "SCM", "SCOP", "SELARL", "SELAS", "SELASU", "GIE", "SOCIETE", "STE", "ETS",
        "ETABLISSEMENTS", "ETABLISSEMENT", "ENTREPRISE", "INDIVIDUELLE", "CIE", "COMPAGNIE",
        "GMBH", "AG", "KG", "OHG", "UG", "LTD", "LIMITED", "PLC", "LLP", "BV", "NV", "SRL", "SPA",
        "SL", "LDA", "SPZOO",
    }
)  # fmt: skip
_CIVILITIES = frozenset(
    {"M", "MR", "MME", "MLLE", "MONSIEUR", "MADAME", "MADEMOISELLE", "HERR", "FRAU", "OU", "ET"}
)
_SPELLINGS = {"ST": "SAINT", "STES": "SAINTES", "CHE": "CHEMIN", "&": "ET"}
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o"})
_INITIALS = re.compile(r"\b(?:[A-Z]\.\s?){2,}")
_WORDS = re.compile(r"[A-Z0-9]+|&")

#: From this likeness (0 to 1) on, two names may be one that was mistyped or cut.
CLOSE = 0.85


class Likeness(StrEnum):
    EQUAL = "equal"
    CLOSE = "close"
    DIFFERENT = "different"


def fold(text: str) -> str:
    """Upper case, without accents; the letters that a bank's printer has."""
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in plain if not unicodedata.combining(char)).upper()


def name_words(text: str) -> tuple[str, ...]:
    """The words that tell one name from another, in order.

    A name made only of form words ("Compagnie, SA") keeps them all.
    """
    joined = _INITIALS.sub(lambda found: re.sub(r"[.\s]", "", found.group()) + " ", fold(text))
    words = [_SPELLINGS.get(word, word) for word in _WORDS.findall(joined)]
    kept = tuple(word for word in words if word not in _FORMS | _CIVILITIES)
    return kept or tuple(words)


def compare_names(one: str, other: str) -> Likeness:
    """How alike two names are; the order of the words does not matter ("NOM Prénom")."""
    left, right = name_words(one), name_words(other)
    if not left or not right:
        return Likeness.DIFFERENT
    if sorted(left) == sorted(right) or "".join(left) == "".join(right):
        return Likeness.EQUAL
    if _is_part(left, right) or _ratio(left, right) >= CLOSE:
        return Likeness.CLOSE
    return Likeness.DIFFERENT


def _is_part(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """One name is the other with words left out, and what is left is more than an initial."""
    fewer, more = sorted((set(left), set(right)), key=len)
    return fewer < more and sum(map(len, fewer)) >= 4


def _ratio(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    one, other = " ".join(sorted(left)), " ".join(sorted(right))
    # The matcher's answer may depend on the order of its two texts; ours does not.
    return max(
        SequenceMatcher(a=one, b=other, autojunk=False).ratio(),
        SequenceMatcher(a=other, b=one, autojunk=False).ratio(),
    )
