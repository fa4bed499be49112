"""What was changed in a PDF after it was first written: its revisions, compared."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium

from supplier.documents.reading import forensics_values as values
from supplier.documents.reading.forensics_facts import Hint, StructureCode, StructureFinding
from supplier.kernel.pages import Box, PageText, Word

END = re.compile(rb"startxref\s+(\d+)\s+%%EOF[\r\n]{0,2}")
#: Revisions and pages compared; a paper has one or two revisions.
MOST_REVISIONS, MOST_PAGES = 8, 50


@dataclass(frozen=True, slots=True)
class Revisions:
    """Where each revision ends in the file, oldest first; the last one is the file itself."""

    ends: tuple[int, ...]
    linearized: bool

    @property
    def count(self) -> int:
        return max(1, len(self.ends))


def revisions(data: bytes) -> Revisions:
    """Find the revisions of a PDF. The first mark of a linearised file ends nothing."""
    linearized = b"/Linearized" in data[:1024]
    ends: list[int] = []
    for match in END.finditer(data):
        # A linearised file opens with a cross-reference section of its own ("startxref 0").
        if not (linearized and not ends and int(match[1]) == 0):
            ends.append(match.end())
    return Revisions(tuple(ends[-MOST_REVISIONS:]), linearized)


def changed_after(
    data: bytes, found: Revisions, *, pages: Sequence[PageText], signed: bool
) -> Iterator[StructureFinding]:
    """What each later revision changed in the printed text, page by page.

    A signature, a form filled in or metadata change no printed text and say nothing here.
    """
    texts = None
    for end in found.ends[:-1]:
        before = _texts(data[:end])
        if before is None:
            continue
        texts = _texts(data) if texts is None else texts
        if texts is not None:
            yield from _differences(before, texts, pages=pages, signed=signed)
            return  # the oldest revision that opens against what is shown today


def _texts(data: bytes) -> list[list[str]] | None:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        return None
    try:
        return [_words(document[index]) for index in range(min(len(document), MOST_PAGES))]
    except pdfium.PdfiumError:
        return None
    finally:
        document.close()


def _words(page: Any) -> list[str]:
    textpage = page.get_textpage()
    try:
        return str(textpage.get_text_range()).split()
    finally:
        textpage.close()
        page.close()


def _differences(
    before: list[list[str]],
    after: list[list[str]],
    *,
    pages: Sequence[PageText],
    signed: bool,
) -> Iterator[StructureFinding]:
    if len(before) != len(after):
        detail = f"{len(before)} → {len(after)}"
        yield StructureFinding(StructureCode.CHANGED_AFTER, Hint.DOUBT, detail)
    for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
        gone, come = _only(old, new), _only(new, old)
        if not gone and not come:
            continue
        detail = f"{' '.join(gone)} → {' '.join(come)}"[:300]
        severity = _weight(gone, come, signed=signed)
        box = _place(come, pages=pages, number=number)
        yield StructureFinding(StructureCode.CHANGED_AFTER, severity, detail, number, box)


def _only(one: list[str], other: list[str]) -> list[str]:
    """The words of one text that the other lacks, in order (a moved word is no change)."""
    spare = Counter(one) - Counter(other)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    moved = [
        word
        for tag, start, end, _, _ in matcher.get_opcodes()
        if tag in {"replace", "delete"}
        for word in one[start:end]
    ]
    kept = []
    for word in moved:
        if spare[word] > 0:
            spare[word] -= 1
            kept.append(word)
    return kept


def _weight(gone: list[str], come: list[str], *, signed: bool) -> Hint:
    if gone and come:
        return Hint.TAMPERING
    added = " ".join(come)
    if come and (values.values(added) or any(c.isdigit() for c in added)):
        # Signing services stamp name and time on the page while they sign.
        return Hint.NOTE if signed else Hint.DOUBT
    return Hint.DOUBT if gone else Hint.NOTE


def _place(words: list[str], *, pages: Sequence[PageText], number: int) -> Box | None:
    """Around the changed words: the smallest place where they stand one after the other."""
    page = next((page for page in pages if page.number == number), None)
    if page is None or not words:
        return None
    for length in (len(words), 1):
        wanted = words[:length]
        for start in range(len(page.words) - length + 1):
            run = page.words[start : start + length]
            if [word.text for word in run] == wanted:
                return _around(run)
    return None


def _around(words: Sequence[Word]) -> Box:
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return box
