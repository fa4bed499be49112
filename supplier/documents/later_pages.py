"""The pages of a long paper that were not drawn when it was read: batch by batch, by the worker."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.documents import apart, previews, queries
from supplier.documents.kept_reading import find_kept
from supplier.documents.models import Document, Preview
from supplier.documents.states import State
from supplier.kernel.database import reading, transaction
from supplier.settings import Settings

#: The job that draws a batch of pages.
DRAW_TASK = "draw_pages"


def ask_to_draw(
    session: Session, document: Document, *, drawn: int, now: datetime, settings: Settings
) -> None:
    """Leave the job that draws what follows on page `drawn`, where something does."""
    unknown = document.page_count is None
    if drawn >= last_page(document, settings) or (unknown and drawn < previews.BATCH):
        return
    payload = {"document_id": str(document.id), "first": drawn + 1}
    queue.defer(session, DRAW_TASK, now=now, payload=payload, lane=document.supplier_id)


def last_page(document: Document, settings: Settings) -> int:
    """The last page that is drawn: of a file whose pages nobody counted, as many as are read."""
    limit = settings.upload_max_pages
    return min(document.page_count or limit, limit)


def draw_later(document_id: uuid.UUID, *, first: int, now: datetime, settings: Settings) -> None:
    """Draw a batch of pages from `first` on and ask for the next; a second run changes nothing."""
    with reading() as session:
        document = session.get(Document, document_id)
    if document is None or document.state == State.ERASED:
        return
    kept = _drawn(document, first, settings)
    try:
        with transaction() as session:
            row = session.scalars(
                select(Document).where(Document.id == document_id).with_for_update(key_share=True)
            ).one()
            there = set(session.scalars(
                select(Preview.page).where(Preview.document_id == document_id)
            ))  # fmt: skip
            fresh = row.state != State.ERASED and not there & {one.picture.page for one in kept}
            if fresh:
                previews.write_down(session, document_id, kept)
                if kept or row.page_count:
                    pages = [one.picture.page for one in kept]
                    drawn = max(pages, default=first + previews.BATCH - 1)
                    ask_to_draw(session, row, drawn=drawn, now=now, settings=settings)
    except BaseException:
        previews.discard(kept)
        raise
    if not fresh:
        previews.discard(kept)


def _drawn(document: Document, first: int, settings: Settings) -> list[previews.KeptPicture]:
    """The pictures in the store, covered where the reading says so."""
    data, known = queries.original(document), find_kept(document)
    painter = apart.start(
        previews.draw, data, document.media_type, settings.upload_max_pixels, first
    )
    last = last_page(document, settings)
    pictures = [one for one in apart.find_answer(painter) or [] if one.page <= last]
    return previews.keep(pictures, masks=known.reading.masks if known else ())


def draw_task(settings: Settings, payload: Mapping[str, Any], now: datetime) -> None:
    """The job `draw_pages`: a batch of one paper."""
    draw_later(
        uuid.UUID(payload["document_id"]), first=payload["first"], now=now, settings=settings
    )
