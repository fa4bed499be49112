"""What we do about keeping and erasing: work out the plan, hold, propose, approve, erase, prove."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from supplier.adapters import files, queue
from supplier.kernel import registers
from supplier.kernel.audit import SYSTEM, Actor, move, record
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.registers import Kept
from supplier.parties.models import Supplier
from supplier.retention.certificate import draw_certificate
from supplier.retention.models import (
    ErasureBatch,
    ErasureEntry,
    ErasureItem,
    LegalHold,
    RetentionEntry,
)
from supplier.retention.schedule import Standing, first_erasable_on, prospect

PROPOSED, APPROVED, EXECUTED, REJECTED = "proposed", "approved", "executed", "rejected"
#: From each state, where a batch may go.
ALLOWED: dict[str, frozenset[str]] = {
    PROPOSED: frozenset({APPROVED, REJECTED}),
    APPROVED: frozenset({EXECUTED}),
    EXECUTED: frozenset(),
    REJECTED: frozenset(),
}
_MISSING = N_("This batch does not exist.")


def work_out_plan(now: datetime) -> dict[str, int]:
    """Ask every register what it keeps and write down when each thing may first be erased."""
    today = legal_day(now)
    with transaction() as session:
        kept = list(_all_kept(session, today))
        session.execute(delete(RetentionEntry))
        session.add_all([_entry(one, now) for one in kept])
        return {"kept": len(kept)}


def propose_due(now: datetime) -> dict[str, int]:
    """The clock's run: work out the plan, then propose what has come due and waits in no batch."""
    counts = work_out_plan(now)
    batch = propose(by=SYSTEM, now=now)
    return counts | {"proposed": len(batch.items) if batch else 0}


def propose(*, by: Actor, now: datetime) -> ErasureBatch | None:
    """A batch of all that may be erased today and is neither held nor in an open batch.

    None when there is nothing to erase. Nothing is erased by a proposal.
    """
    today = legal_day(now)
    with transaction() as session:
        due = _due_entries(session, today)
        if not due:
            return None
        batch = ErasureBatch(
            id=new_id(), state=PROPOSED, day=today, proposed_at=now, proposed_by_id=by.id
        )
        batch.items = [_item(entry) for entry in due]
        session.add(batch)
        session.flush()
        record(session, "erasure.proposed", subject=batch, by=by, at=now, data={"items": len(due)})
        return batch


