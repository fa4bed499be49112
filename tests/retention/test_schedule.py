"""Retention: never a day early, held when held, cancelled when work begins again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.contracts.terms import YearEnd, year_close
from supplier.kernel.clock import add_months, add_years
from supplier.retention import schedule
from supplier.retention.schedule import (
    SCHEDULE,
    START_TEXTS,
    Prospect,
    RuleCode,
    Standing,
    Start,
    first_erasable_on,
    prospect,
)

CODES = st.sampled_from(RuleCode)
DAYS = st.dates(date(2000, 1, 1), date(2080, 12, 31))
ERASABLE = {Standing.DUE, Standing.OVERDUE}


def stands(code: str, starts_on: date | None, *, today: date, on_hold: bool) -> Prospect:
    """Where a thing stands whose clock started on a day."""
    return prospect(code, first_erasable_on(code, starts_on), today=today, on_hold=on_hold)


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
    found = stands("contract", date(2021, 6, 30), today=today, on_hold=on_hold)
    assert (found.standing, found.days_overdue) == (standing, overdue)
    assert found.first_erasable_on == date(2026, 7, 1)


def test_the_identity_of_a_company_is_kept_whatever_the_day() -> None:
    found = stands("legal_entity", date(1990, 1, 1), today=date(2200, 1, 1), on_hold=False)
    assert found.standing is Standing.KEPT


def test_what_nobody_ended_is_never_erasable() -> None:
    found = stands("contract", None, today=date(2200, 1, 1), on_hold=False)
    assert found.standing is Standing.NOT_STARTED


@pytest.mark.parametrize("code", list(RuleCode))
def test_every_line_of_the_schedule_says_how_long_from_when_and_why(code: RuleCode) -> None:
    rule = SCHEDULE[code]
    assert rule.basis
    assert rule.label
    assert rule.start in START_TEXTS
    has_period = bool(rule.years or rule.months)
    assert has_period is (rule.start is not Start.NEVER)


def test_each_period_is_kept_by_a_part_that_erases() -> None:
    """The notice quotes the schedule: a line that nothing carries out would be a false promise."""
    folder = Path(schedule.__file__).parents[1]
    keepers = " ".join(path.read_text("utf-8") for path in folder.glob("*/keeping.py"))
    limited = [code for code, rule in SCHEDULE.items() if rule.start is not Start.NEVER]
    assert [code.value for code in limited if f'"{code.value}"' not in keepers] == []


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
    found = stands(code, starts_on, today=today, on_hold=False)
    if found.standing in ERASABLE:
        assert today > add_months(add_years(starts_on, rule.years), rule.months)
        assert today > starts_on
    elif rule.start is not Start.NEVER:
        assert today <= add_months(add_years(starts_on, rule.years), rule.months)


@given(CODES, DAYS, DAYS)
def test_a_hold_always_wins(code: RuleCode, starts_on: date, today: date) -> None:
    found = stands(code, starts_on, today=today, on_hold=True)
    assert found.standing not in ERASABLE


@given(CODES, DAYS, DAYS)
def test_a_later_start_is_never_erasable_earlier(code: RuleCode, one: date, other: date) -> None:
    early, late = sorted((one, other))
    first, second = first_erasable_on(code, early), first_erasable_on(code, late)
    assert (first is None) == (second is None)
    assert first is None or second is None or first <= second
