"""An earlier version of a file is drawn beside the last where it showed something else."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from flask.testing import FlaskClient
from PIL import Image

from supplier.accounts.permissions import Role
from supplier.adapters import files
from supplier.documents.keeping import erase
from supplier.documents.reading.result import Zone
from supplier.documents.versions import draw_earlier, list_earlier
from supplier.kernel.database import transaction
from supplier.kernel.pages import Box
from tests.documents.hands import Hands, kbis

Browse = Callable[[uuid.UUID], FlaskClient]
CORPUS = Path(__file__).parents[1] / "corpus"
CHANGED = CORPUS / "kbis" / "026-kbis_fop-incremental.pdf"
CHANGED_UNDER_SIGNATURE = CORPUS / "kbis" / "029-kbis_fop-signed_then_changed.pdf"
SIGNED = CORPUS / "kbis" / "027-kbis_infogreffe-signed.pdf"


def linearized() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(kbis())) as pdf:
        pdf.save(out, linearize=True)
    return out.getvalue()


@pytest.mark.parametrize("path", [CHANGED, CHANGED_UNDER_SIGNATURE])
def test_one_changed_line_is_one_place(path: Path) -> None:
    [found] = draw_earlier(path.read_bytes(), ())
    [place] = found.changes
    assert found.picture.page == 1
    assert place.bottom - place.top < 0.02


@pytest.mark.parametrize("data", [SIGNED.read_bytes(), linearized(), kbis()])
def test_a_signature_or_an_arrangement_for_the_web_changes_nothing(data: bytes) -> None:
    assert draw_earlier(data, ()) == []


def test_what_is_covered_on_the_last_is_covered_before() -> None:
    [plain] = draw_earlier(CHANGED.read_bytes(), ())
    [found] = draw_earlier(CHANGED.read_bytes(), (Zone(1, Box(0.1, 0.1, 0.9, 0.2)),))
    assert found.changes == plain.changes
    image = Image.open(io.BytesIO(found.picture.png)).convert("L")
    inside = image.crop((int(0.2 * image.width), int(0.12 * image.height),
                         int(0.8 * image.width), int(0.18 * image.height)))  # fmt: skip
    assert inside.getextrema() == (0, 0)


@pytest.fixture
def changed(hands: Hands) -> uuid.UUID:
    hands.make.engagement(hands.alpha, hands.make.buyer())
    return hands.hand_in(CHANGED.read_bytes()).document.id


def test_both_versions_stand_beside_each_other_with_what_differs(
    hands: Hands, changed: uuid.UUID, browse: Browse
) -> None:
    denise = browse(hands.make.staff("Denise Achats", Role.PURCHASING).id)
    paper = denise.get(f"/desk/review/{changed}").get_data(as_text=True)
    assert f"/desk/review/{changed}/versions" in paper
    body = denise.get(f"/desk/review/{changed}/versions").get_data(as_text=True)
    assert body.count("<image ") == 2
    assert body.count('data-zone="1"') == 2
    png = denise.get(f"/desk/review/{changed}/versions/1.png")
    assert png.data.startswith(b"\x89PNG")
    assert denise.get(f"/desk/review/{changed}/versions/7.png").status_code == 404


def test_the_earlier_version_is_sealed_in_the_store_and_goes_with_the_paper(
    hands: Hands, changed: uuid.UUID
) -> None:
    [row] = list_earlier(changed)
    folder = hands.settings.files_folder
    raw = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"\x89PNG" not in raw
    with transaction() as session:
        erased = erase(session, changed, hands.make.clock.at)
    assert row.file_key in erased.file_keys
    assert list_earlier(changed) == []
    assert files.store().get(row.file_key)


def test_a_signed_file_is_explained_calmly_and_compared_with_nothing(
    hands: Hands, browse: Browse
) -> None:
    hands.make.engagement(hands.alpha, hands.make.buyer())
    paper = hands.hand_in(SIGNED.read_bytes()).document.id
    denise = browse(hands.make.staff("Denise Achats", Role.PURCHASING).id)
    body = denise.get(f"/desk/review/{paper}").get_data(as_text=True)
    assert "WeasyPrint" in body
    assert "c’est ainsi que la signature fonctionne" in body
    assert "/versions" not in body
    assert denise.get(f"/desk/review/{paper}/versions").status_code == 404
