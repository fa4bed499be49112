"""What we do with evaluations: write a grid, open a period, rate, compute, close."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from supplier.adapters import queue
from supplier.evaluation.facts import facts_of, specs_of
from supplier.evaluation.models import Criterion, Grid, Period, Rating, Scorecard
from supplier.evaluation.scoring import (
    CriterionSpec,
    Mark,
    Score,
    Source,
    check_grid,
    score,
)
from supplier.kernel.audit import SYSTEM, Actor, record
from supplier.kernel.clock import legal_day
from supplier.kernel.database import LOCKED, new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer, Engagement

Buyers = frozenset[uuid.UUID] | None
_BATCH = 200


def create_grid(
    name: str,
    *,
    criteria: Sequence[CriterionSpec],
    by: Actor,
    now: datetime,
    buyer_id: uuid.UUID | None = None,
    buyers: Buyers = None,
) -> Grid:
    """Write a grid, for one group company or (None) the whole group; it replaces none.

    Raises DomainError for a grid that cannot be used, NotFoundError for another's company.
    """
    if not name.strip():
        raise DomainError(N_("Give the grid a name."), field="name")
    check_grid(criteria)
    with transaction() as session:
        _require_buyer(session, buyer_id, buyers)
        grid = Grid(
            id=new_id(), name=name.strip()[:200], buyer_id=buyer_id, created_at=now,
            created_by_id=by.id,
        )  # fmt: skip
        session.add(grid)
        session.flush()
        session.add_all(
            Criterion(
                id=new_id(), grid_id=grid.id, position=place, code=one.code, label=one.label,
                source=one.source.value, weight=one.weight,
            )
            for place, one in enumerate(criteria, start=1)
        )  # fmt: skip
        session.flush()
        data = {"weights": {one.code: one.weight for one in criteria}}
        record(session, "evaluation.grid_created", subject=grid, by=by, at=now, data=data)
        return grid


def retire_grid(grid_id: uuid.UUID, *, by: Actor, now: datetime, buyers: Buyers = None) -> None:
    """No new period is opened with this grid; those that exist keep it."""
    with transaction() as session:
        grid = _get_grid(session, grid_id, buyers)
        if grid.retired_at is not None:
            raise ConflictError(N_("This grid is retired already."))
        grid.retired_at = now
        record(session, "evaluation.grid_retired", subject=grid, by=by, at=now)


def open_period(
    grid_id: uuid.UUID,
    *,
    label: str,
    starts_on: date,
    ends_on: date,
    by: Actor,
    now: datetime,
    buyers: Buyers = None,
) -> Period:
    """Open the time that an evaluation speaks of, both days included; scores follow by a job."""
    if not label.strip():
        raise DomainError(N_("Give the period a name."), field="label")
    if ends_on < starts_on:
        raise DomainError(N_("The end lies before the start: check the date."), field="ends_on")
    with transaction() as session:
        grid = _get_grid(session, grid_id, buyers)
        if grid.retired_at is not None:
            raise ConflictError(N_("This grid is retired: choose another one."), field="grid")
        overlap = session.scalar(
            select(Period.id)
            .where(
                Period.grid_id == grid.id, Period.starts_on <= ends_on, Period.ends_on >= starts_on
            )
            .limit(1)
        )
        if overlap is not None:
            raise ConflictError(N_("Another period of this grid holds some of these days."))
        period = Period(
            id=new_id(), grid_id=grid.id, label=label.strip()[:200], starts_on=starts_on,
            ends_on=ends_on, created_at=now,
        )  # fmt: skip
        session.add(period)
        session.flush()
        _note(session, "evaluation.period_opened", period, grid, by=by, now=now)
        compute_later(session, period.id, now=now)
        return period


def rate(
    period_id: uuid.UUID,
    *,
    supplier_id: uuid.UUID,
    criterion_id: uuid.UUID,
    mark: int,
    comment: str,
    by: Actor,
    now: datetime,
    buyers: Buyers = None,
) -> Rating:
    """Give a mark from 0 to 100 with its reason; a second one by the same person replaces it.

    Nothing is overwritten: the earlier mark stays with the instant at which it was replaced. The
    scorecard follows in the same transaction. Raises DomainError, ConflictError, NotFoundError.
    """
    today = legal_day(now)
    with transaction() as session:
        period, grid = _get_period(session, period_id, buyers)
        _require_open(period, today)
        criterion = next((one for one in grid.criteria if one.id == criterion_id), None)
        if criterion is None:
            raise NotFoundError(N_("This criterion does not exist."))
        if criterion.source != Source.MANUAL:
            raise DomainError(N_("This criterion is computed from facts: nobody rates it."))
        _require_supplier(session, supplier_id, period, grid, buyers)
        Mark(criterion.code, mark, comment, by.name, today)
        _replace_own(session, period.id, supplier_id, criterion.id, by=by, now=now)
        rating = Rating(
            id=new_id(), period_id=period.id, supplier_id=supplier_id, criterion_id=criterion.id,
            mark=mark, comment=comment.strip(), by_id=_who(by), by_name=by.name[:200], at=now,
        )  # fmt: skip
        session.add(rating)
        session.flush()
        data = {"criterion": criterion.code, "mark": mark}
        _note(session, "evaluation.rated", rating, grid, by=by, now=now, data=data)
        _score_some(session, [supplier_id], period, grid, now=now)
        return rating


def compute_later(session: Session, period_id: uuid.UUID, *, now: datetime) -> None:
    """Have a period's scores computed again, after this transaction."""
    queue.defer(session, "compute_scores", now=now, payload={"period_id": str(period_id)})


