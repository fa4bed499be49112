"""Days in words: French counts the first of the month, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from supplier.kernel.day_words import day_in, held, instant_in, lone_day, long_day, short_day

FIRST, ELEVENTH = date(2026, 12, 1), date(2026, 12, 11)


@pytest.mark.parametrize(
    ("language", "first", "other"),
    [
        ("fr", "1er décembre 2026", "11 décembre 2026"),
        ("en", "1 December 2026", "11 December 2026"),
        ("de", "1. Dezember 2026", "11. Dezember 2026"),
    ],
)
def test_a_day_in_a_sentence(language: str, first: str, other: str) -> None:
    assert (long_day(FIRST, language), long_day(ELEVENTH, language)) == (first, other)


def test_the_first_is_counted_whatever_stands_around_it() -> None:
    assert short_day(FIRST, "fr") == "1er\u00a0déc."
    assert day_in("EEEE d MMMM yyyy", FIRST, "fr") == "mardi 1er décembre 2026"
    assert instant_in("d MMMM yyyy, HH:mm", datetime(2026, 12, 1, 8, 5, tzinfo=UTC), "fr") == (
        "1er décembre 2026, 08:05"
    )


@pytest.mark.parametrize(
    ("language", "short", "alone"),
    [("fr", "27\u00a0nov.", "27"), ("en", "27\u00a0Nov", "27"), ("de", "27.\u00a0Nov.", "27.")],
)
def test_a_short_day_holds_together_and_german_keeps_its_point(
    language: str, short: str, alone: str
) -> None:
    day = date(2026, 11, 27)
    assert (short_day(day, language), lone_day(day, language)) == (short, alone)


@pytest.mark.parametrize("text", ["7 février 2027", "1er mars", "3. März", "25 nov. 2026 10:16"])
def test_no_line_ends_between_a_day_and_its_month(text: str) -> None:
    assert held(text) == text.replace(" ", "\u00a0", 1)


@pytest.mark.parametrize("pattern", ["dd/MM/yyyy", "LLLL yyyy", "'d' MMM", "MMM"])
def test_a_pattern_without_the_number_of_the_day_stays(pattern: str) -> None:
    assert "er" not in day_in(pattern, FIRST, "fr")
