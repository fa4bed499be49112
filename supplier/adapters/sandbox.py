"""Runs parsers in child processes with limits: whatever a file does, only a child suffers."""

from __future__ import annotations

import contextlib
import ctypes
import math
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

if sys.platform != "win32":
    import resource

T = TypeVar("T")

#: What a child may take, beyond what it holds once its libraries are loaded.
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 30
WALL_SECONDS = 60.0
OPEN_FILES = 64
OUTPUT_CHARS = 4_000_000
#: A worker is replaced after so many papers: nothing of one paper lives long beside another.
PAPERS_A_WORKER = 50
#: How many tasks wait per worker when many files are read: the queue never grows with them.
_AHEAD = 3
_FAILED = 70

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_FORBIDDEN = frozenset({
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
    "socket.gethostbyname", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn",
})  # fmt: skip


class Death(StrEnum):
    """How a child failed."""

    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    TOO_MUCH_OUTPUT = "too_much_output"


class SandboxError(Exception):
    """The child did not answer; `death` says how it ended."""

    def __init__(self, death: Death) -> None:
        super().__init__(death.value)
        self.death = death


class TooMuchOutputError(Exception):
    """The answer of a child is larger than any honest paper's."""


class Pending(Generic[T]):
    """The answer of a child that is still at work."""

    def __init__(self, begin: Callable[[], ProcessFuture[Any]]) -> None:
        self._begin = begin
        self._future = begin()

    def answer(self) -> T:
        """Wait for the answer. Raises SandboxError."""
        try:
            found: T = self._result()
        except FutureTimeoutError as error:
            raise SandboxError(Death.TIMED_OUT) from error
        except (ProcessExpired, BrokenProcessPool, CancelledError, EOFError, OSError) as error:
            raise SandboxError(Death.CRASHED) from error
        except TooMuchOutputError as error:
            raise SandboxError(Death.TOO_MUCH_OUTPUT) from error
        return found

    def _result(self) -> Any:
        """The answer; from another pool where the first broke without this call's fault.

        Pebble gives the whole pool up when a child ends in the instant between two tasks, as each
        does after its share of papers.
        """
        try:
            return self._future.result()
        except BrokenProcessPool:
            self._future = self._begin()
            return self._future.result()


class Sandbox:
    """A pool of limited child processes. Safe to share between threads; close it at the end.

    `preload` names the modules that children need; they are loaded once and then inherited.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        preload: Iterable[str] = (),
        wall_seconds: float = WALL_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        cpu_seconds: int = CPU_SECONDS,
    ) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._wall = wall_seconds
        self._limits = (memory_bytes, cpu_seconds, tuple(preload))
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None

    @property
    def ahead(self) -> int:
        """How many calls are worth having in flight: enough for every child to be busy."""
        return self.workers * _AHEAD

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """Run `function(*args)` in a child and return its answer. Raises SandboxError."""
        return self.start(function, *args).answer()

    def start(self, function: Callable[..., T], *args: Any) -> Pending[T]:
        """Begin a call without waiting for its answer."""
        return Pending(
            lambda: self._started().schedule(
                _guarded, args=[function, args, self._limits[1], self._wall], timeout=self._wall
            )
        )

    def close(self) -> None:
        """End the children at once."""
        with self._lock:
            if self._pool is not None:
                self._pool.stop()  # type: ignore[no-untyped-call]
                self._pool.join()
                self._pool = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> ProcessPool:
        with self._lock:
            if self._pool is None or not self._pool.active:
                self._pool = ProcessPool(
                    max_workers=self.workers,
                    max_tasks=PAPERS_A_WORKER,
                    initializer=_enter,
                    initargs=self._limits,
                    context=_context(self._limits[2]),
                )
            return self._pool


def _context(preload: tuple[str, ...]) -> BaseContext:
    """A fork server where it works: children start in milliseconds, from a clean process."""
    # One thread a child: the children are the parallelism, and each thread costs address space.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    method = "forkserver" if sys.platform.startswith("linux") else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(list(preload))
    return context


def _forget_fork_server() -> None:
    """In a process that was forked: the fork server is the parent's child, not ours.

    multiprocessing keeps it in a module and has no public way to let go of it; waiting for a
    process that is not one's own fails, and every later call with it. gunicorn forks.
    """
    server = forkserver._forkserver
    alive = getattr(server, "_forkserver_alive_fd", None)
    if alive is not None:
        with contextlib.suppress(OSError):
            os.close(alive)
    server.__init__()  # type: ignore[misc]


if sys.platform.startswith("linux"):
    os.register_at_fork(after_in_child=_forget_fork_server)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the task in hand may take, from when it began."""

    cpu_seconds: float
    wall_seconds: float
    cpu_before: float
    begun: float

    def left(self, *, cpu: float, now: float) -> float:
        """Seconds of CPU, `cpu` being what the process has used and `now` the monotonic clock."""
        used, passed = cpu - self.cpu_before, now - self.begun
        pace = min(1.0, used / passed) if passed > 1 else 1.0
        return min(self.cpu_seconds - used, (self.wall_seconds - passed) * pace)


class _InHand:
    allowance: Allowance | None = None


def cpu_left() -> float:
    """Seconds of CPU that the task in hand can still have before it is ended.

    On a busy machine the clock on the wall ends it first: at the pace it went so far. Outside a
    child nothing ends it.
    """
    if _InHand.allowance is None:
        return math.inf
    return _InHand.allowance.left(cpu=time.process_time(), now=time.monotonic())


def _guarded(
    function: Callable[..., Any], args: tuple[Any, ...], cpu_seconds: int, wall_seconds: float
) -> Any:
    """Run one task. Any exception ends this worker: its state can't be trusted any more."""
    _grant_cpu(cpu_seconds)
    _InHand.allowance = Allowance(cpu_seconds, wall_seconds, time.process_time(), time.monotonic())
    try:
        answer = function(*args)
    except BaseException as error:
        # The class alone: messages of parsers may quote the paper. A log file can't be written
        # to under the limits, and that must not keep the worker alive.
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"sandbox: {type(error).__name__}\n")
            sys.stderr.flush()
        os._exit(_FAILED)
    if isinstance(answer, (str, bytes)) and len(answer) > OUTPUT_CHARS:
        raise TooMuchOutputError
    return answer


def _enter(memory_bytes: int, cpu_seconds: int, preload: tuple[str, ...]) -> None:
    """Give up what a parser does not need: network, files to write, memory, time."""
    for name in preload:
        __import__(name)
    sys.dont_write_bytecode = True
    _leave_network()
    if sys.platform == "win32":
        return
    _limit("RLIMIT_AS", _address_space() + memory_bytes)
    _limit("RLIMIT_FSIZE", 0)
    _limit("RLIMIT_NOFILE", OPEN_FILES)
    _limit("RLIMIT_CORE", 0)
    _grant_cpu(cpu_seconds)


def _limit(name: str, value: int) -> None:
    """Set a limit where the system knows it and allows it."""
    try:
        resource.setrlimit(getattr(resource, name), (value, value))
    except (AttributeError, ValueError, OSError):
        return


def _grant_cpu(seconds: int) -> None:
    """Allow `seconds` of CPU from now on: the system counts over the whole life of a process."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    try:
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    except (ValueError, OSError):
        return


def _address_space() -> int:
    """How much address space this process holds, in bytes; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 1024 * 1024 * 1024


def _leave_network() -> None:
    """Enter a network without interfaces where the system permits; refuse sockets in any case."""
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    sys.addaudithook(_refuse)


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(event)
