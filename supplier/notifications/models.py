"""What we keep of mails: the outbox, and which reminders were already sent."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplier.kernel.database import Base, Id, Long, Name, Short, Stateful


class OutboxMessage(Stateful, Base):
    """One mail to one address, sent at least once under a stable Message-ID.

    States: queued, sent, failed, bounced. The body is sealed because it may hold a sign-in link.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "state", "not_before"),)

    id: Mapped[Id]
    message_id: Mapped[Name] = mapped_column(unique=True)
    #: The business fact that this mail tells: a second one for it is never queued.
    dedupe_key: Mapped[Name] = mapped_column(unique=True)
    kind: Mapped[Short]
    to_address: Mapped[Name] = mapped_column(index=True)
    to_name: Mapped[Name]
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[Name]
    body: Mapped[bytes]
    supplier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("supplier.id"), index=True)
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contact.id"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[Long | None]
    sent_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    #: Digest of the last report that was taken in: the same one again changes nothing.
    report_digest: Mapped[str | None] = mapped_column(String(64))


class ReminderSent(Base):
    """A step of the reminder plan that was told to a person for one obligation and one due day."""

    __tablename__ = "reminder_sent"
    __table_args__ = (UniqueConstraint("obligation_id", "due_on", "step", "address"),)

    id: Mapped[Id]
    obligation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("obligation.id"), index=True)
    due_on: Mapped[date]
    step: Mapped[int]
    address: Mapped[Name]
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("outbox_message.id"))
    at: Mapped[datetime]
