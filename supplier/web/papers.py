"""What papers are called on pages: values, reasons, sources, findings; and files as downloads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Protocol
from urllib.parse import quote

from flask import Response
from flask_babel import gettext

from supplier.documents.kept_reading import masked
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.result import Finding, Value
from supplier.documents.validity import DocumentFacts, period_is_past, period_limit
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Source
from supplier.web.filters import show_long_date, show_money, show_number, show_siren, show_text

FIELD_LABELS = {
    "siren": N_("SIREN"),
    "sirets": N_("Establishments (SIRET)"),
    "company_name": N_("Company"),
    "legal_form": N_("Legal form"),
    "share_capital": N_("Share capital"),
    "registry_court": N_("Registry"),
    "registered_on": N_("Registered on"),
    "issued_on": N_("Issued on"),
    "situation_on": N_("Situation as of"),
    "signed_on": N_("Signed on"),
    "signatory": N_("Signed by"),
    "function": N_("Function"),
    "place": N_("Place"),
    "address": N_("Address"),
    "representatives": N_("Managers"),
    "verification_code": N_("Control code"),
    "security_code": N_("Security code"),
    "delivery_number": N_("Delivery number"),
    "headcount": N_("Employees"),
    "payroll": N_("Payroll"),
    "issuer": N_("Issued by"),
    "workers": N_("Workers"),
    "holder": N_("Account holder"),
    "iban": N_("IBAN"),
    "bic": N_("BIC"),
    "bank_name": N_("Bank"),
    "insurer": N_("Insurer"),
    "policy_number": N_("Policy number"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
    "registration_number": N_("Registration number"),
    "country": N_("Country"),
    "worker": N_("Worker"),
    "employer": N_("Employer"),
    "number": N_("Number"),
    "seller_name": N_("Seller"),
    "seller_siren": N_("Seller's SIREN"),
    "seller_vat": N_("Seller's VAT number"),
    "total_gross": N_("Total including tax"),
    "currency": N_("Currency"),
}
SOURCE_LABELS = {
    Source.TEXT: N_("text"),
    Source.OCR: N_("picture"),
    Source.BARCODE: N_("barcode"),
    Source.FORM: N_("typed"),
    Source.ATTACHMENT: N_("attached data"),
}
#: A reason in a few words, for whoever decides; `REASON_TEXTS` is what the supplier reads.
REASON_LABELS = {
    ReasonCode.EXPIRED: N_("Printed period over"),
    ReasonCode.TOO_OLD: N_("Too old"),
    ReasonCode.NOT_YET_VALID: N_("Dated in the future"),
    ReasonCode.WRONG_COMPANY: N_("Another company"),
    ReasonCode.WRONG_KIND: N_("Wrong paper"),
    ReasonCode.UNREADABLE: N_("Unreadable or incomplete"),
    ReasonCode.TAMPERED: N_("Changed after it was issued"),
    ReasonCode.SIGNATURE_BROKEN: N_("Signature does not hold"),
    ReasonCode.CHECKSUM_INVALID: N_("A control key fails"),
    ReasonCode.CODE_MISSING: N_("No control code, or refused by the issuer"),
    ReasonCode.PAGES_MISSING: N_("Pages missing"),
    ReasonCode.TOO_MANY_PAGES: N_("More pages than are read"),
    ReasonCode.ENCRYPTED: N_("Protected by a password"),
    ReasonCode.NOT_A_DOCUMENT: N_("No paper to be seen"),
    ReasonCode.SEVERAL_DOCUMENTS: N_("Several papers in one file"),
    ReasonCode.NEGATIVE_STATEMENT: N_("Says that the company is not in order"),
    ReasonCode.STRUCK_OFF: N_("Company struck off"),
    ReasonCode.INSOLVENCY: N_("Insolvency proceedings"),
    ReasonCode.CONTRADICTION: N_("Contradicts itself"),
    ReasonCode.CONTENT_ALARM: N_("Content to be explained"),
}
#: Values whose figures stand in columns.
FIGURES = frozenset(
    {"siren", "sirets", "iban", "bic", "security_code", "verification_code", "delivery_number"}
)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: A file comes out as a file: nothing in it is ever run by our own pages.
FILE_CSP = "sandbox; default-src 'none'"


def kind_words(kind: str | None) -> str:
    """The name of a kind of paper, translated."""
    return gettext(KINDS[DocumentKind(kind)].label) if kind else gettext("Paper not recognised")


class Dated(Protocol):
    """A paper as far as its dates tell how long it is good."""

    @property
    def kind(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def situation_on(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...


def period_words(paper: Dated, *, today: date) -> str:
    """The warning on an accepted certificate whose period is long past; empty where none is due."""
    if paper.kind is None or paper.state != "accepted":
        return ""
    kind = DocumentKind(paper.kind)
    facts = DocumentFacts(kind, situation_on=paper.situation_on, valid_until=paper.valid_until)
    if not period_is_past(facts, today=today):
        return ""
    return gettext(
        "It tells the situation on %(situation)s, more than six months ago since %(since)s. "
        "The law still takes it; a newer one is welcome.",
        situation=show_long_date(paper.situation_on),
        since=show_long_date(period_limit(kind, paper.situation_on)),
    )


def reason_words(code: str) -> str:
    """A reason in a few words; a code that we do not know is shown as it is."""
    known = {reason.value for reason in ReasonCode}
    return gettext(REASON_LABELS[ReasonCode(code)]) if code in known else code


def field_words(name: str) -> str:
    return gettext(FIELD_LABELS.get(name, name))


def is_day(name: str) -> bool:
    """Whether a field holds a day."""
    return name.endswith("_on") or name in {"valid_from", "valid_until"}


def value_words(name: str, value: Value) -> str:
    """A value as it is shown: days in words, numbers in groups, permits masked."""
    text = masked(value)
    try:
        if not isinstance(value.value, str):
            return " · ".join(_line_part(part) for part in text.split(" · "))
        return _SHOWN[name](text) if name in _SHOWN else _day(text) if is_day(name) else text
    except (ValueError, InvalidOperation):
        return text


def _line_part(text: str) -> str:
    """One fact of a line of a list (an employee): its day in words, all else as it is."""
    return _day(text) if _ISO_DAY.fullmatch(text) else text


def _day(text: str) -> str:
    return show_long_date(date.fromisoformat(text))


def _groups(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _amount(text: str) -> str:
    return show_money(Decimal(text))


def _count(text: str) -> str:
    return show_number(int(text))


#: How the values of some fields are shown.
_SHOWN: Mapping[str, Callable[[str], str]] = {
    "iban": _groups,
    "siren": show_siren,
    "sirets": show_siren,
    "seller_siren": show_siren,
    "headcount": _count,
    "payroll": _amount,
    "share_capital": _amount,
    "total_gross": _amount,
}


def source_words(value: Value) -> str:
    """Where a value comes from and how sure the reading is: "text, 98 %"."""
    source = gettext(SOURCE_LABELS[value.source])
    if value.source is Source.FORM:
        return source
    return gettext("%(source)s, %(share)d%%", source=source, share=round(value.confidence * 100))


def finding_words(finding: Finding) -> str:
    """The sentence of a finding, filled in; a text that lost its values is shown without."""
    try:
        return show_text(finding.message, **dict(finding.params))
    except (KeyError, ValueError, TypeError):
        return show_text(finding.message)


def as_download(data: bytes, name: str, media_type: str) -> Response:
    """A file that the browser saves (RFC 6266), whatever it thinks that it holds."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    stem, _, ending = plain.rpartition("_")
    plain = f"{stem[:80]}.{ending[:8]}" if stem else plain[:80]
    response = Response(data, content_type=media_type)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = FILE_CSP
    return response


def as_picture(png: bytes) -> Response:
    """A page as our own raster image."""
    response = Response(png, content_type="image/png")
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = FILE_CSP
    return response
