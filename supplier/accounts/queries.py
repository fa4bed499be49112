"""Lists of users, roles, sessions, factors and programs."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, selectinload

from supplier.accounts import recovery
from supplier.accounts.clients import BANK_MARK, waits_for_approval
from supplier.accounts.models import (
    ApiClient,
    Invitation,
    Mandate,
    Passkey,
    SsoIdentity,
    StaffScope,
    TotpFactor,
    User,
    WebSession,
)
from supplier.accounts.people import NO_USER, is_staff
from supplier.accounts.permissions import NEED_TWO, Role
from supplier.accounts.roles import NO_ROLE
from supplier.accounts.sessions import Limits
from supplier.kernel.audit import ActorKind, Event
from supplier.kernel.database import Page, paginate, reading
from supplier.kernel.errors import NotFoundError
from supplier.parties.models import Buyer, Supplier

Buyers = Collection[uuid.UUID] | None
USER_SORTS = ("name", "address", "state")


@dataclass(frozen=True, slots=True)
class UserFilter:
    """What the list of users shows. `state` is open, invited or locked; empty means all."""

    kind: str = ""
    role: str = ""
    state: str = ""
    text: str = ""
    sort: str = "name"


def list_users(
    wanted: UserFilter | None = None, *, buyers: Buyers = None, number: int = 1, size: int = 50
) -> Page[User]:
    """Users in the order asked for, with their roles (`scopes`).

    `buyers` are the group companies that the reader administers (None: all): others see the
    staff of these companies only.
    """
    wanted = wanted or UserFilter()
    query = (
        select(User)
        .where(*_conditions(wanted), *_visible(buyers))
        .options(selectinload(User.scopes))
        .order_by(*_order(wanted.sort), User.sort_name, User.id)
    )
    with reading() as session:
        return paginate(session, query, number=number, size=size)


def _order(sort: str) -> list[Any]:
    state = case((User.locked_at.is_not(None), 0), (_waiting(), 1), else_=2)
    orders: dict[str, list[Any]] = {"address": [User.email], "state": [state]}
    return orders.get(sort, [])


def _conditions(wanted: UserFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(User.kind == wanted.kind)
    if wanted.role:
        found.append(
            exists().where(
                StaffScope.user_id == User.id,
                StaffScope.role == wanted.role,
                StaffScope.ended_at.is_(None),
            )
        )
    if wanted.state == "locked":
        found.append(User.locked_at.is_not(None))
    elif wanted.state == "invited":
        found.append(and_(User.locked_at.is_(None), _waiting()))
    elif wanted.state == "open":
        found.append(and_(User.locked_at.is_(None), ~_waiting()))
    if wanted.text:
        found.append(
            or_(
                func.lower(User.name).contains(wanted.text.lower(), autoescape=True),
                User.email.contains(wanted.text.lower(), autoescape=True),
            )
        )
    return found


def _waiting() -> ColumnElement[bool]:
    """Staff who neither chose a password nor came by the group's sign-in: not yet here."""
    return and_(
        User.kind == ActorKind.STAFF.value,
        User.password_hash.is_(None),
        ~exists().where(SsoIdentity.user_id == User.id),
    )


