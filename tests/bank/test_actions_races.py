"""Two people at the same instant on one account: exactly one of them wins."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from supplier.accounts.permissions import Role
from supplier.bank import actions
from supplier.bank.models import BankAccount, BankApproval
from supplier.kernel.database import reading
from supplier.kernel.errors import DomainError
from tests.bank.cast import IBAN_A, IBAN_B, Bank, events, state_of
from tests.make import Maker, actor
from tests.races import at_once


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


def refusals(results: list[Any]) -> int:
    return sum(isinstance(result, DomainError) for result in results)


def approvals(account: BankAccount) -> int:
    with reading() as session:
        query = select(func.count(BankApproval.id)).where(BankApproval.account_id == account.id)
        return session.scalar(query) or 0


def test_two_first_approvals_at_once_are_one(app: Flask, bank: Bank) -> None:
    account = bank.submit()
    results = at_once(
        app, lambda: bank.approve(account, bank.emile), lambda: bank.approve(account, bank.elise)
    )
    assert refusals(results) == 1
    assert (approvals(account), state_of(account)) == (1, "approved_once")


def test_two_second_approvals_at_once_are_one(app: Flask, make: Maker, bank: Bank) -> None:
    account, third = bank.submit(), make.staff("Théo Banque", Role.BANK_VALIDATOR)
    bank.approve(account, bank.emile)
    results = at_once(
        app,
        lambda: bank.approve(account, bank.elise, IBAN_A),
        lambda: bank.approve(account, third, IBAN_A),
    )
    assert refusals(results) == 1
    assert (approvals(account), state_of(account)) == (2, "approved_twice")
    assert events(account.id).count("bank.approved_twice") == 1


def test_one_person_in_two_windows_approves_once(app: Flask, bank: Bank) -> None:
    account = bank.submit()
    results = at_once(app, *[lambda: bank.approve(account, bank.emile, IBAN_A)] * 3)
    assert refusals(results) == 2
    assert state_of(account) == "approved_once"


def test_a_refusal_and_the_second_approval_never_both_happen(app: Flask, bank: Bank) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    results = at_once(
        app, lambda: bank.approve(account, bank.elise, IBAN_A), lambda: bank.refuse(account)
    )
    assert refusals(results) == 1
    kinds = events(account.id)
    assert ("bank.refused" in kinds) is not ("bank.approved_twice" in kinds)


def test_a_block_wins_in_the_end_whoever_was_first(app: Flask, bank: Bank) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    at_once(app, lambda: bank.approve(account, bank.elise, IBAN_A), lambda: bank.block(account))
    assert state_of(account) == "blocked"


def test_two_requests_at_once_leave_one_waiting(app: Flask, bank: Bank) -> None:
    at_once(app, lambda: bank.submit(IBAN_A), lambda: bank.submit(IBAN_B))
    with reading() as session:
        rows = session.scalars(select(BankAccount).order_by(BankAccount.version)).all()
    assert [row.state for row in rows] == ["withdrawn", "submitted"]
    assert [row.version for row in rows] == [1, 2]


def test_a_new_version_and_an_approval_of_the_old_never_both_count(
    app: Flask, make: Maker, bank: Bank
) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    at_once(
        app,
        lambda: bank.approve(account, bank.elise, IBAN_A),
        lambda: actions.submit(
            supplier_id=bank.supplier.id, iban=IBAN_B, holder=bank.supplier.name,
            by=actor(bank.alice, bank.supplier), now=make.clock.at,
        ),
    )  # fmt: skip
    kinds = events(account.id)
    assert ("bank.withdrawn" in kinds) is not ("bank.approved_twice" in kinds)
