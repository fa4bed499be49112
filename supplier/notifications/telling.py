"""What happened and whom to tell: decisions on papers, bank details, requests about data."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supplier.accounts.models import User
from supplier.accounts.permissions import Permission
from supplier.bank.models import BankAccount
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.models import Decision, Document
from supplier.documents.policy import TIGHTENED_MAIL, get_line
from supplier.documents.quality import Level
from supplier.documents.refusals import REFUSAL_TEXTS
from supplier.kernel.addresses import mail_address
from supplier.kernel.audit import Event
from supplier.kernel.clock import legal_day
from supplier.kernel.database import reading, transaction
from supplier.kernel.i18n import N_
from supplier.notifications import messages
from supplier.notifications.messages import Asker, Message, Person, RefusedPaper
from supplier.notifications.models import OutboxMessage
from supplier.notifications.outbox import queue_mail
from supplier.notifications.recipients import (
    Recipient,
    asker_of,
    find_engagement,
    list_known,
    list_recipients,
    list_staff,
)
from supplier.parties.models import Supplier
from supplier.privacy.models import RightsRequest
from supplier.vigilance.catalogue import RULES, RequirementCode

#: A supplier at work sees each answer on the page; the mail waits until the last one is so old.
QUIET = timedelta(minutes=20)
#: How far back untold decisions are looked for.
_BACK = timedelta(days=7)
_REFUSALS = ("document.refused", "document.asked_again")
_ANSWERS = (*_REFUSALS, "document.accepted")
UNKNOWN_PAPER = N_("Paper not recognised")

Make = Callable[[Recipient], Message]


def tell_decisions(now: datetime) -> dict[str, int]:
    """Tell suppliers of the papers refused and of the answers to what they contested.

    Refusals of one supplier go into one mail, twenty minutes after the last of them, and only
    those that still stand. Reads the journal: nothing is lost while the worker was away.
    """
    with reading() as session:
        refusals, answers = _untold(session, now)
    told = sum(_tell_refusals(ids, events, now=now) for ids, events in refusals.items())
    answered = sum(_tell_answer(event, now=now) for event in answers)
    return {"refusals": told, "answers": answered}


def _untold(session: Session, now: datetime) -> tuple[dict[uuid.UUID, list[Event]], list[Event]]:
    """Decisions of the last days that no mail has told, by supplier, and answers to contests."""
    events = session.scalars(
        select(Event).where(Event.kind.in_(_ANSWERS), Event.at > now - _BACK).order_by(Event.seq)
    ).all()
    told = session.execute(
        select(OutboxMessage.supplier_id, func.max(OutboxMessage.created_at))
        .where(OutboxMessage.kind == "document_refused")
        .group_by(OutboxMessage.supplier_id)
    )
    last = dict(told.all())
    answers = [event for event in events if event.data.get("contested")]
    answered = {event.subject_id for event in answers}
    refusals: defaultdict[uuid.UUID, list[Event]] = defaultdict(list)
    for event in events:
        supplier_id = event.supplier_id
        if supplier_id is None or event.kind not in _REFUSALS or event.subject_id in answered:
            continue
        # A mail told what was older than the quiet time; what came in its instant is new.
        if supplier_id not in last or event.at >= last[supplier_id]:
            refusals[supplier_id].append(event)
    quiet = {ids: found for ids, found in refusals.items() if found[-1].at <= now - QUIET}
    return quiet, answers


def _tell_refusals(supplier_id: uuid.UUID, events: list[Event], *, now: datetime) -> int:
    with transaction() as session:
        ids = [event.subject_id for event in events if event.subject_id]
        documents = session.scalars(
            select(Document)
            .where(Document.id.in_(ids), Document.state == "refused")
            .order_by(Document.received_at, Document.id)
        ).all()
        if not documents:
            return 0
        comments = _comments(session, ids)
        papers = [_paper(one, comments.get(one.id)) for one in documents]
        supplier, asker = _supplier(session, supplier_id, now=now)

        def make(to: Recipient) -> Message:
            return messages.document_refused(
                to.person, supplier=supplier.name, papers=papers, asker=asker
            )

        key = f"document_refused:{supplier_id}:{events[-1].seq}"
        return _send(session, supplier_id, key, make, now=now)


def _tell_answer(event: Event, *, now: datetime) -> int:
    with transaction() as session:
        document = session.get(Document, event.subject_id)
        if document is None:
            return 0
        comment = _comments(session, [document.id]).get(document.id)
        supplier, asker = _supplier(session, document.supplier_id, now=now)
        paper = _paper(document, comment)

        def make(to: Recipient) -> Message:
            return messages.contest_answered(
                to.person, supplier=supplier.name, paper=paper,
                accepted=event.to_state == "accepted", asker=asker,
            )  # fmt: skip

        key = f"contest_answered:{document.id}:{event.seq}"
        return _send(session, document.supplier_id, key, make, now=now)


def _comments(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str | None]:
    """What the person whose decision is in force wrote to the supplier, by paper."""
    rows = session.execute(
        select(Decision.document_id, Decision.comment).where(
            Decision.document_id.in_(ids),
            Decision.by_machine.is_(False),
            Decision.revoked_at.is_(None),
        )
    )
    return dict(rows.all())


def _paper(document: Document, comment: str | None) -> RefusedPaper:
    kind = _kind_of(document)
    codes = {code.value for code in ReasonCode}
    return RefusedPaper(
        label=_label_of(document, kind),
        file_name=document.original_name,
        reasons=tuple(
            REFUSAL_TEXTS[ReasonCode(code)] for code in document.reasons or () if code in codes
        ),
        where=KINDS[kind or DocumentKind.OTHER].where,
        comment=comment,
    )


def _kind_of(document: Document) -> DocumentKind | None:
    known = {kind.value for kind in DocumentKind}
    word = document.kind if document.kind in known else document.expected_kind
    return DocumentKind(word) if word in known else None


def _label_of(document: Document, kind: DocumentKind | None) -> str:
    """What the paper is; where it has no kind of its own, the requirement that it was for."""
    requirements = {code.value for code in RequirementCode}
    if kind in {None, DocumentKind.OTHER} and document.expected_kind in requirements:
        return RULES[RequirementCode(document.expected_kind)].label
    return KINDS[kind].label if kind else UNKNOWN_PAPER


def _supplier(
    session: Session, supplier_id: uuid.UUID, *, now: datetime, buyer_id: uuid.UUID | None = None
) -> tuple[Supplier, Asker]:
    supplier = session.get_one(Supplier, supplier_id)
    engagement = find_engagement(session, supplier_id, today=legal_day(now), buyer_id=buyer_id)
    return supplier, asker_of(engagement)


def _send(
    session: Session,
    supplier_id: uuid.UUID,
    key: str,
    make: Make,
    *,
    now: datetime,
    to: Iterable[Recipient] | None = None,
) -> int:
    """Queue the mail for each recipient; how many were not told before."""
    today: date = legal_day(now)
    people = list_recipients(session, [supplier_id], today=today)[supplier_id] if to is None else to
    sent = 0
    for one in people:
        queued = queue_mail(
            session, make(one), dedupe_key=f"{key}:{one.person.address}", now=now,
            supplier_id=supplier_id, contact_id=one.contact_id, user_id=one.user_id,
        )  # fmt: skip
        sent += queued is not None
    return sent


def tell(payload: Mapping[str, Any], now: datetime) -> int:
    """One errand of the task `notify`: `payload["kind"]` and the ids that it names.

    Gives the number of mails queued. Raises ValueError on an unknown kind.
    """
    kind = str(payload["kind"])
    if kind in {"document_refused", "contest_answered"}:
        # Grouped and told once, from the journal.
        return sum(tell_decisions(now).values())
    if kind in _BANK:
        return _tell_bank(kind, uuid.UUID(str(payload["account_id"])), now=now)
    if kind in _RIGHTS:
        return _tell_rights(kind, uuid.UUID(str(payload["request_id"])), now=now)
    if kind == TIGHTENED_MAIL:
        return _tell_tightened(uuid.UUID(str(payload["policy_id"])), now=now)
    raise ValueError(f"nothing is told about {kind!r}")


_BANK = frozenset({"bank_submitted", "bank_approved", "bank_refused", "bank_blocked"})
_RIGHTS = frozenset({"rights_received", "rights_news"})


def _tell_bank(kind: str, account_id: uuid.UUID, *, now: datetime) -> int:
    """Told to everybody we know there: the one who did not ask for it is the one who protests."""
    with transaction() as session:
        account = session.get_one(BankAccount, account_id)
        supplier, asker = _supplier(
            session, account.supplier_id, now=now, buyer_id=account.buyer_id
        )

        def make(to: Recipient) -> Message:
            return _bank_message(kind, to.person, account, supplier.name, asker)

        people = list_known(session, account.supplier_id, today=legal_day(now))
        key = f"{kind}:{account.id}"
        return _send(session, account.supplier_id, key, make, now=now, to=people)


def _bank_message(
    kind: str, to: Person, account: BankAccount, supplier: str, asker: Asker
) -> Message:
    ending = account.iban_masked[-4:]
    if kind == "bank_submitted":
        return messages.bank_submitted(
            to, supplier=supplier, ending=ending, by=account.submitted_by_name,
            at=account.submitted_at, asker=asker,
        )  # fmt: skip
    if kind == "bank_approved":
        return messages.bank_approved(
            to, supplier=supplier, ending=ending, active_from=account.active_from, asker=asker
        )
    if kind == "bank_refused":
        return messages.bank_refused(
            to, supplier=supplier, ending=ending, reason=account.closed_reason, asker=asker
        )
    return messages.bank_blocked(to, supplier=supplier, ending=ending, asker=asker)


def _tell_rights(kind: str, request_id: uuid.UUID, *, now: datetime) -> int:
    with transaction() as session:
        request = session.get_one(RightsRequest, request_id)
        user = session.get(User, request.user_id) if request.user_id else None
        address = mail_address((user.email if user else request.requester_email) or "")
        if address is None:
            return 0
        name = (user.name if user else request.requester_name) or ""
        to = Person(address, name, user.language if user else "fr")
        message = (
            messages.rights_received(to, number=request.number, due_on=request.due_on)
            if kind == "rights_received"
            else messages.rights_news(to, number=request.number)
        )
        queued = queue_mail(
            session, message, dedupe_key=f"{kind}:{request.id}:{request.state}", now=now,
            supplier_id=request.supplier_id, user_id=request.user_id,
        )  # fmt: skip
        return int(queued is not None)


def _tell_tightened(policy_id: uuid.UUID, *, now: datetime) -> int:
    """Told to those who decide on such papers and to those who decide what the machine may do."""
    with transaction() as session:
        line = get_line(session, policy_id)
        # A validator may not open the page of the figures: theirs is the room of the papers.
        measured = {user.id for user in list_staff(session, {Permission.QUALITY_READ})}
        sent = 0
        for user in list_staff(session, {_decides_on(line.kind), Permission.RULES_ADMIN}):
            address = mail_address(user.email)
            if address is None:
                continue
            message = messages.policy_tightened(
                Person(address, user.name, user.language),
                label=KINDS[DocumentKind(line.kind)].label,
                everything=line.level == Level.PERSON, read=line.read, wrong=line.wrong,
                page="/desk/quality/" if user.id in measured else "/desk/review/",
            )  # fmt: skip
            key = f"{TIGHTENED_MAIL}:{line.id}:{address}"
            queued = queue_mail(session, message, dedupe_key=key, now=now, user_id=user.id)
            sent += queued is not None
        return sent


def _decides_on(kind: str) -> Permission:
    bank = kind == DocumentKind.BANK_DETAILS
    return Permission.BANK_PAPER if bank else Permission.DOCUMENT_DECIDE
