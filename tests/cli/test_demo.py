"""`supplier demo`: it says how far it is, prints its links, and listens on this machine alone."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from supplier.accounts.permissions import ROLE_LABELS, Role
from supplier.accounts.policy import policy, use_policy
from supplier.adapters import files
from supplier.cli.demo import SHOWN, _teller
from supplier.demo.group import STAFF
from supplier.demo.people import PASSWORD, TOTP_SECRET, write_people
from supplier.documents import intake
from supplier.factory import create_app
from supplier.kernel.database import db
from tests.browser.conftest import free_port, wait_until_ready
from tests.conftest import test_settings as settings_for


def test_papers_are_counted_sparsely_where_no_bar_moves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bar = SimpleNamespace(pos=0, shown=[])

    def update(steps: int, words: str) -> None:
        bar.pos += steps
        bar.shown.append(words)

    bar.update = update
    tell = _teller(bar)
    for done in range(1, 201):
        tell(done, 200)
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines), lines[0], lines[-1]) == (10, "20 of 200 papers", "200 of 200 papers")
    assert (bar.pos, len(bar.shown)) == (100, 200)


ANOTHER = "127.0.0.2"


@pytest.fixture
def folder(template_database: Path, tmp_path: Path) -> Path:
    """A demo whose history is one paper: the command leaves what is there alone."""
    place = tmp_path / "demo"
    place.mkdir()
    path = place / "vigie.db"
    path.write_bytes(template_database.read_bytes())
    settings = replace(settings_for(f"sqlite:///{path}", place / "files"), mode="demo")
    before = policy()
    app = create_app(settings)
    store = files.store()
    assert isinstance(store, files.FolderStore)
    store.prepare()
    with app.app_context():
        now = datetime.now(UTC)
        cast = write_people(today=now.date())
        key = next(iter(cast.users))
        intake.submit(
            b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n", filename="a.pdf",
            supplier_id=cast.suppliers[key], by=cast.users[key], now=now, settings=settings,
        )  # fmt: skip
        db.engine.dispose()
    use_policy(before)
    return place


def test_the_command_prints_a_link_a_role_and_listens_on_this_machine_alone(
    folder: Path, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "demo.log"
    environ = {name: value for name, value in os.environ.items() if "SUPPLIER" not in name}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "supplier.cli.main", "demo", "--folder", str(folder), "--port",
             str(port)],
            cwd=tmp_path, env=environ, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/health/ready", process, log)
        with socket.socket() as elsewhere:
            assert elsewhere.connect_ex((ANOTHER, port)) != 0
        said = log.read_text()
        links = re.findall(rf"http://localhost:{port}/link/\S+", said)
        with urllib.request.urlopen(links[0]) as page:
            assert page.status == 200
            assert b"<form" in page.read()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for role in {person.role for person in STAFF}:
        assert f"  {ROLE_LABELS[role]} (" in said
    assert said.count("  Supplier (") == len(SHOWN)
    validators = sum(person.role is Role.BANK_VALIDATOR for person in STAFF)
    roles = len({person.role for person in STAFF})
    assert len(set(links)) == len(links) == roles - 1 + validators + len(SHOWN)
    assert f"password {PASSWORD}" in said
    assert f"secret {TOTP_SECRET}" in said
