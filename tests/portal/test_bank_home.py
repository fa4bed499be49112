"""The first page tells of bank details what their own page tells: read, verified, paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import WebSession
from supplier.kernel.clock import legal_day
from supplier.kernel.database import transaction
from supplier.vigilance.actions import refresh_all
from tests.bank.cast import COOLING, IBAN_A, Bank
from tests.make import Maker
from tests.portal.test_deposit import plain
from tests.vigilance.files import decide

Browse = Callable[[UUID], FlaskClient]
DROP = "Déposez votre RIB"
UP_TO_DATE = "pièce est à jour"


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


@pytest.fixture
def home(make: Maker, bank: Bank, browse: Browse) -> Callable[[], str]:
    """Alice's first page, once what is owed was worked out."""

    def look() -> str:
        refresh_all(now=make.clock.at, today=legal_day(make.clock.at))
        client = browse(bank.alice.id)
        with transaction() as session:
            for row in session.scalars(
                select(WebSession).where(WebSession.user_id == bank.alice.id)
            ):
                row.acting_supplier_id = bank.supplier.id
        return plain(client.get("/portal/"))

    return look


def test_a_rib_that_was_only_read_is_to_confirm_and_nothing_is_up_to_date(
    bank: Bank, home: Callable[[], str]
) -> None:
    assert DROP in home()
    paper = bank.paper()
    decide(paper)
    page = home()
    assert "À confirmer" in page
    assert f'href="/portal/bank/paper/{paper.id}"' in page
    assert UP_TO_DATE not in page
    assert DROP not in page


def test_an_account_on_its_way_is_not_asked_for_again(
    make: Maker, bank: Bank, home: Callable[[], str]
) -> None:
    paper = bank.paper()
    decide(paper)
    make.clock.at += timedelta(minutes=5)
    account = bank.submit(document_id=paper.id)
    page = home()
    assert "Vérification par une première personne" in page
    assert account.iban_masked in page
    assert "À confirmer" not in page
    bank.call(account)
    bank.approve(account, bank.emile)
    assert "par une seconde personne" in home()
    bank.approve(account, bank.elise, IBAN_A)
    page = home()
    assert "après le délai de sécurité" in page
    assert UP_TO_DATE not in page
    assert DROP not in page
    make.clock.at += COOLING
    page = home()
    assert UP_TO_DATE in page
    assert "Vous êtes payé sur le compte" in page
    assert "En route" not in page


def test_a_refused_account_is_asked_for_again(bank: Bank, home: Callable[[], str]) -> None:
    bank.refuse(bank.submit())
    page = home()
    assert DROP in page
    assert "Donner un RIB" in page
