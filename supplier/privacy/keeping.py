"""What retention is told of rights requests."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.kernel import registers
from supplier.kernel.registers import Erased, Kept
from supplier.privacy.models import RightsRequest


def list_kept(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Three years after the request was closed."""
    rows = session.scalars(
        select(RightsRequest)
        .where(RightsRequest.erased_at.is_(None))
        .order_by(RightsRequest.received_at, RightsRequest.id)
    )
    for row in rows:
        yield Kept(
            subject_type="rights_request", subject_id=row.id, supplier_id=row.supplier_id,
            buyer_id=None, rule="rights_request", starts_on=row.closed_on, label=row.number,
        )  # fmt: skip


def erase(session: Session, request_id: uuid.UUID, at: datetime) -> Erased:
    """Remove who asked, what and the answer; the number and the days stay for the count."""
    row = session.get(RightsRequest, request_id)
    if row is None or row.erased_at is not None:
        return Erased()
    row.requester_name = row.requester_email = row.user_id = None
    row.message, row.answer, row.extension_reason = "", None, None
    row.erased_at = at
    return Erased(rows=1)


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("rights_request", list_kept, erase))
