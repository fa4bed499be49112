"""Figures over many suppliers: counts, the weeks ahead, coverage by month, why papers fail."""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, case, cast, func, or_, select
from sqlalchemy.orm import Session

from supplier.documents.kinds import Basis
from supplier.documents.models import Decision
from supplier.kernel.clock import add_months, end_of_month, legal_day
from supplier.kernel.database import new_id, reading, transaction
from supplier.parties.models import Engagement
from supplier.vigilance.coverage import DayCount, Interval, IntervalState
from supplier.vigilance.gaps import SIGHT_DAYS
from supplier.vigilance.models import CoverageMonth, Obligation
from supplier.vigilance.spans import Span, count_days, intersect, union
from supplier.vigilance.states import Buyers, is_open_gap, opens_between, visible
from supplier.vigilance.summary import intervals_on

_WEEK = timedelta(weeks=1)
_MONTHS_KEPT = 13
_BATCH = 500
_GREEN = frozenset({IntervalState.COVERED, IntervalState.EXPIRING})


@dataclass(frozen=True, slots=True)
class Counts:
    """What the first sentence of a desk page says. Euros are those of the open gaps so far."""

    open_suppliers: int
    open_papers: int
    exposed: Decimal
    coming_suppliers: int
    coming_until: date


def counts(*, buyers: Buyers, today: date, until: date | None = None) -> Counts:
    """Suppliers with an open gap, what it exposes, and suppliers whose gap opens up to `until`.

    One statement.
    """
    until = until or today + timedelta(days=SIGHT_DAYS)
    by_engagement = visible(
        select(
            Obligation.supplier_id,
            func.count().label("papers"),
            func.max(Obligation.exposed).label("exposed"),
        ).where(is_open_gap(today)),
        buyers,
    ).group_by(Obligation.supplier_id, Obligation.engagement_id)
    one = by_engagement.subquery()
    coming = visible(
        select(func.count(func.distinct(Obligation.supplier_id))).where(
            opens_between(today + timedelta(days=1), until)
        ),
        buyers,
    )
    query = select(
        func.count(func.distinct(one.c.supplier_id)),
        func.coalesce(func.sum(one.c.papers), 0),
        func.coalesce(func.sum(one.c.exposed), 0),
        coming.scalar_subquery(),
    )
    with reading() as session:
        suppliers, papers, exposed, next_ones = session.execute(query).one()
    return Counts(suppliers, int(papers), Decimal(exposed), next_ones, until)


@dataclass(frozen=True, slots=True)
class HorizonWeek:
    """A week from Monday on, if nobody answers: relationships whose gap opens in it, all with a
    gap by its end, and the euros of work done uncovered in it (an estimate, exposure.py)."""

    starts_on: date
    opening: int
    open: int
    exposed: Decimal


def horizon(*, buyers: Buyers, today: date, weeks: int = 13) -> list[HorizonWeek]:
    """The weeks ahead from the present one on; one statement, grouped by day."""
    monday = today - timedelta(days=today.weekday())
    end = monday + weeks * _WEEK - timedelta(days=1)
    with reading() as session:
        days = session.execute(_horizon_query(buyers, today, end)).all()
    return [_week(monday + number * _WEEK, days, today) for number in range(weeks)]


def _horizon_query(buyers: Buyers, today: date, end: date) -> Any:
    """How many relationships fall uncovered on each day, until when, and their euros a day."""
    yesterday = today - timedelta(days=1)
    is_open = is_open_gap(today)
    # What opened before today is one group.
    opened = case((Obligation.gap_from < today, yesterday), else_=Obligation.gap_from)
    last = case(
        (Obligation.duty_until.is_(None), end),
        (Obligation.duty_until > end, end),
        else_=Obligation.duty_until,
    )
    one = (
        visible(
            select(
                func.min(case((is_open, opened), else_=Obligation.next_due_on)).label("first"),
                func.max(last).label("last"),
                func.max(Obligation.daily_rate).label("rate"),
            ).where(or_(is_open, opens_between(today + timedelta(days=1), end))),
            buyers,
        )
        # The order of an index that holds all these columns.
        .group_by(Obligation.supplier_id, Obligation.engagement_id)
        .subquery("by_engagement")
    )
    return select(
        one.c.first,
        one.c.last,
        func.count().label("number"),
        func.sum(one.c.rate).label("rate"),
    ).group_by(one.c.first, one.c.last)


def _week(monday: date, days: Sequence[Any], today: date) -> HorizonWeek:
    sunday = monday + timedelta(days=6)
    opening = sum(day.number for day in days if max(monday, today) <= day.first <= sunday)
    under_way = [day for day in days if day.first <= sunday and day.last >= monday]
    exposed = Decimal(0)
    for day in under_way:
        first = max(day.first, monday, today)
        exposed += Decimal(day.rate or 0) * max(0, (min(day.last, sunday) - first).days + 1)
    return HorizonWeek(monday, opening, sum(day.number for day in under_way), exposed)


