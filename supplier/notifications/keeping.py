"""What retention is told of mails, and which mails one person was sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from supplier.kernel import registers
from supplier.kernel.clock import legal_day
from supplier.kernel.database import reading
from supplier.kernel.registers import Erased, Kept
from supplier.notifications.models import OutboxMessage, ReminderSent
from supplier.parties.models import Contact
from supplier.retention.schedule import first_erasable_on

RULE, LEFT_RULE = "mail_log", "contact_left"


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail as its addressee may know of it."""

    kind: str
    subject: str
    state: str
    created_at: datetime


def list_kept(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Three years, and never longer than the contact that a mail was written to."""
    rows = session.execute(
        select(
            OutboxMessage.id, OutboxMessage.supplier_id, OutboxMessage.kind,
            OutboxMessage.created_at, Contact.left_on,
        )
        .outerjoin(Contact, Contact.id == OutboxMessage.contact_id)
        .where(OutboxMessage.to_address != "")
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
    )  # fmt: skip
    for row in rows:
        sent_on = legal_day(row.created_at)
        rule, starts_on = _shorter(sent_on, row.left_on)
        yield Kept(
            subject_type="outbox_message", subject_id=row.id, supplier_id=row.supplier_id,
            buyer_id=None, rule=rule, starts_on=starts_on, label=row.kind,
        )  # fmt: skip


def _shorter(sent_on: date, left_on: date | None) -> tuple[str, date]:
    ours, theirs = first_erasable_on(RULE, sent_on), first_erasable_on(LEFT_RULE, left_on)
    if left_on is not None and ours is not None and theirs is not None and theirs < ours:
        return LEFT_RULE, left_on
    return RULE, sent_on


def erase(session: Session, message_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    """Remove to whom, about what and the text; that a mail of this kind left stays."""
    row = session.get(OutboxMessage, message_id)
    if row is None or row.to_address == "":
        return Erased()
    session.execute(delete(ReminderSent).where(ReminderSent.message_id == message_id))
    row.to_address = row.to_name = row.subject = ""
    row.body, row.last_error, row.report_digest = b"", None, None
    # The key may hold the address; what takes its place is as unique.
    row.dedupe_key = f"erased:{message_id}"
    row.contact_id = row.user_id = None
    return Erased(rows=1)


def list_mails_to(user_id: uuid.UUID, *, address: str, limit: int = 200) -> Sequence[SentMail]:
    """The mails of one person, newest first: what the right of access shows."""
    with reading() as session:
        rows = session.execute(
            select(
                OutboxMessage.kind,
                OutboxMessage.subject,
                OutboxMessage.state,
                OutboxMessage.created_at,
            )
            .where(
                (OutboxMessage.user_id == user_id)
                | OutboxMessage.to_address.in_({address, address.lower()})
            )
            .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id)
            .limit(limit)
        )
        return [SentMail(*row) for row in rows]


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("outbox_message", list_kept, erase))
