"""What the worker and the clock call: mails of accounts, notices, reminders, delivery."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supplier.accounts.mailing import MailKind, open_token
from supplier.accounts.models import Invitation, User
from supplier.kernel.clock import legal_day
from supplier.kernel.database import transaction
from supplier.notifications import bounces, messages, outbox, reminding, telling
from supplier.notifications.messages import Asked, Message, Person
from supplier.notifications.outbox import queue_mail
from supplier.notifications.recipients import asker_of, find_contract, find_engagement
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance import actions as vigilance
from supplier.vigilance.needs import portal_needs

_LINKS = {
    MailKind.SIGN_IN_LINK: messages.sign_in_link,
    MailKind.PASSWORD_RESET: messages.password_reset,
    MailKind.FACTOR_RESET: messages.factor_reset,
}
_NOTICES = {
    MailKind.CREDENTIAL_CHANGED: messages.credential_changed,
    MailKind.ADDRESS_CHANGED: messages.address_changed,
    MailKind.NEW_SIGN_IN: messages.new_sign_in,
}


def account_mail(payload: Mapping[str, Any], now: datetime) -> None:
    """Write and send one mail of `accounts.mailing`. A link that died meanwhile is not sent."""
    kind = MailKind(payload["kind"])
    to = Person(payload["address"], payload["name"] or "", payload["language"] or "fr")
    with transaction() as session:
        message = _account_message(session, kind, to, payload, now=now)
        if message is None:
            return
        queue_mail(
            session, message, dedupe_key=_account_key(kind, to, payload, now), now=now,
            supplier_id=_id(payload, "supplier_id"), user_id=_id(payload, "user_id"),
            contact_id=_contact(session, payload),
        )  # fmt: skip
    outbox.deliver(now)


def _account_message(
    session: Session, kind: MailKind, to: Person, payload: Mapping[str, Any], *, now: datetime
) -> Message | None:
    if kind in _NOTICES:
        return _NOTICES[kind](to, at=now)
    token, link = open_token(payload), _open_link(session, payload, now)
    if token is None or link is None:
        return None
    if kind is MailKind.INVITATION_SUPPLIER:
        return _invitation(session, to, token, link, _id(payload, "engagement_id"), now=now)
    if kind is MailKind.INVITATION_STAFF:
        by = session.get(User, link.invited_by_id) if link.invited_by_id else None
        return messages.invitation_staff(
            to, token=token, expires_at=link.expires_at, invited_by=by.name if by else None
        )
    return _LINKS[kind](to, token=token, expires_at=link.expires_at)


def _open_link(session: Session, payload: Mapping[str, Any], now: datetime) -> Invitation | None:
    row = session.get(Invitation, _id(payload, "invitation_id"))
    if row is None or row.used_at or row.revoked_at or row.expires_at <= now:
        return None
    return row


def _account_key(kind: MailKind, to: Person, payload: Mapping[str, Any], now: datetime) -> str:
    """A link is told once; a notice once for its cause, which the second of its job names."""
    cause = payload.get("invitation_id") or f"{payload.get('user_id')}:{now.isoformat()}"
    return f"{kind.value}:{cause}:{to.address}"[:200]


def _id(payload: Mapping[str, Any], name: str) -> uuid.UUID | None:
    value = payload.get(name)
    return uuid.UUID(str(value)) if value else None


def _contact(session: Session, payload: Mapping[str, Any]) -> uuid.UUID | None:
    invitation_id = _id(payload, "invitation_id")
    row = session.get(Invitation, invitation_id) if invitation_id else None
    return row.contact_id if row else None


def _invitation(
    session: Session,
    to: Person,
    token: str,
    link: Invitation,
    engagement_id: uuid.UUID | None,
    *,
    now: datetime,
) -> Message:
    """The invitation of a supplier, with what it owes on this day to the company that asks."""
    today = legal_day(now)
    supplier_id = link.supplier_id
    assert supplier_id is not None  # an invitation of a supplier names it
    vigilance.refresh(session, supplier_id, today=today, now=now)
    engagement = session.get(Engagement, engagement_id) if engagement_id else None
    engagement = engagement or find_engagement(session, supplier_id, today=today)
    needs = portal_needs(supplier_id, today=today)
    owed = [
        need
        for one in needs
        if engagement is None or one.engagement.id == engagement.id
        for need in one.owed
    ]
    return messages.invitation_supplier(
        to,
        token=token,
        supplier=session.get_one(Supplier, supplier_id).name,
        asker=asker_of(engagement),
        papers=[Asked(need.label, need.where) for need in owed],
        expires_at=link.expires_at,
        contract=find_contract(session, engagement, today=today),
    )


def notify(payload: Mapping[str, Any], now: datetime) -> None:
    """Tell what happened; `messages.py` lists the kinds and the ids that each needs."""
    telling.tell(payload, now)
    outbox.deliver(now)


def deliver(now: datetime) -> dict[str, int]:
    """A run of the clock: send what is due."""
    return outbox.deliver(now)


def read_bounces(now: datetime) -> dict[str, int]:
    """A run of the clock: take in what mail servers report."""
    return bounces.read_bounces(now)


def send_reminders(now: datetime) -> dict[str, int]:
    """A run of the clock: queue the reminders that are due."""
    return reminding.send_reminders(now)


def tell_decisions(now: datetime) -> dict[str, int]:
    """A run of the clock: tell suppliers what was decided on their papers."""
    return telling.tell_decisions(now)
