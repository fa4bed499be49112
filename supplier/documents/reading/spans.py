"""Pieces of text that know their words: what is found in a text is found on the page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from supplier.documents.reading.text import fold
from supplier.kernel.pages import Box, Source, Word


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text and the words that say it."""

    text: str
    words: tuple[Word, ...]

    @property
    def folded(self) -> str:
        return fold(self.text)

    @property
    def page(self) -> int:
        return self.words[0].page

    @property
    def box(self) -> Box:
        box = _seen(self.words[0])
        for word in self.words[1:]:
            if word.page == self.page:
                box = box.union(_seen(word))
        return box

    @property
    def source(self) -> Source:
        return self.words[0].source

    @property
    def confidence(self) -> float:
        return min(word.confidence for word in self.words)

    def joined(self, other: Span) -> Span:
        return Span(f"{self.text} {other.text}", self.words + other.words)

    def cut(self, start: int, end: int) -> Span | None:
        """The text between two offsets of this span, trimmed, with the words it touches."""
        run = Run(self.words)
        offset = run.text.find(self.text.replace("\t", " "))
        return run.span(offset + start, offset + end) if offset >= 0 else None


@dataclass(frozen=True, slots=True)
class FlatWord(Word):
    """A word arranged by its place on a straightened picture; `shown` is where people see it."""

    shown: Box | None = None


def _seen(word: Word) -> Box:
    return (word.shown or word.box) if isinstance(word, FlatWord) else word.box


_LEADER = re.compile(r"(?<=\w)\.(?=\.{3})")


class Run:
    """Words joined by blanks: searched folded, every match gives back its words."""

    __slots__ = ("folded", "starts", "text", "words")

    def __init__(self, words: Sequence[Word], *, gaps: Sequence[str] = ()) -> None:
        self.words = tuple(words)
        self.starts: list[int] = []
        parts: list[str] = []
        length = 0
        for index, word in enumerate(self.words):
            if index:
                gap = gaps[index - 1] if gaps else " "
                parts.append(gap)
                length += len(gap)
            self.starts.append(length)
            parts.append(word.text)
            length += len(word.text)
        self.text = "".join(parts)
        if "...." in self.text:
            # Dots that lead from a label to its value are no part of its last word.
            self.text = _LEADER.sub(" ", self.text)
        self.folded = fold(self.text)

    def span(self, start: int, end: int) -> Span | None:
        """The text between two offsets, trimmed, or None when nothing is there."""
        while start < end and self.text[start] in " \t\n":
            start += 1
        while end > start and self.text[end - 1] in " \t\n":
            end -= 1
        if start >= end:
            return None
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        return Span(self.text[start:end], self.words[first : last + 1])

    def whole(self) -> Span:
        return Span(self.text, self.words)
