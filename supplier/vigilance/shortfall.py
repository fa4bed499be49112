"""The gap between one supplier and one company as a few dates: one row instead of every duty.

Lists and figures over all suppliers read these; the day decides, as it does for each duty.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from supplier.vigilance.spans import OPEN, Span, span_or_none, subtract


class DutyDates(Protocol):
    """What is read of a duty: the dates and euros of an `Obligation`."""

    engagement_id: uuid.UUID
    duty_from: date
    duty_until: date | None
    covered_from: date | None
    covered_until: date | None
    waived_from: date | None
    waived_until: date | None
    gap_from: date | None
    next_due_on: date | None
    exposed: Decimal
    daily_rate: Decimal


@dataclass(frozen=True, slots=True)
class ShortfallDates:
    """A gap is open from `since` to `until` (None: no known end); `since` None: none is known.

    `due_on` is the first day to come for which something is owed that nobody has handed in.
    Euros count each relationship once. Exact up to `holds_until` (None: always).
    """

    since: date | None
    until: date | None
    due_on: date | None
    exposed: Decimal
    daily_rate: Decimal
    holds_until: date | None

    def is_open(self, day: date) -> bool:
        return (
            self.since is not None
            and self.since <= day
            and (self.until is None or day <= self.until)
        )


def shortfall_of(duties: Iterable[DutyDates], *, as_of: date) -> ShortfallDates | None:
    """The gap that is open on a day or comes next over some duties; None when none is known."""
    known = list(duties)
    gaps = [(one, span) for one in known for span in open_spans(one) if span.last >= as_of]
    dues = [one.next_due_on for one in known if one.next_due_on and one.next_due_on > as_of]
    if not gaps and not dues:
        return None
    since = min((span.first for _, span in gaps), default=None)
    ends = sorted({span.last for _, span in gaps})
    due_on = min(dues, default=None)
    first = as_of if since and since <= as_of else due_on or since or as_of
    # When the first of several gaps is over, or something is owed after it, others count.
    more = len(ends) > 1 or any(due > end for end in ends for due in dues)
    return ShortfallDates(
        since=since,
        until=ends[-1] if ends and ends[-1] != OPEN else None,
        due_on=due_on,
        exposed=_once(gaps, as_of, lambda one: one.exposed),
        daily_rate=_once(gaps, first, lambda one: one.daily_rate),
        holds_until=ends[0] if more else None,
    )


def open_spans(duty: DutyDates) -> tuple[Span, ...]:
    """The days of a duty that are owed and not covered, as its dates tell them."""
    if duty.gap_from is None:
        return ()
    owed = span_or_none(max(duty.gap_from, duty.duty_from), duty.duty_until)
    good = (
        span_or_none(first, last)
        for first, last in (
            (duty.waived_from, duty.waived_until),
            (duty.covered_from, duty.covered_until),
        )
        if first is not None
    )
    return subtract([owed], [span for span in good if span]) if owed else ()


def _once(
    gaps: Iterable[tuple[DutyDates, Span]], day: date, euros: Callable[[DutyDates], Decimal]
) -> Decimal:
    """A day without two papers is one day: the most of each relationship's gaps of that day."""
    most: defaultdict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for one, span in gaps:
        if day in span:
            most[one.engagement_id] = max(most[one.engagement_id], euros(one))
    return sum(most.values(), Decimal(0))
