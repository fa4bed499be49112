"""The coverage timeline: days become places, states become one, words find room or stay away."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.vigilance import coverage
from supplier.vigilance.spans import Span
from supplier.web.intervals import (
    GRAVEST,
    Interval,
    Row,
    State,
    combine,
    covered_share,
    from_coverage,
)
from supplier.web.timeline import (
    DateMark,
    Window,
    draw_dates,
    draw_strip,
    draw_timeline,
    month_ticks,
)
from tests.web import guide

DAY = timedelta(days=1)
JAN = date(2026, 1, 1)
TODAY = date(2026, 6, 15)


def interval(first: int, days: int, state: State, label: str = "") -> Interval:
    """From the `first` day of 2026 (0 is 1 January), `days` long."""
    start = JAN + first * DAY
    return Interval(start, start + (days - 1) * DAY, state, label)


def row(*intervals: Interval) -> Row:
    return Row("Vigilance", "6 mois", tuple(intervals))


def year(*intervals: Interval, today: date = TODAY, **more: object):  # type: ignore[no-untyped-def]
    return draw_timeline(
        [row(*intervals)], window_start=JAN, window_end=date(2026, 12, 31), today=today, **more
    )


intervals = st.builds(
    interval,
    st.integers(-200, 500),
    st.integers(1, 300),
    st.sampled_from(State),
    st.sampled_from(["", "jusqu’au 3 nov.", "20 j, 46 850 €"]),
)


def test_a_day_stands_where_its_share_of_the_window_is() -> None:
    window = Window(date(2026, 1, 1), date(2026, 1, 10))
    assert window.x(date(2026, 1, 1)) == 0
    assert window.x(date(2026, 1, 6)) == 50
    assert window.x(date(2026, 1, 11)) == 100


def test_a_day_outside_stands_at_the_edge() -> None:
    window = Window(date(2026, 1, 1), date(2026, 1, 10))
    assert (window.x(date(2025, 1, 1)), window.x(date(2030, 1, 1))) == (0, 100)


def test_the_last_good_day_belongs_to_the_bar() -> None:
    (bar,) = year(interval(0, 365, State.COVERED)).rows[0].bars
    assert (bar.x, bar.end) == (0, 100)


def test_the_line_of_today_stands_after_today() -> None:
    """A gap up to today and a gap from tomorrow meet at the line."""
    drawn = year(
        Interval(date(2026, 6, 1), TODAY, State.GAP),
        Interval(TODAY + DAY, date(2026, 7, 1), State.GAP_TO_COME),
    )
    past, coming = drawn.rows[0].bars
    assert past.end == drawn.now == coming.x


def test_today_outside_the_window_has_no_line() -> None:
    assert year(interval(0, 10, State.GAP), today=date(2030, 1, 1)).now is None


def test_a_gap_of_one_day_in_ten_years_is_still_seen() -> None:
    strip = draw_strip(
        [interval(100, 1, State.GAP)],
        window_start=JAN,
        window_end=date(2036, 1, 1),
        today=TODAY,
    )
    assert strip.bars[0].width >= 0.3


def test_intervals_outside_the_window_are_not_drawn() -> None:
    assert year(interval(-300, 100, State.COVERED)).rows[0].bars == ()


def test_the_second_clock_is_a_tail_only_when_it_ends_later() -> None:
    early = Interval(JAN, date(2026, 6, 30), State.EXPIRING, second_end=date(2026, 7, 7))
    late = Interval(JAN, date(2026, 6, 30), State.EXPIRING, second_end=date(2026, 6, 1))
    assert year(early).rows[0].bars[0].tail == Window(JAN, date(2026, 12, 31)).x(date(2026, 7, 8))
    assert year(late).rows[0].bars[0].tail is None


@pytest.mark.parametrize(
    ("days", "fits"),
    [(200, True), (30, False)],
)
def test_a_label_stands_in_its_bar_only_where_it_fits(days: int, fits: bool) -> None:
    (bar,) = year(interval(0, days, State.COVERED, "jusqu’au 3 novembre")).rows[0].bars
    assert bar.inside is fits


@pytest.mark.parametrize(
    ("first", "days", "where"),
    [(0, 300, "start"), (150, 150, "line"), (150, 30, None), (170, 150, "start")],
)
def test_a_label_never_lies_under_the_line_of_today(
    first: int, days: int, where: str | None
) -> None:
    """Today is the 166th day: the words stand before the line, after it, or not at all."""
    drawn = year(interval(first, days, State.COVERED, "jusqu’au 3 novembre"))
    (bar,) = drawn.rows[0].bars
    assert bar.inside is (where is not None)
    if where is not None:
        assert bar.label_x == (drawn.now if where == "line" else bar.x)


def test_a_bar_that_goes_on_after_the_window_has_no_end_stroke() -> None:
    assert not year(interval(0, 500, State.COVERED)).rows[0].bars[0].capped
    assert year(interval(0, 100, State.COVERED)).rows[0].bars[0].capped


def test_words_of_two_near_gaps_do_not_run_into_each_other() -> None:
    first, _, second = (
        year(
            interval(10, 2, State.GAP, "deux jours"),
            interval(12, 2, State.COVERED),
            interval(14, 2, State.GAP, "deux jours"),
        )
        .rows[0]
        .bars
    )
    assert first.above is not None
    assert second.above is None


def test_a_telephone_leaves_out_what_a_screen_has_room_for() -> None:
    first, second = (
        year(interval(10, 5, State.GAP, "cinq jours"), interval(70, 5, State.GAP, "cinq jours"))
        .rows[0]
        .bars
    )
    assert first.above is not None
    assert not first.above.wide
    assert second.above is not None
    assert second.above.wide


def test_the_gap_of_today_ends_its_words_at_the_line() -> None:
    (bar,) = year(Interval(date(2026, 6, 1), TODAY, State.GAP, "15 j, 46 850 €")).rows[0].bars
    assert bar.above is not None
    assert bar.above.anchor == "end"


def test_an_interval_never_ends_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends on or after"):
        Interval(TODAY, TODAY - DAY, State.GAP)


def test_a_window_of_one_day_is_refused() -> None:
    with pytest.raises(ValueError, match="two days"):
        Window(TODAY, TODAY)


@given(st.lists(intervals, max_size=8))
def test_every_bar_stays_inside_the_drawing(some: list[Interval]) -> None:
    for bar in year(*some).rows[0].bars:
        assert 0 <= bar.x <= 100
        assert bar.end <= 100.5


@given(st.lists(intervals, max_size=8))
def test_together_no_two_intervals_share_a_day(some: list[Interval]) -> None:
    joined = combine([row(*some)], today=TODAY)
    assert all(a.end < b.start for a, b in pairwise(joined))


@given(st.lists(intervals, min_size=1, max_size=6), st.integers(-200, 800))
def test_together_a_day_is_as_grave_as_its_gravest_state(some: list[Interval], at: int) -> None:
    day = JAN + at * DAY
    states = {i.state for i in some if i.start <= day <= i.end}
    expected = min(states, key=GRAVEST.index) if states else None
    if expected is State.EXPIRING and day < TODAY:
        expected = State.COVERED
    found = [i.state for i in combine([row(*some)], today=TODAY) if i.start <= day <= i.end]
    assert found == ([expected] if expected else [])


def test_that_a_paper_ends_soon_does_not_colour_the_past() -> None:
    joined = combine([row(interval(0, 365, State.EXPIRING))], today=TODAY)
    assert [(i.state, i.end) for i in joined] == [
        (State.COVERED, TODAY - DAY),
        (State.EXPIRING, date(2026, 12, 31)),
    ]


def test_the_share_counts_good_days_among_known_ones() -> None:
    known = [interval(0, 30, State.COVERED), interval(30, 10, State.GAP)]
    assert covered_share(known, since=JAN, until=JAN + 39 * DAY) == 0.75


def test_a_late_paper_does_not_turn_the_past_green() -> None:
    assert covered_share([interval(0, 10, State.LATE)], since=JAN, until=TODAY) == 0


def test_days_of_which_nothing_is_known_have_no_share() -> None:
    assert covered_share([], since=JAN, until=TODAY) is None


def test_the_share_stops_today() -> None:
    drawn = year(interval(0, 365, State.COVERED), today=TODAY)
    assert drawn.covered_share == 1
    mixed = year(
        Interval(JAN, TODAY, State.COVERED),
        Interval(TODAY + DAY, date(2026, 12, 31), State.GAP_TO_COME),
    )
    assert mixed.covered_share == 1


def test_days_after_the_contract_are_grey_and_its_end_is_marked() -> None:
    drawn = year(
        interval(0, 90, State.COVERED),
        contract_start=date(2025, 9, 1),
        contract_end=date(2026, 3, 31),
    )
    assert drawn.contract is not None
    assert drawn.contract.ends_inside
    ((x, width),) = drawn.outside
    assert x == drawn.contract.end
    assert round(x + width, 2) == 100


def test_days_before_the_contract_are_grey_too() -> None:
    drawn = year(interval(200, 90, State.COVERED), contract_start=date(2026, 7, 1))
    assert drawn.outside == ((0.0, drawn.contract.x),)
    assert not drawn.contract.ends_inside


@pytest.mark.parametrize(
    ("end", "texts"),
    [
        (date(2026, 4, 30), ["2026", "févr.", "mars", ""]),
        (date(2028, 12, 31), None),
        (date(2040, 1, 1), None),
    ],
)
def test_ticks_are_months_then_quarters_then_years(end: date, texts: list[str] | None) -> None:
    ticks = month_ticks(Window(JAN, end), locale="fr")
    assert len(ticks) <= 19
    if texts is not None:
        assert [tick.text for tick in ticks][:3] == texts[:3]


@pytest.mark.parametrize(
    ("locale", "word"), [("fr", "lun. 15 juin"), ("en", "Mon, Jun 15"), ("de", "Mo., 15. Juni")]
)
def test_today_is_named_in_the_reader_s_language(locale: str, word: str) -> None:
    assert year(interval(0, 9, State.GAP), locale=locale).now_text == word


def test_dates_to_come_leave_out_what_is_past_or_too_far() -> None:
    marks = [DateMark(TODAY - DAY, "bad"), DateMark(TODAY + 30 * DAY, "soon", "Kbis")]
    drawn = draw_dates(marks, today=TODAY, until=TODAY + 60 * DAY, locale="fr")
    assert [mark.words for _, mark in drawn.marks] == ["Kbis"]


def test_every_state_of_the_rules_can_be_drawn() -> None:
    for state in coverage.IntervalState:
        (drawn,) = from_coverage(
            [coverage.Interval(Span(JAN), state)], window_end=date(2026, 12, 31)
        )
        assert drawn == Interval(JAN, date(2026, 12, 31), State(state.value), open_end=True)


def test_together_an_open_end_stays_open() -> None:
    end = date(2026, 12, 31)
    open_ = Interval(TODAY, end, State.GAP_TO_COME, open_end=True)
    joined = combine([row(open_), row(Interval(JAN, end, State.COVERED))], today=TODAY)
    assert [(one.state, one.open_end) for one in joined] == [
        (State.COVERED, False),
        (State.GAP_TO_COME, True),
    ]


def test_an_open_interval_that_begins_after_the_window_is_left_out() -> None:
    later = coverage.Interval(Span(date(2030, 1, 1)), coverage.IntervalState.GAP_TO_COME)
    assert from_coverage([later], window_end=date(2026, 12, 31)) == ()


def test_the_contract_of_the_guide_is_half_covered() -> None:
    drawn = guide.sample_timeline()
    assert drawn.covered_share is not None
    assert 0.4 < drawn.covered_share < 0.6
