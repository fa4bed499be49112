"""Refused papers that ask for nothing any more: another of their kind was accepted and covers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Decision, Document
from supplier.documents.states import ALWAYS_SHOWN, CONTESTABLE, Outcome, State
from supplier.kernel.database import reading

#: A supplier holds several of these side by side: one says nothing of another.
_SIDE_BY_SIDE = frozenset({DocumentKind.A1_CERTIFICATE, DocumentKind.INVOICE, DocumentKind.OTHER})


@dataclass(frozen=True, slots=True)
class Cover:
    """An accepted paper that is good today, and since when it is accepted."""

    kind: str | None
    issued_on: date | None
    accepted_at: datetime


def is_needless(document: Document, covers: Iterable[Cover]) -> bool:
    """Whether a refused paper asks for nothing: nobody need mend it or look at it again.

    A renewal that was refused while the old paper is still good is no such paper. What is said to
    have been changed may be contested all the same.
    """
    if document.state not in CONTESTABLE or ALWAYS_SHOWN & set(document.reasons):
        return False
    kinds = {document.kind, document.expected_kind} - {None, *_SIDE_BY_SIDE}
    return any(one.kind in kinds and _is_behind(document, one) for one in covers)


def _is_behind(document: Document, cover: Cover) -> bool:
    if document.issued_on is not None and cover.issued_on is not None:
        # The day on a RIB is that of its print: an account is not younger for it.
        if document.issued_on > cover.issued_on:
            return False
        if cover.kind != DocumentKind.BANK_DETAILS:
            return True
    return cover.accepted_at >= document.received_at


def find_covers(session: Session, supplier_id: uuid.UUID, *, today: date) -> list[Cover]:
    """The papers of a supplier that are accepted and good today; one statement."""
    # States and outcomes are compared here: a database that took their indexes would look through
    # every accepted paper for the few of one supplier.
    rows = session.execute(
        select(Document, Decision.at)
        .join(Decision, Decision.document_id == Document.id)
        .where(Document.supplier_id == supplier_id, Decision.revoked_at.is_(None))
        .add_columns(Decision.outcome)
        .order_by(Document.id, Decision.at)
    )
    found: dict[uuid.UUID, Cover] = {}
    for paper, at, outcome in rows:
        ends = paper.valid_until
        good = paper.superseded_by_id is None and (ends is None or ends >= today)
        if good and paper.state == State.ACCEPTED and outcome == Outcome.ACCEPT:
            found[paper.id] = Cover(paper.kind, paper.issued_on, at)
    return list(found.values())


def list_covers(supplier_id: uuid.UUID, *, today: date) -> list[Cover]:
    """The same for a page; one statement."""
    with reading() as session:
        return find_covers(session, supplier_id, today=today)
