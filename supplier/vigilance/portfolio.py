"""The list of suppliers with their standing: filters and order in SQL, figures for a page of it.

Only what opens or closes the list is computed for every supplier; states, strips and next dates
are read for the rows that are shown, so that a page costs the same whatever the base holds.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from supplier.documents.models import Document
from supplier.documents.queries import waits_for_person
from supplier.kernel.database import Page, Part, page_of, reading
from supplier.kernel.words import fold
from supplier.parties.models import Buyer, Engagement, Supplier
from supplier.parties.queries import is_visible
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import WARN_DAYS, Interval, State, worst
from supplier.vigilance.models import Obligation
from supplier.vigilance.shortfalls import gaps_in_sight, is_short, with_gap, with_gap_to_come
from supplier.vigilance.states import Buyers, is_open_gap, opens_between, state_expression, visible
from supplier.vigilance.summary import intervals_on

#: Suppliers read at once for an export.
EXPORT_BATCH = 500


class Standing(StrEnum):
    """Parts of the list, as purchasing asks for them."""

    ALL = ""
    ATTENTION = "attention"
    GAP = "gap"
    SOON = "soon"
    REVIEW = "review"
    CLEAR = "clear"
    ENDED = "ended"


class SupplierSort(StrEnum):
    EXPOSED = "exposed"
    NAME = "name"
    SINCE = "since"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class SupplierFilter:
    """Which suppliers, and in which order."""

    standing: Standing = Standing.ALL
    buyer_id: uuid.UUID | None = None
    requirement: str = ""
    sector: str = ""
    country: str = ""
    text: str = ""
    sort: SupplierSort = SupplierSort.EXPOSED


@dataclass(frozen=True, slots=True)
class Duty:
    """One requirement of one company on the day: what a strip and a chip are made of."""

    requirement: RequirementCode
    state: State
    gap_since: date | None
    due_on: date | None
    intervals: tuple[Interval, ...]

    @property
    def label(self) -> str:
        """A marked message."""
        return RULES[self.requirement].label


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship in a row: whose, with whom there, since when, until when."""

    buyer: str
    contact: str | None
    started_on: date
    ended_on: date | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """One supplier of the list. `exposed` is euros of work done in open gaps (an estimate)."""

    supplier: Supplier
    exposed: Decimal
    duties: tuple[Duty, ...]
    relations: tuple[Relation, ...]

    @property
    def state(self) -> State:
        return worst(one.state for one in self.duties) if self.duties else State.NOT_REQUIRED

    @property
    def gap_since(self) -> date | None:
        """First day of the oldest open gap, or None."""
        return min((one.gap_since for one in self.duties if one.gap_since), default=None)

    @property
    def due_on(self) -> date | None:
        """First day to come for which a paper is owed."""
        return min((one.due_on for one in self.duties if one.due_on), default=None)


@dataclass(frozen=True, slots=True)
class SupplierPage:
    """A page of the list, with the euros of all its suppliers."""

    page: Page[SupplierRow]
    exposed: Decimal


def list_suppliers(
    wanted: SupplierFilter, *, buyers: Buyers, today: date, number: int = 1, size: int = 50
) -> SupplierPage:
    """A page of suppliers in sight (the last for one beyond it); at most five statements."""
    seen = _narrowed(buyers, wanted.buyer_id)
    parts = _parts(wanted, seen, today)
    with reading() as session:
        counts, exposed = _count(session, wanted, parts, seen, today)
        found = page_of(session, parts, counts, number=number, size=size)
        rows = _rows(session, found.items, seen, today)
        relations = _relations(session, found.items, buyers)
    items = [
        SupplierRow(supplier, exposed_there, tuple(duties), tuple(relations[supplier.id]))
        for supplier, exposed_there, duties in (rows[one] for one in found.items)
    ]
    return SupplierPage(Page(items, found.number, size, found.total), exposed)


def iterate_suppliers(
    wanted: SupplierFilter, *, buyers: Buyers, today: date
) -> Iterator[SupplierRow]:
    """Every supplier of a filter, for an export, read in batches in order of name."""
    ordered = replace(wanted, sort=SupplierSort.NAME)
    number, pages = 1, 1
    while number <= pages:
        found = list_suppliers(
            ordered, buyers=buyers, today=today, number=number, size=EXPORT_BATCH
        )
        yield from found.page.items
        pages, number = found.page.pages, number + 1


