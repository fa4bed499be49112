"""What a paper says that a buyer should know, whatever else was checked: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from supplier.documents import validity as rules
from supplier.documents.checks_evidence import Evidence, facts_of
from supplier.documents.findings import doubt, refusal
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.dates import first_date
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.result import Finding, ReadRequest, Value
from supplier.documents.reading.statements import Said, Statement
from supplier.documents.reading.values import is_siren
from supplier.kernel.clock import add_months, end_of_month
from supplier.kernel.i18n import N_

#: How old a move of the head office may be before it stops being news.
RECENT_MONTHS = 12
_PRINTED = {"deux": 2, "2": 2, "trois": 3, "3": 3, "quatre": 4, "4": 4, "six": 6, "6": 6}


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


def alarm_suspended(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """The certificate says that what it certifies is suspended, terminated or withdrawn."""
    found = evidence.first(Said.SUSPENDED)
    if found:
        text = N_("The paper says that the contract or its cover is suspended or has ended.")
        yield doubt(ReasonCode.CONTENT_ALARM, message=text, at=found.span)


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


#: An extract is printed within days of the state of the register that it gives.
_PRINTED_WITHIN = timedelta(days=10)
_BEFORE = N_("The dates of the paper do not fit together: %(first)s and %(second)s.")


#: A letter and the certificate under it are dated within days of each other.
_ONE_PAPER = timedelta(days=31)
#: A day further back, in months, is a birth or a registration, not the day of printing.
_LIVES = 120
#: Two ways of saying one end: the last day, or the day after.
_ONE_END = timedelta(days=2)


def alarm_dates(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """Dates that the issuer's program writes together and that someone changed one of.

    The foot of an extract is printed within days of its date; head and foot of a certificate are
    dated alike, and only an older day matters, as stamps of receipt are younger; nothing is printed
    before the day that it gives itself; a tax certificate tells the situation of the last month's
    end, or of the last year's.
    """
    issued = evidence.value("issued_on")
    if issued is None:
        return
    day = date.fromisoformat(issued.text)
    printed, told = evidence.first(Said.PRINTED_ON), evidence.first(Said.SITUATION)
    if printed and printed.on and abs(printed.on - day) > _PRINTED_WITHIN:
        yield from _unlike(issued, printed, printed.on)
    for other in evidence.said:
        if other.said is Said.ISSUED and other.on and day - other.on > _ONE_PAPER:
            yield from _unlike(issued, other, other.on)
            break
    for other in evidence.said:
        if other.said is Said.EDITED_ON and other.on and _is_before(other.on, day):
            yield from _unlike(issued, other, other.on)
            break
    if told and told.on:
        old = add_months(told.on, rules.SITUATION_MONTHS) < day and not _ends_year(told.on, day)
        if old or told.on > day:
            yield from _unlike(issued, told, told.on)


def _is_before(printed: date, day: date) -> bool:
    """Whether a paper was printed before the day that it gives itself; no one's birthday."""
    return printed < day - timedelta(days=1) and printed > add_months(day, -_LIVES)


def _ends_year(told: date, issued: date) -> bool:
    """Whether a situation is that of the year before: the older form is made out by years."""
    return (told.month, told.day) == (12, 31) and told.year == issued.year - 1


