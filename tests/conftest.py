"""What every test shares: a migrated database copied per test, the cast, the makers, the clock."""

from __future__ import annotations

import contextvars
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule

from supplier.adapters import files
from supplier.factory import create_app
from supplier.kernel.audit import GENESIS
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import db
from supplier.settings import Settings
from tests.make import Maker

# How long an example takes says nothing on a shared machine; CI draws the same examples each time,
# and every run elsewhere looks for new ones.
hypothesis.settings.register_profile("vigie", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("vigie")


class Compiled(BytecodeCache):
    """Templates compiled once a process, not once a test: each test has an application anew."""

    def __init__(self) -> None:
        self._found: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._found:
            bucket.bytecode_from_string(self._found[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._found[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def keep_builders() -> None:
    """Let werkzeug compile what builds the address of a route once a process.

    It is most of what an application costs, and depends on nothing but the route.
    """
    kept: dict[Any, Any] = {}
    original = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = original(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compile_once  # type: ignore[method-assign]


keep_builders()

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "a secret that only the tests know, long enough"
FAST = {"argon2_memory_kib": 8, "argon2_time": 1}


ON_POSTGRES = os.environ.get("SUPPLIER_TEST_DATABASE") == "postgres"
HOW_TO = {
    "Chromium": "apt-get install chromium",
    "Tesseract": "apt-get install tesseract-ocr-fra",
    "PostgreSQL": "SUPPLIER_TEST_DATABASE=postgres "
    "SUPPLIER_TEST_POSTGRES=postgresql+psycopg://superuser@host",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what speaks of the other database; on PostgreSQL, also what asks no database."""
    elsewhere = "sqlite" if ON_POSTGRES else "postgres"
    kept = [
        one
        for one in items
        if not one.get_closest_marker(elsewhere)
        and (not ON_POSTGRES or "database_url" in getattr(one, "fixturenames", ()))
    ]
    gone = set(items) - set(kept)
    config.hook.pytest_deselected(items=[one for one in items if one in gone])
    items[:] = kept


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was skipped for want of a program, and how to have it."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {str(report.longrepr[2]) for report in skipped if len(report.longrepr) == 3}
    for name, how in HOW_TO.items():
        if any(name in reason for reason in reasons):
            terminalreporter.write_line(f"skipped without {name}; to run those tests: {how}")
    if not ON_POSTGRES:
        terminalreporter.write_line(f"on SQLite; on PostgreSQL as well: {HOW_TO['PostgreSQL']}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is installed, a skipped test is a missing install step."""
    if os.environ.get("SUPPLIER_TEST_REQUIRE_ALL") and not hasattr(session.config, "workerinput"):
        reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter.stats.get("skipped") and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def test_settings(database_url: str, folder: Path) -> Settings:
    return Settings(
        database_url=database_url,
        files_url=f"file:{folder}",
        secret_key=SECRET,
        public_url="http://localhost",
        reader_workers=1,
        **FAST,  # type: ignore[arg-type]
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


CHROMIUM = os.environ.get("SUPPLIER_TEST_BROWSER") or shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the whole run: Playwright starts once a process."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the last migration; each test gets a copy."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "vigie.db"
    app = create_app(test_settings(f"sqlite:///{path}", folder / "files"))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite by default; on PostgreSQL the database of this process, emptied."""
    if ON_POSTGRES:
        url: str = request.getfixturevalue("postgres_database")
        empty(url)
        altered = request.node.get_closest_marker("schema") is not None
        yield from _postgres_copy(url) if altered else iter([url])
        return
    template: Path = request.getfixturevalue("template_database")
    copy = tmp_path / "vigie.db"
    shutil.copy(template, copy)
    yield f"sqlite:///{copy}"  # noqa: PT022 (the other branch has a teardown)


@pytest.fixture(scope="session")
def postgres_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL database at the last migration: one a process, emptied for each test.

    To make a database and drop it takes longer than most tests.
    """
    server = os.environ["SUPPLIER_TEST_POSTGRES"]
    name = f"vigie_test_{uuid.uuid4().hex[:8]}"
    _admin(server, f"CREATE DATABASE {name}")
    app = create_app(test_settings(f"{server}/{name}", tmp_path_factory.mktemp("pg")))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    yield f"{server}/{name}"
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


#: Connections that a test left behind would keep locks on what is emptied.
HANG_UP = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def empty(url: str) -> None:
    """Take every row out, the journal's too, as after the migration; needs a superuser."""
    names = [f'"{table.name}"' for table in db.metadata.sorted_tables]
    filled = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names
    )
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(HANG_UP))
        # Neither foreign keys nor the guard of the journal are asked.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in connection.scalars(text(filled)).all():
            connection.execute(text(f"DELETE FROM {name}"))
        connection.execute(text(f"INSERT INTO audit_head VALUES (1, 0, '{GENESIS}')"))
    engine.dispose()


def _postgres_copy(url: str) -> Iterator[str]:
    """A database of its own, for a test that changes more than rows."""
    server, template = url.rsplit("/", 1)
    name = f"{template}_{uuid.uuid4().hex[:8]}"
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield f"{server}/{name}"
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def _admin(server: str, statement: str) -> None:
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


class Browser(FlaskClient):
    """A client whose requests start from nothing, as on a server: no context leaks into them."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def clock() -> FixedClock:
    """Monday 23 November 2026, 10:00 in Paris; `clock.at = …` moves it."""
    return FixedClock(NOW)


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    application = create_app(test_settings(database_url, tmp_path / "files"), clock=clock)
    application.test_client_class = Browser
    application.jinja_env.bytecode_cache = COMPILED
    application.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    store = files.store()
    assert isinstance(store, files.FolderStore)
    store.prepare()
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make(app: Flask, clock: FixedClock) -> Maker:
    """Makers with harmless defaults: `make.supplier(name=…)`."""
    return Maker(clock)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def browse(app: Flask, make: Maker) -> Callable[[uuid.UUID], FlaskClient]:
    """A client signed in as a user, with a fresh proof of identity."""

    def sign_in(user_id: uuid.UUID) -> FlaskClient:
        visitor = app.test_client()
        visitor.set_cookie("session", make.session_token(user_id))
        return visitor

    return sign_in
