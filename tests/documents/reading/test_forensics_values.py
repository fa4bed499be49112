from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.documents.reading import forensics_values as values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("IBAN : FR14 2004 1010 0505 0001 3M02 606", {"FR1420041010050500013M02606"}),
        ("FR7630006000011234567890189", {"FR7630006000011234567890189"}),
        ("IBAN FR76 3000 6000 0112 3456 7890 189 BIC AGRIFRPP", {"FR7630006000011234567890189"}),
        ("FR15 2004 1010 0505 0001 3M02 606", set()),
        ("DE89 3704 0044 0532 0130 00", {"DE89370400440532013000"}),
        ("RELEVE 2004", set()),
    ],
)
def test_accounts_are_those_whose_key_passes(text: str, found: set[str]) -> None:
    assert values.ibans(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SIREN 732 829 320", {"732829320"}),
        ("SIRET 73282932000074", {"732829320"}),
        ("SIREN 732 829 321", set()),
        ("tél. 01 23 45 67 89", set()),
    ],
)
def test_sirens_are_those_that_pass_luhn(text: str, found: set[str]) -> None:
    assert values.sirens(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("le 18/09/2026", {"2026-09-18"}),
        ("18.9.2026", {"2026-09-18"}),
        ("1er août 2026", {"2026-08-01"}),
        ("3 juin 2026 et 4 juillet 2026", {"2026-06-03", "2026-07-04"}),
        ("12 FÉVRIER 2026", {"2026-02-12"}),
        ("5 März 2026", {"2026-03-05"}),
        ("45/13/2026", set()),
    ],
)
def test_dates_are_read_in_figures_and_words(text: str, found: set[str]) -> None:
    assert values.dates(text) == found


def test_codes_mix_letters_and_digits() -> None:
    assert values.codes("Code : H4GKEN76VBLAYTN bonjour 1234567890") == {"H4GKEN76VBLAYTN"}


@given(st.text(max_size=200))
def test_no_text_makes_a_search_fail(text: str) -> None:
    assert values.values(text) is not None
    assert values.compact(values.compact(text)) == values.compact(text)
