"""What is asked about evaluations: periods, the ranking, one scorecard, spend against score."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from supplier.contracts.models import Invoice
from supplier.evaluation.latest import LatestScore, list_scores
from supplier.evaluation.models import Criterion, Grid, Period, Rating, Scorecard
from supplier.kernel.clock import add_months
from supplier.kernel.database import reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Engagement, Supplier
from supplier.parties.queries import ids_in_sight, is_visible

Buyers = frozenset[uuid.UUID] | None
_EURO = "EUR"
_MISSING = N_("This scorecard does not exist.")


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """A period with its grid."""

    period: Period
    grid: Grid

    @property
    def spend_from(self) -> date:
        """The first of the twelve months whose invoices count: up to the end of the period."""
        return add_months(self.period.ends_on, -12) + timedelta(days=1)

    @property
    def is_closed(self) -> bool:
        return self.period.closed_at is not None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many suppliers were rated, and how many lack facts."""

    rated: int
    unrated: int


@dataclass(frozen=True, slots=True)
class CardFile:
    """One scorecard with the marks behind it and the card of the period before."""

    line: PeriodLine
    supplier: Supplier
    card: Scorecard | None
    criteria: Sequence[Criterion]
    ratings: Sequence[Rating]
    previous: Scorecard | None
    spend: Decimal

    def mark_before(self, code: str) -> int | None:
        """The mark of a criterion in the period before."""
        found = (one for one in (self.previous.evidence if self.previous else ()))
        return next((one["mark"] for one in found if one["code"] == code), None)


def list_periods(*, buyers: Buyers, limit: int = 24) -> list[PeriodLine]:
    """The periods in sight, the latest first; one statement."""
    query = (
        select(Period, Grid)
        .join(Grid, Grid.id == Period.grid_id)
        .where(_grid_visible(buyers))
        .order_by(Period.ends_on.desc(), Period.created_at.desc(), Period.id)
        .limit(limit)
    )
    with reading() as session:
        return [PeriodLine(period, grid) for period, grid in session.execute(query)]


def list_grids(*, buyers: Buyers) -> Sequence[Grid]:
    """The grids in sight with their criteria, those in force first; two statements."""
    query = (
        select(Grid)
        .where(_grid_visible(buyers))
        .options(selectinload(Grid.criteria))
        .order_by(Grid.retired_at.is_not(None), Grid.created_at.desc(), Grid.id)
    )
    with reading() as session:
        return session.scalars(query).all()


def period_before(line: PeriodLine, periods: Sequence[PeriodLine]) -> PeriodLine | None:
    """The period of the same grid, or of the same company, that ended last before this one."""
    earlier = [
        one
        for one in periods
        if one.grid.buyer_id == line.grid.buyer_id and one.period.ends_on < line.period.starts_on
    ]
    return max(earlier, key=lambda one: one.period.ends_on, default=None)


def count_cards(period_id: uuid.UUID, *, buyers: Buyers) -> Counts:
    """Rated and unrated suppliers in sight; one statement."""
    query = select(func.count(Scorecard.score), func.count()).where(
        *cards_in_sight(period_id, buyers)
    )
    with reading() as session:
        rated, everybody = session.execute(query).one()
    return Counts(rated, everybody - rated)


def get_card(
    period_id: uuid.UUID, supplier_id: uuid.UUID, *, buyers: Buyers, periods: Sequence[PeriodLine]
) -> CardFile:
    """One scorecard with what is behind it; four statements. Raises NotFoundError.

    A supplier in sight whose score was not computed yet has no card.
    """
    line = next((one for one in periods if one.period.id == period_id), None)
    with reading() as session:
        line = line or _find_period(session, period_id, buyers)
        found = session.execute(_subject(line, supplier_id, buyers)).first() if line else None
        if line is None or found is None:
            raise NotFoundError(_MISSING)
        supplier, spend, engaged = found
        before = period_before(line, periods)
        cards = _cards(session, supplier_id, [period_id, before.period.id if before else None])
        if period_id not in cards and not engaged:
            raise NotFoundError(_MISSING)
        return CardFile(
            line=line,
            supplier=supplier,
            card=cards.get(period_id),
            criteria=_criteria(session, line.grid.id),
            ratings=_ratings(session, period_id, supplier_id),
            previous=cards.get(before.period.id) if before else None,
            spend=Decimal(str(spend or 0)),
        )


