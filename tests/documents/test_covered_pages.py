"""Pages are shown covered; whoever may lifts the boxes, and the journal keeps it."""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from supplier.accounts.permissions import Role
from supplier.adapters import files
from supplier.documents.keeping import erase
from supplier.documents.models import Preview
from supplier.kernel.audit import Event
from supplier.kernel.database import db, reading, transaction
from tests.documents.hands import Hands
from tests.documents.reading.test_personal import BODY, NIR, a1, independent, kbis, workers

Browse = Callable[[uuid.UUID], FlaskClient]


def preview_of(document_id: uuid.UUID) -> Preview:
    with reading() as session:
        return session.scalars(select(Preview).where(Preview.document_id == document_id)).one()


def black(png: bytes) -> float:
    """The share of black pixels."""
    with Image.open(io.BytesIO(png)) as image:
        return image.convert("L").histogram()[0] / (image.width * image.height)


@pytest.fixture(params=[independent, workers, a1, kbis])
def paper(request: pytest.FixtureRequest, hands: Hands) -> uuid.UUID:
    hands.make.engagement(hands.alpha, hands.make.buyer())
    return hands.hand_in(request.param()).document.id


def uncovered(document_id: uuid.UUID) -> list[Event]:
    with reading() as session:
        query = select(Event).where(
            Event.subject_id == document_id, Event.kind == "document.uncovered"
        )
        return list(session.scalars(query))


def test_everybody_sees_the_page_covered_by_default(
    hands: Hands, paper: uuid.UUID, browse: Browse
) -> None:
    kept = preview_of(paper)
    assert kept.masked_key is not None
    whole, masked = (files.store().get(key) for key in (kept.file_key, kept.masked_key))
    assert black(masked) > black(whole) + 0.0005
    denise = hands.make.staff("Denise Achats", Role.PURCHASING)
    irene = hands.make.staff("Irène Audit", Role.AUDITOR)
    for person, url in (
        (hands.alice, f"/portal/papers/{paper}/pages/1.png"),
        (denise, f"/desk/review/{paper}/pages/1.png"),
        (irene, f"/desk/review/{paper}/pages/1.png"),
    ):
        assert browse(person.id).get(url).data == masked
    assert uncovered(paper) == []


def test_who_may_decide_lifts_the_boxes_and_is_written_down(
    hands: Hands, paper: uuid.UUID, browse: Browse
) -> None:
    denise = hands.make.staff("Denise Achats", Role.PURCHASING)
    client, kept = browse(denise.id), preview_of(paper)
    page = client.get(f"/desk/review/{paper}").get_data(as_text=True)
    assert "whole=1" in page
    assert "whole.png" not in page
    assert "whole.png" in client.get(f"/desk/review/{paper}?whole=1").get_data(as_text=True)
    shown = client.get(f"/desk/review/{paper}/pages/1/whole.png")
    assert shown.data == files.store().get(kept.file_key)
    [event] = uncovered(paper)
    assert (event.actor_id, event.data) == (denise.id, {"page": 1})


def test_an_auditor_and_the_supplier_lift_nothing(
    hands: Hands, paper: uuid.UUID, browse: Browse
) -> None:
    irene = hands.make.staff("Irène Audit", Role.AUDITOR)
    for person in (irene, hands.alice):
        assert browse(person.id).get(f"/desk/review/{paper}/pages/1/whole.png").status_code == 404
    assert "whole" not in browse(irene.id).get(f"/desk/review/{paper}?whole=1").get_data(True)
    assert uncovered(paper) == []


def test_no_number_reaches_a_page_the_database_or_a_log(
    hands: Hands, browse: Browse, caplog: pytest.LogCaptureFixture
) -> None:
    hands.make.engagement(hands.alpha, hands.make.buyer())
    denise = browse(hands.make.staff("Denise Achats", Role.PURCHASING).id)
    with caplog.at_level(logging.DEBUG):
        for draw in (independent, workers, a1):
            paper = hands.hand_in(draw()).document.id
            body = denise.get(f"/desk/review/{paper}").get_data(as_text=True)
            assert NIR not in body.replace(" ", "").replace("\u00a0", "")
    told = "\n".join(record.getMessage() for record in caplog.records).replace(" ", "")
    with db.engine.connect() as connection:
        rows = "".join(
            str(row)
            for table in db.metadata.sorted_tables
            for row in connection.execute(table.select())
        ).replace(" ", "")
    for number in (NIR, BODY):
        assert number not in told
        assert number not in rows


def test_both_pictures_go_with_the_paper(hands: Hands, paper: uuid.UUID) -> None:
    kept = preview_of(paper)
    with transaction() as session:
        erased = erase(session, paper, hands.make.clock.at)
    assert {kept.file_key, kept.masked_key} <= set(erased.file_keys)


def test_a_paper_without_such_things_is_kept_once(hands: Hands) -> None:
    from tests.documents.hands import rib

    assert preview_of(hands.hand_in(rib()).document.id).masked_key is None
