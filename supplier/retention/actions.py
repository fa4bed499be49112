"""What we do about keeping and erasing: work out the plan, hold, propose, approve, erase, prove."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import false, or_, select, update
from sqlalchemy.orm import Session, selectinload

from supplier.adapters import files, queue
from supplier.kernel import registers
from supplier.kernel.audit import SYSTEM, Actor, move, record
from supplier.kernel.clock import legal_day
from supplier.kernel.database import forget_traces, new_id, reading, take_turn, transaction
from supplier.kernel.errors import DomainError, ForbiddenError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Engagement, Supplier
from supplier.retention.certificate import draw_certificate
from supplier.retention.holds import is_held, lift_hold, place_hold
from supplier.retention.models import (
    ErasureBatch,
    ErasureEntry,
    ErasureItem,
    LegalHold,
    RetentionEntry,
)
from supplier.retention.plan import LAST, Planned, forget_entries, list_planned, work_out_plan

__all__ = [
    "approve", "execute_task", "finish_files", "is_held", "lift_hold", "place_hold", "propose",
    "propose_due", "reject", "replay_ledger", "work_out_plan",
]  # fmt: skip

PROPOSED, APPROVED, EXECUTED, REJECTED = "proposed", "approved", "executed", "rejected"
#: From each state, where a batch may go.
ALLOWED: dict[str, frozenset[str]] = {
    PROPOSED: frozenset({APPROVED, REJECTED}),
    APPROVED: frozenset({EXECUTED}),
    EXECUTED: frozenset(),
    REJECTED: frozenset(),
}
#: Things of one kind that are erased in one transaction.
TOGETHER = 50
#: How long the clock leaves alone what a person rejected.
REST = timedelta(days=7)
_MISSING = N_("This batch does not exist.")
log = logging.getLogger("vigie.retention")
Buyers = frozenset[uuid.UUID] | None


def propose_due(now: datetime) -> dict[str, int]:
    """The clock's run: work out the plan, then propose what has come due and waits in no batch.

    What a person rejected rests for a week before it is put before them again.
    """
    counts = work_out_plan(now)
    batch = _propose(now - REST, by=SYSTEM, now=now)
    return counts | {"proposed": len(batch.items) if batch else 0}


def work_out_task(payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """The job: work out the plan before its hour, because a person waits for what it says."""
    work_out_plan(now)


def propose(*, by: Actor, now: datetime) -> ErasureBatch | None:
    """A batch of all that may be erased today and is neither held nor in an open batch.

    None when there is nothing to erase. Nothing is erased by a proposal.
    """
    return _propose(None, by=by, now=now)


def _propose(rejected_since: datetime | None, *, by: Actor, now: datetime) -> ErasureBatch | None:
    today = legal_day(now)
    with transaction() as session:
        # The clock and a person may ask at the same instant: a thing waits in one batch only.
        take_turn(session, "erasure.proposed")
        due = _due_entries(session, today, rejected_since=rejected_since)
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

    Raises ForbiddenError for whoever proposed it, ConflictError when it is no longer proposed.
    """
    with transaction() as session:
        batch = _get_batch(session, batch_id)
        if by.id is None or batch.proposed_by_id == by.id:
            raise ForbiddenError(
                N_("Somebody else must approve what you proposed: it cannot be undone.")
            )
        batch.approved_at, batch.approved_by_id, batch.approved_by_name = now, by.id, by.name
        move(session, batch, APPROVED, "erasure.approved", allowed=ALLOWED, by=by, at=now)
        queue.defer(session, "execute_erasures", now=now, payload={"batch_id": str(batch_id)})


def reject(batch_id: uuid.UUID, *, reason: str, by: Actor, now: datetime) -> None:
    """A person turns a batch down, with the reason; what is due comes again in the next one."""
    if not reason.strip():
        raise DomainError(N_("Say why, for whoever looks at it later."), field="reason")
    with transaction() as session:
        batch = _get_batch(session, batch_id)
        batch.rejected_at, batch.rejection_reason = now, reason.strip()
        move(
            session, batch, REJECTED, "erasure.rejected", allowed=ALLOWED, by=by, at=now,
            reason=reason.strip(),
        )  # fmt: skip


def execute_task(payload: Mapping[str, Any], now: datetime) -> None:
    """The worker's task: erase an approved batch; a second run finishes what a crash left.

    One thing that cannot be erased does not stop the others; it is raised at the end, so that
    the job comes again and, after its last try, is seen.
    """
    batch_id = uuid.UUID(str(payload["batch_id"]))
    failures: list[Exception] = []
    for subject_type, item_ids in _left_to_do(batch_id):
        failures += _erase_some(subject_type, item_ids, now=now)
    finish_files(now)
    if failures:
        raise failures[0]
    _certify(batch_id, now)
    forget_traces()


