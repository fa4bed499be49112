"""What the pages of bank details say: the state of an account, its steps, its signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext, ngettext

from supplier.bank.account_files import AccountFile
from supplier.bank.approvals import AccountState
from supplier.bank.call_backs import CallResult
from supplier.bank.checks import Finding, FindingCode, Severity, is_blocked
from supplier.bank.models import BankAccount
from supplier.documents.states import State
from supplier.kernel.audit import ActorKind
from supplier.kernel.i18n import N_
from supplier.web import context
from supplier.web.filters import show_instant

Step = tuple[str, str, str]
#: The states of `state_of` as files say them; pages say the same by their chips.
STATE_WORDS = {
    "submitted": N_("Waits for a first approval"),
    "approved_once": N_("Waits for a second approval"),
    "cooling_off": N_("Safety delay"),
    "active": N_("In service"),
    "blocked": N_("Blocked"),
    "replaced": N_("Replaced"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What was noticed, in words: what stops an approval, what makes people call, the rest."""

    blocks: tuple[str, ...]
    alerts: tuple[str, ...]
    notices: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.blocks) + len(self.alerts)


def state_of(account: BankAccount, *, now: datetime | None = None) -> str:
    """The state as a word of the chips: what the day decides included."""
    at = now or context.now()
    if account.state == AccountState.APPROVED_TWICE:
        waits = account.active_from is not None and account.active_from > at
        return "cooling_off" if waits else "active"
    if account.state == AccountState.REPLACED and account.replaced_at and account.replaced_at > at:
        return "active"
    return account.state


def short_mask(masked: str) -> str:
    """A masked account number in less room: its first and last four characters."""
    return f"{masked[:4]} •••• •••• {masked[-4:]}" if masked else ""


def sign_words(account: BankAccount, findings: Iterable[Finding] | None = None) -> Signs:
    """The findings of an account, translated; those of its row unless fresher ones are given."""
    if findings is None:
        findings = [Finding(FindingCode(row["code"])) for row in account.findings]
    words: dict[Severity, list[str]] = {severity: [] for severity in Severity}
    for found in findings:
        words[found.severity].append(gettext(found.message))
    return Signs(*(tuple(words[severity]) for severity in Severity))


def steps_of(file: AccountFile, cooling_off: timedelta) -> list[Step]:
    """The way of an account from hand to hand; the step in hand is the first not done."""
    account = file.account
    steps: list[tuple[str, str, bool]] = [(gettext("Asked for"), _submitted(account), True)]
    if file.owes_call or file.call_backs:
        done = file.call == CallResult.CONFIRMED
        steps.append((gettext("Call-back"), _called(file), done))
    steps += [_approval(file, position) for position in (1, 2)]
    began, serves = account.active_from, state_of(account) == "active"
    hours = int(cooling_off.total_seconds() // 3600)
    wait = gettext("until %(when)s", when=show_instant(began)) if began else ""
    steps.append((gettext("Safety delay"), wait or gettext("%(hours)s h", hours=hours), serves))
    since = gettext("since %(when)s", when=show_instant(began)) if serves else ""
    steps.append((gettext("In service"), since, serves))
    return _marked(steps, over=state_of(account) in {"refused", "withdrawn", "blocked", "replaced"})


def _marked(steps: list[tuple[str, str, bool]], *, over: bool) -> list[Step]:
    at = next((place for place, step in enumerate(steps) if not step[2]), len(steps))
    return [
        (title, words, "done" if done else "now" if place == at and not over else "")
        for place, (title, words, done) in enumerate(steps)
    ]


def _submitted(account: BankAccount) -> str:
    when = show_instant(account.submitted_at)
    if account.submitted_by_kind == ActorKind.STAFF:
        return gettext(
            "%(name)s, on behalf of the supplier, %(when)s",
            name=account.submitted_by_name, when=when,
        )  # fmt: skip
    return gettext("%(name)s, portal, %(when)s", name=account.submitted_by_name, when=when)


def _called(file: AccountFile) -> str:
    if file.call == CallResult.DENIED:
        return gettext("denied by the supplier")
    confirmed = [one for one in file.call_backs if one.result == CallResult.CONFIRMED]
    if confirmed:
        last = confirmed[-1]
        return gettext("%(name)s, %(when)s", name=last.by_name, when=show_instant(last.at))
    if not file.call_backs:
        if not file.is_number_known:
            return gettext("to a number found elsewhere")
        return gettext("to a number known before")
    tries = len(file.call_backs)
    return ngettext("%(num)d try", "%(num)d tries", tries)


def _approval(file: AccountFile, position: int) -> tuple[str, str, bool]:
    title = gettext("First approval") if position == 1 else gettext("Second approval")
    given = next((one for one in file.approvals if one.position == position), None)
    if given is None:
        return title, gettext("another person") if position == 2 else "", False
    return title, gettext("%(name)s, %(when)s", name=given.name, when=show_instant(given.at)), True


def what_is_missing(file: AccountFile) -> str:
    """Why nobody can approve at this moment, or an empty text."""
    if not file.is_intact:
        return gettext(
            "The stored value is not the one that was handed in: refuse it and tell your "
            "administrator."
        )
    if is_blocked(file.findings):
        return gettext(
            "These bank details cannot be approved as they stand: refuse them with the reason."
        )
    if file.document is not None and file.document.state == State.REFUSED:
        return gettext(
            "The paper behind these bank details was refused: refuse them with the reason."
        )
    if file.owes_call and file.call == CallResult.DENIED:
        return gettext("The supplier denied this change on the telephone: refuse it.")
    if file.owes_call and not file.call:
        return gettext("Possible once the call-back is recorded.")
    return ""
