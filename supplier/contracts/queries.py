"""Lists of contracts, orders and invoices, and one of each with what belongs to it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.contracts.renewing import renews_between
from supplier.contracts.terms import ContractEnd, RelationshipFacts, proposed_end
from supplier.kernel.audit import Event
from supplier.kernel.database import Page, Part, count_of, page_of, paginate, reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer, Engagement, Supplier

Buyers = frozenset[uuid.UUID] | None
S = TypeVar("S", bound="Select[Any]")

#: A contract that ends within this time is shown as ending.
ENDS_SOON = timedelta(days=60)
NO_CONTRACT = N_("This contract does not exist.")
NO_INVOICE = N_("This invoice does not exist.")
_NO_RELATION = N_("This relation does not exist.")

CONTRACT_STATES = ("running", "ending", "renewing", "coming", "over")
INVOICE_STATES = ("unpaid", "paid", "without_file")


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What a list shows. `state` is one of CONTRACT_STATES or INVOICE_STATES, or empty."""

    text: str = ""
    buyer_id: uuid.UUID | None = None
    state: str = ""
    sort: str = ""
    supplier_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class ContractFile:
    """A contract with its amendments, orders, invoices and what happened to it.

    `invoices` holds the last fifty; `invoiced` and `invoice_count` are of all of them.
    """

    contract: Contract
    parent: Contract | None
    amendments: Sequence[Contract]
    orders: Sequence[PurchaseOrder]
    invoices: Sequence[Invoice]
    invoice_count: int
    invoiced: Decimal
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Relation:
    """One engagement, with the names of both sides and the contracts that a form may offer."""

    engagement: Engagement
    supplier: Supplier
    contracts: Sequence[Contract] = ()


@dataclass(frozen=True, slots=True)
class EndProposal:
    """The end of a relation that a person is asked to confirm, and what it rests on.

    `ends_on` is None while it goes on: `open_contracts` or `unpaid_invoices` say why; without
    either, nothing is on file.
    """

    ends_on: date | None
    contracts_end_on: date | None
    last_order_on: date | None
    last_invoice_on: date | None
    last_payment_on: date | None
    open_contracts: int
    unpaid_invoices: int


_CONTRACT_ORDERS: dict[str, tuple[Any, ...]] = {
    "supplier": (Supplier.sort_name,),
    "reference": (Contract.reference,),
    "amount": (Contract.amount.desc().nulls_last(),),
    "end": (Contract.ends_on.asc().nulls_last(),),
}
_INVOICE_ORDERS: dict[str, tuple[Any, ...]] = {
    "supplier": (Supplier.sort_name,),
    "number": (Invoice.number,),
    "amount": (Invoice.amount.desc(),),
    "paid": (Invoice.paid_on.desc().nulls_last(),),
}
_ORDER_ORDERS: dict[str, tuple[Any, ...]] = {
    "supplier": (Supplier.sort_name,),
    "reference": (PurchaseOrder.reference,),
    "amount": (PurchaseOrder.amount.desc(),),
}
#: The first is the order of a list when nothing else is asked: the last ones first.
CONTRACT_SORTS = ("signed", *_CONTRACT_ORDERS)
INVOICE_SORTS = ("issued", *_INVOICE_ORDERS)
ORDER_SORTS = ("ordered", *_ORDER_ORDERS)


def list_contracts(
    wanted: WorkFilter, *, today: date, buyers: Buyers, number: int, size: int
) -> Page[Contract]:
    """Contracts with their supplier and company loaded; amendments stand under their contract."""
    query = _listed(Contract, wanted, buyers).where(Contract.part_of_id.is_(None))
    if wanted.state:
        query = query.where(_contract_state(wanted.state, today))
    if wanted.text:
        query = query.where(_matches(wanted.text, Contract.reference, Contract.title))
    order = _CONTRACT_ORDERS.get(wanted.sort)
    return _page(Contract, query, order, Contract.signed_on, number=number, size=size)


def list_amended(contract_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Decimal]:
    """What amendments add to these contracts, without tax; only those that have some."""
    query = (
        select(Contract.part_of_id, func.sum(Contract.amount))
        .where(Contract.part_of_id.in_(contract_ids), Contract.erased_at.is_(None))
        .group_by(Contract.part_of_id)
    )
    with reading() as session:
        return {row[0]: Decimal(row[1] or 0) for row in session.execute(query) if row[0]}


def list_orders(
    wanted: WorkFilter, *, buyers: Buyers, number: int, size: int
) -> Page[PurchaseOrder]:
    """Purchase orders, with or without a contract."""
    query = _listed(PurchaseOrder, wanted, buyers)
    if wanted.text:
        query = query.where(_matches(wanted.text, PurchaseOrder.reference))
    order = _ORDER_ORDERS.get(wanted.sort)
    return _page(PurchaseOrder, query, order, PurchaseOrder.ordered_on, number=number, size=size)


