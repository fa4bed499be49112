"""The rows of a list of foreign workers: from a table, or from sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from supplier.documents.reading.dates import first_date
from supplier.documents.reading.extract import Hints
from supplier.documents.reading.layout import Cell, Paper, Sheet
from supplier.documents.reading.permits import bare_permit
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.spans import Span
from supplier.documents.reading.text import fold, pattern
from supplier.documents.reading.worker_cards import Card, cards
from supplier.documents.reading.worker_columns import named
from supplier.kernel.pages import Word

_PERMIT_NUMBER = re.compile(r"^[A-Z0-9][A-Z0-9 -]{4,16}$")
_ROW_ENDS = re.compile(
    r"je m'engage|(?:je|nous|le|la),? soussigne|fait a|(?:je |nous )?certifi(?:e\b|ons)|"
    r"sign(?:ature|ee?\b)|(?:la (?:presente )?)?(?:liste|document|etat|releve) (?:etablie?"
    r"|arretee?|certifiee?|signee?|editee?|generee?|imprimee?|transmise?)|page \d|\* |total|neant"
)
#: One worker of a list in sentences, with or without a number or a dot before the name.
_BULLET = pattern(
    r"(?:^|[•*;-] ?|(?<!\S)(?P<at>\d{1,3}) ?[.,)°/-]+ ?)(?P<name>[^•,;\d]{3,60}?), "
    r"(?:nee?(?:\(e\))? [^;•]{6,60}?, )?(?:de )?nationalite ?:? (?P<nationality>[a-z-]+) ?[,;]? "
    r"(?:embauchee?(?:\(e\))?|entree?(?:\(e\))? [^,;•\d]{0,40}|(?:date d')?(?:embauche|entree))"
    r" ?:? ?(?:depuis )?(?:le ?)?(?P<hired_on>[^,;•]{8,20}?) ?[,;]? (?:(?:est |et )?(?:titulaire"
    r"|munie?(?:\(e\))?|detent(?:eur|rice)|porteu(?:r|se))? ?(?:du|de la|de l'|d'une?) ?)?"
    r"(?:titre(?: de sejour)?(?: suivant)? ?: ?|titre suivant )?(?P<permit_type>[^,;•\d]{3,70}?)"
    r" ?[,;(]? (?:portant le )?(?:n[°o*]\.?|numero)(?: d'ordre)? ?:? ?"
    r"(?P<permit_number>[a-z0-9]{5,16})"
)
#: Where a sentence tells somebody's nationality.
_OF_A_NATION = pattern(r"\bnationalite ?:? ?(?!etrang)[a-z]")


@dataclass(slots=True)
class _Column:
    name: str
    x0: float
    x1: float


def workers(paper: Paper, _hints: Hints) -> FieldValue | None:
    """The rows of the list: from a table, or from sentences."""
    rows = [row for sheet in paper.sheets for row in _table(sheet)]
    return tuple(rows or _carded(paper) or _sentences(paper)) or None


def _carded(paper: Paper) -> list[Value]:
    """The workers of cards; nobody where one card could not be read."""
    told = [card for sheet in paper.sheets for card in cards(sheet)]
    found = [value for card in told if (value := _of_card(card))]
    return found if len(found) == len(told) else []


def _of_card(card: Card) -> Value | None:
    texts = {name: span.text for name, span in card.items()}
    if "name" not in texts:
        texts["name"] = " ".join(texts.get(part, "") for part in ("family", "given")).strip()
    words = tuple(word for span in card.values() for word in span.words)
    return _worker(texts, Span(" ".join(texts.values()), words)) if words else None


def _sentences(paper: Paper) -> list[Value]:
    """The workers that sentences tell of; nobody where one of them could not be read."""
    found: list[Value] = []
    most = sum(len(_OF_A_NATION.findall(block.folded)) for block in paper.blocks)
    for block in paper.blocks:
        for match in _BULLET.finditer(block.folded.replace("\n", " ")):
            cells = {name: block.text[match.start(name) : match.end(name)].strip()
                     for name in match.re.groupindex}  # fmt: skip
            span = block.span(match.start("name"), match.end("permit_number"))
            value = _worker(cells, span) if span else None
            most = max(most, int(match["at"] or 0))
            if value:
                found.append(value)
    return found if len(found) >= most else []


def _table(sheet: Sheet) -> list[Value]:
    """The rows of a table: by its printed header, or by what its columns hold."""
    return _headed_table(sheet) or _bare_table(sheet)


def _headed_table(sheet: Sheet) -> list[Value]:
    head = _header(sheet)
    if head is None:
        return []
    columns, first_row, last_top = head
    words = [
        word
        for row in sheet.rows[first_row:]
        for cell in row
        for word in cell.run.words
        if cell.top > last_top
    ]
    words = _until_end(sheet, words, first_row)
    return _rows(columns, words, sheet)


_NATIONALITY = re.compile(
    r"[a-z-]+(?:aise?|aine?|(?:i|e)enne?|(?:i|e)en|abe|ane?|oise?|ique|ine?|ote?|que|be|rde|sse|nde|co|lte|tse)$"
)
_PERMIT = re.compile(r"carte|recepisse|passeport|titre|visa|autorisation|aps\b|certificat|document")


_ORDER_NUMBER = re.compile(r"(?=.*\d{4})[a-z0-9]{8,14}")


def _bare_table(sheet: Sheet) -> list[Value]:
    """A table whose header a scan lost: columns are told apart by what they hold."""
    rows = [row for row in sheet.rows if _is_worker_row(row)]
    if not rows:
        return []
    first, last = rows[0][0].row, rows[-1][0].row
    end = next(
        (index for index in range(last + 1, len(sheet.rows))
         if _ROW_ENDS.match(sheet.rows[index][0].run.folded)), last + 1)  # fmt: skip
    cells = [cell for row in sheet.rows[first:end] for cell in row]
    columns = _columns_by_content(rows)
    if columns is None:
        return []
    return _rows(columns, [word for cell in cells for word in cell.run.words], sheet)


def _is_worker_row(row: Sequence[Cell]) -> bool:
    folded = [cell.run.folded for cell in row]
    return any(first_date(text) for text in folded) and any(
        _ORDER_NUMBER.fullmatch(text) for text in folded
    )


def _columns_by_content(rows: Sequence[Sequence[Cell]]) -> list[_Column] | None:
    stacks: list[list[Cell]] = []
    for row in rows:
        for cell in row:
            home = next((s for s in stacks if any(c.overlap(cell) > 0 for c in s)), None)
            if home is None:
                stacks.append([cell])
            else:
                home.append(cell)
    stacks.sort(key=lambda stack: min(cell.x0 for cell in stack))
    names = [_content(stack) for stack in stacks]
    if not {"hired_on", "permit_type", "permit_number"} <= set(names):
        return None
    free_columns = [index for index, name in enumerate(names) if name == "name"]
    if len(free_columns) == 2:
        names[free_columns[0]], names[free_columns[1]] = "family", "given"
    return [
        _Column(name, min(c.x0 for c in stack), max(c.x1 for c in stack))
        for name, stack in zip(names, stacks, strict=True)
    ]


def _content(stack: Sequence[Cell]) -> str:
    """What most of the cells of a column are."""
    forms: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("hired_on", lambda text: first_date(text) is not None),
        ("permit_number", lambda text: bool(_ORDER_NUMBER.fullmatch(text))),
        ("number", lambda text: bool(re.fullmatch(r"\d{1,3}\.?", text))),
        ("permit_type", lambda text: bool(_PERMIT.match(text))),
        ("nationality", lambda text: bool(_NATIONALITY.fullmatch(text))),
    )
    for name, holds in forms:
        if sum(holds(cell.run.folded) for cell in stack) * 2 > len(stack):
            return name
    return "name"


def _header(sheet: Sheet) -> tuple[list[_Column], int, float] | None:
    """The columns of a table of workers, and where its rows begin."""
    for index, row in enumerate(sheet.rows):
        for depth in range(1, 9):
            group = sheet.rows[index : index + depth]
            if group and group[-1][0].top - row[0].top > 4.5 * row[0].height:
                break
            columns = _columns(group, sheet)
            names = {column.name for column in columns}
            complete = {"nationality", "hired_on", "permit_type", "permit_number"} <= names
            if complete and names & {"family", "name"}:
                while _wordy(sheet.rows, index + len(group)):
                    group = sheet.rows[index : index + len(group) + 1]
                    columns = _columns(group, sheet)
                bottom = max(cell.top for line in group for cell in line)
                return columns, index, bottom
    return None


def _wordy(rows: Sequence[Sequence[Cell]], index: int) -> bool:
    """Whether the row at `index` still belongs to a header: close above, and without figures."""
    if index >= len(rows) or rows[index][0].top - rows[index - 1][0].bottom > 4:
        return False
    text = " ".join(cell.run.folded for cell in rows[index])
    return not re.search(r"\d", text) and bool(re.search(r"travail|embauche|titre|d'ordre", text))


#: Words that begin another heading, where two headings stand too close to look like two cells.
_HEADS = re.compile(
    r"(?<!et )(?<!, )\b(?:noms?|prenoms?|nationalite|date d'|(?<!la )date\b(?! d)|(?:type|nature) "
    r"(?:de|du)|(?<!de )(?<!du )titre\b|(?<!d'ordre )n(?:umero|°)|salarie\b|"
    r"(?<!numero )(?<!n° )d'ordre\b)"
)


def _headings(cell: Cell, sheet: Sheet) -> list[Cell]:
    """The headings in one cell of a header row: narrow tables leave hardly a blank between."""
    starts = [match.start() for match in _HEADS.finditer(cell.run.folded)]
    cuts = [start for start in starts if start > 0]
    if not cuts:
        return [cell]
    parts: list[list[Word]] = [[]]
    for word, start in zip(cell.run.words, cell.run.starts, strict=True):
        if start in cuts and parts[-1]:
            parts.append([])
        parts[-1].append(word)
    return [Cell(words, cell.row, sheet) for words in parts]


def _columns(group: Sequence[Sequence[Cell]], sheet: Sheet) -> list[_Column]:
    stacks: list[list[Cell]] = []
    for row in group:
        for cell in (piece for whole in row for piece in _headings(whole, sheet)):
            home = next(
                (s for s in stacks if min(c.x0 for c in s) - 1 < cell.x1
                 and max(c.x1 for c in s) + 1 > cell.x0), None)  # fmt: skip
            if home is None:
                stacks.append([cell])
            else:
                home.append(cell)
    stacks.sort(key=lambda stack: min(cell.x0 for cell in stack))
    names = named([" ".join(cell.run.folded for cell in stack) for stack in stacks])
    return [
        _Column(name, min(c.x0 for c in stack), max(c.x1 for c in stack))
        for name, stack in zip(names, stacks, strict=True)
        if name
    ]


def _until_end(sheet: Sheet, words: list[Word], first_row: int) -> list[Word]:
    for row in sheet.rows[first_row:]:
        for cell in row:
            if _ROW_ENDS.match(cell.run.folded) or _is_running_text(cell, sheet):
                limit = cell.top / sheet.height - 0.001
                return [word for word in words if word.box.top < limit]
    return words


def _is_running_text(cell: Cell, sheet: Sheet) -> bool:
    """Whether a cell is a sentence that runs across the page, and no row of narrow columns."""
    wide = cell.x1 - cell.x0 > 0.5 * sheet.width
    return wide and len(cell.run.words) > 5 and first_date(cell.run.folded) is None


def _rows(columns: list[_Column], words: Sequence[Word], sheet: Sheet) -> list[Value]:
    """Cut the words below the header into rows, one for each date of hiring.

    Cells wrap and are centred or set at the top, so a row is not a line: the dates are its
    anchors, and every word belongs to the nearest one.
    """
    limits = _limits(columns, words, sheet)
    placed = [(word, _column_of(word, columns, limits, sheet)) for word in words]
    anchors = _anchors(placed)
    if not anchors:
        return []
    rows: list[dict[str, list[Word]]] = [{} for _ in anchors]
    edges = _edges(placed, anchors)
    for word, column in placed:
        middle = (word.box.top + word.box.bottom) / 2
        index = sum(middle > edge for edge in edges)
        rows[index].setdefault(column, []).append(word)
    return [value for row in rows if (value := _row(row)) is not None]


def _anchors(placed: Sequence[tuple[Word, str]]) -> list[float]:
    return sorted(
        (word.box.top + word.box.bottom) / 2
        for word, column in placed
        if column == "hired_on" and first_date(fold(word.text))
    )


def _edges(placed: Sequence[tuple[Word, str]], anchors: Sequence[float]) -> list[float]:
    """Where one row ends and the next begins, between each pair of anchors.

    Rows whose cells start at the top put the wrapped lines under the anchor; centred ones put
    them on both sides. The widest gap between lines of words tells which.
    """
    tops = sorted({round(word.box.top, 4): word.box for word, _ in placed}.values(),
                  key=lambda box: box.top)  # fmt: skip
    edges = []
    for upper, lower in pairwise(anchors):
        between = [box for box in tops if upper < (box.top + box.bottom) / 2 <= lower + 0.002]
        best, edge, floor = -1.0, (upper + lower) / 2, None
        previous = max((box.bottom for box in tops if (box.top + box.bottom) / 2 <= upper + 0.002),
                       default=upper)  # fmt: skip
        floor = previous
        for box in between:
            gap = box.top - floor
            if gap > best:
                best, edge = gap, (floor + box.top) / 2
            floor = max(floor, box.bottom)
        edges.append(edge)
    return edges


def _limits(columns: Sequence[_Column], words: Sequence[Word], sheet: Sheet) -> list[float]:
    """Where one column ends and the next begins: in the widest strip free of words."""
    spans = [(word.box.x0 * sheet.width, word.box.x1 * sheet.width) for word in words]
    spans += [(column.x0, column.x1) for column in columns]
    spans.sort()
    limits = []
    for left, right in pairwise(columns):
        low, high = (left.x0 + left.x1) / 2, (right.x0 + right.x1) / 2
        edge, widest, limit = low, 0.0, (left.x1 + right.x0) / 2
        for x0, x1 in [*spans, (high, high)]:
            if x1 <= edge or x0 > high:
                continue
            if x0 - edge > widest:
                widest, limit = x0 - edge, (edge + x0) / 2
            edge = max(edge, x1)
        limits.append(limit)
    return limits


def _column_of(
    word: Word, columns: Sequence[_Column], limits: Sequence[float], sheet: Sheet
) -> str:
    middle = (word.box.x0 + word.box.x1) / 2 * sheet.width
    return columns[bisect_right(limits, middle)].name


def _row(row: dict[str, list[Word]]) -> Value | None:
    cells = {name: " ".join(word.text for word in _ordered(words)) for name, words in row.items()}
    if "name" not in cells:
        cells["name"] = " ".join(cells.get(part, "") for part in ("family", "given")).strip()
    words = tuple(word for found in row.values() for word in found)
    return _worker(cells, Span(" ".join(cells.values()), words))


def _ordered(words: Sequence[Word]) -> list[Word]:
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda item: item.box.top):
        middle = (word.box.top + word.box.bottom) / 2
        if lines and lines[-1][0].box.top <= middle <= lines[-1][0].box.bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [word for line in lines for word in sorted(line, key=lambda item: item.box.x0)]


def _worker(cells: dict[str, str], span: Span) -> Value | None:
    hired = first_date(fold(cells.get("hired_on", "")))
    number = cells.get("permit_number", "").strip(" ;.,")
    if not hired or not cells.get("name") or not _PERMIT_NUMBER.match(number):
        return None
    value = {
        "name": _tidy(cells["name"]),
        "hired_on": hired.day.isoformat(),
        "nationality": _tidy(cells.get("nationality", "")),
        "permit_type": _tidy(bare_permit(cells.get("permit_type", ""))),
        "permit_number": number,
    }
    return Value(value, span.page, span.box, span.source, round(span.confidence, 3))


def _tidy(text: str) -> str:
    text = re.sub(r"(?<=\w)- (?=\w)", "-", " ".join(text.split()))
    return text.strip(" ,;:•+*.-")
