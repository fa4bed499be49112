"""`supplier backup` and `restore` on a PostgreSQL server, by its own `pg_dump` and `pg_restore`."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import socket
import struct
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import create_engine, inspect, make_url, text

from supplier.accounts.permissions import Role
from supplier.cli.backups import backup
from supplier.cli.main import main
from supplier.documents.models import Document
from supplier.kernel.database import db, transaction
from supplier.settings import Settings
from supplier.vigilance import actions as vigilance
from tests.bank.cast import Bank
from tests.conftest import NOW
from tests.conftest import _admin as administer
from tests.conftest import test_settings as settings_for
from tests.make import Maker, actor
from tests.retention.test_actions import CANARIES, FIRST, PDF, Past, make_past, proposed, run

pytestmark = pytest.mark.postgres
Rows = dict[str, set[str]]
#: What a restore changes on purpose, beside the journal: nobody's old session is trusted.
CHANGED = {"event", "audit_head", "web_session"}


@pytest.fixture
def settings(app: Flask, database_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, tmp_path / "files")


@pytest.fixture
def past(make: Maker) -> Past:
    """A base with bank details that two people approved, a session, and papers that may go."""
    bank = Bank(make)
    bank.validated()
    make.session_token(bank.alice.id)
    past = make_past(make, name="Ancienne maison")
    with transaction() as session:
        sha256 = hashlib.sha256(PDF).hexdigest()
        session.get_one(Document, past.document.id).sha256 = sha256
    vigilance.refresh_all(now=make.clock.at)
    return past


@pytest.fixture
def empty_place(database_url: str, settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An installation to restore into: a new database that an ordinary role owns, a new folder."""
    server = database_url.rsplit("/", 1)[0]
    name = f"vigie_restored_{uuid.uuid4().hex[:8]}"
    administer(server, f"CREATE ROLE {name} LOGIN PASSWORD 'only-here'")
    administer(server, f"CREATE DATABASE {name} OWNER {name}")
    url = make_url(server).set(username=name, password="only-here", database=name)
    yield dataclasses.replace(
        settings,
        database_url=url.render_as_string(hide_password=False),
        files_url=f"file:{tmp_path / 'restored'}",
    )
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")
    administer(server, f"DROP ROLE {name}")


def supplier(settings: Settings, *arguments: str | Path, **environ: str) -> Result:
    """Call `supplier …` under these settings, as somebody at the machine would."""
    values = {
        f"SUPPLIER_{field.name.upper()}": str(getattr(settings, field.name))
        for field in dataclasses.fields(settings)
    }
    result = CliRunner().invoke(main, [str(one) for one in arguments], env=values | environ)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def made(settings: Settings, target: Path) -> Path:
    """A backup of the day before, whatever the day is: two of one second would share a folder."""
    return backup(settings, target, now=NOW - timedelta(days=1)).folder


def states(settings: Settings) -> dict[str, str]:
    answer = json.loads(supplier(settings, "verify", "--json").output)
    return {one["name"]: one["state"] for one in answer["checks"]}


def rows_of(settings: Settings) -> Rows:
    """Every row of every table, whole."""
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        found = {
            table.name: {
                str(row)
                for row in connection.scalars(text(f'SELECT t::text FROM "{table.name}" t'))
            }
            for table in db.metadata.sorted_tables
        }
    engine.dispose()
    return found


def told(rows: Rows) -> set[str]:
    """The words that stand in a table though they should be gone, with their table."""
    return {
        f"{name}: {word}"
        for name, found in rows.items()
        for word in CANARIES
        if any(word in row for row in found)
    }


