"""Pages as raster images without metadata: what people look at instead of the file."""

from __future__ import annotations

import contextlib
import io
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from supplier.adapters import images, pdf, pictures
from supplier.adapters.files import store
from supplier.adapters.intake import MediaType
from supplier.adapters.sandbox import cpu_left
from supplier.documents.models import Preview
from supplier.documents.reading.result import Zone
from supplier.kernel.database import new_id

#: Pages drawn at once, and how fine: enough to read, small enough for a telephone.
BATCH = 12
#: A child that has less CPU left draws no further page: those drawn are not to be lost with it.
SPARE_SECONDS = 8.0
DPI = 110
MAX_PIXELS = 2_600_000


@dataclass(frozen=True, slots=True)
class Picture:
    """One page drawn: a grey or colour PNG and its size in pixels."""

    page: int
    width: int
    height: int
    png: bytes


def draw(data: bytes, media_type: str, max_pixels: int, first: int = 1) -> list[Picture]:
    """A batch of pages from `first` on as pictures; none of a file that does not open.

    Runs in the child process, where a file may do its worst. `max_pixels` is the most that a
    handed-in image may hold. An error that is expected must not cost the child its life: a new
    one takes longer to start than a paper to read.
    """
    try:
        if media_type == MediaType.PDF:
            return draw_pages(data, first)
        whole = images.open_pages(data, max_pixels=max_pixels, max_frames=sys.maxsize)
        pages = islice(whole, first - 1, first - 1 + BATCH)
        return [_picture(number, page) for number, page in enumerate(pages, start=first)]
    except (pdf.PdfError, images.UnreadableImageError):
        return []


def draw_pages(data: bytes, first: int = 1) -> list[Picture]:
    """A batch of pages of a PDF as pictures, but for those that cannot be drawn.

    Raises PdfError where the file does not open, for a password too.
    """
    found: list[Picture] = []
    with pdf.opened(data) as document:
        for number in range(first, min(len(document), first + BATCH - 1) + 1):
            if found and cpu_left() < SPARE_SECONDS:
                break
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
