"""Which values each kind of paper holds and how they are found: one table."""

from __future__ import annotations

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading import (
    bank,
    money,
    posted,
    register,
    registers_abroad,
    social,
    sworn,
)
from supplier.documents.reading.extract import Fields

FIELDS: dict[DocumentKind, Fields] = {
    DocumentKind.KBIS: register.KBIS,
    DocumentKind.RNE_EXTRACT: register.RNE,
    DocumentKind.URSSAF_VIGILANCE: social.URSSAF,
    DocumentKind.TAX_COMPLIANCE: money.TAX,
    DocumentKind.FOREIGN_WORKERS_NONE: sworn.STATEMENT,
    DocumentKind.FOREIGN_WORKERS_LIST: sworn.LIST,
    DocumentKind.BANK_DETAILS: bank.BANK,
    DocumentKind.DECENNIAL_INSURANCE: money.INSURANCE,
    DocumentKind.PAID_LEAVE_BTP: social.PAID_LEAVE,
    DocumentKind.FOREIGN_REGISTER_EXTRACT: registers_abroad.FOREIGN_REGISTER,
    DocumentKind.A1_CERTIFICATE: posted.A1,
    DocumentKind.INVOICE: money.INVOICE,
    DocumentKind.OTHER: {},
}
