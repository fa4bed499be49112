"""Papers without a kind of their own: what they answer is said by a person, and closes the gap."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from supplier.accounts.permissions import Role
from supplier.demo.papers.catalogue import draw
from supplier.demo.proofs import proofs
from supplier.demo.suppliers.directory import supplier as facts_of
from supplier.documents.models import Document
from supplier.kernel.audit import Event
from supplier.kernel.clock import FixedClock, legal_day
from supplier.kernel.database import reading, transaction
from supplier.parties.models import Supplier
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.coverage import State
from supplier.vigilance.needs import portal_needs
from supplier.vigilance.purposes import PURPOSES, needs_end
from tests.documents.hands import Hands, alpha_of
from tests.make import Maker
from tests.web.posting import post, token_of

Browse = Callable[[uuid.UUID], FlaskClient]
POSTED = RequirementCode.POSTING_DECLARATION


class Desk:
    """Alpha from abroad with Alice, and Denise who decides."""

    def __init__(self, hands: Hands, make: Maker, browse: Browse, clock: FixedClock) -> None:
        self.hands, self.clock = hands, clock
        buyer = make.buyer()
        make.contract(make.engagement(hands.alpha, buyer))
        with transaction() as session:
            row = session.get_one(Supplier, hands.alpha.id)
            row.country, row.posts_workers, row.siren = "DE", True, None
        self.alice = browse(hands.alice.id)
        self.denise = browse(make.staff("Denise Achats", Role.PURCHASING).id)

    def hand_in(self, **fields: str) -> Document:
        """Alice drops a letter of which the machine knows no kind; it is read at once."""
        shown = proofs(facts_of("hafenstahl"), first=date(2026, 11, 1), last=date(2026, 11, 1))
        letter = draw(next(one for one in shown if one.purpose is POSTED).facts)
        token = token_of(self.alice, "/portal/deposit/")
        answer = self.alice.post(
            "/portal/deposit/", content_type="multipart/form-data",
            data={"csrf_token": token, "files": [(io.BytesIO(letter), "sipsi.pdf")], **fields},
        )  # fmt: skip
        assert answer.status_code == 303
        with reading() as session:
            row = session.scalars(select(Document)).one()
        self.hands.read(row.id)
        return self.row(row.id)

    def row(self, document_id: uuid.UUID) -> Document:
        with reading() as session:
            return session.get_one(Document, document_id)

    def post(self, document: Document, act: str, **data: str) -> TestResponse:
        page = f"/desk/review/{document.id}"
        return post(self.denise, f"{page}/{act}", data, page=page)

    def state(self, code: RequirementCode = POSTED) -> State:
        [one] = portal_needs(self.hands.alpha.id, today=legal_day(self.clock.at))
        return next(need.state for need in one.needs if need.requirement is code)


@pytest.fixture
def desk(app: Flask, make: Maker, browse: Browse, clock: FixedClock) -> Desk:
    return Desk(alpha_of(app, make), make, browse, clock)


SAID = {"purpose": POSTED.value, "issued_on": "2026-11-01", "valid_until": "2027-10-31"}


def test_the_portal_asks_by_the_requirement_where_no_kind_says_it(desk: Desk) -> None:
    desk.hand_in()
    home = desk.alice.get("/portal/").get_data(as_text=True)
    assert "expected=posting_declaration" in home
    assert "expected=vat_number" in home
    assert "expected=foreign_register_extract" in home


def test_what_answers_the_posting_declaration_closes_the_gap_once_a_person_accepts(
    desk: Desk,
) -> None:
    document = desk.hand_in(expected=POSTED.value)
    assert (document.expected_kind, document.kind) == (POSTED.value, "other")
    assert (document.state, document.reasons) == ("in_review", [])
    assert desk.state() is not State.COVERED
    early = desk.post(document, "accept")
    assert early.status_code == 422
    assert "avec sa date" in early.get_data(as_text=True)
    assert desk.post(document, "purpose", **SAID).status_code == 303
    assert desk.post(document, "accept").status_code == 303
    assert desk.row(document.id).state == "accepted"
    assert desk.state() is State.COVERED


def test_a_paper_dropped_without_a_hint_counts_for_what_the_desk_chooses(desk: Desk) -> None:
    document = desk.hand_in()
    assert (document.expected_kind, document.kind) == (None, "other")
    page = desk.denise.get(f"/desk/review/{document.id}").get_data(as_text=True)
    assert 'value="posting_declaration"' in page
    desk.post(document, "purpose", **SAID)
    desk.post(document, "accept")
    assert desk.state() is State.COVERED
    assert desk.state(RequirementCode.VAT_NUMBER) is not State.COVERED
    with reading() as session:
        said = session.scalars(select(Event).where(Event.kind == "document.purpose_said")).one()
    assert said.data == {"from": None, "to": POSTED.value, "issued_on": "2026-11-01",
                         "valid_until": "2027-10-31"}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"valid_until": ""}, "dernier jour"),
        ({"valid_until": "2026-10-01"}, "précède"),
        ({"issued_on": "2027-11-01"}, "pas encore venu"),
        ({"issued_on": ""}, "Indiquez la date"),
        ({"purpose": "kbis"}, ""),
    ],
)
def test_days_that_cannot_be_are_asked_back_and_nothing_is_written(
    desk: Desk, wrong: dict[str, str], words: str
) -> None:
    document = desk.hand_in(expected=POSTED.value)
    answer = desk.post(document, "purpose", **{**SAID, **wrong})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert desk.row(document.id).issued_on is None


def test_a_paper_of_a_kind_of_its_own_is_not_given_a_requirement(desk: Desk) -> None:
    document = desk.hand_in()
    desk.post(document, "kind", kind="kbis")
    assert desk.post(document, "purpose", **SAID).status_code == 409
    assert desk.row(document.id).expected_kind is None


def test_every_requirement_without_a_kind_of_its_own_can_be_chosen() -> None:
    assert set(PURPOSES) == {
        RequirementCode.REGISTRATION, RequirementCode.FINANCIAL_GUARANTEE,
        RequirementCode.VAT_NUMBER, RequirementCode.FOREIGN_SOCIAL_CERTIFICATE, POSTED,
    }  # fmt: skip
    assert [code for code in PURPOSES if needs_end(code)] == [POSTED]
