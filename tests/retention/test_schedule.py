"""Retention: never a day early, held when held, cancelled when work begins again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.contracts.terms import YearEnd, year_close
from supplier.kernel.clock import add_months, add_years
from supplier.retention.schedule import (
    SCHEDULE,
    START_TEXTS,
    Relationship,
    RuleCode,
    Standing,
    Start,
    first_erasable_on,
    latest,
    prospect,
    shared_start,
)

CODES = st.sampled_from(RuleCode)
DAYS = st.dates(date(2000, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    ("code", "starts_on", "expected"),
    [
        ("vigilance_paper", date(2020, 12, 31), date(2026, 1, 1)),
        ("vigilance_paper", date(2021, 6, 30), date(2026, 7, 1)),
        ("vigilance_paper", date(2024, 2, 29), date(2029, 3, 1)),  # period ends on 28/02/2029
        ("vigilance_paper", date(2023, 2, 28), date(2028, 2, 29)),
        ("contract", date(2021, 6, 30), date(2026, 7, 1)),
        ("invoice", date(2016, 12, 31), date(2027, 1, 1)),
        ("bank_details", date(2016, 6, 30), date(2026, 7, 1)),
        ("rights_request", date(2023, 11, 23), date(2026, 11, 24)),
        ("identity_proof", date(2026, 11, 23), date(2026, 11, 24)),
        ("security_log", date(2026, 1, 31), date(2027, 2, 1)),
        ("import_file", date(2026, 11, 30), date(2027, 3, 1)),
        ("legal_entity", date(1990, 1, 1), None),
        ("vigilance_paper", None, None),
    ],
)
def test_a_thing_may_be_erased_the_day_after_its_period(
    code: str, starts_on: date | None, expected: date | None
) -> None:
    assert first_erasable_on(code, starts_on) == expected


def test_an_invoice_counts_from_the_close_of_its_year() -> None:
    issued_on = date(2016, 7, 1)
    close = year_close(issued_on, year_end=YearEnd(6, 30))
    assert first_erasable_on("invoice", close) == date(2027, 7, 1)


def test_an_unknown_rule_is_an_error_never_a_period_of_zero() -> None:
    with pytest.raises(ValueError, match="unknown"):
        first_erasable_on("unknown", date(2020, 1, 1))


@pytest.mark.parametrize(
    ("today", "on_hold", "standing", "overdue"),
    [
        (date(2026, 6, 30), False, Standing.RUNNING, 0),
        (date(2026, 7, 1), False, Standing.DUE, 0),
        (date(2026, 7, 2), False, Standing.OVERDUE, 1),
        (date(2026, 7, 31), False, Standing.OVERDUE, 30),
        (date(2026, 7, 31), True, Standing.HELD, 0),
        (date(2026, 6, 30), True, Standing.HELD, 0),
    ],
)
def test_where_a_thing_stands_follows_from_the_day(
    today: date, on_hold: bool, standing: Standing, overdue: int
) -> None:
    found = prospect("contract", date(2021, 6, 30), today=today, on_hold=on_hold)
    assert (found.standing, found.days_overdue) == (standing, overdue)
    assert found.first_erasable_on == date(2026, 7, 1)


def test_the_identity_of_a_company_is_kept_whatever_the_day() -> None:
    found = prospect("legal_entity", date(1990, 1, 1), today=date(2200, 1, 1), on_hold=False)
    assert (found.standing, found.is_erasable) == (Standing.KEPT, False)


def test_a_relationship_whose_end_nobody_confirmed_never_expires() -> None:
    ended = Relationship(ended_on=date(2010, 1, 1))
    found = prospect("contract", ended.clock_starts_on, today=date(2200, 1, 1), on_hold=False)
    assert (found.standing, found.is_erasable) == (Standing.NOT_STARTED, False)


@pytest.mark.parametrize(
    ("resumed_on", "expected"),
    [
        (None, date(2021, 6, 30)),
        (date(2021, 7, 1), None),
        (date(2021, 6, 30), date(2021, 6, 30)),
        (date(2020, 1, 1), date(2021, 6, 30)),
    ],
)
def test_a_relationship_that_is_resumed_cancels_the_clock(
    resumed_on: date | None, expected: date | None
) -> None:
    ended = Relationship(date(2021, 6, 30), confirmed=True, resumed_on=resumed_on)
    assert ended.clock_starts_on == expected


def test_a_shared_paper_goes_with_the_last_relationship() -> None:
    first = Relationship(date(2021, 6, 30), confirmed=True)
    second = Relationship(date(2023, 1, 31), confirmed=True)
    assert shared_start([first, second]) == date(2023, 1, 31)
    assert shared_start([first, Relationship()]) is None
    assert shared_start([first, Relationship(date(2023, 1, 31))]) is None
    assert shared_start([]) is None


@pytest.mark.parametrize("code", list(RuleCode))
def test_every_line_of_the_schedule_says_how_long_from_when_and_why(code: RuleCode) -> None:
    rule = SCHEDULE[code]
    assert rule.basis
    assert rule.label
    assert rule.start in START_TEXTS
    has_period = bool(rule.years or rule.months)
    assert has_period is (rule.start not in {Start.NEVER, Start.PURPOSE_DONE})


def test_the_periods_are_those_that_were_decided() -> None:
    periods = {
        code.value: (rule.years, rule.start.value)
        for code, rule in SCHEDULE.items()
        if code.value in {"vigilance_paper", "contract", "invoice", "bank_details"}
        or code.value in {"rights_request", "contact"}
    }
    assert periods == {
        "vigilance_paper": (5, "relationship_end"),
        "contract": (5, "relationship_end"),
        "contact": (5, "relationship_end"),
        "invoice": (10, "year_close"),
        "bank_details": (10, "year_close"),
        "rights_request": (3, "request_closed"),
    }


@given(CODES, DAYS, st.integers(-4000, 4000))
def test_nothing_is_erasable_a_day_early(code: RuleCode, starts_on: date, offset: int) -> None:
    rule = SCHEDULE[code]
    today = starts_on + timedelta(days=offset)
    found = prospect(code, starts_on, today=today, on_hold=False)
    if found.is_erasable:
        assert today > add_months(add_years(starts_on, rule.years), rule.months)
        assert today > starts_on
    elif rule.start is not Start.NEVER:
        assert today <= add_months(add_years(starts_on, rule.years), rule.months)


@given(CODES, DAYS, DAYS)
def test_a_hold_always_wins(code: RuleCode, starts_on: date, today: date) -> None:
    assert not prospect(code, starts_on, today=today, on_hold=True).is_erasable


@given(CODES, DAYS, DAYS)
def test_a_later_start_is_never_erasable_earlier(code: RuleCode, one: date, other: date) -> None:
    early, late = sorted((one, other))
    first, second = first_erasable_on(code, early), first_erasable_on(code, late)
    assert (first is None) == (second is None)
    assert first is None or second is None or first <= second


@given(st.lists(st.none() | DAYS, max_size=4))
def test_a_shared_start_waits_for_everyone(starts: list[date | None]) -> None:
    found = latest(starts)
    if found is None:
        assert not starts or None in starts
    else:
        assert all(day is not None and day <= found for day in starts)
