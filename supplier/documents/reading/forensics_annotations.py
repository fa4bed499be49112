"""What annotations and form fields show over the print of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from supplier.documents.reading import forensics_values as values
from supplier.documents.reading.forensics_content import Annotation
from supplier.documents.reading.forensics_facts import Hint, StructureCode, StructureFinding
from supplier.kernel.pages import Box, PageText, Source, Word

#: A word is covered when this share of its width lies under the annotation.
COVERED = 0.5


def annotation_findings(
    notes: Sequence[Annotation], *, places: Sequence[Box | None], pages: Sequence[PageText]
) -> Iterator[StructureFinding]:
    """Findings on annotations; those that lie on print are suspected of replacing it.

    Typing into the blanks of a statement is how many fill one in: that is only noted.
    """
    for note, box in zip(notes, places, strict=True):
        under = _print_under(note, box, pages=pages)
        if note.subtype == "Widget":
            yield from _field(note, box, under=under)
        elif note.subtype == "FreeText":
            yield from _free_text(note, box, under=under)
        elif under and note.opaque and note.subtype in {"Square", "Redact"}:
            severity = Hint.DOUBT if values.values(under) else Hint.NOTE
            yield StructureFinding(
                StructureCode.COVERED_TEXT, severity, under[:300], note.page, box
            )


def _free_text(note: Annotation, box: Box | None, *, under: str) -> Iterator[StructureFinding]:
    text = note.text.strip()
    if not text and not under:
        return
    if under and values.compact(under) != values.compact(text):
        severity, detail = Hint.TAMPERING, f"{under} → {text}"
    else:
        severity, detail = (Hint.DOUBT if values.values(text) else Hint.NOTE), text
    yield StructureFinding(StructureCode.FREE_TEXT, severity, detail[:300], note.page, box)


def _field(note: Annotation, box: Box | None, *, under: str) -> Iterator[StructureFinding]:
    text, value = note.text.strip(), note.value.strip()
    if not text and not value:
        return
    differs = bool(text and value) and values.compact(text) != values.compact(value)
    covers = bool(under) and values.compact(under) not in values.compact(text)
    severity = Hint.TAMPERING if differs or (covers and values.values(under)) else Hint.NOTE
    detail = f"{value} → {text}" if differs else text or value
    yield StructureFinding(StructureCode.FORM_VALUE, severity, detail[:300], note.page, box)


def _print_under(note: Annotation, box: Box | None, *, pages: Sequence[PageText]) -> str:
    """The letters and digits printed under an annotation; dots and rules to write on are none."""
    page = next((page for page in pages if page.number == note.page), None)
    if page is None or box is None:
        return ""
    return " ".join(
        word.text
        for word in page.words
        if any(c.isalnum() for c in word.text) and _lies_under(word.box, box)
    )


def _lies_under(word: Box, box: Box) -> bool:
    middle = (word.top + word.bottom) / 2
    wide = min(word.x1, box.x1) - max(word.x0, box.x0)
    return box.top <= middle <= box.bottom and wide > COVERED * (word.x1 - word.x0)


def shown_words(notes: Sequence[Annotation], *, places: Sequence[Box | None]) -> Iterator[Word]:
    """The words that annotations and fields paint on their pages, side by side in their place."""
    for note, box in zip(notes, places, strict=True):
        parts = note.text.split()
        if box is None or not parts or note.subtype not in {"FreeText", "Widget"}:
            continue
        letters = sum(len(part) for part in parts) + len(parts) - 1
        step, x = (box.x1 - box.x0) / letters, box.x0
        for part in parts:
            right = x + step * len(part)
            yield Word(part, note.page, Box(x, box.top, right, box.bottom), Source.FORM)
            x = right + step
