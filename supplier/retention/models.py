"""What we keep of erasing: legal holds, batches, their items, and the ledger of erasures."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supplier.kernel.database import Base, Id, Long, Name, Short, Stateful


class LegalHold(Base):
    """Nothing of this supplier is erased while the hold stands: a dispute, an inspection."""

    __tablename__ = "legal_hold"

    id: Mapped[Id]
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    reason: Mapped[Long]
    by_id: Mapped[uuid.UUID]
    by_name: Mapped[Name]
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[uuid.UUID | None]


class RetentionEntry(Base):
    """One kept thing with its dates, worked out again by the clock: what the plan pages read.

    It proposes; before anything is erased the facts themselves are asked again.
    """

    __tablename__ = "retention_entry"
    __table_args__ = (
        UniqueConstraint("subject_type", "subject_id"),
        Index("ix_retention_entry_erasable", "first_erasable_on", "id"),
        Index("ix_retention_entry_starts", "starts_on", "id"),
        Index("ix_retention_entry_rule", "rule", "first_erasable_on"),
    )

    id: Mapped[Id]
    subject_type: Mapped[Short]
    subject_id: Mapped[uuid.UUID]
    supplier_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    buyer_id: Mapped[uuid.UUID | None]
    rule: Mapped[Short]
    starts_on: Mapped[date | None]
    first_erasable_on: Mapped[date | None]
    label: Mapped[Name]


class RetentionCount(Base):
    """How many lines of the plan share a rule and their dates: what the plan page adds up.

    Written with the lines (`plan.count_entries`), so that the page costs the same however many
    things are kept.
    """

    __tablename__ = "retention_count"

    id: Mapped[Id]
    rule: Mapped[Short]
    starts_on: Mapped[date | None]
    first_erasable_on: Mapped[date | None]
    number: Mapped[int]
    counted_at: Mapped[datetime]


class ErasureBatch(Stateful, Base):
    """What may be erased as of a day. States: proposed, approved, executed, rejected."""

    __tablename__ = "erasure_batch"

    id: Mapped[Id]
    day: Mapped[date]
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[uuid.UUID | None]
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[uuid.UUID | None]
    approved_by_name: Mapped[Name | None]
    rejected_at: Mapped[datetime | None]
    rejection_reason: Mapped[Long | None]
    executed_at: Mapped[datetime | None]
    certificate_key: Mapped[Name | None]
    certificate_sha256: Mapped[str | None] = mapped_column(String(64))

    items: Mapped[list[ErasureItem]] = relationship(
        back_populates="batch", order_by="ErasureItem.first_erasable_on", lazy="raise"
    )


class ErasureItem(Base):
    """One thing of a batch. `outcome`: null (to do), erased, held, not_due, already_gone."""

    __tablename__ = "erasure_item"
    __table_args__ = (Index("ix_erasure_item_subject", "subject_type", "subject_id"),)

    id: Mapped[Id]
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("erasure_batch.id"), index=True)
    subject_type: Mapped[Short]
    subject_id: Mapped[uuid.UUID]
    supplier_id: Mapped[uuid.UUID | None]
    buyer_id: Mapped[uuid.UUID | None]
    rule: Mapped[Short]
    starts_on: Mapped[date]
    first_erasable_on: Mapped[date]
    label: Mapped[Name]
    outcome: Mapped[Short | None]
    done_at: Mapped[datetime | None]

    batch: Mapped[ErasureBatch] = relationship(back_populates="items", lazy="raise")


class ErasureEntry(Base):
    """The ledger: what was erased (ids and file keys only), replayed after a restore.

    Written before the files go and completed after, so that a crash between the two is seen.
    """

    __tablename__ = "erasure_entry"

    id: Mapped[Id]
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("erasure_batch.id"))
    subject_type: Mapped[Short]
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    file_key: Mapped[Name | None]
    rule: Mapped[Short]
    decided_at: Mapped[datetime]
    file_gone_at: Mapped[datetime | None] = mapped_column(index=True)
