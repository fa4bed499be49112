"""Earlier versions of a PDF that was written on: the pages that showed something else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters import pdf, pictures
from supplier.adapters.files import store
from supplier.adapters.intake import MediaType
from supplier.documents import apart
from supplier.documents.models import EarlierPage
from supplier.documents.previews import MAX_PIXELS, Picture, draw, draw_pages
from supplier.documents.reading.forensics_revisions import revisions
from supplier.documents.reading.layout import Sheet
from supplier.documents.reading.personal import zones
from supplier.documents.reading.result import Reading, Zone
from supplier.kernel.database import new_id, reading
from supplier.kernel.pages import Box

#: Versions looked at, the latest first: signing and filling in forms change nothing that is seen.
MOST_VERSIONS = 4


@dataclass(frozen=True, slots=True)
class Earlier:
    """A page of an earlier version (from 1, the oldest), covered; where the last differs."""

    version: int
    picture: Picture
    changes: tuple[Box, ...]


def draw_earlier(data: bytes, masks: Sequence[Zone]) -> list[Earlier]:
    """The pages of the latest earlier version that shows something else than the last.

    Runs in the child process. Nothing when every version looks the same.
    """
    ends = revisions(data).ends
    if len(ends) < 2:
        return []
    last = {one.page: one for one in draw(data, MediaType.PDF, MAX_PIXELS)}
    for version in range(len(ends) - 1, max(0, len(ends) - 1 - MOST_VERSIONS), -1):
        found = list(_differing(data[: ends[version - 1]], last, version=version))
        if found:
            return [_covered(one, data[: ends[version - 1]], masks) for one in found]
    return []


def _differing(before: bytes, last: dict[int, Picture], *, version: int) -> list[Earlier]:
    try:
        pages = draw_pages(before)
    except pdf.PdfError:
        # An update may complete what could not be opened before: there is nothing to compare.
        return []
    found = []
    for page in pages:
        now = last.get(page.page)
        whole = [Box(0.0, 0.0, 1.0, 1.0)]
        changes = pictures.changed_places(page.png, now.png) if now else whole
        if changes:
            found.append(Earlier(version, page, tuple(changes)))
    return found


def _covered(one: Earlier, before: bytes, masks: Sequence[Zone]) -> Earlier:
    """The page with everything covered that is covered on the last, and its own besides."""
    own = zones([Sheet(pdf.read_page(before, one.picture.page).text)])
    boxes = [zone.box for zone in (*masks, *own) if zone.page == one.picture.page]
    if not boxes:
        return one
    picture = one.picture
    png = pictures.covered(picture.png, boxes)
    return Earlier(
        one.version, Picture(picture.page, picture.width, picture.height, png), one.changes
    )


def look_back(data: bytes, media_type: str, found: Reading | None) -> list[tuple[Earlier, str]]:
    """Draw in a child what an earlier version showed; gives each page with its key in the store."""
    making = found.making if found else None
    if media_type != MediaType.PDF or making is None or making.versions < 2:
        return []
    assert found is not None
    pages = apart.find_answer(apart.start(draw_earlier, data, found.masks)) or []
    return [(page, store().put(page.picture.png)) for page in pages]


def write_down(
    session: Session, document_id: uuid.UUID, kept: Sequence[tuple[Earlier, str]]
) -> None:
    """Write the rows of kept pages in the caller's transaction."""
    session.add_all(
        EarlierPage(
            id=new_id(), document_id=document_id, version=one.version, page=one.picture.page,
            width=one.picture.width, height=one.picture.height, file_key=key,
            changes=[[box.x0, box.top, box.x1, box.bottom] for box in one.changes],
        )
        for one, key in kept
    )  # fmt: skip


def list_earlier(document_id: uuid.UUID) -> list[EarlierPage]:
    """The kept pages of an earlier version of a paper, in their order; one statement."""
    with reading() as session:
        query = select(EarlierPage).where(EarlierPage.document_id == document_id)
        return list(session.scalars(query.order_by(EarlierPage.page)))


def discard(kept: Sequence[tuple[Earlier, str]]) -> None:
    """Remove pages whose paper was dealt with meanwhile."""
    for _, key in kept:
        store().delete(key)
