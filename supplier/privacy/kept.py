"""What an erasure that is asked for has to leave, and until when: the schedule goes first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supplier.kernel.audit import Event
from supplier.kernel.database import reading
from supplier.privacy.rights import erasure_ground
from supplier.retention.models import RetentionCount, RetentionEntry
from supplier.retention.schedule import SCHEDULE, RuleCode


@dataclass(frozen=True, slots=True)
class KeptBack:
    """Things of one kind whose period still runs. `label` is marked.

    `until` is the first day on which the last of them may go; None while a clock has not started.
    """

    label: str
    count: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Erasable:
    """What is held about a supplier: kept back by kind, and how much may go today.

    `is_current` is false while the plan, worked out at `worked_out_at`, is older than the last
    thing that happened to the supplier: it says nothing then of what it does not hold.
    """

    kept: tuple[KeptBack, ...]
    free: int
    worked_out_at: datetime | None
    is_current: bool


def erasable(supplier_id: uuid.UUID, *, today: date) -> Erasable:
    """What the law still keeps of a supplier's things, from the plan; two statements.

    Grouped by day: the rule judges each group, however many things it holds.
    """
    entry = RetentionEntry
    query = (
        select(entry.rule, entry.first_erasable_on, func.count())
        .where(entry.supplier_id == supplier_id)
        .group_by(entry.rule, entry.first_erasable_on)
    )
    kept: dict[RuleCode, tuple[int, list[date | None]]] = {}
    free = 0
    with reading() as session:
        for rule, day, count in session.execute(query):
            if erasure_ground(day, today=today) is None:
                free += count
                continue
            before, days = kept.get(RuleCode(rule), (0, []))
            kept[RuleCode(rule)] = (before + count, [*days, day])
        worked_out_at, is_current = _age(session, supplier_id)
    lines = tuple(
        KeptBack(SCHEDULE[rule].label, count, _last(days))
        for rule, (count, days) in sorted(kept.items())
    )
    return Erasable(lines, free, worked_out_at, is_current)


def _age(session: Session, supplier_id: uuid.UUID) -> tuple[datetime | None, bool]:
    """When the plan was worked out, and whether nothing happened to the supplier since."""
    latest = (
        select(Event.at)
        .where(Event.supplier_id == supplier_id)
        .order_by(Event.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    worked_out = select(func.max(RetentionCount.counted_at)).scalar_subquery()
    at, happened = session.execute(select(worked_out, latest)).one()
    return at, at is not None and (happened is None or happened <= at)


def _last(days: list[date | None]) -> date | None:
    """The latest day; None when one of them is not known yet."""
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None
