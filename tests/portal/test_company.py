"""Bank details, the questionnaire, contacts and mandates, as a supplier handles them."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import Invitation, Mandate
from supplier.bank.models import BankAccount
from supplier.documents.models import Document
from supplier.kernel.audit import Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading
from supplier.notifications import outbox
from supplier.parties.models import Contact, Supplier
from supplier.portal.bank import marked
from tests.documents.hands import rib
from tests.make import Maker
from tests.portal.conftest import Portal
from tests.portal.test_deposit import plain
from tests.web.posting import post, seen_in, token_of


def rows(table: type) -> list[object]:
    with reading() as session:
        return list(session.scalars(select(table)))


def test_the_slower_of_two_who_answer_the_questions_compares_first(portal: Portal) -> None:
    url = "/portal/company/"
    said = {"has_employees": "yes", "employs_foreign_workers": "no", "posts_workers": "no"}
    token, seen = token_of(portal.alice, url), seen_in(portal.alice.get(url).get_data(as_text=True))
    late = {"csrf_token": token, "seen": seen}
    assert post(portal.alice, url, {**said, "posts_workers": "yes"}).status_code == 303
    answer = portal.alice.post(url, data={**said, **late})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>Oui</td><td>Non</td>" in body
    with reading() as session:
        assert session.get_one(Supplier, portal.hands.alpha.id).posts_workers
    bare = {**said, "csrf_token": token}
    assert portal.alice.post(url, data=bare).status_code == 409
    again = {**bare, "seen": seen_in(body)}
    assert portal.alice.post(url, data=again).status_code == 303
    with reading() as session:
        assert not session.get_one(Supplier, portal.hands.alpha.id).posts_workers


def dropped_rib(portal: Portal) -> Document:
    portal.upload((io.BytesIO(rib()), "RIB.pdf"), expected="bank_details")
    portal.read_all()
    [paper] = portal.papers()
    return paper


def test_a_rib_is_dropped_read_and_confirmed_without_typing(portal: Portal) -> None:
    portal.upload((io.BytesIO(rib()), "RIB.pdf"), expected="bank_details")
    portal.read_all()
    [paper] = portal.papers()
    url = f"/portal/bank/paper/{paper.id}"
    # Whoever left before confirming finds the way back on both pages.
    for place in ("/portal/", "/portal/bank/"):
        assert url in portal.alice.get(place).get_data(as_text=True)
    page = portal.alice.get(url).get_data(as_text=True)
    holder = portal.hands.alpha.name
    iban = page.split('name="iban"')[1].split('value="')[1].split('"')[0]
    assert f'value="{holder}"' in page
    answer = post(
        portal.alice, url,
        {"holder": holder, "iban": iban, "bic": "", "buyer": "", "confirmed": "y"},
    )  # fmt: skip
    assert answer.status_code == 303
    [account] = rows(BankAccount)
    assert (account.state, account.document_id) == ("submitted", paper.id)  # type: ignore[attr-defined]
    listed = plain(portal.alice.get("/portal/bank/"))
    compact = iban.replace(" ", "")
    assert compact not in listed.replace(" ", "")
    assert compact[-4:] in listed
    for place in ("/portal/", "/portal/bank/"):
        assert url not in portal.alice.get(place).get_data(as_text=True)


def test_the_paper_is_set_large_beside_the_number_in_groups_of_four(portal: Portal) -> None:
    paper = dropped_rib(portal)
    page = portal.alice.get(f"/portal/bank/paper/{paper.id}").get_data(as_text=True)
    assert re.search(r'name="iban"[^>]*value="FR\d\d( \w{4}){5} \w{3}"', page)
    assert "data-zoom" in page
    assert "js/zones.js" in page
    # The line of the number stands by itself, cut out of the page.
    line = page.split('id="line"')[1].split("</svg>")[0]
    assert f"/portal/papers/{paper.id}/pages/1.png" in line
    assert not line.split('viewBox="')[1].startswith("0 0 595")


def test_a_number_that_the_paper_does_not_show_is_compared_digit_by_digit_first(
    portal: Portal,
) -> None:
    url = f"/portal/bank/paper/{dropped_rib(portal).id}"
    said = {"holder": portal.hands.alpha.name, "iban": "FR14 2004 1010 0505 0001 3M02 606",
            "bic": "", "buyer": "", "confirmed": "y"}  # fmt: skip
    answer = post(portal.alice, url, said)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "comparez les chiffres marqués" in page
    assert page.count("<mark>") > 4
    assert rows(BankAccount) == []
    compared = page.split('name="compared"')[1].split('value="')[1].split('"')[0]
    # Another number than the one compared is compared in its turn.
    other = {**said, "iban": "FR76 3000 6000 0112 3456 7890 189", "compared": compared}
    assert post(portal.alice, url, other).status_code == 422
    assert post(portal.alice, url, {**said, "compared": compared}).status_code == 303
    [account] = rows(BankAccount)
    assert "printed_differs" in {row["code"] for row in account.findings}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "read_marks", "typed_marks"),
    [
        ("FR1420041010", [], []),
        ("FR1420041018", ["0"], ["8"]),
        ("FR142004101", ["0"], []),
        ("FR1420041<010", [], ["&lt;"]),
    ],
)
def test_only_what_differs_is_marked(
    typed: str, read_marks: list[str], typed_marks: list[str]
) -> None:
    read, ours = marked("FR1420041010", typed)
    assert re.findall("<mark>(.*?)</mark>", read) == read_marks
    assert re.findall("<mark>(.*?)</mark>", ours) == typed_marks
    assert read.replace("<mark>", "").replace("</mark>", "") == "FR14 2004 1010"


def test_a_wrong_iban_comes_back_at_its_field_with_what_was_typed(portal: Portal) -> None:
    answer = post(
        portal.alice, "/portal/bank/type",
        {"holder": "Menuiserie", "iban": "FR76 3000 6000 0112 3456 7890 188", "bic": "",
         "buyer": "", "confirmed": "y"},
    )  # fmt: skip
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="iban-error"' in page
    assert 'value="FR76 3000 6000 0112 3456 7890 188"' in page
    assert rows(BankAccount) == []


def test_bank_details_ask_for_a_fresh_proof_of_identity(portal: Portal, clock: FixedClock) -> None:
    from datetime import timedelta

    token_of(portal.alice, "/portal/bank/type")
    clock.at += timedelta(minutes=10)
    answer = portal.alice.get("/portal/bank/type")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/prove")


def test_a_strangers_paper_proves_no_account(portal: Portal) -> None:
    portal.upload((io.BytesIO(rib()), "RIB.pdf"))
    portal.read_all()
    [paper] = portal.papers()
    answer = post(
        portal.charlie, f"/portal/bank/paper/{paper.id}", {"holder": "x"}, page="/portal/bank/type"
    )
    assert answer.status_code == 404


def test_the_questionnaire_changes_the_situation_and_leaves_its_trace(portal: Portal) -> None:
    answers = {"has_employees": "yes", "employs_foreign_workers": "yes", "posts_workers": "no"}
    assert post(portal.alice, "/portal/company/", answers).status_code == 303
    with reading() as session:
        alpha = session.get_one(Supplier, portal.hands.alpha.id)
        kinds = set(session.scalars(select(Event.kind)))
    assert alpha.employs_foreign_workers is True
    assert "supplier.questionnaire_answered" in kinds
    assert 'value="yes" checked' in portal.alice.get("/portal/company/").get_data(as_text=True) or (
        "checked" in portal.alice.get("/portal/company/").get_data(as_text=True)
    )


def test_an_unanswered_question_is_sent_back(portal: Portal) -> None:
    answer = post(portal.alice, "/portal/company/", {"has_employees": "yes"})
    assert answer.status_code == 422
    assert plain(answer).count("Choisissez oui ou non.") >= 2


def test_a_contact_is_added_changed_and_leaves(portal: Portal) -> None:
    details = {"name": "Bob", "email": "bob@alpha.example", "language": "fr"}
    url = "/portal/company/contacts/new"
    assert post(portal.alice, url, details).status_code == 303
    [contact] = rows(Contact)
    own = f"/portal/company/contacts/{contact.id}"  # type: ignore[attr-defined]
    assert post(portal.alice, own, {**details, "phone": "02 61 91 08 31"}).status_code == 303
    assert portal.charlie.get(own).status_code == 404
    assert post(portal.charlie, own + "/left", page=url).status_code == 404
    assert post(portal.alice, own + "/left", page=own).status_code == 303
    assert portal.alice.get(own).status_code == 404


def test_the_slower_of_two_who_change_a_person_compares_first(portal: Portal) -> None:
    person = portal.hands.make.contact(portal.hands.alpha, email=None)
    url = f"/portal/company/contacts/{person.id}"
    opened = portal.alice.get(url).get_data(as_text=True)
    data = {"name": person.name, "phone": person.phone or "", "language": "fr",
            "csrf_token": token_of(portal.alice, url), "seen": seen_in(opened)}  # fmt: skip
    assert portal.alice.post(url, data={**data, "role": "Gérante"}).status_code == 303
    answer = portal.alice.post(url, data={**data, "phone": "02 61 91 04 11"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<td>Gérante</td><td>—</td>" in body
    assert 'value="02 61 91 04 11"' in body
    [kept] = rows(Contact)
    assert kept.phone == person.phone  # type: ignore[attr-defined]
    again = {**data, "seen": seen_in(body), "role": "Gérante", "phone": "02 61 91 04 11"}
    assert portal.alice.post(url, data=again).status_code == 303


def test_two_people_never_share_an_address_until_one_has_left(portal: Portal) -> None:
    details = {"name": "Bob", "email": "bob@alpha.example", "language": "fr"}
    url = "/portal/company/contacts/new"
    post(portal.alice, url, details)
    again = post(portal.alice, url, {**details, "name": "Robert", "email": "BOB@alpha.example"})
    assert again.status_code == 409
    assert "Une personne a déjà cette adresse" in again.get_data(as_text=True)
    [contact] = rows(Contact)
    own = f"/portal/company/contacts/{contact.id}"  # type: ignore[attr-defined]
    post(portal.alice, own + "/left", page=own)
    assert post(portal.alice, url, details).status_code == 303


def test_a_contact_without_address_or_number_comes_back(portal: Portal) -> None:
    answer = post(portal.alice, "/portal/company/contacts/new", {"name": "Bob", "language": "fr"})
    assert answer.status_code == 422
    assert 'value="Bob"' in answer.get_data(as_text=True)


def test_an_accountant_is_invited_by_mail(portal: Portal) -> None:
    data = {"name": "Odile", "email": "odile@compta.example", "role": "comptable"}
    assert post(portal.alice, "/portal/people/", data).status_code == 303
    [invitation] = rows(Invitation)
    assert invitation.supplier_id == portal.hands.alpha.id  # type: ignore[attr-defined]
    assert "odile@compta.example" in plain(portal.alice.get("/portal/people/"))


def test_an_invitation_that_waits_for_a_mail_server_says_so(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for waits, said in ((True, "Le courriel attend"), (False, "est partie par courriel")):
        monkeypatch.setattr(outbox, "mail_waits", lambda waits=waits: waits)
        data = {"name": "Odile", "email": f"odile{waits}@compta.example"}
        post(portal.alice, "/portal/people/", data)
        assert said in plain(portal.alice.get("/portal/people/"))


def test_a_person_who_cannot_be_invited_is_not_left_among_the_contacts(portal: Portal) -> None:
    """The contact and its invitation are one act: both are done or neither."""
    staff = portal.hands.make.user("Denise Achats", email="denise@kerlan.example")
    answer = post(portal.alice, "/portal/people/", {"name": "Odile", "email": staff.email})
    assert answer.status_code == 422
    assert 'value="denise@kerlan.example"' in answer.get_data(as_text=True)
    assert rows(Contact) == []
    assert rows(Invitation) == []


@pytest.mark.parametrize("email", ["", "nobody", "a@b.example, c@d.example"])
def test_an_invitation_needs_one_address(portal: Portal, email: str) -> None:
    answer = post(portal.alice, "/portal/people/", {"name": "Odile", "email": email})
    assert answer.status_code == 422
    assert rows(Invitation) == []


def test_a_supplier_makes_us_write_to_a_few_strangers_only(portal: Portal) -> None:
    sent = [
        post(portal.alice, "/portal/people/", {"name": "Odile", "email": f"o{n}@c.example"})
        for n in range(11)
    ]
    assert [answer.status_code for answer in sent] == [303] * 10 + [429]
    assert len(rows(Invitation)) == 10


def test_a_mandate_is_taken_back_at_once_but_never_ones_own(
    portal: Portal, make: Maker, browse: Callable[[uuid.UUID], FlaskClient]
) -> None:
    bob = make.supplier_user(portal.hands.alpha, "Bob Collègue")
    browser = browse(bob.id)
    assert browser.get("/portal/").status_code == 200
    mandates = {row.user_id: row.id for row in rows(Mandate)}  # type: ignore[attr-defined]
    own = f"/portal/people/{mandates[portal.hands.alice.id]}/end"
    theirs = f"/portal/people/{mandates[bob.id]}/end"
    assert post(portal.charlie, theirs, page="/portal/people/").status_code == 404
    assert post(portal.alice, own, page="/portal/people/").status_code == 422
    assert post(portal.alice, theirs, page="/portal/people/").status_code == 303
    assert browser.get("/portal/").status_code in {302, 404}


@pytest.mark.parametrize("language", ["fr", "en", "de"])
def test_every_page_speaks_the_language_that_was_chosen(portal: Portal, language: str) -> None:
    answer = post(
        portal.alice, "/language", {"language": language, "next": "/portal/"}, page="/portal/"
    )
    assert answer.status_code in {302, 303}
    for url in ("/portal/", "/portal/deposit/", "/portal/help/", "/portal/people/who-sees-what"):
        assert f'<html lang="{language}"' in portal.alice.get(url).get_data(as_text=True)
