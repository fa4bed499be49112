"""A supplier takes back a paper or bank details that nobody has accepted: its own, and once."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.kernel.audit import Event
from supplier.kernel.database import new_id, reading
from supplier.vigilance.models import Obligation
from tests.bank.cast import Bank, state_of
from tests.make import Maker
from tests.portal.conftest import Portal
from tests.web.posting import post

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def kinds_of_events(subject_id: uuid.UUID) -> list[str]:
    with reading() as session:
        return list(
            session.scalars(
                select(Event.kind).where(Event.subject_id == subject_id).order_by(Event.seq)
            )
        )


def test_a_paper_is_taken_back_once_and_the_journal_says_so(portal: Portal) -> None:
    paper = portal.hands.submit(PDF).document_id
    url, page = f"/portal/papers/{paper}/withdraw", "/portal/deposit/"
    assert post(portal.alice, url, page=page).status_code == 303
    assert [one.state for one in portal.papers()] == ["withdrawn"]
    assert kinds_of_events(paper)[-1] == "document.withdrawn"
    assert post(portal.alice, url, page=page).status_code == 409
    assert kinds_of_events(paper).count("document.withdrawn") == 1
    with reading() as session:
        assert session.scalars(select(Obligation.id)).first() is not None


def test_a_paper_of_another_supplier_cannot_be_taken_back(portal: Portal) -> None:
    paper = portal.hands.submit(PDF).document_id
    for strange in (paper, new_id()):
        url = f"/portal/papers/{strange}/withdraw"
        assert post(portal.charlie, url, page="/portal/deposit/").status_code == 404
    assert [one.state for one in portal.papers()] == ["received"]


def test_a_paper_is_not_taken_back_by_a_link_or_without_the_token(portal: Portal) -> None:
    paper = portal.hands.submit(PDF).document_id
    url = f"/portal/papers/{paper}/withdraw"
    assert portal.alice.get(url).status_code == 405
    assert portal.alice.post(url).status_code >= 400
    assert [one.state for one in portal.papers()] == ["received"]


def test_a_contest_that_is_too_long_comes_back_with_its_words_and_changes_nothing(
    portal: Portal,
) -> None:
    refused = portal.hands.hand_in(PDF).document
    assert refused.state == "refused"
    words = "Ce papier est juste. " * 400
    url = f"/portal/papers/{refused.id}/contest"
    answer = post(portal.alice, url, {"comment": words}, page="/portal/deposit/")
    assert answer.status_code == 422
    assert words.strip() in answer.get_data(as_text=True)
    assert portal.papers()[0].contested_at is None
    stranger = post(portal.charlie, url, {"comment": words}, page="/portal/deposit/")
    assert stranger.status_code == 404


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


def test_bank_details_are_taken_back_before_they_are_in_use_by_their_owner_alone(
    make: Maker, bank: Bank, browse: Callable[[uuid.UUID], FlaskClient]
) -> None:
    account = bank.submit()
    url, page = f"/portal/bank/{account.id}/withdraw", "/portal/bank/"
    charlie = browse(make.supplier_user(make.supplier("Charlie"), "Charlie").id)
    assert post(charlie, url, page=page).status_code == 404
    assert state_of(account) == "submitted"
    alice = browse(bank.alice.id)
    assert post(alice, url, page=page).status_code == 303
    assert state_of(account) == "withdrawn"
    assert post(alice, url, page=page).status_code == 409
