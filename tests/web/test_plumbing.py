"""What every answer carries, whom the application takes a request to be from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from supplier.accounts.permissions import Role
from supplier.factory import create_app
from supplier.settings import Settings
from tests.make import Maker
from tests.web.posting import token_of

Browse = Callable[[UUID], FlaskClient]


@pytest.fixture
def settings(app: Flask) -> Settings:
    return app.extensions["vigie_settings"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/health/ready", "/static/theme.css"])
def test_every_answer_carries_its_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert {policy[one] for one in ("script-src", "style-src", "img-src", "connect-src")} == {
        "'self'"
    }
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    # Not `no-referrer`: on https a form is taken only with the address that it was sent from.
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers  # plain http on one's own machine
    assert ("no-store" in headers["Cache-Control"]) == (not path.startswith("/static"))


def test_on_https_the_browser_is_told_to_stay_there(settings: Settings) -> None:
    app = create_app(replace(settings, public_url="https://vigie.example.org"))
    answer = app.test_client().get("/sign-in", base_url="https://vigie.example.org")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    ("proxies", "believed"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")]
)
def test_the_clients_address_comes_from_as_many_proxies_as_are_trusted(
    settings: Settings, proxies: int, believed: str
) -> None:
    app = create_app(replace(settings, trusted_proxies=proxies))
    seen: list[tuple[str | None, str]] = []
    app.before_request_funcs[None].insert(
        0, lambda: seen.append((request.remote_addr, request.host)) or None
    )
    app.test_client().get(
        "/sign-in",
        headers={
            "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
            "X-Forwarded-Host": "evil.example",
        },
    )
    assert seen == [(believed, "localhost")]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example"]
)
def test_what_another_site_sends_is_not_taken_whatever_its_token(
    browse: Browse, make: Maker, origin: str
) -> None:
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    data = {"csrf_token": token_of(client, "/desk/")}
    assert client.post("/sign-out", data=data, headers={"Origin": origin}).status_code == 400
    assert client.get("/desk/", headers={"Origin": origin}).status_code == 200
    answer = client.post("/sign-out", data=data, headers={"Origin": "http://localhost"})
    assert answer.status_code in {302, 303}


def test_the_public_address_is_ours_behind_a_proxy_that_names_another(settings: Settings) -> None:
    behind = create_app(replace(settings, public_url="https://vigie.example.org:8443"))
    client = behind.test_client()
    for origin, taken in (("https://vigie.example.org:8443", True), ("https://a.example", False)):
        answer = client.post(
            "/sign-in", headers={"Origin": origin}, base_url="https://vigie.example.org"
        )
        # Without its token a form is refused all the same; the sentence tells which it was.
        assert answer.status_code == 400
        assert ("trop longtemps" in answer.get_data(as_text=True)) == taken
