"""What the database serves to accounting is exactly what the rule calls active."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from supplier.bank import pulls
from supplier.bank.approvals import AccountState, is_active, pull_cursor
from supplier.bank.facts import facts_of
from supplier.bank.models import BankAccount, BankApproval
from supplier.kernel.database import new_id, reading, transaction
from tests.bank.cast import Bank
from tests.make import Maker

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
#: None, the last instant that counts, and the first that does not.
INSTANTS = (None, NOW, NOW + timedelta(seconds=1))
HASH, OTHER = "a" * 64, "b" * 64


class People:
    """Two independent people, one whom the first created, and one who hands in."""

    def __init__(self, bank: Bank) -> None:
        self.first, self.second, self.submitter = bank.emile, bank.elise, bank.denise
        self.made = bank.make.user("Made", created_by_id=self.first.id)


def approvals_of(who: People) -> list[list[tuple[uuid.UUID, str]]]:
    """Approvals in order: who, and of which value."""
    good = [(who.first.id, HASH), (who.second.id, HASH)]
    return [
        good,
        good[::-1],
        good[:1],
        [],
        [(who.first.id, HASH), (who.second.id, OTHER)],
        [(who.first.id, OTHER), (who.second.id, OTHER)],
        [(who.first.id, HASH), (who.made.id, HASH)],
        [(who.made.id, HASH), (who.first.id, HASH)],
        [(who.second.id, HASH), (who.made.id, HASH)],
        [(who.submitter.id, HASH), (who.second.id, HASH)],
        [(who.first.id, HASH), (who.submitter.id, HASH)],
    ]


def accounts(bank: Bank) -> Iterator[BankAccount | BankApproval]:
    """An account for every state × start × end × approvals × submitter, with its approvals."""
    who = People(bank)
    cases = itertools.product(
        (AccountState.APPROVED_TWICE, AccountState.REPLACED, AccountState.BLOCKED),
        INSTANTS, INSTANTS, approvals_of(who), (who.submitter.id, None),
    )  # fmt: skip
    for state, active_from, replaced_at, given, submitter in cases:
        account = one(bank, state=state, active_from=active_from, replaced_at=replaced_at,
                      submitted_by_id=submitter)  # fmt: skip
        yield account
        for position, (by, value_hash) in enumerate(given, 1):
            yield BankApproval(id=new_id(), account_id=account.id, approver_id=by,
                               approver_name="", position=position, value_hash=value_hash,
                               at=NOW)  # fmt: skip


def one(bank: Bank, **values: Any) -> BankAccount:
    return BankAccount(
        id=new_id(), supplier_id=bank.supplier.id, iban=b"", iban_index="", iban_masked="",
        holder="", submitted_by_kind="staff", submitted_by_name="", currency="EUR",
        version=1, value_hash=HASH, findings=[],
        submitted_at=NOW - timedelta(days=9), last_changed_at=NOW - timedelta(days=4), **values,
    )  # fmt: skip


def test_the_database_serves_what_the_rule_calls_active(make: Maker) -> None:
    bank = Bank(make)
    with transaction() as session:
        session.add_all(accounts(bank))
    page = pulls.list_serving(buyers=None, search="", now=NOW, number=1, size=10_000)
    served = {row.id: row.changed_at for row in page.items}
    with reading() as session:
        rows = session.query(BankAccount).all()
        active = {row.id for row in rows if is_active(facts_of(session, row), at=NOW)}
        places = {
            row.id: pull_cursor(row.active_from, last_changed_at=row.last_changed_at)
            for row in rows if row.active_from is not None
        }  # fmt: skip
    assert len(rows) == 3 * 3 * 3 * 11 * 2
    assert served.keys() == active
    assert 0 < len(active) < len(rows)
    assert all(places[key] == place for key, place in served.items())
