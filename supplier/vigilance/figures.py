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

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from supplier.documents.kinds import Basis
from supplier.documents.models import Decision
from supplier.kernel.clock import add_months, end_of_month, legal_day
from supplier.kernel.database import new_id, reading, transaction
from supplier.parties.models import Engagement
from supplier.vigilance.coverage import DayCount, Interval, IntervalState
from supplier.vigilance.gaps import SIGHT_DAYS
from supplier.vigilance.models import CoverageMonth, Obligation
from supplier.vigilance.shortfalls import falls_short_between, gaps_in_sight, is_short
from supplier.vigilance.spans import Span, count_days, intersect, union
from supplier.vigilance.states import Buyers, is_open_gap, visible
from supplier.vigilance.summary import intervals_on

_WEEK = timedelta(weeks=1)
_MONTHS_KEPT = 13
_BATCH = 500
_GREEN = frozenset({IntervalState.COVERED, IntervalState.EXPIRING})


@dataclass(frozen=True, slots=True)
class Counts:
    """What the first sentence of a desk page says. Euros are those of the open gaps so far.

    `ours` of the open ones wait for us alone: they handed in everything that they owe. `beside` is
    the number that was asked for in the same statement.
    """

    open_suppliers: int
    ours: int
    exposed: Decimal
    coming_suppliers: int
    coming_until: date
    beside: int = 0


def counts(
    *,
    buyers: Buyers,
    today: date,
    until: date | None = None,
    beside: ScalarSelect[int] | None = None,
) -> Counts:
    """Suppliers with an open gap, what it exposes, and suppliers whose first gap opens up to
    `until`.

    One statement.
    """
    until = until or today + timedelta(days=SIGHT_DAYS)
    gap = gaps_in_sight(buyers, today)
    tomorrow = today + timedelta(days=1)
    coming = falls_short_between(gap.c, tomorrow, until, today=today)
    query = select(
        func.count(),
        func.coalesce(func.sum(case((_is_ours(gap.c, buyers, today), 1), else_=0)), 0),
        func.coalesce(func.sum(gap.c.exposed), 0),
        select(func.count()).select_from(gap).where(coming).scalar_subquery(),
        literal(0) if beside is None else beside,
    ).where(is_short(gap.c, today))
    with reading() as session:
        suppliers, ours, exposed, next_ones, other = session.execute(query).one()
    return Counts(suppliers, ours, Decimal(exposed), next_ones, until, other)


def _is_ours(gap: Any, buyers: Buyers, today: date) -> ColumnElement[bool]:
    """Everything that a supplier in gap lacks waits for our decision or for its issuer.

    Those with anything that waits for us are few and found by an index: only they are looked at.
    """
    waiting = union_all(
        select(Obligation.supplier_id).where(Obligation.in_review),
        select(Obligation.supplier_id).where(Obligation.to_verify),
    )
    theirs = visible(
        select(Obligation.id).where(
            Obligation.supplier_id == gap.supplier_id,
            is_open_gap(today),
            ~Obligation.in_review,
            ~Obligation.to_verify,
        ),
        buyers,
    )
    return and_(gap.supplier_id.in_(waiting), ~theirs.exists())


@dataclass(frozen=True, slots=True)
class HorizonWeek:
    """A week from Monday on, if nobody answers: suppliers whose first gap opens in it, all with a
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
        rows = session.execute(_horizon_query(buyers, today, end)).all()
    days = [_Fall(row.first, row.last or end, row.number, Decimal(row.rate or 0)) for row in rows]
    return [_week(monday + number * _WEEK, days, today) for number in range(weeks)]


@dataclass(frozen=True, slots=True)
class _Fall:
    """How many suppliers fall uncovered on a day, until when, and their euros a day."""

    first: date
    last: date
    number: int
    rate: Decimal


def _horizon_query(buyers: Buyers, today: date, end: date) -> Any:
    """Rows of `_Fall`. Each part is grouped in the order of an index; what opened before today
    is one group a last day."""
    yesterday = today - timedelta(days=1)
    gap = gaps_in_sight(buyers, today)
    lasts = or_(gap.c.until.is_(None), gap.c.until >= today)

    def fall(first: Any, condition: Any) -> Any:
        return select(
            first.label("first"), gap.c.until.label("last"), func.count().label("number"),
            func.sum(gap.c.daily_rate).label("rate"),
        ).where(condition)  # fmt: skip

    before = fall(literal(yesterday), and_(gap.c.since < today, lasts)).group_by(gap.c.until)
    opened = fall(literal(today), and_(gap.c.since == today, lasts)).group_by(gap.c.until)
    coming = fall(
        gap.c.due_on, falls_short_between(gap.c, today + timedelta(days=1), end, today=today)
    ).group_by(gap.c.due_on, gap.c.until)
    return union_all(before, opened, coming)


def _week(monday: date, days: Sequence[_Fall], today: date) -> HorizonWeek:
    sunday = monday + timedelta(days=6)
    opening = sum(day.number for day in days if max(monday, today) <= day.first <= sunday)
    under_way = [day for day in days if day.first <= sunday and day.last >= monday]
    exposed = Decimal(0)
    for day in under_way:
        first = max(day.first, monday, today)
        exposed += day.rate * max(0, (min(day.last, sunday) - first).days + 1)
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
