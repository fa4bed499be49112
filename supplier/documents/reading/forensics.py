"""What the structure of a PDF tells: revisions, hidden or covered text, active content."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pikepdf
import pypdfium2 as pdfium

from supplier.documents.reading import forensics_content as content
from supplier.documents.reading import forensics_values as values
from supplier.documents.reading.forensics_annotations import annotation_findings, shown_words
from supplier.documents.reading.forensics_compare import (
    Mismatch,
    ValueKind,
    compare_text_and_image,
)
from supplier.documents.reading.forensics_damage import damaged_streams
from supplier.documents.reading.forensics_facts import (
    HiddenText,
    Hint,
    Structure,
    StructureCode,
    StructureFinding,
)
from supplier.documents.reading.forensics_fonts import font_names, fonts, placed
from supplier.documents.reading.forensics_hidden import PageHidden, hidden_on
from supplier.documents.reading.forensics_revisions import changed_after, revisions
from supplier.kernel.pages import Box, PageText, Word

__all__ = [
    "HiddenText",
    "Hint",
    "Mismatch",
    "Structure",
    "StructureCode",
    "StructureFinding",
    "ValueKind",
    "compare_text_and_image",
    "inspect",
    "visible_page",
]

#: Findings of one file that are kept: more says nothing new.
MOST_FINDINGS = 100


def inspect(data: bytes, pages: Sequence[PageText]) -> Structure:
    """Inspect a PDF; `pages` are its words as extracted (for places). Never raises.

    Call it in the limited child only: a hostile file may end the process.
    """
    found = revisions(data)
    base = Structure(revisions=found.count, linearized=found.linearized)
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        finding = StructureFinding(StructureCode.PASSWORD_NEEDED, Hint.NOTE, "")
        return replace(
            base, readable=False, password_needed=True, encrypted=True, findings=(finding,)
        )
    except Exception as error:  # any parser error of any class
        finding = StructureFinding(StructureCode.UNREADABLE, Hint.DOUBT, type(error).__name__)
        return replace(base, readable=False, findings=(finding,))
    try:
        return _inspected(data, pdf, base=base, pages=pages)
    except Exception as error:  # as above: what was not inspected is said, never passed over
        finding = StructureFinding(StructureCode.UNREADABLE, Hint.DOUBT, type(error).__name__)
        return replace(base, findings=(finding,))
    finally:
        pdf.close()


def _inspected(data: bytes, pdf: Any, *, base: Structure, pages: Sequence[PageText]) -> Structure:
    nodes = content.page_nodes(pdf)
    signed = content.is_signed(nodes)
    notes = list(content.painted_annotations(nodes))
    hidden, places = _look_at_pages(data, pdf, notes=notes)
    findings: list[StructureFinding] = [f for page in hidden for f in page.findings]
    gathered: tuple[Callable[[], Iterable[StructureFinding]], ...] = (
        lambda: changed_after(data, revisions(data), pages=pages, signed=signed),
        lambda: annotation_findings(notes, places=places, pages=pages),
        lambda: placed(data, fonts(nodes)),
        lambda: content.active(pdf, nodes),
        lambda: content.embedded(pdf),
        lambda: content.external_streams(pdf),
        lambda: damaged_streams(nodes),
        lambda: filter(None, [content.count_lie(pdf, nodes)]),
    )
    for gather in gathered:
        findings += _guarded(gather)
    info = _information(pdf)
    return replace(
        base,
        encrypted=bool(pdf.is_encrypted),
        signed=signed,
        page_count=len(nodes),
        producer=info.get("/Producer", ""),
        creator=info.get("/Creator", ""),
        created_at=content.instant(info.get("/CreationDate", "")),
        modified_at=content.instant(info.get("/ModDate", "")),
        findings=tuple(findings[:MOST_FINDINGS]),
        hidden=tuple(h for page in hidden for h in page.hidden),
        shown=tuple(shown_words(notes, places=places)),
        pasted=tuple(item for page in hidden for item in page.pasted),
        ocr_pages=tuple(n for n, page in enumerate(hidden, 1) if page.is_ocr_layer),
        fonts=font_names(nodes),
    )


def _guarded(gather: Callable[[], Iterable[StructureFinding]]) -> Iterator[StructureFinding]:
    """The findings of one look; one that fails is said, and the others go on."""
    try:
        yield from gather()
    except Exception as error:  # hostile objects raise any class of error
        yield StructureFinding(StructureCode.UNREADABLE, Hint.NOTE, type(error).__name__)


def _look_at_pages(
    data: bytes, pdf: Any, *, notes: Sequence[content.Annotation]
) -> tuple[list[PageHidden], list[Box | None]]:
    """What is hidden on each page, and the place of each annotation as shares of its page."""
    from supplier.documents.reading.forensics_objects import Area, shares

    layers = content.hidden_layers(pdf)
    places: list[Box | None] = [None] * len(notes)
    found: list[PageHidden] = []
    document = pdfium.PdfDocument(data)
    try:
        for index in range(min(len(document), content.MOST_PAGES)):
            page = document[index]
            found.append(hidden_on(page, number=index + 1, off_layers=layers))
            for place, note in enumerate(notes):
                if note.page == index + 1:
                    places[place] = shares(Area(*note.rect), page=page)
            page.close()
    finally:
        document.close()
    return found, places


def _information(pdf: Any) -> dict[str, str]:
    info = pdf.trailer.get("/Info")
    if not isinstance(info, pikepdf.Dictionary):
        return {}
    keys = ("/Producer", "/Creator", "/CreationDate", "/ModDate")
    return {key: re.sub(r"\s+", " ", str(info[key]))[:200] for key in keys if key in info}


def visible_page(structure: Structure, page: PageText) -> PageText:
    """The page as the eye sees it: hidden words taken out, words of annotations put in."""
    words = _without_hidden(page, [h for h in structure.hidden if h.page == page.number])
    shown = [word for word in structure.shown if word.page == page.number]
    kept = [word for word in words if not any(_under(word.box, other.box) for other in shown)]
    return replace(page, words=(*kept, *shown))


def _without_hidden(page: PageText, hidden: Sequence[HiddenText]) -> list[Word]:
    """Each hidden line takes out as many of its words as it holds, and no more: what was
    painted over it may repeat some."""
    words = list(page.words)
    for line in hidden:
        left = values.compact(line.text)
        for word in page.words:
            said = values.compact(word.text)
            if said and said in left and word in words and _under(word.box, line.box):
                words.remove(word)
                left = left.replace(said, "", 1)
    return words


def _under(box: Box, other: Box) -> bool:
    """Whether the middle of a box lies in the other."""
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return other.x0 <= x <= other.x1 and other.top <= y <= other.bottom
