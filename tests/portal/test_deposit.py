"""Handing in through the browser: many files, with and without a script, each answered."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, update
from werkzeug.test import TestResponse

from supplier.accounts import attempts
from supplier.accounts.attempts import Limit
from supplier.adapters.queue import Job
from supplier.documents import queries
from supplier.documents.kept_reading import KeptReading, write_down
from supplier.documents.models import Document
from supplier.jobs import tasks
from supplier.kernel.database import db, transaction
from tests.documents.hands import kbis, rib, tax, urssaf
from tests.documents.long_files import repeated
from tests.portal.conftest import Portal


def plain(answer: TestResponse) -> str:
    """The page's text with ordinary spaces in place of those that do not break."""
    return answer.get_data(as_text=True).replace("\u00a0", " ").replace("\u202f", " ")


def test_many_files_go_in_without_a_script_and_are_shown_after_a_redirect(portal: Portal) -> None:
    answer = portal.upload((io.BytesIO(urssaf()), "u.pdf"), (io.BytesIO(kbis()), "k.pdf"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal/deposit/")
    page = plain(portal.alice.get("/portal/deposit/"))
    assert "2 fichiers reçus." in page
    assert page.count("data-refresh-url=") == 2
    assert [row.state for row in portal.papers()] == ["received", "received"]


def test_a_script_gets_the_card_of_its_file_alone(portal: Portal) -> None:
    answer = portal.upload((io.BytesIO(urssaf()), "u.pdf"), fragment=True)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 201
    assert body.strip().startswith("<article")
    assert "<html" not in body
    assert "X-Fragment" in answer.headers["Vary"]
    assert "data-refresh-url=" in body


def test_the_card_refreshes_until_it_tells_the_verdict(portal: Portal) -> None:
    portal.upload((io.BytesIO(urssaf(date(2026, 5, 4))), "u.pdf"), fragment=True)
    [row] = portal.papers()
    url = f"/portal/deposit/card/{row.id}"
    assert "data-refresh-url" in portal.alice.get(url).get_data(as_text=True)
    portal.read_all()
    said = plain(portal.alice.get(url))
    assert "data-refresh-url" not in said
    assert "Cette pièce date de plus de 6 mois (du 4 mai 2026)." in said
    assert "urssaf.fr" in said
    assert "Contester" in said


def test_an_accepted_card_says_what_whose_and_until_when(portal: Portal) -> None:
    portal.upload((io.BytesIO(kbis(date(2026, 10, 12))), "k.pdf"))
    portal.read_all()
    page = plain(portal.alice.get("/portal/deposit/"))
    assert "Kbis — à jour au 12 octobre 2026 — valable jusqu’au 11 avril 2027" in page


def test_the_card_of_a_file_with_several_papers_brings_their_cards(portal: Portal) -> None:
    from supplier.demo.papers.variants import bound

    portal.upload((io.BytesIO(bound(kbis(), tax())), "tout.pdf"))
    [whole] = portal.papers()
    portal.read_all()
    portal.read_all()
    body = portal.alice.get(f"/portal/deposit/card/{whole.id}").get_data(as_text=True)
    assert body.count("<article") == 3


def test_the_same_file_again_shows_the_answer_it_already_got(portal: Portal) -> None:
    data = urssaf()
    portal.upload((io.BytesIO(data), "u.pdf"))
    portal.read_all()
    again = portal.upload((io.BytesIO(data), "u.pdf"), fragment=True).get_data(as_text=True)
    assert "Vous aviez déjà envoyé ce fichier" in again
    assert len(portal.papers()) == 1


def test_a_bad_file_among_good_ones_loses_nothing_of_the_others(portal: Portal) -> None:
    answer = portal.upload(
        (io.BytesIO(urssaf()), "u.pdf"), (io.BytesIO(b"PK\x03\x04" + bytes(300)), "a.zip")
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "a.zip" in page
    assert "u.pdf" in page
    assert len(portal.papers()) == 1


def test_a_refused_file_answers_a_script_with_a_card_that_says_why(portal: Portal) -> None:
    answer = portal.upload((io.BytesIO(b"<svg onload=x>"), "<b>x.svg"), fragment=True)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert body.strip().startswith("<article")
    assert "<b>x.svg" not in body


def test_no_file_chosen_is_said_above_the_form(portal: Portal) -> None:
    answer = portal.upload((io.BytesIO(b""), ""))
    assert answer.status_code == 422
    assert "Choisissez au moins un fichier." in answer.get_data(as_text=True)


def test_without_the_token_nothing_is_kept(portal: Portal) -> None:
    answer = portal.alice.post(
        "/portal/deposit/", data={"files": [(io.BytesIO(urssaf()), "u.pdf")]},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 400
    assert portal.papers() == []


@pytest.mark.parametrize(
    "path",
    ["/portal/deposit/card/{id}", "/portal/papers/{id}", "/portal/papers/{id}/file",
     "/portal/papers/{id}/pages/1.png", "/portal/bank/paper/{id}"],
)  # fmt: skip
def test_a_strangers_paper_does_not_exist(portal: Portal, path: str) -> None:
    portal.upload((io.BytesIO(rib()), "r.pdf"))
    portal.read_all()
    [row] = portal.papers()
    assert portal.alice.get(path.format(id=row.id)).status_code == 200
    assert portal.charlie.get(path.format(id=row.id)).status_code == 404


def test_a_paper_comes_back_as_a_file_and_never_as_a_page(portal: Portal) -> None:
    data = urssaf()
    portal.upload((io.BytesIO(data), "attestation “été”.pdf"))
    [row] = portal.papers()
    answer = portal.alice.get(f"/portal/papers/{row.id}/file")
    assert answer.get_data() == data
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''attestation%20" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_contesting_takes_one_click_from_the_card(portal: Portal) -> None:
    from tests.web.posting import post

    portal.upload((io.BytesIO(urssaf(date(2026, 5, 4))), "u.pdf"))
    portal.read_all()
    [row] = portal.papers()
    url = f"/portal/papers/{row.id}/contest"
    answer = post(portal.alice, url, page="/portal/deposit/")
    assert answer.status_code == 303
    assert portal.papers()[0].state == "in_review"
    assert post(portal.alice, url, page="/portal/deposit/").status_code == 409
    assert post(portal.charlie, url, page="/portal/deposit/").status_code == 404


@pytest.mark.parametrize("reason", ["encrypted", "unreadable", "tampered"])
def test_what_no_person_could_see_is_not_contested(portal: Portal, reason: str) -> None:
    portal.upload((io.BytesIO(urssaf(date(2026, 5, 4))), "u.pdf"))
    portal.read_all()
    [row] = portal.papers()
    with transaction() as session:
        session.get_one(Document, row.id).reasons = [reason]
    portal.upload((io.BytesIO(rib()), "r.pdf"))
    for url in ("/portal/", "/portal/deposit/", f"/portal/papers/{row.id}"):
        told = portal.alice.get(url).get_data(as_text=True)
        assert (f"/portal/papers/{row.id}/contest" in told) == (reason != "encrypted")


def test_the_receipt_of_the_day_holds_every_whole_hash(portal: Portal) -> None:
    portal.upload((io.BytesIO(urssaf()), "u.pdf"), (io.BytesIO(kbis()), "k.pdf"))
    page = portal.alice.get("/portal/papers/receipts/2026-11-23").get_data(as_text=True)
    for row in portal.papers():
        assert row.sha256 in page
    printed = portal.alice.get("/portal/papers/receipts/2026-11-23.pdf")
    assert printed.get_data().startswith(b"%PDF")
    for day in ("2026-11-22", "nonsense"):
        assert portal.alice.get(f"/portal/papers/receipts/{day}").status_code == 404
    assert portal.charlie.get("/portal/papers/receipts/2026-11-23").status_code == 404


def test_each_day_shown_has_its_own_receipt_and_no_link_is_dead(portal: Portal) -> None:
    portal.upload((io.BytesIO(urssaf()), "hier.pdf"))
    with transaction() as session:
        session.execute(
            update(Document).values(received_at=portal.hands.make.clock.at - timedelta(days=1))
        )
    yesterday = portal.alice.get("/portal/deposit/").get_data(as_text=True)
    assert re.findall(r"/portal/papers/receipts/([-\d]+)", yesterday) == ["2026-11-22"]
    portal.upload((io.BytesIO(kbis()), "ce-jour.pdf"))
    both = portal.alice.get("/portal/deposit/").get_data(as_text=True)
    days = re.findall(r"/portal/papers/receipts/([-\d]+)", both)
    assert days == ["2026-11-23", "2026-11-22"]
    for day, name in zip(days, ("ce-jour.pdf", "hier.pdf"), strict=True):
        assert name in portal.alice.get(f"/portal/papers/receipts/{day}").get_data(as_text=True)


def statements_of(portal: Portal, url: str) -> int:
    seen: list[str] = []

    def count(_c: object, _cu: object, statement: str, *_: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert portal.alice.get(url).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)


@pytest.mark.parametrize(
    "url",
    ["/portal/", "/portal/deposit/", "/portal/papers/", "/portal/papers/{id}", "/portal/help/",
     "/portal/company/", "/portal/people/", "/portal/bank/", "/portal/people/who-sees-what",
     "/portal/papers/receipts/2026-11-23", "/portal/deposit/card/{id}"],
)  # fmt: skip
def test_a_page_asks_the_database_twelve_times_at_most_and_never_more_with_more_papers(
    portal: Portal, url: str
) -> None:
    portal.upload((io.BytesIO(urssaf()), "u.pdf"))
    portal.read_all()
    [row] = portal.papers()
    few = statements_of(portal, url.format(id=row.id))
    portal.upload(*[(io.BytesIO(one), "x.pdf") for one in (kbis(), tax(), rib())])
    portal.read_all()
    many = statements_of(portal, url.format(id=row.id))
    assert many == few <= 12, (few, many)


def test_details_show_each_value_with_its_zone_on_the_page(portal: Portal) -> None:
    portal.upload((io.BytesIO(urssaf()), "u.pdf"))
    portal.read_all()
    [row] = portal.papers()
    page = portal.alice.get(f"/portal/papers/{row.id}").get_data(as_text=True)
    assert len(re.findall(r'data-zone="\d+"', page)) >= 4
    assert queries.get_own_file(row.id, portal.hands.alpha.id).document.sha256 in page


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three files in a quarter of an hour, whoever sends them."""
    few = (Limit(3, timedelta(minutes=15)),)
    monkeypatch.setitem(attempts.LIMITS, "upload-user", few)
    monkeypatch.setitem(attempts.LIMITS, "upload-client", few)


def a_file(number: int) -> tuple[io.BytesIO, str]:
    return io.BytesIO(urssaf(date(2026, 10, 1 + number))), f"u{number}.pdf"


def test_too_many_files_in_a_short_time_are_asked_back_with_the_time(
    portal: Portal, few: None
) -> None:
    """Those that came in time are kept; the others say when to try again."""
    answer = portal.upload(*(a_file(number) for number in range(5)))
    page = plain(answer)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60 + 1
    assert len(portal.papers()) == 3
    assert page.count("Trop de fichiers en peu de temps") == 2
    assert "après 23 nov. 2026 10:16" in page
    refused = portal.upload(a_file(6), fragment=True)
    assert (refused.status_code, "10:16" in plain(refused)) == (429, True)
    assert refused.get_data(as_text=True).strip().startswith("<article")
    portal.hands.make.clock.at += timedelta(minutes=15, seconds=1)
    assert portal.upload(a_file(6), fragment=True).status_code == 201


def test_a_refused_file_does_not_make_the_pause_longer(portal: Portal, few: None) -> None:
    portal.upload(*(a_file(number) for number in range(3)))
    portal.hands.make.clock.at += timedelta(minutes=14)
    assert portal.upload(a_file(4), fragment=True).status_code == 429
    portal.hands.make.clock.at += timedelta(minutes=1, seconds=1)
    assert portal.upload(a_file(4), fragment=True).status_code == 201


@pytest.mark.parametrize("key", ["upload-user", "upload-client"])
def test_files_are_counted_by_person_and_by_address(
    key: str, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, key, (Limit(1, timedelta(minutes=15)),))
    answer = portal.upload(a_file(1), a_file(2))
    assert answer.status_code == 429
    assert len(portal.papers()) == 1


def test_a_file_of_too_many_pages_is_told_so_on_its_card_and_on_its_page(portal: Portal) -> None:
    answer = portal.upload((io.BytesIO(repeated(urssaf(), 51)), "long.pdf"), fragment=True)
    assert answer.status_code == 201
    portal.read_all()
    [row] = portal.papers()
    for url in ("/portal/deposit/", f"/portal/papers/{row.id}"):
        shown = plain(portal.alice.get(url))
        assert "plus de 50 pages" in shown
        assert "ne se lit pas" not in shown


def test_a_value_on_a_later_page_is_lit_there_and_missing_pictures_are_told(
    portal: Portal,
) -> None:
    portal.upload((io.BytesIO(repeated(urssaf(), 14)), "long.pdf"))
    portal.read_all()
    row = next(one for one in portal.papers() if not one.part)
    shown = plain(portal.alice.get(f"/portal/papers/{row.id}"))
    assert "Pages sans image" in shown
    assert "13–14" in shown
    file = queries.get_own_file(row.id, row.supplier_id)
    assert file.kept is not None
    with transaction() as session:
        [job] = session.scalars(select(Job).where(Job.task == "draw_pages"))
    tasks()[job.task](job.payload, portal.hands.make.clock.at)
    later = plain(portal.alice.get(f"/portal/papers/{row.id}?page=14"))
    assert f"/portal/papers/{row.id}/pages/14.png" in later
    assert "Pages sans image" not in later
    assert "data-zone=" not in later
    value = file.kept.reading.find("siren")
    assert value is not None
    moved = replace(file.kept.reading, fields={"siren": replace(value, page=14)})
    with transaction() as session:
        write_down(session.get_one(Document, row.id), KeptReading(moved))
    later = plain(portal.alice.get(f"/portal/papers/{row.id}?page=14"))
    assert 'data-zone="1"' in later
    assert "data-zone=" not in plain(portal.alice.get(f"/portal/papers/{row.id}"))
