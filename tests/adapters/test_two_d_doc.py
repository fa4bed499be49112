from __future__ import annotations

import base64
from datetime import UTC, date, datetime

import pytest
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from supplier.adapters.barcodes import read_barcodes
from supplier.adapters.two_d_doc import (
    BIC_FIELD,
    IBAN_FIELD,
    SealVerdict,
    parse_two_d_doc,
    verify_two_d_doc,
)

FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
ROOT_KEY, LEAF_KEY, OTHER_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))


def certificate(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
) -> bytes:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder(
        issuer_name=name(issuer),
        subject_name=name(subject),
        public_key=key.public_key(),
        serial_number=7,
        not_valid_before=FIRST,
        not_valid_after=LAST,
    )
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


ROOT = certificate("FR09", "FR09", ROOT_KEY, ROOT_KEY)
LEAF = certificate("TST1", "FR09", LEAF_KEY, ROOT_KEY)


def days(day: date) -> str:
    return f"{(day - date(2000, 1, 1)).days:04X}"


def code(
    *,
    signed_on: date = date(2026, 9, 1),
    key: ec.EllipticCurvePrivateKey = LEAF_KEY,
    iban: str = "FR1420041010050500013M02606",
    document: str = "03",
    body: str = "",
) -> str:
    header = f"DC04FR09TST1{days(date(2026, 8, 31))}{days(signed_on)}{document}01FR"
    body = body or f"{IBAN_FIELD}{iban}\x1d{BIC_FIELD}PSSTFRPPPAR\x1d50" + "82459571400014"
    r, s = decode_dss_signature(key.sign((header + body).encode(), ec.ECDSA(hashes.SHA256())))
    seal = base64.b32encode(r.to_bytes(32) + s.to_bytes(32)).decode().rstrip("=")
    return f"{header}{body}\x1f{seal}"


def test_header_and_fields_are_understood() -> None:
    found = parse_two_d_doc(code())
    assert found is not None
    assert (found.version, found.authority, found.certificate) == (4, "FR09", "TST1")
    assert (found.issued_on, found.signed_on) == (date(2026, 8, 31), date(2026, 9, 1))
    assert (found.kind, found.perimeter, found.country) == ("bank_details", "01", "FR")
    assert dict(found.fields) == {
        "31": "FR1420041010050500013M02606",
        "32": "PSSTFRPPPAR",
        "50": "82459571400014",
    }


def test_a_code_printed_and_scanned_comes_back_whole() -> None:
    text = code()
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    page = Image.new("L", (1654, 2339), 255)
    page.paste(Image.fromarray(symbol.to_image(scale=4)).convert("L"), (900, 300))
    (found,) = read_barcodes(page, page=1)
    assert found.format == "DataMatrix"
    assert found.text == text


@pytest.mark.parametrize("certificates", [[ROOT, LEAF], [LEAF], [ROOT + b"", LEAF]])
def test_a_seal_of_an_installed_certificate_holds(certificates: list[bytes]) -> None:
    found = parse_two_d_doc(code())
    assert found is not None
    assert verify_two_d_doc(found, certificates=certificates) is SealVerdict.VALID


def test_a_changed_account_breaks_the_seal() -> None:
    forged = code().replace("FR1420041010050500013M02606", "FR7630006000011234567890189")
    found = parse_two_d_doc(forged)
    assert found is not None
    assert verify_two_d_doc(found, certificates=[ROOT, LEAF]) is SealVerdict.BROKEN


def test_a_seal_nobody_installed_is_unknown_not_broken() -> None:
    found = parse_two_d_doc(code())
    assert found is not None
    assert verify_two_d_doc(found, certificates=[]) is SealVerdict.UNKNOWN_ISSUER


def test_a_certificate_that_the_authority_did_not_issue_is_unknown() -> None:
    impostor = certificate("TST1", "FR09", OTHER_KEY, OTHER_KEY)
    found = parse_two_d_doc(code(key=OTHER_KEY))
    assert found is not None
    assert verify_two_d_doc(found, certificates=[ROOT, impostor]) is SealVerdict.UNKNOWN_ISSUER


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2028, 1, 2)])
def test_a_certificate_vouches_only_for_its_own_years(day: date) -> None:
    found = parse_two_d_doc(code(signed_on=day))
    assert found is not None
    assert verify_two_d_doc(found, certificates=[ROOT, LEAF]) is SealVerdict.UNKNOWN_ISSUER


def test_the_directory_of_an_authority_is_read_whole() -> None:
    part = b"Content-Type: application/pkix-cert\r\n\r\n"
    directory = b"--End\r\n" + part + ROOT + b"\r\n--End\r\n" + part + LEAF + b"\r\n--End--\r\n"
    found = parse_two_d_doc(code())
    assert found is not None
    assert verify_two_d_doc(found, certificates=[directory]) is SealVerdict.VALID


@pytest.mark.parametrize("text", ["", "DC04", "DC09" + "0" * 40 + "\x1f", "DC04\x1fA", "Bonjour"])
def test_other_codes_are_no_2d_doc(text: str) -> None:
    assert parse_two_d_doc(text) is None


@given(st.text(max_size=80))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    parse_two_d_doc("DC04" + text)
    parse_two_d_doc("DC04FR09TST1FFFFFFFF0301FR" + text + "\x1f" + text)
