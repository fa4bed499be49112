"""What a change of rules would do to every supplier, worked out without changing anything."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.kernel.database import reading
from supplier.parties.models import Engagement
from supplier.vigilance.actions import BATCH
from supplier.vigilance.assessment import EngagementFacts, assess
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import State
from supplier.vigilance.facts import File, load_files
from supplier.vigilance.rules import Override, RuleBook, check_value, load_rule_book

#: Lines shown; the counts are of all.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """A requirement of one relationship whose state would be another. `label` is marked."""

    supplier_id: uuid.UUID
    supplier: str
    buyer: str
    requirement: RequirementCode
    label: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How many requirements are in each state before and after, and which ones turn."""

    before: dict[State, int]
    after: dict[State, int]
    turns: tuple[Turn, ...]
    turned: int

    @property
    def suppliers(self) -> int:
        """Suppliers for whom something turns, of those shown."""
        return len({turn.supplier_id for turn in self.turns})


def rehearse_rule(
    key: str,
    value: str,
    *,
    buyer_id: uuid.UUID | None,
    today: date,
    now: datetime,
) -> Rehearsal:
    """What `set_rule` with these values would change if it held today.

    Takes the facts of every supplier concerned, a hundred at a time. Raises as `set_rule`.
    """
    text = check_value(key, value)
    with reading() as session:
        book = load_rule_book(session)
        tried = replace(
            book, overrides=(*book.overrides, Override(key, text, buyer_id, today, now))
        )
        trial = _Trial(book, tried, buyer_id, today, now)
        ids = _suppliers(session, buyer_id)
        before, after, turns = Counter[State](), Counter[State](), list[Turn]()
        for first in range(0, len(ids), BATCH):
            for verdict in trial.judge(load_files(session, ids[first : first + BATCH])):
                before[verdict.before] += 1
                after[verdict.after] += 1
                if verdict.before is not verdict.after:
                    turns.append(verdict)
            session.expunge_all()
    shown = tuple(sorted(turns, key=lambda turn: (turn.supplier, turn.requirement))[:SHOWN])
    return Rehearsal(dict(before), dict(after), shown, len(turns))


def _suppliers(session: Session, buyer_id: uuid.UUID | None) -> list[uuid.UUID]:
    query = select(Engagement.supplier_id).distinct().order_by(Engagement.supplier_id)
    if buyer_id is not None:
        query = query.where(Engagement.buyer_id == buyer_id)
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class _Trial:
    """The rules in force beside those that are tried."""

    book: RuleBook
    tried: RuleBook
    buyer_id: uuid.UUID | None
    today: date
    now: datetime

    def judge(self, files: Iterable[File]) -> Iterator[Turn]:
        """Every requirement of these files under both, whether it turns or not."""
        for file in files:
            for row, facts in zip(file.engagements, file.facts.engagements, strict=True):
                if self.buyer_id in (None, row.buyer_id):
                    yield from self._compare(file, row, facts)

    def _compare(self, file: File, row: Engagement, facts: EngagementFacts) -> Iterator[Turn]:
        was = self._states(file, facts, self.book)
        becomes = self._states(file, facts, self.tried)
        for code in sorted(was.keys() | becomes.keys()):
            yield Turn(
                supplier_id=file.supplier.id,
                supplier=file.supplier.name,
                buyer=row.buyer.short_name,
                requirement=code,
                label=RULES[code].label,
                before=was.get(code, State.NOT_REQUIRED),
                after=becomes.get(code, State.NOT_REQUIRED),
            )

    def _states(
        self, file: File, facts: EngagementFacts, book: RuleBook
    ) -> dict[RequirementCode, State]:
        rules = book.rules(facts.buyer_id, self.today)
        found = assess(file.facts, facts, rules=rules, as_of=self.today, known_at=self.now)
        return {one.coverage.requirement.code: one.coverage.state for one in found}
