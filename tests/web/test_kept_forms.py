"""What was typed outlives the proof of identity that is asked in between."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import User, WebSession
from supplier.accounts.permissions import Role
from supplier.kernel.database import reading, transaction
from supplier.vigilance.rules import KEYS, ValueKind
from supplier.web.kept_forms import MAX_BYTES
from tests.accounts.ready import PASSWORD, with_password, with_totp
from tests.make import Maker
from tests.web.posting import post, seen_in, token_of

Browse = Callable[[uuid.UUID], FlaskClient]
NEW = "/desk/users/new"
TYPED = {"name": "Zoé Nouvelle", "email": "zoe@kerlan.example", "language": "de"}
AGAIN = "Votre saisie est de nouveau là"


@pytest.fixture
def hugo(make: Maker) -> User:
    return with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))


def grow_stale(make: Maker) -> None:
    with transaction() as session:
        for row in session.scalars(select(WebSession)):
            row.proved_at = make.clock.at - timedelta(hours=1)


def sent_late(make: Maker, client: FlaskClient, url: str, typed: dict[str, str]) -> str:
    """Type into a form, send it once the proof is stale; gives where the answer sends."""
    token = token_of(client, url)
    grow_stale(make)
    answer = client.post(url, data={"csrf_token": token, **typed}, headers={"Referer": url})
    assert answer.status_code == 302
    return str(answer.location)


def prove(make: Maker, client: FlaskClient, user: User, way: str) -> str:
    code = with_totp(user, make.clock.at).at(make.clock.at)
    client.get(way)
    return str(post(client, "/prove", {"password": PASSWORD, "code": code}).location)


def test_a_form_is_there_again_after_the_proof_and_nothing_was_sent(
    make: Maker, browse: Browse, hugo: User
) -> None:
    client = browse(hugo.id)
    way = sent_late(make, client, NEW, TYPED)
    assert prove(make, client, hugo, way) == NEW
    body = client.get(NEW).get_data(as_text=True)
    assert AGAIN in body
    assert 'value="Zoé Nouvelle"' in body
    assert 'value="zoe@kerlan.example"' in body
    with reading() as session:
        assert session.scalars(select(User).where(User.email == TYPED["email"])).all() == []
    assert post(client, NEW, TYPED).status_code == 303


def test_a_form_that_comes_back_still_compares_with_what_a_colleague_kept_meanwhile(
    make: Maker, browse: Browse, hugo: User
) -> None:
    buyer = make.buyer()
    url = f"/desk/companies/{buyer.id}"
    hers, his = browse(make.staff("Nora Admin", Role.ADMINISTRATOR).id), browse(hugo.id)
    typed = {
        "name": buyer.name, "short_name": buyer.short_name, "siren": buyer.siren, "address": "",
        "year_end_month": "12", "year_end_day": "31", "contact_phone": "", "contact_email": "",
    }  # fmt: skip
    seen = seen_in(his.get(url).get_data(as_text=True))
    way = sent_late(make, his, url, {**typed, "contact_name": "Hugo", "seen": seen})
    prove(make, his, hugo, way)
    with transaction() as session:
        for row in session.scalars(select(WebSession)):
            row.proved_at = make.clock.at
    assert post(hers, url, {**typed, "contact_name": "Nora"}).status_code == 303
    body = his.get(url).get_data(as_text=True)
    assert AGAIN in body
    assert seen_in(body) == seen
    token = token_of(his, url)
    again = {**typed, "contact_name": "Hugo", "csrf_token": token, "seen": seen_in(body)}
    answer = his.post(url, data=again)
    assert answer.status_code == 409
    assert "<td>Nora</td><td>Hugo</td>" in answer.get_data(as_text=True)


def test_what_was_typed_is_shown_once(make: Maker, browse: Browse, hugo: User) -> None:
    client = browse(hugo.id)
    prove(make, client, hugo, sent_late(make, client, NEW, TYPED))
    client.get(NEW)
    assert "Zoé" not in client.get(NEW).get_data(as_text=True)


def test_what_was_typed_is_gone_after_a_quarter_of_an_hour(
    make: Maker, browse: Browse, hugo: User
) -> None:
    client = browse(hugo.id)
    way = sent_late(make, client, NEW, TYPED)
    make.clock.at += timedelta(minutes=16)
    prove(make, client, hugo, way)
    assert "Zoé" not in client.get(NEW).get_data(as_text=True)


def test_another_page_does_not_show_it(make: Maker, browse: Browse, hugo: User) -> None:
    client = browse(hugo.id)
    prove(make, client, hugo, sent_late(make, client, NEW, TYPED))
    assert "Zoé" not in client.get("/desk/companies/new").get_data(as_text=True)
    assert "Zoé" in client.get(NEW).get_data(as_text=True)


def test_what_waits_is_sealed_and_holds_no_secret(make: Maker, browse: Browse, hugo: User) -> None:
    client = browse(hugo.id)
    sent_late(make, client, NEW, TYPED | {"new_password": "s3cret-word", "code": "123456"})
    with reading() as session:
        rows = session.scalars(select(WebSession)).all()
    told = " ".join(str(row.data) for row in rows)
    assert "kept_form" in told
    assert not any(word in told for word in ("Zoé", "zoe@", "s3cret-word", "123456"))


def test_somebody_elses_entry_is_not_shown(make: Maker, browse: Browse, hugo: User) -> None:
    other = make.staff("Irène Admin", Role.ADMINISTRATOR)
    client = browse(hugo.id)
    sent_late(make, client, NEW, TYPED)
    with transaction() as session:
        row = session.scalars(select(WebSession).where(WebSession.user_id == hugo.id)).one()
        row.user_id, row.proved_at = other.id, make.clock.at
    answer = client.get(NEW)
    assert answer.status_code in {200, 302}
    assert "Zoé" not in answer.get_data(as_text=True)


def test_a_text_beyond_all_measure_is_not_kept(make: Maker, browse: Browse, hugo: User) -> None:
    client = browse(hugo.id)
    sent_late(make, client, NEW, TYPED | {"name": "x" * MAX_BYTES})
    with reading() as session:
        assert all("kept_form" not in row.data for row in session.scalars(select(WebSession)))


def test_typed_bank_details_are_there_again(make: Maker, browse: Browse) -> None:
    supplier = make.supplier()
    make.engagement(supplier, make.buyer())
    alice = with_password(make.supplier_user(supplier))
    client, url = browse(alice.id), "/portal/bank/type"
    typed = {"holder": "Menuiserie Alpha", "iban": "FR76 3000 6000 0112 3456 7890 189",
             "confirmed": "y"}  # fmt: skip
    client.get(sent_late(make, client, url, typed))
    assert post(client, "/prove", {"password": PASSWORD}).location == url
    body = client.get(url).get_data(as_text=True)
    assert "FR76 3000 6000 0112 3456 7890 189" in body
    assert 'value="Menuiserie Alpha"' in body


def test_a_tried_rule_is_there_again(make: Maker, browse: Browse, hugo: User) -> None:
    client = browse(hugo.id)
    url = f"/desk/rules/{next(key for key, rule in KEYS.items() if rule.kind is ValueKind.DAYS)}"
    prove(make, client, hugo, sent_late(make, client, url, {"value": "77", "buyer": ""}))
    assert 'value="77"' in client.get(url).get_data(as_text=True)
