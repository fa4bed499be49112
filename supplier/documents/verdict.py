"""From findings to a verdict: refuse what is certain, accept what is confirmed, ask otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from supplier.documents.findings import doubt
from supplier.documents.kinds import KINDS, Check, DocumentKind, ReasonCode
from supplier.documents.reading.result import Finding, Severity, Verdict
from supplier.kernel.i18n import N_

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


_MISSED: Mapping[Check, str] = {
    Check.KIND: N_("It could not be told what kind of paper this is."),
    Check.COMPANY_SIREN: N_("The company number was not found on the paper."),
    Check.COMPANY_NAME: N_("The company's name was not found on the paper."),
    Check.DATE: N_("The date that decides was not found on the paper."),
    Check.CODE: N_("The issuer's control code was not found on the paper."),
    Check.COMPLETE: N_("It could not be told whether all pages are there."),
    Check.IBAN: N_("The account number was not found on the paper."),
    Check.STATEMENT: N_("The sentence by which the paper certifies its matter was not recognised."),
    Check.SIGNATORY: N_("It was not found who signs the paper."),
    Check.WORKERS: N_("The list of workers could not be read in full."),
    Check.AMOUNT: N_("The total of the invoice was not found."),
}


def explained(
    kind: DocumentKind | None, findings: Sequence[Finding], *, verdict: Verdict,
    passed: Collection[Check],
) -> tuple[Finding, ...]:  # fmt: skip
    """The findings, with what was not established where nothing else says why a person is asked."""
    told = any(f.severity is not Severity.NOTE or f.code == "no_supplier" for f in findings)
    if verdict is Verdict.ACCEPT or told:
        return tuple(findings)
    if kind in {None, DocumentKind.OTHER}:
        return (*findings, doubt(ReasonCode.WRONG_KIND, message=_MISSED[Check.KIND]))
    missed = [check for check in KINDS[kind].checks if check not in passed]
    more = [doubt(ReasonCode.UNREADABLE, message=_MISSED[check]) for check in missed]
    return (*findings, *more)


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
