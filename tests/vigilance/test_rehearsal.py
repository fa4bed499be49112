"""A change of rules is rehearsed on the whole base: publishing it gives the same result."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from supplier import jobs
from supplier.adapters.queue import Job
from supplier.kernel.audit import SYSTEM, Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.parties.models import RuleOverride
from supplier.vigilance import actions, rehearsal
from supplier.vigilance.coverage import State
from supplier.vigilance.models import Obligation, RuleRehearsal
from supplier.vigilance.rehearsal import decide_rehearsed, get_rehearsal, list_turns
from supplier.vigilance.states import state_expression
from tests.make import Maker

TODAY = date(2026, 11, 23)


def written() -> dict[str, int]:
    with reading() as session:
        state = state_expression(TODAY)
        rows = session.execute(select(state, func.count()).group_by(state))
        return {State(word).value: count for word, count in rows}


def asked(
    clock: FixedClock, key: str = "vigilance.threshold", value: str = "3500",
    buyer_id: uuid.UUID | None = None,
) -> uuid.UUID:  # fmt: skip
    return rehearsal.rehearse(key, value, buyer_id=buyer_id, buyers=None, by=SYSTEM, now=clock.at)


def rehearsed(rehearsal_id: uuid.UUID, clock: FixedClock) -> RuleRehearsal:
    jobs.run_due(now=clock.at)
    return get_rehearsal(rehearsal_id, buyers=None)


def orders(make: Maker, *amounts: str) -> tuple[uuid.UUID, uuid.UUID]:
    """A supplier an amount, each ordered from by both companies."""
    buyer, other = make.buyer(), make.buyer("Kerlan Énergies")
    for number, amount in enumerate(amounts):
        supplier = make.supplier(f"Fournisseur {number}")
        make.contract(make.engagement(supplier, buyer), amount=Decimal(amount))
        make.contract(make.engagement(supplier, other), amount=Decimal(amount))
    return buyer.id, other.id


def test_what_was_rehearsed_is_what_happens(make: Maker, clock: FixedClock) -> None:
    buyer_id, _ = orders(make, "3000.00", "3900.00", "9000.00")
    actions.refresh_all(now=clock.at)
    before = written()
    tried = rehearsed(asked(clock, buyer_id=buyer_id), clock)
    assert written() == before
    assert (tried.total, tried.judged, tried.finished_at) == (3, 3, clock.at)
    # The papers by law and by contract of the order of 3,900 €.
    assert (tried.turned, tried.suppliers) == (4, 1)
    turns = list_turns(tried)
    assert {(turn.supplier, turn.buyer) for turn in turns} == {("Fournisseur 1", "Bâtiment")}
    assert {(turn.before, turn.after) for turn in turns} == {(State.NOT_REQUIRED, State.MISSING)}
    decide_rehearsed(tried.id, from_on=TODAY, buyers=None, by=SYSTEM, now=clock.at)
    jobs.run_due(now=clock.at)
    change = {state: count - before.get(state, 0) for state, count in written().items()}
    assert change == {"missing": 4}
    assert tried.after["missing"] - tried.before["missing"] == 4


def test_a_large_base_is_judged_some_suppliers_at_a_time(
    make: Maker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(make, "3000.00", "3900.00", "3950.00", "9000.00")
    whole = rehearsed(asked(clock), clock)
    monkeypatch.setattr(rehearsal, "BATCH", 2)
    rehearsal_id = asked(clock)
    jobs.run_due(now=clock.at, limit=1)
    half = get_rehearsal(rehearsal_id, buyers=None)
    assert (half.judged, half.finished_at) == (2, None)
    end = rehearsed(rehearsal_id, clock)
    assert (end.judged, end.before, end.after) == (4, whole.before, whole.after)
    assert (end.turned, end.suppliers) == (whole.turned, whole.suppliers) == (16, 2)
    assert sorted(end.turns) == sorted(whole.turns)


def test_an_errand_that_comes_twice_counts_once(make: Maker, clock: FixedClock) -> None:
    orders(make, "3900.00")
    rehearsal_id = asked(clock)
    with reading() as session:
        payload = session.scalars(select(Job.payload).where(Job.task == rehearsal.TASK)).one()
    once = rehearsed(rehearsal_id, clock)
    rehearsal.rehearse_task(payload, clock.at)
    twice = get_rehearsal(rehearsal_id, buyers=None)
    assert (twice.judged, twice.turned) == (once.judged, once.turned) == (1, 8)


def test_a_rehearsal_changes_nothing_but_itself(make: Maker, clock: FixedClock) -> None:
    make.contract(make.engagement(make.supplier(), make.buyer()))
    rehearsed(asked(clock, "vigilance.mode", "always"), clock)
    with reading() as session:
        assert session.scalars(select(Event.kind)).all() == ["rule.rehearsed"]
        for table in (Obligation, RuleOverride):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_days_of_reminders_change_no_state(make: Maker, clock: FixedClock) -> None:
    orders(make, "3900.00")
    row = get_rehearsal(asked(clock, "reminders.plan", "30,7"), buyers=None)
    assert (row.finished_at, row.turned) == (clock.at, 0)


def test_a_rehearsal_is_decided_once(make: Maker, clock: FixedClock) -> None:
    orders(make, "3900.00")
    row = rehearsed(asked(clock), clock)
    decide_rehearsed(row.id, from_on=date(2026, 12, 1), buyers=None, by=SYSTEM, now=clock.at)
    with pytest.raises(ConflictError):
        decide_rehearsed(row.id, from_on=TODAY, buyers=None, by=SYSTEM, now=clock.at)
    with reading() as session:
        decided = session.scalars(select(RuleOverride)).one()
    assert (decided.key, decided.value, decided.from_on) == (
        "vigilance.threshold", "3500", date(2026, 12, 1),
    )  # fmt: skip


def test_who_sees_one_company_rehearses_for_that_one_only(make: Maker, clock: FixedClock) -> None:
    ours, theirs = orders(make, "3900.00")
    sight = frozenset({ours})
    for buyer_id in (theirs, None):
        with pytest.raises(NotFoundError):
            rehearsal.rehearse("vigilance.threshold", "3500", buyer_id=buyer_id, buyers=sight,
                               by=SYSTEM, now=clock.at)  # fmt: skip
    for row_id in (asked(clock, buyer_id=theirs), asked(clock)):
        with pytest.raises(NotFoundError):
            get_rehearsal(row_id, buyers=sight)
        with pytest.raises(NotFoundError):
            decide_rehearsed(row_id, from_on=TODAY, buyers=sight, by=SYSTEM, now=clock.at)


def test_a_value_that_cannot_hold_is_refused_before_any_work(
    make: Maker, clock: FixedClock
) -> None:
    with pytest.raises(DomainError):
        asked(clock, "vigilance.mode", "?")
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 0