def change(settings: Settings, *statements: str) -> None:
    """Write past every guard, as somebody with the whole server could."""
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def stored(settings: Settings) -> dict[str, bytes]:
    folder = settings.files_folder
    return {
        path.name: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_a_damaged_installation_comes_back_row_by_row_and_file_by_file(
    settings: Settings, past: Past, empty_place: Settings, tmp_path: Path
) -> None:
    rows, kept = rows_of(settings), stored(settings)
    assert rows["web_session"]
    assert rows["bank_approval"]
    assert kept
    copied = supplier(settings, "backup", tmp_path / "backups", "--json")
    assert copied.exit_code == 0, copied.output
    folder = json.loads(copied.output)["folder"]
    change(
        settings,
        "UPDATE event SET reason = 'forged' WHERE seq = 1",
        "UPDATE bank_approval SET value_hash = 'forged'",
        "DELETE FROM document",
    )
    (settings.files_folder / str(past.contract.file_key)[:2] / str(past.contract.file_key)).unlink()
    damaged = states(settings)
    assert (damaged["journal"], damaged["bank approvals"], damaged["files"]) == ("fault",) * 3

    restored = supplier(empty_place, "restore", folder)
    assert restored.exit_code == 0, restored.output
    found = rows_of(empty_place)
    assert {name for name in rows if found[name] != rows[name]} == CHANGED
    assert found["web_session"] == set()
    assert rows["event"] < found["event"]
    assert len(found["event"]) == len(rows["event"]) + 1
    assert stored(empty_place) == kept
    assert set(states(empty_place).values()) == {"ok"}
    # What guards the journal came back too.
    engine = create_engine(empty_place.database_url)
    with pytest.raises(Exception, match="journal"), engine.begin() as connection:
        connection.execute(text("DELETE FROM event"))
    engine.dispose()


def test_an_older_backup_gives_back_nothing_that_was_erased_since(
    settings: Settings, past: Past, empty_place: Settings, make: Maker, tmp_path: Path
) -> None:
    assert told(rows_of(settings))
    older = backup(settings, tmp_path / "backups", now=FIRST).folder
    gaelle = actor(make.staff("Gaëlle Données", Role.DATA_PROTECTION))
    assert run(proposed(), gaelle).state == "executed"
    backup(settings, tmp_path / "backups", now=FIRST + timedelta(days=1))
    restored = supplier(empty_place, "restore", older)
    assert restored.exit_code == 0, restored.output
    rows = rows_of(empty_place)
    assert len(rows["erasure_entry"]) == len(rows_of(settings)["erasure_entry"]) > 3
    assert told(rows) == set()
    assert stored(empty_place) == {}
    assert set(states(empty_place).values()) == {"ok"}


def test_a_dump_of_a_newer_postgresql_is_refused_and_the_place_stays_empty(
    settings: Settings, past: Past, empty_place: Settings, tmp_path: Path
) -> None:
    folder = made(settings, tmp_path / "backups")
    dump = bytearray((folder / "vigie.pgdump").read_bytes())
    assert dump[:5] == b"PGDMP"
    dump[6] = 99  # the archive's minor version
    rewrite(folder, bytes(dump))
    refused = supplier(empty_place, "restore", folder)
    assert refused.exit_code == 1
    assert "pg_restore: " in refused.output
    assert "version (1.99" in refused.output
    assert tables(empty_place) == []


def test_a_dump_that_breaks_off_leaves_the_place_empty_and_the_next_one_comes_back(
    settings: Settings, past: Past, empty_place: Settings, tmp_path: Path
) -> None:
    folder = made(settings, tmp_path / "backups")
    whole = (folder / "vigie.pgdump").read_bytes()
    rewrite(folder, whole[:-100])  # the catalogue is whole, and the rows break off
    refused = supplier(empty_place, "restore", folder)
    assert refused.exit_code == 1
    assert "pg_restore: " in refused.output
    assert tables(empty_place) == []
    rewrite(folder, whole)
    restored = supplier(empty_place, "restore", folder)
    assert restored.exit_code == 0, restored.output


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"migration": "9999_of_tomorrow"}, "newer Vigie"),
    ({"database": "vigie.db"}, "SQLite and PostgreSQL each restore their own"),
    ({"data_keys": ["another"]}, "SUPPLIER_DATA_KEYS lacks another"),
    ({"database_sha256": "0" * 64}, "missing or damaged"),
])  # fmt: skip
def test_a_backup_that_does_not_fit_is_refused_before_anything_is_written(
    settings: Settings, empty_place: Settings, tmp_path: Path, wrong: dict[str, Any], sentence: str
) -> None:
    folder = made(settings, tmp_path / "backups")
    (folder / "vigie.pgdump").rename(folder / str(wrong.get("database", "vigie.pgdump")))
    amend(folder, **wrong)
    refused = supplier(empty_place, "restore", folder)
    assert refused.exit_code == 1
    assert sentence in refused.output
    assert tables(empty_place) == []
    assert not empty_place.files_folder.exists()


