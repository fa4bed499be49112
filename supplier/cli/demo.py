"""`supplier demo`: a working Vigie with two years of history, on this machine only."""

from __future__ import annotations

import dataclasses
import os
import shutil
import socket
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import select

from supplier.accounts.actions import make_demo_link
from supplier.accounts.models import User
from supplier.accounts.permissions import ROLE_LABELS, Role
from supplier.cli.serve import THREADS, load_settings, prepare, serve
from supplier.demo.build import Progress, build, has_data, supplier_link_keys
from supplier.demo.group import GROUP_NAME, STAFF
from supplier.demo.people import PASSWORD, TOTP_SECRET
from supplier.demo.suppliers.directory import supplier as supplier_facts
from supplier.demo.suppliers.facts import Scenario
from supplier.documents import apart
from supplier.factory import create_app
from supplier.kernel.clock import SystemClock, legal_day
from supplier.kernel.database import reading
from supplier.settings import Settings
from supplier.web.demo_mails import blueprint as mailbox

SHOWN = (Scenario.REFUSED_TOO_OLD, Scenario.COMPLETE, Scenario.CONTESTED)


@click.command("demo")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/demo"),
              show_default=True, help="Where the demo keeps its database and papers.")  # fmt: skip
@click.option("--port", default=5000, show_default=True, help="Port on localhost.")
@click.option("--fresh", is_flag=True, help="Forget what was there and begin anew.")
@click.option("--no-serve", is_flag=True, help="Only make the data and print the links.")
def demo_command(folder: Path, port: int, fresh: bool, no_serve: bool) -> None:
    """Fill a demo of a fictional group and open it on localhost."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    port = port if no_serve else _free_port(port)
    settings = _settings(folder, port)
    app = create_app(settings)
    prepare(app)
    _fill(app, settings)
    with app.app_context():
        _print_links(settings)
    apart.stop()
    if not no_serve:
        serve(settings, host="127.0.0.1", port=port, threads=THREADS, with_worker=True)


def _settings(folder: Path, port: int) -> Settings:
    os.environ["SUPPLIER_MODE"] = "demo"
    return dataclasses.replace(
        load_settings(),
        mode="demo",
        database_url=f"sqlite:///{folder.resolve()}/vigie.db",
        files_url=f"file:{folder.resolve()}/files",
        public_url=f"http://localhost:{port}",
        group_name=GROUP_NAME,
    )


def _fill(app: Flask, settings: Settings) -> None:
    with app.app_context():
        if has_data():
            return
    now = SystemClock().now()
    today = legal_day(now, zone=settings.timezone)
    with click.progressbar(
        length=100, label="Two years of history", item_show_func=lambda words: words
    ) as bar:
        build(app, settings, now=now, today=today, progress=_teller(bar))


def _teller(bar: Any) -> Progress:
    """Tells how many papers are done: in the bar, or in a line a tenth where no bar moves."""
    is_terminal, told = sys.stdout.isatty(), 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        words, tenth = f"{done} of {total} papers", done * 10 // total
        if not is_terminal and tenth > told:
            click.echo(words)
        told = max(told, tenth)
        bar.update(done * 100 // total - bar.pos, words)

    return progress


def _print_links(settings: Settings) -> None:
    """One link a role; each opens a page with one button, on this machine only."""
    now = SystemClock().now()
    click.echo(f"\nVigie, {GROUP_NAME}: {settings.public_url}\n")
    shown: set[Role] = set()
    for person in STAFF:
        if person.role in shown and person.role is not Role.BANK_VALIDATOR:
            continue
        shown.add(person.role)
        click.echo(f"  {ROLE_LABELS[person.role]} ({person.name}):")
        click.echo(f"    {_link(settings, person.email, now)}")
    for key in supplier_link_keys(SHOWN):
        facts = supplier_facts(key)
        click.echo(f"  Supplier ({facts.contacts[0].name}, {facts.company.name}):")
        click.echo(f"    {_link(settings, facts.contacts[0].email, now)}")
    click.echo("\n  Mails that the demo wrote, with their links:")
    click.echo(f"    {settings.public_url}{mailbox.url_prefix}/")
    click.echo(f"\n  To prove who you are again: password {PASSWORD}")
    click.echo(f"  and a code of the secret {TOTP_SECRET} (any authenticator application).\n")


def _link(settings: Settings, email: str, now: datetime) -> str:
    with reading() as session:
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
    return f"{settings.public_url}/link/{make_demo_link(user_id, now=now)}"


def _free_port(wanted: int) -> int:
    """The port, or the next free one: a busy 5000 is common on a Mac."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise click.ClickException(f"no free port from {wanted} on")
