"""Gaps across suppliers: which are open or coming, what they cost, who must be called."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session

from supplier.kernel.database import Page, reading
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer, Contact, Supplier
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import State
from supplier.vigilance.models import FollowUp, Obligation
from supplier.vigilance.states import (
    Buyers,
    is_open_gap,
    is_under_duty,
    opens_between,
    state_expression,
    visible,
)

#: A coming gap is in sight for so many days.
SIGHT_DAYS = 45
#: A call helps for gaps that open so soon.
CALL_DAYS = 14
#: Reminders without an answer after which a call helps (DOMAIN rule 38).
CALL_AFTER = 2


class GapKind(StrEnum):
    OPEN = "open"
    COMING = "coming"


class GapSort(StrEnum):
    EXPOSED = "exposed"
    SINCE = "since"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class GapFilter:
    """Which gaps. `until` is the last day on which a coming gap opens (default: in sight)."""

    kind: GapKind = GapKind.OPEN
    until: date | None = None
    buyer_id: uuid.UUID | None = None
    requirement: str | None = None
    #: Law or policy.
    basis: str | None = None
    text: str = ""
    sort: GapSort = GapSort.EXPOSED


@dataclass(frozen=True, slots=True)
class MissingPaper:
    """One paper that is missing at one company. `label` is a marked message."""

    requirement: RequirementCode
    label: str
    state: State
    buyer: str
    basis: str
    since: date


@dataclass(frozen=True, slots=True)
class LastWord:
    """What a colleague noted last about a supplier."""

    note: str
    promised_on: date | None
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GapRow:
    """One supplier with its gaps. `exposed` is euros so far for open gaps, euros a day for
    coming ones; `since` the first day without cover."""

    supplier_id: uuid.UUID
    name: str
    since: date
    exposed: Decimal
    papers: tuple[MissingPaper, ...]
    reminders: int
    reminded_at: datetime | None
    bounced_at: datetime | None
    last_word: LastWord | None

    @property
    def buyers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(paper.buyer for paper in self.papers))

    @property
    def requirements(self) -> tuple[str, ...]:
        """Labels, each once: marked messages."""
        return tuple(dict.fromkeys(paper.label for paper in self.papers))


def list_gaps(
    wanted: GapFilter, *, buyers: Buyers, today: date, number: int = 1, size: int = 50
) -> Page[GapRow]:
    """Suppliers with open or coming gaps, one row a supplier; five statements."""
    condition = _condition(wanted, today)
    with reading() as session:
        grouped = _by_supplier(wanted, condition, buyers)
        query = select(Supplier.id, Supplier.name, grouped).join(
            grouped, grouped.c.supplier_id == Supplier.id
        )
        for word in wanted.text.lower().split():
            query = query.where(Supplier.search_text.contains(word, autoescape=True))
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        number = min(max(1, number), max(1, -(-total // size)))
        rows = session.execute(
            query.order_by(*_order(wanted.sort, grouped)).limit(size).offset((number - 1) * size)
        ).all()
        ids = [row.id for row in rows]
        papers = _papers(session, ids, condition, buyers, today)
        bounces = _bounces(session, ids)
        words = _last_words(session, ids)
    items = [
        GapRow(
            supplier_id=row.id,
            name=row.name,
            since=row.since,
            exposed=Decimal(row.exposed or 0),
            papers=tuple(papers[row.id]),
            reminders=row.reminders,
            reminded_at=row.reminded_at,
            bounced_at=bounces.get(row.id),
            last_word=words.get(row.id),
        )
        for row in rows
    ]
    return Page(items, number, size, total)


def _condition(wanted: GapFilter, today: date) -> ColumnElement[bool]:
    if wanted.kind is GapKind.OPEN:
        condition = is_open_gap(today)
    else:
        until = wanted.until or today + timedelta(days=SIGHT_DAYS)
        condition = opens_between(today + timedelta(days=1), until)
    if wanted.buyer_id is not None:
        condition = and_(condition, Obligation.buyer_id == wanted.buyer_id)
    if wanted.requirement:
        condition = and_(condition, Obligation.requirement == wanted.requirement)
    if wanted.basis:
        condition = and_(condition, Obligation.basis == wanted.basis)
    return condition


def _by_supplier(wanted: GapFilter, condition: ColumnElement[bool], buyers: Buyers) -> Subquery:
    """A day without two papers is one day: euros are those of the engagement, not the sum of its
    papers."""
    is_open = wanted.kind is GapKind.OPEN
    by_engagement = visible(
        select(
            Obligation.supplier_id,
            func.min(Obligation.gap_from if is_open else Obligation.next_due_on).label("since"),
            func.max(Obligation.exposed if is_open else Obligation.daily_rate).label("exposed"),
            func.max(Obligation.reminders).label("reminders"),
            func.max(Obligation.reminded_at).label("reminded_at"),
        ).where(condition),
        buyers,
    ).group_by(Obligation.supplier_id, Obligation.engagement_id)
    one = by_engagement.subquery("by_engagement")
    return (
        select(
            one.c.supplier_id,
            func.min(one.c.since).label("since"),
            func.sum(one.c.exposed).label("exposed"),
            func.max(one.c.reminders).label("reminders"),
            func.max(one.c.reminded_at).label("reminded_at"),
        )
        .group_by(one.c.supplier_id)
        .subquery("by_supplier")
    )


def _order(sort: GapSort, grouped: Subquery) -> tuple[Any, ...]:
    first = {
        GapSort.EXPOSED: (grouped.c.exposed.desc(), grouped.c.since),
        GapSort.SINCE: (grouped.c.since,),
        GapSort.NAME: (Supplier.name,),
    }[sort]
    return (*first, Supplier.id)


def _papers(
    session: Session,
    ids: Collection[uuid.UUID],
    condition: ColumnElement[bool],
    buyers: Buyers,
    today: date,
) -> Mapping[uuid.UUID, list[MissingPaper]]:
    found: defaultdict[uuid.UUID, list[MissingPaper]] = defaultdict(list)
    query = (
        select(Obligation, state_expression(today), Buyer.short_name)
        .join(Buyer, Buyer.id == Obligation.buyer_id)
        .where(condition, Obligation.supplier_id.in_(ids))
        .order_by(Obligation.gap_from, Obligation.id)
    )
    for row, state, buyer in session.execute(visible(query, buyers)):
        code = RequirementCode(row.requirement)
        since = row.gap_from or row.next_due_on or today
        paper = MissingPaper(code, RULES[code].label, State(state), buyer, row.basis, since)
        found[row.supplier_id].append(paper)
    return found


def _bounces(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    rows = session.execute(
        select(Contact.supplier_id, func.max(Contact.mail_bounced_at))
        .where(Contact.supplier_id.in_(ids), Contact.mail_state == "bounced")
        .group_by(Contact.supplier_id)
    )
    return {supplier_id: at for supplier_id, at in rows if at is not None}


def _last_words(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, LastWord]:
    """The last note about each of these suppliers."""
    last = (
        select(FollowUp.supplier_id, func.max(FollowUp.at).label("at"))
        .where(FollowUp.supplier_id.in_(ids))
        .group_by(FollowUp.supplier_id)
        .subquery()
    )
    rows = session.scalars(
        select(FollowUp).join(
            last, and_(FollowUp.supplier_id == last.c.supplier_id, FollowUp.at == last.c.at)
        )
    )
    return {
        row.supplier_id: LastWord(row.note, row.promised_on, row.by_name, row.at) for row in rows
    }


class CallReason(StrEnum):
    """Why a mail will not do."""

    NO_ADDRESS = "no_address"
    BOUNCED = "bounced"
    PROMISE_BROKEN = "promise_broken"
    UNANSWERED = "unanswered"


CALL_REASON_TEXTS: dict[CallReason, str] = {
    CallReason.NO_ADDRESS: N_("No mail address is known."),
    CallReason.BOUNCED: N_("The mail address no longer works."),
    CallReason.PROMISE_BROKEN: N_("What was promised did not come."),
    CallReason.UNANSWERED: N_("Reminded several times without an answer."),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A supplier to call, whom there, and why."""

    supplier_id: uuid.UUID
    name: str
    reason: CallReason
    contact_id: uuid.UUID | None
    contact_name: str | None
    role: str | None
    phone: str | None
    language: str
    since: date
    exposed: Decimal
    reminders: int
    last_word: LastWord | None


