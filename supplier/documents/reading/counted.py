"""A second count of the people on a list: the ruled tables as pdfplumber sees them.

Whoever is left out of a list is what the law asks the buyer to know (article D8254-2 of the Labour
Code), so the rows that our own columns gave are counted again by another reader of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supplier.adapters import pdf
from supplier.documents.checks_evidence import Evidence
from supplier.documents.findings import doubt
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.dates import first_date
from supplier.documents.reading.result import Finding
from supplier.documents.reading.sources import Page
from supplier.documents.reading.text import fold
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box

UNREAD_ROWS = N_(
    "The table seems to hold %(rows)s people, and %(read)s were read: a person compares."
)
UNCOUNTED = N_("The people on this list could not be counted: a person does.")
_ORDER_NUMBER = re.compile(r"(?=.*\d{4})[a-z0-9]{8,14}")


def unread_rows(data: bytes, evidence: Evidence, pages: Sequence[Page]) -> Iterator[Finding]:
    """A doubt where the ruled tables of a list's own pages hold more people than were read."""
    if evidence.kind is not DocumentKind.FOREIGN_WORKERS_LIST or evidence.scanned:
        return
    value = evidence.fields.get("workers")
    read = len(value) if isinstance(value, tuple) else 0
    try:
        rows = [place for page in pages for place in _people(data, page.text.number)]
    except pdf.PdfError:
        yield doubt(ReasonCode.UNREADABLE, message=UNCOUNTED)
        return
    if len(rows) > read:
        params = {"rows": str(len(rows)), "read": str(read)}
        yield doubt(ReasonCode.UNREADABLE, message=UNREAD_ROWS, at=rows[-1], params=params)


@dataclass(frozen=True, slots=True)
class _Place:
    page: int
    box: Box


def _people(data: bytes, number: int) -> Iterator[_Place]:
    """The rows that hold a day of hiring and the number of a permit."""
    for table in pdf.tables(data, number):
        for row in table:
            folded = [fold(text) for text, _ in row]
            if any(map(first_date, folded)) and any(map(_is_order_number, folded)):
                yield _Place(number, Box(
                    min(box.x0 for _, box in row), min(box.top for _, box in row),
                    max(box.x1 for _, box in row), max(box.bottom for _, box in row),
                ))  # fmt: skip


def _is_order_number(text: str) -> bool:
    return bool(_ORDER_NUMBER.fullmatch(re.sub(r"\s", "", text)))
