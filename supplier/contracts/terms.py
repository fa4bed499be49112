"""Days that follow from contracts, orders and invoices: ends, renewals, crossings, year ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from supplier.kernel.clock import add_months, end_of_month


@dataclass(frozen=True, slots=True)
class ContractEnd:
    """When one contract ends; without `ends_on` and `terminated_on` it runs on."""

    ends_on: date | None = None
    terminated_on: date | None = None

    @property
    def last_day(self) -> date | None:
        """The earlier of the two; None while no end is known."""
        return min((day for day in (self.ends_on, self.terminated_on) if day), default=None)


@dataclass(frozen=True, slots=True)
class RelationshipFacts:
    """What is known of one supplier with one buyer; None means that there is none on file."""

    contracts: tuple[ContractEnd, ...] = ()
    last_order_on: date | None = None
    last_invoice_on: date | None = None
    last_payment_on: date | None = None
    #: Invoices still to be paid: the relationship goes on.
    has_unpaid_invoices: bool = False


def proposed_end(facts: RelationshipFacts) -> date | None:
    """The end of a relationship that a person is asked to confirm, or None while it goes on.

    The latest of contract end, last order, last invoice and last payment (DOMAIN rule 39). A
    contract without an end, or an unpaid invoice, means that there is no end yet; a file without
    any day has no known end either.
    """
    ends = [contract.last_day for contract in facts.contracts]
    if None in ends or facts.has_unpaid_invoices:
        return None
    days = [*ends, facts.last_order_on, facts.last_invoice_on, facts.last_payment_on]
    return max((day for day in days if day is not None), default=None)


@dataclass(frozen=True, slots=True)
class Term:
    """One run of a contract: the first and last day, and which one it is (0: the original)."""

    first: date
    last: date
    number: int


def term_on(
    starts_on: date,
    *,
    ends_on: date,
    renewal_months: int,
    on: date,
    terminated_on: date | None = None,
) -> Term | None:
    """The term of a tacitly renewed contract that holds a day, or None outside all of them.

    Each renewal is a new conclusion (DOMAIN rule 9, our reading): its first day is a day on which
    the papers must be good. Terms are counted from the original dates, so that a contract that
    ends on the 31st does not slip to the 28th after one February.
    """
    if renewal_months < 1:
        raise ValueError("a renewal lasts at least one month")
    if on < starts_on or (terminated_on is not None and on > terminated_on):
        return None
    number, first, last = 0, starts_on, ends_on
    while last < on:
        number += 1
        first, last = last + timedelta(days=1), _renewed(ends_on, renewal_months * number)
    return Term(first, last if terminated_on is None else min(last, terminated_on), number)


def _renewed(ends_on: date, months: int) -> date:
    """The end of a term `months` later; the end of a month stays the end of a month."""
    moved = add_months(ends_on, months)
    return end_of_month(moved) if ends_on == end_of_month(ends_on) else moved


def notice_deadline(term: Term, *, notice_months: int) -> date:
    """The last day on which notice prevents the renewal of a term."""
    return add_months(term.last, -notice_months)


def crossed_on(amounts: Iterable[tuple[date, Decimal]], *, threshold: Decimal) -> date | None:
    """The day on which a contract's amounts (its own, then its amendments) reach the threshold.

    Equality counts (R8222-1: "au moins égal"). None while they stay below.
    """
    total = Decimal(0)
    for day, amount in sorted(amounts):
        total += amount
        if total >= threshold:
            return day
    return None


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The day on which a company closes its accounts each year.

    29 February stands for the last day of February; any other day beyond its month's end too.
    Raises ValueError on a month or a day that no year has.
    """

    month: int = 12
    day: int = 31

    def __post_init__(self) -> None:
        if not 1 <= self.day <= end_of_month(date(2024, self.month, 1)).day:
            raise ValueError(f"no year has day {self.day} of month {self.month}")

    def of(self, year: int) -> date:
        """The closing day in a calendar year."""
        first = date(year, self.month, 1)
        return min(first + timedelta(days=self.day - 1), end_of_month(first))


def year_close(day: date, *, year_end: YearEnd) -> date:
    """The close of the financial year that a day belongs to: that day or the first one after.

    Retention of invoices counts from here, not from the invoice (C. com. L123-22).
    """
    this_year = year_end.of(day.year)
    return this_year if day <= this_year else year_end.of(day.year + 1)


def latest_close(days: Sequence[date], *, year_end: YearEnd) -> date | None:
    """The close of the last of several days: of a voucher used by several payments."""
    return year_close(max(days), year_end=year_end) if days else None
