"""What people do with papers drawn for a second reading: read them blind, settle what differs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.documents import actions, policy, queries
from supplier.documents.blind import BlindReading, differences
from supplier.documents.intake import ask_to_refresh
from supplier.documents.judging import READER_VERSION, reader_settings
from supplier.documents.kept_reading import find_kept, kind_of
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Decision, Document, SecondReading
from supplier.documents.quality import is_sampled
from supplier.documents.sight import EVERYTHING, Buyers
from supplier.documents.states import SETTLING, Outcome, Reread
from supplier.kernel.audit import Actor, move, record
from supplier.kernel.crypto import keyring
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, ForbiddenError
from supplier.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class Written:
    """What a second reader wrote, beside what differs from the machine."""

    row: SecondReading
    kind: DocumentKind
    outcome: Outcome
    values: Mapping[str, str]


def find_open(document_id: uuid.UUID) -> Written | None:
    """The second reading of a paper that differs and was not settled, or None."""
    with reading() as session:
        row = session.scalars(
            select(SecondReading).where(
                SecondReading.document_id == document_id,
                SecondReading.state == Reread.DIFFERS,
            )
        ).first()
    if row is None or row.written is None:
        return None
    data = json.loads(keyring().open_text(row.written, context=_context(row.id)))
    return Written(row, DocumentKind(data["kind"]), Outcome(data["outcome"]), data["values"])


def read_again(
    document_id: uuid.UUID,
    *,
    read: BlindReading,
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
) -> SecondReading:
    """Keep what a person read on a drawn paper, and compare it with what the machine had.

    Where both agree the matter is closed. Raises NotFoundError, ConflictError when it does not
    wait for a second reading, ForbiddenError for who handed it in.
    """
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        _check(session, document, by)
        kept = find_kept(document)
        kind = kind_of(document)
        if kept is None or kind is None:
            raise ConflictError(N_("This paper does not wait for a second look."))
        differs = differences(kept.reading, read)
        row = SecondReading(
            id=new_id(), document_id=document.id, supplier_id=document.supplier_id,
            state=(Reread.DIFFERS if differs else Reread.AGREES).value, kind=kind.value,
            drawn=is_sampled(document.id, reader_settings().sample_rate),
            differs=list(differs), rules_version=_rules_of(session, document),
            by_id=by.id, by_name=by.name, at=now,
        )  # fmt: skip
        row.written = _sealed(read, row.id)
        session.add(row)
        session.flush()
        if not differs:
            document.sampled_at = None
        record(
            session, "document.second_read", subject=document, by=by, at=now,
            data={"differs": list(differs), "second_reading": str(row.id)},
        )  # fmt: skip
    return row


def _check(session: Session, document: Document, by: Actor) -> None:
    if not queries.waits_blind(document):
        raise ConflictError(N_("This paper does not wait for a second look."))
    if by.id is None or document.received_by_id == by.id:
        raise ForbiddenError(N_("You handed in this paper: someone else reads it again."))
    already = session.scalar(
        select(SecondReading.id).where(
            SecondReading.document_id == document.id, SecondReading.state == Reread.DIFFERS
        )
    )
    if already is not None:
        raise ConflictError(N_("Someone else was faster. Reload the page to see their decision."))


def _rules_of(session: Session, document: Document) -> str:
    """The rules by which the machine's decision in force was taken."""
    found = session.scalar(
        select(Decision.rules_version)
        .where(Decision.document_id == document.id, Decision.revoked_at.is_(None))
        .order_by(Decision.at.desc())
        .limit(1)
    )
    return found or READER_VERSION


def _sealed(read: BlindReading, row_id: uuid.UUID) -> bytes:
    data = {"kind": read.kind.value, "outcome": read.outcome.value, "values": dict(read.values)}
    return keyring().seal_text(json.dumps(data), context=_context(row_id))


def _context(row_id: uuid.UUID) -> str:
    return f"second_reading.written:{row_id}"


def find_for_the_machine(
    document_id: uuid.UUID, *, reason: str, by: Actor, now: datetime, buyers: Buyers = EVERYTHING
) -> Document:
    """The second reader was mistaken: the machine's decision holds.

    Raises NotFoundError, ConflictError when nothing is to be settled, DomainError (field
    `reason`) without a reason.
    """
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        _settle(session, document, Reread.READER_SLIP, reason=reason, by=by, now=now)
        document.sampled_at = None
        ask_to_refresh(session, document.supplier_id, now=now)
    return document


def find_against_the_machine(
    document_id: uuid.UUID, *, reason: str, by: Actor, now: datetime, buyers: Buyers = EVERYTHING
) -> Document:
    """The machine was wrong: its decision is taken back and its freedom may tighten at once.

    Raises as `find_for_the_machine`.
    """
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        _settle(session, document, Reread.MACHINE_WRONG, reason=reason, by=by, now=now)
        actions.revoke(document_id, reason=reason, by=by, now=now, buyers=buyers)
        kind = kind_of(document)
        if kind is not None:
            policy.tighten(session, kind, target=reader_settings().error_target, now=now)
    return document


def _settle(
    session: Session,
    document: Document,
    to: Reread,
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    if not reason:
        raise DomainError(N_("Say what you saw on the page."), field="reason")
    row = session.scalars(
        select(SecondReading).where(
            SecondReading.document_id == document.id, SecondReading.state == Reread.DIFFERS
        )
    ).first()
    if row is None or not queries.waits_blind(document):
        raise ConflictError(N_("There is no difference to settle any more."))
    if by.id is None or row.by_id == by.id:
        # Nobody judges their own reading: two pairs of eyes, as for what one handed in.
        raise ConflictError(
            N_("You read this paper yourself: someone else says who is right, you or the machine.")
        )
    move(
        session, row, to.value, "document.second_reading_settled", allowed=SETTLING, by=by,
        at=now, reason=reason, data={"document": str(document.id)},
    )  # fmt: skip
    row.settled_at, row.settled_by_id = now, by.id


def tighten_policy(now: datetime) -> dict[str, int]:
    """A run of the clock: the machine's freedom, kind by kind."""
    return policy.tighten_due(target=reader_settings().error_target, now=now)
