"""Accounting's pull: only what two people validated, only what changed, and every pull is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from supplier.accounts.clients import (
    SCOPES,
    approve_api_client,
    create_api_client,
    revoke_api_client,
)
from supplier.accounts.models import ApiClient, User
from supplier.accounts.permissions import Role
from supplier.bank import actions
from supplier.bank.models import BankAccount, BankPull
from supplier.kernel.audit import Actor, ActorKind, Event
from supplier.kernel.database import reading, transaction
from supplier.parties.models import Buyer, Supplier
from supplier.web.guard import rule_of
from tests.make import Maker, actor

IBAN_A = "FR1420041010050500013M02606"
IBAN_B = "FR7630006000011234567890189"
COOLING = timedelta(hours=48)


class Bank:
    """The cast at work on bank details."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        self.buyer = make.buyer()
        self.supplier = make.supplier("Alpha Menuiserie")
        make.engagement(self.supplier, self.buyer, supplier_reference="F0042")
        make.contact(
            self.supplier,
            name="Bernadette Caisse",
            changed_at=make.clock.at - timedelta(days=400),
            created_at=make.clock.at - timedelta(days=400),
        )
        self.alice = make.supplier_user(self.supplier)
        self.emile = make.staff("Émile", Role.BANK_VALIDATOR)
        self.elise = make.staff("Élise", Role.BANK_VALIDATOR)

    def submit(self, iban: str = IBAN_A, **values: Any) -> BankAccount:
        return actions.submit(
            supplier_id=self.supplier.id, iban=iban, holder=self.supplier.name,
            by=actor(self.alice, self.supplier), now=self.make.clock.at, **values,
        )  # fmt: skip

    def call(self, account: BankAccount) -> None:
        with reading() as session:
            contact_id = session.scalar(text("SELECT id FROM contact"))
        import uuid

        actions.record_call_back(
            account.id, contact_id=uuid.UUID(str(contact_id)), result="confirmed", comment=None,
            by=actor(self.emile), now=self.make.clock.at, buyers=None,
        )  # fmt: skip

    def approve(self, account: BankAccount, by: User, iban: str | None = None) -> BankAccount:
        return actions.approve(
            account.id, seen_hash=account.value_hash, by=actor(by), now=self.make.clock.at,
            buyers=None, retyped_iban=iban, cooling_off=COOLING,
        )  # fmt: skip

    def validated(self, iban: str = IBAN_A) -> BankAccount:
        account = self.submit(iban)
        self.call(account)
        self.approve(account, self.emile)
        return self.approve(account, self.elise, iban)


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


def key_for(
    make: Maker, buyer: Buyer | None = None, scopes: tuple[str, ...] = ("bank:read",)
) -> str:
    by = Actor(ActorKind.STAFF, make.user("Hugo").id, "Hugo")
    row, key = create_api_client(
        "ERP", scopes=scopes, buyer_id=buyer.id if buyer else None, by=by, now=make.clock.at
    )
    if key is None:
        farid = actor(make.user("Farid"))
        row, key = approve_api_client(row.id, by=farid, now=make.clock.at)
    return key


def pull(client: FlaskClient, key: str, **query: Any) -> Any:
    return client.get(
        "/api/v1/bank-accounts", query_string=query, headers={"Authorization": f"Bearer {key}"}
    )


def test_an_account_is_served_after_two_approvals_and_the_cooling_off(
    client: FlaskClient, make: Maker, bank: Bank
) -> None:
    key = key_for(make)
    account = bank.submit()
    assert pull(client, key).json["accounts"] == []
    bank.call(account)
    bank.approve(account, bank.emile)
    assert pull(client, key).json["accounts"] == []
    bank.approve(account, bank.elise, IBAN_A)
    make.clock.at += COOLING - timedelta(seconds=1)
    assert pull(client, key).json["accounts"] == []
    make.clock.at += timedelta(seconds=1)
    (row,) = pull(client, key).json["accounts"]
    assert (row["iban"], row["supplier_references"]) == (IBAN_A, ["F0042"])


def test_the_cursor_misses_no_account_that_was_cooling_off(
    client: FlaskClient, make: Maker, bank: Bank
) -> None:
    key = key_for(make)
    bank.validated()
    make.clock.at += timedelta(hours=24)
    cursor = pull(client, key).json["cursor"]
    make.clock.at += timedelta(hours=25)
    answer = pull(client, key, since=cursor).json
    assert [row["iban"] for row in answer["accounts"]] == [IBAN_A]
    assert pull(client, key, since=answer["cursor"]).json["accounts"] == []


def test_the_old_account_serves_until_the_new_one_does(
    client: FlaskClient, make: Maker, bank: Bank
) -> None:
    key = key_for(make)
    bank.validated()
    make.clock.at += timedelta(days=200)
    cursor = pull(client, key).json["cursor"]
    bank.validated(IBAN_B)
    assert [row["iban"] for row in pull(client, key).json["accounts"]] == [IBAN_A]
    make.clock.at += COOLING
    answer = pull(client, key, since=cursor).json
    assert [row["iban"] for row in answer["accounts"]] == [IBAN_B]
    (ended,) = answer["ended"]
    assert ended["reason"] == "replaced"
    # Enough to find the account in the books, and not the number itself.
    assert (ended["supplier_name"], ended["supplier_references"]) == ("Alpha Menuiserie", ["F0042"])
    assert (ended["siren"], ended["buyer_name"]) == (bank.supplier.siren, None)
    assert ended["iban_masked"].endswith(IBAN_A[-4:])
    assert IBAN_A not in str(ended)


