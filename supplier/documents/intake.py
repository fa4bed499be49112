"""How a file becomes a kept paper: looked at, made durable, written down in one transaction."""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.adapters.files import pieces, store
from supplier.adapters.intake import FileLimits, RefusedFileError, display_name, sniff
from supplier.adapters.peek import Peek
from supplier.documents.models import Document
from supplier.documents.states import ALLOWED, Origin, State
from supplier.kernel.audit import Actor, move, record
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Supplier
from supplier.settings import Settings

#: The job that reads a paper, and the one that draws its consequences.
READ_TASK = "read_document"
REFRESH_TASK = "refresh_obligations"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the supplier may hold against us: this file, these bytes, this instant."""

    document_id: uuid.UUID
    name: str
    sha256: str
    size: int
    received_at: datetime
    #: The same file had come before: it is the same paper, with the answer it already has.
    again: bool = False

    @property
    def number(self) -> str:
        return receipt_number(self.document_id, legal_day(self.received_at))


class QuotaError(DomainError):
    """A supplier's files take all the room that they may."""

    status = 413
    code = "quota"

    def __init__(self) -> None:
        super().__init__(
            N_(
                "There is no room left for your files. Call the person who asks you for the "
                "papers: they can have room made."
            ),
            field="file",
        )


def receipt_number(document_id: uuid.UUID, on: date) -> str:
    """What people say on the telephone: the day, then eight letters of the paper's id."""
    return f"D-{on:%Y-%m%d}-{document_id.hex[:8].upper()}"


def shown_name(filename: str) -> str:
    """A file name as it may be shown: no path, no control or direction characters."""
    return display_name(filename)


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was looked at and found acceptable; its bytes stay where they are."""

    data: BinaryIO
    name: str
    media_type: str
    sha256: str
    size: int


def submit(
    data: bytes | BinaryIO,
    *,
    filename: str,
    supplier_id: uuid.UUID,
    by: Actor,
    now: datetime,
    settings: Settings,
    expected_kind: str | None = None,
    origin: Origin = Origin.UPLOAD,
) -> Receipt:
    """Take a file of a supplier; on return it is kept, read back and written down.

    A stream goes through memory piece by piece, never whole: its hash, then into the store.
    `expected_kind` is what was asked for: a kind of paper or a requirement's code. The same
    bytes again are the same paper. Raises RefusedFileError or QuotaError (with one line in the
    journal, and nothing kept) for a file that we do not take, UnavailableError when it cannot
    be kept, and NotFoundError for a supplier that does not exist.
    """
    try:
        file = _look(io.BytesIO(data) if isinstance(data, bytes) else data, filename, settings)
        _check_room(supplier_id, file, settings)
    except (RefusedFileError, QuotaError) as refusal:
        _note_refusal(refusal.code, supplier_id, by=by, now=now)
        raise
    known = _find_same(supplier_id, file.sha256)
    if known is not None:
        return _submit_again(known, by=by, now=now)
    return _keep(file, supplier_id, expected_kind, origin, by=by, now=now)


def _look(data: BinaryIO, filename: str, settings: Settings) -> _File:
    limits = FileLimits(
        size=settings.upload_max_bytes,
        pixels=settings.upload_max_pixels,
        pages=settings.upload_max_pages,
    )
    seen = Peek(data)
    media_type = sniff(seen, filename, limits=limits)
    digest = hashlib.sha256()
    for piece in pieces(data):
        digest.update(piece)
    return _File(data, display_name(filename), media_type.value, digest.hexdigest(), len(seen))


def _check_room(supplier_id: uuid.UUID, file: _File, settings: Settings) -> None:
    with reading() as session:
        if session.get(Supplier, supplier_id) is None:
            raise NotFoundError(N_("This supplier does not exist."))
        used = session.scalar(
            select(func.sum(Document.size)).where(
                Document.supplier_id == supplier_id,
                Document.state != State.ERASED,
                Document.sha256 != file.sha256,
            )
        )
    if (used or 0) + file.size > settings.supplier_quota_bytes:
        raise QuotaError


def _note_refusal(code: str, supplier_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    with transaction() as session:
        record(
            session, "upload.refused", subject="upload", by=by, at=now,
            supplier_id=supplier_id, reason=code,
        )  # fmt: skip


def _find_same(supplier_id: uuid.UUID, sha256: str) -> Document | None:
    with reading() as session:
        return session.scalars(
            select(Document).where(
                Document.supplier_id == supplier_id,
                Document.sha256 == sha256,
                Document.part == 0,
                Document.state != State.ERASED,
            )
        ).first()


def _submit_again(document: Document, *, by: Actor, now: datetime) -> Receipt:
    """The same bytes: the same paper. Only one that was withdrawn starts anew."""
    if document.state == State.WITHDRAWN:
        with transaction() as session:
            row = session.get_one(Document, document.id)
            move(
                session, row, State.RECEIVED, "document.submitted_again",
                allowed=ALLOWED, by=by, at=now,
            )  # fmt: skip
            ask_to_read(session, row, now=now)
    return _receipt(document, again=True)


def _keep(
    file: _File,
    supplier_id: uuid.UUID,
    expected_kind: str | None,
    origin: Origin,
    *,
    by: Actor,
    now: datetime,
) -> Receipt:
    # The bytes are durable before the row says so: a crash in between leaves a file without a
    # row, which `retention.orphans` removes after a day, never a row without its file.
    key = store().put(file.data, sha256=file.sha256)
    document = Document(
        id=new_id(), supplier_id=supplier_id, state=State.RECEIVED.value, kind=None,
        expected_kind=expected_kind, origin=origin.value, original_name=file.name,
        media_type=file.media_type, size=file.size, sha256=file.sha256, file_key=key,
        received_at=now, received_by_kind=by.kind.value, received_by_id=by.id, reasons=[],
        authenticity="unchecked",
    )  # fmt: skip
    try:
        with transaction() as session:
            session.add(document)
            session.flush()
            note_submission(session, document, by=by, now=now)
            ask_to_read(session, document, now=now)
    except IntegrityError:
        # Two copies of the same file arrived at once, and the other one was first.
        store().delete(key)
        same = _find_same(supplier_id, file.sha256)
        if same is None:
            raise
        return _receipt(same, again=True)
    return _receipt(document)


def note_submission(session: Session, document: Document, *, by: Actor, now: datetime) -> None:
    """Write into the journal that a paper came."""
    record(
        session, "document.submitted", subject=document, by=by, at=now,
        to_state=document.state,
        data={"sha256": document.sha256, "size": document.size, "origin": document.origin},
    )  # fmt: skip


def ask_to_read(session: Session, document: Document, *, now: datetime) -> None:
    """Leave the job that reads the paper, and the one that tells vigilance of it."""
    payload = {"document_id": str(document.id)}
    queue.defer(session, READ_TASK, now=now, payload=payload, lane=document.supplier_id)
    ask_to_refresh(session, document.supplier_id, now=now)


def ask_to_refresh(session: Session, supplier_id: uuid.UUID, *, now: datetime) -> None:
    """Leave the job that works out again what this supplier owes."""
    queue.defer(session, REFRESH_TASK, now=now, payload={"supplier_id": str(supplier_id)})


def _receipt(document: Document, *, again: bool = False) -> Receipt:
    return Receipt(
        document_id=document.id,
        name=document.original_name,
        sha256=document.sha256,
        size=document.size,
        received_at=document.received_at,
        again=again,
    )
