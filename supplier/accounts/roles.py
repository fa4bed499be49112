"""Giving and taking roles: those that read bank data need two, the last administrator stays."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from supplier.accounts.models import StaffScope, User
from supplier.accounts.people import NO_USER, is_staff
from supplier.accounts.permissions import NEED_TWO, Role
from supplier.accounts.sessions import end_sessions, hold
from supplier.kernel import audit
from supplier.kernel.audit import Actor
from supplier.kernel.database import new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer

NO_ROLE = N_("This role does not exist.")


def grant_role(
    user_id: uuid.UUID,
    *,
    role: Role,
    buyer_id: uuid.UUID | None,
    by: Actor,
    now: datetime,
    within: Collection[uuid.UUID] | None = None,
) -> StaffScope:
    """Give a role to a member of staff, for one group company or (None) for all.

    `within` are the group companies that the granter administers (None: all). The user signs in
    again. Raises NotFoundError, ConflictError (already held), DomainError (not allowed).
    """
    if within is not None and buyer_id not in within:
        raise NotFoundError(N_("This group company does not exist."))
    with transaction() as session:
        user = _staff_to_change(session, user_id)
        if role in NEED_TWO and by.id == user.id:
            raise DomainError(N_("Nobody gives themselves a right on bank details."))
        if buyer_id is not None and session.get(Buyer, buyer_id) is None:
            raise NotFoundError(N_("This group company does not exist."))
        return add_role(session, user, role, buyer_id, by=by, now=now)


def _staff_to_change(session: Session, user_id: uuid.UUID) -> User:
    """The user, locked against a second change at the same time (a no-op on SQLite)."""
    user = session.scalars(
        select(User).where(User.id == user_id).with_for_update(key_share=True)
    ).one_or_none()
    if user is None or not is_staff(user):
        raise NotFoundError(NO_USER)
    return user


def add_role(
    session: Session,
    user: User,
    role: Role,
    buyer_id: uuid.UUID | None,
    *,
    by: Actor,
    now: datetime,
) -> StaffScope:
    """Write a role in the caller's transaction, after the rules that hold for every granter."""
    held = _roles_of(session, user.id)
    if (role, buyer_id) in held:
        raise ConflictError(N_("This person already has this role."))
    _check_mix(role, buyer_id, {one for one, _ in held})
    row = StaffScope(
        id=new_id(), user_id=user.id, role=role.value, buyer_id=buyer_id,
        granted_by_id=by.id, granted_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    end_sessions(session, user.id)
    audit.record(session, "role_granted", subject=user, by=by, at=now, data=_facts(row))
    return row


def _roles_of(session: Session, user_id: uuid.UUID) -> set[tuple[Role, uuid.UUID | None]]:
    rows = session.execute(
        select(StaffScope.role, StaffScope.buyer_id).where(
            StaffScope.user_id == user_id, StaffScope.ended_at.is_(None)
        )
    )
    return {(Role(role), buyer_id) for role, buyer_id in rows}


def _check_mix(role: Role, buyer_id: uuid.UUID | None, held: set[Role]) -> None:
    """Administrators act for the whole group, and are kept apart from bank data."""
    if role == Role.ADMINISTRATOR and buyer_id is not None:
        raise DomainError(N_("An administrator acts for the whole group."), field="buyer")
    together = held | {role}
    if Role.ADMINISTRATOR in together and together & NEED_TWO:
        raise DomainError(
            N_("One person cannot administer accounts and have a right on bank details."),
            field="role",
        )


def _facts(row: StaffScope) -> dict[str, str | None]:
    return {
        "scope": str(row.id),
        "role": row.role,
        "buyer": str(row.buyer_id) if row.buyer_id else None,
    }


def approve_role(scope_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """The second person's yes to a role: neither its holder nor who granted it.

    Raises NotFoundError, ConflictError (already approved or ended), DomainError.
    """
    with transaction() as session:
        row = _get_role(session, scope_id)
        user = _staff_to_change(session, row.user_id)
        if by.id is None or by.id in {row.user_id, row.granted_by_id}:
            raise DomainError(
                N_("Another administrator must approve: not who granted it, nor who gets it.")
            )
        changed = session.execute(
            update(StaffScope)
            .where(
                StaffScope.id == scope_id,
                StaffScope.approved_by_id.is_(None),
                StaffScope.ended_at.is_(None),
            )
            .values(approved_by_id=by.id, approved_at=now)
        )
        if getattr(changed, "rowcount", 0) != 1 or Role(row.role) not in NEED_TWO:
            raise ConflictError(N_("Someone has already dealt with this role."))
        end_sessions(session, row.user_id)
        audit.record(session, "role_approved", subject=user, by=by, at=now, data=_facts(row))


def suspend_roles(session: Session, user: User, *, by: Actor, now: datetime) -> int:
    """Roles that need two people wait for a second yes again; runs in the caller's transaction.

    Whoever gives somebody a new address or a new second factor could walk in as them: alone they
    must not end up with a right on bank details (SECURITY B6). Gives how many.
    """
    hold(session, user.id)
    rows = session.scalars(
        select(StaffScope).where(
            StaffScope.user_id == user.id,
            StaffScope.role.in_([role.value for role in NEED_TWO]),
            StaffScope.ended_at.is_(None),
            StaffScope.approved_by_id.is_not(None),
        )
    ).all()
    for row in rows:
        row.approved_by_id, row.approved_at, row.granted_by_id = None, None, by.id
        audit.record(session, "role_suspended", subject=user, by=by, at=now, data=_facts(row))
    return len(rows)


def end_role(scope_id: uuid.UUID, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Take a role away, or refuse one that waits; it holds at once. Raises as above."""
    with transaction() as session:
        row = _get_role(session, scope_id)
        user = _staff_to_change(session, row.user_id)
        if row.role == Role.ADMINISTRATOR:
            check_not_last_administrator(session, user)
        changed = session.execute(
            update(StaffScope)
            .where(StaffScope.id == scope_id, StaffScope.ended_at.is_(None))
            .values(ended_at=now)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("Someone has already dealt with this role."))
        end_sessions(session, row.user_id)
        audit.record(
            session, "role_ended", subject=user, by=by, at=now, reason=reason.strip() or None,
            data=_facts(row),
        )  # fmt: skip


def _get_role(session: Session, scope_id: uuid.UUID) -> StaffScope:
    row = session.get(StaffScope, scope_id)
    if row is None:
        raise NotFoundError(NO_ROLE)
    return row


def check_not_last_administrator(session: Session, user: User) -> None:
    """Raises DomainError when without this user nobody could administer accounts.

    One such question at a time: two administrators who strip each other must not both succeed.
    """
    session.execute(
        select(StaffScope.id)
        .where(StaffScope.role == Role.ADMINISTRATOR.value, StaffScope.ended_at.is_(None))
        .order_by(StaffScope.id)
        .with_for_update(key_share=True)
    )
    if _administrators(session, User.id == user.id) == 0:
        return
    if _administrators(session, User.id != user.id) == 0:
        raise DomainError(N_("This is the last administrator: make another one first."))


def _administrators(session: Session, *conditions: object) -> int:
    query = (
        select(func.count(func.distinct(User.id)))
        .join(StaffScope, StaffScope.user_id == User.id)
        .where(
            StaffScope.role == Role.ADMINISTRATOR.value,
            StaffScope.ended_at.is_(None),
            User.locked_at.is_(None),
            *conditions,  # type: ignore[arg-type]
        )
    )
    return session.scalar(query) or 0


def has_administrator(session: Session) -> bool:
    """True once anybody ever was made an administrator."""
    query = select(exists().where(StaffScope.role == Role.ADMINISTRATOR.value))
    return bool(session.scalar(query))
