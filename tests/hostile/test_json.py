"""Hostile JSON bodies and page numbers: an answer of the client's kind, and nobody else's rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from supplier.accounts.permissions import Role
from supplier.kernel.clock import FixedClock
from tests.api.test_bank_accounts import IBAN_B, Bank, key_for
from tests.hostile.manifest import ATTACK
from tests.make import Maker

Browse = Callable[[UUID], FlaskClient]
BODIES = sorted(path.name for path in (ATTACK / "json").glob("*.json"))
#: Every address that reads a body of JSON, by who may come.
OPEN = ("/sign-in/passkey/options", "/sign-in/passkey")
SIGNED_IN = (
    "/prove/passkey/options", "/prove/passkey", "/account/passkeys/options", "/account/passkeys",
)  # fmt: skip
QUESTIONS = [
    json.loads(line)["q"]
    for line in (ATTACK / "json/pagination.jsonl").read_text("ascii").splitlines()
]
LISTS = (
    "/desk/suppliers/", "/desk/contracts/", "/desk/contracts/invoices", "/desk/evaluation/",
    "/desk/mails/", "/desk/review/",
)  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_answered_and_lets_nobody_in(
    client: FlaskClient, make: Maker, browse: Browse, name: str
) -> None:
    body = (ATTACK / "json" / name).read_bytes()
    inside = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    for visitor, addresses in ((client, OPEN), (inside, SIGNED_IN)):
        for address in addresses:
            answer = visitor.post(address, data=body, content_type="application/json")
            # Options of a ceremony are for everybody, and say nothing of who asks.
            assert answer.status_code < 500, (address, answer.status_code)
            assert "Traceback" not in answer.get_data(as_text=True)
    assert client.get("/desk/").status_code in {302, 303}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_page_that_is_none_shows_a_page_or_says_so(
    client: FlaskClient, make: Maker, browse: Browse, clock: FixedClock, question: str
) -> None:
    bank = Bank(make)
    account = bank.validated()
    foreign = make.supplier("Zeta Étrangère")
    make.engagement(foreign, make.buyer("Kerlan Énergies"))
    denise = browse(make.staff("Denise", Role.PURCHASING, buyer=bank.buyer).id)
    for address in LISTS:
        answer = denise.get(f"{address}?{question}")
        assert answer.status_code in {200, 400, 404, 422}, (address, question, answer.status_code)
        assert "Zeta Étrangère" not in answer.get_data(as_text=True)
    assert account.active_from is not None
    clock.at = account.active_from
    key = key_for(make, bank.buyer)
    answer = client.get(
        f"/api/v1/bank-accounts?{question}", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code in {200, 400, 422}, (question, answer.status_code)
    assert IBAN_B not in answer.get_data(as_text=True)
