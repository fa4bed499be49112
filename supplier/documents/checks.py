"""Checks of a paper that was read: pure functions from what was read to findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from supplier.documents import validity as rules
from supplier.documents.findings import doubt, note, refusal
from supplier.documents.kinds import KINDS, Check, DocumentKind, ReasonCode
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.result import FieldValue, Finding, ReadRequest, Value
from supplier.documents.reading.statements import Said, Statement
from supplier.documents.reading.values import is_siren
from supplier.kernel.clock import add_months
from supplier.kernel.i18n import N_

#: The courts of Alsace-Moselle print no verification code (local registers of 1900).
LOCAL_REGISTERS = re.compile(
    r"strasbourg|saverne|colmar|mulhouse|metz|thionville|sarreguemines", re.IGNORECASE
)
#: Kinds that the law takes one for the other: a person decides instead of a refusal.
ALTERNATIVES: tuple[frozenset[DocumentKind], ...] = (
    frozenset({DocumentKind.KBIS, DocumentKind.RNE_EXTRACT}),
    frozenset({DocumentKind.FOREIGN_WORKERS_NONE, DocumentKind.FOREIGN_WORKERS_LIST}),
)
#: How old a move of the head office may be before it stops being news.
RECENT_MONTHS = 12
_PRINTED = {"deux": 2, "2": 2, "trois": 3, "3": 3, "quatre": 4, "4": 4, "six": 6, "6": 6}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What reading brought together about one paper.

    `ibans` are all account numbers printed, `national_accounts` those printed as bank, branch,
    account and key; `missing_pages` what the page numbers announce and the file lacks.
    """

    kind: DocumentKind
    fields: Mapping[str, FieldValue]
    said: Sequence[Statement] = ()
    scanned: bool = False
    missing_pages: Sequence[int] = ()
    pages: int = 1
    #: Whether the pages number themselves ("page 1/2").
    numbered: bool = False
    #: Fields that the page prints otherwise than the data attached to the file says.
    attachment_differs: Sequence[str] = ()
    #: A scan shows a control code that could not be read letter by letter.
    code_seen: bool = False
    ibans: Sequence[str] = ()
    valid_ibans: Sequence[str] = ()
    national_accounts: frozenset[str] = frozenset()
    rib_key_holds: bool = True
    local_register: bool = False
    text: str = ""
    barcode_codes: frozenset[str] = frozenset()
    barcode_sirens: frozenset[str] = frozenset()
    confirmed: frozenset[str] = field(default_factory=frozenset)

    def value(self, name: str) -> Value | None:
        found = self.fields.get(name)
        return found if isinstance(found, Value) else None

    def text_of(self, name: str) -> str | None:
        found = self.value(name)
        return found.text if found else None

    def day(self, name: str) -> date | None:
        text = self.text_of(name)
        return date.fromisoformat(text) if text else None

    def first(self, *said: Said) -> Statement | None:
        return next((item for item in self.said if item.said in said), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found, and whether it positively passed."""

    findings: tuple[Finding, ...] = ()
    passed: bool = False


Checker = Callable[[Evidence, ReadRequest], Outcome]


def run_checks(
    evidence: Evidence, request: ReadRequest
) -> tuple[tuple[Finding, ...], frozenset[Check]]:
    """Run every check that the kind demands, then those that only raise alarms."""
    findings: list[Finding] = []
    passed: set[Check] = set()
    spec = KINDS[evidence.kind]
    for check in spec.checks:
        outcome = CHECKS[check](evidence, request)
        findings.extend(outcome.findings)
        if outcome.passed:
            passed.add(check)
        elif check is Check.KIND:
            return tuple(findings), frozenset()
    findings.extend(missing_fields(evidence))
    for alarm in ALARMS:
        findings.extend(alarm(evidence, request))
    return tuple(findings), frozenset(passed)


def check_kind(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The paper is of the kind that was asked for."""
    expected = request.expected_kind
    if evidence.kind is DocumentKind.OTHER:
        return Outcome((refusal(ReasonCode.WRONG_KIND),) if expected else ())
    if expected in {None, evidence.kind}:
        return Outcome(passed=True)
    pair = frozenset({expected, evidence.kind})
    if any(pair <= group for group in ALTERNATIVES):
        found = doubt(
            ReasonCode.WRONG_KIND,
            rule="D8222-5, D8254-2",
            message=N_("This is another paper than the one asked for; the law may accept it."),
        )
        return Outcome((found,), passed=True)
    return Outcome((refusal(ReasonCode.WRONG_KIND),))


def check_siren(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The company number on the paper is the supplier's; a name only where none exists."""
    name = "seller_siren" if evidence.kind is DocumentKind.INVOICE else "siren"
    read = evidence.value(name)
    if request.supplier_siren is None:
        return check_name(evidence, request)
    if read is None:
        return Outcome()
    if not is_siren(read.text):
        return Outcome((_bad_number(evidence, read),))
    if read.text == request.supplier_siren:
        return Outcome(passed=True)
    return Outcome((_other_company(evidence, request, read),))


def _bad_number(evidence: Evidence, read: Value) -> Finding:
    if evidence.scanned:
        return doubt(ReasonCode.UNREADABLE, at=read)
    return refusal(ReasonCode.CHECKSUM_INVALID, rule="Luhn", at=read)


def _other_company(evidence: Evidence, request: ReadRequest, read: Value) -> Finding:
    """Refuse, but ask a person where a scan gives the right name beside another number."""
    printed = _name(evidence)
    same_name = bool(
        printed and request.supplier_name
        and likeness(printed.text, request.supplier_name, scanned=True) is Likeness.SAME
    )  # fmt: skip
    if evidence.scanned and same_name:
        return doubt(ReasonCode.WRONG_COMPANY, at=read)
    return refusal(ReasonCode.WRONG_COMPANY, rule="D8222-5", at=read)


_NAME_FIELDS = {
    DocumentKind.BANK_DETAILS: "holder",
    DocumentKind.A1_CERTIFICATE: "employer",
    DocumentKind.INVOICE: "seller_name",
}


def _name(evidence: Evidence) -> Value | None:
    return evidence.value(_NAME_FIELDS.get(evidence.kind, "company_name"))


def check_name(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The name on the paper is the supplier's."""
    printed = _name(evidence)
    if request.supplier_name is None:
        return Outcome((note("no_supplier"),))
    if printed is None:
        return Outcome()
    like = likeness(printed.text, request.supplier_name, scanned=evidence.scanned)
    if like is Likeness.SAME:
        return Outcome(passed=True)
    found = doubt if like is Likeness.CLOSE else refusal
    return Outcome((found(ReasonCode.WRONG_COMPANY, at=printed),))


def facts_of(evidence: Evidence) -> rules.DocumentFacts:
    """The dates of a paper as the rules of validity want them."""
    spec = KINDS[evidence.kind]
    dated_by = spec.dated_by if spec.dated_by and not spec.period else None
    return rules.DocumentFacts(
        evidence.kind,
        issued_on=evidence.day(dated_by) if dated_by else None,
        situation_on=evidence.day("situation_on"),
        valid_from=evidence.day("valid_from"),
        valid_until=evidence.day("valid_until") if spec.period else None,
        provisional=evidence.first(Said.PROVISIONAL) is not None,
    )


_STANDING_REASONS = {
    rules.Standing.NOT_YET_VALID: ReasonCode.NOT_YET_VALID,
    rules.Standing.TOO_OLD: ReasonCode.TOO_OLD,
    rules.Standing.EXPIRED: ReasonCode.EXPIRED,
}


def check_date(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The paper is good on the day it is handed in."""
    spec = KINDS[evidence.kind]
    found = rules.validity(facts_of(evidence), today=request.today)
    if found.standing is rules.Standing.GOOD:
        return Outcome(passed=True)
    if found.standing is rules.Standing.UNDATED:
        return Outcome()
    value = evidence.value(spec.dated_by or "")
    return Outcome((refusal(_STANDING_REASONS[found.standing], rule=spec.source, at=value),))


_CODE_FIELDS = {
    DocumentKind.KBIS: "verification_code",
    DocumentKind.URSSAF_VIGILANCE: "security_code",
    DocumentKind.TAX_COMPLIANCE: "delivery_number",
}


def check_code(evidence: Evidence, request: ReadRequest) -> Outcome:
    """The issuer's control code is there, and nobody else handed it in."""
    code = evidence.value(_CODE_FIELDS[evidence.kind])
    if code is None:
        if evidence.kind is DocumentKind.KBIS and evidence.local_register:
            return Outcome(passed=True)
        if evidence.code_seen:
            return Outcome((note("code_unclear"),), passed=True)
        return Outcome((doubt(ReasonCode.CODE_MISSING, rule="D8222-5, L243-15"),))
    if code.text in request.codes_seen_elsewhere:
        found = doubt(
            ReasonCode.TAMPERED,
            message=N_("Another supplier handed in a paper with the same control code."),
            at=code,
        )  # fmt: skip
        return Outcome((found,))
    barcodes = evidence.barcode_codes if evidence.kind is DocumentKind.KBIS else frozenset()
    if barcodes and code.text not in barcodes:
        return Outcome((_barcode_disagrees(evidence, code),))
    return Outcome(passed=True)


def _barcode_disagrees(evidence: Evidence, code: Value) -> Finding:
    severity = doubt if evidence.scanned else refusal
    return severity(
        ReasonCode.TAMPERED,
        message=N_("The QR code and the printed code of the extract are not the same."),
        at=code,
    )  # fmt: skip


def check_complete(evidence: Evidence, _request: ReadRequest) -> Outcome:
    """No page is missing."""
    overleaf = evidence.first(Said.OVERLEAF)
    second = evidence.first(Said.SECOND_PAGE)
    lacking = list(evidence.missing_pages)
    if not lacking and overleaf and not second:
        lacking = [2]
    if not lacking and second and not overleaf:
        lacking = [1]
    if not lacking and not _ends(evidence):
        lacking = [evidence.pages + 1]
    if lacking:
        pages = ", ".join(map(str, lacking))
        return Outcome((doubt(ReasonCode.PAGES_MISSING, params={"pages": pages}),))
    return Outcome(passed=True)


#: Kinds that may run over several pages, and the sentence that closes them.
_CLOSINGS = {
    DocumentKind.KBIS: Said.END_OF_EXTRACT,
    DocumentKind.DECENNIAL_INSURANCE: Said.CLOSING,
}


def _ends(evidence: Evidence) -> bool:
    """Whether the paper is seen to end: by the numbers of its pages, or by its closing words."""
    closing = _CLOSINGS.get(evidence.kind)
    return closing is None or evidence.numbered or evidence.first(closing) is not None


def check_statement(evidence: Evidence, _request: ReadRequest) -> Outcome:
    """The paper says that the company is in order, and does not say the contrary."""
    against = evidence.first(Said.NOT_IN_ORDER)
    for_it = evidence.first(Said.IN_ORDER, Said.NO_FOREIGN_WORKERS)
    if against:
        severity = doubt if for_it and evidence.scanned else refusal
        found = severity(ReasonCode.NEGATIVE_STATEMENT, rule="L243-15", at=against.span)
        return Outcome((found,))
    if evidence.kind is DocumentKind.FOREIGN_WORKERS_NONE:
        return Outcome(passed=bool(for_it) or "neant" in evidence.text)
    return Outcome(passed=for_it is not None)


def check_signatory(evidence: Evidence, _request: ReadRequest) -> Outcome:
    return Outcome(passed=evidence.value("signatory") is not None)


def check_workers(evidence: Evidence, _request: ReadRequest) -> Outcome:
    """At least one full row, and no sworn statement that there is none (D8254-2)."""
    rows = evidence.fields.get("workers")
    sworn = evidence.first(Said.NO_FOREIGN_WORKERS)
    if sworn and rows:
        return Outcome((doubt(ReasonCode.CONTRADICTION, rule="D8254-2", at=sworn.span),))
    complete = isinstance(rows, tuple) and all(_complete(row) for row in rows)
    return Outcome(passed=complete)


def _complete(row: Value) -> bool:
    return isinstance(row.value, Mapping) and all(row.value.values())


def check_iban(evidence: Evidence, _request: ReadRequest) -> Outcome:
    """One account, whose keys hold, the same in both forms."""
    iban = evidence.value("iban")
    if iban is None:
        return Outcome()
    if iban.text not in evidence.valid_ibans or not evidence.rib_key_holds:
        return Outcome((_bad_iban(evidence, iban),))
    if len(set(evidence.valid_ibans)) > 1:
        found = doubt(
            ReasonCode.CONTRADICTION,
            message=N_("The paper shows several account numbers."), at=iban,
        )  # fmt: skip
        return Outcome((found,))
    national = evidence.national_accounts if iban.text.startswith("FR") else frozenset()
    if national and iban.text[4:] not in national:
        return Outcome((_accounts_disagree(evidence, iban),))
    return Outcome(passed=True)


def _bad_iban(evidence: Evidence, iban: Value) -> Finding:
    """A wrong key is certain where the text is, or where the national form repeats it."""
    certain = (
        not evidence.scanned
        or "iban" in evidence.confirmed
        or iban.text[4:] in evidence.national_accounts
    )
    found = refusal if certain else doubt
    code = ReasonCode.CHECKSUM_INVALID if certain else ReasonCode.UNREADABLE
    return found(code, rule="ISO 13616", at=iban)


def _accounts_disagree(evidence: Evidence, iban: Value) -> Finding:
    code = ReasonCode.UNREADABLE if evidence.scanned else ReasonCode.CONTRADICTION
    return doubt(
        code,
        message=N_("The IBAN and the national account number are not the same account."),
        at=iban,
    )  # fmt: skip


def check_amount(evidence: Evidence, _request: ReadRequest) -> Outcome:
    return Outcome(passed=evidence.value("total_gross") is not None)


CHECKS: Mapping[Check, Checker] = {
    Check.KIND: check_kind,
    Check.COMPANY_SIREN: check_siren,
    Check.COMPANY_NAME: check_name,
    Check.DATE: check_date,
    Check.CODE: check_code,
    Check.COMPLETE: check_complete,
    Check.IBAN: check_iban,
    Check.STATEMENT: check_statement,
    Check.SIGNATORY: check_signatory,
    Check.WORKERS: check_workers,
    Check.AMOUNT: check_amount,
}


def missing_fields(evidence: Evidence) -> Iterator[Finding]:
    """The values that the verdict needs and that were not read."""
    lacking = [name for name in KINDS[evidence.kind].demands if name not in evidence.fields]
    if lacking:
        yield doubt(ReasonCode.UNREADABLE, params={"fields": ", ".join(lacking)})


def alarm_register(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """Struck off, insolvency: what blocks or warns on an extract (rules 22 and 23)."""
    struck = evidence.first(Said.STRUCK_OFF)
    if struck:
        yield refusal(ReasonCode.STRUCK_OFF, rule="D8222-5", at=struck.span)
    liquidation = evidence.first(Said.LIQUIDATION)
    closed = evidence.first(Said.CLOSED_PROCEDURE)
    if liquidation and not closed:
        yield refusal(ReasonCode.INSOLVENCY, rule="L641-9", at=liquidation.span)
        return
    where = liquidation or evidence.first(Said.INSOLVENCY)
    if where:
        yield doubt(ReasonCode.INSOLVENCY, rule="L622-13", at=where.span)


_ALARM_TEXTS = {
    Said.DORMANT: N_("The extract says that the company is dormant or has ceased its activity."),
    Said.LOSSES: N_("The extract says that losses ate more than half of the capital."),
    Said.DISSOLVED: N_("The extract says that the company is being dissolved."),
    Said.ADMINISTRATOR: N_("The extract names an administrator appointed by a court."),
}


def alarm_content(evidence: Evidence, request: ReadRequest) -> Iterator[Finding]:
    """Things on an extract that a buyer should know before going on."""
    for said, text in _ALARM_TEXTS.items():
        found = evidence.first(said)
        if found:
            yield doubt(ReasonCode.CONTENT_ALARM, message=text, at=found.span)
    moved = evidence.first(Said.MOVED)
    if moved and moved.on and add_months(moved.on, RECENT_MONTHS) > request.today:
        text = N_("The head office moved less than a year ago.")
        yield doubt(ReasonCode.CONTENT_ALARM, message=text, at=moved.span)


def alarm_situation(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """The situation date lies oddly beside the issue date (rule 7)."""
    if evidence.kind is not DocumentKind.URSSAF_VIGILANCE:
        return
    situation = evidence.value("situation_on")
    if situation and rules.situation_is_odd(facts_of(evidence)):
        text = N_("The situation date is after the issue date or more than three months before.")
        yield doubt(ReasonCode.CONTENT_ALARM, message=text, at=situation)
    headcount = evidence.value("headcount")
    if headcount and headcount.text == "0":
        text = N_("The certificate says that the company has no employee.")
        yield doubt(ReasonCode.CONTENT_ALARM, message=text, at=headcount)


def alarm_printed_months(evidence: Evidence, request: ReadRequest) -> Iterator[Finding]:
    """A certificate that gives itself fewer months than the policy, and they are over."""
    printed = evidence.first(Said.PRINTED_MONTHS)
    issued_on = evidence.day("issued_on")
    if printed is None or issued_on is None:
        return
    words = printed.span.folded.split()
    months = next((_PRINTED[word] for word in reversed(words) if word in _PRINTED), None)
    if months and add_months(issued_on, months) <= request.today:
        text = N_("The certificate itself says that it is good for fewer months.")
        yield doubt(ReasonCode.TOO_OLD, message=text, at=printed.span)


def alarm_attachment(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """The invoice on the page is not the invoice in the attached data."""
    for name in evidence.attachment_differs:
        text = N_("The page and the data attached to the file do not say the same: %(field)s.")
        yield doubt(
            ReasonCode.CONTRADICTION, message=text, at=evidence.value(name), params={"field": name}
        )


def alarm_barcode(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """The QR code names another company than the text."""
    siren = evidence.value("siren")
    if siren and evidence.barcode_sirens and siren.text not in evidence.barcode_sirens:
        text = N_("The QR code leads to another company than the text names.")
        found = doubt if evidence.scanned else refusal
        yield found(ReasonCode.TAMPERED, message=text, at=siren)


ALARMS: Sequence[Callable[[Evidence, ReadRequest], Iterator[Finding]]] = (
    alarm_register, alarm_content, alarm_situation, alarm_printed_months, alarm_barcode,
    alarm_attachment,
)  # fmt: skip
