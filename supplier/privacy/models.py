"""What we keep of people's rights: requests with their clock, and notices that were shown."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplier.kernel.database import Base, Id, Long, Name, Short, Stateful


class RightsRequest(Stateful, Base):
    """A request under GDPR articles 15 to 22. States: open, extended, answered, refused."""

    __tablename__ = "rights_request"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: access, rectification, erasure, restriction, portability, objection
    right: Mapped[Short]
    requester_name: Mapped[Name | None]
    requester_email: Mapped[Name | None]
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    supplier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("supplier.id"), index=True)
    message: Mapped[Long]
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    extended_at: Mapped[datetime | None]
    extension_reason: Mapped[Long | None]
    answer: Mapped[Long | None]
    refusal_ground: Mapped[Short | None]
    closed_at: Mapped[datetime | None]
    closed_on: Mapped[date | None]
    closed_by_id: Mapped[uuid.UUID | None]
    erased_at: Mapped[datetime | None]


class NoticeSeen(Base):
    """A person was shown this version of the privacy notice."""

    __tablename__ = "notice_seen"
    __table_args__ = (UniqueConstraint("user_id", "version"),)

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    version: Mapped[Short]
    at: Mapped[datetime]
