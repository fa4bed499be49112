"""Lists of batches and holds: what waits for a yes, what was erased, what is kept from erasure."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, or_, select

from supplier.adapters import files
from supplier.kernel.audit import Event
from supplier.kernel.database import Page, paginate, reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Engagement, Supplier
from supplier.retention.models import ErasureBatch, ErasureItem, LegalHold, RetentionEntry
from supplier.retention.queries import Buyers, count_if, in_sight, names_of

_NO_BATCH = N_("This batch does not exist.")


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold with its supplier and the number of things that it keeps."""

    hold: LegalHold
    supplier_name: str
    things: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch with the number of its items in sight and of those that were erased."""

    batch: ErasureBatch
    items: int
    erased: int
    #: How many it holds in all; one of several companies is not told apart in its certificate.
    all_items: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it concerns other companies."""
        return self.items == self.all_items


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A batch, what it holds in sight by rule and outcome, and what happened to it."""

    batch: ErasureBatch
    counts: tuple[tuple[str, str | None, int], ...]
    events: Sequence[Event]
    all_items: int

    @property
    def items(self) -> int:
        return sum(count for _, _, count in self.counts)

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it concerns other companies."""
        return self.items == self.all_items

    def with_outcome(self, outcome: str) -> int:
        return sum(count for _, found, count in self.counts if found == outcome)

    @property
    def by_rule(self) -> list[tuple[str, int]]:
        """Rules with the number of their things, the most first."""
        found: dict[str, int] = {}
        for rule, _, count in self.counts:
            found[rule] = found.get(rule, 0) + count
        return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def list_batches(*, buyers: Buyers, limit: int = 12) -> list[BatchLine]:
    """The last batches that hold something of these companies, the open ones first."""
    items = in_sight(
        select(
            ErasureItem.batch_id,
            func.count().label("things"),
            count_if(ErasureItem.outcome == "erased").label("erased"),
        ),
        ErasureItem,
        buyers,
    )
    counts = items.group_by(ErasureItem.batch_id).subquery()
    is_open = ErasureBatch.state.in_(("proposed", "approved"))
    query = (
        select(ErasureBatch, counts.c.things, counts.c.erased, _all_items(ErasureBatch.id))
        .join(counts, counts.c.batch_id == ErasureBatch.id)
        .order_by(is_open.desc(), ErasureBatch.proposed_at.desc(), ErasureBatch.id)
        .limit(limit)
    )
    with reading() as session:
        return [BatchLine(*row) for row in session.execute(query)]


def _all_items(batch_id: Any) -> ScalarSelect[int]:
    """How many things a batch holds, whosever they are."""
    return (
        select(func.count())
        .select_from(ErasureItem)
        .where(ErasureItem.batch_id == batch_id)
        .scalar_subquery()
    )


def get_batch(batch_id: uuid.UUID, *, buyers: Buyers) -> BatchFile:
    """A batch of which the visitor may see something. Four statements. Raises NotFoundError."""
    with reading() as session:
        batch = session.get(ErasureBatch, batch_id)
        query = (
            select(ErasureItem.rule, ErasureItem.outcome, func.count())
            .where(ErasureItem.batch_id == batch_id)
            .group_by(ErasureItem.rule, ErasureItem.outcome)
        )
        counts = session.execute(in_sight(query, ErasureItem, buyers)).all()
        if batch is None or not counts:
            raise NotFoundError(_NO_BATCH)
        whole = session.scalar(select(_all_items(batch_id))) or 0
        events = session.scalars(
            select(Event)
            .where(Event.subject_type == "erasure_batch", Event.subject_id == batch_id)
            .order_by(Event.seq.desc())
            .limit(20)
        ).all()
    told = tuple((rule, out, count) for rule, out, count in counts)
    return BatchFile(batch, told, events, whole)


def list_items(
    batch_id: uuid.UUID, *, buyers: Buyers, number: int, size: int
) -> tuple[Page[ErasureItem], dict[uuid.UUID, str]]:
    """The things of a batch, oldest first, and the names of their suppliers; three statements."""
    query = (
        select(ErasureItem)
        .where(ErasureItem.batch_id == batch_id)
        .order_by(ErasureItem.first_erasable_on, ErasureItem.id)
    )
    with reading() as session:
        found = paginate(session, in_sight(query, ErasureItem, buyers), number=number, size=size)
        ids = {item.supplier_id for item in found.items if item.supplier_id}
        return found, names_of(session, Supplier, ids)


