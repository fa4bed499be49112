"""Two readers of one picture: the second confirms and fills in, and never overrules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.agree import Agreed, agreed
from supplier.documents.reading.result import FieldValue, ReadRequest, Severity, Value
from supplier.kernel.pages import Box, Source

REQUEST = ReadRequest(date(2026, 11, 24), "732829320", "Menuiserie Altherr")
SIREN, OTHER_SIREN, SPOILT_SIREN = "732829320", "552100554", "732829328"
IBAN, SPOILT_IBAN = "FR3020041020571005850R92204", "FR3020041020571005850R92284"


def seen(text: str, *, source: Source = Source.OCR, confidence: float = 0.6) -> Value:
    return Value(text, 1, Box(0.1, 0.1, 0.4, 0.12), source, confidence)


def both(
    first: dict[str, FieldValue],
    second: dict[str, FieldValue],
    *,
    kind: DocumentKind = DocumentKind.URSSAF_VIGILANCE,
    codes: frozenset[str] = frozenset(),
) -> Agreed:
    return agreed(kind, first, second, request=REQUEST, codes=codes)


def test_what_only_the_second_reader_saw_is_filled_in() -> None:
    found = both({}, {"siren": seen(SIREN), "issued_on": seen("2026-10-02")})
    assert {name: value.text for name, value in found.fields.items()} == {
        "siren": SIREN, "issued_on": "2026-10-02",
    }  # fmt: skip
    assert not found.differing


@pytest.mark.parametrize(("name", "text"), [("siren", SPOILT_SIREN), ("iban", SPOILT_IBAN)])
def test_a_number_whose_key_does_not_hold_fills_nothing(name: str, text: str) -> None:
    assert name not in both({}, {name: seen(text)}).fields


def test_what_both_read_alike_is_confirmed_and_surer() -> None:
    found = both({"siren": seen(SIREN)}, {"siren": seen(SIREN, confidence=0.98)})
    assert found.confirmed == {"siren"}
    assert found.fields["siren"] == seen(SIREN, confidence=0.98)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("siren", SIREN, OTHER_SIREN),
        ("issued_on", "2026-10-02", "2026-10-03"),
        ("security_code", "AB12CD34EF56GH7", "AB12CD34EF56GHT"),
        ("company_name", "Menuiserie Altherr", "Peinture Kessler"),
    ],
)
def test_a_decisive_value_read_otherwise_goes_to_a_person(
    name: str, first: str, second: str
) -> None:
    found = both({name: seen(first)}, {name: seen(second)})
    assert found.fields[name] == seen(first)
    assert found.with_second()[name] == seen(second)
    (finding,) = found.findings()
    assert (finding.code, finding.severity) == (ReasonCode.UNREADABLE, Severity.DOUBT)
    assert finding.params == {"first": first, "second": second}


def test_a_number_whose_key_breaks_gives_way_to_one_whose_key_holds() -> None:
    found = both({"siren": seen(SPOILT_SIREN)}, {"siren": seen(SIREN)})
    assert found.fields["siren"].text == SIREN
    assert not found.differing


def test_a_printed_code_gives_way_to_the_one_that_the_qr_code_holds_too() -> None:
    first, second = (
        {"verification_code": seen("xuWkYewl7C")},
        {"verification_code": seen("xuWkYewL7C")},
    )
    kind = DocumentKind.KBIS
    alone = both(first, second, kind=kind)
    with_code = both(first, second, kind=kind, codes=frozenset({"xuWkYewL7C"}))
    assert set(alone.differing) == {"verification_code"}
    assert with_code.fields["verification_code"].text == "xuWkYewL7C"
    assert not with_code.differing


def test_a_name_that_comes_near_is_settled_by_one_that_is_just_the_expected() -> None:
    kind = DocumentKind.BANK_DETAILS
    found = both({"holder": seen("Menuiserie Althew")}, {"holder": seen("Menuiserie Altherr")},
                 kind=kind)  # fmt: skip
    assert found.fields["holder"].text == "Menuiserie Altherr"
    other = both({"holder": seen("Peinture Kessler")}, {"holder": seen("Menuiserie Altherr")},
                 kind=kind)  # fmt: skip
    assert set(other.differing) == {"holder"}


def test_a_value_of_a_barcode_or_of_the_text_is_never_doubted_by_a_reader_of_pictures() -> None:
    code = seen(SIREN, source=Source.BARCODE)
    found = both({"siren": code}, {"siren": seen(OTHER_SIREN)})
    assert found.fields["siren"] == code
    assert not found.differing


def people(count: int) -> tuple[Value, ...]:
    return tuple(replace(seen(""), value={"name": f"N{index}"}) for index in range(count))


def test_whoever_one_reader_left_out_of_a_list_the_other_adds_and_a_person_counts() -> None:
    kind = DocumentKind.FOREIGN_WORKERS_LIST
    for ours, theirs in ((2, 3), (3, 2)):
        found = both({"workers": people(ours)}, {"workers": people(theirs)}, kind=kind)
        assert len(found.fields["workers"]) == 3
        (finding,) = found.findings()
        assert finding.params == {"first": str(ours), "second": str(theirs)}
    assert not list(both({"workers": people(2)}, {"workers": people(2)}, kind=kind).findings())


def test_an_empty_cell_of_a_list_is_filled_where_the_row_is_of_the_same_person() -> None:
    def row(name: str, permit: str) -> Value:
        return replace(seen(""), value={"name": name, "permit_number": permit})

    kind = DocumentKind.FOREIGN_WORKERS_LIST
    ours = (row("Karim B", ""), row("Ana P", ""))
    theirs = (row("Karim B", "9912034455"), row("Luis S", "9912034466"))
    found = both({"workers": ours}, {"workers": theirs}, kind=kind).fields["workers"]
    assert isinstance(found, tuple)
    assert [one.text for one in found] == ["Karim B, 9912034455", "Ana P, "]
