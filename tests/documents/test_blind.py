"""Where a second reader and the machine differ."""

from __future__ import annotations

import pytest

from supplier.documents.blind import BlindReading, asked, differences, same
from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.reading.result import Reading, Value, Verdict
from supplier.documents.states import Outcome

URSSAF = DocumentKind.URSSAF_VIGILANCE
SAID = {
    "siren": "999000706", "company_name": "ALPHA MENUISERIE", "issued_on": "2026-11-02",
    "situation_on": "2026-10-31",
}  # fmt: skip


def machine(**more: str) -> Reading:
    fields = {name: Value(text, 1, None) for name, text in {**SAID, **more}.items()}
    return Reading(URSSAF, fields, Verdict.ACCEPT, ())


def person(
    kind: DocumentKind = URSSAF, outcome: Outcome = Outcome.ACCEPT, **more: str
) -> BlindReading:
    return BlindReading(kind, outcome, {**SAID, **more})


@pytest.mark.parametrize(("name", "one", "other"), [
    ("siren", "999000706", "999 000 706"),
    ("company_name", "ALPHA MENUISERIE", "Alpha menuiserie"),
    ("company_name", "SAS Société d'Été", "societe d ete"),
    ("total_gross", "1200.00", "1 200,00 €"),
    ("iban", "FR1420041010050500013M02606", "fr14 2004 1010 0505 0001 3M02 606"),
    ("country", "Pologne", "POLOGNE"), ("bic", "", ""),
])  # fmt: skip
def test_two_ways_of_writing_one_thing_are_the_same(name: str, one: str, other: str) -> None:
    assert same(name, one, other)


@pytest.mark.parametrize(("name", "one", "other"), [
    ("siren", "999000706", "999000707"), ("issued_on", "2026-11-02", "2026-11-03"),
    ("company_name", "Alpha Menuiserie", "Charlie Menuiserie"), ("siren", "999000706", ""),
    ("total_gross", "1200.00", "120.00"),
])  # fmt: skip
def test_two_things_are_not(name: str, one: str, other: str) -> None:
    assert not same(name, one, other)


def test_who_read_the_same_differs_in_nothing() -> None:
    assert differences(machine(), person(siren="999 000 706")) == ()


def test_each_value_that_differs_is_named() -> None:
    found = differences(machine(), person(issued_on="2026-05-02", siren=""))
    assert found == ("siren", "issued_on")


def test_another_decision_differs_whatever_was_read() -> None:
    assert differences(machine(), person(outcome=Outcome.REFUSE)) == ("decision",)


def test_another_kind_says_it_all() -> None:
    assert differences(machine(), person(DocumentKind.KBIS)) == ("kind",)


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_second_reader_types_what_the_verdict_lived_by(kind: DocumentKind) -> None:
    assert set(asked(kind)) <= set(KINDS[kind].demands)
    assert set(KINDS[kind].demands) - set(asked(kind)) <= {"workers"}
