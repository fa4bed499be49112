"""Runs what touches a stranger's file in a child process with limits: it may die, we do not."""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import resource
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessPool

P = ParamSpec("P")
T = TypeVar("T")

#: Papers that one child serves; one that erred serves no more.
MAX_TASKS = 50
MEMORY_BYTES = 1536 * 1024 * 1024
#: Over the child's whole life.
CPU_SECONDS = 600
OPEN_FILES = 128


class DiedError(Exception):
    """The child ended, took too long, or gave an error: the file could not be read."""


class _Holder:
    pool: ProcessPool | None = None
    workers = 2
    lock = threading.Lock()


def use_workers(count: int) -> None:
    """How many children there are; counts from the next start of the pool."""
    _Holder.workers = max(1, count)


def run(task: Callable[..., T], *args: Any, seconds: float, **kwargs: Any) -> T:
    """The answer of `task(*args, **kwargs)`, computed apart. Raises DiedError.

    `task` is a plain function of a module; what goes in and out is copied.
    """
    future = _pool().schedule(task, args=args, kwargs=kwargs, timeout=seconds)
    try:
        return future.result()  # type: ignore[no-any-return]
    except FutureTimeoutError as error:
        raise DiedError(f"no answer after {seconds} s") from error
    except Exception as error:
        raise DiedError(type(error).__name__) from error


def _pool() -> ProcessPool:
    with _Holder.lock:
        if _Holder.pool is None or not _Holder.pool.active:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["supplier.documents.reading.reader"])
            _Holder.pool = ProcessPool(
                max_workers=_Holder.workers, max_tasks=MAX_TASKS, context=context,
                initializer=_limit,
            )  # fmt: skip
            atexit.register(stop)
        return _Holder.pool


def stop() -> None:
    """End the children."""
    with _Holder.lock:
        pool, _Holder.pool = _Holder.pool, None
    if pool is not None:
        pool.stop()
        pool.join()


def _limit() -> None:
    logging.disable(logging.CRITICAL)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
