"""Words arranged as people see them: rows, cells between wide gaps, blocks of running text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from supplier.documents.reading.labels import Asked
from supplier.documents.reading.spans import FlatWord, Run
from supplier.documents.reading.text import compose
from supplier.kernel.pages import Box, PageText, Source, Word

#: A gap wider than this many line heights begins another cell.
CELL_GAP = 0.95
_NOISE = frozenset("|¦_~\\[]{}")


class Cell:
    """Words of one row without a wide gap between them; places in points."""

    __slots__ = ("bottom", "page", "row", "run", "top", "x0", "x1")

    def __init__(self, words: Sequence[Word], row: int, sheet: Sheet) -> None:
        self.run = Run(words)
        self.row = row
        self.page = sheet.number
        self.x0 = min(word.box.x0 for word in words) * sheet.width
        self.x1 = max(word.box.x1 for word in words) * sheet.width
        self.top = min(word.box.top for word in words) * sheet.height
        self.bottom = max(word.box.bottom for word in words) * sheet.height

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def overlap(self, other: Cell) -> float:
        """How many points of width two cells share."""
        return min(self.x1, other.x1) - max(self.x0, other.x0)


class Sheet:
    """One page arranged into rows of cells; `upside` words (margins, turned text) are left out."""

    def __init__(self, page: PageText, *, flat: Sequence[Box] = ()) -> None:
        self.number = page.number
        self.width = page.width
        self.height = page.height
        if flat:
            words = tuple(
                FlatWord(w.text, w.page, box, w.source, w.confidence, w.box)
                for w, box in zip(page.words, flat, strict=True)
            )
            page = replace(page, words=words)
        self.words = tuple(_cleaned(page))
        #: The labels of the page, once somebody looked for them.
        self.asked: list[tuple[Cell, Asked]] | None = None

    @cached_property
    def usual_height(self) -> float:
        """The middle height of words, as a share of the page: OCR boxes fit their letters."""
        heights = sorted(word.box.bottom - word.box.top for word in self.words)
        return heights[len(heights) // 2] if heights else 0.01

    @cached_property
    def rows(self) -> list[list[Cell]]:
        return [
            [Cell(words, index, self) for words in self._split(row)]
            for index, row in enumerate(self._grouped())
        ]

    @cached_property
    def cells(self) -> list[Cell]:
        return [cell for row in self.rows for cell in row]

    @cached_property
    def lines(self) -> list[Run]:
        """The rows as text; cells are separated by a tab."""
        return [_line(row) for row in self.rows]

    @cached_property
    def blocks(self) -> list[Run]:
        """Running text: lines that stand under each other in one column, joined."""
        return [Run([w for cell in cells for w in cell.run.words]) for cells in self._stacks()]

    def right_of(self, cell: Cell) -> Cell | None:
        """The next cell on the same row."""
        row = self.rows[cell.row]
        index = row.index(cell) + 1
        return row[index] if index < len(row) else None

    def left_of(self, cell: Cell) -> Cell | None:
        row = self.rows[cell.row]
        index = row.index(cell)
        return row[index - 1] if index else None

    def below(self, cell: Cell, *, reach: float = 2.2) -> list[Cell]:
        """Cells that start under `cell`, nearest first, within `reach` line heights."""
        limit = cell.bottom + reach * cell.height
        found = [
            other
            for row in self.rows[cell.row + 1 :]
            for other in row
            if other.top < limit and other.middle > cell.middle and cell.overlap(other) > 0
        ]
        return sorted(found, key=lambda other: (other.row, abs(other.x0 - cell.x0)))

    def beside(self, cell: Cell, *, reach: float = 1.2) -> list[Cell]:
        """Cells to the right whose rows are just above, on or just under this cell's row."""
        return [
            other
            for other in self.cells
            if other.x0 >= cell.x1 - 1 and abs(other.middle - cell.middle) <= reach * cell.height
        ]

    def column_beside(self, cell: Cell) -> list[Cell]:
        """The lines of the column to the right that stand close together around this cell.

        They end where a row begins with something of its own: another label and its value.
        """
        near = [
            other for other in self.beside(cell, reach=2.6)
            if other.row == cell.row or self.rows[other.row][0] is other
        ]  # fmt: skip
        if not near:
            return []
        first = min(near, key=lambda other: (abs(other.middle - cell.middle), other.x0))
        aligned = [other for other in near if abs(other.x0 - first.x0) < 0.7 * cell.height]
        aligned.sort(key=lambda other: other.top)
        at = aligned.index(first)
        column = [first]
        for other in reversed(aligned[:at]):
            if column[0].top - other.bottom > 0.75 * cell.height:
                break
            column.insert(0, other)
        for other in aligned[at + 1 :]:
            if other.top - column[-1].bottom > 0.75 * cell.height:
                break
            column.append(other)
        return column

    def continued(self, cell: Cell, *, most: int = 4) -> list[Cell]:
        """The lines that continue `cell`: aligned under it, close, with nothing to their left."""
        found: list[Cell] = []
        last = cell
        for row in self.rows[cell.row + 1 :]:
            aligned = [other for other in row if abs(other.x0 - cell.x0) < 0.7 * cell.height]
            if not row or row[0].top - last.bottom > 0.75 * cell.height:
                break
            if not aligned:
                if any(other.overlap(cell) > 0 or other.x1 < cell.x0 for other in row):
                    break
                continue
            if row.index(aligned[0]) > 0 and row[0].x0 < cell.x0 - cell.height:
                break
            found.append(aligned[0])
            last = aligned[0]
            if len(found) >= most:
                break
        return found

    @cached_property
    def _floor(self) -> float:
        """The least line height to count with: only OCR needs one."""
        scanned = any(word.source is Source.OCR for word in self.words)
        return self.usual_height * 1.15 if scanned else 0.0

    @cached_property
    def _usual_gap(self) -> float:
        """In points, the widest gap that still joins words where blanks differ by font."""
        if not self._floor:
            return 1.5 * self._pitch
        gaps = sorted(
            (after.box.x0 - before.box.x1) * self.width
            for row in self._grouped()
            for before, after in pairwise(row)
            if after.box.x0 > before.box.x1
        )
        if len(gaps) < 8:
            return 0.0
        return min(gaps[len(gaps) // 3] * 2.6, 2.5 * self._floor * self.height)

    @cached_property
    def _pitch(self) -> float:
        """The step of a typewriter's letters in points, of which a blank takes a whole one; or 0.

        Its words begin a whole number of steps apart, whatever they say.
        """
        steps = sorted(
            (after.box.x0 - before.box.x0) * self.width / (len(before.text) + 1)
            for row in self._grouped()
            for before, after in pairwise(row)
        )
        if len(steps) < 8:
            return 0.0
        middle = steps[len(steps) // 3]
        even = sum(abs(step - middle) < 0.03 * middle for step in steps)
        return middle if even > len(steps) / 2 else 0.0

    def _grouped(self) -> list[list[Word]]:
        rows: list[_Row] = []
        for word in sorted(self.words, key=lambda item: item.box.top + item.box.bottom):
            top, bottom = self._extent(word)
            if rows and rows[-1].holds(top, bottom, scanned=self._floor > 0):
                rows[-1].add(word, top, bottom)
            else:
                rows.append(_Row(word, top, bottom))
        return [sorted(row.words, key=lambda item: item.box.x0) for row in rows]

    def _extent(self, word: Word) -> tuple[float, float]:
        """Where a word stands in its line: a scan's box fits the letters, spots and rules too."""
        box = word.box
        height = box.bottom - box.top
        if not self._floor or height < 1.9 * self._floor:
            return box.top, box.bottom
        for other in self.words:
            near = -0.01 < other.box.x0 - box.x1 < 0.02 or -0.01 < box.x0 - other.box.x1 < 0.02
            if near and box.top - 0.002 < other.box.top and other.box.bottom < box.bottom + 0.002:
                return other.box.top, other.box.bottom
        return box.bottom - 1.2 * self._floor, box.bottom

    def _split(self, row: list[Word]) -> Iterator[list[Word]]:
        current = [row[0]]
        edge = row[0].box.x1
        for before, word in pairwise(row):
            height = min(before.box.bottom - before.box.top, word.box.bottom - word.box.top)
            gap = max(CELL_GAP * max(height, self._floor) * self.height, self._usual_gap)
            if (word.box.x0 - edge) * self.width > gap:
                yield current
                current = []
            current.append(word)
            edge = max(edge if len(current) > 1 else 0.0, word.box.x1)
        yield current

    def _stacks(self) -> list[list[Cell]]:
        stacks: list[list[Cell]] = []
        open_stacks: list[list[Cell]] = []
        for row in self.rows:
            for cell in row:
                home = self._home(cell, open_stacks)
                if home is None:
                    home = []
                    stacks.append(home)
                    open_stacks.append(home)
                home.append(cell)
            floor = row[0].top - 3 * row[0].height
            open_stacks = [stack for stack in open_stacks if stack[-1].bottom > floor]
        return stacks

    @staticmethod
    def _home(cell: Cell, stacks: list[list[Cell]]) -> list[Cell] | None:
        best: list[Cell] | None = None
        best_overlap = 0.0
        for stack in stacks:
            last = stack[-1]
            # The boxes of print fit its letters: a line of capitals is lower than its neighbour.
            height = max(cell.height, last.height)
            if last.row == cell.row or cell.top - last.bottom > 0.8 * height:
                continue
            if not 0.6 < cell.height / max(last.height, 0.1) < 1.6:
                continue
            overlap = cell.overlap(last)
            if overlap > best_overlap:
                best, best_overlap = stack, overlap
        return best


class _Row:
    """Words that stand on one line; its extent is the mean of theirs."""

    __slots__ = ("bottom", "top", "words")

    def __init__(self, word: Word, top: float, bottom: float) -> None:
        self.words, self.top, self.bottom = [word], top, bottom

    def holds(self, top: float, bottom: float, *, scanned: bool) -> bool:
        low = max(min(bottom - top, self.bottom - self.top), 0.004)
        apart = abs((top + bottom) - (self.top + self.bottom)) / 2
        if apart < 0.42 * low:
            return True
        shared = min(bottom, self.bottom) - max(top, self.top)
        return scanned and shared > 0.6 * low

    def add(self, word: Word, top: float, bottom: float) -> None:
        count = len(self.words)
        self.words.append(word)
        self.top = (self.top * count + top) / (count + 1)
        self.bottom = (self.bottom * count + bottom) / (count + 1)


class Paper:
    """The pages of one paper, arranged."""

    def __init__(self, pages: Sequence[PageText]) -> None:
        self.sheets = [Sheet(page) for page in pages]

    @classmethod
    def of(cls, sheets: Sequence[Sheet]) -> Paper:
        """The paper of pages that are arranged already."""
        paper = cls(())
        paper.sheets = list(sheets)
        return paper

    @cached_property
    def lines(self) -> list[Run]:
        return [line for sheet in self.sheets for line in sheet.lines]

    @cached_property
    def blocks(self) -> list[Run]:
        return [block for sheet in self.sheets for block in sheet.blocks]

    @cached_property
    def cells(self) -> list[tuple[Sheet, Cell]]:
        return [(sheet, cell) for sheet in self.sheets for cell in sheet.cells]

    @cached_property
    def folded(self) -> str:
        """All blocks, folded, one a line: what classification and phrases look at."""
        return "\n".join(block.folded for block in self.blocks)

    @cached_property
    def flat(self) -> str:
        """All rows, folded, one a line."""
        return "\n".join(line.folded for line in self.lines)

    @property
    def scanned(self) -> bool:
        return any(word.source is Source.OCR for sheet in self.sheets for word in sheet.words)


def _line(row: Sequence[Cell]) -> Run:
    words: list[Word] = []
    gaps: list[str] = []
    for cell in row:
        if words:
            gaps.append("\t")
        gaps.extend(" " for _ in cell.run.words[1:])
        words.extend(cell.run.words)
    return Run(words, gaps=gaps or (" ",))


def _cleaned(page: PageText) -> Iterator[Word]:
    for word in page.words:
        text = compose(word.text)
        if word.source is Source.OCR:
            text = text.strip("|¦_~\\[]{}") if len(text) > 1 else text
            if not text or text in _NOISE:
                continue
        if not text or _turned(word, page):
            continue
        yield word if text == word.text else replace(word, text=text)


def _turned(word: Word, page: PageText) -> bool:
    """Text that runs upwards in a margin: higher than wide, several letters."""
    high = (word.box.bottom - word.box.top) * page.height
    wide = (word.box.x1 - word.box.x0) * page.width
    return len(word.text) > 2 and high > 1.6 * wide
