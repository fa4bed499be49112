"""One account, for the people who may see it; who acts on it, as a natural person."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from supplier.accounts.models import User
from supplier.bank.approvals import Person
from supplier.bank.models import BankAccount
from supplier.kernel.audit import Actor, ActorKind
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Engagement

#: The group companies that somebody may act for; None means all of them.
Buyers = frozenset[uuid.UUID] | None

MISSING = N_("These bank details do not exist.")


def visible_to(buyers: Buyers) -> ColumnElement[bool]:
    """Accounts for these group companies, or for all of them at a supplier they work with."""
    if buyers is None:
        return BankAccount.id.is_not(None)
    shared = and_(
        BankAccount.buyer_id.is_(None),
        BankAccount.supplier_id.in_(
            select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
        ),
    )
    return or_(BankAccount.buyer_id.in_(buyers), shared)


def get_account(session: Session, account_id: uuid.UUID, buyers: Buyers) -> BankAccount:
    """An account that staff of these group companies may see, locked until the transaction ends.

    Raises NotFoundError.
    """
    account = session.scalars(
        select(BankAccount)
        .where(BankAccount.id == account_id, BankAccount.erased_at.is_(None), visible_to(buyers))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if account is None:
        raise NotFoundError(MISSING)
    return account


def get_person(session: Session, by: Actor) -> Person:
    """The member of staff who acts. Raises NotFoundError for anybody else."""
    user = session.get(User, by.id) if by.id else None
    if by.kind is not ActorKind.STAFF or user is None:
        raise NotFoundError(MISSING)
    return Person(user.id, user.created_by_id)