def ask_computation(period_id: uuid.UUID, *, by: Actor, now: datetime, buyers: Buyers) -> None:
    """Somebody wants the scores computed again, to see that they hold."""
    with transaction() as session:
        period, grid = _get_period(session, period_id, buyers)
        if period.closed_at is not None:
            raise ConflictError(_CLOSED)
        _note(session, "evaluation.computation_asked", period, grid, by=by, now=now)
        compute_later(session, period.id, now=now)


def compute_task(payload: Mapping[str, Any], now: datetime) -> None:
    """The job `compute_scores`; a period closed meanwhile is left alone."""
    compute_scores(uuid.UUID(str(payload["period_id"])), by=SYSTEM, now=now)


def compute_due(now: datetime) -> dict[str, int]:
    """Compute every open period that has begun; each in its own transaction."""
    today = legal_day(now)
    with transaction() as session:
        ids = session.scalars(
            select(Period.id)
            .where(Period.closed_at.is_(None), Period.starts_on <= today)
            .order_by(Period.ends_on, Period.id)
        ).all()
    changed = sum(compute_scores(period_id, by=SYSTEM, now=now) for period_id in ids)
    return {"periods": len(ids), "changed": changed}


def compute_scores(period_id: uuid.UUID, *, by: Actor, now: datetime) -> int:
    """Compute every scorecard of a period from the facts as they are; gives how many changed.

    An event is written when any did. A closed period does not move: 0.
    """
    with transaction() as session:
        period, grid = _get_period(session, period_id, None)
        if period.closed_at is not None:
            return 0
        changed = _score_all(session, period, grid, now=now)
        if changed:
            data = {"changed": changed}
            _note(session, "evaluation.computed", period, grid, by=by, now=now, data=data)
        return changed


def close_period(
    period_id: uuid.UUID, *, by: Actor, now: datetime, buyers: Buyers = None
) -> Period:
    """Compute a last time and close: from now on no mark and no figure of it changes.

    Raises ConflictError while its days are not over, or when it is closed already.
    """
    with transaction() as session:
        period, grid = _get_period(session, period_id, buyers)
        if period.closed_at is not None:
            raise ConflictError(_CLOSED)
        if period.ends_on >= legal_day(now):
            raise ConflictError(N_("This period is not over: close it after its last day."))
        _score_all(session, period, grid, now=now)
        period.closed_at = now
        _note(session, "evaluation.period_closed", period, grid, by=by, now=now)
        return period


