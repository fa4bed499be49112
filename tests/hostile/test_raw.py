"""Requests that no browser sends, on the wire, to the served site."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.conftest import Site, site

__all__ = ["site"]
RECORDS = [
    record.strip("\n").split("\n", 1)
    for record in (Path(__file__).parents[1] / "attack" / "http" / "raw-requests.txt")
    .read_text("latin-1")
    .split("=====\n")
    if record.strip()
]
#: Refused in words of HTTP. Whatever else is answered is an ordinary page; a time-out closes.
REFUSALS = {400, 403, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505}


def test_no_raw_request_is_answered_by_a_failure_or_poisons_the_next_one(site: Site) -> None:
    address = urlsplit(site.url)
    door = ("127.0.0.1", address.port or 80)
    assert len(RECORDS) == 19

    def send(record: list[str]) -> tuple[str, list[int]]:
        name, text = record
        wire = text.replace("HOST", address.netloc).replace("\n", "\r\n").encode("latin-1")
        return name, statuses(door, wire)

    with ThreadPoolExecutor(8) as pool:
        told = dict(pool.map(send, RECORDS))
    failed = {
        name: found
        for name, found in told.items()
        if any(status >= 500 and status not in REFUSALS for status in found)
    }
    assert failed == {}
    smuggled = {name: found for name, found in told.items() if 200 in found[1:]}
    assert smuggled == {}
    for host, status in (
        (address.netloc, 200), ("attacker.example", 400), ("localhost.attacker.example", 400),
    ):  # fmt: skip
        plain = f"GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        assert statuses(door, plain.encode()) == [status]
    assert "Traceback" not in site.log.read_text()


def statuses(address: tuple[str, int], wire: bytes) -> list[int]:
    """What the server answered on one connection before it closed, or within two seconds."""
    answer = b""
    with socket.create_connection(address, timeout=2) as line:
        try:
            line.sendall(wire)
            while piece := line.recv(65536):
                answer += piece
        except OSError:
            # Silence, or a closed line: both are answers here.
            pass
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]
