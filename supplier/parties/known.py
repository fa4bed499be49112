"""What is known already: a supplier by its numbers, a relation that runs."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supplier.kernel.errors import ConflictError
from supplier.kernel.i18n import N_
from supplier.parties.models import Engagement, Supplier


def refuse_known(session: Session, values: dict[str, Any], *, but: uuid.UUID | None) -> None:
    """Raises ConflictError where another supplier has one of these numbers."""
    for field in ("siren", "vat_number"):
        value = values[field]
        if value is None or (field == "vat_number" and values["siren"]):
            continue
        found = session.scalar(select(Supplier.id).where(getattr(Supplier, field) == value))
        if found not in (None, but):
            raise ConflictError(N_("This supplier is known already: open it instead."), field=field)


def began_then(
    session: Session, supplier_id: uuid.UUID, buyer_id: uuid.UUID, started_on: date
) -> bool:
    """Whether a relation with this group company began on that very day; one is enough."""
    same = select(Engagement.id).where(
        Engagement.supplier_id == supplier_id,
        Engagement.buyer_id == buyer_id,
        Engagement.started_on == started_on,
    )
    return session.scalar(same) is not None


def runs_already(session: Session, supplier_id: uuid.UUID, buyer_id: uuid.UUID) -> bool:
    """Whether the supplier works with this group company now."""
    count = session.scalar(
        select(func.count())
        .select_from(Engagement)
        .where(
            Engagement.supplier_id == supplier_id,
            Engagement.buyer_id == buyer_id,
            Engagement.ended_on.is_(None),
        )
    )
    return bool(count)