def list_invoices(wanted: WorkFilter, *, buyers: Buyers, number: int, size: int) -> Page[Invoice]:
    """Invoices with their supplier and company loaded."""
    query = _listed(Invoice, wanted, buyers)
    if wanted.state:
        query = query.where(_INVOICE_CONDITIONS[wanted.state]())
    if wanted.text:
        query = query.where(_matches(wanted.text, Invoice.number))
    order = _INVOICE_ORDERS.get(wanted.sort)
    return _page(Invoice, query, order, Invoice.issued_on, number=number, size=size)


_INVOICE_CONDITIONS = {
    "unpaid": lambda: Invoice.paid_on.is_(None),
    "paid": lambda: Invoice.paid_on.is_not(None),
    "without_file": lambda: Invoice.file_key.is_(None),
}


def _contract_state(state: str, today: date) -> ColumnElement[bool]:
    last_good = today + ENDS_SOON
    begun = Contract.starts_on <= today
    runs = or_(Contract.ends_on.is_(None), Contract.ends_on >= today)
    unbroken = or_(Contract.terminated_on.is_(None), Contract.terminated_on >= today)
    return {
        "running": begun & runs & unbroken,
        "ending": begun & unbroken & Contract.ends_on.between(today, last_good),
        "renewing": renews_between(today, last_good),
        "coming": Contract.starts_on > today,
        "over": (Contract.ends_on < today) | (Contract.terminated_on < today),
    }[state]


def _listed(table: Any, wanted: WorkFilter, buyers: Buyers) -> Select[uuid.UUID]:
    """The ids of a list: the rest of a row is read for one page only."""
    query = select(table.id).where(table.erased_at.is_(None))
    if wanted.text or wanted.sort == "supplier":
        query = query.join(table.supplier)
    if wanted.buyer_id is not None:
        query = query.where(table.buyer_id == wanted.buyer_id)
    if wanted.supplier_id is not None:
        query = query.where(table.supplier_id == wanted.supplier_id)
    return visible(query, table, buyers)


def visible(query: S, table: Any, buyers: Buyers) -> S:
    return query if buyers is None else query.where(table.buyer_id.in_(buyers))


def _matches(text: str, *columns: Any) -> ColumnElement[bool]:
    found = [column.icontains(text, autoescape=True) for column in (*columns, Supplier.name)]
    return or_(*found)


def _page(
    table: Any,
    query: Select[uuid.UUID],
    order: tuple[Any, ...] | None,
    day: Any,
    *,
    number: int,
    size: int,
) -> Page[Any]:
    """A page of rows with supplier and company, the last ones first where no order is asked."""
    with reading() as session:
        if order is None:
            forth, back = (day.desc(), table.id.desc()), (day, table.id)
            counts = [count_of(session, query)]
            found = page_of(session, [Part(query, forth, back)], counts, number=number, size=size)
        else:
            found = paginate(session, query.order_by(*order, table.id), number=number, size=size)
        rows = session.scalars(
            select(table)
            .join(table.supplier)
            .join(table.buyer)
            .options(contains_eager(table.supplier), contains_eager(table.buyer))
            .where(table.id.in_(found.items))
        )
        by_id = {row.id: row for row in rows}
    return Page([by_id[one] for one in found.items], found.number, found.size, found.total)


def get_contract(contract_id: uuid.UUID, *, buyers: Buyers) -> ContractFile:
    """A contract and everything under it; five statements. Raises NotFoundError."""
    with reading() as session:
        contract = get_in(session, Contract, contract_id, buyers, NO_CONTRACT)
        root_id = contract.part_of_id or contract.id
        family = session.scalars(
            select(Contract)
            .where(
                or_(Contract.id == root_id, Contract.part_of_id == root_id),
                Contract.erased_at.is_(None),
            )
            .order_by(Contract.signed_on, Contract.id)
        ).all()
        # Counted over all of them, before the limit takes the last ones.
        counts = func.count().over(), func.sum(Invoice.amount).over()
        invoices = session.execute(
            _under(Invoice, contract.id, Invoice.issued_on).add_columns(*counts)
        ).all()
        return ContractFile(
            contract=contract,
            parent=next((one for one in family if one.id == contract.part_of_id), None),
            amendments=[one for one in family if one.part_of_id == contract.id],
            orders=session.scalars(
                _under(PurchaseOrder, contract.id, PurchaseOrder.ordered_on)
            ).all(),
            invoices=[row[0] for row in invoices],
            invoice_count=invoices[0][1] if invoices else 0,
            invoiced=Decimal(invoices[0][2] if invoices else 0),
            events=_events_of(session, "contract", [one.id for one in family]),
        )


def get_invoice(invoice_id: uuid.UUID, *, buyers: Buyers) -> tuple[Invoice, Contract | None]:
    """An invoice and the contract that it belongs to. Raises NotFoundError."""
    with reading() as session:
        invoice = get_in(session, Invoice, invoice_id, buyers, NO_INVOICE)
        contract = session.get(Contract, invoice.contract_id) if invoice.contract_id else None
        return invoice, contract


