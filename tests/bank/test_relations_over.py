"""Accounting is told when every relation that an account is for has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from supplier.accounts.permissions import Role
from supplier.bank import pulls
from supplier.bank.access import Buyers
from supplier.kernel.audit import SYSTEM
from supplier.kernel.database import transaction
from supplier.parties.models import Engagement
from tests.bank.cast import COOLING, Bank
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[UUID], FlaskClient]
ENDED = date(2021, 6, 30)


@pytest.fixture
def bank(make: Maker) -> Bank:
    found = Bank(make)
    found.validated()
    make.clock.at += COOLING + timedelta(hours=1)
    return found


def end(bank: Bank, day: date) -> None:
    with transaction() as session:
        for one in session.query(Engagement).filter_by(buyer_id=bank.buyer.id):
            one.started_on, one.ended_on = date(2020, 1, 1), day


def told(bank: Bank, buyers: Buyers = None) -> date | None:
    found = pulls.pull(buyers=buyers, by=SYSTEM, now=bank.make.clock.at, media="json")
    (one,) = found.accounts
    return one.relationship_ended_on


def test_an_account_says_when_every_relation_has_ended(bank: Bank) -> None:
    assert told(bank) is None
    end(bank, ENDED)
    assert told(bank) == ENDED


def test_a_relation_that_goes_on_elsewhere_is_not_over_but_for_who_sees_the_other(
    bank: Bank,
) -> None:
    end(bank, ENDED)
    bank.make.engagement(bank.supplier, bank.make.buyer("Armor Énergies"))
    assert told(bank) is None
    assert told(bank, frozenset({bank.buyer.id})) == ENDED


def test_the_last_day_of_a_relation_is_still_a_day_of_it(bank: Bank) -> None:
    end(bank, bank.make.clock.at.date())
    assert told(bank) is None


def test_the_page_and_the_file_say_it(bank: Bank, make: Maker, browse: Browse) -> None:
    end(bank, ENDED)
    client = browse(make.staff("Farid Compta", Role.ACCOUNTING).id)
    page = "/desk/accounting/"
    assert "Relation terminée le 30/06/2021" in client.get(page).get_data(as_text=True)
    answer = post(client, f"{page}download", {"scope": "all", "kind": "csv"}, page=page)
    head, row = answer.get_data(as_text=True).splitlines()
    assert "Relation terminée le" in head
    assert "2021" in row
