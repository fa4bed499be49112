"""The clock of a rights request."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.kernel.calendar import is_working_day
from supplier.kernel.clock import add_months
from supplier.privacy.rights import (
    ALLOWED,
    GROUNDS,
    RIGHTS,
    RefusalGround,
    RequestState,
    Right,
    answer_due_on,
    clock,
    erasure_ground,
    extended_due_on,
    extension_objection,
    refusal_objection,
)

RECEIVED = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("received_on", "due_on"),
    [
        (date(2026, 11, 23), date(2026, 12, 23)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2025, 1, 31), date(2025, 2, 28)),
        (date(2026, 1, 31), date(2026, 3, 2)),  # 28 February 2026 is a Saturday
        (date(2026, 11, 25), date(2026, 12, 28)),  # Christmas Day is a Friday
        (date(2026, 4, 1), date(2026, 5, 4)),  # 1 May is a Friday
        (date(2026, 10, 11), date(2026, 11, 12)),  # Armistice Day
        (date(2026, 12, 1), date(2027, 1, 4)),  # New Year's Day is a Friday
    ],
)
def test_an_answer_is_due_in_one_month_on_a_worked_day(received_on: date, due_on: date) -> None:
    assert answer_due_on(received_on) == due_on


@pytest.mark.parametrize(
    ("received_on", "due_on"),
    [(date(2026, 11, 23), date(2027, 2, 23)), (date(2026, 11, 30), date(2027, 3, 1))],
)
def test_an_extension_gives_three_months_from_receipt(received_on: date, due_on: date) -> None:
    assert extended_due_on(received_on) == due_on


@pytest.mark.parametrize(
    ("state", "notified_on", "reason", "possible"),
    [
        ("open", date(2026, 12, 22), "Many files", True),
        ("open", date(2026, 12, 23), "Many files", False),
        ("open", date(2027, 1, 5), "Many files", False),
        ("open", date(2026, 12, 1), "  ", False),
        ("extended", date(2026, 12, 1), "Many files", False),
        ("answered", date(2026, 12, 1), "Many files", False),
    ],
)
def test_an_extension_is_announced_before_the_first_month_ends(
    state: str, notified_on: date, reason: str, possible: bool
) -> None:
    found = extension_objection(
        state=state, received_on=RECEIVED, notified_on=notified_on, reason=reason
    )
    assert (found is None) is possible


@pytest.mark.parametrize(
    ("right", "ground", "applies"),
    [
        ("erasure", "legal_obligation", True),
        ("access", "legal_obligation", False),
        ("erasure", "legal_claims", True),
        ("rectification", "legal_claims", False),
        ("access", "rights_of_others", True),
        ("objection", "identity_not_established", True),
    ],
)
def test_a_ground_refuses_only_the_rights_of_its_article(
    right: str, ground: str, applies: bool
) -> None:
    assert (refusal_objection(right=right, ground=ground) is None) is applies


@pytest.mark.parametrize(
    ("today", "days_left", "late", "extend_until"),
    [
        (date(2026, 11, 23), 30, False, date(2026, 12, 22)),
        (date(2026, 12, 22), 1, False, date(2026, 12, 22)),
        (date(2026, 12, 23), 0, False, None),
        (date(2026, 12, 24), -1, True, None),
    ],
)
def test_the_clock_of_an_open_request(
    today: date, days_left: int, late: bool, extend_until: date | None
) -> None:
    found = clock(answer_due_on(RECEIVED), state="open", received_on=RECEIVED, today=today)
    assert (found.days_left, found.is_late, found.extend_until) == (days_left, late, extend_until)
    assert not found.is_closed


@pytest.mark.parametrize(
    ("closed_on", "late"), [(date(2026, 12, 23), False), (date(2026, 12, 24), True)]
)
def test_a_closed_request_is_judged_on_the_day_it_was_closed(closed_on: date, late: bool) -> None:
    found = clock(
        answer_due_on(RECEIVED),
        state="answered",
        received_on=RECEIVED,
        today=date(2027, 6, 1),
        closed_on=closed_on,
    )
    assert (found.is_closed, found.is_late, found.extend_until) == (True, late, None)


def test_an_erasure_waits_for_the_end_of_the_period() -> None:
    first = date(2031, 7, 1)
    assert erasure_ground(first, today=date(2031, 6, 30)) is RefusalGround.LEGAL_OBLIGATION
    assert erasure_ground(first, today=first) is None
    assert erasure_ground(None, today=first) is RefusalGround.LEGAL_OBLIGATION


def test_the_tables_are_complete() -> None:
    assert set(RIGHTS) == set(Right)
    assert set(GROUNDS) == set(RefusalGround)
    assert set(ALLOWED) == set(RequestState)
    assert {(start, end) for start, ends in ALLOWED.items() for end in ends} == {
        ("open", "extended"),
        ("open", "answered"),
        ("open", "refused"),
        ("extended", "answered"),
        ("extended", "refused"),
    }


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_due_day_is_worked_and_never_shorter_than_the_law_says(received_on: date) -> None:
    for due_on, months in ((answer_due_on(received_on), 1), (extended_due_on(received_on), 3)):
        assert is_working_day(due_on)
        assert add_months(received_on, months) <= due_on
        assert due_on <= add_months(received_on, months) + timedelta(days=4)
