"""Euros exposed by a gap, and the weeks ahead."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from supplier.vigilance.duties import ContractFacts
from supplier.vigilance.exposure import Exposure, InvoiceFacts, Work, exposed
from supplier.vigilance.spans import Span

TODAY = date(2026, 11, 23)  # a Monday
YEAR = ContractFacts(
    "C-1",
    date(2026, 1, 1),
    amount_excl_tax=Decimal(36500),
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def invoice(issued_on: date, amount: str, contract: str | None = "C-1") -> InvoiceFacts:
    return InvoiceFacts(issued_on, Decimal(amount), contract)


def test_a_contract_never_invoiced_counts_by_the_day() -> None:
    found = exposed([Span(ago(9), TODAY)], Work((YEAR,)), today=TODAY, until=TODAY)
    assert found == Exposure(Decimal("1000.00"))


def test_the_invoices_of_the_gap_count_when_there_are_any() -> None:
    work = Work((YEAR,), (invoice(ago(5), "700"), invoice(ago(40), "9000")))
    found = exposed([Span(ago(9), TODAY)], work, today=TODAY, until=TODAY)
    assert found.amount == Decimal("700.00")


def test_days_to_come_count_by_the_day_even_when_invoiced_so_far() -> None:
    work = Work((YEAR,), (invoice(ago(5), "700"),))
    found = exposed(
        [Span(ago(9), TODAY + timedelta(days=3))],
        work,
        today=TODAY,
        until=TODAY + timedelta(days=3),
    )
    assert found.amount == Decimal("1000.00")  # 700 invoiced, 3 days at 100


def test_without_an_amount_the_last_twelve_months_give_the_rate() -> None:
    open_ended = ContractFacts("C-2", date(2020, 1, 1))
    work = Work((open_ended,), (invoice(ago(100), "3650", "C-2"), invoice(ago(400), "99", "C-2")))
    found = exposed(
        [Span(TODAY + timedelta(days=1))], work, today=TODAY, until=TODAY + timedelta(days=10)
    )
    assert found == Exposure(Decimal("100.00"))


def test_a_contract_that_nothing_values_is_named_not_counted_as_zero() -> None:
    open_ended = ContractFacts("C-2", date(2020, 1, 1))
    found = exposed([Span(ago(9))], Work((open_ended,)), today=TODAY, until=TODAY)
    assert found == Exposure(Decimal("0.00"), ("C-2",))


def test_an_invoice_without_a_contract_counts_in_the_gap() -> None:
    work = Work((), (invoice(ago(2), "1200.50", None),))
    assert exposed([Span(ago(3))], work, today=TODAY, until=TODAY).amount == Decimal("1200.50")
    assert exposed([Span(ago(1))], work, today=TODAY, until=TODAY).amount == 0


def test_an_invoice_dated_in_the_future_is_not_work_done() -> None:
    work = Work((), (invoice(TODAY + timedelta(days=1), "1200", None),))
    found = exposed([Span(ago(3))], work, today=TODAY, until=TODAY + timedelta(days=9))
    assert found.amount == 0


def test_a_gap_outside_the_work_exposes_nothing() -> None:
    later = [Span(date(2027, 2, 1), date(2027, 3, 1))]
    assert exposed(later, Work((YEAR,)), today=TODAY, until=date(2027, 4, 1)) == Exposure(
        Decimal("0.00")
    )


def test_two_requirements_without_a_paper_are_one_gap() -> None:
    twice = [Span(ago(9), TODAY), Span(ago(4), TODAY)]
    assert exposed(twice, Work((YEAR,)), today=TODAY, until=TODAY).amount == Decimal("1000.00")


GAPS = st.lists(
    st.tuples(st.integers(-300, 60), st.integers(0, 60)).map(
        lambda pair: Span(TODAY + timedelta(days=pair[0]), TODAY + timedelta(days=sum(pair)))
    ),
    max_size=4,
)


@given(GAPS, GAPS)
def test_a_longer_gap_never_exposes_less(gaps: list[Span], more: list[Span]) -> None:
    work = Work((YEAR,), (invoice(ago(20), "500"), invoice(ago(80), "800", None)))
    until = TODAY + timedelta(days=120)
    fewer = exposed(gaps, work, today=TODAY, until=until)
    assert fewer.amount <= exposed([*gaps, *more], work, today=TODAY, until=until).amount


@given(GAPS)
def test_no_gap_exposes_more_than_the_whole_contract(gaps: list[Span]) -> None:
    found = exposed(gaps, Work((YEAR,)), today=TODAY, until=date(2030, 1, 1))
    assert 0 <= found.amount <= YEAR.amount_excl_tax  # type: ignore[operator]
