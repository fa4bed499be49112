"""Suppliers: list, views, exports, one page, people, relations, waivers, calls, the register."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pytest_httpserver import HTTPServer
from sqlalchemy import select

from supplier.accounts.models import Invitation, StaffScope, User
from supplier.accounts.permissions import Role
from supplier.adapters import registries
from supplier.adapters.registries import Company
from supplier.kernel.audit import Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.crypto import keyring
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import UnavailableError
from supplier.notifications.models import OutboxMessage
from supplier.parties.models import Buyer, Contact, Engagement, SavedView, Supplier
from supplier.vigilance import actions as vigilance
from supplier.vigilance.models import FollowUp, Obligation, Waiver
from tests.desk.test_contracts import statements
from tests.make import Maker, luhn_siren
from tests.vigilance.files import accepted, at, invoice
from tests.web.posting import post, token_of

Browse = Callable[[uuid.UUID], FlaskClient]
TODAY = date(2026, 11, 23)


@pytest.fixture
def buyer(make: Maker) -> Buyer:
    return make.buyer()


@pytest.fixture
def firm(make: Maker, buyer: Buyer) -> Callable[..., Supplier]:
    """A supplier of the company under a contract of 148,000 €."""

    def new(name: str = "Alpha Menuiserie", **values: object) -> Supplier:
        supplier = make.supplier(name, **values)
        engagement = make.engagement(supplier, buyer, supplier_reference="F-0417")
        make.contract(engagement, created_at=at(date(2025, 9, 1)))
        invoice(engagement, date(2026, 10, 1), "9000.00")
        return supplier

    return new


@pytest.fixture
def denise(make: Maker) -> User:
    return make.staff("Denise Achats", Role.PURCHASING)


@pytest.fixture
def client(browse: Browse, denise: User) -> FlaskClient:
    return browse(denise.id)


def page_of(supplier: Supplier) -> str:
    return f"/desk/suppliers/{supplier.id}"


def refresh(clock: FixedClock) -> None:
    vigilance.refresh_all(now=clock.at, today=TODAY)


def events(supplier: Supplier) -> list[str]:
    with reading() as session:
        query = select(Event.kind).where(Event.supplier_id == supplier.id).order_by(Event.seq)
        return list(session.scalars(query))


def names(client: FlaskClient, query: str = "") -> list[str]:
    """The suppliers of the list, in order, by their export."""
    body = client.get(f"/desk/suppliers/export.csv?{query}").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(body.removeprefix("\ufeff")), delimiter=";"))
    return [row[0] for row in rows[1:]]


def test_the_list_is_filtered_by_standing_sector_country_and_words(
    client: FlaskClient, firm: Callable[..., Supplier], make: Maker, clock: FixedClock
) -> None:
    firm("Alpha Menuiserie", sector="Bâtiment")
    firm("Beta Transports", sector="Transport", country="DE", siren=None)
    make.supplier("Gamma sans relation")
    refresh(clock)
    assert names(client, "standing=gap") == ["Alpha Menuiserie", "Beta Transports"]
    assert names(client, "sector=Transport") == ["Beta Transports"]
    assert names(client, "country=DE") == ["Beta Transports"]
    assert names(client, "q=ALPHA") == ["Alpha Menuiserie"]
    assert names(client, "standing=ended") == ["Gamma sans relation"]
    assert names(client, "standing=clear") == []


def test_the_most_exposed_stands_first(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    firm("Alpha Menuiserie")
    rich = firm("Zeta Construction")
    with reading() as session:
        engagement = session.scalars(
            select(Engagement).where(Engagement.supplier_id == rich.id)
        ).one()
    invoice(engagement, date(2026, 10, 30), "90000.00")
    refresh(clock)
    body = client.get("/desk/suppliers/").get_data(as_text=True)
    assert body.index("Zeta Construction") < body.index("Alpha Menuiserie")
    body = client.get("/desk/suppliers/?sort=name").get_data(as_text=True)
    assert body.index("Alpha Menuiserie") < body.index("Zeta Construction")


def test_an_export_opens_no_formula_and_keeps_the_filter(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    firm("=HYPERLINK(1)")
    firm("Autre")
    refresh(clock)
    answer = client.get("/desk/suppliers/export.xlsx?q=hyperlink")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)"]
    assert rows[1][7] == "En trou, 449 j"


def test_an_export_asks_as_often_for_many_suppliers_as_for_one(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    counts = []
    client.get("/desk/suppliers/")  # the first visit of the day is written down
    for more in (("Alpha",), ("Bravo", "Charlie", "Delta", "Écho", "Foxtrot")):
        for name in more:
            firm(name)
        refresh(clock)
        with statements() as asked:
            body = client.get("/desk/suppliers/export.csv").get_data(as_text=True)
        counts.append((len(asked), len(body.splitlines()) - 1))
    (few, one), (many, six) = counts
    assert (one, six) == (1, 6)
    assert many == few


def test_a_page_beyond_the_last_shows_the_first(
    client: FlaskClient, firm: Callable[..., Supplier]
) -> None:
    firm()
    assert "Alpha Menuiserie" in client.get("/desk/suppliers/?page=99").get_data(as_text=True)


def test_a_view_is_kept_opened_and_forgotten_by_its_owner_alone(
    browse: Browse, client: FlaskClient, make: Maker
) -> None:
    url = "/desk/suppliers/views/suppliers/new?standing=gap&q=alpha&page=3"
    assert post(client, url, {"name": "À voir"}).status_code == 303
    with reading() as session:
        view = session.scalars(select(SavedView)).one()
    assert view.query == "q=alpha&standing=gap"
    opened = client.get(f"/desk/suppliers/views/suppliers/{view.id}").headers["Location"]
    assert opened == "/desk/suppliers/?q=alpha&standing=gap"
    assert post(client, url, {"name": "à VOIR"}).status_code == 409
    other = browse(make.staff("Karim Benali", Role.PURCHASING).id)
    token = token_of(other, "/desk/suppliers/new")
    forget = f"/desk/suppliers/views/suppliers/{view.id}/forget"
    assert other.post(forget, data={"csrf_token": token}).status_code == 404
    post(client, forget, page="/desk/suppliers/new")
    with reading() as session:
        assert session.scalars(select(SavedView)).all() == []


def test_the_page_of_a_supplier_draws_its_coverage_and_says_where_it_stands(
    client: FlaskClient, firm: Callable[..., Supplier], make: Maker, clock: FixedClock
) -> None:
    supplier = firm()
    make.contact(supplier, name="Nadia Lebrun")
    accepted(supplier, "kbis", issued_on=date(2026, 10, 12))
    refresh(clock)
    body = client.get(page_of(supplier)).get_data(as_text=True)
    assert "v-time" in body
    assert "En trou pour 1 société" in body
    assert "Nadia Lebrun" in body
    assert "Extrait Kbis ou K" in body
    assert "IBAN" not in body


def test_what_was_owed_before_the_drawing_begins_is_said_in_words(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    """The insurance of a builder is owed on the day the site opens: that day may lie far back."""
    said = []
    for name, insured in (("Alpha Menuiserie", True), ("Bravo Toitures", False)):
        supplier = make.supplier(name, construction=True)
        opened = date(2025, 9, 15)
        make.contract(make.engagement(supplier, make.buyer()), site_opened_on=opened)
        if insured:
            accepted(supplier, "decennial_insurance", issued_on=date(2025, 9, 1),
                     valid_from=date(2025, 1, 1), valid_until=date(2025, 12, 31))  # fmt: skip
        refresh(clock)
        body = client.get(page_of(supplier)).get_data(as_text=True)
        said.append("non couvert le 15/09/2025, dernier jour exigé" in body)
        assert "couvert le 15/09/2025, dernier jour exigé" in body
    assert said == [False, True]


def told(body: str) -> list[list[str]]:
    """The rows of the table beside the drawing, cell by cell."""
    table = body[body.index("Couverture du contrat CT", body.index("<caption")) :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells[1:]]


def test_the_drawing_tells_a_paper_s_own_last_day_and_what_cuts_it(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    """The contract ends on 31 March: the extract is good for five weeks more."""
    supplier = firm()
    accepted(supplier, "kbis", issued_on=date(2026, 5, 14))
    accepted(supplier, "kbis", issued_on=date(2026, 11, 8), received_on=date(2026, 11, 10))
    refresh(clock)
    body = client.get(page_of(supplier)).get_data(as_text=True)
    rows = [row for row in told(body) if row[0] == "Immatriculation" and row[1] == "couvert"]
    assert [row[2:] for row in rows] == [
        [
            "14/05/2026", "09/11/2026", "180",
            "jusqu’au 13\u00a0nov.\u202f; une autre pièce à partir du 10/11/2026",
        ],
        [
            "10/11/2026", "31/03/2027", "142",
            "jusqu’au 7\u00a0mai\u202f; plus rien n’est exigé après le 31/03/2027",
        ],
    ]  # fmt: skip
    assert "jusqu’au 31" not in body


def test_a_paper_without_an_end_says_so_and_a_gap_without_one_leaves_the_drawing(
    client: FlaskClient, make: Maker, buyer: Buyer, clock: FixedClock
) -> None:
    supplier = make.supplier("Alpha Menuiserie")
    make.contract(make.engagement(supplier, buyer), ends_on=None)
    accepted(supplier, "kbis", issued_on=date(2026, 11, 20))
    refresh(clock)
    body = client.get(page_of(supplier)).get_data(as_text=True)
    coming = [row for row in told(body) if row[1] == "trou prévu"]
    assert coming
    assert {tuple(row[3:5]) for row in coming} == {("au-delà du dessin", "—")}
    assert "trou prévu à partir du 20/05/2027, au-delà du dessin" in body
    assert "(4 jours)" not in body


def test_as_known_on_a_day_leaves_out_what_came_later(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    supplier = firm()
    accepted(supplier, "kbis", issued_on=date(2026, 10, 12), received_on=date(2026, 11, 2))
    refresh(clock)

    def drawn(day: str) -> str:
        body = client.get(f"{page_of(supplier)}/known?on={day}").get_data(as_text=True)
        return body[body.index("<tbody>") :]

    assert "couvert" not in drawn("2026-10-30")
    assert "couvert" in drawn("2026-11-10")


def test_a_day_that_cannot_be_read_is_a_month_ago(
    client: FlaskClient, firm: Callable[..., Supplier]
) -> None:
    supplier = firm()
    body = client.get(f"{page_of(supplier)}/known?on=hier").get_data(as_text=True)
    assert "24\u00a0octobre 2026" in body


def test_other_companies_suppliers_do_not_exist(
    browse: Browse, firm: Callable[..., Supplier], make: Maker, clock: FixedClock
) -> None:
    supplier = firm()
    contact = make.contact(supplier)
    refresh(clock)
    with reading() as session:
        engagement = session.scalars(select(Engagement)).one()
    stranger = browse(make.staff("Zoé", Role.PURCHASING, buyer=make.buyer("Autre")).id)
    for path in ("", "/relations", "/history", "/known", "/change", "/contacts/new", "/ask",
                 "/relations/new", "/follow-ups/new"):  # fmt: skip
        assert stranger.get(page_of(supplier) + path).status_code == 404, path
    relation = f"relations/{engagement.id}"
    for path in (f"contacts/{contact.id}/change", f"{relation}/end", f"{relation}/person",
                 f"{relation}/waivers/new"):  # fmt: skip
        assert stranger.get(f"/desk/suppliers/{path}").status_code == 404, path
    assert "Alpha" not in stranger.get("/desk/suppliers/").get_data(as_text=True)


def test_bank_details_show_only_to_those_who_may_see_them(
    browse: Browse, client: FlaskClient, firm: Callable[..., Supplier], make: Maker
) -> None:
    supplier = firm()
    auditor = browse(make.staff("Irène Audit", Role.AUDITOR).id)
    assert "Coordonnées bancaires" in auditor.get(page_of(supplier)).get_data(as_text=True)
    assert 'aria-labelledby="bank"' not in client.get(page_of(supplier)).get_data(as_text=True)


def test_a_contact_is_added_changed_invited_and_leaves(
    client: FlaskClient, firm: Callable[..., Supplier]
) -> None:
    supplier = firm()
    new = f"{page_of(supplier)}/contacts/new"
    assert post(client, new, {"name": "Nadia", "language": "fr"}).status_code == 422
    data = {"name": "Nadia", "email": "nadia@alpha.example", "language": "fr",
            "receives_requests": "y"}  # fmt: skip
    assert post(client, new, data).status_code == 303
    with reading() as session:
        contact = session.scalars(select(Contact)).one()
    base = f"/desk/suppliers/contacts/{contact.id}"
    post(client, f"{base}/change", {**data, "phone": "02 61 91 08 30"})
    post(client, f"{base}/invite", page=page_of(supplier))
    with reading() as session:
        assert session.scalars(select(Contact)).one().phone == "02 61 91 08 30"
        assert session.scalars(select(Invitation)).one().email == "nadia@alpha.example"
    post(client, f"{base}/left", page=page_of(supplier))
    assert client.get(f"{base}/change").status_code == 404
    assert events(supplier)[-4:] == ["contact.added", "contact.changed", "invited", "contact.left"]


def test_a_relation_begins_ends_and_resumes_and_the_page_is_true_at_once(
    client: FlaskClient, make: Maker, buyer: Buyer
) -> None:
    supplier = make.supplier()
    relations = f"{page_of(supplier)}/relations"
    data = {"buyer": str(buyer.id), "started_on": "2026-01-01"}
    assert post(client, f"{relations}/new", data).status_code == 303
    assert post(client, f"{relations}/new", data).status_code == 409
    with reading() as session:
        one = session.scalars(select(Engagement)).one()
    end = f"/desk/contracts/relations/{one.id}/end"
    assert post(client, end, {"ended_on": "2025-01-01"}).status_code == 422
    assert post(client, end, {"ended_on": "2026-06-30"}).status_code == 303
    assert "Terminée le 30/06/2026" in client.get(relations).get_data(as_text=True)
    post(client, f"/desk/suppliers/relations/{one.id}/resume", page=relations)
    with reading() as session:
        assert session.get_one(Engagement, one.id).ended_on is None


def test_the_person_of_a_relation_is_changed_and_written_down(
    client: FlaskClient, firm: Callable[..., Supplier]
) -> None:
    supplier = firm()
    with reading() as session:
        one = session.scalars(select(Engagement)).one()
    data = {"contact_name": "Karim Benali", "contact_phone": "", "supplier_reference": "F-9"}
    post(client, f"/desk/suppliers/relations/{one.id}/person", data)
    with reading() as session:
        changed = session.get_one(Engagement, one.id)
    assert (changed.contact_name, changed.supplier_reference) == ("Karim Benali", "F-9")
    assert events(supplier)[-1] == "engagement.changed"


def test_a_waiver_is_granted_counts_at_once_and_is_ended(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    supplier = firm()
    refresh(clock)
    with reading() as session:
        one = session.scalars(select(Engagement)).one()
    new = f"/desk/suppliers/relations/{one.id}/waivers/new"
    data = {"requirement": "tax_certificate", "from_on": "2026-11-23", "until_on": "2027-01-31"}
    assert post(client, new, data).status_code == 422
    assert post(client, new, {**data, "reason": "Contrat soldé."}).status_code == 303
    with reading() as session:
        waiver = session.scalars(select(Waiver)).one()
        duty = session.scalars(
            select(Obligation).where(Obligation.requirement == "tax_certificate")
        ).one()
    assert duty.waived_until == date(2027, 1, 31)
    end = f"{page_of(supplier)}/waivers/{waiver.id}/end"
    assert post(client, end, {"reason": "Nouveau chantier."}).status_code == 303
    with reading() as session:
        assert session.get_one(Waiver, waiver.id).revoked_at is not None


def test_only_what_may_be_asked_of_this_supplier_is_offered_for_a_waiver(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    firm()
    refresh(clock)
    with reading() as session:
        one = session.scalars(select(Engagement)).one()
    new = f"/desk/suppliers/relations/{one.id}/waivers/new"
    body = client.get(new).get_data(as_text=True)
    assert 'value="tax_certificate"' in body
    for abroad in ("a1", "posting_declaration", "foreign_register"):
        assert f'value="{abroad}"' not in body
    data = {"requirement": "a1", "from_on": "2026-11-23", "until_on": "2027-01-31",
            "reason": "Pour voir."}  # fmt: skip
    assert post(client, new, data).status_code == 422


def test_a_call_is_noted_with_its_promise_and_leads_back(
    client: FlaskClient, firm: Callable[..., Supplier], make: Maker
) -> None:
    supplier = firm()
    contact = make.contact(supplier)
    url = f"{page_of(supplier)}/follow-ups/new?next=/desk/"
    assert post(client, url, {"note": ""}).status_code == 422
    data = {"note": "Promis.", "promised_on": "2026-11-30", "contact": str(contact.id)}
    answer = post(client, url, {**data, "next": "/desk/"})
    assert answer.headers["Location"] == "/desk/"
    with reading() as session:
        row = session.scalars(select(FollowUp)).one()
    assert (row.note, row.promised_on, row.contact_id) == (
        "Promis.", date(2026, 11, 30), contact.id,
    )  # fmt: skip


def test_papers_are_asked_for_by_mail_once_a_day(
    client: FlaskClient, firm: Callable[..., Supplier], make: Maker, clock: FixedClock
) -> None:
    supplier = firm()
    make.contact(supplier, email="nadia@alpha.example")
    refresh(clock)
    with reading() as session:
        one = session.scalars(select(Engagement)).one()
    url = f"{page_of(supplier)}/ask"
    assert "checked" in client.get(url).get_data(as_text=True)
    data = {"relation": str(one.id), "requirements": ["registration"]}
    assert post(client, url, {"relation": str(one.id)}).status_code == 422
    for said in ("1 courriel attend", "déjà été demandées"):
        answer = post(client, url, data)
        assert answer.status_code == 303
        # Without a mail server nothing is on its way yet.
        assert said in client.get(answer.location).get_data(as_text=True)
    with reading() as session:
        mails = session.scalars(select(OutboxMessage)).all()
    assert [mail.to_address for mail in mails] == ["nadia@alpha.example"]
    assert events(supplier)[-1] == "papers.asked"


def test_a_paper_asked_for_while_another_serves_does_not_stop_orders(
    client: FlaskClient, firm: Callable[..., Supplier], make: Maker, clock: FixedClock
) -> None:
    supplier = firm()
    make.contact(supplier, email="nadia@alpha.example")
    refresh(clock)
    with transaction() as session:
        one = session.scalars(select(Engagement)).one()
        row = session.scalars(
            select(Obligation).where(Obligation.requirement == "registration")
        ).one()
        row.covered_from, row.covered_until = date(2026, 1, 1), date(2027, 12, 31)
        row.gap_from = row.next_due_on = None
    for code in ("registration", "tax_certificate"):
        data = {"relation": str(one.id), "requirements": [code]}
        assert post(client, f"{page_of(supplier)}/ask", data).status_code == 303
    with reading() as session:
        mails = session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)).all()
    said = [keyring().open_text(one.body, context=f"outbox_message.body:{one.id}") for one in mails]
    texts = [json.loads(body)["text"] for body in said]
    assert sorted("Sans ce qui manque" in text for text in texts) == [False, True]
    # Nothing of it ends soon: somebody asks for it now.
    assert not any("fin bientôt" in text or "à renouveler" in text for text in texts)
    [by_hand] = [text for text in texts if "Sans ce qui manque" not in text]
    assert "vous demande une pièce de plus" in by_hand
    assert sorted("demandée par" in mail.subject for mail in mails) == [False, True]


def test_nobody_to_write_to_is_said_on_the_form(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    supplier = firm()
    refresh(clock)
    with reading() as session:
        one = session.scalars(select(Engagement)).one()
    data = {"relation": str(one.id), "requirements": ["registration"]}
    answer = post(client, f"{page_of(supplier)}/ask", data)
    assert answer.status_code == 422
    assert "ajoutez un contact" in answer.get_data(as_text=True)


class Register:
    """A register that knows one company, or does not answer."""

    configured = True

    def __init__(self, found: Company | None = None, *, down: bool = False) -> None:
        self.found, self.down = found, down

    def find(self, siren: str) -> Company | None:
        if self.down:
            raise UnavailableError("The register of companies does not answer.")
        return self.found if self.found and self.found.siren == siren else None


@pytest.fixture
def register() -> Iterator[Callable[..., None]]:
    before = registries.registry()

    def use(found: Company | None = None, *, down: bool = False) -> None:
        registries._Holder.registry = Register(found, down=down)

    yield use
    registries._Holder.registry = before


SIREN = luhn_siren(77)
KNOWN = Company(SIREN, "DELTA COUVERTURE", "5710", "3 rue du Port", "56000", "VANNES", None, True,
                True, None)  # fmt: skip


def form_of(**values: str) -> dict[str, str]:
    return {"kind": "legal_entity", "country": "FR", "register": "rcs", "language": "fr",
            "siren": SIREN, "name": "", "has_employees": "", "employs_foreign_workers": "",
            "buyer": "", **values}  # fmt: skip


def test_the_register_fills_in_the_form_and_keeps_nothing(
    client: FlaskClient, register: Callable[..., None]
) -> None:
    register(KNOWN)
    answer = post(client, "/desk/suppliers/new", form_of(act="lookup"))
    body = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'value="DELTA COUVERTURE"' in body
    assert 'value="SAS"' in body
    with reading() as session:
        assert session.scalars(select(Supplier)).all() == []


def test_a_register_that_is_down_is_said_and_nothing_typed_is_lost(
    client: FlaskClient, register: Callable[..., None]
) -> None:
    register(down=True)
    body = post(client, "/desk/suppliers/new", form_of(act="lookup", name="Delta")).get_data(
        as_text=True
    )
    assert 'value="Delta"' in body
    assert "v-banner-soon" in body


@pytest.mark.parametrize("body", ['{"results": ["x"]}', "<html>", "[" * 200_000])
def test_a_register_that_answers_nonsense_is_said_and_nothing_typed_is_lost(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer, body: str
) -> None:
    httpserver.expect_request("/search").respond_with_data(body)
    door = registries.RechercheEntreprises(httpserver.url_for("/"))
    monkeypatch.setattr(registries._Holder, "registry", door)
    answer = post(client, "/desk/suppliers/new", form_of(act="lookup", name="Delta"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'value="Delta"' in page
    assert "v-banner-soon" in page


def test_an_open_gap_tells_its_days_and_what_it_exposes(
    client: FlaskClient, firm: Callable[..., Supplier], clock: FixedClock
) -> None:
    supplier = firm()
    refresh(clock)
    with reading() as session:
        euros = session.scalars(
            select(Obligation.exposed).where(
                Obligation.supplier_id == supplier.id, Obligation.requirement == "registration"
            )
        ).one()
    assert euros > 0
    label = re.compile(rf"\d+ j, {show_whole(euros)} €")
    body = plain(client.get(page_of(supplier)).get_data(as_text=True))
    assert label.search(body)
    # What the past is known to have exposed is not kept: the drawing of then tells days alone.
    known = plain(client.get(f"{page_of(supplier)}/known?on=2026-11-20").get_data(as_text=True))
    assert re.search(r"\d+ j\b", known)
    assert not label.search(known)


def show_whole(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal(1)):,}".replace(",", " ")


def plain(body: str) -> str:
    return body.replace("\u202f", " ").replace("\xa0", " ")


def test_who_acts_for_one_company_adds_another_s_supplier_as_the_group_knows_it(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    known = make.supplier("Charlie Secret", siren=SIREN)
    make.engagement(known, make.buyer("Armor Énergies"))
    lucie = browse(make.staff("Lucie", Role.PURCHASING, buyer=buyer).id)
    assert lucie.get(f"/desk/suppliers/{known.id}").status_code == 404
    data = form_of(name="Delta", city="Vannes", buyer=str(buyer.id), started_on="2026-11-01")
    answer = post(lucie, "/desk/suppliers/new", data)
    assert answer.status_code == 303
    page = lucie.get(answer.location).get_data(as_text=True)
    assert "Ajouté sous le nom Charlie Secret" in page
    with reading() as session:
        assert session.scalars(select(Supplier.city)).all() == [None]
    assert post(lucie, "/desk/suppliers/new", data).status_code == 409


def test_a_supplier_is_added_with_its_relation_or_not_at_all(
    client: FlaskClient, buyer: Buyer
) -> None:
    data = form_of(name="Delta", buyer=str(buyer.id), started_on="", act="keep")
    assert post(client, "/desk/suppliers/new", data).status_code == 422
    with reading() as session:
        assert session.scalars(select(Supplier)).all() == []
    data["started_on"] = "2026-11-01"
    assert post(client, "/desk/suppliers/new", data).status_code == 303
    with reading() as session:
        assert session.scalars(select(Engagement)).one().buyer_id == buyer.id
    assert post(client, "/desk/suppliers/new", data).status_code == 409


def test_a_wrong_siren_is_said_at_its_field(client: FlaskClient) -> None:
    answer = post(client, "/desk/suppliers/new", form_of(name="Delta", siren="123", act="keep"))
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="siren-error"' in body
    assert 'value="123"' in body


def test_a_supplier_is_changed_and_becomes_a_sole_trader(
    client: FlaskClient, firm: Callable[..., Supplier]
) -> None:
    supplier = firm()
    data = form_of(name="Alpha", siren=supplier.siren or "", kind="natural_person", act="keep")
    post(client, f"{page_of(supplier)}/change", data)
    with reading() as session:
        changed = session.get_one(Supplier, supplier.id)
    assert (changed.name, changed.kind, changed.has_employees) == ("Alpha", "natural_person", None)
    assert "entrepreneur individuel" in client.get(page_of(supplier)).get_data(as_text=True)


def test_an_auditor_changes_nothing(
    browse: Browse, firm: Callable[..., Supplier], make: Maker
) -> None:
    supplier = firm()
    auditor = browse(make.staff("Irène Audit", Role.AUDITOR).id)
    assert auditor.get(page_of(supplier)).status_code == 200
    for path in ("/change", "/contacts/new", "/relations/new", "/ask", "/follow-ups/new"):
        assert auditor.get(page_of(supplier) + path).status_code == 404


def test_a_certificate_whose_period_is_long_past_warns_beside_its_paper(
    firm: Callable[..., Supplier], client: FlaskClient, clock: FixedClock
) -> None:
    supplier = firm()
    warning = "vieille de plus de six mois depuis le 1er novembre 2026"
    fresh = accepted(supplier, issued_on=date(2026, 6, 20), situation_on=date(2026, 5, 1))
    refresh(clock)
    for url in (page_of(supplier), f"/desk/review/{fresh.id}"):
        assert "plus de six mois" not in client.get(url).get_data(as_text=True), url
    old = accepted(supplier, issued_on=date(2026, 6, 20), situation_on=date(2026, 4, 30))
    refresh(clock)
    for url in (page_of(supplier), f"/desk/review/{old.id}"):
        assert warning in plain(client.get(url).get_data(as_text=True)), url


def test_the_page_adds_up_what_the_companies_in_sight_concluded(
    browse: Browse, client: FlaskClient, make: Maker, firm: Callable[..., Supplier], buyer: Buyer
) -> None:
    supplier = firm()
    assert 'aria-labelledby="group"' not in client.get(f"{page_of(supplier)}/relations").get_data(
        as_text=True
    )
    two, three = make.buyer("Kerlan Énergies"), make.buyer("Kerlan Services")
    for company, amount in ((two, "2600.00"), (three, "2500.00")):
        make.contract(make.engagement(supplier, company), amount=Decimal(amount),
                      signed_on=date(2026, 10, 1))  # fmt: skip
    body = plain(client.get(f"{page_of(supplier)}/relations").get_data(as_text=True))
    assert "Tout le groupe" in body
    assert "5 100" in body
    seer = make.staff("Zoé", Role.PURCHASING, buyer=two)
    make._add(
        StaffScope(
            id=new_id(), user_id=seer.id, role=Role.PURCHASING.value, buyer_id=three.id,
            granted_by_id=new_id(), granted_at=make.clock.at,
        )
    )  # fmt: skip
    body = plain(browse(seer.id).get(f"{page_of(supplier)}/relations").get_data(as_text=True))
    assert "Seules les sociétés que vous voyez sont comptées." in body
    assert "aucune ne l’atteint seule" in body
    assert buyer.name not in body[body.index('id="group"') :]
