"""Give a paper's file to a person, and write down who took it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from supplier.adapters.files import store
from supplier.documents import queries
from supplier.documents.models import Document, Preview
from supplier.documents.sight import Buyers
from supplier.kernel.audit import Actor, record
from supplier.kernel.database import transaction
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_


def show_whole(
    document_id: uuid.UUID, *, page: int, buyers: Buyers, by: Actor, now: datetime
) -> bytes:
    """A page without anything covered, for somebody who asked; written down before it leaves.

    Raises NotFoundError, also where nothing of the page is covered.
    """
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        found = session.scalars(
            select(Preview).where(
                Preview.document_id == document_id,
                Preview.page == page,
                Preview.masked_key.is_not(None),
            )
        ).first()
        if found is None:
            raise NotFoundError(N_("This page does not exist."))
        record(session, "document.uncovered", subject=document, by=by, at=now, data={"page": page})
        return store().get(found.file_key)


def hand_out(
    document_id: uuid.UUID, *, buyers: Buyers, by: Actor, now: datetime
) -> tuple[Document, bytes]:
    """The file exactly as it was handed in, compared with its hash.

    The event is written before the bytes leave. Raises NotFoundError, DamagedFileError.
    """
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        data = queries.original(document)
        record(session, "document.downloaded", subject=document, by=by, at=now)
    return document, data
