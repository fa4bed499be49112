"""What is asked about papers: one, a supplier's, those that wait for a person."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session, aliased, selectinload

from supplier.adapters.files import store
from supplier.documents.kept_reading import KeptReading, find_kept
from supplier.documents.models import Decision, Document, IssuerCheck, Preview, SecondReading
from supplier.documents.sight import EVERYTHING, Buyers, visible_to
from supplier.documents.states import Reread, State
from supplier.kernel.clock import PARIS
from supplier.kernel.database import Page, paginate, reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_

_MISSING = N_("This paper does not exist.")
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def get_in(session: Session, document_id: uuid.UUID, buyers: Buyers) -> Document:
    """A paper in somebody's sight. Raises NotFoundError."""
    found = session.scalars(
        select(Document).where(Document.id == document_id, visible_to(buyers))
    ).first()
    if found is None or found.state == State.ERASED:
        raise NotFoundError(_MISSING)
    return found


def list_these(document_ids: Collection[uuid.UUID], buyers: Buyers) -> list[Document]:
    """Those of these papers that are in somebody's sight, in the order asked; one statement."""
    query = select(Document).where(
        Document.id.in_(document_ids), visible_to(buyers), Document.state != State.ERASED
    )
    with reading() as session:
        found = {row.id: row for row in session.scalars(query)}
    return [found[one] for one in document_ids if one in found]


def get_of(session: Session, document_id: uuid.UUID, supplier_id: uuid.UUID) -> Document:
    """A paper of this supplier. Raises NotFoundError for any other, existing or not."""
    found = session.scalars(
        select(Document).where(Document.id == document_id, Document.supplier_id == supplier_id)
    ).first()
    if found is None or found.state == State.ERASED:
        raise NotFoundError(_MISSING)
    return found


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A paper with what hangs on it: its reading, pages, decisions, parts, issuer checks."""

    document: Document
    kept: KeptReading | None
    previews: tuple[Preview, ...]
    decisions: tuple[Decision, ...]
    checks: tuple[IssuerCheck, ...] = ()
    parts: tuple[Document, ...] = ()

    @property
    def undrawn(self) -> tuple[int, ...]:
        """The pages of a drawn paper that have no picture (yet)."""
        drawn = {one.page for one in self.previews}
        pages = range(1, (self.document.page_count or 0) + 1)
        return tuple(page for page in pages if page not in drawn) if drawn else ()

    def preview(self, page: int) -> Preview | None:
        """The picture of a page (from 1), or of the first that has one."""
        found = {one.page: one for one in self.previews}
        return found.get(page) or next(iter(self.previews), None)

    @property
    def decision(self) -> Decision | None:
        """The decision in force, or None."""
        return next((one for one in reversed(self.decisions) if one.revoked_at is None), None)


_WITH_ALL = (selectinload(Document.decisions), selectinload(Document.previews))


def get_file(document_id: uuid.UUID, buyers: Buyers = EVERYTHING) -> PaperFile:
    """A paper as the desk sees it; five statements. Raises NotFoundError."""
    with reading() as session:
        found = session.scalars(
            select(Document)
            .where(Document.id == document_id, visible_to(buyers), Document.state != State.ERASED)
            .options(*_WITH_ALL)
        ).first()
        return _file(session, found)


def get_own_file(document_id: uuid.UUID, supplier_id: uuid.UUID) -> PaperFile:
    """A paper as its supplier sees it; five statements. Raises NotFoundError."""
    with reading() as session:
        found = session.scalars(
            select(Document)
            .where(
                Document.id == document_id,
                Document.supplier_id == supplier_id,
                Document.state != State.ERASED,
            )
            .options(*_WITH_ALL)
        ).first()
        return _file(session, found)


def _file(session: Session, document: Document | None) -> PaperFile:
    if document is None:
        raise NotFoundError(_MISSING)
    checks = session.scalars(
        select(IssuerCheck)
        .where(IssuerCheck.document_id == document.id)
        .order_by(IssuerCheck.at, IssuerCheck.id)
    ).all()
    parts = session.scalars(
        select(Document).where(Document.parent_id == document.id).order_by(Document.part)
    ).all()
    return PaperFile(
        document, find_kept(document), tuple(document.previews), tuple(document.decisions),
        tuple(checks), tuple(parts),
    )  # fmt: skip


def list_files(
    supplier_id: uuid.UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    waiting_too: bool = False,
) -> list[PaperFile]:
    """A supplier's papers received in [since, until), newest first; three statements.

    `waiting_too` adds those that are still on their way to a verdict, however old.
    """
    span: list[ColumnElement[bool]] = []
    if since is not None:
        span.append(Document.received_at >= since)
    if until is not None:
        span.append(Document.received_at < until)
    wanted: ColumnElement[bool] = and_(Document.id.is_not(None), *span)
    if waiting_too:
        waiting = [State.RECEIVED, State.HELD, State.READ, State.IN_REVIEW]
        wanted = or_(wanted, Document.state.in_(waiting))
    with reading() as session:
        rows = session.scalars(
            select(Document)
            .where(Document.supplier_id == supplier_id, Document.state != State.ERASED, wanted)
            .options(*_WITH_ALL)
            .order_by(Document.received_at.desc(), Document.original_name, Document.id)
            .limit(200)
        ).all()
        return [
            PaperFile(row, find_kept(row), tuple(row.previews), tuple(row.decisions))
            for row in rows
        ]


def list_parts(document_id: uuid.UUID, supplier_id: uuid.UUID) -> list[PaperFile]:
    """The papers that a file of this supplier was split into; three statements."""
    with reading() as session:
        rows = session.scalars(
            select(Document)
            .where(Document.parent_id == document_id, Document.supplier_id == supplier_id)
            .options(*_WITH_ALL)
            .order_by(Document.part)
        ).all()
        return [
            PaperFile(row, find_kept(row), tuple(row.previews), tuple(row.decisions))
            for row in rows
        ]


def list_of_day(supplier_id: uuid.UUID, day: date, *, zone: ZoneInfo = PARIS) -> list[Document]:
    """The files (not their parts) that came in on a legal day, in order of arrival."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    end = start + timedelta(days=1)
    with reading() as session:
        return list(
            session.scalars(
                select(Document)
                .where(
                    Document.supplier_id == supplier_id,
                    Document.part == 0,
                    Document.state != State.ERASED,
                    Document.received_at >= start,
                    Document.received_at < end,
                )
                .order_by(Document.received_at, Document.id)
            )
        )


