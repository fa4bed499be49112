"""Imports, search, journal, rules and group companies on the desk."""

from __future__ import annotations

import ast
import io
import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from supplier import jobs
from supplier.accounts.permissions import Role
from supplier.kernel import journal
from supplier.kernel.audit import Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.parties.models import Buyer, ImportBatch, RuleOverride, Supplier
from supplier.vigilance.actions import refresh_all
from supplier.vigilance.rules import KEYS
from supplier.web import lists
from supplier.web.event_words import WORDS
from tests.desk.papers import read_paper
from tests.make import Maker, luhn_siren
from tests.web.posting import post, token_of

Browse = Callable[[uuid.UUID], FlaskClient]
GOOD, BAD = luhn_siren(41), "123456789"
TABLE = (
    "Raison sociale;SIREN;Ville;Contact;Courriel\n"
    f"Été Façades;{GOOD};Vannes;Anne Corbel;anne@ete.example\n"
    f"Faux numéro;{BAD};Brest;;\n"
)


@pytest.fixture
def buyer(make: Maker) -> Buyer:
    return make.buyer()


def sign_in(browse: Browse, make: Maker, role: Role, **values: Buyer) -> FlaskClient:
    return browse(make.staff(f"{role.value} personne", role, **values).id)


def upload(client: FlaskClient, buyer: Buyer, data: bytes = TABLE.encode("cp1252")) -> str:
    """Rehearse a table; the address of its page."""
    answer = post(
        client, "/desk/imports/", {"buyer": str(buyer.id), "file": (io.BytesIO(data), "t.csv")}
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)[:400]
    return str(answer.headers["Location"])


