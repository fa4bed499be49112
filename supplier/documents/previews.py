"""Pages as raster images without metadata: what people look at instead of the file."""

from __future__ import annotations

import contextlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from supplier.adapters import images, pdf, pictures
from supplier.adapters.files import store
from supplier.adapters.intake import MediaType
from supplier.documents.models import Preview
from supplier.documents.reading.result import Zone
from supplier.kernel.database import new_id

#: Pages drawn of one paper, and how fine: enough to read, small enough for a telephone.
MAX_PAGES = 12
DPI = 110
MAX_PIXELS = 2_600_000


@dataclass(frozen=True, slots=True)
class Picture:
    """One page drawn: a grey or colour PNG and its size in pixels."""

    page: int
    width: int
    height: int
    png: bytes


def draw(data: bytes, media_type: str, max_pixels: int) -> list[Picture]:
    """The first pages as pictures; none of a file that does not open.

    Runs in the child process, where a file may do its worst. `max_pixels` is the most that a
    handed-in image may hold. An error that is expected must not cost the child its life: a new
    one takes longer to start than a paper to read.
    """
    try:
        if media_type == MediaType.PDF:
            return draw_pages(data)
        pages = islice(images.open_pages(data, max_pixels=max_pixels), MAX_PAGES)
        return [_picture(number, page) for number, page in enumerate(pages, start=1)]
    except (pdf.PdfError, images.UnreadableImageError):
        return []


def draw_pages(data: bytes) -> list[Picture]:
    """The first pages of a PDF as pictures, but for those that cannot be drawn.

    Raises PdfError where the file does not open, for a password too.
    """
    found = []
    with pdf.opened(data) as document:
        for number in range(1, min(len(document), MAX_PAGES) + 1):
            with contextlib.suppress(pdf.PdfError):
                page = pdf.render_page(document, number, dpi=DPI, max_pixels=MAX_PIXELS)
                found.append(_picture(number, page))
    return found


def _picture(number: int, image: Any) -> Picture:
    """A fresh image of the pixels alone: nothing else of the file comes along."""
    clean = image.convert("L" if image.mode in {"1", "L", "I;16"} else "RGB")
    scale = (MAX_PIXELS / (clean.width * clean.height)) ** 0.5
    if scale < 1:
        clean = clean.resize((max(1, int(clean.width * scale)), max(1, int(clean.height * scale))))
    clean.info.clear()
    out = io.BytesIO()
    clean.save(out, "PNG", compress_level=3)
    return Picture(number, clean.width, clean.height, out.getvalue())


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture in the store under its key, and its covered twin where something is covered."""

    picture: Picture
    key: str
    masked_key: str | None = None


def keep(drawn: Sequence[Picture], *, masks: Sequence[Zone] = ()) -> list[KeptPicture]:
    """Put the pictures into the store, sealed; where something is to be covered, twice."""
    found = []
    for one in drawn:
        boxes = [zone.box for zone in masks if zone.page == one.page]
        masked_key = store().put(pictures.covered(one.png, boxes)) if boxes else None
        found.append(KeptPicture(one, store().put(one.png), masked_key))
    return found


def write_down(session: Session, document_id: uuid.UUID, kept: Sequence[KeptPicture]) -> None:
    """Write the rows of kept pictures in the caller's transaction."""
    session.add_all(
        Preview(
            id=new_id(), document_id=document_id, page=one.picture.page,
            width=one.picture.width, height=one.picture.height, file_key=one.key,
            masked_key=one.masked_key,
        )
        for one in kept
    )  # fmt: skip


def discard(kept: Sequence[KeptPicture]) -> None:
    """Remove pictures whose paper was dealt with meanwhile."""
    for one in kept:
        for key in filter(None, (one.key, one.masked_key)):
            store().delete(key)
