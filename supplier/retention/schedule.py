"""How long each thing is kept, from when, and by which text; when it may first be erased.

`SCHEDULE` is the table. A thing may be erased from the day after its period on, never earlier;
an unknown start means never, and a legal hold wins over everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from supplier.kernel.clock import add_months, add_years
from supplier.kernel.i18n import N_


class Start(StrEnum):
    """What starts the clock of a thing."""

    RELATIONSHIP_END = "relationship_end"
    YEAR_CLOSE = "year_close"
    REQUEST_CLOSED = "request_closed"
    EVENT = "event"
    #: Kept without limit.
    NEVER = "never"


START_TEXTS: dict[Start, str] = {
    Start.RELATIONSHIP_END: N_("end of the relationship, confirmed by a person"),
    Start.YEAR_CLOSE: N_("close of the financial year"),
    Start.REQUEST_CLOSED: N_("closing of the request"),
    Start.EVENT: N_("the event itself"),
    Start.NEVER: N_("kept without limit"),
}


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One line of the schedule. `basis` is the text or the choice that the period rests on."""

    label: str
    start: Start
    basis: str
    years: int = 0
    months: int = 0
    note: str = ""


class RuleCode(StrEnum):
    VIGILANCE_PAPER = "vigilance_paper"
    REFUSED_PAPER = "refused_paper"
    CONTRACT = "contract"
    PURCHASE_ORDER = "purchase_order"
    INVOICE = "invoice"
    BANK_DETAILS = "bank_details"
    BANK_DETAILS_UNUSED = "bank_details_unused"
    CONTACT = "contact"
    CONTACT_LEFT = "contact_left"
    EVALUATION = "evaluation"
    RIGHTS_REQUEST = "rights_request"
    MAIL_LOG = "mail_log"
    SIGN_IN_LINK = "security_log"
    JOURNAL = "journal"
    IMPORT_FILE = "import_file"
    SOLE_TRADER = "sole_trader"
    LEGAL_ENTITY = "legal_entity"


_PRESCRIPTION = N_("Code civil, art. 2224; Code de la sécurité sociale, art. L244-11 (5 years)")
_VOUCHERS = N_("Code de commerce, art. L123-22 (10 years from the close of the year)")

