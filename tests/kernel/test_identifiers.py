"""Identifiers: what is a right number, what is refused and with which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from supplier.kernel.identifiers import (
    Bic,
    Iban,
    InvalidIdentifierError,
    Siren,
    Siret,
    VatNumber,
    recover_siret,
    rib_key,
)

NBSP = "\u00a0"
LA_BANQUE_POSTALE = "FR1420041010050500013M02606"


def luhn(digits: str) -> str:
    """`digits` with the Luhn key appended."""
    total = sum(
        sum(divmod(int(digit) * (2 if at % 2 == 0 else 1), 10))
        for at, digit in enumerate(reversed(digits))
    )
    return f"{digits}{-total % 10}"


def code_of(kind: type, text: str) -> str:
    with pytest.raises(InvalidIdentifierError) as caught:
        kind.parse(text)
    assert str(caught.value).endswith(".") or ":" in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "552081317",
        "552 081 317",
        f"552{NBSP}081{NBSP}317",
        "552.081.317",
        "552\u202f081\u202f317 ",
        "552-081-317",
        "552081317.0",
        "'552081317",
    ],
)
def test_a_siren_is_read_however_it_is_spaced(text: str) -> None:
    assert Siren.parse(text).value == "552081317"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("552081318", "checksum"),
        ("55208131", "length"),
        ("5520813170", "length"),
        ("55208131A", "length"),
        ("٥٥٢٠٨١٣١٧", "length"),
        ("", "length"),
        ("5,52E+08", "excel"),
    ],
)
def test_a_wrong_siren_is_refused(text: str, code: str) -> None:
    assert code_of(Siren, text) == code
    assert Siren.try_parse(text) is None


def test_an_identifier_cannot_be_made_wrong() -> None:
    with pytest.raises(InvalidIdentifierError):
        Siren("552081318")


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Siren, "552081317"), (Bic, "BNPAFRPP"), (Iban, LA_BANQUE_POSTALE)],
)
def test_an_identifier_holds_no_line_break(kind: type, value: str) -> None:
    assert kind(value).value == value
    with pytest.raises(InvalidIdentifierError):
        kind(f"{value}\n")


@pytest.mark.parametrize(
    ("siren", "vat"),
    [
        ("552081317", "FR03552081317"),
        ("808015994", "FR49808015994"),
        ("323781880", "FR68323781880"),
        ("356000000", "FR39356000000"),
        ("552049447", "FR35552049447"),
    ],
)
def test_the_vat_key_follows_from_the_siren(siren: str, vat: str) -> None:
    assert Siren(siren).vat_number == VatNumber(vat)
    assert VatNumber(vat).siren == Siren(siren)


@pytest.mark.parametrize("text", ["35600000049837", "35600000000048", "356 000 000 00048"])
def test_la_poste_has_its_own_siret_key(text: str) -> None:
    assert Siret.parse(text).siren == Siren("356000000")


def test_another_company_does_not_get_la_postes_key() -> None:
    assert code_of(Siret, "55208131700005") == "checksum"  # digits add up to 40


def test_a_siret_of_a_company_that_cannot_be_is_refused() -> None:
    assert code_of(Siret, luhn("5520813180001")) == "checksum"


def test_a_siret_of_la_poste_with_neither_key_is_refused() -> None:
    assert code_of(Siret, "35600000049838") == "checksum"


SIRET = luhn("5520813170001")
ZERO_SIREN = luhn("05680065")
ZERO_SIRET = luhn(f"{ZERO_SIREN}0001")


@pytest.mark.parametrize(
    ("cell", "expected", "repaired"),
    [
        (SIRET, SIRET, False),
        (f" {SIRET[:3]} {SIRET[3:6]} {SIRET[6:9]} {SIRET[9:]} ", SIRET, False),
        (f"{SIRET}.0", SIRET, True),
        (f"{SIRET},00", SIRET, True),
        (float(SIRET), SIRET, True),
        (int(SIRET), SIRET, False),
        (f"{SIRET[0]},{SIRET[1:]}E+13", SIRET, True),
        (ZERO_SIRET.lstrip("0"), ZERO_SIRET, True),
        (int(ZERO_SIRET), ZERO_SIRET, True),
    ],
)
def test_a_spreadsheet_cell_is_repaired_when_no_other_number_is_possible(
    cell: str | float, expected: str, repaired: bool
) -> None:
    found = recover_siret(cell)
    assert (found.siret.value, found.repair is not None) == (expected, repaired)


@pytest.mark.parametrize(
    "cell",
    [
        "8,23E+13",
        "8.2345678E+13",
        "8,2345678E+3",
        82345678900012.5,
        float("nan"),
        float("inf"),
        True,
        SIRET[:-1],
        "5680065900013",
        "",
        "inconnu",
    ],
)
def test_a_spreadsheet_cell_that_lost_figures_is_refused(cell: str | float) -> None:
    with pytest.raises(InvalidIdentifierError):
        recover_siret(cell)


@given(st.integers(0, 10**8 - 1), st.integers(0, 9999))
def test_every_number_with_both_keys_is_a_siret_and_one_digit_off_is_not(
    company: int, establishment: int
) -> None:
    siret = luhn(f"{luhn(f'{company:08d}')}{establishment:04d}")
    assert Siret.parse(siret).siren.value == siret[:9]
    wrong = siret[:-1] + str((int(siret[-1]) + 1) % 10)
    if not siret.startswith("356000000"):
        assert Siret.try_parse(wrong) is None


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("FR 03 552081317", "FR"),
        ("DE136695976", "DE"),
        ("EL094259216", "EL"),
        ("XI980780684", "XI"),
        ("GB 980 7806 84", "GB"),
        ("CHE-107.787.577 MWST", "CH"),
        ("NO 995 525 828 MVA", "NO"),
        ("FRK7399859412", "FR"),
    ],
)
def test_vat_numbers_are_checked_by_their_countrys_rule(text: str, country: str) -> None:
    assert VatNumber.parse(text).country == country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FR82552049447", "checksum"),
        ("DE136695977", "checksum"),
        ("US123456789", "country"),
        ("XX123456789", "country"),
        ("12", "shape"),
        ("", "shape"),
    ],
)
def test_a_wrong_vat_number_is_refused(text: str, code: str) -> None:
    assert code_of(VatNumber, text) == code


@pytest.mark.parametrize(
    "text",
    [
        LA_BANQUE_POSTALE,
        "FR14 2004 1010 0505 0001 3M02 606",
        "IBAN FR14 2004 1010 0505 0001 3M02 606",
        "IBAN: fr14-2004-1010-0505-0001-3m02-606",
        f"FR14{NBSP}2004{NBSP}1010{NBSP}0505{NBSP}0001{NBSP}3M02{NBSP}606",
    ],
)
def test_an_iban_is_read_however_it_is_printed(text: str) -> None:
    iban = Iban.parse(text)
    assert iban.value == LA_BANQUE_POSTALE
    assert iban.spaced == "FR14 2004 1010 0505 0001 3M02 606"
    assert iban.masked == "FR14 •••• •••• •••• 2606"


def test_the_bank_is_known_by_its_code() -> None:
    iban = Iban(LA_BANQUE_POSTALE)
    assert (iban.bank_code, iban.bank_name) == ("20041", "LA BANQUE POSTALE")
    assert iban.suggested_bic == Bic("PSSTFRPP")


def test_an_unknown_bank_has_no_name_and_no_bic() -> None:
    iban = Iban(iban_of("FR", "99999" + "00001" + "00000000001"))
    assert (iban.bank_name, iban.suggested_bic) == (None, None)


def iban_of(country: str, account: str) -> str:
    """The IBAN of a RIB without keys: both are computed."""
    bban = f"{account}{rib_key(account):02d}"
    digits = "".join(str(int(char, 36)) for char in f"{bban}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{bban}"


@pytest.mark.parametrize("country", ["FR", "MC"])
def test_mod_97_is_not_enough_where_a_rib_key_is_printed(country: str) -> None:
    account = "20041" + "01005" + "0500013M026"
    wrong_key = f"{account}{(rib_key(account) % 97) + 1:02d}"
    digits = "".join(str(int(char, 36)) for char in f"{wrong_key}{country}00")
    assert code_of(Iban, f"{country}{98 - int(digits) % 97:02d}{wrong_key}") == "rib_key"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FR1420041010050500013M02607", "checksum"),
        ("FR1420041010050500013M0260", "length"),
        ("ZZ1420041010050500013M02606", "country"),
        ("", "country"),
        ("O", "country"),
    ],
)
def test_a_wrong_iban_is_refused(text: str, code: str) -> None:
    assert code_of(Iban, text) == code


@pytest.mark.parametrize(
    "text", ["DE89370400440532013000", "NO9386011117947", "MC5811222000010123456789030"]
)
def test_ibans_of_other_countries_are_good(text: str) -> None:
    assert Iban.parse(text).value == text


RIB = st.from_regex(r"[0-9]{10}[0-9A-Z]{11}", fullmatch=True)


@given(RIB, st.sampled_from(["FR", "MC"]))
def test_an_iban_with_both_keys_is_good_and_the_library_agrees(account: str, country: str) -> None:
    text = iban_of(country, account)
    assert Iban.parse(text).value == text
    assert IBAN(text, validate_bban=True).compact == text


@given(
    st.from_regex(r"[0-9]{21}", fullmatch=True), st.integers(4, 26), st.sampled_from("0123456789")
)
def test_no_single_digit_can_change_unseen(account: str, at: int, digit: str) -> None:
    text = iban_of("FR", account)
    changed = text[:at] + digit + text[at + 1 :]
    assert (Iban.try_parse(changed) is None) == (changed != text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_readers(text: str) -> None:
    for kind in (Siren, Siret, VatNumber, Iban, Bic):
        found = kind.try_parse(text)
        assert found is None or kind.parse(found.value) == found


@given(st.text(alphabet="FRMCDE0123456789AZ", min_size=4, max_size=34))
def test_what_we_accept_the_library_accepts(text: str) -> None:
    if Iban.try_parse(text) is not None:
        try:
            IBAN(text)
        except SchwiftyException as wrong:  # pragma: no cover
            raise AssertionError(text) from wrong


@pytest.mark.parametrize(
    ("bic", "iban", "fits"),
    [
        ("PSSTFRPP", LA_BANQUE_POSTALE, True),
        ("BNPAGFGX", LA_BANQUE_POSTALE, True),
        ("BNPAREPP", LA_BANQUE_POSTALE, True),
        ("COBADEFFXXX", LA_BANQUE_POSTALE, False),
        ("COBADEFF", "DE89370400440532013000", True),
        ("BNPAGFGX", "DE89370400440532013000", False),
    ],
)
def test_a_bank_holds_accounts_of_its_country(bic: str, iban: str, fits: bool) -> None:
    assert Bic.parse(bic).fits(Iban(iban)) is fits


def test_the_head_office_branch_is_the_same_bic() -> None:
    assert Bic.parse("bnpa fr pp xxx") == Bic("BNPAFRPP")
    assert Bic("BNPAFRPP").long == "BNPAFRPPXXX"
    assert Bic.parse("BNPAFRPPABC").value == "BNPAFRPPABC"


@pytest.mark.parametrize(
    ("text", "code"), [("BNPAFRP", "shape"), ("BNP1FRPP", "shape"), ("AAAAZZ22", "country")]
)
def test_a_wrong_bic_is_refused(text: str, code: str) -> None:
    assert code_of(Bic, text) == code
