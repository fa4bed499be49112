"""Work that must happen after a commit: written in the same transaction, done by a worker."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, UniqueConstraint, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from supplier.kernel.database import Base, Id, Long, Name, Short, new_id

LEASE = timedelta(minutes=5)
#: The longest that a run of the clock may take before another process takes it for dead.
RUN_LEASE = timedelta(minutes=30)
MAX_ATTEMPTS = 5
#: What a job of a lane is taken to last: a photo's reading, about. How far apart its jobs queue.
SHARE = timedelta(seconds=10)
#: Noted on a job whose last worker was never heard of again.
KILLED = "its process ended without a word"


class Job(Base):
    """One piece of work. States: waiting, done, given_up; a lease in the future means running.

    `lane`: whose work it is, where one may ask for much of it; `turn_at`: its place in the queue.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "state", "turn_at", "run_at"),
        Index("ix_job_lane", "lane", "state"),
    )

    id: Mapped[Id]
    state: Mapped[Short] = mapped_column(default="waiting")
    task: Mapped[Short]
    payload: Mapped[dict[str, Any]]
    run_at: Mapped[datetime]
    lane: Mapped[uuid.UUID | None]
    turn_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[Long | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ClockRun(Base):
    """A slot of the clock that was claimed: N clocks ring, one run happens.

    Done once `finished_at` is there. Until then the claim holds up to `retry_at`: a run that
    failed, or whose process died, is done again in its slot.
    """

    __tablename__ = "clock_run"
    __table_args__ = (UniqueConstraint("task", "slot"),)

    id: Mapped[Id]
    task: Mapped[Short]
    slot: Mapped[Name]
    started_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=1)
    retry_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]


def defer(
    session: Session,
    task: str,
    *,
    now: datetime,
    payload: Mapping[str, Any],
    run_at: datetime | None = None,
    lane: uuid.UUID | None = None,
) -> uuid.UUID:
    """Write a job in the caller's transaction: it exists if and only if the cause does."""
    last = _last_turn(session, lane) if lane else None
    job = Job(
        id=new_id(),
        state="waiting",
        task=task,
        payload=dict(payload),
        run_at=run_at or now,
        lane=lane,
        turn_at=turn(run_at or now, last=last),
        created_at=now,
    )
    session.add(job)
    return job.id


def turn(asked_at: datetime, *, last: datetime | None) -> datetime:
    """When a job's turn comes, `last` being that of the last one waiting in its lane.

    Turns only order the queue, they delay nothing. Twenty files of one supplier queue ten seconds
    apart, so that the paper of another is read after the one in hand and not after all twenty.
    """
    return asked_at if last is None else max(asked_at, last + SHARE)


def _last_turn(session: Session, lane: uuid.UUID) -> datetime | None:
    waiting = select(func.max(Job.turn_at)).where(Job.lane == lane, Job.state == "waiting")
    return session.scalar(waiting)


def places(session: Session, task: str, *, lane: uuid.UUID) -> list[tuple[Mapping[str, Any], int]]:
    """What each waiting job of a lane is about, and how many of its task come before it."""
    numbered = (
        select(
            Job.lane,
            Job.payload,
            Job.turn_at,
            Job.id,
            (func.row_number().over(order_by=(Job.turn_at, Job.id)) - 1).label("ahead"),
        )
        .where(Job.state == "waiting", Job.task == task)
        .subquery()
    )
    query = (
        select(numbered.c.payload, numbered.c.ahead)
        .where(numbered.c.lane == lane)
        .order_by(numbered.c.turn_at, numbered.c.id)
    )
    return [(payload, ahead) for payload, ahead in session.execute(query)]


