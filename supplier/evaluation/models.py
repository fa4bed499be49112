"""What we keep of evaluations: grids, criteria, periods, ratings, scorecards."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supplier.kernel.database import Base, Id, Long, Name, Short


class Grid(Base):
    """A set of weighted criteria; one is in force per group company (null: all)."""

    __tablename__ = "grid"

    id: Mapped[Id]
    name: Mapped[Name]
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("buyer.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[uuid.UUID | None]
    retired_at: Mapped[datetime | None]

    criteria: Mapped[list[Criterion]] = relationship(order_by="Criterion.position", lazy="raise")


class Criterion(Base):
    """One criterion. `source`: punctuality, coverage (computed) or manual (people rate it)."""

    __tablename__ = "criterion"

    id: Mapped[Id]
    grid_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grid.id"), index=True)
    position: Mapped[int]
    code: Mapped[Short]
    label: Mapped[Name]
    source: Mapped[Short]
    weight: Mapped[int]


class Period(Base):
    """The time that an evaluation speaks of; closed once, then it does not move."""

    __tablename__ = "evaluation_period"

    id: Mapped[Id]
    grid_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grid.id"), index=True)
    label: Mapped[Name]
    starts_on: Mapped[date]
    ends_on: Mapped[date] = mapped_column(index=True)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Rating(Base):
    """A person's mark (0 to 100) on a manual criterion, with a comment; a change is a new row."""

    __tablename__ = "rating"
    __table_args__ = (Index("ix_rating_period_supplier", "period_id", "supplier_id"),)

    id: Mapped[Id]
    period_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation_period.id"))
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"))
    criterion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criterion.id"))
    mark: Mapped[int]
    comment: Mapped[Long]
    by_id: Mapped[uuid.UUID]
    by_name: Mapped[Name]
    at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class Scorecard(Base):
    """The score of one supplier for one period with the evidence behind each figure.

    `score` is null when nothing could be rated: no data is not rated, never 0 and never 100.
    `rated` is the part of the grid's weight that was, in per cent; `held_since` the first day of an
    open gap that held the score down.
    """

    __tablename__ = "scorecard"
    __table_args__ = (
        UniqueConstraint("period_id", "supplier_id"),
        Index("ix_scorecard_period_score", "period_id", "score", "supplier_id", "rated"),
    )

    id: Mapped[Id]
    period_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation_period.id"))
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    score: Mapped[int | None]
    grade: Mapped[Short | None]
    rated: Mapped[int] = mapped_column(default=0)
    held_since: Mapped[date | None]
    evidence: Mapped[list[Any]]
    computed_at: Mapped[datetime]
