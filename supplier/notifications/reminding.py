"""Send the reminders that are due and were not sent: one mail a person, each step once."""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supplier.accounts.models import Invitation, Mandate
from supplier.contracts.models import Contract
from supplier.documents.kinds import KINDS
from supplier.documents.models import Decision, Document
from supplier.kernel.calendar import is_working_day
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, reading, transaction
from supplier.notifications import messages
from supplier.notifications.messages import EscalationLine, Person, ReminderLine
from supplier.notifications.models import OutboxMessage, ReminderSent
from supplier.notifications.outbox import queue_mail
from supplier.notifications.recipients import Recipient, asker_of, buyer_address, list_recipients
from supplier.notifications.reminders import (
    CHASED_STATES,
    Duty,
    Escalation,
    Mail,
    Round,
    clock_start,
    plan_round,
)
from supplier.notifications.rendering import address_of, mail_room
from supplier.parties.models import Contact, Engagement, Supplier
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.models import Obligation
from supplier.vigilance.rules import load_rule_book
from supplier.vigilance.states import state_expression

log = logging.getLogger("vigie.mail")

#: Nobody is written to before the office opens.
FIRST_HOUR = 8
#: One mail a person and week at most, invitations included; what is due meanwhile waits.
PAUSE = timedelta(days=6, hours=12)
#: Duties are looked at so many days before their step at the earliest.
_FURTHEST = timedelta(days=366)
_PAUSED_BY = ("reminder", "invitation_supplier")
#: The step under which an escalation to the buyer is written down.
ESCALATED = 0


@dataclass(frozen=True, slots=True)
class _Owed:
    """A duty with what a line about it needs."""

    row: Obligation
    state: str
    supplier: Supplier
    engagement: Engagement
    due_on: date

    @property
    def key(self) -> str:
        return str(self.row.id)


def send_reminders(now: datetime) -> dict[str, int]:
    """What is due today and not yet told, on a worked day from eight o'clock on.

    A missed day loses nothing and a second run sends nothing twice: each step told to a person
    is a row under a unique constraint, written in the transaction that queues the mail.
    """
    today = legal_day(now)
    counts = {"reminders": 0, "escalations": 0}
    opened = now.astimezone(ZoneInfo(mail_room().timezone)).hour >= FIRST_HOUR
    if not opened or not is_working_day(today):
        return counts
    with reading() as session:
        owed = {one.key: one for one in _list_owed(session, today)}
        people = list_recipients(session, {o.row.supplier_id for o in owed.values()}, today=today)
        rounds = _rounds(session, owed.values(), people, today=today, now=now)
        contracts = _contracts(session, owed.values(), today)
        contacts = _contacts(session, owed.values())
    addressees = {one.person.address: one for found in people.values() for one in found}
    for round_ in _merged(rounds):
        for mail in round_.mails:
            counts["reminders"] += _remind(mail, addressees, owed, contracts, now=now)
        for escalation in round_.escalations:
            counts["escalations"] += _escalate(escalation, owed, contacts, now=now)
    return counts


def _list_owed(session: Session, today: date) -> Iterable[_Owed]:
    """Duties in a chased state of suppliers who were asked, with the day their steps count from."""
    state = state_expression(today)
    rows = session.execute(
        select(Obligation, state, Supplier, Engagement)
        .join(Supplier, Supplier.id == Obligation.supplier_id)
        .join(Engagement, Engagement.id == Obligation.engagement_id)
        .where(
            Obligation.next_due_on <= today + _FURTHEST,
            state.in_(sorted(CHASED_STATES)),
        )
        .order_by(Obligation.next_due_on, Obligation.id)
    ).all()
    asked = _asked_on(session, {row.supplier_id for row, *_ in rows})
    papers = {row.document_id for row, *_ in rows if row.refused}
    refused, with_us = _refused_on(session, papers), _contested(session, papers)
    for row, word, supplier, engagement in rows:
        if row.supplier_id not in asked or row.next_due_on is None:
            continue
        if row.refused and row.document_id in with_us:
            continue
        due_on = clock_start(
            row.next_due_on,
            asked_on=max(row.asked_on, asked[row.supplier_id]),
            refused_on=refused.get(row.document_id),
        )
        yield _Owed(row, word, supplier, engagement, due_on)


