"""What retention is told of notes on calls and of waivers: free words written about people."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.kernel import registers
from supplier.kernel.clock import legal_day
from supplier.kernel.registers import Erased, Kept
from supplier.parties.keeping import relations_over
from supplier.parties.models import Engagement
from supplier.vigilance.models import FollowUp, Waiver


def list_follow_ups(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Three years, as the mails that they belong beside."""
    rows = session.execute(
        select(FollowUp.id, FollowUp.supplier_id, FollowUp.at)
        .where(FollowUp.note != "")
        .order_by(FollowUp.at, FollowUp.id)
    )
    for row in rows:
        yield Kept(
            subject_type="follow_up", subject_id=row.id, supplier_id=row.supplier_id,
            buyer_id=None, rule="mail_log", starts_on=legal_day(row.at), label="",
        )  # fmt: skip


def erase_follow_up(session: Session, note_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    """Remove the words; that a call was made stays."""
    row = session.get(FollowUp, note_id)
    if row is None or row.note == "":
        return Erased()
    row.note, row.contact_id, row.by_name = "", None, ""
    return Erased(rows=1)


def list_waivers(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """As the papers that they stand for: five years after the last relation of the supplier."""
    over = relations_over()
    rows = session.execute(
        select(Waiver.id, Waiver.supplier_id, Waiver.requirement, Engagement.buyer_id,
               over.c.ended_on)
        .join(Engagement, Engagement.id == Waiver.engagement_id)
        .outerjoin(over, over.c.supplier_id == Waiver.supplier_id)
        .where(Waiver.reason != "")
        .order_by(Waiver.at, Waiver.id)
    )  # fmt: skip
    for row in rows:
        yield Kept(
            subject_type="waiver", subject_id=row.id, supplier_id=row.supplier_id,
            buyer_id=row.buyer_id, rule="vigilance_paper", starts_on=row.ended_on,
            label=row.requirement,
        )  # fmt: skip


def erase_waiver(session: Session, waiver_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    """Remove the reason and who gave it; the days stay, so that the past is counted the same."""
    row = session.get(Waiver, waiver_id)
    if row is None or row.reason == "":
        return Erased()
    row.reason, row.by_name = "", ""
    return Erased(rows=1)


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("follow_up", list_follow_ups, erase_follow_up))
    registers.keep(registers.Keeper("waiver", list_waivers, erase_waiver))
