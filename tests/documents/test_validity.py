"""How long a paper is good: the test dates of the law and of our policies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.validity import (
    DocumentFacts,
    Standing,
    fresh_until,
    limit_of,
    period_is_past,
    period_limit,
    situation_is_odd,
    valid_until,
    validity,
)
from supplier.kernel.clock import add_months

URSSAF = DocumentKind.URSSAF_VIGILANCE
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("issued", "limit"),
    [
        ("2026-08-31", "2027-02-28"),
        ("2026-08-30", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2028-02-29", "2028-08-29"),
        ("2026-03-31", "2026-09-30"),
        ("2026-01-01", "2026-07-01"),
    ],
)
def test_a_paper_of_less_than_six_months_dies_on_the_same_day_clipped_to_the_month(
    issued: str, limit: str
) -> None:
    assert limit_of(day(issued), 6) == day(limit)
    facts = DocumentFacts(URSSAF, issued_on=day(issued))
    assert validity(facts, today=day(limit)).standing is Standing.TOO_OLD
    assert validity(facts, today=day(limit) - timedelta(days=1)).standing is Standing.GOOD


def test_a_paper_dated_tomorrow_is_not_good_today() -> None:
    facts = DocumentFacts(URSSAF, issued_on=day("2026-11-24"))
    assert validity(facts, today=day("2026-11-23")).standing is Standing.NOT_YET_VALID


def test_a_date_that_was_not_read_is_never_guessed() -> None:
    assert validity(DocumentFacts(URSSAF), today=day("2026-11-23")).standing is Standing.UNDATED


@pytest.mark.parametrize(
    ("situation", "issued", "odd"),
    [
        ("2022-11-30", "2023-01-02", False),
        ("2026-08-31", "2026-09-25", False),
        ("2026-10-01", "2026-09-25", True),
        ("2026-06-24", "2026-09-25", True),
        ("2026-06-25", "2026-09-25", False),
    ],
)
def test_a_situation_after_the_issue_or_three_months_before_goes_to_a_person(
    situation: str, issued: str, odd: bool
) -> None:
    facts = DocumentFacts(URSSAF, issued_on=day(issued), situation_on=day(situation))
    assert situation_is_odd(facts) is odd


def test_a_provisional_certificate_lasts_ninety_days_and_never_six_months() -> None:
    facts = DocumentFacts(URSSAF, issued_on=day("2026-09-01"), provisional=True)
    assert valid_until(facts) == day("2026-11-29")
    assert validity(facts, today=day("2026-11-29")).standing is Standing.GOOD
    assert validity(facts, today=day("2026-11-30")).standing is Standing.TOO_OLD


def test_a_register_extract_is_taken_for_three_months_and_covers_six() -> None:
    facts = DocumentFacts(DocumentKind.KBIS, issued_on=day("2026-08-24"))
    assert fresh_until(facts) == day("2026-11-23")
    assert valid_until(facts) == day("2027-02-23")
    assert validity(facts, today=day("2026-11-24")).standing is Standing.TOO_OLD


def test_a_tax_certificate_lasts_twelve_months() -> None:
    facts = DocumentFacts(DocumentKind.TAX_COMPLIANCE, issued_on=day("2025-11-24"))
    assert valid_until(facts) == day("2026-11-23")


def test_a_group_company_may_set_its_own_age() -> None:
    facts = DocumentFacts(
        DocumentKind.TAX_COMPLIANCE, issued_on=day("2026-08-23"), months=3, covers_months=3
    )
    assert validity(facts, today=day("2026-11-23")).standing is Standing.TOO_OLD
    assert valid_until(facts) == day("2026-11-22")


def test_a_printed_end_is_itself_a_good_day() -> None:
    facts = DocumentFacts(
        DocumentKind.DECENNIAL_INSURANCE,
        valid_from=day("2026-01-01"), valid_until=day("2026-12-31"),
    )  # fmt: skip
    assert validity(facts, today=day("2026-12-31")).standing is Standing.GOOD
    assert validity(facts, today=day("2027-01-01")).standing is Standing.EXPIRED
    assert validity(facts, today=day("2025-12-31")).standing is Standing.NOT_YET_VALID


def test_bank_details_have_no_end() -> None:
    facts = DocumentFacts(DocumentKind.BANK_DETAILS)
    assert validity(facts, today=day("2026-11-23")).standing is Standing.GOOD
    assert valid_until(facts) is None


DATED = [kind for kind, spec in KINDS.items() if spec.months]


@given(kind=st.sampled_from(DATED), issued=DAYS, later=st.integers(0, 900))
def test_a_paper_is_good_exactly_from_its_date_to_the_day_before_its_limit(
    kind: DocumentKind, issued: date, later: int
) -> None:
    today = issued + timedelta(days=later)
    standing = validity(DocumentFacts(kind, issued_on=issued), today=today).standing
    months = KINDS[kind].months
    assert months is not None
    good = today < add_months(issued, months)
    assert (standing is Standing.GOOD) is good


@given(kind=st.sampled_from(DATED), issued=DAYS)
def test_what_a_paper_covers_never_ends_before_the_last_day_it_may_be_handed_in(
    kind: DocumentKind, issued: date
) -> None:
    facts = DocumentFacts(kind, issued_on=issued)
    covered, fresh = valid_until(facts), fresh_until(facts)
    assert covered is not None
    assert fresh is not None
    assert covered >= fresh > issued


@pytest.mark.parametrize(
    ("situation", "issued", "warned_from", "limit"),
    [
        # The example of the rule, then ends of months of every length.
        ("2022-11-30", "2023-01-02", "2023-06-01", "2023-07-02"),
        ("2026-08-31", "2026-09-15", "2027-03-01", "2027-03-15"),
        ("2027-08-31", "2027-09-15", "2028-03-01", "2028-03-15"),
        ("2026-06-30", "2026-08-20", "2027-01-01", "2027-02-20"),
        ("2026-10-12", "2026-10-12", "2027-05-01", "2027-04-12"),
    ],
)
def test_the_period_warns_from_its_own_limit_and_the_law_ends_the_certificate(
    situation: str, issued: str, warned_from: str, limit: str
) -> None:
    assert period_limit(URSSAF, day(situation)) == day(warned_from)
    facts = DocumentFacts(URSSAF, issued_on=day(issued), situation_on=day(situation))
    facts = replace(facts, valid_until=valid_until(facts))
    assert validity(facts, today=day(limit)).standing is Standing.TOO_OLD
    first = day(warned_from)
    assert not period_is_past(facts, today=first - timedelta(days=1))
    # Where the law ends it first, there is nothing left to warn of.
    assert period_is_past(facts, today=first) is (first < day(limit))
    assert not period_is_past(facts, today=day(limit))


def test_only_a_social_certificate_whose_period_was_read_warns() -> None:
    assert period_limit(DocumentKind.KBIS, day("2026-01-31")) is None
    assert period_limit(URSSAF, None) is None
    assert period_limit(None, day("2026-01-31")) is None


@given(DAYS)
def test_a_period_warns_on_the_first_day_of_a_month_six_to_seven_months_later(on: date) -> None:
    limit = period_limit(URSSAF, on)
    assert limit is not None
    assert limit.day == 1
    assert add_months(on, 6) < limit <= add_months(on.replace(day=1), 7)
