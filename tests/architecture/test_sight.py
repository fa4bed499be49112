"""Whoever holds several roles, or a role without some field, sees what each role shows alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from supplier.accounts.models import StaffScope
from supplier.accounts.permissions import Role
from supplier.bank import actions as bank
from supplier.bank import queries as accounts
from supplier.evaluation.models import Period, Scorecard
from supplier.kernel.database import new_id, transaction
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
