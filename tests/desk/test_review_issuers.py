"""The queue of papers that wait for their issuer: which stand in it, and going through it."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.states import State
from supplier.kernel.clock import FixedClock, legal_day
from supplier.kernel.database import transaction
from supplier.parties.models import Buyer, Supplier
from supplier.vigilance import actions as vigilance
from tests.desk.papers import read_paper
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]
QUEUE = "/desk/review/issuer/"
GOOD: dict[str, Any] = {"state": State.ACCEPTED, "valid_until": date(2027, 5, 1)}


@pytest.fixture
def buyer(make: Maker) -> Buyer:
    return make.buyer()


@pytest.fixture
def denise(make: Maker) -> User:
    return make.staff("Denise Achats", Role.PURCHASING)


@pytest.fixture
def owing(make: Maker, buyer: Buyer, clock: FixedClock) -> Callable[[str], Supplier]:
    """A supplier who owes a certificate today."""

    def one(name: str) -> Supplier:
        supplier = make.supplier(name, has_employees=True)
        make.contract(make.engagement(supplier, buyer))
        with transaction() as session:
            vigilance.refresh(session, supplier.id, today=legal_day(clock.at), now=clock.at)
        return supplier

    return one


def certificate(supplier: Supplier, **row: Any) -> Document:
    return read_paper(supplier, **(GOOD | row))


def dated(paper: Document, day: date) -> Document:
    with transaction() as session:
        session.get_one(Document, paper.id).issued_on = day
    return paper


def capture() -> tuple[io.BytesIO, str]:
    picture = io.BytesIO()
    Image.new("L", (40, 40), 255).save(picture, "PNG")
    picture.seek(0)
    return picture, "urssaf.png"


def addresses(body: str, *papers: Document) -> list[bool]:
    return [f"/desk/review/{paper.id}/issuer" in body for paper in papers]


def test_an_accepted_certificate_waits_for_its_issuer_and_this_week_says_so(
    browse: Browse, owing: Callable[[str], Supplier], denise: User
) -> None:
    paper = certificate(owing("Alpha"))
    client = browse(denise.id)
    assert addresses(client.get(QUEUE).get_data(as_text=True), paper) == [True]
    week = client.get("/desk/").get_data(as_text=True)
    assert "1 pièce acceptée ne couvre rien" in week
    assert f'href="{QUEUE}"' in week


def test_what_nothing_depends_on_does_not_wait_for_its_issuer(
    browse: Browse, make: Maker, owing: Callable[[str], Supplier], denise: User, clock: FixedClock
) -> None:
    alpha, beta = owing("Alpha"), owing("Beta")
    idle = make.supplier("Gamma")
    make.engagement(idle, make.buyer("Kerlan Énergies"))
    papers = (
        dated(certificate(alpha), date(2026, 10, 2)),
        certificate(alpha, authenticity="confirmed"),
        certificate(beta, state=State.IN_REVIEW),
        certificate(beta, valid_until=date(2026, 11, 1)),
        certificate(beta, sampled_at=clock.at),
        certificate(idle),
    )
    body = browse(denise.id).get(QUEUE).get_data(as_text=True)
    assert addresses(body, *papers) == [False] * len(papers)
    assert "Aucune pièce n’attend" in body


def test_what_the_law_does_not_demand_is_found_by_its_kind(
    browse: Browse, owing: Callable[[str], Supplier], denise: User
) -> None:
    kbis = certificate(owing("Alpha"), kind=DocumentKind.KBIS)
    client = browse(denise.id)
    assert addresses(client.get(QUEUE).get_data(as_text=True), kbis) == [False]
    body = client.get(f"{QUEUE}?kind=kbis").get_data(as_text=True)
    assert addresses(body, kbis) == [True]


def test_each_answer_leads_to_the_next_paper_until_none_is_left(
    browse: Browse, owing: Callable[[str], Supplier], denise: User
) -> None:
    papers = sorted(
        (certificate(owing(name)) for name in ("Alpha", "Beta")), key=lambda one: one.id
    )
    here = [f"/desk/review/{paper.id}/issuer?queue=law" for paper in papers]
    client = browse(denise.id)
    assert client.get(f"{QUEUE}start").location == here[0]
    # No answer is no "no": the paper comes again, after the others.
    assert post(client, here[0], {"result": "unavailable"}).location == here[1]
    answer = post(client, here[1], {"result": "confirmed", "capture": capture()})
    assert answer.location == here[0]
    answer = post(client, here[0], {"result": "confirmed", "capture": capture()})
    assert answer.location == f"{QUEUE}?kind=law"
    assert "confirme cette pièce" in client.get(answer.location).get_data(as_text=True)


def test_who_handed_a_paper_in_is_not_led_to_it(
    browse: Browse, owing: Callable[[str], Supplier], denise: User
) -> None:
    certificate(owing("Alpha"), received_by_id=denise.id)
    assert browse(denise.id).get(f"{QUEUE}start").location == f"{QUEUE}?kind=law"


def test_the_queue_of_another_company_s_suppliers_is_empty(
    browse: Browse, make: Maker, owing: Callable[[str], Supplier]
) -> None:
    paper = certificate(owing("Alpha"))
    stranger = make.staff("Luc Ailleurs", Role.PURCHASING, buyer=make.buyer("Kerlan Énergies"))
    body = browse(stranger.id).get(QUEUE).get_data(as_text=True)
    assert addresses(body, paper) == [False]
