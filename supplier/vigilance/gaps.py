"""Gaps across suppliers: which are open or coming, and what they cost."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, select
from sqlalchemy.orm import aliased, defer

from supplier.kernel.database import Page, reading
from supplier.parties.models import Buyer, Contact, Supplier
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import State
from supplier.vigilance.models import FollowUp, Obligation
from supplier.vigilance.states import (
    Buyers,
    is_open_gap,
    opens_between,
    state_expression,
    visible,
)

#: A coming gap is in sight for so many days.
SIGHT_DAYS = 45


class GapKind(StrEnum):
    OPEN = "open"
    COMING = "coming"


class GapSort(StrEnum):
    EXPOSED = "exposed"
    SINCE = "since"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class GapFilter:
    """Which gaps. `until` is the last day on which a coming gap opens (default: in sight)."""

    kind: GapKind = GapKind.OPEN
    until: date | None = None
    buyer_id: uuid.UUID | None = None
    requirement: str | None = None
    #: Law or policy.
    basis: str | None = None
    text: str = ""
    sort: GapSort = GapSort.EXPOSED


@dataclass(frozen=True, slots=True)
class MissingPaper:
    """One paper that is missing at one company. `label` is a marked message."""

    requirement: RequirementCode
    label: str
    state: State
    buyer: str
    basis: str
    since: date


@dataclass(frozen=True, slots=True)
class LastWord:
    """What a colleague noted last about a supplier."""

    note: str
    promised_on: date | None
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GapRow:
    """One supplier with its gaps. `exposed` is euros so far for open gaps, euros a day for
    coming ones; `since` the first day without cover."""

    supplier_id: uuid.UUID
    name: str
    since: date
    exposed: Decimal
    papers: tuple[MissingPaper, ...]
    reminders: int
    reminded_at: datetime | None
    bounced_at: datetime | None
    last_word: LastWord | None

    @property
    def buyers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(paper.buyer for paper in self.papers))

    @property
    def requirements(self) -> tuple[str, ...]:
        """Labels, each once: marked messages."""
        return tuple(dict.fromkeys(paper.label for paper in self.papers))


def list_gaps(
    wanted: GapFilter, *, buyers: Buyers, today: date, number: int = 1, size: int = 50
) -> Page[GapRow]:
    """Suppliers with open or coming gaps, one row a supplier; one statement, two beyond the end."""
    condition = _condition(wanted, today)
    with reading() as session:
        grouped = _by_supplier(wanted, condition, buyers)
        query = _suppliers(wanted, grouped).limit(size)
        rows = session.execute(
            _with_papers(wanted, query.offset((number - 1) * size), condition, buyers, today)
        ).all()
        if not rows and number > 1:
            number = 1
            rows = session.execute(_with_papers(wanted, query, condition, buyers, today)).all()
    found: defaultdict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.id].append(row)
    items = [_gap_row(papers, today) for papers in found.values()]
    return Page(items, number, size, int(rows[0].total) if rows else 0)


def _suppliers(wanted: GapFilter, grouped: Subquery) -> Any:
    """The suppliers in their order, with how many there are in all.

    Names are looked up here only to sort or to search; else for the suppliers of one page.
    """
    query = select(
        grouped.c.supplier_id.label("id"), grouped.c.since, grouped.c.exposed,
        func.count().over().label("total"),
    )  # fmt: skip
    words = wanted.text.lower().split()
    if words or wanted.sort is GapSort.NAME:
        query = query.join(Supplier, Supplier.id == grouped.c.supplier_id)
    for word in words:
        query = query.where(Supplier.search_text.contains(word, autoescape=True))
    return query.order_by(*_order(wanted.sort, grouped), grouped.c.supplier_id)


def _with_papers(
    wanted: GapFilter, suppliers: Any, condition: ColumnElement[bool], buyers: Buyers, today: date
) -> Any:
    """Each of these suppliers with every paper that it lacks and the last word about it."""
    page = suppliers.subquery("page")
    query = (
        select(page, Supplier.name, Obligation, state_expression(today).label("state"),
               Buyer.short_name, bounced_at(page.c.id).label("bounced_at"), FollowUp)
        .join(Supplier, Supplier.id == page.c.id)
        .join(Obligation, and_(Obligation.supplier_id == page.c.id, condition))
        .join(Buyer, Buyer.id == Obligation.buyer_id)
        .outerjoin(FollowUp, FollowUp.id == last_note_of(page.c.id))
        .options(defer(Obligation.intervals))
        .order_by(*_order(wanted.sort, page), page.c.id, Obligation.gap_from, Obligation.id)
    )  # fmt: skip
    return visible(query, buyers)


def last_note_of(supplier_id: Any) -> Any:
    """The id of the last note about a supplier of the query around it."""
    note = aliased(FollowUp)
    return (
        select(note.id)
        .where(note.supplier_id == supplier_id)
        .order_by(note.at.desc(), note.id)
        .limit(1)
        .scalar_subquery()
    )


def bounced_at(supplier_id: Any) -> Any:
    """When a mail to somebody at a supplier of the query around it came back last."""
    return (
        select(func.max(Contact.mail_bounced_at))
        .where(Contact.supplier_id == supplier_id, Contact.mail_state == "bounced")
        .scalar_subquery()
    )


def word_of(note: FollowUp | None) -> LastWord | None:
    """A note as a list shows it."""
    return LastWord(note.note, note.promised_on, note.by_name, note.at) if note else None


def _paper(row: Any, today: date) -> MissingPaper:
    duty: Obligation = row.Obligation
    code = RequirementCode(duty.requirement)
    since = duty.gap_from or duty.next_due_on or today
    label = RULES[code].label
    return MissingPaper(code, label, State(row.state), row.short_name, duty.basis, since)


def _gap_row(rows: Sequence[Any], today: date) -> GapRow:
    """One supplier, from a row for each paper that it lacks."""
    first, duties = rows[0], [row.Obligation for row in rows]
    return GapRow(
        supplier_id=first.id,
        name=first.name,
        since=first.since,
        exposed=Decimal(first.exposed or 0),
        papers=tuple(_paper(row, today) for row in rows),
        reminders=max(duty.reminders for duty in duties),
        reminded_at=max((at for duty in duties if (at := duty.reminded_at)), default=None),
        bounced_at=first.bounced_at,
        last_word=word_of(first.FollowUp),
    )


def _condition(wanted: GapFilter, today: date) -> ColumnElement[bool]:
    if wanted.kind is GapKind.OPEN:
        condition = is_open_gap(today)
    else:
        until = wanted.until or today + timedelta(days=SIGHT_DAYS)
        condition = opens_between(today + timedelta(days=1), until)
    if wanted.buyer_id is not None:
        condition = and_(condition, Obligation.buyer_id == wanted.buyer_id)
    if wanted.requirement:
        condition = and_(condition, Obligation.requirement == wanted.requirement)
    if wanted.basis:
        condition = and_(condition, Obligation.basis == wanted.basis)
    return condition


def _by_supplier(wanted: GapFilter, condition: ColumnElement[bool], buyers: Buyers) -> Subquery:
    """A day without two papers is one day: euros are those of the engagement, not the sum of its
    papers."""
    is_open = wanted.kind is GapKind.OPEN
    by_engagement = visible(
        select(
            Obligation.supplier_id,
            func.min(Obligation.gap_from if is_open else Obligation.next_due_on).label("since"),
            func.max(Obligation.exposed if is_open else Obligation.daily_rate).label("exposed"),
        ).where(condition),
        buyers,
    ).group_by(Obligation.supplier_id, Obligation.engagement_id)
    one = by_engagement.subquery("by_engagement")
    return (
        select(
            one.c.supplier_id,
            func.min(one.c.since).label("since"),
            func.sum(one.c.exposed).label("exposed"),
        )
        .group_by(one.c.supplier_id)
        .subquery("by_supplier")
    )


def _order(sort: GapSort, rows: Subquery) -> tuple[Any, ...]:
    """The order of rows that carry `since` and `exposed`; the supplier's id comes after it."""
    return {
        GapSort.EXPOSED: (rows.c.exposed.desc(), rows.c.since),
        GapSort.SINCE: (rows.c.since,),
        GapSort.NAME: (Supplier.name,),
    }[sort]
