"""Hostile files, names and bodies through the upload: no 5xx, nothing kept that should not be."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from supplier.adapters import files
from supplier.documents import queries, review
from supplier.documents.sight import EVERYTHING
from supplier.kernel.audit import Event
from supplier.kernel.database import reading
from tests.hostile.manifest import ATTACK, ROWS, STATES, Outcome, allowed
from tests.portal.conftest import Portal
from tests.web.posting import token_of

FILES = sorted(
    path.relative_to(ATTACK).as_posix()
    for folder in ("pdf", "poly", "img", "zip", "xml", "rib")
    for path in (ATTACK / folder).glob("*")
)
LOCKED = {"pdf/enc-user-password-rc4.pdf", "pdf/enc-user-password-aes256.pdf"}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_or_read_within_limits_and_never_breaks_anything(
    portal: Portal, name: str
) -> None:
    data = (ATTACK / name).read_bytes()
    answer = portal.upload((io.BytesIO(data), Path(name).name))
    assert answer.status_code in {303, 422}
    assert "Traceback" not in answer.get_data(as_text=True)
    rows = portal.papers()
    if answer.status_code == 422:
        assert Outcome.TURNED_AWAY in allowed(name)
        assert rows == []
        assert list(files.store().keys()) == []
        assert turned_away() == 1
        return
    assert turned_away() == 0
    assert rows[0].sha256 == hashlib.sha256(data).hexdigest()
    portal.read_all()
    portal.read_all()
    assert {STATES[row.state] for row in portal.papers()} <= allowed(name)
    assert queries.original(portal.papers()[0]) == data
    for url in ("/portal/deposit/", f"/portal/papers/{rows[0].id}"):
        page = portal.alice.get(url)
        assert page.status_code == 200
        assert "<script>alert" not in page.get_data(as_text=True)


def turned_away() -> int:
    """How many files the journal says were not taken."""
    with reading() as session:
        query = select(func.count()).where(Event.kind == "upload.refused")
        return session.scalar(query) or 0


@pytest.mark.parametrize("name", sorted(one for one in FILES if one.startswith("rib/")))
def test_a_forged_account_is_told_and_never_taken_for_confirmed(portal: Portal, name: str) -> None:
    portal.upload((io.BytesIO((ATTACK / name).read_bytes()), Path(name).name))
    portal.read_all()
    [row] = portal.papers()
    forged = ROWS[name]["expect"].startswith("F")
    assert ("tampered" in row.reasons) is forged
    if forged:
        # The machine's refusal for this reason is always shown to people as well.
        assert row.id in {one.document.id for one in review.list_queue(
            review.QueueFilter(), buyers=EVERYTHING, size=10).items}  # fmt: skip


def test_the_halves_of_the_scanner_s_own_test_file_are_turned_away_together(
    portal: Portal,
) -> None:
    """No scanner is needed to refuse it: a text file is no paper."""
    halves = [(ATTACK / f"text/eicar-part{number}.txt").read_bytes() for number in (1, 2)]
    answer = portal.upload((io.BytesIO(b"".join(half.strip() for half in halves)), "eicar.com"))
    assert answer.status_code == 422
    assert portal.papers() == []
    assert list(files.store().keys()) == []
    assert turned_away() == 1


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_a_locked_file_is_told_to_come_without_its_password(portal: Portal, name: str) -> None:
    portal.upload((io.BytesIO((ATTACK / name).read_bytes()), "a.pdf"))
    portal.read_all()
    [row] = portal.papers()
    assert (row.state, row.reasons) == ("refused", ["encrypted"])
    assert "mot de passe" in portal.alice.get("/portal/deposit/").get_data(as_text=True)


@pytest.mark.parametrize("declared", ["text/html", "image/jpeg", "application/x-sh", ""])
def test_the_type_that_a_browser_declares_decides_nothing(portal: Portal, declared: str) -> None:
    data = (ATTACK / "pdf/ok-control.pdf").read_bytes()
    token = token_of(portal.alice, "/portal/deposit/")
    answer = portal.alice.post(
        "/portal/deposit/",
        data={"csrf_token": token, "files": (io.BytesIO(data), "x.html", declared)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    assert portal.papers()[0].media_type == "application/pdf"


def names() -> list[str]:
    lines = (ATTACK / "text/filenames.jsonl").read_text(encoding="ascii").splitlines()
    found = []
    for line in lines:
        value = json.loads(line)
        found.append(value if isinstance(value, str) else str(value.get("name", value)))
    return found


def test_a_hostile_name_is_only_ever_text(portal: Portal) -> None:
    data = (ATTACK / "pdf/ok-control.pdf").read_bytes()
    sent = 0
    for number, hostile in enumerate(names()):
        # A browser cannot send a lone surrogate: it sends what stands for it.
        name = hostile.encode("utf-8", "replace").decode()
        answer = portal.upload((io.BytesIO(data + b"\n%" + str(number).encode()), name))
        assert answer.status_code in {303, 400, 422}, (name, answer.status_code)
        sent += answer.status_code == 303
    rows = portal.papers()
    assert len(rows) == sent > 50
    for row in rows:
        assert len(row.original_name) <= 150
        assert not set("/\\\0\r\n\u202e") & set(row.original_name)
        header = portal.alice.get(f"/portal/papers/{row.id}/file").headers["Content-Disposition"]
        assert "\r" not in header
        assert "\n" not in header
        assert header.startswith('attachment; filename="')
    page = portal.alice.get("/portal/papers/?page=1").get_data(as_text=True)
    assert "<img src=x" not in page


@pytest.mark.parametrize("path", sorted(path.name for path in (ATTACK / "http").glob("*.bin")))
def test_a_hostile_body_gets_an_answer_of_the_client_kind(portal: Portal, path: str) -> None:
    body = (ATTACK / "http" / path).read_bytes()
    answer = portal.alice.post(
        "/portal/deposit/",
        data=body,
        content_type="multipart/form-data; boundary=XBOUNDARYX",
        headers={"X-CSRFToken": token_of(portal.alice, "/portal/deposit/")},
    )
    assert 300 <= answer.status_code < 500, (path, answer.status_code)
    assert "Traceback" not in answer.get_data(as_text=True)


def test_a_body_cut_off_in_the_middle_keeps_nothing(portal: Portal) -> None:
    body = (ATTACK / "http/multipart-no-terminator.bin").read_bytes()
    answer = portal.alice.post(
        "/portal/deposit/",
        data=body,
        content_type="multipart/form-data; boundary=XBOUNDARYX",
        headers={"X-CSRFToken": token_of(portal.alice, "/portal/deposit/")},
    )
    assert answer.status_code in {400, 422}
    assert portal.papers() == []
