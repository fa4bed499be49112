"""The kinds of papers: what each holds, how long it is good, where to get the right one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supplier.kernel.i18n import N_


class DocumentKind(StrEnum):
    KBIS = "kbis"
    RNE_EXTRACT = "rne_extract"
    URSSAF_VIGILANCE = "urssaf_vigilance"
    TAX_COMPLIANCE = "tax_compliance"
    FOREIGN_WORKERS_NONE = "foreign_workers_none"
    FOREIGN_WORKERS_LIST = "foreign_workers_list"
    BANK_DETAILS = "bank_details"
    DECENNIAL_INSURANCE = "decennial_insurance"
    PAID_LEAVE_BTP = "paid_leave_btp"
    FOREIGN_REGISTER_EXTRACT = "foreign_register_extract"
    A1_CERTIFICATE = "a1_certificate"
    INVOICE = "invoice"
    OTHER = "other"


class ReasonCode(StrEnum):
    """Why a paper is not simply accepted; part of the public surface."""

    EXPIRED = "expired"
    TOO_OLD = "too_old"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_COMPANY = "wrong_company"
    WRONG_KIND = "wrong_kind"
    UNREADABLE = "unreadable"
    TAMPERED = "tampered"
    SIGNATURE_BROKEN = "signature_broken"
    CHECKSUM_INVALID = "checksum_invalid"
    CODE_MISSING = "code_missing"
    PAGES_MISSING = "pages_missing"
    TOO_MANY_PAGES = "too_many_pages"
    ENCRYPTED = "encrypted"
    NOT_A_DOCUMENT = "not_a_document"
    SEVERAL_DOCUMENTS = "several_documents"
    NEGATIVE_STATEMENT = "negative_statement"
    STRUCK_OFF = "struck_off"
    INSOLVENCY = "insolvency"
    CONTRADICTION = "contradiction"
    CONTENT_ALARM = "content_alarm"


class Basis(StrEnum):
    """Where a period of validity comes from."""

    LAW = "law"
    POLICY = "policy"
    PRINTED = "printed"
    NONE = "none"


class Check(StrEnum):
    """What must have been established before the machine may accept."""

    KIND = "kind"
    COMPANY_SIREN = "company_siren"
    COMPANY_NAME = "company_name"
    DATE = "date"
    CODE = "code"
    COMPLETE = "complete"
    IBAN = "iban"
    STATEMENT = "statement"
    SIGNATORY = "signatory"
    WORKERS = "workers"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One kind. `months` runs from `dated_by`; `covers_months` is how long it covers once in.

    `checks` is the policy: all must pass before the machine accepts. `demands` are the fields
    that must have been read for it. `url` and `where` tell a supplier where to get the paper.
    """

    label: str
    fields: tuple[str, ...]
    demands: tuple[str, ...]
    checks: tuple[Check, ...]
    where: str
    url: str = ""
    basis: Basis = Basis.NONE
    source: str = ""
    dated_by: str | None = None
    months: int | None = None
    covers_months: int | None = None
    period: tuple[str, str] | None = None


