"""The list of suppliers with their standing: filters and order in SQL, figures for a page of it.

Only what opens or closes the list is computed for every supplier; states, strips and next dates
are read for the rows that are shown, so that a page costs the same whatever the base holds.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session

from supplier.documents.models import Document
from supplier.documents.queries import waits_for_person
from supplier.kernel.database import Page, reading
from supplier.kernel.words import fold
from supplier.parties.models import Buyer, Engagement, Supplier
from supplier.parties.queries import is_visible
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import WARN_DAYS, Interval, State, worst
from supplier.vigilance.models import Obligation
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
    """A page of suppliers in sight; three statements, four beyond the last page."""
    seen = _narrowed(buyers, wanted.buyer_id)
    with reading() as session:
        first = (number - 1) * size
        rows = session.execute(_query(wanted, seen, today, first=first, size=size)).all()
        if not rows and number > 1:
            number = 1
            rows = session.execute(_query(wanted, seen, today, first=0, size=size)).all()
        ids = [row[0].id for row in rows]
        duties = _duties(session, ids, seen, today)
        relations = _relations(session, ids, buyers)
    items = [
        SupplierRow(row[0], Decimal(row[1] or 0), tuple(duties[row[0].id]),
                    tuple(relations[row[0].id]))
        for row in rows
    ]  # fmt: skip
    total, exposed = (int(rows[0][2]), Decimal(rows[0][3] or 0)) if rows else (0, Decimal(0))
    return SupplierPage(Page(items, number, size, total), exposed)


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


def _query(wanted: SupplierFilter, buyers: Buyers, today: date, *, first: int, size: int) -> Any:
    """The suppliers in their order, with euros, how many in all and the euros of all.

    The names alone are counted and sorted; the rest of a supplier is read for one page.
    """
    gaps = _open_gaps(buyers, today)
    query = (
        select(
            Supplier.id,
            gaps.c.exposed,
            gaps.c.since,
            func.count().over().label("total"),
            func.sum(func.coalesce(gaps.c.exposed, 0)).over().label("total_exposed"),
        )
        .outerjoin(gaps, gaps.c.supplier_id == Supplier.id)
        .where(Supplier.anonymised_at.is_(None), is_visible(buyers))
    )
    for condition in _conditions(wanted, gaps, buyers, today):
        query = query.where(condition)
    one = query.order_by(*_order(wanted.sort, gaps)).limit(size).offset(first).subquery("listed")
    return (
        select(Supplier, one.c.exposed, one.c.total, one.c.total_exposed)
        .join(one, one.c.id == Supplier.id)
        .order_by(*_order(wanted.sort, one))
    )


def _open_gaps(buyers: Buyers, today: date) -> Subquery:
    """Suppliers with an open gap: since when, and euros (a relationship's day counts once)."""
    by_engagement = visible(
        select(
            Obligation.supplier_id,
            func.min(Obligation.gap_from).label("since"),
            func.max(Obligation.exposed).label("exposed"),
        ).where(is_open_gap(today)),
        buyers,
    ).group_by(Obligation.supplier_id, Obligation.engagement_id)
    one = by_engagement.subquery()
    return (
        select(
            one.c.supplier_id,
            func.min(one.c.since).label("since"),
            func.sum(one.c.exposed).label("exposed"),
        )
        .group_by(one.c.supplier_id)
        .subquery("open_gaps")
    )


def _conditions(
    wanted: SupplierFilter, gaps: Subquery, buyers: Buyers, today: date
) -> Iterator[ColumnElement[bool]]:
    is_open = gaps.c.supplier_id.is_not(None)
    soon = Supplier.id.in_(
        visible(
            select(Obligation.supplier_id).where(
                opens_between(today + timedelta(days=1), today + timedelta(days=WARN_DAYS))
            ),
            buyers,
        )
    )
    running = _running(buyers, today)
    parts: dict[Standing, ColumnElement[bool]] = {
        Standing.GAP: is_open,
        Standing.SOON: and_(~is_open, soon),
        Standing.ATTENTION: or_(is_open, soon),
        Standing.REVIEW: Supplier.id.in_(select(Document.supplier_id).where(waits_for_person())),
        Standing.CLEAR: and_(~is_open, ~soon, running),
        Standing.ENDED: ~running,
    }
    if wanted.standing in parts:
        yield parts[wanted.standing]
    if wanted.requirement:
        yield Supplier.id.in_(_owing(wanted.requirement, buyers, today))
    if wanted.sector:
        yield Supplier.sector == wanted.sector
    if wanted.country:
        yield Supplier.country == wanted.country
    for word in fold(wanted.text).split():
        yield Supplier.search_text.contains(word, autoescape=True)


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


def _order(sort: SupplierSort, gaps: Subquery) -> tuple[Any, ...]:
    first: dict[SupplierSort, tuple[Any, ...]] = {
        SupplierSort.EXPOSED: (
            func.coalesce(gaps.c.exposed, -1).desc(), gaps.c.since.is_(None), gaps.c.since,
        ),
        SupplierSort.SINCE: (gaps.c.since.is_(None), gaps.c.since),
        SupplierSort.NEWEST: (Supplier.created_at.desc(),),
        SupplierSort.NAME: (),
    }  # fmt: skip
    return (*first[sort], Supplier.name, Supplier.id)


def _duties(
    session: Session, ids: Collection[uuid.UUID], buyers: Buyers, today: date
) -> Mapping[uuid.UUID, list[Duty]]:
    found: defaultdict[uuid.UUID, list[Duty]] = defaultdict(list)
    query = select(Obligation, state_expression(today), is_open_gap(today)).where(
        Obligation.supplier_id.in_(ids)
    )
    for row, state, is_open in session.execute(visible(query, buyers)):
        found[row.supplier_id].append(
            Duty(
                requirement=RequirementCode(row.requirement),
                state=State(state),
                gap_since=row.gap_from if is_open else None,
                due_on=row.next_due_on,
                intervals=intervals_on(row.intervals, today=today),
            )
        )
    return found


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


def list_sectors(buyers: Buyers) -> tuple[list[str], list[str]]:
    """The sectors and the countries of suppliers in sight, for filters; one statement."""
    query = select(Supplier.sector, Supplier.country).where(is_visible(buyers)).distinct()
    with reading() as session:
        rows = session.execute(query).all()
    sectors = sorted({row.sector for row in rows if row.sector})
    return sectors, sorted({row.country for row in rows})
