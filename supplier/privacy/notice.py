"""The privacy notice (GDPR, art. 13 and 14): its words, its version; periods are the schedule's.

A change of the words that matters to people gets a new version: everybody is shown it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from supplier.kernel.i18n import N_
from supplier.retention.schedule import RuleCode

#: Year, month and number of the text below.
VERSION = "2026-11.2"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data is used for, and the legal basis of article 6 that carries it."""

    what: str
    why: str
    basis: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who sees the data, and which of it."""

    who: str
    sees: str


PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        N_("Papers of the company, and the people whom they name"),
        N_("The law obliges whoever orders work to check its suppliers every six months."),
        N_("Legal obligation: C. trav. L8222-1 and D8222-5; GDPR, art. 6(1)(c)"),
    ),
    Purpose(
        N_("List of foreign employees: name, hiring date, nationality, permit"),
        N_("The law obliges the supplier to hand it in and the client to ask for it."),
        N_("Legal obligation: C. trav. L8254-1 and D8254-2; GDPR, art. 6(1)(c)"),
    ),
    Purpose(
        N_("Name, function, mail address and telephone of contacts"),
        N_("To ask for papers, answer, and call back before an account is changed."),
        N_("Legitimate interest in working with suppliers; GDPR, art. 6(1)(f)"),
    ),
    Purpose(
        N_("Bank details of sole traders, and who submitted them"),
        N_("To pay the right account, and to stop a fraud before the payment."),
        N_("Contract and legal obligation to keep vouchers; GDPR, art. 6(1)(b) and (c)"),
    ),
    Purpose(
        N_("Accounts, sign-ins and the journal of decisions"),
        N_("To know who did what, and to keep strangers out."),
        N_("Legitimate interest in security and proof; GDPR, art. 6(1)(f) and 32"),
    ),
    Purpose(
        N_("Evaluations of suppliers who are sole traders"),
        N_("To choose and follow suppliers by facts; a person decides, never the machine alone."),
        N_("Legitimate interest in good work; GDPR, art. 6(1)(f)"),
    ),
)

RECIPIENTS: tuple[Recipient, ...] = (
    Recipient(
        N_("Purchasing of the companies that the supplier works with"),
        N_("papers, contacts, contracts"),
    ),
    Recipient(N_("Bank validators and accounting"), N_("bank details, validated by two people")),
    Recipient(N_("Data protection officer"), N_("what is kept and until when, your requests")),
    Recipient(N_("Auditors and, on their demand, inspectors"), N_("papers and decisions")),
)

#: Where the data comes from when the person did not give it (art. 14).
SOURCES = N_(
    "Most data comes from the supplier itself. Some stands in public registers (SIRENE, RNE, VIES) "
    "or in the supplier list of the group's accounting."
)
TRANSFERS = N_(
    "Vigie runs on servers that the group chose and answers for. The data is not sold and trains "
    "no machine."
)
MACHINE = N_(
    "A program reads the papers and proposes an answer. A refusal can be contested in one click "
    "and is then decided by a person (GDPR, art. 22)."
)
RIGHTS_TEXT = N_(
    "You may ask for access to your data, its correction, its erasure where no law demands that "
    "it be kept, the restriction of its use, a portable copy, and you may object to a use. You "
    "get an answer within one month."
)
COMPLAINT = N_(
    "If the answer does not satisfy you, you may complain to the CNIL, 3 place de Fontenoy, "
    "75007 Paris, www.cnil.fr."
)

#: The lines of the schedule that concern people, in the order in which they are told.
PERIODS: tuple[RuleCode, ...] = (
    RuleCode.VIGILANCE_PAPER,
    RuleCode.REFUSED_PAPER,
    RuleCode.CONTRACT,
    RuleCode.INVOICE,
    RuleCode.BANK_DETAILS,
    RuleCode.BANK_DETAILS_UNUSED,
    RuleCode.CONTACT,
    RuleCode.CONTACT_LEFT,
    RuleCode.SOLE_TRADER,
    RuleCode.EVALUATION,
    RuleCode.MAIL_LOG,
    RuleCode.SIGN_IN_LINK,
    RuleCode.JOURNAL,
    RuleCode.RIGHTS_REQUEST,
)
