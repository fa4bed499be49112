"""What the 2D-Doc of a paper says: values under a seal, compared with the print."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from stdnum import luhn

from supplier.adapters.barcodes import Barcode, imitates_infogreffe
from supplier.adapters.two_d_doc import (
    BIC_FIELD,
    BILL_NUMBER_FIELD,
    BILL_TOTAL_FIELD,
    EMPLOYER_NAME_FIELD,
    EMPLOYER_SIRET_FIELD,
    HOLDER_FIELD,
    IBAN_FIELD,
    QXBAN_FIELD,
    SealVerdict,
    TwoDDoc,
    parse_two_d_doc,
    verify_two_d_doc,
)
from supplier.documents.findings import doubt, note, refusal
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.bank import iban_holds
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.result import FieldValue, Finding, Value
from supplier.documents.reading.sources import Page
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Source
from supplier.settings import read_setting

#: Where the administrator keeps the certificates of the authorities (setting
#: two_d_doc_certificates); the children read it themselves.
_FOLDER_VARIABLE = "SUPPLIER_TWO_D_DOC_CERTIFICATES"
_RULE = "France Titres, 2D-Doc 3.3.8"
#: Which of its fields say what our fields say, by kind of paper.
_SAME: Mapping[DocumentKind, Mapping[str, str]] = {
    DocumentKind.BANK_DETAILS: {"iban": IBAN_FIELD, "bic": BIC_FIELD, "holder": HOLDER_FIELD},
    DocumentKind.INVOICE: {
        "iban": IBAN_FIELD, "number": BILL_NUMBER_FIELD, "total_gross": BILL_TOTAL_FIELD,
    },
}  # fmt: skip
#: On any paper: the company that employs, as payslips and work permits name it.
_EMPLOYER = {"siren": EMPLOYER_SIRET_FIELD, "company_name": EMPLOYER_NAME_FIELD}
#: Where print and code differ here, one of them was changed; names and days have variants.
_DECISIVE = frozenset({"iban", "bic", "siren"})
#: Which of our papers bear which documents' codes. A list of workers may have permits behind it.
_BEARS: Mapping[DocumentKind, frozenset[str]] = {
    DocumentKind.BANK_DETAILS: frozenset({"bank_details"}),
    DocumentKind.INVOICE: frozenset({"bill", "bank_details"}),
    DocumentKind.KBIS: frozenset(),
    DocumentKind.RNE_EXTRACT: frozenset(),
    DocumentKind.URSSAF_VIGILANCE: frozenset(),
    DocumentKind.TAX_COMPLIANCE: frozenset(),
    DocumentKind.DECENNIAL_INSURANCE: frozenset(),
    DocumentKind.PAID_LEAVE_BTP: frozenset(),
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
    """The values that come from the paper's own 2D-Doc: where the print gave none, or a scan
    gave nonsense.

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
        if (printed is None or misread) and _own(kind, one):
            found.setdefault(name, one.value(text))
    return found


def _said(kind: DocumentKind, codes: Sequence[Sealed]) -> Iterator[tuple[str, str, Sealed]]:
    """What each code says, in our words: name of our field, text, code."""
    ours = frozenset(KINDS[kind].fields)
    same = {**{name: at for name, at in _EMPLOYER.items() if name in ours}, **_SAME.get(kind, {})}
    for one in codes:
        for name, identifier in same.items():
            text = _WRITTEN.get(name, _plain)(one.code.fields.get(identifier, ""))
            if text:
                yield name, text, one
        if kind is DocumentKind.INVOICE and one.code.kind == "bill" and one.code.issued_on:
            yield "issued_on", one.code.issued_on.isoformat(), one


def _own(kind: DocumentKind, one: Sealed) -> bool:
    """Whether a code was made for this paper, as far as its type is known."""
    return not one.code.kind or one.code.kind in _BEARS.get(kind, ())


def _siren(text: str) -> str:
    siren = _plain(text)[:9]
    return siren if len(siren) == 9 and luhn.is_valid(siren) else ""


def _name(text: str) -> str:
    """A name whose parts are set apart by strokes: M/EXEMPLE/HENRY."""
    return " ".join(text.replace("/", " ").split())


def _amount(text: str) -> str:
    try:
        return f"{Decimal(text.replace(',', '.').replace(' ', '')):.2f}"
    except InvalidOperation:
        return ""


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


#: How a code writes what we write otherwise; the rest is capitals and figures.
_WRITTEN: Mapping[str, Callable[[str], str]] = {
    "siren": _siren, "company_name": _name, "holder": _name, "total_gross": _amount,
}  # fmt: skip


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
    yield from _other_papers(kind, codes)
    yield from _other_accounts(fields, codes, scanned=scanned)


def _other_papers(kind: DocumentKind, codes: Sequence[Sealed]) -> Iterator[Finding]:
    """Codes that were made for another paper than the one that bears them."""
    for one in codes:
        if kind in _BEARS and not _own(kind, one):
            text = N_("The 2D-Doc code on the page was made for another paper.")
            yield doubt(ReasonCode.WRONG_KIND, rule=_RULE, message=text, at=one.mark)


def _other_accounts(
    fields: Mapping[str, FieldValue], codes: Sequence[Sealed], *, scanned: bool
) -> Iterator[Finding]:
    """SEPAmail puts QX and a key of its own in front of the national account number."""
    iban = fields.get("iban")
    for one in codes:
        account = _plain(one.code.fields.get(QXBAN_FIELD, ""))[4:]
        if account and isinstance(iban, Value) and iban.text[4:] != account:
            yield _disagrees(one, "iban", scanned=scanned)


def strange_codes(pages: Sequence[Page]) -> Iterator[Finding]:
    """Codes that lead whoever checks an extract to a site other than the registers' own."""
    for page in pages:
        for mark in page.barcodes:
            if imitates_infogreffe(mark.text):
                text = N_("The QR code leads to a site that imitates the court registers' own.")
                yield refusal(ReasonCode.TAMPERED, message=text, at=mark)


def _agrees(name: str, printed: Value, text: str) -> bool:
    if name in {"holder", "company_name"}:
        return likeness(printed.text, text) is not Likeness.DIFFERENT
    own = _WRITTEN.get(name, _plain)(printed.text)
    # Eight letters name the bank, three more its branch; XXX means none (ISO 9362).
    return own[:8] == text[:8] if name == "bic" else own == _WRITTEN.get(name, _plain)(text)


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
    found = refusal if name in _DECISIVE and not scanned else doubt
    text = N_("The 2D-Doc code and the print do not say the same: %(field)s.")
    return found(ReasonCode.TAMPERED, rule=_RULE, message=text, at=one.mark, params={"field": name})


@lru_cache(maxsize=1)
def certificates() -> tuple[bytes, ...]:
    """The certificates of the folder that the administrator named; none by default."""
    folder = read_setting(os.environ, _FOLDER_VARIABLE) or ""
    if not folder or not Path(folder).is_dir():
        return ()
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return tuple(path.read_bytes() for path in files)
