"""Who answers a contest sees what the paper was refused for; a day that is past is told as past."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.documents import actions
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.models import Document
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import transaction
from supplier.parties.models import Supplier
from tests.desk.papers import read_paper
from tests.desk.test_review import page_of
from tests.documents.hands import Hands, alpha_of, urssaf
from tests.make import Maker, actor

Browse = Callable[[uuid.UUID], FlaskClient]


@pytest.fixture
def hands(app: Flask, make: Maker) -> Hands:
    found = alpha_of(app, make)
    make.contract(make.engagement(found.alpha, make.buyer()))
    return found


@pytest.fixture
def denise(make: Maker) -> User:
    return make.staff("Denise Achats", Role.PURCHASING)


def shown(client: FlaskClient, document: Document) -> str:
    body = client.get(page_of(document)).get_data(as_text=True)
    return body.replace("\u00a0", " ").replace("\u202f", " ")


def banner(body: str) -> str:
    return body[body.index("Le fournisseur conteste le refus") : body.index('id="read"')]


def test_a_contested_refusal_of_the_machine_shows_its_reason_its_rule_and_the_last_good_day(
    browse: Browse, hands: Hands, denise: User, clock: FixedClock
) -> None:
    receipt = hands.submit(urssaf(date(2026, 5, 4)))
    hands.read(receipt.document_id)
    document = actions.contest(
        receipt.document_id, supplier_id=hands.alpha.id, by=hands.by, now=clock.at,
        comment="Elle est bonne.",
    )  # fmt: skip
    told = banner(shown(browse(denise.id), document))
    assert "Refusée par la machine le 23 nov. 2026" in told
    assert "Trop ancienne" in told
    assert "Datée du 4 mai 2026, elle pouvait être déposée jusqu’au 3 novembre 2026" in told
    assert "elle est arrivée le 23 novembre 2026" in told
    assert "D8222-5" in told
    assert "Le fournisseur écrit : « Elle est bonne. »" in told


def test_a_contested_refusal_of_a_person_shows_who_why_and_their_words(
    browse: Browse, hands: Hands, denise: User, make: Maker, clock: FixedClock
) -> None:
    document = read_paper(hands.alpha)
    karim = make.staff("Karim Benali", Role.PURCHASING)
    actions.refuse(
        document.id, reasons=[ReasonCode.TAMPERED, ReasonCode.PAGES_MISSING], by=actor(karim),
        now=clock.at, comment="La page 2 manque.",
    )  # fmt: skip
    actions.contest(document.id, supplier_id=hands.alpha.id, by=hands.by, now=clock.at)
    told = banner(shown(browse(denise.id), document))
    assert "Refusée par Karim Benali" in told
    assert "Modifiée après son émission" in told
    assert "Pages manquantes" in told
    assert "Écrit au fournisseur : « La page 2 manque. »" in told


def accepted(alpha: Supplier, until: date) -> Document:
    before = read_paper(alpha)
    with transaction() as session:
        row = session.get_one(Document, before.id)
        row.state, row.valid_until = "accepted", until
    return row


@pytest.mark.parametrize(
    ("until", "told", "untold"),
    [
        (date(2026, 11, 22), "était valable jusqu’au 22/11/2026", "pièce en vigueur"),
        (date(2026, 11, 23), "valable jusqu’au 23/11/2026", "était valable"),
    ],
)
def test_what_was_accepted_before_is_in_force_only_up_to_its_last_day(
    browse: Browse, hands: Hands, denise: User, until: date, told: str, untold: str
) -> None:
    accepted(hands.alpha, until)
    body = shown(browse(denise.id), read_paper(hands.alpha))
    beside = body[body.index('id="before"') : body.index('id="reasons"')]
    assert told in beside
    assert untold not in beside


def test_the_last_good_day_of_a_paper_is_past_when_it_is_past_and_left_out_when_refused(
    browse: Browse, hands: Hands, denise: User, clock: FixedClock
) -> None:
    client = browse(denise.id)
    past = accepted(hands.alpha, date(2026, 11, 22))
    assert "Était valable jusqu’au" in shown(client, past)
    assert "Était valable" not in shown(client, accepted(hands.alpha, date(2026, 11, 23)))
    document = read_paper(hands.alpha, kind=DocumentKind.TAX_COMPLIANCE)
    with transaction() as session:
        session.get_one(Document, document.id).valid_until = date(2027, 5, 1)
    assert "Valable jusqu’au" in shown(client, document)
    actions.refuse(document.id, reasons=[ReasonCode.TAMPERED], by=actor(denise), now=clock.at)
    assert "alable jusqu’au" not in shown(client, document)
