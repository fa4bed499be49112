"""Import suppliers: rehearse line by line, then do exactly what was rehearsed, all or nothing."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters import files
from supplier.kernel.audit import Actor, end_of_journal, lock_journal, move, record
from supplier.kernel.database import LOCKED, new_id, reading, transaction
from supplier.kernel.errors import ConflictError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.import_ground import list_known
from supplier.parties.import_writing import write_lines
from supplier.parties.imports import Line, guess_mapping, judge, read_rows
from supplier.parties.models import Buyer, ImportBatch, Supplier
from supplier.parties.queries import is_visible
from supplier.parties.sheets import read_sheet

Companies = Collection[uuid.UUID] | None


class ImportState(StrEnum):
    REHEARSED = "rehearsed"
    DONE = "done"


#: An import is rehearsed, then carried out once.
ALLOWED: dict[str, frozenset[str]] = {ImportState.REHEARSED: frozenset({ImportState.DONE})}


def rehearse(
    data: bytes,
    *,
    name: str,
    buyer_id: uuid.UUID,
    by: Actor,
    now: datetime,
    mapping: Mapping[str, int] | None = None,
    within: Companies = None,
) -> ImportBatch:
    """Read the file and say what each line would do; nothing else changes.

    `within` are the group companies of whoever imports (None: all). A supplier that works with
    none of them looks like a new one: nobody learns by a file of numbers who supplies whom.
    Raises DomainError when the file is not a table, NotFoundError for an unknown group company.
    """
    sheet = read_sheet(data)
    chosen = dict(mapping) if mapping is not None else guess_mapping(sheet.headings)
    with transaction() as session:
        if session.get(Buyer, buyer_id) is None or (within is not None and buyer_id not in within):
            raise NotFoundError(N_("This group company does not exist."))
        read = read_rows(sheet.rows, chosen)
        lines = judge(read, known=list_known(session, read, buyer_id=buyer_id, within=within))
        batch = ImportBatch(
            id=new_id(), state=ImportState.REHEARSED, buyer_id=buyer_id, original_name=name[:200],
            file_key=files.store().put(data), sha256=hashlib.sha256(data).hexdigest(),
            mapping={"columns": chosen, "headings": list(sheet.headings)},
            report=[line.as_json() for line in lines], by_id=by.id, at=now,
        )  # fmt: skip
        session.add(batch)
        session.flush()
        record(session, "import.rehearsed", subject=batch, by=by, at=now, data=count(lines))
        return batch


def rehearse_again(
    batch_id: uuid.UUID,
    mapping: Mapping[str, int],
    *,
    by: Actor,
    now: datetime,
    within: Companies = None,
) -> ImportBatch:
    """Rehearse the kept file with other columns, as a new import; the earlier one stays.

    Raises NotFoundError, ConflictError once it was carried out or its file erased.
    """
    batch = get_batch(batch_id)
    if batch.state != ImportState.REHEARSED or batch.file_key is None:
        raise ConflictError(N_("This import was carried out already."))
    data = files.store().get(batch.file_key, sha256=batch.sha256)
    return rehearse(
        data, name=batch.original_name, buyer_id=batch.buyer_id, by=by, now=now, mapping=mapping,
        within=within,
    )  # fmt: skip


def carry_out(
    batch_id: uuid.UUID, *, by: Actor, today: date, now: datetime, within: Companies = None
) -> ImportBatch:
    """Do what was rehearsed, in one transaction; lines with errors are left out as announced.

    The lines are judged before it begins, and again within it only where something changed since:
    others wait for the writing alone.

    Of a supplier that works with no company `within`, only the relation with the company of the
    import begins: what others wrote of it stays, and no contact is added. Raises NotFoundError,
    ConflictError when it was done already, or when the suppliers changed since, so that
    the result would not be the one that was shown.
    """
    seen = _look_ahead(batch_id, within)
    with transaction() as session:
        # Everybody who changes something waits from here on.
        end = lock_journal(session).seq
        batch = session.get(ImportBatch, batch_id, with_for_update=LOCKED)
        if batch is None or (within is not None and batch.buyer_id not in within):
            raise NotFoundError(N_("This import does not exist."))
        if batch.state != ImportState.REHEARSED:
            raise ConflictError(N_("This import was carried out already."))
        lines = seen.lines if seen.end == end else _judge_again(session, batch, within)
        if [line.as_json() for line in lines] != batch.report:
            raise ConflictError(
                N_("Suppliers have changed since the rehearsal: rehearse the file again.")
            )
        # Decided before the first line: each relation brings its supplier into sight.
        hidden = _out_of_sight(session, within)
        good = [line for line in lines if line.outcome != "error"]
        write_lines(session, good, batch.buyer_id, hidden, by=by, today=today, now=now)
        batch.done_at = now
        move(
            session, batch, ImportState.DONE, "import.done", allowed=ALLOWED, by=by, at=now,
            data=count(lines),
        )  # fmt: skip
        return batch


def get_batch(batch_id: uuid.UUID) -> ImportBatch:
    """Raises NotFoundError."""
    with reading() as session:
        batch = session.get(ImportBatch, batch_id)
        if batch is None:
            raise NotFoundError(N_("This import does not exist."))
        return batch


def list_batches(*, limit: int = 20) -> list[ImportBatch]:
    """The latest imports, newest first."""
    with reading() as session:
        query = select(ImportBatch).order_by(ImportBatch.at.desc(), ImportBatch.id).limit(limit)
        return list(session.scalars(query))


def count(lines: list[Line]) -> dict[str, int]:
    """How many lines create, update, add nothing or are wrong."""
    totals = {"create": 0, "update": 0, "same": 0, "error": 0}
    for line in lines:
        totals[line.outcome] += 1
    return totals


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What the lines would do, judged at an end of the journal, before anybody has to wait."""

    end: int
    lines: list[Line]


def _look_ahead(batch_id: uuid.UUID, within: Companies) -> _Ahead:
    with reading() as session:
        end = end_of_journal(session)
        batch = session.get(ImportBatch, batch_id)
        if batch is None or batch.state != ImportState.REHEARSED:
            return _Ahead(end, [])
        return _Ahead(end, _judge_again(session, batch, within))


def _judge_again(session: Session, batch: ImportBatch, within: Companies) -> list[Line]:
    data = files.store().get(str(batch.file_key), sha256=batch.sha256)
    read = read_rows(read_sheet(data).rows, batch.mapping["columns"])
    known = list_known(session, read, buyer_id=batch.buyer_id, within=within)
    return judge(read, known=known)


def _out_of_sight(session: Session, within: Companies) -> frozenset[uuid.UUID]:
    """The suppliers of other companies."""
    if within is None:
        return frozenset()
    return frozenset(session.scalars(select(Supplier.id).where(~is_visible(within))))
