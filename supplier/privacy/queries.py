"""Requests with their clocks, and everything that we hold of one person who signs in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import Session

from supplier.accounts.models import Mandate, Passkey, User, WebSession
from supplier.bank.models import BankAccount
from supplier.documents.models import Document
from supplier.kernel.audit import Event
from supplier.kernel.database import Page, paginate, reading
from supplier.kernel.errors import NotFoundError
from supplier.parties.models import Contact, Engagement, Supplier
from supplier.privacy.actions import NO_REQUEST, Buyers, get_in
from supplier.privacy.models import NoticeSeen, RightsRequest
from supplier.privacy.rights import RequestClock, RequestState, clock

OPEN_STATES = (RequestState.OPEN.value, RequestState.EXTENDED.value)
#: Most rows of one kind that an extract lists.
MOST = 1000


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request with who asks and where its clock stands today."""

    request: RightsRequest
    who: str
    email: str
    supplier_name: str
    clock: RequestClock


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A paper that the person handed in."""

    name: str
    kind: str | None
    state: str
    received_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What we hold of a person who has an account, as a page shows it: the last of each."""

    contacts: Sequence[tuple[Contact, str]]
    papers: Sequence[HandedIn]
    accounts: Sequence[tuple[str, datetime]]
    sessions: Sequence[WebSession]
    requests: Sequence[RightsRequest]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """All that we hold of a person who has an account (GDPR, art. 15)."""

    user: User
    mandates: Sequence[tuple[str, datetime, datetime | None]]
    overview: Overview
    passkeys: Sequence[Passkey]
    notices: Sequence[NoticeSeen]
    events: Sequence[tuple[str, datetime]]


#: What requests are sorted by; otherwise the most pressing stand first.
REQUEST_SORTS = ("number", "received", "due")


def list_requests(
    *, state: str, right: str, today: date, buyers: Buyers, number: int, size: int,
    sort: str = "",
) -> Page[RequestLine]:  # fmt: skip
    """Requests, the most pressing first; `state` is open, closed, late or empty for all.

    `sort` is one of `REQUEST_SORTS`, with a minus before it downwards.
    """
    query = visible(select(RightsRequest).where(RightsRequest.erased_at.is_(None)), buyers)
    is_open = RightsRequest.state.in_(OPEN_STATES)
    if state:
        query = query.where(
            {
                "open": is_open,
                "late": is_open & (RightsRequest.due_on < today),
                "closed": RightsRequest.state.not_in(OPEN_STATES),
            }[state]
        )
    if right:
        query = query.where(RightsRequest.right == right)
    query = query.order_by(*_order(sort, is_open))
    with reading() as session:
        found = paginate(session, query, number=number, size=size)
        lines = _lines(session, found.items, today)
    return Page(lines, found.number, found.size, found.total)


def _order(sort: str, is_open: ColumnElement[bool]) -> tuple[Any, ...]:
    """What a sort compares; requests of one day stand by their number, which no two share."""
    keys = {
        "number": (RightsRequest.number,),
        "received": (RightsRequest.received_on, RightsRequest.number),
        "due": (RightsRequest.due_on, RightsRequest.number),
    }.get(sort.removeprefix("-"))
    if keys is None:
        return is_open.desc(), RightsRequest.due_on, RightsRequest.id
    return tuple(key.desc() for key in keys) if sort.startswith("-") else keys


def visible(query: Select[Any], buyers: Buyers) -> Select[Any]:
    """Only the requests about suppliers of these companies (None: all)."""
    if buyers is None:
        return query
    theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
    return query.where(RightsRequest.supplier_id.in_(theirs))


def _lines(session: Session, rows: Sequence[RightsRequest], today: date) -> list[RequestLine]:
    users = _by_id(session, User, {row.user_id for row in rows if row.user_id})
    suppliers = _by_id(session, Supplier, {row.supplier_id for row in rows if row.supplier_id})
    return [_line(row, users, suppliers, today) for row in rows]


def _line(
    row: RightsRequest,
    users: dict[uuid.UUID, Any],
    suppliers: dict[uuid.UUID, Any],
    today: date,
) -> RequestLine:
    user = users.get(row.user_id) if row.user_id else None
    supplier = suppliers.get(row.supplier_id) if row.supplier_id else None
    return RequestLine(
        request=row,
        who=row.requester_name or (user.name if user else ""),
        email=row.requester_email or (user.email if user else ""),
        supplier_name=supplier.name if supplier else "",
        clock=clock(
            row.due_on, state=row.state, received_on=row.received_on, today=today,
            closed_on=row.closed_on,
        ),
    )  # fmt: skip


def _by_id(session: Session, table: Any, ids: set[uuid.UUID]) -> dict[uuid.UUID, Any]:
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(select(table).where(table.id.in_(ids)))}


def get_request(
    request_id: uuid.UUID, *, today: date, buyers: Buyers
) -> tuple[RequestLine, Sequence[Event]]:
    """A request with its clock and what happened to it. Raises NotFoundError."""
    with reading() as session:
        row = get_in(session, request_id, buyers)
        (line,) = _lines(session, [row], today)
        events = session.scalars(
            select(Event)
            .where(Event.subject_type == row.__tablename__, Event.subject_id == row.id)
            .order_by(Event.seq.desc())
            .limit(20)
        ).all()
        return line, events


