"""The plan page adds up counts that are kept: they are those of the lines, whatever happened."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from supplier.kernel.database import new_id, reading, transaction
from supplier.retention import queries
from supplier.retention.models import LegalHold, RetentionCount, RetentionEntry
from supplier.retention.plan import count_entries, forget_entries
from supplier.retention.queries import STANDINGS, EntryFilter
from supplier.retention.schedule import RuleCode
from tests.make import Maker

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()
#: Rules with an end and without, few days, so that lines share them.
rules = st.sampled_from([RuleCode.CONTRACT, RuleCode.INVOICE, RuleCode.LEGAL_ENTITY])
days = st.none() | st.sampled_from([-400, -1, 0, 1, 92, 93, 800]).map(
    lambda number: TODAY + timedelta(days=number)
)
kept = st.lists(st.tuples(rules, days, days, st.integers(0, 3)), max_size=12)


def lines() -> list[RetentionEntry]:
    with reading() as session:
        return list(session.scalars(select(RetentionEntry)))


def counted() -> dict[tuple[str, date | None, date | None], int]:
    with reading() as session:
        return {
            (row.rule, row.starts_on, row.first_erasable_on): row.number
            for row in session.scalars(select(RetentionCount))
            if row.number
        }


def recounted() -> dict[tuple[str, date | None, date | None], int]:
    dates = (RetentionEntry.rule, RetentionEntry.starts_on, RetentionEntry.first_erasable_on)
    with reading() as session:
        rows = session.execute(select(*dates, func.count()).group_by(*dates))
        return {(row[0], row[1], row[2]): row[3] for row in rows}


Place = tuple[uuid.UUID | None, uuid.UUID | None]


def write(found: list[tuple[RuleCode, date | None, date | None, int]], places: list[Place]) -> None:
    with transaction() as session:
        session.execute(delete(RetentionEntry))
        session.add_all(
            RetentionEntry(
                id=new_id(), subject_type=rule.value, subject_id=new_id(), rule=rule.value,
                supplier_id=places[place][0], buyer_id=places[place][1], label="",
                starts_on=starts_on,
                first_erasable_on=None if rule is RuleCode.LEGAL_ENTITY else first_on,
            )
            for rule, starts_on, first_on, place in found
        )  # fmt: skip


def test_the_kept_counts_give_the_figures_of_the_lines_after_any_changes(
    app: Flask, make: Maker
) -> None:
    buyers = [make.buyer(f"Kerlan {number}") for number in range(2)]
    held, free = make.supplier("Retenu"), make.supplier("Libre")
    make.engagement(held, buyers[0])
    make.engagement(free, buyers[1])
    places = [(held.id, None), (held.id, buyers[0].id), (free.id, None), (None, buyers[1].id)]
    everybody = frozenset(one.id for one in buyers)
    with transaction() as session:
        session.add(LegalHold(id=new_id(), supplier_id=held.id, reason="", by_id=new_id(),
                              by_name="", at=NOW))  # fmt: skip

    @settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None)
    @given(kept, kept, st.data())
    def agree(before: list, after: list, data: st.DataObject) -> None:
        for found in (before, after):
            write(found, places)
            with transaction() as session:
                count_entries(session, now=NOW)
            assert counted() == recounted()
        gone = [row.subject_id for row in lines() if data.draw(st.booleans())]
        with transaction() as session:
            forget_entries(session, gone)
        assert counted() == recounted()
        # Who sees every company by name has the lines counted; the whole group the kept counts.
        for on in (TODAY, TODAY + timedelta(days=92)):
            group = queries.plan_on(on, today=TODAY, buyers=None)
            named = queries.plan_on(on, today=TODAY, buyers=everybody)
            assert group.rules == named.rules
        assert queries.falling(buyers=None) == queries.falling(buyers=everybody)
        check_the_list(everybody)

    agree()


def check_the_list(everybody: frozenset[uuid.UUID]) -> None:
    """Each filter counts what it lists, in the order of days, on every page."""
    for standing in ("", *STANDINGS):
        wanted = EntryFilter(standing=standing)
        found = [
            queries.list_entries(wanted, today=TODAY, buyers=None, number=number, size=3)
            for number in range(1, 6)
        ]
        ids = [line.entry.id for page in found[: found[0].pages] for line in page.items]
        assert len(ids) == found[0].total
        whole = queries.list_entries(wanted, today=TODAY, buyers=everybody, number=1, size=99)
        assert ids == [line.entry.id for line in whole.items]
        firsts = [line.entry.first_erasable_on or date.max for line in whole.items]
        assert firsts == sorted(firsts)
