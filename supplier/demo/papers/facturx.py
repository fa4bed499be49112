"""The same invoice with its data inside: a PDF that carries factur-x.xml (EN 16931, CII)."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal

import pikepdf

from supplier.demo.papers.sales import InvoiceFacts, Line, draw_invoice

_RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
_UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
_NAMES = {"rsm": _RSM, "ram": _RAM, "udt": _UDT}
PROFILE = "urn:cen.eu:en16931:2017"
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"

Node = ET.Element
for _prefix, _space in _NAMES.items():
    ET.register_namespace(_prefix, _space)


def draw_facturx(facts: InvoiceFacts) -> bytes:
    """The invoice as a PDF with its XML attached as an alternative to the page."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(draw_invoice(facts))) as pdf:
        spec = pikepdf.AttachedFileSpec(
            pdf, cii_xml(facts), filename="factur-x.xml", mime_type="text/xml",
            description="Factur-X", relationship=pikepdf.Name.Alternative,
        )  # fmt: skip
        pdf.attachments["factur-x.xml"] = spec
        pdf.Root.AF = pikepdf.Array([pdf.attachments["factur-x.xml"].obj])
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            meta.register_xml_namespace(_FX, "fx")
            meta[f"{{{_FX}}}DocumentType"] = "INVOICE"
            meta[f"{{{_FX}}}DocumentFileName"] = "factur-x.xml"
            meta[f"{{{_FX}}}Version"] = "1.0"
            meta[f"{{{_FX}}}ConformanceLevel"] = "EN 16931"
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def cii_xml(facts: InvoiceFacts) -> bytes:
    """The data of the invoice as Cross Industry Invoice."""
    root = ET.Element(f"{{{_RSM}}}CrossIndustryInvoice")
    context = _under(root, "rsm:ExchangedDocumentContext")
    guideline = _under(context, "ram:GuidelineSpecifiedDocumentContextParameter")
    _text(guideline, "ram:ID", PROFILE)
    document = _under(root, "rsm:ExchangedDocument")
    _text(document, "ram:ID", facts.number)
    _text(document, "ram:TypeCode", "380")
    _day(document, "ram:IssueDateTime", facts.issued_on)
    deal = _under(root, "rsm:SupplyChainTradeTransaction")
    for place, line in enumerate(facts.lines, start=1):
        _line(deal, place, line, facts.vat_rate)
    _agreement(deal, facts)
    _under(deal, "ram:ApplicableHeaderTradeDelivery")
    _settlement(deal, facts)
    return bytes(ET.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _line(deal: Node, place: int, line: Line, rate: Decimal) -> None:
    item = _under(deal, "ram:IncludedSupplyChainTradeLineItem")
    _text(_under(item, "ram:AssociatedDocumentLineDocument"), "ram:LineID", str(place))
    _text(_under(item, "ram:SpecifiedTradeProduct"), "ram:Name", line.label)
    price = _under(_under(item, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    _text(price, "ram:ChargeAmount", f"{line.price:.2f}")
    delivery = _under(item, "ram:SpecifiedLineTradeDelivery")
    _text(delivery, "ram:BilledQuantity", f"{line.quantity:f}", unitCode="C62")
    settlement = _under(item, "ram:SpecifiedLineTradeSettlement")
    tax = _under(settlement, "ram:ApplicableTradeTax")
    _text(tax, "ram:TypeCode", "VAT")
    _text(tax, "ram:CategoryCode", "S")
    _text(tax, "ram:RateApplicablePercent", f"{rate:.2f}")
    total = _under(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _text(total, "ram:LineTotalAmount", f"{line.net:.2f}")


def _agreement(deal: Node, facts: InvoiceFacts) -> None:
    agreement = _under(deal, "ram:ApplicableHeaderTradeAgreement")
    seller = _under(agreement, "ram:SellerTradeParty")
    _text(seller, "ram:Name", facts.seller.name)
    if facts.seller.siren:
        legal = _under(seller, "ram:SpecifiedLegalOrganization")
        _text(legal, "ram:ID", facts.seller.siren, schemeID="0002")
    _address(seller, facts.seller.address.street, facts.seller.address.postcode,
             facts.seller.address.city, facts.seller.country)  # fmt: skip
    registration = _under(seller, "ram:SpecifiedTaxRegistration")
    _text(registration, "ram:ID", facts.seller_vat, schemeID="VA")
    buyer = _under(agreement, "ram:BuyerTradeParty")
    _text(buyer, "ram:Name", facts.customer.name)
    legal = _under(buyer, "ram:SpecifiedLegalOrganization")
    _text(legal, "ram:ID", facts.customer.siren, schemeID="0002")
    home = facts.customer.address
    _address(buyer, home.street, home.postcode, home.city, "FR")
    if facts.customer.order:
        order = _under(agreement, "ram:BuyerOrderReferencedDocument")
        _text(order, "ram:IssuerAssignedID", facts.customer.order)


def _address(party: Node, street: str, postcode: str, city: str, country: str) -> None:
    address = _under(party, "ram:PostalTradeAddress")
    _text(address, "ram:PostcodeCode", postcode)
    _text(address, "ram:LineOne", street)
    _text(address, "ram:CityName", city)
    _text(address, "ram:CountryID", country)


def _settlement(deal: Node, facts: InvoiceFacts) -> None:
    settlement = _under(deal, "ram:ApplicableHeaderTradeSettlement")
    _text(settlement, "ram:InvoiceCurrencyCode", "EUR")
    means = _under(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
    _text(means, "ram:TypeCode", "30")
    _text(_under(means, "ram:PayeePartyCreditorFinancialAccount"), "ram:IBANID", facts.iban)
    _text(_under(means, "ram:PayeeSpecifiedCreditorFinancialInstitution"), "ram:BICID", facts.bic)
    tax = _under(settlement, "ram:ApplicableTradeTax")
    _text(tax, "ram:CalculatedAmount", f"{facts.tax:.2f}")
    _text(tax, "ram:TypeCode", "VAT")
    _text(tax, "ram:BasisAmount", f"{facts.net:.2f}")
    _text(tax, "ram:CategoryCode", "S")
    _text(tax, "ram:RateApplicablePercent", f"{facts.vat_rate:.2f}")
    terms = _under(settlement, "ram:SpecifiedTradePaymentTerms")
    _day(terms, "ram:DueDateDateTime", facts.due_on)
    total = _under(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _text(total, "ram:LineTotalAmount", f"{facts.net:.2f}")
    _text(total, "ram:TaxBasisTotalAmount", f"{facts.net:.2f}")
    _text(total, "ram:TaxTotalAmount", f"{facts.tax:.2f}", currencyID="EUR")
    _text(total, "ram:GrandTotalAmount", f"{facts.gross:.2f}")
    _text(total, "ram:DuePayableAmount", f"{facts.gross:.2f}")


def _under(parent: Node, name: str) -> Node:
    prefix, local = name.split(":")
    return ET.SubElement(parent, f"{{{_NAMES[prefix]}}}{local}")


def _text(parent: Node, name: str, words: str, **attributes: str) -> None:
    node = _under(parent, name)
    node.text = words
    for key, value in attributes.items():
        node.set(key, value)


def _day(parent: Node, name: str, day: date) -> None:
    _text(_under(parent, name), "udt:DateTimeString", f"{day:%Y%m%d}", format="102")
