"""Hostile invoices inside a PDF: nothing is fetched, no file of ours is shown, each is answered."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from pytest_httpserver import HTTPServer

from supplier.adapters.intake import RefusedFileError, sniff
from supplier.adapters.sandbox import Sandbox
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.isolated import read_isolated, reading_sandbox
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import ReadRequest, Verdict, as_json
from tests.documents.reading.pdfs import drawn

ATTACK = Path(__file__).parents[2] / "attack"
XML = sorted((ATTACK / "xml").glob("*.xml"))
ARCHIVES = sorted((ATTACK / "zip").iterdir())
CANARY = "canary-7f3a-of-this-machine"
REQUEST = ReadRequest(date(2026, 11, 23), "732829320", "SARL DUPONT TRAVAUX", DocumentKind.INVOICE)
INVOICE = ("FACTURE N° 2026-118", "SARL DUPONT TRAVAUX", "SIREN : 732 829 320",
           "Date : 18/11/2026", "Total TTC : 1 200,00 EUR")  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with reading_sandbox(workers=1) as box:
        yield box


def carrying(xml: bytes) -> bytes:
    """An invoice with this as its attached data."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(drawn(lines=INVOICE))) as pdf:
        pdf.attachments["factur-x.xml"] = xml
        pdf.save(out)
    return out.getvalue()


def aimed(path: Path, *, url: str, file: Path) -> bytes:
    """The attack, aimed at a server that listens and at a file that exists."""
    code = "utf-16" if "utf16" in path.name else "utf-8"
    text = path.read_bytes().decode(code)
    text = text.replace("http://127.0.0.1:9/", url).replace("file:///etc/hostname", file.as_uri())
    return text.encode(code)


@pytest.mark.parametrize("path", [*XML, *ARCHIVES], ids=lambda path: path.name)
def test_neither_bare_invoices_nor_archives_are_taken(path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        sniff(path.read_bytes(), path.name)
    assert refused.value.message


@pytest.mark.parametrize("path", XML, ids=lambda path: path.name)
def test_an_attached_attack_fetches_nothing_and_shows_nothing(
    path: Path, httpserver: HTTPServer, tmp_path: Path
) -> None:
    """In this very process: the reader itself must not reach out, whatever its child forbids."""
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY, encoding="utf-8")
    xml = aimed(path, url=httpserver.url_for("/"), file=secret)
    found = read(carrying(xml), "application/pdf", request=REQUEST)
    assert httpserver.log == []
    assert CANARY not in json.dumps(as_json(found))
    assert found.kind is DocumentKind.INVOICE


@pytest.mark.parametrize("path", XML, ids=lambda path: path.name)
def test_an_attached_attack_is_answered_from_the_child(path: Path, sandbox: Sandbox) -> None:
    data = carrying(path.read_bytes())
    found = read_isolated(data, "application/pdf", request=REQUEST, sandbox=sandbox)
    assert found.kind is DocumentKind.INVOICE
    assert found.verdict in set(Verdict)
    assert found.pages == 1
