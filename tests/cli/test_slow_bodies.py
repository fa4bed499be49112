"""A sender that dawdles is given up, one that keeps up is not, and the answer is never cut."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

from supplier.cli import slow_bodies


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def request_on(ours: socket.socket) -> Any:
    return next(RequestParser(Config(), ours, ("127.0.0.1", 1)))


HEAD = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"


def test_silence_in_a_body_ends_it(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    monkeypatch.setattr(slow_bodies, "SILENCE_SECONDS", 0.01)
    theirs.sendall(HEAD + b"ab")
    request = request_on(ours)
    slow_bodies.start(None, request)
    with pytest.raises(TimeoutError):
        request.body.read()
    assert ours.gettimeout() is None
    slow_bodies.stop(None, request, {}, None)
    assert request.unreader.sock is ours


def test_a_body_that_comes_byte_by_byte_ends_too(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    at = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    timed = slow_bodies.TimedSocket(ours, length=200_000)
    theirs.sendall(b"abc")
    at[0] = slow_bodies.GRACE_SECONDS + 9
    assert timed.recv(1) == b"a"
    at[0] = slow_bodies.GRACE_SECONDS + 11
    with pytest.raises(TimeoutError):
        timed.recv(1)


def test_a_body_that_keeps_up_arrives_and_the_next_request_is_read(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.sendall(HEAD.replace(b"1000000", b"4") + b"a")
    parser = RequestParser(Config(), ours, ("127.0.0.1", 1))
    request = next(parser)
    slow_bodies.start(None, request)
    theirs.sendall(b"bcd")
    assert request.body.read() == b"abcd"
    slow_bodies.stop(None, request, {}, None)
    theirs.sendall(b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert next(parser).path == "/next"
