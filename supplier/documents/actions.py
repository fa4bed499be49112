"""What people do with papers: decide, revoke, contest, correct, check with the issuer."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supplier.documents import keeping, queries
from supplier.documents.alarms import alarms_of, check_alarms
from supplier.documents.intake import Receipt, ask_to_refresh, shown_name, submit
from supplier.documents.judging import (
    draw_pages_task,
    read_document,
    read_document_task,
    use_reader,
    warm_reader,
)
from supplier.documents.kept_reading import find_kept, for_requirement, kind_of
from supplier.documents.kinds import ReasonCode
from supplier.documents.lifespan import Lifespan, missing_date
from supplier.documents.models import Decision, Document
from supplier.documents.needless import find_covers, is_needless
from supplier.documents.seen import check_paper
from supplier.documents.sight import EVERYTHING, Buyers
from supplier.documents.states import (
    ALLOWED,
    CONTESTABLE,
    DECIDABLE,
    WITHDRAWABLE,
    Outcome,
    State,
    is_visible,
)
from supplier.documents.stranded import requeue_waiting
from supplier.documents.superseding import supersede_refused, unmark_contradicted
from supplier.documents.verifying import (
    confirm_sample,
    correct_fields,
    correct_kind,
    record_issuer_check,
    say_purpose,
)
from supplier.kernel.audit import Actor, move
from supplier.kernel.clock import legal_day
from supplier.kernel.database import LOCKED, new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, ForbiddenError
from supplier.kernel.i18n import N_

__all__ = [
    "Buyers",
    "Receipt",
    "accept",
    "accept_many",
    "answer_contest",
    "ask_again",
    "confirm_sample",
    "contest",
    "correct_fields",
    "correct_kind",
    "draw_pages_task",
    "read_document",
    "read_document_task",
    "record_issuer_check",
    "refuse",
    "requeue_waiting",
    "revoke",
    "say_purpose",
    "shown_name",
    "submit",
    "use_reader",
    "warm_reader",
    "withdraw",
]

keeping.declare()

#: The rules by which people decide; the machine's decisions name those of the reader.
BY_HAND = "person"
#: Group companies whose suppliers the person may see; None means all.


@dataclass(frozen=True, slots=True)
class _Ruling:
    """A decision about to be taken: its outcome, reasons and event."""

    outcome: Outcome
    event: str
    reasons: tuple[ReasonCode, ...] = ()
    comment: str | None = None
    alarms: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        return State.ACCEPTED if self.outcome is Outcome.ACCEPT else State.REFUSED


def accept(
    document_id: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
    comment: str | None = None,
    seen: str | None = None,
    alarms_seen: bool = False,
) -> Document:
    """Accept a paper whose kind and dates are known.

    A contested one asks for a comment, which answers the supplier; one with alarms, that the
    person says to have seen them. `seen` is the version that was shown (`seen.paper_version`).
    Raises NotFoundError, ConflictError when someone was faster, StaleError on another version,
    ForbiddenError when the person handed it in or refused it before, DomainError (with `field`)
    while its kind or its date is not known, AlarmError for alarms that were not seen.
    """
    with transaction() as session:
        document = _open(session, document_id, buyers, seen)
        _check_known(document)
        alarms = alarms_of(document, find_kept(document))
        check_alarms(alarms, were_seen=alarms_seen)
        ruling = _Ruling(Outcome.ACCEPT, "document.accepted", comment=comment, alarms=alarms)
        _decide(session, document, ruling, by=by, now=now)
        supersede_refused(session, document, by=by, now=now)
    return document


def accept_many(
    document_ids: Sequence[uuid.UUID], *, by: Actor, now: datetime, buyers: Buyers = EVERYTHING
) -> tuple[list[uuid.UUID], dict[uuid.UUID, str]]:
    """Accept the obvious ones together, each in its own transaction.

    Gives those that were accepted, and for each other one the sentence that says why not.
    """
    accepted: list[uuid.UUID] = []
    left: dict[uuid.UUID, str] = {}
    for document_id in dict.fromkeys(document_ids):
        try:
            accept(document_id, by=by, now=now, buyers=buyers)
            accepted.append(document_id)
        except DomainError as error:
            left[document_id] = error.message
    return accepted, left


def refuse(
    document_id: uuid.UUID,
    *,
    reasons: Collection[ReasonCode],
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
    comment: str | None = None,
    seen: str | None = None,
) -> Document:
    """Refuse a paper for coded reasons, which the supplier reads in plain words.

    Raises as `accept`; DomainError (field `reasons`) when no reason is given.
    """
    ruling = _Ruling(Outcome.REFUSE, "document.refused", tuple(reasons), comment)
    return _rule(document_id, ruling, by=by, now=now, buyers=buyers, seen=seen)


def ask_again(
    document_id: uuid.UUID,
    *,
    reasons: Collection[ReasonCode],
    comment: str,
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
    seen: str | None = None,
) -> Document:
    """Ask the supplier for another paper, saying which: this one does not count.

    Raises as `refuse`; DomainError (field `comment`) without the words for the supplier.
    """
    if not comment:
        raise DomainError(N_("Say which paper the supplier should hand in."), field="comment")
    ruling = _Ruling(Outcome.REFUSE, "document.asked_again", tuple(reasons), comment)
    return _rule(document_id, ruling, by=by, now=now, buyers=buyers, seen=seen)


def answer_contest(
    document_id: uuid.UUID,
    *,
    outcome: Outcome,
    comment: str,
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
    reasons: Collection[ReasonCode] = (),
    alarms_seen: bool = False,
) -> Document:
    """Answer a supplier who contested: accept after all, or refuse again with other eyes.

    Raises as `accept` and `refuse`; ConflictError when the paper was not contested.
    """
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        if document.contested_at is None:
            raise ConflictError(N_("The supplier did not contest this paper."))
        told = tuple(reasons) or tuple(ReasonCode(code) for code in document.reasons)
        if outcome is Outcome.ACCEPT:
            return accept(
                document_id, by=by, now=now, buyers=buyers, comment=comment,
                alarms_seen=alarms_seen,
            )  # fmt: skip
        return refuse(document_id, reasons=told, by=by, now=now, buyers=buyers, comment=comment)


def _rule(
    document_id: uuid.UUID, ruling: _Ruling, *, by: Actor, now: datetime, buyers: Buyers,
    seen: str | None,
) -> Document:  # fmt: skip
    if not ruling.reasons:
        raise DomainError(N_("Choose the reason for the refusal."), field="reasons")
    with transaction() as session:
        document = _open(session, document_id, buyers, seen)
        _decide(session, document, ruling, by=by, now=now)
    return document


def _open(session: Session, document_id: uuid.UUID, buyers: Buyers, seen: str | None) -> Document:
    """A paper that waits for a decision, locked, as it was shown."""
    document = queries.get_in(session, document_id, buyers)
    session.refresh(document, with_for_update=LOCKED)
    if document.state not in DECIDABLE:
        raise ConflictError(N_("This is no longer possible: someone has already dealt with it."))
    check_paper(document, seen)
    return document


def _decide(
    session: Session, document: Document, ruling: _Ruling, *, by: Actor, now: datetime
) -> None:
    contested = document.contested_at is not None
    _check_person(session, document, by)
    if contested and not ruling.comment:
        raise DomainError(N_("The supplier contested: answer them in a sentence."), field="comment")
    move(
        session, document, ruling.state, ruling.event, allowed=ALLOWED, by=by, at=now,
        reason=", ".join(ruling.reasons) or None,
        data={"contested": contested, **({"alarms_seen": ruling.alarms} if ruling.alarms else {})},
    )  # fmt: skip
    _revoke_decisions(session, document, by=by, now=now)
    session.add(
        Decision(
            id=new_id(), document_id=document.id, supplier_id=document.supplier_id,
            outcome=ruling.outcome.value, reasons=[code.value for code in ruling.reasons],
            comment=ruling.comment, by_machine=False, by_id=by.id, by_name=by.name, at=now,
            rules_version=BY_HAND,
        )
    )  # fmt: skip
    document.reasons = [code.value for code in ruling.reasons]
    document.contested_at, document.sampled_at = None, None
    ask_to_refresh(session, document.supplier_id, now=now)


def _check_known(document: Document) -> None:
    """An accepted paper has a kind and the dates that its kind lives by: never guessed."""
    kind = kind_of(document)
    if kind is None:
        raise DomainError(N_("Say which kind of paper this is before accepting it."), field="kind")
    if for_requirement(document) and document.issued_on is None:
        raise DomainError(
            N_("Say which requirement this paper answers, with its date, before accepting it."),
            field="issued_on",
        )
    dates = Lifespan(
        document.issued_on, document.situation_on, document.valid_from, document.valid_until
    )
    owed = missing_date(kind, dates)
    if owed is not None:
        raise DomainError(
            N_("Read the date on the page and fill it in before accepting the paper."), field=owed
        )


def _check_person(session: Session, document: Document, by: Actor) -> None:
    """Nobody decides on what they handed in, nor twice on what was contested."""
    if by.id is not None and document.received_by_id == by.id:
        raise ForbiddenError(N_("You handed in this paper: someone else decides on it."))
    if document.contested_at is None:
        return
    refused_by = session.scalar(
        select(Decision.by_id)
        .where(Decision.document_id == document.id, Decision.outcome == Outcome.REFUSE)
        .order_by(Decision.at.desc(), Decision.id)
        .limit(1)
    )
    if by.id is not None and refused_by == by.id:
        raise ForbiddenError(
            N_("You refused this paper and the supplier contests: someone else answers.")
        )


def _revoke_decisions(session: Session, document: Document, *, by: Actor, now: datetime) -> None:
    """Earlier decisions keep their line and the instant at which they ceased to count."""
    session.execute(
        update(Decision)
        .where(Decision.document_id == document.id, Decision.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by_id=by.id)
        .execution_options(synchronize_session=False)
    )


def revoke(
    document_id: uuid.UUID, *, reason: str, by: Actor, now: datetime, buyers: Buyers = EVERYTHING
) -> Document:
    """Take back a decision: the paper goes to review again, the past stays written.

    Raises NotFoundError, ConflictError when there is no decision in force, ForbiddenError for
    the person who handed it in, DomainError (field `reason`) without a reason.
    """
    if not reason:
        raise DomainError(N_("Say why the decision is taken back."), field="reason")
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        if by.id is not None and document.received_by_id == by.id:
            raise ForbiddenError(N_("You handed in this paper: someone else decides on it."))
        move(
            session, document, State.IN_REVIEW, "document.revoked", allowed=_REVOCABLE,
            by=by, at=now, reason=reason,
        )  # fmt: skip
        _revoke_decisions(session, document, by=by, now=now)
        unmark_contradicted(session, document)
        document.sampled_at = None
        ask_to_refresh(session, document.supplier_id, now=now)
    return document


_REVOCABLE: Mapping[str, Collection[str]] = {
    State.ACCEPTED: {State.IN_REVIEW},
    State.REFUSED: {State.IN_REVIEW},
}


def contest(
    document_id: uuid.UUID,
    *,
    supplier_id: uuid.UUID,
    by: Actor,
    now: datetime,
    comment: str | None = None,
) -> Document:
    """The supplier says that the refusal is wrong: a person looks, another one than before.

    One click is enough; `comment` is what they want to add. The refusal stays in force until
    it is answered. Raises NotFoundError, ConflictError when there is nothing to contest, or
    nothing to win by it.
    """
    with transaction() as session:
        document = queries.get_of(session, document_id, supplier_id)
        if document.state not in CONTESTABLE:
            raise ConflictError(N_("There is no refusal to contest any more."))
        if not is_visible(document.reasons):
            raise ConflictError(
                N_("A person could not open this file either: hand it in without its password.")
            )
        if is_needless(document, find_covers(session, supplier_id, today=legal_day(now))):
            raise ConflictError(
                N_("A newer paper of this kind is accepted: this one is no longer needed.")
            )
        move(
            session, document, State.IN_REVIEW, "document.contested", allowed=ALLOWED,
            by=by, at=now,
        )  # fmt: skip
        document.contested_at, document.contest_comment = now, comment
        ask_to_refresh(session, supplier_id, now=now)
    return document


def withdraw(
    document_id: uuid.UUID, *, supplier_id: uuid.UUID, by: Actor, now: datetime
) -> Document:
    """The supplier takes back a paper that nobody has accepted.

    Raises NotFoundError, ConflictError for a paper that counts already.
    """
    with transaction() as session:
        document = queries.get_of(session, document_id, supplier_id)
        if document.state not in WITHDRAWABLE:
            raise ConflictError(N_("This paper can no longer be withdrawn."))
        move(
            session, document, State.WITHDRAWN, "document.withdrawn", allowed=ALLOWED,
            by=by, at=now,
        )  # fmt: skip
        document.contested_at = None
        ask_to_refresh(session, supplier_id, now=now)
    return document
