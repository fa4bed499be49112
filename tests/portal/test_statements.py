"""Foreign workers: signed on the page or typed line by line, kept as a paper, nothing lost."""

from __future__ import annotations

import io
from datetime import date

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select

from supplier.documents import actions, queries, statements
from supplier.documents.models import Decision, Document
from supplier.documents.nationalities import nationalities, needs_permit
from supplier.documents.printing import printable
from supplier.documents.statements import Signature, Worker
from supplier.kernel.audit import Event
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import DomainError
from supplier.parties.models import Supplier
from tests.make import actor
from tests.portal.conftest import Portal
from tests.portal.test_deposit import plain
from tests.races import at_once
from tests.web.posting import post

SIGNED = {
    "name": "Alice Martin", "function": "gérante", "place": "Vannes", "confirmed": "y",
}  # fmt: skip
NONE, LIST = "/portal/foreign-workers/none", "/portal/foreign-workers/list"


def line(number: int, **values: str) -> dict[str, str]:
    whole = {
        "name": "Ayşe Yıldız", "hired_on": "2024-05-02", "nationality": "TR",
        "permit_type": "Carte pluriannuelle", "permit_number": "9912345678",
    }  # fmt: skip
    return {f"workers-{number}-{key}": value for key, value in {**whole, **values}.items()}


def test_the_statement_is_signed_kept_and_accepted_by_rule(portal: Portal) -> None:
    answer = post(portal.alice, NONE, SIGNED)
    assert answer.status_code == 303
    [row] = portal.papers()
    assert (row.kind, row.origin, row.state) == ("foreign_workers_none", "statement", "accepted")
    assert (row.issued_on, row.valid_until) == (date(2026, 11, 23), date(2027, 5, 22))
    data = queries.original(row)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 1
    with reading() as session:
        [decision] = session.scalars(select(Decision)).all()
    assert decision.rules_version == statements.STATEMENT_RULE
    assert decision.by_machine


def test_the_reader_reads_our_own_statement_back(portal: Portal) -> None:
    from supplier.documents.reading.reader import read
    from supplier.documents.reading.result import ReadRequest

    post(portal.alice, NONE, SIGNED)
    [row] = portal.papers()
    found = read(
        queries.original(row), "application/pdf",
        request=ReadRequest(
            today=date(2026, 11, 23), supplier_siren=portal.hands.alpha.siren,
            supplier_name=portal.hands.alpha.name,
        ),
    )  # fmt: skip
    assert (found.kind, found.verdict.value) == ("foreign_workers_none", "accept")
    assert found.text("signatory") == "Alice Martin"


