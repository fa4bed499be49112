"""What retention and the search box are told of contracts, orders and invoices."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.contracts.terms import YearEnd, year_close
from supplier.kernel import registers
from supplier.kernel.registers import Erased, Found, Kept, SearchScope
from supplier.parties.models import Buyer, Engagement, Supplier

SEARCH_MIN = 2
Q = TypeVar("Q", bound="Select[*tuple[Any, ...]]")


def list_contracts(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Five years after the confirmed end of the relationship that the contract belongs to."""
    rows = session.execute(
        select(Contract, Engagement.ended_on, Engagement.end_confirmed_at)
        .join(Engagement, Engagement.id == Contract.engagement_id)
        .where(Contract.erased_at.is_(None))
        .order_by(Contract.signed_on, Contract.id)
    )
    for contract, ended_on, confirmed_at in rows:
        yield Kept(
            subject_type="contract", subject_id=contract.id, supplier_id=contract.supplier_id,
            buyer_id=contract.buyer_id, rule="contract",
            starts_on=ended_on if confirmed_at else None,
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


def find(session: Session, text: str, scope: SearchScope, limit: int) -> Sequence[Found]:
    """Contracts by reference or title, invoices by number."""
    words = text.strip()
    if len(words) < SEARCH_MIN:
        return []
    contracts = _scoped(
        select(Contract.id, Contract.reference, Contract.title, Supplier.name)
        .join(Supplier, Supplier.id == Contract.supplier_id)
        .where(
            Contract.erased_at.is_(None),
            or_(Contract.reference.icontains(words, autoescape=True),
                Contract.title.icontains(words, autoescape=True)),
        )
        .order_by(Contract.signed_on.desc(), Contract.id),
        Contract, scope,
    )  # fmt: skip
    invoices = _scoped(
        select(Invoice.id, Invoice.number, Invoice.issued_on, Supplier.name)
        .join(Supplier, Supplier.id == Invoice.supplier_id)
        .where(Invoice.erased_at.is_(None), Invoice.number.icontains(words, autoescape=True))
        .order_by(Invoice.issued_on.desc(), Invoice.id),
        Invoice, scope,
    )  # fmt: skip
    found = [
        Found("contracts", f"{row.reference} {row.title}", row.name, "desk_contracts.show",
              {"contract_id": str(row.id)})
        for row in session.execute(contracts.limit(limit))
    ]  # fmt: skip
    found += [
        Found("invoices", row.number, row.name, "desk_contracts.show_invoice",
              {"invoice_id": str(row.id)})
        for row in session.execute(invoices.limit(limit))
    ]  # fmt: skip
    return found


def _scoped(query: Q, table: Any, scope: SearchScope) -> Q:
    if scope.buyer_ids is None:
        return query
    return query.where(table.buyer_id.in_(scope.buyer_ids))


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("contract", list_contracts, erase_contract))
    registers.keep(registers.Keeper("purchase_order", list_orders, erase_order))
    registers.keep(registers.Keeper("invoice", list_invoices, erase_invoice))
    registers.answer_search("contracts", find)
