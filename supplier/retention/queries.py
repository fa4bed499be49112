"""Lists of the plan: what is kept by which rule, what falls when, why a thing is still there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from supplier.kernel.database import Page, Part, count_of, page_of, reading
from supplier.parties.models import Buyer, Engagement, Supplier
from supplier.retention.models import LegalHold, RetentionCount, RetentionEntry
from supplier.retention.schedule import SCHEDULE, Prospect, RuleCode, Standing, Start, prospect

Buyers = frozenset[uuid.UUID] | None
S = TypeVar("S", bound="Select[*tuple[Any, ...]]")

STANDINGS = ("overdue", "due", "soon", "running", "held", "not_started", "kept")
#: What the lines are sorted by: the day from which a thing may go, the day that its clock counts
#: from, or whose it is.
ENTRY_SORTS = ("first", "starts", "supplier")
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
    #: One of `ENTRY_SORTS`, with a minus before it downwards; empty: what goes first.
    sort: str = ""


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


@dataclass(frozen=True, slots=True)
class _Count:
    """How many lines of the plan share a rule and dates, and how many of them are held."""

    rule: str
    starts_on: date | None
    first_on: date | None
    number: int
    held: int


def _counts(buyers: Buyers) -> tuple[list[_Count], datetime | None]:
    """The lines in sight by rule and dates, and when they were counted; one statement.

    Who sees every company reads the counts kept with the lines; for others the lines are counted.
    """
    entry, kept = RetentionEntry, RetentionCount
    dates = (entry.rule, entry.starts_on, entry.first_erasable_on)
    held = in_sight(select(*dates, literal(0), func.count()).where(_is_held()), entry, buyers)
    if buyers is None:
        all_of_them = select(
            kept.rule, kept.starts_on, kept.first_erasable_on, kept.number, literal(0)
        )
    else:
        counted = in_sight(select(*dates, func.count(), literal(0)), entry, buyers)
        all_of_them = counted.group_by(*dates)
    found: dict[tuple[str, date | None, date | None], list[int]] = {}
    both = union_all(all_of_them, held.group_by(*dates)).subquery("both")
    at = select(func.max(RetentionCount.counted_at)).scalar_subquery()
    with reading() as session:
        rows = session.execute(select(both, at)).all()
    for rule, starts_on, first_on, number, under_hold, _ in rows:
        numbers = found.setdefault((rule, starts_on, first_on), [0, 0])
        numbers[0] += number
        numbers[1] += under_hold
    counts = [
        _Count(rule, starts_on, first_on, number, under_hold)
        for (rule, starts_on, first_on), (number, under_hold) in found.items()
        if number
    ]
    return counts, max((row[-1] for row in rows), default=None)


def plan_on(on: date, *, today: date, buyers: Buyers) -> Plan:
    """What each rule keeps and what may go on a day, one statement."""
    counts, counted_at = _counts(buyers)
    rules = [_rule(code, [one for one in counts if one.rule == code], on, today)
             for code in RuleCode]  # fmt: skip
    return Plan(on=on, rules=tuple(one for one in rules if one.kept), worked_out_at=counted_at)


def _rule(code: RuleCode, counts: Sequence[_Count], on: date, today: date) -> RuleCount:
    due = [one for one in counts if one.first_on is not None and one.first_on <= on]
    late = [one for one in counts if one.first_on is not None and one.first_on < today]
    return RuleCount(
        rule=code,
        kept=sum(one.number for one in counts),
        due=sum(one.number - one.held for one in due),
        held=sum(one.held for one in due),
        overdue=sum(one.number - one.held for one in late),
        first_on=min((one.first_on for one in counts if one.first_on), default=None),
        last_start_on=max((one.starts_on for one in due if one.starts_on), default=None),
    )


def falling(*, buyers: Buyers) -> list[YearCount]:
    """By year, how many things may first be erased; those without a day are left out."""
    years: dict[int, list[int]] = {}
    for one in _counts(buyers)[0]:
        if one.first_on is not None:
            year = years.setdefault(one.first_on.year, [0, 0])
            year[0] += one.number
            year[1] += one.held
    return [YearCount(year, number, held) for year, (number, held) in sorted(years.items())]


def list_entries(
    wanted: EntryFilter, *, today: date, buyers: Buyers, number: int, size: int
) -> Page[EntryLine]:
    """Kept things in the order of the filter; at most six statements."""
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
    with reading() as session:
        parts = _parts(query, wanted.sort)
        counts = _count_lines(session, parts, wanted, today, buyers)
        found = page_of(session, parts, counts, number=number, size=size)
        lines = _lines(session, found.items, today)
    return Page(lines, found.number, found.size, found.total)


def _parts(query: Select[RetentionEntry], sort: str) -> list[Part[RetentionEntry]]:
    """The lines that have what is sorted by, in the order of an index, then those without.

    Those without stand last both ways: they say nothing of the order.
    """
    day, key = RetentionEntry.first_erasable_on, RetentionEntry.id
    first, starts = (day, key), (RetentionEntry.starts_on, key)
    theirs = (Supplier.sort_name, Supplier.id, day.is_(None), day, key)
    has, order, rest = {
        "starts": (RetentionEntry.starts_on.is_not(None), starts, first),
        "supplier": (RetentionEntry.supplier_id.is_not(None), theirs, (day.is_(None), *first)),
    }.get(sort.removeprefix("-"), (day.is_not(None), first, first))
    named = query.join(Supplier, Supplier.id == RetentionEntry.supplier_id)
    held = (named if order is theirs else query).where(has)
    return [_part(held, order, down=sort.startswith("-")), _part(query.where(~has), rest)]


def _part(
    query: Select[RetentionEntry], order: tuple[Any, ...], *, down: bool = False
) -> Part[RetentionEntry]:
    back = tuple(one.desc() for one in order)
    return Part(query, back, order) if down else Part(query, order, back)


def _count_lines(
    session: Session,
    parts: Sequence[Part[RetentionEntry]],
    wanted: EntryFilter,
    today: date,
    buyers: Buyers,
) -> list[int]:
    """How many lines each part has; only a search for words reads them.

    The counts know days and no supplier: the few lines that are of none are counted themselves.
    """
    if wanted.text or wanted.buyer_id is not None:
        return [count_of(session, part.query) for part in parts]
    sort, numbers = wanted.sort.removeprefix("-"), [0, 0]
    for one in _counts(buyers)[0]:
        if wanted.rule and one.rule != wanted.rule:
            continue
        if wanted.until_on is not None and (one.first_on is None or one.first_on > wanted.until_on):
            continue
        is_last = (one.starts_on if sort == "starts" else one.first_on) is None
        for on_hold, number in ((True, one.held), (False, one.number - one.held)):
            where = prospect(one.rule, one.first_on, today=today, on_hold=on_hold)
            if not wanted.standing or wanted.standing in _words(where, today):
                numbers[is_last] += number
    if sort == "supplier":
        of_none = count_of(session, parts[1].query)
        return [sum(numbers) - of_none, of_none]
    return numbers


def _words(where: Prospect, today: date) -> set[str]:
    """The words of the filter that a line answers to; what comes soon is under way too."""
    soon = where.first_erasable_on is not None and where.first_erasable_on <= today + SOON
    running = where.standing is Standing.RUNNING
    return {where.standing.value, *(("soon",) if soon and running else ())}


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
    theirs = select(Supplier.id, Supplier.name, Supplier.id.in_(_held()).label("is_held")).where(
        Supplier.id.in_(supplier_ids)
    )
    suppliers = {row.id: row for row in session.execute(theirs)} if supplier_ids else {}
    buyers = names_of(session, Buyer, {entry.buyer_id for entry in entries if entry.buyer_id})
    lines = []
    for entry in entries:
        supplier = suppliers.get(entry.supplier_id) if entry.supplier_id else None
        on_hold = supplier is not None and supplier.is_held
        lines.append(
            EntryLine(
                entry,
                supplier.name if supplier else "",
                buyers.get(entry.buyer_id, "") if entry.buyer_id else "",
                standing_of(entry, today=today, on_hold=on_hold),
            )
        )
    return lines


def names_of(session: Session, table: Any, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names by id, none asked for when there is no id."""
    if not ids:
        return {}
    rows = session.execute(select(table.id, table.name).where(table.id.in_(ids)))
    return {row.id: row.name for row in rows}


def standing_of(entry: RetentionEntry, *, today: date, on_hold: bool) -> Prospect:
    """Where a line of the plan stands on a day."""
    return prospect(entry.rule, entry.first_erasable_on, today=today, on_hold=on_hold)
