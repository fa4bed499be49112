"""The cookie on https, and the tokens of forms: what a browser is told, and what it must send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from supplier.accounts.policy import policy, use_policy
from supplier.factory import create_app
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import db
from tests.accounts.ready import PASSWORD, with_password
from tests.conftest import Browser
from tests.conftest import test_settings as settings_for
from tests.make import Maker
from tests.web.posting import post, token_of

SITE = "https://vigie.kerlan.example"
Browse = Callable[[UUID], FlaskClient]


@pytest.fixture
def secure(app: Flask, database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    """The same database behind https, where cookies may demand it."""
    kept = policy()
    settings = replace(settings_for(database_url, tmp_path / "files"), public_url=SITE)
    application = create_app(settings, clock=clock)
    application.test_client_class = Browser
    application.config["TESTING"] = True
    yield application
    with application.app_context():
        db.engine.dispose()
    use_policy(kept)


def token_in(answer: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.get_data(as_text=True))
    assert found is not None
    return unescape(found.group(1))


def attributes(answer: TestResponse) -> set[str]:
    """The parts of the one cookie that an answer sets, without its value."""
    [header] = answer.headers.getlist("Set-Cookie")
    name, *parts = [part.strip() for part in header.split(";")]
    return {name.split("=")[0], *parts}


def test_the_cookie_is_bound_to_this_host_and_to_https(secure: Flask, make: Maker) -> None:
    alice = with_password(make.supplier_user(make.supplier()))
    client = secure.test_client()
    first = client.get("/sign-in", base_url=SITE)
    expected = {"__Host-session", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    assert attributes(first) == expected
    data = {"email": alice.email, "password": PASSWORD, "csrf_token": token_in(first)}
    inside = client.post(
        "/sign-in", data=data, base_url=SITE, headers={"Referer": f"{SITE}/sign-in"}
    )
    assert inside.status_code == 303
    assert attributes(inside) == expected
    account = client.get("/account", base_url=SITE)
    gone = client.post(
        "/sign-out", data={"csrf_token": token_in(account)}, base_url=SITE,
        headers={"Referer": f"{SITE}/account"},
    )  # fmt: skip
    # The word of goodbye has a session of its own, under a new token and the same terms.
    assert attributes(gone) == expected
    assert client.get("/account", base_url=SITE).status_code == 302


@pytest.mark.parametrize("referer", [None, "https://evil.example/sign-in", f"http{SITE[5:]}/"])
def test_a_form_from_elsewhere_is_refused_on_https(secure: Flask, referer: str | None) -> None:
    client = secure.test_client()
    data = {"email": "a@b.example", "csrf_token": token_in(client.get("/sign-in", base_url=SITE))}
    headers = {"Referer": referer} if referer else {}
    assert client.post("/sign-in", data=data, base_url=SITE, headers=headers).status_code == 400


def test_a_token_of_another_session_opens_no_form(app: Flask, client: FlaskClient) -> None:
    stranger = token_of(app.test_client(), "/sign-in")
    client.get("/sign-in")
    data = {"email": "a@b.example", "password": PASSWORD, "csrf_token": stranger}
    assert client.post("/sign-in", data=data).status_code == 400


def test_a_token_from_before_the_sign_in_serves_no_more(client: FlaskClient, make: Maker) -> None:
    alice = with_password(make.supplier_user(make.supplier()))
    before = token_of(client, "/sign-in")
    data = {"email": alice.email, "password": PASSWORD, "csrf_token": before}
    assert client.post("/sign-in", data=data).status_code == 303
    assert client.post("/sign-out", data={"csrf_token": before}).status_code == 400
    assert post(client, "/sign-out", page="/account").status_code == 303


def test_a_clock_that_goes_back_ends_sessions(
    browse: Browse, make: Maker, clock: FixedClock
) -> None:
    client = browse(make.supplier_user(make.supplier()).id)
    clock.at -= timedelta(seconds=59)
    assert client.get("/account").status_code == 200
    clock.at -= timedelta(seconds=2)
    assert client.get("/account").status_code == 302
