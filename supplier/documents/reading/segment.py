"""Several papers in one file: where each begins and ends, and whether pages are missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading import classify
from supplier.documents.reading.layout import Sheet
from supplier.documents.reading.values import is_siren

_NUMBERED = re.compile(
    r"(?:(?:^|[\s\t(-])(?:page|seite|pag\.|p\.) ?)(?P<n>\d{1,2}) ?(?:/|sur|von|of|de|-) ?"
    r"(?P<m>\d{1,2})\b|^(?:.*\t)?(?P<n2>\d{1,2}) ?/ ?(?P<m2>\d{1,2})(?:\t.*)?$",
    re.MULTILINE,
)
_SIREN = re.compile(r"(?<!\d)\d{3} ?\d{3} ?\d{3}(?!\d)")


#: Papers of one page: another page of the kind without a page number is another paper.
_ONE_PAGE = frozenset({
    DocumentKind.BANK_DETAILS, DocumentKind.FOREIGN_WORKERS_LIST, DocumentKind.TAX_COMPLIANCE,
    DocumentKind.INVOICE, DocumentKind.PAID_LEAVE_BTP,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageMark:
    """The number a page gives itself: `number` of `total` (0 when it does not say)."""

    number: int
    total: int


@dataclass(slots=True)
class Part:
    """One paper of a file: its kind (None while unknown) and its pages."""

    kind: DocumentKind | None
    sheets: list[Sheet] = field(default_factory=list)
    marks: list[PageMark | None] = field(default_factory=list)

    @property
    def first_page(self) -> int:
        return self.sheets[0].number

    @property
    def last_page(self) -> int:
        return self.sheets[-1].number

    @property
    def missing(self) -> list[int]:
        """The numbers of the pages that the paper announces and the file lacks."""
        seen = [mark for mark in self.marks if mark]
        if not seen:
            return []
        total = max(mark.total for mark in seen)
        numbers = {mark.number for mark in seen}
        unmarked = sum(mark is None for mark in self.marks)
        lacking = [number for number in range(1, total + 1) if number not in numbers]
        return (
            lacking[unmarked:]
            if unmarked and len(lacking) >= unmarked
            else ([] if unmarked else lacking)
        )


def split(sheets: Sequence[Sheet]) -> list[Part]:
    """Cut the pages of a file into papers, in order. Pages of no known kind stay together."""
    parts: list[Part] = []
    for sheet in sheets:
        kind, mark = classify.best(sheet), page_mark(sheet)
        if parts and _continues(parts[-1], sheet, kind, mark):
            parts[-1].sheets.append(sheet)
            parts[-1].marks.append(mark)
        else:
            parts.append(Part(kind, [sheet], [mark]))
    return parts


def page_mark(sheet: Sheet) -> PageMark | None:
    """The page number printed on a page, or None."""
    for line in reversed(sheet.lines):
        match = _NUMBERED.search(line.folded)
        if match:
            number = int(match["n"] or match["n2"])
            total = int(match["m"] or match["m2"])
            if 1 <= number <= total <= 60:
                return PageMark(number, total)
    for line in reversed(sheet.lines):
        alone = re.fullmatch(r"(?:.*\t)?(?:page|seite) ?(\d{1,2})", line.folded)
        if alone:
            return PageMark(int(alone[1]), 0)
    return None


def _continues(  # noqa: PLR0911 - a chain of rules, the first that knows decides
    part: Part, sheet: Sheet, kind: DocumentKind | None, mark: PageMark | None
) -> bool:
    before = part.marks[-1]
    in_order = bool(
        before and mark and (mark.number, mark.total) == (before.number + 1, before.total)
    )
    if kind is None:
        return in_order or (part.kind is not None and (mark is None or mark.number > 1))
    if kind != part.kind:
        return False
    if mark and mark.number == 1:
        return False
    if in_order:
        return True
    if mark and mark.number > 1:
        return True
    if kind in _ONE_PAGE:
        return False
    return _same_company(part.sheets[-1], sheet)


def _same_company(first: Sheet, second: Sheet) -> bool:
    """Two pages of one kind belong together unless they name different companies."""
    ours, theirs = _numbers(first), _numbers(second)
    return not ours or not theirs or bool(ours & theirs)


def _numbers(sheet: Sheet) -> set[str]:
    found = set()
    for line in sheet.lines:
        for match in _SIREN.finditer(line.text):
            number = re.sub(r"\D", "", match[0])
            if is_siren(number):
                found.add(number)
    return found
