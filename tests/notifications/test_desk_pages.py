"""Pages of campaigns and mails: for whom they are, what they show, how much they ask."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from supplier.accounts.permissions import Role
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import db, reading, transaction
from supplier.notifications import messages, outbox
from supplier.notifications.messages import Person
from supplier.notifications.models import OutboxMessage
from supplier.parties.models import Buyer, Supplier
from supplier.vigilance.models import Campaign
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]


@pytest.fixture
def buyer(make: Maker) -> Buyer:
    return make.buyer()


@pytest.fixture
def alpha(make: Maker, buyer: Buyer) -> Supplier:
    supplier = make.supplier("Alpha Menuiserie")
    make.contract(make.engagement(supplier, buyer))
    make.contact(supplier, email="alice@alpha.example")
    return supplier


def campaign() -> Campaign:
    with reading() as session:
        return session.scalars(select(Campaign)).one()


def queue(supplier: Supplier | None, key: str, state: str = "queued") -> uuid.UUID:
    with transaction() as session:
        message = messages.new_sign_in(
            Person("alice@alpha.example", "Alice Martin"), at=datetime(2026, 11, 23, tzinfo=UTC)
        )
        found = outbox.queue_mail(
            session, message, dedupe_key=key, now=datetime(2026, 11, 23, 9, tzinfo=UTC),
            supplier_id=supplier.id if supplier else None,
        )  # fmt: skip
        assert found is not None
        session.get_one(OutboxMessage, found).state = state
    return found


def test_a_campaign_goes_from_choice_to_rehearsal_to_sending(
    alpha: Supplier, buyer: Buyer, make: Maker, browse: Browse, clock: FixedClock
) -> None:
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    answer = post(
        client, "/desk/campaigns/new", {"buyer": str(buyer.id), "audience": "new", "name": "Août"}
    )
    assert answer.status_code == 303
    shown = client.get(answer.location).get_data(as_text=True)
    assert "alice@alpha.example" in shown
    assert "Kerlan Bâtiment" in shown  # the mail as it would read
    assert "/link/…" in shown
    sent = post(client, f"/desk/campaigns/{campaign().id}/send", page=answer.location)
    assert sent.status_code == 303
    assert campaign().state == "sent"
    again = client.get("/desk/campaigns/")
    assert "Août" in again.get_data(as_text=True)


def test_a_wrong_campaign_form_keeps_what_was_typed(
    alpha: Supplier, make: Maker, browse: Browse
) -> None:
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    answer = post(client, "/desk/campaigns/new", {"buyer": "?", "name": "Rentrée"})
    assert answer.status_code == 422
    assert "Rentrée" in answer.get_data(as_text=True)


def test_a_campaign_that_reaches_nobody_says_so(buyer: Buyer, make: Maker, browse: Browse) -> None:
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    answer = post(client, "/desk/campaigns/new", {"buyer": str(buyer.id), "audience": "all"})
    assert answer.status_code == 422


def test_campaigns_of_other_companies_do_not_exist(
    alpha: Supplier, buyer: Buyer, make: Maker, browse: Browse
) -> None:
    ours = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    post(ours, "/desk/campaigns/new", {"buyer": str(buyer.id), "audience": "all"})
    other = make.buyer("Kerlan Énergies")
    theirs = browse(make.staff("Benoît Achats", Role.PURCHASING, buyer=other).id)
    assert theirs.get(f"/desk/campaigns/{campaign().id}").status_code == 404
    assert post(
        theirs, f"/desk/campaigns/{campaign().id}/send", page="/desk/campaigns/new"
    ).status_code == 404  # fmt: skip
    assert theirs.get(f"/desk/campaigns/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("role", [Role.ACCOUNTING, Role.AUDITOR, Role.BANK_VALIDATOR])
def test_only_purchasing_sends_campaigns(make: Maker, browse: Browse, role: Role) -> None:
    client = browse(make.staff("Irène", role).id)
    assert client.get("/desk/campaigns/").status_code in {403, 404}


@pytest.mark.parametrize(
    ("noted", "words"),
    [
        ("UnavailableError", "aucun serveur de courriel n’est configuré"),
        ("gaierror", "le nom de notre serveur de courriel est inconnu"),
        ("SMTPDataError 451", "notre serveur de courriel n’a pas accepté le courriel (451)"),
        ("KeyError", "l’administrateur trouve la raison dans le journal technique"),
    ],
)
def test_why_a_try_did_not_succeed_is_said_in_words(
    alpha: Supplier, make: Maker, browse: Browse, noted: str, words: str
) -> None:
    late, over = queue(alpha, "a"), queue(alpha, "b", "failed")
    with transaction() as session:
        for row_id in (late, over):
            row = session.get_one(OutboxMessage, row_id)
            row.attempts, row.last_error = 2, noted
    shown = browse(make.staff("Denise Achats", Role.PURCHASING).id).get("/desk/mails/")
    body = shown.get_data(as_text=True)
    assert body.count(words) == 2
    assert noted not in body


def test_mails_show_their_state_and_are_tried_again(
    alpha: Supplier, make: Maker, browse: Browse
) -> None:
    queue(alpha, "a", "bounced")
    queue(alpha, "b", "failed")
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    assert client.get("/desk/mails/?state=failed").get_data(as_text=True).count("<tr>") == 2
    shown = client.get("/desk/mails/").get_data(as_text=True)
    assert "Alpha Menuiserie" in shown
    with reading() as session:
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.state == "failed")).one()
    assert post(client, f"/desk/mails/{row.id}/retry", page="/desk/mails/").status_code == 303
    assert post(client, f"/desk/mails/{row.id}/retry", page="/desk/mails/").status_code == 409
    missing = post(client, f"/desk/mails/{uuid.uuid4()}/retry", page="/desk/mails/")
    assert missing.status_code == 404


def test_an_auditor_reads_mails_and_tries_none_again(
    alpha: Supplier, make: Maker, browse: Browse
) -> None:
    row_id = queue(alpha, "a", "failed")
    client = browse(make.staff("Irène Audit", Role.AUDITOR).id)
    assert client.get("/desk/mails/").status_code == 200
    answer = post(client, f"/desk/mails/{row_id}/retry", page="/desk/mails/")
    assert answer.status_code in {403, 404}


@pytest.mark.parametrize("path", ["/desk/mails/", "/desk/campaigns/", "/desk/campaigns/new"])
def test_a_page_takes_the_same_few_statements_however_much_it_shows(
    alpha: Supplier, make: Maker, browse: Browse, path: str
) -> None:
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    client.get(path)  # the session notes that it was seen
    counts = []
    for number in range(2):
        for copy in range(4):
            queue(alpha, f"{number}{copy}")
        counts.append(statements(client, path))
    assert counts[0] == counts[1] <= 12


def statements(client: FlaskClient, path: str) -> int:
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip()[:6].upper() in {"SELECT", "UPDATE", "INSERT"}:
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(sent)
