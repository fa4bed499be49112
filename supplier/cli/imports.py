"""`supplier import`: the same rehearsal and import as on the desk, from a terminal."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

import click
from sqlalchemy import select

from supplier.cli.serve import load_settings
from supplier.factory import create_app
from supplier.kernel.audit import SYSTEM
from supplier.kernel.clock import SystemClock, legal_day
from supplier.kernel.database import reading
from supplier.kernel.errors import DomainError
from supplier.parties.importing import carry_out, rehearse
from supplier.parties.models import Buyer, ImportBatch


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--buyer", required=True, metavar="SIREN", help="The group company they work with.")
@click.option("--yes", is_flag=True, help="Do it; without this the import is only rehearsed.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def import_command(file: Path, buyer: str, yes: bool, as_json: bool) -> None:
    """Import suppliers from a CSV or XLSX FILE; exit status 1 when a line is wrong."""
    settings = load_settings()
    now = SystemClock().now()
    with create_app(settings).app_context():
        try:
            batch = rehearse(
                file.read_bytes(), name=file.name, buyer_id=_buyer_id(buyer), by=SYSTEM, now=now
            )
            if yes:
                batch = carry_out(
                    batch.id, by=SYSTEM, today=legal_day(now, zone=settings.timezone), now=now
                )
        except DomainError as error:
            raise click.ClickException(error.message) from error
    _show(batch, as_json=as_json)
    sys.exit(1 if any(line["outcome"] == "error" for line in batch.report) else 0)


def _buyer_id(siren: str) -> uuid.UUID:
    with reading() as session:
        found = session.scalar(select(Buyer.id).where(Buyer.siren == siren.replace(" ", "")))
    if found is None:
        raise click.ClickException(f"no group company has the SIREN {siren}")
    return found


def _show(batch: ImportBatch, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"state": batch.state, "lines": batch.report}, ensure_ascii=False))
        return
    for line in batch.report:
        errors = "; ".join(error % {"written": line["written"]} for error in line["errors"])
        click.echo(f"line {line['number']}: {line['outcome']} {line['name']} {errors}".rstrip())
        for column, ours, theirs in line["kept"]:
            click.echo(f"  {column} stays {ours or 'empty'} (in the file: {theirs})")
        for note in line["notes"]:
            click.echo(f"  {note}")
    click.echo("Done." if batch.state == "done" else "Rehearsed only: add --yes to do it.")
