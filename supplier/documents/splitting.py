"""A file that holds several papers, cut into one file for each. Runs in the child process."""

from __future__ import annotations

import io
from collections.abc import Sequence

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.result import Reading, Segment

#: More papers in one file than this are not taken apart by the machine.
MAX_PARTS = 20


def parts_of(found: Reading) -> tuple[Segment, ...]:
    """The papers to take out of a file; empty when it is one paper.

    Covering letters and conditions of sale around a single paper do not make it several.
    """
    papers = tuple(part for part in found.segments if part.kind is not DocumentKind.OTHER)
    return papers if 1 < len(papers) <= MAX_PARTS else ()


def cut(data: bytes, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """One PDF for each (first page, last page), from 1, inclusive.

    The same input gives the same bytes. Raises pikepdf.PdfError for a file that does not open.
    """
    import pikepdf

    parts: list[bytes] = []
    with pikepdf.open(io.BytesIO(data)) as whole:
        for first, last in ranges:
            with pikepdf.new() as part:
                part.pages.extend(whole.pages[first - 1 : last])
                out = io.BytesIO()
                part.save(out, deterministic_id=True)
                parts.append(out.getvalue())
    return parts
