"""The journal as people read it: filtered, a page at a time, with the state of its chain."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from supplier.kernel.audit import GENESIS, Actor, AuditHead, Event, check_links, record
from supplier.kernel.database import Page, reading, transaction

#: Lines whose digests a page computes again; the command `verify` does all of them.
TAIL = 5_000
#: Of a journal of millions of lines, nobody opens the last page: it is counted so far only.
COUNTED = 10_000
Companies = Collection[uuid.UUID] | None


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which lines. `since` is inclusive, `until` exclusive; `kind` may be a beginning ("bank.")."""

    kind: str = ""
    supplier_id: uuid.UUID | None = None
    subject_id: uuid.UUID | None = None
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventSight:
    """Whose lines somebody reads: those of these group companies (None: all) and those of none.

    `apart` names kinds by their beginning ("bank.") that are read for other companies than the
    rest; for no company, they are not read at all.
    """

    buyers: Companies
    apart: Mapping[str, Companies] = field(default_factory=dict)


#: For commands, and for what is shown to nobody in particular.
EVERY_EVENT = EventSight(None)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of the chain: how many lines, and the digest that seals them all."""

    seq: int
    digest: str


def list_events(
    wanted: JournalFilter,
    *,
    suppliers: Any = None,
    sight: EventSight = EVERY_EVENT,
    number: int = 1,
    size: int = 50,
) -> Page[Event]:
    """The lines of a filter, the latest first; two statements.

    `suppliers` is a query of supplier ids that the visitor may see, None shows all lines.
    """
    query = _filtered(select(Event), wanted, suppliers).where(_in_sight(sight))
    with reading() as session:
        counted = query.with_only_columns(Event.seq).limit(COUNTED).subquery()
        total = session.scalar(select(func.count()).select_from(counted)) or 0
        number = min(max(1, number), max(1, -(-total // size)))
        rows = session.scalars(
            query.order_by(Event.seq.desc()).limit(size).offset((number - 1) * size)
        ).all()
    return Page(rows, number, size, total)


def take_events(
    wanted: JournalFilter, *, suppliers: Any, sight: EventSight, by: Actor, now: datetime
) -> Sequence[Event]:
    """The lines of a filter for a file, the latest first, as many as are counted.

    Taking them is a line of its own: who, when and how many.
    """
    query = _filtered(select(Event), wanted, suppliers).where(_in_sight(sight))
    with transaction() as session:
        rows = session.scalars(query.order_by(Event.seq.desc()).limit(COUNTED)).all()
        record(session, "journal.exported", subject="journal", by=by, at=now,
               data={"count": len(rows)})  # fmt: skip
    return rows


def list_supplier_events(
    supplier_id: uuid.UUID, *, sight: EventSight = EVERY_EVENT, limit: int = 12,
    without: Collection[str] = (),
) -> Sequence[Event]:  # fmt: skip
    """What happened to a supplier, the latest first, but for some kinds; one statement."""
    query = select(Event).where(
        Event.supplier_id == supplier_id, Event.kind.not_in(without), _in_sight(sight)
    )
    with reading() as session:
        return session.scalars(query.order_by(Event.seq.desc()).limit(limit)).all()


def _in_sight(sight: EventSight) -> ColumnElement[bool]:
    """The lines of a sight: each sort of kinds is read for its own companies."""
    apart = {
        beginning: Event.kind.startswith(beginning, autoescape=True) for beginning in sight.apart
    }
    usual = [~begins for begins in apart.values()]
    sorts = [and_(*usual, _concerns(sight.buyers))]
    sorts += [
        and_(apart[beginning], _concerns(companies))
        for beginning, companies in sight.apart.items()
        if companies is None or companies
    ]
    return or_(*sorts)


def _concerns(companies: Companies) -> ColumnElement[bool]:
    if companies is None:
        return true()
    return or_(Event.buyer_id.is_(None), Event.buyer_id.in_(companies))


def _filtered(query: Any, wanted: JournalFilter, suppliers: Any) -> Any:
    if suppliers is not None:
        query = query.where(Event.supplier_id.in_(suppliers))
    if wanted.kind.endswith("."):
        query = query.where(Event.kind.startswith(wanted.kind, autoescape=True))
    elif wanted.kind:
        query = query.where(Event.kind == wanted.kind)
    if wanted.supplier_id is not None:
        query = query.where(Event.supplier_id == wanted.supplier_id)
    if wanted.subject_id is not None:
        query = query.where(Event.subject_id == wanted.subject_id)
    if wanted.actor:
        query = query.where(Event.actor_name.icontains(wanted.actor, autoescape=True))
    if wanted.since is not None:
        query = query.where(Event.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Event.at < wanted.until)
    return query


def get_head(session: Session) -> ChainHead:
    """The end of the chain; one statement."""
    seq, digest = session.execute(
        select(AuditHead.seq, AuditHead.digest).where(AuditHead.id == 1)
    ).one()
    return ChainHead(seq, digest)


def chain_head() -> ChainHead:
    """The same, read now."""
    with reading() as session:
        return get_head(session)


def verify_tail(*, lines: int = TAIL) -> tuple[list[int], int]:
    """Compute the digests of the last lines again: where they do not hold, and how many were read.

    The first of them must follow the line before it, the last one must be the head's.
    """
    with reading() as session:
        head = get_head(session)
        rows = session.scalars(
            select(Event).where(Event.seq > head.seq - lines - 1).order_by(Event.seq)
        ).all()
    before = rows[0] if rows and rows[0].seq > 1 else None
    checked = rows[1:] if before else rows
    after = (before.seq, before.digest) if before else (0, GENESIS)
    return check_links(checked, after=after, end=(head.seq, head.digest)), len(checked)
