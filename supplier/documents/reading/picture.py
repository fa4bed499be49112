"""What the quality of a picture means for its reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from supplier.documents.findings import doubt, note, refusal
from supplier.documents.kinds import ReasonCode
from supplier.documents.reading.result import Finding
from supplier.documents.reading.sources import Page
from supplier.kernel.i18n import N_


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
