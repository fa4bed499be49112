"""Bank details are owed as an account: read, confirmed, verified by two, in service, stopped."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance import actions
from supplier.vigilance.models import Obligation
from supplier.vigilance.needs import Need, portal_needs
from supplier.vigilance.timelines import supplier_coverage
from tests.make import Maker
from tests.vigilance.files import account, at, decide, paper

TODAY = date(2026, 11, 23)
NOW = at(TODAY)


@pytest.fixture
def engagement(make: Maker) -> Engagement:
    row = make.engagement(make.supplier(), make.buyer())
    make.contract(row, created_at=at(date(2026, 10, 1)))
    return row


def supplier_of(engagement: Engagement) -> Supplier:
    with reading() as session:
        return session.get_one(Supplier, engagement.supplier_id)


def rib(engagement: Engagement, outcome: str = "accept", day: date = TODAY) -> object:
    row = paper(supplier_of(engagement), "bank_details", issued_on=day, valid_until=None)
    decide(row, outcome)
    return row


def bank(engagement: Engagement, now: datetime = NOW) -> Need:
    today = now.date()
    actions.refresh_all(now=now, today=today)
    [one] = portal_needs(engagement.supplier_id, today=today)
    return next(need for need in one.needs if need.requirement == "bank_details")


def test_a_rib_that_was_only_read_is_owed_and_waits_for_the_suppliers_word(
    engagement: Engagement,
) -> None:
    assert not bank(engagement).to_confirm
    row = rib(engagement)
    need = bank(engagement)
    assert (need.state, need.is_owed, need.to_confirm) == ("missing", True, True)
    assert need.paper is not None
    assert need.paper.id == row.id  # type: ignore[attr-defined]
    with reading() as session:
        found = session.scalars(
            select(Obligation.next_due_on).where(Obligation.requirement == "bank_details")
        ).one()
    assert found is not None  # so it is reminded


def test_an_account_waits_while_people_verify_it_and_until_its_delay_is_over(
    engagement: Engagement,
) -> None:
    supplier = supplier_of(engagement)
    account(supplier, rib(engagement))  # type: ignore[arg-type]
    need = bank(engagement)
    assert (need.state, need.is_owed, need.to_confirm) == ("in_review", False, False)


def test_an_approved_account_waits_for_its_day_then_covers_without_end(
    engagement: Engagement,
) -> None:
    supplier = supplier_of(engagement)
    active = NOW + timedelta(days=2)
    account(supplier, rib(engagement), approved_at=NOW, active_from=active)  # type: ignore[arg-type]
    assert bank(engagement).state == "in_review"
    with reading() as session:
        row = session.scalars(
            select(Obligation).where(Obligation.requirement == "bank_details")
        ).one()
    assert row.holds_until == active.date() - timedelta(days=1)
    assert bank(engagement, active).state == "covered"


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_an_account_that_was_refused_or_withdrawn_is_owed_again(
    engagement: Engagement, state: str
) -> None:
    account(supplier_of(engagement), rib(engagement), state=state)  # type: ignore[arg-type]
    need = bank(engagement)
    assert (need.state, need.to_confirm) == ("missing", False)


def test_a_blocked_account_covers_the_days_before_and_is_owed_again(
    engagement: Engagement,
) -> None:
    supplier = supplier_of(engagement)
    account(
        supplier, rib(engagement, day=date(2026, 11, 2)),  # type: ignore[arg-type]
        approved_at=at(date(2026, 11, 2)), state="blocked", last_changed_at=NOW,
    )  # fmt: skip
    need = bank(engagement)
    assert (need.state, need.missing_since) == ("missing", TODAY)
    before = at(date(2026, 11, 20))
    [known] = supplier_coverage(supplier.id, today=before.date(), now=NOW, known_at=before)
    assert next(r for r in known.rows if r.requirement == "bank_details").state == "covered"


def test_the_next_account_takes_over_on_the_day_of_the_change(
    engagement: Engagement, clock: FixedClock
) -> None:
    supplier = supplier_of(engagement)
    change = NOW + timedelta(days=2)
    begun = at(date(2026, 11, 2))
    account(
        supplier, rib(engagement, day=date(2026, 11, 2)),  # type: ignore[arg-type]
        approved_at=begun, state="replaced", replaced_at=change,
    )  # fmt: skip
    account(supplier, approved_at=NOW, active_from=change, version=2)
    for day in range(4):
        assert bank(engagement, NOW + timedelta(days=day)).state == "covered"


def test_an_account_of_one_company_covers_nothing_at_another(
    engagement: Engagement, make: Maker
) -> None:
    elsewhere = make.buyer("Kerlan Énergies")
    account(supplier_of(engagement), approved_at=NOW, buyer_id=elsewhere.id)
    assert bank(engagement).state == "missing"


def test_a_refused_paper_says_why_until_an_account_is_handed_in(engagement: Engagement) -> None:
    row = rib(engagement, "refuse")
    need = bank(engagement)
    assert (need.state, need.to_confirm) == ("refused", False)
    account(supplier_of(engagement), approved_at=NOW)
    assert bank(engagement).state == "covered"
    assert row is not None
