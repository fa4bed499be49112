"""The portal's first page: what is missing, ending or refused, why, and whom to call."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import redirect, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.bank import queries as bank
from supplier.bank.models import BankAccount
from supplier.kernel.clock import add_months
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.portal.asks import Ask, asks_of, is_looked_at, with_a_person
from supplier.portal.bank import STATE_WORDS
from supplier.portal.room import language, room
from supplier.vigilance import queries as vigilance
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.coverage import State
from supplier.vigilance.needs import ContractLine, EngagementNeeds, Need
from supplier.web import context
from supplier.web.acting import act_for
from supplier.web.filters import show_instant, show_long_date
from supplier.web.forms import Form
from supplier.web.guard import for_supplier, signed_in
from supplier.web.pages import done, page
from supplier.web.papers import period_words
from supplier.web.timeline import DateMark, DatesLine, draw_dates

blueprint = room("portal", "/portal")

#: How far the line of next dates looks.
HORIZON_MONTHS = 9
_UP_TO_DATE = frozenset({State.COVERED, State.WAIVED, State.EXPIRING})


class ActForm(Form):
    """Only the token: for whom stands in the address."""


@dataclass(frozen=True, slots=True)
class Request:
    """One company that asks: its papers to do, its contracts, its person."""

    needs: EngagementNeeds
    asks: tuple[Ask, ...]
    blocking: int
    contract: str
    words: str
    person: str
    phone: str
    mail_url: str
    calm: str


@blueprint.get("/")
@for_supplier()
def home() -> AnyResponse:
    supplier_id, today = context.supplier_id(), context.today()
    found = vigilance.portal_needs(supplier_id, today=today)
    requests = _requests(found, today)
    to_do = {need.requirement for one in found for need in one.owed if not is_looked_at(need)}
    settled, accounts = _settled(found, today), bank.list_of_supplier(supplier_id)
    unconfirmed = bank.find_unconfirmed(supplier_id, accounts)
    return page(
        "portal/home.html",
        requests=requests,
        heading=_heading(to_do, found, to_confirm=unconfirmed is not None),
        lead=_lead(found, settled),
        settled=settled,
        waiting=_waiting(found),
        dates=_dates(found, today),
        account=_account_in_use(accounts),
        coming=_account_on_its_way(accounts),
        unconfirmed=unconfirmed,
        asked_to_confirm=any(need.to_confirm for one in found for need in one.needs),
        max_bytes=context.settings().upload_max_bytes,
    )


@blueprint.get("/choose")
@signed_in()
def choose() -> AnyResponse:
    """For whom, where somebody holds mandates from several suppliers."""
    mandates = context.visitor().mandates
    if not mandates:
        raise NotFoundError(N_("This page does not exist."))
    return page("portal/choose.html", mandates=mandates, form=ActForm())


@blueprint.post("/choose/<uuid:supplier_id>")
@signed_in()
def act(supplier_id: uuid.UUID) -> AnyResponse:
    form = ActForm()
    if not form.validate_on_submit():
        return redirect(url_for(".choose"), 303)
    act_for(supplier_id)
    names = dict(context.visitor().mandates)
    return done(
        gettext("You now act for %(company)s.", company=names[supplier_id]), url_for(".home")
    )


def _heading(
    owed: set[RequirementCode], found: Sequence[EngagementNeeds], *, to_confirm: bool
) -> str:
    first_name = context.visitor().name.split()[0] if context.visitor().name.strip() else ""
    if not found:
        return gettext("Hello %(name)s. Nobody asks you for anything.", name=first_name)
    if owed <= {RequirementCode.BANK_DETAILS} and to_confirm:
        return gettext("Hello %(name)s. Confirm your bank account.", name=first_name)
    if not owed:
        return gettext("Hello %(name)s. You have nothing to do.", name=first_name)
    return ngettext(
        "Hello %(name)s. %(num)d paper is enough to settle everything.",
        "Hello %(name)s. %(num)d papers are enough to settle everything.",
        len(owed), name=first_name,
    )  # fmt: skip


def _lead(found: Sequence[EngagementNeeds], settled: Sequence[object]) -> str:
    parts = []
    if settled:
        parts.append(
            ngettext("%(num)d paper is up to date.", "%(num)d papers are up to date.", len(settled))
        )
    if len(found) > 1:
        parts.append(gettext("What you hand in once serves all the companies of the group."))
    return " ".join(parts)


def _requests(found: Sequence[EngagementNeeds], today: date) -> list[Request]:
    """One card a company; a paper asked for twice is asked for in full the first time only."""
    first_asked: dict[RequirementCode, str] = {}
    requests = []
    for one in found:
        asks = asks_of(one, first_asked, today=today)
        for need in one.owed:
            first_asked.setdefault(need.requirement, one.buyer.name)
        requests.append(_request(one, asks))
    return requests


def _request(one: EngagementNeeds, asks: tuple[Ask, ...]) -> Request:
    blocking = sum(
        need.state in {State.MISSING, State.REFUSED} and not is_looked_at(need) for need in one.owed
    )
    return Request(
        needs=one,
        asks=asks,
        blocking=blocking,
        contract=_references(one.contracts),
        words=_contract_words(one.contracts),
        person=one.person or "",
        phone=one.phone or "",
        mail_url=f"mailto:{one.email}" if one.email else "",
        calm=_calm(one),
    )


def _references(contracts: Sequence[ContractLine]) -> str:
    names = ", ".join(contract.reference for contract in contracts[:3])
    return gettext("Contract %(reference)s", reference=names) if names else ""


def _contract_words(contracts: Sequence[ContractLine]) -> str:
    if not contracts:
        return ""
    first = contracts[0]
    if first.ends_on is None:
        return first.title
    return gettext(
        "%(title)s, until %(date)s", title=first.title, date=show_long_date(first.ends_on)
    )


def _calm(one: EngagementNeeds) -> str:
    """What is said where nothing is to be done: until when."""
    days = [need.covered_until for need in one.needs if need.covered_until and not need.is_owed]
    if not one.needs:
        return gettext("No paper is asked for at the moment.")
    if days:
        return gettext("Nothing to do before %(date)s", date=show_long_date(min(days)))
    return gettext("Nothing to do")


def _settled(found: Sequence[EngagementNeeds], today: date) -> list[tuple[str, str, str]]:
    """Papers that are up to date everywhere they are asked for: name, until when, a warning."""
    owed = {need.requirement for one in found for need in one.owed}
    best: dict[RequirementCode, Need] = {}
    for one in found:
        for need in one.needs:
            if need.state in _UP_TO_DATE and need.requirement not in owed:
                best.setdefault(need.requirement, need)
    return [
        (
            gettext(need.label), _until(need),
            period_words(need.paper, today=today) if need.paper else "",
        )
        for need in best.values()
    ]  # fmt: skip


def _until(need: Need) -> str:
    if need.state is State.WAIVED:
        return gettext("not asked for until %(date)s", date=show_long_date(need.waived_until))
    if need.covered_until is None or need.covered_until.year > 9000:
        return gettext("without end")
    return gettext("good until %(date)s", date=show_long_date(need.covered_until))


def _waiting(found: Sequence[EngagementNeeds]) -> list[str]:
    """What the group has in hand: the supplier has done their part."""
    states = {State.IN_REVIEW, State.TO_VERIFY}
    told = {
        need.requirement: _in_hand(need)
        for one in found
        for need in one.needs
        if need.state in states
    }
    return list(told.values())


def _in_hand(need: Need) -> str:
    since = with_a_person(need)
    if not since:
        return gettext(need.label)
    return gettext("%(label)s: %(value)s", label=gettext(need.label), value=since)


@dataclass(frozen=True, slots=True)
class Dates:
    """The line of next dates and the same in words."""

    drawn: DatesLine
    lines: tuple[tuple[date, str], ...]


def _dates(found: Sequence[EngagementNeeds], today: date) -> Dates | None:
    until = add_months(today, HORIZON_MONTHS)
    by_day: dict[date, list[str]] = {}
    tones: dict[date, str] = {}
    for one in found:
        for need in one.needs:
            day = need.paper_ends_on
            if day is None or not today <= day <= until:
                continue
            label = gettext(need.label)
            if label not in by_day.setdefault(day, []):
                by_day[day].append(label)
            tones[day] = "soon" if need.state is State.EXPIRING else "ok"
        for contract in one.contracts:
            if contract.ends_on and today <= contract.ends_on <= until:
                words = gettext("End of %(contract)s", contract=contract.title)
                by_day.setdefault(contract.ends_on, []).append(words)
                tones.setdefault(contract.ends_on, "contract")
    if not by_day:
        return None
    lines = tuple((day, ", ".join(by_day[day])) for day in sorted(by_day))
    marks = [DateMark(day, tones[day], words) for day, words in lines]
    last = max(max(by_day) + timedelta(days=14), add_months(today, 3))
    drawn = draw_dates(marks, today=today, until=last, locale=language())
    return Dates(drawn, lines)


def _account_in_use(accounts: Sequence[BankAccount]) -> BankAccount | None:
    """The account that the group pays to, for the supplier to see that it is theirs."""
    now = context.now()
    for account in accounts:
        if account.state == "approved_twice" and account.active_from and account.active_from <= now:
            return account
    return None


def _account_on_its_way(accounts: Sequence[BankAccount]) -> tuple[BankAccount, str] | None:
    """The account that people verify, or that waits for its day, and how far it is."""
    for account in accounts:
        if account.state in bank.WAITING:
            return account, gettext(STATE_WORDS[account.state])
        if account.state == "approved_twice" and account.active_from:
            if account.active_from <= context.now():
                return None
            words = gettext(
                "Verified by two people, in service from %(date)s after the safety delay",
                date=show_instant(account.active_from),
            )
            return account, words
    return None
