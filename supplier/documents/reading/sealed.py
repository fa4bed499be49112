"""What the 2D-Doc of a paper says: values under a seal, compared with the print."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from supplier.adapters.barcodes import Barcode, imitates_infogreffe
from supplier.adapters.two_d_doc import (
    BIC_FIELD,
    EMPLOYER_SIRET_FIELD,
    IBAN_FIELD,
    SealVerdict,
    TwoDDoc,
    parse_two_d_doc,
    verify_two_d_doc,
)
from supplier.documents.findings import doubt, note, refusal
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.bank import iban_holds
from supplier.documents.reading.result import FieldValue, Finding, Value
from supplier.documents.reading.sources import Page
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Source

#: Where the administrator keeps the certificates of the authorities (setting
#: two_d_doc_certificates); the children read it themselves.
_FOLDER_VARIABLE = "SUPPLIER_TWO_D_DOC_CERTIFICATES"
_RULE = "France Titres, 2D-Doc 3.3.8"
#: Which of its fields say what our fields say, by kind of paper.
_SAME: Mapping[DocumentKind, Mapping[str, str]] = {
    DocumentKind.BANK_DETAILS: {"iban": IBAN_FIELD, "bic": BIC_FIELD},
    DocumentKind.INVOICE: {"iban": IBAN_FIELD},
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """One 2D-Doc and where it stands."""

    code: TwoDDoc
    mark: Barcode

    def value(self, text: str) -> Value:
        return Value(text, self.mark.page, self.mark.box, Source.BARCODE, 1.0)


def sealed_codes(pages: Sequence[Page]) -> list[Sealed]:
    """The 2D-Docs of some pages."""
    found = []
    for page in pages:
        for mark in page.barcodes:
            code = parse_two_d_doc(mark.text)
            if code is not None:
                found.append(Sealed(code, mark))
    return found


def sealed_fields(
    kind: DocumentKind, fields: Mapping[str, FieldValue], codes: Sequence[Sealed], *, scanned: bool
) -> dict[str, FieldValue]:
    """The values that come from a 2D-Doc: where the print gave none, or a scan gave nonsense.

    A symbol corrects its own errors; figures read from a picture may be wrong, and an account
    number whose key fails was misread.
    """
    found: dict[str, FieldValue] = {}
    for name, text, one in _said(kind, codes):
        printed = fields.get(name)
        misread = (
            scanned and name == "iban" and isinstance(printed, Value)
            and not iban_holds(printed.text) and iban_holds(text)
        )  # fmt: skip
        if printed is None or misread:
            found.setdefault(name, one.value(text))
    return found


def _said(kind: DocumentKind, codes: Sequence[Sealed]) -> Iterator[tuple[str, str, Sealed]]:
    for one in codes:
        for name, identifier in _SAME.get(kind, {}).items():
            text = _plain(one.code.fields.get(identifier, ""))
            if text:
                yield name, text, one


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def sealed_findings(
    kind: DocumentKind, fields: Mapping[str, FieldValue], codes: Sequence[Sealed], *, scanned: bool
) -> Iterator[Finding]:
    """What the seals are worth, and where they say something else than the print."""
    for one in codes:
        yield _seal(one)
    for name, text, one in _said(kind, codes):
        printed = fields.get(name)
        if isinstance(printed, Value) and not _agrees(name, printed, text):
            yield _disagrees(one, name, scanned=scanned)
    siren = fields.get("siren")
    for one in codes:
        number = _plain(one.code.fields.get(EMPLOYER_SIRET_FIELD, ""))[:9]
        if number and isinstance(siren, Value) and siren.text != number:
            yield _disagrees(one, "siren", scanned=scanned)


def strange_codes(pages: Sequence[Page]) -> Iterator[Finding]:
    """Codes that lead whoever checks an extract to a site other than the registers' own."""
    for page in pages:
        for mark in page.barcodes:
            if imitates_infogreffe(mark.text):
                text = N_("The QR code leads to a site that imitates the court registers' own.")
                yield refusal(ReasonCode.TAMPERED, message=text, at=mark)


def _agrees(name: str, printed: Value, text: str) -> bool:
    own = _plain(printed.text)
    # Eight letters name the bank, three more its branch; XXX means none (ISO 9362).
    return own[:8] == text[:8] if name == "bic" else own == text


def _seal(one: Sealed) -> Finding:
    verdict = verify_two_d_doc(one.code, certificates=certificates())
    if verdict is SealVerdict.BROKEN:
        text = N_("The seal of the 2D-Doc code does not hold: it was changed or copied together.")
        return refusal(ReasonCode.TAMPERED, rule=_RULE, message=text, at=one.mark)
    word = "sealed" if verdict is SealVerdict.VALID else "sealed_unknown"
    params = {"authority": one.code.authority, "certificate": one.code.certificate}
    return note(word, at=one.mark, params=params)


def _disagrees(one: Sealed, name: str, *, scanned: bool) -> Finding:
    # A scan may be misread; print that a program made may not.
    found = doubt if scanned else refusal
    text = N_("The 2D-Doc code and the print do not say the same: %(field)s.")
    return found(ReasonCode.TAMPERED, rule=_RULE, message=text, at=one.mark, params={"field": name})


@lru_cache(maxsize=1)
def certificates() -> tuple[bytes, ...]:
    """The certificates of the folder that the administrator named; none by default."""
    folder = os.environ.get(_FOLDER_VARIABLE, "")
    if not folder or not Path(folder).is_dir():
        return ()
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return tuple(path.read_bytes() for path in files)
