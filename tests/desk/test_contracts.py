"""The desk's pages of contracts, orders and invoices."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from supplier.accounts.permissions import Role
from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.contracts.queries import CONTRACT_SORTS, INVOICE_SORTS, ORDER_SORTS
from supplier.kernel.database import db, new_id, reading, transaction
from supplier.parties.models import Engagement
from supplier.vigilance.models import Obligation
from tests.make import Maker
from tests.web.posting import post

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
Browse = Callable[[uuid.UUID], FlaskClient]


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database inside the block."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def engagement(make: Maker) -> Engagement:
    return make.engagement(make.supplier("Alpha Menuiserie"), make.buyer())


@pytest.fixture
def denise(make: Maker, browse: Browse) -> FlaskClient:
    return browse(make.staff("Denise Achats", Role.PURCHASING).id)


def one(table: type[Contract] | type[Invoice]) -> Contract | Invoice:
    with reading() as session:
        return session.scalars(select(table)).one()


FORM = {
    "reference": "CT-2026-014", "title": "Charpente du hangar", "kind": "single",
    "amount": "148 000,50", "currency": "EUR", "signed_on": "2026-03-02",
    "starts_on": "2026-03-09", "ends_on": "2027-03-31", "site_opened_on": "",
}  # fmt: skip


def test_a_contract_is_typed_as_people_type_and_its_papers_are_owed_at_once(
    engagement: Engagement, denise: FlaskClient
) -> None:
    url = f"/desk/contracts/new/{engagement.id}"
    data = {**FORM, "file": (io.BytesIO(PDF), "contrat.pdf")}
    answer = post(denise, url, data, content_type="multipart/form-data")
    contract = one(Contract)
    assert answer.status_code == 303
    assert answer.location == f"/desk/contracts/{contract.id}"
    assert contract.amount == Decimal("148000.50")
    page = denise.get(answer.location).get_data(as_text=True)
    assert "CT-2026-014" in page
    assert "contrat.pdf" in page
    with reading() as session:
        assert session.scalars(select(Obligation)).first() is not None


def test_a_wrong_form_comes_back_with_all_that_was_typed(
    engagement: Engagement, denise: FlaskClient
) -> None:
    url = f"/desk/contracts/new/{engagement.id}"
    answer = post(denise, url, {**FORM, "amount": "1,234,56", "signed_on": "hier"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="CT-2026-014"' in text
    assert 'value="1,234,56"' in text
    assert text.count("v-field-bad") == 2


def test_a_refused_file_stands_at_its_field_with_the_rest_kept(
    engagement: Engagement, denise: FlaskClient
) -> None:
    data = {**FORM, "file": (io.BytesIO(b"PK\x03\x04"), "contrat.zip")}
    url = f"/desk/contracts/new/{engagement.id}"
    answer = post(denise, url, data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'value="CT-2026-014"' in answer.get_data(as_text=True)
    assert "%(" not in answer.get_data(as_text=True)


def test_a_known_invoice_number_is_said_at_its_field(
    engagement: Engagement, denise: FlaskClient
) -> None:
    url = f"/desk/contracts/invoices/new/{engagement.id}"
    data = {"number": "F-77", "issued_on": "2026-06-30", "amount": "6000", "total": "5000"}
    swapped = post(denise, url, data)
    assert swapped.status_code == 422
    right = {**data, "amount": "5000", "total": "6000"}
    assert post(denise, url, right).status_code == 303
    again = post(denise, url, right)
    assert again.status_code == 422
    assert 'value="F-77"' in again.get_data(as_text=True)


def test_an_invoice_is_noted_as_paid_and_says_how_long_it_is_kept(
    engagement: Engagement, denise: FlaskClient
) -> None:
    url = f"/desk/contracts/invoices/new/{engagement.id}"
    post(denise, url, {"number": "F-1", "issued_on": "2026-06-30", "amount": "5000"})
    invoice = one(Invoice)
    page = f"/desk/contracts/invoices/{invoice.id}"
    assert "01/01/2037" in denise.get(page).get_data(as_text=True)
    assert post(denise, f"{page}/paid", {"paid_on": "2026-07-31"}).status_code == 303
    assert one(Invoice).paid_on == date(2026, 7, 31)  # type: ignore[union-attr]
    assert post(denise, f"{page}/paid", {"paid_on": "2026-07-31"}).status_code == 409


def test_the_list_filters_sorts_and_exports(
    make: Maker, engagement: Engagement, denise: FlaskClient
) -> None:
    make.contract(engagement, reference="CT-OLD", ends_on=date(2026, 1, 31))
    make.contract(engagement, reference="CT-NOW", title="=cmd|' /C calc'!A0")
    over = denise.get("/desk/contracts/?state=over&sort=amount").get_data(as_text=True)
    assert "CT-OLD" in over
    assert "CT-NOW" not in over
    assert "CT-NOW" in denise.get("/desk/contracts/?q=now").get_data(as_text=True)
    answer = denise.get("/desk/contracts/?format=csv")
    assert "contracts.csv" in answer.headers["Content-Disposition"]
    assert "'=cmd" in answer.get_data(as_text=True)


def work(
    make: Maker, engagement: Engagement, reference: str, day: date, amount: str, *,
    ends_on: date, paid_on: date,
) -> None:  # fmt: skip
    """A contract, an order and an invoice of one reference, day and amount."""
    make.contract(engagement, reference=reference, amount=Decimal(amount), signed_on=day,
                  ends_on=ends_on)  # fmt: skip
    place: dict[str, Any] = {
        "engagement_id": engagement.id, "supplier_id": engagement.supplier_id,
        "buyer_id": engagement.buyer_id, "amount": Decimal(amount), "created_at": make.clock.at,
    }  # fmt: skip
    with transaction() as session:
        session.add(PurchaseOrder(id=new_id(), reference=reference, ordered_on=day, **place))
        session.add(Invoice(id=new_id(), number=reference, issued_on=day, paid_on=paid_on, **place))


#: Each order of each list, and which of the two rows below stands first.
SORTED = [
    ("", "signed", "ROW-B"), ("", "supplier", "ROW-A"), ("", "reference", "ROW-A"),
    ("", "amount", "ROW-B"), ("", "end", "ROW-B"),
    ("orders", "ordered", "ROW-B"), ("orders", "supplier", "ROW-A"),
    ("orders", "reference", "ROW-A"), ("orders", "amount", "ROW-B"),
    ("invoices", "issued", "ROW-B"), ("invoices", "supplier", "ROW-A"),
    ("invoices", "number", "ROW-A"), ("invoices", "amount", "ROW-B"),
    ("invoices", "paid", "ROW-B"),
]  # fmt: skip


def test_every_order_of_these_lists_is_tried() -> None:
    assert [one for page, one, _ in SORTED if page == ""] == list(CONTRACT_SORTS)
    assert [one for page, one, _ in SORTED if page == "orders"] == list(ORDER_SORTS)
    assert [one for page, one, _ in SORTED if page == "invoices"] == list(INVOICE_SORTS)


@pytest.mark.parametrize(("page", "sort", "first"), SORTED)
@pytest.mark.parametrize("a_comes_first", [True, False])
def test_a_list_stands_in_the_order_that_was_asked(
    make: Maker, denise: FlaskClient, page: str, sort: str, first: str, a_comes_first: bool
) -> None:
    buyer = make.buyer()

    def write_a() -> None:
        work(make, make.engagement(make.supplier("Aaron"), buyer), "ROW-A", date(2026, 1, 10),
             "900", ends_on=date(2028, 1, 1), paid_on=date(2026, 2, 1))  # fmt: skip

    def write_b() -> None:
        work(make, make.engagement(make.supplier("Zénith"), buyer), "ROW-B", date(2026, 3, 10),
             "10000", ends_on=date(2027, 1, 1), paid_on=date(2026, 4, 1))  # fmt: skip

    # Written in both ways round: the order of writing must decide nothing.
    for write in (write_a, write_b) if a_comes_first else (write_b, write_a):
        write()
    shown = denise.get(f"/desk/contracts/{page}?sort={sort}").get_data(as_text=True)
    table = shown[shown.index("<tbody>") :]
    assert re.findall(r"ROW-[AB]", table)[0] == first
    assert set(re.findall(r"ROW-[AB]", table)) == {"ROW-A", "ROW-B"}


@pytest.mark.parametrize(
    ("name", "page"),
    [("contracts", ""), ("orders", "orders"), ("invoices", "invoices")],
)
def test_each_list_keeps_views_of_its_own(denise: FlaskClient, name: str, page: str) -> None:
    new = f"/desk/contracts/views/{name}/new?q=toiture&sort=supplier"
    assert post(denise, new, {"name": "Toitures"}).status_code == 303
    shown = denise.get(f"/desk/contracts/{page}").get_data(as_text=True)
    assert "Toitures" in shown
    [other] = {"contracts", "orders"} - {name} if name != "invoices" else {"contracts"}
    elsewhere = denise.get(f"/desk/contracts/{'orders' if other == 'orders' else ''}")
    assert "Toitures" not in elsewhere.get_data(as_text=True)
    address = re.search(rf'href="(/desk/contracts/views/{name}/[0-9a-f-]+)"', shown)
    assert address
    opened = denise.get(address[1]).headers["Location"]
    assert opened == f"/desk/contracts/{page}?q=toiture&sort=supplier"
    post(denise, f"{address[1]}/forget", page=new)
    assert "Toitures" not in denise.get(f"/desk/contracts/{page}").get_data(as_text=True)


def test_other_companies_contracts_do_not_exist(
    make: Maker, engagement: Engagement, browse: Browse
) -> None:
    contract = make.contract(engagement)
    stranger = browse(make.staff("Yann", Role.PURCHASING, buyer=make.buyer("Autre")).id)
    for url in (
        f"/desk/contracts/{contract.id}",
        f"/desk/contracts/{contract.id}/change",
        f"/desk/contracts/{contract.id}/download",
        f"/desk/contracts/new/{engagement.id}",
        f"/desk/contracts/relations/{engagement.id}/end",
        f"/desk/contracts/{uuid.uuid4()}",
    ):
        assert stranger.get(url).status_code == 404, url
    assert contract.reference not in stranger.get("/desk/contracts/").get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DATA_PROTECTION])
def test_who_only_reads_finds_no_way_to_change(
    make: Maker, engagement: Engagement, browse: Browse, role: Role
) -> None:
    contract = make.contract(engagement)
    reader = browse(make.staff("Irène", role).id)
    assert reader.get(f"/desk/contracts/{contract.id}").status_code == 200
    for url in (
        f"/desk/contracts/new/{engagement.id}",
        f"/desk/contracts/{contract.id}/terminate",
        f"/desk/contracts/{contract.id}/amend",
        f"/desk/contracts/relations/{engagement.id}/end",
    ):
        assert reader.get(url).status_code == 404, url


def test_who_protects_data_never_opens_the_file_itself(
    engagement: Engagement, denise: FlaskClient, make: Maker, browse: Browse
) -> None:
    data = {**FORM, "file": (io.BytesIO(PDF), "contrat-Martin.pdf")}
    url = f"/desk/contracts/new/{engagement.id}"
    post(denise, url, data, content_type="multipart/form-data")
    page = f"/desk/contracts/{one(Contract).id}"
    assert denise.get(f"{page}/download").get_data() == PDF
    gaelle = browse(make.staff("Gaëlle", Role.DATA_PROTECTION).id)
    assert gaelle.get(f"{page}/download").status_code == 404
    assert "contrat-Martin.pdf" not in gaelle.get(page).get_data(as_text=True)


def test_the_end_of_a_relation_is_proposed_then_confirmed_by_a_person(
    make: Maker, engagement: Engagement, denise: FlaskClient
) -> None:
    make.contract(engagement, ends_on=date(2026, 10, 31))
    url = f"/desk/contracts/relations/{engagement.id}/end"
    assert 'value="2026-10-31"' in denise.get(url).get_data(as_text=True)
    assert post(denise, url, {"ended_on": ""}).status_code == 422
    assert post(denise, url, {"ended_on": "2026-10-31"}).status_code == 303
    with reading() as session:
        row = session.get_one(Engagement, engagement.id)
    assert row.ended_on == date(2026, 10, 31)
    assert row.end_confirmed_at is not None
    assert denise.get(url).status_code == 409


def test_pages_ask_the_database_at_most_twelve_times(
    make: Maker, engagement: Engagement, denise: FlaskClient
) -> None:
    contract = make.contract(engagement)
    for number in range(3):
        post(
            denise,
            f"/desk/contracts/invoices/new/{engagement.id}",
            {"number": f"F-{number}", "issued_on": "2026-06-30", "amount": "5000",
             "contract_id": str(contract.id)},
        )  # fmt: skip
    with reading() as session:
        invoice_id = session.scalars(select(Invoice.id)).first()
    for url in (
        "/desk/contracts/",
        "/desk/contracts/orders",
        "/desk/contracts/invoices",
        "/desk/contracts/new",
        f"/desk/contracts/{contract.id}",
        f"/desk/contracts/invoices/{invoice_id}",
        f"/desk/contracts/relations/{engagement.id}/end",
    ):
        with statements() as seen:
            assert denise.get(url).status_code == 200, url
        assert len(seen) <= 12, (url, len(seen), seen)


def test_a_contract_that_renews_itself_shows_its_conclusions(
    engagement: Engagement, denise: FlaskClient
) -> None:
    url = f"/desk/contracts/new/{engagement.id}"
    form = {**FORM, "signed_on": "2025-03-02", "starts_on": "2025-03-09", "ends_on": ""}
    wrong = post(denise, url, {**form, "renews_months": "douze"})
    assert wrong.status_code == 422
    assert "Écrivez un nombre entier en chiffres" in wrong.get_data(as_text=True)
    assert post(denise, url, {**form, "renews_months": "0"}).status_code == 422
    answer = post(denise, url, {**form, "renews_months": "12"})
    assert answer.status_code == 303
    contract = one(Contract)
    assert isinstance(contract, Contract)
    assert (contract.renews_on, contract.renews_months) == (date(2026, 3, 9), 12)
    page = denise.get(answer.location).get_data(as_text=True)
    assert "tous les 12 mois, prochaine le 09/03/2027" in page
    rows = re.findall(r"<tr><th scope=\"row\" class=\"v-num\">.*?</tr>", page)
    assert ["Tacite reconduction" in rows[0], "Signature" in rows[1]] == [True, True]
    assert all("Une pièce manquait" in row for row in rows)
    table = denise.get("/desk/contracts/?format=csv").get_data(as_text=True)
    assert "Première reconduction le" in table
    assert re.search(r"2026-03-09[^\n]*12|09/03/2026[^\n]*12", table)
