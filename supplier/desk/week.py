"""This week: what is so and what to do, in one sentence, one horizon and three lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.accounts.policy import policy
from supplier.desk.review_issuer import ask_of_law
from supplier.desk.room import Buyers, decidable_papers, in_sight, language, may, readable_papers
from supplier.documents import review, unverified
from supplier.documents.review import QueueFilter
from supplier.kernel.clock import add_months, legal_day
from supplier.kernel.day_words import day_in, short_day
from supplier.kernel.i18n import N_
from supplier.notifications import outbox
from supplier.parties import queries as parties
from supplier.parties.models import Buyer
from supplier.vigilance import queries as vigilance
from supplier.vigilance.figures import Counts, HorizonWeek, MonthShare, Refusals
from supplier.vigilance.gaps import GapRow
from supplier.web import context
from supplier.web.charts import (
    Bars,
    Curve,
    Horizon,
    Item,
    Point,
    Week,
    draw_bars,
    draw_curve,
    draw_horizon,
)
from supplier.web.filters import show_number
from supplier.web.guard import requires
from supplier.web.navigation import Entry, items, register
from supplier.web.pages import page
from supplier.web.papers import kind_words, reason_words

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
SHOWN = 6
REFUSALS_DAYS = 90

register(
    Entry("desk.week", N_("This week"), "week", Permission.DESK, group="main", order=10)
)  # fmt: skip


@blueprint.get("/")
@requires(Permission.DESK)
def week() -> AnyResponse:
    """The five-minute page of purchasing; who sees no supplier goes to what they may open."""
    if not may(Permission.SUPPLIER_READ):
        others = [item.url for item in items() if item.url != url_for(".week")]
        if others:
            return redirect(others[0])
    today, now = context.today(), context.now()
    companies = parties.list_buyers(buyers=in_sight())
    chosen = _chosen(companies)
    sight: Buyers = frozenset({chosen.id}) if chosen else in_sight()
    counts = vigilance.counts(buyers=sight, today=today, beside=_unverified(sight))
    papers = _waiting(sight)
    shares = vigilance.coverage_share(buyers=sight, start=add_months(today, -12), end=today)
    refusals = vigilance.refusal_reasons(buyers=sight, since=now - timedelta(days=REFUSALS_DAYS))
    return page(
        "desk/week.html", chosen=chosen, tabs=_tabs(companies, chosen), counts=counts,
        waiting=papers, minutes=_minutes(papers.total), day_words=day_words(today),
        horizon=_horizon(vigilance.horizon(buyers=sight, today=today), counts, today, chosen),
        gaps=vigilance.list_gaps(buyers=sight, today=today, limit=SHOWN),
        calls=vigilance.who_to_call(buyers=sight, today=today, limit=SHOWN),
        call_words=vigilance.CALL_REASON_TEXTS, last_word=last_word,
        share=share_words(shares), curve=share_curve(shares), refusals=refusals,
        bars=refusal_bars(refusals), kind_words=kind_words, reason_words=reason_words,
        buyer=chosen.id if chosen else None, month_end=counts.coming_until,
        unverified=counts.beside, many=unverified.COUNTED, mails_wait=_mails_wait(),
    )  # fmt: skip


def _mails_wait() -> bool:
    """Whether no reminder leaves: no mail server is set. The demo shows its mails itself."""
    return outbox.mail_waits() and not policy().demo


def _chosen(companies: Sequence[Buyer]) -> Buyer | None:
    """The company that the address names, among those in sight."""
    wanted = request.args.get("buyer", "")
    return next((one for one in companies if str(one.id) == wanted), None)


def _tabs(companies: Sequence[Buyer], chosen: Buyer | None) -> list[tuple[str, str, bool]]:
    if len(companies) < 2:
        return []
    everyone = (gettext("Group"), url_for(".week"), chosen is None)
    named = [(one.short_name, url_for(".week", buyer=one.id), one is chosen) for one in companies]
    return [everyone, *named]


def _waiting(sight: Buyers) -> Any:
    """The first papers to decide on; nothing for those who may not see papers."""
    return review.list_queue(QueueFilter(), buyers=readable_papers().within(sight), size=SHOWN - 1)


def _unverified(sight: Buyers) -> Any:
    """Papers that cover nothing before their issuer answers, for those who may ask it."""
    if not may(Permission.DOCUMENT_DECIDE):
        return None
    return unverified.number_unverified(ask_of_law(decidable_papers().within(sight)))


def _minutes(papers: int) -> int:
    return max(1, -(-papers * review.SECONDS_EACH // 60))


def day_words(today: date) -> str:
    """Monday 23 November 2026, week 48."""
    pattern = "full" if language() == "de" else "EEEE d MMMM yyyy"
    day = day_in(pattern, today, language())
    number = today.isocalendar().week
    return gettext("%(day)s, week %(number)d", day=day[:1].upper() + day[1:], number=number)


def _horizon(
    weeks: Sequence[HorizonWeek], counts: Counts, today: date, chosen: Buyer | None
) -> Horizon:
    """The present week holds what is open already; each later one what opens in it."""
    buyer = chosen.id if chosen else None
    drawn = []
    for number, one in enumerate(weeks):
        now = number == 0
        standing = "gap" if now else "soon"
        euros = counts.exposed if now else one.exposed if one.opening else Decimal(0)
        drawn.append(
            Week(
                start=max(one.starts_on, today) if now else one.starts_on,
                euros=euros.quantize(Decimal(1)),
                count=counts.open_suppliers if now else one.opening,
                open_now=now,
                url=url_for("desk_suppliers.index", standing=standing, buyer=buyer, sort="since"),
            )
        )
    return draw_horizon(drawn, locale=language())


def share_words(shares: Sequence[MonthShare]) -> tuple[str, str] | None:
    """The share of covered days of the last twelve months, and how it moved in a year."""
    known = [one for one in shares if one.share is not None]
    if not known:
        return None
    last, first = known[-1].share or 0.0, known[0].share or 0.0
    figure = gettext("%(share)s%%", share=show_number(_down(last * 100)))
    points = round((last - first) * 100, 1)
    if len(known) < 2 or not points:
        return figure, ""
    moved = gettext(
        "%(points)s pts in %(num)d months",
        points=("+" if points > 0 else "−") + show_number(abs(points)), num=len(known) - 1,
    )  # fmt: skip
    return figure, moved


def _down(percent: float) -> float:
    """Rounded down to a tenth: 99.96 with a gap is not 100."""
    return int(percent * 10 + 1e-6) / 10


def share_curve(shares: Sequence[MonthShare]) -> Curve | None:
    """The months as a curve; the weakest is named."""
    known = [one for one in shares if one.share is not None]
    if len(known) < 2:
        return None
    weakest = min(known, key=lambda one: one.share or 0.0)
    points = [
        Point(
            label=format_date(one.month_on, "LLL yyyy", locale=language()),
            value=None if one.share is None else one.share * 100,
            note=_note(one) if one is weakest and one is not known[-1] else "",
        )
        for one in shares
    ]
    low = min((one.share or 0.0) * 100 for one in known)
    return draw_curve(points, low=max(0.0, low - 6), high=100, height=72, head=14)


def _note(one: MonthShare) -> str:
    month = format_date(one.month_on, "LLLL", locale=language())
    share = show_number(int((one.share or 0.0) * 100 + 1e-6))
    return gettext("%(month)s, %(share)s%%", month=month, share=share)


def refusal_bars(found: Refusals) -> Bars:
    """The five reasons that come most often, as shares of the refused papers."""
    top = found.reasons[:5]
    return draw_bars(
        [
            Item(
                reason_words(code), count / found.papers,
                gettext("%(share)s%%", share=round(count * 100 / found.papers)),
            )
            for code, count in top
        ]
    )  # fmt: skip


#: It is our turn in these states, not the supplier's.
_OURS = frozenset({"in_review", "to_verify"})


def last_word(row: GapRow, today: date) -> tuple[str, str, str]:
    """What was done last about a gap: tone, drawing and words."""
    ours = [paper.state.value in _OURS for paper in row.papers]
    with_us = "wait", "wait", gettext("Handed in, waits for us")
    if ours and all(ours):
        # They did their part: what was promised or reminded before is no longer theirs to do.
        return with_us
    if row.bounced_at is not None:
        day = _short(legal_day(row.bounced_at))
        return "bad", "refused", gettext("Mail came back on %(day)s", day=day)
    if row.last_word is not None and row.last_word.promised_on is not None:
        return _promise(row.last_word.promised_on, today)
    return with_us if any(ours) else _reminders(row.reminders)


def _promise(day: date, today: date) -> tuple[str, str, str]:
    if day < today:
        return "bad", "calendar", gettext("Promised for %(day)s, nothing came", day=_short(day))
    return "soon", "calendar", gettext("Promised for %(day)s", day=_short(day))


def _reminders(sent: int) -> tuple[str, str, str]:
    if not sent:
        return "none", "mail", gettext("Not reminded yet")
    words = ngettext("%(num)d reminder, no answer", "%(num)d reminders, no answer", sent)
    return "soon", "mail", words


def _short(day: date) -> str:
    return short_day(day, language())
