"""What we keep of bank details: values under seal, approvals, call-backs, pulls."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    column,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supplier.kernel.database import Base, Id, Long, Name, Short, Stateful, UtcDateTime


class BankAccount(Stateful, Base):
    """One version of a supplier's bank details. A change is a new row, never an edit.

    States: submitted, approved_once, approved_twice, refused, withdrawn, blocked, replaced.
    *Active* is computed: approved_twice and `active_from <= now`.
    """

    __tablename__ = "bank_account"
    __table_args__ = (
        Index("ix_bank_account_supplier_state", "supplier_id", "state"),
        Index("ix_bank_account_iban", "iban_index"),
        Index("ix_bank_account_state_active", "state", "active_from", "erased_at"),
    )

    id: Mapped[Id]
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"))
    #: One group company, or null for all that work with the supplier.
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("buyer.id"))
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    iban: Mapped[bytes]
    iban_index: Mapped[str] = mapped_column(String(64))
    iban_masked: Mapped[Short]
    bic: Mapped[str | None] = mapped_column(String(11))
    holder: Mapped[Name]
    bank_name: Mapped[Name | None]
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("document.id"))
    version: Mapped[int]
    #: SHA-256 over (iban, bic, holder, supplier, version): what an approval is bound to.
    value_hash: Mapped[str] = mapped_column(String(64))
    findings: Mapped[list[Any]]
    submitted_by_kind: Mapped[Short]
    submitted_by_id: Mapped[uuid.UUID | None]
    submitted_by_name: Mapped[Name]
    submitted_at: Mapped[datetime]
    active_from: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    replaces_id: Mapped[uuid.UUID | None]
    closed_reason: Mapped[Long | None]
    last_changed_at: Mapped[datetime] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]

    approvals: Mapped[list[BankApproval]] = relationship(
        back_populates="account", order_by="BankApproval.position", lazy="raise"
    )
    call_backs: Mapped[list[CallBack]] = relationship(order_by="CallBack.at", lazy="raise")


class BankApproval(Base):
    """One person's approval of exactly one value."""

    __tablename__ = "bank_approval"
    __table_args__ = (
        UniqueConstraint("account_id", "approver_id"),
        UniqueConstraint("account_id", "position"),
        CheckConstraint("position in (1, 2)", name="position"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    approver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    approver_name: Mapped[Name]
    position: Mapped[int]
    value_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]

    account: Mapped[BankAccount] = relationship(back_populates="approvals", lazy="raise")


class CallBack(Base):
    """A call to a number known before the request, to hear the change confirmed."""

    __tablename__ = "call_back"

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"), index=True)
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contact.id"))
    number: Mapped[Short]
    number_source: Mapped[Name]
    number_known_since: Mapped[datetime]
    #: confirmed, denied, unreached
    result: Mapped[Short]
    comment: Mapped[Long | None]
    by_id: Mapped[uuid.UUID]
    by_name: Mapped[Name]
    at: Mapped[datetime]


class BankPull(Base):
    """Somebody or some program took the validated accounts: who, when, how many."""

    __tablename__ = "bank_pull"

    id: Mapped[Id]
    client_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("api_client.id"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    by_name: Mapped[Name]
    format: Mapped[Short]
    cursor: Mapped[Name | None]
    count: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)


#: Accounts that the tables themselves show approved by two people, neither of them the submitter,
#: on exactly the present value (a view, made by the first migration). `active_from` is compared
#: at the time of asking.
validated_bank_account = table(
    "validated_bank_account",
    column("id", Uuid),
    column("supplier_id", Uuid),
    column("buyer_id", Uuid),
    column("active_from", UtcDateTime),
    column("replaced_at", UtcDateTime),
    column("last_changed_at", UtcDateTime),
)
