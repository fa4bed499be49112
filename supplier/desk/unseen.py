"""What is read or typed again without sight of it: who must not see it yet, and the way out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from flask import abort, redirect, url_for

from supplier.bank import queries as bank
from supplier.desk.room import may_decide_on
from supplier.documents import queries
from supplier.documents.models import Document
from supplier.documents.queries import PaperFile
from supplier.documents.sight import shows_account
from supplier.kernel.identifiers import Iban
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


#: What stands between the groups of a number.
_GAP = r"[\s.\-_/\u2013\u00b7\u00a0\u2009\u202f]{0,3}"
#: What may be an IBAN, wherever it begins: also glued to its label, in lower case, with hyphens.
_IBAN = re.compile(
    rf"(?=([A-Z]{{2}}{_GAP}\d{{2}}(?:{_GAP}[A-Z0-9]){{11,30}}))", re.IGNORECASE | re.ASCII
)
#: The same account as banks in France write it without country: bank, branch, account, key.
_RIB = re.compile(
    rf"(?<![A-Z0-9])\d{{5}}{_GAP}\d{{5}}{_GAP}(?:[A-Z0-9]{_GAP}){{11}}\d{{2}}(?![A-Z0-9])",
    re.IGNORECASE | re.ASCII,
)
#: A number that was misread does not hold; with so many figures it is an account all the same.
_MANY_FIGURES = 10


def withholds_original(file: PaperFile) -> bool:
    """Whether the file itself stays here now: its text layer holds the number to be typed.

    To everybody, as the pages do: what one validator takes, another is shown. (SECURITY B7)
    """
    papers = (file.document, *file.parts)
    shows = reads_account(file) or any(shows_account(one) for one in papers)
    return shows and bank.awaits_second(file.document.supplier_id)


def reads_account(file: PaperFile) -> bool:
    """Whether an account number was read from a paper."""
    return file.kept is not None and file.kept.reading.find("iban") is not None


def hides_account(file: PaperFile) -> bool:
    """Whether the account number that was read from a paper is not shown as text now.

    The second approver types it from the paper or from the call (SECURITY B7): a number that can
    be copied from a page would make their check none.
    """
    return reads_account(file) and bank.awaits_second(file.document.supplier_id)


def cover_account(text: str) -> str:
    """A text with its account numbers covered but for the ends, as wide as four groups."""
    for size in (_whole, _misread):
        text = _cover(text, size)
    return _RIB.sub(lambda found: _hidden(found[0]), text)


def _cover(text: str, size: Callable[[str], int]) -> str:
    parts, done = [], 0
    for found in _IBAN.finditer(text):
        end = size(found[1]) if found.start() >= done else 0
        if end:
            parts += [text[done : found.start()], _hidden(found[1][:end])]
            done = found.start() + end
    return "".join([*parts, text[done:]])


def _whole(run: str) -> int:
    """How much of what follows a country and its key is an IBAN that holds; 0 for none."""
    ends = (at for at in range(len(run), 14, -1) if run[at - 1].isalnum())
    return next((at for at in ends if Iban.try_parse(run[:at])), 0)


def _misread(run: str) -> int:
    """The same for one that does not hold: up to its last word with a figure in it."""
    figures = [at for at, letter in enumerate(run) if letter.isdigit()]
    if len(figures) < _MANY_FIGURES or not run[2].isdigit():
        # "du 2 novembre": a word before a day is no country with its key.
        return 0
    tail = re.match(r"\w*", run[figures[-1] :], re.ASCII)
    return figures[-1] + (tail.end() if tail else 1)


def _hidden(number: str) -> str:
    compact = "".join(letter for letter in number if letter.isalnum())
    return f"{compact[:4]}••••••••{compact[-4:]}"
