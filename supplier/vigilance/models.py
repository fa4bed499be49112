"""What we keep of duties: their dates per engagement, waivers, campaigns, notes, rehearsals."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplier.kernel.database import Base, Id, Long, Name, Short


class Obligation(Base):
    """One requirement of one engagement, as dates: the day decides the state, no job does.

    Written again by `vigilance.actions.refresh` whenever a fact changes. Today's state follows
    in SQL and in the rule from the same dates: a gap when `covered_until < today`, and so on.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("engagement_id", "requirement"),
        Index("ix_obligation_reminders", "reminders", "supplier_id"),
        # Who lacks one requirement, now or soon.
        Index("ix_obligation_gap", "requirement", "gap_from"),
        Index("ix_obligation_requirement_due", "requirement", "next_due_on"),
        # Who waits for us, which is few.
        Index("ix_obligation_in_review", "in_review", "supplier_id"),
        Index("ix_obligation_to_verify", "to_verify", "supplier_id"),
    )

    id: Mapped[Id]
    engagement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("engagement.id"))
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("buyer.id"))
    requirement: Mapped[Short]
    #: law or policy
    basis: Mapped[Short]
    duty_from: Mapped[date]
    duty_until: Mapped[date | None]
    #: First and last good day of the unbroken cover that holds or ended last; both null when
    #: never covered, only the last one when the cover has no end.
    covered_from: Mapped[date | None]
    covered_until: Mapped[date | None]
    #: From this day the cover counts as ending; null when nothing is owed after it.
    warn_from: Mapped[date | None]
    #: First day of the gap that is open or comes next; null when none is to come.
    gap_from: Mapped[date | None]
    waived_from: Mapped[date | None]
    waived_until: Mapped[date | None]
    #: Why an uncovered day is so: a paper waits for a person, for the issuer's confirmation, or
    #: was refused last; at most one of the three, none when nothing came.
    in_review: Mapped[bool] = mapped_column(default=False)
    to_verify: Mapped[bool] = mapped_column(default=False)
    refused: Mapped[bool] = mapped_column(default=False)
    document_id: Mapped[uuid.UUID | None]
    #: First day for which a paper is owed that nobody has received or waived.
    next_due_on: Mapped[date | None] = mapped_column(index=True)
    #: Euros of work done in the open gap, and a day's worth of it from now on (L8222-3).
    exposed: Mapped[Decimal] = mapped_column(default=Decimal(0))
    daily_rate: Mapped[Decimal] = mapped_column(default=Decimal(0))
    #: [{"from": day, "until": day, "state": word, "document": id, "good_until": day}…], for
    #: drawings.
    intervals: Mapped[list[Any]]
    rules_version: Mapped[Short]
    refreshed_at: Mapped[datetime]
    #: First day on which we knew that it is owed: nobody is late before being asked.
    asked_on: Mapped[date]
    #: What was told about the present `next_due_on`: how often, when last.
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]
    #: Last day on which these dates alone tell the state; null for always.
    holds_until: Mapped[date | None] = mapped_column(index=True)


class Shortfall(Base):
    """The gap of one supplier towards one company, or towards the group, open or to come.

    Lists and figures over all suppliers read these instead of every duty, one row a supplier.
    Written with the duties (`shortfall.shortfall_of`).
    """

    __tablename__ = "shortfall"
    __table_args__ = (
        UniqueConstraint("supplier_id", "scope_id"),
        # Each answers one question without a look at the rows: how many are open and which cost
        # most; which end when; which open when.
        Index("ix_shortfall_cost", "scope_id", "exposed", "since", "supplier_id", "until"),
        Index("ix_shortfall_end", "scope_id", "until", "since", "daily_rate"),
        Index(
            "ix_shortfall_due", "scope_id", "due_on", "until", "since", "daily_rate", "supplier_id"
        ),
    )

    id: Mapped[Id]
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"))
    #: A group company, or `GROUP` for all of them together.
    scope_id: Mapped[uuid.UUID]
    #: First and last day of the gap; no first day when none is known, no last day for no end.
    since: Mapped[date | None]
    until: Mapped[date | None]
    #: First day to come for which a paper is owed that nobody has received or waived.
    due_on: Mapped[date | None]
    #: Euros of work done in the open gap, and a day's worth of it from its first day to come on.
    exposed: Mapped[Decimal]
    daily_rate: Mapped[Decimal]
    #: Last day on which these dates alone tell the truth; null for always.
    holds_until: Mapped[date | None] = mapped_column(index=True)


class CoverageMonth(Base):
    """Days owed by law and days covered in one month, over one group company's suppliers."""

    __tablename__ = "coverage_month"
    __table_args__ = (UniqueConstraint("buyer_id", "month_on"),)

    id: Mapped[Id]
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("buyer.id"))
    #: First day of the month; the present month counts up to `counted_at`.
    month_on: Mapped[date]
    covered: Mapped[int]
    owed: Mapped[int]
    counted_at: Mapped[datetime]


class Waiver(Base):
    """A requirement is not asked for a time: reason, author, end."""

    __tablename__ = "waiver"

    id: Mapped[Id]
    engagement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("engagement.id"), index=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    requirement: Mapped[Short]
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[Long]
    by_id: Mapped[uuid.UUID]
    by_name: Mapped[Name]
    at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class FollowUp(Base):
    """What somebody noted after a call: who answered, what was promised for when."""

    __tablename__ = "follow_up"

    id: Mapped[Id]
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contact.id"))
    note: Mapped[Long]
    promised_on: Mapped[date | None]
    by_id: Mapped[uuid.UUID]
    by_name: Mapped[Name]
    at: Mapped[datetime]


class Campaign(Base):
    """A bulk invitation: rehearsed (who would get what), then sent once."""

    __tablename__ = "campaign"

    id: Mapped[Id]
    state: Mapped[Short]
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("buyer.id"))
    name: Mapped[Name]
    report: Mapped[list[Any]]
    by_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class RuleRehearsal(Base):
    """What a rule decided otherwise would do to everybody, worked out before it counts.

    `cursor` is the last supplier that was judged; the counts grow with it until `finished_at`.
    """

    __tablename__ = "rule_rehearsal"

    id: Mapped[Id]
    key: Mapped[Name]
    value: Mapped[Name]
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("buyer.id"), index=True)
    #: The day on which both states are looked at.
    day: Mapped[date]
    by_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    cursor: Mapped[uuid.UUID | None]
    #: Suppliers concerned when it was asked for, and those judged so far.
    total: Mapped[int]
    judged: Mapped[int] = mapped_column(default=0)
    #: Requirements by state, with the rules in force and with this one as tried.
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    #: Requirements that turn, the suppliers concerned, and the first of them by their ids.
    turned: Mapped[int] = mapped_column(default=0)
    suppliers: Mapped[int] = mapped_column(default=0)
    turns: Mapped[list[Any]]
    finished_at: Mapped[datetime | None]
    #: The decision that was taken on it, once.
    override_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("rule_override.id"))
