"""Checks the electronic signatures of a PDF, without any network."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

#: More signatures than this in one supplier paper is an attack, not a practice.
MOST_SIGNATURES = 20


class SignatureVerdict(StrEnum):
    """What the signatures of a file tell. `NONE` is the normal case and proves nothing."""

    NONE = "none"
    VALID_KNOWN = "valid_known"
    VALID_UNKNOWN = "valid_unknown"
    BROKEN = "broken"
    MODIFIED_AFTER = "modified_after"


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature. `coverage` and `modification_level` are pyHanko's words.

    `trusted` means: chained to one of the roots handed in. `signed_at` is what the signer
    declares, aware and in UTC, or None.
    """

    field_name: str
    verdict: SignatureVerdict
    intact: bool
    trusted: bool
    docmdp_ok: bool
    coverage: str
    modification_level: str
    signer: str
    signed_at: datetime | None = None


def validate_signatures(
    data: bytes, *, trust_roots: Sequence[bytes] = ()
) -> tuple[SignatureReport, ...]:
    """Check each signature of a PDF against the roots (PEM or DER); never raises.

    A signature that cannot be parsed is reported as broken; a file that cannot be opened has
    none (its structure tells why).
    """
    if b"/ByteRange" not in data:
        return ()
    # pyHanko logs each refusal with its traceback; the verdict says it already.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    try:
        roots = _certificates(trust_roots)
        return tuple(_report(signature, roots=roots) for signature in _embedded(data))
    except Exception:  # any parser error of any class: nothing that could be called a signature
        return ()


def verdict_of(reports: Sequence[SignatureReport]) -> SignatureVerdict:
    """The worst of the reports; NONE for a file without signature."""
    worst = (
        SignatureVerdict.BROKEN,
        SignatureVerdict.MODIFIED_AFTER,
        SignatureVerdict.VALID_UNKNOWN,
        SignatureVerdict.VALID_KNOWN,
    )
    found = {report.verdict for report in reports}
    return next((verdict for verdict in worst if verdict in found), SignatureVerdict.NONE)


def _certificates(trust_roots: Sequence[bytes]) -> list[Any]:
    from asn1crypto import pem, x509

    return [
        x509.Certificate.load(pem.unarmor(root)[2] if pem.detect(root) else root)
        for root in trust_roots
    ]


def _embedded(data: bytes) -> Iterator[Any]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(data), strict=False)
    if reader.encrypted:
        reader.decrypt("")
    for number, signature in enumerate(reader.embedded_regular_signatures):
        if number >= MOST_SIGNATURES:
            return
        yield signature


def _report(signature: Any, *, roots: Sequence[Any]) -> SignatureReport:
    try:
        return _checked(signature, roots=roots)
    except Exception:  # a signature that cannot be checked is no better than a broken one
        return SignatureReport(
            field_name=str(getattr(signature, "field_name", "")),
            verdict=SignatureVerdict.BROKEN,
            intact=False,
            trusted=False,
            docmdp_ok=False,
            coverage="",
            modification_level="",
            signer="",
        )


def _checked(signature: Any, *, roots: Sequence[Any]) -> SignatureReport:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(trust_roots=list(roots), allow_fetching=False)
    status = validate_pdf_signature(signature, signer_validation_context=context)
    intact = bool(status.intact and status.valid)
    trusted = intact and bool(status.trusted)
    permitted = bool(status.docmdp_ok) and _covers_to_the_end(status)
    level = getattr(status.modification_level, "name", "")
    reported = status.signer_reported_dt
    return SignatureReport(
        field_name=str(signature.field_name),
        verdict=_verdict(intact=intact, trusted=trusted, permitted=permitted, level=level),
        intact=intact,
        trusted=trusted,
        docmdp_ok=bool(status.docmdp_ok),
        coverage=getattr(status.coverage, "name", ""),
        modification_level=level,
        signer=_signer(status.signing_cert),
        signed_at=reported.astimezone(UTC) if reported and reported.tzinfo else None,
    )


def _covers_to_the_end(status: Any) -> bool:
    """A signature over less than a whole revision vouches for nothing that is shown."""
    return getattr(status.coverage, "name", "") in {"ENTIRE_FILE", "ENTIRE_REVISION"}


def _verdict(*, intact: bool, trusted: bool, permitted: bool, level: str) -> SignatureVerdict:
    # A flipped byte leaves pyHanko's `valid` true: only the three together count.
    if not intact:
        return SignatureVerdict.BROKEN
    if not permitted or level == "OTHER":
        return SignatureVerdict.MODIFIED_AFTER
    return SignatureVerdict.VALID_KNOWN if trusted else SignatureVerdict.VALID_UNKNOWN


def _signer(certificate: Any) -> str:
    names = certificate.subject.native
    return str(names.get("common_name") or names.get("organization_name") or "")[:200]
