"""Whatever stands in the address of a page, it answers; nothing typed there leads elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supplier.web import lists
from tests.architecture.matrix import LETTERS, MATRIX
from tests.architecture.strangers import World, address, make_world
from tests.architecture.test_access import routes
from tests.desk.test_statements import MOST, statements
from tests.make import Maker
from tests.web.posting import seen_in

Browse = Callable[[uuid.UUID], FlaskClient]
#: Every filter that some page knows.
FILTERS = (
    "q", "page", "sort", "kind", "state", "buyer", "supplier", "since", "until", "on", "actor",
    "relation", "period", "grade", "only", "standing", "requirement", "sector", "country", "what",
    "contract", "rule", "right", "view", "seen", "role",
)  # fmt: skip
HOSTILE = (
    "0001-01-01", "9999-12-31", "2026-02-30", "1" * 5000, "-1", "1e9", "٣", "\0", "%", "x" * 3000,
    "'\"><script>alert(1)</script>",
)  # fmt: skip
#: Words that mean something to the framework, or to the path.
WORDS = ("endpoint", "_method", "_scheme", "_external", "_anchor", "supplier_id", "batch_id")


@pytest.fixture
def world(make: Maker) -> World:
    return make_world(make)


@pytest.mark.parametrize(("letter", "rooms"), [
    ("P", "PO"), ("D", "D"), ("V", "V"), ("A", "A"), ("X", "X"), ("S", "SY"),
])  # fmt: skip
def test_no_question_breaks_a_page(
    letter: str, rooms: str, app: Flask, world: World, browse: Browse
) -> None:
    visitor, broken = browse(world.people[letter].id), []
    for rule, method in routes(app):
        who = MATRIX[rule.endpoint]
        asked = method == "GET" and set(who) & set(rooms)
        if not asked or (letter not in "PS" and "P" in who):
            continue
        path = address(rule, world.own(rule))
        for value in HOSTILE:
            answer = visitor.get(path, query_string=dict.fromkeys(FILTERS, value))
            broken += [(rule.endpoint, value[:20])] if answer.status_code >= 500 else []
            assert b"<script>alert" not in answer.data, rule.endpoint
        answer = visitor.get(path, query_string=dict.fromkeys(WORDS, "javascript"))
        broken += [(rule.endpoint, "words")] if answer.status_code >= 500 else []
        assert b"javascript:" not in answer.data, rule.endpoint
    assert broken == []


@pytest.mark.parametrize("letter", [*LETTERS, "S"])
def test_every_page_of_everybody_asks_the_database_at_most_twelve_times(
    letter: str, app: Flask, world: World, browse: Browse
) -> None:
    visitor, asked = browse(world.people[letter].id), {}
    visitor.get("/account")  # the session is marked as seen once a minute
    for rule, method in routes(app):
        if method != "GET" or not set(MATRIX[rule.endpoint]) & {letter, "Y", "O"}:
            continue
        with statements() as sent:
            answer = visitor.get(address(rule, world.own(rule)))
        # Downloads read as much as they give.
        if answer.status_code == 200 and answer.mimetype == "text/html":
            asked[rule.endpoint] = len(sent)
    assert len(asked) > 5
    assert {name: number for name, number in asked.items() if number > MOST} == {}


@pytest.mark.parametrize("path", [
    "/portal/papers/receipts/0001-01-01", "/portal/papers/receipts/9999-12-31.pdf",
    "/portal/papers/{document_id}/pages/99999999999999999999999.png",
])  # fmt: skip
def test_no_path_breaks_the_portal(path: str, world: World, browse: Browse) -> None:
    alice = browse(world.people["S"].id)
    assert alice.get(path.format(**world.ids["own"])).status_code == 404


@pytest.mark.parametrize(("letter", "path"), [
    ("V", "/desk/bank/{account_id}/pages/99999999999999999999999.png"),
    ("P", "/desk/review/{document_id}/pages/99999999999999999999999.png"),
    ("P", "/desk/suppliers/export.exe"),
    ("P", "/desk/imports/{batch}/report.exe"),
])  # fmt: skip
def test_no_path_breaks_the_desk(letter: str, path: str, world: World, browse: Browse) -> None:
    ids = world.ids["own"]
    url = path.format(**{name: value for name, value in ids.items() if "." not in name},
                      batch=ids["desk_imports.batch_id"])  # fmt: skip
    assert browse(world.people[letter].id).get(url).status_code == 404


def test_a_link_of_a_list_keeps_its_filters_and_never_leaves_the_site(app: Flask) -> None:
    question = "?q=alpha&_scheme=javascript&_external=1&_method=POST&endpoint=x&supplier_id=9"
    with app.test_request_context(f"/desk/suppliers/{question}"):
        assert lists.link(sort="name") == "/desk/suppliers/?q=alpha&supplier_id=9&sort=name"
    own = uuid.uuid4()
    with app.test_request_context(f"/desk/suppliers/{own}/history{question}"):
        assert lists.link(page=2) == f"/desk/suppliers/{own}/history?q=alpha&page=2"


@pytest.mark.parametrize(("text", "number"), [
    ("2", 2), ("0", 1), ("-3", 1), ("", 1), ("٣", 1), ("9999999", 1_000_000), ("1" * 5000, 1),
])  # fmt: skip
def test_a_page_number_that_cannot_be_read_is_the_first(app: Flask, text: str, number: int) -> None:
    with app.test_request_context("/", query_string={"page": text}):
        assert lists.page_number() == number


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "2026-02-30", "", "tomorrow"])
def test_a_day_that_no_calendar_holds_is_none(app: Flask, text: str) -> None:
    with app.test_request_context("/", query_string={"on": text}):
        assert lists.day("on") is None


def test_a_nul_is_refused_before_anything_is_asked(world: World, browse: Browse) -> None:
    denise = browse(world.people["P"].id)
    assert denise.get("/desk/search/?q=al%00pha").status_code == 400
    assert denise.get("/desk/suppliers/?country=%00").status_code == 400


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize(("path", "fields"), [
    ("/desk/contracts/{contract_id}/terminate", ("terminated_on",)),
    ("/desk/contracts/invoices/{invoice_id}/paid", ("paid_on",)),
    ("/desk/contracts/relations/{engagement_id}/end", ("ended_on",)),
    ("/desk/suppliers/relations/{engagement_id}/waivers/new", ("from_on", "until_on")),
    ("/desk/campaigns/new", ("since",)),
])  # fmt: skip
def test_a_day_that_cannot_be_reckoned_with_is_refused_at_its_field(
    day: str, path: str, fields: tuple[str, ...], app: Flask, world: World, browse: Browse
) -> None:
    """Once written down, "31/12/9999" would break every reckoning of its supplier's duties."""
    app.config["WTF_CSRF_ENABLED"] = False
    ids = {name: value for name, value in world.ids["own"].items() if "." not in name}
    usual = {"reason": "Because.", "requirement": "kbis", "audience": "all",
             "buyer": str(ids["buyer_id"])}  # fmt: skip
    sent = {**usual, **dict.fromkeys(fields, day)}
    answer = browse(world.people["P"].id).post(path.format(**ids), data=sent)
    assert answer.status_code == 422
    assert "jour, mois et année" in answer.get_data(as_text=True)


def test_a_corrected_day_can_be_reckoned_with(app: Flask, world: World, browse: Browse) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    url = f"/desk/review/{world.ids['own']['document_id']}/values"
    denise = browse(world.people["P"].id)
    page = denise.get(url.removesuffix("/values")).get_data(as_text=True)
    seen = {"seen": seen_in(page)}
    assert denise.post(url, data={**seen, "value-issued_on": "9999-12-31"}).status_code == 422
    assert denise.post(url, data={**seen, "value-issued_on": "2026-11-03"}).status_code == 303


@pytest.mark.parametrize("body", [
    b"[" * 100_000, b"NaN", b"\xff\xfe{}", b'{"credential": {"id": "\\ud800", "response": []}}',
])  # fmt: skip
@pytest.mark.parametrize("path", ["/sign-in/passkey", "/enrol/passkey"])
def test_no_body_breaks_a_door(app: Flask, client: FlaskClient, path: str, body: bytes) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client.get("/sign-in?next=/desk/")
    assert client.post(path, data=body, content_type="application/json").status_code < 500
