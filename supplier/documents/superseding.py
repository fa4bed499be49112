"""The right paper takes the place of the wrong ones that came before it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.states import ALLOWED, State
from supplier.kernel.audit import Actor, move


def supersede_refused(session: Session, document: Document, *, by: Actor, now: datetime) -> None:
    """Replace what was refused for the same request; accepted papers stay as history.

    What the supplier contests stays with the person who looks at it.
    """
    wanted = Document.expected_kind == document.kind
    same = wanted if document.kind == DocumentKind.OTHER else (Document.kind == document.kind)
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