SCHEDULE: dict[RuleCode, RetentionRule] = {
    RuleCode.VIGILANCE_PAPER: RetentionRule(
        label=N_("Vigilance papers and proofs of their checks"),
        start=Start.RELATIONSHIP_END,
        basis=_PRESCRIPTION,
        years=5,
        note=N_("A paper that serves several companies goes with the last of them."),
    ),
    RuleCode.REFUSED_PAPER: RetentionRule(
        label=N_("Refused and withdrawn papers"),
        start=Start.RELATIONSHIP_END,
        basis=_PRESCRIPTION,
        years=5,
        note=N_("They prove what was asked and answered."),
    ),
    RuleCode.CONTRACT: RetentionRule(
        label=N_("Contracts"), start=Start.RELATIONSHIP_END, basis=_PRESCRIPTION, years=5
    ),
    RuleCode.PURCHASE_ORDER: RetentionRule(
        label=N_("Purchase orders"), start=Start.YEAR_CLOSE, basis=_VOUCHERS, years=10
    ),
    RuleCode.INVOICE: RetentionRule(
        label=N_("Invoices"),
        start=Start.YEAR_CLOSE,
        basis=_VOUCHERS,
        years=10,
        note=N_("From the close of the year of the invoice, not from its date."),
    ),
    RuleCode.BANK_DETAILS: RetentionRule(
        label=N_("Bank details that payments were made to"),
        start=Start.YEAR_CLOSE,
        basis=_VOUCHERS,
        years=10,
        note=N_("They are vouchers of the payments: from the close of the year of the last one."),
    ),
    RuleCode.BANK_DETAILS_UNUSED: RetentionRule(
        label=N_("Bank details refused, withdrawn or never paid to"),
        start=Start.RELATIONSHIP_END,
        basis=_PRESCRIPTION,
        years=5,
        note=N_("They may prove an attempted fraud."),
    ),
    RuleCode.CONTACT: RetentionRule(
        label=N_("Contacts and accounts of the supplier's people"),
        start=Start.RELATIONSHIP_END,
        basis=N_("Client's choice; Code civil, art. 2224 (5 years)"),
        years=5,
    ),
    RuleCode.CONTACT_LEFT: RetentionRule(
        label=N_("Contacts who left the supplier"),
        start=Start.EVENT,
        basis=N_("Client's choice; GDPR, art. 5(1)(c) and (e)"),
        years=1,
        note=N_("From the day on which the person left."),
    ),
    RuleCode.EVALUATION: RetentionRule(
        label=N_("Evaluations and action plans"),
        start=Start.RELATIONSHIP_END,
        basis=_PRESCRIPTION,
        years=5,
    ),
    RuleCode.RIGHTS_REQUEST: RetentionRule(
        label=N_("Rights requests and their answers"),
        start=Start.REQUEST_CLOSED,
        basis=N_("Client's choice (3 years); GDPR, art. 5(2)"),
        years=3,
    ),
    RuleCode.MAIL_LOG: RetentionRule(
        label=N_("Reminders and mails"),
        start=Start.EVENT,
        basis=N_("Client's choice (3 years), never longer than the file they belong to"),
        years=3,
    ),
    RuleCode.SIGN_IN_LINK: RetentionRule(
        label=N_("Links that let somebody in"),
        start=Start.EVENT,
        basis=N_("CNIL, délibération 2021-122 (6 to 12 months)"),
        months=12,
        note=N_(
            "From the day they stopped working. Sessions go once they have run out, failed tries "
            "after a day."
        ),
    ),
    RuleCode.JOURNAL: RetentionRule(
        label=N_("Journal: who did what and when, sign-ins and bank details included"),
        start=Start.NEVER,
        basis=N_("Proof of checks and decisions; GDPR, art. 5(2), 6(1)(f) and 17(3)(e)"),
        note=N_(
            "It is chained, so that nobody can rewrite it: no line is erased, not even the name of "
            "whoever acted. It holds identifiers, states and reasons, never contents."
        ),
    ),
    RuleCode.IMPORT_FILE: RetentionRule(
        label=N_("Files of supplier imports"),
        start=Start.EVENT,
        basis=N_("Client's choice; GDPR, art. 5(1)(e)"),
        months=3,
    ),
    RuleCode.SOLE_TRADER: RetentionRule(
        label=N_("Identity of sole traders"),
        start=Start.RELATIONSHIP_END,
        basis=N_("GDPR, art. 5(1)(e): a sole trader is a person"),
        years=5,
        note=N_("Made anonymous, name and SIREN included, once nothing that names them is left."),
    ),
    RuleCode.LEGAL_ENTITY: RetentionRule(
        label=N_("Identity of companies"),
        start=Start.NEVER,
        basis=N_("GDPR, recital 14: legal persons are not covered"),
        note=N_("Managers, contacts, signatures and home addresses inside it are erased."),
    ),
}


def period_end(rule: RetentionRule, starts_on: date) -> date | None:
    """The last day on which a thing must be kept; None when it is kept without limit.

    Calendar years from date to date: 29 February + 5 years is 28 February.
    """
    if rule.start is Start.NEVER:
        return None
    return add_months(add_years(starts_on, rule.years), rule.months)


def first_erasable_on(code: str, starts_on: date | None) -> date | None:
    """The first day on which a thing may be erased: the day after its period.

    None means never: kept without limit, or the start is not known (nobody confirmed the end,
    the relationship goes on). Raises ValueError for a code that the schedule does not know.
    """
    rule = SCHEDULE[RuleCode(code)]
    last = period_end(rule, starts_on) if starts_on is not None else None
    return last + timedelta(days=1) if last is not None else None


class Standing(StrEnum):
    """Where a thing stands on a day."""

    #: Kept without limit.
    KEPT = "kept"
    #: The clock has not started.
    NOT_STARTED = "not_started"
    RUNNING = "running"
    HELD = "held"
    #: May be erased from today on.
    DUE = "due"
    #: Should have been erased already.
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Prospect:
    """What will become of a thing; `days_overdue` counts from the first erasable day."""

    standing: Standing
    first_erasable_on: date | None
    days_overdue: int = 0


def prospect(code: str, first_erasable_on: date | None, *, today: date, on_hold: bool) -> Prospect:
    """Where a thing stands on a Paris day, from the first day on which it may be erased.

    That day is None while its clock has not started, and for what is kept without limit. A legal
    hold stops the erasure, not the clock.
    """
    if first_erasable_on is None:
        endless = SCHEDULE[RuleCode(code)].start is Start.NEVER
        return Prospect(Standing.KEPT if endless else Standing.NOT_STARTED, None)
    if on_hold:
        return Prospect(Standing.HELD, first_erasable_on)
    if today < first_erasable_on:
        return Prospect(Standing.RUNNING, first_erasable_on)
    overdue = (today - first_erasable_on).days
    return Prospect(Standing.OVERDUE if overdue else Standing.DUE, first_erasable_on, overdue)
