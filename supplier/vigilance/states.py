"""The state of a duty on a day, as SQL over its dates: the same answer as `Summary.state_on`."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    literal,
    or_,
)

from supplier.vigilance.coverage import State
from supplier.vigilance.models import Obligation

Buyers = frozenset[uuid.UUID] | None
S = TypeVar("S", bound="Select[*tuple[Any, ...]]")

#: States of a day that nothing good covers, worst first.
UNCOVERED = (State.MISSING, State.REFUSED, State.IN_REVIEW, State.TO_VERIFY)
#: States in which the supplier has something to do.
OWED = (State.MISSING, State.REFUSED, State.EXPIRING)


def state_expression(today: date) -> ColumnElement[str]:
    """The state of an `Obligation` row on a day, as text; exact up to its `holds_until`."""
    day = _judged_day(today)
    return case(
        (
            and_(Obligation.duty_until.is_not(None), day > Obligation.duty_until),
            State.DORMANT.value,
        ),
        (
            _within(Obligation.covered_from, Obligation.covered_until, day),
            case((Obligation.warn_from <= day, State.EXPIRING.value), else_=State.COVERED.value),
        ),
        (_within(Obligation.waived_from, Obligation.waived_until, day), State.WAIVED.value),
        (Obligation.in_review, State.IN_REVIEW.value),
        (Obligation.to_verify, State.TO_VERIFY.value),
        (Obligation.refused, State.REFUSED.value),
        else_=State.MISSING.value,
    )


def _judged_day(today: date) -> ColumnElement[date]:
    """Before the duty begins, it is judged by its first day."""
    day = literal(today)
    return case((Obligation.duty_from > day, Obligation.duty_from), else_=day)


def _within(first: Any, last: Any, day: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(first.is_not(None), first <= day, or_(last.is_(None), day <= last))


def is_under_duty(today: date) -> ColumnElement[bool]:
    """The duty runs on this day."""
    return and_(
        Obligation.duty_from <= today,
        or_(Obligation.duty_until.is_(None), Obligation.duty_until >= today),
    )


def is_open_gap(today: date) -> ColumnElement[bool]:
    """The day is owed and nothing good covers it, whatever waits for a decision.

    The first comparison is on an indexed date and leaves few rows to the others.
    """
    return and_(
        Obligation.gap_from <= today,
        is_under_duty(today),
        ~_within(Obligation.waived_from, Obligation.waived_until, literal(today)),
        ~_within(Obligation.covered_from, Obligation.covered_until, literal(today)),
    )


def opens_between(first: date, last: date) -> ColumnElement[bool]:
    """A gap opens on one of these days if nobody answers."""
    return and_(Obligation.next_due_on >= first, Obligation.next_due_on <= last)


def visible(query: S, buyers: Buyers) -> S:
    """Only the duties of the group companies that the visitor may see (None: all)."""
    return query if buyers is None else query.where(Obligation.buyer_id.in_(buyers))
