"""The outbox: a mail is a row of the caller's transaction, sent later, at least once.

The Message-ID is made when the mail is queued and never changes, so a second copy (the worker
died between the send and its note of it) can be recognised by every mail program.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from supplier.accounts.policy import policy
from supplier.adapters import mail
from supplier.adapters.mail import AddressRefusedError, Mail, NoSender
from supplier.kernel import audit
from supplier.kernel.addresses import mail_address
from supplier.kernel.audit import SYSTEM, Actor
from supplier.kernel.crypto import keyring
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError, UnavailableError
from supplier.kernel.i18n import N_
from supplier.notifications.messages import SECRET_KINDS, Message
from supplier.notifications.models import OutboxMessage
from supplier.notifications.queries import Buyers, visible
from supplier.notifications.rendering import mail_domain, one_line
from supplier.parties.models import Contact

log = logging.getLogger("vigie.mail")

#: A worker that took a mail and died gives it back after this time.
LEASE = timedelta(minutes=5)
#: Waits between tries; after the last one the mail is given up, in sight of the desk (3 days).
DELAYS: tuple[timedelta, ...] = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440)
)
_BATCH = 50


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    #: Given up after the last try, ours or that of a server on the way.
    FAILED = "failed"
    #: A server said for good that the address takes no mail, at once or by a report later.
    BOUNCED = "bounced"


MOVES: dict[str, frozenset[str]] = {
    MailState.QUEUED: frozenset({MailState.SENT, MailState.FAILED, MailState.BOUNCED}),
    # What a report on it says, minutes or days after it left.
    MailState.SENT: frozenset({MailState.FAILED, MailState.BOUNCED}),
    MailState.FAILED: frozenset({MailState.QUEUED}),
    MailState.BOUNCED: frozenset({MailState.QUEUED}),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one run did, in counts."""

    sent: int = 0
    later: int = 0
    bounced: int = 0
    given_up: int = 0

    def as_counts(self) -> dict[str, int]:
        return {
            "sent": self.sent, "later": self.later,
            "bounced": self.bounced, "given_up": self.given_up,
        }  # fmt: skip


def queue_mail(
    session: Session,
    message: Message,
    *,
    dedupe_key: str,
    now: datetime,
    supplier_id: uuid.UUID | None = None,
    contact_id: uuid.UUID | None = None,
    user_id: uuid.UUID | None = None,
) -> uuid.UUID | None:
    """Write a mail in the caller's transaction; None when this fact was already told.

    The body is sealed: it may hold a link that lets somebody in. Raises DomainError when the
    address is not exactly one plain address.
    """
    address = mail_address(message.to_address)
    if address is None:
        raise DomainError(N_("This is not a mail address."), field="email")
    told = select(OutboxMessage.id).where(OutboxMessage.dedupe_key == dedupe_key)
    if session.scalar(told) is not None:
        return None
    row_id = new_id()
    body = json.dumps({"text": message.text, "html": message.html}, ensure_ascii=False)
    session.add(
        OutboxMessage(
            id=row_id,
            message_id=f"<{row_id.hex}@{mail_domain()}>",
            dedupe_key=dedupe_key,
            state=MailState.QUEUED,
            kind=message.kind,
            to_address=address,
            to_name=one_line(message.to_name, limit=120),
            language=message.language,
            subject=one_line(message.subject, limit=190),
            body=keyring().seal_text(body, context=_context(row_id)),
            supplier_id=supplier_id,
            contact_id=contact_id,
            user_id=user_id,
            created_at=now,
            not_before=now,
        )
    )
    session.flush()
    return row_id


def _context(row_id: uuid.UUID) -> str:
    return f"outbox_message.body:{row_id}"


def deliver(now: datetime) -> dict[str, int]:
    """Send what is due, one mail at a time, each in its own transactions. Returns counts."""
    total: dict[str, int] = Attempt().as_counts()
    for row_id in _list_due(now):
        row = _claim(row_id, now=now)
        if row is not None:
            total[_send(row, now=now)] += 1
    return total


def _list_due(now: datetime) -> list[uuid.UUID]:
    with reading() as session:
        return list(
            session.scalars(
                select(OutboxMessage.id)
                .where(OutboxMessage.state == MailState.QUEUED, OutboxMessage.not_before <= now)
                .order_by(OutboxMessage.not_before, OutboxMessage.id)
                .limit(_BATCH)
            )
        )


def _claim(row_id: uuid.UUID, *, now: datetime) -> OutboxMessage | None:
    """Take a mail for this worker: another one cannot take it until the lease ends."""
    with transaction() as session:
        row = session.get(OutboxMessage, row_id)
        if row is None or row.state != MailState.QUEUED or row.not_before > now:
            return None
        taken = session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == row_id,
                OutboxMessage.state == MailState.QUEUED,
                OutboxMessage.attempts == row.attempts,
            )
            .values(attempts=OutboxMessage.attempts + 1, not_before=now + LEASE)
            .execution_options(synchronize_session=False)
        )
        if getattr(taken, "rowcount", 0) != 1:
            return None
        session.refresh(row)
        return row


