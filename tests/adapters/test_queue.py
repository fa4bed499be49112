"""Jobs and runs of the clock: done once, done again after a fault, never undone by a late one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from supplier import jobs
from supplier.adapters import queue
from supplier.adapters.queue import ClockRun, Job
from supplier.kernel.database import reading, transaction
from tests.make import Maker


def claimed(now: datetime) -> Job:
    with transaction() as session:
        [job] = queue.claim(session, now=now)
    return job


def deferred(now: datetime) -> None:
    with transaction() as session:
        queue.defer(session, "notify", now=now, payload={})


def only_job() -> Job:
    with reading() as session:
        return session.scalars(select(Job)).one()


def only_run() -> ClockRun:
    with reading() as session:
        return session.scalars(select(ClockRun)).one()


def test_a_late_failure_does_not_bring_back_what_another_finished(make: Maker) -> None:
    now = make.clock.at
    deferred(now)
    slow = claimed(now)
    later = now + queue.LEASE + timedelta(seconds=1)
    quick = claimed(later)
    with transaction() as session:
        queue.finish(session, quick.id, now=later)
    with transaction() as session:
        assert not queue.fail(session, slow, error="too late", now=later)
    assert (only_job().state, only_job().last_error) == ("done", None)


def test_a_late_failure_does_not_take_the_lease_of_another(make: Maker) -> None:
    now = make.clock.at
    deferred(now)
    slow = claimed(now)
    later = now + queue.LEASE + timedelta(seconds=1)
    quick = claimed(later)
    with transaction() as session:
        queue.fail(session, slow, error="too late", now=later)
    assert only_job().leased_until == quick.leased_until
    with transaction() as session:
        queue.fail(session, quick, error="my own", now=later)
    assert (only_job().leased_until, only_job().last_error) == (None, "my own")


def test_the_fifth_failure_gives_up(make: Maker) -> None:
    now = make.clock.at
    deferred(now)
    outcomes = []
    for _ in range(queue.MAX_ATTEMPTS):
        job = claimed(now)
        with transaction() as session:
            outcomes.append(queue.fail(session, job, error="again", now=now))
        now = only_job().run_at
    assert outcomes == [False] * 4 + [True]
    assert only_job().state == "given_up"


def test_a_job_that_ends_each_of_its_workers_is_given_up_and_the_next_one_done(
    make: Maker,
) -> None:
    now = make.clock.at
    deferred(now)
    for _ in range(queue.MAX_ATTEMPTS):
        slow = claimed(now)
        now += queue.LEASE + timedelta(seconds=1)
    with transaction() as session:
        other = queue.defer(session, "other", now=now, payload={})
    assert claimed(now).id == other
    with reading() as session:
        left = session.get_one(Job, slow.id)
    assert (left.state, left.last_error, left.leased_until) == ("given_up", queue.KILLED, None)
    assert queue.killed_its_workers(left)
    with transaction() as session:
        queue.finish(session, slow.id, now=now)  # it was not dead but slow
    with reading() as session:
        assert session.get_one(Job, slow.id).state == "done"


class Counting:
    """A daily run that fails as often as asked."""

    def __init__(self, failures: int) -> None:
        self.left, self.done = failures, 0

    def __call__(self, _now: datetime) -> dict[str, int]:
        if self.left:
            self.left -= 1
            raise RuntimeError("the disk was full")
        self.done += 1
        return {"counted": 1}


def daily(monkeypatch: pytest.MonkeyPatch, failures: int) -> Counting:
    run = Counting(failures)
    found = jobs.clock_runs()
    found["count_coverage"] = replace(found["count_coverage"], run=run)
    monkeypatch.setattr(jobs, "clock_runs", lambda: found)
    return run


def test_a_run_is_done_once_in_its_slot(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    run, now = daily(monkeypatch, 0), make.clock.at
    assert jobs.ring("count_coverage", now=now)
    assert not jobs.ring("count_coverage", now=now + timedelta(hours=5))
    assert (run.done, only_run().counts) == (1, {"counted": 1})


def test_a_run_that_failed_is_done_again_in_its_slot_after_longer_and_longer(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, now, waits = daily(monkeypatch, 3), make.clock.at, []
    for _ in range(3):
        with pytest.raises(RuntimeError):
            jobs.ring("count_coverage", now=now)
        assert not jobs.ring("count_coverage", now=now)
        waits.append(only_run().retry_at - now)
        now = only_run().retry_at
    assert waits == [timedelta(seconds=40), timedelta(seconds=160), timedelta(seconds=640)]
    assert jobs.ring("count_coverage", now=now)
    assert (run.done, only_run().finished_at) == (1, now)


def test_a_run_whose_process_died_is_taken_over_once(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, now = daily(monkeypatch, 0), make.clock.at
    slot = jobs.clock_runs()["count_coverage"].slot(now)
    with transaction() as session:
        dead = queue.claim_run(session, "count_coverage", slot, now=now)
    assert dead is not None
    assert not jobs.ring("count_coverage", now=now + timedelta(minutes=29))
    assert jobs.ring("count_coverage", now=now + queue.RUN_LEASE)
    with transaction() as session:
        # It was not dead but slow: what it says at last changes nothing.
        queue.fail_run(session, dead, now=now)
        queue.finish_run(session, dead, now=now, counts={"counted": 9})
    assert (run.done, only_run().counts) == (1, {"counted": 1})