KINDS: dict[DocumentKind, KindSpec] = {
    DocumentKind.KBIS: KindSpec(
        label=N_("Company register extract (Kbis or K)"),
        fields=(
            "siren",
            "company_name",
            "legal_form",
            "share_capital",
            "registry_court",
            "registered_on",
            "issued_on",
            "address",
            "representatives",
            "verification_code",
        ),
        demands=("siren", "company_name", "issued_on"),
        checks=(Check.KIND, Check.COMPANY_SIREN, Check.DATE, Check.CODE, Check.COMPLETE),
        where=N_(
            "Managers download it free of charge at monidenum.fr; others buy it at infogreffe.fr."
        ),
        url="https://monidenum.fr",
        basis=Basis.POLICY,
        source=N_("Practice: the law (art. D8222-5, 2° a) sets no age for this extract."),
        dated_by="issued_on",
        months=3,
        covers_months=6,
    ),
    DocumentKind.RNE_EXTRACT: KindSpec(
        label=N_("National business register extract (RNE)"),
        fields=(
            "siren",
            "company_name",
            "legal_form",
            "registered_on",
            "issued_on",
            "address",
            "representatives",
        ),
        demands=("siren", "company_name", "issued_on"),
        checks=(Check.KIND, Check.COMPANY_SIREN, Check.DATE, Check.COMPLETE),
        where=N_(
            "Download it free of charge at data.inpi.fr or annuaire-entreprises.data.gouv.fr."
        ),
        url="https://data.inpi.fr",
        basis=Basis.POLICY,
        source=N_("Practice: the law (art. D8222-5, 2° b) sets no age for this extract."),
        dated_by="issued_on",
        months=3,
        covers_months=6,
    ),
    DocumentKind.URSSAF_VIGILANCE: KindSpec(
        label=N_("Certificate of social declarations and payments (Urssaf or MSA)"),
        fields=(
            "siren",
            "sirets",
            "company_name",
            "issued_on",
            "situation_on",
            "security_code",
            "headcount",
            "payroll",
            "issuer",
        ),
        demands=("siren", "company_name", "issued_on", "situation_on"),
        checks=(
            Check.KIND,
            Check.COMPANY_SIREN,
            Check.DATE,
            Check.CODE,
            Check.COMPLETE,
            Check.STATEMENT,
        ),
        where=N_(
            "Download the “attestation de vigilance” from your account at urssaf.fr "
            "(agriculture: msa.fr)."
        ),
        url="https://www.urssaf.fr",
        basis=Basis.LAW,
        source=N_("Code du travail, art. D8222-5, 1°: dated less than six months ago."),
        dated_by="issued_on",
        months=6,
        covers_months=6,
    ),
    DocumentKind.TAX_COMPLIANCE: KindSpec(
        label=N_("Tax compliance certificate (DGFiP)"),
        fields=("siren", "company_name", "issued_on", "delivery_number", "issuer"),
        demands=("siren", "company_name", "issued_on"),
        checks=(
            Check.KIND,
            Check.COMPANY_SIREN,
            Check.DATE,
            Check.CODE,
            Check.COMPLETE,
            Check.STATEMENT,
        ),
        where=N_(
            "Download it from your professional account at impots.gouv.fr; otherwise ask your "
            "tax office for form 3666-SD."
        ),
        url="https://www.impots.gouv.fr",
        basis=Basis.POLICY,
        source=N_("Contract: the law sets no age for this certificate (BOI-DJC-ARF)."),
        dated_by="issued_on",
        months=12,
        covers_months=12,
    ),
    DocumentKind.FOREIGN_WORKERS_NONE: KindSpec(
        label=N_("Statement that no foreign worker subject to a work permit is employed"),
        fields=("siren", "company_name", "signed_on", "signatory"),
        demands=("siren", "company_name", "signed_on", "signatory"),
        checks=(Check.KIND, Check.COMPANY_SIREN, Check.DATE, Check.SIGNATORY, Check.STATEMENT),
        where=N_("Sign the statement here on the portal; it takes one minute."),
        basis=Basis.LAW,
        source=N_("Code du travail, art. D8254-2 and D8254-4: every six months."),
        dated_by="signed_on",
        months=6,
        covers_months=6,
    ),
    DocumentKind.FOREIGN_WORKERS_LIST: KindSpec(
        label=N_("List of foreign workers subject to a work permit"),
        fields=("siren", "company_name", "signed_on", "signatory", "workers"),
        demands=("siren", "company_name", "signed_on", "signatory", "workers"),
        checks=(Check.KIND, Check.COMPANY_SIREN, Check.DATE, Check.SIGNATORY, Check.WORKERS),
        where=N_("Fill in the list here on the portal, one line for each worker."),
        basis=Basis.LAW,
        source=N_("Code du travail, art. D8254-2 and D8254-4: every six months."),
        dated_by="signed_on",
        months=6,
        covers_months=6,
    ),
    DocumentKind.BANK_DETAILS: KindSpec(
        label=N_("Bank details (RIB)"),
        fields=("holder", "iban", "bic", "bank_name"),
        demands=("holder", "iban"),
        checks=(Check.KIND, Check.COMPANY_NAME, Check.IBAN),
        where=N_("Download the bank details (RIB) from your account on your bank's site."),
    ),
    DocumentKind.DECENNIAL_INSURANCE: KindSpec(
        label=N_("Ten-year liability insurance certificate"),
        fields=(
            "siren",
            "company_name",
            "insurer",
            "policy_number",
            "valid_from",
            "valid_until",
        ),
        demands=("siren", "company_name", "insurer", "policy_number", "valid_from", "valid_until"),
        checks=(Check.KIND, Check.COMPANY_SIREN, Check.DATE, Check.COMPLETE),
        where=N_("Ask your insurer for the current certificate of ten-year liability."),
        basis=Basis.PRINTED,
        source=N_("Code des assurances, art. A243-3: the printed period."),
        dated_by="valid_until",
        period=("valid_from", "valid_until"),
    ),
    DocumentKind.PAID_LEAVE_BTP: KindSpec(
        label=N_("Certificate of the construction paid-leave fund (CIBTP)"),
        fields=("siren", "company_name", "issued_on", "issuer"),
        demands=("siren", "company_name", "issued_on"),
        checks=(Check.KIND, Check.COMPANY_SIREN, Check.DATE, Check.STATEMENT),
        where=N_("Download the certificate from your account at your paid-leave fund (cibtp.fr)."),
        url="https://www.cibtp.fr",
        basis=Basis.POLICY,
        source=N_("Practice: six months."),
        dated_by="issued_on",
        months=6,
        covers_months=6,
    ),
    DocumentKind.FOREIGN_REGISTER_EXTRACT: KindSpec(
        label=N_("Foreign company register extract"),
        fields=("registration_number", "company_name", "issued_on", "country"),
        demands=("registration_number", "company_name", "issued_on", "country"),
        checks=(Check.KIND, Check.COMPANY_NAME, Check.DATE),
        where=N_("Download a current extract from the company register of your country."),
        basis=Basis.POLICY,
        source=N_("Practice: six months (Code du travail, art. D8222-7, 2°)."),
        dated_by="issued_on",
        months=6,
        covers_months=6,
    ),
    DocumentKind.A1_CERTIFICATE: KindSpec(
        label=N_("A1 certificate (social security of a posted worker)"),
        fields=("worker", "employer", "valid_from", "valid_until", "country"),
        demands=("worker", "employer", "valid_from", "valid_until"),
        checks=(Check.KIND, Check.COMPANY_NAME, Check.DATE),
        where=N_("Ask the social security body of your country for form A1."),
        basis=Basis.PRINTED,
        source=N_("Code de la sécurité sociale, art. L114-15-1: the printed period."),
        dated_by="valid_until",
        period=("valid_from", "valid_until"),
    ),
    DocumentKind.INVOICE: KindSpec(
        label=N_("Invoice"),
        fields=(
            "number",
            "issued_on",
            "seller_name",
            "seller_siren",
            "seller_vat",
            "iban",
            "total_gross",
            "currency",
        ),
        demands=("number", "issued_on", "total_gross"),
        checks=(Check.KIND, Check.COMPANY_SIREN, Check.AMOUNT),
        where=N_("Send the invoice as your accounting software produced it."),
    ),
    DocumentKind.OTHER: KindSpec(
        label=N_("Other paper"),
        fields=(),
        demands=(),
        checks=(Check.KIND,),
        where=N_("Hand in the paper that was asked for."),
    ),
}


