"""The latest score of suppliers, for lists and for their own page."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from supplier.evaluation.models import Grid, Period, Scorecard
from supplier.evaluation.scoring import PROVISIONAL_BELOW
from supplier.kernel.database import reading
from supplier.parties.models import Engagement

Buyers = frozenset[uuid.UUID] | None


@dataclass(frozen=True, slots=True)
class LatestScore:
    """A score (None: not rated) with its class and the period that it speaks of."""

    score: int | None
    grade: str | None
    period_id: uuid.UUID
    period: str
    computed_at: datetime
    is_provisional: bool = False
    held_since: date | None = None


def list_scores(
    supplier_ids: Collection[uuid.UUID], *, buyers: Buyers
) -> dict[uuid.UUID, list[LatestScore]]:
    """The scores of these suppliers, the latest period first; one statement.

    `buyers` are the group companies whose evaluations the reader sees (None: all): scores by
    their grids or the group's, of suppliers who work with them.
    """
    query = (
        select(Scorecard, Period.label)
        .join(Period, Period.id == Scorecard.period_id)
        .where(Scorecard.supplier_id.in_(supplier_ids))
        .order_by(Period.ends_on.desc(), Scorecard.computed_at.desc(), Scorecard.id)
    )
    if buyers is not None:
        theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
        query = query.join(Grid, Grid.id == Period.grid_id).where(
            or_(Grid.buyer_id.is_(None), Grid.buyer_id.in_(buyers)),
            Scorecard.supplier_id.in_(theirs),
        )
    found: dict[uuid.UUID, list[LatestScore]] = {}
    with reading() as session:
        for row, label in session.execute(query):
            score = LatestScore(
                row.score, row.grade, row.period_id, label, row.computed_at,
                row.rated < PROVISIONAL_BELOW, row.held_since,
            )  # fmt: skip
            found.setdefault(row.supplier_id, []).append(score)
    return found