def test_a_damaged_ledger_is_refused_before_anything_is_written(
    settings: Settings, empty_place: Settings, tmp_path: Path
) -> None:
    folder = made(settings, tmp_path / "backups")
    (folder.parent / "erasures.jsonl").write_text('{"id": "half a li')
    refused = supplier(empty_place, "restore", folder)
    assert refused.exit_code == 1
    assert "erasures.jsonl is damaged" in refused.output
    assert tables(empty_place) == []


def test_a_restore_never_writes_over_a_database(
    settings: Settings, past: Past, tmp_path: Path
) -> None:
    folder = made(settings, tmp_path / "backups")
    rows = rows_of(settings)
    refused = supplier(settings, "restore", folder)
    assert refused.exit_code == 1
    assert "not empty" in refused.output
    assert rows_of(settings) == rows


@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
def test_a_missing_program_is_named_and_nothing_is_left_half_done(
    settings: Settings, past: Past, empty_place: Settings, tmp_path: Path, program: str
) -> None:
    folder = made(settings, tmp_path / "backups")
    before = contents(tmp_path / "backups")
    (tmp_path / "bare").mkdir()
    command = ("backup", folder.parent) if program == "pg_dump" else ("restore", folder)
    place = settings if program == "pg_dump" else empty_place
    failed = supplier(place, *command, PATH=str(tmp_path / "bare"))
    assert failed.exit_code == 1
    assert f"{program} is not installed" in failed.output
    assert contents(tmp_path / "backups") == before
    assert tables(empty_place) == []


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_wrong_password_is_said_and_leaves_every_backup_as_it_was(
    settings: Settings, past: Past, tmp_path: Path, command: str
) -> None:
    folder = made(settings, tmp_path / "backups")
    before = contents(tmp_path / "backups")
    with doorkeeper() as (port, heard):
        locked = dataclasses.replace(
            settings,
            database_url=f"postgresql+psycopg://vigie:wr%40ng@127.0.0.1:{port}/vigie",
            files_url=f"file:{tmp_path / 'nowhere'}",
        )
        target = folder.parent if command == "backup" else folder
        failed = supplier(locked, command, target)
    assert failed.exit_code == 1
    assert "password authentication failed" in failed.output
    assert "wr@ng" not in failed.output
    assert set(heard) == {b"wr@ng"}
    assert contents(tmp_path / "backups") == before
    assert not (tmp_path / "nowhere").exists()


@contextmanager
def doorkeeper() -> Iterator[tuple[int, list[bytes]]]:
    """A server that speaks PostgreSQL just far enough to refuse every password it hears."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        keeper = threading.Thread(target=refuse_all, args=(server, heard), daemon=True)
        keeper.start()
        yield server.getsockname()[1], heard
        # Closing alone would not wake who waits in accept().
        server.shutdown(socket.SHUT_RDWR)
        keeper.join(timeout=10)


def refuse_all(server: socket.socket, heard: list[bytes]) -> None:
    while True:
        try:
            visitor, _ = server.accept()
        except OSError:
            return
        with visitor, visitor.makefile("rb") as asked:
            # SSL and GSS encryption are asked for first (codes 80877103 and 80877104): neither.
            while (size := asked.read(4)) and asked.read(struct.unpack("!i", size)[0] - 4)[
                :2
            ] == b"\x04\xd2":
                visitor.sendall(b"N")
            visitor.sendall(b"R" + struct.pack("!ii", 8, 3))
            if asked.read(1) != b"p":
                continue
            heard.append(asked.read(struct.unpack("!i", asked.read(4))[0] - 4).rstrip(b"\0"))
            words = b"SFATAL\0C28P01\0Mpassword authentication failed for user\0\0"
            visitor.sendall(b"E" + struct.pack("!i", len(words) + 4) + words)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} | {
        path: b"" for path in folder.rglob("*") if path.is_dir()
    }


def tables(settings: Settings) -> list[str]:
    engine = create_engine(settings.database_url)
    found = inspect(engine).get_table_names()
    engine.dispose()
    return found


def rewrite(folder: Path, dump: bytes) -> None:
    """Put another dump into a backup, with its digest: only `pg_restore` can refuse it."""
    (folder / "vigie.pgdump").write_bytes(dump)
    amend(folder, database_sha256=hashlib.sha256(dump).hexdigest())


def amend(folder: Path, **values: Any) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
