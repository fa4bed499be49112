"""The first page: what is missing, why, for whom, whom to call; calm when nothing is."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from supplier.accounts.permissions import Role
from supplier.documents import actions
from supplier.kernel.clock import legal_day
from supplier.kernel.database import transaction
from supplier.vigilance.actions import refresh
from supplier.vigilance.queries import portal_needs
from tests.desk.papers import read_paper
from tests.documents.hands import kbis, rib, tax, urssaf
from tests.make import Maker, actor
from tests.portal.conftest import Portal
from tests.portal.test_deposit import plain
from tests.vigilance.files import accepted
from tests.web.posting import post


def test_home_names_the_company_the_contract_the_person_and_the_number(portal: Portal) -> None:
    portal.upload((io.BytesIO(kbis()), "k.pdf"))
    page = plain(portal.alice.get("/portal/"))
    assert "Kerlan Bâtiment" in page
    assert "Karim Benali" in page
    assert 'href="tel:0261910400"' in page
    assert "Résidence Les Tilleuls, jusqu’au 31 mars 2027" in page
    assert "Attestation de vigilance" in page


def test_a_paper_asked_for_twice_is_asked_for_once(portal: Portal) -> None:
    second = portal.hands.make.buyer("Kerlan Énergies")
    portal.hands.make.contract(portal.hands.make.engagement(portal.hands.alpha, second))
    portal.upload((io.BytesIO(kbis()), "k.pdf"))
    page = plain(portal.alice.get("/portal/"))
    assert "La même que pour Kerlan Bâtiment : un seul dépôt suffit." in page


def test_what_is_in_order_is_out_of_the_way(portal: Portal) -> None:
    portal.upload((io.BytesIO(kbis()), "k.pdf"), (io.BytesIO(tax()), "t.pdf"))
    portal.read_all()
    portal.upload((io.BytesIO(rib()), "r.pdf"))
    page = plain(portal.alice.get("/portal/"))
    before, after = page.split("v-more", 1)[0], page
    assert "Téléchargez-la dans votre espace professionnel sur impots.gouv.fr" not in before
    assert "à jour" in after


def test_a_refusal_is_told_with_its_reason_and_contested_from_home(portal: Portal) -> None:
    portal.upload((io.BytesIO(urssaf(date(2026, 5, 4))), "u.pdf"))
    portal.read_all()
    portal.upload((io.BytesIO(rib()), "r.pdf"))
    page = plain(portal.alice.get("/portal/"))
    assert "Refusée" in page
    assert "Cette pièce date de plus de 6 mois (du 4 mai 2026)." in page
    assert "trop ancienne" not in page
    assert "Contester ce refus" in page


def test_a_contested_refusal_is_with_a_person_and_not_asked_for_again(portal: Portal) -> None:
    portal.upload((io.BytesIO(urssaf(date(2026, 5, 4))), "u.pdf"))
    portal.read_all()
    [row] = portal.papers()
    portal.hands.make.clock.at += timedelta(minutes=10)
    post(portal.alice, f"/portal/papers/{row.id}/contest", page="/portal/deposit/")
    page = plain(portal.alice.get("/portal/"))
    asked = ask_of(page, "Attestation de vigilance")
    assert "Une personne l’examine depuis le 23 nov. 2026 10:10." in asked
    assert "Le refus reste en vigueur jusqu’à la réponse" in asked
    for again in ("Contester ce refus", "/portal/deposit/?expected", 'urssaf.fr"', "espace"):
        assert again not in asked
    assert f"/portal/papers/{row.id}" in asked


def test_what_is_with_a_person_is_not_counted_as_to_do(portal: Portal) -> None:
    portal.upload((io.BytesIO(urssaf(date(2026, 5, 4))), "u.pdf"))
    portal.read_all()
    refresh_now(portal)
    before = plain(portal.alice.get("/portal/"))
    [row] = portal.papers()
    post(portal.alice, f"/portal/papers/{row.id}/contest", page="/portal/deposit/")
    after = plain(portal.alice.get("/portal/"))
    [many] = re.findall(r"(\d) pièces suffisent pour tout régler", before)
    [fewer] = re.findall(r"(\d) pièces suffisent pour tout régler", after)
    assert int(fewer) == int(many) - 1
    [blocking] = re.findall(r"(\d) pièces bloquent", before)
    [left] = re.findall(r"(\d) pièces bloquent", after)
    assert int(left) == int(blocking) - 1


def test_a_paper_that_a_person_looks_at_says_since_when(portal: Portal) -> None:
    document = read_paper(portal.hands.alpha)
    refresh_now(portal)
    page = plain(portal.alice.get("/portal/"))
    assert "une personne l’examine depuis le 20 nov. 2026" in page
    denise = actor(portal.hands.make.staff("Denise Achats", Role.PURCHASING))
    now = portal.hands.make.clock.at
    actions.accept(document.id, by=denise, now=now)
    actions.revoke(document.id, reason="Mal lue.", by=denise, now=now)
    refresh_now(portal)
    assert "une personne l’examine depuis le 23 nov. 2026 10:00" in plain(
        portal.alice.get("/portal/")
    )


def test_a_card_bears_one_state_for_each_paper_and_none_of_its_own_beside(portal: Portal) -> None:
    portal.upload((io.BytesIO(rib()), "r.pdf"))
    page = plain(portal.alice.get("/portal/"))
    start = page.index('id="buyer-')
    card = page[start : page.index("</section>", start)]
    asks = card.count('class="v-ask"')
    assert asks > 1
    assert card.count('class="v-chip') == asks
    assert 'class="v-chip' not in card[: card.index('class="v-ask"')]


def ask_of(page: str, title: str) -> str:
    """One ask of the page, from its title to the next."""
    start = page.index(title, page.index('class="v-ask"'))
    end = page.find('class="v-ask"', start)
    return page[start : end if end > 0 else page.index("</section>", start)]


def refresh_now(portal: Portal) -> None:
    now = portal.hands.make.clock.at
    with transaction() as session:
        refresh(session, portal.hands.alpha.id, today=legal_day(now), now=now)


def test_nothing_asked_is_a_calm_page(portal: Portal) -> None:
    page = plain(portal.charlie.get("/portal/"))
    assert "Personne ne vous demande rien" in page
    assert "L’horizon est dégagé" in page


def test_somebody_with_several_mandates_chooses_and_then_acts_for_that_one(
    portal: Portal, make: Maker, browse: Callable[[uuid.UUID], FlaskClient]
) -> None:
    second = portal.hands.stranger("Bêta")
    accountant = make.supplier_user(portal.hands.alpha, "Odile Compta")
    make.mandate(accountant, second)
    odile = browse(accountant.id)
    assert odile.get("/portal/").headers["Location"] == "/portal/choose"
    url = f"/portal/choose/{second.id}"
    assert post(odile, url, page="/portal/choose").status_code == 303
    assert "Bêta" in plain(odile.get("/portal/"))
    stranger = portal.hands.stranger("Gamma")
    assert post(odile, f"/portal/choose/{stranger.id}", page="/portal/choose").status_code == 404


def test_the_portal_is_closed_to_staff_and_to_people_without_a_session(
    portal: Portal, make: Maker, browse: Callable[[uuid.UUID], FlaskClient], client: FlaskClient
) -> None:
    from supplier.accounts.permissions import Role

    denise = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    for url in ("/portal/", "/portal/deposit/", "/portal/bank/", "/portal/people/"):
        assert denise.get(url).status_code == 404
        assert client.get(url).status_code == 302
    assert denise.get("/portal/choose").status_code == 404


def test_the_calendar_holds_dates_and_no_names(portal: Portal) -> None:
    portal.upload((io.BytesIO(kbis()), "k.pdf"))
    portal.read_all()
    portal.upload((io.BytesIO(rib()), "r.pdf"))
    answer = portal.alice.get("/portal/help/dates.ics")
    text = answer.get_data(as_text=True)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "Lebrun" not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_what_ends_with_the_contract_is_told_as_the_end_of_the_contract_alone(
    portal: Portal,
) -> None:
    portal.upload((io.BytesIO(kbis()), "k.pdf"), (io.BytesIO(urssaf()), "u.pdf"))
    portal.read_all()
    portal.upload((io.BytesIO(rib()), "r.pdf"))
    portal.read_all()
    text = portal.alice.get("/portal/help/dates.ics").get_data(as_text=True).replace("\r\n ", "")
    told = [line for line in text.split("\r\n") if line.startswith(("DTSTART", "SUMMARY"))]
    days = list(zip(told[::2], told[1::2], strict=True))
    last = [words for day, words in days if day.endswith(":20270331")]
    assert last == ["SUMMARY:Fin d’un contrat"]
    assert not any("bancaires" in words for _, words in days)
    home = plain(portal.alice.get("/portal/"))
    assert re.search(r"<span[^>]*>Fin\s:\sRésidence Les Tilleuls</span>", home)
    assert "Immatriculation, " not in home


@pytest.mark.parametrize(
    ("covered_until", "duty_until", "ends_on"),
    [
        (date(2027, 1, 24), date(2027, 3, 31), date(2027, 1, 24)),
        (date(2027, 3, 31), date(2027, 3, 31), None),
        (date(2027, 1, 24), None, date(2027, 1, 24)),
        (None, None, None),
    ],
)
def test_a_paper_ends_where_its_cover_ends_before_its_duty(
    portal: Portal, covered_until: date | None, duty_until: date | None, ends_on: date | None
) -> None:
    portal.upload((io.BytesIO(kbis()), "k.pdf"))
    [one] = portal_needs(portal.hands.alpha.id, today=legal_day(portal.hands.make.clock.at))
    need = replace(one.needs[0], covered_until=covered_until, duty_until=duty_until)
    assert need.paper_ends_on == ends_on


def test_a_paper_that_has_run_out_is_not_shown_as_in_order(
    portal: Portal, browse: Callable[[uuid.UUID], FlaskClient]
) -> None:
    portal.upload((io.BytesIO(kbis()), "k.pdf"))
    portal.read_all()
    assert "Périmée" not in plain(portal.alice.get("/portal/papers/"))
    portal.hands.make.clock.at += timedelta(days=200)
    page = plain(browse(portal.hands.alice.id).get("/portal/papers/"))
    assert "Périmée" in page
    assert "Acceptée" not in page


def test_a_certificate_whose_period_is_long_past_is_good_and_a_newer_one_welcome(
    portal: Portal,
) -> None:
    now = portal.hands.make.clock.at
    row = accepted(portal.hands.alpha, issued_on=date(2026, 6, 20), situation_on=date(2026, 4, 30))
    with transaction() as session:
        refresh(session, portal.hands.alpha.id, today=date(2026, 11, 23), now=now)
    warning = "la situation au 30 avril 2026, vieille de plus de six mois depuis le 1er novembre"
    for url in ("/portal/", f"/portal/papers/{row.id}"):
        assert warning in plain(portal.alice.get(url)), url
