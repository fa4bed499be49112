"""A real site for a real Chromium: `supplier serve` with its worker, and a mail server."""

from __future__ import annotations

import email
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from supplier.adapters import files
from supplier.factory import create_app
from supplier.kernel.clock import FixedClock, SystemClock
from supplier.kernel.database import db
from supplier.settings import Settings
from tests.conftest import test_settings as settings_for
from tests.make import Maker

CHROMIUM = os.environ.get("SUPPLIER_TEST_BROWSER") or shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium"))


@dataclass
class Mailbox:
    """What the mail server took, in order."""

    messages: list[Message] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.messages.append(email.message_from_bytes(envelope.content))
        return "250 OK"

    def links_to(self, address: str) -> list[str]:
        """The sign-in links in the mails to an address, the latest last."""
        found: list[str] = []
        for message in self.messages:
            if address not in str(message["To"]):
                continue
            for part in message.walk():
                if part.get_content_type() == "text/plain":
                    payload = part.get_payload(decode=True)
                    assert isinstance(payload, bytes)
                    found += re.findall(r"http://\S+/link/\S+", payload.decode())
        return found


@dataclass
class Site:
    """A served Vigie: its address, its database to write scenes into, its mailbox."""

    url: str
    app: Flask
    settings: Settings
    make: Maker
    mailbox: Mailbox
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    mailbox, mail_port, port = Mailbox(), free_port(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mail_port)
    controller.start()
    settings = replace(
        settings_for(database_url, tmp_path / "files"),
        public_url=f"http://localhost:{port}",
        mail_url=f"smtp://127.0.0.1:{mail_port}",
        bank_cooling_off_hours=0,
        group_name="Groupe Kerlan",
    )
    app = create_app(settings)
    store = files.store()
    assert isinstance(store, files.FolderStore)
    store.prepare()
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "supplier.cli.main", "serve", "--port", str(port)],
            env=os.environ | environment_of(settings), stdout=output, stderr=output,
        )  # fmt: skip
    try:
        wait_until_ready(f"http://localhost:{port}/health/ready", process, log)
        with app.app_context():
            make = Maker(FixedClock(SystemClock().now()))
            yield Site(settings.public_url, app, settings, make, mailbox, log)
            db.session.remove()
            db.engine.dispose()
    finally:
        process.terminate()
        process.wait(timeout=40)
        controller.stop()


def environment_of(settings: Settings) -> dict[str, str]:
    return {
        f"SUPPLIER_{name.upper()}": str(getattr(settings, name))
        for name in Settings.__dataclass_fields__
    }


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until the site answers; a site that died tells why."""
    for _ in range(400):
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            # The pause of a client that waits for a server of its own to come up.
            process_wait(process, 0.1)
    raise AssertionError("the site did not come up: " + log.read_text())


def process_wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return


@pytest.fixture
def tab(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in French; nothing but the site can be reached, and errors of scripts fail."""
    context = chromium.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", base_url=site.url, accept_downloads=True
    )
    context.route(lambda url: not url.startswith(site.url), lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        page.screenshot(path=str(site.log.with_name("last.png")), full_page=True)
    context.close()
    assert errors == []


def come_in(tab: Page, site: Site, user_id: Any) -> None:
    """Sign somebody in with a fresh proof of identity, past the privacy notice."""
    context: BrowserContext = tab.context
    context.clear_cookies()
    token = site.make.session_token(user_id)
    context.add_cookies([{"name": "session", "value": token, "url": site.url}])


def assert_accessible(tab: Page) -> None:
    """No serious fault for people who use the page with other senses or tools (axe)."""
    found = Axe().run(tab)
    serious = [
        (fault["id"], [node["html"][:160] for node in fault["nodes"]][:3])
        for fault in found.response["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
    assert serious == [], tab.url
