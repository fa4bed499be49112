"""Copy an installation and bring it back: the database first, then the files it names."""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import URL, delete, make_url, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from supplier.accounts.models import Invitation, WebSession
from supplier.kernel.audit import SYSTEM, record
from supplier.kernel.database import db, reading, transaction
from supplier.retention import actions as retention
from supplier.retention.models import ErasureEntry
from supplier.settings import Settings

MANIFEST = "manifest.json"
#: What was ever erased (ids and keys only), beside the backups and always the latest: an older
#: backup that is restored gives nothing back that was erased after it was made.
LEDGER = "erasures.jsonl"
#: The copy of a database, by its kind.
COPIES = {"sqlite": "vigie.db", "postgresql": "vigie.pgdump"}
#: Most letters of another program's complaint that are repeated.
LONGEST = 300

#: Nobody but the user that runs the command reads what it writes.
PRIVATE = 0o077


class BackupError(Exception):
    """The copy cannot be made or used; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup holds."""

    folder: Path
    database: str
    files: int


@contextmanager
def _private() -> Iterator[None]:
    """Folders 0700 and files 0600, whatever the machine's habit; `pg_dump` inherits it."""
    usual = os.umask(PRIVATE)
    try:
        yield
    finally:
        os.umask(usual)


@_private()
def backup(settings: Settings, target: Path, *, now: datetime) -> Copied:
    """Copy the database, then every file, into `target/<instant>`; the service may go on.

    Files are never changed once written, so a file that came after the database copy is one too
    many and never one too few. Files stay encrypted: keep the data keys elsewhere.
    Raises BackupError.
    """
    folder = target / now.strftime("%Y%m%dT%H%M%SZ")
    try:
        folder.mkdir(parents=True)
        (folder / "files").mkdir()
    except OSError as error:
        raise BackupError(f"cannot write to {target}: {error.strerror}") from error
    try:
        copied = _fill(folder, settings, now=now)
        _write_ledger(target / LEDGER)
    except BaseException as error:
        # Half a copy is nobody's backup; those made before, and their ledger, stay as they were.
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise BackupError(f"cannot write to {target}: {error.strerror}") from error
        raise
    return copied


def _fill(folder: Path, settings: Settings, *, now: datetime) -> Copied:
    database = _copy_database(settings, folder)
    count = _copy_files(settings.files_folder, folder / "files")
    manifest = {
        "made_at": now.isoformat(),
        "database": database.name,
        "database_sha256": _sha256(database),
        "migration": _migration(),
        "files": count,
        "data_keys": list(settings.keys()),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return Copied(folder, database.name, count)


@_private()
def restore(
    settings: Settings, source: Path, *, now: datetime, ledger: Path | None = None
) -> Mapping[str, Any]:
    """Bring a backup back into an empty installation, then erase again what had been erased.

    `ledger` is the list of erasures to repeat; by default the one beside the backup. Sessions
    and links made before the backup are not trusted. Needs an application context.
    Whatever can be refused is refused before anything is written, and the database comes last and
    whole or not at all: after a failure, mend what the sentence says and restore again.
    Raises BackupError when the place is not empty, the copy is damaged or a key is missing.
    """
    manifest = _read_manifest(source, settings)
    erased = _read_ledger(ledger or source.parent / LEDGER)
    _require_empty(settings)
    try:
        _copy_files(source / "files", settings.files_folder)
        _restore_database(settings, source / manifest["database"])
    except OSError as error:
        raise BackupError(f"cannot write: {error.strerror}") from error
    upgrade()
    with transaction() as session:
        session.execute(delete(WebSession))
        session.execute(
            update(Invitation).where(Invitation.used_at.is_(None)).values(revoked_at=now)
        )
        _take_in(session, erased)
        record(session, "backup.restored", subject="backup", by=SYSTEM, at=now)
    return {"files": manifest["files"], "erased_again": retention.replay_ledger(now)}


def _write_ledger(path: Path) -> None:
    """Write every erasure that this installation knows; a half-written file never replaces it."""
    with reading() as session:
        entries = session.scalars(select(ErasureEntry).order_by(ErasureEntry.decided_at)).all()
    lines = [
        json.dumps(
            {
                "id": str(entry.id),
                "subject_type": entry.subject_type,
                "subject_id": str(entry.subject_id),
                "file_key": entry.file_key,
                "rule": entry.rule,
                "decided_at": entry.decided_at.isoformat(),
            }
        )
        for entry in entries
    ]
    partial = path.with_suffix(".part")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    partial.replace(path)


def _read_ledger(path: Path) -> list[dict[str, Any]]:
    """The erasures to repeat, as columns; none without a ledger. Raises BackupError."""
    if not path.is_file():
        return []
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        return [
            {
                "id": uuid.UUID(row["id"]),
                "subject_type": row["subject_type"],
                "subject_id": uuid.UUID(row["subject_id"]),
                "file_key": row["file_key"],
                "rule": row["rule"],
                "decided_at": datetime.fromisoformat(row["decided_at"]),
            }
            for row in rows
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path} is damaged: restore with the ledger of another copy") from error


def _take_in(session: Session, erased: Sequence[Mapping[str, Any]]) -> None:
    """Add the erasures that the restored database does not know yet."""
    known = set(session.scalars(select(ErasureEntry.id)))
    session.add_all(ErasureEntry(**row) for row in erased if row["id"] not in known)


def _copy_database(settings: Settings, folder: Path) -> Path:
    url = make_url(settings.database_url)
    target = folder / COPIES[url.get_backend_name()]
    if url.get_backend_name() == "sqlite":
        return _copy_sqlite(target)
    plain, secret = _address(url)
    _run(["pg_dump", "--no-password", "--format=custom", f"--file={target}", plain], secret)
    return target


def _copy_sqlite(target: Path) -> Path:
    raw = db.engine.raw_connection()
    try:
        source: Any = raw.driver_connection
        with sqlite3.connect(target) as copy:
            source.backup(copy, pages=2000)
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError("the copy of the database is damaged")
        copy.close()
    finally:
        raw.close()
    return target


def _restore_database(settings: Settings, source: Path) -> None:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        db.engine.dispose()
        _copy_whole(source, Path(str(db.engine.url.database)))
        return
    plain, secret = _address(url)
    # Neither the owner nor the grants of the old server need exist on the new one.
    options = ["--no-password", "--no-owner", "--no-privileges", "--single-transaction"]
    _run(["pg_restore", *options, f"--dbname={plain}", str(source)], secret)


def _address(url: URL) -> tuple[str, dict[str, str]]:
    """The address without its password, and the password as libpq's environment takes it.

    Everybody on the machine can read the arguments of a command, but not its environment.
    """
    query = dict(url.query)
    secret = query.pop("password", None) or url.password
    plain = URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port,
        database=url.database, query=query,
    )  # fmt: skip
    return plain.render_as_string(), {"PGPASSWORD": str(secret)} if secret else {}


