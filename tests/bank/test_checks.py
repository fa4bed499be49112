"""What is noticed about bank details."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from supplier.bank.checks import (
    FINDINGS,
    BankFacts,
    FindingCode,
    Severity,
    check,
    is_blocked,
    needs_call_back,
)

TODAY = date(2026, 11, 23)
IBAN = "FR1420041010050500013M02606"
OTHER_IBAN = "FR7630004000031234567890143"
GERMAN_IBAN = "DE89370400440532013000"
# Passes mod 97; its RIB key is wrong by one.
BAD_KEY = "FR8420041010050500013M02607"
CLEAN = BankFacts(
    iban=IBAN,
    bic="PSSTFRPPXXX",
    holder="MENUISERIE DURAND",
    legal_name="Menuiserie Durand SARL",
    printed_ibans=("FR14 2004 1010 0505 0001 3M02 606",),
)


def codes(**facts: object) -> set[str]:
    found = check(replace(CLEAN, **facts), today=TODAY)  # type: ignore[arg-type]
    return {one.code.value for one in found}


def test_clean_details_raise_nothing() -> None:
    assert check(CLEAN, today=TODAY) == ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"iban": IBAN[:-1] + "7", "printed_ibans": (IBAN[:-1] + "7",)}, {"iban_invalid"}),
        ({"iban": BAD_KEY, "printed_ibans": (BAD_KEY,)}, {"rib_key"}),
        ({"iban": "", "printed_ibans": ()}, {"iban_invalid", "not_compared"}),
        ({"iban": OTHER_IBAN, "bic": "BNPAFRPP"}, {"printed_differs"}),
        ({"printed_ibans": ()}, {"not_compared"}),
        ({"printed_ibans": (IBAN, OTHER_IBAN)}, {"several_ibans"}),
        ({"printed_ibans": (IBAN, "FR14 2004 1010 0505 0001 3M02 606")}, set()),
        ({"bic": "PSSTFR"}, {"bic_invalid"}),
        ({"bic": "COBADEFF"}, {"bic_country"}),
        ({"bic": "BNPAFRPP"}, {"bic_bank"}),
        ({"bic": None}, set()),
        (
            {"iban": GERMAN_IBAN, "printed_ibans": (GERMAN_IBAN,), "bic": "COBADEFFXXX"},
            {"foreign_account"},
        ),
        (
            {
                "iban": GERMAN_IBAN,
                "printed_ibans": (GERMAN_IBAN,),
                "bic": None,
                "supplier_country": "DE",
            },
            set(),
        ),
        ({"holder": "Plomberie Martin"}, {"holder_different"}),
        ({"holder": "Menuiserie Durant"}, {"holder_close"}),
        ({"holder": "M. Jean DURAND", "other_names": ("Durand Jean",)}, set()),
        ({"holder": ""}, {"holder_different"}),
        ({"used_elsewhere": True}, {"used_elsewhere"}),
        ({"contact_changed_on": TODAY - timedelta(days=29)}, {"young_contact"}),
        ({"contact_changed_on": TODAY - timedelta(days=30)}, set()),
        ({"number_known": False}, {"no_known_number"}),
        ({"last_changed_on": TODAY - timedelta(days=89)}, {"quick_change"}),
        ({"last_changed_on": TODAY - timedelta(days=90)}, set()),
    ],
)
def test_each_doubt_is_noticed(facts: dict[str, object], expected: set[str]) -> None:
    assert codes(**facts) == expected


def test_the_gravest_comes_first() -> None:
    found = check(
        replace(CLEAN, holder="Menuiserie Durant", used_elsewhere=True, bic="COBADEFF"),
        today=TODAY,
    )
    assert [one.severity for one in found] == [Severity.BLOCK, Severity.ALERT, Severity.NOTICE]


@pytest.mark.parametrize(
    ("facts", "blocked", "call"),
    [
        ({}, False, False),
        ({"holder": "Menuiserie Durant"}, False, False),
        ({"holder": "Affacturage Réuni"}, False, True),
        ({"used_elsewhere": True}, True, False),
    ],
)
def test_findings_block_or_make_people_call(
    facts: dict[str, object], blocked: bool, call: bool
) -> None:
    found = check(replace(CLEAN, **facts), today=TODAY)  # type: ignore[arg-type]
    assert (is_blocked(found), needs_call_back(found)) == (blocked, call)


def test_no_finding_holds_a_digit_of_the_account() -> None:
    found = check(replace(CLEAN, iban=OTHER_IBAN, used_elsewhere=True), today=TODAY)
    assert found
    assert not any(OTHER_IBAN[-4:] in str(one.as_json()) for one in found)


def test_every_code_has_its_words() -> None:
    assert set(FINDINGS) == set(FindingCode)