def read_certificate(batch_id: uuid.UUID, *, buyers: Buyers) -> bytes:
    """The certificate of an executed batch, for whoever may see all that it lists.

    Raises NotFoundError, DamagedFileError.
    """
    file = get_batch(batch_id, buyers=buyers)
    batch = file.batch
    if batch.certificate_key is None or not file.is_whole:
        raise NotFoundError(_NO_BATCH)
    return files.store().get(batch.certificate_key, sha256=batch.certificate_sha256)


def list_holds(*, buyers: Buyers, lifted: bool = False) -> list[HoldLine]:
    """Holds that stand, or those that were lifted, newest first; one statement."""
    kept = select(func.count()).where(RetentionEntry.supplier_id == LegalHold.supplier_id)
    things = in_sight(kept, RetentionEntry, buyers).correlate(LegalHold).scalar_subquery()
    state = LegalHold.lifted_at.is_not(None) if lifted else LegalHold.lifted_at.is_(None)
    query = (
        select(LegalHold, Supplier.name, things)
        .join(Supplier, Supplier.id == LegalHold.supplier_id)
        .where(state)
        .order_by(LegalHold.at.desc(), LegalHold.id)
        .limit(100)
    )
    if buyers is not None:
        theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
        query = query.where(LegalHold.supplier_id.in_(theirs))
    with reading() as session:
        return [HoldLine(*row) for row in session.execute(query)]


def get_hold(hold_id: uuid.UUID, *, today: date, buyers: Buyers) -> tuple[LegalHold, str, int]:
    """A hold, the name of its supplier, and how many things in sight are due but for holds.

    Raises NotFoundError.
    """
    due = select(func.count()).where(
        RetentionEntry.supplier_id == LegalHold.supplier_id,
        RetentionEntry.first_erasable_on <= today,
    )
    things = in_sight(due, RetentionEntry, buyers).correlate(LegalHold).scalar_subquery()
    query = (
        select(LegalHold, Supplier.name, things)
        .join(Supplier, Supplier.id == LegalHold.supplier_id)
        .where(LegalHold.id == hold_id)
    )
    if buyers is not None:
        theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
        query = query.where(LegalHold.supplier_id.in_(theirs))
    with reading() as session:
        found = session.execute(query).one_or_none()
    if found is None:
        raise NotFoundError(N_("This hold does not exist."))
    hold, name, count = found
    return hold, name, count


def find_suppliers(text: str, *, buyers: Buyers, limit: int = 20) -> Sequence[Supplier]:
    """Suppliers by name or SIREN, to place a hold on one."""
    query = (
        select(Supplier)
        .where(Supplier.anonymised_at.is_(None))
        .order_by(Supplier.sort_name, Supplier.id)
        .limit(limit)
    )
    if text:
        digits = text.replace(" ", "")
        query = query.where(
            or_(
                Supplier.name.icontains(text, autoescape=True),
                Supplier.siren.startswith(digits, autoescape=True),
            )
        )
    with reading() as session:
        return session.scalars(_own(query, buyers)).all()


def get_supplier_name(supplier_id: uuid.UUID, *, buyers: Buyers) -> str:
    """Raises NotFoundError for a supplier out of sight."""
    with reading() as session:
        found = session.scalar(_own(select(Supplier).where(Supplier.id == supplier_id), buyers))
        if found is None:
            raise NotFoundError(N_("This supplier does not exist."))
        return found.name


def _own(query: Select[Supplier], buyers: Buyers) -> Select[Supplier]:
    if buyers is None:
        return query
    theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
    return query.where(Supplier.id.in_(theirs))


def count_proposed(*, buyers: Buyers) -> ScalarSelect[int]:
    """Batches that wait for approval and hold something of these companies, for the rail."""
    query = select(func.count()).where(ErasureBatch.state == "proposed")
    if buyers is not None:
        items = select(ErasureItem.id).where(ErasureItem.batch_id == ErasureBatch.id)
        query = query.where(in_sight(items, ErasureItem, buyers).correlate(ErasureBatch).exists())
    return query.scalar_subquery()