def _visible(buyers: Buyers) -> list[ColumnElement[bool]]:
    if buyers is None:
        return []
    return [exists().where(StaffScope.user_id == User.id, StaffScope.buyer_id.in_(list(buyers)))]


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role with the names that a page shows. `waits`: a second person must approve it."""

    scope: StaffScope
    user_name: str
    buyer_name: str | None
    granter_name: str | None
    waits: bool


@dataclass(frozen=True, slots=True)
class MandateLine:
    mandate: Mandate
    supplier_name: str


@dataclass(frozen=True, slots=True)
class Factors:
    """What a user can prove themselves with."""

    has_password: bool
    totp_since: datetime | None
    passkeys: Sequence[Passkey]
    codes_left: int

    @property
    def any_second(self) -> bool:
        return self.totp_since is not None or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class UserDetails:
    user: User
    factors: Factors
    roles: Sequence[RoleLine]
    mandates: Sequence[MandateLine]
    sessions: int
    invitation: Invitation | None
    events: Sequence[Event]


def get_user(user_id: uuid.UUID, *, buyers: Buyers = None) -> UserDetails:
    """Everything about one user. Raises NotFoundError, for those out of sight too."""
    with reading() as session:
        user = session.scalars(
            select(User).where(User.id == user_id, *_visible(buyers))
        ).one_or_none()
        if user is None:
            raise NotFoundError(NO_USER)
        return UserDetails(
            user=user,
            factors=_factors(session, user),
            roles=_role_lines(session, _roles().where(StaffScope.user_id == user_id))
            if is_staff(user)
            else [],
            mandates=[] if is_staff(user) else _mandate_lines(session, user_id),
            sessions=session.scalar(
                select(func.count()).select_from(WebSession).where(WebSession.user_id == user_id)
            )
            or 0,
            invitation=session.scalars(
                select(Invitation)
                .where(Invitation.email == user.email)
                .order_by(Invitation.created_at.desc(), Invitation.id)
                .limit(1)
            ).one_or_none(),
            events=_events(session, user_id),
        )


def _events(session: Session, user_id: uuid.UUID) -> Sequence[Event]:
    return session.scalars(
        select(Event)
        .where(Event.subject_type == "user", Event.subject_id == user_id)
        .order_by(Event.seq.desc())
        .limit(20)
    ).all()


def get_factors(user_id: uuid.UUID) -> Factors:
    """What one user can prove themselves with. Raises NotFoundError."""
    with reading() as session:
        user = session.get(User, user_id)
        if user is None:
            raise NotFoundError(NO_USER)
        return _factors(session, user)


def _factors(session: Session, user: User) -> Factors:
    keys = select(Passkey).where(Passkey.user_id == user.id)
    since = select(TotpFactor.confirmed_at).where(TotpFactor.user_id == user.id)
    totp_since, left = session.execute(
        select(since.scalar_subquery(), recovery.codes_left(user.id).scalar_subquery())
    ).one()
    return Factors(
        has_password=user.password_hash is not None,
        totp_since=totp_since,
        passkeys=session.scalars(keys.order_by(Passkey.created_at, Passkey.id)).all(),
        codes_left=left,
    )


_HOLDER, _GRANTER = aliased(User), aliased(User)


def _roles() -> Select[StaffScope, str, str, str]:
    return (
        select(StaffScope, _HOLDER.name, Buyer.name, _GRANTER.name)
        .join(_HOLDER, _HOLDER.id == StaffScope.user_id)
        .outerjoin(Buyer, Buyer.id == StaffScope.buyer_id)
        .outerjoin(_GRANTER, _GRANTER.id == StaffScope.granted_by_id)
        .where(StaffScope.ended_at.is_(None))
        .order_by(StaffScope.granted_at, StaffScope.id)
    )


def _role_lines(session: Session, query: Select[StaffScope, str, str, str]) -> list[RoleLine]:
    return [
        RoleLine(scope, holder, buyer, granter, _is_waiting(scope))
        for scope, holder, buyer, granter in session.execute(query)
    ]


def _is_waiting(scope: StaffScope) -> bool:
    return scope.role in NEED_TWO and scope.approved_by_id is None


def _mandate_lines(session: Session, user_id: uuid.UUID) -> list[MandateLine]:
    rows = session.execute(
        select(Mandate, Supplier.name)
        .join(Supplier, Supplier.id == Mandate.supplier_id)
        .where(Mandate.user_id == user_id, Mandate.ended_at.is_(None))
        .order_by(Supplier.sort_name, Mandate.id)
    )
    return [MandateLine(mandate, name) for mandate, name in rows]


def _waiting_roles(buyers: Buyers) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        StaffScope.role.in_([role.value for role in NEED_TWO]),
        StaffScope.approved_by_id.is_(None),
        StaffScope.ended_at.is_(None),
    ]
    if buyers is not None:
        found.append(StaffScope.buyer_id.in_(list(buyers)))
    return found


def list_waiting_roles(*, buyers: Buyers = None) -> list[RoleLine]:
    """Roles that a second person must approve, the oldest first."""
    with reading() as session:
        return _role_lines(session, _roles().where(*_waiting_roles(buyers)))


def count_waiting_roles(*, buyers: Buyers = None) -> ScalarSelect[int]:
    """The same as a number, as a sub-query for the rail."""
    return select(func.count(StaffScope.id)).where(*_waiting_roles(buyers)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class ClientLine:
    client: ApiClient
    buyer_name: str | None
    creator_name: str | None


def list_api_clients(*, buyers: Buyers = None) -> list[ClientLine]:
    """The programs, those in force first, then by name."""
    query = (
        select(ApiClient, Buyer.name, User.name)
        .outerjoin(Buyer, Buyer.id == ApiClient.buyer_id)
        .outerjoin(User, User.id == ApiClient.created_by_id)
        .order_by(ApiClient.revoked_at.is_not(None), ApiClient.sort_name, ApiClient.id)
    )
    if buyers is not None:
        query = query.where(ApiClient.buyer_id.in_(list(buyers)))
    with reading() as session:
        return [ClientLine(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class ProgramLine:
    """A program that reads bank data. `waits`: nobody has approved it yet."""

    client: ApiClient
    buyer_name: str | None
    creator_name: str | None
    approver_name: str | None
    waits: bool


_APPROVER = aliased(User)


def list_bank_programs(*, buyers: Buyers = None) -> list[ProgramLine]:
    """The programs that read bank data and are not over: those that wait first, then by name."""
    query = (
        select(ApiClient, Buyer.name, User.name, _APPROVER.name)
        .outerjoin(Buyer, Buyer.id == ApiClient.buyer_id)
        .outerjoin(User, User.id == ApiClient.created_by_id)
        .outerjoin(_APPROVER, _APPROVER.id == ApiClient.approved_by_id)
        .where(*_bank_programs(buyers))
        .order_by(ApiClient.approved_at.is_not(None), ApiClient.sort_name, ApiClient.id)
    )
    with reading() as session:
        return [
            ProgramLine(*row, waits=waits_for_approval(row[0])) for row in session.execute(query)
        ]


def _bank_programs(buyers: Buyers) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        cast(ApiClient.scopes, String).contains(BANK_MARK), ApiClient.revoked_at.is_(None)
    ]  # fmt: skip
    if buyers is not None:
        found.append(ApiClient.buyer_id.in_(list(buyers)))
    return found


def count_waiting_programs(*, buyers: Buyers = None) -> ScalarSelect[int]:
    """How many programs wait for a yes, as a sub-query for the rail."""
    return (
        select(func.count(ApiClient.id))
        .where(*_bank_programs(buyers), ApiClient.approved_at.is_(None))
        .scalar_subquery()
    )


def list_buyers(*, buyers: Buyers = None) -> list[tuple[uuid.UUID, str]]:
    """The group companies that a role or a key may be limited to, by name."""
    query = select(Buyer.id, Buyer.name).order_by(Buyer.sort_name, Buyer.id)
    if buyers is not None:
        query = query.where(Buyer.id.in_(list(buyers)))
    with reading() as session:
        return [(buyer_id, name) for buyer_id, name in session.execute(query)]


def list_sessions(user_id: uuid.UUID, *, now: datetime, limits: Limits) -> Sequence[WebSession]:
    """A user's sessions that are still alive, the latest used first."""
    with reading() as session:
        return session.scalars(
            select(WebSession)
            .where(
                WebSession.user_id == user_id,
                WebSession.seen_at >= now - limits.idle,
                WebSession.created_at >= now - limits.absolute,
            )
            .order_by(WebSession.seen_at.desc(), WebSession.token_hash)
        ).all()


def roles_in_force(user: User) -> list[Role]:
    """The roles of a listed user that count today, each once, in the order of the table."""
    held = {
        scope.role for scope in user.scopes if scope.ended_at is None and not _is_waiting(scope)
    }
    return [role for role in Role if role.value in held]


def get_role(scope_id: uuid.UUID, *, buyers: Buyers = None) -> RoleLine:
    """One role in force or waiting. Raises NotFoundError, for those out of sight too."""
    query = _roles().where(StaffScope.id == scope_id)
    if buyers is not None:
        query = query.where(StaffScope.buyer_id.in_(list(buyers)))
    with reading() as session:
        lines = _role_lines(session, query)
    if not lines:
        raise NotFoundError(NO_ROLE)
    return lines[0]
