"""The gaps of suppliers towards companies in the database: written, and asked for in sight."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, delete, func, or_, select
from sqlalchemy.orm import Session

from supplier.kernel.database import new_id, reading, transaction
from supplier.vigilance.models import Obligation, Shortfall
from supplier.vigilance.shortfall import ShortfallDates, shortfall_of
from supplier.vigilance.states import Buyers

Key = tuple[uuid.UUID, uuid.UUID]
#: The scope of who sees every company.
GROUP = uuid.UUID(int=0)
_DAY = timedelta(days=1)
_TOGETHER = 200
_FIELDS = ("since", "until", "due_on", "exposed", "daily_rate", "holds_until")


def write_shortfalls(session: Session, supplier_ids: Collection[uuid.UUID], *, today: date) -> None:
    """Write the gaps of these suppliers again from their duties, in the caller's transaction."""
    duties = session.scalars(select(Obligation).where(Obligation.supplier_id.in_(supplier_ids)))
    known = session.scalars(select(Shortfall).where(Shortfall.supplier_id.in_(supplier_ids)))
    rows = {(row.supplier_id, row.scope_id): row for row in known}
    found = add_up(duties, today=today)
    for key, dates in found.items():
        row = rows.get(key)
        if row is None:
            row = Shortfall(id=new_id(), supplier_id=key[0], scope_id=key[1])
            session.add(row)
        for name in _FIELDS:
            setattr(row, name, getattr(dates, name))
    gone = [row.id for key, row in rows.items() if key not in found]
    if gone:
        session.execute(delete(Shortfall).where(Shortfall.id.in_(gone)))
    session.flush()


def astray(session: Session, *, today: date) -> int:
    """How many gaps are not what the duties say on a day; 0 when all is well.

    What has outlived its dates is left out: it is about to be written again.
    """
    duties = select(Obligation.supplier_id).where(Obligation.holds_until < today)
    gaps = select(Shortfall.supplier_id).where(Shortfall.holds_until < today)
    outrun = set(session.scalars(duties.union(gaps)))
    found = add_up(session.scalars(select(Obligation)), today=today)
    told = {key: dates.exposed for key, dates in found.items() if dates.is_open(today)}
    rows = session.scalars(select(Shortfall).where(is_short(Shortfall, today)))
    kept = {(row.supplier_id, row.scope_id): row.exposed for row in rows}
    return sum(key[0] not in outrun for key, _ in kept.items() ^ told.items())


def write_all(*, today: date) -> int:
    """Write every gap again from the duties, some suppliers a transaction. Gives the suppliers."""
    with reading() as session:
        ids = session.scalars(select(Obligation.supplier_id).distinct()).all()
    for first in range(0, len(ids), _TOGETHER):
        with transaction() as session:
            write_shortfalls(session, ids[first : first + _TOGETHER], today=today)
    return len(ids)


def add_up(duties: Iterable[Obligation], *, today: date) -> dict[Key, ShortfallDates]:
    """The gaps by supplier and scope; no entry where none is known."""
    by_scope: defaultdict[Key, list[Obligation]] = defaultdict(list)
    for one in duties:
        by_scope[(one.supplier_id, one.buyer_id)].append(one)
        by_scope[(one.supplier_id, GROUP)].append(one)
    counted = {key: shortfall_of(found, as_of=today) for key, found in by_scope.items()}
    return {key: dates for key, dates in counted.items() if dates is not None}


def gaps_in_sight(buyers: Buyers, today: date) -> Subquery:
    """One row a supplier with the columns of `Shortfall`, for the companies in sight together.

    All companies, or a single one, are read as they were written; several are added up, which
    reads all their rows.
    """
    row = Shortfall
    columns = (row.supplier_id, row.since, row.until, row.due_on, row.exposed, row.daily_rate)
    scopes = _scopes(buyers)
    if len(scopes) == 1:
        return select(*columns).where(row.scope_id == scopes[0]).subquery("gap")
    one = (
        select(
            *columns,
            case((is_short(row, today), 1), else_=0).label("open"),
            func.min(row.due_on).over(partition_by=row.supplier_id).label("first_due"),
            func.max(case((is_short(row, today), 1), else_=0))
            .over(partition_by=row.supplier_id)
            .label("any_open"),
        )
        .where(row.scope_id.in_(scopes), or_(row.until.is_(None), row.until >= today))
        .subquery("by_company")
    )
    counts = or_(one.c.open == 1, and_(one.c.any_open == 0, one.c.due_on == one.c.first_due))
    return (
        select(
            one.c.supplier_id,
            func.min(one.c.since).label("since"),
            func.max(func.coalesce(one.c.until, date.max)).label("until"),
            func.min(one.c.due_on).label("due_on"),
            func.sum(case((one.c.open == 1, one.c.exposed), else_=0)).label("exposed"),
            func.sum(case((counts, one.c.daily_rate), else_=0)).label("daily_rate"),
        )
        .group_by(one.c.supplier_id)
        .subquery("gap")
    )


def _scopes(buyers: Buyers) -> list[uuid.UUID]:
    return [GROUP] if buyers is None else sorted(buyers)


def is_short(gap: Any, today: date) -> ColumnElement[bool]:
    """A row with the dates of a `Shortfall` is an open gap on this day."""
    return and_(gap.since <= today, or_(gap.until.is_(None), gap.until >= today))


def falls_short_between(gap: Any, first: date, last: date, *, today: date) -> ColumnElement[bool]:
    """No gap is open, and one opens on one of these days if nobody answers."""
    closed = or_(gap.since.is_(None), gap.since > today, gap.until < today)
    return and_(gap.due_on >= first, gap.due_on <= last, closed)


def with_gap(buyers: Buyers, today: date) -> Any:
    """The suppliers with an open gap in sight, to compare with."""
    gap = gaps_in_sight(buyers, today)
    return select(gap.c.supplier_id).where(is_short(gap.c, today))


def with_gap_to_come(buyers: Buyers, today: date, *, until: date) -> Any:
    """Those without an open gap whose first one opens up to a day, if nobody answers."""
    gap = gaps_in_sight(buyers, today)
    return select(gap.c.supplier_id).where(
        falls_short_between(gap.c, today + _DAY, until, today=today)
    )
