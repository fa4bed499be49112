"""What the machine notices about bank details before two people decide.

No finding validates an account: a whole fraud can pass every key (a shift of the account number
by 97 keeps them all). Findings block, or make people call back, or inform.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Bic, Iban, InvalidIdentifierError
from supplier.kernel.names import Likeness, compare_names

#: A contact changed more recently than this makes a change of bank details suspect.
YOUNG_CONTACT = timedelta(days=30)
#: Two changes within this time are suspect.
QUICK_CHANGE = timedelta(days=90)


class Severity(StrEnum):
    #: Cannot be approved as it stands.
    BLOCK = "block"
    #: May be approved after a call to a number known before.
    ALERT = "alert"
    NOTICE = "notice"


class FindingCode(StrEnum):
    IBAN_INVALID = "iban_invalid"
    RIB_KEY = "rib_key"
    PRINTED_DIFFERS = "printed_differs"
    NOT_COMPARED = "not_compared"
    SEVERAL_IBANS = "several_ibans"
    BIC_INVALID = "bic_invalid"
    BIC_COUNTRY = "bic_country"
    BIC_BANK = "bic_bank"
    FOREIGN_ACCOUNT = "foreign_account"
    HOLDER_DIFFERENT = "holder_different"
    HOLDER_CLOSE = "holder_close"
    USED_ELSEWHERE = "used_elsewhere"
    BLOCKED_BEFORE = "blocked_before"
    YOUNG_CONTACT = "young_contact"
    NO_KNOWN_NUMBER = "no_known_number"
    QUICK_CHANGE = "quick_change"


@dataclass(frozen=True, slots=True)
class FindingSpec:
    severity: Severity
    message: str


FINDINGS: dict[FindingCode, FindingSpec] = {
    FindingCode.IBAN_INVALID: FindingSpec(
        Severity.BLOCK,
        N_("The IBAN cannot be right: copy it again from the bank's own document."),
    ),
    FindingCode.RIB_KEY: FindingSpec(
        Severity.BLOCK,
        N_("The RIB key does not fit the account number: ask for the bank's own document."),
    ),
    FindingCode.PRINTED_DIFFERS: FindingSpec(
        Severity.BLOCK,
        N_("The IBAN entered is not the one printed on the paper: correct one or the other."),
    ),
    FindingCode.NOT_COMPARED: FindingSpec(
        Severity.NOTICE,
        N_("No IBAN could be read on the paper: compare it by eye, digit by digit."),
    ),
    FindingCode.SEVERAL_IBANS: FindingSpec(
        Severity.ALERT,
        N_("Several IBANs are printed on the paper: ask the supplier which one is meant."),
    ),
    FindingCode.BIC_INVALID: FindingSpec(
        Severity.BLOCK, N_("The BIC cannot be right: copy it again from the bank's own document.")
    ),
    FindingCode.BIC_COUNTRY: FindingSpec(
        Severity.ALERT, N_("The BIC and the IBAN are not of the same country.")
    ),
    FindingCode.BIC_BANK: FindingSpec(
        Severity.ALERT, N_("The BIC is not known for the bank that this IBAN belongs to.")
    ),
    FindingCode.FOREIGN_ACCOUNT: FindingSpec(
        # Regulation (EU) 260/2012, art. 9: an account may not be refused for its country.
        Severity.NOTICE,
        N_("The account is held in another country than the supplier's: allowed, worth a look."),
    ),
    FindingCode.HOLDER_DIFFERENT: FindingSpec(
        Severity.ALERT,
        N_("The account holder is not the supplier: find out who it is (factor, liquidator…)."),
    ),
    FindingCode.HOLDER_CLOSE: FindingSpec(
        Severity.NOTICE, N_("The account holder is written differently from the supplier's name.")
    ),
    FindingCode.USED_ELSEWHERE: FindingSpec(
        Severity.BLOCK,
        N_("This IBAN is on file for another supplier: clear up which one it belongs to."),
    ),
    FindingCode.BLOCKED_BEFORE: FindingSpec(
        Severity.ALERT,
        N_("This account was blocked before: read why before you go on."),
    ),
    FindingCode.YOUNG_CONTACT: FindingSpec(
        Severity.ALERT,
        N_("A contact of this supplier changed less than 30 days ago: call a number known before."),
    ),
    FindingCode.NO_KNOWN_NUMBER: FindingSpec(
        # A first account rests on the same people as its telephone number, until somebody calls
        # a number that came another way (SECURITY B5).
        Severity.ALERT,
        N_(
            "No number of this supplier was known 30 days before the request: call one that you "
            "find yourself, elsewhere."
        ),
    ),
    FindingCode.QUICK_CHANGE: FindingSpec(
        Severity.ALERT,
        N_("The bank details already changed less than 90 days ago: call a number known before."),
    ),
}


@dataclass(frozen=True, slots=True)
class BankFacts:
    """Bank details as entered, what the paper shows, and what is known around them."""

    iban: str
    holder: str
    legal_name: str
    bic: str | None = None
    #: Other names that the supplier goes by; for a sole trader, the person's civil name.
    other_names: tuple[str, ...] = ()
    #: Every IBAN read on the paper, as printed.
    printed_ibans: tuple[str, ...] = ()
    supplier_country: str = "FR"
    used_elsewhere: bool = False
    blocked_before: bool = False
    contact_changed_on: date | None = None
    #: Whether somebody can be called on a number that was on file long before the request.
    number_known: bool = True
    last_changed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed. It holds no digit of the account, so it may be stored and logged."""

    code: FindingCode

    @property
    def severity(self) -> Severity:
        return FINDINGS[self.code].severity

    @property
    def message(self) -> str:
        return FINDINGS[self.code].message

    def as_json(self) -> dict[str, str]:
        return {"code": self.code.value, "severity": self.severity.value, "message": self.message}


