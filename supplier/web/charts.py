"""Ordinary charts as places for SVG: weeks ahead, curve, bars, columns. Pure.

Two libraries were tried first (DESIGN.md section 10). pygal 3.1 writes a `<style>` and a
`<script>` into every drawing, even with all its switches off: our CSP refuses both. leather 0.4
writes colours and faces as attributes, without classes, on a fixed canvas of pixels: no dark
theme, and words that shrink with the drawing. Both lack a twin for readers who do not see. What
we need is small, so it is ours: shares of the width in per cent, words at their own size, classes
of the stylesheet, and the same facts as a table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supplier.kernel.day_words import lone_day, short_day

#: Width in pixels against which the words over bars are judged.
REFERENCE = 900.0
#: Room for an amount such as "184 300 €", in pixels.
AMOUNT = 74.0


@dataclass(frozen=True, slots=True)
class Week:
    """What opens in the week of Monday `start`: euros exposed and how many suppliers.

    `open_now` is the first bar, of gaps that are open already.
    """

    start: date
    euros: Decimal
    count: int
    open_now: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class WeekBar:
    """A week's bar; `named` says that its amount has room above it."""

    week: Week
    x: float
    width: float
    height: float
    tick: str
    month: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Horizon:
    """Weeks ahead. `baseline` is the y of the ground, in pixels."""

    bars: tuple[WeekBar, ...]
    baseline: float
    height: int

    @property
    def highest(self) -> Week | None:
        """The heaviest week to come, for the sentence; None when all is clear."""
        coming = [b.week for b in self.bars if not b.week.open_now and b.week.euros > 0]
        return max(coming, key=lambda week: week.euros, default=None)


def draw_horizon(weeks: Sequence[Week], *, locale: str, height: int = 152) -> Horizon:
    """Bars as tall as their euros, in the order given; a week with nothing has no bar."""
    baseline, tallest = height - 30.0, height - 68.0
    top = max((float(week.euros) for week in weeks), default=0.0)
    step = 100 / len(weeks) if weeks else 100
    named = _named(weeks, step=step, top=top)
    bars = []
    for index, week in enumerate(weeks):
        month = index == 0 or weeks[index - 1].start.month != week.start.month
        share = float(week.euros) / top if top else 0.0
        bars.append(
            WeekBar(
                week=week,
                x=round(index * step, 2),
                width=round(step * 0.845, 2),
                height=round(max(share * tallest, 4.0), 1) if week.count else 0.0,
                tick=(short_day if month else lone_day)(week.start, locale),
                month=month and not (index and index < 3),
                named=index in named,
            )
        )
    return Horizon(tuple(bars), baseline, height)


def _named(weeks: Sequence[Week], *, step: float, top: float) -> frozenset[int]:
    """The weeks whose amount is written: the heaviest first, where no neighbour's stands."""
    room = math.ceil(AMOUNT / (REFERENCE * step / 100))
    order = sorted(range(len(weeks)), key=lambda i: (-weeks[i].euros, i))
    chosen: set[int] = set()
    for index in order:
        heavy = float(weeks[index].euros) >= top * 0.08 and weeks[index].euros > 0
        if heavy and all(abs(index - other) >= room for other in chosen):
            chosen.add(index)
    return frozenset(chosen)


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a curve; None where nothing is known. `note` is written beside it."""

    label: str
    value: float | None
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CurveMark:
    """Words at a point: x in per cent, y in pixels."""

    x: float
    y: float
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Paths on a canvas 1000 wide and `height` high, stretched to the sheet."""

    points: tuple[Point, ...]
    area: str
    line: str
    marks: tuple[CurveMark, ...]
    levels: tuple[tuple[float, float], ...]
    height: int


def draw_curve(
    points: Sequence[Point],
    *,
    low: float | None = None,
    high: float | None = None,
    height: int = 64,
    head: int = 4,
    stepped: bool = False,
    levels: Sequence[float] = (),
) -> Curve:
    """A line with its ground, broken where a value is unknown; `stepped` for what changes at once.

    `low` and `high` bound the drawing (default: what the values need); `levels` are values at
    which a hairline is drawn, answered as `(value, y)`. `head` pixels stay free above.
    """
    known = [p.value for p in points if p.value is not None]
    bottom = low if low is not None else min(known, default=0.0)
    top = high if high is not None else max(known, default=1.0)
    span = (top - bottom) or 1.0

    def y(value: float) -> float:
        return round(head + (1 - (value - bottom) / span) * (height - head - 4), 1)

    last = max(len(points) - 1, 1)
    places = [
        None if p.value is None else (round(i * 1000 / last, 1), y(p.value))
        for i, p in enumerate(points)
    ]
    runs = _runs(places)
    return Curve(
        points=tuple(points),
        area="".join(_ground(run, height, stepped=stepped) for run in runs),
        line="".join(_path(run, stepped=stepped) for run in runs),
        marks=tuple(_marks(points, places)),
        levels=tuple((value, y(value)) for value in levels),
        height=height,
    )


Place = tuple[float, float]


def _runs(places: Sequence[Place | None]) -> list[list[Place]]:
    runs: list[list[Place]] = [[]]
    for place in places:
        if place is not None:
            runs[-1].append(place)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _path(run: Sequence[Place], *, stepped: bool) -> str:
    (x0, y0), rest = run[0], run[1:]
    if stepped:
        return f"M{x0:g} {y0:g}" + "".join(f"H{x:g}V{y:g}" for x, y in rest)
    return f"M{x0:g} {y0:g}" + "".join(f"L{x:g} {y:g}" for x, y in rest)


def _ground(run: Sequence[Place], height: int, *, stepped: bool) -> str:
    return f"{_path(run, stepped=stepped)}V{height}H{run[0][0]:g}z"


def _marks(points: Sequence[Point], places: Sequence[Place | None]) -> list[CurveMark]:
    marks = []
    for index, (point, place) in enumerate(zip(points, places, strict=True)):
        if point.note and place:
            x = round(place[0] / 10, 2)
            anchor = "start" if x < 12 else "end" if x > 88 else "middle"
            # Above the neighbours too: words are wider than a step.
            around = [p[1] for p in places[max(index - 1, 0) : index + 2] if p]
            marks.append(CurveMark(x, max(min(around) - 7, 10), point.note, anchor))
    return marks


@dataclass(frozen=True, slots=True)
class Item:
    """A name, its value (None: not known) and that value in the reader's words."""

    label: str
    value: float | None
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ItemBar:
    """`length` is per cent of the room for bars, or per cent of the height for columns."""

    item: Item
    place: float
    length: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars (`place` in pixels from the top) or columns (`place` in per cent)."""

    bars: tuple[ItemBar, ...]
    height: int
    width: float = 0.0


def draw_bars(items: Sequence[Item], *, row: int = 38) -> Bars:
    """Bars under their names in the order given, the longest filling its room; unknown: none."""
    top = max((item.value or 0.0 for item in items), default=0.0) or 1.0
    bars = tuple(
        ItemBar(item, float(i * row), round((item.value or 0.0) / top * 100, 2))
        for i, item in enumerate(items)
    )
    return Bars(bars, height=row * len(items))


def draw_columns(items: Sequence[Item], *, high: float = 100.0, height: int = 84) -> Bars:
    """Columns over a common scale up to `high` (scores of periods); the last one is the news."""
    step = 100 / len(items) if items else 100.0
    bars = tuple(
        ItemBar(item, round(i * step, 2), round(min((item.value or 0.0) / high, 1.0) * 100, 2))
        for i, item in enumerate(items)
    )
    return Bars(bars, height=height, width=round(step * 0.75, 2))