def _asked_on(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, date]:
    """The day on which each supplier was first invited or given a mandate."""
    first: dict[uuid.UUID, date] = {}
    invited = select(Invitation.supplier_id, func.min(Invitation.created_at)).where(
        Invitation.supplier_id.in_(ids)
    )
    mandated = select(Mandate.supplier_id, func.min(Mandate.from_at)).where(
        Mandate.supplier_id.in_(ids)
    )
    for supplier_id, at in [
        *session.execute(invited.group_by(Invitation.supplier_id)),
        *session.execute(mandated.group_by(Mandate.supplier_id)),
    ]:
        day = legal_day(at)
        first[supplier_id] = min(day, first.get(supplier_id, day))
    return first


def _refused_on(
    session: Session, ids: Collection[uuid.UUID | None]
) -> dict[uuid.UUID | None, date]:
    """The day on which each of these papers was refused: it restarts the clock."""
    rows = session.execute(
        select(Decision.document_id, func.max(Decision.at))
        .where(Decision.document_id.in_(ids), Decision.outcome == "refuse")
        .group_by(Decision.document_id)
    )
    return {document_id: legal_day(at) for document_id, at in rows}


def _contested(session: Session, ids: Collection[uuid.UUID | None]) -> frozenset[uuid.UUID | None]:
    """The refused papers whose contest a person has: the supplier has nothing to do meanwhile."""
    query = select(Document.id).where(
        Document.id.in_(ids), Document.contested_at.is_not(None), Document.state == "in_review"
    )
    return frozenset(session.scalars(query))


def _rounds(
    session: Session,
    owed: Collection[_Owed],
    people: Mapping[uuid.UUID, list[Recipient]],
    *,
    today: date,
    now: datetime,
) -> list[Round]:
    """What leaves, by plan: companies may have set plans of their own."""
    book = load_rule_book(session)
    told = _told(session, owed)
    paused = _paused(session, now)
    by_plan: defaultdict[tuple[int, ...], list[Duty]] = defaultdict(list)
    for one in owed:
        plan = book.plan(one.row.buyer_id, today)
        for recipient in people[one.row.supplier_id]:
            if recipient.person.address not in paused:
                by_plan[plan].append(_duty(one, recipient.person.address, told))
    return [plan_round(duties, today=today, plan=plan) for plan, duties in by_plan.items()]


def _duty(one: _Owed, address: str, told: Mapping[tuple[uuid.UUID, date, str], set[int]]) -> Duty:
    boss = buyer_address(one.engagement)
    return Duty(
        key=one.key,
        address=address,
        state=one.state,
        due_on=one.due_on,
        sent=frozenset(told.get((one.row.id, one.due_on, address), ())),
        escalated=boss is not None and (one.row.id, one.due_on, boss) in told,
        buyer_address=boss,
    )


def _told(
    session: Session, owed: Collection[_Owed]
) -> Mapping[tuple[uuid.UUID, date, str], set[int]]:
    found: defaultdict[tuple[uuid.UUID, date, str], set[int]] = defaultdict(set)
    ids = [one.row.id for one in owed]
    for row in session.scalars(select(ReminderSent).where(ReminderSent.obligation_id.in_(ids))):
        found[(row.obligation_id, row.due_on, row.address)].add(row.step)
    return dict(found)


def _paused(session: Session, now: datetime) -> frozenset[str]:
    """Addresses that were written to within the week."""
    return frozenset(
        session.scalars(
            select(OutboxMessage.to_address).where(
                OutboxMessage.kind.in_(_PAUSED_BY), OutboxMessage.created_at > now - PAUSE
            )
        )
    )


def _merged(rounds: Sequence[Round]) -> Iterable[Round]:
    """One mail a person and one a company, whatever the plans that made them leave."""
    mails: defaultdict[str, list[Mail]] = defaultdict(list)
    escalations: defaultdict[str, list[Escalation]] = defaultdict(list)
    for round_ in rounds:
        for mail in round_.mails:
            mails[mail.address].append(mail)
        for escalation in round_.escalations:
            escalations[escalation.address].append(escalation)
    yield Round(
        mails=tuple(
            Mail(address, tuple(item for one in found for item in one.items))
            for address, found in mails.items()
        ),
        escalations=tuple(
            Escalation(address, tuple(duty for one in found for duty in one.duties))
            for address, found in escalations.items()
        ),
    )


def _contracts(session: Session, owed: Collection[_Owed], today: date) -> dict[uuid.UUID, str]:
    """The contract to name in a line: the one signed last of those under way, by engagement."""
    rows = session.execute(
        select(Contract.engagement_id, Contract.reference)
        .where(
            Contract.engagement_id.in_({one.engagement.id for one in owed}),
            Contract.erased_at.is_(None),
            Contract.ends_on.is_(None) | (Contract.ends_on >= today),
        )
        .order_by(Contract.signed_on)
    )
    return dict(rows.all())


