"""A real IMAP server on this machine, with one mailbox that starts empty for each test."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from supplier.adapters.report_box import use_report_box

USER, PASSWORD = "vigie", "p@ss:word/of tests"
ESCAPED = "p%40ss%3Aword%2Fof%20tests"


@dataclass
class ReportMailbox:
    """What a mail server would put in, and what lies unread."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return self.url_by("imap")

    def url_by(self, scheme: str) -> str:
        return f"{scheme}://{USER}:{ESCAPED}@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def opened(self) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10) as client:
            client.login(USER, PASSWORD)
            client.select_folder("INBOX")
            yield client

    def put(self, *mails: bytes) -> None:
        with self.opened() as client:
            for mail in mails:
                client.append("INBOX", mail)

    def unread(self) -> int:
        with self.opened() as client:
            return len(client.search(["UNSEEN"]))

    def mark_all_unread(self) -> None:
        with self.opened() as client:
            client.remove_flags(client.search(["ALL"]), [rb"\Seen"])

    def empty(self) -> None:
        with self.opened() as client:
            if found := client.search(["ALL"]):
                client.delete_messages(found)
                client.expunge()


@contextmanager
def open_report_mailbox(*options: str) -> Iterator[ReportMailbox]:
    """The server; `options` are those of its command line, after those for plain text."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable, "-c", "from pymap.main import main; main()",
            "--host", "127.0.0.1", "--port", str(port), *(options or ("--no-tls",)),
            "dict", "--demo-user", USER, "--demo-password", PASSWORD,
        ],
    )  # fmt: skip
    try:
        _wait_for(process, port)
        yield ReportMailbox(port, process)
    finally:
        process.kill()
        process.wait()
        use_report_box("")


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
            return
        except OSError:
            try:
                raise RuntimeError(f"the mailbox ended with {process.wait(timeout=0.1)}")
            except subprocess.TimeoutExpired:
                continue
    raise RuntimeError("the mailbox did not open")


@contextmanager
def behind_tls(port: int, certificate: Path, key: Path) -> Iterator[int]:
    """A port that speaks TLS from the first byte and hands on to `port`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, inner[1]), pump(inner[0], writer), return_exceptions=True)

    opening = asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    server = asyncio.run_coroutine_threadsafe(opening, loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
