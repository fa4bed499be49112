"""The demo's mailbox: from an invitation to the first visit, in the demo and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from supplier.accounts.actions import invite_supplier
from supplier.accounts.policy import policy, use_policy
from supplier.adapters.queue import Job
from supplier.factory import create_app
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading
from supplier.notifications import outbox
from supplier.notifications.models import OutboxMessage
from supplier.notifications.tasks import account_mail
from tests.conftest import test_settings as made_settings
from tests.make import Maker, actor
from tests.web.posting import post

PLACE = "/demo/mails/"


def demo_app(
    database_url: str, folder: Path, clock: FixedClock, *, mode: str, url: str
) -> Flask:  # fmt: skip
    settings = replace(made_settings(database_url, folder), mode=mode, public_url=url)
    return create_app(settings, clock=clock)


@pytest.fixture
def demo(app: Flask, database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    """The same database, opened as a demo."""
    before = policy()
    made = demo_app(database_url, tmp_path / "files", clock, mode="demo", url="http://localhost")
    yield made
    use_policy(before)


def write_mail(make: Maker) -> None:
    """Denise invited Luc: the mail stands in the outbox."""
    supplier = make.supplier("Alpha Menuiserie")
    make.engagement(supplier, make.buyer())
    luc = make.contact(supplier, email="luc@alpha.example", name="Luc Brenner")
    invite_supplier(luc.id, by=actor(make.staff("Denise Achats")), now=make.clock.at)
    with reading() as session:
        job = session.scalars(select(Job).where(Job.task == "account_mail")).one()
    account_mail(job.payload, make.clock.at)


def test_an_invited_supplier_reads_the_mail_and_comes_in(demo: Flask, make: Maker) -> None:
    write_mail(make)
    client = demo.test_client()
    assert PLACE in client.get("/sign-in").get_data(as_text=True)
    listed = client.get(PLACE).get_data(as_text=True)
    assert "luc@alpha.example" in listed
    [mail] = re.findall(rf'href="({PLACE}[0-9a-f-]+)"', listed)
    text = client.get(mail).get_data(as_text=True)
    [link] = set(re.findall(r'href="[^"]*(/link/[^"]+)"', text))
    assert post(client, link).status_code == 303
    assert client.get("/", follow_redirects=True).request.path.startswith("/portal/")


def test_no_other_machine_reads_the_mails_of_a_demo(demo: Flask) -> None:
    client = demo.test_client()
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get(PLACE, environ_overrides=far).status_code == 404
    assert PLACE not in client.get("/sign-in", environ_overrides=far).get_data(as_text=True)


@pytest.mark.parametrize(
    ("mode", "url"),
    [
        ("development", "http://localhost"),
        ("production", "https://vigie.example"),
        ("demo", "https://vigie.example"),
    ],
)
def test_outside_a_demo_on_its_own_machine_the_pages_do_not_exist(
    app: Flask, database_url: str, tmp_path: Path, clock: FixedClock, make: Maker,
    mode: str, url: str,
) -> None:  # fmt: skip
    write_mail(make)
    before = policy()
    try:
        made = demo_app(database_url, tmp_path / "files", clock, mode=mode, url=url)
        assert not [rule for rule in made.url_map.iter_rules() if "demo" in rule.rule]
        client, host = made.test_client(), url.partition("://")[2]
        assert client.get(PLACE, headers={"Host": host}).status_code == 404
        assert PLACE not in client.get("/sign-in", headers={"Host": host}).get_data(as_text=True)
        with app.app_context(), reading() as session:
            row_id = session.scalars(select(OutboxMessage.id)).one()
        with app.app_context(), pytest.raises(Exception, match="does not exist"):
            outbox.read_in_demo(row_id)
    finally:
        use_policy(before)
