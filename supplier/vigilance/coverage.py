"""Papers against requirements: which days are covered, by what, and what is due when.

Two axes. A day is judged by what was in hand on that day: a paper covers from its receipt on, so
a late paper never turns the past green (those days read "late"). And it is judged as known at an
instant: what was decided or revoked after that instant does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from supplier.documents.kinds import Basis
from supplier.vigilance.papers import (
    Authenticity,
    Known,
    Paper,
    Standing,
    WaiverFacts,
    known_papers,
)
from supplier.vigilance.requirements import Requirement
from supplier.vigilance.spans import (
    OPEN,
    Span,
    after,
    count_days,
    holding,
    intersect,
    subtract,
    union,
)

__all__ = [
    "SEVERITY",
    "WARN_DAYS",
    "Authenticity",
    "Coverage",
    "DayCount",
    "Interval",
    "IntervalState",
    "Overview",
    "Paper",
    "Standing",
    "State",
    "WaiverFacts",
    "cover",
    "overview",
    "share_of",
    "worst",
]

#: Days before the end of a cover when it counts as ending and a new paper is welcome.
WARN_DAYS = 60


class IntervalState(StrEnum):
    COVERED = "covered"
    #: Still covered, close to the end, and nothing follows.
    EXPIRING = "expiring"
    WAIVED = "waived"
    #: Accepted; the issuer has not confirmed it yet.
    TO_VERIFY = "to_verify"
    #: Handed in; nobody has decided yet.
    PENDING = "pending"
    #: Nothing was in hand on these days; a paper that covers them came later.
    LATE = "late"
    GAP = "gap"
    GAP_TO_COME = "gap_to_come"


class State(StrEnum):
    """The state of a requirement on a day."""

    MISSING = "missing"
    REFUSED = "refused"
    IN_REVIEW = "in_review"
    TO_VERIFY = "to_verify"
    EXPIRING = "expiring"
    WAIVED = "waived"
    COVERED = "covered"
    DORMANT = "dormant"
    NOT_REQUIRED = "not_required"


#: Worst first: an engagement or a supplier is in the worst state of its requirements.
SEVERITY: tuple[State, ...] = tuple(State)

_OPEN_GAPS = frozenset({IntervalState.GAP, IntervalState.GAP_TO_COME, IntervalState.LATE})
#: Days that nothing makes good, whatever may come.
_UNMET = frozenset({IntervalState.GAP, IntervalState.GAP_TO_COME})
_PASSED_GAPS = frozenset({IntervalState.GAP, IntervalState.LATE})
_GREEN = frozenset({IntervalState.COVERED, IntervalState.EXPIRING})
_STATE_OF_INTERVAL = {
    IntervalState.COVERED: State.COVERED,
    IntervalState.EXPIRING: State.EXPIRING,
    IntervalState.WAIVED: State.WAIVED,
    IntervalState.TO_VERIFY: State.TO_VERIFY,
    IntervalState.PENDING: State.IN_REVIEW,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """Some days of the duty, all in one state, with the paper that makes it so."""

    span: Span
    state: IntervalState
    paper_id: str | None = None
    #: The last good day of the paper or waiver itself, whatever cuts the days short (OPEN: no
    #: end); None for days that nothing makes good.
    good_until: date | None = None

    def as_json(self) -> dict[str, str | None]:
        until = self.span.until
        return {
            "from": self.span.first.isoformat(),
            "until": until.isoformat() if until else None,
            "state": self.state.value,
            "document": self.paper_id,
            "good_until": self.good_until.isoformat() if self.good_until else None,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """One requirement of one engagement on the day `as_of`; all days of its duty, in order."""

    requirement: Requirement
    as_of: date
    state: State
    intervals: tuple[Interval, ...]
    #: The paper that covers the day, or else the last one that was handed in.
    paper_id: str | None
    #: Last day of the unbroken cover that holds or ended last (OPEN: no end); None when never.
    covered_until: date | None
    #: First day not covered of the gap that is open or comes next, whatever waits for a decision.
    gap_from: date | None
    #: First day for which the supplier owes a paper that nobody has received or waived.
    next_due_on: date | None
    #: From this day a new paper is welcome.
    renew_from: date | None
    waived_until: date | None
    in_review: bool
    to_verify: bool
    refused: bool

    @property
    def gaps(self) -> tuple[Span, ...]:
        """The days that nothing covered when they passed, and those that nothing covers yet."""
        return union(one.span for one in self.intervals if one.state in _OPEN_GAPS)

    def share(self, within: Span) -> DayCount:
        """How many of the days owed in a window are covered; waived days are not owed."""
        owed = _in_states(self.intervals, frozenset(IntervalState) - {IntervalState.WAIVED})
        green = _in_states(self.intervals, _GREEN)
        return DayCount(
            count_days(intersect(green, [within])), count_days(intersect(owed, [within]))
        )


@dataclass(frozen=True, slots=True)
class DayCount:
    """Days covered out of days owed; `owed` 0 means that there is nothing to judge."""

    covered: int
    owed: int


def cover(
    requirement: Requirement,
    papers: Iterable[Paper],
    *,
    as_of: date,
    known_at: datetime,
    waivers: Iterable[WaiverFacts] = (),
    warn_days: int = WARN_DAYS,
) -> Coverage:
    """The coverage of one requirement on the day `as_of` (Paris), as known at `known_at` (UTC).

    The intervals are disjoint and their union is exactly the duty.
    """
    known = known_papers(requirement, papers, waivers=waivers, known_at=known_at)
    intervals = _with_expiring(_partition(requirement.duty, known, as_of), as_of, warn_days)
    green = union(span for span, _ in known.good)
    uncovered = subtract(requirement.duty, [*green, *known.waived])
    owed = _in_states(intervals, _OPEN_GAPS)
    next_due_on = _open_or_next(owed, as_of)
    return Coverage(
        requirement=requirement,
        as_of=as_of,
        state=_state(requirement, intervals, known, as_of),
        intervals=intervals,
        paper_id=_paper(intervals, known, as_of),
        covered_until=_last_covered(green, as_of),
        gap_from=_open_or_next(uncovered, as_of),
        next_due_on=next_due_on,
        renew_from=_days_before(next_due_on, warn_days),
        waived_until=_end_at(known.waived, as_of),
        in_review=known.in_review,
        to_verify=any(span.last >= as_of for span, _ in known.to_verify),
        refused=known.last_refused,
    )


def _partition(duty: Sequence[Span], known: Known, as_of: date) -> list[Interval]:
    """Every day of the duty once, in the best state that something gives it."""
    layers: list[tuple[IntervalState, Iterable[tuple[Span, str | None]]]] = [
        (IntervalState.COVERED, known.good),
        (IntervalState.WAIVED, [(span, None) for span in known.waived]),
        (IntervalState.TO_VERIFY, known.to_verify),
        (IntervalState.PENDING, known.pending),
        (IntervalState.LATE, known.late),
        (IntervalState.GAP, [(Span(date.min, as_of), None)]),
        (IntervalState.GAP_TO_COME, [(Span(date.min), None)]),
    ]
    rest, found = union(duty), []
    for state, entries in layers:
        for span, paper_id in entries:
            good_until = None if state in _UNMET else span.last
            found += [
                Interval(part, state, paper_id, good_until) for part in intersect(rest, [span])
            ]
            rest = subtract(rest, [span])
    return _joined(sorted(found, key=lambda interval: interval.span))


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Neighbours that say the same become one."""
    joined: list[Interval] = []
    for one in intervals:
        last = joined[-1] if joined else None
        if (
            last
            and (last.state, last.paper_id) == (one.state, one.paper_id)
            and after(last.span.last) == one.span.first
        ):
            joined[-1] = replace(last, span=Span(last.span.first, one.span.last))
        else:
            joined.append(one)
    return joined


