"""The job that reads a paper and draws the verdict: accept, refuse, or ask a person."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters.files import store
from supplier.adapters.intake import MediaType
from supplier.documents import apart, previews, queries, splitting, versions
from supplier.documents.intake import ask_to_read, ask_to_refresh, note_submission
from supplier.documents.kept_reading import UNREAD, KeptReading, for_requirement, write_down
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.later_pages import ask_to_draw, draw_task
from supplier.documents.models import Decision, Document
from supplier.documents.policy import Policy, count_accepted, policy_now
from supplier.documents.quality import Level, is_sampled
from supplier.documents.reading.isolated import could_not_read
from supplier.documents.reading.result import Finding, Reading, ReadRequest, Severity, Verdict
from supplier.documents.states import ALLOWED, ALWAYS_SHOWN, Outcome, State
from supplier.documents.superseding import supersede_refused
from supplier.kernel.audit import SYSTEM, move
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.i18n import N_
from supplier.parties.models import Supplier
from supplier.settings import Settings

#: The rules by which the machine reads and judges; every verdict stores it.
READER_VERSION = "2026-11"
CODE_ELSEWHERE, NOT_ALONE = "code_seen_elsewhere", "not_alone"


@dataclass(frozen=True, slots=True)
class _Examined:
    """Everything that reading a file gave, durable where it has bytes."""

    found: Reading
    #: False when the reader died: the paper is then unreadable, whatever else is known.
    answered: bool
    pictures: tuple[previews.KeptPicture, ...] = ()
    earlier: tuple[tuple[versions.Earlier, str], ...] = ()
    parts: tuple[_Part, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One paper taken out of a file, kept under its own key."""

    first_page: int
    last_page: int
    sha256: str
    size: int
    key: str


def read_document(
    document_id: uuid.UUID, *, now: datetime, today: date, settings: Settings
) -> None:
    """Read one paper and act on what it says; a second run changes nothing.

    Any way in which the reader dies means "could not be read", never a stuck paper. Raises
    DamagedFileError when the store lost the file: the job is tried again and then given up.
    """
    with reading() as session:
        document = session.get(Document, document_id)
        supplier = session.get(Supplier, document.supplier_id) if document else None
    if document is None or supplier is None or document.state != State.RECEIVED:
        return
    examined = _examine(document, supplier, today=today, settings=settings)
    try:
        with transaction() as session:
            row = session.scalars(
                select(Document).where(Document.id == document_id).with_for_update(key_share=True)
            ).one()
            fresh = row.state == State.RECEIVED
            if fresh:
                _judge(session, row, examined, now=now, settings=settings)
    except BaseException:
        _discard(examined)
        raise
    if not fresh:
        _discard(examined)


class _Holder:
    settings = Settings()


def use_reader(settings: Settings) -> None:
    """Install the settings that the jobs of this process read papers with."""
    _Holder.settings = settings
    apart.use_workers(settings.reader_workers)


def reader_settings() -> Settings:
    """The settings that this process reads papers with."""
    return _Holder.settings


def warm_reader() -> None:
    """Make this process ready to read: for workers, when they begin."""
    apart.warm_up()


def read_document_task(payload: Mapping[str, Any], now: datetime) -> None:
    """The job `read_document`: one paper by its id."""
    settings = _Holder.settings
    today = legal_day(now, zone=settings.timezone)
    read_document(uuid.UUID(payload["document_id"]), now=now, today=today, settings=settings)


def draw_pages_task(payload: Mapping[str, Any], now: datetime) -> None:
    """The job `draw_pages`: more pages of a long paper."""
    draw_task(_Holder.settings, payload, now)


def _examine(
    document: Document, supplier: Supplier, *, today: date, settings: Settings
) -> _Examined:
    """Read and draw at the same time, in two children: the one may die and the other answer."""
    data = queries.original(document)
    request = _request(document, supplier, today, settings)
    reader = apart.start_reading(data, document.media_type, request)
    painter = apart.start(previews.draw, data, document.media_type, settings.upload_max_pixels)
    found = apart.find_reading(reader)
    # A file that cannot be drawn keeps its verdict, which says why.
    pictures = apart.find_answer(painter) or []
    return _Examined(
        found or could_not_read(request),
        found is not None,
        tuple(previews.keep(pictures, masks=found.masks if found else ())),
        tuple(versions.look_back(data, document.media_type, found)),
        _cut(data, document, found) if found else (),
    )


