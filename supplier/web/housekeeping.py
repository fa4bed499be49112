"""What is thrown away because nothing can use it any more: dead sessions, old tries, done jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func

from supplier.accounts.models import Attempt
from supplier.adapters.queue import ClockRun, Job
from supplier.kernel.database import transaction
from supplier.web.sessions import limits_of
from supplier.web.sessions import sweep as sweep_sessions

KEEP_ATTEMPTS = timedelta(days=1)
KEEP_JOBS = timedelta(days=30)


def sweep(now: datetime) -> dict[str, int]:
    """Delete them. Gives how many of each."""
    limits = limits_of(current_app.extensions["vigie_settings"])
    with transaction() as session:
        return {
            "sessions": sweep_sessions(session, now=now, limits=limits),
            "attempts": _count(
                session.execute(delete(Attempt).where(Attempt.at < now - KEEP_ATTEMPTS))
            ),
            "jobs": _count(
                session.execute(
                    # One that was given up names people too; the desk showed it for a month.
                    delete(Job).where(
                        Job.state.in_(("done", "given_up")),
                        func.coalesce(Job.done_at, Job.run_at) < now - KEEP_JOBS,
                    )
                )
            ),
            "runs": _count(
                session.execute(delete(ClockRun).where(ClockRun.started_at < now - KEEP_JOBS))
            ),
        }


def _count(result: object) -> int:
    return int(getattr(result, "rowcount", 0))
