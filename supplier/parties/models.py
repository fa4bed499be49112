"""What we keep of who works with whom: group companies, suppliers, contacts, engagements."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supplier.kernel.database import Base, Id, Long, Name, Named, Short


class Buyer(Named, Base):
    """A company of the group. Its financial year ends on `year_end_day`/`year_end_month`."""

    __tablename__ = "buyer"

    id: Mapped[Id]
    short_name: Mapped[Short]
    siren: Mapped[str] = mapped_column(String(9), unique=True)
    year_end_month: Mapped[int] = mapped_column(default=12)
    year_end_day: Mapped[int] = mapped_column(default=31)
    address: Mapped[Long | None]
    contact_name: Mapped[Name | None]
    contact_email: Mapped[Name | None]
    contact_phone: Mapped[Short | None]
    created_at: Mapped[datetime]


class RuleOverride(Base):
    """A rule's value for one group company (or all, when `buyer_id` is null) from a day on."""

    __tablename__ = "rule_override"

    id: Mapped[Id]
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("buyer.id"), index=True)
    key: Mapped[Name]
    value: Mapped[Name]
    from_on: Mapped[date]
    by_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class Supplier(Named, Base):
    """A supplier: a legal entity, or a natural person (a sole trader)."""

    __tablename__ = "supplier"
    __table_args__ = (
        CheckConstraint("kind in ('legal_entity', 'natural_person')", name="kind"),
        # The list by name asks nothing else of a supplier that it does not show.
        Index("ix_supplier_sort_name", "sort_name", "id", "anonymised_at"),
        Index("ix_supplier_sector_country", "sector", "country"),
    )

    id: Mapped[Id]
    kind: Mapped[Short] = mapped_column(default="legal_entity")
    siren: Mapped[str | None] = mapped_column(String(9), unique=True)
    siret: Mapped[str | None] = mapped_column(String(14))
    vat_number: Mapped[str | None] = mapped_column(String(20), index=True)
    country: Mapped[str] = mapped_column(String(2), default="FR")
    legal_form: Mapped[Name | None]
    sector: Mapped[Name | None]
    register: Mapped[Short] = mapped_column(default="rcs")
    has_employees: Mapped[bool | None]
    employs_foreign_workers: Mapped[bool | None]
    posts_workers: Mapped[bool] = mapped_column(default=False)
    temp_agency: Mapped[bool] = mapped_column(default=False)
    construction: Mapped[bool] = mapped_column(default=False)
    agricultural: Mapped[bool] = mapped_column(default=False)
    street: Mapped[Name | None]
    postcode: Mapped[Short | None]
    city: Mapped[Name | None]
    language: Mapped[str] = mapped_column(String(2), default="fr")
    registry_state: Mapped[Short | None]
    registry_checked_at: Mapped[datetime | None]
    #: Accent- and case-folded name and identifiers, for the search box.
    search_text: Mapped[Long]
    created_at: Mapped[datetime] = mapped_column(index=True)
    anonymised_at: Mapped[datetime | None]

    contacts: Mapped[list[Contact]] = relationship(
        back_populates="supplier", order_by="Contact.sort_name", lazy="raise"
    )
    engagements: Mapped[list[Engagement]] = relationship(back_populates="supplier", lazy="raise")


class Contact(Named, Base):
    """A person at a supplier. `mail_state` is ok or bounced."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_email", "email"),
        # Whether anybody there can be written to is asked of many suppliers at once.
        Index(
            "ix_contact_supplier", "supplier_id", "mail_state", "receives_requests", "left_on",
            "email",
        ),
    )  # fmt: skip

    id: Mapped[Id]
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"))
    email: Mapped[Name | None]
    phone: Mapped[Short | None]
    role: Mapped[Name | None]
    language: Mapped[str] = mapped_column(String(2), default="fr")
    receives_requests: Mapped[bool] = mapped_column(default=True)
    mail_state: Mapped[Short] = mapped_column(default="ok")
    mail_bounced_at: Mapped[datetime | None]
    #: What the server answered: `550`, or `5.1.1` from a report.
    mail_fault: Mapped[Short | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    left_on: Mapped[date | None]

    supplier: Mapped[Supplier] = relationship(back_populates="contacts", lazy="raise")


class Engagement(Base):
    """One supplier × one group company: its start and end drive what is asked and kept."""

    __tablename__ = "engagement"
    __table_args__ = (UniqueConstraint("supplier_id", "buyer_id", "started_on"),)

    id: Mapped[Id]
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("buyer.id"), index=True)
    supplier_reference: Mapped[Short | None] = mapped_column(index=True)
    contact_name: Mapped[Name | None]
    contact_phone: Mapped[Short | None]
    contact_email: Mapped[Name | None]
    started_on: Mapped[date]
    ended_on: Mapped[date | None] = mapped_column(index=True)
    #: A person confirmed the end; until then the retention clock does not start.
    end_confirmed_by_id: Mapped[uuid.UUID | None]
    end_confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    supplier: Mapped[Supplier] = relationship(back_populates="engagements", lazy="raise")
    buyer: Mapped[Buyer] = relationship(lazy="joined", innerjoin=True)


class ImportBatch(Base):
    """One import of suppliers: rehearsed first, then done once with the same result."""

    __tablename__ = "import_batch"

    id: Mapped[Id]
    state: Mapped[Short]
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("buyer.id"))
    original_name: Mapped[Name]
    file_key: Mapped[Name | None]
    sha256: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]]
    report: Mapped[list[Any]]
    by_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class SavedView(Base):
    """A list with its filters, kept under a name by the person who uses it."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "list_name", "name"),)

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    list_name: Mapped[Short]
    name: Mapped[Name]
    query: Mapped[Long]
    created_at: Mapped[datetime]
