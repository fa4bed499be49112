"""Draw the pictures of the documentation from the demo itself, in a real Chromium.

    python tools/screenshots.py [FOLDER]     FOLDER: a demo made by `supplier demo --folder FOLDER`

Without FOLDER a fresh demo is made first. Needs the extra `test` and Debian's chromium.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from supplier.accounts.models import User
from supplier.accounts.sessions import begin
from supplier.documents.models import Document
from supplier.factory import create_app
from supplier.kernel.clock import SystemClock
from supplier.kernel.database import reading, transaction
from supplier.parties.models import Supplier
from supplier.privacy import actions as privacy
from supplier.privacy.notice import VERSION
from supplier.settings import Settings

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

#: Name of the picture, whose eyes, address. `{review}` and `{lebrun}` are filled in.
PICTURES = (
    ("portal-home", "nadia@lebrun.example", "/portal/"),
    ("portal-deposit", "nadia@lebrun.example", "/portal/deposit/"),
    ("portal-my-data", "nadia@lebrun.example", "/portal/privacy/"),
    ("desk-week", "camille.roussel@kerlan.example", "/desk/"),
    ("desk-review", "camille.roussel@kerlan.example", "/desk/review/{review}"),
    ("desk-supplier", "camille.roussel@kerlan.example", "/desk/suppliers/{lebrun}"),
    ("desk-suppliers", "camille.roussel@kerlan.example", "/desk/suppliers/"),
    ("desk-evaluation", "camille.roussel@kerlan.example", "/desk/evaluation/"),
    ("desk-bank", "herve.legoff@kerlan.example", "/desk/bank/"),
    ("desk-accounting", "maelle.quemener@kerlan.example", "/desk/accounting/"),
    ("desk-retention", "sophie.tanguy@kerlan.example", "/desk/retention/"),
    ("desk-rights", "sophie.tanguy@kerlan.example", "/desk/rights/"),
    ("desk-people", "erwan.jaffre@kerlan.example", "/desk/users/"),
    ("desk-rules", "erwan.jaffre@kerlan.example", "/desk/rules/"),
)
PHONE = ("portal-phone", "nadia@lebrun.example", "/portal/")


def main(folder: Path) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with site(folder) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("SUPPLIER_TEST_BROWSER") or shutil.which("chromium"),
            args=FLAGS,
        )
        for name, who, path in PICTURES:
            draw(browser, url, name, who=who, path=path, size=(1280, 860))
        name, who, path = PHONE
        draw(browser, url, name, who=who, path=path, size=(390, 844))
        browser.close()


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Serve the demo in this process on a free port."""
    app = create_app(settings_of(folder))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        yield f"http://localhost:{server.server_port}"
    server.shutdown()


def settings_of(folder: Path) -> Settings:
    return Settings(
        mode="demo", database_url=f"sqlite:///{folder.resolve()}/vigie.db",
        files_url=f"file:{folder.resolve()}/files", group_name="Groupe Kerlan",
    )  # fmt: skip


def draw(
    browser: Browser, url: str, name: str, *, who: str, path: str, size: tuple[int, int]
) -> None:
    """One picture, in French and in daylight, as that person sees the page."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="fr-FR", color_scheme="light"
    )
    context.add_cookies([{"name": "session", "value": token_of(who), "url": url}])
    page = context.new_page()
    page.goto(url + path.format(**places()))
    page.screenshot(path=str(IMAGES / f"{name}.png"))
    context.close()


def token_of(email: str) -> str:
    """A session of that person, who has seen the privacy notice."""
    now = SystemClock().now() - timedelta(seconds=1)
    with transaction() as session:
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
        token, _ = begin(
            session, now=now, user_id=user_id, method="pictures", proved_at=now,
            address_hash="pictures",
        )  # fmt: skip
    privacy.note_seen(user_id, VERSION, now=now)
    return token


def places() -> dict[str, str]:
    """The ids that addresses need."""
    with reading() as session:
        waiting = session.scalars(
            select(Document.id)
            .where(Document.state == "in_review")
            .order_by(Document.received_at.desc())
        ).first()
        lebrun = session.scalars(select(Supplier.id).where(Supplier.siren == "999000417")).one()
    return {"review": str(waiting), "lebrun": str(lebrun)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            command = [sys.executable, "-m", "supplier.cli.main", "demo", "--no-serve"]
            subprocess.run([*command, "--folder", made], check=True)  # noqa: S603
            main(Path(made))
