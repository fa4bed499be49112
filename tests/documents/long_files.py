"""Files of many pages."""

from __future__ import annotations

import io

import pikepdf


def repeated(paper: bytes, pages: int) -> bytes:
    """The first page of a paper as many times as asked."""
    whole = pikepdf.new()
    with pikepdf.open(io.BytesIO(paper)) as part:
        for _ in range(pages):
            whole.pages.append(part.pages[0])
        out = io.BytesIO()
        whole.save(out)
    return out.getvalue()
