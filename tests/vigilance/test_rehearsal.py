"""A change of rules is rehearsed on the whole base: publishing it gives the same result."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from supplier.kernel.audit import SYSTEM, Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading
from supplier.kernel.errors import DomainError
from supplier.vigilance import actions
from supplier.vigilance.coverage import State
from supplier.vigilance.models import Obligation
from supplier.vigilance.rehearsal import rehearse_rule
from supplier.vigilance.rules import set_rule
from supplier.vigilance.states import state_expression
from tests.make import Maker

TODAY = date(2026, 11, 23)


def written() -> dict[State, int]:
    with reading() as session:
        state = state_expression(TODAY)
        rows = session.execute(select(state, func.count()).group_by(state))
        return {State(word): count for word, count in rows}


def test_what_was_rehearsed_is_what_happens(make: Maker, clock: FixedClock) -> None:
    buyer, other = make.buyer(), make.buyer("Kerlan Énergies")
    for number, amount in enumerate(("3000.00", "3900.00", "9000.00")):
        supplier = make.supplier(f"Fournisseur {number}")
        make.contract(make.engagement(supplier, buyer), amount=Decimal(amount))
        make.contract(make.engagement(supplier, other), amount=Decimal(amount))
    actions.refresh_all(now=clock.at)
    before = written()
    tried = rehearse_rule(
        "vigilance.threshold", "3500", buyer_id=buyer.id, today=TODAY, now=clock.at
    )
    assert written() == before
    assert tried.turned == 4  # the papers by law and by contract of the order of 3,900 €
    assert {turn.supplier for turn in tried.turns} == {"Fournisseur 1"}
    assert {turn.buyer for turn in tried.turns} == {"Bâtiment"}
    assert {(turn.before, turn.after) for turn in tried.turns} == {
        (State.NOT_REQUIRED, State.MISSING)
    }
    set_rule("vigilance.threshold", "3500", buyer_id=buyer.id, from_on=TODAY,
             by=SYSTEM, now=clock.at)  # fmt: skip
    actions.refresh_all(now=clock.at)
    change = {state: count - before.get(state, 0) for state, count in written().items()}
    assert change == {State.MISSING: 4}


def test_a_rehearsal_leaves_no_trace(make: Maker, clock: FixedClock) -> None:
    make.contract(make.engagement(make.supplier(), make.buyer()))
    rehearse_rule("vigilance.mode", "always", buyer_id=None, today=TODAY, now=clock.at)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 0
        assert session.scalar(select(func.count()).select_from(Obligation)) == 0


def test_a_value_that_cannot_hold_is_refused_before_any_work(
    make: Maker, clock: FixedClock
) -> None:
    with pytest.raises(DomainError):
        rehearse_rule("vigilance.mode", "?", buyer_id=None, today=TODAY, now=clock.at)
