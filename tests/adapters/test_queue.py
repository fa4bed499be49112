"""Jobs and runs of the clock: done once, done again after a fault, never undone by a late one."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

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


ALPHA, BETA = uuid.UUID(int=1), uuid.UUID(int=2)


def asked(name: str, now: datetime, *, lane: uuid.UUID | None) -> None:
    with transaction() as session:
        queue.defer(session, "notify", now=now, payload={"name": name}, lane=lane)


def done_in_order(now: datetime, count: int) -> list[str]:
    names = []
    for _ in range(count):
        job = claimed(now)
        names.append(job.payload["name"])
        with transaction() as session:
            queue.finish(session, job.id, now=now)
    return names


def test_many_files_of_one_supplier_do_not_keep_another_waiting(make: Maker) -> None:
    now = make.clock.at
    for number in range(20):
        asked(f"alpha {number}", now, lane=ALPHA)
    assert done_in_order(now, 1) == ["alpha 0"]
    later = now + timedelta(seconds=1)
    asked("beta 0", later, lane=BETA)
    asked("a mail", later := later + timedelta(seconds=1), lane=None)
    assert done_in_order(later, 4) == ["beta 0", "a mail", "alpha 1", "alpha 2"]


@pytest.mark.parametrize("fails", [False, True])
def test_files_that_take_long_keep_another_waiting_for_the_one_in_hand_only(
    make: Maker, *, fails: bool
) -> None:
    now = make.clock.at
    for number in range(20):
        asked(f"alpha {number}", now, lane=ALPHA)
    for number in range(3):  # each takes a minute, six times its share
        job = claimed(now)
        if number == 2:
            asked("beta 0", now + timedelta(seconds=30), lane=BETA)
        now += timedelta(minutes=1)
        with transaction() as session:
            if fails:
                queue.fail(session, job, error="too slow", now=now)
            else:
                queue.finish(session, job.id, now=now)
    assert done_in_order(now, 2) == ["beta 0", "alpha 1" if fails else "alpha 3"]


def test_two_suppliers_with_many_files_take_turns(make: Maker) -> None:
    now = make.clock.at
    later = now + timedelta(seconds=1)
    for lane, name, at in ((ALPHA, "alpha", now), (BETA, "beta", later)):
        for number in range(3):
            asked(f"{name} {number}", at, lane=lane)
    assert done_in_order(later, 6) == [
        "alpha 0", "beta 0", "alpha 1", "beta 1", "alpha 2", "beta 2",
    ]  # fmt: skip


def test_a_file_that_waits_alone_is_read_at_once_whatever_its_turn(make: Maker) -> None:
    now = make.clock.at
    for number in range(3):
        asked(f"alpha {number}", now, lane=ALPHA)
    assert done_in_order(now, 3) == ["alpha 0", "alpha 1", "alpha 2"]


def test_nobody_waits_longer_for_having_had_much_done(make: Maker) -> None:
    now = make.clock.at
    for number in range(3):
        asked(f"alpha {number}", now, lane=ALPHA)
    done_in_order(now, 3)
    asked("alpha 3", now, lane=ALPHA)
    assert only_waiting().turn_at == now


def only_waiting() -> Job:
    with reading() as session:
        return session.scalars(select(Job).where(Job.state == "waiting")).one()


@pytest.mark.parametrize(("last", "seconds"), [(None, 0), (-60, 0), (-3, 7), (0, 10), (190, 200)])
def test_a_turn_comes_a_share_after_the_last_of_its_lane(last: int | None, seconds: int) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    before = None if last is None else now + timedelta(seconds=last)
    assert queue.turn(now, last=before) == now + timedelta(seconds=seconds)
