"""Bank details are owed as an account that two people verified; the paper alone covers nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from supplier.documents.kinds import DocumentKind
from supplier.kernel.clock import legal_day
from supplier.vigilance.papers import Paper
from supplier.vigilance.spans import before


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """One version of a supplier's bank details and its instants (UTC)."""

    #: The company that alone pays to it, or None for all.
    buyer_id: uuid.UUID | None
    document_id: uuid.UUID | None
    submitted_at: datetime
    #: The second approval, and the end of the safety delay after it.
    approved_at: datetime | None = None
    active_from: datetime | None = None
    #: Refused, withdrawn or blocked.
    stopped_at: datetime | None = None
    replaced_at: datetime | None = None


def account_papers(
    accounts: Iterable[KnownAccount], *, buyer_id: uuid.UUID, began_on: date, known_at: datetime
) -> list[Paper]:
    """What the accounts are worth for a company, in the words of papers.

    An account waits while people verify it and until its safety delay is over; from then on it
    covers without end, until it is blocked or another takes its place.
    """
    return [
        paper
        for account in accounts
        if account.buyer_id in {None, buyer_id} and account.submitted_at <= known_at
        for paper in _papers(account, began_on, known_at)
    ]


def _papers(account: KnownAccount, began_on: date, known_at: datetime) -> Iterable[Paper]:
    received_on = max(legal_day(account.submitted_at), began_on)
    stopped = account.stopped_at is not None and account.stopped_at <= known_at
    active_from = account.active_from if _passed(account.approved_at, known_at) else None
    if active_from is None:
        if not stopped:
            yield _paper(account, received_on)
        return
    first, last = legal_day(active_from), _last_day(account, known_at)
    if first > received_on and (last is None or last >= first):
        yield _paper(account, received_on, valid_until=before(first))
    yield _paper(
        account, received_on, good_from=first, valid_until=last, accepted_at=account.approved_at
    )


def _last_day(account: KnownAccount, known_at: datetime) -> date | None:
    """The last day on which it is paid to; None while no end is known."""
    if account.stopped_at is not None and account.stopped_at <= known_at:
        return before(legal_day(account.stopped_at))
    # On the day of the change the one ends as the other begins.
    return legal_day(account.replaced_at) if account.replaced_at is not None else None


def _paper(
    account: KnownAccount,
    received_on: date,
    *,
    good_from: date | None = None,
    valid_until: date | None = None,
    accepted_at: datetime | None = None,
) -> Paper:
    return Paper(
        id=str(account.document_id) if account.document_id else "",
        kind=DocumentKind.BANK_DETAILS, received_on=received_on, good_from=good_from,
        valid_until=valid_until, accepted_at=accepted_at, state="account",
    )  # fmt: skip


def _passed(at: datetime | None, known_at: datetime) -> bool:
    return at is not None and at <= known_at
