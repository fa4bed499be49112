"""From findings to a verdict: refuse what is certain, accept what is confirmed, ask otherwise."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from supplier.documents.kinds import KINDS, Check, DocumentKind, ReasonCode
from supplier.documents.reading.result import Finding, Severity, Verdict

_CODES = frozenset(code.value for code in ReasonCode)
#: These say why other things could not be read: the lack of fields adds nothing to them.
_EXPLAINS = frozenset({ReasonCode.PAGES_MISSING, ReasonCode.ENCRYPTED, ReasonCode.NOT_A_DOCUMENT})


def judge(
    kind: DocumentKind | None, findings: Sequence[Finding], *, passed: Collection[Check]
) -> tuple[Verdict, tuple[ReasonCode, ...]]:
    """The verdict and its reasons.

    Accepted only when nothing was found against the paper and every check that the policy
    demands of its kind has passed. A refusal names certain reasons only.
    """
    refusals = _reasons(findings, Severity.REFUSAL)
    if refusals:
        return Verdict.REFUSE, refusals
    doubts = _reasons(findings, Severity.DOUBT)
    if doubts:
        return Verdict.REVIEW, _told(doubts)
    if any(finding.severity is Severity.DOUBT for finding in findings) or kind is None:
        return Verdict.REVIEW, ()
    if any(finding.code == "no_supplier" for finding in findings):
        return Verdict.REVIEW, ()
    if set(KINDS[kind].checks) <= set(passed) and kind is not DocumentKind.OTHER:
        return Verdict.ACCEPT, ()
    return Verdict.REVIEW, (ReasonCode.UNREADABLE,)


def _reasons(findings: Sequence[Finding], severity: Severity) -> tuple[ReasonCode, ...]:
    found = [
        ReasonCode(finding.code)
        for finding in findings
        if finding.severity is severity and finding.code in _CODES
    ]
    return tuple(dict.fromkeys(found))


def _told(doubts: tuple[ReasonCode, ...]) -> tuple[ReasonCode, ...]:
    if _EXPLAINS & set(doubts):
        return tuple(code for code in doubts if code is not ReasonCode.UNREADABLE)
    return doubts
