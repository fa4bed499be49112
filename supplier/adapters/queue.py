"""Work that must happen after a commit: written in the same transaction, done by a worker."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, UniqueConstraint, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from supplier.kernel.database import Base, Id, Long, Name, Short, new_id

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5


class Job(Base):
    """One piece of work. States: waiting, done, given_up; a lease in the future means running."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "run_at"),)

    id: Mapped[Id]
    state: Mapped[Short] = mapped_column(default="waiting")
    task: Mapped[Short]
    payload: Mapped[dict[str, Any]]
    run_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[Long | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ClockRun(Base):
    """A slot of the clock that was claimed: N clocks ring, one run happens."""

    __tablename__ = "clock_run"
    __table_args__ = (UniqueConstraint("task", "slot"),)

    id: Mapped[Id]
    task: Mapped[Short]
    slot: Mapped[Name]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]


def defer(
    session: Session,
    task: str,
    *,
    now: datetime,
    payload: Mapping[str, Any],
    run_at: datetime | None = None,
) -> uuid.UUID:
    """Write a job in the caller's transaction: it exists if and only if the cause does."""
    job = Job(
        id=new_id(),
        state="waiting",
        task=task,
        payload=dict(payload),
        run_at=run_at or now,
        created_at=now,
    )
    session.add(job)
    return job.id


def claim(session: Session, *, now: datetime, limit: int = 1) -> list[Job]:
    """Lease the next due jobs for this worker; another worker cannot take the same ones."""
    due = (
        select(Job.id, Job.attempts)
        .where(
            Job.state == "waiting",
            Job.run_at <= now,
            or_(Job.leased_until.is_(None), Job.leased_until < now),
        )
        .order_by(Job.run_at, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed: list[uuid.UUID] = []
    for job_id, attempts in session.execute(due).all():
        changed = session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == "waiting", Job.attempts == attempts)
            .values(leased_until=now + LEASE, attempts=attempts + 1)
            .execution_options(synchronize_session=False)
        )
        if getattr(changed, "rowcount", 0) == 1:
            claimed.append(job_id)
    return list(session.scalars(select(Job).where(Job.id.in_(claimed)).order_by(Job.run_at)))


def finish(session: Session, job_id: uuid.UUID, *, now: datetime) -> None:
    """The work is done; a second finish changes nothing."""
    session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "waiting")
        .values(state="done", done_at=now, leased_until=None, last_error=None)
    )


def fail(session: Session, job: Job, *, error: str, now: datetime) -> bool:
    """Put the job back with a growing delay, or give it up. Returns True when given up."""
    given_up = job.attempts >= MAX_ATTEMPTS
    delay = timedelta(seconds=10 * 4 ** min(job.attempts, 6))
    session.execute(
        update(Job)
        .where(Job.id == job.id)
        .values(
            state="given_up" if given_up else "waiting",
            run_at=now + delay,
            leased_until=None,
            last_error=error[:2000],
        )
    )
    return given_up