def test_a_block_before_its_day_gives_the_place_back_to_the_old_account(
    client: FlaskClient, make: Maker, bank: Bank
) -> None:
    key = key_for(make)
    bank.validated()
    make.clock.at += timedelta(days=200)
    account = bank.validated(IBAN_B)
    actions.block(account.id, reason="Not us.", by=actor(bank.emile), now=make.clock.at)
    make.clock.at += COOLING
    assert [row["iban"] for row in pull(client, key).json["accounts"]] == [IBAN_A]


def test_rows_forged_in_the_database_are_not_served(
    client: FlaskClient, make: Maker, bank: Bank
) -> None:
    key = key_for(make)
    account = bank.submit()
    with transaction() as session:
        row = session.get_one(BankAccount, account.id)
        row.state, row.active_from = "approved_twice", make.clock.at
    assert pull(client, key).json["accounts"] == []
    bank_two = bank.validated(IBAN_B)
    make.clock.at += COOLING
    assert len(pull(client, key).json["accounts"]) == 1
    with transaction() as session:
        session.get_one(BankAccount, bank_two.id).value_hash = "0" * 64
    assert pull(client, key).json["accounts"] == []


def test_a_key_of_one_company_sees_only_its_suppliers(
    client: FlaskClient, make: Maker, bank: Bank
) -> None:
    bank.validated()
    make.clock.at += COOLING
    assert len(pull(client, key_for(make, bank.buyer)).json["accounts"]) == 1
    assert pull(client, key_for(make, make.buyer("Kerlan Énergies"))).json["accounts"] == []


def test_every_pull_is_an_event(client: FlaskClient, make: Maker, bank: Bank) -> None:
    bank.validated()
    make.clock.at += COOLING
    pull(client, key_for(make))
    with reading() as session:
        assert session.scalars(select(BankPull.count)).one() == 1
        assert "bank.pulled" in session.scalars(select(Event.kind)).all()


@pytest.mark.parametrize("key", ["", "vg_wrong", "x" * 5000, "é"])
def test_a_wrong_key_gets_401(client: FlaskClient, key: str) -> None:
    response = client.get(
        "/api/v1/bank-accounts",
        headers={"Authorization": f"Bearer {key}".encode().decode("latin-1")},
    )
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"


def test_many_wrong_keys_have_to_wait(client: FlaskClient) -> None:
    codes = [pull(client, "vg_wrong").status_code for _ in range(25)]
    assert codes[0] == 401
    assert codes[-1] == 429


def test_every_scope_on_offer_is_demanded_by_some_route(app: Flask) -> None:
    """A scope that opens nothing would be a promise; one that is missing could not be given."""
    rules = [rule_of(app, name) for name in app.view_functions]
    assert {rule.scope for rule in rules if rule is not None and rule.scope} == set(SCOPES)


def test_a_key_without_the_scope_finds_nothing(
    client: FlaskClient, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCOPES, "suppliers:read", "Read suppliers")
    assert pull(client, key_for(make, scopes=("suppliers:read",))).status_code == 404


def test_a_revoked_key_opens_nothing(client: FlaskClient, make: Maker) -> None:
    by = Actor(ActorKind.STAFF, make.user("Hugo").id, "Hugo")
    key = key_for(make)
    with reading() as session:
        row = session.scalars(select(ApiClient)).one()
    revoke_api_client(row.id, by=by, now=make.clock.at)
    assert pull(client, key).status_code == 401


def test_a_key_that_nobody_approved_is_answered_like_an_unknown_one(
    client: FlaskClient, make: Maker
) -> None:
    """Even one that was written into the table by hand."""
    key = key_for(make)
    with transaction() as session:
        session.scalars(select(ApiClient)).one().approved_by_id = None
    unknown = pull(client, "vg_" + "x" * 43)
    answer = pull(client, key)
    assert (answer.status_code, answer.json) == (unknown.status_code, unknown.json)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        {"since": "nonsense"},
        {"since": "MjAyNg"},
        {"limit": "0"},
        {"limit": "x"},
        {"since": "é" * 90},
    ],
)
def test_a_wrong_question_is_answered_with_a_problem(
    client: FlaskClient, make: Maker, query: dict[str, str]
) -> None:
    response = pull(client, key_for(make), **query)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"


def test_the_description_names_the_route(client: FlaskClient) -> None:
    spec = client.get("/api/openapi.json").json
    assert list(spec["paths"]) == ["/api/v1/bank-accounts"]


def test_nobody_approves_alone_or_what_they_entered(make: Maker, bank: Bank) -> None:
    from supplier.kernel.errors import ConflictError

    account = bank.submit()
    bank.call(account)
    bank.approve(account, bank.emile)
    with pytest.raises(ConflictError):
        bank.approve(account, bank.emile, IBAN_A)


def test_the_second_approver_types_the_right_iban(make: Maker, bank: Bank) -> None:
    from supplier.kernel.errors import DomainError

    account = bank.submit()
    bank.call(account)
    bank.approve(account, bank.emile)
    with pytest.raises(DomainError):
        bank.approve(account, bank.elise, IBAN_B)
    with reading() as session:
        assert "bank.retyped_wrong" in session.scalars(select(Event.kind)).all()
        assert session.get_one(BankAccount, account.id).state == "approved_once"


def test_an_iban_of_another_supplier_blocks(make: Maker, bank: Bank) -> None:
    from supplier.kernel.errors import DomainError

    bank.submit()
    other: Supplier = make.supplier("Beta Couverture")
    account = actions.submit(
        supplier_id=other.id, iban=IBAN_A, holder="Beta Couverture",
        by=actor(bank.alice, other), now=make.clock.at,
    )  # fmt: skip
    with pytest.raises(DomainError):
        bank.approve(account, bank.emile)
