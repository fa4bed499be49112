"""The last day of work that is on file: no relation ends before it, and no clock starts before."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, or_, select, union_all
from sqlalchemy.orm import Session

from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.contracts.terms import ContractEnd, Renewal
from supplier.kernel.i18n import N_
from supplier.kernel.registers import Sign

#: Its term or its termination, whichever comes first; while neither is known, its signature.
_LAST_OF_CONTRACT = func.coalesce(
    case(
        (
            and_(
                Contract.terminated_on.is_not(None),
                or_(Contract.ends_on.is_(None), Contract.terminated_on < Contract.ends_on),
            ),
            Contract.terminated_on,
        ),
        else_=Contract.ends_on,
    ),
    Contract.signed_on,
)


def signs_of(session: Session, engagement_id: uuid.UUID, today: date) -> Iterable[Sign]:
    """The latest contract end, renewal, order, invoice and payment of a relation (DOMAIN rule 39).

    Days of erased rows count too: they were kept for it. One statement for each.
    """
    yield from _renewals(session, engagement_id, today)
    for words, table, day, name in (
        (N_("the contract %(name)s"), Contract, _LAST_OF_CONTRACT, Contract.reference),
        (N_("the order %(name)s"), PurchaseOrder, PurchaseOrder.ordered_on,
         PurchaseOrder.reference),
        (N_("the invoice %(name)s"), Invoice, Invoice.issued_on, Invoice.number),
        (N_("the payment of the invoice %(name)s"), Invoice, Invoice.paid_on, Invoice.number),
    ):  # fmt: skip
        last = session.execute(
            select(day, name)
            .where(table.engagement_id == engagement_id, day.is_not(None))
            .order_by(day.desc(), table.id)
            .limit(1)
        ).first()
        if last is not None:
            yield Sign(day=last[0], words=words, name=last[1])


def _renewals(session: Session, engagement_id: uuid.UUID, today: date) -> Iterable[Sign]:
    """The last tacit renewal of each contract: nobody had ended it by then."""
    for row in session.scalars(
        select(Contract).where(
            Contract.engagement_id == engagement_id, Contract.renews_months.is_not(None)
        )
    ):
        assert row.renews_on is not None
        assert row.renews_months is not None
        until = min(today, ContractEnd(row.ends_on, row.terminated_on).last_day or today)
        days = Renewal(row.renews_on, row.renews_months).days(until=until)
        if days:
            words = N_("the tacit renewal of the contract %(name)s")
            yield Sign(day=days[-1], words=words, name=row.reference)


def last_days() -> Subquery:
    """By relation, the last day of its work: `engagement_id`, `supplier_id`, `day`."""
    every = union_all(
        _days(Contract, _LAST_OF_CONTRACT),
        _days(PurchaseOrder, PurchaseOrder.ordered_on),
        _days(Invoice, Invoice.issued_on),
        _days(Invoice, Invoice.paid_on),
    ).subquery()
    return (
        select(
            every.c.engagement_id, every.c.supplier_id, func.max(every.c.day).label("day")
        )
        .group_by(every.c.engagement_id, every.c.supplier_id)
        .subquery()
    )  # fmt: skip


def list_last_days(session: Session) -> dict[uuid.UUID, date]:
    """By supplier, the last day of work for any company; nothing for who never worked."""
    days = last_days()
    rows = session.execute(
        select(days.c.supplier_id, func.max(days.c.day)).group_by(days.c.supplier_id)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


def _days(table: Any, day: Any) -> Select[Any]:
    return select(
        table.engagement_id.label("engagement_id"), table.supplier_id.label("supplier_id"),
        day.label("day"),
    )  # fmt: skip
