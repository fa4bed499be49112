"""The children of this process in which papers are read, drawn and cut."""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from supplier.adapters.sandbox import Pending, Sandbox, SandboxError
from supplier.documents.reading.isolated import read_as_text, reading_sandbox
from supplier.documents.reading.result import Reading, ReadRequest, from_json

T = TypeVar("T")


class _Holder:
    sandbox: Sandbox | None = None
    workers = 2
    lock = threading.Lock()


def use_workers(count: int) -> None:
    """How many children there are; counts from the next start of the sandbox."""
    _Holder.workers = max(1, count)


def warm_up() -> None:
    """Start the children before the first paper comes: loading their libraries takes seconds."""
    start(str)


def start(task: Callable[..., T], *args: Any) -> Pending[T]:
    """Begin `task(*args)`, a plain function of a module, in a child."""
    return _sandbox().start(task, *args)


def start_reading(data: bytes, media_type: str, request: ReadRequest) -> Pending[str]:
    """Begin to read one file."""
    return start(read_as_text, data, media_type, request)


def find_answer(pending: Pending[T]) -> T | None:
    """Wait for the answer; None when the child died, whatever the way."""
    try:
        return pending.answer()
    except SandboxError:
        return None


def find_reading(pending: Pending[str]) -> Reading | None:
    """Wait for the reading; None when the child died."""
    text = find_answer(pending)
    return from_json(json.loads(text)) if text is not None else None


def _sandbox() -> Sandbox:
    with _Holder.lock:
        if _Holder.sandbox is None:
            _Holder.sandbox = reading_sandbox(workers=_Holder.workers)
            atexit.register(stop)
        return _Holder.sandbox


def stop() -> None:
    """End the children."""
    with _Holder.lock:
        sandbox, _Holder.sandbox = _Holder.sandbox, None
    if sandbox is not None:
        sandbox.close()


def _forget() -> None:
    """In a process that was forked, the children are the parent's: this one starts its own."""
    _Holder.sandbox, _Holder.lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
