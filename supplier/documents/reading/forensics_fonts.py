"""Fonts of a PDF whose text layer says nothing, or something else than their letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import pikepdf
import pypdfium2 as pdfium

from supplier.documents.reading.forensics_content import inflated
from supplier.documents.reading.forensics_facts import Hint, StructureCode, StructureFinding
from supplier.documents.reading.forensics_objects import (
    ObjectKind,
    font_name,
    painted,
    shares,
)
from supplier.kernel.pages import Box

MOST_FONTS, MOST_NAMES, MOST_PLACED = 100, 12, 8
#: One odd letter is a ligature or a small capital; this many are a plan.
LEAST_REMAPPED = 3
DIGIT_NAMES = {
    name: str(digit)
    for digit, name in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
}
#: Bit of the font flags: its codes follow no encoding that could be checked.
SYMBOLIC = 4


def fonts(pages: Sequence[Any]) -> Iterator[StructureFinding]:
    """Findings on the fonts of the pages, one a font."""
    seen: set[tuple[int, int]] = set()
    for number, page in enumerate(pages, 1):
        for font in fonts_of(page):
            if font.objgen != (0, 0) and font.objgen in seen:
                continue
            seen.add(font.objgen)
            if len(seen) > MOST_FONTS:
                return
            yield from _font(font, number=number)


def placed(data: bytes, found: Iterable[StructureFinding]) -> Iterator[StructureFinding]:
    """The findings with the place of what their font writes, so that a person can look at it."""
    for count, finding in enumerate(found):
        if count >= MOST_PLACED:
            yield finding
            continue
        name = finding.detail.split(" ", 1)[0].removeprefix("/")
        box = _written_in(data, finding.page or 1, name) if name else None
        yield replace(finding, box=box)


def _written_in(data: bytes, number: int, name: str) -> Box | None:
    """Around all that a page writes in one font; None where it writes nothing in it."""
    document = pdfium.PdfDocument(data)
    try:
        page = document[number - 1]
        texts = (mark for mark in painted(page) if mark.kind is ObjectKind.TEXT)
        boxes = [shares(mark.area, page=page) for mark in texts if font_name(mark) == name]
        page.close()
    finally:
        document.close()
    return reduce(Box.union, boxes) if boxes else None


def font_names(pages: Sequence[Any]) -> tuple[str, ...]:
    """The names of the fonts as people know them, each once: "ABCDEF+Arial-Bold" is Arial-Bold."""
    names = (
        re.sub(r"^[A-Z]{6}\+", "", str(font.get("/BaseFont", "")).removeprefix("/"))[:60]
        for page in pages
        for font in fonts_of(page)
    )
    return tuple(dict.fromkeys(filter(None, names)))[:MOST_NAMES]


def fonts_of(page: Any) -> Iterator[Any]:
    """The fonts of a page, and of the forms that it draws."""
    resources = _inherited(page, "/Resources")
    if not isinstance(resources, pikepdf.Dictionary):
        return
    holders: list[Any] = [resources]
    forms = resources.get("/XObject")
    if isinstance(forms, pikepdf.Dictionary):
        holders += [
            form.get("/Resources")
            for form in list(forms.values())[:MOST_FONTS]
            if isinstance(form, pikepdf.Stream)
        ]
    for holder in holders:
        listed = holder.get("/Font") if isinstance(holder, pikepdf.Dictionary) else None
        if isinstance(listed, pikepdf.Dictionary):
            yield from (f for f in listed.values() if isinstance(f, pikepdf.Dictionary))


def _inherited(page: Any, key: str) -> Any:
    node = page
    for _ in range(30):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def _font(font: Any, *, number: int) -> Iterator[StructureFinding]:
    name = str(font.get("/BaseFont", "") or font.get("/Name", ""))[:100]
    unicode_map = font.get("/ToUnicode")
    if not isinstance(unicode_map, pikepdf.Stream):
        if _says_nothing(font):
            yield StructureFinding(StructureCode.NO_UNICODE, Hint.NOTE, name, number)
        return
    differing = [
        f"{drawn}→{said}"
        for code, said in _mapped(inflated(unicode_map)).items()
        if (drawn := _drawn(font, code)) and _letter(said) and drawn.casefold() != said.casefold()
    ]
    if len(differing) >= LEAST_REMAPPED:
        detail = f"{name} {' '.join(differing[:20])}"
        yield StructureFinding(StructureCode.REMAPPED_UNICODE, Hint.TAMPERING, detail, number)


def _says_nothing(font: Any) -> bool:
    """Whether nothing in the font tells which letters its codes are."""
    kind, encoding = str(font.get("/Subtype", "")), font.get("/Encoding")
    if kind == "/Type0":
        return str(encoding) in {"/Identity-H", "/Identity-V"} and not _is_asian(font)
    differences = encoding.get("/Differences") if isinstance(encoding, pikepdf.Dictionary) else None
    if not isinstance(differences, pikepdf.Array):
        return kind == "/Type3"
    names = [str(item)[1:] for item in list(differences)[:256] if isinstance(item, pikepdf.Name)]
    telling = [name for name in names if len(name) == 1 or re.match(r"[a-z]{3,}|uni[0-9A-F]", name)]
    return len(names) > 3 and len(telling) < len(names) / 2


def _is_asian(font: Any) -> bool:
    listed = font.get("/DescendantFonts")
    if not isinstance(listed, pikepdf.Array) or not len(listed):
        return False
    info: Any = listed[0].get("/CIDSystemInfo", {})
    return str(info.get("/Ordering", "Identity")) != "Identity"


def _mapped(cmap: bytes) -> dict[int, str]:
    """Codes and what the text layer says they are, single letters and digits only."""
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, said in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block)[:300]:
            found[int(code, 16)] = _text(said)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        triple = rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>"
        for low, high, said in re.findall(triple, block)[:300]:
            first = _text(said)
            span = min(int(high, 16) - int(low, 16), 255)
            if len(first) == 1:
                found |= {int(low, 16) + i: chr(ord(first) + i) for i in range(span + 1)}
    return found


def _text(said: bytes) -> str:
    try:
        return bytes.fromhex(said.decode()).decode("utf-16-be")
    except (ValueError, UnicodeDecodeError):
        return ""


def _letter(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalnum()


def _drawn(font: Any, code: int) -> str:
    """The ASCII letter or digit that a simple font draws for a code, where that is certain."""
    if str(font.get("/Subtype", "")) not in {"/Type1", "/MMType1", "/TrueType"}:
        return ""
    encoding = font.get("/Encoding")
    if isinstance(encoding, pikepdf.Dictionary):
        name = _difference(encoding, code)
        if name is not None:
            return DIGIT_NAMES.get(name, name if _letter(name) else "")
    descriptor = font.get("/FontDescriptor")
    flags = int(descriptor.get("/Flags", 0)) if isinstance(descriptor, pikepdf.Dictionary) else 0
    embedded = isinstance(descriptor, pikepdf.Dictionary) and any(
        key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
    if embedded and (encoding is None or flags & SYMBOLIC):
        return ""  # the codes of an embedded subset are its own
    letter = chr(code) if code < 128 else ""
    return letter if _letter(letter) else ""


def _difference(encoding: Any, code: int) -> str | None:
    listed = encoding.get("/Differences")
    if not isinstance(listed, pikepdf.Array):
        return None
    position = 0
    for item in list(listed)[:600]:
        if isinstance(item, pikepdf.Name):
            if position == code:
                return str(item)[1:]
            position += 1
        else:
            position = int(item)
    return None
