"""A database that refuses: a calm page, an answer for programs, and the session is kept."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from supplier.kernel.database import db
from tests.make import Maker


def refuse(app: Flask) -> Callable[[], None]:
    """Let no connection open any more; what is given lets them open again."""
    engine = db.engine

    def no(dialect: Any, *_rest: object) -> None:
        raise dialect.loaded_dbapi.OperationalError("connection refused")

    db.session.remove()
    engine.dispose()
    event.listen(engine, "do_connect", no)
    return lambda: event.remove(engine, "do_connect", no)


@pytest.fixture
def signed_in(browse: Callable[[uuid.UUID], FlaskClient], make: Maker) -> FlaskClient:
    return browse(make.user("Denise").id)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/portal/", "/desk/", "/nowhere"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_says_to_try_again(
    app: Flask, signed_in: FlaskClient, path: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    refuse(app)
    with caplog.at_level(logging.ERROR):
        answer = getattr(signed_in, method)(path)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Réessayez dans quelques instants" in answer.get_data(as_text=True)
    assert "Content-Security-Policy" in answer.headers
    # The browser keeps its cookie: nobody is signed out by a restart of the database.
    assert "Set-Cookie" not in answer.headers
    assert caplog.records == []


@pytest.mark.parametrize("cookie", [True, False])
def test_a_program_gets_a_problem(
    app: Flask, signed_in: FlaskClient, client: FlaskClient, cookie: bool
) -> None:
    refuse(app)
    asking = signed_in if cookie else client
    answer = asking.get("/api/v1/bank-accounts", headers={"Authorization": "Bearer vigie_x"})
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    assert "again" in answer.get_json()["detail"]


def test_a_session_that_cannot_be_begun_is_no_crash(app: Flask, client: FlaskClient) -> None:
    refuse(app)
    answer = client.get("/sign-in")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


def test_files_of_the_page_need_no_database(
    app: Flask, signed_in: FlaskClient, client: FlaskClient
) -> None:
    refuse(app)
    for asking in (signed_in, client):
        assert asking.get("/static/theme.css").status_code == 200
        assert asking.get("/static/nowhere.css").status_code == 404
        assert asking.get("/health/live").status_code == 200
        assert asking.get("/health/ready").status_code == 503


def test_a_file_that_is_missing_signs_nobody_out(signed_in: FlaskClient) -> None:
    assert "Set-Cookie" not in signed_in.get("/static/nowhere.css").headers


def test_whoever_was_signed_in_still_is_when_it_comes_back(
    app: Flask, signed_in: FlaskClient
) -> None:
    let_in = refuse(app)
    assert signed_in.get("/account").status_code == 503
    let_in()
    assert signed_in.get("/account").status_code == 200
