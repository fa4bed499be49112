"""Coming in by the front door, as a browser does it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts import actions
from supplier.accounts.models import User, WebSession
from supplier.accounts.permissions import Role
from supplier.kernel.audit import SYSTEM
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading
from tests.accounts.ready import PASSWORD, events, mails, with_password, with_totp
from tests.make import Maker
from tests.web.posting import post, token_of

Browse = Callable[[UUID], FlaskClient]


def sessions_of(user: User) -> list[WebSession]:
    with reading() as session:
        return list(session.scalars(select(WebSession).where(WebSession.user_id == user.id)))


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return post(client, "/sign-in", {"email": email, "password": password})


def test_staff_come_in_by_password_and_code(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    generator = with_totp(hugo, clock.at)
    first = sign_in(client, hugo.email)
    assert (first.status_code, first.location) == (303, "/sign-in/code")
    assert sessions_of(hugo) == []
    before = client.get_cookie("session")
    second = post(client, "/sign-in/code", {"code": generator.at(clock.at)})
    assert (second.status_code, second.location) == (303, "/")
    after = client.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert [row.proved_at for row in sessions_of(hugo)] == [clock.at]
    assert events(hugo.id) == ["signed_in"]


def test_the_address_may_be_typed_in_capitals(client: FlaskClient, make: Maker) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    assert sign_in(client, hugo.email.upper()).location == "/sign-in/code"


def test_every_refusal_says_the_same(client: FlaskClient, make: Maker) -> None:
    known = with_password(make.user("Denise Achats", email="known@kerlan.example"))
    make.user("Sans Passe", email="empty@kerlan.example")
    locked = with_password(make.user("Fermé", email="close@kerlan.example"))
    actions.lock(locked.id, reason="départ", by=SYSTEM, now=make.clock.at)
    bodies = set()
    for email, password in (
        (known.email, "wrong wrong wrong"),
        ("nobod@kerlan.example", PASSWORD),
        ("empty@kerlan.example", PASSWORD),
        (locked.email, PASSWORD),
    ):
        answer = sign_in(client, email, password)
        assert answer.status_code == 422
        body = answer.get_data(as_text=True)
        # Tokens are signed with the second in which they were made.
        body = re.sub(r'name="csrf_token"[^>]*value="[^"]+"|data-csrf="[^"]+"', "", body)
        bodies.add(body.replace(email, "…"))
    assert len(bodies) == 1


def test_what_was_typed_stays_but_never_the_password(client: FlaskClient) -> None:
    body = sign_in(client, "someone@kerlan.example", "a secret to keep").get_data(as_text=True)
    assert "someone@kerlan.example" in body
    assert "a secret to keep" not in body


def test_the_sixth_try_waits_whatever_the_password(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    for email in (hugo.email, "nobody@kerlan.example"):
        for _ in range(5):
            assert sign_in(client, email, "wrong wrong wrong").status_code == 422
        answer = sign_in(client, email)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60 + 1
    clock.at += timedelta(minutes=16)
    assert sign_in(client, hugo.email).location == "/sign-in/code"


def test_a_right_password_takes_the_wrong_ones_off(client: FlaskClient, make: Maker) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    for _ in range(3):
        for _ in range(3):
            sign_in(client, hugo.email, "wrong wrong wrong")
        assert sign_in(client, hugo.email).location == "/sign-in/code"


def test_the_step_between_password_and_code_is_not_signed_in(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    generator = with_totp(hugo, clock.at)
    sign_in(client, hugo.email)
    assert client.get("/account").location.startswith("/sign-in")
    clock.at += timedelta(minutes=6)
    late = client.get("/sign-in/code")
    assert late.location == "/sign-in"
    sign_in(client, hugo.email)
    assert post(client, "/sign-in/code", {"code": generator.at(clock.at)}).location == "/"


def test_guessing_the_code_is_hopeless(client: FlaskClient, make: Maker, clock: FixedClock) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    generator = with_totp(hugo, clock.at)
    sign_in(client, hugo.email)
    for _ in range(5):
        assert post(client, "/sign-in/code", {"code": "000000"}).status_code == 422
    answer = post(client, "/sign-in/code", {"code": generator.at(clock.at)})
    assert answer.status_code == 429


def test_staff_without_second_factor_stay_outside(client: FlaskClient, make: Maker) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    sign_in(client, hugo.email)
    body = client.get("/sign-in/code").get_data(as_text=True)
    assert 'name="code"' not in body
    assert client.get("/enrol").location == "/sign-in"


def test_a_supplier_with_a_password_is_in_by_it_alone(client: FlaskClient, make: Maker) -> None:
    alice = with_password(make.supplier_user(make.supplier()))
    assert sign_in(client, alice.email).location == "/"
    assert client.get("/account").status_code == 200


def test_a_copied_cookie_is_dead_after_sign_out(
    app: Flask, client: FlaskClient, make: Maker
) -> None:
    alice = with_password(make.supplier_user(make.supplier()))
    sign_in(client, alice.email)
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/account").status_code == 200
    assert post(client, "/sign-out", page="/account").status_code == 303
    assert thief.get("/account").status_code == 302
    assert events(alice.id)[-1] == "signed_out"


def test_a_planted_cookie_gains_nothing(app: Flask, make: Maker) -> None:
    attacker, victim = app.test_client(), app.test_client()
    attacker.get("/sign-in")
    planted = attacker.get_cookie("session")
    assert planted is not None
    victim.set_cookie("session", planted.value)
    alice = with_password(make.supplier_user(make.supplier()))
    assert sign_in(victim, alice.email).status_code == 303
    assert attacker.get("/account").status_code == 302


def test_a_new_browser_is_told_by_mail_and_a_known_one_is_not(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    alice = with_password(make.supplier_user(make.supplier()))
    for agent, told in (("Firefox", 0), ("Firefox", 0), ("Other", 1), ("Other", 1)):
        client = app.test_client()
        client.environ_base["HTTP_USER_AGENT"] = agent
        sign_in(client, alice.email)
        assert [mail["kind"] for mail in mails()].count("new_sign_in") == told


PROBES = [
    json.loads(line)["next"]
    for line in (Path(__file__).parents[1] / "data" / "redirects.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize("target", PROBES)
def test_nobody_is_sent_to_another_site(app: Flask, make: Maker, target: str) -> None:
    alice = with_password(make.supplier_user(make.supplier()))
    client = app.test_client()
    data = {"email": alice.email, "password": PASSWORD}
    client.get("/sign-in", query_string={"next": target})
    token = token_of(client, "/sign-in/code")
    answers = [client.post("/sign-in", data={**data, "csrf_token": token})]
    answers.append(client.get("/sign-in", query_string={"next": target}))
    client.get("/prove", query_string={"next": target})
    answers.append(post(client, "/prove", data))
    for answer in answers:
        assert answer.status_code in {302, 303}
        assert re.match(r"^/(?![/\\])", answer.location), target


def test_the_page_that_sent_me_is_where_i_go(client: FlaskClient, make: Maker) -> None:
    alice = with_password(make.supplier_user(make.supplier()))
    assert client.get("/account").location == "/sign-in?next=/account"
    answer = post(
        client, "/sign-in", {"email": alice.email, "password": PASSWORD},
        page="/sign-in?next=/account",
    )  # fmt: skip
    assert (answer.status_code, answer.location) == (303, "/account")


def test_posts_without_token_are_refused(client: FlaskClient, make: Maker) -> None:
    for url in ("/sign-in", "/link", "/forgot-password", "/sign-out", "/language", "/link/abc"):
        assert client.post(url, data={"email": "a@b.fr"}).status_code == 400, url


def test_the_language_follows_the_choice_and_is_kept(
    browse: Browse, client: FlaskClient, make: Maker
) -> None:
    assert post(client, "/language", {"language": "de"}, page="/sign-in").status_code == 303
    assert '<html lang="de"' in client.get("/sign-in").get_data(as_text=True)
    alice = make.supplier_user(make.supplier())
    post(browse(alice.id), "/language", {"language": "de"}, page="/account")
    with reading() as session:
        found = session.get(User, alice.id)
        assert found is not None
        assert found.language == "de"


def test_the_root_sends_people_on_or_says_what_to_do(
    client: FlaskClient, browse: Browse, make: Maker
) -> None:
    assert client.get("/").status_code == 200
    nobody = make.user("Sans Rôle")
    assert browse(nobody.id).get("/").status_code == 200
