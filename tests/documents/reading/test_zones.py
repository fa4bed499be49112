"""A place on a page that was laid on the glass sideways or upside down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.documents.reading.zones import turned
from supplier.kernel.pages import Box

shares = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("turn", "there"),
    [
        (0, Box(0.1, 0.2, 0.4, 0.3)),
        (90, Box(0.7, 0.1, 0.8, 0.4)),
        (180, Box(0.6, 0.7, 0.9, 0.8)),
        (270, Box(0.2, 0.6, 0.3, 0.9)),
    ],
)
def test_a_zone_turns_with_its_page(turn: int, there: Box) -> None:
    found = turned(Box(0.1, 0.2, 0.4, 0.3), turn)
    assert [round(side, 9) for side in (found.x0, found.top, found.x1, found.bottom)] == [
        there.x0, there.top, there.x1, there.bottom,
    ]  # fmt: skip


@given(st.tuples(shares, shares, shares, shares))
def test_four_quarter_turns_bring_a_zone_home(sides: tuple[float, float, float, float]) -> None:
    box = home = Box(*sides)
    for _ in range(4):
        home = turned(home, 90)
    ends = zip((home.x0, home.top, home.x1, home.bottom), (box.x0, box.top, box.x1, box.bottom),
               strict=True)  # fmt: skip
    assert all(abs(one - other) < 1e-9 for one, other in ends)
