"""What the structure of a file means: what is really shown, and what was tampered with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.result import FieldValue, Finding
from supplier.documents.reading.sources import Gathered
from supplier.kernel.pages import PageText


@dataclass(frozen=True, slots=True)
class Shown:
    """What the file really shows, and the findings of its structure."""

    findings: Sequence[Finding] = ()

    def visible(self, page: PageText) -> PageText:
        return page

    def fields(
        self, kind: DocumentKind, fields: Mapping[str, FieldValue]
    ) -> Mapping[str, FieldValue]:
        return {}


def structure_findings(data: bytes, media_type: str, gathered: Gathered) -> Shown:
    """Inspect the structure of a PDF; nothing to say of pictures."""
    return Shown()
