"""Whom to telephone: a gap is open or near, and mails do not help."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union

from supplier.kernel.database import reading
from supplier.kernel.i18n import N_
from supplier.parties.models import Contact, Supplier
from supplier.vigilance.gaps import LastWord, last_note_of, word_of
from supplier.vigilance.models import FollowUp, Obligation
from supplier.vigilance.shortfalls import falls_short_between, gaps_in_sight, is_short
from supplier.vigilance.states import (
    Buyers,
    is_open_gap,
    is_under_duty,
    opens_between,
    visible,
)

#: A call helps for gaps that open so soon.
CALL_DAYS = 14
#: Reminders without an answer after which a call helps (DOMAIN rule 38).
CALL_AFTER = 2


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
    """Whom to telephone, the most exposed first; one statement."""
    one = _calls_query(buyers, today, limit).subquery("called")
    present = and_(
        Contact.supplier_id == one.c.id,
        or_(Contact.left_on.is_(None), Contact.left_on > today),
    )
    query = (
        select(one, Contact, FollowUp)
        .outerjoin(Contact, present)
        .outerjoin(FollowUp, FollowUp.id == last_note_of(one.c.id))
        .order_by(
            one.c.exposed.desc(), one.c.since, one.c.id,
            Contact.receives_requests.desc(), Contact.name, Contact.id,
        )
    )  # fmt: skip
    with reading() as session:
        rows = session.execute(query).all()
    contacts: defaultdict[uuid.UUID, list[Contact]] = defaultdict(list)
    for row in rows:
        if row.Contact is not None:
            contacts[row.id].append(row.Contact)
    heads = {row.id: row for row in rows}
    return [
        _call(row, contacts[supplier_id], word_of(row.FollowUp), today)
        for supplier_id, row in heads.items()
    ]


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
        ).where(near, Obligation.in_review.is_(False), _may_need_call(buyers, today)),
        buyers,
    ).group_by(Obligation.supplier_id, Obligation.engagement_id)
    one = by_engagement.subquery("by_engagement")
    unanswered = func.max(one.c.reminders) >= CALL_AFTER
    # One by one: few suppliers are left here.
    unreached = ~_reached(today).where(Contact.supplier_id == one.c.supplier_id).exists()
    promised = _promised(today).where(FollowUp.supplier_id == one.c.supplier_id).exists()
    waits = FollowUp.promised_on >= today
    waiting = select(FollowUp.id).where(FollowUp.id == last_note_of(one.c.supplier_id), waits)
    exposed = func.sum(one.c.exposed)
    called = (
        select(
            one.c.supplier_id,
            func.min(one.c.since).label("since"),
            exposed.label("exposed"),
            func.max(one.c.reminders).label("reminders"),
        )
        # Who promised a day has until that day: another call would only ask the same.
        .where(~waiting.exists())
        .group_by(one.c.supplier_id)
        .having(or_(unanswered, unreached, promised))
        .order_by(exposed.desc(), func.min(one.c.since), one.c.supplier_id)
        .limit(limit)
        .subquery("needed")
    )
    return select(
        Supplier.id, Supplier.name, Supplier.language,
        called.c.since, called.c.exposed, called.c.reminders,
    ).join(called, called.c.supplier_id == Supplier.id)  # fmt: skip


def _may_need_call(buyers: Buyers, today: date) -> ColumnElement[bool]:
    """Few suppliers need a call: they are looked for first, and only their duties are read.

    Whether somebody there can be written to is asked where a gap is open or near.
    """
    reminded = select(Obligation.supplier_id).where(Obligation.reminders >= CALL_AFTER)
    gap = gaps_in_sight(buyers, today)
    last = today + timedelta(days=CALL_DAYS)
    reached = _reached(today).where(Contact.supplier_id == gap.c.supplier_id).exists()
    unreached = [
        select(gap.c.supplier_id).where(near, ~reached)
        for near in (
            is_short(gap.c, today),
            falls_short_between(gap.c, today, last, today=today),
        )
    ]
    return Obligation.supplier_id.in_(union(reminded, _promised(today), *unreached))


def _promised(today: date) -> Select[uuid.UUID]:
    """Suppliers who promised something for a day that is over."""
    return select(FollowUp.supplier_id).where(FollowUp.promised_on < today)


def _reached(today: date) -> Select[uuid.UUID]:
    """Suppliers with somebody there to whom a mail may be sent."""
    return select(Contact.supplier_id).where(
        Contact.email.is_not(None),
        Contact.mail_state == "ok",
        Contact.receives_requests,
        or_(Contact.left_on.is_(None), Contact.left_on > today),
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
