"""Spans behave like sets of days."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.vigilance.spans import (
    OPEN,
    Span,
    after,
    count_days,
    holding,
    intersect,
    span_or_none,
    subtract,
    union,
)

START = date(2026, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def span(first: int, last: int) -> Span:
    return Span(day(first), day(last))


SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda at: span(at[0], at[0] + at[1])),
    max_size=6,
)


def as_set(spans: object) -> set[date]:
    return {
        one.first + timedelta(days=n)
        for one in spans  # type: ignore[attr-defined]
        for n in range(one.days)
    }


def test_an_empty_span_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Span(day(2), day(1))
    assert span_or_none(day(2), day(1)) is None
    assert span_or_none(day(2), None) == Span(day(2), OPEN)


def test_a_span_without_known_end_has_no_last_day() -> None:
    assert Span(day(0)).until is None
    assert subtract([Span(day(0))], [span(3, 5)]) == (span(0, 2), Span(day(6)))
    assert intersect([Span(day(3))], [Span(day(0))]) == (Span(day(3)),)
    assert after(OPEN) == OPEN


def test_touching_spans_are_one() -> None:
    assert union([span(3, 4), span(0, 2)]) == (span(0, 4),)
    assert union([span(0, 2), span(4, 5)]) == (span(0, 2), span(4, 5))


def test_a_day_is_found_in_its_span() -> None:
    assert holding([span(0, 2), span(4, 5)], day(5)) == span(4, 5)
    assert holding([span(0, 2), span(4, 5)], day(3)) is None


@given(SPANS, SPANS)
def test_the_arithmetic_is_that_of_sets(left: list[Span], right: list[Span]) -> None:
    assert as_set(union(left)) == as_set(left)
    assert as_set(intersect(left, right)) == as_set(left) & as_set(right)
    assert as_set(subtract(left, right)) == as_set(left) - as_set(right)
    assert count_days(left) == len(as_set(left))


@given(SPANS, SPANS)
def test_results_are_in_order_and_never_touch(left: list[Span], right: list[Span]) -> None:
    for result in (union(left), intersect(left, right), subtract(left, right)):
        assert all(one.last < other.first for one, other in pairwise(result))
    merged = union(left)
    assert all(after(one.last) < two.first for one, two in pairwise(merged))
