"""The plan of erasures: everything that is kept, with the first day on which it may go."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from supplier.contracts.last_days import list_last_days
from supplier.kernel import registers
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, reading, take_turn, transaction
from supplier.kernel.registers import Kept
from supplier.retention.models import RetentionCount, RetentionEntry
from supplier.retention.schedule import SCHEDULE, RuleCode, Start, first_erasable_on

#: The kind of thing whose erasure waits for that of everything that names it.
LAST = "supplier"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Planned:
    """A kept thing and the first day on which it may be erased; None means never."""

    kept: Kept
    first_erasable_on: date | None

    @property
    def key(self) -> tuple[str, uuid.UUID]:
        return self.kept.subject_type, self.kept.subject_id


def list_planned(
    session: Session, today: date, *, subject_type: str | None = None
) -> list[Planned]:
    """What every register keeps, or one of them, as the facts stand at this moment.

    Raises KeyError for a kind that no capability declared.
    """
    if subject_type in (None, LAST):
        kept = [one for keeper in registers.keepers() for one in keeper.list_kept(session, today)]
        planned = settle(_after_work(session, kept))
        return [one for one in planned if subject_type in (None, one.kept.subject_type)]
    kept = list(registers.keeper_of(str(subject_type)).list_kept(session, today))
    return settle(_after_work(session, kept))


def _after_work(session: Session, kept: Sequence[Kept]) -> list[Kept]:
    """The same; no clock of a relationship starts before the last work that is on file.

    A confirmed end that the file contradicts, out of old data, must not erase too early.
    Contracts have looked at their own relation already.
    """
    worked = list_last_days(session)
    return [
        replace(one, starts_on=max(one.starts_on, worked[one.supplier_id]))
        if one.starts_on is not None and one.supplier_id in worked and _follows_work(one)
        else one
        for one in kept
    ]


def _follows_work(one: Kept) -> bool:
    rule = RuleCode(one.rule)
    return SCHEDULE[rule].start is Start.RELATIONSHIP_END and rule is not RuleCode.CONTRACT


def settle(kept: Iterable[Kept]) -> list[Planned]:
    """The first erasable day of each thing; a sole trader goes with the last that names them.

    GDPR art. 5(1)(e): the person is made anonymous once nothing else about them must be kept.
    """
    planned = [Planned(one, first_erasable_on(one.rule, one.starts_on)) for one in kept]
    last: dict[uuid.UUID | None, date] = {}
    for one in planned:
        if one.kept.subject_type != LAST:
            day = one.first_erasable_on or date.max
            last[one.kept.supplier_id] = max(day, last.get(one.kept.supplier_id, day))
    return [_after_all(one, last) for one in planned]


def _after_all(one: Planned, last: dict[uuid.UUID | None, date]) -> Planned:
    if one.kept.rule != RuleCode.SOLE_TRADER or one.first_erasable_on is None:
        return one
    day = max(one.first_erasable_on, last.get(one.kept.supplier_id, one.first_erasable_on))
    return Planned(one.kept, None if day == date.max else day)


def work_out_plan(now: datetime) -> dict[str, int]:
    """Ask every register what it keeps and write down when each thing may first be erased.

    The facts are read before the write begins, and only what changed is written: nobody waits
    for it. What it proposes is asked again before anything goes.
    """
    with reading() as session:
        planned = {one.key: one for one in list_planned(session, legal_day(now))}
    with transaction() as session:
        take_turn(session, "retention.plan")
        known = {(row.subject_type, row.subject_id): row for row in session.scalars(_all_entries())}
        gone = [row.id for key, row in known.items() if key not in planned]
        for first in range(0, len(gone), _CHUNK):
            session.execute(
                delete(RetentionEntry)
                .where(RetentionEntry.id.in_(gone[first : first + _CHUNK]))
                .execution_options(synchronize_session=False)
            )
        session.add_all(_new(one) for key, one in planned.items() if key not in known)
        changed = sum(_correct(known[key], one) for key, one in planned.items() if key in known)
        session.flush()
        count_entries(session, now=now)
    return {"kept": len(planned), "gone": len(gone), "changed": changed}


def _all_entries() -> Select[RetentionEntry]:
    return select(RetentionEntry)


def _new(planned: Planned) -> RetentionEntry:
    return RetentionEntry(
        id=new_id(),
        subject_type=planned.kept.subject_type,
        subject_id=planned.kept.subject_id,
        **_values(planned),
    )


def _values(planned: Planned) -> dict[str, object]:
    kept = planned.kept
    return {
        "supplier_id": kept.supplier_id,
        "buyer_id": kept.buyer_id,
        "rule": kept.rule,
        "starts_on": kept.starts_on,
        "first_erasable_on": planned.first_erasable_on,
        "label": kept.label[:200],
    }


def _correct(row: RetentionEntry, planned: Planned) -> bool:
    """Bring a line of the plan up to date; True when something changed."""
    changed = {
        name: value for name, value in _values(planned).items() if getattr(row, name) != value
    }
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def forget_entries(session: Session, subject_ids: Sequence[uuid.UUID]) -> None:
    """Take out of the plan what is gone, with its name."""
    gone = RetentionEntry.subject_id.in_(subject_ids)
    dates = (RetentionEntry.rule, RetentionEntry.starts_on, RetentionEntry.first_erasable_on)
    for *key, number in session.execute(select(*dates, func.count()).where(gone).group_by(*dates)):
        session.execute(
            update(RetentionCount)
            .where(*(column.is_not_distinct_from(value)
                     for column, value in zip(_COUNTED, key, strict=True)))
            .values(number=RetentionCount.number - number)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    session.execute(delete(RetentionEntry).where(gone).execution_options(synchronize_session=False))


_COUNTED = (RetentionCount.rule, RetentionCount.starts_on, RetentionCount.first_erasable_on)


def count_entries(session: Session, *, now: datetime) -> None:
    """Count the lines of the plan by rule and dates, in the caller's transaction.

    The counts are locked first: an erasure that runs meanwhile has taken its lines off them, or
    does so afterwards.
    """
    known = {
        (row.rule, row.starts_on, row.first_erasable_on): row
        for row in session.scalars(select(RetentionCount).with_for_update(key_share=True))
    }
    dates = (RetentionEntry.rule, RetentionEntry.starts_on, RetentionEntry.first_erasable_on)
    for rule, starts_on, first_on, number in session.execute(
        select(*dates, func.count()).group_by(*dates)
    ):
        row = known.pop((rule, starts_on, first_on), None)
        if row is None:
            row = RetentionCount(
                id=new_id(), rule=rule, starts_on=starts_on, first_erasable_on=first_on
            )
            session.add(row)
        row.number, row.counted_at = number, now
    for row in known.values():
        session.delete(row)
    session.flush()


def astray(session: Session) -> int:
    """How many counts are not those of the lines; 0 when all is well."""
    dates = (RetentionEntry.rule, RetentionEntry.starts_on, RetentionEntry.first_erasable_on)
    lines = session.execute(select(*dates, func.count()).group_by(*dates))
    kept = session.execute(
        select(*_COUNTED, RetentionCount.number).where(RetentionCount.number != 0)
    )
    return len({tuple(row) for row in lines} ^ {tuple(row) for row in kept})