def _note(
    session: Session,
    kind: str,
    row: Period | Rating,
    grid: Grid,
    *,
    by: Actor,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write an event of a period; it concerns the company whose grid it is."""
    record(session, kind, subject=row, by=by, at=now, buyer_id=grid.buyer_id, data=data)


_CLOSED = N_("This period is closed: its figures do not move any more.")


def _score_all(session: Session, period: Period, grid: Grid, *, now: datetime) -> int:
    return sum(
        _score_some(session, batch, period, grid, now=now)
        for batch in _batches(session, period, grid)
    )


def _batches(session: Session, period: Period, grid: Grid) -> Iterator[list[uuid.UUID]]:
    ids = session.scalars(
        select(Engagement.supplier_id)
        .where(*_engaged(period, grid))
        .distinct()
        .order_by(Engagement.supplier_id)
    ).all()
    for start in range(0, len(ids), _BATCH):
        yield list(ids[start : start + _BATCH])


def _engaged(period: Period, grid: Grid) -> list[Any]:
    """The relationships of some day of the period, with the grid's company."""
    found: list[Any] = [
        Engagement.started_on <= period.ends_on,
        or_(Engagement.ended_on.is_(None), Engagement.ended_on >= period.starts_on),
    ]
    return found if grid.buyer_id is None else [*found, Engagement.buyer_id == grid.buyer_id]


def _score_some(
    session: Session, ids: Sequence[uuid.UUID], period: Period, grid: Grid, *, now: datetime
) -> int:
    facts = facts_of(session, ids, period=period, grid=grid, today=legal_day(now))
    specs = specs_of(grid)
    known = {
        row.supplier_id: row
        for row in session.scalars(
            select(Scorecard).where(
                Scorecard.period_id == period.id, Scorecard.supplier_id.in_(ids)
            )
        )
    }
    changed = 0
    for supplier_id in ids:
        card = known.get(supplier_id)
        if card is None:
            card = Scorecard(id=new_id(), period_id=period.id, supplier_id=supplier_id)
            session.add(card)
        changed += _fill(card, score(specs, facts[supplier_id]), now=now)
    session.flush()
    return changed


def _fill(card: Scorecard, found: Score, *, now: datetime) -> bool:
    """Write a score with its evidence on its row; whether anything changed."""
    evidence: list[Any] = [one.as_json() for one in found.criteria]
    grade = found.grade.value if found.grade else None
    new = (found.value, grade, found.rated, found.held_since, evidence)
    if (card.score, card.grade, card.rated, card.held_since, card.evidence) == new:
        return False
    card.score, card.grade, card.rated, card.held_since, card.evidence = new
    card.computed_at = now
    return True


def _replace_own(
    session: Session, period_id: uuid.UUID, supplier_id: uuid.UUID, criterion_id: uuid.UUID, *,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    earlier = session.scalars(
        select(Rating).where(
            Rating.period_id == period_id,
            Rating.supplier_id == supplier_id,
            Rating.criterion_id == criterion_id,
            Rating.by_id == by.id,
            Rating.replaced_at.is_(None),
        )
    )
    for row in earlier.all():
        row.replaced_at = now


def _get_grid(session: Session, grid_id: uuid.UUID, buyers: Buyers) -> Grid:
    grid = session.scalars(
        select(Grid).where(Grid.id == grid_id).options(selectinload(Grid.criteria))
    ).first()
    # Who acts for some companies only does not change what serves the whole group.
    if grid is None or (buyers is not None and grid.buyer_id not in buyers):
        raise NotFoundError(N_("This grid does not exist."))
    return grid


def _get_period(session: Session, period_id: uuid.UUID, buyers: Buyers) -> tuple[Period, Grid]:
    """A period, locked, with its grid; the group's own are there for everybody to rate in."""
    period = session.get(Period, period_id, with_for_update=LOCKED, populate_existing=True)
    if period is None:
        raise NotFoundError(N_("This period does not exist."))
    grid = _get_grid(session, period.grid_id, None)
    if buyers is not None and grid.buyer_id is not None and grid.buyer_id not in buyers:
        raise NotFoundError(N_("This period does not exist."))
    return period, grid


def _require_open(period: Period, today: date) -> None:
    if period.closed_at is not None:
        raise ConflictError(_CLOSED)
    if period.starts_on > today:
        raise ConflictError(N_("This period has not begun."))


def _require_buyer(session: Session, buyer_id: uuid.UUID | None, buyers: Buyers) -> None:
    if buyer_id is None and buyers is not None:
        raise DomainError(N_("Choose the group company that the grid is for."), field="buyer")
    missing = buyer_id is not None and session.get(Buyer, buyer_id) is None
    if missing or (buyers is not None and buyer_id not in buyers):
        raise NotFoundError(N_("This group company does not exist."))


def _require_supplier(
    session: Session, supplier_id: uuid.UUID, period: Period, grid: Grid, buyers: Buyers
) -> None:
    query = select(Engagement.id).where(
        Engagement.supplier_id == supplier_id, *_engaged(period, grid)
    )
    if buyers is not None:
        query = query.where(Engagement.buyer_id.in_(buyers))
    if session.scalar(query.limit(1)) is None:
        raise NotFoundError(N_("This supplier does not exist."))


def _who(by: Actor) -> uuid.UUID:
    if by.id is None:
        raise DomainError(N_("Only a person gives marks."))
    return by.id
