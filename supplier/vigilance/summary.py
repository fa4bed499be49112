"""One requirement of one engagement as a few dates, from which the state of a day follows.

A list of ten thousand suppliers cannot ask the rules for each; it compares these dates in the
database (`queries.state_expression`), and the day decides. `summarise` says up to which day the
dates alone tell the truth; a row past that day is written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from supplier.vigilance.coverage import Coverage, Interval, IntervalState, State
from supplier.vigilance.spans import (
    OPEN,
    Span,
    after,
    before,
    holding,
    intersect,
    subtract,
    union,
)

_DAY = timedelta(days=1)
_COVERED = frozenset({IntervalState.COVERED, IntervalState.EXPIRING})
_UNCOVERED = {
    IntervalState.TO_VERIFY: State.TO_VERIFY,
    IntervalState.PENDING: State.IN_REVIEW,
}
_STATES = {
    IntervalState.COVERED: State.COVERED,
    IntervalState.EXPIRING: State.EXPIRING,
    IntervalState.WAIVED: State.WAIVED,
    **_UNCOVERED,
}


@dataclass(frozen=True, slots=True)
class Summary:
    """Dates are Paris days, last days inclusive; None at the end of a pair is "no end"."""

    duty_from: date
    duty_until: date | None
    covered_from: date | None = None
    covered_until: date | None = None
    #: From this day the cover counts as ending; None when nothing is owed after it.
    warn_from: date | None = None
    waived_from: date | None = None
    waived_until: date | None = None
    #: The state of a day that is neither covered nor waived.
    uncovered: State = State.MISSING

    def state_on(self, day: date) -> State:
        """The state of a day from `as_of` on. Before the duty begins, that of its first day."""
        day = max(day, self.duty_from)
        if self.duty_until is not None and day > self.duty_until:
            return State.DORMANT
        if _within(self.covered_from, self.covered_until, day):
            ending = self.warn_from is not None and day >= self.warn_from
            return State.EXPIRING if ending else State.COVERED
        if _within(self.waived_from, self.waived_until, day):
            return State.WAIVED
        return self.uncovered


def _within(first: date | None, last: date | None, day: date) -> bool:
    return first is not None and first <= day and (last is None or day <= last)


def summarise(coverage: Coverage) -> Summary | None:
    """The dates of a coverage, seen from its day `as_of`; None when nothing is ever due."""
    duty = _current_or_next(coverage.requirement.duty, coverage.as_of)
    if duty is None:
        return None
    day = max(coverage.as_of, duty.first)
    run = _holding_or_last(_runs(coverage, _COVERED), day)
    waiver = _current_or_next(_runs(coverage, frozenset({IntervalState.WAIVED})), day)
    return Summary(
        duty_from=duty.first,
        duty_until=duty.until,
        covered_from=run.first if run else None,
        covered_until=run.until if run else None,
        warn_from=_warn_from(coverage, run),
        waived_from=waiver.first if waiver else None,
        waived_until=waiver.until if waiver else None,
        uncovered=_uncovered(coverage, day),
    )


def holds_until(summary: Summary, coverage: Coverage) -> date | None:
    """The last day up to which the summary says what the rules say; None for always.

    Only the days on which an interval begins or has just ended can differ; each is compared.
    """
    starts = {one.span.first for one in coverage.intervals}
    ends = {one.span.last + _DAY for one in coverage.intervals if one.span.last != OPEN}
    for day in sorted(day for day in starts | ends if day > coverage.as_of):
        if state_on(coverage, day) is not summary.state_on(day):
            return before(day)
    return None


def state_on(coverage: Coverage, day: date) -> State:
    """The state that the rules would give on a later day if no fact changed meanwhile.

    The days are cut into the same intervals whatever the day they are looked at from.
    """
    duty = next((span for span in coverage.requirement.duty if span.last >= day), None)
    if duty is None:
        return State.DORMANT
    judged = max(day, duty.first)
    interval = next(one for one in coverage.intervals if judged in one.span)
    uncovered = State.REFUSED if coverage.refused else State.MISSING
    return _STATES.get(interval.state, uncovered)


def _runs(coverage: Coverage, states: frozenset[IntervalState]) -> tuple[Span, ...]:
    return union(one.span for one in coverage.intervals if one.state in states)


def _current_or_next(spans: tuple[Span, ...], day: date) -> Span | None:
    """The span that holds the day, or the next one; after the last, the last."""
    following = next((span for span in spans if span.last >= day), None)
    return following or (spans[-1] if spans else None)


def _holding_or_last(spans: tuple[Span, ...], day: date) -> Span | None:
    begun = [span for span in spans if span.first <= day]
    return begun[-1] if begun else None


def _warn_from(coverage: Coverage, run: Span | None) -> date | None:
    ending = [one for one in coverage.intervals if one.state is IntervalState.EXPIRING]
    return next((one.span.first for one in ending if run and one.span.first in run), None)


def _uncovered(coverage: Coverage, day: date) -> State:
    """The word for the first day from `day` on that is neither covered nor waived."""
    settled = _COVERED | {IntervalState.WAIVED}
    open_: list[Interval] = [
        one for one in coverage.intervals if one.span.last >= day and one.state not in settled
    ]
    word = State.REFUSED if coverage.refused else State.MISSING
    return _UNCOVERED.get(open_[0].state, word) if open_ else word


def intervals_on(
    stored: Iterable[Mapping[str, str | None]], *, today: date
) -> tuple[Interval, ...]:
    """The intervals that a row keeps, as they read today: what was to come may have come.

    Holds as long as the row does (`holds_until` says when a fact of another day comes in).
    """
    intervals = [_interval(one) for one in stored]
    # Several papers may share the last days of a cover: all of them end when the cover does.
    ending = union(one.span for one in intervals if one.state is IntervalState.EXPIRING)
    ended = [span for span in ending if span.last < today]
    return _joined(part for one in intervals for part in _as_of(one, today, ended))


def _interval(stored: Mapping[str, str | None]) -> Interval:
    until = stored["until"]
    span = Span(
        date.fromisoformat(stored["from"] or ""), date.fromisoformat(until) if until else OPEN
    )
    good_until = stored.get("good_until")
    return Interval(
        span, IntervalState(stored["state"] or ""), stored["document"],
        date.fromisoformat(good_until) if good_until else None,
    )  # fmt: skip


def _as_of(one: Interval, today: date, ended: Sequence[Span]) -> Iterator[Interval]:
    if one.state in {IntervalState.GAP, IntervalState.GAP_TO_COME}:
        for part in intersect([one.span], [Span(date.min, today)]):
            yield Interval(part, IntervalState.GAP)
        for part in subtract([one.span], [Span(date.min, today)]):
            yield Interval(part, IntervalState.GAP_TO_COME)
    elif one.state is IntervalState.EXPIRING and holding(ended, one.span.first):
        yield replace(one, state=IntervalState.COVERED)
    else:
        yield one


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Neighbours that say the same become one."""
    found: list[Interval] = []
    for one in intervals:
        last = found[-1] if found else None
        if last and _continues(last, one):
            found[-1] = replace(last, span=Span(last.span.first, one.span.last))
        else:
            found.append(one)
    return tuple(found)


def _continues(last: Interval, one: Interval) -> bool:
    same = (last.state, last.paper_id) == (one.state, one.paper_id)
    return same and after(last.span.last) == one.span.first