def claim(session: Session, *, now: datetime, limit: int = 1) -> list[Job]:
    """Lease the next due jobs for this worker; another worker cannot take the same ones.

    One that was leased five times and ended each worker is given up instead: nobody came back to
    say that it failed, and the sixth worker would end like the others.
    """
    due = (
        select(Job.id, Job.attempts)
        .where(
            Job.state == "waiting",
            Job.run_at <= now,
            or_(Job.leased_until.is_(None), Job.leased_until < now),
        )
        .order_by(Job.turn_at, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    claimed: list[uuid.UUID] = []
    found = session.execute(due).all()
    for job_id, attempts in found:
        if attempts >= MAX_ATTEMPTS:
            _write_job(
                session, job_id, attempts,
                {"state": "given_up", "leased_until": None, "last_error": KILLED},
            )  # fmt: skip
        elif _write_job(
            session, job_id, attempts, {"leased_until": now + LEASE, "attempts": attempts + 1}
        ):
            claimed.append(job_id)
    if found and all(attempts >= MAX_ATTEMPTS for _, attempts in found):
        return claim(session, now=now, limit=limit)  # behind those that were given up
    return list(session.scalars(select(Job).where(Job.id.in_(claimed)).order_by(Job.turn_at)))


def _write_job(
    session: Session, job_id: uuid.UUID, attempts: int, values: Mapping[str, Any]
) -> bool:
    """Write `values` unless the job was finished or claimed since; True when they were written."""
    changed = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "waiting", Job.attempts == attempts)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return getattr(changed, "rowcount", 0) == 1


def _stand_behind(session: Session, lane: uuid.UUID | None, *, now: datetime) -> None:
    """A lane that had its turn stands behind whoever waits, however long its turn took.

    Files that take longer than `SHARE` would else come due faster than they are read, and be
    ahead of everybody who came meanwhile.
    """
    if lane is None:
        return
    rest = session.execute(
        select(Job.id, Job.turn_at)
        .where(
            Job.lane == lane,
            Job.state == "waiting",
            or_(Job.leased_until.is_(None), Job.leased_until < now),
        )
        .order_by(Job.turn_at)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    late = now - rest[0].turn_at if rest else timedelta()
    if late > timedelta():
        moved = [{"id": one.id, "turn_at": one.turn_at + late} for one in rest]
        session.execute(update(Job), moved)


def killed_its_workers(job: Job) -> bool:
    """Whether it was given up because no worker lived to say what became of it."""
    return job.state == "given_up" and job.last_error == KILLED


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many tries in vain: 40 seconds, then four times longer each."""
    return timedelta(seconds=10 * 4 ** min(attempts, 6))


def finish(session: Session, job_id: uuid.UUID, *, now: datetime) -> None:
    """The work is done, whoever held the lease; a second finish changes nothing.

    Nor does it matter that the job was given up meanwhile: this worker was slow, not dead.
    """
    lane = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(("waiting", "given_up")))
        .values(state="done", done_at=now, leased_until=None, last_error=None)
        .returning(Job.lane)
        .execution_options(synchronize_session=False)
    )
    _stand_behind(session, lane, now=now)


def fail(session: Session, job: Job, *, error: str, now: datetime) -> bool:
    """Put the job back with a growing delay, or give it up. Returns True when given up.

    `job` as it was claimed. One that was finished since, or claimed again once this lease ran
    out, belongs to somebody else: nothing changes.
    """
    given_up = job.attempts >= MAX_ATTEMPTS
    values = {
        "state": "given_up" if given_up else "waiting",
        "run_at": now + delay_after(job.attempts),
        "leased_until": None,
        "last_error": error[:2000],
    }
    mine = _write_job(session, job.id, job.attempts, values)
    _stand_behind(session, job.lane, now=now)
    return mine and given_up


def claim_run(session: Session, task: str, slot: str, *, now: datetime) -> ClockRun | None:
    """Claim a run of the clock for this process; None when it is done or another holds it.

    Raises IntegrityError when another process claims the slot for the first time at once.
    """
    run = session.scalar(select(ClockRun).where(ClockRun.task == task, ClockRun.slot == slot))
    if run is None:
        run = ClockRun(
            id=new_id(), task=task, slot=slot, started_at=now, attempts=1,
            retry_at=now + RUN_LEASE, counts={},
        )  # fmt: skip
        session.add(run)
        session.flush()
        return run
    if run.finished_at is not None or run.retry_at > now:
        return None
    attempts = run.attempts + 1
    mine = _write_run(session, run, attempts=attempts, started_at=now, retry_at=now + RUN_LEASE)
    session.refresh(run)
    return run if mine else None


def finish_run(
    session: Session, run: ClockRun, *, now: datetime, counts: Mapping[str, int]
) -> None:
    """The run is done; `run` as it was claimed."""
    _write_run(session, run, finished_at=now, counts=dict(counts))


def fail_run(session: Session, run: ClockRun, *, now: datetime) -> None:
    """The run failed: its slot may be claimed again after a growing delay."""
    _write_run(session, run, retry_at=now + delay_after(run.attempts))


def _write_run(session: Session, run: ClockRun, **values: Any) -> bool:
    """Write `values` unless another took the run over since; True when they were written."""
    changed = session.execute(
        update(ClockRun)
        .where(
            ClockRun.id == run.id,
            ClockRun.finished_at.is_(None),
            ClockRun.attempts == run.attempts,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return getattr(changed, "rowcount", 0) == 1