def history(supplier_id: uuid.UUID, *, buyers: Buyers) -> list[LatestScore]:
    """The scores of a supplier in sight, the latest period first; one statement."""
    return list_scores([supplier_id], buyers=buyers).get(supplier_id, [])


def _grid_visible(buyers: Buyers) -> ColumnElement[bool]:
    """The group's own grids, and those of the companies in sight."""
    if buyers is None:
        return Grid.id.is_not(None)
    return or_(Grid.buyer_id.is_(None), Grid.buyer_id.in_(buyers))


def _find_period(session: Session, period_id: uuid.UUID, buyers: Buyers) -> PeriodLine | None:
    row = session.execute(
        select(Period, Grid)
        .join(Grid, Grid.id == Period.grid_id)
        .where(Period.id == period_id, _grid_visible(buyers))
    ).first()
    return PeriodLine(*row) if row else None


def _spending(line: PeriodLine, buyers: Buyers) -> list[ColumnElement[bool]]:
    """Invoices of the twelve months up to the end of the period, without tax, in sight."""
    last: date = line.period.ends_on
    found = [
        Invoice.issued_on >= line.spend_from,
        Invoice.issued_on <= last,
        Invoice.currency == _EURO,
    ]
    if line.grid.buyer_id is not None:
        found.append(Invoice.buyer_id == line.grid.buyer_id)
    if buyers is not None:
        found.append(Invoice.buyer_id.in_(buyers))
    return found


def spend_with(line: PeriodLine, supplier_id: Any, buyers: Buyers) -> ColumnElement[Decimal]:
    """What was spent with a supplier of the query around it."""
    query = select(func.coalesce(func.sum(Invoice.amount), 0)).where(
        Invoice.supplier_id == supplier_id, *_spending(line, buyers)
    )
    return query.scalar_subquery()


def cards_in_sight(period_id: uuid.UUID, buyers: Buyers) -> list[ColumnElement[bool]]:
    """The cards of a period of suppliers in sight."""
    found = [Scorecard.period_id == period_id]
    if buyers is not None:
        found.append(Scorecard.supplier_id.in_(ids_in_sight(buyers)))
    return found


def _cards(
    session: Session, supplier_id: uuid.UUID, period_ids: Sequence[uuid.UUID | None]
) -> dict[uuid.UUID, Scorecard]:
    rows = session.scalars(
        select(Scorecard).where(
            Scorecard.supplier_id == supplier_id,
            Scorecard.period_id.in_([one for one in period_ids if one is not None]),
        )
    )
    return {row.period_id: row for row in rows}


def _subject(
    line: PeriodLine, supplier_id: uuid.UUID, buyers: Buyers
) -> Select[Supplier, Decimal, bool]:
    """The supplier in sight, its spend, and whether it worked with us in the period."""
    engaged = exists().where(
        Engagement.supplier_id == Supplier.id,
        Engagement.started_on <= line.period.ends_on,
        or_(Engagement.ended_on.is_(None), Engagement.ended_on >= line.period.starts_on),
    )
    if line.grid.buyer_id is not None:
        engaged = engaged.where(Engagement.buyer_id == line.grid.buyer_id)
    spend = (
        select(func.sum(Invoice.amount))
        .where(Invoice.supplier_id == Supplier.id, *_spending(line, buyers))
        .scalar_subquery()
    )
    return select(Supplier, spend, engaged).where(Supplier.id == supplier_id, is_visible(buyers))


def _criteria(session: Session, grid_id: uuid.UUID) -> Sequence[Criterion]:
    return session.scalars(
        select(Criterion).where(Criterion.grid_id == grid_id).order_by(Criterion.position)
    ).all()


def _ratings(session: Session, period_id: uuid.UUID, supplier_id: uuid.UUID) -> Sequence[Rating]:
    """Every mark ever given, those in force first."""
    return session.scalars(
        select(Rating)
        .where(Rating.period_id == period_id, Rating.supplier_id == supplier_id)
        .order_by(Rating.replaced_at.is_not(None), Rating.at.desc(), Rating.id)
    ).all()
