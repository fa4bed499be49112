"""How long a supplier waits: until its file is kept, and until the verdict stands on its screen.

    python -m bench.upload [ROUNDS]        default 15 files of each sort

Starts `supplier serve` (gunicorn and one worker, default settings) on a database and a folder of
its own, comes in by a link as a supplier does, hands in papers of 1 MB one after the other, and
asks for the card again at the pace of the page's own script. Prints medians and the slowest.

Acknowledged means: the bytes are on the disk and were read back, and the row is committed.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from http.cookiejar import CookieJar
from pathlib import Path

import pikepdf

from supplier.accounts.actions import make_demo_link
from supplier.cli.serve import prepare
from supplier.demo import dossiers
from supplier.demo.papers.catalogue import draw
from supplier.demo.papers.variants import as_photo
from supplier.demo.people import write_people
from supplier.demo.suppliers.directory import supplier
from supplier.factory import create_app
from supplier.kernel.clock import SystemClock, legal_day
from supplier.kernel.database import db
from supplier.settings import Settings

ROUNDS = 15
SIZE = 1024 * 1024
FACTS = supplier("sols-penthievre")
#: The pace of static/js/refresh.js: first wait, growth, longest wait (seconds).
FIRST, GROWTH, SLOWEST = 0.5, 1.25, 8.0
PATIENCE = 60.0
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_AGAIN = re.compile(r'data-refresh-url="([^"]+)"')
_STATE = re.compile(r'class="v-chip[^"]*v-chip-(\w+)')


class Visitor:
    """A browser of the supplier's: its cookies, forms with their token, no redirects hidden."""

    def __init__(self, url: str) -> None:
        self._url = url
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def get(self, path: str, **headers: str) -> str:
        return self._open(urllib.request.Request(self._url + path, headers=_dashed(headers)))

    def send(self, path: str, fields: Mapping[str, str]) -> str:
        data = urllib.parse.urlencode(fields).encode()
        headers = {"Referer": self._url + path}
        return self._open(urllib.request.Request(self._url + path, data, headers))

    def hand_in(self, data: bytes, *, name: str, token: str) -> str:
        """The card of the file, as the page's script gets it."""
        edge = secrets.token_hex(16)
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={edge}", "X-Fragment": "card",
            "Referer": f"{self._url}/portal/deposit/",
        }  # fmt: skip
        return self._open(
            urllib.request.Request(f"{self._url}/portal/deposit/", body, headers=headers)
        )

    def _open(self, asked: urllib.request.Request) -> str:
        with self._opener.open(asked, timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
        return text


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def token_of(page: str) -> str:
    found = _TOKEN.search(page)
    assert found is not None, page[:2000]
    return found[1]


def come_in(url: str, link: str) -> tuple[Visitor, str]:
    """Spend the link, read the notice; gives the visitor and the token of its forms."""
    visitor = Visitor(url)
    visitor.send(link, {"csrf_token": token_of(visitor.get(link))})
    notice = visitor.get("/portal/privacy/notice")
    visitor.send("/portal/privacy/notice", {"csrf_token": token_of(notice), "next": "/portal/"})
    return visitor, token_of(visitor.get("/portal/deposit/"))


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str]]:
    """The address of a Vigie with the demo's people and the path of a supplier's link."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environ = {
        "SUPPLIER_MODE": "demo", "SUPPLIER_PUBLIC_URL": url,
        "SUPPLIER_DATABASE_URL": f"sqlite:///{folder}/vigie.db",
        "SUPPLIER_FILES_URL": f"file:{folder}/files",
    }  # fmt: skip
    settings = Settings.from_environ(environ)
    app, now = create_app(settings), SystemClock().now()
    prepare(app)
    with app.app_context():
        cast = write_people(today=legal_day(now, zone=settings.timezone))
        user_id = cast.users[FACTS.key].id
        assert user_id is not None
        link = f"/link/{make_demo_link(user_id, now=now)}"
        db.engine.dispose()
    command = [sys.executable, "-m", "supplier.cli.main", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | environ)
    try:
        _wait_for(f"{url}/health/ready", process)
        yield url, link
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


def native(issued_on: date) -> bytes:
    """An Urssaf certificate as text, with a stream beside it that makes up its weight."""
    out, paper = io.BytesIO(), draw(dossiers.social(FACTS, issued_on=issued_on))
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        weight = secrets.token_bytes(SIZE - len(paper))
        pdf.pages[0].Resources.Ballast = pdf.make_stream(weight)
        pdf.save(out)
    return out.getvalue()


def photo(issued_on: date) -> bytes:
    """A tax certificate, which has one page, as a telephone's picture; comments are its weight."""
    picture = as_photo(draw(dossiers.tax(FACTS, issued_on=issued_on)))
    after = 4 + int.from_bytes(picture[4:6], "big")
    pieces = [picture[:after]]
    left = max(0, SIZE - len(picture))
    while left > 4:
        length = min(left, 65_535)
        pieces.append(
            b"\xff\xfe" + (length - 2).to_bytes(2, "big") + secrets.token_bytes(length - 4)
        )
        left -= length
    return b"".join([*pieces, picture[after:]])


def hand_in(visitor: Visitor, data: bytes, *, name: str, token: str) -> tuple[float, float, str]:
    """Seconds until the acknowledgement, and until the card says the verdict; its tone."""
    started = time.perf_counter()
    card = visitor.hand_in(data, name=name, token=token)
    acknowledged, wait = time.perf_counter() - started, FIRST
    while (again := _AGAIN.search(card)) and time.perf_counter() - started < PATIENCE:
        time.sleep(wait)
        wait = min(wait * GROWTH, SLOWEST)
        card = visitor.get(again[1].removeprefix(visitor._url), X_Fragment="card")
    tone = _STATE.search(card)
    return acknowledged, time.perf_counter() - started, tone[1] if tone else "none"


def show(name: str, rounds: list[tuple[float, float, str]]) -> None:
    tones = [tone for _, _, tone in rounds]
    parts = []
    for label, values in (
        ("acknowledged", [one for one, _, _ in rounds]),
        ("verdict on the page", [one for _, one, _ in rounds]),
    ):
        parts.append(f"{label} {statistics.median(values):5.2f} s (slowest {max(values):5.2f})")
    print(f"{name:7}", *parts, f"accepted at once {tones.count('ok')}/{len(tones)}", sep="  ")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    today = legal_day(SystemClock().now())
    sorts = (("native", native, "urssaf.pdf"), ("photo", photo, "fiscale.jpg"))
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (url, link):
        visitor, token = come_in(url, link)
        for label, make, name in sorts:
            papers = [make(today - timedelta(days=2 + number)) for number in range(rounds + 1)]
            # The first starts the reader's child and its dictionaries: paid once, not counted.
            hand_in(visitor, papers[0], name=name, token=token)
            show(label, [hand_in(visitor, one, name=name, token=token) for one in papers[1:]])


if __name__ == "__main__":
    main()