#: What each reason says to the supplier: what is wrong, and what to do.
REASON_TEXTS: dict[ReasonCode, str] = {
    ReasonCode.EXPIRED: N_(
        "The printed period is over. Ask the issuer for the current certificate and hand it in."
    ),
    ReasonCode.TOO_OLD: N_("This paper is too old. Get a new one and hand it in."),
    ReasonCode.NOT_YET_VALID: N_(
        "This paper is dated in the future or its period has not begun. Hand in one that is "
        "good today."
    ),
    ReasonCode.WRONG_COMPANY: N_(
        "This paper is about another company. Hand in the one that bears your company number."
    ),
    ReasonCode.WRONG_KIND: N_("This is not the paper that was asked for."),
    ReasonCode.UNREADABLE: N_(
        "The paper cannot be read well enough. Hand in the original PDF, or take the photo "
        "again: whole page, flat, sharp, without reflections."
    ),
    ReasonCode.TAMPERED: N_(
        "The file was changed after it was issued. Hand in the original as the issuer delivered it."
    ),
    ReasonCode.SIGNATURE_BROKEN: N_(
        "The electronic signature no longer holds. Hand in the file exactly as you received it."
    ),
    ReasonCode.CHECKSUM_INVALID: N_(
        "A number on the paper fails its control key. Hand in the original from your bank or "
        "from the issuer."
    ),
    ReasonCode.CODE_MISSING: N_(
        "The issuer's control code could not be found. A person looks at it; an original PDF "
        "with its code is faster."
    ),
    ReasonCode.PAGES_MISSING: N_("Pages are missing. Hand in all pages in one file."),
    ReasonCode.TOO_MANY_PAGES: N_(
        "The file has more pages than are read. Send only the pages of the document asked for."
    ),
    ReasonCode.ENCRYPTED: N_(
        "The file is protected by a password. Save it without a password and hand it in again."
    ),
    ReasonCode.NOT_A_DOCUMENT: N_(
        "No paper can be seen in this file. Hand in the paper itself, as a PDF or a sharp photo."
    ),
    ReasonCode.SEVERAL_DOCUMENTS: N_(
        "This file holds several papers. They are handled one by one; one file for each is faster."
    ),
    ReasonCode.NEGATIVE_STATEMENT: N_(
        "The paper itself says that the company is not in order. Settle it with the issuer, then "
        "hand in a new certificate."
    ),
    ReasonCode.STRUCK_OFF: N_("The extract says that the company is struck off the register."),
    ReasonCode.INSOLVENCY: N_(
        "The extract mentions insolvency proceedings. A person looks at what this means for the "
        "contracts."
    ),
    ReasonCode.CONTRADICTION: N_(
        "The paper says two things that exclude each other. Correct it and hand it in again."
    ),
    ReasonCode.CONTENT_ALARM: N_("Something on the paper needs a person's look."),
}
