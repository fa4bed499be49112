"""How many papers are read before each one that waits: a place in the queue promises no time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from supplier.adapters import queue
from supplier.documents.intake import READ_TASK
from supplier.kernel.database import reading


def places_of(supplier_id: uuid.UUID) -> Mapping[uuid.UUID, int]:
    """For each paper of a supplier that waits to be read, how many come before it; one statement.

    Those of others count as well. A paper whose turn has come has none before it.
    """
    with reading() as session:
        found = queue.places(session, READ_TASK, lane=supplier_id)
    return {uuid.UUID(payload["document_id"]): ahead for payload, ahead in found}
