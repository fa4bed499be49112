"""What the quality of a picture means for its reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supplier.adapters.images import DefectKind
from supplier.documents.checks_evidence import Evidence
from supplier.documents.findings import doubt, note, refusal
from supplier.documents.kinds import KINDS, ReasonCode
from supplier.documents.reading.result import Finding
from supplier.documents.reading.sources import Page
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box


def spoilt(evidence: Evidence, pages: Sequence[Page]) -> Iterator[Finding]:
    """Light or blur over what the verdict needs: the supplier is told at once to try again."""
    lacking = [name for name in KINDS[evidence.kind].demands if name not in evidence.fields]
    if len(lacking) < 2:
        return
    for page in pages:
        for defect in page.quality.defects if page.quality else ():
            if defect.kind is DefectKind.GLARE:
                yield refusal(ReasonCode.UNREADABLE, at=_Zone(page.text.number, defect.box))
                return


@dataclass(frozen=True, slots=True)
class _Zone:
    page: int
    box: Box


def picture_findings(pages: Sequence[Page], *, pictures: bool) -> Iterator[Finding]:
    """Pages that cannot be read from their picture, with the words for the supplier."""
    for page in pages:
        if page.needs_picture and not pictures:
            yield doubt(
                ReasonCode.UNREADABLE, message=N_("The paper is a scan: a person looks at it.")
            )
            return
        if page.quality is not None and page.quality.too_blurred:
            yield refusal(ReasonCode.UNREADABLE)
            return
        if page.quality is not None and page.quality.defects:
            yield note("quality")