def alarm_cover(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """An insurer certifies one end of validity, and none that is over when it certifies."""
    until = evidence.value("valid_until")
    if evidence.kind is not DocumentKind.DECENNIAL_INSURANCE or until is None:
        return
    day = date.fromisoformat(until.text)
    for other in evidence.said:
        late = other.said is Said.ISSUED and other.on and other.on > day
        unlike = other.said is Said.VALID and other.on and abs(other.on - day) > _ONE_END
        if other.on and (late or unlike):
            yield from _unlike(until, other, other.on)
            return


def _unlike(one: Value, other: Statement, day: date) -> Iterator[Finding]:
    """Two days that exclude each other: both places are shown."""
    params = {"first": one.text, "second": day.isoformat()}
    for at in (one, other.span):
        yield doubt(ReasonCode.CONTRADICTION, message=_BEFORE, at=at, params=params)


_PERIOD = re.compile(r"au\s+titre\s+du\s+mois\s+d(?:e\s+|')(?P<m>[a-z]+)\s+(?P<y>20\d\d)")


def alarm_period(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """The month of the declared wages lies far from the situation date (D243-15)."""
    situation = evidence.value("situation_on")
    match = _PERIOD.search(evidence.text)
    if situation is None or match is None:
        return
    first = first_date(f"1 {match['m']} {match['y']}")
    if first is None:
        return
    ends, day = end_of_month(first.day), date.fromisoformat(situation.text)
    issued = evidence.day("issued_on")
    early = issued is not None and issued < first.day
    if early or not add_months(ends, -1) <= day <= add_months(ends, rules.SITUATION_MONTHS):
        params = {"first": ends.isoformat(), "second": day.isoformat()}
        yield doubt(ReasonCode.CONTRADICTION, message=_BEFORE, at=situation, params=params)


def alarm_bank(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """The code of the bank is not that of the bank that keeps the account."""
    iban, bic = evidence.value("iban"), evidence.value("bic")
    if evidence.kind is DocumentKind.BANK_DETAILS and iban and bic and evidence.other_bank:
        text = N_("The account is kept by another bank than the paper names: %(bank)s.")
        yield doubt(
            ReasonCode.CONTRADICTION, message=text, at=bic, params={"bank": evidence.other_bank}
        )


#: An account of France, as far as it was printed or read right; figures may be letters.
_FRENCH = re.compile(r"(?:FR|MC)[0-9OQDILSBZG]{12}[0-9A-Z]{11}[0-9OQDILSBZG]{2}")
#: An account in letters of no alphabet that an account has.
_STRANGE = re.compile(r"\biban[ \t]*:?[ \t]*(?P<v>[^\W\d_]{2}[ \t]?\w{2}(?:[ \t]?\w){10,30})")


def alarm_invoiced_account(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """An invoice asks for payment to an account that cannot be one (ISO 13616), or to several."""
    if evidence.kind is not DocumentKind.INVOICE:
        return
    iban = evidence.value("iban")
    bad = iban is not None and (iban.text not in evidence.valid_ibans or not evidence.rib_key_holds)
    code = ReasonCode.UNREADABLE if evidence.scanned else ReasonCode.CHECKSUM_INVALID
    if len(set(evidence.valid_ibans)) > 1 or evidence.other_accounts:
        yield doubt(ReasonCode.CONTRADICTION, message=_SEVERAL, at=iban)
    if iban and bad and _is_account(iban.text, evidence.text):
        found = doubt if evidence.scanned else refusal
        yield found(code, message=_BAD_ACCOUNT, rule="ISO 13616", at=iban)
    elif iban is None or bad:
        match = _STRANGE.search(evidence.text)
        if match and sum(letter.isdigit() for letter in match["v"]) >= 10:
            yield doubt(code, message=_BAD_ACCOUNT, rule="ISO 13616")


_SEVERAL = N_("The paper shows several account numbers.")
_BAD_ACCOUNT = N_(
    "The account number on the invoice cannot be right: its key fails, or letters stand for "
    "figures."
)


def _is_account(number: str, text: str) -> bool:
    """Whether what fails its key is an account, and not a number for tax and what follows it."""
    if number[:2] in {"FR", "MC"}:
        return bool(_FRENCH.fullmatch(number)) and not _is_tax_number(number[2:13])
    return "iban" in text


def _is_tax_number(text: str) -> bool:
    """Two figures and a company number that they follow from (CGI, annexe II)."""
    key, siren = text[:2], text[2:]
    return is_siren(siren) and key.isdigit() and int(key) == (12 + 3 * (int(siren) % 97)) % 97


def alarm_tax_number(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """A seller's number for tax that does not follow from the company number in it, or not its."""
    number = evidence.value("seller_vat")
    if evidence.kind is not DocumentKind.INVOICE or number is None:
        return
    french = number.text.startswith("FR") and number.text[2:].isdigit()
    if french and len(number.text) == 13 and not _is_tax_number(number.text[2:]):
        found = doubt if evidence.scanned else refusal
        code = ReasonCode.UNREADABLE if evidence.scanned else ReasonCode.CHECKSUM_INVALID
        yield found(code, rule="CGI, art. 286 ter", at=number)
    elif french and (siren := evidence.value("seller_siren")) and number.text[4:] != siren.text:
        text = N_("The number for tax is another company's.")
        yield doubt(ReasonCode.CONTRADICTION, message=text, rule="CGI, art. 286 ter", at=number)


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


def alarm_denial(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """A paper that looks like what was asked for and says itself that it is not."""
    found = evidence.first(Said.DENIES)
    if found:
        text = N_("The paper itself says that it does not serve as this proof.")
        yield doubt(ReasonCode.WRONG_KIND, message=text, at=found.span)


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
        return
    name = evidence.value("company_name")
    unlike = [likeness(name.text, other, scanned=True) for other in evidence.barcode_names if name]
    if unlike and all(one is Likeness.DIFFERENT for one in unlike):
        text = N_("The QR code leads to another company than the text names.")
        yield doubt(ReasonCode.TAMPERED, message=text, at=name)


ALARMS: Sequence[Callable[[Evidence, ReadRequest], Iterator[Finding]]] = (
    alarm_register, alarm_content, alarm_situation, alarm_printed_months, alarm_barcode,
    alarm_denial, alarm_attachment, alarm_dates, alarm_suspended, alarm_cover,
    alarm_invoiced_account, alarm_tax_number, alarm_period, alarm_bank,
)  # fmt: skip
