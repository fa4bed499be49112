"""Give a paper's file to a person, and write down who took it."""

from __future__ import annotations

import uuid
from datetime import datetime

from supplier.documents import queries
from supplier.documents.models import Document
from supplier.documents.sight import Buyers
from supplier.kernel.audit import Actor, record
from supplier.kernel.database import transaction


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
