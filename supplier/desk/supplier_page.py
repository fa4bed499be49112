"""One supplier: coverage over time, papers, people, bank, score, relations, history."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.bank import queries as bank
from supplier.bank.approvals import AccountState
from supplier.bank.models import BankAccount
from supplier.desk import suppliers
from supplier.desk.room import events_in_sight, in_sight, may, may_about, may_open, pager
from supplier.desk.standing import Chip, chip_of, gap_since, timeline_of, worst_first
from supplier.desk.unseen import is_blind
from supplier.documents.shelf import Shelved, shelf_of
from supplier.evaluation.latest import LatestScore, list_scores
from supplier.kernel import journal
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.journal import JournalFilter
from supplier.kernel.words import alphabetical
from supplier.parties import queries as parties
from supplier.parties.models import Supplier
from supplier.vigilance import queries as vigilance
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.group_totals import LAW, Total, group_total
from supplier.vigilance.timelines import EngagementCoverage
from supplier.web import context, lists
from supplier.web.charts import Bars, Item, draw_columns
from supplier.web.event_words import EventLine, event_lines
from supplier.web.guard import requires
from supplier.web.mail_words import fault_words
from supplier.web.pages import page
from supplier.web.papers import kind_words, period_words, reason_words
from supplier.web.timeline import Timeline

blueprint, READ = suppliers.blueprint, suppliers.READ
SHOWN_PAPERS = 10
SHOWN_EVENTS = 8


@dataclass(frozen=True, slots=True)
class CoverageView:
    """The drawing of one relationship with the words around it, and the ways to the others."""

    shown: EngagementCoverage
    drawn: Timeline
    tabs: list[tuple[str, str, bool]]

    @property
    def title(self) -> str:
        """The contract where there is one, else the company."""
        if self.shown.contracts:
            reference = self.shown.contracts[0].reference
            return gettext("Coverage of contract %(reference)s", reference=reference)
        return gettext("Coverage for %(company)s", company=self.shown.buyer.name)

    @property
    def contracts_more(self) -> int:
        return max(len(self.shown.contracts) - 1, 0)


def coverage_view(
    found: Sequence[EngagementCoverage], *, today: date, endpoint: str, **values: Any
) -> CoverageView | None:
    """The relationship that the address names, or the worst one."""
    ordered = worst_first(found, today=today)
    if not ordered:
        return None
    wanted = request.args.get("relation", "")
    shown = next((one for one in ordered if str(one.engagement.id) == wanted), ordered[0])
    tabs = [
        (
            one.buyer.short_name,
            url_for(endpoint, relation=one.engagement.id, **values),
            one is shown,
        )
        for one in sorted(found, key=_by_start)
    ]
    return CoverageView(shown, timeline_of(shown, today=today), tabs)


def _by_start(one: EngagementCoverage) -> tuple[date, str]:
    return one.engagement.started_on, alphabetical(one.buyer.short_name)


def head_chip(found: Sequence[EngagementCoverage], *, today: date) -> Chip:
    """The state of the whole supplier, as a fact."""
    running = [one for one in found if one.rows and not _ended(one, today)]
    if not running:
        words = gettext("Relation ended") if found else gettext("No relation yet")
        return Chip("ended" if found else "none", words)
    gaps = [one for one in running if gap_since(one, today=today)]
    if gaps:
        words = ngettext(
            "Gap open with %(num)d company", "Gap open with %(num)d companies", len(gaps)
        )
        return Chip("gap", words)
    state = worst_first(running, today=today)[0].state
    due = [row.gap_from for one in running for row in one.rows if row.gap_from]
    return chip_of(state, gap_since=None, due_on=min(due, default=None), today=today)


def _ended(one: EngagementCoverage, today: date) -> bool:
    return one.engagement.ended_on is not None and one.engagement.ended_on < today


@blueprint.get("/<uuid:supplier_id>")
@requires(READ)
def show(supplier_id: uuid.UUID) -> AnyResponse:
    buyers, today = in_sight(), context.today()
    one = parties.get_supplier(supplier_id, buyers=buyers)
    found = vigilance.supplier_coverage(supplier_id, today=today, now=context.now(), buyers=buyers)
    scores = list_scores([supplier_id], buyers=in_sight(EVALUATION)).get(supplier_id, [])
    companies = {each.engagement.buyer_id for each in found}
    bank_too = may_about(companies, BANK)
    account = account_in_hand(supplier_id, now=context.now()) if bank_too else None
    papers_too = may_about(companies, PAPERS)
    shelf = shelf_of(supplier_id, today=today, limit=SHOWN_PAPERS) if papers_too else None
    papers = shelf.papers if shelf else ()
    return page(
        "desk/supplier.html", supplier=one, found=found, chip=head_chip(found, today=today),
        fault_words=fault_words,
        view=coverage_view(found, today=today, endpoint=".show", supplier_id=supplier_id),
        shelf=shelf, may_open=may_open, is_blind=is_blind,
        account=account,
        may_bank=bank_too, bank_url=bank_url(account),
        score=scores[0] if scores else None, columns=score_columns(scores),
        events=_last_events(supplier_id, papers),
        kind_words=kind_words, reason_words=reason_words, period_words=period_words,
        people=[one for one in one.contacts if one.left_on is None],
    )  # fmt: skip


def counted_words(total: Total) -> str:
    """What was counted for a sum: "2 contracts, 1 order"."""
    parts = (
        (total.contracts, ngettext("%(num)d contract", "%(num)d contracts", total.contracts)),
        (total.renewals, ngettext("%(num)d renewal", "%(num)d renewals", total.renewals)),
        (total.amendments, ngettext("%(num)d amendment", "%(num)d amendments", total.amendments)),
        (total.orders, ngettext("%(num)d order", "%(num)d orders", total.orders)),
        (total.unknown, ngettext("%(num)d of them without an amount in euros",
                                 "%(num)d of them without an amount in euros", total.unknown)),
    )  # fmt: skip
    return ", ".join(words for number, words in parts if number) or gettext("nothing")


def _last_events(supplier_id: uuid.UUID, papers: Sequence[Shelved]) -> list[EventLine]:
    """The last things that happened, each told once; read deeper, as many lines may be one act.

    Who only took a copy did nothing to the supplier: the whole history tells it.
    """
    kinds: dict[uuid.UUID | None, str] = {
        one.document.id: one.document.kind
        for one in papers
        if one.document.kind and not is_blind(one.document)
    }
    found = journal.list_supplier_events(
        supplier_id, sight=events_in_sight(READ), limit=5 * SHOWN_EVENTS,
        without={"document.downloaded"},
    )  # fmt: skip
    return event_lines(found, kinds)[:SHOWN_EVENTS]


EVALUATION, PAPERS, BANK, CONTRACTS = (
    Permission.EVALUATION_READ, Permission.DOCUMENT_READ, Permission.BANK_READ,
    Permission.CONTRACT_READ,
)  # fmt: skip


def account_in_hand(supplier_id: uuid.UUID, *, now: datetime) -> tuple[BankAccount, str] | None:
    """The account that serves, else the one that is on its way; its state as a word of chips."""
    sight = in_sight(BANK)
    accounts = [
        one
        for one in bank.list_of_supplier(supplier_id)
        if sight is None or one.buyer_id is None or one.buyer_id in sight
    ]
    for one in accounts:
        if one.state == AccountState.APPROVED_TWICE and one.active_from and one.active_from <= now:
            return one, "active"
    for one in accounts:
        if one.state not in {AccountState.REFUSED, AccountState.WITHDRAWN, AccountState.REPLACED}:
            return one, "cooling_off" if one.state == AccountState.APPROVED_TWICE else one.state
    return None


def bank_url(account: tuple[BankAccount, str] | None) -> str:
    """Where the file of an account stands."""
    if account is None or "desk_bank.show" not in current_app.view_functions:
        return ""
    return url_for("desk_bank.show", account_id=account[0].id)


def score_columns(scores: Sequence[LatestScore]) -> Bars | None:
    """The last five scores as columns, the oldest first."""
    if len(scores) < 2:
        return None
    unrated = gettext("not rated")
    return draw_columns(
        [
            Item(one.period, one.score, unrated if one.score is None else str(one.score))
            for one in reversed(scores[:5])
        ]
    )


@blueprint.get("/<uuid:supplier_id>/known")
@requires(READ)
def known(supplier_id: uuid.UUID) -> AnyResponse:
    """The coverage as it was known at the end of a past day: what came later does not count."""
    buyers, today = in_sight(), context.today()
    day = min(lists.day("on") or today - timedelta(days=30), today)
    found = vigilance.supplier_coverage(
        supplier_id, today=day, now=context.now(), known_at=_end_of(day), buyers=buyers
    )
    # Judged by what is written (today), or without any relation: the name is read on its own.
    name = next((one.supplier for one in found if one.supplier), "")
    name = name or parties.get_supplier(supplier_id, buyers=buyers).name
    return page(
        "desk/supplier_known.html", name=name, supplier_id=supplier_id, day=day,
        view=coverage_view(
            found, today=day, endpoint=".known", supplier_id=supplier_id, on=day.isoformat()
        ),
    )  # fmt: skip


def _end_of(day: date) -> datetime:
    """The last instant of a legal day."""
    zone = ZoneInfo(context.settings().timezone)
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


@blueprint.get("/<uuid:supplier_id>/relations")
@requires(READ)
def relations(supplier_id: uuid.UUID) -> AnyResponse:
    """Relations and what they add up to, waivers and calls: what people arranged."""
    buyers = in_sight()
    return page(
        "desk/supplier_relations.html",
        supplier=parties.get_supplier(supplier_id, buyers=buyers),
        engagements=parties.list_engagements(supplier_id, buyers=buyers),
        waivers=vigilance.list_waivers(supplier_id, buyers=buyers),
        follow_ups=vigilance.list_follow_ups(supplier_id, buyers=buyers),
        requirement_words=requirement_words,
        group=group_total(supplier_id, buyers=in_sight(CONTRACTS), today=context.today()),
        counted_words=counted_words,
        law_amount=LAW.amount,
        sees_all=in_sight(CONTRACTS) is None,
    )


def requirement_words(code: str) -> str:
    """The name of a requirement, translated."""
    known_codes = {one.value for one in RequirementCode}
    return gettext(RULES[RequirementCode(code)].label) if code in known_codes else code


@blueprint.get("/<uuid:supplier_id>/history")
@requires(READ)
def history(supplier_id: uuid.UUID) -> AnyResponse:
    """Everything that happened to this supplier, a page at a time."""
    one = parties.get_supplier(supplier_id, buyers=in_sight())
    kind = request.args.get("kind", "")
    if kind.startswith("bank") and not may(BANK):
        raise NotFoundError(N_("This page does not exist."))
    found = journal.list_events(
        JournalFilter(supplier_id=supplier_id, kind=kind[:60]), number=lists.page_number(),
        sight=events_in_sight(READ),
    )  # fmt: skip
    return page(
        "desk/supplier_history.html", supplier=one, found=found, pager=pager(found),
        lines=event_lines(found.items),
    )  # fmt: skip


def contacts_of(one: Supplier) -> list[tuple[str, str]]:
    """The people of a supplier who have not left, as choices: id and name."""
    return [(str(each.id), each.name) for each in one.contacts if each.left_on is None]
