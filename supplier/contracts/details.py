"""What a person says of a contract, an order or an invoice, and what cannot be right in it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

#: Longer than any term that a contract renews itself for.
MOST_RENEWAL_MONTHS = 120


@dataclass(frozen=True, slots=True)
class ContractDetails:
    """A contract; `amount` is without tax, None for a framework contract. Days are Paris days.

    Where it renews itself, the amount is that of one term; `renews_on` is the first renewal.
    """

    reference: str
    title: str
    signed_on: date
    starts_on: date
    kind: str = "single"
    amount: Decimal | None = None
    currency: str = "EUR"
    ends_on: date | None = None
    site_opened_on: date | None = None
    renews_on: date | None = None
    renews_months: int | None = None


@dataclass(frozen=True, slots=True)
class AmendmentDetails:
    """What an amendment adds to a contract, without tax, from the day on which it is signed."""

    reference: str
    title: str
    amount: Decimal
    signed_on: date


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """A purchase order; `amount` is without tax."""

    reference: str
    amount: Decimal
    ordered_on: date
    currency: str = "EUR"
    contract_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class InvoiceDetails:
    """An invoice; `amount` is without tax, `total` with it. A credit note has both below zero."""

    number: str
    issued_on: date
    amount: Decimal
    total: Decimal | None = None
    currency: str = "EUR"
    contract_id: uuid.UUID | None = None


def check_contract(details: ContractDetails) -> None:
    """Raises DomainError at the field that is wrong."""
    if details.kind == "framework" and details.amount is not None:
        raise DomainError(
            N_("A framework contract has no amount of its own: leave it empty."), field="amount"
        )
    if details.kind != "framework":
        if details.amount is None:
            raise DomainError(
                N_("Give the amount without tax, or say that it is a framework contract."),
                field="amount",
            )
        check_positive(details.amount)
    if details.ends_on is not None and details.ends_on < details.starts_on:
        raise DomainError(N_("The end lies before the start: check the date."), field="ends_on")
    _check_renewal(details)


def _check_renewal(details: ContractDetails) -> None:
    if details.renews_on is None and details.renews_months is None:
        return
    if details.renews_months is None or not 1 <= details.renews_months <= MOST_RENEWAL_MONTHS:
        raise DomainError(
            N_("Say every how many months it renews itself, from 1 to 120."), field="renews_months"
        )
    if details.renews_on is None or details.renews_on <= details.starts_on:
        raise DomainError(
            N_("The first renewal comes after the start: check the date."), field="renews_on"
        )
    if details.ends_on is not None and details.ends_on < details.renews_on:
        raise DomainError(
            N_("The contract ends before it would renew itself: leave one of the two empty."),
            field="renews_on",
        )


def check_positive(amount: Decimal) -> None:
    """Raises DomainError for nothing or less."""
    if amount <= 0:
        raise DomainError(N_("The amount must be more than zero."), field="amount")


def check_invoice(details: InvoiceDetails) -> None:
    """Amounts with and without tax are the commonest mix-up: the order of the two shows it.

    Raises DomainError at the field that is wrong.
    """
    if details.amount == 0:
        raise DomainError(N_("Give the amount without tax."), field="amount")
    if details.total is None:
        return
    if (details.total < 0) != (details.amount < 0):
        raise DomainError(
            N_("One amount is below zero and the other is not: check both."), field="total"
        )
    if abs(details.total) < abs(details.amount):
        raise DomainError(
            N_(
                "The total with tax is smaller than the amount without tax: the two are probably "
                "swapped. 6 000 € with tax at 20 % are 5 000 € without."
            ),
            field="total",
        )
