"""What we keep of papers: files handed in, what was read, who decided what and when."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supplier.kernel.database import Base, Id, Long, Name, Short, Stateful


class Document(Stateful, Base):
    """A paper of a supplier. Its file, its reading and its preview are encrypted.

    States: received, held, read, unreadable, in_review, accepted, refused, withdrawn,
    superseded, erased. What the passing of time decides is never a state.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_supplier_kind", "supplier_id", "kind", "received_at"),
        Index("ix_document_state_received", "state", "received_at"),
        Index("ix_document_authenticity", "authenticity", "kind", "received_at"),
        UniqueConstraint("supplier_id", "sha256", "part"),
    )

    id: Mapped[Id]
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"))
    #: What the machine or a person says it is; null until read.
    kind: Mapped[Short | None]
    #: What the supplier was asked for when handing it in, if anything.
    expected_kind: Mapped[Short | None]
    #: upload, statement (signed on the page), staff, demo
    origin: Mapped[Short]
    original_name: Mapped[Name]
    media_type: Mapped[Short]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    file_key: Mapped[Name]
    #: 0 for a whole file; 1, 2… for the papers that a file was split into.
    part: Mapped[int] = mapped_column(default=0)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("document.id"), index=True)
    first_page: Mapped[int | None]
    last_page: Mapped[int | None]
    page_count: Mapped[int | None]

    received_at: Mapped[datetime]
    received_by_kind: Mapped[Short]
    received_by_id: Mapped[uuid.UUID | None]

    #: The reading as JSON (kind, fields with their places, findings), sealed.
    reading: Mapped[bytes | None]
    read_at: Mapped[datetime | None]
    verdict: Mapped[Short | None]
    #: Reason codes of the verdict or of the decision in force.
    reasons: Mapped[list[Any]]
    issued_on: Mapped[date | None]
    situation_on: Mapped[date | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None] = mapped_column(index=True)
    #: Keyed digest of the issuer's code, to see it again at another supplier.
    code_index: Mapped[str | None] = mapped_column(String(64), index=True)
    #: unchecked, confirmed, failed
    authenticity: Mapped[Short] = mapped_column(default="unchecked")
    superseded_by_id: Mapped[uuid.UUID | None]
    contested_at: Mapped[datetime | None]
    contest_comment: Mapped[Long | None]
    #: A sampled machine decision waits for a blind second reading.
    sampled_at: Mapped[datetime | None] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]

    decisions: Mapped[list[Decision]] = relationship(
        back_populates="document", order_by="Decision.at", lazy="raise"
    )
    previews: Mapped[list[Preview]] = relationship(
        back_populates="document", order_by="Preview.page", lazy="raise"
    )


class Decision(Base):
    """One decision on a paper. Never overwritten: revoked, and another one taken."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_document_at", "document_id", "at"),
        Index("ix_decision_outcome_at", "outcome", "at"),
    )

    id: Mapped[Id]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"))
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    #: accept, refuse
    outcome: Mapped[Short]
    reasons: Mapped[list[Any]]
    comment: Mapped[Long | None]
    by_machine: Mapped[bool]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[Name]
    at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[uuid.UUID | None]
    rules_version: Mapped[Short]

    document: Mapped[Document] = relationship(back_populates="decisions", lazy="raise")


class Preview(Base):
    """A page as a raster image without metadata: what people look at instead of the file."""

    __tablename__ = "preview"
    __table_args__ = (UniqueConstraint("document_id", "page"),)

    id: Mapped[Id]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"))
    page: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    file_key: Mapped[Name]
    #: The same with black boxes over social security numbers and homes: what everybody sees
    #: unless they ask. Null where nothing is to be covered.
    masked_key: Mapped[Name | None]

    document: Mapped[Document] = relationship(back_populates="previews", lazy="raise")

    @property
    def shown_key(self) -> str:
        """The picture that is shown to whoever did not ask for more."""
        return self.masked_key or self.file_key


class EarlierPage(Base):
    """A page as an earlier version of the file showed it, where the last one shows another.

    Covered as the pages of the paper are. `changes` are boxes [x0, top, x1, bottom] as shares of
    the page, where the two differ; `version` counts from 1, the oldest.
    """

    __tablename__ = "earlier_page"
    __table_args__ = (UniqueConstraint("document_id", "page"),)

    id: Mapped[Id]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"))
    version: Mapped[int]
    page: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    file_key: Mapped[Name]
    changes: Mapped[list[Any]]


class IssuerCheck(Base):
    """A person asked the issuer whether a paper is authentic, and kept what it answered."""

    __tablename__ = "issuer_check"

    id: Mapped[Id]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"), index=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"))
    #: confirmed, failed, unavailable
    result: Mapped[Short]
    comment: Mapped[Long | None]
    capture_key: Mapped[Name | None]
    capture_sha256: Mapped[str | None] = mapped_column(String(64))
    by_id: Mapped[uuid.UUID]
    by_name: Mapped[Name]
    at: Mapped[datetime]


class SecondReading(Stateful, Base):
    """A person read an accepted paper again, without sight of what the machine had.

    States: agrees, differs, machine_wrong, reader_slip. What differs waits until it is settled
    and counts against the machine meanwhile. `kind` is the machine's.
    """

    __tablename__ = "second_reading"
    __table_args__ = (Index("ix_second_reading_kind_at", "kind", "at"),)

    id: Mapped[Id]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"), index=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"))
    kind: Mapped[Short]
    #: Drawn by lot, and not because each paper of its kind was read again: only these speak for
    #: all kinds together.
    drawn: Mapped[bool]
    #: Names of the values that differ, with "kind" and "decision"; no value.
    differs: Mapped[list[Any]]
    #: What the person wrote, sealed; it goes with the paper.
    written: Mapped[bytes | None]
    #: The rules by which the machine had accepted the paper.
    rules_version: Mapped[Short]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[Name]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[uuid.UUID | None]


class AcceptancePolicy(Base):
    """From an instant on, what the machine may do alone with a kind. The last line of it holds.

    Without `by_id` the machine tightened it by itself, on `wrong` of `read` second readings.
    """

    __tablename__ = "acceptance_policy"
    __table_args__ = (Index("ix_acceptance_policy_kind_at", "kind", "at"),)

    id: Mapped[Id]
    kind: Mapped[Short]
    #: sampled, all, person
    level: Mapped[Short]
    reason: Mapped[Long | None]
    read: Mapped[int]
    wrong: Mapped[int]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[Name]
    at: Mapped[datetime]


class MachineCount(Base):
    """How many papers of a kind the machine accepted alone on a day: what the rate is a share of.

    Written with each acceptance, so that the page of measured errors costs the same however many
    papers there are; what is erased later stays counted.
    """

    __tablename__ = "machine_count"
    __table_args__ = (UniqueConstraint("kind", "on"),)

    id: Mapped[Id]
    kind: Mapped[Short]
    on: Mapped[date]
    number: Mapped[int]