def list_history(supplier_id: uuid.UUID, *, number: int, size: int = 25) -> Page[Document]:
    """Everything that a supplier handed in, newest first."""
    query = (
        select(Document)
        .where(Document.supplier_id == supplier_id, Document.state != State.ERASED)
        .order_by(Document.received_at.desc(), Document.id)
    )
    with reading() as session:
        return paginate(session, query, number=number, size=size)


def waits_for_person() -> ColumnElement[bool]:
    """Papers to decide on, and machine decisions that a person reads again."""
    # Two indexes are asked, one after the other: an "or" makes SQLite read every paper. They are
    # compared with a day before all others: an index answers that, and not "is not null".
    paper = aliased(Document)
    to_decide = select(paper.id).where(paper.state == State.IN_REVIEW)
    to_read_again = select(paper.id).where(paper.sampled_at > _BEFORE_ALL)
    return Document.id.in_(union(to_decide, to_read_again))


def waits_blind(document: Document) -> bool:
    """Whether the machine accepted this paper and a person is to read it without sight of that."""
    return document.sampled_at is not None and document.state == State.ACCEPTED


def count_waiting(buyers: Buyers) -> Select[int]:
    """How many papers wait for a person, as a query for the rail (`.scalar_subquery()`).

    It stands on every page: what is to decide and what is to read again are counted each by its
    index (compare `waits_for_person`).
    """
    number, seen = select(func.count()).select_from(Document), visible_to(buyers)
    to_decide = number.where(Document.state == State.IN_REVIEW, seen)
    to_read_again = number.where(
        Document.sampled_at > _BEFORE_ALL, Document.state != State.IN_REVIEW, seen
    )
    return select(to_decide.scalar_subquery() + to_read_again.scalar_subquery())


def find_next_waiting(
    buyers: Buyers, *, after: uuid.UUID | None = None, not_for: uuid.UUID | None = None
) -> uuid.UUID | None:
    """The paper to look at next, or None when nothing waits.

    `after` is the one in hand; `not_for` leaves out what this person handed in themselves
    and the second readings of theirs that someone else is to settle.
    """
    query = select(Document.id).where(waits_for_person(), visible_to(buyers))
    if not_for is not None:
        own = select(SecondReading.document_id).where(
            SecondReading.by_id == not_for, SecondReading.state == Reread.DIFFERS
        )
        query = query.where(
            or_(Document.received_by_id.is_(None), Document.received_by_id != not_for),
            Document.id.not_in(own) | (Document.state == State.IN_REVIEW),
        )
    order = (
        Document.contested_at.is_(None),
        Document.sampled_at.is_not(None),
        Document.received_at,
        Document.id,
    )
    with reading() as session:
        ids: Sequence[uuid.UUID] = session.scalars(query.order_by(*order).limit(500)).all()
    if after in ids:
        place = ids.index(after)
        ids = [*ids[place + 1 :], *ids[:place]]
    return ids[0] if ids else None


def list_accepted(supplier_id: uuid.UUID, kind: str) -> list[Document]:
    """The accepted papers of a kind, newest first: the versions of one paper."""
    with reading() as session:
        return list(
            session.scalars(
                select(Document)
                .where(
                    Document.supplier_id == supplier_id,
                    Document.kind == kind,
                    Document.state == State.ACCEPTED,
                )
                .order_by(Document.received_at.desc(), Document.id)
            )
        )


def original(document: Document) -> bytes:
    """The file as it was handed in, compared with its hash. Raises DamagedFileError."""
    return store().get(document.file_key, sha256=document.sha256)


def page_image(file: PaperFile, page: int) -> bytes:
    """The PNG of a page (from 1). Raises NotFoundError."""
    found = next((one for one in file.previews if one.page == page), None)
    if found is None:
        raise NotFoundError(N_("This page does not exist."))
    return store().get(found.shown_key)
