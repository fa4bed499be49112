"""The invoice that a PDF carries: a total is a sum of money in plain digits, or it was not read."""

from __future__ import annotations

import io

import pikepdf
import pytest

from supplier.documents.reading.einvoice import invoice_fields
from supplier.documents.reading.result import Value

XML = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice
 xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>FA-7</ram:ID></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeSettlement>
<ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation>
<ram:GrandTotalAmount>{total}</ram:GrandTotalAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""


def read(*, total: str = "1200.00", currency: str = "EUR") -> dict[str, str]:
    """What is read of a PDF that carries this invoice."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.attachments["factur-x.xml"] = XML.format(total=total, currency=currency).encode()
        document.save(out)
    found = invoice_fields(out.getvalue())
    return {name: value.text for name, value in found.items() if isinstance(value, Value)}


@pytest.mark.parametrize(("written", "total"), [
    ("1200.00", "1200.00"), ("1200", "1200.00"), (" 1200.5 ", "1200.50"), ("-12.00", "-12.00"),
    ("+3", "3.00"), (".5", "0.50"), ("0", "0.00"), ("999999999999.99", "999999999999.99"),
    ("0.125", "0.13"), ("2.675", "2.68"), ("-0", "0.00"),
])  # fmt: skip
def test_a_total_is_written_with_two_decimals(written: str, total: str) -> None:
    assert read(total=written)["total_gross"] == total


@pytest.mark.parametrize("written", [
    "inf", "-inf", "Infinity", "nan", "NaN", "1e9", "1E400", "1_000", "0x10", "١٢", "1,200.00", "",
    "12 EUR", "1.2.3", ".", "-", "9" * 400, "1000000000000",
])  # fmt: skip
def test_what_is_no_sum_of_money_is_not_read(written: str) -> None:
    found = read(total=written)
    assert "total_gross" not in found
    assert found["number"] == "FA-7"


@pytest.mark.parametrize("written", ["euros", "€", "EU", "eur<!-- -->", "EUR EUR"])
def test_a_currency_is_three_capitals(written: str) -> None:
    assert "currency" not in read(currency=written)
    assert read()["currency"] == "EUR"
