"""The page of accounting: what serves, what changed, files that open safely, every pull known."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.bank.models import BankPull
from supplier.kernel.audit import Event
from supplier.kernel.database import reading
from tests.bank.cast import COOLING, IBAN_A, IBAN_B, IBAN_C, Bank
from tests.desk.test_bank import counted
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[UUID], FlaskClient]
PAGE = "/desk/accounting/"


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


@pytest.fixture
def farid(make: Maker) -> User:
    return make.staff("Farid Compta", Role.ACCOUNTING)


def take(client: FlaskClient, scope: str = "all", kind: str = "csv") -> bytes:
    answer = post(client, f"{PAGE}download", {"scope": scope, "kind": kind}, page=PAGE)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return bytes(answer.data)


def lines(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def test_a_file_holds_what_serves_and_nothing_else(
    make: Maker, bank: Bank, farid: User, browse: Browse
) -> None:
    bank.validated()
    bank.submit(IBAN_B)
    client = browse(farid.id)
    assert len(lines(take(client))) == 1
    make.clock.at += COOLING
    client = browse(farid.id)
    (row,) = lines(take(client))[1:]
    assert IBAN_A in row
    assert "F0042" in row


def test_the_page_shows_no_whole_number(
    make: Maker, bank: Bank, farid: User, browse: Browse
) -> None:
    bank.validated()
    make.clock.at += COOLING
    body = browse(farid.id).get(PAGE).get_data(as_text=True)
    assert "2606" in body
    assert IBAN_A not in body.replace(" ", "")


def test_the_second_file_holds_only_what_changed(
    make: Maker, bank: Bank, farid: User, browse: Browse
) -> None:
    old = bank.validated()
    other = make.supplier("Beta Couverture")
    make.engagement(other, bank.buyer)
    make.contact(other, changed_at=make.clock.at - timedelta(days=400))
    bank.approve(account := bank.submit(IBAN_C, supplier=other), bank.emile)
    bank.approve(account, bank.elise, IBAN_C)
    make.clock.at += COOLING + timedelta(hours=1)
    take(browse(farid.id))
    make.clock.at += timedelta(hours=1)
    bank.block(old)
    client = browse(farid.id)
    body = client.get(PAGE).get_data(as_text=True)
    assert "bloqué" in body
    make.clock.at += timedelta(hours=1)
    (row,) = lines(take(browse(farid.id), "changes"))[1:]
    assert row[2] == "Alpha Menuiserie"
    assert "2606" in row[6]
    assert IBAN_A not in row


def test_a_workbook_says_the_same(make: Maker, bank: Bank, farid: User, browse: Browse) -> None:
    bank.validated()
    make.clock.at += COOLING
    sheet = load_workbook(io.BytesIO(take(browse(farid.id), kind="xlsx"))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert IBAN_A in rows[1]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_no_cell_becomes_a_formula(make: Maker, bank: Bank, farid: User, browse: Browse) -> None:
    evil = make.supplier('=HYPERLINK("http://evil.example";"pay")')
    make.engagement(evil, bank.buyer, supplier_reference="+33")
    make.contact(evil, changed_at=make.clock.at - timedelta(days=400))
    account = bank.submit(supplier=evil, holder=evil.name)
    bank.approve(account, bank.emile)
    bank.approve(account, bank.elise, IBAN_A)
    make.clock.at += COOLING
    body = take(browse(farid.id)).decode("utf-8-sig")
    assert ";\"'=HYPERLINK" in body or ";'=HYPERLINK" in body
    assert """;"'+33";""" in body


def test_every_download_is_a_pull_that_the_journal_keeps(
    make: Maker, bank: Bank, farid: User, browse: Browse
) -> None:
    bank.validated()
    make.clock.at += COOLING
    client = browse(farid.id)
    take(client)
    take(client, kind="xlsx")
    with reading() as session:
        pulls = session.scalars(select(BankPull).order_by(BankPull.format)).all()
        assert [(pull.format, pull.count, pull.user_id) for pull in pulls] == [
            ("csv", 1, farid.id), ("xlsx", 1, farid.id),
        ]  # fmt: skip
        kinds = session.scalars(select(Event.kind)).all()
    assert kinds.count("bank.pulled") == 2
    assert client.get(PAGE).get_data(as_text=True).count("Farid Compta") >= 2


def test_looking_at_the_page_takes_nothing(
    make: Maker, bank: Bank, farid: User, browse: Browse
) -> None:
    bank.validated()
    make.clock.at += COOLING
    browse(farid.id).get(PAGE)
    with reading() as session:
        assert session.scalars(select(BankPull)).all() == []


def test_accounting_of_one_company_gets_only_its_suppliers(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    bank.validated()
    make.clock.at += COOLING
    other = make.buyer("Kerlan Énergies")
    stranger = make.staff("Fanny", Role.ACCOUNTING, buyer=other)
    client = browse(stranger.id)
    assert len(lines(take(client))) == 1
    assert "Alpha" not in client.get(PAGE).get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.PURCHASING, Role.BANK_VALIDATOR, Role.ADMINISTRATOR])
def test_nobody_else_takes_them(make: Maker, browse: Browse, role: Role) -> None:
    assert browse(make.staff("Hugo", role).id).get(PAGE).status_code == 404


def test_the_page_takes_at_most_twelve_statements(
    make: Maker, bank: Bank, farid: User, browse: Browse
) -> None:
    bank.validated()
    make.clock.at += COOLING
    take(browse(farid.id))
    make.clock.at += timedelta(hours=1)
    counts = []
    for number, iban in enumerate((IBAN_B, IBAN_C, "BE68539007547034")):
        supplier = make.supplier(f"Gamma {number}")
        make.engagement(supplier, bank.buyer, supplier_reference=f"G{number}")
        make.contact(supplier, changed_at=make.clock.at - timedelta(days=400))
        account = bank.submit(iban, supplier=supplier)
        bank.approve(account, bank.emile)
        bank.approve(account, bank.elise, iban)
        make.clock.at += COOLING
        if number == 2:
            bank.block(account)
        client = browse(farid.id)
        with counted() as seen:
            assert client.get(PAGE).status_code == 200
        counts.append(len(seen))
    assert max(counts) <= 12
