"""The receipt tells each file as it stands now; a decided paper is never "being read"."""

from __future__ import annotations

import io
from datetime import date

import pytest

from supplier.documents.models import Document
from supplier.documents.states import State
from supplier.kernel.database import transaction
from tests.documents.hands import urssaf
from tests.portal.conftest import Portal
from tests.portal.test_deposit import plain


def receipt_of(page: str) -> str:
    """The receipt beside the cards, without what stands elsewhere on the page."""
    start = page.index('class="v-sheet v-receipt"')
    return page[start : page.index("</ul>", start)]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.RECEIVED, "En lecture"), (State.IN_REVIEW, "Une personne regarde"),
        (State.ACCEPTED, "Acceptée"), (State.REFUSED, "Refusée"),
        (State.UNREADABLE, "Illisible"), (State.WITHDRAWN, "Retirée"),
        (State.SUPERSEDED, "Remplacée"),
    ],
)  # fmt: skip
def test_the_receipt_shows_the_state_of_each_file(portal: Portal, state: State, words: str) -> None:
    portal.upload((io.BytesIO(urssaf(date(2026, 5, 4))), "u.pdf"))
    [row] = portal.papers()
    with transaction() as session:
        session.get_one(Document, row.id).state = state
    beside = receipt_of(plain(portal.alice.get("/portal/deposit/")))
    whole = plain(portal.alice.get("/portal/papers/receipts/2026-11-23"))
    for told in (beside, whole[whole.index("u.pdf") :]):
        assert words in told
        assert ("En lecture" in told) == (state is State.RECEIVED)
