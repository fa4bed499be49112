"""What retention is told of accounts of the suppliers' people, and of the links sent to people."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from supplier.accounts.models import (
    Invitation,
    Mandate,
    Passkey,
    RecoveryCode,
    TotpFactor,
    User,
    WebSession,
)
from supplier.kernel import registers
from supplier.kernel.audit import ActorKind
from supplier.kernel.clock import legal_day
from supplier.kernel.registers import Erased, Kept
from supplier.parties.keeping import relations_over

#: Of a name that is gone. An address must be unique, so it carries the account's own id.
GONE = "erased"


@dataclass(frozen=True, slots=True)
class _Held:
    """One mandate: for whom, when it ended, when that supplier's relations were over."""

    supplier_id: uuid.UUID
    ended_on: date | None
    over_on: date | None


def list_users(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Accounts of suppliers' people; staff are the group's own and follow its rules of work.

    Whoever acts for nobody any more left on the day of the last mandate; otherwise the account
    lives as long as the relations of all suppliers that it acts for.
    """
    held = _mandates(session)
    rows = session.execute(
        select(User.id, User.name, User.created_at)
        .where(User.kind == ActorKind.SUPPLIER, User.name != "")
        .order_by(User.created_at, User.id)
    )
    for row in rows:
        mandates = held.get(row.id, [])
        ended = [one.ended_on for one in mandates]
        left = all(ended)
        yield Kept(
            subject_type="user", subject_id=row.id, buyer_id=None, label=row.name,
            # Of several suppliers the one that was served longest decides, for a hold too.
            supplier_id=_longest(mandates),
            rule="contact_left" if left else "contact",
            starts_on=_last([*ended, legal_day(row.created_at)] if left
                            else [one.over_on for one in mandates]),
        )  # fmt: skip


def _mandates(session: Session) -> dict[uuid.UUID, list[_Held]]:
    over = relations_over()
    rows = session.execute(
        select(Mandate.user_id, Mandate.supplier_id, Mandate.ended_at, over.c.ended_on).outerjoin(
            over, over.c.supplier_id == Mandate.supplier_id
        )
    )
    found: defaultdict[uuid.UUID, list[_Held]] = defaultdict(list)
    for row in rows:
        ended_on = legal_day(row.ended_at) if row.ended_at else None
        found[row.user_id].append(_Held(row.supplier_id, ended_on, row.ended_on))
    return found


def _last(days: Sequence[date | None]) -> date | None:
    """The latest day; None when one of them is not known yet."""
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _longest(mandates: Sequence[_Held]) -> uuid.UUID | None:
    if not mandates:
        return None
    return max(mandates, key=lambda one: (one.over_on or date.max, one.supplier_id.int)).supplier_id


def erase_user(session: Session, user_id: uuid.UUID, at: datetime) -> Erased:
    """Make the person unknown and the account useless; the row stays for what refers to it."""
    user = session.get(User, user_id)
    if user is None or user.name == "" or user.kind != ActorKind.SUPPLIER:
        return Erased()
    session.execute(
        delete(Invitation).where((Invitation.user_id == user_id) | (Invitation.email == user.email))
    )
    user.name, user.email = "", f"{GONE}-{user_id.hex}"
    user.password_hash, user.locked_at, user.locked_reason = None, at, GONE
    for table in (Passkey, TotpFactor, RecoveryCode):
        session.execute(delete(table).where(table.user_id == user_id))
    session.execute(
        delete(WebSession).where(
            (WebSession.user_id == user_id) | (WebSession.pending_user_id == user_id)
        )
    )
    session.execute(
        update(Mandate)
        .where(Mandate.user_id == user_id, Mandate.ended_at.is_(None))
        .values(ended_at=at)
    )
    return Erased(rows=1)


def list_invitations(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Links that let somebody in: security events, twelve months from the day they died."""
    rows = session.execute(
        select(Invitation.id, Invitation.supplier_id, Invitation.name, Invitation.expires_at)
        .order_by(Invitation.created_at, Invitation.id)
    )  # fmt: skip
    for row in rows:
        yield Kept(
            subject_type="invitation", subject_id=row.id, supplier_id=row.supplier_id,
            buyer_id=None, rule="security_log", starts_on=legal_day(row.expires_at),
            label=row.name,
        )  # fmt: skip


def erase_invitation(session: Session, invitation_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    found = session.get(Invitation, invitation_id)
    if found is None:
        return Erased()
    session.delete(found)
    session.flush()
    return Erased(rows=1)


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("user", list_users, erase_user))
    registers.keep(registers.Keeper("invitation", list_invitations, erase_invitation))
