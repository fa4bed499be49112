"""What cannot well be true of an honest paper, though each value may be read right: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from supplier.documents.checks_evidence import Evidence
from supplier.documents.findings import doubt
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.dates import find_dates
from supplier.documents.reading.result import Finding, ReadRequest
from supplier.kernel.clock import add_months
from supplier.kernel.i18n import N_

#: Insurers certify a year; some begin it with the days left of the month before.
_YEAR = 13
#: A worker is posted for 24 months at most; longer by special agreement only.
_POSTING = 24
_SUMS = N_("The amounts of the invoice do not add up: net, tax and total.")
_STRANGER = N_("The pages name two companies: %(first)s and %(second)s.")
_LONG = N_("The printed period is longer than usual: from %(first)s to %(second)s.")
_BORN_LATE = N_("The extract is older than the company: %(first)s and %(second)s.")
_ENDED = N_("The permit of a listed worker has ended: %(day)s.")
_EFFECT = re.compile(r"\beffet\b|souscri\w* (?:le|depuis)|depuis le")
_JOINED = re.compile(r"\b(?:du|entre le|a compter du|from)\s+(?P<p>[^\n]{12,60})")


def alarm_sums(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """Net and tax are not what is asked for: a total changed alone."""
    code = ReasonCode.UNREADABLE if evidence.scanned else ReasonCode.CONTRADICTION
    for at in evidence.unlike_sums:
        yield doubt(code, message=_SUMS, at=at)


def alarm_strangers(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """Pages of two companies laid together: both numbers, or both names, are shown."""
    for pair in (evidence.strangers, evidence.rivals):
        if len(pair) != 2:
            continue
        first, second = pair
        params = {"first": first.text, "second": second.text}
        for at in pair:
            yield doubt(ReasonCode.WRONG_COMPANY, message=_STRANGER, at=at, params=params)


def alarm_long(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """A period longer than issuers of its kind certify (an end changed into a later year)."""
    begins, ends = evidence.value("valid_from"), evidence.value("valid_until")
    most = {DocumentKind.DECENNIAL_INSURANCE: _YEAR, DocumentKind.A1_CERTIFICATE: _POSTING}
    months = most.get(evidence.kind)
    if months is None or begins is None or ends is None:
        return
    first, last = date.fromisoformat(begins.text), date.fromisoformat(ends.text)
    if last < add_months(first, months) or _runs_on(evidence, first, last):
        return
    params = {"first": begins.text, "second": ends.text}
    for at in (begins, ends):
        yield doubt(ReasonCode.CONTENT_ALARM, message=_LONG, at=at, params=params)


def _runs_on(evidence: Evidence, first: date, last: date) -> bool:
    """Whether the first day is when the contract took effect, years before what is certified."""
    if evidence.kind is not DocumentKind.DECENNIAL_INSURANCE or not _EFFECT.search(evidence.text):
        return False
    joined = (find_dates(match["p"]) for match in _JOINED.finditer(evidence.text))
    return not any([found.day for found in days[:2]] == [first, last] for days in joined)


def alarm_permits(evidence: Evidence, request: ReadRequest) -> Iterator[Finding]:
    """A listed worker whose permit has ended has none (L8251-1)."""
    for at in evidence.permit_ends:
        if date.fromisoformat(at.text) < request.today:
            yield doubt(ReasonCode.EXPIRED, message=_ENDED, rule="L8251-1", at=at,
                        params={"day": at.text})  # fmt: skip


def alarm_age(evidence: Evidence, _request: ReadRequest) -> Iterator[Finding]:
    """An extract cannot be older than what it extracts."""
    issued, registered = evidence.value("issued_on"), evidence.value("registered_on")
    if issued is None or registered is None or evidence.scanned:
        return
    early = date.fromisoformat(registered.text) - date.fromisoformat(issued.text)
    if early > timedelta(0):
        params = {"first": issued.text, "second": registered.text}
        for at in (issued, registered):
            yield doubt(ReasonCode.CONTRADICTION, message=_BORN_LATE, at=at, params=params)


PLAUSIBLE: Sequence[Callable[[Evidence, ReadRequest], Iterator[Finding]]] = (
    alarm_sums, alarm_strangers, alarm_long, alarm_age, alarm_permits,
)  # fmt: skip
