"""What a gap may cost: the value of the work done while nothing covered it.

C. trav. L8222-3 makes the client liable "à due proportion de la valeur des travaux réalisés, des
services fournis, du bien vendu". Our rule, an estimate to order work by and no legal sum:

1. Days that have passed: the invoices dated in the gap, excluding tax. A contract that was never
   invoiced counts by its daily rate instead.
2. Days to come: the daily rate of each contract under way.
3. Daily rate: the amount spread evenly over the days of work (the first term of a contract that
   renews itself, since the amount is that of a term); without an amount or an end, the
   invoices of the last twelve months, divided by 365; without those, unknown, and said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from supplier.kernel.clock import add_months
from supplier.vigilance.duties import ContractFacts
from supplier.vigilance.spans import Span, count_days, intersect, span_or_none

_CENT = Decimal("0.01")
_DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice: its day, its amount in euros excluding tax, and the contract it belongs to."""

    issued_on: date
    amount_excl_tax: Decimal
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """Euros exposed by gaps. `unknown` names the contracts whose value nothing tells."""

    amount: Decimal = Decimal(0)
    unknown: tuple[str, ...] = ()

    def __add__(self, other: Exposure) -> Exposure:
        return Exposure(
            self.amount + other.amount, tuple(dict.fromkeys((*self.unknown, *other.unknown)))
        )


@dataclass(frozen=True, slots=True)
class Work:
    """The work of one engagement: its contracts and its invoices."""

    contracts: tuple[ContractFacts, ...] = ()
    invoices: tuple[InvoiceFacts, ...] = ()


def exposed(gaps: Iterable[Span], work: Work, *, today: date, until: date) -> Exposure:
    """What the gaps of one engagement expose up to `until` (Paris days, both included).

    Hand in the gaps of all its requirements together: a day without two papers is one day.
    """
    holes = intersect(gaps, [Span(date.min, until)])
    total = _without_contract(holes, work, today=today)
    for contract in work.contracts:
        total += _of_contract(contract, holes, work, today=today)
    return Exposure(total.amount.quantize(_CENT, ROUND_HALF_UP), total.unknown)


def _of_contract(
    contract: ContractFacts, holes: Sequence[Span], work: Work, *, today: date
) -> Exposure:
    days = _days_of_work(contract, holes)
    own = [one for one in work.invoices if one.contract == contract.reference]
    if own:
        past = _invoiced(own, holes, today=today)
        days = intersect(days, [Span(today + timedelta(days=1))])
    else:
        past = Decimal(0)
    rate = _daily_rate(contract, own, today=today)
    if rate is None:
        return Exposure(past, (contract.reference,) if days else ())
    return Exposure(past + rate * count_days(days))


def _without_contract(holes: Sequence[Span], work: Work, *, today: date) -> Exposure:
    known = {contract.reference for contract in work.contracts}
    loose = [one for one in work.invoices if one.contract not in known]
    return Exposure(_invoiced(loose, holes, today=today))


def _days_of_work(contract: ContractFacts, holes: Sequence[Span]) -> tuple[Span, ...]:
    span = span_or_none(contract.starts_on or contract.signed_on, contract.end_of_work)
    return intersect(holes, [span]) if span else ()


def _invoiced(invoices: Iterable[InvoiceFacts], holes: Sequence[Span], *, today: date) -> Decimal:
    return sum(
        (
            one.amount_excl_tax
            for one in invoices
            if one.issued_on <= today and any(one.issued_on in hole for hole in holes)
        ),
        Decimal(0),
    )


def _end_of_amount(contract: ContractFacts) -> date | None:
    """The last day that the amount pays for: of a contract that renews itself, its first term."""
    if contract.renewal is None:
        return contract.end_of_work
    return contract.renewal.first_on - timedelta(days=1)


def _daily_rate(
    contract: ContractFacts, invoices: Sequence[InvoiceFacts], *, today: date
) -> Decimal | None:
    """Euros a day, or None when nothing tells."""
    first, last = contract.starts_on or contract.signed_on, _end_of_amount(contract)
    if contract.amount_excl_tax is not None and last is not None and first <= last:
        return contract.amount_excl_tax / ((last - first).days + 1)
    year = Span(add_months(today, -12) + timedelta(days=1), today)
    recent = [one.amount_excl_tax for one in invoices if one.issued_on in year]
    return sum(recent, Decimal(0)) / _DAYS_A_YEAR if recent else None
