"""What retention and the search box are told of papers."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased

from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.models import (
    Decision,
    Document,
    EarlierPage,
    IssuerCheck,
    Preview,
    SecondReading,
)
from supplier.documents.sight import PaperSight, shows_account, visible_to
from supplier.documents.states import ALLOWED, State
from supplier.kernel import finding, registers
from supplier.kernel.audit import SYSTEM, move
from supplier.kernel.finding import REPEATED, Asked, Indexed, first_of, order_of
from supplier.kernel.i18n import N_
from supplier.kernel.registers import Erased, Found, Kept, SearchScope, Sign
from supplier.parties.models import Engagement, Supplier

#: The lines of the retention schedule that papers live by.
RULE, REFUSED_RULE = "vigilance_paper", "refused_paper"
SEARCH_MIN = 3
#: The topic of papers that show an account number.
_BANK = "bank papers"
#: A whole hash, or enough of one.
_HASH = re.compile(r"[0-9a-f]{12,64}")
_REFUSED = frozenset({State.REFUSED, State.WITHDRAWN, State.UNREADABLE})
_ERASABLE = {state.value: {*ALLOWED.get(state, ()), State.ERASED} for state in State}


def list_kept(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Every paper; its clock starts when the last relationship of its supplier has ended.

    A relationship without a confirmed end still runs, and then nothing counts (`starts_on`
    None). One row for the paper, whichever companies it served: the longest wins. A paper that
    was made out after that end is kept from its own day.
    """
    ended = (
        select(
            Engagement.supplier_id.label("supplier_id"),
            func.max(Engagement.ended_on).label("ended_on"),
            func.count().label("all_of_them"),
            func.count(Engagement.end_confirmed_at).label("confirmed"),
        )
        .group_by(Engagement.supplier_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Document.id, Document.supplier_id, Document.state, Document.original_name,
            Document.issued_on, ended.c.ended_on, ended.c.all_of_them, ended.c.confirmed,
        )
        .outerjoin(ended, ended.c.supplier_id == Document.supplier_id)
        .where(Document.state != State.ERASED)
        .order_by(Document.received_at, Document.id)
    )  # fmt: skip
    for row in rows:
        over = row.all_of_them and row.all_of_them == row.confirmed
        yield Kept(
            subject_type=Document.__tablename__,
            subject_id=row.id,
            supplier_id=row.supplier_id,
            buyer_id=None,
            rule=REFUSED_RULE if row.state in _REFUSED else RULE,
            starts_on=max(row.ended_on, row.issued_on or row.ended_on) if over else None,
            label=row.original_name,
        )


def signs_of(
    session: Session,
    engagement_id: uuid.UUID,
    today: date,  # noqa: ARG001
) -> Iterable[Sign]:
    """The last paper that was accepted, where the supplier works for one company only.

    A paper serves every company that the supplier works for; with several, it does not tell for
    which of them the supplier still worked.
    """
    others = aliased(Engagement)
    last = session.execute(
        select(Document.issued_on, Document.kind)
        .join(Engagement, Engagement.supplier_id == Document.supplier_id)
        .where(
            Engagement.id == engagement_id,
            Document.state == State.ACCEPTED,
            Document.issued_on.is_not(None),
            ~select(others.id)
            .where(others.supplier_id == Engagement.supplier_id, others.id != Engagement.id)
            .exists(),
        )
        .order_by(Document.issued_on.desc(), Document.id)
        .limit(1)
    ).first()
    if last is not None:
        name = KINDS[DocumentKind(last.kind)].label if last.kind else ""
        yield Sign(day=last.issued_on, words=N_("the paper “%(name)s”"), name=name)


def erase(session: Session, document_id: uuid.UUID, at: datetime) -> Erased:
    """Remove a paper's file, pages, reading, names and comments; its dates stay for the count.

    What is left names nobody: the row holds a kind, dates and states, so that the journal and
    the figures of past years keep something to refer to.
    """
    document = session.get(Document, document_id)
    if document is None or document.state == State.ERASED:
        return Erased()
    keys = [document.file_key]
    keys += _picture_keys(session, document_id)
    captures = select(IssuerCheck.capture_key).where(IssuerCheck.document_id == document_id)
    keys += [key for key in session.scalars(captures) if key]
    session.execute(delete(Preview).where(Preview.document_id == document_id))
    session.execute(delete(EarlierPage).where(EarlierPage.document_id == document_id))
    session.execute(delete(IssuerCheck).where(IssuerCheck.document_id == document_id))
    _forget_decisions(session, document_id)
    _forget_second_readings(session, document_id)
    move(session, document, State.ERASED, "document.erased", allowed=_ERASABLE, by=SYSTEM, at=at)
    _blank(document, at)
    return Erased(tuple(key for key in keys if key), rows=len(keys))


