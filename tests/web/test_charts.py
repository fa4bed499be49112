"""Charts: what the numbers say is what the drawing shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.web.charts import (
    CurveMark,
    Item,
    Point,
    Week,
    draw_bars,
    draw_columns,
    draw_curve,
    draw_horizon,
)
from supplier.web.cloud import Spot, draw_cloud

MONDAY = date(2026, 11, 23)


def weeks(*euros: int) -> list[Week]:
    return [
        Week(MONDAY + timedelta(weeks=i), Decimal(amount), 1 if amount else 0, open_now=i == 0)
        for i, amount in enumerate(euros)
    ]


def test_a_week_is_as_tall_as_its_euros() -> None:
    first, second, third = draw_horizon(weeks(100, 50, 0), locale="fr").bars
    assert first.height == 2 * second.height
    assert third.height == 0


def test_a_small_sum_is_still_seen() -> None:
    assert draw_horizon(weeks(1_000_000, 1), locale="fr").bars[1].height >= 4


def test_a_supplier_without_euros_still_has_a_bar() -> None:
    gap = Week(MONDAY, Decimal(0), 2)
    assert draw_horizon([gap], locale="fr").bars[0].height > 0


def test_the_heaviest_week_to_come_is_not_the_open_one() -> None:
    drawn = draw_horizon(weeks(900, 50, 80), locale="fr")
    assert drawn.highest is not None
    assert drawn.highest.euros == 80


def test_no_week_to_come_has_no_heaviest() -> None:
    assert draw_horizon(weeks(900, 0), locale="fr").highest is None
    assert draw_horizon([], locale="fr").highest is None


def test_ticks_name_the_month_when_it_changes() -> None:
    ticks = [bar.tick for bar in draw_horizon(weeks(1, 1, 1), locale="fr").bars]
    assert ticks == ["23\u00a0nov.", "30", "7\u00a0déc."]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=26))
def test_written_amounts_never_touch(euros: list[int]) -> None:
    drawn = draw_horizon(weeks(*euros), locale="fr")
    named = [bar for bar in drawn.bars if bar.named]
    gaps = [b.x - a.x for a, b in pairwise(named)]
    assert all(gap * 9 >= 74 for gap in gaps)


@given(st.lists(st.integers(0, 10**6), max_size=26))
def test_bars_stay_on_the_sheet(euros: list[int]) -> None:
    drawn = draw_horizon(weeks(*euros), locale="fr")
    assert all(bar.x >= 0 and bar.x + bar.width <= 100.01 for bar in drawn.bars)
    assert all(0 <= bar.height <= drawn.baseline for bar in drawn.bars)


def test_a_curve_goes_from_edge_to_edge() -> None:
    drawn = draw_curve([Point("a", 0), Point("b", 10)], height=64)
    assert drawn.line == "M0 60L1000 4"
    assert drawn.area == "M0 60L1000 4V64H0z"


def test_an_unknown_value_breaks_the_curve() -> None:
    drawn = draw_curve([Point("a", 1), Point("b", None), Point("c", 2), Point("d", 3)])
    assert drawn.line.count("M") == 2
    assert "nan" not in drawn.line


def test_what_changes_at_once_is_drawn_in_steps() -> None:
    assert "L" not in draw_curve([Point("a", 9), Point("b", 4)], stepped=True).line


@pytest.mark.parametrize("points", [[], [Point("a", None)], [Point("a", 5)], [Point("a", 0)] * 3])
def test_a_curve_of_little_is_no_error(points: list[Point]) -> None:
    draw_curve(points, levels=(0,))


def test_a_note_stands_above_its_neighbours() -> None:
    drawn = draw_curve([Point("a", 10), Point("b", 0, note="creux"), Point("c", 10)], height=100)
    assert drawn.marks[0].y <= 10


def test_the_longest_bar_fills_its_room() -> None:
    drawn = draw_bars([Item("a", 47, "47 %"), Item("b", 23.5, "23,5 %"), Item("c", None, "–")])
    assert [bar.length for bar in drawn.bars] == [100, 50, 0]
    assert drawn.height == 3 * 38


def test_columns_share_one_scale() -> None:
    drawn = draw_columns([Item("T1", 81, "81"), Item("T2", None, "non noté"), Item("T3", 50, "50")])
    assert [bar.length for bar in drawn.bars] == [81, 0, 50]


def test_dear_and_weak_suppliers_are_told_apart() -> None:
    spots = [
        Spot("dear, weak", Decimal(200_000), 54),
        Spot("dear, good", Decimal(200_000), 94),
        Spot("cheap, weak", Decimal(9_000), 54),
    ]
    assert [p.spot.label for p in draw_cloud(spots).spots if p.weak] == ["dear, weak"]


def test_better_is_higher_and_dearer_is_further_right() -> None:
    low, high = Spot("low", Decimal(1_000), 50), Spot("high", Decimal(900_000), 99)
    places = {p.spot.label: p for p in draw_cloud([low, high]).spots}
    assert places["high"].y < places["low"].y
    assert places["high"].x > places["low"].x


@given(
    st.lists(
        st.builds(
            Spot,
            st.text("abc ", min_size=1, max_size=40),
            st.decimals(0, 10**7, places=2),
            st.floats(0, 100, width=32),
            named=st.booleans(),
        ),
        max_size=12,
    )
)
def test_no_name_in_the_cloud_covers_another_name_a_spot_or_a_line(spots: list[Spot]) -> None:
    drawn = draw_cloud(spots)
    names = [p.name for p in drawn.spots if p.name]
    for index, one in enumerate(names):
        left, right, base = extent(one)
        assert left >= 6
        assert right <= 100
        assert right < drawn.split_x or left > drawn.split_x
        assert not base - 11 < drawn.split_y < base + 4
        for spot in drawn.spots:
            share = spot.radius / 460 * 100
            beside = right < spot.x - share or left > spot.x + share
            assert beside or base + 4 <= spot.y - spot.radius or base - 11 >= spot.y + spot.radius
        for other in names[index + 1 :]:
            start, end, line = extent(other)
            assert right < start or left > end or abs(base - line) >= 15


def extent(mark: CurveMark) -> tuple[float, float, float]:
    width = len(mark.words) * 6.0 / 460 * 100
    left = mark.x - width * {"start": 0, "middle": 0.5, "end": 1}[mark.anchor]
    return left, left + width, mark.y


def test_names_far_from_their_spot_are_tied_to_it() -> None:
    crowd = [Spot("Menuiserie Lebrun et Fils", Decimal(114_575), 61) for _ in range(4)]
    ties = [(p.y, p.name.y, p.tie) for p in draw_cloud(crowd).spots if p.name]
    assert any(tie is not None for _, _, tie in ties)
    assert all((tie is not None) == (abs(y - name) > 34) for y, name, tie in ties)


@pytest.mark.parametrize("scores", [(100.0, 0.0), (100.0, 95.0), (12.0,), ()])
def test_the_scale_of_scores_holds_the_line_that_cuts_the_cloud(scores: Sequence[float]) -> None:
    """Neither end of it cuts a spot in two, nor lets one cover the names of the quarters."""
    drawn = draw_cloud([Spot("s", Decimal(10**9), score) for score in scores])
    assert {70, 85, 100} <= {score for _, score in drawn.scores}
    assert 26 < drawn.split_y < drawn.height - 60
    for place in drawn.spots:
        assert place.y - place.radius > 26
        assert place.y + place.radius < drawn.height - 30 - 20


def test_names_that_would_cover_each_other_step_aside() -> None:
    close = [Spot(name, Decimal(200_000), 54) for name in ("Transports", "Menuiserie", "Voltéa")]
    assert len({p.name.y for p in draw_cloud(close).spots if p.name}) + 1 >= 3


@given(
    st.lists(
        st.builds(Spot, st.just("s"), st.decimals(0, 10**9, places=2), st.floats(0, 100, width=32)),
        max_size=20,
    )
)
def test_every_spot_stays_on_the_sheet(spots: list[Spot]) -> None:
    drawn = draw_cloud(spots)
    assert all(0 <= p.x <= 100 and 0 <= p.y <= drawn.height for p in drawn.spots)
