"""Lists of mails: what waits, what failed, what came back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ScalarSelect, Select, func, or_, select

from supplier.kernel.database import Page, Part, count_of, page_of, reading
from supplier.notifications.models import OutboxMessage
from supplier.parties.models import Engagement, Supplier

Buyers = frozenset[uuid.UUID] | None
S = TypeVar("S", bound="Select[*tuple[Any, ...]]")
MAIL_SORTS = ("written", "recipient", "subject", "supplier", "state")


@dataclass(frozen=True, slots=True)
class MailRow:
    """One mail without its body: the desk sees that it left, never what it holds."""

    id: uuid.UUID
    state: str
    kind: str
    to_address: str
    to_name: str
    subject: str
    supplier_id: uuid.UUID | None
    supplier: str | None
    created_at: datetime
    not_before: datetime
    attempts: int
    last_error: str | None
    sent_at: datetime | None
    bounced_at: datetime | None
    #: False once the text is gone: a link that left, or a mail that was erased.
    has_text: bool

    @property
    def may_be_retried(self) -> bool:
        return self.state in {"failed", "bounced"} and self.has_text

    @property
    def is_late(self) -> bool:
        """A first try failed and another one comes."""
        return self.state == "queued" and self.attempts > 0 and self.last_error is not None


def visible(query: S, buyers: Buyers) -> S:
    """Mails about suppliers of these companies; those about no supplier only for who sees all."""
    if buyers is None:
        return query
    theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
    return query.where(OutboxMessage.supplier_id.in_(theirs))


def list_mails(
    *, buyers: Buyers, state: str = "", text: str = "", sort: str = "written", number: int = 1,
    size: int = 50,
) -> Page[MailRow]:  # fmt: skip
    """Mails in the order asked for, the latest first among equals; three statements.

    `text` looks in names, addresses and subjects.
    """
    query = visible(select(OutboxMessage.id), buyers)
    if text or sort == "supplier":
        query = query.outerjoin(Supplier, Supplier.id == OutboxMessage.supplier_id)
    if state:
        query = query.where(OutboxMessage.state == state)
    if text:
        word = text.lower()
        query = query.where(
            or_(
                func.lower(OutboxMessage.to_address).contains(word, autoescape=True),
                func.lower(OutboxMessage.to_name).contains(word, autoescape=True),
                func.lower(OutboxMessage.subject).contains(word, autoescape=True),
                func.lower(Supplier.name).contains(word, autoescape=True),
            )
        )
    at, key, first = OutboxMessage.created_at, OutboxMessage.id, _order(sort)
    with reading() as session:
        counts = [count_of(session, query)]
        back = [one.desc() for one in first]
        part = Part(query, (*first, at.desc(), key.desc()), (*back, at, key))
        found = page_of(session, [part], counts, number=number, size=size)
        rows = session.execute(
            select(OutboxMessage, Supplier.name)
            .outerjoin(Supplier, Supplier.id == OutboxMessage.supplier_id)
            .where(OutboxMessage.id.in_(found.items))
        )
        by_id = {row.id: _row(row, name) for row, name in rows}
    return Page([by_id[one] for one in found.items], found.number, found.size, found.total)


def _order(sort: str) -> list[Any]:
    """What goes before the day in an order; mails about no supplier stand last."""
    orders: dict[str, list[Any]] = {
        "recipient": [func.lower(OutboxMessage.to_name)],
        "subject": [func.lower(OutboxMessage.subject)],
        "supplier": [Supplier.sort_name.is_(None), Supplier.sort_name],
        "state": [OutboxMessage.state],
    }
    return orders.get(sort, [])


def count_by_state(*, buyers: Buyers) -> dict[str, int]:
    """How many mails are in each state; one statement."""
    query = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    with reading() as session:
        return dict(session.execute(visible(query, buyers)).all())


def count_stuck(*, buyers: Buyers) -> ScalarSelect[int]:
    """A sub-query: mails that were given up or came back."""
    query = select(func.count()).where(OutboxMessage.state.in_(("failed", "bounced")))
    return visible(query, buyers).scalar_subquery()


def _row(row: OutboxMessage, supplier: str | None) -> MailRow:
    return MailRow(
        id=row.id,
        state=row.state,
        kind=row.kind,
        to_address=row.to_address,
        to_name=row.to_name,
        subject=row.subject,
        supplier_id=row.supplier_id,
        supplier=supplier,
        created_at=row.created_at,
        not_before=row.not_before,
        attempts=row.attempts,
        last_error=row.last_error,
        sent_at=row.sent_at,
        bounced_at=row.bounced_at,
        has_text=bool(row.body),
    )
