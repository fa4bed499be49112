"""Stretches of days, both ends included, and their set arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

#: The last day of a span whose end is not known: it never comes.
OPEN = date.max
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The days from `first` to `last`, both included. Raises ValueError when it would be empty."""

    first: date
    last: date = OPEN

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a span holds at least one day")

    @property
    def until(self) -> date | None:
        """The last day, or None while the end is not known."""
        return None if self.last == OPEN else self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def span_or_none(first: date, last: date | None) -> Span | None:
    """The span from `first` to `last` (None: no known end), or None when it would be empty."""
    end = OPEN if last is None else last
    return Span(first, end) if first <= end else None


def after(day: date) -> date:
    """The next day; the day that never comes has none after it."""
    return day if day == OPEN else day + _DAY


def before(day: date) -> date:
    """The day before."""
    return day if day == date.min else day - _DAY


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same days as few spans, in order, neither touching nor overlapping."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.first <= after(merged[-1].last):
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return tuple(merged)


def intersect(left: Iterable[Span], right: Iterable[Span]) -> tuple[Span, ...]:
    """The days that are in both."""
    others = union(right)
    return union(
        Span(max(one.first, other.first), min(one.last, other.last))
        for one in union(left)
        for other in others
        if one.first <= other.last and other.first <= one.last
    )


def subtract(left: Iterable[Span], right: Iterable[Span]) -> tuple[Span, ...]:
    """The days of `left` that are not in `right`."""
    rest = list(union(left))
    for hole in union(right):
        rest = [piece for span in rest for piece in _without(span, hole)]
    return tuple(rest)


def _without(span: Span, hole: Span) -> Iterable[Span]:
    if hole.last < span.first or span.last < hole.first:
        yield span
        return
    if span.first < hole.first:
        yield Span(span.first, before(hole.first))
    if hole.last < span.last:
        yield Span(after(hole.last), span.last)


def holding(spans: Iterable[Span], day: date) -> Span | None:
    """The span that holds a day, or None."""
    return next((span for span in spans if day in span), None)


def count_days(spans: Iterable[Span]) -> int:
    """How many days in all, each counted once."""
    return sum(span.days for span in union(spans))
