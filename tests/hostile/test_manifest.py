"""The hostile files are those of the manifest, whole, and each row says what is to come of it."""

from __future__ import annotations

import hashlib

import pytest

from tests.hostile.manifest import ATTACK, GONE, KEPT, ROWS, Outcome, allowed

UPLOADED = ("pdf", "poly", "img", "zip", "xml", "rib")


def test_the_folder_holds_what_the_manifest_names_and_nothing_else() -> None:
    there = {path.relative_to(ATTACK).as_posix() for path in ATTACK.rglob("*") if path.is_file()}
    assert there - {"MANIFEST.jsonl"} == set(ROWS)
    assert len(ROWS) == 110


@pytest.mark.parametrize("name", ROWS)
def test_a_file_is_as_it_was_made(name: str) -> None:
    data = (ATTACK / name).read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (
        ROWS[name]["size"], ROWS[name]["sha256"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("pdf/ok-control.pdf", KEPT),
        ("pdf/header-only.pdf", GONE),
        ("img/bmp-huge.bmp", GONE),
        ("rib/rib-ocg-hidden.pdf", {Outcome.REFUSED, Outcome.PERSON}),
        ("pdf/loop-page-tree.pdf", KEPT | GONE),
        ("xml/xxe-utf7.xml", KEPT | GONE),
        ("poly/png-php.jpg", KEPT | GONE),
        ("img/gif-20000-frames.gif", KEPT | GONE),
        ("pdf/uri-javascript.pdf", KEPT),
    ],
)
def test_a_row_is_read_as_it_is_meant(name: str, outcomes: frozenset[Outcome]) -> None:
    assert allowed(name) == outcomes


def test_every_file_that_is_uploaded_has_an_outcome() -> None:
    uploaded = [name for name in ROWS if name.split("/")[0] in UPLOADED]
    assert len(uploaded) == 80
    assert all(allowed(name) for name in uploaded)
