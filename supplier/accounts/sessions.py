"""Server-side sessions: rows that die at logout, lock, and change of factor or role."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from supplier.accounts.models import Mandate, StaffScope, User, WebSession
from supplier.accounts.permissions import NEED_TWO, Grant, Role, Visitor
from supplier.kernel.audit import ActorKind
from supplier.kernel.crypto import new_token, token_hash
from supplier.kernel.errors import ConflictError
from supplier.kernel.i18n import N_
from supplier.parties.models import Supplier

#: A session seen this far in the future means that the clock went back: it ends.
SKEW = timedelta(minutes=1)
ENDED = N_("This session was ended in the meantime. Sign in again.")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may sleep and live, and how long a proof of identity counts."""

    idle: timedelta
    absolute: timedelta
    proof: timedelta


def find_live(session: Session, token: str, *, now: datetime, limits: Limits) -> WebSession | None:
    """The row of `token` while it is neither idle too long nor too old."""
    row = session.get(WebSession, token_hash(token))
    if row is None:
        return None
    asleep = now - row.seen_at
    if asleep > limits.idle or asleep < -SKEW or now - row.created_at > limits.absolute:
        return None
    return row


def hold(session: Session, user_id: uuid.UUID) -> bool:
    """One act on an account at a time, until the transaction ends; False when it is locked or gone.

    Ending sessions and renewing one exclude each other here, else a session that is renewed at
    the same instant would outlive a new password or a lock. Taken before the journal's head.
    """
    found = session.execute(
        select(User.locked_at).where(User.id == user_id).with_for_update(key_share=True)
    ).one_or_none()
    return found is not None and found.locked_at is None


def begin(
    session: Session,
    *,
    now: datetime,
    user_id: uuid.UUID | None = None,
    pending_user_id: uuid.UUID | None = None,
    method: str | None = None,
    proved_at: datetime | None = None,
    old: WebSession | None = None,
    address_hash: str = "",
    agent: str = "",
) -> tuple[str, WebSession]:
    """A session under a new token; the old row is deleted, so a planted token is worthless.

    For the same user the first `created_at` stays: a rotation never lengthens a session.
    Raises ConflictError when the account was locked, or the session that goes on here was ended,
    since this request was let in.
    """
    owner = user_id or pending_user_id
    if owner is not None and not hold(session, owner):
        raise ConflictError(ENDED)
    token = new_token()
    same = old is not None and user_id is not None and old.user_id == user_id
    row = WebSession(
        token_hash=token_hash(token),
        user_id=user_id,
        pending_user_id=pending_user_id,
        data=_carried(old),
        method=method or (old.method if old else None),
        created_at=old.created_at if same and old else now,
        seen_at=now,
        proved_at=proved_at,
        acting_supplier_id=old.acting_supplier_id if same and old else None,
        address_hash=address_hash or (old.address_hash if old else ""),
        agent=(agent or (old.agent if old else ""))[:200],
    )
    if old is not None:
        gone = session.execute(delete(WebSession).where(WebSession.token_hash == old.token_hash))
        goes_on = user_id is not None and user_id in {old.user_id, old.pending_user_id}
        if goes_on and getattr(gone, "rowcount", 0) != 1:
            raise ConflictError(ENDED)
    session.add(row)
    session.flush()
    return token, row


def _carried(old: WebSession | None) -> dict[str, object]:
    kept = dict(old.data) if old is not None else {}
    kept.pop("csrf_token", None)
    return kept


def end_sessions(session: Session, user_id: uuid.UUID, *, keep: str | None = None) -> int:
    """End every session of a user, but the one whose token hash is `keep`. Gives their number."""
    hold(session, user_id)
    query = delete(WebSession).where(
        (WebSession.user_id == user_id) | (WebSession.pending_user_id == user_id)
    )
    if keep is not None:
        query = query.where(WebSession.token_hash != keep)
    return int(getattr(session.execute(query), "rowcount", 0))


def is_fresh(row: WebSession, *, now: datetime, limits: Limits) -> bool:
    """True while the last proof of identity counts; use never extends it."""
    return row.proved_at is not None and timedelta(0) <= now - row.proved_at <= limits.proof


def find_visitor(
    session: Session, user_id: uuid.UUID, *, acting_supplier_id: uuid.UUID | None
) -> Visitor | None:
    """The rights of a user as they are now; None when the account is locked or gone."""
    user = session.get(User, user_id)
    if user is None or user.locked_at is not None:
        return None
    grants = _grants(session, user_id) if user.kind == ActorKind.STAFF else ()
    mandates = _mandates(session, user_id) if user.kind == ActorKind.SUPPLIER else ()
    held = {supplier_id for supplier_id, _ in mandates}
    acting = acting_supplier_id if acting_supplier_id in held else None
    if acting is None and len(mandates) == 1:
        acting = mandates[0][0]
    return Visitor(
        user_id=user.id,
        kind=ActorKind(user.kind),
        name=user.name,
        email=user.email,
        language=user.language,
        grants=grants,
        mandates=mandates,
        acting_supplier_id=acting,
    )


def _grants(session: Session, user_id: uuid.UUID) -> tuple[Grant, ...]:
    rows = session.execute(
        select(StaffScope.role, StaffScope.buyer_id, StaffScope.approved_by_id).where(
            StaffScope.user_id == user_id, StaffScope.ended_at.is_(None)
        )
    )
    return tuple(
        Grant(Role(role), buyer_id)
        for role, buyer_id, approved_by in rows
        if role not in NEED_TWO or approved_by is not None
    )


def _mandates(session: Session, user_id: uuid.UUID) -> tuple[tuple[uuid.UUID, str], ...]:
    rows = session.execute(
        select(Supplier.id, Supplier.name, Supplier.sort_name)
        .join(Mandate, Mandate.supplier_id == Supplier.id)
        .where(Mandate.user_id == user_id, Mandate.ended_at.is_(None))
        .order_by(Supplier.sort_name, Supplier.id)
        .distinct()
    )
    return tuple((row.id, row.name) for row in rows)
