"""Every page of the desk and the portal: at most twelve statements, however much the base holds."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from supplier.accounts.permissions import Role
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import db
from supplier.parties.models import Buyer, Supplier
from supplier.vigilance import actions as vigilance
from supplier.vigilance.figures import count_coverage
from supplier.web.guard import Audience, rule_of
from tests.desk.papers import read_paper
from tests.make import Maker, actor
from tests.vigilance.files import accepted, at, invoice

Browse = Callable[[uuid.UUID], FlaskClient]
MOST = 12
TODAY = date(2026, 11, 23)
#: Downloads read as much as they give; a redirect is no page.
DOWNLOADS = re.compile(r"\.(csv|xlsx|png|pdf|json)$|/file$|/export")
#: Every role at once: the page with everything on it.
ALL = tuple(Role)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent while the block runs, transactions left out."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class World:
    """Suppliers in gap and in order, with papers, people, calls and waivers."""

    def __init__(self, make: Maker, clock: FixedClock, browse: Browse) -> None:
        self.make, self.clock = make, clock
        self.buyers = [make.buyer("Kerlan Bâtiment"), make.buyer("Kerlan Énergies")]
        self.staff = make.staff("Denise Partout", *ALL)
        self.first: Supplier | None = None
        self.client = browse(self.staff.id)

    def grow(self, count: int) -> None:
        """Add so many suppliers and compute what they owe."""
        for number in range(count):
            self._supplier(self.buyers[number % 2], number)
        vigilance.refresh_all(now=self.clock.at, today=TODAY)
        count_coverage(self.clock.at)

    def _supplier(self, buyer: Buyer, number: int) -> None:
        supplier = self.make.supplier(f"Fournisseur {number:02}", sector=f"Secteur {number % 4}")
        self.make.contact(supplier)
        self.make.contact(supplier, name="Bob Martin")
        engagement = self.make.engagement(supplier, buyer)
        contract = self.make.contract(engagement, created_at=at(date(2025, 9, 1)))
        invoice(engagement, date(2026, 10, 1), "9000.00")
        if number % 2:
            accepted(supplier, "kbis", issued_on=date(2026, 10, 1))
        document = read_paper(supplier)
        vigilance.note_follow_up(
            supplier.id, note="Promis.", buyers=None, by=actor(self.staff), now=self.clock.at
        )
        waiver_id = vigilance.waive(
            engagement.id, "tax_certificate", from_on=TODAY, until_on=date(2027, 1, 31),
            reason="Soldé.", buyers=None, by=actor(self.staff), now=self.clock.at,
        )  # fmt: skip
        if self.first is None:
            self.first = supplier
            self.ids = {
                "supplier_id": supplier.id, "document_id": document.id, "buyer_id": buyer.id,
                "engagement_id": engagement.id, "contract_id": contract.id,
                "waiver_id": waiver_id, "user_id": self.staff.id,
            }  # fmt: skip


@pytest.fixture
def world(make: Maker, clock: FixedClock, browse: Browse) -> World:
    return World(make, clock, browse)


def addresses(app: Flask, world: World, prefix: str) -> list[str]:
    """Every page under `prefix` that can be opened with what the world holds."""
    found = []
    for rule in app.url_map.iter_rules():
        access = rule_of(app, rule.endpoint)
        if "GET" not in (rule.methods or ()) or not rule.rule.startswith(prefix):
            continue
        if access is None or access.audience is Audience.PUBLIC or DOWNLOADS.search(rule.rule):
            continue
        values = {name: world.ids[name] for name in rule.arguments if name in world.ids}
        if len(values) == len(rule.arguments):
            with app.test_request_context():
                found.append(app.url_map.bind("localhost").build(rule.endpoint, values))
    return sorted(set(found))


#: Filters, orders and pages that send other queries than the plain address.
MORE = (
    "/desk/?buyer={buyer_id}",
    "/desk/review/?kind=urssaf_vigilance&only=contested&q=four",
    "/desk/suppliers/?standing=attention&sort=since&q=four",
    "/desk/suppliers/?standing=clear&buyer={buyer_id}",
    "/desk/suppliers/?standing=review&requirement=registration&sector=Secteur+1",
    "/desk/suppliers/{supplier_id}/known?on=2026-10-01",
    "/desk/search/?q=fournisseur",
    "/desk/search/?q=urssaf",
)


def count_all(client: FlaskClient, urls: list[str]) -> dict[str, int]:
    """How many statements each page sends; a page that does not answer 200 is left out."""
    found = {}
    for url in urls:
        with statements() as sent:
            answer = client.get(url)
        if answer.status_code == 200:
            found[url] = len(sent)
    return found


def grown(small: dict[str, int], large: dict[str, int]) -> dict[str, tuple[int, int]]:
    """The pages that send another number of statements when the base holds more."""
    return {url: (n, large[url]) for url, n in small.items() if n != large[url]}


def test_every_page_of_the_desk_sends_few_statements_and_always_as_many(
    app: Flask, world: World
) -> None:
    world.grow(3)
    urls = addresses(app, world, "/desk") + [url.format(**world.ids) for url in MORE]
    world.client.get("/desk/")  # the session is marked as seen once a minute
    small = count_all(world.client, urls)
    assert len(small) > 30
    assert {url: number for url, number in small.items() if number > MOST} == {}
    world.grow(27)
    large = count_all(world.client, urls)
    assert grown(small, large) == {}


def test_every_page_of_the_portal_sends_few_statements_and_always_as_many(
    app: Flask, world: World, browse: Browse, make: Maker
) -> None:
    world.grow(3)
    assert world.first is not None
    client = browse(make.supplier_user(world.first).id)
    urls = addresses(app, world, "/portal")
    client.get("/portal/")
    small = count_all(client, urls)
    assert len(small) > 3
    assert {url: number for url, number in small.items() if number > MOST} == {}
    world.grow(27)
    for _ in range(6):
        read_paper(world.first)
    large = count_all(client, urls)
    assert grown(small, large) == {}
