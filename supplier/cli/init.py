"""`supplier init`: keys, database, store, and the first administrator with a one-time link."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from pathlib import Path

import click

from supplier.kernel.errors import DomainError
from supplier.settings import PREFIX, Settings, SettingsError

KEYS_FILE = "vigie-keys.env"


@click.command("init")
@click.option("--email", help="Mail address of the first administrator.")
@click.option("--name", help="Name of the first administrator.")
@click.option("--language", type=click.Choice(["fr", "en", "de"]), default="fr")
@click.option(
    "--keys-file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path(KEYS_FILE),
    help="Where new keys are written when the environment gives none.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer for a program.")
def init_command(
    email: str | None, name: str | None, language: str, keys_file: Path, as_json: bool
) -> None:
    """Prepare a new installation; a second run changes nothing that exists.

    Migrates the database, writes a file of keys if there are none, prepares the file store and,
    given an address, creates the first administrator and prints a link that works once.
    """
    new_keys = take_keys(keys_file)
    try:
        link = _prepare(email, name or email or "", language)
    except DomainError as error:
        raise SystemExit(_fail(error.message, as_json=as_json)) from error
    except SettingsError as error:
        raise SystemExit(_fail(str(error), as_json=as_json)) from error
    _tell(new_keys, link, as_json=as_json)


def take_keys(path: Path) -> Path | None:
    """Use the keys of the environment or of `path`; without either, write new ones there.

    Gives the path of a file that was written now. Only its owner may read it: who holds it reads
    every paper, and without it nobody does.
    """
    if all(_is_set(name) for name in ("SECRET_KEY", "DATA_KEYS")):
        return None
    written = None if path.exists() else _write_keys(path)
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.startswith(PREFIX) and not _is_set(key.removeprefix(PREFIX)):
            os.environ[key] = value
    return written


def _is_set(name: str) -> bool:
    return any(os.environ.get(PREFIX + name + ending) for ending in ("", "_FILE"))


def _write_keys(path: Path) -> Path:
    data_key = base64.b64encode(secrets.token_bytes(32)).decode()
    lines = (
        "# Keys of this Vigie. Keep a copy apart from the backups: without it they cannot be read.",
        f"SUPPLIER_SECRET_KEY={secrets.token_urlsafe(48)}",
        f"SUPPLIER_DATA_KEYS=k1:{data_key}",
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write("\n".join(lines) + "\n")
        target.flush()
        os.fsync(target.fileno())
    return path


def _prepare(email: str | None, name: str, language: str) -> str | None:
    from flask_migrate import upgrade

    from supplier.accounts.actions import create_first_administrator
    from supplier.adapters import files
    from supplier.factory import create_app
    from supplier.kernel.clock import SystemClock

    app = create_app()
    settings: Settings = app.extensions["vigie_settings"]
    with app.app_context():
        upgrade()
        store = files.store()
        if isinstance(store, files.FolderStore):
            store.prepare()
        if email is None:
            return None
        token = create_first_administrator(
            email, name=name, language=language, now=SystemClock().now()
        )
    return f"{settings.public_url.rstrip('/')}/link/{token}"


def _tell(new_keys: Path | None, link: str | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"keys_file": str(new_keys) if new_keys else None, "link": link}))
        return
    if new_keys:
        click.echo(
            f"New keys: {new_keys} (readable by you alone; keep a copy elsewhere).\n"
            f"Load them before every other command:  set -a; . {new_keys.resolve()}; set +a"
        )
    click.echo("The database and the file store are ready.")
    if link:
        click.echo(f"First administrator, open once to choose a password:\n  {link}")
    else:
        click.echo("Next: supplier init --email you@company.example --name 'Your name'")


def _fail(message: str, *, as_json: bool) -> int:
    click.echo(json.dumps({"error": message}) if as_json else message, file=sys.stderr)
    return 1
