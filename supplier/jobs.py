"""The clock and the worker: which task does what, which runs are due, one piece at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError

from supplier.adapters import queue
from supplier.adapters.queue import ClockRun, Job
from supplier.kernel.clock import Clock
from supplier.kernel.database import transaction

log = logging.getLogger("vigie.jobs")

Task = Callable[[Mapping[str, Any], datetime], None]
Run = Callable[[datetime], dict[str, int]]

#: How long an idle worker waits before it looks again: a verdict is due in under three seconds.
IDLE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Periodic:
    """A run of the clock: `slot` names the period that an instant belongs to."""

    run: Run
    every: timedelta
    slot: Callable[[datetime], str]


def _hour(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H")


def _day(now: datetime) -> str:
    return now.strftime("%Y-%m-%d")


def _minute(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M")


def tasks() -> dict[str, Task]:
    """Every kind of job and the action that does it. One line a task."""
    from supplier.documents import actions as documents
    from supplier.evaluation import actions as evaluation
    from supplier.notifications import tasks as mails
    from supplier.retention import actions as retention
    from supplier.vigilance import actions as vigilance
    from supplier.vigilance import campaigns, rehearsal

    return {
        "read_document": documents.read_document_task,
        "draw_pages": documents.draw_pages_task,
        "refresh_obligations": vigilance.refresh_task,
        "send_campaign": campaigns.send_task,
        "rehearse_rule": rehearsal.rehearse_task,
        "account_mail": mails.account_mail,
        "notify": mails.notify,
        "execute_erasures": retention.execute_task,
        "work_out_plan": retention.work_out_task,
        "compute_scores": evaluation.compute_task,
    }


def clock_runs() -> dict[str, Periodic]:
    """What the clock rings for. Each asks what is due and not yet done; none asks the date."""
    from supplier.documents import actions as documents
    from supplier.documents import second_readings
    from supplier.evaluation import actions as evaluation
    from supplier.notifications import tasks as mails
    from supplier.retention import actions as retention
    from supplier.retention import orphans
    from supplier.vigilance import actions as vigilance
    from supplier.vigilance import figures
    from supplier.web import housekeeping

    return {
        "deliver_mails": Periodic(mails.deliver, timedelta(seconds=10), _ten_seconds),
        "read_bounces": Periodic(mails.read_bounces, timedelta(minutes=5), _five_minutes),
        "tell_decisions": Periodic(mails.tell_decisions, timedelta(minutes=1), _minute),
        "send_reminders": Periodic(mails.send_reminders, timedelta(minutes=10), _hour),
        "refresh_obligations": Periodic(vigilance.refresh_stale, timedelta(minutes=10), _hour),
        "count_coverage": Periodic(figures.count_coverage, timedelta(hours=1), _day),
        "compute_scores": Periodic(evaluation.compute_due, timedelta(hours=1), _day),
        "requeue_documents": Periodic(documents.requeue_waiting, timedelta(minutes=1), _minute),
        "tighten_policy": Periodic(second_readings.tighten_policy, timedelta(hours=1), _day),
        "propose_erasures": Periodic(retention.propose_due, timedelta(minutes=10), _hour),
        "sweep_orphans": Periodic(orphans.sweep, timedelta(hours=1), _day),
        "housekeeping": Periodic(housekeeping.sweep, timedelta(minutes=10), _hour),
    }


def _five_minutes(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:") + f"{now.minute // 5 * 5:02}"


def _ten_seconds(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:") + str(now.second // 10)


def run_due(*, now: datetime, limit: int = 100) -> int:
    """Do the jobs that are due, one by one, each in its own transaction. Gives their number.

    A job that fails is put back with a growing delay and never stops the others; after five
    tries it is given up and shown on the desk. Needs an application context.
    """
    table = tasks()
    for done in range(limit):
        with transaction() as session:
            claimed = queue.claim(session, now=now, limit=1)
        if not claimed:
            return done
        _do(claimed[0], table, now)
    return limit


def _do(job: Job, table: Mapping[str, Task], now: datetime) -> None:
    try:
        table[job.task](job.payload, now)
    except Exception as error:
        log.exception("job %s (%s) failed", job.id, job.task)
        with transaction() as session:
            queue.fail(session, job, error=f"{type(error).__name__}: {error}", now=now)
        return
    with transaction() as session:
        queue.finish(session, job.id, now=now)


def ring(name: str, *, now: datetime) -> bool:
    """Do one run of the clock, unless its slot is done or held. Gives True when it ran here.

    A run that fails raises, and is done again in its slot after a growing delay; one whose
    process died is done again when its claim runs out.
    """
    periodic = clock_runs()[name]
    run = _claim_slot(name, periodic.slot(now), now)
    if run is None:
        return False
    try:
        counts = periodic.run(now)
    except Exception:
        with transaction() as session:
            queue.fail_run(session, run, now=now)
        raise
    with transaction() as session:
        queue.finish_run(session, run, now=now, counts=counts)
    return True


def _claim_slot(name: str, slot: str, now: datetime) -> ClockRun | None:
    try:
        with transaction() as session:
            return queue.claim_run(session, name, slot, now=now)
    except IntegrityError:
        return None


class Worker:
    """One worker: drains jobs and rings the clock until it is told to stop."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Finish the job in hand, then end."""
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop()`."""
        from supplier.documents.actions import warm_reader

        warm_reader()
        scheduler = self._start_clock()
        try:
            while not self._stopping.is_set():
                if self._drain() == 0:
                    self._stopping.wait(IDLE_SECONDS)
        finally:
            scheduler.shutdown(wait=False)

    def _drain(self) -> int:
        try:
            with self._app.app_context():
                # The time anew for each: a lease counted from before a long job is over at once.
                return run_due(now=self._clock.now(), limit=1)
        except OperationalError:
            log.warning("the database does not answer; trying again")
        except Exception:
            # The last resort: a worker that dies leaves papers unread and mails unsent.
            log.exception("the worker stumbled; trying again")
        self._stopping.wait(2)
        return 0

    def _start_clock(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone="UTC")
        for name, periodic in clock_runs().items():
            scheduler.add_job(
                partial(self._ring, name),
                "interval",
                seconds=periodic.every.total_seconds(),
                next_run_time=self._clock.now(),
                max_instances=1,
                coalesce=True,
                id=name,
            )
        scheduler.start()
        return scheduler

    def _ring(self, name: str) -> None:
        try:
            with self._app.app_context():
                ring(name, now=self._clock.now())
        except Exception:
            log.exception("run %s failed; it comes again", name)
