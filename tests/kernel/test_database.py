"""Transactions, the journal and move()."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from supplier.kernel import audit
from supplier.kernel.audit import SYSTEM, Event, broken_links
from supplier.kernel.clock import PARIS
from supplier.kernel.database import durability_fault, ids_from, new_id, reading, transaction
from supplier.parties.models import Supplier
from tests.make import Maker


def test_a_failed_transaction_leaves_nothing(make: Maker) -> None:
    with pytest.raises(RuntimeError), transaction() as session:  # noqa: PT012 (the block is what fails)
        supplier = make.supplier()
        audit.record(session, "supplier.created", subject=supplier, by=SYSTEM, at=make.clock.at)
        raise RuntimeError
    with reading() as session:
        assert session.scalars(select(Supplier)).all() == []
        assert session.scalars(select(Event)).all() == []


def test_the_journal_refuses_to_be_changed(make: Maker) -> None:
    supplier = make.supplier()
    with transaction() as session:
        audit.record(session, "supplier.created", subject=supplier, by=SYSTEM, at=make.clock.at)
    for statement in ("UPDATE event SET kind = 'x'", "DELETE FROM event"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(statement))


def test_the_journal_is_a_whole_chain(make: Maker) -> None:
    supplier = make.supplier()
    with transaction() as session:
        for number in range(5):
            audit.record(
                session, "supplier.seen", subject=supplier, by=SYSTEM,
                at=make.clock.at.astimezone(PARIS),
                data={"n": number},
            )  # fmt: skip
    with reading() as session:
        assert broken_links(session) == []
        assert [event.seq for event in session.scalars(select(Event).order_by(Event.seq))] == [
            1, 2, 3, 4, 5,
        ]  # fmt: skip


@pytest.mark.usefixtures("app")
def test_the_database_keeps_what_it_acknowledges() -> None:
    with reading() as session:
        assert durability_fault(session) is None


def test_ids_follow_from_a_seed_within_its_block_and_its_thread_alone() -> None:
    with ids_from("a story"):
        first, second = new_id(), new_id()
        with ids_from("another"), ThreadPoolExecutor(1) as pool:
            elsewhere, aside = new_id(), pool.submit(new_id).result()
        third = new_id()
    with ids_from("a story"):
        assert [new_id() for _ in range(3)] == [first, second, third]
    assert len({first, second, third, elsewhere, aside, new_id()}) == 6
    assert first.version == 4
