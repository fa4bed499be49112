"""What is asked about parties: a supplier in somebody's sight, its companies, the group."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from supplier.kernel.database import reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.words import alphabetical
from supplier.parties.models import Buyer, Contact, Engagement, Supplier

#: Group companies that a person may see; None means all.
Buyers = Collection[uuid.UUID] | None


def is_visible(buyers: Buyers) -> ColumnElement[bool]:
    """Suppliers who work or worked with one of these group companies."""
    if buyers is None:
        return Supplier.id.is_not(None)
    return Supplier.id.in_(select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers)))


def get_supplier(supplier_id: uuid.UUID, *, buyers: Buyers) -> Supplier:
    """A supplier with its contacts; one statement. Raises NotFoundError for other people's."""
    query = (
        select(Supplier)
        .where(Supplier.id == supplier_id, is_visible(buyers))
        .options(joinedload(Supplier.contacts))
    )
    with reading() as session:
        found = session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFoundError(N_("This supplier does not exist."))
    return found


def get_with_relations(supplier_id: uuid.UUID, *, buyers: Buyers) -> Supplier:
    """A supplier with its relations in sight and their companies; one statement.

    Raises NotFoundError.
    """
    relations = Supplier.engagements
    theirs = relations if buyers is None else relations.and_(Engagement.buyer_id.in_(buyers))
    query = (
        select(Supplier)
        .where(Supplier.id == supplier_id, is_visible(buyers))
        # Side by side: one join inside the other makes SQLite join all relations first.
        .options(joinedload(theirs).joinedload(Engagement.buyer, innerjoin=False))
    )
    with reading() as session:
        found = session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFoundError(N_("This supplier does not exist."))
    return found


def ids_in_sight(buyers: Collection[uuid.UUID]) -> Select[uuid.UUID]:
    """The ids of suppliers in sight, as a query to compare with."""
    return select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))


def check_supplier(session: Session, supplier_id: uuid.UUID, buyers: Buyers) -> None:
    """Raises NotFoundError unless the supplier is in sight."""
    query = select(Supplier.id).where(Supplier.id == supplier_id, is_visible(buyers))
    if session.scalar(query) is None:
        raise NotFoundError(N_("This supplier does not exist."))


def list_engagements(supplier_id: uuid.UUID, *, buyers: Buyers) -> Sequence[Engagement]:
    """The relations of a supplier in sight, running ones first; one statement."""
    query = (
        select(Engagement)
        .where(Engagement.supplier_id == supplier_id)
        .order_by(Engagement.ended_on.is_not(None), Engagement.started_on, Engagement.id)
    )
    if buyers is not None:
        query = query.where(Engagement.buyer_id.in_(buyers))
    with reading() as session:
        return session.scalars(query).all()


def get_engagement(engagement_id: uuid.UUID, *, buyers: Buyers) -> Engagement:
    """A relation with its company. Raises NotFoundError for other people's."""
    with reading() as session:
        found = session.get(Engagement, engagement_id)
    if found is None or (buyers is not None and found.buyer_id not in buyers):
        raise NotFoundError(N_("This relation does not exist."))
    return found


def get_contact(contact_id: uuid.UUID, *, buyers: Buyers) -> Contact:
    """A person at a supplier in sight, who may have left. Raises NotFoundError."""
    with reading() as session:
        found = session.get(Contact, contact_id)
        if found is None:
            raise NotFoundError(N_("This contact does not exist."))
        check_supplier(session, found.supplier_id, buyers)
        return found


def list_buyers(*, buyers: Buyers = None) -> Sequence[Buyer]:
    """The group companies in sight, by name; one statement."""
    query = select(Buyer).order_by(Buyer.sort_name, Buyer.id)
    if buyers is not None:
        query = query.where(Buyer.id.in_(buyers))
    with reading() as session:
        return session.scalars(query).all()


def get_buyer(buyer_id: uuid.UUID, *, buyers: Buyers = None) -> Buyer:
    """A group company in sight. Raises NotFoundError."""
    with reading() as session:
        found = session.get(Buyer, buyer_id)
    if found is None or (buyers is not None and found.id not in buyers):
        raise NotFoundError(N_("This group company does not exist."))
    return found


def list_names(supplier_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of these suppliers; one statement."""
    with reading() as session:
        rows = session.execute(
            select(Supplier.id, Supplier.name).where(Supplier.id.in_(supplier_ids))
        )
        return {row.id: row.name for row in rows}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list of suppliers may be narrowed to: companies in sight, sectors and countries."""

    companies: list[Company]
    sectors: list[str]
    countries: list[str]


@dataclass(frozen=True, slots=True)
class Company:
    """A group company as a filter names it."""

    id: uuid.UUID
    name: str
    short_name: str


def list_choices(*, buyers: Buyers) -> Choices:
    """The choices of somebody's filters; one statement."""
    places = select(
        literal(None, Uuid()).label("id"),
        Supplier.sector.label("one"),
        Supplier.country.label("other"),
    ).distinct()
    companies = select(Buyer.id, Buyer.name, Buyer.short_name)
    if buyers is not None:
        places = places.where(is_visible(buyers))
        companies = companies.where(Buyer.id.in_(buyers))
    with reading() as session:
        rows: Sequence[Any] = session.execute(union_all(companies, places)).all()
    found = [Company(*row) for row in rows if row[0] is not None]
    narrowed = [row for row in rows if row[0] is None]
    return Choices(
        companies=sorted(found, key=lambda one: (alphabetical(one.name), str(one.id))),
        sectors=sorted({row[1] for row in narrowed if row[1]}, key=alphabetical),
        countries=sorted({row[2] for row in narrowed}),
    )
