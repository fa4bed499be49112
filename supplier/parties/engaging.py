"""Welcome a supplier with its first relation; who of the group answers for a relation."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from supplier.kernel.audit import Actor, record
from supplier.kernel.database import LOCKED, transaction
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.versions import check_seen
from supplier.parties import actions
from supplier.parties.actions import SupplierDetails
from supplier.parties.models import Engagement, Supplier
from supplier.parties.queries import is_visible


@dataclass(frozen=True, slots=True)
class RelationDetails:
    """The buyer's person for this supplier, named in every demand, and our reference."""

    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    supplier_reference: str | None = None


#: What a version of a relation is made of.
RELATION_FIELDS = tuple(item.name for item in fields(RelationDetails))


def change_relation(
    engagement_id: uuid.UUID,
    details: RelationDetails,
    *,
    buyers: Collection[uuid.UUID] | None,
    by: Actor,
    now: datetime,
    seen: str | None = None,
) -> None:
    """Change whom the supplier may call and our reference. Raises NotFoundError.

    `seen` is the version that was shown (of RELATION_FIELDS); raises StaleError on another.
    """
    with transaction() as session:
        row = session.get(Engagement, engagement_id, with_for_update=LOCKED)
        if row is None or (buyers is not None and row.buyer_id not in buyers):
            raise NotFoundError(N_("This relation does not exist."))
        check_seen(row, RELATION_FIELDS, seen)
        wanted = asdict(details)
        changed = sorted(name for name, value in wanted.items() if getattr(row, name) != value)
        for name in changed:
            setattr(row, name, wanted[name])
        if changed:
            record(
                session, "engagement.changed", subject=row, by=by, at=now,
                data={"fields": changed},
            )  # fmt: skip


def welcome(
    details: SupplierDetails,
    *,
    buyer_id: uuid.UUID | None,
    started_on: date | None,
    by: Actor,
    now: datetime,
    within: Collection[uuid.UUID] | None = None,
) -> Supplier:
    """Add a supplier and, where a company is named, begin its relation: both or neither.

    `within` are the group companies of whoever adds it (None: all). One that is known and works
    with none of them gets the relation alone: what others wrote of it stays as it is. Raises as
    `actions.create_supplier` and `actions.engage`; DomainError without a first day.
    """
    if buyer_id is not None and started_on is None:
        raise DomainError(N_("Give the first day."), field="started_on")
    with transaction() as session:
        supplier = _elsewhere(session, details, within) if buyer_id is not None else None
        supplier = supplier or actions.create_supplier(details, by=by, now=now)
        if buyer_id is not None and started_on is not None:
            actions.engage(supplier.id, buyer_id, started_on=started_on, by=by, now=now)
    return supplier


def _elsewhere(
    session: Session, details: SupplierDetails, within: Collection[uuid.UUID] | None
) -> Supplier | None:
    """The supplier with these numbers that works with other companies only."""
    if within is None:
        return None
    values = actions.checked(details)
    same = [
        getattr(Supplier, field) == values[field]
        for field in ("siren", "vat_number")
        if values[field] and (field == "siren" or not values["siren"])
    ]
    if not same:
        return None
    return session.scalars(select(Supplier).where(or_(*same), ~is_visible(within))).first()
