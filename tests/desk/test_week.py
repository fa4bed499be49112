"""This week: one sentence, the horizon, open gaps, calls, decisions; for each visitor their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.adapters.mail import use_sender
from supplier.desk.week import last_word, share_words
from supplier.documents.models import Decision
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import new_id, transaction
from supplier.parties.models import Buyer, Supplier
from supplier.vigilance import actions as vigilance
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.coverage import DayCount, State
from supplier.vigilance.figures import MonthShare, count_coverage
from supplier.vigilance.gaps import GapRow, LastWord, MissingPaper
from supplier.vigilance.models import Obligation
from tests.desk.papers import read_paper
from tests.desk.test_contracts import statements
from tests.make import Maker, actor
from tests.vigilance.files import accepted, at, invoice

Browse = Callable[[uuid.UUID], FlaskClient]
TODAY = date(2026, 11, 23)


@pytest.fixture
def buyer(make: Maker) -> Buyer:
    return make.buyer("Kerlan Bâtiment", short_name="Bâtiment")


@pytest.fixture
def denise(make: Maker) -> User:
    return make.staff("Denise Achats", Role.PURCHASING)


def firm(make: Maker, buyer: Buyer, name: str) -> Supplier:
    """A supplier in gap, with 9,000 € invoiced in it."""
    supplier = make.supplier(name)
    engagement = make.engagement(supplier, buyer)
    make.contract(engagement, created_at=at(date(2025, 9, 1)))
    invoice(engagement, date(2026, 10, 1), "9000.00")
    return supplier


def week(client: FlaskClient, query: str = "") -> str:
    return client.get(f"/desk/?{query}").get_data(as_text=True)


def refresh(clock: FixedClock) -> None:
    vigilance.refresh_all(now=clock.at, today=TODAY)


def test_the_first_sentence_says_what_waits_and_every_number_is_a_link(
    browse: Browse, make: Maker, buyer: Buyer, denise: User, clock: FixedClock
) -> None:
    supplier = firm(make, buyer, "Alpha")
    read_paper(supplier)
    refresh(clock)
    body = week(browse(denise.id))
    sentence = body[body.index("v-sight") : body.index("</p>", body.index("v-sight"))]
    assert '<a href="/desk/review/">1 décision</a> vous attend.' in sentence
    assert "standing=gap" in sentence
    assert "1 fournisseur en trou</a> expose" in sentence


def test_suppliers_who_wait_for_us_alone_are_told_apart(
    browse: Browse, make: Maker, buyer: Buyer, denise: User, clock: FixedClock
) -> None:
    ours, both = firm(make, buyer, "Alpha"), firm(make, buyer, "Beta")
    other = make.buyer("Kerlan Énergies", short_name="Énergies")
    make.contract(make.engagement(ours, other))
    firm(make, buyer, "Gamma")
    refresh(clock)
    client = browse(denise.id)
    assert "chez nous" not in week(client)
    with transaction() as session:
        for duty in session.scalars(select(Obligation).where(Obligation.buyer_id == buyer.id)):
            if duty.supplier_id == ours.id:
                duty.in_review, duty.to_verify = duty.requirement == "registration", True
            elif duty.supplier_id == both.id:
                duty.in_review = duty.requirement == "registration"
    assert "chez nous" not in week(client)  # Énergies waits for something of Alpha itself
    assert "3 fournisseurs en trou</a>, dont 1 chez nous," in week(client, f"buyer={buyer.id}")
    few = statements_of(client)
    firm(make, buyer, "Delta")
    refresh(clock)
    assert statements_of(client) == few <= 12


def statements_of(client: FlaskClient) -> int:
    with statements() as sent:
        week(client)
    return len(sent)


def test_a_clear_week_says_so(browse: Browse, denise: User, buyer: Buyer) -> None:
    body = week(browse(denise.id))
    assert "Aucune décision ne vous attend." in body
    assert "Aucun trou n’est ouvert" in body
    assert "aucun trou ne s’ouvrira d’ici" in body


def test_gaps_calls_and_refusals_are_listed(
    browse: Browse, make: Maker, buyer: Buyer, denise: User, clock: FixedClock
) -> None:
    supplier = firm(make, buyer, "Alpha Menuiserie")
    document = accepted(supplier, "kbis", issued_on=date(2026, 10, 1))
    refresh(clock)
    with transaction() as session:
        session.add(
            Decision(id=new_id(), document_id=document.id, supplier_id=supplier.id,
                     outcome="refuse", reasons=["too_old"], by_machine=True, by_id=None,
                     by_name="Vigie", at=clock.at, rules_version="x")
        )  # fmt: skip
    vigilance.note_follow_up(
        supplier.id, note="Promis jeudi.", promised_on=TODAY - timedelta(days=1), buyers=None,
        by=actor(denise), now=clock.at,
    )  # fmt: skip
    body = week(browse(denise.id))
    assert "Promis pour le 22\u00a0nov., rien n’est venu" in body
    assert "Aucune adresse électronique n’est connue." in body or "Promis jeudi." in body
    assert "Trop ancienne" in body
    assert f"/desk/suppliers/{supplier.id}/follow-ups/new?next=/desk/" in body


def test_the_week_of_one_company_counts_its_suppliers_only(
    browse: Browse, make: Maker, buyer: Buyer, denise: User, clock: FixedClock
) -> None:
    other = make.buyer("Kerlan Énergies", short_name="Énergies")
    firm(make, buyer, "Alpha")
    firm(make, other, "Beta")
    refresh(clock)
    client = browse(denise.id)
    assert "2 fournisseurs en trou" in week(client)
    body = week(client, f"buyer={other.id}")
    assert "1 fournisseur en trou" in body
    assert "Beta" in body
    assert "Alpha" not in body


def test_a_member_of_one_company_sees_no_other_and_cannot_ask_for_it(
    browse: Browse, make: Maker, buyer: Buyer, clock: FixedClock
) -> None:
    other = make.buyer("Kerlan Énergies", short_name="Énergies")
    firm(make, other, "Beta")
    refresh(clock)
    client = browse(make.staff("Yann", Role.PURCHASING, buyer=buyer).id)
    for query in ("", f"buyer={other.id}"):
        body = week(client, query)
        assert "Énergies" not in body
        assert "Beta" not in body


def test_who_sees_no_supplier_goes_to_what_they_may_open(browse: Browse, make: Maker) -> None:
    answer = browse(make.staff("Farid", Role.ACCOUNTING).id).get("/desk/")
    assert answer.status_code == 302


def test_an_administrator_sees_no_papers(
    browse: Browse, make: Maker, buyer: Buyer, clock: FixedClock
) -> None:
    read_paper(firm(make, buyer, "Alpha"))
    refresh(clock)
    body = week(browse(make.staff("Hugo", Role.ADMINISTRATOR).id))
    assert "Décisions en attente" not in body
    assert "Aucune décision ne vous attend." in body


def test_the_curve_shows_covered_days_with_a_table_beside_it(
    browse: Browse, make: Maker, buyer: Buyer, denise: User, clock: FixedClock
) -> None:
    supplier = firm(make, buyer, "Alpha")
    accepted(supplier, "kbis", issued_on=date(2026, 10, 1))
    refresh(clock)
    count_coverage(clock.at)
    body = week(browse(denise.id))
    assert "Jours couverts" in body
    assert body.count("v-twin") == 2


@pytest.mark.parametrize(
    ("months", "said"),
    [
        ([], None),
        ([(93, 100)], ("93\u00a0%", "")),
        ([(90, 100), (93, 100)], ("93\u00a0%", "+3\u00a0pts en 1\u00a0mois")),
        ([(9996, 10000)], ("99,9\u00a0%", "")),
        ([(0, 0)], None),
    ],
)
def test_a_share_is_rounded_down_and_compared(
    app: Flask, months: list[tuple[int, int]], said: tuple[str, str] | None
) -> None:
    shares = [
        MonthShare(date(2026, 10 + place, 1), DayCount(covered, owed))
        for place, (covered, owed) in enumerate(months)
    ]
    with app.test_request_context("/desk/"):
        found = share_words(shares)
    if said is None or found is None:
        assert found is said
    else:
        assert found[0].replace("\u202f", "\u00a0") == said[0]
        assert bool(found[1]) is bool(said[1])


def row(**values: object) -> GapRow:
    defaults: dict[str, object] = {
        "supplier_id": new_id(), "name": "Alpha", "since": TODAY, "exposed": Decimal(0),
        "papers": (), "reminders": 0, "reminded_at": None, "bounced_at": None, "last_word": None,
    }  # fmt: skip
    return GapRow(**{**defaults, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "tone"),
    [
        ({}, "none"),
        ({"reminders": 2}, "soon"),
        ({"bounced_at": at(TODAY)}, "bad"),
        ({"last_word": LastWord("x", TODAY + timedelta(days=2), "D", at(TODAY))}, "soon"),
        ({"last_word": LastWord("x", TODAY - timedelta(days=2), "D", at(TODAY))}, "bad"),
        ({"last_word": LastWord("x", None, "D", at(TODAY)), "reminders": 1}, "soon"),
    ],
)
def test_the_last_word_about_a_gap_has_its_tone(
    app: Flask, values: dict[str, object], tone: str
) -> None:
    with app.test_request_context("/desk/"):
        assert last_word(row(**values), TODAY)[0] == tone


def test_who_did_their_part_is_no_longer_held_to_a_promise(app: Flask) -> None:
    word = LastWord("x", TODAY - timedelta(days=2), "D", at(TODAY))
    with app.test_request_context("/desk/"):
        assert (
            last_word(row(papers=(missing(State.TO_VERIFY),), last_word=word), TODAY)[0] == "wait"
        )
        both = (missing(State.TO_VERIFY), missing(State.MISSING))
        assert last_word(row(papers=both, last_word=word), TODAY)[0] == "bad"


def missing(state: State) -> MissingPaper:
    code = RequirementCode.SOCIAL_CERTIFICATE
    return MissingPaper(code, "x", state, "Bâtiment", "law", TODAY)


def test_reminders_are_counted(
    browse: Browse, make: Maker, buyer: Buyer, denise: User, clock: FixedClock
) -> None:
    firm(make, buyer, "Alpha")
    refresh(clock)
    with transaction() as session:
        for duty in session.query(Obligation):
            duty.reminders = 2
    assert "2 relances, sans réponse" in week(browse(denise.id))


def test_without_a_mail_server_the_page_does_not_say_that_mails_are_enough(
    browse: Browse, make: Maker, buyer: Buyer, denise: User, clock: FixedClock
) -> None:
    supplier = firm(make, buyer, "Alpha Menuiserie")
    make.contact(supplier)
    refresh(clock)
    client = browse(denise.id)
    body = week(client)
    assert "personne n’est relancé" in body
    assert "appelez ceux dont un trou est ouvert" in body
    use_sender("smtp://127.0.0.1:9", "vigie@kerlan.example")
    try:
        body = week(client)
    finally:
        use_sender("", "")
    assert "personne n’est relancé" not in body
    assert "un rappel part d’abord à ceux qui n’en ont pas eu" in body
