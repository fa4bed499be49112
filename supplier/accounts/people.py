"""Finding users, and the words that every act on them shares."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.accounts.models import User, WebSession
from supplier.kernel.audit import Actor, ActorKind
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_

NO_USER = N_("This user does not exist.")


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody comes from: their present session, and what may be kept of their machine."""

    session: WebSession | None
    address_hash: str
    agent: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was begun: its token goes into the cookie, its row goes on."""

    token: str
    row: WebSession


def find_user_by_email(session: Session, email: str | None) -> User | None:
    """The user of a cleaned address (`addresses.mail_address`), locked or not."""
    if email is None:
        return None
    return session.scalars(select(User).where(User.email == email)).one_or_none()


def get_user(session: Session, user_id: uuid.UUID) -> User:
    """Raises NotFoundError."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(NO_USER)
    return user


def get_open_user(session: Session, user_id: uuid.UUID) -> User:
    """A user who is not locked. Raises NotFoundError."""
    user = get_user(session, user_id)
    if user.locked_at is not None:
        raise NotFoundError(NO_USER)
    return user


def hold_open_user(session: Session, user_id: uuid.UUID) -> User:
    """The same, and nobody else acts on this account until the transaction ends.

    What is decided from a person's factors (is this the last one?) is decided on what stands.
    """
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    user = session.get(User, user_id, populate_existing=True)
    if user is None or user.locked_at is not None:
        raise NotFoundError(NO_USER)
    return user


def actor_of(user: User) -> Actor:
    return Actor(ActorKind(user.kind), user.id, user.name)


def is_staff(user: User) -> bool:
    return user.kind == ActorKind.STAFF