def _with_expiring(
    intervals: Sequence[Interval], as_of: date, warn_days: int
) -> tuple[Interval, ...]:
    """Mark the last days of a cover after which the duty goes on and nothing follows."""
    runs = union(one.span for one in intervals if one.state is IntervalState.COVERED)
    gaps = [one.span.first for one in intervals if one.state in _OPEN_GAPS]
    ending = [
        Span(max(run.first, run.last - timedelta(days=warn_days - 1)), run.last)
        for run in runs
        if run.last != OPEN and run.last >= as_of and after(run.last) in gaps
    ]
    found = []
    for one in intervals:
        tail = intersect([one.span], ending) if one.state is IntervalState.COVERED else ()
        found += [replace(one, span=part) for part in subtract([one.span], tail)]
        found += [replace(one, span=part, state=IntervalState.EXPIRING) for part in tail]
    return tuple(sorted(found, key=lambda interval: interval.span))


def _in_states(intervals: Iterable[Interval], states: frozenset[IntervalState]) -> tuple[Span, ...]:
    return union(one.span for one in intervals if one.state in states)


def _next_duty_day(requirement: Requirement, as_of: date) -> date | None:
    """The day itself while the duty runs, else the first day of the next duty, else None."""
    return next((max(span.first, as_of) for span in requirement.duty if span.last >= as_of), None)


