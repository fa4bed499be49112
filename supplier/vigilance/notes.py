"""What people noted about a supplier: waivers and calls; what a waiver may be for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from supplier.kernel.database import reading
from supplier.parties.models import Engagement
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.models import FollowUp, Obligation, Waiver
from supplier.vigilance.states import Buyers


def list_waivers(supplier_id: uuid.UUID, *, buyers: Buyers) -> Sequence[Waiver]:
    """The waivers of a supplier, the latest first; one statement."""
    query = (
        select(Waiver)
        .where(Waiver.supplier_id == supplier_id)
        .order_by(Waiver.at.desc(), Waiver.id)
    )
    if buyers is not None:
        theirs = select(Engagement.id).where(Engagement.buyer_id.in_(buyers))
        query = query.where(Waiver.engagement_id.in_(theirs))
    with reading() as session:
        return session.scalars(query).all()


def list_waivable(engagement_id: uuid.UUID) -> list[RequirementCode]:
    """What may ever be asked in a relation, dormant duties included; one statement.

    Everything, while its duties have not been worked out yet.
    """
    query = select(Obligation.requirement).where(Obligation.engagement_id == engagement_id)
    with reading() as session:
        asked = set(session.scalars(query))
    return [code for code in RequirementCode if code.value in asked] or list(RequirementCode)


def list_follow_ups(
    supplier_id: uuid.UUID, *, buyers: Buyers, limit: int = 50
) -> Sequence[FollowUp]:
    """What came out of the calls to a supplier, the latest first; one statement."""
    query = (
        select(FollowUp)
        .where(FollowUp.supplier_id == supplier_id)
        .order_by(FollowUp.at.desc(), FollowUp.id)
        .limit(limit)
    )
    if buyers is not None:
        theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
        query = query.where(FollowUp.supplier_id.in_(theirs))
    with reading() as session:
        return session.scalars(query).all()
