"""What coverage tells of a supplier in a period: days covered, papers that came on time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supplier.evaluation.scoring import DaysCovered, Delivery
from supplier.vigilance.coverage import Interval, IntervalState
from supplier.vigilance.spans import Span, after, before, count_days, intersect

_GREEN = frozenset({IntervalState.COVERED, IntervalState.EXPIRING})
#: Handed in: what is left to do is ours, so these days count neither for nor against.
_OURS = frozenset({IntervalState.PENDING, IntervalState.TO_VERIFY})
_UNCOVERED = frozenset({IntervalState.GAP, IntervalState.LATE})


@dataclass(frozen=True, slots=True)
class PaperDates:
    """When a paper came and its last good day (Paris days)."""

    received_on: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One requirement of one relationship; nobody is late before `asked_on`."""

    requirement: str
    intervals: tuple[Interval, ...]
    asked_on: date


def days_covered(duties: Iterable[Duty], *, window: Span) -> tuple[DaysCovered, ...]:
    """Days covered out of days owed, by requirement, all relationships together."""
    tally: dict[str, list[int]] = {}
    for duty in duties:
        entry = tally.setdefault(duty.requirement, [0, 0])
        for one in duty.intervals:
            days = count_days(intersect([one.span], [window]))
            entry[0] += days if one.state in _GREEN else 0
            entry[1] += days if one.state in _GREEN | _UNCOVERED else 0
    return tuple(DaysCovered(code, *counts) for code, counts in tally.items() if counts[1])


def gap_since(duties: Iterable[Duty], *, judged_on: date) -> date | None:
    """The first day of the oldest gap that is open on a day; None where nothing is missing."""
    begun = (_gap_of(duty, judged_on) for duty in duties)
    return min((day for day in begun if day is not None), default=None)


def _gap_of(duty: Duty, judged_on: date) -> date | None:
    """A day of grace and the gap after it are one: both go without a paper."""
    first: date | None = None
    for one in duty.intervals:
        if one.span.first > judged_on:
            break
        if one.state not in _UNCOVERED:
            first = None
        elif first is None:
            first = one.span.first
        if judged_on in one.span:
            return first if one.state is IntervalState.GAP else None
    return None


def deliveries(
    duties: Iterable[Duty], papers: Mapping[str, PaperDates], *, window: Span
) -> tuple[Delivery, ...]:
    """The papers that fell due in the window and the day each came.

    A paper is due where a duty begins, where a cover ends and where one paper follows another.
    One paper that answers two companies is one delivery.
    """
    found = {
        Delivery(duty.requirement, due_on, came_on)
        for duty in duties
        for due_on, came_on in _due(duty, papers)
        if due_on in window
    }
    return tuple(sorted(found, key=lambda one: (one.due_on, one.requirement, str(one.received_on))))


def _due(duty: Duty, papers: Mapping[str, PaperDates]) -> Iterable[tuple[date, date | None]]:
    previous: Interval | None = None
    for place, one in enumerate(duty.intervals):
        begins = previous is None or after(previous.span.last) != one.span.first
        if one.state is not IntervalState.WAIVED and (begins or _ends(previous, one)):
            rest = duty.intervals[place:]
            yield _due_on(duty, previous, one, papers, begins=begins), _came_on(rest, papers)
        previous = one


def _ends(previous: Interval | None, one: Interval) -> bool:
    """Whether something new is owed where an interval follows another."""
    if previous is None or previous.state is IntervalState.WAIVED:
        return True
    return previous.state in _GREEN and (
        one.state not in _GREEN or one.paper_id != previous.paper_id
    )


def _due_on(
    duty: Duty,
    previous: Interval | None,
    one: Interval,
    papers: Mapping[str, PaperDates],
    *,
    begins: bool,
) -> date:
    """Where a paper followed another before its end, it was due at that end only."""
    if begins:
        return max(one.span.first, duty.asked_on)
    known = papers.get(previous.paper_id or "") if previous else None
    if known is None or known.valid_until is None or one.state not in _GREEN:
        return one.span.first
    return max(after(known.valid_until), one.span.first)


def _came_on(rest: Sequence[Interval], papers: Mapping[str, PaperDates]) -> date | None:
    """The day on which the paper came that answers; None while none has."""
    for one in rest:
        if one.state is IntervalState.WAIVED:
            return None
        if one.state in _GREEN | _OURS | {IntervalState.LATE} and one.paper_id:
            known = papers.get(one.paper_id)
            return known.received_on if known else one.span.first
        if one.state in _GREEN:
            return one.span.first
    return None


def window_of(starts_on: date, ends_on: date, *, today: date) -> Span | None:
    """The days of a period that are over, today left out; None before its second day."""
    last = min(ends_on, before(today))
    return Span(starts_on, last) if starts_on <= last else None
