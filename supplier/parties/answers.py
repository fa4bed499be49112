"""What a supplier answered about its staff, where a paper that it signs says otherwise."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from supplier.kernel.audit import Actor, record
from supplier.parties.actions import get_supplier


def follow_statement(
    session: Session, supplier_id: uuid.UUID, *, employs: bool, by: Actor, now: datetime
) -> bool:
    """Give the answer on foreign workers that a signed statement gives; says if it changed.

    In the caller's transaction: the paper and the answer never say two things.
    """
    supplier = get_supplier(session, supplier_id)
    if supplier.employs_foreign_workers is employs:
        return False
    supplier.employs_foreign_workers, changed = employs, ["employs_foreign_workers"]
    if employs and not supplier.has_employees:
        supplier.has_employees = True
        changed.append("has_employees")
    record(
        session, "supplier.questionnaire_answered", subject=supplier, by=by, at=now,
        data={"fields": changed, "by_statement": True},
    )  # fmt: skip
    return True
