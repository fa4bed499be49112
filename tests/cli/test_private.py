"""What the commands write is closed to the other users of the machine, and so is the password."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url

from supplier.adapters import files
from supplier.cli import backups
from supplier.cli.serve import close_to_others
from tests.conftest import test_settings as settings_for
from tests.make import Maker


@pytest.fixture(autouse=True)
def open_handed() -> Iterator[None]:
    """The usual habit of a machine: everybody may read."""
    usual = os.umask(0o022)
    yield
    os.umask(usual)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.sqlite
def test_a_backup_is_closed_to_others(
    app: Flask, make: Maker, database_url: str, tmp_path: Path
) -> None:
    files.store().put(b"%PDF-1.7")
    settings = settings_for(database_url, tmp_path / "files")
    copied = backups.backup(settings, tmp_path / "backups", now=make.clock.at)
    found = [tmp_path / "backups", *(tmp_path / "backups").rglob("*")]
    assert copied.folder / "vigie.db" in found
    open_to_others = [path for path in found if mode(path) & 0o077]
    assert open_to_others == []
    assert os.umask(0o022) == 0o022


def test_the_sqlite_file_is_closed_before_anything_is_in_it(tmp_path: Path) -> None:
    for path in (tmp_path / "new.db", tmp_path / "old.db"):
        if path.name == "old.db":
            path.write_bytes(b"rows")
            path.with_name("old.db-wal").write_bytes(b"rows")
        close_to_others(make_url(f"sqlite:///{path}"))
        assert mode(path) == 0o600
    assert mode(tmp_path / "old.db-wal") == 0o600
    assert (tmp_path / "old.db").read_bytes() == b"rows"


@pytest.mark.parametrize("url", [
    "postgresql+psycopg://vigie:s3cret%40@db.example:5433/vigie?sslmode=require",
    "postgresql+psycopg://vigie@db.example:5433/vigie?sslmode=require&password=s3cret%40",
])  # fmt: skip
def test_the_password_of_the_database_is_in_no_argument(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], *, env: dict[str, str], **_rest: Any) -> None:
        ran.append((command, env))

    monkeypatch.setattr(subprocess, "run", run)
    settings = replace(settings_for(url, tmp_path), database_url=url)
    backups._copy_database(settings, tmp_path)
    backups._restore_database(settings, tmp_path / "vigie.pgdump")
    assert [command[0] for command, _env in ran] == ["pg_dump", "pg_restore"]
    for command, env in ran:
        assert "s3cret" not in " ".join(command)
        address = "postgresql://vigie@db.example:5433/vigie?sslmode=require"
        assert any(part.endswith(address) for part in command)
        assert env["PGPASSWORD"] == "s3cret@"
        assert "PATH" in env
