"""Purchase orders and invoices: their lists, one invoice, its file and its payment."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.contracts import actions, queries
from supplier.contracts.handing_out import hand_out_invoice
from supplier.contracts.models import Invoice, PurchaseOrder
from supplier.contracts.queries import INVOICE_SORTS, INVOICE_STATES, ORDER_SORTS, Relation
from supplier.contracts.terms import YearEnd, year_close
from supplier.desk.contract_forms import InvoiceForm, OrderForm, PaidForm, limits, way_back
from supplier.desk.contracts import (
    CHANGE,
    EVENT_WORDS,
    FILE,
    INVOICES,
    ORDERS,
    READ,
    attach_page,
    blueprint,
    list_page,
    record_with_file,
    work_filter,
)
from supplier.desk.room import form_page, in_sight, may, refresh
from supplier.kernel.i18n import N_
from supplier.retention.schedule import first_erasable_on
from supplier.web import context
from supplier.web.guard import requires
from supplier.web.pages import done, page
from supplier.web.papers import as_download

#: The same as that of the contracts: these pages add themselves to it.
__all__ = ["blueprint"]

STATE_WORDS = {
    "unpaid": N_("To be paid"),
    "paid": N_("Paid"),
    "without_file": N_("Without a file"),
}


@blueprint.get("/orders")
@requires(READ)
def orders() -> AnyResponse:
    wanted = work_filter((), ORDER_SORTS)
    return list_page(
        "desk/orders.html",
        wanted,
        lambda number, size: queries.list_orders(
            wanted, buyers=in_sight(READ), number=number, size=size
        ),
        columns=[
            ("reference", gettext("Order number")), ("supplier", gettext("Supplier")),
            ("siren", gettext("SIREN")), ("buyer", gettext("Group company")),
            ("amount", gettext("Amount without tax")), ("currency", gettext("Currency")),
            ("ordered_on", gettext("Ordered on")),
        ],
        row=_order_row,
        of=ORDERS,
        states={},
    )  # fmt: skip


def _order_row(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "reference": order.reference, "supplier": order.supplier.name,
        "siren": order.supplier.siren, "buyer": order.buyer.name, "amount": order.amount,
        "currency": order.currency, "ordered_on": order.ordered_on,
    }  # fmt: skip


@blueprint.get("/invoices")
@requires(READ)
def invoices() -> AnyResponse:
    wanted = work_filter(INVOICE_STATES, INVOICE_SORTS)
    return list_page(
        "desk/invoices.html",
        wanted,
        lambda number, size: queries.list_invoices(
            wanted, buyers=in_sight(READ), number=number, size=size
        ),
        columns=[
            ("number", gettext("Invoice number")), ("supplier", gettext("Supplier")),
            ("siren", gettext("SIREN")), ("buyer", gettext("Group company")),
            ("issued_on", gettext("Date of the invoice")),
            ("amount", gettext("Amount without tax")), ("total", gettext("Total with tax")),
            ("currency", gettext("Currency")), ("paid_on", gettext("Paid on")),
            ("sha256", "SHA-256"),
        ],
        row=_invoice_row,
        of=INVOICES,
        states=STATE_WORDS,
    )  # fmt: skip


def _invoice_row(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number, "supplier": invoice.supplier.name,
        "siren": invoice.supplier.siren, "buyer": invoice.buyer.name,
        "issued_on": invoice.issued_on, "amount": invoice.amount, "total": invoice.total,
        "currency": invoice.currency, "paid_on": invoice.paid_on, "sha256": invoice.sha256,
    }  # fmt: skip


@blueprint.route("/orders/new/<uuid:engagement_id>", methods=["GET", "POST"])
@requires(CHANGE)
def create_order(engagement_id: uuid.UUID) -> AnyResponse:
    relation = queries.get_relation(engagement_id, buyers=in_sight(CHANGE))
    form = OrderForm(data={"contract_id": request.args.get("contract", "")})
    form.offer(relation.contracts)

    def act() -> AnyResponse:
        order = actions.create_order(
            engagement_id, form.details, buyers=in_sight(CHANGE), by=context.actor(),
            now=context.now(),
        )  # fmt: skip
        refresh(order.supplier_id)
        return done(gettext("The order is recorded."), _after(form.chosen, ".orders"))

    return form_page(
        form, act, title=gettext("New purchase order"), words=_sides(relation),
        button=gettext("Record"), back=url_for(".orders"), way=way_back(relation),
    )  # fmt: skip


def _sides(relation: Relation) -> str:
    return gettext(
        "%(supplier)s for %(company)s.",
        supplier=relation.supplier.name, company=relation.engagement.buyer.name,
    )  # fmt: skip


def _after(contract_id: uuid.UUID | None, otherwise: str) -> str:
    if contract_id is None:
        return url_for(otherwise)
    return url_for(".show", contract_id=contract_id)


@blueprint.route("/invoices/new/<uuid:engagement_id>", methods=["GET", "POST"])
@requires(CHANGE)
def create_invoice(engagement_id: uuid.UUID) -> AnyResponse:
    relation = queries.get_relation(engagement_id, buyers=in_sight(CHANGE))
    form = InvoiceForm(data={"contract_id": request.args.get("contract", "")})
    form.offer(relation.contracts)

    def act() -> AnyResponse:
        invoice = record_with_file(actions.create_invoice, engagement_id, form)
        return done(gettext("The invoice is recorded."), _at(invoice.id))

    return form_page(
        form, act, title=gettext("New invoice"), words=_sides(relation),
        button=gettext("Record"), back=url_for(".invoices"), multipart=True,
        way=way_back(relation),
    )  # fmt: skip


def _at(invoice_id: uuid.UUID) -> str:
    return url_for(".show_invoice", invoice_id=invoice_id)


@blueprint.get("/invoices/<uuid:invoice_id>")
@requires(READ)
def show_invoice(invoice_id: uuid.UUID) -> AnyResponse:
    invoice, contract = queries.get_invoice(invoice_id, buyers=in_sight(READ))
    year_end = YearEnd(invoice.buyer.year_end_month, invoice.buyer.year_end_day)
    close = year_close(invoice.issued_on, year_end=year_end)
    return page(
        "desk/invoice.html",
        invoice=invoice,
        contract=contract,
        events=queries.list_invoice_events(invoice_id),
        event_words=EVENT_WORDS,
        year_close=close,
        first_erasable_on=first_erasable_on("invoice", close),
        may_change=may(CHANGE),
        may_read_file=may(FILE),
    )


@blueprint.route("/invoices/<uuid:invoice_id>/paid", methods=["GET", "POST"])
@requires(CHANGE)
def pay(invoice_id: uuid.UUID) -> AnyResponse:
    invoice, _ = queries.get_invoice(invoice_id, buyers=in_sight(CHANGE))
    form = PaidForm(data={"paid_on": context.today()})

    def act() -> AnyResponse:
        actions.mark_paid(
            invoice_id, paid_on=form.paid_on.day, buyers=in_sight(CHANGE), by=context.actor(),
            now=context.now(), today=context.today(),
        )  # fmt: skip
        refresh(invoice.supplier_id)
        return done(gettext("Noted as paid."), _at(invoice_id))

    return form_page(
        form, act, title=gettext("Invoice %(number)s is paid", number=invoice.number),
        words=gettext("The last payment may date the end of the relation; no money moves here."),
        button=gettext("Note it"), back=_at(invoice_id),
    )  # fmt: skip


@blueprint.route("/invoices/<uuid:invoice_id>/file", methods=["GET", "POST"])
@requires(CHANGE)
def attach_invoice(invoice_id: uuid.UUID) -> AnyResponse:
    invoice, _ = queries.get_invoice(invoice_id, buyers=in_sight(CHANGE))
    return attach_page(
        invoice.number,
        lambda upload: actions.attach_invoice_file(
            invoice_id, upload, buyers=in_sight(CHANGE), by=context.actor(), now=context.now(),
            limits=limits(),
        ),
        back=_at(invoice_id),
    )  # fmt: skip


@blueprint.get("/invoices/<uuid:invoice_id>/download")
@requires(FILE)
def download_invoice(invoice_id: uuid.UUID) -> AnyResponse:
    data, name = hand_out_invoice(
        invoice_id, buyers=in_sight(FILE), by=context.actor(), now=context.now()
    )
    return as_download(data, name, "application/octet-stream")
