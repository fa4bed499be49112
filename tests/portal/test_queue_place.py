"""What waits to be read says how many papers come before it, and promises no time."""

from __future__ import annotations

import io
from datetime import date, timedelta

from supplier.adapters import queue
from supplier.adapters.queue import Job
from supplier.documents.intake import READ_TASK
from supplier.documents.waiting import places_of
from supplier.kernel.database import transaction
from tests.documents.hands import urssaf
from tests.portal.conftest import Portal
from tests.portal.test_deposit import plain, statements_of


def hand_in(portal: Portal, number: int) -> None:
    portal.upload(
        *[(io.BytesIO(urssaf(date(2026, 10, 1 + one))), f"u{one}.pdf") for one in range(number)]
    )


def card(portal: Portal, name: str) -> str:
    [row] = [one for one in portal.papers() if one.original_name == name]
    return plain(portal.alice.get(f"/portal/deposit/card/{row.id}"))


def first_jobs(portal: Portal, number: int) -> list[Job]:
    """The next papers are read."""
    found = []
    now = portal.hands.make.clock.at + timedelta(hours=1)
    while len(found) < number:
        with transaction() as session:
            [job] = queue.claim(session, now=now)
            queue.finish(session, job.id, now=now)
        found += [job] if job.task == READ_TASK else []
    return found


def test_each_card_says_how_many_papers_come_before_it_and_no_time(portal: Portal) -> None:
    hand_in(portal, 4)
    assert "C’est le tour de cette pièce." in card(portal, "u0.pdf")
    assert "1 pièce avant celle-ci." in card(portal, "u1.pdf")
    assert "3 pièces avant celle-ci." in card(portal, "u3.pdf")
    page = plain(portal.alice.get("/portal/deposit/")) + plain(portal.alice.get("/portal/"))
    [last] = [one for one in portal.papers() if one.original_name == "u3.pdf"]
    assert "3 pièces avant celle-ci." in plain(portal.alice.get(f"/portal/papers/{last.id}"))
    assert statements_of(portal, f"/portal/papers/{last.id}") <= 12
    assert "secondes" not in page
    assert "tout de suite" not in page


def test_the_place_comes_nearer_as_papers_are_read(portal: Portal) -> None:
    hand_in(portal, 4)
    first_jobs(portal, 2)
    assert "1 pièce avant celle-ci." in card(portal, "u3.pdf")


def test_papers_of_others_in_the_queue_count_and_are_not_told(portal: Portal) -> None:
    stranger = portal.hands.stranger()
    now = portal.hands.make.clock.at
    with transaction() as session:
        for _ in range(2):
            queue.defer(
                session, READ_TASK, now=now - timedelta(minutes=1), lane=stranger.id,
                payload={"document_id": str(stranger.id)},
            )  # fmt: skip
        queue.defer(session, "refresh", now=now - timedelta(minutes=1), payload={})
    hand_in(portal, 1)
    [row] = portal.papers()
    assert places_of(portal.hands.alpha.id) == {row.id: 2}
    assert "2 pièces avant celle-ci." in card(portal, "u0.pdf")
