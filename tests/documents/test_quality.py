"""The measured error rate and what follows from it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.documents.quality import Level, Tally, tightened

levels = st.sampled_from(list(Level))
tallies = st.integers(0, 2000).flatmap(
    lambda read: st.integers(0, read).map(lambda wrong: Tally(read, wrong))
)


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(("wrong", "read", "low", "high"), [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718), (29, 29, 0.8830, 1.0),
])  # fmt: skip
def test_the_interval_is_wilson_s(wrong: int, read: int, low: float, high: float) -> None:
    assert Tally(read, wrong).interval == pytest.approx((low, high), abs=5e-5)


def test_what_was_not_measured_is_not_known() -> None:
    assert Tally().rate is None
    assert Tally().interval == (0.0, 1.0)


@given(tallies)
def test_the_measured_rate_lies_in_its_interval(tally: Tally) -> None:
    low, high = tally.interval
    assert 0 <= low <= high <= 1
    if tally.rate is not None:
        assert low <= tally.rate <= high


@given(levels, tallies, st.floats(0, 1))
def test_no_measure_ever_loosens(level: Level, tally: Tally, target: float) -> None:
    after = tightened(level, tally, target=target)
    assert after.strictness in {level.strictness, level.strictness + 1}


@given(levels, st.integers(0, 2000), st.floats(0, 1))
def test_no_error_changes_nothing(level: Level, read: int, target: float) -> None:
    assert tightened(level, Tally(read, 0), target=target) is level


@pytest.mark.parametrize(("level", "tally", "expected"), [
    (Level.SAMPLED, Tally(100, 1), Level.SAMPLED),
    (Level.SAMPLED, Tally(10, 1), Level.ALL),
    (Level.SAMPLED, Tally(100, 5), Level.ALL),
    (Level.ALL, Tally(100, 5), Level.PERSON),
    (Level.ALL, Tally(400, 2), Level.ALL),
    (Level.PERSON, Tally(10, 10), Level.PERSON),
])  # fmt: skip
def test_it_tightens_when_the_rate_is_certainly_over_one_percent(
    level: Level, tally: Tally, expected: Level
) -> None:
    assert tightened(level, tally, target=0.01) is expected


def test_a_machine_that_goes_wrong_is_found_out_within_some_hundred_readings() -> None:
    draw = random.Random(20261124)
    found = []
    for _ in range(50):
        tally, level = Tally(), Level.SAMPLED
        while level is Level.SAMPLED and tally.read < 1000:
            tally = Tally(tally.read + 1, tally.wrong + (draw.random() < 0.05))
            level = tightened(level, tally, target=0.01)
        found.append(tally.read)
    assert max(found) < 500
