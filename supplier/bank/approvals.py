"""How bank details become payable: two people, exactly one value, a time to think it over.

An account is active when two distinct people approved its present value, neither of them the
submitter nor the creator of the other's account, and the cooling-off is over. Whether it is
active is computed from instants; no job turns it on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Iban

#: Between the second approval and the first payment, so that a fraud can still be stopped.
COOLING_OFF = timedelta(hours=48)
#: A call-back counts only on a number known for so long before the request (SECURITY B5).
NUMBER_KNOWN_FOR = timedelta(days=30)
APPROVALS_NEEDED = 2


class AccountState(StrEnum):
    SUBMITTED = "submitted"
    APPROVED_ONCE = "approved_once"
    APPROVED_TWICE = "approved_twice"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"
    REPLACED = "replaced"


#: From each state, where an account may go. A blocked one stays blocked, so that every pull still
#: learns of it; it is entered again, as a new version that needs two approvals of its own.
ALLOWED: dict[str, frozenset[str]] = {
    AccountState.SUBMITTED: frozenset(
        {
            AccountState.APPROVED_ONCE,
            AccountState.REFUSED,
            AccountState.WITHDRAWN,
            AccountState.BLOCKED,
        }
    ),
    AccountState.APPROVED_ONCE: frozenset(
        {
            AccountState.APPROVED_TWICE,
            AccountState.REFUSED,
            AccountState.WITHDRAWN,
            AccountState.BLOCKED,
        }
    ),
    AccountState.APPROVED_TWICE: frozenset({AccountState.BLOCKED, AccountState.REPLACED}),
    AccountState.BLOCKED: frozenset(),
    AccountState.REFUSED: frozenset(),
    AccountState.WITHDRAWN: frozenset(),
    # Back only when the account that was to replace it is blocked before its day; blocked while
    # it still serves.
    AccountState.REPLACED: frozenset({AccountState.APPROVED_TWICE, AccountState.BLOCKED}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account here, and who created that account."""

    id: UUID
    created_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's approval of one value at one instant (UTC)."""

    by: Person
    value_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account with its approvals; `submitter` is None when a program or the demo entered it."""

    state: AccountState
    value_hash: str
    submitter: UUID | None
    approvals: tuple[Approval, ...] = ()
    active_from: datetime | None = None
    replaced_at: datetime | None = None


def value_hash(*, iban: str, bic: str | None, holder: str, supplier_id: UUID, version: int) -> str:
    """What an approval is bound to: any edit gives another hash, and so no approvals."""
    parts = [iban, bic or "", holder, str(supplier_id), version]
    text = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def objection(account: AccountFacts, *, approver: Person, seen_hash: str) -> str | None:
    """Why this person may not approve the value that they saw, or None when they may.

    Four eyes (SECURITY B6, B8): the approver is neither the submitter nor the first approver,
    and neither of the two created the other's account.
    """
    if account.state not in {AccountState.SUBMITTED, AccountState.APPROVED_ONCE}:
        return N_("These bank details are no longer waiting for approval.")
    if seen_hash != account.value_hash:
        return N_("These bank details have changed since you opened them: look at them again.")
    if approver.id == account.submitter:
        return N_("You entered these bank details: two other people must approve them.")
    for approval in valid_approvals(account):
        if approval.by.id == approver.id:
            return N_("You have already approved these bank details: another person must do so.")
        if approval.by.id == approver.created_by or approver.id == approval.by.created_by:
            return N_(
                "One of the two approvers created the account of the other: a third person must "
                "approve."
            )
    return None


def valid_approvals(account: AccountFacts) -> tuple[Approval, ...]:
    """The approvals that count: of the present value, by people who did not enter it."""
    return tuple(
        approval
        for approval in account.approvals
        if approval.value_hash == account.value_hash and approval.by.id != account.submitter
    )


def state_after(account: AccountFacts) -> AccountState:
    """The state that one more approval leads to."""
    if len(valid_approvals(account)) + 1 >= APPROVALS_NEEDED:
        return AccountState.APPROVED_TWICE
    return AccountState.APPROVED_ONCE


def active_from(second_approval_at: datetime, *, cooling_off: timedelta = COOLING_OFF) -> datetime:
    """The instant from which an account may be paid to."""
    return second_approval_at + cooling_off


def is_active(account: AccountFacts, *, at: datetime) -> bool:
    """Whether an account may be paid to at an instant.

    The state alone never suffices: the approvals themselves must show two distinct people. An
    account that is replaced from an instant to come is served until then.
    """
    if account.state not in {AccountState.APPROVED_TWICE, AccountState.REPLACED}:
        return False
    if account.active_from is None or at < account.active_from:
        return False
    if account.state is AccountState.REPLACED and account.replaced_at is None:
        return False
    if account.replaced_at is not None and at >= account.replaced_at:
        return False
    return has_four_eyes(valid_approvals(account))


def has_four_eyes(approvals: Sequence[Approval]) -> bool:
    """Whether two of the approvals come from people independent of each other."""
    return any(
        other.by.id not in {one.by.id, one.by.created_by} and one.by.id != other.by.created_by
        for at, one in enumerate(approvals)
        for other in approvals[at + 1 :]
    )


def pull_cursor(account_active_from: datetime, *, last_changed_at: datetime) -> datetime:
    """Where an account stands in the order of pulls.

    It is the later of the two: an account approved before a pull and active after it would
    otherwise never be served.
    """
    return max(account_active_from, last_changed_at)


def retyped_right(text: str, *, iban: str) -> bool:
    """Whether the second approver, who did not see the IBAN, typed the same one (SECURITY B7)."""
    found = Iban.try_parse(text)
    return found is not None and found.value == iban


def number_is_independent(known_since: datetime, *, submitted_at: datetime) -> bool:
    """Whether a call-back number was on file long enough before the request (SECURITY B5)."""
    return submitted_at - known_since >= NUMBER_KNOWN_FOR
