"""Bulk invitations: rehearsed line by line, then sent once, exactly to those who were shown."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from supplier.accounts.actions import invite_supplier
from supplier.accounts.models import Invitation, Mandate
from supplier.adapters import queue
from supplier.kernel import audit
from supplier.kernel.addresses import mail_address
from supplier.kernel.audit import Actor, ActorKind
from supplier.kernel.clock import PARIS, legal_day
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer, Contact, Engagement, Supplier
from supplier.vigilance.models import Campaign, Obligation
from supplier.vigilance.states import OWED, Buyers, state_expression

SEND_TASK = "send_campaign"


class CampaignState(StrEnum):
    REHEARSED = "rehearsed"
    SENT = "sent"
    DISCARDED = "discarded"


MOVES: dict[str, frozenset[str]] = {
    CampaignState.REHEARSED: frozenset({CampaignState.SENT, CampaignState.DISCARDED}),
}


class Audience(StrEnum):
    """Which suppliers of the company are written to."""

    #: Nobody there was ever invited and nobody acts for them.
    NEW = "new"
    #: Invited, and nobody came.
    SILENT = "silent"
    #: Something is missing, refused or ends soon.
    OWING = "owing"
    ALL = "all"


class Outcome(StrEnum):
    """What becomes of a line."""

    SEND = "send"
    NO_CONTACT = "no_contact"
    BAD_ADDRESS = "bad_address"
    BOUNCED = "bounced"
    SENT = "sent"
    #: Between the rehearsal and the sending the contact left or changed.
    FAILED = "failed"


OUTCOME_TEXTS: dict[Outcome, str] = {
    Outcome.SEND: N_("Gets the invitation"),
    Outcome.NO_CONTACT: N_("No contact with a mail address"),
    Outcome.BAD_ADDRESS: N_("The mail address is not valid"),
    Outcome.BOUNCED: N_("The mail address no longer works"),
    Outcome.SENT: N_("Invited"),
    Outcome.FAILED: N_("Could not be invited any more"),
}


@dataclass(frozen=True, slots=True)
class CampaignFilter:
    """Whom to write to. `since` keeps relationships recorded from that day on (an import)."""

    audience: Audience = Audience.NEW
    since: date | None = None


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One mail, or one supplier who cannot be reached and why."""

    supplier_id: str
    supplier: str
    engagement_id: str
    outcome: str
    owed: int
    contact_id: str | None = None
    name: str | None = None
    address: str | None = None
    language: str | None = None

    @property
    def is_reached(self) -> bool:
        return self.outcome in {Outcome.SEND, Outcome.SENT}


