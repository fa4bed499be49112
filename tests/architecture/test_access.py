"""Every route × every kind of visitor, every id of strangers, every form without its token."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from supplier.accounts.permissions import Role
from supplier.web.guard import rule_of
from tests.architecture.matrix import AUDITOR_SENDS, FILES, LETTERS, MATRIX
from tests.architecture.strangers import World, address, changed_rows, make_world
from tests.make import Maker

Browse = Callable[[uuid.UUID], FlaskClient]
OPENED = "let in"
#: A batch speaks of the whole group: who acts for a part gets 403 whatever the id.
WHOLE_GROUP = {"desk_retention.confirm", "desk_retention.approve", "desk_retention.reject"}


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule with each method that it takes."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in FILES:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method


@pytest.fixture
def world(make: Maker) -> World:
    return make_world(make)


@pytest.fixture
def doors(app: Flask) -> Flask:
    """The application with its guard and without its rooms: who is let in, and nothing else.

    The tokens of forms have a test of their own below.
    """
    app.config["WTF_CSRF_ENABLED"] = False
    for endpoint in list(app.view_functions):
        if endpoint in FILES:
            continue

        def room(**_values: object) -> str:
            return OPENED

        room.access = rule_of(app, endpoint)  # type: ignore[attr-defined]
        app.view_functions[endpoint] = room
    return app


def let_in(client: FlaskClient, app: Flask) -> set[str]:
    """The routes that open for this browser. Closed ones answer 404, or send to the door."""
    opened = set()
    for rule, method in routes(app):
        answer = client.open(address(rule), method=method)
        if answer.get_data(as_text=True) == OPENED:
            opened.add(rule.endpoint)
        else:
            assert answer.status_code in {302, 401, 404}, (rule.endpoint, answer.status_code)
    return opened


def expected(letters: str) -> set[str]:
    return {endpoint for endpoint, who in MATRIX.items() if set(who) & set(letters)}


def test_every_route_has_its_row_and_every_row_its_route(app: Flask) -> None:
    assert {rule.endpoint for rule, _ in routes(app)} == set(MATRIX)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_role_opens_exactly_its_rows(
    letter: str, doors: Flask, make: Maker, browse: Browse
) -> None:
    visitor = browse(make.staff("Somebody", LETTERS[letter]).id)
    # `portal.…` rooms turn staff away themselves where any signed-in person is let in.
    assert let_in(visitor, doors) == expected(letter + "YO")


def test_a_person_of_a_supplier_opens_the_portal_and_nothing_else(
    doors: Flask, make: Maker, browse: Browse
) -> None:
    assert let_in(browse(make.supplier_user(make.supplier()).id), doors) == expected("SYO")


def test_a_person_without_any_right_opens_their_account_only(
    doors: Flask, make: Maker, browse: Browse
) -> None:
    for kind in ("staff", "supplier"):
        assert let_in(browse(make.user("Nobody", kind=kind).id), doors) == expected("YO")


def test_whoever_did_not_sign_in_is_sent_to_the_door(doors: Flask, client: FlaskClient) -> None:
    assert let_in(client, doors) == expected("O")


def test_a_validator_who_was_not_approved_is_nobody_yet(
    doors: Flask, make: Maker, browse: Browse
) -> None:
    from supplier.accounts import actions
    from supplier.kernel.audit import SYSTEM

    user = make.user("Émile Contrôle")
    actions.grant_role(
        user.id, role=Role.BANK_VALIDATOR, buyer_id=None, by=SYSTEM, now=make.clock.at
    )
    assert let_in(browse(user.id), doors) == expected("YO")


def test_an_auditor_sends_nothing_that_changes_what_is_audited(app: Flask) -> None:
    sends = {
        rule.endpoint
        for rule, method in routes(app)
        if method != "GET" and "U" in MATRIX[rule.endpoint]
    }
    assert sends == AUDITOR_SENDS


def test_an_administrator_reaches_no_bank_data() -> None:
    rooms = {endpoint.split(".")[0] for endpoint, who in MATRIX.items() if "X" in who}
    assert not rooms & {
        "desk_bank",
        "desk_accounting",
        "desk_api_approvals",
        "desk_review",
        "desk_contracts",
    }


def test_what_changes_bank_data_or_access_asks_for_a_fresh_proof(app: Flask) -> None:
    """Blocking never waits; a call that is noted pays nobody, nor does a kept view."""
    at_once = {
        "desk_bank.block", "desk_bank.call_back", "portal_bank.block",
        "desk_bank.save_bank_view", "desk_bank.forget_bank_view",
    }  # fmt: skip
    sensitive = [
        rule
        for rule, method in routes(app)
        if method == "POST"
        and rule.endpoint.split(".")[0]
        in {"desk_bank", "portal_bank", "desk_users", "desk_api_clients", "desk_api_approvals"}
        and rule.endpoint not in at_once
    ]
    stale = [rule.endpoint for rule in sensitive if not _is_fresh(app, rule.endpoint)]
    assert stale == []


def _is_fresh(app: Flask, endpoint: str) -> bool:
    rule = rule_of(app, endpoint)
    return rule is not None and rule.fresh


@pytest.mark.parametrize("letter", [*(one for one in LETTERS if one != "X"), "S"])
def test_ids_of_strangers_do_not_exist(
    letter: str, app: Flask, world: World, browse: Browse
) -> None:
    """Every page with an id, sent by whoever may open the page, for somebody else's thing.

    An administrator acts for the whole group and knows no strangers.
    """
    app.config["WTF_CSRF_ENABLED"] = False
    visitor, before, told = browse(world.people[letter].id), changed_rows(), []
    for rule, method in routes(app):
        who = MATRIX[rule.endpoint]
        if not rule.arguments or not set(who) & {letter, "Y"}:
            continue
        for values in world.strange(rule):
            answer = visitor.open(address(rule, values), method=method)
            if answer.status_code != 404 and rule.endpoint not in WHOLE_GROUP:
                told.append((method, rule.endpoint, answer.status_code))
    assert told == [], "\n".join(map(str, told))
    assert changed_rows() == before


@pytest.mark.parametrize("letter", [*LETTERS, "S", ""])
def test_unknown_ids_and_strange_methods_are_answered_calmly(
    letter: str, app: Flask, world: World, browse: Browse, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    visitor = browse(world.people[letter].id) if letter else client
    wrong = []
    for rule, method in routes(app):
        if rule.arguments:
            status = visitor.open(address(rule), method=method).status_code
            if status >= 500:
                wrong.append((method, rule.endpoint, status))
        if "DELETE" not in (rule.methods or set()):
            status = visitor.open(address(rule), method="DELETE").status_code
            if status not in {404, 405}:
                wrong.append(("DELETE", rule.endpoint, status))
    assert wrong == []


def test_no_form_is_taken_without_its_token(app: Flask, world: World, browse: Browse) -> None:
    taken, before = [], changed_rows()
    for letter, user in world.people.items():
        visitor = browse(user.id)
        for rule, method in routes(app):
            if method == "GET" or not set(MATRIX[rule.endpoint]) & {letter, "Y", "O"}:
                continue
            values = world.own(rule)
            status = visitor.open(address(rule, values), method=method).status_code
            if status != 400:
                taken.append((letter, rule.endpoint, status))
    assert taken == []
    assert changed_rows() == before


@pytest.mark.parametrize("letter", [*LETTERS, "S"])
def test_every_page_of_ones_own_opens_and_reading_changes_nothing(
    letter: str, app: Flask, world: World, browse: Browse
) -> None:
    """GET asks and never changes: mail scanners and browsers open addresses by themselves."""
    visitor, before = browse(world.people[letter].id), changed_rows()
    wrong: list[tuple[str, object]] = []
    for rule, method in routes(app):
        if method != "GET" or not set(MATRIX[rule.endpoint]) & {letter, "Y"}:
            continue
        answer = visitor.get(address(rule, world.own(rule)))
        if answer.status_code >= 500:
            wrong.append((rule.endpoint, answer.status_code))
        headers = answer.headers
        if "frame-ancestors" not in headers.get("Content-Security-Policy", "") and (
            "sandbox" not in headers.get("Content-Security-Policy", "")
        ):
            wrong.append((rule.endpoint, "no policy"))
        if headers.get("Cache-Control") != "no-store" or "nosniff" not in headers.get(
            "X-Content-Type-Options", ""
        ):
            wrong.append((rule.endpoint, "headers"))
    assert wrong == []
    assert changed_rows(without=("event", "audit_head")) == {
        name: rows for name, rows in before.items() if name not in {"event", "audit_head"}
    }


@pytest.mark.parametrize("letter", [*(one for one in LETTERS if one != "X"), "S"])
def test_no_page_list_search_or_export_tells_of_strangers(
    letter: str, app: Flask, world: World, browse: Browse
) -> None:
    """Everything of the other company is called strange; no answer may hold the word.

    Alice works for both companies; the stranger to her is Charlie.
    """
    visitor, told = browse(world.people[letter].id), []
    word = "charlie" if letter == "S" else "strange"
    for rule, method in routes(app):
        if method != "GET" or not set(MATRIX[rule.endpoint]) & {letter, "Y"}:
            continue
        for question in ("", "?q=stran", "?format=csv", "?view=all", "?state=failed"):
            answer = visitor.get(address(rule, world.own(rule)) + question)
            text = answer.data.decode(errors="replace").lower()
            if word in text:
                place = text.index(word)
                told.append((rule.endpoint, question, text[max(0, place - 80) : place + 40]))
    assert told == [], "\n".join(map(str, told))
