"""Ends that the file contradicts, work after an end, and two people who change one thing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.permissions import Role
from supplier.contracts import queries
from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.documents.models import Document
from supplier.kernel.clock import add_years, legal_day
from supplier.kernel.database import new_id, reading
from supplier.parties.models import Buyer, Contact, Engagement, Supplier
from supplier.retention.plan import list_planned
from tests.make import Maker
from tests.web.posting import post, seen_in, token_of

Browse = Callable[[uuid.UUID], FlaskClient]
#: The relation of these tests began then, and ended then where it is over.
BEGAN, ENDED = date(2015, 1, 1), date(2020, 6, 30)


@pytest.fixture
def denise(make: Maker, browse: Browse) -> FlaskClient:
    return browse(make.staff("Denise Achats", Role.PURCHASING).id)


@pytest.fixture
def running(make: Maker) -> Engagement:
    return make.engagement(make.supplier("Alpha Menuiserie"), make.buyer(), started_on=BEGAN)


@pytest.fixture
def ended(make: Maker) -> Engagement:
    return make.engagement(
        make.supplier("Bêta Toiture"), make.buyer("Autre"), started_on=BEGAN, ended_on=ENDED,
        end_confirmed_at=make.clock.at,
    )  # fmt: skip


def place(engagement: Engagement, make: Maker) -> dict[str, object]:
    return {
        "id": new_id(), "engagement_id": engagement.id, "supplier_id": engagement.supplier_id,
        "buyer_id": engagement.buyer_id, "created_at": make.clock.at,
    }  # fmt: skip


def add_work(make: Maker, engagement: Engagement, what: str, day: date) -> str:
    """One thing of a relation, and the words by which it is named in a refusal."""
    where, early = place(engagement, make), date(2015, 2, 1)
    if what == "contract":
        make.contract(engagement, reference="CT-9", signed_on=early, starts_on=early, ends_on=day)
        return "CT-9"
    if what == "termination":
        make.contract(engagement, reference="CT-8", signed_on=early, starts_on=early,
                      ends_on=date(2031, 1, 1), terminated_on=day)  # fmt: skip
        return "CT-8"
    if what == "renewal":
        # Renewed each year on that day, the last time in 2026; nobody has ended it.
        make.contract(engagement, reference="CT-7", signed_on=early, starts_on=early, ends_on=None,
                      renews_on=day.replace(year=2016), renews_months=12)  # fmt: skip
        return "CT-7"
    if what == "order":
        make._add(PurchaseOrder(**where, reference="CO-7", amount=Decimal(10), ordered_on=day))
        return "CO-7"
    if what == "invoice":
        make._add(Invoice(**where, number="F-6", amount=Decimal(10), issued_on=day))
        return "F-6"
    if what == "payment":
        make._add(Invoice(**where, number="F-5", amount=Decimal(10), issued_on=early, paid_on=day))
        return "F-5"
    add_paper(make, engagement.supplier_id, day)
    return "Extrait"


def add_paper(make: Maker, supplier_id: uuid.UUID, day: date) -> None:
    document_id = new_id()
    make._add(
        Document(
            id=document_id, supplier_id=supplier_id, state="accepted", kind="kbis",
            origin="upload", original_name="kbis.pdf", media_type="application/pdf", size=1,
            sha256=document_id.hex * 2, file_key="k", received_at=make.clock.at,
            received_by_kind="supplier", reasons=[], authenticity="confirmed", issued_on=day,
        )
    )  # fmt: skip


def end_of(engagement: Engagement) -> date | None:
    with reading() as session:
        return session.get_one(Engagement, engagement.id).ended_on


WORK = ("contract", "termination", "order", "invoice", "payment", "paper")


@pytest.mark.parametrize("what", [*WORK, "renewal"])
def test_a_relation_does_not_end_before_the_last_thing_on_file(
    make: Maker, running: Engagement, denise: FlaskClient, what: str
) -> None:
    add_work(make, running, "order" if what != "order" else "invoice", date(2017, 5, 5))
    name = add_work(make, running, what, date(2026, 9, 30))
    url = f"/desk/contracts/relations/{running.id}/end"
    answer = post(denise, url, {"ended_on": "2026-09-29"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "30\u00a0septembre 2026" in body
    assert name in body
    assert 'value="2026-09-29"' in body
    assert end_of(running) is None
    assert post(denise, url, {"ended_on": "2026-09-30"}).status_code == 303
    assert end_of(running) == date(2026, 9, 30)


def test_an_end_far_ahead_is_refused_and_one_within_a_year_taken(
    make: Maker, running: Engagement, denise: FlaskClient
) -> None:
    today = legal_day(make.clock.at)
    url = f"/desk/contracts/relations/{running.id}/end"
    assert post(denise, url, {"ended_on": "2050-01-01"}).status_code == 422
    near = add_years(today, 1)
    assert post(denise, url, {"ended_on": near.isoformat()}).status_code == 303
    assert end_of(running) == near


def test_a_paper_for_several_companies_holds_no_relation_open(
    make: Maker, running: Engagement, denise: FlaskClient
) -> None:
    with reading() as session:
        supplier = session.get_one(Supplier, running.supplier_id)
    make.engagement(supplier, make.buyer("Troisième"))
    add_paper(make, supplier.id, date(2026, 9, 30))
    url = f"/desk/contracts/relations/{running.id}/end"
    assert post(denise, url, {"ended_on": "2019-12-31"}).status_code == 303


@pytest.mark.parametrize("what", WORK)
def test_an_end_before_the_work_out_of_old_data_erases_nothing_early(
    make: Maker, ended: Engagement, what: str
) -> None:
    last = date(2026, 9, 30)
    make.contract(ended, signed_on=BEGAN, starts_on=BEGAN, ends_on=ENDED)
    add_paper(make, ended.supplier_id, BEGAN)
    add_work(make, ended, what, last)
    floor = add_years(last, 5)
    with reading() as session:
        planned = list_planned(session, legal_day(make.clock.at))
        alone = list_planned(session, legal_day(make.clock.at), subject_type="document")
    days = {
        one.kept.label: one.first_erasable_on for one in planned
        if one.kept.subject_type in ("contract", "document")
    }  # fmt: skip
    assert days
    if what == "paper":
        assert max(one.first_erasable_on for one in alone if one.first_erasable_on) > floor
    else:
        assert all(day is not None and day > floor for day in days.values()), days
        assert all(one.first_erasable_on and one.first_erasable_on > floor for one in alone)


def test_the_contract_of_one_company_does_not_wait_for_the_work_of_another(
    make: Maker, ended: Engagement
) -> None:
    contract = make.contract(ended, signed_on=BEGAN, starts_on=BEGAN, ends_on=ENDED)
    with reading() as session:
        supplier = session.get_one(Supplier, ended.supplier_id)
    make.contract(make.engagement(supplier, make.buyer("Troisième")))
    with reading() as session:
        planned = {one.key: one for one in list_planned(session, legal_day(make.clock.at))}
    assert planned["contract", contract.id].first_erasable_on == date(2025, 7, 1)


CONTRACT = {
    "reference": "CT-1", "title": "Charpente", "kind": "single", "amount": "9000",
    "currency": "EUR", "signed_on": "2019-01-01", "starts_on": "2019-01-01",
    "ends_on": "2020-06-30", "site_opened_on": "",
}  # fmt: skip
LATE = [
    ("new", CONTRACT, "ends_on", "2027-12-31"),
    ("new", {**CONTRACT, "ends_on": ""}, "signed_on", "2020-07-01"),
    ("orders/new", {"reference": "CO-1", "amount": "900", "currency": "EUR",
                    "ordered_on": "2020-06-30"}, "ordered_on", "2020-07-01"),
    ("invoices/new", {"number": "F-1", "amount": "900", "currency": "EUR",
                      "issued_on": "2020-06-30"}, "issued_on", "2026-10-01"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "field", "late"), LATE)
def test_work_after_the_end_asks_to_resume_the_relation_and_past_work_is_taken(
    ended: Engagement, denise: FlaskClient, kind: str, data: dict[str, str], field: str, late: str
) -> None:
    url = f"/desk/contracts/{kind}/{ended.id}"
    answer = post(denise, url, {**data, field: late})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in body
    assert f'href="/desk/suppliers/{ended.supplier_id}/relations"' in body
    assert f'value="{late}"' in body
    assert post(denise, url, data).status_code == 303


def test_a_contract_of_a_relation_that_ended_is_not_made_longer(
    make: Maker, ended: Engagement, denise: FlaskClient
) -> None:
    row = make.contract(ended, signed_on=BEGAN, starts_on=BEGAN, ends_on=ENDED)
    page = f"/desk/contracts/{row.id}"
    assert post(denise, f"{page}/change", {**CONTRACT, "ends_on": "2027-12-31"}).status_code == 422
    amendment = {"reference": "A1", "title": "Plus", "amount": "10", "signed_on": "2026-01-01"}
    assert post(denise, f"{page}/amend", amendment).status_code == 422
    termination = {"terminated_on": "2026-01-01", "reason": "Fini"}
    assert post(denise, f"{page}/terminate", termination).status_code == 422
    with reading() as session:
        kept = session.get_one(Contract, row.id)
    assert (kept.ends_on, kept.terminated_on) == (ENDED, None)


def opened(client: FlaskClient, url: str) -> dict[str, str]:
    """What a form hides when it is opened."""
    seen = seen_in(client.get(url).get_data(as_text=True))
    return {"csrf_token": token_of(client, url), "seen": seen}


def test_the_slower_of_two_who_correct_a_contract_compares_first(
    make: Maker, running: Engagement, denise: FlaskClient
) -> None:
    row = make.contract(running, amount=Decimal("4200.00"))
    url = f"/desk/contracts/{row.id}/change"
    first, second = opened(denise, url), opened(denise, url)
    framework = {"title": "Toiture", "kind": "framework", "amount": ""}
    assert denise.post(url, data={**CONTRACT, **first, **framework}).status_code == 303
    answer = denise.post(url, data={**CONTRACT, **second, "title": "Bardage"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>Toiture</td><td>Bardage</td>" in body
    assert "<td>Contrat-cadre, sans montant propre</td><td>Contrat avec un montant</td>" in body
    assert 'value="Bardage"' in body
    with reading() as session:
        assert session.get_one(Contract, row.id).title == "Toiture"
    again = {**CONTRACT, "csrf_token": first["csrf_token"], "seen": seen_in(body)}
    assert denise.post(url, data={**again, "title": "Bardage"}).status_code == 303
    with reading() as session:
        assert session.get_one(Contract, row.id).title == "Bardage"


def test_the_slower_of_two_who_change_a_supplier_compares_first(
    running: Engagement, denise: FlaskClient
) -> None:
    with reading() as session:
        supplier = session.get_one(Supplier, running.supplier_id)
    url = f"/desk/suppliers/{supplier.id}/change"
    data = {
        "name": supplier.name, "siren": supplier.siren or "", "country": "FR", "language": "fr",
        "kind": "legal_entity", "register": "rcs", "has_employees": "",
        "employs_foreign_workers": "", "act": "keep", "city": "", "street": "",
    }  # fmt: skip
    first, second = opened(denise, url), opened(denise, url)
    assert denise.post(url, data={**data, **first, "city": "Brest"}).status_code == 303
    answer = denise.post(url, data={**data, **second, "street": "1 rue Haute"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>Brest</td><td>—</td>" in body
    assert 'value="1 rue Haute"' in body
    with reading() as session:
        kept = session.get_one(Supplier, supplier.id)
    assert (kept.city, kept.street) == ("Brest", None)
    bare = {**data, "csrf_token": first["csrf_token"], "street": "1 rue Haute"}
    assert denise.post(url, data=bare).status_code == 409


def test_a_contract_that_renews_itself_has_no_end_until_somebody_ends_it(
    make: Maker, running: Engagement, denise: FlaskClient
) -> None:
    add_work(make, running, "renewal", date(2026, 9, 30))
    url = f"/desk/contracts/relations/{running.id}/end"
    assert queries.propose_end(running.id, buyers=None).ends_on is None
    with reading() as session:
        (row,) = session.scalars(select(Contract))
        (planned,) = list_planned(session, legal_day(make.clock.at), subject_type="contract")
    assert planned.first_erasable_on is None
    done = {"terminated_on": "2025-12-31", "reason": "Non reconduit"}
    assert post(denise, f"/desk/contracts/{row.id}/terminate", done).status_code == 303
    assert queries.propose_end(running.id, buyers=None).ends_on == date(2025, 12, 31)
    assert post(denise, url, {"ended_on": "2025-12-30"}).status_code == 422
    assert post(denise, url, {"ended_on": "2025-12-31"}).status_code == 303
    with reading() as session:
        (planned,) = list_planned(session, legal_day(make.clock.at), subject_type="contract")
    assert planned.first_erasable_on == date(2031, 1, 1)


def test_the_slower_of_two_who_change_a_group_company_compares_first(
    make: Maker, browse: Browse
) -> None:
    admin = browse(make.staff("Anne Administration", Role.ADMINISTRATOR).id)
    buyer = make.buyer("Kerlan Bâtiment")
    url = f"/desk/companies/{buyer.id}"
    data = {
        "name": buyer.name, "short_name": buyer.short_name, "siren": buyer.siren,
        "year_end_day": "31", "year_end_month": "12", "address": "", "contact_name": "",
        "contact_phone": "", "contact_email": "",
    }  # fmt: skip
    first, second = opened(admin, url), opened(admin, url)
    assert admin.post(url, data={**data, **first, "year_end_month": "6", "year_end_day": "30"}
                      ).status_code == 303  # fmt: skip
    answer = admin.post(url, data={**data, **second, "contact_name": "Karim Benali"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>juin</td><td>décembre</td>" in body
    assert "<td>—</td><td>Karim Benali</td>" in body
    assert 'value="Karim Benali"' in body
    with reading() as session:
        kept = session.get_one(Buyer, buyer.id)
    assert (kept.year_end_month, kept.contact_name) == (6, None)
    again = {**data, "csrf_token": first["csrf_token"], "seen": seen_in(body)}
    assert admin.post(url, data={**again, "contact_name": "Karim Benali"}).status_code == 303


def test_the_slower_of_two_who_change_a_contact_compares_first(
    make: Maker, running: Engagement, denise: FlaskClient
) -> None:
    with reading() as session:
        supplier = session.get_one(Supplier, running.supplier_id)
    person = make.contact(supplier, email=None, phone="02 61 91 04 00")
    url = f"/desk/suppliers/contacts/{person.id}/change"
    data = {"name": person.name, "role": "", "email": "", "phone": "02 61 91 04 00",
            "language": "fr"}  # fmt: skip
    first, second = opened(denise, url), opened(denise, url)
    assert denise.post(url, data={**data, **first, "phone": "02 61 91 04 11"}).status_code == 303
    answer = denise.post(url, data={**data, **second, "role": "Gérante"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>02 61 91 04 11</td><td>02 61 91 04 00</td>" in body
    with reading() as session:
        kept = session.get_one(Contact, person.id)
    assert (kept.phone, kept.role) == ("02 61 91 04 11", None)
    again = {**data, "csrf_token": first["csrf_token"], "seen": seen_in(body)}
    assert denise.post(url, data={**again, "role": "Gérante"}).status_code == 303
    bare = {**data, "csrf_token": first["csrf_token"]}
    assert denise.post(url, data=bare).status_code == 409


def test_the_slower_of_two_who_say_who_answers_for_a_relation_compares_first(
    running: Engagement, denise: FlaskClient
) -> None:
    url = f"/desk/suppliers/relations/{running.id}/person"
    data = {"contact_name": "Karim Benali", "contact_phone": "02 61 91 04 00",
            "contact_email": "", "supplier_reference": ""}  # fmt: skip
    assert denise.post(url, data={**data, **opened(denise, url)}).status_code == 303
    first, second = opened(denise, url), opened(denise, url)
    faster = {**data, **first, "contact_phone": "02 61 91 04 11"}
    assert denise.post(url, data=faster).status_code == 303
    answer = denise.post(url, data={**data, **second, "supplier_reference": "F-12"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>02 61 91 04 11</td><td>02 61 91 04 00</td>" in body
    assert 'value="F-12"' in body
    with reading() as session:
        kept = session.get_one(Engagement, running.id)
    assert (kept.contact_phone, kept.supplier_reference) == ("02 61 91 04 11", None)
    bare = {**data, "csrf_token": first["csrf_token"]}
    assert denise.post(url, data=bare).status_code == 409
    again = {**bare, "seen": seen_in(body), "supplier_reference": "F-12"}
    assert denise.post(url, data=again).status_code == 303
    with reading() as session:
        kept = session.get_one(Engagement, running.id)
    assert (kept.contact_phone, kept.supplier_reference) == ("02 61 91 04 00", "F-12")
