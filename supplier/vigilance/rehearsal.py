"""What a change of rules would do to every supplier, worked out before it counts."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.kernel import audit
from supplier.kernel.audit import Actor
from supplier.kernel.clock import legal_day
from supplier.kernel.database import LOCKED, new_id, reading, transaction
from supplier.kernel.errors import ConflictError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer, Engagement, Supplier
from supplier.vigilance.actions import BATCH, Buyers
from supplier.vigilance.assessment import EngagementFacts, assess
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import State
from supplier.vigilance.facts import File, load_files
from supplier.vigilance.models import RuleRehearsal
from supplier.vigilance.rules import (
    PLAN_KEY,
    Override,
    RuleBook,
    check_value,
    load_rule_book,
    write_rule,
)

TASK = "rehearse_rule"
#: Turns kept to be shown; the counts are of all.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """A requirement of one relationship whose state would be another. `label` is marked."""

    supplier: str
    buyer: str
    label: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One requirement under the rules in force and under those that are tried."""

    supplier_id: uuid.UUID
    engagement_id: uuid.UUID
    requirement: RequirementCode
    before: State
    after: State

    def as_json(self) -> list[str]:
        return [str(self.engagement_id), self.requirement.value, self.before, self.after]


def rehearse(
    key: str, value: str, *, buyer_id: uuid.UUID | None, buyers: Buyers, by: Actor, now: datetime
) -> uuid.UUID:
    """Ask what a rule decided so would change if it held today. Gives its id.

    A worker judges every supplier concerned, a hundred at a time: on a large base that takes
    longer than a page may. Raises DomainError on a value that cannot be read, NotFoundError on an
    unknown key or company, and out of sight.
    """
    text = check_value(key, value)
    with transaction() as session:
        _check_sight(buyer_id, buyers)
        if buyer_id is not None and session.get(Buyer, buyer_id) is None:
            raise NotFoundError(N_("This company does not exist."))
        # The days of the reminders decide no state: there is nobody to judge.
        total = 0 if key == PLAN_KEY else session.scalar(_count(buyer_id)) or 0
        row = RuleRehearsal(
            id=new_id(), key=key, value=text, buyer_id=buyer_id, day=legal_day(now), by_id=by.id,
            at=now, total=total, before={}, after={}, turns=[],
            finished_at=None if total else now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(
            session, "rule.rehearsed", subject=row, by=by, at=now,
            data={"key": key, "value": text, "buyer_id": str(buyer_id) if buyer_id else None},
        )  # fmt: skip
        if total:
            _defer(session, row, now=now)
        return row.id


def rehearse_task(payload: Mapping[str, Any], now: datetime) -> None:
    """The worker's errand: judge the next suppliers, and leave the rest to the next errand.

    A second run of the same errand changes nothing: it says after whom it begins.
    """
    after = uuid.UUID(payload["after"]) if payload["after"] else None
    with reading() as session:
        row = session.get_one(RuleRehearsal, uuid.UUID(payload["rehearsal_id"]))
        if row.cursor != after or row.finished_at is not None:
            return
        ids = _next_suppliers(session, row)
        found = list(_trial(session, row).judge(load_files(session, ids)))
    with transaction() as session:
        row = session.get_one(RuleRehearsal, row.id, with_for_update=LOCKED)
        if row.cursor == after:
            _add(row, ids, found)
            if len(ids) < BATCH:
                row.finished_at = now
            else:
                _defer(session, row, now=now)


def decide_rehearsed(
    rehearsal_id: uuid.UUID, *, from_on: date, buyers: Buyers, by: Actor, now: datetime
) -> None:
    """Decide the rule as it was rehearsed, from a day on, once.

    Raises NotFoundError out of sight, ConflictError when it was decided.
    """
    with transaction() as session:
        row = _get(session, rehearsal_id, buyers, lock=True)
        if row.override_id is not None:
            raise ConflictError(N_("This was decided already: rehearse it again to change it."))
        decided = write_rule(
            session, row.key, row.value, buyer_id=row.buyer_id, from_on=from_on, by=by, now=now
        )
        row.override_id = decided.id


def get_rehearsal(rehearsal_id: uuid.UUID, *, buyers: Buyers) -> RuleRehearsal:
    """A rehearsal, ended or under way. Raises NotFoundError."""
    with reading() as session:
        return _get(session, rehearsal_id, buyers)


def list_turns(row: RuleRehearsal) -> list[Turn]:
    """What turns, by supplier, of what is kept to be shown; one statement."""
    ids = {uuid.UUID(turn[0]) for turn in row.turns}
    with reading() as session:
        names = {
            key: (supplier, buyer)
            for key, supplier, buyer in session.execute(
                select(Engagement.id, Supplier.name, Buyer.short_name)
                .join(Supplier, Supplier.id == Engagement.supplier_id)
                .join(Buyer, Buyer.id == Engagement.buyer_id)
                .where(Engagement.id.in_(ids))
            )
        }
    turns = [
        Turn(*names[uuid.UUID(engagement)], RULES[RequirementCode(code)].label,
             State(before), State(after))
        for engagement, code, before, after in row.turns
        if uuid.UUID(engagement) in names
    ]  # fmt: skip
    return sorted(turns, key=lambda turn: (turn.supplier, turn.buyer, turn.label))


def _check_sight(buyer_id: uuid.UUID | None, buyers: Buyers) -> None:
    if buyers is not None and buyer_id not in buyers:
        raise NotFoundError(N_("This company does not exist."))


def _get(
    session: Session, rehearsal_id: uuid.UUID, buyers: Buyers, *, lock: bool = False
) -> RuleRehearsal:
    row = session.get(RuleRehearsal, rehearsal_id, with_for_update=LOCKED if lock else None)
    if row is None or (buyers is not None and row.buyer_id not in buyers):
        raise NotFoundError(N_("This rehearsal does not exist."))
    return row


def _defer(session: Session, row: RuleRehearsal, *, now: datetime) -> None:
    payload = {"rehearsal_id": str(row.id), "after": str(row.cursor) if row.cursor else None}
    queue.defer(session, TASK, now=now, payload=payload)


def _count(buyer_id: uuid.UUID | None) -> Any:
    query = select(func.count(distinct(Engagement.supplier_id)))
    return query if buyer_id is None else query.where(Engagement.buyer_id == buyer_id)


def _next_suppliers(session: Session, row: RuleRehearsal) -> Sequence[uuid.UUID]:
    query = select(Engagement.supplier_id).distinct()
    if row.buyer_id is not None:
        query = query.where(Engagement.buyer_id == row.buyer_id)
    if row.cursor is not None:
        query = query.where(Engagement.supplier_id > row.cursor)
    return session.scalars(query.order_by(Engagement.supplier_id).limit(BATCH)).all()


def _add(row: RuleRehearsal, ids: Sequence[uuid.UUID], found: Collection[_Verdict]) -> None:
    turns = [one for one in found if one.before is not one.after]
    row.before = dict(Counter(row.before) + Counter(one.before.value for one in found))
    row.after = dict(Counter(row.after) + Counter(one.after.value for one in found))
    row.turned += len(turns)
    row.suppliers += len({one.supplier_id for one in turns})
    row.turns = [*row.turns, *(one.as_json() for one in turns)][:SHOWN]
    row.judged += len(ids)
    row.cursor = ids[-1] if ids else row.cursor


def _trial(session: Session, row: RuleRehearsal) -> _Trial:
    """By the rules known when it was asked for: all suppliers are judged by the same."""
    book = load_rule_book(session)
    known = tuple(one for one in book.overrides if one.at <= row.at)
    tried = Override(row.key, row.value, row.buyer_id, row.day, row.at)
    return _Trial(RuleBook(known), RuleBook((*known, tried)), row.buyer_id, row.day, row.at)


@dataclass(frozen=True, slots=True)
class _Trial:
    """The rules in force beside those that are tried."""

    book: RuleBook
    tried: RuleBook
    buyer_id: uuid.UUID | None
    today: date
    now: datetime

    def judge(self, files: Iterable[File]) -> Iterator[_Verdict]:
        """Every requirement of these files under both, whether it turns or not."""
        for file in files:
            for facts in file.facts.engagements:
                if self.buyer_id in (None, facts.buyer_id):
                    yield from self._compare(file, facts)

    def _compare(self, file: File, facts: EngagementFacts) -> Iterator[_Verdict]:
        was = self._states(file, facts, self.book)
        becomes = self._states(file, facts, self.tried)
        for code in sorted(was.keys() | becomes.keys()):
            yield _Verdict(
                supplier_id=file.supplier.id,
                engagement_id=facts.id,
                requirement=code,
                before=was.get(code, State.NOT_REQUIRED),
                after=becomes.get(code, State.NOT_REQUIRED),
            )

    def _states(
        self, file: File, facts: EngagementFacts, book: RuleBook
    ) -> dict[RequirementCode, State]:
        rules = book.rules(facts.buyer_id, self.today)
        found = assess(file.facts, facts, rules=rules, as_of=self.today, known_at=self.now)
        return {one.coverage.requirement.code: one.coverage.state for one in found}
