"""The search box: beginnings of words, folded, kept in step with the rows they come from."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from supplier.documents.keeping import erase as erase_paper
from supplier.kernel import finding
from supplier.kernel.database import reading, transaction
from supplier.kernel.finding import SearchWord, asked, split
from supplier.kernel.registers import SearchScope
from supplier.parties.keeping import anonymise
from supplier.parties.models import Contact, Supplier
from tests.make import Maker
from tests.vigilance.files import paper

EVERYBODY = SearchScope(None)


def titles(text: str, buyers: frozenset[uuid.UUID] | None = None) -> list[str]:
    return [one.title for one in finding.search(text, SearchScope(buyers), limit=8)]


def astray() -> int:
    with reading() as session:
        return finding.astray(session)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Étoile d\u2019Œuvre", ["etoile", "d", "oeuvre"]),
        ("F-2026/0042", ["f", "2026", "0042", "f20260042"]),
        ("FR40123456789 B", ["fr", "40123456789", "fr40123456789", "b"]),
        ("kbis_alpha.PDF", ["kbis", "alpha", "pdf"]),
        ("", []),
        ("%_'", []),
    ],
)
def test_words_are_folded_and_letters_and_digits_stand_apart(text: str, words: list[str]) -> None:
    assert split(text) == words


def test_a_number_typed_in_groups_is_one_word() -> None:
    assert asked("552 081 317") == [["552081317"]]
    assert asked("Lot 4 552") == [["lot", "4", "552"]]
    assert asked("lot F4-2") == [["lot", "f42"], ["lot", "f", "4", "2"]]


def test_a_supplier_is_found_by_the_beginning_of_any_word_number_or_person(make: Maker) -> None:
    supplier = make.supplier(
        "Menuiserie Kéréon", siren="552081317",
        search_text="menuiserie kereon 552081317 quimper",
    )  # fmt: skip
    make.supplier("Autre", search_text="autre 662042449")
    make.contact(supplier, name="Gaëlle Le Goff", email="g.legoff@kereon.example")
    make.supplier("Usine", search_text="usine 4b-12")
    for text in ("4b-1", "b-12", "4b 12", "12"):
        assert titles(text) == ["Usine"], text
    for text in ("kéré", "MENUISERIE ker", "ker menu", "552 081 317", "55208", "quimp", "gaelle",
                 "g.legoff@ker", "gaëlle menuiserie"):  # fmt: skip
        assert titles(text) == ["Menuiserie Kéréon"], text
    for text in ("ereon", "kereon autre", "zz", "k", "", "%"):
        assert titles(text) == [], text


def test_papers_contracts_and_invoices_are_found_in_sight_only(make: Maker) -> None:
    ours, theirs = make.buyer("Ours"), make.buyer("Theirs")
    supplier = make.supplier("Alpha", search_text="alpha")
    engagement = make.engagement(supplier, ours)
    make.contract(engagement, reference="CT-2026-7", title="Résidence des Tilleuls")
    document = paper(supplier, "kbis", original_name="extrait-tilleuls.pdf")
    assert sorted(titles("tille", frozenset({ours.id}))) == [
        "CT-2026-7 Résidence des Tilleuls", "extrait-tilleuls.pdf",
    ]  # fmt: skip
    assert titles("tille", frozenset({theirs.id})) == []
    assert titles(document.sha256[:20]) == ["extrait-tilleuls.pdf"]


def test_what_is_erased_leaves_no_word(make: Maker) -> None:
    supplier = make.supplier("Zoé Kanarienvogel", kind="natural_person", search_text="zoe kanari")
    document = paper(supplier, "kbis", original_name="kanari.pdf")
    assert len(titles("kanari")) == 2
    with transaction() as session:
        erase_paper(session, document.id, make.clock.at)
        anonymise(session, supplier.id, make.clock.at)
    assert titles("kanari") == []
    with reading() as session:
        kept = select(func.count()).where(SearchWord.subject_id.in_([supplier.id, document.id]))
        assert session.scalar(kept) == 0


changes = st.lists(
    st.tuples(
        st.sampled_from(["supplier", "name", "contact", "person", "leave"]),
        st.text("aé œ1-", max_size=8), st.integers(0, 5),
    ),
    max_size=10,
)  # fmt: skip


def test_the_words_are_those_of_the_rows_whatever_changed(app: Flask, make: Maker) -> None:
    @settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
    @given(changes)
    def agree(steps: Iterable[tuple[str, str, int]]) -> None:
        for what, text, place in steps:
            change(make, what, text, place)
        assert astray() == 0
        with transaction() as session:
            before = session.scalar(select(func.count()).select_from(SearchWord))
            assert finding.rebuild(session) == before
        assert astray() == 0

    agree()


def change(make: Maker, what: str, text: str, place: int) -> None:
    with transaction() as session:
        suppliers = session.scalars(select(Supplier).order_by(Supplier.id)).all()
        people = session.scalars(select(Contact).order_by(Contact.id)).all()
        if what == "supplier" or not suppliers:
            make.supplier(f"S{len(suppliers)}", search_text=text)
        elif what == "name":
            suppliers[place % len(suppliers)].search_text = text
        elif what == "contact" or not people:
            make.contact(suppliers[place % len(suppliers)], name=text)
        elif what == "person":
            people[place % len(people)].name = text
        else:
            session.delete(people[place % len(people)])


def test_words_that_were_lost_are_seen_and_written_again(make: Maker) -> None:
    make.supplier("Alpha", search_text="alpha beta")
    with transaction() as session:
        session.delete(session.scalars(select(SearchWord).where(SearchWord.word == "beta")).one())
    assert astray() == 1
    with transaction() as session:
        finding.rebuild(session)
    assert astray() == 0
    assert titles("beta") == ["Alpha"]


def test_the_last_paper_of_a_name_comes_first(make: Maker) -> None:
    supplier = make.supplier("Alpha", search_text="alpha")
    for days in (3, 1, 2):
        paper(supplier, "kbis", original_name=f"kbis-{days}.pdf",
              received_at=make.clock.at - timedelta(days=days))  # fmt: skip
    assert titles("kbis") == ["kbis-1.pdf", "kbis-2.pdf", "kbis-3.pdf"]
