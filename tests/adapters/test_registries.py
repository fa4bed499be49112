"""The register of companies: the same questions to the real door, none, and a stand-in."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from supplier.adapters.registries import Company, NoRegistry, RechercheEntreprises, Registry
from supplier.kernel.errors import UnavailableError
from tests.desk.test_suppliers import Register

SIREN = "552100554"
OTHER = "732829320"
ROW = {
    "siren": SIREN, "nom_complet": "KERLAN BOIS (KB)", "nom_raison_sociale": "KERLAN BOIS",
    "nature_juridique": "5710", "etat_administratif": "A",
    "siege": {
        "numero_voie": "4", "type_voie": "RUE", "libelle_voie": "DES PINS",
        "code_postal": "29000", "libelle_commune": "QUIMPER", "siret": "55210055400013",
        "caractere_employeur": "O", "adresse": "4 RUE DES PINS 29000 QUIMPER",
    },
}  # fmt: skip
COMPANY = Company(
    siren=SIREN, name="KERLAN BOIS", legal_form_code="5710", street="4 RUE DES PINS",
    postcode="29000", city="QUIMPER", siret="55210055400013", active=True, employer=True,
    proceedings=None,
)  # fmt: skip


def answers(server: HTTPServer, body: Any, *, siren: str = SIREN) -> RechercheEntreprises:
    """The real door, and a server that answers `body` when it is asked as documented."""
    asked = {"q": siren, "page": "1", "per_page": "1", "include_admin": "bodacc"}
    server.expect_request("/search", query_string=asked).respond_with_json(body)
    return RechercheEntreprises(server.url_for("/"))


@pytest.fixture(params=["real", "stand-in"])
def door(request: pytest.FixtureRequest, httpserver: HTTPServer) -> Registry:
    """A register that knows one company, whoever answers."""
    if request.param == "stand-in":
        return Register(COMPANY)
    answers(httpserver, {"results": [ROW]})
    return answers(httpserver, {"results": [ROW]}, siren=OTHER)


def test_a_company_that_is_known_is_found_with_what_the_register_says(door: Registry) -> None:
    assert door.configured
    assert door.find(SIREN) == COMPANY


def test_the_nearest_company_is_not_the_one_that_was_asked_for(door: Registry) -> None:
    assert door.find(OTHER) is None


def test_without_a_register_nothing_is_claimed() -> None:
    assert not NoRegistry().configured
    with pytest.raises(UnavailableError):
        NoRegistry().find(SIREN)


def test_a_company_that_has_ceased_or_is_in_proceedings_is_told(httpserver: HTTPServer) -> None:
    row = {
        **ROW, "etat_administratif": "C", "nom_raison_sociale": None,
        "bodacc": {"procedure_collective": {"statut": "liquidation"}},
        "siege": {"adresse": "BP 12", "caractere_employeur": "N"},
    }  # fmt: skip
    found = answers(httpserver, {"results": [row]}).find(SIREN)
    assert found is not None
    assert (found.active, found.employer) == (False, False)
    assert (found.name, found.street, found.postcode) == ("KERLAN BOIS (KB)", "BP 12", None)
    assert found.proceedings == "liquidation"


def test_what_is_not_said_is_not_known(httpserver: HTTPServer) -> None:
    found = answers(httpserver, {"results": [{"siren": SIREN}]}).find(SIREN)
    assert found is not None
    assert (found.name, found.street, found.employer) == ("", None, None)


@contextmanager
def speaking(raw: bytes) -> Iterator[str]:
    """A server that says these bytes to one caller and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(raw)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(timeout=10)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GARBLED = {
    "no status line": b"\x16\x03\x01 what is this\r\n\r\n",
    "nothing": b"",
    "a chunk that is cut": HEAD + b'Transfer-Encoding: chunked\r\n\r\n40\r\n{"results": [',
    "a body that is cut": HEAD + b'Content-Length: 400\r\n\r\n{"results": [',
    "a status that is no number": b"HTTP/1.1 OK\r\n\r\n",
    "a header without an end": HEAD + b"X: " + b"y" * 70_000,
}


@pytest.mark.parametrize("raw", GARBLED.values(), ids=GARBLED)
def test_an_answer_that_is_no_http_is_no_answer(raw: bytes) -> None:
    with speaking(raw) as url, pytest.raises(UnavailableError):
        RechercheEntreprises(url).find(SIREN)


STRANGE: dict[str, str | bytes] = {
    "no json": "<html>Maintenance</html>",
    "bytes that are no text": b"\xff\xfe\x00{",
    "a list": "[]",
    "a word": '"results"',
    "nothing": "null",
    "no results": "{}",
    "no list of results": '{"results": 7}',
    "results that are words": '{"results": ["x"]}',
    "results that are nothing": '{"results": [null]}',
    "a seat that is a word": json.dumps({"results": [{**ROW, "siege": "x"}]}),
    "notices that are a list": json.dumps({"results": [{**ROW, "bodacc": ["x"]}]}),
    "a proceeding that is a word": json.dumps(
        {"results": [{**ROW, "bodacc": {"procedure_collective": "x"}}]}
    ),
    "a name that is a list": json.dumps({"results": [{**ROW, "nom_raison_sociale": ["x"]}]}),
    "a postcode that is a list": json.dumps(
        {"results": [{**ROW, "siege": {"code_postal": ["x"]}}]}
    ),
    "a form that is an object": json.dumps({"results": [{**ROW, "nature_juridique": {"x": 1}}]}),
    "nested without end": "[" * 200_000,
    "longer than we read": json.dumps({"results": [{**ROW, "more": "x" * 1_000_000}]}),
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
def test_an_answer_of_another_shape_is_no_answer(httpserver: HTTPServer, body: str | bytes) -> None:
    httpserver.expect_request("/search").respond_with_data(body, content_type="application/json")
    with pytest.raises(UnavailableError):
        RechercheEntreprises(httpserver.url_for("/")).find(SIREN)


def _moved(_request: Any) -> Response:
    return Response(status=302, headers={"Location": "/elsewhere"})


@pytest.mark.parametrize(
    "handler",
    [_moved, lambda _: Response(status=429), lambda _: Response(status=500)],
    ids=["a redirect", "too many questions", "an error"],
)
def test_neither_a_redirect_nor_an_error_is_an_answer(
    httpserver: HTTPServer, handler: Callable[[Any], Response]
) -> None:
    httpserver.expect_request("/search").respond_with_handler(handler)
    httpserver.expect_request("/elsewhere").respond_with_json({"results": [ROW]})
    with pytest.raises(UnavailableError):
        RechercheEntreprises(httpserver.url_for("/")).find(SIREN)
    assert [request.path for request, _ in httpserver.log] == ["/search"]


def test_nobody_at_the_door_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(UnavailableError):
        RechercheEntreprises(f"http://127.0.0.1:{port}").find(SIREN)


def test_only_a_web_address_is_asked() -> None:
    with pytest.raises(ValueError, match="http"):
        RechercheEntreprises("file:///etc/passwd")
