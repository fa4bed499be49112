"""Alarms: what speaks against a paper itself, and must be seen by whoever accepts it; pure."""

from __future__ import annotations

from supplier.documents.kept_reading import KeptReading
from supplier.documents.kinds import ReasonCode
from supplier.documents.models import Document
from supplier.documents.reading.result import Severity
from supplier.documents.states import IssuerAnswer
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

#: Not about the picture or the date: the paper may be false, somebody else's, or say a bad thing.
ALARMING = frozenset(
    {
        ReasonCode.TAMPERED, ReasonCode.SIGNATURE_BROKEN, ReasonCode.CHECKSUM_INVALID,
        ReasonCode.WRONG_COMPANY, ReasonCode.CONTRADICTION, ReasonCode.CONTENT_ALARM,
        ReasonCode.NEGATIVE_STATEMENT, ReasonCode.STRUCK_OFF, ReasonCode.INSOLVENCY,
    }
)  # fmt: skip
#: The issuer was asked and did not confirm the paper.
NOT_CONFIRMED = "not_confirmed"


def alarms_of(document: Document, kept: KeptReading | None) -> tuple[str, ...]:
    """The codes of a paper's alarms, the gravest source first, each once; empty for none.

    From what was found on it (a note is no alarm), the reasons that it stands under, and the
    issuer's answer.
    """
    findings = kept.reading.findings if kept else ()
    codes = [one.code for one in findings if one.severity is not Severity.NOTE]
    said = [code for code in (*codes, *document.reasons) if code in ALARMING]
    if document.authenticity == IssuerAnswer.FAILED:
        said.insert(0, NOT_CONFIRMED)
    return tuple(dict.fromkeys(said))


def check_alarms(alarms: tuple[str, ...], *, were_seen: bool) -> None:
    """Raises AlarmError while there are alarms that the person did not say to have seen."""
    if alarms and not were_seen:
        raise AlarmError(N_("This paper bears an alarm: confirm that you accept it all the same."))


class AlarmError(DomainError):
    """The paper bears alarms: whoever accepts it must say that they saw them."""
