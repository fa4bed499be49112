"""The pages of bank details: who sees what, who decides, and what a page never shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from supplier.accounts.models import WebSession
from supplier.accounts.permissions import Role
from supplier.bank.models import BankAccount, CallBack
from supplier.desk.unseen import cover_account
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.result import Finding, Severity, Value
from supplier.kernel.database import db, new_id, reading, transaction
from tests.bank.cast import COOLING, IBAN_A, IBAN_B, IBAN_C, Bank, events, row_of, state_of
from tests.desk.papers import PLACE, read_paper
from tests.make import Maker, actor
from tests.web.posting import post, token_of

Browse = Callable[[UUID], FlaskClient]
SPACED_A = "FR14 2004 1010 0505 0001 3M02 606"


@pytest.fixture
def bank(make: Maker) -> Bank:
    return Bank(make)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def page(account: BankAccount) -> str:
    return f"/desk/bank/{account.id}"


def send(client: FlaskClient, account: BankAccount, what: str, **data: Any) -> Any:
    values = {"seen_hash": account.value_hash, **data}
    return post(client, f"{page(account)}/{what}", values, page=page(account))


def text_of(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def stale_proof(make: Maker) -> None:
    with transaction() as session:
        for row in session.scalars(select(WebSession)):
            row.proved_at = make.clock.at - timedelta(hours=1)


# Two people and a bank change


def test_two_validators_make_a_change_on_their_pages(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    bank.validated()
    make.clock.at += timedelta(days=180)
    account = bank.submit(IBAN_B)
    emile, elise = browse(bank.emile.id), browse(bank.elise.id)
    assert "Alpha Menuiserie" in text_of(emile, "/desk/bank/")
    called = send(emile, account, "call", contact=str(bank.contact.id), result="confirmed",
                  comment="Mme Martin, demande confirmée.")  # fmt: skip
    assert called.status_code == 303
    assert send(emile, account, "approve").status_code == 303
    assert state_of(account) == "approved_once"
    assert send(elise, account, "approve", retyped_iban=IBAN_B).status_code == 303
    assert (state_of(account), row_of(account).active_from) == (
        "approved_twice", make.clock.at + COOLING,
    )  # fmt: skip


def test_the_first_approver_sees_the_iban_and_the_second_does_not(
    bank: Bank, browse: Browse
) -> None:
    account = bank.submit(document_id=bank.paper().id)
    emile, elise = browse(bank.emile.id), browse(bank.elise.id)
    assert SPACED_A in text_of(emile, page(account))
    bank.approve(account, bank.emile)
    for client in (emile, elise):
        body = text_of(client, page(account))
        assert SPACED_A not in body
        assert IBAN_A not in body


def test_no_page_shows_the_number_while_the_second_approver_is_to_type_it(
    bank: Bank, browse: Browse
) -> None:
    shown = Finding(
        "account_differs", Severity.DOUBT, "Another number is printed too: %(shown)s",
        params={"shown": IBAN_A}, page=1, box=PLACE,
    )  # fmt: skip
    said = {"iban": Value(IBAN_A, 1, PLACE), "holder": Value(bank.supplier.name, 1, PLACE)}
    paper = read_paper(bank.supplier, kind=DocumentKind.BANK_DETAILS, said=said, findings=(shown,))
    account, elise = bank.submit(document_id=paper.id), browse(bank.elise.id)
    review = f"/desk/review/{paper.id}"
    before = text_of(elise, review)
    assert SPACED_A in before
    assert elise.get(f"{review}/file").status_code == 200
    assert 'name="value-iban"' in before
    bank.approve(account, bank.emile)
    for url in (review, page(account)):
        body = text_of(elise, url).replace(" ", "")
        assert IBAN_A[4:-4] not in body, url
        assert IBAN_A[-4:] in body, url
    withheld = text_of(elise, review)
    assert 'name="value-iban"' not in withheld
    assert f"{review}/file" not in withheld
    refused = elise.get(f"{review}/file")
    assert refused.status_code == 409
    assert "revient dès que" in refused.get_data(as_text=True)
    bank.approve(account, bank.elise, IBAN_A)
    assert SPACED_A in text_of(elise, review)
    assert elise.get(f"{review}/file").status_code == 200


def test_the_original_of_a_rib_that_was_not_read_is_withheld_as_well(
    bank: Bank, browse: Browse
) -> None:
    paper = read_paper(bank.supplier, kind=DocumentKind.BANK_DETAILS, said={})
    account, elise = bank.submit(), browse(bank.elise.id)
    bank.approve(account, bank.emile)
    assert elise.get(f"/desk/review/{paper.id}/file").status_code == 409
    bank.refuse(account)
    assert elise.get(f"/desk/review/{paper.id}/file").status_code == 200


@pytest.mark.parametrize("written", [
    IBAN_A, SPACED_A, f"IBAN{IBAN_A}", f"iban:{IBAN_A.lower()}", SPACED_A.replace(" ", "-"),
    SPACED_A.replace(" ", "\u202f"), IBAN_C, IBAN_A[4:], "20041 01005 0500013M026 06",
    "20041-01005-0500013m026-06", f"FR15{IBAN_A[4:]}", SPACED_A.replace("FR14", "FR 14"),
    f"n°12 AB34 {IBAN_A}",
])  # fmt: skip
def test_an_account_number_is_covered_however_it_is_written(written: str) -> None:
    covered = cover_account(f"Le compte {written} est celui de la société.")
    bare = re.sub(r"[^A-Z0-9]", "", covered.upper())
    for number in (IBAN_A, IBAN_C):
        assert number[8:-4] not in bare
        assert number[6:-6] not in bare
    assert "••••••••" in covered
    assert covered.endswith(" est celui de la société.")


@pytest.mark.parametrize("words", [
    "SIREN 552 100 554 R.C.S. Paris, capital de 10 000 euros",
    "Code de sécurité ZZ99ZZ9ZZZZ9ZZZ du 2 novembre 2026", "SIRET 55210055400013",
    "Du 12/11/2026 au 11/05/2027, puis du 12/05/2027 au 11/11/2027",
])  # fmt: skip
def test_what_is_no_account_number_stays_legible(words: str) -> None:
    assert cover_account(words) == words


def test_whoever_may_not_approve_sees_it_masked(make: Maker, bank: Bank, browse: Browse) -> None:
    account = bank.submit()
    auditor = make.staff("Irène Contrôle", Role.AUDITOR)
    body = text_of(browse(auditor.id), page(account))
    assert SPACED_A not in body
    assert "/approve" not in body


def test_a_wrong_digit_keeps_what_was_typed(bank: Bank, browse: Browse) -> None:
    account = bank.submit()
    bank.approve(account, bank.emile)
    answer = send(browse(bank.elise.id), account, "approve", retyped_iban="FR76 1234")
    assert answer.status_code == 422
    assert "FR76 1234" in answer.get_data(as_text=True)
    assert "bank.retyped_wrong" in events(account.id)


def test_the_same_person_twice_gets_the_conflict_page(bank: Bank, browse: Browse) -> None:
    account, emile = bank.submit(), browse(bank.emile.id)
    assert send(emile, account, "approve").status_code == 303
    again = send(emile, account, "approve", retyped_iban=IBAN_A)
    assert again.status_code == 409
    assert state_of(account) == "approved_once"


def test_a_page_that_is_out_of_date_changes_nothing(bank: Bank, browse: Browse) -> None:
    account, emile = bank.submit(), browse(bank.emile.id)
    for what, data in (
        ("approve", {}),
        ("refuse", {"reason": "No."}),
        ("call", {"contact": str(bank.contact.id), "result": "confirmed"}),
    ):
        values = {"seen_hash": "0" * 64, **data}
        answer = post(emile, f"{page(account)}/{what}", values, page=page(account))
        assert answer.status_code == 409
    assert events(account.id) == ["bank.submitted"]


def test_the_slower_of_two_first_approvers_is_told(bank: Bank, browse: Browse) -> None:
    account, elise = bank.submit(), browse(bank.elise.id)
    bank.approve(account, bank.emile)
    answer = send(elise, account, "approve")
    assert answer.status_code == 409
    assert "bank.retyped_wrong" not in events(account.id)


def test_the_page_says_why_somebody_may_not_approve(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    both = make.staff("Bruno Partout", Role.PURCHASING, Role.BANK_VALIDATOR)
    account = bank.submit(by=both)
    body = text_of(browse(both.id), page(account))
    assert 'form="approve"' not in body
    assert "écarté" in body


def test_approving_asks_for_a_fresh_proof(make: Maker, bank: Bank, browse: Browse) -> None:
    account, emile = bank.submit(), browse(bank.emile.id)
    assert 'form="approve"' in text_of(emile, page(account))
    stale_proof(make)
    body = text_of(emile, page(account))
    assert 'form="approve"' not in body
    assert "/prove?next=" in body
    answer = post(emile, f"{page(account)}/approve", {"seen_hash": account.value_hash},
                  page="/desk/bank/")  # fmt: skip
    assert "/prove" in answer.location
    assert state_of(account) == "submitted"


def test_what_was_retyped_outlives_a_proof_that_grew_stale_and_waits_sealed(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    account, elise = bank.submit(), browse(bank.elise.id)
    bank.approve(account, bank.emile)
    token = token_of(elise, page(account))
    stale_proof(make)
    typed = {"seen_hash": account.value_hash, "retyped_iban": IBAN_A}
    answer = elise.post(
        f"{page(account)}/approve", data={"csrf_token": token, **typed},
        headers={"Referer": page(account)},
    )  # fmt: skip
    assert "/prove" in answer.location
    with transaction() as session:
        for row in session.scalars(select(WebSession)):
            assert IBAN_A[4:-4] not in str(row.data)
            row.proved_at = make.clock.at
    assert f'value="{IBAN_A}"' in text_of(elise, page(account))
    assert IBAN_A not in text_of(elise, page(account))
    assert state_of(account) == "approved_once"
    assert send(elise, account, "approve", retyped_iban=IBAN_A).status_code == 303


def test_blocking_never_waits_for_a_proof(make: Maker, bank: Bank, browse: Browse) -> None:
    account, emile = bank.validated(), browse(bank.emile.id)
    stale_proof(make)
    answer = post(emile, f"{page(account)}/block", {"reason": "La banque a appelé."})
    assert answer.status_code == 303
    assert state_of(account) == "blocked"


def test_refusing_needs_a_reason_and_keeps_the_page(bank: Bank, browse: Browse) -> None:
    account, emile = bank.submit(), browse(bank.emile.id)
    assert post(emile, f"{page(account)}/refuse", {"reason": " "}).status_code == 422
    url = f"{page(account)}/refuse?seen={account.value_hash}"
    data = {"reason": "Le RIB est coupé.", "seen_hash": account.value_hash}
    assert post(emile, url, data).status_code == 303
    assert row_of(account).closed_reason == "Le RIB est coupé."


def test_an_approval_waits_for_the_call(make: Maker, bank: Bank, browse: Browse) -> None:
    bank.validated()
    make.clock.at += timedelta(days=180)
    account, emile = bank.submit(IBAN_B), browse(bank.emile.id)
    assert 'form="approve"' not in text_of(emile, page(account))
    assert send(emile, account, "approve").status_code == 422
    assert state_of(account) == "submitted"


def test_a_call_that_is_wrong_keeps_what_was_typed(bank: Bank, browse: Browse) -> None:
    account, emile = bank.submit(), browse(bank.emile.id)
    answer = send(emile, account, "call", contact="other", number="12", source="public_register",
                  result="confirmed", comment="Mme Kerbrat")  # fmt: skip
    assert answer.status_code == 422
    assert "Mme Kerbrat" in answer.get_data(as_text=True)
    with reading() as session:
        assert session.scalars(select(CallBack)).all() == []


def test_a_young_number_is_shown_as_one_not_to_call(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    make.contact(bank.supplier, phone="06 99 99 99 99", changed_at=make.clock.at)
    account = bank.submit()
    body = text_of(browse(bank.emile.id), page(account))
    assert "06 99 99 99 99" in body
    assert "tel:0699999999" not in body


def test_the_page_of_a_change_does_not_offer_whoever_asked(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    alice = make.contact(bank.supplier, email=bank.alice.email, phone="06 11 22 33 44",
                         changed_at=make.clock.at - timedelta(days=400))  # fmt: skip
    bank.validated()
    make.clock.at += timedelta(days=180)
    account, emile = bank.submit(IBAN_B), browse(bank.emile.id)
    body = text_of(emile, page(account))
    assert "tel:0611223344" not in body
    assert str(alice.id) not in body
    assert "joint la personne qui a fait la demande" in body
    for contact, number in ((str(alice.id), ""), ("other", "06 11 22 33 44")):
        answer = send(emile, account, "call", contact=contact, number=number, result="confirmed",
                      source="website", comment="Mme Martin")  # fmt: skip
        assert answer.status_code == 422
        assert "Mme Martin" in answer.get_data(as_text=True)
    assert row_of(account).state == "submitted"


def test_the_page_of_a_confirmed_change_shows_the_number_that_was_called(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    bank.validated()
    make.clock.at += timedelta(days=180)
    account, emile = bank.submit(IBAN_B), browse(bank.emile.id)
    bank.call(account, "unreached")
    assert f"tel:{bank.contact.phone.replace(' ', '')}" in text_of(emile, page(account))
    bank.call(account, contact_id=None, number="01 44 55 66 77", source="public_register")
    body = text_of(emile, page(account))
    aside = body[body.index('id="call"') : body.index('id="people"')]
    assert "tel:0144556677" in aside
    assert "Numéro appelé par Émile Contrôle" in aside
    assert f"tel:{bank.contact.phone.replace(' ', '')}" not in aside


def test_the_page_of_a_supplier_known_only_today_asks_for_a_call_and_says_where_to_find_a_number(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    new = make.supplier("Omega Toiture")
    make.engagement(new, bank.buyer)
    make.contact(new, phone="02 97 00 00 01")
    account, emile = bank.submit(supplier=new), browse(bank.emile.id)
    body = text_of(emile, page(account))
    assert "Aucun signe contraire" not in body
    assert "Non exigé" not in body
    assert "sur le site internet du fournisseur" in body
    assert "ne l’appelez que si vous le trouvez aussi ailleurs" in body
    assert 'data-key="v"' not in body
    assert send(emile, account, "approve").status_code == 422
    called = send(emile, account, "call", contact="other", number="0297000001", source="website",
                  result="confirmed", comment="Standard.")  # fmt: skip
    assert called.status_code == 303
    assert 'data-key="v"' in text_of(emile, page(account))
    assert send(emile, account, "approve").status_code == 303


def test_the_page_of_a_first_account_says_when_the_only_number_may_be_called(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    new = make.supplier("Omega Toiture")
    make.engagement(new, bank.buyer)
    make.contact(new, phone="02 97 00 00 02", changed_at=make.clock.at - timedelta(days=400))
    account, emile = bank.submit(supplier=new), browse(bank.emile.id)
    body = text_of(emile, page(account))
    assert "joint la personne qui a fait la demande" in body
    assert "N’appelez pas le 02" not in body
    called = send(emile, account, "call", contact="other", number="02 97 00 00 02",
                  source="public_register", result="confirmed", comment="Annuaire.")  # fmt: skip
    assert called.status_code == 303


# Who sees what


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PURCHASING, Role.DATA_PROTECTION])
def test_those_without_the_right_find_nothing(
    make: Maker, bank: Bank, browse: Browse, role: Role
) -> None:
    account, person = bank.submit(), make.staff("Hugo", role)
    client = browse(person.id)
    for url in ("/desk/bank/", page(account), f"{page(account)}/pages/1.png"):
        assert client.get(url).status_code == 404


def test_an_auditor_looks_and_changes_nothing(make: Maker, bank: Bank, browse: Browse) -> None:
    account = bank.submit()
    irene = browse(make.staff("Irène", Role.AUDITOR).id)
    assert irene.get(page(account)).status_code == 200
    for what in ("approve", "call", "refuse", "block"):
        assert post(irene, f"{page(account)}/{what}", page="/desk/bank/").status_code == 404


def test_other_companies_accounts_do_not_exist(make: Maker, bank: Bank, browse: Browse) -> None:
    account = bank.submit(buyer_id=bank.buyer.id, document_id=bank.paper().id)
    other = make.buyer("Kerlan Énergies")
    stranger = browse(make.staff("Paul", Role.BANK_VALIDATOR, buyer=other).id)
    assert "Alpha" not in text_of(stranger, "/desk/bank/?view=all")
    for url in (page(account), f"{page(account)}/pages/1.png", f"{page(account)}/block"):
        assert stranger.get(url).status_code == 404
    assert browse(bank.emile.id).get(f"/desk/bank/{new_id()}").status_code == 404


def test_the_page_of_the_paper_is_shown_and_no_other_paper(bank: Bank, browse: Browse) -> None:
    emile = browse(bank.emile.id)
    account = bank.submit(document_id=bank.paper().id)
    answer = emile.get(f"{page(account)}/pages/1.png")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert emile.get(f"{page(account)}/pages/2.png").status_code == 404
    with transaction() as session:
        from supplier.documents.models import Document

        session.get_one(Document, account.document_id).kind = "kbis"
    assert emile.get(f"{page(account)}/pages/1.png").status_code == 404


# Entry by staff


def entry(**values: str) -> dict[str, str]:
    return {"holder": "Alpha Menuiserie", "iban": IBAN_A, "confirmed": "y", "buyer": "",
            "document": "", **values}  # fmt: skip


def test_staff_enter_for_a_supplier_and_it_says_so(bank: Bank, browse: Browse) -> None:
    denise = browse(bank.denise.id)
    answer = post(denise, f"/desk/bank/new/{bank.supplier.id}", entry())
    assert answer.status_code == 303
    with reading() as session:
        account = session.scalars(select(BankAccount)).one()
    assert (account.submitted_by_kind, account.submitted_by_id) == ("staff", bank.denise.id)
    assert "pour le fournisseur" in text_of(browse(bank.emile.id), page(account))


def test_a_wrong_entry_keeps_what_was_typed(bank: Bank, browse: Browse) -> None:
    denise = browse(bank.denise.id)
    answer = post(denise, f"/desk/bank/new/{bank.supplier.id}", entry(iban="FR14 1234"))
    assert answer.status_code == 422
    assert "FR14 1234" in answer.get_data(as_text=True)
    unconfirmed = {key: value for key, value in entry().items() if key != "confirmed"}
    answer = post(denise, f"/desk/bank/new/{bank.supplier.id}", unconfirmed)
    assert answer.status_code == 422


def test_staff_enter_only_for_suppliers_in_sight(make: Maker, bank: Bank, browse: Browse) -> None:
    other = make.buyer("Kerlan Énergies")
    stranger = browse(make.staff("Paule", Role.PURCHASING, buyer=other).id)
    assert stranger.get(f"/desk/bank/new/{bank.supplier.id}").status_code == 404
    assert browse(bank.emile.id).get(f"/desk/bank/new/{bank.supplier.id}").status_code == 404


# Lists


def test_views_hold_what_they_say(make: Maker, bank: Bank, browse: Browse) -> None:
    emile = browse(bank.emile.id)
    names = {view: f"Beta {view}" for view in ("waiting", "cooling", "active", "blocked")}
    ibans = (IBAN_A, IBAN_B, IBAN_C, "BE68539007547034")
    made = {}
    for (view, name), iban in zip(names.items(), ibans, strict=True):
        supplier = make.supplier(name)
        make.engagement(supplier, bank.buyer)
        make.contact(supplier, changed_at=make.clock.at - timedelta(days=400))
        account = made[view] = bank.submit(iban, supplier=supplier)
        if view in {"cooling", "active"}:
            bank.approve(account, bank.emile)
    bank.approve(made["active"], bank.elise, ibans[2])
    bank.block(made["blocked"])
    make.clock.at += COOLING
    bank.approve(made["cooling"], bank.elise, ibans[1])
    emile = browse(bank.emile.id)
    for view, name in names.items():
        body = text_of(emile, f"/desk/bank/?view={view}")
        assert [other for other in names.values() if other in body] == [name]
    everything = text_of(emile, "/desk/bank/?view=all")
    assert all(name in everything for name in names.values())


@pytest.mark.parametrize("search", ["béta", "BETA", IBAN_B, "FR76 3000 6000 0112 3456 7890 189"])
def test_an_account_is_found_by_name_or_whole_iban(
    make: Maker, bank: Bank, browse: Browse, search: str
) -> None:
    supplier = make.supplier("Beta Couverture")
    make.engagement(supplier, bank.buyer)
    bank.submit()
    bank.submit(IBAN_B, supplier=supplier)
    answer = browse(bank.emile.id).get("/desk/bank/", query_string={"q": search, "view": "all"})
    body = answer.get_data(as_text=True)
    assert "Beta Couverture" in body
    assert "Alpha Menuiserie" not in body


def test_the_rail_counts_what_waits(bank: Bank, browse: Browse) -> None:
    bank.submit()
    body = text_of(browse(bank.emile.id), "/desk/bank/?view=blocked")
    assert 'class="v-count">1<' in body


def test_pages_take_at_most_twelve_statements_whatever_they_show(
    make: Maker, bank: Bank, browse: Browse
) -> None:
    bank.validated()
    make.clock.at += timedelta(days=180)
    account = bank.submit(IBAN_B, document_id=bank.paper(IBAN_B).id)
    emile = browse(bank.emile.id)
    urls = ("/desk/bank/?view=all", page(account), f"{page(account)}/refuse")
    counts: list[int] = []
    emile.get("/desk/bank/")
    for _ in range(2):
        for url in urls:
            with counted() as seen:
                assert emile.get(url).status_code == 200
            counts.append(len(seen))
        for number, iban in enumerate((IBAN_C, "BE68539007547034", "NL91ABNA0417164300")):
            supplier = make.supplier(f"Gamma {number}")
            make.engagement(supplier, bank.buyer)
            bank.submit(iban, supplier=supplier)
        bank.call(account)
        make.contact(bank.supplier, name="Luc Pont", phone="06 98 76 54 32")
    assert counts[:3] == counts[3:]
    assert max(counts) <= 12


@pytest.mark.parametrize("language", ["fr", "en", "de"])
def test_every_language_shows_every_state(
    make: Maker, bank: Bank, browse: Browse, language: str
) -> None:
    bank.emile = make.staff("Émile", Role.BANK_VALIDATOR)
    with transaction() as session:
        from supplier.accounts.models import User

        session.get_one(User, bank.emile.id).language = language
    emile = browse(bank.emile.id)
    account = bank.submit(document_id=bank.paper().id)
    assert emile.get(page(account)).status_code == 200
    bank.call(account, by=actor(bank.elise))
    bank.approve(account, bank.elise)
    assert emile.get(page(account)).status_code == 200
    bank.approve(account, bank.emile, IBAN_A)
    assert emile.get(page(account)).status_code == 200
    bank.block(account)
    assert emile.get(page(account)).status_code == 200
