"""What people add to a reading: corrected values, the issuer's answer, a second look."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from supplier.adapters.files import store
from supplier.documents import queries
from supplier.documents.intake import ask_to_refresh
from supplier.documents.kept_reading import (
    UNREAD,
    Correction,
    KeptReading,
    find_kept,
    kind_of,
    seal,
    write_dates,
)
from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.models import Document, IssuerCheck
from supplier.documents.reading.personal import holds_number
from supplier.documents.seen import check_paper
from supplier.documents.sight import EVERYTHING, Buyers
from supplier.documents.states import DECIDABLE, IssuerAnswer, State
from supplier.kernel.audit import Actor, record
from supplier.kernel.clock import is_plausible, legal_day
from supplier.kernel.database import LOCKED, new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, ForbiddenError
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Iban, Siren
from supplier.kernel.words import clean

#: Issuer checks count for papers that may be accepted or already are.
_CHECKABLE = frozenset({State.IN_REVIEW, State.ACCEPTED})
MAX_VALUE = 400


def correct_fields(
    document_id: uuid.UUID,
    *,
    values: Mapping[str, str],
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
    seen: str | None = None,
) -> Document:
    """Write what a person reads on the page in place of what the machine read: all, or nothing.

    `values` by name, ISO for dates. What the machine had stays beside each, with who changed it
    and when. `seen` is the version that was shown (`seen.paper_version`). Raises NotFoundError,
    StaleError on another version, ConflictError once decided, ForbiddenError for the person who
    handed it in, DomainError whose field is the name of the value that cannot be.
    """
    with transaction() as session:
        document = _open_for_change(session, document_id, buyers, by, seen)
        kept = _kept(document)
        for name, value in values.items():
            kept = _corrected(kept, document, name, value, by=by, now=now)
            record(
                session, "document.corrected", subject=document, by=by, at=now,
                data={"field": name},
            )  # fmt: skip
        _write(session, document, kept, now=now)
    return document


def _corrected(
    kept: KeptReading, document: Document, name: str, value: str, *, by: Actor, now: datetime
) -> KeptReading:
    known = KINDS[DocumentKind(document.kind)].fields if document.kind else ()
    if name not in known:
        raise DomainError(N_("A paper of this kind has no such value."), field=name)
    right = _clean(name, value)
    change = Correction(name, kept.reading.text(name), str(by.id), by.name, now.isoformat())
    return kept.corrected(name, right, change)


def correct_kind(
    document_id: uuid.UUID,
    *,
    kind: DocumentKind,
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
    seen: str | None = None,
) -> Document:
    """Say what a paper is when the machine did not know or was mistaken. Raises as above."""
    with transaction() as session:
        document = _open_for_change(session, document_id, buyers, by, seen)
        was = document.kind
        document.kind = kind.value
        _write(session, document, _kept(document), now=now)
        record(
            session, "document.kind_corrected", subject=document, by=by, at=now,
            data={"from": was, "to": kind.value},
        )  # fmt: skip
    return document


def say_purpose(
    document_id: uuid.UUID,
    *,
    purpose: str,
    issued_on: date,
    valid_until: date | None,
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
    seen: str | None = None,
) -> Document:
    """Say which requirement a paper without a kind of its own answers, and the days it bears.

    `purpose` takes the place of what the paper was handed in for; the journal keeps both.
    `valid_until` is its printed last good day, if any. Raises as above, ConflictError also for a
    paper of a kind of its own.
    """
    if issued_on > legal_day(now):
        raise DomainError(N_("This day has not come yet."), field="issued_on")
    if not is_plausible(issued_on) or (valid_until and not is_plausible(valid_until)):
        raise DomainError(N_("This value is not possible here: check it on the page."))
    if valid_until is not None and valid_until < issued_on:
        raise DomainError(N_("The last good day comes before the first."), field="valid_until")
    with transaction() as session:
        document = _open_for_change(session, document_id, buyers, by, seen)
        if kind_of(document) not in {None, DocumentKind.OTHER}:
            raise ConflictError(N_("This paper has a kind of its own: it answers by that."))
        was = document.expected_kind
        document.kind, document.expected_kind = DocumentKind.OTHER.value, purpose
        _write(session, document, _kept(document), now=now)
        document.issued_on, document.valid_until = issued_on, valid_until
        record(
            session, "document.purpose_said", subject=document, by=by, at=now,
            data={
                "from": was, "to": purpose, "issued_on": issued_on.isoformat(),
                "valid_until": valid_until.isoformat() if valid_until else None,
            },
        )  # fmt: skip
    return document


def _open_for_change(
    session: Session, document_id: uuid.UUID, buyers: Buyers, by: Actor, seen: str | None
) -> Document:
    document = queries.get_in(session, document_id, buyers)
    session.refresh(document, with_for_update=LOCKED)
    if document.state not in DECIDABLE:
        raise ConflictError(N_("This is no longer possible: someone has already dealt with it."))
    if by.id is not None and document.received_by_id == by.id:
        raise ForbiddenError(N_("You handed in this paper: someone else decides on it."))
    check_paper(document, seen)
    return document


def _kept(document: Document) -> KeptReading:
    """What was read, under the kind that the row has now."""
    kept = find_kept(document) or KeptReading(UNREAD)
    return replace(kept, reading=replace(kept.reading, kind=kind_of(document)))


def _write(session: Session, document: Document, kept: KeptReading, *, now: datetime) -> None:
    # The machine's own last day followed from its own dates: it no longer holds.
    kept = replace(kept, reading=replace(kept.reading, valid_until=None))
    document.reading = seal(kept, document.id)
    write_dates(document, kept.reading)
    session.flush()
    ask_to_refresh(session, document.supplier_id, now=now)


def _clean(name: str, value: str) -> str:
    value = clean(value)[:MAX_VALUE]
    try:
        if not value or holds_number(value):
            # A social security number is never kept, whoever reads it on the page.
            raise ValueError(name)
        if name.endswith("_on") or name in {"valid_from", "valid_until"}:
            day = date.fromisoformat(value)
            if not is_plausible(day):
                raise ValueError(value)
            return day.isoformat()
        if name == "siren":
            return str(Siren.parse(value))
        if name == "iban":
            return str(Iban.parse(value))
    except (ValueError, DomainError) as error:
        raise DomainError(
            N_("This value is not possible here: check it on the page."), field=name
        ) from error
    return value


def record_issuer_check(
    document_id: uuid.UUID,
    *,
    result: IssuerAnswer,
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
    comment: str | None = None,
    capture: bytes | None = None,
) -> IssuerCheck:
    """Keep what the issuer answered about a paper, with a capture of its page.

    `unavailable` is an answer too and changes nothing: no answer is never "no" (CSS L243-15
    makes the confirmation a condition for the Urssaf certificate). Raises NotFoundError,
    ConflictError for a paper that does not count, ForbiddenError for who handed it in.
    """
    key = store().put(capture) if capture else None
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        if document.state not in _CHECKABLE:
            raise ConflictError(N_("This paper does not count: there is nothing to verify."))
        if by.id is None or document.received_by_id == by.id:
            raise ForbiddenError(N_("You handed in this paper: someone else verifies it."))
        check = IssuerCheck(
            id=new_id(), document_id=document.id, supplier_id=document.supplier_id,
            result=result.value, comment=comment, capture_key=key,
            capture_sha256=hashlib.sha256(capture).hexdigest() if capture else None,
            by_id=by.id, by_name=by.name, at=now,
        )  # fmt: skip
        session.add(check)
        if result is not IssuerAnswer.UNAVAILABLE:
            document.authenticity = result.value
        record(
            session, "document.issuer_checked", subject=document, by=by, at=now,
            data={"result": result.value, "check": str(check.id)},
        )  # fmt: skip
        ask_to_refresh(session, document.supplier_id, now=now)
    return check


def confirm_sample(
    document_id: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    buyers: Buyers = EVERYTHING,
) -> Document:
    """A person looked at a sampled refusal of the machine and agrees; to disagree, revoke it.

    An accepted paper is read blind instead (`second_readings.read_again`). Raises NotFoundError,
    ConflictError when it does not wait for such a look.
    """
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        if document.sampled_at is None or document.state == State.ACCEPTED:
            raise ConflictError(N_("This paper does not wait for a second look."))
        document.sampled_at = None
        record(session, "document.sample_confirmed", subject=document, by=by, at=now)
    return document
