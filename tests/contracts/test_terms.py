"""Ends of relationships, closes of the financial year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.contracts.terms import (
    ContractEnd,
    RelationshipFacts,
    Renewal,
    YearEnd,
    proposed_end,
    year_close,
)

END = date(2026, 6, 30)
ENDED = RelationshipFacts(
    contracts=(ContractEnd(END),),
    last_order_on=date(2026, 5, 1),
    last_invoice_on=date(2026, 7, 3),
    last_payment_on=date(2026, 8, 31),
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, date(2026, 8, 31)),
        ({"last_payment_on": None}, date(2026, 7, 3)),
        ({"last_payment_on": None, "last_invoice_on": None}, END),
        ({"contracts": (ContractEnd(END), ContractEnd(date(2027, 1, 1)))}, date(2027, 1, 1)),
        ({"contracts": (ContractEnd(date(2027, 1, 1), END),)}, date(2026, 8, 31)),
        ({"contracts": (ContractEnd(None, END),)}, date(2026, 8, 31)),
        ({"contracts": (ContractEnd(),)}, None),
        ({"contracts": (ContractEnd(END), ContractEnd())}, None),
        ({"has_unpaid_invoices": True}, None),
        ({"contracts": ()}, date(2026, 8, 31)),
    ],
)
def test_a_relationship_ends_with_the_last_thing_that_happened(
    change: dict[str, object], expected: date | None
) -> None:
    assert proposed_end(replace(ENDED, **change)) == expected  # type: ignore[arg-type]


def test_an_empty_file_has_no_known_end() -> None:
    assert proposed_end(RelationshipFacts()) is None


@pytest.mark.parametrize(
    ("day", "month", "last", "expected"),
    [
        (date(2026, 3, 1), 12, 31, date(2026, 12, 31)),
        (date(2026, 12, 31), 12, 31, date(2026, 12, 31)),
        (date(2026, 6, 30), 6, 30, date(2026, 6, 30)),
        (date(2026, 7, 1), 6, 30, date(2027, 6, 30)),
        (date(2028, 2, 29), 2, 29, date(2028, 2, 29)),
        (date(2027, 2, 28), 2, 29, date(2027, 2, 28)),
        (date(2027, 3, 1), 2, 29, date(2028, 2, 29)),
        (date(2026, 1, 1), 1, 1, date(2026, 1, 1)),
        (date(2026, 1, 2), 1, 1, date(2027, 1, 1)),
    ],
)
def test_an_invoice_belongs_to_the_year_that_closes_next(
    day: date, month: int, last: int, expected: date
) -> None:
    assert year_close(day, year_end=YearEnd(month, last)) == expected


@pytest.mark.parametrize(("month", "day"), [(2, 30), (4, 31), (0, 1), (13, 1), (12, 0)])
def test_a_year_end_that_no_year_has_is_refused(month: int, day: int) -> None:
    with pytest.raises(ValueError, match=r"no year|month"):
        YearEnd(month, day)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_a_close_is_never_before_the_day_and_less_than_a_year_after(day: date, end: date) -> None:
    close = year_close(day, year_end=YearEnd(end.month, end.day))
    assert day <= close <= day + timedelta(days=365)


@pytest.mark.parametrize(
    ("first_on", "months", "until", "expected"),
    [
        (date(2026, 1, 1), 12, date(2025, 12, 31), []),
        (date(2026, 1, 1), 12, date(2026, 1, 1), [date(2026, 1, 1)]),
        (date(2026, 1, 1), 6, date(2027, 1, 1),
         [date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)]),
        (date(2026, 8, 31), 6, date(2027, 8, 31),
         [date(2026, 8, 31), date(2027, 2, 28), date(2027, 8, 31)]),
        (date(2028, 2, 29), 12, date(2029, 3, 1), [date(2028, 2, 29), date(2029, 2, 28)]),
    ],
)  # fmt: skip
def test_a_renewal_falls_on_its_day_clipped_to_the_end_of_the_month(
    first_on: date, months: int, until: date, expected: list[date]
) -> None:
    assert list(Renewal(first_on, months).days(until=until)) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120), st.integers(0, 9000))
def test_the_next_renewal_is_the_first_one_after_a_day(
    first_on: date, months: int, days: int
) -> None:
    renewal, day = Renewal(first_on, months), first_on + timedelta(days=days - 400)
    following = renewal.next_after(day)
    assert following > day
    assert renewal.days(until=following) == (*renewal.days(until=day), following)


def test_no_contract_renews_itself_every_zero_months() -> None:
    with pytest.raises(ValueError, match="a month"):
        Renewal(END, 0)
