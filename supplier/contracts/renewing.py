"""Contracts that renew themselves on one of some days, as SQL: the same as `terms.Renewal`."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, extract, or_, true

from supplier.contracts.models import Contract
from supplier.kernel.clock import add_months, end_of_month


def renews_between(first: date, last: date) -> ColumnElement[bool]:
    """A tacit renewal falls on a day from `first` to `last`, both included.

    Worked out by calendar month, since databases add months each in their own way.
    """
    months, start = [], first.replace(day=1)
    while start <= last:
        months.append(_renews_in(start, max(first, start), min(last, end_of_month(start))))
        start = add_months(start, 1)
    return and_(Contract.renews_on.is_not(None), Contract.renews_months.is_not(None), or_(*months))


def _renews_in(start: date, first: date, last: date) -> ColumnElement[bool]:
    """The same for days of one month, which begins on `start`."""
    begun, day, end = Contract.renews_on, extract("day", Contract.renews_on), end_of_month(start)
    passed = start.year * 12 + start.month - extract("year", begun) * 12 - extract("month", begun)
    # What falls on the 31st comes on the last day of a shorter month.
    early = true() if last == end else day <= last.day
    return and_(
        passed >= 0,
        passed % Contract.renews_months == 0,
        day >= first.day,
        early,
        _reaches(Contract.ends_on, day, start, end),
        _reaches(Contract.terminated_on, day, start, end),
    )


def _reaches(column: Any, day: Any, start: date, end: date) -> ColumnElement[bool]:
    """No end is known, or it comes on the day of the renewal at the earliest."""
    within = and_(column >= start, extract("day", column) >= day)
    return or_(column.is_(None), column >= end, within)
