"""Which waiting papers are obvious: a person may accept several of them with one press."""

from __future__ import annotations

from supplier.documents.kept_reading import KeptReading, kind_of
from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.lifespan import Lifespan, missing_date
from supplier.documents.models import Document
from supplier.documents.reading.result import Severity, Value
from supplier.documents.states import State

#: Doubts about the picture, not about what the paper says.
TRIVIAL = frozenset({"scan", "quality", "later_date", "embedded", "bank_code_unlike"})
#: A value read with less than this is looked at on the page.
SURE = 0.8


def is_obvious(document: Document, kept: KeptReading | None) -> bool:
    """Everything its kind demands was read with confidence and nothing speaks against it.

    Only the picture sent it to a person. Never a contested paper, a sampled decision, a reason
    that the machine gave, or bank details: an account is worth a look of its own.
    """
    kind = kind_of(document)
    if document.state != State.IN_REVIEW or kept is None or kind is None:
        return False
    if document.contested_at or document.sampled_at or document.reasons:
        return False
    if kind in {DocumentKind.BANK_DETAILS, DocumentKind.OTHER}:
        return False
    return _dates_known(document, kind) and _doubts_trivial(kept) and _all_sure(kept, kind)


def _dates_known(document: Document, kind: DocumentKind) -> bool:
    dates = Lifespan(
        document.issued_on, document.situation_on, document.valid_from, document.valid_until
    )
    return missing_date(kind, dates) is None


def _doubts_trivial(kept: KeptReading) -> bool:
    return all(
        finding.severity is Severity.NOTE or finding.code in TRIVIAL
        for finding in kept.reading.findings
    )


def _all_sure(kept: KeptReading, kind: DocumentKind) -> bool:
    for name in KINDS[kind].demands:
        found = kept.reading.fields.get(name)
        values = (found,) if isinstance(found, Value) else (found or ())
        if not values or any(value.confidence < SURE for value in values):
            return False
    return True
