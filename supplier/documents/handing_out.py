"""Give a paper's file to a person, and write down who took it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from supplier.adapters.files import store
from supplier.documents import queries
from supplier.documents.models import Document, IssuerCheck, Preview
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


def hand_out_capture(
    document_id: uuid.UUID, check_id: uuid.UUID, *, buyers: Buyers, by: Actor, now: datetime
) -> bytes:
    """The capture of the issuer's page kept with a check of this paper, compared with its hash.

    Raises NotFoundError, also for a check of another paper or one without a capture, and
    DamagedFileError.
    """
    with transaction() as session:
        document = queries.get_in(session, document_id, buyers)
        check = session.get(IssuerCheck, check_id)
        if check is None or check.document_id != document_id or check.capture_key is None:
            raise NotFoundError(N_("This page does not exist."))
        data = store().get(check.capture_key, sha256=check.capture_sha256)
        record(
            session, "document.capture_taken", subject=document, by=by, at=now,
            data={"check": str(check_id)},
        )  # fmt: skip
    return data
