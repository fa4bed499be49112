"""The other queue: accepted papers in force that their issuer has not confirmed yet."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.sight import Buyers, visible_to
from supplier.documents.states import IssuerAnswer, State
from supplier.kernel.database import Page, reading
from supplier.parties.models import Supplier

#: What a person needs for one answer of an issuer, on average.
SECONDS_EACH = 18
#: A count for a page that is seen often goes no further.
COUNTED = 100
_UNCHECKED = "unchecked"
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
#: The longest wait first.
_ORDER = (Document.received_at, Document.id)


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose papers of which kinds, on which day. `owing`: ids of suppliers who owe such a paper."""

    kinds: Collection[DocumentKind]
    owing: Select[uuid.UUID]
    today: date
    buyers: Buyers

    def where(self) -> tuple[ColumnElement[bool], ...]:
        """An older paper is left out once a newer one of its kind stands beside it."""
        return (
            Document.kind.in_([kind.value for kind in self.kinds]),
            Document.authenticity == _UNCHECKED,
            # Both so that no index answers: nearly every paper is accepted and was not drawn, and
            # few are unchecked, which has an index of its own.
            Document.state.op("||")("") == State.ACCEPTED,
            # A blind second reading comes first: the issuer's page would tell what was read.
            func.coalesce(Document.sampled_at, _BEFORE_ALL) == _BEFORE_ALL,
            or_(Document.valid_until.is_(None), Document.valid_until >= self.today),
            ~_newer_one(),
            Document.supplier_id.in_(self.owing),
            visible_to(self.buyers),
        )


def _newer_one() -> ColumnElement[bool]:
    other = aliased(Document)
    later = or_(
        other.issued_on > Document.issued_on,
        and_(other.issued_on == Document.issued_on, other.id > Document.id),
    )
    return (
        select(other.id)
        .where(
            other.supplier_id == Document.supplier_id,
            other.kind == Document.kind,
            other.state.op("||")("") == State.ACCEPTED,
            other.authenticity != IssuerAnswer.FAILED,
            later,
        )
        .exists()
    )


def list_unverified(ask: Ask, *, number: int = 1, size: int = 50) -> Page[tuple[Document, str]]:
    """Each with its supplier's name, a page at a time; one statement, two beyond the last page."""
    with reading() as session:
        rows = session.execute(_page(ask, number, size)).all()
        if not rows and number > 1:
            number, rows = 1, session.execute(_page(ask, 1, size)).all()
    items = [(document, str(name)) for document, name, _ in rows]
    return Page(items, number, size, int(rows[0][2]) if rows else 0)


def _page(ask: Ask, number: int, size: int) -> Any:
    one = (
        select(Document.id, func.count().over().label("total"))
        .where(*ask.where())
        .order_by(*_ORDER)
        .limit(size)
        .offset((number - 1) * size)
        .subquery("page")
    )
    return (
        select(Document, Supplier.name, one.c.total)
        .join(one, one.c.id == Document.id)
        .join(Supplier, Supplier.id == Document.supplier_id)
        .order_by(*_ORDER)
    )


def number_unverified(ask: Ask) -> ScalarSelect[int]:
    """How many, or `COUNTED` for that many and more, to be asked within another statement."""
    some = select(Document.id).where(*ask.where()).limit(COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def find_next_unverified(
    ask: Ask, *, not_for: uuid.UUID, after: uuid.UUID | None = None
) -> uuid.UUID | None:
    """The paper to ask about next; `not_for` leaves out what this person handed in themselves.

    `after` is the one in hand: when its issuer did not answer, it comes again last.
    """
    query = select(Document.id).where(
        *ask.where(),
        or_(Document.received_by_id.is_(None), Document.received_by_id != not_for),
    )
    with reading() as session:
        if after is not None:
            at = session.scalar(select(Document.received_at).where(Document.id == after))
            behind = or_(
                Document.received_at > at, and_(Document.received_at == at, Document.id > after)
            )
            found = session.scalar(query.where(behind).order_by(*_ORDER).limit(1))
            if found is not None:
                return found
            query = query.where(Document.id != after)
        return session.scalar(query.order_by(*_ORDER).limit(1))
