"""What coverage tells of a supplier: days owed and covered, papers due and when they came."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.evaluation.measuring import (
    Duty,
    PaperDates,
    days_covered,
    deliveries,
    gap_since,
    window_of,
)
from supplier.evaluation.scoring import DaysCovered, Delivery
from supplier.vigilance.coverage import Interval, IntervalState
from supplier.vigilance.spans import Span

S = IntervalState
QUARTER = Span(date(2026, 7, 1), date(2026, 9, 30))
LONG_AGO = date(2025, 1, 1)


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def duty(*intervals: tuple[date, date, IntervalState, str | None], asked: date = LONG_AGO) -> Duty:
    return Duty(
        "Kbis", tuple(Interval(Span(a, b), state, paper) for a, b, state, paper in intervals), asked
    )


RENEWED_LATE = duty(
    (day(1, 1), day(7, 31), S.COVERED, "a"),
    (day(8, 1), day(8, 10), S.LATE, "b"),
    (day(8, 11), day(12, 31), S.COVERED, "b"),
)
PAPERS = {
    "a": PaperDates(day(1, 1), day(7, 31)),
    "b": PaperDates(day(8, 11), day(12, 31)),
    "c": PaperDates(day(7, 20), day(12, 31)),
}


def test_days_between_two_papers_are_owed_and_not_covered() -> None:
    assert days_covered([RENEWED_LATE], window=QUARTER) == (DaysCovered("Kbis", 82, 92),)


def test_a_late_paper_is_one_delivery_with_its_day() -> None:
    assert deliveries([RENEWED_LATE], PAPERS, window=QUARTER) == (
        Delivery("Kbis", day(8, 1), day(8, 11)),
    )


def test_a_paper_that_came_before_the_end_of_the_other_was_due_at_that_end() -> None:
    early = duty((day(1, 1), day(7, 19), S.COVERED, "a"), (day(7, 20), day(12, 31), S.COVERED, "c"))
    assert deliveries([early], PAPERS, window=QUARTER) == (Delivery("Kbis", day(8, 1), day(7, 20)),)


def test_an_open_gap_is_a_paper_that_has_not_come() -> None:
    absent = duty((day(1, 1), day(7, 31), S.COVERED, "a"), (day(8, 1), day(9, 30), S.GAP, None))
    assert deliveries([absent], PAPERS, window=QUARTER) == (Delivery("Kbis", day(8, 1), None),)
    assert days_covered([absent], window=QUARTER) == (DaysCovered("Kbis", 31, 92),)


@pytest.mark.parametrize("state", [S.PENDING, S.TO_VERIFY])
def test_days_that_wait_for_us_count_neither_way_and_the_paper_is_in_time(
    state: IntervalState,
) -> None:
    waiting = duty((day(1, 1), day(7, 31), S.COVERED, "a"), (day(8, 1), day(9, 30), state, "c"))
    assert days_covered([waiting], window=QUARTER) == (DaysCovered("Kbis", 31, 31),)
    assert deliveries([waiting], PAPERS, window=QUARTER) == (
        Delivery("Kbis", day(8, 1), day(7, 20)),
    )


def test_waived_days_are_not_owed() -> None:
    waived = duty((day(7, 1), day(9, 30), S.WAIVED, None))
    assert days_covered([waived], window=QUARTER) == ()
    assert deliveries([waived], PAPERS, window=QUARTER) == ()


def test_nobody_is_late_before_being_asked() -> None:
    new = duty(
        (day(7, 1), day(8, 10), S.GAP, None), (day(8, 11), day(9, 30), S.COVERED, "b"),
        asked=day(8, 5),
    )  # fmt: skip
    assert deliveries([new], PAPERS, window=QUARTER) == (Delivery("Kbis", day(8, 5), day(8, 11)),)


def test_one_paper_for_two_companies_is_one_delivery() -> None:
    assert len(deliveries([RENEWED_LATE, RENEWED_LATE], PAPERS, window=QUARTER)) == 1


def test_what_fell_due_outside_the_period_is_not_of_it() -> None:
    assert deliveries([RENEWED_LATE], PAPERS, window=Span(day(9, 1), day(9, 30))) == ()


@pytest.mark.parametrize(
    ("today", "last"),
    [(day(7, 1), None), (day(7, 2), day(7, 1)), (day(10, 5), day(9, 30))],
)
def test_only_days_that_are_over_are_judged(today: date, last: date | None) -> None:
    found = window_of(QUARTER.first, QUARTER.last, today=today)
    assert (found.last if found else None) == last


STATES = st.lists(st.sampled_from(list(S)), min_size=1, max_size=8)


@given(STATES, st.integers(1, 40))
def test_never_more_days_covered_than_owed_nor_owed_than_there_are(
    states: list[IntervalState], length: int
) -> None:
    start, intervals = day(6, 20), []
    for number, state in enumerate(states):
        end = start + timedelta(days=length - 1)
        intervals.append((start, end, state, f"p{number}"))
        start = end + timedelta(days=1)
    for found in days_covered([duty(*intervals)], window=QUARTER):
        assert 0 <= found.covered <= found.owed <= QUARTER.days
    for one in deliveries([duty(*intervals)], {}, window=QUARTER):
        assert one.due_on in QUARTER


MISSING = (day(8, 11), day(12, 31), S.GAP, None)


@pytest.mark.parametrize(
    ("duties", "since"),
    [
        ([], None),
        ([RENEWED_LATE], None),
        ([duty((day(1, 1), day(8, 10), S.COVERED, "a"), MISSING)], day(8, 11)),
        # Days of grace and the gap after them go without a paper alike.
        ([duty((day(8, 1), day(8, 10), S.LATE, None), MISSING)], day(8, 1)),
        # The oldest of several.
        ([duty(MISSING), duty((day(7, 5), day(12, 31), S.GAP, None))], day(7, 5)),
        # A gap that was closed is past, one that is to come is not there yet.
        ([duty((day(1, 1), day(8, 10), S.GAP, None), (day(8, 11), day(12, 31), S.COVERED, "a"))],
         None),
        ([duty((day(1, 1), day(9, 30), S.COVERED, "a"), (day(10, 1), day(12, 31), S.GAP, None))],
         None),
        # Handed in, or released from it: nothing is missing on their side.
        ([duty((day(1, 1), day(12, 31), S.PENDING, "a"))], None),
        ([duty((day(1, 1), day(12, 31), S.WAIVED, None))], None),
        ([duty((day(1, 1), day(8, 10), S.WAIVED, None), MISSING)], day(8, 11)),
    ],
)  # fmt: skip
def test_the_oldest_gap_that_is_open_on_the_day(duties: list[Duty], since: date | None) -> None:
    assert gap_since(duties, judged_on=QUARTER.last) == since
