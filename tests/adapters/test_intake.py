from __future__ import annotations

import io
import json
import struct
import unicodedata
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from supplier.adapters.intake import (
    MAX_NAME,
    REFUSALS,
    FileLimits,
    MediaType,
    RefusedFileError,
    display_name,
    sniff,
)
from supplier.adapters.peek import WINDOW, Bytes, Peek
from tests.adapters import drawn

ATTACK = Path(__file__).parent.parent / "attack"
NAMES = [
    json.loads(line)["filename"]
    for line in (ATTACK / "text" / "filenames.jsonl").read_text().splitlines()
]


def attack(folder: str, name: str) -> bytes:
    return (ATTACK / folder / name).read_bytes()


def refusal(data: bytes, name: str = "", **limits: int) -> str:
    with pytest.raises(RefusedFileError) as refused:
        sniff(data, name, limits=FileLimits(**limits))
    assert refused.value.message % refused.value.params
    return refused.value.code


@pytest.mark.parametrize(
    ("form", "kind"),
    [("JPEG", MediaType.JPEG), ("PNG", MediaType.PNG), ("TIFF", MediaType.TIFF)],
)
def test_the_accepted_pictures_are_known_by_their_bytes(form: str, kind: MediaType) -> None:
    assert sniff(drawn.encoded(Image.new("RGB", (40, 30)), form), "x.exe") is kind


def test_a_photo_of_an_iphone_is_accepted() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = drawn.encoded(Image.new("RGB", (64, 64)), "HEIF")
    assert sniff(data) is MediaType.HEIC
    assert refusal(data, pixels=64 * 64 - 1) == "too_many_pixels"


def test_a_pdf_is_accepted_whatever_it_is_called() -> None:
    assert sniff(drawn.pdf(), "photo.jpg") is MediaType.PDF


@pytest.mark.parametrize(
    ("folder", "name", "code"),
    [
        ("pdf", "header-only.pdf", "cut_off"),
        ("pdf", "html-named.pdf", "web_page"),
        ("pdf", "zip-named.pdf", "archive"),
        ("pdf", "mz-stub-named.pdf", "program"),
        ("pdf", "ps-named.pdf", "postscript"),
        ("pdf", "random-bytes.pdf", "damaged"),
        ("poly", "pdf-zip.pdf", "two_kinds"),
        ("poly", "jpeg-pdf.jpg", "two_kinds"),
        ("poly", "jpeg-comment-pdf.pdf", "two_kinds"),
        ("poly", "gif-js.gif", "other_picture"),
        ("poly", "pdf-mz.pdf", "program"),
        ("img", "bomb-png-50000x50000-1bit.png", "too_many_pixels"),
        ("img", "bomb-png-13377x13377-rgba.png", "too_many_pixels"),
        ("img", "png-dim-2e31.png", "too_many_pixels"),
        ("img", "png-crc-wrong.png", "damaged"),
        ("img", "jpeg-truncated.jpg", "cut_off"),
        ("img", "gif-20000-frames.gif", "other_picture"),
        ("img", "bmp-huge.bmp", "other_picture"),
        ("img", "svg-script.svg", "web_page"),
        ("img", "svg-foreignobject.svg", "web_page"),
        ("zip", "bomb-ratio-1000.zip", "archive"),
        ("zip", "bomb-nested.zip", "archive"),
        ("zip", "bomb-overlap-4GiB.zip", "archive"),
        ("zip", "slip.zip", "archive"),
        ("zip", "symlink.zip", "archive"),
        ("zip", "docx-external-template.docx", "office"),
    ],
)
def test_hostile_and_foreign_files_are_refused_by_name(folder: str, name: str, code: str) -> None:
    assert refusal(attack(folder, name), name) == code


def test_every_other_attack_on_pdf_goes_on_to_the_guarded_reader() -> None:
    taken = {path.name for path in (ATTACK / "pdf").iterdir() if path.read_bytes()[:5] == b"%PDF-"}
    taken -= {"header-only.pdf"}
    assert len(taken) > 30
    for name in taken:
        assert sniff(attack("pdf", name), name) is MediaType.PDF


def test_a_picture_with_a_script_in_its_text_is_that_picture_and_nothing_else() -> None:
    assert sniff(attack("poly", "png-php.jpg"), "png-php.jpg") is MediaType.PNG


