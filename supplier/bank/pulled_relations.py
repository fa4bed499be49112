"""What a pull says of relations: accounting's numbers of the supplier, whether all have ended."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.bank.access import Buyers
from supplier.parties.models import Engagement

#: A relation with one company: the company, and the last day of it, None while it has none.
End = tuple[uuid.UUID, date | None]


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations of some suppliers, as of a day."""

    references: Mapping[uuid.UUID, Sequence[str]]
    ends: Mapping[uuid.UUID, Sequence[End]]
    today: date

    def references_of(self, supplier_id: uuid.UUID) -> tuple[str, ...]:
        return tuple(self.references.get(supplier_id, ()))

    def ended_on(self, supplier_id: uuid.UUID, buyer_id: uuid.UUID | None) -> date | None:
        """The end of the last relation that an account is for; None while one goes on.

        An account of one company is for its relations alone, one of the group for all in sight.
        """
        days = [
            day
            for buyer, day in self.ends.get(supplier_id, ())
            if buyer_id is None or buyer == buyer_id
        ]
        over = [day for day in days if day is not None and day < self.today]
        return max(over) if over and len(over) == len(days) else None


def relations_of(
    session: Session, supplier_ids: Collection[uuid.UUID], *, buyers: Buyers, today: date
) -> Relations:
    """One statement, none for no supplier."""
    references: dict[uuid.UUID, list[str]] = defaultdict(list)
    ends: dict[uuid.UUID, list[End]] = defaultdict(list)
    query = (
        select(
            Engagement.supplier_id, Engagement.buyer_id, Engagement.supplier_reference,
            Engagement.ended_on,
        )
        .where(Engagement.supplier_id.in_(supplier_ids))
        .order_by(Engagement.started_on, Engagement.id)
    )  # fmt: skip
    for row in session.execute(query) if supplier_ids else ():
        if row.supplier_reference is not None:
            references[row.supplier_id].append(row.supplier_reference)
        if buyers is None or row.buyer_id in buyers:
            ends[row.supplier_id].append((row.buyer_id, row.ended_on))
    return Relations(references, ends, today)
