"""Legal holds: while one stands, nothing of its supplier is erased, whatever the plan says."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supplier.kernel.audit import Actor, record
from supplier.kernel.database import LOCKED, new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Engagement, Supplier
from supplier.retention.models import LegalHold

Buyers = frozenset[uuid.UUID] | None


def place_hold(
    supplier_id: uuid.UUID, *, reason: str, by: Actor, now: datetime, buyers: Buyers = None
) -> LegalHold:
    """Keep everything of a supplier whatever the plan says, until the hold is lifted.

    `buyers` are the group companies of whoever asks (None: all). Raises DomainError without a
    reason, NotFoundError for a supplier out of their sight, ConflictError while a hold stands.
    """
    if not reason.strip():
        raise DomainError(
            N_("Give the reason: a dispute, an inspection, a court case."), field="reason"
        )
    with transaction() as session:
        # The supplier's row is locked by erasures too: one of the two is first, never both.
        found = session.get(Supplier, supplier_id, with_for_update=LOCKED)
        if found is None or not _in_sight(session, supplier_id, buyers):
            raise NotFoundError(N_("This supplier does not exist."))
        if is_held(session, supplier_id):
            raise ConflictError(
                N_("A hold stands on this supplier already: what we keep of it is safe.")
            )
        assert by.id is not None
        hold = LegalHold(
            id=new_id(), supplier_id=supplier_id, reason=reason.strip(), by_id=by.id,
            by_name=by.name, at=now,
        )  # fmt: skip
        session.add(hold)
        session.flush()
        record(
            session, "hold.placed", subject=hold, by=by, at=now, supplier_id=supplier_id,
            reason=reason.strip(),
        )  # fmt: skip
        return hold


def lift_hold(
    hold_id: uuid.UUID, *, reason: str, by: Actor, now: datetime, buyers: Buyers = None
) -> None:
    """End a hold; what came due meanwhile is proposed at the next run.

    Raises DomainError without a reason, NotFoundError, ConflictError when it was lifted already.
    """
    if not reason.strip():
        raise DomainError(N_("Say why nothing has to be kept for it any more."), field="reason")
    with transaction() as session:
        hold = session.get(LegalHold, hold_id)
        if hold is None or not _in_sight(session, hold.supplier_id, buyers):
            raise NotFoundError(N_("This hold does not exist."))
        changed = session.execute(
            update(LegalHold)
            .where(LegalHold.id == hold_id, LegalHold.lifted_at.is_(None))
            .values(lifted_at=now, lifted_by_id=by.id)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This hold was lifted already."))
        record(
            session, "hold.lifted", subject=hold, by=by, at=now, supplier_id=hold.supplier_id,
            reason=reason.strip(),
        )  # fmt: skip


def _in_sight(session: Session, supplier_id: uuid.UUID, buyers: Buyers) -> bool:
    if buyers is None:
        return True
    found = select(Engagement.id).where(
        Engagement.supplier_id == supplier_id, Engagement.buyer_id.in_(buyers)
    )
    return session.scalar(found.limit(1)) is not None


def is_held(session: Session, supplier_id: uuid.UUID | None) -> bool:
    """True while a legal hold stands on the supplier."""
    if supplier_id is None:
        return False
    found = session.scalar(
        select(LegalHold.id).where(
            LegalHold.supplier_id == supplier_id, LegalHold.lifted_at.is_(None)
        )
    )
    return found is not None
