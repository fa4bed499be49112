"""The papers of a supplier as its page shows them: the latest, and how many are in force."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, or_, select

from supplier.documents.models import Decision, Document
from supplier.documents.states import State
from supplier.kernel.database import reading

#: A file that was split is shown as its papers.
_HIDDEN = (State.ERASED, State.SUPERSEDED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A paper with who decided last: a name, or the machine (None where nobody decided)."""

    document: Document
    decided_by: str | None
    by_machine: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """The latest papers; `in_force` are accepted and good today, `total` are all."""

    papers: Sequence[Shelved]
    in_force: int
    total: int


def shelf_of(supplier_id: uuid.UUID, *, today: date, limit: int = 12) -> Shelf:
    """The papers of a supplier, those that wait first, then the latest; one statement."""
    good = (
        (Document.state == State.ACCEPTED)
        & Document.superseded_by_id.is_(None)
        & or_(Document.valid_until.is_(None), Document.valid_until >= today)
    )
    waiting = case((Document.state.in_([State.IN_REVIEW, State.UNREADABLE]), 0), else_=1)
    query: Any = (
        select(
            Document, Decision.by_name, Decision.by_machine,
            func.sum(case((good, 1), else_=0)).over(), func.count().over(),
        )
        .outerjoin(
            Decision,
            (Decision.document_id == Document.id) & Decision.revoked_at.is_(None),
        )
        .where(Document.supplier_id == supplier_id, Document.state.not_in(_HIDDEN))
        .order_by(waiting, case((good, 0), else_=1), Document.received_at.desc(), Document.id)
        .limit(limit)
    )  # fmt: skip
    with reading() as session:
        rows = session.execute(query).all()
    papers = [Shelved(row[0], row[1], bool(row[2])) for row in rows]
    in_force, total = (int(rows[0][3] or 0), int(rows[0][4])) if rows else (0, 0)
    return Shelf(papers, in_force, total)