def _send(row: OutboxMessage, *, now: datetime) -> str:
    """Hand one mail over and note the outcome; the name of the count that it adds to."""
    try:
        mail.sender().send(_as_mail(row))
    except AddressRefusedError as refusal:
        _note_bounce(row.id, code=str(refusal), now=now)
        return "bounced"
    except UnavailableError as error:
        return _note_failure(row.id, error=_cause(error), now=now)
    except Exception as error:  # one bad mail must not hold up the others; it is noted on its row
        log.exception("mail %s could not be handed over", row.id)
        return _note_failure(row.id, error=type(error).__name__, now=now)
    # The worker may die before the next line: the same Message-ID leaves again after the lease.
    _note_sent(row.id, now=now)
    return "sent"


def _cause(error: BaseException) -> str:
    """What the server said, for the desk; never the address or the text of the mail."""
    cause = error.__cause__
    code = getattr(cause, "smtp_code", None)
    name = type(cause).__name__ if cause else type(error).__name__
    return f"{name} {code}" if code else name


def _as_mail(row: OutboxMessage) -> Mail:
    body = json.loads(keyring().open_text(row.body, context=_context(row.id)))
    return Mail(
        message_id=row.message_id,
        to_address=row.to_address,
        to_name=row.to_name,
        subject=row.subject,
        text=body["text"],
        html=body["html"],
        language=row.language,
        sent_at=row.created_at.timestamp(),
    )


def read_in_demo(mail_id: uuid.UUID) -> Mail:
    """A mail with its text and links, in the demo only. Raises NotFoundError."""
    with reading() as session:
        row = session.get(OutboxMessage, mail_id)
        if not policy().demo or row is None or not row.body:
            raise NotFoundError(N_("This page does not exist."))
        return _as_mail(row)


def _note_sent(row_id: uuid.UUID, *, now: datetime) -> None:
    with transaction() as session:
        row = session.get_one(OutboxMessage, row_id)
        if row.state != MailState.QUEUED:
            return
        audit.move(
            session, row, MailState.SENT, "mail.sent", allowed=MOVES, by=SYSTEM, at=now,
            data={"kind": row.kind, "attempts": row.attempts},
        )  # fmt: skip
        row.sent_at, row.last_error = now, None
        if row.kind in SECRET_KINDS:
            row.body = b""  # the link has left; nobody needs to find it here


def _note_failure(row_id: uuid.UUID, *, error: str, now: datetime) -> str:
    """Put the mail back with a growing wait, or give it up after the last one."""
    with transaction() as session:
        row = session.get_one(OutboxMessage, row_id)
        row.last_error = error[:500]
        if row.attempts <= len(DELAYS):
            row.not_before = now + DELAYS[row.attempts - 1]
            return "later"
        audit.move(
            session, row, MailState.FAILED, "mail.given_up", allowed=MOVES, by=SYSTEM, at=now,
            reason=error[:200], data={"kind": row.kind, "attempts": row.attempts},
        )  # fmt: skip
        return "given_up"


def _note_bounce(row_id: uuid.UUID, *, code: str, now: datetime) -> None:
    with transaction() as session:
        note_refusal(session, session.get_one(OutboxMessage, row_id), code=code, now=now)


def note_refusal(session: Session, row: OutboxMessage, *, code: str, now: datetime) -> None:
    """The address takes no mail: the mail stops and the contact shows it, with the reason.

    `code` is what the server answered (`550`) or what a report says (`5.1.1`).
    """
    audit.move(
        session, row, MailState.BOUNCED, "mail.bounced", allowed=MOVES, by=SYSTEM, at=now,
        reason=code[:200], data={"kind": row.kind},
    )  # fmt: skip
    row.bounced_at, row.last_error = now, code[:500]
    known = select(Contact).where(
        func.lower(Contact.email) == row.to_address, Contact.mail_state == "ok"
    )
    for contact in session.scalars(known):
        contact.mail_state, contact.mail_bounced_at, contact.mail_fault = "bounced", now, code[:40]
        session.flush()
        audit.record(
            session, "contact.mail_bounced", subject=contact, by=SYSTEM, at=now, reason=code[:200]
        )


def note_given_up(session: Session, row: OutboxMessage, *, code: str, now: datetime) -> None:
    """A server on the way gave the mail up; nothing is said against the address."""
    audit.move(
        session, row, MailState.FAILED, "mail.given_up", allowed=MOVES, by=SYSTEM, at=now,
        reason=code[:200], data={"kind": row.kind, "attempts": row.attempts},
    )  # fmt: skip
    row.last_error = code[:500]


def mail_waits() -> bool:
    """Whether no mail server is configured, so that every mail waits."""
    return isinstance(mail.sender(), NoSender)


def retry(row_id: uuid.UUID, *, buyers: Buyers, by: Actor, now: datetime) -> None:
    """Try a given-up or bounced mail again.

    Raises NotFoundError, ConflictError, also when its text is gone: a link that left is not kept.
    """
    with transaction() as session:
        wanted = visible(select(OutboxMessage).where(OutboxMessage.id == row_id), buyers)
        row = session.scalars(wanted).one_or_none()
        if row is None:
            raise NotFoundError(N_("This mail does not exist."))
        if not row.body:
            raise ConflictError(N_("The link in this mail was not kept. Have a new one sent."))
        audit.move(session, row, MailState.QUEUED, "mail.retried", allowed=MOVES, by=by, at=now)
        row.attempts, row.not_before, row.last_error = 0, now, None
        row.sent_at = row.bounced_at = None
