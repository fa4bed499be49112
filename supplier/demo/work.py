"""The demo's contracts, purchase orders and invoices, as entries of its diary."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from supplier.contracts import actions as contracts
from supplier.contracts.details import ContractDetails, InvoiceDetails, OrderDetails
from supplier.demo.people import Cast, Entry, at_hour
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.demo.suppliers.facts import Deal, SupplierFacts
from supplier.kernel.audit import Actor
from supplier.kernel.clock import add_months

#: From this amount of a contract on, work is called up by purchase orders.
CALLED_UP = Decimal(40_000)


def write_work(cast: Cast, *, today: date) -> Iterator[Entry]:
    """Contracts, and an invoice a quarter for each that has begun, paid six weeks later."""
    for facts in SUPPLIERS:
        for place, deal in enumerate(facts.deals, start=1):
            details = _contract(facts, deal, place, today)
            made: list[uuid.UUID] = []
            yield (
                at_hour(details.signed_on, 10),
                partial(_sign, cast, facts, deal, details, made=made),
            )
            yield from _orders(cast, facts, deal, details, made=made, today=today)
            yield from _invoices(cast, facts, deal, details, made=made, today=today)


def _sign(
    cast: Cast, facts: SupplierFacts, deal: Deal, details: ContractDetails, *,
    made: list[uuid.UUID],
) -> None:  # fmt: skip
    contract = contracts.create_contract(
        cast.engagements[facts.key, deal.buyer], details, buyers=None,
        by=cast.staff["camille.roussel"], now=at_hour(details.signed_on, 10),
    )  # fmt: skip
    made.append(contract.id)


def _orders(
    cast: Cast, facts: SupplierFacts, deal: Deal, contract: ContractDetails, *,
    made: list[uuid.UUID], today: date,
) -> Iterator[Entry]:  # fmt: skip
    """Large works are called up in two orders; they stay within the amount of their contract."""
    for number, weeks in enumerate((3, 16), start=1):
        day = contract.signed_on + timedelta(weeks=weeks)
        if deal.amount < CALLED_UP or day > min(today, contract.ends_on or today):
            return
        details = OrderDetails(
            reference=f"BC-{contract.reference[3:]}-{number}",
            amount=(deal.amount * Decimal("0.4")).quantize(Decimal(1)), ordered_on=day,
        )  # fmt: skip
        yield at_hour(day, 11), partial(_order, cast, facts, deal, details, made=made)


def _order(
    cast: Cast, facts: SupplierFacts, deal: Deal, details: OrderDetails, *, made: list[uuid.UUID]
) -> None:
    contracts.create_order(
        cast.engagements[facts.key, deal.buyer], replace(details, contract_id=made[0]),
        buyers=None, by=cast.staff["karim.benali"], now=at_hour(details.ordered_on, 11),
    )  # fmt: skip


def _contract(facts: SupplierFacts, deal: Deal, place: int, today: date) -> ContractDetails:
    signed = min(add_months(today, deal.starts), today)
    number = sum(map(ord, facts.key)) % 900 + place
    return ContractDetails(
        reference=f"CT-{signed.year}-{number:04d}-{deal.buyer.value[:1].upper()}{place}",
        title=deal.title, amount=deal.amount, signed_on=signed, starts_on=signed,
        ends_on=add_months(today, deal.ends) if deal.ends is not None else None,
        site_opened_on=signed if deal.is_building_site else None,
        renews_on=add_months(signed, deal.renews) if deal.renews else None,
        renews_months=deal.renews,
    )  # fmt: skip


def _invoices(
    cast: Cast, facts: SupplierFacts, deal: Deal, contract: ContractDetails, *,
    made: list[uuid.UUID], today: date,
) -> Iterator[Entry]:  # fmt: skip
    ends = deal.ends if deal.ends is not None else 12
    quarters = max(1, (ends - deal.starts) // 3)
    part = (deal.amount / quarters).quantize(Decimal("0.01"))
    by = cast.staff["karim.benali"]
    for number in range(1, quarters + 1):
        day = add_months(today, deal.starts) + timedelta(days=85 * number)
        if day > today:
            return
        details = InvoiceDetails(
            number=f"{day.year}-{contract.reference[-7:]}-{number:02d}", issued_on=day,
            amount=part, total=(part * Decimal("1.2")).quantize(Decimal("0.01")),
        )  # fmt: skip
        engagement_id = cast.engagements[facts.key, deal.buyer]
        billed: list[uuid.UUID] = []
        yield (
            at_hour(day, 15),
            partial(_bill, engagement_id, details, made=made, billed=billed, by=by),
        )
        paid = day + timedelta(days=42)
        if paid <= today:
            yield at_hour(paid, 9), partial(_pay, billed, on=paid, by=by)


def _bill(
    engagement_id: uuid.UUID, details: InvoiceDetails, *, made: list[uuid.UUID],
    billed: list[uuid.UUID], by: Actor,
) -> None:  # fmt: skip
    invoice = contracts.create_invoice(
        engagement_id, replace(details, contract_id=made[0]), buyers=None, by=by,
        now=at_hour(details.issued_on, 15),
    )  # fmt: skip
    billed.append(invoice.id)


def _pay(billed: list[uuid.UUID], *, on: date, by: Actor) -> None:
    contracts.mark_paid(billed[0], paid_on=on, buyers=None, by=by, now=at_hour(on, 9), today=on)
