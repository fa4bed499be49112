"""What the quality of a picture means for its reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supplier.adapters.images import DefectKind, Quality
from supplier.documents.checks_evidence import Evidence
from supplier.documents.findings import doubt, note, refusal
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.result import Finding
from supplier.documents.reading.sources import Page
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, Source

#: Statements that people fill in, and what they write there that decides.
_FILLED_IN = frozenset({DocumentKind.FOREIGN_WORKERS_NONE, DocumentKind.FOREIGN_WORKERS_LIST})
_WRITTEN = ("signatory", "signed_on", "siren", "company_name")
#: Print is read with more confidence than this.
PRINTED = 0.4
BLURRED = N_(
    "The photo is too blurred to be read. Take it again: hold still, in good light, and check that "
    "the smallest print is sharp. The original PDF is better still."
)
DAZZLED = N_(
    "Light hides part of the page. Take the photo again without a lamp or the sun on it, or hand "
    "in the original PDF."
)
HANDWRITTEN = N_("This seems to be written by hand: a person reads it.")


def spoilt(evidence: Evidence, pages: Sequence[Page]) -> Iterator[Finding]:
    """Light over what the verdict needs: the supplier is told at once to try again, and where."""
    lacking = [name for name in KINDS[evidence.kind].demands if name not in evidence.fields]
    if len(lacking) < 2:
        return
    for page in pages:
        for defect in page.quality.defects if page.quality else ():
            if defect.kind is DefectKind.GLARE:
                place = _Zone(page.text.number, defect.box)
                yield refusal(ReasonCode.UNREADABLE, message=DAZZLED, at=place)
                return


def by_hand(evidence: Evidence) -> Iterator[Finding]:
    """What somebody wrote by hand on a statement is guessed at: a person reads it.

    Print on the scans of the corpus is read with 0.49 and more where it decides; handwriting
    with 0.2 and less.
    """
    if evidence.kind not in _FILLED_IN:
        return
    for name in _WRITTEN:
        value = evidence.value(name)
        if value and value.source is Source.OCR and value.confidence < PRINTED:
            yield doubt(ReasonCode.UNREADABLE, message=HANDWRITTEN, at=value)
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
            place = _Zone(page.text.number, _most_blurred(page.quality))
            yield refusal(ReasonCode.UNREADABLE, message=BLURRED, at=place)
            return
        if page.quality is not None and page.quality.defects:
            yield note("quality")


def _most_blurred(quality: Quality) -> Box:
    """The largest blurred zone, or the whole page."""
    zones = [one.box for one in quality.defects if one.kind is DefectKind.BLUR]
    whole = Box(0.0, 0.0, 1.0, 1.0)
    return max(zones, key=lambda box: (box.x1 - box.x0) * (box.bottom - box.top), default=whole)