def _state(
    requirement: Requirement, intervals: Sequence[Interval], known: Known, as_of: date
) -> State:
    if not requirement.duty:
        return State.NOT_REQUIRED
    day = _next_duty_day(requirement, as_of)
    if day is None:
        return State.DORMANT
    interval = next(one for one in intervals if day in one.span)
    uncovered = State.REFUSED if known.last_refused else State.MISSING
    return _STATE_OF_INTERVAL.get(interval.state, uncovered)


def _paper(intervals: Sequence[Interval], known: Known, as_of: date) -> str | None:
    today = next((one for one in intervals if as_of in one.span), None)
    return (today.paper_id if today else None) or known.last_id


def _open_or_next(spans: Sequence[Span], as_of: date) -> date | None:
    """The first day of the span that holds `as_of`, or else of the next one."""
    return next((span.first for span in spans if span.last >= as_of), None)


def _last_covered(green: Sequence[Span], as_of: date) -> date | None:
    begun = [span.last for span in green if span.first <= as_of]
    return max(begun, default=None)


def _end_at(spans: Sequence[Span], day: date) -> date | None:
    found = holding(spans, day)
    return found.last if found else None


def _days_before(day: date | None, days: int) -> date | None:
    return day - timedelta(days=days) if day else None


@dataclass(frozen=True, slots=True)
class Overview:
    """Several requirements as one: by law and by contract apart, since only the law makes a
    vigilance verdict (DOMAIN rule 33)."""

    law: State
    policy: State

    @property
    def worst(self) -> State:
        return min(self.law, self.policy, key=SEVERITY.index)


def overview(coverages: Iterable[Coverage]) -> Overview:
    """The state of an engagement, or of a supplier over all its engagements."""
    found = list(coverages)
    return Overview(
        law=worst(one.state for one in found if one.requirement.basis is Basis.LAW),
        policy=worst(one.state for one in found if one.requirement.basis is not Basis.LAW),
    )


def worst(states: Iterable[State]) -> State:
    """The worst of several states; nothing at all is not required."""
    return min(states, key=SEVERITY.index, default=State.NOT_REQUIRED)


def share_of(coverages: Iterable[Coverage], *, within: Span) -> DayCount:
    """Days covered out of days owed in a window, over several requirements."""
    counts = [coverage.share(within) for coverage in coverages]
    return DayCount(sum(one.covered for one in counts), sum(one.owed for one in counts))
