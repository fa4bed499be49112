"""A supplier stops an account: at once, its own only, without a fresh proof."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import WebSession
from supplier.kernel.database import new_id, transaction
from tests.bank.cast import COOLING, IBAN_B, Bank, state_of
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[UUID], FlaskClient]


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


def act_for(make: Maker, bank: Bank, user_id: UUID) -> None:
    """The only mandate is the one acted for."""
    with transaction() as session:
        for row in session.scalars(select(WebSession).where(WebSession.user_id == user_id)):
            row.acting_supplier_id = bank.supplier.id
            row.proved_at = make.clock.at - timedelta(hours=1)


def test_a_supplier_blocks_what_somebody_else_handed_in(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    old = bank.validated()
    make.clock.at += timedelta(days=180)
    new = bank.validated(IBAN_B)
    bob = make.supplier_user(bank.supplier, "Bob")
    client = browse(bob.id)
    act_for(make, bank, bob.id)
    url = f"/portal/bank/{new.id}/block"
    assert url in client.get("/portal/bank/").get_data(as_text=True)
    assert post(client, url, {"reason": " "}).status_code == 422
    assert post(client, url, {"reason": "Personne n’a demandé."}).status_code == 303
    assert (state_of(new), state_of(old)) == ("blocked", "approved_twice")


def test_an_account_of_another_supplier_does_not_exist(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    account = bank.validated()
    make.clock.at += COOLING
    stranger = make.supplier("Charlie")
    charlie = make.supplier_user(stranger, "Charlie")
    client = browse(charlie.id)
    bank.supplier = stranger
    act_for(make, bank, charlie.id)
    for account_id in (account.id, new_id()):
        assert client.get(f"/portal/bank/{account_id}/block").status_code == 404
    assert state_of(account) == "approved_twice"