def _contacts(session: Session, owed: Collection[_Owed]) -> dict[uuid.UUID, Contact]:
    """Whom to call at each supplier: a contact with a telephone number."""
    rows = session.scalars(
        select(Contact)
        .where(
            Contact.supplier_id.in_({one.row.supplier_id for one in owed}),
            Contact.left_on.is_(None),
        )
        .order_by(Contact.phone.is_(None).desc(), Contact.receives_requests, Contact.name.desc())
    )
    return {row.supplier_id: row for row in rows}


def _remind(
    mail: Mail,
    people: Mapping[str, Recipient],
    owed: Mapping[str, _Owed],
    contracts: Mapping[uuid.UUID, str],
    *,
    now: datetime,
) -> int:
    """Queue one person's mail; 0 when another worker was faster."""
    to = people[mail.address]
    found = [(owed[item.duty.key], item.step) for item in mail.items]
    lines = [_line(one, contracts, today=legal_day(now)) for one, _ in found]
    message = messages.reminder(to.person, lines=lines, asker=asker_of(found[0][0].engagement))
    try:
        with transaction() as session:
            message_id = queue_mail(
                session, message, now=now,
                dedupe_key=f"reminder:{mail.address}:{legal_day(now).isoformat()}",
                supplier_id=_only({one.row.supplier_id for one, _ in found}),
                contact_id=to.contact_id, user_id=to.user_id,
            )  # fmt: skip
            if message_id is None:
                return 0
            for one, step in found:
                _note(session, one, step, mail.address, message_id, now=now)
                row = session.get_one(Obligation, one.row.id)
                row.reminders, row.reminded_at = _count(row, now), now
    except IntegrityError:
        log.info("a reminder was already told by another worker")
        return 0
    return 1


def _count(row: Obligation, now: datetime) -> int:
    """Reminders of a duty, counted once a day however many people were told."""
    if row.reminded_at is not None and legal_day(row.reminded_at) == legal_day(now):
        return row.reminders
    return row.reminders + 1


def _only(ids: set[uuid.UUID]) -> uuid.UUID | None:
    return next(iter(ids)) if len(ids) == 1 else None


def _line(one: _Owed, contracts: Mapping[uuid.UUID, str], *, today: date) -> ReminderLine:
    rule = RULES[RequirementCode(one.row.requirement)]
    due_on = one.row.next_due_on or one.due_on
    return ReminderLine(
        supplier=one.supplier.name,
        company=one.engagement.buyer.name,
        label=rule.label,
        where=KINDS[rule.kinds[0]].where,
        due_on=due_on,
        overdue=due_on <= today,
        contract=contracts.get(one.engagement.id),
    )


def _note(
    session: Session, one: _Owed, step: int, address: str, message_id: uuid.UUID, *, now: datetime
) -> None:
    session.add(
        ReminderSent(
            id=new_id(), obligation_id=one.row.id, due_on=one.due_on, step=step,
            address=address, message_id=message_id, at=now,
        )
    )  # fmt: skip
    session.flush()


def _escalate(
    escalation: Escalation,
    owed: Mapping[str, _Owed],
    contacts: Mapping[uuid.UUID, Contact],
    *,
    now: datetime,
) -> int:
    """Tell the company's contact person about those who do not answer; once a duty and day."""
    found = [owed[duty.key] for duty in escalation.duties]
    engagement = found[0].engagement
    name = engagement.contact_name or engagement.buyer.contact_name or escalation.address
    message = messages.escalation(
        Person(escalation.address, name),
        lines=[_escalation_line(one, contacts.get(one.row.supplier_id)) for one in found],
        company=engagement.buyer.name,
    )
    try:
        with transaction() as session:
            message_id = queue_mail(
                session, message, now=now,
                dedupe_key=f"escalation:{escalation.address}:{legal_day(now).isoformat()}",
            )  # fmt: skip
            if message_id is None:
                return 0
            for one in found:
                _note(session, one, ESCALATED, escalation.address, message_id, now=now)
    except IntegrityError:
        log.info("an escalation was already told by another worker")
        return 0
    return 1


def _escalation_line(one: _Owed, contact: Contact | None) -> EscalationLine:
    return EscalationLine(
        supplier=one.supplier.name,
        label=RULES[RequirementCode(one.row.requirement)].label,
        due_on=one.row.next_due_on or one.due_on,
        exposed=one.row.exposed,
        contact=contact.name if contact else None,
        phone=contact.phone if contact else None,
        url=address_of(f"/desk/suppliers/{one.supplier.id}"),
    )
