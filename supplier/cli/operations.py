"""`supplier doctor`, `verify`, `backup`, `restore`: for whoever keeps Vigie running."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from supplier.cli.backups import BackupError, backup, restore
from supplier.cli.checks import Result, doctor, verify
from supplier.cli.derived import rebuild, verify_derived
from supplier.cli.serve import load_settings
from supplier.factory import create_app
from supplier.kernel.clock import SystemClock

MARKS = {"ok": "ok     ", "warning": "warning", "fault": "FAULT  "}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor_command(as_json: bool) -> None:
    """Look whether this installation is sound; exit status 0 only when nothing is at fault."""
    settings = load_settings()
    with create_app(settings).app_context():
        show(doctor(settings, now=SystemClock().now()), as_json=as_json)


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--rebuild", "again", is_flag=True, help="Write counts and search words again first.")
def verify_command(as_json: bool, again: bool) -> None:
    """Check the journal's chain, every kept file, every approval and every count again."""
    with create_app(load_settings()).app_context():
        now = SystemClock().now()
        if again:
            rebuild(now=now)
        show([*verify(now=now), *verify_derived(now=now)], as_json=as_json)


@click.command("backup")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def backup_command(target: Path, as_json: bool) -> None:
    """Copy the database and the files into TARGET while the service goes on."""
    settings = load_settings()
    with create_app(settings).app_context():
        try:
            copied = backup(settings, target, now=SystemClock().now())
        except BackupError as error:
            raise click.ClickException(str(error)) from error
    say(
        {"folder": str(copied.folder), "database": copied.database, "files": copied.files},
        f"{copied.files} files and the database are in {copied.folder}. "
        "Keep SUPPLIER_DATA_KEYS elsewhere: without them nothing opens.",
        as_json=as_json,
    )


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--ledger",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The list of erasures to repeat; by default erasures.jsonl beside the backup.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def restore_command(source: Path, ledger: Path | None, as_json: bool) -> None:
    """Bring the backup in SOURCE back into an empty installation, then verify it."""
    settings = load_settings()
    with create_app(settings).app_context():
        now = SystemClock().now()
        try:
            restored = restore(settings, source, now=now, ledger=ledger)
        except BackupError as error:
            raise click.ClickException(str(error)) from error
        results = verify(now=now)
    if not as_json:
        click.echo(f"{restored['files']} files restored.")
    show(results, as_json=as_json)


def show(results: Sequence[Result], *, as_json: bool) -> None:
    """Print the results and end with 1 when one of them is a fault."""
    faulty = any(result.state == "fault" for result in results)
    if as_json:
        click.echo(json.dumps({"ok": not faulty, "checks": [row.as_json() for row in results]}))
    else:
        for result in results:
            click.echo(f"{MARKS[result.state]}  {result.name}: {result.detail}")
    sys.exit(1 if faulty else 0)


def say(values: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    click.echo(json.dumps(values) if as_json else sentence)
