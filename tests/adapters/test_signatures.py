from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, signers

from supplier.adapters.signatures import SignatureVerdict, validate_signatures, verdict_of
from tests.adapters import drawn
from tests.adapters.test_intake import ATTACK

KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def root() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Greffe d'essai")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=KEY.public_key(),
        serial_number=11,
        not_valid_before=now - timedelta(days=2),
        not_valid_after=now + timedelta(days=30),
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        builder.add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .sign(KEY, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


@pytest.fixture(scope="module")
def signed(root: bytes) -> bytes:
    from asn1crypto import keys, pem
    from asn1crypto import x509 as asn1_x509
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    private = KEY.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(pem.unarmor(root)[2]),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(drawn.pdf()))
    result = signers.sign_pdf(writer, PdfSignatureMetadata(field_name="Cachet"), signer=signer)
    return bytes(result.getvalue())


def changed_after(data: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    content = generic.StreamObject(stream_data=b"BT /F1 12 Tf 60 700 Td (autre) Tj ET")
    page[generic.pdf_name("/Contents")] = writer.add_object(content)
    writer.update_container(page)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def test_an_untouched_signature_of_a_known_signer_is_known(signed: bytes, root: bytes) -> None:
    (report,) = validate_signatures(signed, trust_roots=[root])
    assert report.verdict is SignatureVerdict.VALID_KNOWN
    assert (report.intact, report.trusted, report.docmdp_ok) == (True, True, True)
    assert (report.coverage, report.signer) == ("ENTIRE_FILE", "Greffe d'essai")
    assert report.signed_at is not None
    assert report.signed_at.tzinfo is UTC


def test_a_signer_nobody_trusts_is_unknown_not_broken(signed: bytes) -> None:
    (report,) = validate_signatures(signed)
    assert report.verdict is SignatureVerdict.VALID_UNKNOWN
    assert report.intact
    assert not report.trusted


def test_a_flipped_byte_breaks_the_signature(signed: bytes, root: bytes) -> None:
    place = signed.index(b"stream") + 12
    flipped = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
    (report,) = validate_signatures(flipped, trust_roots=[root])
    assert report.verdict is SignatureVerdict.BROKEN
    assert not report.trusted


def test_a_page_replaced_after_signing_is_seen(signed: bytes, root: bytes) -> None:
    (report,) = validate_signatures(changed_after(signed), trust_roots=[root])
    assert report.verdict is SignatureVerdict.MODIFIED_AFTER
    assert report.intact
    assert report.modification_level == "OTHER"


def test_the_worst_signature_decides(signed: bytes, root: bytes) -> None:
    good = validate_signatures(signed, trust_roots=[root])
    bad = validate_signatures(changed_after(signed), trust_roots=[root])
    assert verdict_of((*good, *bad)) is SignatureVerdict.MODIFIED_AFTER
    assert verdict_of(good) is SignatureVerdict.VALID_KNOWN
    assert verdict_of(()) is SignatureVerdict.NONE


def test_an_unsigned_or_hostile_file_has_no_signature(root: bytes) -> None:
    assert validate_signatures(drawn.pdf(), trust_roots=[root]) == ()
    for path in sorted((ATTACK / "pdf").iterdir()):
        assert validate_signatures(path.read_bytes(), trust_roots=[root]) == ()


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_signed_file_cut_short_does_not_pass(signed: bytes, root: bytes, cut: float) -> None:
    reports = validate_signatures(signed[: int(len(signed) * cut)], trust_roots=[root])
    assert verdict_of(reports) in {SignatureVerdict.NONE, SignatureVerdict.BROKEN}
