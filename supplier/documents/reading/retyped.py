"""Decisive values that were set after the rest of their page: a person looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from supplier.documents.findings import doubt
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.forensics_facts import PastedValue
from supplier.documents.reading.result import FieldValue, Finding, Value
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, Source

#: Papers that their issuer's program writes whole. Statements are typed into forms by whoever
#: signs them, and their date is often set last.
PRINTED_WHOLE = frozenset({
    DocumentKind.KBIS, DocumentKind.RNE_EXTRACT, DocumentKind.URSSAF_VIGILANCE,
    DocumentKind.TAX_COMPLIANCE, DocumentKind.PAID_LEAVE_BTP, DocumentKind.BANK_DETAILS,
    DocumentKind.DECENNIAL_INSURANCE, DocumentKind.FOREIGN_REGISTER_EXTRACT,
    DocumentKind.A1_CERTIFICATE,
})  # fmt: skip
#: What would be worth replacing.
DECISIVE = (
    "issued_on", "situation_on", "valid_from", "valid_until", "siren", "iban", "holder",
    "security_code", "verification_code", "delivery_number", "policy_number", "headcount",
    "payroll",
)  # fmt: skip


LATE = N_("This value was set after all the rest of the page was written.")
STRANGE = N_("This value is set in another typeface than the other figures of the paper.")


def retyped(
    kind: DocumentKind, fields: Mapping[str, FieldValue], pasted: Sequence[PastedValue]
) -> Iterator[Finding]:
    """One doubt for each decisive value that stands where a value was set last."""
    if kind not in PRINTED_WHOLE:
        return
    for name in DECISIVE:
        value = fields.get(name)
        if not isinstance(value, Value) or value.source is not Source.TEXT or value.box is None:
            continue
        at = value.box
        for item in pasted:
            if item.page == value.page and _touch(item.box, at):
                text = STRANGE if item.strange else LATE
                yield doubt(ReasonCode.TAMPERED, message=text, at=value)
                break


def _touch(one: Box, other: Box) -> bool:
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return wide > 0 and high > 0.3 * (other.bottom - other.top)
