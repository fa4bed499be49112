"""Whatever a parser does, only its child suffers."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from pebble import ProcessFuture

from supplier.adapters.sandbox import (
    Allowance,
    Death,
    Pending,
    Sandbox,
    SandboxError,
    cpu_left,
)

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, wall_seconds=3.0, memory_bytes=200 * MIB, cpu_seconds=1) as box:
        yield box


def _double(number: int) -> int:
    return 2 * number


def _abort() -> None:
    os.abort()


def _raise() -> None:
    raise RuntimeError


def _hang() -> None:
    time.sleep(60)


def _burn() -> None:
    while True:
        pass


def _eat() -> int:
    return len(bytearray(600 * MIB))


def _talk() -> None:
    with socket.socket() as line:
        line.settimeout(1)
        line.connect(("127.0.0.1", 9))


def _write() -> None:
    with open(f"/tmp/vigie-sandbox-{os.getpid()}", "wb") as out:
        out.write(b"x" * 4096)
        out.flush()


def _babble() -> str:
    return "x" * 5_000_000


def _identity() -> int:
    return os.getpid()


def test_an_answer_comes_back_from_another_process(sandbox: Sandbox) -> None:
    assert sandbox.call(_double, 21) == 42
    assert sandbox.call(_identity) != os.getpid()


@pytest.mark.parametrize(
    ("deed", "death"),
    [
        (_abort, Death.CRASHED),
        (_raise, Death.CRASHED),
        (_hang, Death.TIMED_OUT),
        (_babble, Death.TOO_MUCH_OUTPUT),
        (_talk, Death.CRASHED),
    ],
)
def test_every_way_of_failing_is_an_answer_and_the_next_call_works(
    sandbox: Sandbox, deed: object, death: Death
) -> None:
    with pytest.raises(SandboxError) as error:
        sandbox.call(deed)  # type: ignore[arg-type]
    assert error.value.death is death
    assert sandbox.call(_double, 4) == 8


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are Linux's here")
@pytest.mark.parametrize("deed", [_eat, _burn, _write])
def test_memory_time_and_files_are_limited(sandbox: Sandbox, deed: object) -> None:
    with pytest.raises(SandboxError):
        sandbox.call(deed)  # type: ignore[arg-type]
    assert sandbox.call(_double, 5) == 10


@pytest.mark.parametrize(
    ("cpu", "now", "left"),
    [
        (100.0, 1000.0, 30.0),  # just begun: what was used before is another's
        (112.0, 1012.0, 18.0),  # alone on the machine
        (108.0, 1032.0, 7.0),  # at a quarter of its pace: the wall ends it first
        (130.0, 1030.0, 0.0),
    ],
)
def test_what_a_task_has_left_is_counted_at_its_own_pace(
    cpu: float, now: float, left: float
) -> None:
    allowance = Allowance(cpu_seconds=30, wall_seconds=60, cpu_before=100.0, begun=1000.0)
    assert allowance.left(cpu=cpu, now=now) == pytest.approx(left)


def test_only_in_a_child_is_anything_counted(sandbox: Sandbox) -> None:
    assert cpu_left() == math.inf
    assert sandbox.call(cpu_left) <= 1


def test_a_child_that_raised_is_not_used_again(sandbox: Sandbox) -> None:
    before = sandbox.call(_identity)
    with pytest.raises(SandboxError):
        sandbox.call(_raise)
    assert sandbox.call(_identity) != before


def test_calls_begun_together_answer_in_the_order_asked(sandbox: Sandbox) -> None:
    pending = [sandbox.start(_double, number) for number in range(20)]
    assert [item.answer() for item in pending] == [2 * number for number in range(20)]


_FORKED = """
import os
from supplier.documents import apart

def main():
    assert apart.find_answer(apart.start(str, 1)) == "1"
    apart.stop()
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(there, (apart.find_answer(apart.start(str, 2)) or "none").encode())
        apart.stop()
        os._exit(0)
    os.waitpid(child, 0)
    os.close(there)
    print(os.read(here, 100).decode(), apart.find_answer(apart.start(str, 3)))
    apart.stop()

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_process_forked_after_a_reading_reads_with_children_of_its_own(tmp_path: Path) -> None:
    """The demo reads its papers, then gunicorn forks: signing in the worker must work."""
    script = tmp_path / "forked.py"
    script.write_text(_FORKED, "utf-8")
    run = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout.split() == ["2", "3"], run.stderr


def _future(found: int | Exception) -> ProcessFuture[int]:
    future: ProcessFuture[int] = ProcessFuture()
    if isinstance(found, Exception):
        future.set_exception(found)
    else:
        future.set_result(found)
    return future


def test_a_pool_that_broke_between_two_tasks_is_asked_again_anew() -> None:
    futures = iter([_future(BrokenProcessPool("All workers expired")), _future(42)])
    assert Pending[int](lambda: next(futures)).answer() == 42


def test_a_pool_that_breaks_twice_is_a_call_without_an_answer() -> None:
    with pytest.raises(SandboxError) as error:
        Pending[int](lambda: _future(BrokenProcessPool("All workers expired"))).answer()
    assert error.value.death is Death.CRASHED


def test_a_broken_pool_is_replaced_by_a_whole_one() -> None:
    with Sandbox(workers=1, wall_seconds=10.0) as box:
        assert box.call(_double, 2) == 4
        pool = box._pool
        assert pool is not None
        pool._pool_manager.handle_broken_pool(BrokenProcessPool("All workers expired"))
        assert box.call(_double, 3) == 6
        assert box._pool is not pool
