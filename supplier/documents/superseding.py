"""The right paper takes the place of the wrong ones that came before it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.states import ALLOWED, State
from supplier.kernel.audit import Actor, move, record

#: Statements on foreign workers contradict each other.
OPPOSITES = {
    DocumentKind.FOREIGN_WORKERS_NONE.value: DocumentKind.FOREIGN_WORKERS_LIST,
    DocumentKind.FOREIGN_WORKERS_LIST.value: DocumentKind.FOREIGN_WORKERS_NONE,
}


def _mark_contradicted(session: Session, document: Document, *, by: Actor, now: datetime) -> None:
    """Say on an accepted statement on foreign workers that a later one says the contrary.

    D8254-2, D8254-4. It stays accepted: it speaks for the days before, which the vigilance works
    out (`vigilance/papers.py`).
    """
    if document.kind not in OPPOSITES or document.issued_on is None:
        return
    rows = session.scalars(
        select(Document).where(
            Document.supplier_id == document.supplier_id,
            Document.kind == OPPOSITES[document.kind],
            Document.state == State.ACCEPTED,
            Document.issued_on <= document.issued_on,
            Document.superseded_by_id.is_(None),
        )
    ).all()
    for row in rows:
        row.superseded_by_id = document.id
        record(
            session, "document.superseded", subject=row, by=by, at=now,
            data={"by": str(document.id), "contrary": True},
        )  # fmt: skip


def unmark_contradicted(session: Session, document: Document) -> None:
    """A paper whose acceptance is taken back takes no other's place any more."""
    session.execute(
        update(Document)
        .where(Document.superseded_by_id == document.id, Document.state == State.ACCEPTED)
        .values(superseded_by_id=None)
    )


def supersede_refused(session: Session, document: Document, *, by: Actor, now: datetime) -> None:
    """Replace what was refused for the same request; accepted papers stay as history.

    An accepted statement that this one contradicts is marked as replaced.

    What the supplier contests stays with the person who looks at it.
    """
    _mark_contradicted(session, document, by=by, now=now)
    wanted = Document.expected_kind == document.kind
    same = Document.kind == document.kind
    if document.kind == DocumentKind.OTHER:
        wanted = same = Document.expected_kind == (document.expected_kind or document.kind)
    rows = session.scalars(
        select(Document).where(
            Document.supplier_id == document.supplier_id,
            Document.id != document.id,
            Document.state.in_([State.REFUSED, State.UNREADABLE]),
            Document.received_at <= document.received_at,
            Document.contested_at.is_(None),
            same | wanted,
        )
    ).all()
    for row in rows:
        move(
            session, row, State.SUPERSEDED, "document.superseded", allowed=ALLOWED, by=by, at=now,
            data={"by": str(document.id)},
        )  # fmt: skip
        row.superseded_by_id = document.id
        row.sampled_at = None
