"""What the home page says of one paper that is asked for: why, what to do, one action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext, ngettext

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.refusals import REFUSAL_TEXTS
from supplier.documents.states import is_visible
from supplier.kernel.clock import days_between
from supplier.portal.words import too_old
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.coverage import State
from supplier.vigilance.needs import EngagementNeeds, LastPaper, Need
from supplier.web.filters import show_instant, show_long_date
from supplier.web.papers import period_words

_WORKERS = RequirementCode.FOREIGN_WORKERS


@dataclass(frozen=True, slots=True)
class Ask:
    """One line of a request card."""

    title: str
    tone: str
    chip: str
    words: str
    why: str = ""
    source: str = ""
    outside: tuple[str, str] | None = None
    paper_url: str = ""
    contest_url: str = ""
    statement_url: str = ""
    list_url: str = ""
    bank_url: str = ""
    confirm_url: str = ""
    deposit_url: str = ""


def asks_of(
    one: EngagementNeeds, first_asked: Mapping[RequirementCode, str], *, today: date
) -> tuple[Ask, ...]:
    """The papers owed to one company; one that another company asked for first is told in short."""
    return tuple(
        _same(need, first_asked[need.requirement], today)
        if need.requirement in first_asked
        else _ask(need, today)
        for need in one.owed
    )


def _same(need: Need, elsewhere: str, today: date) -> Ask:
    tone, chip = _chip(need, today)
    words = gettext("The same as for %(company)s: handing it in once is enough.", company=elsewhere)
    return Ask(gettext(need.label), tone, chip, words)


def _ask(need: Need, today: date) -> Ask:
    tone, chip = _chip(need, today)
    if is_looked_at(need):
        return Ask(
            gettext(need.label), tone, chip, _looked_at(need), why=gettext(need.reason),
            source=gettext(need.source), paper_url=_paper_url(need),
        )  # fmt: skip
    workers = need.requirement is _WORKERS
    none_allowed = DocumentKind.FOREIGN_WORKERS_NONE in need.kinds
    is_bank = need.requirement is RequirementCode.BANK_DETAILS
    return Ask(
        title=gettext(need.label),
        tone=tone,
        chip=chip,
        words=_words(need, today, workers=workers),
        why=gettext(need.reason),
        source=gettext(need.source),
        outside=_outside(need),
        paper_url=_paper_url(need),
        contest_url=_contest_url(need),
        statement_url=url_for("portal_statements.none") if workers and none_allowed else "",
        list_url=url_for("portal_statements.typed") if workers else "",
        bank_url=url_for("portal_bank.show") if is_bank and not need.to_confirm else "",
        confirm_url=url_for("portal_bank.confirm", document_id=need.paper.id)
        if need.to_confirm and need.paper
        else "",
        deposit_url=""
        if workers or is_bank
        else url_for("portal_deposit.show", expected=asked_by(need)),
    )


def asked_by(need: Need) -> str:
    """What a paper for it is handed in for: its kind, or the requirement where no kind says it."""
    if DocumentKind.OTHER in need.kinds:
        return need.requirement.value
    return need.kind.value


def is_looked_at(need: Need) -> bool:
    """A refusal was contested or taken back: it counts until a person has answered."""
    refused = need.state is State.REFUSED
    return refused and need.paper is not None and need.paper.with_person_since is not None


def with_a_person(need: Need) -> str:
    """Since when a person has the paper; empty while none has."""
    since = need.paper.with_person_since if need.paper else None
    if since is None:
        return ""
    return gettext("a person has been examining it since %(when)s", when=show_instant(since))


def _looked_at(need: Need) -> str:
    since = need.paper.with_person_since if need.paper else None
    return gettext(
        "A person has been examining it since %(when)s. The refusal stays in force until the "
        "answer: you have nothing else to do for it.", when=show_instant(since),
    )  # fmt: skip


def _chip(need: Need, today: date) -> tuple[str, str]:
    if need.to_confirm:
        return "expiring", gettext("To confirm")
    if is_looked_at(need):
        return "in_review", gettext("A person is looking")
    if need.state is State.REFUSED:
        return "refused", gettext("Refused")
    if need.state is State.EXPIRING and need.covered_until:
        left = days_between(today, need.covered_until)
        words = ngettext("Ends in %(num)d day", "Ends in %(num)d days", left)
        return "expiring", words if left else gettext("Ends today")
    since = need.missing_since
    if since is not None and since < today:
        # Today is a day without the paper too, as the desk counts.
        days = days_between(since, today) + 1
        return "missing", ngettext("Missing for %(num)d day", "Missing for %(num)d days", days)
    return "missing", gettext("Missing")


def _words(need: Need, today: date, *, workers: bool) -> str:
    if need.to_confirm:
        return gettext("It was read. Nobody verifies the account before you confirm what was read.")
    parts: list[str] = []
    if need.state is State.REFUSED and need.paper is not None:
        codes = [ReasonCode(code) for code in need.paper.reasons if code in set(ReasonCode)]
        parts += [_reason(code, need.paper) for code in codes[:2]]
    elif need.state is State.EXPIRING:
        until = show_long_date(need.covered_until)
        parts.append(gettext("Good until %(date)s.", date=until))
        warning = period_words(need.paper, today=today) if need.paper else ""
        parts += [warning] if warning else []
    if workers and DocumentKind.FOREIGN_WORKERS_NONE in need.kinds:
        parts.append(
            gettext(
                "No employee subject to a work permit? Say so in one click: the statement is "
                "ready, you sign it here."
            )
        )
    else:
        parts.append(gettext(need.where))
    return " ".join(parts)


def _reason(code: ReasonCode, paper: LastPaper) -> str:
    """What is wrong; of a paper that is too old, its age and day as its card tells them."""
    kind = DocumentKind(paper.kind) if paper.kind else None
    told = too_old(kind, paper.issued_on) if code is ReasonCode.TOO_OLD else None
    return told[0] if told else gettext(REFUSAL_TEXTS[code])


def _outside(need: Need) -> tuple[str, str] | None:
    if not need.url:
        return None
    return need.url, need.url.removeprefix("https://").removeprefix("www.")


def _paper_url(need: Need) -> str:
    if need.paper is None or need.state is not State.REFUSED:
        return ""
    return url_for("portal_papers.show", document_id=need.paper.id)


def _contest_url(need: Need) -> str:
    if need.paper is None or need.paper.state not in {"refused", "unreadable"}:
        return ""
    if not is_visible(need.paper.reasons):
        return ""
    return url_for("portal_papers.contest", document_id=need.paper.id)
