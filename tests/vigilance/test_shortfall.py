"""The gap of a supplier towards a company: few dates that say what all its duties say."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from supplier.kernel.database import new_id, transaction
from supplier.parties.models import Supplier
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.models import Obligation, Shortfall
from supplier.vigilance.shortfall import shortfall_of
from supplier.vigilance.shortfalls import (
    gaps_in_sight,
    is_short,
    with_gap,
    with_gap_to_come,
    write_shortfalls,
)
from supplier.vigilance.states import is_open_gap, opens_between, visible
from tests.make import Maker

START = date(2026, 1, 1)
NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)
RELATIONS = (uuid.UUID(int=1), uuid.UUID(int=2))
#: Few days, so that the edges meet.
near = st.integers(0, 12).map(lambda number: START + timedelta(days=number))
some_day = st.none() | near


@dataclass(frozen=True)
class Dates:
    """The dates of a duty, without its row."""

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

    def is_open(self, day: date) -> bool:
        """As `states.is_open_gap` says it in SQL."""
        return (
            self.gap_from is not None
            and self.gap_from <= day
            and self.duty_from <= day
            and (self.duty_until is None or day <= self.duty_until)
            and not within(self.waived_from, self.waived_until, day)
            and not within(self.covered_from, self.covered_until, day)
        )


def within(first: date | None, last: date | None, day: date) -> bool:
    return first is not None and first <= day and (last is None or day <= last)


@st.composite
def duties(draw: st.DrawFn) -> Dates:
    """As the rules write them: what is owed next is not covered, and costs nothing before."""
    duty_from, length = draw(near), draw(st.none() | st.integers(0, 9))
    euros = st.integers(0, 3).map(Decimal)
    one = Dates(
        engagement_id=draw(st.sampled_from(RELATIONS)),
        duty_from=duty_from,
        duty_until=None if length is None else duty_from + timedelta(days=length),
        covered_from=draw(some_day), covered_until=draw(some_day),
        waived_from=draw(some_day), waived_until=draw(some_day),
        gap_from=draw(some_day), next_due_on=None, exposed=Decimal(0), daily_rate=draw(euros),
    )  # fmt: skip
    days = [day for day in span(40) if one.is_open(day)]
    due_on = draw(st.none() | st.sampled_from(days)) if days else None
    exposed = draw(euros) if one.is_open(AS_OF) else Decimal(0)
    return Dates(**{**vars(one), "next_due_on": due_on, "exposed": exposed})


def span(number: int) -> list[date]:
    return [START + timedelta(days=each) for each in range(number)]


AS_OF = START + timedelta(days=4)


@settings(max_examples=500)
@given(st.lists(duties(), min_size=1, max_size=4))
def test_the_few_dates_say_what_the_duties_say_as_long_as_they_claim_to(
    known: Sequence[Dates],
) -> None:
    found = shortfall_of(known, as_of=AS_OF)
    for day in (one for one in span(40) if one >= AS_OF):
        opened = [one for one in known if one.is_open(day)]
        if found is None:
            assert not opened
            continue
        if found.holds_until is not None and day > found.holds_until:
            break
        assert found.is_open(day) == bool(opened), day
        if opened:
            assert found.exposed == sum(
                max((one.exposed for one in opened if one.engagement_id == each), default=0)
                for each in RELATIONS
            )
            continue
        dues = [one.next_due_on for one in known if one.next_due_on and one.next_due_on > day]
        assert found.due_on == min(dues, default=None) or (found.due_on or day) <= day


@settings(max_examples=300)
@given(st.lists(duties(), min_size=1, max_size=4))
def test_what_a_day_of_the_gap_costs_is_that_of_its_first_day_to_come(
    known: Sequence[Dates],
) -> None:
    found = shortfall_of(known, as_of=AS_OF)
    if found is None:
        return
    first = AS_OF if found.is_open(AS_OF) else found.due_on or found.since
    assert first is not None
    assert found.daily_rate == sum(
        max((one.daily_rate for one in known if one.is_open(first) and one.engagement_id == each),
            default=0)
        for each in RELATIONS
    )  # fmt: skip


def test_the_database_lists_the_same_gaps_from_the_few_dates_as_from_the_duties(
    app: Flask, make: Maker
) -> None:
    buyers = [make.buyer(f"Kerlan {number}") for number in range(2)]
    engagements = {
        (supplier, buyer.id): make.engagement(supplier, buyer).id
        for supplier in (make.supplier(f"Alpha {number}") for number in range(2))
        for buyer in buyers
    }
    places = list(engagements)
    sights = [None, *(frozenset({one.id}) for one in buyers), frozenset(one.id for one in buyers)]

    @settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(places), duties()), max_size=5), st.integers(0, 16))
    def agree(drawn: list[tuple[tuple[Supplier, uuid.UUID], Dates]], ahead: int) -> None:
        day = AS_OF + timedelta(days=ahead)
        with transaction() as session:
            session.execute(delete(Obligation))
            for code, ((supplier, buyer_id), dates) in zip(RequirementCode, drawn, strict=False):
                values = vars(dates) | {"engagement_id": engagements[(supplier, buyer_id)]}
                session.add(Obligation(
                    id=new_id(), supplier_id=supplier.id, buyer_id=buyer_id,
                    requirement=code.value, basis="law", intervals=[], rules_version="test",
                    refreshed_at=NOW, asked_on=START, **values,
                ))  # fmt: skip
            session.flush()
            write_shortfalls(session, {one.id for one, _ in places}, today=AS_OF)
            stale = set(session.scalars(
                select(Shortfall.supplier_id).where(Shortfall.holds_until < day)
            ))  # fmt: skip
            for sight in sights:
                until = day + timedelta(days=5)
                due = opens_between(day + timedelta(days=1), until)
                opened = visible(select(Obligation.supplier_id).where(is_open_gap(day)), sight)
                coming = visible(select(Obligation.supplier_id).where(due), sight)
                gap = gaps_in_sight(sight, day)
                by_relation = visible(
                    select(Obligation.supplier_id, func.max(Obligation.exposed).label("most")),
                    sight,
                ).where(is_open_gap(day))
                one = by_relation.group_by(
                    Obligation.supplier_id, Obligation.engagement_id
                ).subquery()  # fmt: skip
                euros = select(one.c.supplier_id, func.sum(one.c.most)).group_by(one.c.supplier_id)

                def told(query: Any) -> dict[uuid.UUID, Any]:
                    return {row[0]: tuple(row[1:]) for row in session.execute(query)
                            if row[0] not in stale}  # fmt: skip

                short = is_short(gap.c, day)
                assert told(select(gap.c.supplier_id).where(short)) == told(opened)
                assert told(select(gap.c.supplier_id, gap.c.exposed).where(short)) == told(euros)
                expected = told(coming).keys() - told(opened)
                assert told(with_gap(sight, day)) == told(opened)
                assert told(with_gap_to_come(sight, day, until=until)).keys() == expected

    agree()