@pytest.mark.parametrize("left_out", ["name", "function", "place", "confirmed"])
def test_a_statement_that_is_not_whole_comes_back_with_what_was_typed(
    portal: Portal, left_out: str
) -> None:
    data = {name: value for name, value in SIGNED.items() if name != left_out}
    answer = post(portal.alice, NONE, data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert f'href="#{left_out}"' in page
    assert "voir plus bas" not in page
    for name, value in data.items():
        if name != "confirmed":
            assert f'value="{value}"' in page
    assert portal.papers() == []


def says(portal: Portal, employs: bool | None) -> None:
    with transaction() as session:
        session.get_one(Supplier, portal.hands.alpha.id).employs_foreign_workers = employs


def answer_of(portal: Portal) -> bool | None:
    with reading() as session:
        return session.get_one(Supplier, portal.hands.alpha.id).employs_foreign_workers


@pytest.mark.parametrize(("url", "data", "said"), [
    (NONE, SIGNED, True), (LIST, {**line(0), **SIGNED}, False),
])  # fmt: skip
def test_what_is_signed_corrects_the_answer_and_tells_so(
    portal: Portal, url: str, data: dict[str, str], said: bool
) -> None:
    says(portal, said)
    assert "corrige cette réponse" in plain(portal.alice.get(url))
    answer = post(portal.alice, url, data)
    assert answer.status_code == 303
    assert "dit désormais la même chose" in plain(portal.alice.get(answer.headers["Location"]))
    assert answer_of(portal) is not said
    with reading() as session:
        [event] = session.scalars(
            select(Event).where(Event.kind == "supplier.questionnaire_answered")
        ).all()
    assert event.data["by_statement"] is True


@pytest.mark.parametrize(("url", "data", "said"), [
    (NONE, SIGNED, False), (LIST, {**line(0), **SIGNED}, True),
])  # fmt: skip
def test_where_no_answer_was_given_the_signed_one_is_it(
    portal: Portal, url: str, data: dict[str, str], said: bool
) -> None:
    says(portal, None)
    answer = post(portal.alice, url, data)
    assert answer_of(portal) is said
    assert "dit désormais la même chose" in plain(portal.alice.get(answer.headers["Location"]))


def test_the_contrary_of_what_is_in_force_is_signed_with_a_second_word_only(
    portal: Portal,
) -> None:
    assert 'name="contrary"' not in plain(portal.alice.get(NONE))
    post(portal.alice, LIST, {**line(0), **SIGNED})
    page = plain(portal.alice.get(NONE))
    assert "dit le contraire" in page
    assert 'name="contrary"' in page
    refused = post(portal.alice, NONE, SIGNED)
    assert refused.status_code == 422
    assert 'id="contrary-error"' in plain(refused)
    assert len(portal.papers()) == 1
    assert post(portal.alice, NONE, {**SIGNED, "contrary": "y"}).status_code == 303
    history = plain(portal.alice.get("/portal/papers/"))
    assert history.count("Remplacée") == 1
    [typed] = [row for row in portal.papers() if row.kind == "foreign_workers_list"]
    assert "Remplacée" in plain(portal.alice.get(f"/portal/papers/{typed.id}"))


def test_the_same_words_signed_twice_on_one_day_are_one_paper(portal: Portal) -> None:
    first = post(portal.alice, NONE, SIGNED)
    again = post(portal.alice, NONE, SIGNED)
    assert again.status_code == 303
    assert again.headers["Location"] == first.headers["Location"]
    assert "déjà signé" in plain(portal.alice.get(again.headers["Location"]))
    assert len(portal.papers()) == 1
    post(portal.alice, NONE, {**SIGNED, "function": "présidente"})
    assert len(portal.papers()) == 2


def test_the_same_list_signed_twice_is_one_paper_and_another_list_is_another(
    portal: Portal,
) -> None:
    first = post(portal.alice, LIST, {**line(0), **SIGNED})
    again = post(portal.alice, LIST, {**line(0), **SIGNED})
    assert again.headers["Location"] == first.headers["Location"]
    post(portal.alice, LIST, {**line(0), **line(1, name="Mehmet Kaya"), **SIGNED})
    assert len(portal.papers()) == 2


def test_of_three_presses_at_the_same_instant_one_statement_is_kept(
    app: Flask, portal: Portal
) -> None:
    hands = portal.hands

    def sign() -> statements.Receipt:
        return statements.sign_none(
            hands.alpha.id, signature=Signature("Alice", "gérante", "Vannes", confirmed=True),
            by=hands.by, now=hands.make.clock.at, today=date(2026, 11, 23),
        )  # fmt: skip

    receipts = at_once(app, sign, sign, sign)
    assert len(portal.papers()) == 1
    assert len({one.document_id for one in receipts}) == 1


def test_of_two_statements_the_later_one_takes_the_place_of_the_earlier(portal: Portal) -> None:
    post(portal.alice, NONE, SIGNED)
    post(portal.alice, LIST, {**line(0), **SIGNED, "contrary": "y"})
    papers = {row.kind: row for row in portal.papers()}
    none, typed = papers["foreign_workers_none"], papers["foreign_workers_list"]
    assert (none.state, none.superseded_by_id) == ("accepted", typed.id)
    assert typed.superseded_by_id is None
    assert "dit le contraire" in plain(portal.alice.get(f"/portal/papers/{none.id}"))
    actions.revoke(
        typed.id, reason="Erreur.", by=actor(portal.hands.make.staff("Paul")),
        now=portal.hands.make.clock.at,
    )  # fmt: skip
    with reading() as session:
        assert session.get_one(Document, none.id).superseded_by_id is None


def test_the_list_is_kept_whole_and_shown_masked(portal: Portal) -> None:
    answer = post(portal.alice, LIST, {**line(0), **line(2, name="Nguyễn Văn Ánh"), **SIGNED})
    assert answer.status_code == 303
    [row] = portal.papers()
    assert (row.kind, row.state) == ("foreign_workers_list", "accepted")
    page = plain(portal.alice.get(answer.headers["Location"]))
    assert "9912345678" not in page
    assert "•••• 678" in page
    file = queries.get_own_file(row.id, portal.hands.alpha.id)
    assert file.kept is not None
    workers = [item.value for item in file.kept.reading.items("workers")]
    assert [dict(one)["permit_number"] for one in workers] == ["9912345678"] * 2  # type: ignore[arg-type]
    assert row.reading is not None
    assert b"9912345678" not in row.reading


@pytest.mark.parametrize("country", ["PL", "CH", "NO", "MC", "HR"])
def test_a_national_who_needs_no_permit_is_sent_back_at_their_own_line(
    portal: Portal, country: str
) -> None:
    answer = post(portal.alice, LIST, {**line(0), **line(1, nationality=country), **SIGNED})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="workers-1-nationality-error"' in page
    assert 'id="workers-0-nationality-error"' not in page
    summary = page.split('role="alert"')[1].split("</ul>")[0]
    assert 'href="#workers-1-nationality"' in summary
    assert "ligne 2, Nationalité" in summary
    assert "n’ont pas besoin d’autorisation" in summary
    assert "voir plus bas" not in summary
    assert 'value="9912345678"' in page
    assert portal.papers() == []


def test_a_half_filled_line_says_which_field_is_owed(portal: Portal) -> None:
    answer = post(portal.alice, LIST, {**line(0, permit_number="", hired_on=""), **SIGNED})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for name in ("permit_number", "hired_on"):
        assert f'id="workers-0-{name}-error"' in page


def test_an_empty_list_is_no_list(portal: Portal) -> None:
    answer = post(portal.alice, LIST, SIGNED)
    assert answer.status_code == 422
    assert "Remplissez au moins une ligne" in plain(answer)


def test_a_hiring_to_come_is_sent_back_at_its_line(portal: Portal) -> None:
    answer = post(portal.alice, LIST, {**line(0), **line(1, hired_on="2027-01-04"), **SIGNED})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="workers-1-hired_on-error"' in page
    assert page.split('role="alert"')[1].split("</ul>")[0].count("ligne 2, ") == 1


def test_more_lines_come_without_a_script_and_nothing_typed_is_lost(portal: Portal) -> None:
    answer = post(portal.alice, LIST, {**line(0), "more": "1", **SIGNED})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "workers-5-name" in page
    assert page.count("9912345678") == 1
    assert 'value="Carte pluriannuelle"' in page
    assert portal.papers() == []


def test_the_british_are_on_the_list_and_the_croatians_are_not() -> None:
    assert needs_permit("GB")
    assert needs_permit("TR")
    assert not needs_permit("HR")


@pytest.mark.parametrize("language", ["fr", "en", "de"])
def test_the_list_offers_states_and_no_territory(language: str) -> None:
    offered = {code for code, _ in nationalities(language)}
    assert not offered & {"FR", "RE", "GP", "AQ", "BV", "HK", "GL", "ZZ", "EU"}
    assert offered >= {"TR", "GB", "PL", "CH", "TW", "PS", "XK", "VA", "SM"}
    assert 190 <= len(offered) <= 200


def test_nobody_signs_without_the_explicit_word(portal: Portal) -> None:
    hands = portal.hands
    signature = Signature("Alice", "gérante", "Vannes", confirmed=False)
    with pytest.raises(DomainError):
        statements.sign_none(
            hands.alpha.id, signature=signature, by=hands.by, now=hands.make.clock.at,
            today=date(2026, 11, 23),
        )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["Łukasz Żółć", "<b>Zoé & fils</b>", "山田", "a" * 300, "\u202eabc"]
)
def test_any_name_prints(portal: Portal, text: str) -> None:
    hands = portal.hands
    worker = Worker(text, date(2024, 1, 1), "TR", text, "123456")
    receipt = statements.sign_list(
        hands.alpha.id, workers=[worker], signature=Signature(text, text, text, True),
        by=hands.by, now=hands.make.clock.at, today=date(2026, 11, 23),
    )  # fmt: skip
    assert receipt.size > 1000
    assert printable("Ś") == "S"


def test_both_boxes_are_asked_for_at_once_where_the_contrary_is_in_force(portal: Portal) -> None:
    post(portal.alice, LIST, {**line(0), **SIGNED})
    unsigned = {key: value for key, value in SIGNED.items() if key != "confirmed"}
    body = plain(post(portal.alice, NONE, unsigned))
    assert 'id="confirmed-error"' in body
    assert 'id="contrary-error"' in body


@pytest.mark.parametrize(
    ("field", "value", "taken"),
    [
        ("permit_type", "x", False),
        ("permit_type", "12 34", False),
        ("permit_type", "CST", True),
        ("permit_type", "Titre de séjour « salarié »", True),
        ("permit_number", "x", False),
        ("permit_number", "ABCDEF", False),
        ("permit_number", "99 12 34 56 78", True),
        ("permit_number", "AB12345", True),
    ],
)
def test_one_letter_is_no_permit(portal: Portal, field: str, value: str, taken: bool) -> None:
    says(portal, True)
    answer = post(portal.alice, LIST, {**line(0, **{field: value}), **SIGNED})
    assert answer.status_code == (303 if taken else 422)
    if not taken:
        assert f'id="workers-0-{field}-error"' in plain(answer)
        assert len(portal.papers()) == 0
