"""The grammar of labels: what a form asks for, and of whom, in any order and in two languages.

A label is a row of known words (`vocabulary.py`) with articles, prepositions, brackets and marks
between them. What is wholly made of such words is a label and never a value; which label leads to
which value is for the families, who say what they want in terms and not in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from supplier.documents.reading.vocabulary import ENTRIES, Term

#: What announces the code of a social certificate; the number of a person is another matter.
SECURITY_CODE = r"(?:code|numero|n°|no|cle|reference) (?:de )?securite(?! sociale)"

_TOKEN = re.compile(r"(?:[a-z]\.){2,}[a-z]?(?![a-z])|n[°.](?![a-z])|[a-z]+(?:-[a-z]+)*'?\.?|\S")
#: Bullets, and the number or letter that a form gives its boxes.
_BOX = re.compile(r"(?:[-•*·>.]+ ?)?(?:\d{1,2}(?:[.,]\d{1,2}\.?|[.)]) ?(?:- ?)?|[a-z]\) ?)?")
_BRACKET = re.compile(r"\([^()]{0,40}\)")
_MARKS = frozenset("/|,&-")
_COLON = re.compile(r"\s?[:;]+\s?")
_END = re.compile(r"\s?[.]?\s*$")
#: Labels are short: no form asks in more words than this.
_MOST = 14
#: A word of more letters that ends with a point is written in full.
_ABBREVIATED = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A label in a text: what its words stand for, in order, and where it begins and ends.

    `whole`: a colon or the end of the text follows; otherwise something else follows at `stop`.
    """

    terms: tuple[Term, ...]
    start: int
    end: int
    stop: int
    whole: bool


def _tree() -> dict[str, list[tuple[tuple[str, ...], Term]]]:
    """The entries by their first word, the longest first."""
    tree: dict[str, list[tuple[tuple[str, ...], Term]]] = {}
    for text, term in ENTRIES:
        words = tuple(_plain(match[0]) for match in _TOKEN.finditer(text))
        kept = tree.setdefault(words[0], [])
        if not any(known == words for known, _ in kept):
            kept.append((words, term))
    for kept in tree.values():
        kept.sort(key=lambda item: -len(item[0]))
    return tree


def _plain(token: str) -> str:
    """A word without the points of an abbreviation."""
    if token in {"n°", "n."}:
        return "n°"
    return token.replace(".", "") if len(token) > 1 else token


_TREE = _tree()
#: A word that joins others: what an abbreviation of several known words stands for.
_JOINS = "de"
#: Endings by which a plural or a feminine is told from the word of the table.
_ENDINGS = ("s", "e", "es", "x", "ees", "en", "n")
_HEADS = tuple(
    (head, term)
    for head, term in (
        ("datum", Term.DAY), ("nummer", Term.NUMBER), ("name", Term.NAME), ("naam", Term.NAME),
        ("inhaber", Term.HOLDER), ("anschrift", Term.ADDRESS), ("adresse", Term.ADDRESS),
        ("houder", Term.HOLDER),
    )
)  # fmt: skip


@lru_cache(maxsize=20_000)
def _base(token: str) -> str | None:
    """The word of the table that a printed word is a form of."""
    word = _plain(token)
    if token.endswith(".") and len(word) > _ABBREVIATED and word in _TREE:
        return None  # The end of a sentence.
    if word in _TREE:
        return word
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2 and stem in _TREE:
            return stem
    if token.endswith(".") and len(word) > 2:
        long = {known for known in _TREE if known.startswith(word)}
        terms = {_TREE[known][0][1] for known in long}
        return min(long, key=len) if len(terms) == 1 else (_JOINS if long else None)
    return None


@lru_cache(maxsize=20_000)
def _compound(word: str) -> tuple[Term, ...]:
    """What a word of several put together asks: "Ausstellungsdatum", "Versicherungsnummer"."""
    for head, term in _HEADS:
        first = word.removesuffix(head)
        if first != word and len(first) > 2:
            known = _base(first) or _base(first.removesuffix("s"))
            if known:
                return (term, *(t for words, t in _TREE[known] if len(words) == 1))
    return ()


@lru_cache(maxsize=50_000)
def asked(folded: str, start: int = 0) -> Asked | None:
    """The label that a text begins with, or None."""
    place = _BOX.match(folded, start)
    at = place.end() if place else start
    terms: list[Term] = []
    end = last = at
    count = 0
    while count < _MOST:
        while at < len(folded) and folded[at] == " ":
            at += 1
        bracket = _BRACKET.match(folded, at)
        if bracket and terms:
            at = end = bracket.end()
            continue
        step = _step(folded, at)
        if step is None:
            break
        at, found = step
        count += 1
        if found:
            terms.extend(found)
            end = at
        last = at
    if not terms:
        return None
    for stop in (last, end):
        colon = _COLON.match(folded, stop)
        if colon:
            return Asked(tuple(terms), start, colon.end(), colon.end(), whole=True)
        if _END.match(folded, stop):
            return Asked(tuple(terms), start, len(folded), len(folded), whole=True)
    return Asked(tuple(terms), start, end, last, whole=False)


def _step(folded: str, at: int) -> tuple[int, tuple[Term, ...]] | None:
    """The next known words of a text and what they stand for; None where it says something else."""
    match = _TOKEN.match(folded, at)
    if match is None:
        return None
    token = match[0]
    if token in _MARKS:
        return match.end(), ()
    word = _base(token)
    if word is None:
        compound = _compound(token)
        return (match.end(), compound) if compound else None
    for words, term in _TREE[word]:
        end = _follow(folded, match.end(), words[1:])
        if end:
            return end, (() if term is Term.GLUE else (term,))
    return None


def _follow(folded: str, at: int, words: tuple[str, ...]) -> int:
    """Where the words end that go on with these; 0 where the text goes on otherwise."""
    for word in words:
        while at < len(folded) and folded[at] == " ":
            at += 1
        match = _TOKEN.match(folded, at)
        if match is None or (_plain(match[0]) != word and _base(match[0]) != word):
            return 0
        at = match.end()
    return at


def is_label(folded: str) -> bool:
    """Whether a text says nothing but what some value is called."""
    text = folded.strip()
    found = asked(text)
    return found is not None and found.end == len(text)


def inner(folded: str) -> Iterator[Asked]:
    """The labels inside a text, each before a colon: "Contrat n° 12 - Assuré : X"."""
    for colon in re.finditer(r"\s?:", folded):
        words = list(re.finditer(r"\S+", folded[: colon.start()]))[-6:]
        for word in words:
            found = asked(folded[: colon.end()], word.start())
            if found and found.end == colon.end():
                rest = _COLON.match(folded, colon.start())
                end = rest.end() if rest else found.end
                yield Asked(found.terms, found.start, end, end, whole=True)
                break


#: The second language of a label: whatever stands after a stroke, before the colon or the end.
SECOND = re.compile(r"\s?[/|]\s?[^\d:/\t]{2,40}?(?=\s?:|$)")


def after_second(folded: str, end: int) -> int:
    """Where a label ends that begins up to `end`, its second language included."""
    rest = re.compile(r"\s?[/|-]\s?").match(folded, end)
    if rest:
        again = asked(folded[rest.end() :])
        if again and (again.whole or folded[rest.start()] != "-"):
            return rest.end() + again.end
    match = SECOND.match(folded, end)
    if not match:
        return end
    colon = _COLON.match(folded, match.end())
    return colon.end() if colon else match.end()
