"""What we keep of the work itself: contracts, purchase orders, invoices."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supplier.kernel.database import Base, Id, Name, Short
from supplier.parties.models import Buyer, Supplier


class Contract(Base):
    """A contract of an engagement; amounts exclude tax. No end date: it runs until terminated."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("buyer_id", "reference"),
        Index("ix_contract_signed", "signed_on", "id", "erased_at", "part_of_id"),
    )

    id: Mapped[Id]
    engagement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("engagement.id"), index=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("buyer.id"))
    reference: Mapped[Short]
    title: Mapped[Name]
    #: single, framework (no amount of its own), or amendment (adds to the amount of another)
    kind: Mapped[Short] = mapped_column(default="single")
    #: The contract that an amendment belongs to.
    part_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contract.id"), index=True)
    amount: Mapped[Decimal | None]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    signed_on: Mapped[date]
    starts_on: Mapped[date]
    #: No renewal goes beyond it.
    ends_on: Mapped[date | None] = mapped_column(index=True)
    terminated_on: Mapped[date | None]
    #: Its first tacit renewal, and how often it renews itself from then on; both or neither.
    renews_on: Mapped[date | None]
    renews_months: Mapped[int | None]
    #: Opening of the building site, where an insurance must cover it.
    site_opened_on: Mapped[date | None]
    file_key: Mapped[Name | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    original_name: Mapped[Name | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[uuid.UUID | None]
    erased_at: Mapped[datetime | None]

    supplier: Mapped[Supplier] = relationship(lazy="raise", viewonly=True)
    buyer: Mapped[Buyer] = relationship(lazy="raise", viewonly=True)


class PurchaseOrder(Base):
    """An order under an engagement, with or without a contract."""

    __tablename__ = "purchase_order"
    __table_args__ = (
        UniqueConstraint("buyer_id", "reference"),
        Index("ix_purchase_order_ordered", "ordered_on", "id", "erased_at"),
    )

    id: Mapped[Id]
    engagement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("engagement.id"), index=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("buyer.id"))
    contract_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contract.id"), index=True)
    reference: Mapped[Short]
    amount: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    ordered_on: Mapped[date]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    supplier: Mapped[Supplier] = relationship(lazy="raise", viewonly=True)
    buyer: Mapped[Buyer] = relationship(lazy="raise", viewonly=True)


class Invoice(Base):
    """An invoice of a supplier to a group company, with its file when it was handed over."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("supplier_id", "buyer_id", "number"),
        # What was spent with a supplier in some time.
        Index("ix_invoice_supplier", "supplier_id", "issued_on", "currency", "buyer_id", "amount"),
        Index("ix_invoice_buyer_issued", "buyer_id", "issued_on"),
        Index("ix_invoice_issued", "issued_on", "id", "erased_at"),
    )

    id: Mapped[Id]
    engagement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("engagement.id"), index=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"))
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("buyer.id"))
    contract_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contract.id"), index=True)
    number: Mapped[Short]
    issued_on: Mapped[date]
    amount: Mapped[Decimal]
    total: Mapped[Decimal | None]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    paid_on: Mapped[date | None]
    file_key: Mapped[Name | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    original_name: Mapped[Name | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[uuid.UUID | None]
    erased_at: Mapped[datetime | None]

    supplier: Mapped[Supplier] = relationship(lazy="raise", viewonly=True)
    buyer: Mapped[Buyer] = relationship(lazy="raise", viewonly=True)
