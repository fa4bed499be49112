"""The desk's pages of conservation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier import jobs
from supplier.accounts.permissions import Role
from supplier.desk.retention_words import draw_years
from supplier.kernel.audit import Event
from supplier.kernel.database import reading
from supplier.parties.models import Buyer
from supplier.retention import actions, batches
from supplier.retention.models import ErasureBatch, LegalHold
from tests.desk.test_contracts import statements
from tests.make import Maker, actor
from tests.retention.test_actions import FIRST, Past, make_past
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]
HOME = "/desk/retention/"


@pytest.fixture
def past(make: Maker) -> Past:
    return make_past(make)


@pytest.fixture
def gaelle(make: Maker, browse: Browse) -> FlaskClient:
    return browse(make.staff("Gaëlle Données", Role.DATA_PROTECTION).id)


def batch() -> ErasureBatch:
    with reading() as session:
        return session.scalars(select(ErasureBatch).order_by(ErasureBatch.proposed_at)).all()[-1]


def text_of(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("kept", "levels"),
    [
        (0, []),
        (1, []),
        (7, [2, 4]),
        (12, [5, 10]),
        (1405, [500, 1000]),
        (2117, [1000]),
        (9999, [5000]),
    ],
)
def test_the_height_of_the_plan_is_read_by_round_numbers(
    app: Flask, kept: int, levels: list[int]
) -> None:
    with app.test_request_context():
        drawn = draw_years(kept, [], today=date(2026, 11, 23))
    assert [value for value, _ in drawn.levels] == levels


def test_the_plan_says_when_it_was_worked_out_beside_its_drawing(
    past: Past, gaelle: FlaskClient
) -> None:
    actions.work_out_plan(FIRST)
    body = text_of(gaelle, HOME)
    years = body[body.index('id="years"') :]
    assert "L’établir de nouveau" in years[: years.index("</section>")]
    assert body.count("L’établir de nouveau") == 1


def test_an_empty_plan_says_so_and_is_worked_out_on_demand(past: Past, gaelle: FlaskClient) -> None:
    assert "/desk/retention/plan" in text_of(gaelle, HOME)
    assert post(gaelle, f"{HOME}plan", page=HOME).status_code == 303
    assert "2224" in text_of(gaelle, HOME)


def test_a_preview_of_any_day_shows_what_may_go_then_and_erases_nothing(
    past: Past, gaelle: FlaskClient
) -> None:
    actions.work_out_plan(FIRST)
    eve = (FIRST - timedelta(days=1)).date().isoformat()
    assert "Rien n’est en retard" in text_of(gaelle, f"{HOME}?on={eve}")
    later = text_of(gaelle, f"{HOME}lines?until=2026-11-23")
    assert "canari-kbis.pdf" in later
    assert "Kanarienvogel" in later
    assert "nowhere" not in text_of(gaelle, f"{HOME}?on=nonsense")
    with reading() as session:
        assert session.scalars(select(ErasureBatch)).all() == []


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("1999-01-01", "Ce jour est passé"),
        ("9999-12-31", "Ce jour ne peut pas être montré"),
        ("demain", "Ce jour ne peut pas être montré"),
    ],
)
def test_a_day_that_the_preview_does_not_show_is_said(
    past: Past, gaelle: FlaskClient, day: str, words: str
) -> None:
    assert words in text_of(gaelle, f"{HOME}?on={day}")
    assert words not in text_of(gaelle, HOME)


def test_what_is_overdue_stands_in_red_with_its_days(
    past: Past, gaelle: FlaskClient, make: Maker
) -> None:
    actions.work_out_plan(FIRST + timedelta(days=12))
    make.clock.at = FIRST + timedelta(days=12)
    page = gaelle.get(HOME)
    # The session of the browser slept too long: sign in again.
    assert page.status_code == 302
    gaelle.set_cookie("session", make.session_token(make.staff("G", Role.DATA_PROTECTION).id))
    assert "v-chip-bad" in text_of(gaelle, HOME)
    assert "12" in text_of(gaelle, f"{HOME}lines?standing=overdue")


def test_a_batch_is_approved_after_a_last_question_then_its_certificate_is_there(
    past: Past, gaelle: FlaskClient
) -> None:
    actions.propose_due(FIRST)
    url = f"{HOME}batches/{batch().id}"
    assert "Kanarienvogel" in text_of(gaelle, url)
    assert "btn-refuse" in text_of(gaelle, f"{url}/approve")
    assert post(gaelle, f"{url}/approve", page=f"{url}/approve").status_code == 303
    assert gaelle.get(f"{url}/certificate").status_code == 404
    jobs.run_due(now=FIRST)
    assert gaelle.get(f"{url}/certificate").get_data().startswith(b"%PDF")
    assert "Kanarienvogel" not in text_of(gaelle, url)
    assert post(gaelle, f"{url}/approve", page=HOME).status_code in {409, 404}


def test_whoever_proposed_a_batch_does_not_approve_it(
    past: Past, gaelle: FlaskClient, make: Maker, browse: Browse
) -> None:
    actions.work_out_plan(FIRST)
    assert post(gaelle, f"{HOME}batches", page=HOME).status_code == 303
    url = f"{HOME}batches/{batch().id}"
    assert "/approve" not in text_of(gaelle, url)
    assert post(gaelle, f"{url}/approve", page=f"{url}/approve").status_code == 403
    second = browse(make.staff("Zoé", Role.DATA_PROTECTION).id)
    assert post(second, f"{url}/approve", page=f"{url}/approve").status_code == 303


def test_a_rejection_asks_for_its_reason(past: Past, gaelle: FlaskClient) -> None:
    actions.propose_due(FIRST)
    url = f"{HOME}batches/{batch().id}"
    assert post(gaelle, f"{url}/reject", {"reason": " "}).status_code == 422
    assert post(gaelle, f"{url}/reject", {"reason": "Contrôle Urssaf"}).status_code == 303
    assert "Contrôle Urssaf" in text_of(gaelle, url)


def test_a_hold_is_placed_on_a_supplier_found_by_name_and_lifted(
    past: Past, gaelle: FlaskClient
) -> None:
    holds = f"{HOME}holds"
    place = f"{holds}/new/{past.supplier.id}"
    assert place in text_of(gaelle, f"{holds}?q=alph")
    assert post(gaelle, place, {"reason": ""}).status_code == 422
    assert post(gaelle, place, {"reason": "Contentieux"}).status_code == 303
    actions.work_out_plan(FIRST)
    assert "Contentieux" in text_of(gaelle, HOME)
    with reading() as session:
        hold_id = session.scalars(select(LegalHold.id)).one()
    lift = f"{holds}/{hold_id}/lift"
    assert lift in text_of(gaelle, holds)
    asked = text_of(gaelle, lift)
    assert "Contentieux" in asked
    assert "3 éléments" in asked
    assert post(gaelle, lift, {"reason": " "}).status_code == 422
    assert post(gaelle, lift, {"reason": "Procès terminé"}).status_code == 303
    with reading() as session:
        told = session.scalars(select(Event).where(Event.kind == "hold.lifted")).one()
        assert told.reason == "Procès terminé"
    assert post(gaelle, lift, {"reason": "Encore"}, page=HOME).status_code == 409


def test_an_auditor_reads_and_changes_nothing(past: Past, make: Maker, browse: Browse) -> None:
    actions.propose_due(FIRST)
    irene = browse(make.staff("Irène", Role.AUDITOR).id)
    url = f"{HOME}batches/{batch().id}"
    for page in (HOME, url, f"{HOME}lines", f"{HOME}schedule", f"{HOME}holds"):
        text = text_of(irene, page)
        assert "/approve" not in text
        assert "/holds/new/" not in text
    for page in (f"{url}/approve", f"{url}/reject", f"{HOME}holds/new/{past.supplier.id}"):
        assert irene.get(page).status_code == 404


@pytest.mark.parametrize("role", [Role.PURCHASING, Role.ACCOUNTING, Role.ADMINISTRATOR])
def test_other_roles_find_no_conservation(make: Maker, browse: Browse, role: Role) -> None:
    assert browse(make.staff("Autre", role).id).get(HOME).status_code == 404


def test_who_answers_for_one_company_sees_its_things_only_and_approves_no_batch(
    past: Past, make: Maker, browse: Browse
) -> None:
    actions.propose_due(FIRST)
    url = f"{HOME}batches/{batch().id}"
    elsewhere = browse(make.staff("Luc", Role.DATA_PROTECTION, buyer=make.buyer("Autre")).id)
    assert elsewhere.get(url).status_code == 404
    assert "canari" not in text_of(elsewhere, f"{HOME}lines")
    assert elsewhere.get(f"{HOME}holds/new/{past.supplier.id}").status_code == 404
    assert elsewhere.get(f"{url}/approve").status_code == 403


def test_a_batch_counts_for_each_what_is_theirs(past: Past, make: Maker, browse: Browse) -> None:
    """Numbers of things and of batches tell of the other companies as names do."""
    buyer = Buyer(id=past.engagement.buyer_id, name="Acheteur de Alpha")
    luc = browse(make.staff("Luc", Role.DATA_PROTECTION, buyer=buyer).id)
    make_past(make, name="Beta")
    actions.propose_due(FIRST)
    url = f"{HOME}batches/{batch().id}"
    assert "3 éléments" in text_of(luc, url)
    assert "6 éléments" not in text_of(luc, url)
    both = batch()
    by = actor(make.staff("Gaëlle", Role.DATA_PROTECTION))
    actions.approve(both.id, by=by, now=FIRST)
    actions.execute_task({"batch_id": str(both.id)}, FIRST)
    whole = browse(by.id or uuid.uuid4())
    assert f"{url}/certificate" in text_of(whole, url)
    assert whole.get(f"{url}/certificate").status_code == 200
    for page in (url, HOME):
        assert "/certificate" not in text_of(luc, page)
    assert luc.get(f"{url}/certificate").status_code == 404


def test_the_rail_counts_batches_that_hold_something_of_ones_own(past: Past, make: Maker) -> None:
    actions.propose_due(FIRST)
    seen = {
        "all": None, "own": frozenset({past.engagement.buyer_id}),
        "other": frozenset({make.buyer("Autre").id}), "none": frozenset(),
    }  # fmt: skip
    with reading() as session:
        counts = {
            name: session.scalar(select(batches.count_proposed(buyers=buyers)))
            for name, buyers in seen.items()
        }
    assert counts == {"all": 1, "own": 1, "other": 0, "none": 0}


def test_a_hold_counts_what_it_keeps_for_the_reader(past: Past, make: Maker) -> None:
    other = make.engagement(past.supplier, make.buyer("Autre"))
    make.contract(other)
    by = actor(make.staff("Gaëlle", Role.DATA_PROTECTION))
    actions.place_hold(past.supplier.id, reason="Contentieux", by=by, now=FIRST)
    actions.work_out_plan(FIRST)
    [everything] = batches.list_holds(buyers=None)
    [theirs] = batches.list_holds(buyers=frozenset({other.buyer_id}))
    assert theirs.things == everything.things - 1


def test_the_plan_is_exported_with_its_legal_basis(past: Past, gaelle: FlaskClient) -> None:
    actions.work_out_plan(FIRST)
    answer = gaelle.get(f"{HOME}lines?format=csv")
    assert "L244-11" in answer.get_data(as_text=True)


def test_pages_ask_the_database_at_most_twelve_times(past: Past, gaelle: FlaskClient) -> None:
    actions.propose_due(FIRST)
    actions.place_hold(
        past.supplier.id, reason="Contentieux", now=FIRST,
        by=actions.SYSTEM.__class__(actions.SYSTEM.kind, uuid.uuid4(), "G"),
    )  # fmt: skip
    for url in (
        HOME, f"{HOME}?on=2030-01-01", f"{HOME}lines", f"{HOME}lines?q=alpha", f"{HOME}schedule",
        f"{HOME}holds", f"{HOME}batches/{batch().id}",
    ):  # fmt: skip
        with statements() as seen:
            text_of(gaelle, url)
        assert len(seen) <= 12, (url, len(seen))


def test_the_first_erasable_day_is_the_one_that_the_page_shows(
    past: Past, gaelle: FlaskClient
) -> None:
    actions.work_out_plan(FIRST)
    page = text_of(gaelle, f"{HOME}lines?rule=contract")
    assert "22/11/2021" in page
    assert date(2026, 11, 23).strftime("%d/%m/%Y") in page
