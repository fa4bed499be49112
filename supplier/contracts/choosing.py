"""The running relations that somebody may choose from, to enter a contract under one."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from supplier.contracts.queries import Buyers, Relation, visible
from supplier.kernel.database import reading
from supplier.parties.models import Engagement, Supplier


def find_relations(text: str, *, buyers: Buyers, limit: int = 20) -> list[Relation]:
    """Running relations whose supplier has this name, SIREN or reference, to choose one.

    The suppliers are found first, by name, in the order of an index; two statements.
    """
    runs = visible(
        select(Engagement.id).where(
            Engagement.supplier_id == Supplier.id, Engagement.ended_on.is_(None)
        ),
        Engagement,
        buyers,
    )
    first = (
        select(Supplier.id)
        .where(Supplier.anonymised_at.is_(None), runs.exists())
        .order_by(Supplier.sort_name, Supplier.id)
        .limit(limit)
    )
    if text:
        first = first.where(
            or_(
                Supplier.name.icontains(text, autoescape=True),
                Supplier.siren.startswith(text.replace(" ", ""), autoescape=True),
                runs.where(Engagement.supplier_reference == text).exists(),
            )
        )
    with reading() as session:
        query = (
            select(Engagement)
            .join(Engagement.supplier)
            .options(contains_eager(Engagement.supplier))
            .where(Engagement.supplier_id.in_(session.scalars(first).all()))
            .order_by(Supplier.sort_name, Supplier.id, Engagement.id)
        )
        # Not in SQL: there the index of ends would be taken, which holds them all.
        found = session.scalars(visible(query, Engagement, buyers)).unique()
        running = [one for one in found if one.ended_on is None]
    return [Relation(one, one.supplier) for one in running[:limit]]
