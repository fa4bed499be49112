"""What retention is told of evaluations: scores and marks go five years after the relationship."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.evaluation.models import Period, Rating, Scorecard
from supplier.kernel import registers
from supplier.kernel.registers import Erased, Kept
from supplier.parties.keeping import relations_over


def list_scorecards(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Every scorecard, from the confirmed end of the supplier's last relationship."""
    yield from _kept(session, Scorecard, "scorecard")


def list_ratings(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Every mark with its comment and author, under the same rule."""
    yield from _kept(session, Rating, "rating")


def _kept(session: Session, table: type[Scorecard | Rating], name: str) -> Iterable[Kept]:
    over = relations_over()
    rows = session.execute(
        select(table.id, table.supplier_id, Period.label, over.c.ended_on)
        .join(Period, Period.id == table.period_id)
        .outerjoin(over, over.c.supplier_id == table.supplier_id)
        .order_by(Period.ends_on, table.id)
    )
    for row in rows:
        yield Kept(
            subject_type=name, subject_id=row.id, supplier_id=row.supplier_id, buyer_id=None,
            rule="evaluation", starts_on=row.ended_on, label=row.label,
        )  # fmt: skip


def erase_scorecard(session: Session, card_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    """The figures go with everything behind them."""
    return _delete(session, session.get(Scorecard, card_id))


def erase_rating(session: Session, rating_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    return _delete(session, session.get(Rating, rating_id))


def _delete(session: Session, row: Scorecard | Rating | None) -> Erased:
    if row is None:
        return Erased()
    session.delete(row)
    session.flush()
    return Erased(rows=1)


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("scorecard", list_scorecards, erase_scorecard))
    registers.keep(registers.Keeper("rating", list_ratings, erase_rating))
