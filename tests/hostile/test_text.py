"""The hostile values of attack/text, each where its kind of value is taken."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.hashing import hash_password, is_password
from supplier.accounts.permissions import Role
from supplier.kernel.database import reading
from supplier.kernel.identifiers import Iban
from supplier.parties.imports import guess_mapping, judge_rows
from supplier.parties.models import Contact
from supplier.parties.sheets import read_sheet
from tests.make import Maker
from tests.web.posting import post

TEXT = Path(__file__).parents[1] / "attack" / "text"
Browse = Callable[..., FlaskClient]


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TEXT / name).read_text("ascii").splitlines()]


@pytest.mark.parametrize("row", rows("ibans.jsonl"), ids=lambda row: f"{row['i']}-{row['why']}")
def test_an_iban_is_taken_or_refused_as_it_deserves(row: dict[str, Any]) -> None:
    expected, taken = row["expect"], Iban.try_parse(row["iban"])
    if expected.startswith("accept") and "reject" not in expected:
        assert taken is not None
    elif expected.startswith("reject") and "flag" not in expected and "NFKC" not in expected:
        assert taken is None or "strip" in expected
    if taken is not None:
        # Compared and stored in one form: capitals and figures alone.
        assert taken.value.isascii()
        assert taken.value.isalnum()
        assert taken.value == taken.value.upper()


@pytest.mark.parametrize("row", rows("passwords-unicode.jsonl"), ids=lambda row: row["same"])
def test_two_passwords_are_not_taken_for_each_other(app: Flask, row: dict[str, Any]) -> None:
    assert is_password(row["a"], of=hash_password(row["a"]))
    taken = is_password(row["b"], of=hash_password(row["a"]))
    assert taken == is_password(row["a"], of=hash_password(row["b"]))
    if row["same"].startswith("no"):
        assert not taken


@pytest.mark.parametrize("row", rows("redirects.jsonl"), ids=lambda row: str(row["i"]))
def test_no_address_to_go_on_to_leaves_the_site(
    client: FlaskClient, browse: Browse, make: Maker, row: dict[str, Any]
) -> None:
    denise = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    for visitor in (client, denise):
        for page in ("/sign-in", "/prove"):
            answer = visitor.get(f"{page}?next={quote(row['next'], safe='')}")
            assert answer.status_code < 500
            there = urlsplit(answer.headers.get("Location", "/"))
            assert there.netloc in {"", "localhost"}
            assert not re.match(r"/[/\\\s]", there.path)
            assert "Set-Cookie: a=b" not in str(answer.headers)


@pytest.mark.parametrize("row", rows("fields.jsonl"), ids=lambda row: row["id"])
def test_a_hostile_value_is_kept_as_text_or_refused_with_a_sentence(
    browse: Browse, make: Maker, row: dict[str, Any]
) -> None:
    supplier = make.supplier("Alpha Menuiserie")
    make.engagement(supplier, make.buyer())
    denise = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    new = f"/desk/suppliers/{supplier.id}/contacts/new"
    value = row["value"].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    answer = post(denise, new, {"name": value, "role": value, "email": "", "phone": ""})
    assert answer.status_code in {303, 422}
    with reading() as session:
        kept = session.scalars(select(Contact).where(Contact.supplier_id == supplier.id)).all()
    assert bool(kept) == (answer.status_code == 303)
    pages = [answer] if not kept else [
        denise.get(f"/desk/suppliers/{supplier.id}"), denise.get("/desk/journal/"),
        denise.get("/desk/suppliers/export.csv"),
    ]  # fmt: skip
    for page in pages:
        assert page.status_code < 500
        text = page.get_data(as_text=True)
        if escape(value) != value and page.mimetype == "text/html":
            assert value.strip() not in text or len(value.strip()) < 4
        if page.mimetype == "text/csv":
            cells = text.replace("\r", "\n").replace(";", "\n").split("\n")
            assert not [cell for cell in cells if cell.lstrip('"')[:1] in tuple("=+@\t")]


@pytest.mark.parametrize("row", rows("emails.jsonl"), ids=lambda row: str(row["i"]))
def test_a_hostile_address_becomes_one_recipient_or_none(
    browse: Browse, make: Maker, row: dict[str, Any]
) -> None:
    supplier = make.supplier("Alpha Menuiserie")
    make.engagement(supplier, make.buyer())
    denise = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    new = f"/desk/suppliers/{supplier.id}/contacts/new"
    answer = post(denise, new, {"name": "Alice Martin", "email": row["email"]})
    assert answer.status_code in {303, 422}
    with reading() as session:
        kept = session.scalars(
            select(Contact.email).where(Contact.supplier_id == supplier.id)
        ).all()
    for address in kept:
        assert address is None or (
            address.count("@") == 1 and not set(address) & set(' \r\n,;<>\0%"')
        )


@pytest.mark.parametrize(
    ("name", "outcomes", "said"),
    [
        ("supplier-import-siret-sci.csv", {"error", "create"}, "spreadsheet"),
        ("supplier-import-latin1.csv", {"create"}, ""),
        ("supplier-import-formulas.csv", {"create", "error"}, ""),
    ],
)
def test_a_damaged_import_is_read_right_or_refused_line_by_line(
    name: str, outcomes: set[str], said: str
) -> None:
    sheet = read_sheet((TEXT / name).read_bytes())
    lines = judge_rows(sheet.rows, guess_mapping(sheet.headings), known={})
    assert {line.outcome for line in lines} <= outcomes
    assert said in " ".join(error for line in lines for error in line.errors)
    told = " ".join(line.name for line in lines)
    assert "\ufffd" not in told
    assert "Ã" not in told
