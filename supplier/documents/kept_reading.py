"""A reading as it is kept: sealed, with what people corrected and who did."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.lifespan import lifespan
from supplier.documents.models import Document
from supplier.documents.reading.result import (
    Reading,
    Value,
    Verdict,
    as_json,
    from_json,
)
from supplier.kernel.crypto import keyring
from supplier.kernel.pages import Source

#: The field that holds the issuer's code, by kind.
CODE_FIELDS = ("verification_code", "security_code", "delivery_number")
#: What is never shown whole: the numbers of work permits.
_PERMIT = "permit_number"


@dataclass(frozen=True, slots=True)
class Correction:
    """A person read it otherwise: what the machine had, who changed it, when (UTC)."""

    field: str
    was: str | None
    by_id: str
    by_name: str
    at: str

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class KeptReading:
    """What the machine read, as people corrected it."""

    reading: Reading
    corrections: Mapping[str, Correction] = field(default_factory=dict)

    def corrected(self, name: str, value: str, correction: Correction) -> KeptReading:
        """The same with one value as a person read it; its place on the page stays."""
        old = self.reading.find(name)
        new = Value(value, old.page if old else 1, old.box if old else None, Source.FORM)
        fields = {**self.reading.fields, name: new}
        if name in self.corrections:
            # What the machine had, not what the last person wrote.
            correction = replace(correction, was=self.corrections[name].was)
        return KeptReading(
            replace(self.reading, fields=fields), {**self.corrections, name: correction}
        )

    def printed(self, name: str) -> tuple[str, ...]:
        """What the machine itself saw on the paper, whatever people wrote in its place."""
        if name in self.corrections:
            was = self.corrections[name].was
            return (was,) if was else ()
        return tuple(value.text for value in self.reading.items(name))


#: Nothing could be read: the child process died or gave up.
UNREAD = Reading(kind=None, fields={}, verdict=Verdict.REFUSE, reasons=(ReasonCode.UNREADABLE,))


def seal(kept: KeptReading, document_id: uuid.UUID) -> bytes:
    """The reading as the row keeps it; it opens only there."""
    data: dict[str, Any] = as_json(kept.reading)
    data["corrections"] = {
        name: [one.was, one.by_id, one.by_name, one.at] for name, one in kept.corrections.items()
    }
    return keyring().seal_text(json.dumps(data), context=_context(document_id))


def find_kept(document: Document) -> KeptReading | None:
    """The reading of a paper, or None while it was not read. Raises SealBrokenError."""
    if document.reading is None:
        return None
    data = json.loads(keyring().open_text(document.reading, context=_context(document.id)))
    corrections = {
        name: Correction(name, *values) for name, values in data.pop("corrections", {}).items()
    }
    return KeptReading(from_json(data), corrections)


def _context(document_id: uuid.UUID) -> str:
    return f"document.reading:{document_id}"


def write_down(document: Document, kept: KeptReading) -> None:
    """Put the reading and what follows from it (kind, dates, code) on the row."""
    found = kept.reading
    document.reading = seal(kept, document.id)
    document.kind = found.kind.value if found.kind else None
    document.page_count = found.pages or document.page_count
    document.code_index = code_index(found)
    write_dates(document, found)


def write_dates(document: Document, found: Reading) -> None:
    """The dates of the paper, from the values and the rule of its kind."""
    dates = lifespan(found.kind, lambda name: day_of(found, name))
    document.issued_on, document.situation_on = dates.issued_on, dates.situation_on
    document.valid_from, document.valid_until = dates.valid_from, dates.valid_until
    if found.valid_until is not None and document.valid_until is not None:
        # The reader saw more than the dates: a provisional certificate ends earlier.
        document.valid_until = min(document.valid_until, found.valid_until)


def day_of(found: Reading, name: str) -> date | None:
    """A date field, or None when it was not read or is no date."""
    try:
        return found.day(name)
    except ValueError:
        return None


def code_index(found: Reading) -> str | None:
    """A keyed digest of the issuer's code: to see it again at another supplier, not to read it."""
    for name in CODE_FIELDS:
        code = found.text(name)
        if code:
            return keyring().index(code.upper(), purpose="issuer-code")
    return None


def kind_of(document: Document) -> DocumentKind | None:
    """The kind of a paper as its own word, or None while it is not known."""
    return DocumentKind(document.kind) if document.kind else None


def for_requirement(document: Document) -> bool:
    """Whether a paper without a kind of its own counts by the requirement it was handed in for."""
    wanted = document.expected_kind
    return document.kind == DocumentKind.OTHER and bool(wanted) and wanted not in set(DocumentKind)


def masked(value: Value) -> str:
    """A value for a page: work permit numbers keep their last three characters only."""
    if isinstance(value.value, str):
        return value.value
    shown = {
        name: mask_permit(text) if name == _PERMIT else text for name, text in value.value.items()
    }
    return " · ".join(text for text in shown.values() if text)


def mask_permit(number: str) -> str:
    return "•••• " + number[-3:] if len(number) > 3 else "••••"
