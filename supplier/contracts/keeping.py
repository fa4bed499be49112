"""What retention and the search box are told of contracts, orders and invoices."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from supplier.contracts.last_days import last_days, signs_of
from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.contracts.terms import YearEnd, year_close
from supplier.kernel import finding, registers
from supplier.kernel.finding import REPEATED, Asked, Indexed, first_of, order_of
from supplier.kernel.registers import Erased, Found, Kept, SearchScope
from supplier.parties.models import Buyer, Engagement, Supplier

SEARCH_MIN = 2
Q = TypeVar("Q", bound="Select[*tuple[Any, ...]]")


def list_contracts(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Five years after the confirmed end of the relationship that the contract belongs to.

    Work that is on file after that end starts the clock later: nothing is erased too early,
    whatever day was confirmed.
    """
    work = last_days()
    rows = session.execute(
        select(Contract, Engagement.ended_on, Engagement.end_confirmed_at, work.c.day)
        .join(Engagement, Engagement.id == Contract.engagement_id)
        .outerjoin(work, work.c.engagement_id == Engagement.id)
        .where(Contract.erased_at.is_(None))
        .order_by(Contract.signed_on, Contract.id)
    )
    for contract, ended_on, confirmed_at, worked_on in rows:
        yield Kept(
            subject_type="contract", subject_id=contract.id, supplier_id=contract.supplier_id,
            buyer_id=contract.buyer_id, rule="contract",
            starts_on=max(ended_on, worked_on or ended_on) if confirmed_at else None,
            label=f"{contract.reference} {contract.title}",
        )  # fmt: skip


def list_orders(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    yield from _vouchers(session, PurchaseOrder, "purchase_order", "ordered_on", "reference")


def list_invoices(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    yield from _vouchers(session, Invoice, "invoice", "issued_on", "number")


def _vouchers(
    session: Session, table: Any, rule: str, day: str, name: str
) -> Iterable[Kept]:  # fmt: skip
    """Ten years from the close of the financial year that their day belongs to."""
    rows = session.execute(
        select(table, Buyer.year_end_month, Buyer.year_end_day)
        .join(Buyer, Buyer.id == table.buyer_id)
        .where(table.erased_at.is_(None))
        .order_by(getattr(table, day), table.id)
    )
    for row, month, month_day in rows:
        yield Kept(
            subject_type=table.__tablename__, subject_id=row.id, supplier_id=row.supplier_id,
            buyer_id=row.buyer_id, rule=rule, label=getattr(row, name),
            starts_on=year_close(getattr(row, day), year_end=YearEnd(month, month_day)),
        )  # fmt: skip


def erase_contract(session: Session, contract_id: uuid.UUID, at: datetime) -> Erased:
    """Remove the file and the words of a contract; its dates and amount stay for the count."""
    contract = session.get(Contract, contract_id)
    if contract is None or contract.erased_at is not None:
        return Erased()
    keys = (contract.file_key,) if contract.file_key else ()
    contract.title, contract.reference = "", f"erased-{contract.id.hex[:30]}"
    contract.file_key = contract.sha256 = contract.original_name = None
    contract.erased_at = at
    return Erased(keys, rows=1)


def erase_order(session: Session, order_id: uuid.UUID, at: datetime) -> Erased:
    order = session.get(PurchaseOrder, order_id)
    if order is None or order.erased_at is not None:
        return Erased()
    order.reference, order.erased_at = f"erased-{order.id.hex[:30]}", at
    return Erased(rows=1)


def erase_invoice(session: Session, invoice_id: uuid.UUID, at: datetime) -> Erased:
    invoice = session.get(Invoice, invoice_id)
    if invoice is None or invoice.erased_at is not None:
        return Erased()
    keys = (invoice.file_key,) if invoice.file_key else ()
    invoice.number = f"erased-{invoice.id.hex[:30]}"
    invoice.file_key = invoice.sha256 = invoice.original_name = None
    invoice.erased_at = at
    return Erased(keys, rows=1)


def find(session: Session, asked: Asked, scope: SearchScope, limit: int) -> Sequence[Found]:
    """Contracts by reference or title, invoices by number; of each the last ones first."""
    if len(asked.text) < SEARCH_MIN:
        return []
    contracts = _matching(session, asked, Contract, scope=scope, limit=limit)
    invoices = _matching(session, asked, Invoice, scope=scope, limit=limit)
    return [
        *(
            Found("contracts", f"{row.reference} {row.title}", row.name, "desk_contracts.show",
                  {"contract_id": str(row.id)})
            for row in contracts
        ),
        *(
            Found("invoices", row.number, row.name, "desk_contracts.show_invoice",
                  {"invoice_id": str(row.id)})
            for row in invoices
        ),
    ]  # fmt: skip


def _matching(
    session: Session, asked: Asked, table: Any, *, scope: SearchScope, limit: int
) -> list[Any]:
    """Rows of a table with the name of their supplier."""
    matches = asked.matches(table.__tablename__)
    if matches is None:
        return []
    query = (
        select(*table.__table__.columns, Supplier.name)
        .join(Supplier, Supplier.id == table.supplier_id)
        .join(matches, matches.c.subject_id == table.id)
        .where(table.erased_at.is_(None))
        .order_by(*order_of(matches))
        .limit(limit * REPEATED)
    )
    return first_of(session.execute(_scoped(query, table, scope)), limit)


def _indexed(table: Any, columns: tuple[str, ...], day: str) -> Indexed:
    """Rows until they are erased, the last ones first."""
    return Indexed(
        table.__tablename__, table, (*columns, "erased_at"),
        text=lambda row: "" if row.erased_at else " ".join(getattr(row, one) for one in columns),
        rank=lambda row: -getattr(row, day).toordinal(),
    )  # fmt: skip


def _scoped(query: Q, table: Any, scope: SearchScope) -> Q:
    if scope.buyer_ids is None:
        return query
    return query.where(table.buyer_id.in_(scope.buyer_ids))


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("contract", list_contracts, erase_contract))
    registers.keep(registers.Keeper("purchase_order", list_orders, erase_order))
    registers.keep(registers.Keeper("invoice", list_invoices, erase_invoice))
    registers.tell_signs("contracts", signs_of)
    finding.index(_indexed(Contract, ("reference", "title"), "signed_on"))
    finding.index(_indexed(Invoice, ("number",), "issued_on"))
    finding.answer_search("contracts", find)