def list_invoice_events(invoice_id: uuid.UUID) -> Sequence[Event]:
    """What happened to an invoice that the caller was allowed to open, newest first."""
    with reading() as session:
        return _events_of(session, Invoice.__tablename__, [invoice_id])


def get_in(session: Session, table: Any, row_id: uuid.UUID, buyers: Buyers, missing: str) -> Any:
    """A row that the visitor may see, with its supplier and company. Raises NotFoundError."""
    query = (
        select(table)
        .where(table.id == row_id, table.erased_at.is_(None))
        .options(joinedload(table.supplier), joinedload(table.buyer))
    )
    row = session.scalar(visible(query, table, buyers))
    if row is None:
        raise NotFoundError(missing)
    return row


def _under(table: Any, contract_id: uuid.UUID, day: Any) -> Select[Any]:
    return (
        select(table)
        .where(table.contract_id == contract_id, table.erased_at.is_(None))
        .order_by(day.desc(), table.id)
        .limit(50)
    )


def _events_of(
    session: Session, subject_type: str, subject_ids: Sequence[uuid.UUID]
) -> Sequence[Event]:
    return session.scalars(
        select(Event)
        .where(Event.subject_type == subject_type, Event.subject_id.in_(subject_ids))
        .order_by(Event.seq.desc())
        .limit(20)
    ).all()


def get_relation(engagement_id: uuid.UUID, *, buyers: Buyers) -> Relation:
    """One engagement with its contracts; two statements. Raises NotFoundError."""
    with reading() as session:
        query = (
            select(Engagement)
            .where(Engagement.id == engagement_id)
            .options(joinedload(Engagement.supplier))
        )
        engagement = session.scalar(visible(query, Engagement, buyers))
        if engagement is None:
            raise NotFoundError(_NO_RELATION)
        contracts = session.scalars(
            select(Contract)
            .where(
                Contract.engagement_id == engagement_id,
                Contract.erased_at.is_(None),
                Contract.part_of_id.is_(None),
            )
            .order_by(Contract.signed_on.desc(), Contract.id)
        ).all()
        return Relation(engagement, engagement.supplier, contracts)


def list_buyers(*, buyers: Buyers) -> Sequence[Buyer]:
    """Group companies that the visitor may see, for a filter."""
    query = select(Buyer).order_by(Buyer.sort_name, Buyer.id)
    if buyers is not None:
        query = query.where(Buyer.id.in_(buyers))
    with reading() as session:
        return session.scalars(query).all()


def propose_end(engagement_id: uuid.UUID, *, buyers: Buyers) -> EndProposal:
    """What the file says of the end of a relation (DOMAIN rule 39); a person confirms the day.

    Three statements. Raises NotFoundError.
    """
    with reading() as session:
        query = select(Engagement.id).where(Engagement.id == engagement_id)
        if session.scalar(visible(query, Engagement, buyers)) is None:
            raise NotFoundError(_NO_RELATION)
        ends = _contract_ends(session, engagement_id)
        dates = session.execute(_last_days(engagement_id)).one()
    facts = RelationshipFacts(
        contracts=tuple(ends), last_order_on=dates.ordered, last_invoice_on=dates.issued,
        last_payment_on=dates.paid, has_unpaid_invoices=bool(dates.unpaid),
    )  # fmt: skip
    known = [end.last_day for end in ends if end.last_day]
    return EndProposal(
        ends_on=proposed_end(facts), contracts_end_on=max(known, default=None),
        last_order_on=dates.ordered, last_invoice_on=dates.issued, last_payment_on=dates.paid,
        open_contracts=len(ends) - len(known), unpaid_invoices=dates.unpaid,
    )  # fmt: skip


def _contract_ends(session: Session, engagement_id: uuid.UUID) -> list[ContractEnd]:
    rows = session.execute(
        select(Contract.ends_on, Contract.terminated_on).where(
            Contract.engagement_id == engagement_id,
            Contract.part_of_id.is_(None),
            Contract.erased_at.is_(None),
        )
    )
    return [ContractEnd(row.ends_on, row.terminated_on) for row in rows]


def _last_days(engagement_id: uuid.UUID) -> Select[Any]:
    """Days of erased rows count too: they were kept for it."""
    ordered = select(func.max(PurchaseOrder.ordered_on)).where(
        PurchaseOrder.engagement_id == engagement_id
    )
    invoices = Invoice.engagement_id == engagement_id
    unpaid = invoices & Invoice.paid_on.is_(None) & Invoice.erased_at.is_(None)
    return select(
        ordered.scalar_subquery().label("ordered"),
        select(func.max(Invoice.issued_on)).where(invoices).scalar_subquery().label("issued"),
        select(func.max(Invoice.paid_on)).where(invoices).scalar_subquery().label("paid"),
        select(func.count()).select_from(Invoice).where(unpaid).scalar_subquery().label("unpaid"),
    )
