"""The notice shown first, my data and its copy, my requests."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.kernel.database import reading, transaction
from supplier.parties.models import Supplier
from supplier.portal.data_copy import as_sections
from supplier.privacy import actions, notice, queries
from supplier.privacy.models import NoticeSeen, RightsRequest
from tests.desk.test_contracts import statements
from tests.make import Maker, actor
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]
NOTICE, MINE = "/portal/privacy/notice", "/portal/privacy/"


@pytest.fixture
def alpha(make: Maker) -> Supplier:
    supplier = make.supplier()
    make.engagement(supplier, make.buyer())
    return supplier


@pytest.fixture
def alice(make: Maker, alpha: Supplier) -> User:
    return make.supplier_user(alpha)


def newcomer(make: Maker, browse: Browse, user: User) -> FlaskClient:
    """A browser whose owner was never shown the notice."""
    client = browse(user.id)
    with transaction() as session:
        session.execute(delete(NoticeSeen))
    return client


def test_everybody_may_read_the_notice_and_every_foot_leads_to_it(client: FlaskClient) -> None:
    text = client.get(NOTICE).get_data(as_text=True)
    assert "CNIL" in text
    assert "L123-22" in text
    assert NOTICE in client.get("/sign-in").get_data(as_text=True)


@pytest.mark.parametrize("language", ["fr", "en", "de"])
def test_the_notice_stands_in_three_languages(client: FlaskClient, language: str) -> None:
    text = client.get(NOTICE, headers={"Accept-Language": language}).get_data(as_text=True)
    assert f'<html lang="{language}"' in text
    words = {"fr": "Vos droits", "en": "Your rights", "de": "Ihre Rechte"}
    assert words[language] in text


def test_a_newcomer_is_shown_the_notice_once_and_goes_on(
    make: Maker, browse: Browse, alice: User
) -> None:
    client = newcomer(make, browse, alice)
    first = client.get("/portal/company/?from=mail")
    assert first.status_code == 302
    assert first.location.startswith(NOTICE)
    shown = client.get(first.location).get_data(as_text=True)
    assert notice.VERSION in shown
    assert "aucune ligne n’est effacée, pas même le nom de la personne qui a agi" in shown
    answer = post(client, NOTICE, {"next": "/portal/"}, page=first.location)
    assert answer.location == "/portal/"
    assert client.get("/portal/").status_code == 200
    with reading() as session:
        assert session.scalars(select(NoticeSeen.version)).all() == [notice.VERSION]


def test_staff_are_shown_it_too_and_no_stranger_is_sent_elsewhere(
    make: Maker, browse: Browse
) -> None:
    client = newcomer(make, browse, make.staff("Denise", Role.PURCHASING))
    first = client.get("/desk/contracts/")
    assert first.location.startswith(NOTICE)
    answer = post(client, NOTICE, {"next": "https://evil.example/"}, page=first.location)
    assert answer.location == "/"
    assert client.get("/desk/contracts/").status_code == 200


def test_the_foot_of_the_notice_leads_everybody_to_pages_that_they_may_open(
    make: Maker, browse: Browse, alice: User
) -> None:
    for user in (make.staff("Denise", Role.PURCHASING), alice):
        client = browse(user.id)
        foot = client.get(NOTICE).get_data(as_text=True).partition('class="v-foot')[2]
        links = re.findall(r'href="(/[^"]*)"', foot)
        assert NOTICE in links
        assert ("/portal/people/who-sees-what" in links) is (user is alice)
        assert {client.get(link).status_code for link in links} == {200}


def test_what_was_sent_is_never_turned_aside(make: Maker, browse: Browse, alice: User) -> None:
    client = newcomer(make, browse, alice)
    assert client.get("/portal/", headers={"X-Fragment": "cards"}).status_code == 200
    answer = post(client, "/portal/privacy/requests/new", {"right": "access", "message": "Tout"})
    assert answer.status_code == 303


def test_a_person_sees_what_is_held_and_takes_a_copy(
    app: Flask, make: Maker, browse: Browse, alice: User, alpha: Supplier
) -> None:
    make.contact(alpha, name="Alice Martin", email=alice.email.upper(), phone="02 61 00 00 00")
    make.contact(make.supplier("Charlie"), name="Une autre", email=alice.email)
    client = browse(alice.id)
    text = client.get(MINE).get_data(as_text=True)
    assert "02 61 00 00 00" in text
    assert "Une autre" not in text
    copy = json.loads(client.get(f"{MINE}copy.json").get_data())
    assert copy["account"]["email"] == alice.email
    assert [one["supplier"] for one in copy["contact_entries"]] == [alpha.name]
    assert client.get(f"{MINE}copy.pdf").get_data().startswith(b"%PDF")


def test_the_copy_for_people_tells_the_journal_in_words(
    app: Flask, make: Maker, alice: User
) -> None:
    at = make.clock.at
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        data = queries.personal_data(alice.id)
        told = replace(data, events=[("supplier.questionnaire_answered", at)])
        journal = as_sections(told, [])[-1]
    assert journal.rows[0][0] == "Questionnaire rempli"


def test_a_request_is_filed_and_its_answer_read(make: Maker, browse: Browse, alice: User) -> None:
    client = browse(alice.id)
    url = f"{MINE}requests/new"
    wrong = post(client, url, {"message": "Corrigez mon nom"})
    assert wrong.status_code == 422
    assert "Corrigez mon nom" in wrong.get_data(as_text=True)
    filed = post(client, url, {"right": "rectification", "message": "Corrigez mon nom"})
    assert filed.status_code == 303
    with reading() as session:
        row = session.scalars(select(RightsRequest)).one()
    gaelle = actor(make.staff("Gaëlle", Role.DATA_PROTECTION))
    actions.answer(row.id, text="C’est corrigé.", buyers=None, by=gaelle, now=make.clock.at)
    assert "C’est corrigé." in client.get(filed.location).get_data(as_text=True)


def test_the_same_request_again_leads_to_the_one_that_waits(
    make: Maker, browse: Browse, alice: User
) -> None:
    client, url = browse(alice.id), f"{MINE}requests/new"
    words = {"right": "access", "message": "Tout"}
    first, second = (post(client, url, words) for _ in range(2))
    assert (second.status_code, second.location) == (303, first.location)
    assert "Vous le demandez déjà" in client.get(second.location).get_data(as_text=True)
    with reading() as session:
        assert len(session.scalars(select(RightsRequest)).all()) == 1


def test_a_colleague_never_opens_my_request(
    make: Maker, browse: Browse, alice: User, alpha: Supplier
) -> None:
    row = actions.file_request(
        "access", "Tout", user_id=alice.id, supplier_id=alpha.id, by=actor(alice),
        now=make.clock.at,
    )  # fmt: skip
    bob = browse(make.supplier_user(alpha, "Bob").id)
    assert bob.get(f"{MINE}requests/{row.id}").status_code == 404
    staff = browse(make.staff("Denise", Role.PURCHASING).id)
    for url in (MINE, f"{MINE}copy.json", f"{MINE}requests/{row.id}"):
        assert staff.get(url).status_code == 404


def test_my_data_asks_the_database_at_most_twelve_times(
    make: Maker, browse: Browse, alice: User
) -> None:
    client = browse(alice.id)
    client.get(MINE)
    for url in (MINE, NOTICE, f"{MINE}requests/new"):
        with statements() as seen:
            assert client.get(url).status_code == 200
        assert len(seen) <= 12, (url, len(seen))
