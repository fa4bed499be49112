"""The values of an electronic invoice that a PDF carries with it (Factur-X, ZUGFeRD)."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from supplier.documents.reading.result import FieldValue, Value
from supplier.kernel.clock import is_plausible
from supplier.kernel.pages import Source

#: An honest invoice is far smaller; more is never decoded.
_MOST_BYTES = 2_000_000
#: What xsd:decimal allows, as long as our columns are wide.
_AMOUNT = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,10})?|\.[0-9]{1,10})")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NAMES = frozenset({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"})
_NS = {
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_SELLER = "//ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty"
_SETTLEMENT = "//ram:ApplicableHeaderTradeSettlement"
_PATHS: Mapping[str, str] = {
    "number": "//rsm:ExchangedDocument/ram:ID",
    "issued_on": "//rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
    "seller_name": f"{_SELLER}/ram:Name",
    "seller_siren": f"{_SELLER}/ram:SpecifiedLegalOrganization/ram:ID",
    "seller_vat": f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    "iban": f"{_SETTLEMENT}//ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
    "total_gross": f"{_SETTLEMENT}//ram:GrandTotalAmount",
    "currency": f"{_SETTLEMENT}/ram:InvoiceCurrencyCode",
}


def invoice_fields(data: bytes) -> Mapping[str, FieldValue]:
    """The values of the attached invoice; empty when there is none that can be read."""
    xml = _attached(data)
    root = _parsed(xml) if xml else None
    if root is None:
        return {}
    found: dict[str, FieldValue] = {}
    for name, path in _PATHS.items():
        nodes = root.xpath(path, namespaces=_NS)
        text = (nodes[0].text or "").strip() if nodes else ""
        value = _canonical(name, text)
        if value:
            found[name] = Value(value, 1, None, Source.ATTACHMENT, 1.0)
    return found


def _attached(data: bytes) -> bytes | None:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            for name, spec in document.attachments.items():
                if name.lower() in _NAMES:
                    stream = spec.get_file().obj
                    if int(stream.get("/Length", 0)) > _MOST_BYTES:
                        return None
                    content = bytes(stream.read_bytes())
                    return content if len(content) <= _MOST_BYTES else None
    except Exception:  # whatever is wrong with an attachment, the paper itself is still read
        return None
    return None


def _parsed(xml: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    # Entities have no place in an invoice: one that declares any is not read.
    return None if root.getroottree().docinfo.internalDTD is not None else root


def _canonical(name: str, text: str) -> str:
    compact = "".join(text.split())
    if name == "issued_on":
        return _day(compact)
    if name in {"iban", "seller_vat", "seller_siren"}:
        return compact
    if name == "total_gross":
        return _amount(compact)
    if name == "currency":
        return compact if _CURRENCY.fullmatch(compact) else ""
    return text


def _amount(compact: str) -> str:
    """A sum of money with two decimals; empty for what no invoice can mean (inf, 1e9, 13 digits).

    The schema makes an amount an xsd:decimal: plain digits.
    """
    if not _AMOUNT.fullmatch(compact):
        return ""
    value = Decimal(compact).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{value or abs(value):f}"


def _day(compact: str) -> str:
    try:
        day = date.fromisoformat(f"{compact[:4]}-{compact[4:6]}-{compact[6:8]}")
    except ValueError:
        return ""
    return day.isoformat() if is_plausible(day) else ""