def approve(batch_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """A person releases a batch; it is executed by the worker, each thing checked again first.

    Raises ConflictError when it is no longer proposed.
    """
    with transaction() as session:
        batch = _get_batch(session, batch_id)
        batch.approved_at, batch.approved_by_id, batch.approved_by_name = now, by.id, by.name
        move(session, batch, APPROVED, "erasure.approved", allowed=ALLOWED, by=by, at=now)
        queue.defer(session, "execute_erasures", now=now, payload={"batch_id": str(batch_id)})


def reject(batch_id: uuid.UUID, *, reason: str, by: Actor, now: datetime) -> None:
    """A person turns a batch down, with the reason; what is due comes again in the next one."""
    if not reason.strip():
        raise DomainError(N_("Say why, for whoever looks at it later."), field="reason")
    with transaction() as session:
        batch = _get_batch(session, batch_id)
        move(
            session, batch, REJECTED, "erasure.rejected", allowed=ALLOWED, by=by, at=now,
            reason=reason.strip(),
        )  # fmt: skip


def execute_task(payload: Mapping[str, Any], now: datetime) -> None:
    """The worker's task: erase an approved batch; a second run finishes what a crash left."""
    batch_id = uuid.UUID(str(payload["batch_id"]))
    today = legal_day(now)
    with reading() as session:
        batch = session.get(ErasureBatch, batch_id)
        if batch is None or batch.state != APPROVED:
            return
        starts = {(one.subject_type, one.subject_id): one for one in _all_kept(session, today)}
        todo = session.scalars(
            select(ErasureItem.id)
            .where(ErasureItem.batch_id == batch_id, ErasureItem.outcome.is_(None))
            .order_by(ErasureItem.first_erasable_on, ErasureItem.id)
        ).all()
    for item_id in todo:
        _erase_item(item_id, starts, today=today, now=now)
    finish_files(now)
    _certify(batch_id, now)


def finish_files(now: datetime) -> int:
    """Remove the files that the ledger says must go. Gives their number."""
    with reading() as session:
        waiting = session.scalars(
            select(ErasureEntry).where(
                ErasureEntry.file_key.is_not(None), ErasureEntry.file_gone_at.is_(None)
            )
        ).all()
    for entry in waiting:
        files.store().delete(str(entry.file_key))
        with transaction() as session:
            session.execute(
                update(ErasureEntry).where(ErasureEntry.id == entry.id).values(file_gone_at=now)
            )
    return len(waiting)


def replay_ledger(now: datetime) -> dict[str, int]:
    """After a restore: erase again what the ledger says was erased, rows and files.

    Run before anybody is let in, so that what was erased stays erased.
    """
    with reading() as session:
        entries = session.scalars(select(ErasureEntry).order_by(ErasureEntry.decided_at)).all()
    rows = 0
    for entry in entries:
        with transaction() as session:
            keeper = registers.keeper_of(entry.subject_type)
            erased = keeper.erase(session, entry.subject_id, now)
            rows += erased.rows
            keys = {*erased.file_keys, *([entry.file_key] if entry.file_key else [])}
        for key in keys:
            files.store().delete(key)
    return {"entries": len(entries), "rows": rows}


def place_hold(supplier_id: uuid.UUID, *, reason: str, by: Actor, now: datetime) -> LegalHold:
    """Keep everything of a supplier whatever the plan says, until the hold is lifted.

    Raises DomainError without a reason, NotFoundError for an unknown supplier.
    """
    if not reason.strip():
        raise DomainError(
            N_("Give the reason: a dispute, an inspection, a court case."), field="reason"
        )
    with transaction() as session:
        # The supplier's row is locked by erasures too: one of the two is first, never both.
        if session.get(Supplier, supplier_id, with_for_update=True) is None:
            raise NotFoundError(N_("This supplier does not exist."))
        hold = LegalHold(
            id=new_id(), supplier_id=supplier_id, reason=reason.strip(), by_id=by.id or new_id(),
            by_name=by.name, at=now,
        )  # fmt: skip
        session.add(hold)
        session.flush()
        record(
            session, "hold.placed", subject=hold, by=by, at=now, supplier_id=supplier_id,
            reason=reason.strip(),
        )  # fmt: skip
        return hold


def lift_hold(hold_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """End a hold; what came due meanwhile is proposed at the next run."""
    with transaction() as session:
        changed = session.execute(
            update(LegalHold)
            .where(LegalHold.id == hold_id, LegalHold.lifted_at.is_(None))
            .values(lifted_at=now, lifted_by_id=by.id)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This hold was lifted already."))
        hold = session.get_one(LegalHold, hold_id)
        record(session, "hold.lifted", subject=hold, by=by, at=now)


def is_held(session: Session, supplier_id: uuid.UUID | None) -> bool:
    """True while a legal hold stands on the supplier."""
    if supplier_id is None:
        return False
    found = session.scalar(
        select(LegalHold.id).where(
            LegalHold.supplier_id == supplier_id, LegalHold.lifted_at.is_(None)
        )
    )
    return found is not None


def _all_kept(session: Session, today: date) -> Iterable[Kept]:
    for keeper in registers.keepers():
        yield from keeper.list_kept(session, today)


def _entry(kept: Kept, now: datetime) -> RetentionEntry:
    return RetentionEntry(
        id=new_id(), subject_type=kept.subject_type, subject_id=kept.subject_id,
        supplier_id=kept.supplier_id, buyer_id=kept.buyer_id, rule=kept.rule,
        starts_on=kept.starts_on, first_erasable_on=first_erasable_on(kept.rule, kept.starts_on),
        label=kept.label[:200], worked_out_at=now,
    )  # fmt: skip


def _due_entries(session: Session, today: date) -> list[RetentionEntry]:
    held = select(LegalHold.supplier_id).where(LegalHold.lifted_at.is_(None))
    waiting = (
        select(ErasureItem.id)
        .join(ErasureBatch, ErasureBatch.id == ErasureItem.batch_id)
        .where(
            ErasureItem.subject_type == RetentionEntry.subject_type,
            ErasureItem.subject_id == RetentionEntry.subject_id,
            ErasureBatch.state.in_([PROPOSED, APPROVED]),
        )
    )
    query = (
        select(RetentionEntry)
        .where(
            RetentionEntry.first_erasable_on <= today,
            RetentionEntry.supplier_id.is_(None) | RetentionEntry.supplier_id.not_in(held),
            ~waiting.exists(),
        )
        .order_by(RetentionEntry.first_erasable_on, RetentionEntry.id)
    )
    return list(session.scalars(query))


def _item(entry: RetentionEntry) -> ErasureItem:
    assert entry.starts_on is not None
    assert entry.first_erasable_on is not None
    return ErasureItem(
        id=new_id(), subject_type=entry.subject_type, subject_id=entry.subject_id,
        supplier_id=entry.supplier_id, buyer_id=entry.buyer_id, rule=entry.rule,
        starts_on=entry.starts_on, first_erasable_on=entry.first_erasable_on, label=entry.label,
    )  # fmt: skip


def _get_batch(session: Session, batch_id: uuid.UUID) -> ErasureBatch:
    batch = session.get(ErasureBatch, batch_id)
    if batch is None:
        raise NotFoundError(_MISSING)
    return batch


def _erase_item(
    item_id: uuid.UUID,
    starts: Mapping[tuple[str, uuid.UUID], Kept],
    *,
    today: date,
    now: datetime,
) -> None:
    """One thing, in one transaction: asked again, then the ledger, then the rows."""
    with transaction() as session:
        item = session.get_one(ErasureItem, item_id)
        if item.supplier_id is not None:
            session.get(Supplier, item.supplier_id, with_for_update=True)
        item.outcome = _outcome(session, item, starts, today=today)
        item.done_at = now
        if item.outcome != "erased":
            return
        erased = registers.keeper_of(item.subject_type).erase(session, item.subject_id, now)
        session.add_all(_ledger(item, erased.file_keys, now))
        record(
            session, "erasure.done", subject=item.subject_type, by=SYSTEM, at=now,
            supplier_id=item.supplier_id,
            data={"id": str(item.subject_id), "rule": item.rule, "files": len(erased.file_keys)},
        )  # fmt: skip
        # The name of a thing that is gone goes with it.
        item.label = ""


def _outcome(
    session: Session,
    item: ErasureItem,
    starts: Mapping[tuple[str, uuid.UUID], Kept],
    *,
    today: date,
) -> str:
    """What the facts of this moment say: a hold wins, and nothing goes a day early."""
    kept = starts.get((item.subject_type, item.subject_id))
    if kept is None:
        return "already_gone"
    held = is_held(session, item.supplier_id)
    standing = prospect(kept.rule, kept.starts_on, today=today, on_hold=held).standing
    if standing in {Standing.DUE, Standing.OVERDUE}:
        return "erased"
    return "held" if standing is Standing.HELD else "not_due"


def _ledger(item: ErasureItem, keys: Sequence[str], now: datetime) -> list[ErasureEntry]:
    return [
        ErasureEntry(
            id=new_id(),
            batch_id=item.batch_id,
            subject_type=item.subject_type,
            subject_id=item.subject_id,
            file_key=key,
            rule=item.rule,
            decided_at=now,
        )
        for key in keys or (None,)
    ]


def _certify(batch_id: uuid.UUID, now: datetime) -> None:
    """Draw the certificate, keep it, and close the batch."""
    with reading() as session:
        batch = session.scalars(
            select(ErasureBatch)
            .where(ErasureBatch.id == batch_id)
            .options(selectinload(ErasureBatch.items))
        ).one()
    if batch.state != APPROVED or any(item.outcome is None for item in batch.items):
        return
    data = draw_certificate(batch, now=now)
    key = files.store().put(data)
    with transaction() as session:
        row = session.get_one(ErasureBatch, batch_id)
        row.certificate_key, row.executed_at = key, now
        row.certificate_sha256 = hashlib.sha256(data).hexdigest()
        move(
            session, row, EXECUTED, "erasure.executed", allowed=ALLOWED, by=SYSTEM, at=now,
            data={"items": len(batch.items), "certificate": row.certificate_sha256},
        )  # fmt: skip
        gone = select(ErasureItem.subject_id).where(
            ErasureItem.batch_id == batch_id, ErasureItem.outcome == "erased"
        )
        session.execute(
            delete(RetentionEntry)
            .where(RetentionEntry.subject_id.in_(gone))
            .execution_options(synchronize_session=False)
        )