def test_an_import_is_rehearsed_line_by_line_then_done_once(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    client = sign_in(browse, make, Role.PURCHASING)
    page = upload(client, buyer)
    body = client.get(page).get_data(as_text=True)
    assert "1 ligne ajouterait un fournisseur" in body
    assert "Été Façades" in body
    assert "1 est à corriger" in body
    with reading() as session:
        assert session.scalars(select(Supplier)).all() == []
    assert post(client, f"{page}/carry-out", page=page).status_code == 303
    with reading() as session:
        assert [one.name for one in session.scalars(select(Supplier))] == ["Été Façades"]
    token = token_of(client, page)
    assert client.post(f"{page}/carry-out", data={"csrf_token": token}).status_code == 409


def test_a_rehearsal_says_what_differs_from_a_known_supplier_and_stays(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    known = make.supplier("Ancien Nom", legal_form="EI", kind="natural_person", city=None)
    make.engagement(known, buyer)
    client = sign_in(browse, make, Role.PURCHASING)
    table = (
        "Raison sociale;SIREN;Forme juridique;Ville;Code postal\n"
        f"BRENNER;{known.siren};SARL;Colmar;6000\n"
    )
    page = upload(client, buyer, table.encode())
    body = client.get(page).get_data(as_text=True).replace("\u00a0", " ")
    assert "1 ligne diffère de la fiche de son fournisseur" in body
    assert "Diffère, conservé : Forme juridique : EI (dans le fichier : SARL)" in body
    assert "Ajouté : Code postal : 06000 · Ville : Colmar" in body
    assert "le zéro du code postal" in body
    report = client.get(f"{page}/report.csv").get_data(as_text=True).replace("\u00a0", " ")
    assert "Nom : Ancien Nom (dans le fichier : BRENNER)" in report


def test_only_the_lines_to_correct_are_shown_and_downloaded(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    client = sign_in(browse, make, Role.PURCHASING)
    page = upload(client, buyer)
    body = client.get(f"{page}?only=error").get_data(as_text=True)
    assert "Faux numéro" in body
    assert "Été Façades" not in body
    report = client.get(f"{page}/report.csv?only=error").get_data(as_text=True)
    assert "Faux numéro" in report
    assert "Été" not in report


def test_columns_are_named_otherwise_and_rehearsed_again(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    client = sign_in(browse, make, Role.PURCHASING)
    page = upload(client, buyer)
    twice = {"column-name": "0", "column-city": "0", "column-siren": "1"}
    assert post(client, f"{page}/columns", twice, page=page).status_code == 422
    # Python itself refuses to read a number of thousands of digits.
    huge = {"column-name": "1" * 5000}
    assert post(client, f"{page}/columns", huge, page=page).status_code == 303
    answer = post(client, f"{page}/columns", {"column-name": "2", "column-siren": "1"}, page=page)
    assert answer.status_code == 303
    assert "Vannes" in client.get(answer.headers["Location"]).get_data(as_text=True)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(ImportBatch)) == 3


def test_a_table_without_a_correct_line_is_not_carried_out(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    client = sign_in(browse, make, Role.PURCHASING)
    table = f"Raison sociale;SIREN\nFaux;{BAD}\nFaux aussi {'x' * 90};{BAD}\n"
    page = upload(client, buyer, table.encode())
    shown = client.get(page).get_data(as_text=True)
    assert "et seraient laissés de côté" in shown
    assert f'title="Faux aussi {"x" * 90}"' in shown
    assert "x" * 80 + "<" not in shown
    answer = post(client, f"{page}/carry-out", page=page)
    assert answer.status_code == 422
    assert "Aucune ligne n’est correcte" in answer.get_data(as_text=True)
    with reading() as session:
        assert session.scalars(select(ImportBatch)).one().state == "rehearsed"


def test_every_cell_of_a_csv_stands_in_quotes(app: Flask) -> None:
    with app.test_request_context():
        answer = lists.export([{"a": "x,=1+1"}], columns=[("a", "A")], name="t", kind="csv")
    assert '"x,=1+1"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\0"])
def test_what_is_no_table_is_said_at_the_field(
    browse: Browse, make: Maker, buyer: Buyer, data: bytes
) -> None:
    client = sign_in(browse, make, Role.PURCHASING)
    answer = post(
        client, "/desk/imports/", {"buyer": str(buyer.id), "file": (io.BytesIO(data), "t.csv")}
    )
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.get_data(as_text=True)


def test_a_rehearsal_says_how_many_would_owe_papers_at_once(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    client = sign_in(browse, make, Role.PURCHASING)
    table = (
        f"nom;siren;début\nA;{luhn_siren(61)};\nB;{luhn_siren(62)};01/09/2025\n"
        f"C;{luhn_siren(63)};01/12/2099\nD;12;\n"
    )
    page = upload(client, buyer, table.encode())
    body = client.get(page).get_data(as_text=True)
    assert "2 fournisseurs devraient aussitôt des documents" in body
    assert "1 fournisseur n’en devrait qu’à partir" in body
    assert post(client, f"{page}/carry-out", {}).status_code == 303
    with reading() as session:
        found = session.scalars(select(Supplier).where(Supplier.siren == luhn_siren(61))).one()
    assert "devraient aussitôt" not in client.get(page).get_data(as_text=True)
    again = upload(client, buyer, table.encode())
    assert "aussitôt" not in client.get(again).get_data(as_text=True)
    refresh_all(now=make.clock.at)
    shown = client.get(f"/desk/suppliers/{found.id}").get_data(as_text=True)
    assert "aucun connu" in shown
    assert "sans fin prévue" not in shown


def test_an_import_of_another_company_does_not_exist(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    page = upload(sign_in(browse, make, Role.PURCHASING), buyer)
    other = sign_in(browse, make, Role.PURCHASING, buyer=make.buyer("Autre"))
    assert other.get(page).status_code == 404
    assert "t.csv" not in other.get("/desk/imports/").get_data(as_text=True)


def test_the_search_box_finds_suppliers_and_papers_in_sight(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    supplier = make.supplier("Alpha Menuiserie", search_text="alpha menuiserie")
    make.engagement(supplier, buyer)
    document = read_paper(supplier, original_name="alpha_urssaf.pdf")
    answer = sign_in(browse, make, Role.PURCHASING).get("/desk/search/?q=Alpha")
    body = answer.get_data(as_text=True)
    assert f"/desk/suppliers/{supplier.id}" in body
    assert f"/desk/review/{document.id}" in body
    stranger = sign_in(browse, make, Role.PURCHASING, buyer=make.buyer("Autre"))
    assert "Rien trouvé" in stranger.get("/desk/search/?q=Alpha").get_data(as_text=True)
    admin = sign_in(browse, make, Role.ADMINISTRATOR)
    assert f"/desk/review/{document.id}" not in admin.get("/desk/search/?q=alpha").get_data(
        as_text=True
    )


def test_the_journal_is_filtered_and_hides_bank_events_from_who_may_not_see_them(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    purchasing = sign_in(browse, make, Role.PURCHASING)
    upload(purchasing, buyer)
    assert purchasing.get("/desk/journal/").status_code == 404
    auditor = sign_in(browse, make, Role.AUDITOR)
    body = auditor.get("/desk/journal/?kind=import.&actor=purchasing").get_data(as_text=True)
    assert "Import répété à blanc" in body
    assert (
        auditor.get("/desk/journal/?since=2027-01-01")
        .get_data(as_text=True)
        .count("import.rehearsed")
        == 0
    )


def tamper(**values: str | None) -> None:
    """Change the first line as only somebody with the database could, its guard removed."""
    with transaction() as session:
        sqlite = session.get_bind().dialect.name == "sqlite"
        guard = "event_no_update" if sqlite else "event_append_only ON event"
        session.execute(text(f"DROP TRIGGER {guard}"))
        session.execute(update(Event).where(Event.seq == 1).values(**values))


@pytest.mark.schema
def test_a_changed_line_breaks_the_chain_and_the_page_says_where(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    upload(sign_in(browse, make, Role.PURCHASING), buyer)
    auditor = sign_in(browse, make, Role.AUDITOR)
    url = "/desk/journal/verify"
    assert post(auditor, url, page="/desk/journal/").status_code == 303
    assert "La chaîne tient" in auditor.get("/desk/journal/").get_data(as_text=True)
    tamper(actor_name="Personne")
    assert journal.verify_tail()[0] == [1]
    post(auditor, url, page="/desk/journal/")
    body = auditor.get("/desk/journal/").get_data(as_text=True)
    assert "La chaîne est rompue à la ligne 1" in body


@pytest.mark.schema
def test_the_chain_covers_the_company_that_a_line_concerns(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    upload(sign_in(browse, make, Role.PURCHASING), buyer)
    with reading() as session:
        assert session.get_one(Event, 1).buyer_id == buyer.id
    tamper(buyer_id=None)
    assert journal.verify_tail()[0] == [1]


@pytest.mark.schema
def test_a_shortened_check_still_meets_the_lines_before_it(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    client = sign_in(browse, make, Role.PURCHASING)
    for _ in range(3):
        upload(client, buyer)
    assert journal.verify_tail(lines=1) == ([], 1)
    tamper(digest="0" * 64)
    assert journal.verify_tail(lines=1) == ([], 1)
    assert journal.verify_tail()[0] == [1, 2]


def test_every_event_of_the_code_has_its_words() -> None:
    kinds = set()
    for path in (Path(__file__).resolve().parents[2] / "supplier").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in {"record", "move", "_note"}:
                    kinds |= {
                        arg.value for arg in node.args
                        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                    }  # fmt: skip
    assert kinds - set(WORDS) == set()


def test_a_rule_is_decided_from_a_day_after_everybody_saw_what_it_would_do(
    browse: Browse, make: Maker, buyer: Buyer, clock: FixedClock
) -> None:
    make.contract(make.engagement(make.supplier("Alpha Menuiserie"), buyer),
                  amount=Decimal("3900.00"))  # fmt: skip
    client = sign_in(browse, make, Role.ADMINISTRATOR)
    data = {"value": "3500", "buyer": str(buyer.id)}
    url = post(client, "/desk/rules/vigilance.threshold", data).headers["Location"]
    waiting = client.get(url).get_data(as_text=True)
    assert "En cours de calcul" in waiting
    assert "data-refresh-url" in waiting
    jobs.run_due(now=clock.at)
    piece = client.get(url, headers={"X-Fragment": "rehearsal"}).get_data(as_text=True)
    assert "Alpha Menuiserie" in piece
    assert "data-refresh-url" not in piece
    assert "<html" not in piece
    with reading() as session:
        assert session.scalars(select(RuleOverride)).all() == []
    assert post(client, url, {"from_on": ""}).status_code == 422
    assert post(client, url, {"from_on": "2026-12-01"}).status_code == 303
    assert post(client, url, {"from_on": "2026-12-01"}).status_code == 409
    with reading() as session:
        row = session.scalars(select(RuleOverride)).one()
    assert (row.key, row.value, row.buyer_id, row.from_on) == (
        "vigilance.threshold", "3500", buyer.id, date(2026, 12, 1),
    )  # fmt: skip
    assert "dès le 01/12/2026" in client.get("/desk/rules/").get_data(as_text=True)


def test_a_value_that_holds_already_is_not_rehearsed(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    client, url = sign_in(browse, make, Role.ADMINISTRATOR), "/desk/rules/vigilance.threshold"
    shown = client.get(url).get_data(as_text=True).replace("\u202f", " ").replace("\xa0", " ")
    assert "5 000 €" in shown
    assert "5000 €" not in shown
    default = KEYS["vigilance.threshold"].default
    answer = post(client, url, {"value": default, "buyer": str(buyer.id)})
    assert answer.status_code == 422
    assert "rien ne changerait" in answer.get_data(as_text=True)


def test_a_rehearsal_of_the_group_is_not_for_the_administrator_of_one_company(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    everybodys = post(sign_in(browse, make, Role.ADMINISTRATOR), "/desk/rules/vigilance.threshold",
                      {"value": "3500", "buyer": ""}).headers["Location"]  # fmt: skip
    one = browse(make.staff("Hugo Une", Role.ADMINISTRATOR, buyer=buyer).id)
    assert one.get(everybodys).status_code == 404
    assert post(one, everybodys, {"from_on": "2026-12-01"}).status_code == 404


@pytest.mark.parametrize("value", ["beaucoup", "", "-3", "٣"])
def test_a_value_that_the_rule_does_not_accept_is_said_at_its_field(
    browse: Browse, make: Maker, buyer: Buyer, value: str
) -> None:
    client = sign_in(browse, make, Role.ADMINISTRATOR)
    data = {"value": value, "buyer": ""}
    answer = post(client, "/desk/rules/vigilance.warn_days", data)
    assert answer.status_code == 422
    told = answer.get_data(as_text=True)
    assert 'id="value-error"' in told
    assert "Un nombre de jours" in told.partition('id="value-error"')[2][:300]
    assert told.count('id="csrf_token"') == 0


@pytest.mark.parametrize(
    ("rule", "value", "reason"),
    [
        ("threshold", "9000", "peut seulement être abaissé"),
        ("renewal.social_certificate", "7", "peut seulement être raccourcie"),
    ],
)
def test_a_value_that_the_law_does_not_allow_is_refused_for_that_reason(
    browse: Browse, make: Maker, buyer: Buyer, rule: str, value: str, reason: str
) -> None:
    client = sign_in(browse, make, Role.ADMINISTRATOR)
    answer = post(client, f"/desk/rules/vigilance.{rule}", {"value": value, "buyer": ""})
    assert answer.status_code == 422
    told = answer.get_data(as_text=True).partition('id="value-error"')[2].partition("</div>")[0]
    assert reason in told
    assert "Un montant" not in told
    assert "Un nombre" not in told


def test_a_value_that_is_a_word_of_ours_is_chosen_not_typed(
    browse: Browse, make: Maker, buyer: Buyer, clock: FixedClock
) -> None:
    client = sign_in(browse, make, Role.ADMINISTRATOR)
    for rule, words in (("period", "reste bonne"), ("mode", "douze mois glissants")):
        url = f"/desk/rules/vigilance.{rule}"
        shown = client.get(url).get_data(as_text=True)
        assert 'type="radio"' in shown
        assert words in shown
        assert post(client, url, {"value": "", "buyer": ""}).status_code == 422
        assert post(client, url, {"value": "often", "buyer": ""}).status_code == 422
    url = "/desk/rules/vigilance.not_asked"
    shown = client.get(url).get_data(as_text=True)
    assert "Attestation de régularité fiscale" in shown
    assert "Attestation de vigilance" not in shown  # the law asks for it
    assert post(client, url, {"value": ["social_certificate"], "buyer": ""}).status_code == 422
    left_out = {"value": ["tax_certificate", "bank_details"], "buyer": ""}
    waiting = post(client, url, left_out).headers["Location"]
    jobs.run_due(now=clock.at)
    assert post(client, waiting, {"from_on": "2026-01-01"}).status_code == 303
    listed = client.get("/desk/rules/").get_data(as_text=True)
    assert "Attestation de régularité fiscale, Coordonnées bancaires" in listed
    again = client.get(url).get_data(as_text=True)
    assert again.count("<input checked") == 2


def test_rules_are_for_administrators_and_unknown_ones_do_not_exist(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    assert sign_in(browse, make, Role.PURCHASING).get("/desk/rules/").status_code == 404
    admin = sign_in(browse, make, Role.ADMINISTRATOR)
    assert admin.get("/desk/rules/vigilance.nothing").status_code == 404


def company(**values: str) -> dict[str, str]:
    return {"name": "Kerlan Marine", "short_name": "Marine", "siren": luhn_siren(90),
            "year_end_day": "30", "year_end_month": "6", **values}  # fmt: skip


def test_a_group_company_is_added_and_changed_but_keeps_its_siren(
    browse: Browse, make: Maker
) -> None:
    client = sign_in(browse, make, Role.ADMINISTRATOR)
    assert post(client, "/desk/companies/new", company()).status_code == 303
    assert post(client, "/desk/companies/new", company()).status_code == 409
    with reading() as session:
        one = session.scalars(select(Buyer)).one()
    assert (one.year_end_day, one.year_end_month) == (30, 6)
    post(client, f"/desk/companies/{one.id}", company(name="Marine", siren=luhn_siren(91)))
    with reading() as session:
        changed = session.get_one(Buyer, one.id)
    assert (changed.name, changed.siren) == ("Marine", luhn_siren(90))


@pytest.mark.parametrize(
    "wrong", [{"year_end_day": "31", "year_end_month": "2"}, {"siren": "12"}, {"name": ""}]
)
def test_a_wrong_company_is_said_and_not_kept(
    browse: Browse, make: Maker, wrong: dict[str, str]
) -> None:
    client = sign_in(browse, make, Role.ADMINISTRATOR)
    answer = post(client, "/desk/companies/new", company(**wrong))
    assert answer.status_code == 422
    assert "v-field-bad" in answer.get_data(as_text=True)
    with reading() as session:
        assert session.scalars(select(Buyer)).all() == []


def test_an_administrator_of_one_company_adds_none_and_sees_no_other(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    other = make.buyer("Autre")
    client = sign_in(browse, make, Role.ADMINISTRATOR, buyer=buyer)
    assert client.get("/desk/companies/new").status_code == 404
    assert client.get(f"/desk/companies/{other.id}").status_code == 404
    assert client.get(f"/desk/companies/{buyer.id}").status_code == 200


def test_a_line_names_the_number_that_stands_in_it(
    browse: Browse, make: Maker, buyer: Buyer
) -> None:
    client = sign_in(browse, make, Role.PURCHASING)
    page = upload(client, buyer, b"Nom;SIRET\nAlpha;5,4E+13\n")
    for url in (page, f"{page}/report.csv"):
        shown = client.get(url).get_data(as_text=True)
        assert "abrégé ce numéro en 5,4E+13" in shown, url
