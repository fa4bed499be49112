"""Scores: bounded, explained, and silent where there is nothing to judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.evaluation.scoring import (
    DEFAULT_GRID,
    GAP_CAP,
    GRADES,
    CriterionSpec,
    DaysCovered,
    Delivery,
    Grade,
    Mark,
    Source,
    SupplierFacts,
    check_grid,
    grade_of,
    score,
)
from supplier.kernel.errors import DomainError

JUDGED = date(2026, 6, 30)
GRID = (
    CriterionSpec("coverage", "Coverage", Source.COVERAGE, 50),
    CriterionSpec("punctuality", "Punctuality", Source.PUNCTUALITY, 30),
    CriterionSpec("quality", "Quality", Source.MANUAL, 20),
)
DUE = date(2026, 3, 1)


def delivery(days_late: int | None) -> Delivery:
    received_on = None if days_late is None else DUE + timedelta(days=days_late)
    return Delivery("registration", DUE, received_on)


def mark(value: int, criterion: str = "quality") -> Mark:
    return Mark(criterion, value, "Bon travail", "Denise", JUDGED)


FULL = SupplierFacts(
    judged_on=JUDGED,
    deliveries=(delivery(0), delivery(15)),
    days=(DaysCovered("registration", 90, 100), DaysCovered("tax", 60, 100)),
    marks=(mark(80), mark(60)),
)


def test_a_score_is_the_weighted_mean_of_its_criteria() -> None:
    found = score(GRID, FULL)
    marks = {one.criterion.code: one.rounded for one in found.criteria}
    assert marks == {"coverage": 75, "punctuality": 75, "quality": 70}
    assert (found.value, found.grade) == (74, Grade.B)


def test_each_figure_lists_its_evidence() -> None:
    coverage, punctuality, quality = score(GRID, FULL).criteria
    assert [line.values["covered"] for line in coverage.evidence] == [90, 60]
    assert [line.values["days"] for line in punctuality.evidence] == [0, 15]
    assert quality.evidence[0].values == {
        "mark": 80,
        "by": "Denise",
        "on": "2026-06-30",
        "comment": "Bon travail",
    }
    assert quality.as_json()["mark"] == 70


def test_what_has_no_data_is_not_rated_and_the_rest_weighs_more() -> None:
    found = score(GRID, replace(FULL, days=(), marks=()))
    assert [one.mark is None for one in found.criteria] == [True, False, True]
    assert [one.share for one in found.criteria] == [0, 1, 0]
    assert found.value == 75
    assert "Not rated" in found.criteria[0].evidence[0].message


def test_without_any_data_there_is_no_score() -> None:
    found = score(GRID, SupplierFacts(judged_on=JUDGED))
    assert (found.value, found.grade) == (None, None)


def test_days_owed_of_zero_are_no_data() -> None:
    found = score(GRID[:1], SupplierFacts(JUDGED, days=(DaysCovered("registration", 0, 0),)))
    assert found.value is None


@pytest.mark.parametrize(
    ("late", "expected"),
    [(-10, 100), (0, 100), (1, 97), (3, 90), (15, 50), (29, 3), (30, 0), (90, 0), (None, 0)],
)
def test_a_late_paper_loses_by_the_day(late: int | None, expected: int) -> None:
    assert score(GRID[1:2], SupplierFacts(JUDGED, (delivery(late),))).value == expected


def test_a_paper_not_due_yet_does_not_count() -> None:
    to_come = Delivery("tax", JUDGED + timedelta(days=1))
    assert score(GRID[1:2], SupplierFacts(JUDGED, (to_come,))).value is None


def test_a_paper_that_came_after_the_period_had_not_come() -> None:
    late = Delivery("tax", JUDGED - timedelta(days=1), JUDGED + timedelta(days=1))
    found = score(GRID[1:2], SupplierFacts(JUDGED, (late,)))
    assert found.value == 0
    line = found.criteria[0].evidence[0]
    assert "not received" in line.message
    assert line.values["days"] == 1


@pytest.mark.parametrize(
    ("value", "grade"),
    [(100, "A"), (85, "A"), (84, "B"), (70, "B"), (69, "C"), (50, "C"), (49, "D"), (0, "D")],
)
def test_grades_have_their_floors(value: int, grade: str) -> None:
    assert grade_of(value).value == grade


@pytest.mark.parametrize(("value", "comment"), [(-1, "x"), (101, "x"), (50, ""), (50, "   ")])
def test_a_mark_is_bounded_and_explained(value: int, comment: str) -> None:
    with pytest.raises(DomainError):
        Mark("quality", value, comment, "Denise", JUDGED)


@pytest.mark.parametrize(
    "grid",
    [
        (),
        (replace(GRID[0], weight=0),),
        (replace(GRID[0], weight=-1), GRID[1]),
        (GRID[0], replace(GRID[1], code="coverage")),
    ],
)
def test_a_grid_that_cannot_weigh_is_refused(grid: tuple[CriterionSpec, ...]) -> None:
    with pytest.raises(DomainError):
        score(grid, FULL)


def test_a_criterion_without_weight_is_shown_and_does_not_count() -> None:
    grid = (GRID[0], replace(GRID[2], weight=0))
    assert score(grid, FULL).value == 75
    assert score(grid, replace(FULL, days=())).value is None


def test_the_default_grid_is_sound() -> None:
    check_grid(DEFAULT_GRID)
    assert sum(criterion.weight for criterion in DEFAULT_GRID) == 100
    assert [floor for floor, _ in GRADES] == sorted((f for f, _ in GRADES), reverse=True)


MARKS = st.integers(0, 100)
GRIDS = (
    st.lists(st.integers(0, 50), min_size=1, max_size=5)
    .filter(any)
    .map(
        lambda weights: tuple(
            CriterionSpec(f"c{at}", f"C{at}", Source.MANUAL, weight)
            for at, weight in enumerate(weights)
        )
    )
)
FACTS = st.builds(
    lambda late, days: SupplierFacts(
        JUDGED,
        tuple(delivery(each) for each in late),
        tuple(DaysCovered("r", min(pair), max(pair)) for pair in days),
    ),
    st.lists(st.none() | st.integers(-20, 100), max_size=5),
    st.lists(st.tuples(st.integers(0, 365), st.integers(0, 365)), max_size=4),
)


@given(FACTS, st.lists(MARKS, max_size=3))
def test_a_score_is_between_0_and_100_and_its_shares_make_a_whole(
    facts: SupplierFacts, marks: list[int]
) -> None:
    found = score(GRID, replace(facts, marks=tuple(mark(each) for each in marks)))
    assert found.value is None or 0 <= found.value <= 100
    assert sum(one.share for one in found.criteria) == (0 if found.value is None else 1)
    rated = [one.mark for one in found.criteria if one.mark is not None]
    if found.value is not None:
        assert min(rated) - Fraction(1, 2) <= found.value <= max(rated) + Fraction(1, 2)


@given(GRIDS, st.data())
def test_a_better_mark_never_lowers_the_score(
    grid: tuple[CriterionSpec, ...], data: st.DataObject
) -> None:
    marks = [mark(data.draw(MARKS), criterion.code) for criterion in grid]
    at = data.draw(st.integers(0, len(grid) - 1))
    better = list(marks)
    better[at] = replace(marks[at], value=data.draw(st.integers(marks[at].value, 100)))
    before = score(grid, SupplierFacts(JUDGED, marks=tuple(marks))).value
    after = score(grid, SupplierFacts(JUDGED, marks=tuple(better))).value
    assert before is not None
    assert after is not None
    assert before <= after


@given(FACTS, st.integers(0, 40), st.integers(0, 40))
def test_a_paper_that_comes_sooner_never_lowers_the_score(
    facts: SupplierFacts, one: int, other: int
) -> None:
    sooner, later = sorted((one, other))
    with_sooner = replace(facts, deliveries=(*facts.deliveries, delivery(sooner)))
    with_later = replace(facts, deliveries=(*facts.deliveries, delivery(later)))
    before, after = score(GRID, with_later).value, score(GRID, with_sooner).value
    assert before is not None
    assert after is not None
    assert before <= after


@pytest.mark.parametrize(
    ("marks", "gap_since", "value", "held"),
    [
        (100, None, 100, False),
        (100, JUDGED, GAP_CAP, True),
        (GAP_CAP + 1, JUDGED, GAP_CAP, True),
        (GAP_CAP, JUDGED, GAP_CAP, False),
        (20, JUDGED, 20, False),
    ],
)
def test_who_leaves_a_gap_open_is_never_among_the_good_ones(
    marks: int, gap_since: date | None, value: int, held: bool
) -> None:
    grid = (CriterionSpec("quality", "Quality", Source.MANUAL, 1),)
    facts = SupplierFacts(judged_on=JUDGED, marks=(mark(marks),), gap_since=gap_since)
    found = score(grid, facts)
    assert (found.value, found.held_since) == (value, gap_since if held else None)
    assert found.grade is grade_of(value)
    # What the score rests on stays as it is: the reader sees what was held down.
    assert found.criteria[0].rounded == marks


@pytest.mark.parametrize(
    ("facts", "rated"),
    [
        (FULL, 100),
        (replace(FULL, marks=()), 80),
        (replace(FULL, days=(), marks=()), 30),
        (replace(FULL, days=(), deliveries=(), marks=()), 0),
    ],
)
def test_a_score_says_on_how_much_of_the_grid_it_rests(facts: SupplierFacts, rated: int) -> None:
    assert score(GRID, facts).rated == rated