def _picture_keys(session: Session, document_id: uuid.UUID) -> list[str]:
    """Every picture of a paper: whole, covered, and of earlier versions."""
    pages = select(Preview.file_key, Preview.masked_key).where(Preview.document_id == document_id)
    earlier = select(EarlierPage.file_key).where(EarlierPage.document_id == document_id)
    found = [key for row in session.execute(pages) for key in row if key]
    return [*found, *session.scalars(earlier)]


def _forget_decisions(session: Session, document_id: uuid.UUID) -> None:
    session.execute(
        update(Decision)
        .where(Decision.document_id == document_id)
        .values(comment=None, by_name="", by_id=None)
        .execution_options(synchronize_session=False)
    )


def _forget_second_readings(session: Session, document_id: uuid.UUID) -> None:
    """What somebody wrote goes with the paper; that they agreed or not stays for the rate."""
    session.execute(
        update(SecondReading)
        .where(SecondReading.document_id == document_id)
        .values(written=None, by_name="", by_id=None, settled_by_id=None)
        .execution_options(synchronize_session=False)
    )


def _blank(document: Document, at: datetime) -> None:
    document.original_name, document.file_key, document.size = "", "", 0
    # The hash of a file is a trace of it; what takes its place lets the same file come again.
    document.sha256 = hashlib.sha256(b"erased:" + document.id.bytes).hexdigest()
    document.reading, document.code_index, document.contest_comment = None, None, None
    document.received_by_id, document.sampled_at, document.contested_at = None, None, None
    document.erased_at = at


def find(session: Session, asked: Asked, scope: SearchScope, limit: int) -> Sequence[Found]:
    """Papers by file name or hash, at most `limit` of each sort, for those who may open them.

    Those of bank details are for other people than the rest.
    """
    if len(asked.text) < SEARCH_MIN:
        return []
    ordinary = PaperSight(scope.buyer_ids, frozenset())
    bank = PaperSight(frozenset(), scope.buyer_ids)
    return [
        *_find(session, asked, "documents", ordinary, limit=limit, needs="document.read"),
        *_find(session, asked, _BANK, bank, limit=limit, needs="bank.paper"),
    ]


def _find(
    session: Session, asked: Asked, topic: str, sight: PaperSight, *, limit: int, needs: str
) -> Sequence[Found]:
    query = (
        select(Document.id, Document.kind, Document.original_name, Supplier.name)
        .join(Supplier, Supplier.id == Document.supplier_id)
        .where(visible_to(sight), Document.state != State.ERASED)
    )
    matches, rows = asked.matches(topic), list[Any]()
    if matches is not None:
        named = query.join(matches, matches.c.subject_id == Document.id)
        named = named.order_by(*order_of(matches)).limit(limit * REPEATED)
        rows = first_of(session.execute(named), limit)
    if not rows and _HASH.fullmatch(asked.text):
        by_hash = Document.sha256.between(asked.text, asked.text + "g")
        rows = list(session.execute(query.where(by_hash).limit(limit)))
    return [
        Found(
            group="documents",
            title=row.original_name,
            detail=f"{row.name} · {KINDS[DocumentKind(row.kind)].label if row.kind else ''}",
            endpoint="desk_review.show",
            values={"document_id": str(row.id)},
            needs=needs,
        )
        for row in rows
    ]


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper(Document.__tablename__, list_kept, erase))
    registers.tell_signs("documents", signs_of)
    finding.index(
        Indexed(
            "documents", Document, ("original_name", "state", "kind", "expected_kind"),
            text=lambda row: "" if row.state == State.ERASED else row.original_name,
            rank=lambda row: -int(row.received_at.timestamp()), others=(_BANK,),
            apart=lambda row: _BANK if shows_account(row) else None,
        )
    )  # fmt: skip
    finding.answer_search("documents", find)