def _request(
    document: Document, supplier: Supplier, today: date, settings: Settings
) -> ReadRequest:
    kinds = {kind.value for kind in DocumentKind}
    expected = document.expected_kind
    return ReadRequest(
        today=today,
        supplier_siren=supplier.siren,
        supplier_name=supplier.name,
        expected_kind=DocumentKind(expected) if expected in kinds else None,
        most_pages=settings.upload_max_pages,
    )


def _cut(data: bytes, document: Document, found: Reading) -> tuple[_Part, ...]:
    segments = splitting.parts_of(found)
    if not segments or document.media_type != MediaType.PDF or document.part:
        return ()
    ranges = [(part.first_page, part.last_page) for part in segments]
    files = apart.find_answer(apart.start(splitting.cut, data, ranges)) or []
    return tuple(
        _Part(first, last, hashlib.sha256(file).hexdigest(), len(file), store().put(file))
        for (first, last), file in zip(ranges, files, strict=False)
    )


def _discard(examined: _Examined) -> None:
    previews.discard(examined.pictures)
    versions.discard(examined.earlier)
    for part in examined.parts:
        store().delete(part.key)


def _judge(
    session: Session, document: Document, examined: _Examined, *, now: datetime, settings: Settings
) -> None:
    previews.write_down(session, document.id, examined.pictures)
    versions.write_down(session, document.id, examined.earlier)
    document.read_at = now
    write_down(document, KeptReading(examined.found))
    drawn = max((one.picture.page for one in examined.pictures), default=0)
    if drawn:
        ask_to_draw(session, document, drawn=drawn, now=now, settings=settings)
    if not examined.answered:
        unreadable(session, document, now=now)
        return
    policy = policy_now(session)
    found = _with_code_elsewhere(session, document, examined.found)
    found = _as_asked(document, _with_policy(found, policy))
    if found is not examined.found:
        write_down(document, KeptReading(found))
    document.verdict = found.verdict.value
    document.reasons = [reason.value for reason in found.reasons]
    move(
        session, document, State.READ, "document.read", allowed=ALLOWED, by=SYSTEM, at=now,
        data={"kind": document.kind, "verdict": document.verdict, "reasons": document.reasons},
    )  # fmt: skip
    if examined.parts:
        _split(session, document, examined.parts, now=now)
    elif found.verdict is Verdict.REVIEW:
        move(session, document, State.IN_REVIEW, "document.queued", allowed=ALLOWED,
             by=SYSTEM, at=now)  # fmt: skip
    else:
        _decide(session, document, found, policy, now=now, settings=settings)
    ask_to_refresh(session, document.supplier_id, now=now)


def unreadable(session: Session, document: Document, *, now: datetime) -> None:
    """Nothing can be said of the paper: for what is owed, that is a refusal like another."""
    document.verdict = UNREAD.verdict.value
    document.reasons = [reason.value for reason in UNREAD.reasons]
    move(
        session, document, State.UNREADABLE, "document.unreadable", allowed=ALLOWED,
        by=SYSTEM, at=now,
    )  # fmt: skip
    _write_decision(session, document, Outcome.REFUSE, policy_now(session), now=now)
    ask_to_refresh(session, document.supplier_id, now=now)


def _with_code_elsewhere(session: Session, document: Document, found: Reading) -> Reading:
    """An issuer's code belongs to one company: seen at another supplier, a person looks."""
    if document.code_index is None:
        return found
    elsewhere = session.scalar(
        select(Document.id)
        .where(
            Document.code_index == document.code_index,
            Document.supplier_id != document.supplier_id,
        )
        .limit(1)
    )
    if elsewhere is None:
        return found
    finding = Finding(
        CODE_ELSEWHERE,
        Severity.DOUBT,
        N_("The control code of this paper has already been handed in by another supplier."),
    )
    verdict = Verdict.REVIEW if found.verdict is Verdict.ACCEPT else found.verdict
    reasons = found.reasons or (ReasonCode.CONTENT_ALARM,)
    return replace(found, verdict=verdict, reasons=reasons, findings=(*found.findings, finding))


