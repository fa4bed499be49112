"""Understands 2D-Doc codes (France Titres, technical specification 3.3.8) and checks their seal."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID

EPOCH = date(2000, 1, 1)
UNIT, GROUP, RECORD = "\x1f", "\x1d", "\x1e"
HEADER_LENGTHS = {1: 22, 2: 22, 3: 24, 4: 26}
#: Documents that our suppliers hand in; the number is that of the specification.
DOCUMENT_TYPES = {
    "01": "bill",
    "03": "bank_details",
    "04": "income_tax",
    "05": "bank_details",
    "06": "payslip",
    "09": "bill",
    "11": "account_statement",
    "15": "work_permit",
    "18": "income_tax",
    "21": "self_employed_tax",
    "24": "income_tax",
    "25": "work_permit",
    "27": "income_tax",
    "28": "income_tax",
}
IBAN_FIELD, BIC_FIELD, HOLDER_FIELD, QXBAN_FIELD = "31", "32", "30", "35"
BILL_NUMBER_FIELD, BILL_TOTAL_FIELD = "18", "1D"
EMPLOYER_SIRET_FIELD, EMPLOYER_NAME_FIELD = "50", "5M"

#: Length of the fields that have one, by length (specification, table of identifiers).
_FIXED = {
    1: "1G 1H 5T 68 6J 76 7C 7D 7E 7F 7G 7I 7J 7O AF AG AT B6 BA BD C0 C5 F3 F5 L7 L8",
    2: "26 2D 34 5J 65 67 6C 6I 6Y 7H A0 A6 B5 B9 BG D8 E0 E5 G0 G1 H1 H3 HL HQ HR HS LA",
    3: "6B A5 A7 A9 BE BF DY E4",
    4: "06 08 09 36 37 45 4S 53 54 AD AE E1 E2 E3 I0",
    5: "24 2B 4P 5H 6W 78 7A AY C9 HJ",
    6: "07 51 AO",
    7: "52 AK H8 I1",
    8: "1C 4A 4B 4C 55 56 57 69 6L 6N 6O 75 8A 96 AA AI AN B7 C4 D3 D4 D6 D7 D9 DA DD DL DS F2 G3"
    " H4 H5 H9 HA HO L2 L9",
    9: "0A 0B 7L DF DN DU E7 HB",
    10: "CB",
    11: "AL I6",
    12: "6R 70 71 86 C3 CC E8 F6 HN HP",
    13: "40 44 47 49 7K AJ",
    14: "50 BK DG DO DV",
    15: "4F",
    16: "7P I2",
    17: "85 A4 D0",
    19: "6K",
    21: "5N",
    36: "0D",
}
FIXED_LENGTHS = MappingProxyType(
    {name: length for length, names in _FIXED.items() for name in names.split()}
)


class SealVerdict(StrEnum):
    """What the signature of a 2D-Doc is worth."""

    VALID = "valid"
    UNKNOWN_ISSUER = "unknown_issuer"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class TwoDDoc:
    """A decoded 2D-Doc. `fields` by identifier; dates as the issuer declares them, or None.

    `signed` is the text under the signature, `signature` the raw r and s.
    """

    version: int
    authority: str
    certificate: str
    issued_on: date | None
    signed_on: date | None
    document_type: str
    perimeter: str
    country: str
    fields: MappingProxyType[str, str]
    signed: bytes
    signature: bytes

    @property
    def kind(self) -> str:
        """Our word for the document, or the empty text where it is none of ours."""
        return DOCUMENT_TYPES.get(self.document_type, "")


def parse_two_d_doc(text: str) -> TwoDDoc | None:
    """Understand the text of a Data Matrix; None for anything that is not a 2D-Doc."""
    match = re.match(r"DC0([1-4])", text)
    if match is None or UNIT not in text:
        return None
    try:
        return _parsed(text, version=int(match[1]))
    except (ValueError, UnicodeError, OverflowError):
        return None


def _parsed(text: str, *, version: int) -> TwoDDoc:
    length = HEADER_LENGTHS[version]
    signed, _, seal = text.partition(UNIT)
    header, body = signed[:length], signed[length:]
    if len(header) < length:
        raise ValueError(header)
    return TwoDDoc(
        version=version,
        authority=header[4:8],
        certificate=header[8:12],
        issued_on=_day(header[12:16]),
        signed_on=_day(header[16:20]),
        document_type=header[20:22],
        perimeter=header[22:24] or "01",
        country=header[24:26] or "FR",
        fields=MappingProxyType(dict(_fields(body))),
        signed=signed.encode("ascii"),
        signature=_unpacked(seal),
    )


def _day(code: str) -> date | None:
    return None if code == "FFFF" else EPOCH + timedelta(days=int(code, 16))


def _unpacked(seal: str) -> bytes:
    letters = re.match(r"[A-Z2-7]*", seal)
    text = letters[0] if letters else ""
    return base64.b32decode(text + "=" * (-len(text) % 8))


def _fields(body: str) -> Iterator[tuple[str, str]]:
    """Identifier and value of each field: fixed lengths run on, others end with GS or RS."""
    while len(body) >= 2:
        name, body = body[:2], body[2:]
        length = FIXED_LENGTHS.get(name)
        if length is None:
            end = re.search(f"[{GROUP}{RECORD}]", body)
            length = end.start() if end else len(body)
        yield name, body[:length].strip()
        body = body[length:]
        if body[:1] in {GROUP, RECORD}:
            body = body[1:]


def verify_two_d_doc(code: TwoDDoc, *, certificates: Sequence[bytes]) -> SealVerdict:
    """Check the seal against installed certificates (PEM, DER, or a directory of an authority).

    The certificate is the one that the authority and certificate identifiers name; where the
    authority's own certificate is installed too, it must have issued it. It must have been valid
    on the day of signature.
    """
    known = [certificate for blob in certificates for certificate in _loaded(blob)]
    leaf = _find(known, subject=code.certificate, issuer=code.authority)
    if leaf is None or not _valid_on(leaf, code.signed_on or code.issued_on):
        return SealVerdict.UNKNOWN_ISSUER
    root = _find(known, subject=code.authority, issuer=None)
    if root is not None and not _issued_by(leaf, root):
        return SealVerdict.UNKNOWN_ISSUER
    return SealVerdict.VALID if _seal_holds(code, leaf) else SealVerdict.BROKEN


def _loaded(blob: bytes) -> Iterator[x509.Certificate]:
    """Certificates of a file; the directories of authorities are MIME multiparts of DER."""
    if b"-----BEGIN" in blob:
        yield from x509.load_pem_x509_certificates(blob)
        return
    parts = [blob]
    if b"--End\r\n" in blob:
        parts = [part.partition(b"\r\n\r\n")[2] for part in blob.split(b"--End")]
    for part in parts:
        try:
            yield x509.load_der_x509_certificate(part.removesuffix(b"\r\n"))
        except ValueError:  # a preamble, or a kind of certificate we do not know
            continue


def _find(
    known: Sequence[x509.Certificate], *, subject: str, issuer: str | None
) -> x509.Certificate | None:
    for certificate in known:
        names = (_common_name(certificate.subject), _common_name(certificate.issuer))
        if names[0] == subject and issuer in {None, names[1]}:
            return certificate
    return None


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def _valid_on(certificate: x509.Certificate, day: date | None) -> bool:
    if day is None:
        return False
    first = certificate.not_valid_before_utc
    last = certificate.not_valid_after_utc
    begin = datetime.combine(day, time.min, tzinfo=UTC)
    return first < begin + timedelta(days=1) and begin <= last


def _issued_by(leaf: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _seal_holds(code: TwoDDoc, leaf: x509.Certificate) -> bool:
    key = leaf.public_key()
    half = len(code.signature) // 2
    if not isinstance(key, ec.EllipticCurvePublicKey) or half < 16:
        return False
    by_size: dict[int, hashes.HashAlgorithm] = {384: hashes.SHA384(), 521: hashes.SHA512()}
    method = by_size.get(key.curve.key_size, hashes.SHA256())
    r, s = (int.from_bytes(part) for part in (code.signature[:half], code.signature[half:]))
    try:
        key.verify(encode_dss_signature(r, s), code.signed, ec.ECDSA(method))
    except InvalidSignature:
        return False
    return True
