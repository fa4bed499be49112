"""Which account serves when another one takes its place, and when that one is stopped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.bank.approvals import ALLOWED, AccountState
from supplier.bank.facts import same_buyer
from supplier.bank.models import BankAccount
from supplier.kernel.audit import Actor, move, record
from supplier.kernel.database import LOCKED

_APPROVED = (AccountState.APPROVED_TWICE.value, AccountState.REPLACED.value)


def in_use(session: Session, account: BankAccount) -> Sequence[BankAccount]:
    """The accounts whose place this one would take: same supplier, company and currency."""
    return session.scalars(
        select(BankAccount).where(
            BankAccount.supplier_id == account.supplier_id,
            BankAccount.id != account.id,
            BankAccount.currency == account.currency,
            BankAccount.state == AccountState.APPROVED_TWICE,
            same_buyer(account.buyer_id),
        )
    ).all()


def is_change(session: Session, account: BankAccount, *, now: datetime) -> bool:
    """Whether a company that would pay to this account pays the supplier elsewhere today."""
    others = session.scalars(
        select(BankAccount).where(
            BankAccount.supplier_id == account.supplier_id, BankAccount.state.in_(_APPROVED)
        )
    )
    return changes_any(account, others.all(), now=now)


def changes_any(account: BankAccount, others: Iterable[BankAccount], *, now: datetime) -> bool:
    """The same, of rows at hand.

    An account for one company changes what that company does even when the other one serves the
    whole group: else a change would pass for a first account, and nobody would call.
    """
    return any(
        other.id != account.id
        and _still_serves(other, now)
        and (None in (account.buyer_id, other.buyer_id) or account.buyer_id == other.buyer_id)
        for other in others
    )


def _still_serves(account: BankAccount, now: datetime) -> bool:
    if account.state == AccountState.APPROVED_TWICE:
        return True
    over = account.replaced_at is None or account.replaced_at <= now
    return account.state == AccountState.REPLACED and not over


def replace(session: Session, account: BankAccount, *, by: Actor, now: datetime) -> None:
    """What was in use serves until the new account does."""
    for old in in_use(session, account):
        old.replaced_at, old.last_changed_at = account.active_from, now
        account.replaces_id = old.id
        move(
            session, old, AccountState.REPLACED.value, "bank.replaced", allowed=ALLOWED, by=by,
            at=now,
        )  # fmt: skip


def reinstate(session: Session, account: BankAccount, *, by: Actor, now: datetime) -> None:
    """A new account that is blocked before its day gives its place back to the old one.

    When a third one was already to follow, the old one serves until that one does.
    """
    if account.active_from is None or account.active_from <= now or account.replaces_id is None:
        return
    old = session.get(BankAccount, account.replaces_id, with_for_update=LOCKED)
    if old is None or old.state != AccountState.REPLACED:
        return
    old.replaced_at, old.last_changed_at = account.replaced_at, now
    if account.state == AccountState.REPLACED:
        _hand_over(session, account, old)
        record(session, "bank.reinstated", subject=old, by=by, at=now)
        return
    move(
        session, old, AccountState.APPROVED_TWICE.value, "bank.reinstated", allowed=ALLOWED,
        by=by, at=now,
    )  # fmt: skip


def _hand_over(session: Session, blocked: BankAccount, old: BankAccount) -> None:
    """Whoever was to follow the blocked account now follows the old one."""
    later = session.scalars(
        select(BankAccount)
        .where(BankAccount.replaces_id == blocked.id)
        .with_for_update(key_share=True)
    ).first()
    if later is not None:
        later.replaces_id = old.id
