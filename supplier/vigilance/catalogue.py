"""The table of requirements: papers that satisfy each, renewal, reason, and the source of it.

A requirement is owed by law or by contract, never both; its line says which, with the article.
Who owes it stands in `requirements.py`, for which days in `duties.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supplier.documents.kinds import Basis, DocumentKind
from supplier.kernel.i18n import N_

#: The version of the table below; every verdict stores the one it used.
RULES_VERSION = "2026-11"


class RequirementCode(StrEnum):
    REGISTRATION = "registration"
    SOCIAL_CERTIFICATE = "social_certificate"
    FOREIGN_WORKERS = "foreign_workers"
    FINANCIAL_GUARANTEE = "financial_guarantee"
    VAT_NUMBER = "vat_number"
    FOREIGN_SOCIAL_CERTIFICATE = "foreign_social_certificate"
    FOREIGN_REGISTER = "foreign_register"
    A1 = "a1"
    POSTING_DECLARATION = "posting_declaration"
    DECENNIAL_INSURANCE = "decennial_insurance"
    PAID_LEAVE_BTP = "paid_leave_btp"
    TAX_CERTIFICATE = "tax_certificate"
    BANK_DETAILS = "bank_details"


class Runs(StrEnum):
    """Which days a requirement is owed for."""

    #: While an operation is under the duty of vigilance.
    DUTY = "duty"
    #: While any work is under way, whatever its amount.
    WORK = "work"
    #: On the day that a building site opens; all along where that day is not known.
    SITE_OPENING = "site_opening"


@dataclass(frozen=True, slots=True)
class RequirementRule:
    """One line of the table. `issuer_check`: papers that count only once the issuer confirmed."""

    label: str
    kinds: tuple[DocumentKind, ...]
    basis: Basis
    reason: str
    source: str
    renewal_months: int | None = None
    runs: Runs = Runs.DUTY
    issuer_check: frozenset[DocumentKind] = frozenset()


_URSSAF = frozenset({DocumentKind.URSSAF_VIGILANCE})
_SIX_MONTHS = 6
_YEAR = 12

RULES: dict[RequirementCode, RequirementRule] = {
    RequirementCode.REGISTRATION: RequirementRule(
        label=N_("Registration"),
        # D8222-5 2° asks for one of several; which register prints it does not matter.
        kinds=(DocumentKind.KBIS, DocumentKind.RNE_EXTRACT),
        basis=Basis.LAW,
        reason=N_("The client checks that the company is registered, then every six months."),
        source=N_("Code du travail, art. D8222-5, 2°"),
        renewal_months=_SIX_MONTHS,
    ),
    RequirementCode.SOCIAL_CERTIFICATE: RequirementRule(
        label=N_("Social security certificate"),
        kinds=(DocumentKind.URSSAF_VIGILANCE,),
        basis=Basis.LAW,
        reason=N_(
            "The client obtains a certificate less than six months old, then every six months, "
            "and has its authenticity confirmed by the issuer."
        ),
        source=N_("Code du travail, art. D8222-5, 1°; Code de la sécurité sociale, art. L243-15"),
        renewal_months=_SIX_MONTHS,
        issuer_check=_URSSAF,
    ),
    RequirementCode.FOREIGN_WORKERS: RequirementRule(
        label=N_("Foreign workers subject to a work permit"),
        kinds=(DocumentKind.FOREIGN_WORKERS_NONE, DocumentKind.FOREIGN_WORKERS_LIST),
        basis=Basis.LAW,
        reason=N_(
            "The client obtains the list of employees subject to a work permit, or a signed "
            "statement that there are none, then every six months."
        ),
        source=N_("Code du travail, art. D8254-2 to D8254-4"),
        renewal_months=_SIX_MONTHS,
    ),
    RequirementCode.FINANCIAL_GUARANTEE: RequirementRule(
        label=N_("Financial guarantee of the temporary employment agency"),
        kinds=(DocumentKind.OTHER,),
        basis=Basis.LAW,
        reason=N_(
            "A temporary employment agency proves its financial guarantee; its foreign workers "
            "stand in the contract for each assignment."
        ),
        source=N_("Code du travail, art. L1251-49 and D8254-5"),
        renewal_months=_YEAR,
    ),
    RequirementCode.VAT_NUMBER: RequirementRule(
        label=N_("Document bearing the VAT number"),
        kinds=(DocumentKind.INVOICE, DocumentKind.OTHER),
        basis=Basis.LAW,
        reason=N_("A company established abroad shows its VAT number, then every six months."),
        source=N_("Code du travail, art. D8222-7, 1° a"),
        renewal_months=_SIX_MONTHS,
    ),
    RequirementCode.FOREIGN_SOCIAL_CERTIFICATE: RequirementRule(
        label=N_("Social security certificate of the home country"),
        kinds=(DocumentKind.URSSAF_VIGILANCE, DocumentKind.OTHER),
        basis=Basis.LAW,
        reason=N_(
            "A company established abroad shows that its social contributions are paid, in "
            "French or with a translation, then every six months."
        ),
        source=N_("Code du travail, art. D8222-7, 1° b, and D8222-8"),
        renewal_months=_SIX_MONTHS,
        issuer_check=_URSSAF,
    ),
    RequirementCode.FOREIGN_REGISTER: RequirementRule(
        label=N_("Company register of the home country"),
        kinds=(DocumentKind.FOREIGN_REGISTER_EXTRACT,),
        basis=Basis.LAW,
        reason=N_("A company established abroad shows its registration, then every six months."),
        source=N_("Code du travail, art. D8222-7, 2°, and D8222-8"),
        renewal_months=_SIX_MONTHS,
    ),
    RequirementCode.A1: RequirementRule(
        label=N_("A1 certificate of each posted worker"),
        kinds=(DocumentKind.A1_CERTIFICATE,),
        basis=Basis.LAW,
        reason=N_("Each worker sent to France stays insured at home for the whole assignment."),
        source=N_("Code du travail, art. D8222-7, 1° b; Code de la sécurité sociale, L114-15-1"),
    ),
    RequirementCode.POSTING_DECLARATION: RequirementRule(
        label=N_("Posting declaration (SIPSI)"),
        kinds=(DocumentKind.OTHER,),
        basis=Basis.LAW,
        reason=N_(
            "Before the first worker arrives, the client obtains the receipt of the posting "
            "declaration; failing that, it declares within 48 hours."
        ),
        source=N_("Code du travail, art. L1262-4-1 and R1263-12"),
    ),
    RequirementCode.DECENNIAL_INSURANCE: RequirementRule(
        label=N_("Ten-year liability insurance"),
        kinds=(DocumentKind.DECENNIAL_INSURANCE,),
        basis=Basis.LAW,
        reason=N_("The insurance covers the day on which the building site opens."),
        source=N_("Code des assurances, art. L241-1, L243-2 and A243-3"),
        runs=Runs.SITE_OPENING,
    ),
    RequirementCode.PAID_LEAVE_BTP: RequirementRule(
        label=N_("Construction paid-leave fund"),
        kinds=(DocumentKind.PAID_LEAVE_BTP,),
        basis=Basis.POLICY,
        reason=N_("Construction employers belong to a paid-leave fund; asked by contract."),
        source=N_("Contract; Code du travail, art. D3141-12"),
        renewal_months=_SIX_MONTHS,
    ),
    RequirementCode.TAX_CERTIFICATE: RequirementRule(
        label=N_("Tax compliance certificate"),
        kinds=(DocumentKind.TAX_COMPLIANCE,),
        basis=Basis.POLICY,
        reason=N_("Asked by contract: the client may be held liable for unpaid taxes as well."),
        source=N_("Contract; Code général des impôts, art. 1724 quater; BOI-DJC-ARF"),
        renewal_months=_YEAR,
    ),
    RequirementCode.BANK_DETAILS: RequirementRule(
        label=N_("Bank details"),
        kinds=(DocumentKind.BANK_DETAILS,),
        basis=Basis.POLICY,
        reason=N_("Needed to pay invoices, and only to an account that two people validated."),
        source=N_("Contract; Code de commerce, art. L123-22"),
        runs=Runs.WORK,
    ),
}