@dataclass(frozen=True, slots=True)
class MonthShare:
    """Days covered of the days owed by law in a month; no days owed, no share."""

    month_on: date
    days: DayCount

    @property
    def share(self) -> float | None:
        return self.days.covered / self.days.owed if self.days.owed else None


def coverage_share(*, buyers: Buyers, start: date, end: date) -> list[MonthShare]:
    """Coverage by month from the month of `start` to that of `end`; one statement.

    Read from the counts of the last night (`count_coverage`); months without any are left out.
    """
    query = (
        select(
            CoverageMonth.month_on,
            func.sum(CoverageMonth.covered).label("covered"),
            func.sum(CoverageMonth.owed).label("owed"),
        )
        .where(CoverageMonth.month_on >= start.replace(day=1), CoverageMonth.month_on <= end)
        .group_by(CoverageMonth.month_on)
        .order_by(CoverageMonth.month_on)
    )
    if buyers is not None:
        query = query.where(CoverageMonth.buyer_id.in_(buyers))
    with reading() as session:
        return [
            MonthShare(row.month_on, DayCount(int(row.covered), int(row.owed)))
            for row in session.execute(query)
        ]


def count_coverage(now: datetime) -> dict[str, int]:
    """Count the last thirteen months again, for every company, from the intervals as they are.

    A day of a relationship is covered when every paper that the law asks for was good on it.
    """
    today = legal_day(now)
    months = [
        Span(first, min(end_of_month(first), today))
        for first in (add_months(today.replace(day=1), -number) for number in range(_MONTHS_KEPT))
    ]
    tally: defaultdict[tuple[uuid.UUID, date], list[int]] = defaultdict(lambda: [0, 0])
    with reading() as session:
        for buyer_id, intervals in _by_engagement(session, today):
            _add(tally, buyer_id, intervals, months)
    with transaction() as session:
        _keep(session, tally, now=now)
    return {"months": len(tally)}


def _by_engagement(session: Session, today: date) -> Iterable[tuple[uuid.UUID, list[Interval]]]:
    """The intervals of each engagement's duties by law, all requirements together."""
    rows = session.execute(
        select(Obligation.engagement_id, Obligation.buyer_id, Obligation.intervals)
        .where(Obligation.basis == Basis.LAW.value)
        .order_by(Obligation.engagement_id)
        .execution_options(yield_per=_BATCH)
    )
    engagement_id, buyer_id, found = None, None, list[Interval]()
    for row in rows:
        if row.engagement_id != engagement_id and buyer_id is not None:
            yield buyer_id, found
            found = []
        engagement_id, buyer_id = row.engagement_id, row.buyer_id
        found += intervals_on(row.intervals, today=today)
    if buyer_id is not None:
        yield buyer_id, found


def _add(
    tally: Mapping[tuple[uuid.UUID, date], list[int]],
    buyer_id: uuid.UUID,
    intervals: Sequence[Interval],
    months: Sequence[Span],
) -> None:
    owed = union(one.span for one in intervals if one.state is not IntervalState.WAIVED)
    waived = {IntervalState.WAIVED}
    gaps = union(one.span for one in intervals if one.state not in _GREEN | waived)
    for month in months:
        days = count_days(intersect(owed, [month]))
        if days:
            entry = tally[(buyer_id, month.first)]
            entry[0] += days - count_days(intersect(gaps, [month]))
            entry[1] += days


def _keep(
    session: Session, tally: Mapping[tuple[uuid.UUID, date], list[int]], *, now: datetime
) -> None:
    known = {(row.buyer_id, row.month_on): row for row in session.scalars(select(CoverageMonth))}
    for (buyer_id, month_on), (covered, owed) in tally.items():
        row = known.get((buyer_id, month_on))
        if row is None:
            row = CoverageMonth(id=new_id(), buyer_id=buyer_id, month_on=month_on)
            session.add(row)
        row.covered, row.owed, row.counted_at = covered, owed, now


@dataclass(frozen=True, slots=True)
class Refusals:
    """Why papers were refused: how many papers, and each reason with its count, most first."""

    papers: int
    reasons: tuple[tuple[str, int], ...]


def refusal_reasons(*, buyers: Buyers, since: datetime) -> Refusals:
    """The reasons of the refusals since an instant; a paper with two reasons counts in both.

    One statement, grouped by the list of reasons.
    """
    words = cast(Decision.reasons, Text)
    query = (
        select(words.label("words"), func.count().label("number"))
        .where(Decision.outcome == "refuse", Decision.at >= since, Decision.revoked_at.is_(None))
        .group_by(words)
    )
    if buyers is not None:
        theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
        query = query.where(Decision.supplier_id.in_(theirs))
    papers, tally = 0, Counter[str]()
    with reading() as session:
        for row in session.execute(query):
            papers += row.number
            for reason in set(json.loads(row.words or "[]")):
                tally[str(reason)] += row.number
    return Refusals(papers, tuple(sorted(tally.items(), key=lambda one: (-one[1], one[0]))))
