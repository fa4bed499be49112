"""The review queue: which papers wait for a person, in which order, and their neighbours."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from supplier.documents.kept_reading import KeptReading, find_kept
from supplier.documents.models import Document
from supplier.documents.obvious import is_obvious
from supplier.documents.queries import waits_blind, waits_for_person
from supplier.documents.sight import Buyers, visible_to
from supplier.documents.states import State
from supplier.kernel.database import Page, reading
from supplier.parties.models import Supplier

#: What a person needs for a doubtful paper, on average.
SECONDS_EACH = 25


class Only(StrEnum):
    """Parts of the queue."""

    ALL = ""
    CONTESTED = "contested"
    SAMPLED = "sampled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which waiting papers: a kind, a part of the queue, words of the supplier's name."""

    kind: str = ""
    only: Only = Only.ALL
    text: str = ""


@dataclass(frozen=True, slots=True)
class WaitingPaper:
    """One line of the queue; `obvious` papers may be accepted together."""

    document: Document
    supplier_name: str
    kept: KeptReading | None

    @property
    def obvious(self) -> bool:
        return is_obvious(self.document, self.kept)

    @property
    def blind(self) -> bool:
        """To be read again without sight of what the machine had: the list tells nothing of it."""
        return waits_blind(self.document)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paper stands in the queue (from 1; 0 when it does not wait) and what is around."""

    number: int
    total: int
    previous: uuid.UUID | None
    next: uuid.UUID | None


#: Contested first, then what was never decided, the oldest first.
_ORDER = (
    Document.contested_at.is_(None),
    Document.sampled_at.is_not(None),
    Document.received_at,
    Document.id,
)


def list_queue(
    wanted: QueueFilter, *, buyers: Buyers, number: int = 1, size: int = 50
) -> Page[WaitingPaper]:
    """What waits for a person, a page at a time; one statement, two beyond the last page."""
    query = _filtered(select(Document.id, func.count().over().label("total")), wanted, buyers)
    with reading() as session:
        rows = session.execute(_page(query, number, size)).all()
        if not rows and number > 1:
            number, rows = 1, session.execute(_page(query, 1, size)).all()
    items = [WaitingPaper(document, name, find_kept(document)) for document, name, _ in rows]
    return Page(items, number, size, int(rows[0][2]) if rows else 0)


def _page(query: Any, number: int, size: int) -> Any:
    """The papers of a page: their ids are sorted and counted, then these few are read whole."""
    one = query.order_by(*_ORDER).limit(size).offset((number - 1) * size).subquery("page")
    return (
        select(Document, Supplier.name, one.c.total)
        .join(one, one.c.id == Document.id)
        .join(Supplier, Supplier.id == Document.supplier_id)
        .order_by(*_ORDER)
    )


def _filtered(query: Any, wanted: QueueFilter, buyers: Buyers) -> Any:
    query = query.where(waits_for_person(), visible_to(buyers))
    if wanted.kind:
        query = query.where(Document.kind == wanted.kind, _kind_may_be_told())
    if wanted.only is Only.CONTESTED:
        query = query.where(Document.contested_at.is_not(None), Document.state == State.IN_REVIEW)
    elif wanted.only is Only.SAMPLED:
        query = query.where(Document.sampled_at.is_not(None))
    elif wanted.only is Only.UNKNOWN:
        query = query.where(Document.kind.is_(None))
    words = wanted.text.lower().split()
    if words:
        query = query.join(Supplier, Supplier.id == Document.supplier_id)
    for word in words:
        query = query.where(Supplier.search_text.contains(word, autoescape=True))
    return query


def _kind_may_be_told() -> ColumnElement[bool]:
    """What is read blind is not found by the kind that the machine saw."""
    return or_(Document.sampled_at.is_(None), Document.state != State.ACCEPTED)


def count_by_kind(buyers: Buyers) -> dict[str, int]:
    """How many wait of each kind (empty: not recognised), for the filters; one statement."""
    query = (
        select(func.coalesce(Document.kind, ""), func.count())
        .where(waits_for_person(), visible_to(buyers), _kind_may_be_told())
        .group_by(Document.kind)
    )
    with reading() as session:
        return {str(kind): int(number) for kind, number in session.execute(query)}


def place_of(document_id: uuid.UUID, *, buyers: Buyers) -> Place:
    """The place of a paper in the whole queue; a decided one shows the first as its next."""

    def seen(what: Any) -> Any:
        return what.over(order_by=_ORDER)

    # A window function does not know what it gives: untyped, SQLite's id would come as plain text.
    uuids = Document.id.type
    queue = (
        select(
            Document.id, seen(func.row_number()).label("number"),
            seen(func.lag(Document.id, type_=uuids)).label("previous"),
            seen(func.lead(Document.id, type_=uuids)).label("next"),
            func.count().over().label("total"),
        )
        .where(waits_for_person(), visible_to(buyers))
        .subquery("queue")
    )  # fmt: skip
    query = select(queue).where(or_(queue.c.id == document_id, queue.c.number == 1))
    with reading() as session:
        rows = session.execute(query.order_by(queue.c.number)).all()
    if not rows:
        return Place(0, 0, None, None)
    if rows[-1].id != document_id:
        return Place(0, rows[0].total, None, rows[0].id)
    return Place(rows[-1].number, rows[-1].total, rows[-1].previous, rows[-1].next)
