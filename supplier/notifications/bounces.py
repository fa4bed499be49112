"""What mail servers report later: read from the mailbox, matched to the outbox, noted once."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters.report_box import OpenBox, report_box
from supplier.kernel.database import transaction
from supplier.kernel.errors import ConflictError, UnavailableError
from supplier.notifications.models import OutboxMessage
from supplier.notifications.outbox import MailState, note_given_up, note_refusal
from supplier.notifications.reports import MAX_BYTES, Failure, Fate, Report, read_report

log = logging.getLogger("vigie.mail")

#: Most mails of one run: the next comes in minutes, and a run must end within its lease.
_BATCH = 500


def read_bounces(now: datetime) -> dict[str, int]:
    """A run of the clock: take in what lies unread in the mailbox. Returns counts.

    A mailbox that does not answer waits for the next run; `supplier doctor` says so.
    """
    box, counts = report_box(), dict[str, int]()
    if box is None:
        return counts
    try:
        with box.open() as opened:
            for uid in opened.list_unread()[:_BATCH]:
                outcome = _take(opened, uid, now=now)
                counts[outcome] = counts.get(outcome, 0) + 1
    except UnavailableError:
        log.warning("the mailbox for reports does not answer; they wait there")
        counts["unreachable"] = 1
    return counts


def _take(opened: OpenBox, uid: int, *, now: datetime) -> str:
    """Take one mail in; the name of the count that it adds to."""
    raw = opened.read(uid, limit=MAX_BYTES)
    report = read_report(raw) if raw is not None else None
    outcome = "other"
    if raw is not None and report is not None:
        try:
            outcome = take_in(report, digest=hashlib.sha256(raw).hexdigest(), now=now)
        except ConflictError:
            return "later"  # a person works on this mail right now: it stays unread
    # Only now: had the machine stopped before the commit, the report would be read again.
    opened.mark_read(uid)
    return outcome


def take_in(report: Report, *, digest: str, now: datetime) -> str:
    """Note what a report says of a mail of ours: `refused`, `given_up`, `delayed` or `unknown`.

    Both the Message-ID, which nobody can guess, and the recipient must be those of the mail.
    Raises ConflictError when somebody was faster.
    """
    with transaction() as session:
        row = session.scalars(
            select(OutboxMessage).where(OutboxMessage.message_id == report.message_id)
        ).one_or_none()
        failure = _about(row, report) if row is not None else None
        if row is None or failure is None:
            return "unknown"
        if row.report_digest == digest or not _may_have_left(row):
            return "known"
        return _note(session, row, failure, digest=digest, now=now)


def _about(row: OutboxMessage, report: Report) -> Failure | None:
    return next((one for one in report.failures if row.to_address in one.addresses), None)


def _may_have_left(row: OutboxMessage) -> bool:
    """A worker may have died between the send and its note: then the mail still says queued."""
    return row.state == MailState.SENT or (row.state == MailState.QUEUED and row.attempts > 0)


def _note(
    session: Session, row: OutboxMessage, failure: Failure, *, digest: str, now: datetime
) -> str:
    if failure.fate is Fate.REFUSED:
        note_refusal(session, row, code=failure.status, now=now)
    elif failure.fate is Fate.GIVEN_UP:
        note_given_up(session, row, code=failure.status, now=now)
    if failure.fate is not Fate.DELAYED:
        row.report_digest = digest
    return failure.fate.value
