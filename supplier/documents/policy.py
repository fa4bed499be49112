"""What the machine may accept alone today: every decision on it, and how each was reached."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import (
    AcceptancePolicy,
    Document,
    MachineCount,
    SecondReading,
)
from supplier.documents.quality import Level, Tally, tightened
from supplier.documents.states import Reread, State
from supplier.kernel.audit import SYSTEM, Actor, record
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

#: Errors of so long ago say nothing of the machine of today.
MEMORY = timedelta(days=365)
NOTIFY_TASK = "notify"
TIGHTENED_MAIL = "policy_tightened"
#: What counts against the machine: a difference does until it is settled.
_AGAINST = frozenset({Reread.DIFFERS.value, Reread.MACHINE_WRONG.value})
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Policy:
    """The decisions on all kinds, oldest first, and what follows from them."""

    lines: Sequence[AcceptancePolicy] = ()

    def last(self, kind: DocumentKind | None) -> AcceptancePolicy | None:
        """The decision that holds for a kind, or None where none was ever taken."""
        return next((one for one in reversed(self.lines) if one.kind == kind), None)

    def level(self, kind: DocumentKind | None) -> Level:
        """What the machine may do alone with a kind; a share is read again by default."""
        line = self.last(kind)
        return Level(line.level) if line else Level.SAMPLED

    def version_of(self, rules: str) -> str:
        """The rules that a verdict was drawn by: the reader's, and which decision came last."""
        return f"{rules}+{len(self.lines)}" if self.lines else rules


def policy_now(session: Session) -> Policy:
    """Every decision on what the machine may accept alone; one statement."""
    query = select(AcceptancePolicy).order_by(AcceptancePolicy.at, AcceptancePolicy.id)
    return Policy(tuple(session.scalars(query)))


