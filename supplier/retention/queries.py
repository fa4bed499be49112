"""Lists of the plan: what is kept by which rule, what falls when, why a thing is still there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, extract, func, or_, select
from sqlalchemy.orm import Session

from supplier.kernel.database import Page, paginate, reading
from supplier.parties.models import Buyer, Engagement, Supplier
from supplier.retention.models import LegalHold, RetentionEntry
from supplier.retention.schedule import SCHEDULE, Prospect, RuleCode, Start, prospect

Buyers = frozenset[uuid.UUID] | None
S = TypeVar("S", bound="Select[*tuple[Any, ...]]")

STANDINGS = ("overdue", "due", "soon", "running", "held", "not_started", "kept")
#: What "soon" means in a list: first erasable within three months.
SOON = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One line of the plan on a day: how many things a rule keeps, and what becomes of them.

    `due` may go on that day, holds left out; `held` would, were it not for a hold; `overdue`
    should have gone before today.
    """

    rule: RuleCode
    kept: int
    due: int
    held: int
    overdue: int
    first_on: date | None
    last_start_on: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan as seen on a day; `worked_out_at` is None when it was never worked out."""

    on: date
    rules: tuple[RuleCount, ...]
    worked_out_at: datetime | None

    @property
    def kept(self) -> int:
        return sum(one.kept for one in self.rules)

    @property
    def due(self) -> int:
        return sum(one.due for one in self.rules)

    @property
    def held(self) -> int:
        return sum(one.held for one in self.rules)

    @property
    def overdue(self) -> int:
        return sum(one.overdue for one in self.rules)


@dataclass(frozen=True, slots=True)
class YearCount:
    """How many things may first be erased in a year; `held` of them stand under a hold."""

    year: int
    count: int
    held: int


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What the list of the plan shows. `until_on` bounds the first erasable day."""

    rule: str = ""
    standing: str = ""
    until_on: date | None = None
    text: str = ""
    buyer_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One kept thing with whose it is and where it stands today."""

    entry: RetentionEntry
    supplier_name: str
    buyer_name: str
    prospect: Prospect


def _held() -> Select[uuid.UUID]:
    return select(LegalHold.supplier_id).where(LegalHold.lifted_at.is_(None))


def _is_held() -> ColumnElement[bool]:
    return RetentionEntry.supplier_id.in_(_held())


def count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group meet the condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def in_sight(query: S, table: Any, buyers: Buyers) -> S:
    """Only what belongs to these companies: their own, or that of suppliers who work for them."""
    if buyers is None:
        return query
    theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
    return query.where(
        or_(
            table.buyer_id.in_(buyers),
            table.buyer_id.is_(None) & table.supplier_id.in_(theirs),
        )
    )


def plan_on(on: date, *, today: date, buyers: Buyers) -> Plan:
    """What each rule keeps and what may go on a day, one statement."""
    due = RetentionEntry.first_erasable_on <= on
    query = select(
        RetentionEntry.rule,
        func.count().label("kept"),
        count_if(due & ~func.coalesce(_is_held(), False)).label("due"),
        count_if(due & _is_held()).label("held"),
        count_if(
            (RetentionEntry.first_erasable_on < today) & ~func.coalesce(_is_held(), False)
        ).label("overdue"),
        func.min(RetentionEntry.first_erasable_on).label("first_on"),
        func.max(case((due, RetentionEntry.starts_on), else_=None)).label("last_start_on"),
        func.max(RetentionEntry.worked_out_at).label("worked_out_at"),
    ).group_by(RetentionEntry.rule)
    with reading() as session:
        rows = session.execute(in_sight(query, RetentionEntry, buyers)).all()
    order = list(RuleCode)
    counts = [
        RuleCount(RuleCode(row.rule), row.kept, row.due, row.held, row.overdue, row.first_on,
                  row.last_start_on)
        for row in rows
    ]  # fmt: skip
    return Plan(
        on=on,
        rules=tuple(sorted(counts, key=lambda one: order.index(one.rule))),
        worked_out_at=max((row.worked_out_at for row in rows), default=None),
    )


def falling(*, buyers: Buyers) -> list[YearCount]:
    """By year, how many things may first be erased; those without a day are left out."""
    year = extract("year", RetentionEntry.first_erasable_on)
    query = (
        select(year.label("year"), func.count().label("things"), count_if(_is_held()).label("held"))
        .where(RetentionEntry.first_erasable_on.is_not(None))
        .group_by(year)
        .order_by(year)
    )
    with reading() as session:
        rows = session.execute(in_sight(query, RetentionEntry, buyers))
        return [YearCount(int(row.year), row.things, row.held) for row in rows]


def list_entries(
    wanted: EntryFilter, *, today: date, buyers: Buyers, number: int, size: int
) -> Page[EntryLine]:
    """Kept things, those that go first first; four statements."""
    query = in_sight(select(RetentionEntry), RetentionEntry, buyers)
    if wanted.rule:
        query = query.where(RetentionEntry.rule == wanted.rule)
    if wanted.until_on is not None:
        query = query.where(RetentionEntry.first_erasable_on <= wanted.until_on)
    if wanted.buyer_id is not None:
        query = query.where(RetentionEntry.buyer_id == wanted.buyer_id)
    if wanted.standing:
        query = query.where(_stands(wanted.standing, today))
    if wanted.text:
        named = select(Supplier.id).where(Supplier.name.icontains(wanted.text, autoescape=True))
        query = query.where(
            or_(
                RetentionEntry.label.icontains(wanted.text, autoescape=True),
                RetentionEntry.supplier_id.in_(named),
            )
        )
    order = RetentionEntry.first_erasable_on.asc().nulls_last()
    with reading() as session:
        found = paginate(
            session, query.order_by(order, RetentionEntry.id), number=number, size=size
        )
        lines = _lines(session, found.items, today)
    return Page(lines, found.number, found.size, found.total)


def _stands(standing: str, today: date) -> ColumnElement[bool]:
    day, held = RetentionEntry.first_erasable_on, func.coalesce(_is_held(), False)
    endless = [code.value for code, rule in SCHEDULE.items() if rule.start is Start.NEVER]
    return {
        "overdue": (day < today) & ~held,
        "due": (day == today) & ~held,
        "soon": day.between(today + timedelta(days=1), today + SOON) & ~held,
        "running": (day > today) & ~held,
        "held": held & day.is_not(None),
        "not_started": day.is_(None) & RetentionEntry.rule.not_in(endless),
        "kept": RetentionEntry.rule.in_(endless),
    }[standing]


def _lines(session: Session, entries: Sequence[RetentionEntry], today: date) -> list[EntryLine]:
    supplier_ids = {entry.supplier_id for entry in entries if entry.supplier_id}
    names = names_of(session, Supplier, supplier_ids)
    buyers = names_of(session, Buyer, {entry.buyer_id for entry in entries if entry.buyer_id})
    held = set(session.scalars(_held().where(LegalHold.supplier_id.in_(supplier_ids))))
    return [
        EntryLine(
            entry,
            names.get(entry.supplier_id, "") if entry.supplier_id else "",
            buyers.get(entry.buyer_id, "") if entry.buyer_id else "",
            standing_of(entry, today=today, on_hold=entry.supplier_id in held),
        )
        for entry in entries
    ]


def names_of(session: Session, table: Any, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names by id, none asked for when there is no id."""
    if not ids:
        return {}
    rows = session.execute(select(table.id, table.name).where(table.id.in_(ids)))
    return {row.id: row.name for row in rows}


def standing_of(entry: RetentionEntry, *, today: date, on_hold: bool) -> Prospect:
    """Where a line of the plan stands on a day."""
    return prospect(entry.rule, entry.first_erasable_on, today=today, on_hold=on_hold)