def test_an_empty_or_too_large_file_is_refused() -> None:
    assert refusal(b"") == "empty"
    assert refusal(drawn.pdf(), size=100) == "too_large"


def test_a_picture_cut_off_by_the_network_asks_for_another_try() -> None:
    for form in ("JPEG", "PNG"):
        whole = drawn.encoded(drawn.page(dpi=60), form)
        assert refusal(whole[: len(whole) // 2]) == "cut_off"


def test_a_tiff_that_bites_its_tail_is_damaged() -> None:
    entry = struct.pack("<HHIHH", 256, 3, 1, 10, 0) + struct.pack("<HHIHH", 257, 3, 1, 10, 0)
    data = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2) + entry + struct.pack("<I", 8)
    assert refusal(data) == "damaged"


def test_a_tiff_of_too_many_pages_is_refused() -> None:
    leaf = Image.new("L", (8, 8))
    data = drawn.encoded(leaf, "TIFF", save_all=True, append_images=[leaf] * 50)
    assert refusal(data) == "too_many_pages"


def test_a_png_must_announce_its_size_first() -> None:
    chunk = b"IEND"
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0) + chunk
    assert refusal(data + struct.pack(">I", zlib.crc32(chunk))) == "damaged"


@given(st.binary(max_size=300))
def test_no_bytes_make_the_sniffer_fail_otherwise_than_by_refusing(tail: bytes) -> None:
    for head in (
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0",
        b"MM\0*",
        b"\0\0\0 ftypheic",
    ):
        assert outcome(head + tail) in {*MediaType, *REFUSALS}


def outcome(data: bytes) -> str:
    try:
        return sniff(data)
    except RefusedFileError as refused:
        return refused.code


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_becomes_a_harmless_one(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= MAX_NAME
    assert not set(shown) & set('/\\:"<>|?*\0\r\n')
    assert not shown.startswith(".")
    assert unicodedata.is_normalized("NFC", shown)
    assert all(unicodedata.category(letter) not in {"Cc", "Cf", "Cs"} for letter in shown)
    shown.encode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kbis société.pdf", "Kbis société.pdf"),
        ("Kbis socie\u0301te\u0301.pdf", "Kbis société.pdf"),
        ("C:\\Users\\alice\\RIB.pdf", "RIB.pdf"),
        ("RIB_\u202efdp.exe", "RIB__fdp.exe"),
        ("CON.pdf", "_CON.pdf"),
        ("..", "document"),
        ("a" * 300 + ".pdf", "a" * 145 + "….pdf"),
    ],
)
def test_names_are_shown_as_people_know_them(name: str, shown: str) -> None:
    assert display_name(name) == shown


@pytest.mark.parametrize("folder", ["pdf", "poly", "img", "zip", "rib", "xml"])
def test_a_file_is_judged_alike_from_its_bytes_and_where_it_lies(folder: str) -> None:
    for path in sorted((ATTACK / folder).glob("*")):
        with path.open("rb") as file:
            assert answer(Peek(file)) == answer(path.read_bytes()), path.name


def answer(data: Bytes) -> str:
    try:
        return sniff(data)
    except RefusedFileError as error:
        return error.code


@given(st.binary(max_size=40), st.binary(min_size=1, max_size=3), st.integers(0, 45))
def test_a_look_into_a_file_sees_its_bytes(data: bytes, sought: bytes, start: int) -> None:
    seen = Peek(io.BytesIO(data))
    assert len(seen) == len(data)
    assert seen.find(sought, start) == data.find(sought, start)
    assert seen[start:] == data[start:]
    assert [seen[place] for place in range(len(data))] == list(data)


@pytest.mark.parametrize("place", [WINDOW - 3, WINDOW - 1, WINDOW, 2 * WINDOW - 2])
def test_what_lies_across_two_windows_is_found(place: int) -> None:
    data = bytes(place) + b"%PDF-" + bytes(10)
    seen = Peek(io.BytesIO(data))
    assert seen.find(b"%PDF-") == place
    assert seen.find(b"%PDF-", place + 1) == -1
    assert (seen[place], seen[0], seen[place + 5]) == (ord("%"), 0, 0)
