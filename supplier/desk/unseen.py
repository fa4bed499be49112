"""What is read or typed again without sight of it: who must not see it yet, and the way out."""

from __future__ import annotations

import re
import uuid

from flask import abort, redirect, url_for

from supplier.bank import queries as bank
from supplier.desk.room import may_decide_on
from supplier.documents import queries
from supplier.documents.models import Document
from supplier.documents.queries import PaperFile
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


#: An account number, in groups or not; what follows it in capitals is covered with it.
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")


def hides_account(file: PaperFile) -> bool:
    """Whether the account number that was read from a paper is not shown as text now.

    The second approver types it from the paper or from the call (SECURITY B7): a number that can
    be copied from a page would make their check none.
    """
    read = file.kept is not None and file.kept.reading.find("iban") is not None
    return read and bank.awaits_second(file.document.supplier_id)


def cover_account(text: str) -> str:
    """A text with its account numbers covered but for the ends, as wide as four groups."""
    return _ACCOUNT.sub(lambda found: f"{found[0][:4]}••••••••{found[0][-4:]}", text)
