"""What retention is told of notes on calls, waivers and campaigns: words written about people."""

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
from supplier.vigilance.models import Campaign, FollowUp, Waiver


def list_follow_ups(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """With the people whom they speak of: five years after the last relation of the supplier."""
    over = relations_over()
    rows = session.execute(
        select(FollowUp.id, FollowUp.supplier_id, over.c.ended_on)
        .outerjoin(over, over.c.supplier_id == FollowUp.supplier_id)
        .order_by(FollowUp.at, FollowUp.id)
    )
    for row in rows:
        yield Kept(
            subject_type="follow_up", subject_id=row.id, supplier_id=row.supplier_id,
            buyer_id=None, rule="contact", starts_on=row.ended_on, label="",
        )  # fmt: skip


def erase_follow_up(session: Session, note_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    """Remove the note whole: without its words it says nothing."""
    row = session.get(FollowUp, note_id)
    if row is None:
        return Erased()
    session.delete(row)
    session.flush()
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


def list_campaigns(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Three years, as the mails that they sent: their report says who got what."""
    rows = session.execute(
        select(Campaign.id, Campaign.buyer_id, Campaign.name, Campaign.at)
        .where(Campaign.name != "")
        .order_by(Campaign.at, Campaign.id)
    )
    for row in rows:
        yield Kept(
            subject_type="campaign", subject_id=row.id, supplier_id=None, buyer_id=row.buyer_id,
            rule="mail_log", starts_on=legal_day(row.at), label=row.name,
        )  # fmt: skip


def erase_campaign(session: Session, campaign_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    """Remove the name and the report; that a campaign was sent on a day stays."""
    row = session.get(Campaign, campaign_id)
    if row is None or row.name == "":
        return Erased()
    row.name, row.report = "", []
    return Erased(rows=1)


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("follow_up", list_follow_ups, erase_follow_up))
    registers.keep(registers.Keeper("waiver", list_waivers, erase_waiver))
    registers.keep(registers.Keeper("campaign", list_campaigns, erase_campaign))
