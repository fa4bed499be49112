"""What scoring needs to know of suppliers, gathered from the tables: six statements a batch."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.documents.models import Document
from supplier.evaluation.measuring import (
    Duty,
    PaperDates,
    days_covered,
    deliveries,
    gap_since,
    window_of,
)
from supplier.evaluation.models import Criterion, Grid, Period, Rating
from supplier.evaluation.scoring import CriterionSpec, Mark, Source, SupplierFacts
from supplier.kernel.clock import legal_day
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.models import Obligation
from supplier.vigilance.summary import intervals_on

Ids = Collection[uuid.UUID]


def specs_of(grid: Grid) -> tuple[CriterionSpec, ...]:
    """The criteria of a grid as the rules know them."""
    return tuple(
        CriterionSpec(one.code, one.label, Source(one.source), one.weight) for one in grid.criteria
    )


def facts_of(
    session: Session, supplier_ids: Ids, *, period: Period, grid: Grid, today: date
) -> dict[uuid.UUID, SupplierFacts]:
    """What is known of each supplier for a period, on the day `today`."""
    marks = _marks(session, supplier_ids, period.id)
    window = window_of(period.starts_on, period.ends_on, today=today)
    if window is None:
        return {
            key: SupplierFacts(judged_on=period.starts_on, marks=tuple(marks[key]))
            for key in supplier_ids
        }
    duties = _duties(session, supplier_ids, grid.buyer_id, judged_on=window.last)
    papers = _papers(session, supplier_ids)
    return {
        key: SupplierFacts(
            judged_on=window.last,
            deliveries=deliveries(duties[key], papers[key], window=window),
            days=days_covered(duties[key], window=window),
            marks=tuple(marks[key]),
            gap_since=gap_since(duties[key], judged_on=window.last),
        )
        for key in supplier_ids
    }


def _duties(
    session: Session, ids: Ids, buyer_id: uuid.UUID | None, *, judged_on: date
) -> Mapping[uuid.UUID, list[Duty]]:
    query = (
        select(Obligation)
        .where(Obligation.supplier_id.in_(ids))
        .order_by(Obligation.requirement, Obligation.id)
    )
    if buyer_id is not None:
        query = query.where(Obligation.buyer_id == buyer_id)
    found: defaultdict[uuid.UUID, list[Duty]] = defaultdict(list)
    for row in session.scalars(query):
        label = RULES[RequirementCode(row.requirement)].label
        intervals = intervals_on(row.intervals, today=judged_on)
        found[row.supplier_id].append(Duty(label, tuple(intervals), row.asked_on))
    return found


def _papers(session: Session, ids: Ids) -> Mapping[uuid.UUID, dict[str, PaperDates]]:
    rows = session.execute(
        select(Document.id, Document.supplier_id, Document.received_at, Document.valid_until).where(
            Document.supplier_id.in_(ids), Document.erased_at.is_(None)
        )
    )
    found: defaultdict[uuid.UUID, dict[str, PaperDates]] = defaultdict(dict)
    for row in rows:
        dates = PaperDates(legal_day(row.received_at), row.valid_until)
        found[row.supplier_id][str(row.id)] = dates
    return found


def _marks(session: Session, ids: Ids, period_id: uuid.UUID) -> Mapping[uuid.UUID, list[Mark]]:
    rows = session.execute(
        select(Rating, Criterion.code)
        .join(Criterion, Criterion.id == Rating.criterion_id)
        .where(
            Rating.period_id == period_id,
            Rating.supplier_id.in_(ids),
            Rating.replaced_at.is_(None),
        )
        .order_by(Rating.at, Rating.id)
    )
    found: defaultdict[uuid.UUID, list[Mark]] = defaultdict(list)
    for row, code in rows:
        mark = Mark(code, row.mark, row.comment, row.by_name, legal_day(row.at))
        found[row.supplier_id].append(mark)
    return found
