"""What we do about rights: file a request, extend, answer, refuse; note that a notice was seen."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.kernel.addresses import mail_address
from supplier.kernel.audit import Actor, move, record
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, take_turn, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Engagement
from supplier.privacy.models import NoticeSeen, RightsRequest
from supplier.privacy.rights import (
    ALLOWED,
    RefusalGround,
    RequestState,
    Right,
    answer_due_on,
    extended_due_on,
    extension_objection,
    refusal_objection,
)

Buyers = frozenset[uuid.UUID] | None


class OpenRequestError(ConflictError):
    """The same person already asks for the same; `request_id` is that request."""

    def __init__(self, request_id: uuid.UUID, number: str) -> None:
        super().__init__(
            N_("You already ask for this: that request waits for its answer."), field="right"
        )
        self.request_id, self.number = request_id, number


NO_REQUEST = N_("This request does not exist.")


def file_request(
    right: str,
    message: str,
    *,
    user_id: uuid.UUID | None,
    supplier_id: uuid.UUID | None,
    by: Actor,
    now: datetime,
    name: str | None = None,
    email: str | None = None,
    received_on: date | None = None,
) -> RightsRequest:
    """Take a request; its month counts from the day on which it came (GDPR, art. 12(3)).

    From the portal `user_id` is who asks; one that came by letter has a `name` and the day of
    its arrival. The receipt leaves by mail where an address is known. Raises DomainError, and
    OpenRequestError while a request of the same right by the same account has no answer yet.
    """
    today = legal_day(now)
    came_on = received_on or today
    _check(right, message, user_id=user_id, name=name, email=email)
    if came_on > today:
        raise DomainError(N_("This day is still to come: check the date."), field="received_on")
    with transaction() as session:
        # The number is made under a lock: of two requests at once the second sees the first.
        number = _next_number(session, came_on)
        _refuse_second(session, right, user_id=user_id)
        row = RightsRequest(
            id=new_id(), number=number, state=RequestState.OPEN.value,
            right=Right(right).value, requester_name=name or None, requester_email=email or None,
            user_id=user_id, supplier_id=supplier_id, message=message.strip(), received_at=now,
            received_on=came_on, due_on=answer_due_on(came_on),
        )  # fmt: skip
        session.add(row)
        session.flush()
        record(
            session, "rights.received", subject=row, by=by, at=now, to_state=row.state,
            data={"right": row.right, "number": row.number, "due_on": row.due_on.isoformat()},
        )  # fmt: skip
        _tell(session, "rights_received", row, now=now)
        if row.right == Right.ERASURE and supplier_id is not None:
            # Whoever answers reads in the plan what the law still keeps.
            queue.defer(session, "work_out_plan", now=now, payload={})
        return row


def _refuse_second(session: Session, right: str, *, user_id: uuid.UUID | None) -> None:
    """One open request of a right is enough: the same again would start no other month."""
    if user_id is None:
        return
    waiting = session.scalars(
        select(RightsRequest).where(
            RightsRequest.user_id == user_id,
            RightsRequest.right == right,
            RightsRequest.state.in_([RequestState.OPEN.value, RequestState.EXTENDED.value]),
        )
    ).first()
    if waiting is not None:
        raise OpenRequestError(waiting.id, waiting.number)


def _check(
    right: str, message: str, *, user_id: uuid.UUID | None, name: str | None, email: str | None
) -> None:
    if right not in {one.value for one in Right}:
        raise DomainError(N_("Choose what you ask for."), field="right")
    if not message.strip():
        raise DomainError(N_("Say in a sentence what it is about."), field="message")
    if user_id is None and not (name or "").strip():
        raise DomainError(N_("Write the name of the person who asks."), field="name")
    if email and mail_address(email) is None:
        raise DomainError(N_("This is not a mail address."), field="email")


def _next_number(session: Session, on: date) -> str:
    """DP-2026-0001, without a hole or a double: one is made at a time."""
    take_turn(session, "rights_request.number")
    stem = f"DP-{on.year}-"
    last = session.scalar(
        select(func.max(RightsRequest.number)).where(RightsRequest.number.startswith(stem))
    )
    return f"{stem}{int(last.removeprefix(stem)) + 1 if last else 1:04d}"


def extend(request_id: uuid.UUID, *, reason: str, buyers: Buyers, by: Actor, now: datetime) -> None:
    """Take two more months, once, before the first has ended; the person is told why.

    Raises NotFoundError, ConflictError, DomainError.
    """
    with transaction() as session:
        row = get_in(session, request_id, buyers)
        objection = extension_objection(
            state=row.state, received_on=row.received_on, notified_on=legal_day(now), reason=reason
        )
        if objection is not None:
            raise DomainError(objection, field="reason")
        row.due_on = extended_due_on(row.received_on)
        row.extended_at, row.extension_reason = now, reason.strip()
        move(
            session, row, RequestState.EXTENDED, "rights.extended", allowed=ALLOWED, by=by, at=now,
            data={"due_on": row.due_on.isoformat()},
        )  # fmt: skip
        _tell_news(session, row, now=now)


def answer(request_id: uuid.UUID, *, text: str, buyers: Buyers, by: Actor, now: datetime) -> None:
    """Answer and close a request. Raises NotFoundError, ConflictError, DomainError."""
    if not text.strip():
        raise DomainError(N_("Write the answer: the person reads it."), field="text")
    with transaction() as session:
        row = get_in(session, request_id, buyers)
        row.answer = text.strip()
        _close(session, row, RequestState.ANSWERED, "rights.answered", by=by, now=now)


def refuse(
    request_id: uuid.UUID,
    *,
    ground: str,
    text: str,
    buyers: Buyers,
    by: Actor,
    now: datetime,
) -> None:
    """Refuse and close a request on a ground that the law gives (GDPR, art. 12(4)).

    Raises NotFoundError, ConflictError, DomainError when the ground does not fit the right.
    """
    if not text.strip():
        raise DomainError(N_("Explain the refusal: the person reads it."), field="text")
    with transaction() as session:
        row = get_in(session, request_id, buyers)
        if ground not in {one.value for one in RefusalGround}:
            raise DomainError(N_("Choose the ground of the refusal."), field="ground")
        objection = refusal_objection(right=row.right, ground=ground)
        if objection is not None:
            raise DomainError(objection, field="ground")
        row.answer, row.refusal_ground = text.strip(), ground
        _close(session, row, RequestState.REFUSED, "rights.refused", by=by, now=now)


def _close(
    session: Session, row: RightsRequest, state: str, kind: str, *, by: Actor, now: datetime
) -> None:
    row.closed_at, row.closed_on, row.closed_by_id = now, legal_day(now), by.id
    data = {"ground": row.refusal_ground} if row.refusal_ground else {}
    move(session, row, state, kind, allowed=ALLOWED, by=by, at=now, data=data)
    _tell_news(session, row, now=now)


def _tell_news(session: Session, row: RightsRequest, *, now: datetime) -> None:
    """A person with an account reads the news in the portal; others are answered as they asked."""
    if row.user_id is not None:
        _tell(session, "rights_news", row, now=now)


def _tell(session: Session, kind: str, row: RightsRequest, *, now: datetime) -> None:
    queue.defer(session, "notify", now=now, payload={"kind": kind, "request_id": str(row.id)})


def get_in(session: Session, request_id: uuid.UUID, buyers: Buyers) -> RightsRequest:
    """A request that the visitor answers for.

    Whoever answers for some companies only sees requests about suppliers who work for them.
    Raises NotFoundError.
    """
    row = session.get(RightsRequest, request_id)
    if row is None or row.erased_at is not None or not _in_sight(session, row, buyers):
        raise NotFoundError(NO_REQUEST)
    return row


def _in_sight(session: Session, row: RightsRequest, buyers: Buyers) -> bool:
    if buyers is None:
        return True
    query = select(Engagement.id).where(
        Engagement.supplier_id == row.supplier_id, Engagement.buyer_id.in_(buyers)
    )
    return row.supplier_id is not None and session.scalar(query.limit(1)) is not None


def note_seen(user_id: uuid.UUID, version: str, *, now: datetime) -> None:
    """The person was shown this version of the notice; a second time changes nothing."""
    with transaction() as session:
        if not _was_seen(session, user_id, version):
            session.add(NoticeSeen(id=new_id(), user_id=user_id, version=version, at=now))


def _was_seen(session: Session, user_id: uuid.UUID, version: str) -> bool:
    query = select(NoticeSeen.id).where(
        NoticeSeen.user_id == user_id, NoticeSeen.version == version
    )
    return session.scalar(query) is not None
