"""Ends of relationships, renewals, crossings, closes of the financial year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.contracts.terms import (
    ContractEnd,
    RelationshipFacts,
    Term,
    YearEnd,
    crossed_on,
    latest_close,
    notice_deadline,
    proposed_end,
    term_on,
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


def term(on: date, **facts: object) -> Term | None:
    base = {"ends_on": date(2026, 12, 31), "renewal_months": 12}
    return term_on(date(2026, 1, 1), on=on, **{**base, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), Term(date(2026, 1, 1), date(2026, 12, 31), 0)),
        (date(2026, 12, 31), Term(date(2026, 1, 1), date(2026, 12, 31), 0)),
        (date(2027, 1, 1), Term(date(2027, 1, 1), date(2027, 12, 31), 1)),
        (date(2029, 6, 1), Term(date(2029, 1, 1), date(2029, 12, 31), 3)),
    ],
)
def test_a_tacit_renewal_is_a_new_term(on: date, expected: Term | None) -> None:
    assert term(on) == expected


def test_a_notice_ends_the_last_term() -> None:
    ended = date(2027, 3, 15)
    assert term(ended, terminated_on=ended) == Term(date(2027, 1, 1), ended, 1)
    assert term(ended + timedelta(days=1), terminated_on=ended) is None


def test_terms_that_end_with_a_month_keep_ending_with_a_month() -> None:
    monthly = {"ends_on": date(2026, 1, 31), "renewal_months": 1}
    assert term(date(2026, 2, 10), **monthly) == Term(date(2026, 2, 1), date(2026, 2, 28), 1)
    assert term(date(2026, 3, 10), **monthly) == Term(date(2026, 3, 1), date(2026, 3, 31), 2)
    assert term(date(2026, 3, 31), **{**monthly, "ends_on": date(2026, 2, 28)}) == Term(
        date(2026, 3, 1), date(2026, 3, 31), 1
    )


def test_a_renewal_of_no_length_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one month"):
        term(date(2026, 2, 1), renewal_months=0)


def test_notice_is_given_months_before_the_end() -> None:
    found = Term(date(2026, 1, 1), date(2026, 5, 31), 0)
    assert notice_deadline(found, notice_months=3) == date(2026, 2, 28)


@given(st.integers(0, 2000), st.integers(0, 400), st.integers(1, 36))
def test_terms_follow_each_other_without_a_hole(day: int, length: int, months: int) -> None:
    starts_on = date(2024, 1, 31)
    facts = {"ends_on": starts_on + timedelta(days=length), "renewal_months": months}
    found = term_on(starts_on, on=starts_on + timedelta(days=day), **facts)  # type: ignore[arg-type]
    assert found is not None
    assert found.first <= starts_on + timedelta(days=day) <= found.last
    following = term_on(starts_on, on=found.last + timedelta(days=1), **facts)  # type: ignore[arg-type]
    assert following is not None
    assert (following.first, following.number) == (found.last + timedelta(days=1), found.number + 1)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([("2026-01-01", "5000")], "2026-01-01"),
        ([("2026-01-01", "4999.99")], None),
        ([("2026-01-01", "4000"), ("2026-03-01", "1000")], "2026-03-01"),
        ([("2026-03-01", "1000"), ("2026-01-01", "4000")], "2026-03-01"),
        ([("2026-01-01", "4000"), ("2026-02-01", "-500"), ("2026-03-01", "1000")], None),
        ([], None),
    ],
)
def test_the_threshold_is_crossed_on_the_day_of_the_amendment(
    amounts: list[tuple[str, str]], expected: str | None
) -> None:
    entries = [(date.fromisoformat(day), Decimal(amount)) for day, amount in amounts]
    found = crossed_on(entries, threshold=Decimal(5000))
    assert (found.isoformat() if found else None) == expected


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


def test_a_voucher_of_several_payments_follows_the_last() -> None:
    days = [date(2026, 6, 30), date(2026, 7, 1)]
    assert latest_close(days, year_end=YearEnd(6, 30)) == date(2027, 6, 30)
    assert latest_close([], year_end=YearEnd()) is None


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_a_close_is_never_before_the_day_and_less_than_a_year_after(day: date, end: date) -> None:
    close = year_close(day, year_end=YearEnd(end.month, end.day))
    assert day <= close <= day + timedelta(days=365)
