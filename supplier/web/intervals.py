"""Intervals of days and their states: what the drawings of coverage show. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from supplier.vigilance import coverage

DAY = timedelta(days=1)


class State(StrEnum):
    """What is so during some days."""

    COVERED = "covered"
    EXPIRING = "expiring"
    GAP = "gap"
    GAP_TO_COME = "gap_to_come"
    PENDING = "pending"
    TO_VERIFY = "to_verify"  # accepted, not yet confirmed by its issuer
    WAIVED = "waived"
    LATE = "late"  # covered, by a paper that came after: the gap as known then stays visible


#: On a day with several states, the first of these says what the whole is.
GRAVEST = (
    State.GAP,
    State.LATE,
    State.GAP_TO_COME,
    State.PENDING,
    State.TO_VERIFY,
    State.EXPIRING,
    State.COVERED,
    State.WAIVED,
)
GOOD = frozenset({State.COVERED, State.EXPIRING, State.WAIVED})
GAPS = frozenset({State.GAP, State.GAP_TO_COME, State.LATE})


@dataclass(frozen=True, slots=True)
class Interval:
    """Days `start` to `end`, both included. `label` is short and already translated.

    `second_end` is the last day by the other clock (the rule's when the paper ends first, or
    the reverse): it is drawn as a dotted tail. `open_end` says that the days go on past `end`, and
    nobody knows until when: the drawing ends there, not they. `own_end` is the last good day of
    the paper itself; where something else ends its days, `note` says what, in words. Raises
    ValueError when the end is before the start.
    """

    start: date
    end: date
    state: State
    label: str = ""
    second_end: date | None = None
    open_end: bool = False
    own_end: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("an interval ends on or after the day it starts")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement: its name, its rule in a few words (period, article), its intervals."""

    label: str
    rule: str
    intervals: tuple[Interval, ...]
    url: str = ""


def combine(rows: Iterable[Row], *, today: date) -> tuple[Interval, ...]:
    """All requirements together: for each day the gravest state, neighbours of one state joined.

    That a paper ends soon says nothing of the days before today: they were covered.
    """
    intervals = [interval for row in rows for interval in row.intervals]
    borders = sorted({i.start for i in intervals} | {i.end + DAY for i in intervals} | {today})
    joined: list[Interval] = []
    for first, after in pairwise(borders):
        states = {i.state for i in intervals if i.start <= first <= i.end}
        if not states:
            continue
        state = min(states, key=GRAVEST.index)
        if state is State.EXPIRING and first < today:
            state = State.COVERED
        last, previous = after - DAY, joined[-1] if joined else None
        goes_on = any(i.open_end for i in intervals if i.state is state and i.end == last)
        if previous and previous.state is state and previous.end + DAY == first:
            joined[-1] = replace(previous, end=last, open_end=goes_on)
        else:
            joined.append(Interval(first, last, state, open_end=goes_on))
    return tuple(joined)


def covered_share(intervals: Iterable[Interval], *, since: date, until: date) -> float | None:
    """The share (0 to 1) of days from `since` to `until`, both included, on which all was good.

    Counts only days of which something is known; None when there is none. A day covered by a
    paper that came late is not a good day: it was a gap when it passed.
    """
    good = known = 0
    for interval in intervals:
        first, last = max(interval.start, since), min(interval.end, until)
        days = max((last - first).days + 1, 0)
        known += days
        good += days if interval.state in GOOD else 0
    return good / known if known else None


def from_coverage(
    intervals: Iterable[coverage.Interval], *, window_end: date
) -> tuple[Interval, ...]:
    """The intervals of `vigilance.coverage` as drawn: an open end stops at `window_end`.

    Those that begin after `window_end` are left out. Labels are the page's to add.
    """
    return tuple(
        Interval(
            i.span.first,
            i.span.until or window_end,
            State(i.state.value),
            open_end=i.span.until is None,
            own_end=i.good_until,
        )
        for i in intervals
        if i.span.until or i.span.first <= window_end
    )