def _narrowed(buyers: Buyers, buyer_id: uuid.UUID | None) -> Buyers:
    if buyer_id is None:
        return buyers
    return frozenset({buyer_id}) if buyers is None else buyers & {buyer_id}


def _parts(wanted: SupplierFilter, buyers: Buyers, today: date) -> list[Part[uuid.UUID]]:
    """Those with an open gap, then the others: only the first are sorted by what they cost.

    Both follow an index, so that a page costs the same whatever the base holds.
    """
    forth, back = _ORDERS.get(wanted.sort, _ORDERS[SupplierSort.NAME])
    listed = _listed(wanted, buyers, today)
    if wanted.sort in _ORDERS:
        return [Part(listed, forth, back)]
    parts = []
    if wanted.standing in {Standing.SOON, Standing.CLEAR}:
        return [Part(listed, forth, back)]
    parts = [_opened(wanted, buyers, today)]
    if wanted.standing is not Standing.GAP:
        closed = Supplier.id.not_in(with_gap(buyers, today))
        parts.append(Part(listed.where(closed), forth, back))
    return parts


def _opened(wanted: SupplierFilter, buyers: Buyers, today: date) -> Part[uuid.UUID]:
    """Those with an open gap; suppliers themselves are looked at only for a filter.

    Who was made anonymous has none: that comes years after the last duty.
    """
    gap = gaps_in_sight(buyers, today)
    query = select(gap.c.supplier_id).where(is_short(gap.c, today))
    conditions = list(_filters(wanted, buyers, today))
    if wanted.standing in {Standing.REVIEW, Standing.ENDED}:
        conditions.append(_stands(wanted.standing, buyers, today))
    if conditions:
        query = query.join(Supplier, Supplier.id == gap.c.supplier_id).where(*conditions)
    if wanted.sort is SupplierSort.SINCE:
        return Part(
            query,
            (gap.c.since, gap.c.supplier_id),
            (gap.c.since.desc(), gap.c.supplier_id.desc()),
        )
    return Part(
        query,
        (gap.c.exposed.desc(), gap.c.since, gap.c.supplier_id),
        (gap.c.exposed, gap.c.since.desc(), gap.c.supplier_id.desc()),
    )


_ORDERS: dict[SupplierSort, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    SupplierSort.NAME: (
        (Supplier.sort_name, Supplier.id), (Supplier.sort_name.desc(), Supplier.id.desc()),
    ),
    SupplierSort.NEWEST: (
        (Supplier.created_at.desc(), Supplier.id), (Supplier.created_at, Supplier.id.desc()),
    ),
}  # fmt: skip


def _count(
    session: Session,
    wanted: SupplierFilter,
    parts: Sequence[Part[uuid.UUID]],
    buyers: Buyers,
    today: date,
) -> tuple[list[int], Decimal]:
    """How many suppliers each part holds, and the euros of all; one statement.

    Where there are two parts, the others are all without those of the first.
    """
    opened = _opened(wanted, buyers, today)
    gap = opened.forth[-1].table
    query = opened.query.with_only_columns(
        func.count(),
        func.coalesce(func.sum(gap.c.exposed), 0),
        _number_of(_listed(wanted, buyers, today)),
    )
    if wanted.standing in {Standing.SOON, Standing.CLEAR}:
        query = query.where(false())
    elif wanted.standing is Standing.GAP:
        query = opened.query.with_only_columns(
            func.count(), func.coalesce(func.sum(gap.c.exposed), 0), func.count()
        )
    number, exposed, everybody = session.execute(query).one()
    counts = [number, everybody - number] if len(parts) > 1 else [everybody]
    return counts, Decimal(exposed)


def _number_of(query: Select[uuid.UUID]) -> ScalarSelect[int]:
    return select(func.count()).select_from(query.subquery()).scalar_subquery()


