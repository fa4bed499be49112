"""Single-use links: made with a random token, spent once by one guarded update."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supplier.accounts.models import Invitation, User
from supplier.accounts.policy import FACTOR_RESET, policy
from supplier.kernel.crypto import new_token, token_hash
from supplier.kernel.database import new_id
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_

DEAD_LINK = N_("This link has been used, replaced, or is too old.")


class LinkKind(StrEnum):
    SUPPLIER = "supplier"
    STAFF = "staff"
    SIGN_IN = "sign_in"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    FACTOR_RESET = "factor_reset"


#: A link of these kinds opens a space by itself; the others ask for a password on their page.
ENTRANCE = frozenset({LinkKind.SUPPLIER, LinkKind.SIGN_IN})


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom a link is sent, and for what."""

    email: str
    name: str
    language: str
    user_id: uuid.UUID | None = None
    supplier_id: uuid.UUID | None = None
    contact_id: uuid.UUID | None = None


def addressee_of(user: User) -> Addressee:
    return Addressee(user.email, user.name, user.language, user_id=user.id)


def life_of(kind: LinkKind) -> timedelta:
    """How long a link of this kind may be opened."""
    if kind in {LinkKind.SUPPLIER, LinkKind.STAFF}:
        return policy().invitation
    return FACTOR_RESET if kind == LinkKind.FACTOR_RESET else policy().link


def make_link(
    session: Session,
    kind: LinkKind,
    to: Addressee,
    *,
    now: datetime,
    by_id: uuid.UUID | None = None,
) -> tuple[str, Invitation]:
    """A new link for this person and purpose; older ones of the same purpose are revoked.

    Gives the token, which is kept nowhere, and the row.
    """
    revoke_links(session, email=to.email, kind=kind, supplier_id=to.supplier_id, now=now)
    token = new_token()
    row = Invitation(
        id=new_id(), token_hash=token_hash(token), kind=kind.value, email=to.email, name=to.name,
        language=to.language, supplier_id=to.supplier_id, contact_id=to.contact_id,
        user_id=to.user_id, invited_by_id=by_id, created_at=now, expires_at=now + life_of(kind),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return token, row


def revoke_links(
    session: Session,
    *,
    email: str,
    now: datetime,
    kind: LinkKind | None = None,
    supplier_id: uuid.UUID | None = None,
) -> int:
    """End the open links sent to an address: of one purpose, or (kind None) of every one."""
    query = update(Invitation).where(
        Invitation.email == email, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
    )
    if kind is not None:
        query = query.where(Invitation.kind == kind.value)
    if supplier_id is not None:
        query = query.where(Invitation.supplier_id == supplier_id)
    changed = session.execute(
        query.values(revoked_at=now).execution_options(synchronize_session=False)
    )
    return int(getattr(changed, "rowcount", 0))


def find_open_link(session: Session, token: str, *, now: datetime) -> Invitation | None:
    """The link of `token` while it may still be opened; reading it spends nothing."""
    row = session.scalars(
        select(Invitation).where(Invitation.token_hash == token_hash(token))
    ).one_or_none()
    if row is None or row.used_at or row.revoked_at or row.expires_at <= now:
        return None
    return row


def spend_link(session: Session, token: str, *, kinds: frozenset[LinkKind], now: datetime
) -> Invitation:  # fmt: skip
    """Use a link up: of two people who open it, one update finds the row and one does not.

    A link of another purpose is not spent. Raises NotFoundError.
    """
    spent = session.execute(
        update(Invitation)
        .where(
            Invitation.token_hash == token_hash(token),
            Invitation.kind.in_([kind.value for kind in kinds]),
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(used_at=now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if spent is None:
        raise NotFoundError(DEAD_LINK)
    return session.scalars(
        select(Invitation).where(Invitation.id == spent).execution_options(populate_existing=True)
    ).one()


def is_fresh_link(row: Invitation, *, now: datetime) -> bool:
    """True when the mail is recent enough for its link to prove who opens it."""
    return now - row.created_at <= policy().link
