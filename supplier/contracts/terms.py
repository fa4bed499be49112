"""Days that follow from contracts, orders and invoices: ends and year ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

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
class Renewal:
    """A contract renews itself tacitly: on `first_on`, then every `months` months.

    It goes on until somebody ends the contract. Raises ValueError on less than a month.
    """

    first_on: date
    months: int

    def __post_init__(self) -> None:
        if self.months < 1:
            raise ValueError("a contract renews itself for a month at least")

    def days(self, *, until: date) -> tuple[date, ...]:
        """Every renewal up to `until`, that day included."""
        found: list[date] = []
        # Counted from the first, not from the last: after 28 February comes 31 August again.
        while (day := add_months(self.first_on, self.months * len(found))) <= until:
            found.append(day)
        return tuple(found)

    def next_after(self, day: date) -> date:
        """The first renewal after a day."""
        return add_months(self.first_on, self.months * len(self.days(until=day)))


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
