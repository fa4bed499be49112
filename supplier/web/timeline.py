"""The coverage timeline: intervals of days turned into places in per cent. Pure; macros print it.

Left is past, the line is today, right is what happens if nobody acts. Positions are shares of
the width in per cent, so that the drawing stretches and its text does not. Whether a label has
room is decided here, against a reference width: the server cannot measure a screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.dates import format_date

from supplier.kernel.day_words import day_in
from supplier.web.intervals import DAY, GAPS, Interval, Row, State, combine, covered_share

#: Widths in pixels against which labels are judged: the narrowest desk drawing that shows
#: all its words, and a telephone. A letter of 12 px type is about 6.2 px wide.
WIDE, NARROW, LETTER = 620.0, 300.0, 6.2
#: A gap of one day in a window of years must still be seen.
THINNEST = 0.3
#: What ends with a strong stroke: a paper did.
CAPPED = frozenset({State.COVERED, State.EXPIRING, State.TO_VERIFY})


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a drawing shows, both included; turns days into per cent of the width."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a window holds at least two days")

    def x(self, day: date) -> float:
        """Where the morning of `day` stands, 0 to 100."""
        share = (day - self.start).days / ((self.end - self.start).days + 1)
        return round(min(max(share, 0.0), 1.0) * 100, 2)

    def shows(self, interval: Interval) -> bool:
        return interval.start <= self.end and interval.end >= self.start


@dataclass(frozen=True, slots=True)
class Mark:
    """Words above a bar. `anchor` is start or end; `wide` when a telephone has no room for them."""

    x: float
    anchor: str
    wide: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on the drawing. `inside` says that its label fits in the bar, from `label_x` on:
    its start, or the line of today where the words would lie under it."""

    interval: Interval
    x: float
    width: float
    capped: bool
    inside: bool
    label_x: float
    above: Mark | None
    tail: float | None

    @property
    def end(self) -> float:
        return round(self.x + self.width, 2)

    @property
    def state(self) -> State:
        return self.interval.state


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row with its bars; `row` keeps the facts for the sentence and the table."""

    row: Row
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A month's first day. `wide` ones are left out on a telephone."""

    x: float
    text: str
    wide: bool


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract's line: from `x` to `end`, with an end stroke when it ends inside the window."""

    x: float
    end: float
    starts_on: date | None
    ends_on: date | None
    ends_inside: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the macro prints. `covered_share` is 0 to 1 over past days, None without any."""

    window: Window
    ticks: tuple[Tick, ...]
    rows: tuple[DrawnRow, ...]
    total: tuple[Bar, ...]
    covered_share: float | None
    contract: Contract | None
    outside: tuple[tuple[float, float], ...]
    now: float | None
    now_text: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A timeline for one row of a list, 14 px high."""

    bars: tuple[Bar, ...]
    now: float | None


@dataclass(frozen=True, slots=True)
class DateMark:
    """A date to come. `kind` is a tone (ok, soon, bad, wait, none) or contract: a square."""

    on: date
    kind: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class DatesLine:
    """The line of next dates: month ticks and marks `(x, mark)`."""

    ticks: tuple[Tick, ...]
    marks: tuple[tuple[float, DateMark], ...]
    now: float
    first: date
    last: date


def draw_timeline(
    rows: Sequence[Row],
    *,
    window_start: date,
    window_end: date,
    today: date,
    contract_start: date | None = None,
    contract_end: date | None = None,
    locale: str = "fr",
) -> Timeline:
    """Place `rows` in the window (Paris dates, both ends included), with all of them together last.

    `contract_start` and `contract_end` (last day, None when open) draw the contract's line and
    grey out the days on which nothing is required. `locale` names months and days. Raises
    ValueError for a window of less than two days.
    """
    window = Window(window_start, window_end)
    total = combine(rows, today=today)
    since = max(window_start, contract_start or window_start)
    return Timeline(
        window=window,
        ticks=month_ticks(window, locale=locale),
        rows=tuple(DrawnRow(row, _bars(row.intervals, window=window, today=today)) for row in rows),
        total=_bars(total, window=window, today=today),
        covered_share=covered_share(total, since=since, until=min(today, contract_end or today)),
        contract=_contract(window, contract_start, contract_end),
        outside=_outside(window, contract_start, contract_end),
        now=_now(window, today),
        now_text=_weekday(today, locale),
    )


def draw_strip(
    intervals: Iterable[Interval], *, window_start: date, window_end: date, today: date
) -> Strip:
    """The small form: bars and today, no words; `combine(rows, today=…)` gives a whole supplier."""
    window = Window(window_start, window_end)
    return Strip(_bars(tuple(intervals), window=window, today=today), _now(window, today))