def rehearse_campaign(
    buyer_id: uuid.UUID,
    wanted: CampaignFilter,
    *,
    buyers: Buyers,
    by: Actor,
    now: datetime,
    name: str = "",
) -> uuid.UUID:
    """Work out who would get what, keep it, send nothing. Gives the campaign's id.

    Raises NotFoundError for a company out of sight, DomainError when nobody matches.
    """
    with transaction() as session:
        buyer = _get_buyer(session, buyer_id, buyers)
        lines = _list_lines(session, buyer_id, wanted, today=legal_day(now))
        if not lines:
            raise DomainError(N_("No supplier matches: choose others."), field="audience")
        row = Campaign(
            id=new_id(), state=CampaignState.REHEARSED, buyer_id=buyer.id,
            name=name.strip() or buyer.name, report=[asdict(line) for line in lines],
            by_id=by.id, at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(
            session, "campaign.rehearsed", subject=row, by=by, at=now,
            data={"buyer_id": str(buyer.id), "audience": wanted.audience.value, **_tally(lines)},
        )  # fmt: skip
        return row.id


def send_campaign(campaign_id: uuid.UUID, *, buyers: Buyers, by: Actor, now: datetime) -> None:
    """Send what was rehearsed, once. Raises NotFoundError, ConflictError when it was sent."""
    with transaction() as session:
        row = _get(session, campaign_id, buyers)
        audit.move(
            session, row, CampaignState.SENT, "campaign.sent", allowed=MOVES, by=by, at=now,
            data=_tally(lines_of(row)),
        )  # fmt: skip
        row.sent_at = now
        payload = {"campaign_id": str(row.id), "by_id": str(by.id), "by_name": by.name}
        queue.defer(session, SEND_TASK, now=now, payload=payload)


def discard_campaign(campaign_id: uuid.UUID, *, buyers: Buyers, by: Actor, now: datetime) -> None:
    """Give a rehearsal up. Raises NotFoundError, ConflictError when it was sent."""
    with transaction() as session:
        row = _get(session, campaign_id, buyers)
        audit.move(
            session, row, CampaignState.DISCARDED, "campaign.discarded", allowed=MOVES, by=by,
            at=now,
        )  # fmt: skip


def send_task(payload: Mapping[str, Any], now: datetime) -> None:
    """The worker's errand: invite each line in its own transaction; a second run skips those
    that were invited since the campaign was sent."""
    campaign_id = uuid.UUID(str(payload["campaign_id"]))
    by = Actor(ActorKind.STAFF, uuid.UUID(str(payload["by_id"])), str(payload["by_name"]))
    with reading() as session:
        row = session.get_one(Campaign, campaign_id)
        lines, sent_at = lines_of(row), row.sent_at or now
        done = _invited_since(session, lines, sent_at)
    report = [asdict(_send(line, done, by=by, now=now)) for line in lines]
    with transaction() as session:
        session.get_one(Campaign, campaign_id).report = report


def _send(line: CampaignLine, done: Collection[str], *, by: Actor, now: datetime) -> CampaignLine:
    if line.outcome != Outcome.SEND or line.contact_id is None:
        return line
    values = asdict(line)
    if line.contact_id in done:
        return CampaignLine(**{**values, "outcome": Outcome.SENT.value})
    try:
        invite_supplier(
            uuid.UUID(line.contact_id), engagement_id=uuid.UUID(line.engagement_id), by=by, now=now
        )
    except DomainError:
        return CampaignLine(**{**values, "outcome": Outcome.FAILED.value})
    return CampaignLine(**{**values, "outcome": Outcome.SENT.value})


def _invited_since(
    session: Session, lines: Sequence[CampaignLine], since: datetime
) -> frozenset[str]:
    ids = [uuid.UUID(line.contact_id) for line in lines if line.contact_id]
    rows = session.scalars(
        select(Invitation.contact_id).where(
            Invitation.contact_id.in_(ids), Invitation.created_at >= since
        )
    )
    return frozenset(str(contact_id) for contact_id in rows)


def get_campaign(campaign_id: uuid.UUID, *, buyers: Buyers) -> Campaign:
    """A campaign with its report. Raises NotFoundError."""
    with reading() as session:
        return _get(session, campaign_id, buyers)


def list_campaigns(*, buyers: Buyers, limit: int = 50) -> Sequence[Campaign]:
    """The latest campaigns; one statement."""
    query = select(Campaign).order_by(Campaign.at.desc(), Campaign.id).limit(limit)
    if buyers is not None:
        query = query.where(Campaign.buyer_id.in_(buyers))
    with reading() as session:
        return session.scalars(query).all()


def list_choices(*, buyers: Buyers) -> list[tuple[uuid.UUID, str]]:
    """The companies for which a campaign may be made, by name."""
    query = select(Buyer).order_by(Buyer.sort_name, Buyer.id)
    if buyers is not None:
        query = query.where(Buyer.id.in_(buyers))
    with reading() as session:
        return [(row.id, row.name) for row in session.scalars(query)]


def lines_of(row: Campaign) -> list[CampaignLine]:
    """The lines of a campaign's report."""
    return [CampaignLine(**line) for line in row.report]


def _tally(lines: Iterable[CampaignLine]) -> dict[str, int]:
    found = list(lines)
    reached = sum(line.is_reached for line in found)
    return {"mails": reached, "unreached": len(found) - reached}


def _get_buyer(session: Session, buyer_id: uuid.UUID, buyers: Buyers) -> Buyer:
    row = session.get(Buyer, buyer_id)
    if row is None or (buyers is not None and row.id not in buyers):
        raise NotFoundError(N_("This company does not exist."))
    return row


def _get(session: Session, campaign_id: uuid.UUID, buyers: Buyers) -> Campaign:
    row = session.get(Campaign, campaign_id)
    if row is None or (buyers is not None and row.buyer_id not in buyers):
        raise NotFoundError(N_("This campaign does not exist."))
    return row


def _list_lines(
    session: Session, buyer_id: uuid.UUID, wanted: CampaignFilter, *, today: date
) -> list[CampaignLine]:
    """Five statements, however many suppliers."""
    found = session.execute(_suppliers(buyer_id, wanted, today)).all()
    ids = [supplier.id for supplier, _ in found]
    owed = _owed(session, buyer_id, today)
    invited, inside = _known(session, ids)
    contacts: defaultdict[uuid.UUID, list[Contact]] = defaultdict(list)
    for contact in session.scalars(_contacts(ids, today)):
        contacts[contact.supplier_id].append(contact)
    lines: list[CampaignLine] = []
    for supplier, engagement in found:
        count = owed.get(supplier.id, 0)
        if _is_meant(wanted.audience, supplier.id in invited, supplier.id in inside, count):
            lines += _lines(supplier, engagement, contacts[supplier.id], count)
    return lines


def _suppliers(buyer_id: uuid.UUID, wanted: CampaignFilter, today: date) -> Any:
    query = (
        select(Supplier, Engagement)
        .join(Engagement, Engagement.supplier_id == Supplier.id)
        .where(
            Engagement.buyer_id == buyer_id,
            Supplier.anonymised_at.is_(None),
            or_(Engagement.ended_on.is_(None), Engagement.ended_on >= today),
        )
        .order_by(Supplier.sort_name, Supplier.id)
    )
    if wanted.since is not None:
        midnight = datetime.combine(wanted.since, time.min, tzinfo=PARIS)
        query = query.where(Engagement.created_at >= midnight)
    return query


def _is_meant(audience: Audience, invited: bool, inside: bool, owed: int) -> bool:
    return {
        Audience.NEW: not invited and not inside,
        Audience.SILENT: invited and not inside,
        Audience.OWING: owed > 0,
        Audience.ALL: True,
    }[audience]


def _owed(session: Session, buyer_id: uuid.UUID, today: date) -> dict[uuid.UUID, int]:
    """How many papers each supplier owes to this company."""
    rows = session.execute(
        select(Obligation.supplier_id, func.count())
        .where(Obligation.buyer_id == buyer_id, state_expression(today).in_(OWED))
        .group_by(Obligation.supplier_id)
    )
    return dict(rows.all())


def _known(
    session: Session, ids: Collection[uuid.UUID]
) -> tuple[frozenset[uuid.UUID | None], frozenset[uuid.UUID]]:
    """Suppliers who were invited, and those for whom somebody acts."""
    invited = session.scalars(
        select(Invitation.supplier_id).where(Invitation.supplier_id.in_(ids)).distinct()
    )
    inside = session.scalars(
        select(Mandate.supplier_id)
        .where(Mandate.supplier_id.in_(ids), Mandate.ended_at.is_(None))
        .distinct()
    )
    return frozenset(invited), frozenset(inside)


def _contacts(ids: Collection[uuid.UUID], today: date) -> Any:
    return (
        select(Contact)
        .where(
            Contact.supplier_id.in_(ids),
            Contact.receives_requests,
            or_(Contact.left_on.is_(None), Contact.left_on > today),
        )
        .order_by(Contact.sort_name, Contact.id)
    )


def _lines(
    supplier: Supplier, engagement: Engagement, contacts: Sequence[Contact], owed: int
) -> list[CampaignLine]:
    """One line a person who is reached; without any, one that says why."""
    written = [one for one in contacts if one.email]
    reached = [one for one in written if _outcome(one) is Outcome.SEND]
    shown = reached or written[:1]
    if not shown:
        return [_line(supplier, engagement, None, Outcome.NO_CONTACT, owed)]
    return [_line(supplier, engagement, one, _outcome(one), owed) for one in shown]


def _outcome(contact: Contact) -> Outcome:
    if mail_address(contact.email or "") is None:
        return Outcome.BAD_ADDRESS
    return Outcome.SEND if contact.mail_state == "ok" else Outcome.BOUNCED


def _line(
    supplier: Supplier,
    engagement: Engagement,
    contact: Contact | None,
    outcome: Outcome,
    owed: int,
) -> CampaignLine:
    return CampaignLine(
        supplier_id=str(supplier.id),
        supplier=supplier.name,
        engagement_id=str(engagement.id),
        outcome=outcome.value,
        owed=owed,
        contact_id=str(contact.id) if contact else None,
        name=contact.name if contact else None,
        address=contact.email if contact else None,
        language=contact.language if contact else None,
    )