def _as_asked(document: Document, found: Reading) -> Reading:
    """A paper asked for by its requirement has no kind of its own: that is nothing against it.

    Only reasons stay that something found on the paper gives.
    """
    if not for_requirement(document) or found.verdict is not Verdict.REVIEW:
        return found
    given = {one.code for one in found.findings if one.severity is not Severity.NOTE}
    return replace(found, reasons=tuple(one for one in found.reasons if one in given))


def _with_policy(found: Reading, policy: Policy) -> Reading:
    """Where people found the machine wrong too often, it accepts this kind no longer alone."""
    if found.verdict is not Verdict.ACCEPT or policy.level(found.kind) is not Level.PERSON:
        return found
    finding = Finding(
        NOT_ALONE,
        Severity.DOUBT,
        N_("The machine found nothing against this paper, but may not accept this kind alone now."),
    )
    return replace(found, verdict=Verdict.REVIEW, findings=(*found.findings, finding))


def _decide(
    session: Session,
    document: Document,
    found: Reading,
    policy: Policy,
    *,
    now: datetime,
    settings: Settings,
) -> None:
    """Write the machine's own decision; some of them are read again by a person."""
    accepted = found.verdict is Verdict.ACCEPT
    outcome = Outcome.ACCEPT if accepted else Outcome.REFUSE
    move(
        session, document, State.ACCEPTED if accepted else State.REFUSED,
        "document.accepted" if accepted else "document.refused",
        allowed=ALLOWED, by=SYSTEM, at=now, reason=", ".join(document.reasons) or None,
    )  # fmt: skip
    _write_decision(session, document, outcome, policy, now=now)
    if accepted:
        supersede_refused(session, document, by=SYSTEM, now=now)
        if found.kind:
            count_accepted(session, found.kind, now=now)
    everything = accepted and policy.level(found.kind) is Level.ALL
    if everything or _shown_to_person(document.id, found, settings.sample_rate):
        document.sampled_at = now


def _write_decision(
    session: Session, document: Document, outcome: Outcome, policy: Policy, *, now: datetime
) -> None:
    session.add(
        Decision(
            id=new_id(), document_id=document.id, supplier_id=document.supplier_id,
            outcome=outcome.value, reasons=list(document.reasons), by_machine=True,
            by_name=SYSTEM.name, at=now, rules_version=policy.version_of(READER_VERSION),
        )
    )  # fmt: skip


def _shown_to_person(document_id: uuid.UUID, found: Reading, rate: float) -> bool:
    """Suspected tampering always; of the rest a share, drawn by the paper's id alone."""
    return bool(ALWAYS_SHOWN & set(found.reasons)) or is_sampled(document_id, rate)


def _split(session: Session, document: Document, parts: Sequence[_Part], *, now: datetime) -> None:
    """Each paper of the file goes its own way; the file itself stays as it came."""
    asked = _requirement_of(document)
    for number, part in enumerate(parts, start=1):
        child = Document(
            id=new_id(), supplier_id=document.supplier_id, state=State.RECEIVED.value,
            origin=document.origin, original_name=document.original_name,
            media_type=MediaType.PDF.value, size=part.size, sha256=part.sha256,
            file_key=part.key, part=number, parent_id=document.id,
            first_page=part.first_page, last_page=part.last_page,
            received_at=document.received_at, received_by_kind=document.received_by_kind,
            received_by_id=document.received_by_id, reasons=[], authenticity="unchecked",
            expected_kind=asked,
        )  # fmt: skip
        session.add(child)
        session.flush()
        note_submission(session, child, by=SYSTEM, now=now)
        ask_to_read(session, child, now=now)
    document.kind, document.code_index = None, None
    document.expected_kind = None
    move(
        session, document, State.SUPERSEDED, "document.split", allowed=ALLOWED, by=SYSTEM, at=now,
        data={"parts": len(parts)},
    )  # fmt: skip


def _requirement_of(document: Document) -> str | None:
    """The requirement that a file was asked for: one part of it may answer, none is sure to.

    A kind that was asked for is not handed down: the parts of other kinds would be wrong ones.
    """
    wanted = document.expected_kind
    return None if wanted in set(DocumentKind) else wanted
