"""Whoever holds several roles, or a role without some field, sees what each role shows alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import StaffScope
from supplier.accounts.permissions import Role
from supplier.bank import actions as bank
from supplier.bank import queries as accounts
from supplier.evaluation.models import Period, Scorecard
from supplier.kernel import journal
from supplier.kernel.audit import Event
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, transaction
from supplier.kernel.journal import EventSight, JournalFilter
from supplier.vigilance import actions as vigilance
from tests.architecture.strangers import IBAN, World, make_world
from tests.make import Maker, actor

Browse = Callable[[uuid.UUID], FlaskClient]


@pytest.fixture
def world(make: Maker) -> World:
    return make_world(make)


def scored(world: World, make: Maker, side: str, score: int) -> None:
    """A score of the supplier of one side, by its company's grid."""
    ids = world.ids[side]
    with transaction() as session:
        session.get_one(Period, ids["period_id"])
        session.add(
            Scorecard(
                id=new_id(), period_id=ids["period_id"], supplier_id=ids["supplier_id"],
                score=score, grade="B", evidence=[], computed_at=make.clock.at,
            )
        )  # fmt: skip


def validator_too(world: World, make: Maker) -> None:
    """The purchaser of our company validates bank details for the whole group."""
    with transaction() as session:
        session.add(
            StaffScope(
                id=new_id(), user_id=world.people["P"].id, role=Role.BANK_VALIDATOR.value,
                granted_at=make.clock.at, approved_by_id=new_id(), approved_at=make.clock.at,
            )
        )  # fmt: skip


@pytest.mark.parametrize("letter", ["V", "D", "X"])
def test_scores_are_shown_to_those_who_read_evaluations_only(
    letter: str, world: World, make: Maker, browse: Browse
) -> None:
    scored(world, make, "own", 77)
    supplier = world.ids["own"]["supplier_id"]
    pages = ("/desk/suppliers/", "/desk/suppliers/export.csv", f"/desk/suppliers/{supplier}")
    reader, other = browse(world.people["P"].id), browse(world.people[letter].id)
    for page in pages:
        assert "77" in reader.get(page).get_data(as_text=True).replace(str(supplier), ""), page
        shown = other.get(page).get_data(as_text=True)
        assert ">77<" not in shown, page
        assert ";77;" not in shown, page
        assert ">77 <" not in shown, page


def test_two_roles_for_different_companies_do_not_add_up(
    world: World, make: Maker, browse: Browse
) -> None:
    validator_too(world, make)
    scored(world, make, "strange", 66)
    both = browse(world.people["P"].id)
    stranger = world.ids["strange"]["supplier_id"]
    page = both.get(f"/desk/suppliers/{stranger}")
    assert page.status_code == 200  # as a validator
    assert "strange-canary" not in page.get_data(as_text=True)
    assert ">66 <" not in page.get_data(as_text=True)
    found = both.get("/desk/search/?q=canary").get_data(as_text=True)
    assert "own-canary.pdf" in found
    assert "strange-canary.pdf" not in found
    assert "CT-strange" not in both.get("/desk/search/?q=CT-").get_data(as_text=True)
    assert "Charlie Stranger" in both.get("/desk/search/?q=Charlie").get_data(as_text=True)


def test_what_another_company_pays_to_is_left_out_of_an_account_s_versions(
    world: World, make: Maker, browse: Browse
) -> None:
    ids = world.ids["own"]
    for account in accounts.list_of_supplier(ids["supplier_id"]):
        page = browse(world.people["V"].id).get(f"/desk/bank/{ids['account_id']}")
        assert page.status_code == 200
        own = account.buyer_id == ids["buyer_id"]
        assert (str(account.id) in page.get_data(as_text=True)) is own


def test_an_account_of_another_company_still_counts_as_a_change(world: World, make: Maker) -> None:
    """What is hidden from the page is not hidden from the rules."""
    ids = world.ids["own"]
    shared = bank.submit(
        supplier_id=ids["supplier_id"], iban=IBAN["strange"], holder="Alpha Menuiserie",
        by=actor(world.people["S"]), now=make.clock.at,
    )  # fmt: skip
    ours = frozenset({ids["buyer_id"]})
    seen = accounts.get_file(shared.id, buyers=ours, now=make.clock.at)
    everything = accounts.get_file(shared.id, buyers=None, now=make.clock.at)
    assert len(seen.history) < len(everything.history)
    assert seen.is_change == everything.is_change


def test_the_journal_tells_of_a_shared_supplier_what_concerns_ones_own_companies(
    world: World, make: Maker, browse: Browse
) -> None:
    ids, people = world.ids["own"], world.people
    vigilance.waive(
        ids["engagement_id"], "registration", from_on=legal_day(make.clock.at),
        until_on=date(2026, 12, 31), reason="Our own reason", buyers=None,
        by=actor(people["P"]), now=make.clock.at,
    )  # fmt: skip
    for letter, page in (("P", f"/desk/suppliers/{ids['supplier_id']}/history"),
                         ("D", f"/desk/journal/?supplier={ids['supplier_id']}"),
                         ("U", f"/desk/journal/?supplier={ids['supplier_id']}")):  # fmt: skip
        told = browse(people[letter].id).get(page).get_data(as_text=True)
        assert "Our own reason" in told, letter
        assert "Strange" not in told, letter


def test_bank_events_are_told_for_the_companies_of_that_right_alone(
    world: World, make: Maker, browse: Browse
) -> None:
    """Whoever audits one company and purchases for another reads one company's bank events."""
    ids, theirs = world.ids["own"], world.ids["strange"]["buyer_id"]
    both = make.staff("Both", Role.AUDITOR)
    with transaction() as session:
        scope = session.scalars(select(StaffScope).where(StaffScope.user_id == both.id)).one()
        scope.buyer_id = ids["buyer_id"]
        session.add(
            StaffScope(
                id=new_id(), user_id=both.id, role=Role.PURCHASING.value, buyer_id=theirs,
                granted_at=make.clock.at,
            )
        )  # fmt: skip
        purchases = session.scalars(
            select(Event).where(Event.kind == "bank.submitted", Event.buyer_id == theirs)
        ).all()
    assert purchases
    found = journal.list_events(
        JournalFilter(kind="bank.", supplier_id=ids["supplier_id"]),
        sight=EventSight(
            frozenset({ids["buyer_id"], theirs}), {"bank.": frozenset({ids["buyer_id"]})}
        ),
    )
    assert {one.buyer_id for one in found.items} == {ids["buyer_id"]}
    page = browse(both.id).get(f"/desk/suppliers/{ids['supplier_id']}/history?kind=bank.")
    told = page.get_data(as_text=True)
    assert "Alice Martin" in told
    assert "Strange Achats" not in told
