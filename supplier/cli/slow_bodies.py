"""A deadline for the bodies of requests, so that a few slow senders do not hold every thread."""

from __future__ import annotations

import socket
import time
from typing import Any

#: No byte for so long: the sender is gone.
SILENCE_SECONDS = 20.0
#: Every body may take so long, and a large one so many bytes a second.
GRACE_SECONDS = 30.0
SLOWEST_BYTES_PER_SECOND = 20_000


class TimedSocket:
    """A socket to read one body from: raises TimeoutError once the sender is too slow.

    `gunicorn` reads with `recv` alone, and has no such limit of its own. The socket blocks again
    after each read, so that the answer is written without a limit.
    """

    def __init__(self, inner: socket.socket, length: int) -> None:
        self.inner = inner
        self._end = time.monotonic() + GRACE_SECONDS + length / SLOWEST_BYTES_PER_SECOND

    def recv(self, size: int) -> bytes:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the body comes too slowly")
        self.inner.settimeout(min(left, SILENCE_SECONDS))
        try:
            return self.inner.recv(size)
        finally:
            self.inner.settimeout(None)


def start(_worker: Any, request: Any) -> None:
    """gunicorn's `pre_request`: the headers were read, the body is not yet."""
    unreader = request.unreader
    length = next((value for name, value in request.headers if name == "CONTENT-LENGTH"), "0")
    unreader.sock = TimedSocket(unreader.sock, int(length))


def stop(_worker: Any, request: Any, _environ: Any, _response: Any) -> None:
    """gunicorn's `post_request`: the connection may bring another request."""
    timed = request.unreader.sock
    if isinstance(timed, TimedSocket):
        request.unreader.sock = timed.inner