@dataclass(frozen=True, slots=True)
class KindFigures:
    """One kind: its level, what was measured since that level holds, what waits."""

    kind: DocumentKind
    level: Level
    since: datetime | None
    accepted: int = 0
    waiting: int = 0
    unsettled: int = 0
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page of measured errors shows. `overall` counts what was drawn by lot only."""

    kinds: tuple[KindFigures, ...]
    overall: Tally
    lines: tuple[AcceptancePolicy, ...]

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.kinds)

    @property
    def unsettled(self) -> int:
        return sum(one.unsettled for one in self.kinds)


def figures(*, now: datetime) -> Figures:
    """The measured error rate of the last twelve months, by kind and overall; five statements."""
    with reading() as session:
        policy = policy_now(session)
        since = {kind: _since(policy, kind, now) for kind in DocumentKind}
        tallies = _tallies(session, since)
        accepted, waiting = _accepted(session, now - MEMORY), _waiting(session)
        overall = _tally(_states(session, SecondReading.at >= now - MEMORY, SecondReading.drawn))
    kinds = [
        KindFigures(
            kind, policy.level(kind), line.at if (line := policy.last(kind)) else None,
            accepted.get(kind, 0), waiting.get(kind, 0),
            tallies.get(kind, {}).get(Reread.DIFFERS.value, 0), _tally(tallies.get(kind, {})),
        )
        for kind in DocumentKind
    ]  # fmt: skip
    shown = [one for one in kinds if one.accepted or one.tally.read or one.since]
    return Figures(tuple(shown), overall, tuple(reversed(policy.lines)))


def _since(policy: Policy, kind: DocumentKind, now: datetime) -> datetime:
    """From when second readings count: each level is judged by what was measured under it."""
    line = policy.last(kind)
    return max(line.at, now - MEMORY) if line else now - MEMORY


def _tally(states: Mapping[str, int]) -> Tally:
    return Tally(sum(states.values()), sum(states.get(one, 0) for one in _AGAINST))


def _states(session: Session, *wanted: Any) -> dict[str, int]:
    query = select(SecondReading.state, func.count()).where(*wanted).group_by(SecondReading.state)
    return dict(session.execute(query).all())


def _tallies(session: Session, since: Mapping[DocumentKind, datetime]) -> dict[str, dict[str, int]]:
    """How many second readings of each kind stand in each state; one statement."""
    counted = or_(
        *(and_(SecondReading.kind == kind, SecondReading.at > at) for kind, at in since.items())
    )
    query = (
        select(SecondReading.kind, SecondReading.state, func.count())
        .where(counted)
        .group_by(SecondReading.kind, SecondReading.state)
    )
    found: dict[str, dict[str, int]] = {}
    for kind, state, count in session.execute(query):
        found.setdefault(kind, {})[state] = count
    return found


def _accepted(session: Session, since: datetime) -> dict[str | None, int]:
    """How many papers of each kind the machine accepted, from the day of `since` on."""
    query = (
        select(MachineCount.kind, func.sum(MachineCount.number))
        .where(MachineCount.on >= since.date())
        .group_by(MachineCount.kind)
    )
    return {kind: int(number) for kind, number in session.execute(query)}


def count_accepted(session: Session, kind: DocumentKind, *, now: datetime) -> None:
    """The machine accepted one more paper of a kind: in the transaction of that acceptance."""
    on = now.astimezone(UTC).date()
    found = session.scalars(
        select(MachineCount)
        .where(MachineCount.kind == kind, MachineCount.on == on)
        .with_for_update(key_share=True)
    ).first()
    if found is not None:
        found.number += 1
        return
    try:
        with session.begin_nested():
            session.add(MachineCount(id=new_id(), kind=kind.value, on=on, number=1))
    except IntegrityError:
        # Another process counted the first one of the day between our look and our line.
        count_accepted(session, kind, now=now)


def _waiting(session: Session) -> dict[str | None, int]:
    # The state is compared here and not in the database: few papers are drawn, and a condition on
    # the state would find them by its index, through every accepted paper. An index answers a
    # comparison with a day before all others, and not "is not null".
    query = (
        select(Document.kind, Document.state, func.count())
        .where(Document.sampled_at > _BEFORE_ALL)
        .group_by(Document.kind, Document.state)
    )
    return {
        kind: number for kind, state, number in session.execute(query) if state == State.ACCEPTED
    }


def tighten(session: Session, kind: DocumentKind, *, target: float, now: datetime) -> Level | None:
    """Make the machine's freedom stricter where people measured too many errors, and say so.

    Gives the new level, or None when nothing changes. It never loosens: `decide_level` does.
    """
    policy = policy_now(session)
    level = policy.level(kind)
    tally = _tally(_tallies(session, {kind: _since(policy, kind, now)}).get(kind, {}))
    stricter = tightened(level, tally, target=target)
    if stricter is level:
        return None
    row = _write(session, kind, stricter, tally, by=SYSTEM, now=now)
    record(
        session, "policy.tightened", subject=row, by=SYSTEM, at=now,
        from_state=level.value, to_state=stricter.value,
        data={"kind": kind.value, "read": tally.read, "wrong": tally.wrong},
    )  # fmt: skip
    payload = {"kind": TIGHTENED_MAIL, "policy_id": str(row.id)}
    queue.defer(session, NOTIFY_TASK, now=now, payload=payload)
    return stricter


def tighten_due(*, target: float, now: datetime) -> dict[str, int]:
    """A run of the clock: differences that nobody settled weigh too."""
    counts = {"tightened": 0}
    for kind in DocumentKind:
        with transaction() as session:
            counts["tightened"] += tighten(session, kind, target=target, now=now) is not None
    return counts


def decide_level(
    kind: DocumentKind, level: Level, *, reason: str, by: Actor, now: datetime
) -> AcceptancePolicy:
    """An administrator decides what the machine may do alone: the only way to loosen it.

    Measuring begins anew. Raises DomainError (field `reason` or `level`).
    """
    if not reason:
        raise DomainError(N_("Say why: the reason stays with the decision."), field="reason")
    with transaction() as session:
        policy = policy_now(session)
        before = policy.level(kind)
        if level is before:
            raise DomainError(N_("This is what holds already."), field="level")
        tally = _tally(_tallies(session, {kind: _since(policy, kind, now)}).get(kind, {}))
        row = _write(session, kind, level, tally, by=by, now=now, reason=reason)
        record(
            session, "policy.decided", subject=row, by=by, at=now, reason=reason,
            from_state=before.value, to_state=level.value, data={"kind": kind.value},
        )  # fmt: skip
    return row


def _write(
    session: Session,
    kind: DocumentKind,
    level: Level,
    tally: Tally,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> AcceptancePolicy:
    row = AcceptancePolicy(
        id=new_id(), kind=kind.value, level=level.value, reason=reason, read=tally.read,
        wrong=tally.wrong, by_id=by.id, by_name=by.name, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def get_line(session: Session, policy_id: uuid.UUID) -> AcceptancePolicy:
    """One decision on what the machine may accept alone."""
    return session.get_one(AcceptancePolicy, policy_id)