def get_own_request(request_id: uuid.UUID, user_id: uuid.UUID, *, today: date) -> RequestLine:
    """A request of the person themselves. Raises NotFoundError."""
    with reading() as session:
        row = session.get(RightsRequest, request_id)
        if row is None or row.user_id != user_id or row.erased_at is not None:
            raise NotFoundError(NO_REQUEST)
        return _lines(session, [row], today)[0]


def count_open(buyers: Buyers) -> ScalarSelect[int]:
    """Requests that wait for an answer, for the rail."""
    query = (
        select(func.count())
        .select_from(RightsRequest)
        .where(RightsRequest.state.in_(OPEN_STATES), RightsRequest.erased_at.is_(None))
    )
    return visible(query, buyers).scalar_subquery()


def has_seen(user_id: uuid.UUID, version: str) -> bool:
    """Whether this version of the notice was shown to the person."""
    with reading() as session:
        query = select(NoticeSeen.id).where(
            NoticeSeen.user_id == user_id, NoticeSeen.version == version
        )
        return session.scalar(query) is not None


def _own_requests(session: Session, user_id: uuid.UUID) -> Sequence[RightsRequest]:
    return session.scalars(
        select(RightsRequest)
        .where(RightsRequest.user_id == user_id, RightsRequest.erased_at.is_(None))
        .order_by(RightsRequest.received_at.desc(), RightsRequest.id)
    ).all()


def get_overview(user_id: uuid.UUID) -> Overview:
    """What the page shows a person of themselves; six statements. Raises NotFoundError."""
    with reading() as session:
        return _overview(session, _user(session, user_id), limit=20)


def personal_data(user_id: uuid.UUID) -> PersonalData:
    """Everything that names an account or was done by it, for its copy. Raises NotFoundError."""
    with reading() as session:
        user = _user(session, user_id)
        return PersonalData(
            user=user,
            mandates=_mandates(session, user_id),
            overview=_overview(session, user, limit=MOST),
            passkeys=session.scalars(
                select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at)
            ).all(),
            notices=session.scalars(
                select(NoticeSeen).where(NoticeSeen.user_id == user_id).order_by(NoticeSeen.at)
            ).all(),
            events=_deeds(session, user_id),
        )


def _user(session: Session, user_id: uuid.UUID) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(NO_REQUEST)
    return user


def _overview(session: Session, user: User, *, limit: int) -> Overview:
    return Overview(
        contacts=_contacts(session, user),
        papers=_papers(session, user.id, limit=limit),
        accounts=_bank_details(session, user.id, limit=limit),
        sessions=session.scalars(
            select(WebSession)
            .where(WebSession.user_id == user.id)
            .order_by(WebSession.seen_at.desc())
        ).all(),
        requests=_own_requests(session, user.id),
    )


def _held_by(user_id: uuid.UUID) -> Select[uuid.UUID]:
    """Suppliers that the account acts or acted for: what it did stands there."""
    return select(Mandate.supplier_id).where(Mandate.user_id == user_id)


def _mandates(
    session: Session, user_id: uuid.UUID
) -> Sequence[tuple[str, datetime, datetime | None]]:
    rows = session.execute(
        select(Supplier.name, Mandate.from_at, Mandate.ended_at)
        .join(Supplier, Supplier.id == Mandate.supplier_id)
        .where(Mandate.user_id == user_id)
        .order_by(Mandate.from_at, Mandate.id)
    )
    return [(row.name, row.from_at, row.ended_at) for row in rows]


def _contacts(session: Session, user: User) -> Sequence[tuple[Contact, str]]:
    rows = session.execute(
        select(Contact, Supplier.name)
        .join(Supplier, Supplier.id == Contact.supplier_id)
        .where(
            func.lower(Contact.email) == user.email.lower(),
            Contact.supplier_id.in_(_held_by(user.id)),
        )
        .order_by(Supplier.sort_name, Contact.id)
    )
    return [(contact, name) for contact, name in rows]


def _papers(session: Session, user_id: uuid.UUID, *, limit: int) -> Sequence[HandedIn]:
    rows = session.execute(
        select(
            Document.original_name,
            Document.kind,
            Document.state,
            Document.received_at,
            Document.sha256,
        )
        .where(
            Document.supplier_id.in_(_held_by(user_id)),
            Document.received_by_id == user_id,
            Document.erased_at.is_(None),
        )
        .order_by(Document.received_at.desc(), Document.id)
        .limit(limit)
    )
    return [HandedIn(*row) for row in rows]


def _bank_details(
    session: Session, user_id: uuid.UUID, *, limit: int
) -> Sequence[tuple[str, datetime]]:
    rows = session.execute(
        select(BankAccount.iban_masked, BankAccount.submitted_at)
        .where(
            BankAccount.supplier_id.in_(_held_by(user_id)),
            BankAccount.submitted_by_id == user_id,
            BankAccount.erased_at.is_(None),
        )
        .order_by(BankAccount.submitted_at.desc(), BankAccount.id)
        .limit(limit)
    )
    return [(row.iban_masked, row.submitted_at) for row in rows]


def _deeds(session: Session, user_id: uuid.UUID) -> Sequence[tuple[str, datetime]]:
    rows = session.execute(
        select(Event.kind, Event.at)
        .where(
            or_(
                (Event.subject_type == User.__tablename__) & (Event.subject_id == user_id),
                Event.supplier_id.in_(_held_by(user_id)) & (Event.actor_id == user_id),
            )
        )
        .order_by(Event.seq.desc())
        .limit(MOST)
    )
    return [(row.kind, row.at) for row in rows]