def _left_to_do(batch_id: uuid.UUID) -> list[tuple[str, list[uuid.UUID]]]:
    """Items without an outcome, fifty of one kind at a time; suppliers themselves come last."""
    with reading() as session:
        rows = session.execute(
            select(ErasureItem.subject_type, ErasureItem.id)
            .join(ErasureBatch, ErasureBatch.id == ErasureItem.batch_id)
            .where(
                ErasureItem.batch_id == batch_id,
                ErasureBatch.state == APPROVED,
                ErasureItem.outcome.is_(None),
            )
            .order_by(ErasureItem.subject_type == LAST, ErasureItem.subject_type, ErasureItem.id)
        ).all()
    found: list[tuple[str, list[uuid.UUID]]] = []
    for subject_type, item_id in rows:
        if not found or found[-1][0] != subject_type or len(found[-1][1]) == TOGETHER:
            found.append((subject_type, []))
        found[-1][1].append(item_id)
    return found


def finish_files(now: datetime) -> int:
    """Remove the files that the ledger says must go. Gives their number."""
    with reading() as session:
        waiting = session.scalars(
            select(ErasureEntry).where(ErasureEntry.file_gone_at.is_(None))
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


def _due_entries(
    session: Session, today: date, *, rejected_since: datetime | None
) -> list[RetentionEntry]:
    held = select(LegalHold.supplier_id).where(LegalHold.lifted_at.is_(None))
    waiting = (
        select(ErasureItem.id)
        .join(ErasureBatch, ErasureBatch.id == ErasureItem.batch_id)
        .where(
            ErasureItem.subject_type == RetentionEntry.subject_type,
            ErasureItem.subject_id == RetentionEntry.subject_id,
            or_(
                ErasureBatch.state.in_([PROPOSED, APPROVED]),
                # Nothing is later than null: a person who asks gets all that is due.
                ErasureBatch.rejected_at > rejected_since if rejected_since else false(),
            ),
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


def _erase_some(
    subject_type: str, item_ids: Sequence[uuid.UUID], *, now: datetime
) -> list[Exception]:
    """Things of one kind, in one transaction: locked, asked again, then erased one by one.

    Gives what went wrong; those items stay to be done.
    """
    today, failures = legal_day(now), list[Exception]()
    with transaction() as session:
        items = session.scalars(select(ErasureItem).where(ErasureItem.id.in_(item_ids))).all()
        _lock(session, {item.supplier_id for item in items if item.supplier_id})
        planned = {one.key: one for one in list_planned(session, today, subject_type=subject_type)}
        for item in items:
            if item.outcome is not None:
                continue
            try:
                with session.begin_nested():
                    _erase_item(session, item, planned, today=today, now=now)
            except Exception as error:  # noted in the log and raised once the others are done
                log.exception("%s %s could not be erased", subject_type, item.subject_id)
                failures.append(error)
    return failures


def _lock(session: Session, supplier_ids: Collection[uuid.UUID]) -> None:
    """Holds and resumed relations wait until these things are gone, or are seen before."""
    for table, column in ((Supplier, Supplier.id), (Engagement, Engagement.supplier_id)):
        session.execute(
            select(table.id)
            .where(column.in_(supplier_ids))
            .order_by(table.id)
            .with_for_update(key_share=True)
        ).all()


def _erase_item(
    session: Session,
    item: ErasureItem,
    planned: Mapping[tuple[str, uuid.UUID], Planned],
    *,
    today: date,
    now: datetime,
) -> None:
    """One thing: the ledger and the rows together, its name everywhere it was noted down."""
    item.outcome = _outcome(session, item, planned, today=today)
    item.done_at = now
    if item.outcome != "erased":
        return
    erased = registers.keeper_of(item.subject_type).erase(session, item.subject_id, now)
    session.add_all(_ledger(item, erased.file_keys, now))
    record(
        session, "erasure.done", subject=item.subject_type, by=SYSTEM, at=now,
        supplier_id=item.supplier_id, buyer_id=item.buyer_id,
        data={"id": str(item.subject_id), "rule": item.rule, "files": len(erased.file_keys)},
    )  # fmt: skip
    # Older batches that were rejected named it too.
    session.execute(
        update(ErasureItem)
        .where(
            ErasureItem.subject_type == item.subject_type,
            ErasureItem.subject_id == item.subject_id,
        )
        .values(label="")
    )
    forget_entries(session, [item.subject_id])


def _outcome(
    session: Session,
    item: ErasureItem,
    planned: Mapping[tuple[str, uuid.UUID], Planned],
    *,
    today: date,
) -> str:
    """What the facts of this moment say: a hold wins, and nothing goes a day early."""
    found = planned.get((item.subject_type, item.subject_id))
    if found is None:
        return "already_gone"
    if is_held(session, item.supplier_id):
        return "held"
    day = found.first_erasable_on
    return "erased" if day is not None and day <= today else "not_due"


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
            file_gone_at=None if key else now,
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