def check(facts: BankFacts, *, today: date) -> tuple[Finding, ...]:
    """Everything noticed, the gravest first; empty when nothing is. `today` is a Paris day."""
    codes = (
        *_keys(facts),
        *_printed(facts),
        *_bic(facts),
        *_holder(facts),
        *_context(facts, today=today),
    )
    order = list(Severity)
    return tuple(sorted(map(Finding, codes), key=lambda found: order.index(found.severity)))


def is_blocked(findings: Iterable[Finding]) -> bool:
    """Whether the details cannot be approved as they stand."""
    return any(found.severity is Severity.BLOCK for found in findings)


def needs_call_back(findings: Iterable[Finding]) -> bool:
    """Whether approval waits for a call to a number known before the request."""
    return any(found.severity is Severity.ALERT for found in findings)


def _keys(facts: BankFacts) -> Iterable[FindingCode]:
    try:
        iban = Iban.parse(facts.iban)
    except InvalidIdentifierError as wrong:
        yield FindingCode.RIB_KEY if wrong.code == "rib_key" else FindingCode.IBAN_INVALID
        return
    if iban.country != facts.supplier_country:
        yield FindingCode.FOREIGN_ACCOUNT


def _printed(facts: BankFacts) -> Iterable[FindingCode]:
    printed = {_compact(text) for text in facts.printed_ibans}
    if not printed:
        yield FindingCode.NOT_COMPARED
    elif _compact(facts.iban) not in printed:
        yield FindingCode.PRINTED_DIFFERS
    if len(printed) > 1:
        yield FindingCode.SEVERAL_IBANS


def _compact(text: str) -> str:
    """What was printed or typed, whatever its spacing, even when its keys are wrong."""
    found = Iban.try_parse(text)
    return found.value if found else "".join(filter(str.isalnum, text)).upper()


def _bic(facts: BankFacts) -> Iterable[FindingCode]:
    if not facts.bic:
        return
    bic, iban = Bic.try_parse(facts.bic), Iban.try_parse(facts.iban)
    if bic is None:
        yield FindingCode.BIC_INVALID
    elif iban is not None and not bic.fits(iban):
        yield FindingCode.BIC_COUNTRY
    elif iban is not None and iban.suggested_bic and bic.value[:4] != iban.suggested_bic.value[:4]:
        yield FindingCode.BIC_BANK


def _holder(facts: BankFacts) -> Iterable[FindingCode]:
    names = (facts.legal_name, *facts.other_names)
    likeness = {compare_names(facts.holder, name) for name in names}
    if Likeness.EQUAL in likeness:
        return
    yield (FindingCode.HOLDER_CLOSE if Likeness.CLOSE in likeness else FindingCode.HOLDER_DIFFERENT)


def _context(facts: BankFacts, *, today: date) -> Iterable[FindingCode]:
    if facts.used_elsewhere:
        yield FindingCode.USED_ELSEWHERE
    if facts.blocked_before:
        yield FindingCode.BLOCKED_BEFORE
    if facts.contact_changed_on and today - facts.contact_changed_on < YOUNG_CONTACT:
        yield FindingCode.YOUNG_CONTACT
    if not facts.number_known:
        yield FindingCode.NO_KNOWN_NUMBER
    if facts.last_changed_on and today - facts.last_changed_on < QUICK_CHANGE:
        yield FindingCode.QUICK_CHANGE
