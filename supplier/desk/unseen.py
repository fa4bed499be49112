"""What is read again without sight of the machine: who must not see it yet, and the way out."""

from __future__ import annotations

import uuid

from flask import abort, redirect, url_for

from supplier.desk.room import may_decide_on
from supplier.documents import queries
from supplier.documents.models import Document
from supplier.web import context


def is_blind(document: Document) -> bool:
    """Whether this visitor is to read the paper again, and may not see what the machine had."""
    mine = document.received_by_id == context.visitor().user_id
    return may_decide_on(document) and not mine and queries.waits_blind(document)


def here(document_id: uuid.UUID) -> str:
    """The address of the second reading of a paper."""
    return url_for("desk_second_reading.show", document_id=document_id)


def turn_away(document: Document) -> None:
    """Send who is to read a paper blind to its second reading, whatever was asked.

    First it is read again: so an error of the machine is counted, and nothing of its reading is
    seen before. Ends the request where it sends away.
    """
    if is_blind(document):
        abort(redirect(here(document.id), 303))
