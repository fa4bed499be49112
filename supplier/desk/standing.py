"""How a supplier stands, in a chip and in drawings: words for states, rows for timelines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import zip_longest

from flask_babel import gettext, ngettext

from supplier.desk.room import language
from supplier.documents.kinds import Basis
from supplier.kernel import day_words
from supplier.kernel.clock import add_months
from supplier.kernel.i18n import N_
from supplier.vigilance.coverage import State
from supplier.vigilance.portfolio import SupplierRow
from supplier.vigilance.spans import OPEN
from supplier.vigilance.timelines import CoverageRow, EngagementCoverage
from supplier.web.filters import show_date, show_estimate
from supplier.web.intervals import Interval, Row, combine, from_coverage
from supplier.web.intervals import State as Shown
from supplier.web.timeline import Strip, Timeline, draw_strip, draw_timeline

#: A strip shows a year back and half a year ahead; the large drawing eight months back.
STRIP_BACK, STRIP_AHEAD = 12, 6
LARGE_BACK, LARGE_AHEAD = 8, 6

STATE_ORDER = {
    State.REFUSED: N_("Refused"),
    State.IN_REVIEW: N_("To review"),
    State.TO_VERIFY: N_("To be verified with the issuer"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """What `ui.chip` prints: a state of its table, and the fact in words."""

    state: str
    words: str


def chip_of(state: State, *, gap_since: date | None, due_on: date | None, today: date) -> Chip:
    """The chip of a supplier or a relationship: the fact, not the alarm."""
    if gap_since is not None and gap_since <= today:
        days = (today - gap_since).days + 1
        return Chip("gap", ngettext("Gap open, %(num)d d", "Gap open, %(num)d d", days))
    if state in STATE_ORDER:
        return Chip(state.value, gettext(STATE_ORDER[state]))
    if state is State.EXPIRING and due_on is not None:
        days = max((due_on - today).days, 0)
        return Chip("expiring", ngettext("Ends in %(num)d d", "Ends in %(num)d d", days))
    return Chip(state.value, "")


def row_chip(row: SupplierRow, *, today: date) -> Chip:
    """The chip of a row of the list."""
    if row.relations and all(one.ended_on and one.ended_on < today for one in row.relations):
        return Chip("ended", gettext("Relation ended"))
    if not row.relations:
        return Chip("none", gettext("No relation yet"))
    return chip_of(row.state, gap_since=row.gap_since, due_on=row.due_on, today=today)


def strip_of(row: SupplierRow, *, today: date) -> Strip:
    """All requirements of a supplier together, small."""
    end = add_months(today, STRIP_AHEAD)
    rows = [Row("", "", from_coverage(one.intervals, window_end=end)) for one in row.duties]
    return draw_strip(
        combine(rows, today=today), window_start=add_months(today, -STRIP_BACK), window_end=end,
        today=today,
    )  # fmt: skip


def timeline_of(one: EngagementCoverage, *, today: date) -> Timeline:
    """The large drawing of one company's file."""
    end = add_months(today, LARGE_AHEAD)
    start = add_months(today, -LARGE_BACK)
    rows = [_row(row, window=(start, end), today=today) for row in one.rows]
    return draw_timeline(
        rows, window_start=start, window_end=end, today=today,
        contract_start=contract_start(one), contract_end=contract_end(one), locale=language(),
    )  # fmt: skip


def contract_start(one: EngagementCoverage) -> date:
    return one.engagement.started_on


def contract_end(one: EngagementCoverage) -> date | None:
    """The last day on which something is required, or None when it is not known."""
    if one.engagement.ended_on is not None:
        return one.engagement.ended_on
    ends = [line.ends_on for line in one.contracts]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _row(row: CoverageRow, *, window: tuple[date, date], today: date) -> Row:
    intervals = from_coverage(row.intervals, window_end=window[1])
    labelled = [
        replace(
            one, label=_label(one, edge=window[1], today=today, exposed=row.exposed),
            note=_cut(one, after),
        )
        for one, after in zip_longest(intervals, intervals[1:])
    ]  # fmt: skip
    words = rule_words(row)
    if intervals and intervals[-1].end < window[0]:
        # What was owed at the opening of a site lies before the drawing: the row says it in words.
        words = f"{words} · {_long_ago(intervals[-1])}"
    return Row(gettext(row.label), words, tuple(labelled))


def _long_ago(one: Interval) -> str:
    """What became of the last day on which something was owed."""
    message = {
        Shown.COVERED: N_("covered on %(day)s, the last day owed"),
        Shown.EXPIRING: N_("covered on %(day)s, the last day owed"),
        Shown.WAIVED: N_("waived on %(day)s, the last day owed"),
        Shown.LATE: N_("covered late: owed last on %(day)s"),
    }.get(one.state, N_("not covered on %(day)s, the last day owed"))
    return gettext(message, day=show_date(one.end))


def _cut(one: Interval, after: Interval | None) -> str:
    """What ends the days of a paper or waiver before its own last good day, in words."""
    if one.open_end or one.own_end is None or one.own_end <= one.end:
        return ""
    if after is None or after.start != one.end + timedelta(days=1):
        return gettext("nothing is required after %(day)s", day=show_date(one.end))
    if after.state is Shown.WAIVED or after.own_end == one.own_end:
        return ""
    return gettext("another paper from %(day)s", day=show_date(after.start))


def rule_words(row: CoverageRow) -> str:
    """The rule under a requirement: its period, and the article or the contract."""
    source = gettext(row.source).split(";")[0].strip()
    article = source.split(", ", 1)[1] if row.basis == Basis.LAW and ", " in source else source
    if row.renewal_months is None:
        return article
    months = ngettext("%(num)d month", "%(num)d months", row.renewal_months)
    return f"{months}, {article}"


def _label(one: Interval, *, edge: date, today: date, exposed: Decimal | None) -> str:
    if one.state is Shown.GAP and one.end >= today:
        days = ngettext("%(num)d d", "%(num)d d", one.days)
        return f"{days}, {show_estimate(exposed)}" if exposed else days
    if one.state is Shown.GAP_TO_COME:
        return gettext("if nothing comes")
    words = {
        Shown.COVERED: N_("until %(day)s"),
        Shown.EXPIRING: N_("until %(day)s"),
        Shown.WAIVED: N_("waived until %(day)s"),
        Shown.PENDING: N_("to be decided"),
        Shown.TO_VERIFY: N_("to be verified"),
    }
    message, last = words.get(one.state), one.own_end or one.end
    if last == OPEN:
        message = {Shown.COVERED: N_("no limit")}.get(one.state, message)
    day = short_day(last) if last <= edge else show_date(last)
    return gettext(message, day=day) if message else ""


def short_day(day: date) -> str:
    """3 Nov., in the reader's language."""
    return day_words.short_day(day, language())


def worst_first(found: Sequence[EngagementCoverage], *, today: date) -> list[EngagementCoverage]:
    """Running relationships first, the worst of them before the others."""
    order = list(State)

    def weight(one: EngagementCoverage) -> tuple[bool, int, date]:
        ended = one.engagement.ended_on is not None and one.engagement.ended_on < today
        return ended, order.index(one.state), one.engagement.started_on

    return sorted(found, key=weight)


def gap_since(one: EngagementCoverage, *, today: date) -> date | None:
    """First day of the oldest gap that is open today, or None."""
    found = [
        interval.span.first
        for row in one.rows
        for interval in row.intervals
        if interval.state.value == Shown.GAP and interval.span.last + timedelta(days=1) > today
        and interval.span.first <= today
    ]  # fmt: skip
    return min(found, default=None)