def _rows(
    session: Session, ids: Collection[uuid.UUID], buyers: Buyers, today: date
) -> dict[uuid.UUID, tuple[Supplier, Decimal, list[Duty]]]:
    """These suppliers with the euros of their open gaps and their duties; one statement."""
    gap = gaps_in_sight(buyers, today)
    open_gap = and_(gap.c.supplier_id == Supplier.id, is_short(gap.c, today))
    duty = Obligation.supplier_id == Supplier.id
    if buyers is not None:
        duty &= Obligation.buyer_id.in_(buyers)
    query = (
        select(Supplier, gap.c.exposed, Obligation, state_expression(today), is_open_gap(today))
        .outerjoin(gap, open_gap)
        .outerjoin(Obligation, duty)
        .where(Supplier.id.in_(ids))
    )
    found: dict[uuid.UUID, tuple[Supplier, Decimal, list[Duty]]] = {}
    for supplier, exposed, row, state, is_open in session.execute(query):
        one = found.setdefault(supplier.id, (supplier, Decimal(exposed or 0), []))
        if row is not None:
            one[2].append(_duty(row, state, is_open, today))
    return found


def _duty(row: Obligation, state: str, is_open: bool, today: date) -> Duty:
    return Duty(
        requirement=RequirementCode(row.requirement),
        state=State(state),
        gap_since=row.gap_from if is_open else None,
        due_on=row.next_due_on,
        intervals=intervals_on(row.intervals, today=today),
    )


def _listed(wanted: SupplierFilter, buyers: Buyers, today: date) -> Select[uuid.UUID]:
    """Every supplier of the list."""
    query = select(Supplier.id).where(Supplier.anonymised_at.is_(None))
    if buyers is not None:
        query = query.where(is_visible(buyers))
    if wanted.standing is not Standing.ALL:
        query = query.where(_stands(wanted.standing, buyers, today))
    return query.where(*_filters(wanted, buyers, today))


def _filters(wanted: SupplierFilter, buyers: Buyers, today: date) -> Iterator[ColumnElement[bool]]:
    if wanted.requirement:
        yield Supplier.id.in_(_owing(wanted.requirement, buyers, today))
    if wanted.sector:
        yield Supplier.sector == wanted.sector
    if wanted.country:
        yield Supplier.country == wanted.country
    for word in fold(wanted.text).split():
        yield Supplier.search_text.contains(word, autoescape=True)


def _stands(standing: Standing, buyers: Buyers, today: date) -> ColumnElement[bool]:
    is_open = Supplier.id.in_(with_gap(buyers, today))
    until = today + timedelta(days=WARN_DAYS)
    soon = Supplier.id.in_(with_gap_to_come(buyers, today, until=until))
    running = _running(buyers, today)
    return {
        Standing.GAP: is_open,
        Standing.SOON: soon,
        Standing.ATTENTION: or_(is_open, soon),
        Standing.REVIEW: Supplier.id.in_(select(Document.supplier_id).where(waits_for_person())),
        Standing.CLEAR: and_(~is_open, ~soon, running),
        Standing.ENDED: ~running,
    }[standing]


def _running(buyers: Buyers, today: date) -> ColumnElement[bool]:
    query = select(Engagement.supplier_id).where(
        or_(Engagement.ended_on.is_(None), Engagement.ended_on >= today)
    )
    if buyers is not None:
        query = query.where(Engagement.buyer_id.in_(buyers))
    return Supplier.id.in_(query)


def _owing(requirement: str, buyers: Buyers, today: date) -> Any:
    """Suppliers without a good paper for this requirement, now or soon."""
    until = today + timedelta(days=WARN_DAYS)
    return visible(
        select(Obligation.supplier_id).where(
            Obligation.requirement == requirement,
            or_(is_open_gap(today), opens_between(today, until)),
        ),
        buyers,
    )


def _relations(
    session: Session, ids: Collection[uuid.UUID], buyers: Buyers
) -> Mapping[uuid.UUID, list[Relation]]:
    query = (
        select(Engagement, Buyer.short_name)
        .join(Buyer, Buyer.id == Engagement.buyer_id)
        .where(Engagement.supplier_id.in_(ids))
        .order_by(Engagement.started_on, Engagement.id)
    )
    if buyers is not None:
        query = query.where(Engagement.buyer_id.in_(buyers))
    found: defaultdict[uuid.UUID, list[Relation]] = defaultdict(list)
    for row, buyer in session.execute(query):
        found[row.supplier_id].append(
            Relation(buyer, row.contact_name, row.started_on, row.ended_on, row.supplier_reference)
        )
    return found
