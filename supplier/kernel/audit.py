"""Who changed what, when and why: an append-only, hash-chained journal, and `move()`."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from supplier.kernel.database import Base, Long, Name, Short
from supplier.kernel.errors import ConflictError
from supplier.kernel.i18n import N_

GENESIS = "0" * 64


class ActorKind(StrEnum):
    STAFF = "staff"
    SUPPLIER = "supplier"
    API = "api"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `supplier_id` is the supplier that a supplier user acts for at this moment."""

    kind: ActorKind
    id: uuid.UUID | None
    name: str
    supplier_id: uuid.UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM, None, "Vigie")


class Event(Base):
    """One line of the journal. It holds ids, states and reasons, never the content of a paper.

    `buyer_id` names the group company that alone it concerns; null concerns whoever works with
    the supplier.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_type", "subject_id", "seq"),
        Index("ix_event_supplier", "supplier_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[Short] = mapped_column(String(60), index=True)
    actor_kind: Mapped[Short]
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[Name]
    subject_type: Mapped[Short]
    subject_id: Mapped[uuid.UUID | None]
    supplier_id: Mapped[uuid.UUID | None]
    buyer_id: Mapped[uuid.UUID | None]
    from_state: Mapped[Short | None]
    to_state: Mapped[Short | None]
    reason: Mapped[Long | None]
    data: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain: one row, locked by each writer, so that the order is certain."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))


def record(
    session: Session,
    kind: str,
    *,
    subject: Any,
    by: Actor,
    at: datetime,
    supplier_id: uuid.UUID | None = None,
    buyer_id: uuid.UUID | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Write one event in the caller's transaction.

    `subject` is a row (its table names the type) or a string for what has no row; the supplier
    and the group company are its own unless they are given. `data` holds
    ids, counts and codes only: no name, no address, no value read from a paper.
    """
    head = lock_journal(session)
    event = _follow(
        head, Noted(kind, subject, data or {}), by, at,
        supplier_id=supplier_id or _named(subject, "supplier"),
        buyer_id=buyer_id or _named(subject, "buyer"),
        from_state=from_state, to_state=to_state, reason=reason,
    )  # fmt: skip
    session.add(event)
    session.flush()
    return event


@dataclass(frozen=True, slots=True)
class Noted:
    """An event that is written with others, as `record` would write it alone."""

    kind: str
    subject: Any
    data: Mapping[str, Any] = field(default_factory=dict)


def record_all(session: Session, noted: Iterable[Noted], *, by: Actor, at: datetime) -> None:
    """Write many events of one person and one instant, in their order, in one go."""
    head = lock_journal(session)
    session.add_all(
        _follow(
            head, one, by, at, supplier_id=_named(one.subject, "supplier"),
            buyer_id=_named(one.subject, "buyer"), from_state=None, to_state=None, reason=None,
        )
        for one in noted
    )  # fmt: skip
    session.flush()


def lock_journal(session: Session) -> AuditHead:
    """The end of the journal as it stands, ours until the transaction ends.

    Every change of state writes an event: meanwhile nobody else changes any.
    """
    head = session.scalars(
        select(AuditHead).where(AuditHead.id == 1).with_for_update(key_share=True)
    ).one()
    session.refresh(head)
    return head


def end_of_journal(session: Session) -> int:
    """The number of the last event; as long as it is that, no state has changed."""
    return session.scalars(select(AuditHead.seq).where(AuditHead.id == 1)).one()


def _follow(head: AuditHead, noted: Noted, by: Actor, at: datetime, **more: Any) -> Event:
    """The next event of the chain, which ends in it from now on."""
    subject = noted.subject
    event = Event(
        seq=head.seq + 1,
        # Digests are taken over UTC: that is what the database gives back.
        at=at.astimezone(UTC),
        kind=noted.kind,
        actor_kind=by.kind.value,
        actor_id=by.id,
        actor_name=by.name[:200],
        subject_type=subject if isinstance(subject, str) else subject.__tablename__,
        subject_id=None if isinstance(subject, str) else getattr(subject, "id", None),
        data=dict(noted.data),
        previous=head.digest,
        **more,
    )
    event.digest = digest(event)
    head.seq, head.digest = event.seq, event.digest
    return event


def _named(subject: Any, party: str) -> uuid.UUID | None:
    """The supplier or the buyer that a row is, or names."""
    if isinstance(subject, str):
        return None
    if subject.__tablename__ == party:
        return uuid.UUID(str(subject.id))
    found = getattr(subject, f"{party}_id", None)
    return found if isinstance(found, uuid.UUID) else None


def digest(event: Event) -> str:
    """SHA-256 over the previous digest and every column, in a canonical form."""
    parts = [
        event.previous,
        event.seq,
        event.at.isoformat(),
        event.kind,
        event.actor_kind,
        str(event.actor_id),
        event.actor_name,
        event.subject_type,
        str(event.subject_id),
        str(event.supplier_id),
        str(event.buyer_id),
        event.from_state,
        event.to_state,
        event.reason,
        event.data,
    ]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def broken_links(session: Session, *, batch: int = 5000) -> list[int]:
    """The sequence numbers where the chain does not hold; empty when the journal is whole."""
    query = select(Event).order_by(Event.seq).execution_options(yield_per=batch)
    head = session.get(AuditHead, 1)
    end = (head.seq, head.digest) if head else None

    def read() -> Iterator[Event]:
        for event in session.scalars(query):
            yield event
            session.expunge(event)

    return check_links(read(), after=(0, GENESIS), end=end)


def check_links(
    events: Iterable[Event], *, after: tuple[int, str], end: tuple[int, str] | None
) -> list[int]:
    """The sequence numbers where these events, in order, do not hold together.

    `after` is the number and digest of the event before them, `end` those of the chain's head.
    """
    broken: list[int] = []
    number, previous = after
    for event in events:
        number += 1
        if event.seq != number or event.previous != previous or digest(event) != event.digest:
            broken.append(event.seq)
        number, previous = event.seq, event.digest
    return broken if (number, previous) == end else [*broken, number + 1]


def move(
    session: Session,
    row: Any,
    to: str,
    kind: str,
    *,
    allowed: Mapping[str, Collection[str]],
    by: Actor,
    at: datetime,
    reason: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Change `row.state` to `to` and write the event, or raise ConflictError.

    The change happens only if `allowed[state]` holds `to` and the row still has the state that
    the caller saw: the slower of two people gets the conflict, never a second effect.
    """
    seen = str(row.state)
    if to not in allowed.get(seen, ()):
        raise ConflictError(N_("This is no longer possible: someone has already dealt with it."))
    table = type(row)
    changed = session.execute(
        update(table)
        .where(table.id == row.id, table.state == seen)
        .values(state=to)
        .execution_options(synchronize_session=False)
    )
    if getattr(changed, "rowcount", 0) != 1:
        raise ConflictError(N_("Someone else was faster. Reload the page to see their decision."))
    set_committed_value(row, "state", to)
    return record(
        session,
        kind,
        subject=row,
        by=by,
        at=at,
        from_state=seen,
        to_state=to,
        reason=reason,
        data=data,
    )