def who_to_call(*, buyers: Buyers, today: date, limit: int = 6) -> list[Call]:
    """Whom to telephone, the most exposed first: a gap is open or near and mails do not help.

    Three statements.
    """
    with reading() as session:
        rows = session.execute(_calls_query(buyers, today, limit)).all()
        ids = [row.id for row in rows]
        contacts: defaultdict[uuid.UUID, list[Contact]] = defaultdict(list)
        for contact in session.scalars(_present_contacts(ids, today)):
            contacts[contact.supplier_id].append(contact)
        words = _last_words(session, ids)
    return [_call(row, contacts[row.id], words.get(row.id), today) for row in rows]


def _present_contacts(ids: Collection[uuid.UUID], today: date) -> Select[Contact]:
    return (
        select(Contact)
        .where(
            Contact.supplier_id.in_(ids),
            or_(Contact.left_on.is_(None), Contact.left_on > today),
        )
        .order_by(Contact.receives_requests.desc(), Contact.name, Contact.id)
    )


def _calls_query(buyers: Buyers, today: date, limit: int) -> Any:
    near = or_(
        is_open_gap(today),
        and_(
            opens_between(today, today + timedelta(days=CALL_DAYS)),
            is_under_duty(today),
        ),
    )
    by_engagement = visible(
        select(
            Obligation.supplier_id,
            func.min(Obligation.gap_from).label("since"),
            func.max(Obligation.exposed).label("exposed"),
            func.max(Obligation.reminders).label("reminders"),
        ).where(near, Obligation.in_review.is_(False)),
        buyers,
    ).group_by(Obligation.supplier_id, Obligation.engagement_id)
    one = by_engagement.subquery("by_engagement")
    reached = (
        select(Contact.id)
        .where(
            Contact.supplier_id == Supplier.id,
            Contact.email.is_not(None),
            Contact.mail_state == "ok",
            Contact.receives_requests,
            or_(Contact.left_on.is_(None), Contact.left_on > today),
        )
        .exists()
    )
    promised = (
        select(FollowUp.id)
        .where(FollowUp.supplier_id == Supplier.id, FollowUp.promised_on < today)
        .exists()
    )
    unanswered = func.max(one.c.reminders) >= CALL_AFTER
    return (
        select(
            Supplier.id,
            Supplier.name,
            Supplier.language,
            func.min(one.c.since).label("since"),
            func.sum(one.c.exposed).label("exposed"),
            func.max(one.c.reminders).label("reminders"),
        )
        .join(one, one.c.supplier_id == Supplier.id)
        .group_by(Supplier.id, Supplier.name, Supplier.language)
        .having(or_(unanswered, ~reached, promised))
        .order_by(func.sum(one.c.exposed).desc(), func.min(one.c.since), Supplier.id)
        .limit(limit)
    )


def _call(row: Any, contacts: list[Contact], word: LastWord | None, today: date) -> Call:
    person = next((one for one in contacts if one.phone), contacts[0] if contacts else None)
    return Call(
        supplier_id=row.id,
        name=row.name,
        reason=_reason(contacts, word, today),
        contact_id=person.id if person else None,
        contact_name=person.name if person else None,
        role=person.role if person else None,
        phone=person.phone if person else None,
        language=person.language if person else row.language,
        since=row.since or today,
        exposed=Decimal(row.exposed or 0),
        reminders=row.reminders,
        last_word=word,
    )


def _reason(contacts: list[Contact], word: LastWord | None, today: date) -> CallReason:
    asked = [one for one in contacts if one.receives_requests and one.email]
    if not asked:
        return CallReason.NO_ADDRESS
    if all(one.mail_state == "bounced" for one in asked):
        return CallReason.BOUNCED
    if word and word.promised_on and word.promised_on < today:
        return CallReason.PROMISE_BROKEN
    return CallReason.UNANSWERED
