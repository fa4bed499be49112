"""Bank details: the account number of the text layer is compared with what the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from supplier.adapters import ocr, pdf
from supplier.documents.findings import doubt, refusal
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.bank import iban_holds, ibans, rib_holds
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.result import FieldValue, Finding, Value
from supplier.documents.reading.sources import Page
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, Source

_DPI = 250
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#: A picture that agrees this far shows the same number, read with an odd letter wrong.
_ALIKE = 0.85


def confirmed(
    data: bytes, kind: DocumentKind, fields: Mapping[str, FieldValue]
) -> Iterator[Finding]:
    """Findings where the picture of a native page shows another account than its text says."""
    iban = fields.get("iban")
    if kind is not DocumentKind.BANK_DETAILS or not isinstance(iban, Value) or iban.box is None:
        return
    if iban.source is not Source.TEXT or not ocr.available():
        return
    zone = _wider(iban.box)
    image = pdf.render_zone(data, iban.page, dpi=_DPI, zone=_around(zone))
    words = ocr.read_zone(image, zone, page=iban.page, whitelist=CAPITALS)
    shown = re.sub(r"[^A-Z0-9]", "", "".join(word.text for word in words))
    if iban.text in shown:
        return
    others = _accounts(shown)
    if others and iban.text not in others:
        yield refusal(
            ReasonCode.TAMPERED,
            message=N_("The page shows another account than its text says: %(shown)s"),
            at=iban, params={"shown": sorted(others)[0]},
        )  # fmt: skip
    elif SequenceMatcher(None, iban.text, shown, autojunk=False).ratio() < _ALIKE:
        yield doubt(
            ReasonCode.UNREADABLE,
            message=N_("The account number could not be confirmed on the picture of the page."),
            at=iban,
        )


def other_account(
    kind: DocumentKind, fields: Mapping[str, FieldValue], pages: Sequence[Page]
) -> Iterator[Finding]:
    """A scan whose hidden text layer gives another good account than its picture shows.

    A copier that misreads an account breaks its keys: two good accounts are no misreading.
    """
    iban = fields.get("iban")
    if kind is not DocumentKind.BANK_DETAILS or not isinstance(iban, Value):
        return
    for page in pages:
        for found in ibans(Paper((page.text_layer,))) if page.text_layer else ():
            good = iban_holds(found.value) and rib_holds(found.value)
            if good and found.value != iban.text:
                yield refusal(
                    ReasonCode.TAMPERED,
                    message=N_("The page shows another account than its text says: %(shown)s"),
                    at=iban, params={"shown": iban.text},
                )  # fmt: skip
                return


def _accounts(shown: str) -> set[str]:
    """Every run of letters that passes both keys."""
    found = set()
    for match in re.finditer(r"(?=([A-Z]{2}\d{2}[A-Z0-9]{11,30}))", shown):
        for length in (22, 27, 16, 18, 20, 21, 24, 25, 28):
            candidate = match[1][:length]
            if len(candidate) == length and iban_holds(candidate) and rib_holds(candidate):
                found.add(candidate)
    return found


def _around(zone: Box) -> Box:
    """What has to be drawn for a zone to be read: the margin that is read around it, and more."""
    return Box(
        max(0.0, zone.x0 - 0.02), max(0.0, zone.top - 0.02),
        min(1.0, zone.x1 + 0.02), min(1.0, zone.bottom + 0.02),
    )  # fmt: skip


def _wider(box: Box) -> Box:
    return Box(max(0.0, box.x0 - 0.01), box.top, min(1.0, box.x1 + 0.01), box.bottom)
