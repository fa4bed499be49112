"""Hostile files, names and bodies through the upload: no 5xx, nothing kept that should not be."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest

from supplier.adapters import files
from supplier.documents import queries
from tests.portal.conftest import Portal
from tests.web.posting import token_of

ATTACK = Path(__file__).parent.parent / "attack"
FILES = sorted(
    path.relative_to(ATTACK).as_posix()
    for folder in ("pdf", "poly", "img", "zip", "xml", "rib")
    for path in (ATTACK / folder).glob("*")
)
#: Refused at the door, from the bytes alone.
TURNED_AWAY = {
    "pdf/header-only.pdf", "pdf/random-bytes.pdf", "pdf/html-named.pdf", "pdf/zip-named.pdf",
    "pdf/mz-stub-named.pdf", "pdf/ps-named.pdf", "poly/gif-js.gif", "poly/pdf-mz.pdf",
    "img/bomb-png-50000x50000-1bit.png", "img/bomb-png-13377x13377-rgba.png",
    "img/png-dim-2e31.png", "img/gif-20000-frames.gif", "img/bmp-huge.bmp",
    "img/svg-script.svg", "img/svg-foreignobject.svg", "zip/bomb-ratio-1000.zip",
    "zip/bomb-nested.zip", "zip/bomb-overlap-4GiB.zip", "zip/slip.zip", "zip/symlink.zip",
    "zip/docx-external-template.docx", "xml/huge-attribute.xml", "xml/xinclude.xml",
    "xml/xxe-external-dtd.xml", "xml/xxe-file.xml", "xml/xxe-http.xml",
    "xml/xxe-parameter-entity.xml", "xml/xxe-utf16.xml", "xml/xxe-utf7.xml",
}  # fmt: skip
LOCKED = {"pdf/enc-user-password-rc4.pdf", "pdf/enc-user-password-aes256.pdf"}
FINAL = {"accepted", "refused", "in_review", "unreadable", "superseded"}


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
        assert rows == []
        assert list(files.store().keys()) == []
        return
    assert name not in TURNED_AWAY
    assert rows[0].sha256 == hashlib.sha256(data).hexdigest()
    portal.read_all()
    portal.read_all()
    states = {row.state for row in portal.papers()}
    assert states <= FINAL, states
    assert queries.original(portal.papers()[0]) == data
    for url in ("/portal/deposit/", f"/portal/papers/{rows[0].id}"):
        page = portal.alice.get(url)
        assert page.status_code == 200
        assert "<script>alert" not in page.get_data(as_text=True)


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