def draw_dates(marks: Sequence[DateMark], *, today: date, until: date, locale: str) -> DatesLine:
    """The line of dates to come, from today to `until`; marks outside are left out."""
    window = Window(today, until)
    inside = [mark for mark in sorted(marks, key=lambda m: m.on) if today <= mark.on <= until]
    return DatesLine(
        ticks=month_ticks(window, locale=locale),
        marks=tuple((window.x(mark.on), mark) for mark in inside),
        now=0.0,
        first=today,
        last=until,
    )


def month_ticks(window: Window, *, locale: str) -> tuple[Tick, ...]:
    """First days of months, of quarters beyond eighteen months, of years beyond five years.

    January carries the year. On a telephone one tick in three keeps its word.
    """
    months = (window.end.year - window.start.year) * 12 + window.end.month - window.start.month
    step = 1 if months <= 18 else 3 if months <= 60 else 12
    days = [day for day in _firsts(window) if (day.month - 1) % step == 0]
    return tuple(
        Tick(window.x(day), _month(day, locale) if window.x(day) < 97 else "", bool(index % 3))
        for index, day in enumerate(days)
    )


def _firsts(window: Window) -> Iterable[date]:
    day = window.start.replace(day=1)
    while day <= window.end:
        if day >= window.start:
            yield day
        day = (day.replace(day=28) + 4 * DAY).replace(day=1)


def _month(day: date, locale: str) -> str:
    return str(day.year) if day.month == 1 else format_date(day, "LLL", locale=locale)


def _weekday(day: date, locale: str) -> str:
    pattern = Locale.parse(locale).datetime_skeletons["MMMEd"]
    return day_in(str(pattern.pattern), day, locale)


def _now(window: Window, today: date) -> float | None:
    """The end of today: all that stands left of the line has happened."""
    return window.x(today + DAY) if window.start <= today <= window.end else None


def _contract(window: Window, start: date | None, end: date | None) -> Contract | None:
    if start is None and end is None:
        return None
    inside = end is not None and window.start <= end < window.end
    return Contract(
        x=window.x(start) if start else 0.0,
        end=window.x(end + DAY) if end else 100.0,
        starts_on=start,
        ends_on=end,
        ends_inside=inside,
    )


def _outside(
    window: Window, start: date | None, end: date | None
) -> tuple[tuple[float, float], ...]:
    areas = []
    if start and start > window.start:
        areas.append((0.0, window.x(start)))
    if end and end < window.end:
        areas.append((window.x(end + DAY), round(100 - window.x(end + DAY), 2)))
    return tuple(areas)


def _bars(intervals: Sequence[Interval], *, window: Window, today: date) -> tuple[Bar, ...]:
    shown = sorted((i for i in intervals if window.shows(i)), key=lambda i: (i.start, i.end))
    bars: list[Bar] = []
    free = {WIDE: 0.0, NARROW: 0.0}
    for interval in shown:
        x, end = window.x(interval.start), window.x(interval.end + DAY)
        above = _above(interval, x=x, end=end, free=free, today=today)
        label_x = _label_x(interval.label, x=x, end=end, now=_now(window, today))
        bars.append(
            Bar(
                interval=interval,
                x=x,
                width=round(max(end - x, THINNEST), 2),
                capped=interval.state in CAPPED and interval.end < window.end,
                inside=interval.state not in GAPS and _fits(interval.label, end - label_x),
                label_x=label_x,
                above=above,
                tail=_tail(interval, window),
            )
        )
    return tuple(bars)


def _room(label: str) -> float:
    """The share of the width, in per cent, that a label takes."""
    return (len(label) * LETTER + 14) / WIDE * 100


def _fits(label: str, width: float) -> bool:
    return bool(label) and _room(label) <= width


def _label_x(label: str, *, x: float, end: float, now: float | None) -> float:
    crossed = now is not None and x < now < min(end, x + _room(label))
    return now if crossed and now is not None else x


def _tail(interval: Interval, window: Window) -> float | None:
    later = interval.second_end
    return window.x(later + DAY) if later and later > interval.end < window.end else None


def _above(
    interval: Interval, *, x: float, end: float, free: dict[float, float], today: date
) -> Mark | None:
    """Where the words of a gap stand, or None without room. Takes the room it uses from `free`."""
    if interval.state not in GAPS or (interval.state is State.GAP_TO_COME and not interval.label):
        return None
    open_now = interval.state is State.GAP and interval.end >= today and x > 25
    anchor, at = ("end", end) if open_now or x > 84 else ("start", x)
    size = (len(interval.label) or 5) * LETTER + 10
    if not _takes(free, WIDE, at, size=size, anchor=anchor):
        return None
    small = interval.state is not State.GAP_TO_COME
    return Mark(at, anchor, wide=not (small and _takes(free, NARROW, at, size=size, anchor=anchor)))


def _takes(free: dict[float, float], room: float, at: float, *, size: float, anchor: str) -> bool:
    """Whether words `size` pixels long find room after those before them; if so, they take it."""
    share = size / room * 100
    left = at - share if anchor == "end" else at
    if left < free[room] or left + share > 104:
        return False
    free[room] = left + share
    return True