def _copy_files(source: Path, target: Path) -> int:
    """Copy what is not there yet, or not whole; half-written files are left out.

    Gives the number of files.
    """
    count = 0
    for path in sorted(source.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.suffix == ".part":
            continue
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        # A disk that failed may have left files that only look like those that were kept.
        if not place.exists() or not filecmp.cmp(path, place, shallow=False):
            _copy_whole(path, place)
        count += not path.name.startswith(".")
    return count


def _copy_whole(source: Path, place: Path) -> None:
    """Never half a file under its own name, so that a second try completes the first."""
    partial = place.with_name(place.name + ".part")
    shutil.copyfile(source, partial)
    partial.replace(place)


def _read_manifest(source: Path, settings: Settings) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackupError(f"{source} is not a backup of Vigie (no {MANIFEST})") from error
    database = source / str(manifest.get("database"))
    if not database.is_file() or _sha256(database) != manifest.get("database_sha256"):
        raise BackupError("the database of this backup is missing or damaged")
    if manifest["database"] != COPIES[make_url(settings.database_url).get_backend_name()]:
        raise BackupError(
            f"this backup holds {manifest['database']}, which SUPPLIER_DATABASE_URL cannot take: "
            "SQLite and PostgreSQL each restore their own"
        )
    if manifest.get("migration") not in {one.revision for one in _scripts().walk_revisions()}:
        raise BackupError("this backup was made by a newer Vigie: install that version first")
    missing = set(manifest.get("data_keys", ())) - set(settings.keys())
    if missing:
        raise BackupError(
            f"SUPPLIER_DATA_KEYS lacks {', '.join(sorted(missing))}: nothing would open"
        )
    return manifest


def _require_empty(settings: Settings) -> None:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        path = Path(str(db.engine.url.database))
        if path.exists() and path.stat().st_size:
            raise BackupError(f"{path} exists: restore into an empty place")
    elif _tables():
        raise BackupError("the database is not empty: create a new one")


def _tables() -> list[str]:
    try:
        return list(db.inspect(db.engine).get_table_names())
    except OperationalError as error:
        raise BackupError(f"the database does not answer: {error.orig}"[:LONGEST]) from error


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(current_app.extensions["migrate"].directory)


def _migration() -> str | None:
    """The last migration that this database went through."""
    with reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(command: list[str], secret: Mapping[str, str]) -> None:
    try:
        subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, text=True, env={**os.environ, **secret}
        )
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{command[0]}: {error.stderr.strip()[:LONGEST]}") from error
