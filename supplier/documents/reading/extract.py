"""The engine of extraction: labels and phrases, as data, find values and their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from supplier.documents.reading.labels import Asked, after_second, asked, inner, is_label
from supplier.documents.reading.layout import Cell, Paper, Sheet
from supplier.documents.reading.places import stops
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.spans import Run, Span
from supplier.documents.reading.text import key, pattern
from supplier.documents.reading.vocabulary import Term
from supplier.kernel.pages import Source

_LEAD = r"^(?:[-•*·>.]+ ?)?"
_TAIL = r"(?:\s?\([^()]{1,30}\))?\s?(?:[:;.]+\s?|(?=[\s:;/])|$)"
_BARE_TAIL = r"(?:\s?\([^()]{1,30}\))?\s?(?:[:;]\s?|$|(?=[/|] ?[a-z]))"
#: Cells that head a column: what stands under them is the value, not what stands beside them.
_HEADER = re.compile(
    r"(?:code )?guichet|c/guichet|(?:code )?(?:banque|etablissement)|compte|n(?:°|umero)(?: de)? "
    r"?compte|n/compte|cle(?: rib)?|c/rice|devise|domiciliation|adresse|bic.{0,40}|code bic|"
    r"(?:n° ?|numero )?(?:de )?sire[nt]|client n°|n° (?:de )?client|date d'effet|echeance|effet|"
    r"contrat|n° (?:de )?contrat|date|periode|montant|titulaire|iban|du|au|jusqu'au|"
    r"(?:date|n°|numero|code) (?:de |d')[a-z]+(?: [a-z]+)?"
)
#: A cell that looks like a label of some form: not a value.
_LABELLIKE = re.compile(r".{2,60}\s?:$")


@dataclass(frozen=True, slots=True)
class Hints:
    """What the request knows. It chooses between readings of the page, never replaces them."""

    name: str | None = None
    siren: str | None = None

    def names(self, text: str) -> bool:
        """Whether `text` is the expected company name, however it is written."""
        return bool(self.name) and key(text) == key(self.name or "")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value in its canonical form and the text it stands in."""

    value: str
    span: Span


#: Spots beside a label give a letter or two.
_LEAST_LETTERS = 3
Parser = Callable[[Span], Parsed | None]
Special = Callable[[Paper, Hints], "FieldValue | None"]


@dataclass(frozen=True, slots=True)
class Label:
    """A printed label: the value stands after it, to its right or under it.

    `wraps` lets a value run over several lines; `only` restricts where the value may stand
    ("after", "right", "below"; empty = anywhere, in that order).
    """

    form: re.Pattern[str]
    parse: Parser
    wraps: bool = False
    only: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence whose group `v` holds the value."""

    form: re.Pattern[str]
    parse: Parser


@dataclass(frozen=True, slots=True)
class Asks:
    """What a field asks for in terms of the vocabulary, whatever words a form has for it.

    `of`: what may be asked, from the most to the least telling; one of them must be there. `also`:
    what may stand beside. `needs`: what must. A label that says anything else asks something else.
    `text`: any text can be the value, so one must follow a colon or stand apart, unless the label
    begins with a thing that is asked for.
    """

    of: tuple[Term, ...]
    parse: Parser
    also: frozenset[Term] = frozenset()
    needs: frozenset[Term] = frozenset()
    wraps: bool = False
    text: bool = False
    only: str = ""

    def rank(self, found: Asked) -> int | None:
        """How well a label suits, 0 best; None where it asks for something else."""
        terms = set(found.terms)
        known = [self.of.index(term) for term in terms if term in self.of]
        if not known or not self.needs <= terms or not terms <= {*self.of, *self.also}:
            return None
        if Term.ADDRESS in terms and not terms & _NAMES:
            return None
        if (self.wraps or self.text) and not found.whole and found.terms[0] not in _THINGS:
            return None
        return min(known)


#: Terms that begin a label even where no colon parts it from a text.
_THINGS = frozenset({Term.FIRM, Term.NAME, Term.SEAT, Term.ADDRESS, Term.FORM})
#: An address may be asked for together with a name, never instead of it.
_NAMES = frozenset({Term.FIRM, Term.NAME, Term.SEAT})


@dataclass(frozen=True, slots=True)
class By:
    """A reading that needs its own function."""

    find: Special


Finder = Label | Phrase | Asks | By
Fields = Mapping[str, Sequence[Finder]]


def label_form(source: str) -> re.Pattern[str]:
    """How a label of several words begins its cell; the value stands where the match ends."""
    return pattern(rf"{_LEAD}(?:{source}){_TAIL}")


def label(source: str, parse: Parser, *, wraps: bool = False, only: str = "") -> Label:
    """A label of several words, or one that nothing else begins with."""
    return Label(label_form(source), parse, wraps, only)


def bare_label(source: str, parse: Parser, *, wraps: bool = False, only: str = "") -> Label:
    """An ordinary word as a label: it must end its cell or be followed by a colon."""
    return Label(pattern(rf"{_LEAD}(?:{source}){_BARE_TAIL}"), parse, wraps, only)


def asks(
    *of: Term, parse: Parser, also: Collection[Term] = (), needs: Collection[Term] = (),
    wraps: bool = False, text: bool = False, only: str = "",
) -> Asks:  # fmt: skip
    return Asks(of, parse, frozenset(also), frozenset(needs), wraps, text, only)


def phrase(source: str, parse: Parser) -> Phrase:
    return Phrase(pattern(source), parse)


def extract(paper: Paper, fields: Fields, *, hints: Hints) -> dict[str, FieldValue]:
    """Every field that could be read. What is not read is absent."""
    found: dict[str, FieldValue] = {}
    for name, sources in fields.items():
        value = first(paper, sources, hints=hints)
        if value is not None:
            found[name] = value
    return found


def first(paper: Paper, sources: Sequence[Finder], *, hints: Hints) -> FieldValue | None:
    """The value of the first source that gives one."""
    for source in sources:
        if isinstance(source, By):
            value = source.find(paper, hints)
            if value is not None:
                return value
        else:
            parsed = next(candidates(paper, source, hints=hints), None)
            if parsed:
                return as_value(parsed)
    return None


def candidates(paper: Paper, source: Label | Phrase | Asks, *, hints: Hints) -> Iterator[Parsed]:
    """Every value that a label or a phrase finds, in reading order."""
    if isinstance(source, Phrase):
        yield from _phrased(paper, source)
        return
    if isinstance(source, Asks):
        yield from (parsed for _, parsed in asked_for(paper, source, hints=hints))
        return
    for sheet, cell in paper.cells:
        match = source.form.match(cell.run.folded)
        if match:
            end = after_second(cell.run.folded, match.end())
            yield from _labelled(sheet, cell, end, source, hints=hints)


def asked_for(paper: Paper, source: Asks, *, hints: Hints) -> Iterator[tuple[int, Parsed]]:
    """Every value that labels ask for, those of the best suited labels first."""
    suited = [
        (rank, sheet, cell, found)
        for sheet in paper.sheets
        for cell, found in labels_on(sheet)
        if (rank := source.rank(found)) is not None
    ]
    for rank, sheet, cell, found in sorted(suited, key=lambda item: item[0]):
        if not found.whole and cell.run.text[found.stop].islower():
            continue  # A sentence that goes on with other words.
        for parsed in _labelled(sheet, cell, found.end, source, hints=hints):
            yield rank, parsed


def labels_on(sheet: Sheet) -> list[tuple[Cell, Asked]]:
    """Every label of a page, at the head of a cell or inside it; worked out once."""
    if sheet.asked is None:
        sheet.asked = [(cell, found) for cell in sheet.cells for found in _labels_in(cell)]
    return sheet.asked


def _labels_in(cell: Cell) -> Iterator[Asked]:
    folded = cell.run.folded
    head = asked(folded)
    if head:
        yield head
    if folded.count(":", head.end if head else 0):
        for found in inner(folded):
            if head is None or found.start >= head.end:
                yield found


def as_value(parsed: Parsed) -> Value:
    """The value with its page, box, source and confidence."""
    span = parsed.span
    return Value(parsed.value, span.page, span.box, span.source, round(span.confidence, 3))


def _phrased(paper: Paper, source: Phrase) -> Iterator[Parsed]:
    seen: set[tuple[int, float, float]] = set()
    for runs in (paper.blocks, paper.lines):
        for run in runs:
            for match in source.form.finditer(run.folded):
                span = run.span(match.start("v"), _whole_number(run.folded, match.end("v")))
                parsed = source.parse(span) if span else None
                if parsed is None:
                    continue
                place = (parsed.span.page, parsed.span.box.x0, parsed.span.box.top)
                if place not in seen:
                    seen.add(place)
                    yield parsed


def _whole_number(folded: str, end: int) -> int:
    """Where a piece of text ends that must not end within a number: "24/09/20" of "24/09/2026"."""
    if end and folded[end - 1].isdigit():
        while end < len(folded) and folded[end].isdigit():
            end += 1
    return end


def _labelled(
    sheet: Sheet, cell: Cell, end: int, source: Label | Asks, *, hints: Hints
) -> Iterator[Parsed]:
    rest = cell.run.span(end, _next_label(sheet, cell, end))
    if rest and source.wraps and _in_sentence(cell.run.text, end, rest):
        return
    if rest and source.only in {"", "after"}:
        more = sheet.continued(cell) if source.wraps else []
        yield from _parsed(source, rest, [item.run.whole() for item in more], hints=hints)
        return
    if source.only in {"", "right"}:
        right = sheet.right_of(cell)
        stack = stack_beside(sheet, cell) if source.wraps else []
        if stack and not is_header(stack[0]):
            yield from _parsed(
                source, stack[0].run.whole(), [item.run.whole() for item in stack[1:]],
                hints=hints,
            )  # fmt: skip
            return
        if right and not is_header(right):
            found = list(_cell_value(sheet, right, source, hints=hints))
            yield from found
            if found or not source.wraps:
                return
    if source.only in {"", "below"}:
        for under in sheet.below(cell)[:2]:
            if is_header(under) and not _asks_again(source, under):
                return  # The next label: what stands under that is its own.
            found = list(_cell_value(sheet, under, source, hints=hints))
            yield from found
            if found:
                return


def _asks_again(source: Label | Asks, cell: Cell) -> bool:
    """Whether a cell is one more label of the same: a second language under the first."""
    if isinstance(source, Label):
        return bool(source.form.match(cell.run.folded))
    found = asked(cell.run.folded)
    return found is not None and source.rank(found) is not None


def _next_label(sheet: Sheet, cell: Cell, end: int) -> int:
    """Where the value of a label ends in its cell: at the next label, or with the cell."""
    if ":" not in cell.run.folded[end:]:
        return len(cell.run.text)
    later = [a.start for c, a in labels_on(sheet) if c is cell and a.start > end]
    return min(later, default=len(cell.run.text))


def _in_sentence(text: str, end: int, rest: Span) -> bool:
    """Whether a label is only a word of a sentence that its line goes on with, small letters all.

    "… est / assurée par le contrat …": a form would begin its value with a capital, or part it
    from the label.
    """
    return rest.text[:1].islower() and text[:end].rstrip()[-1:].isalpha()


def is_header(cell: Cell) -> bool:
    """Whether a cell is a label or heads a column: it is nobody's value."""
    folded = cell.run.folded
    return bool(_LABELLIKE.match(folded) or _HEADER.fullmatch(folded) or is_label(folded))


def home_of(sheet: Sheet, cell: Cell) -> Cell | None:
    """The cell with the value of a label that ends its own: beside it, or under it in a grid."""
    right = sheet.right_of(cell)
    if right and not is_header(right):
        return right
    under = next(iter(sheet.below(cell)), None)
    return None if under is None or is_header(under) else under


def _cell_value(
    sheet: Sheet, cell: Cell, source: Label | Asks, *, hints: Hints
) -> Iterator[Parsed]:
    more = sheet.continued(cell) if source.wraps else []
    yield from _parsed(source, cell.run.whole(), [c.run.whole() for c in more], hints=hints)


def _parsed(
    source: Label | Asks, head: Span, more: Sequence[Span], *, hints: Hints
) -> Iterator[Parsed]:
    span = head
    if source.wraps:
        span = fit(head, more, hints=hints)
    parsed = source.parse(span)
    if parsed and not (source.wraps and _is_stain(parsed, hints=hints)):
        yield parsed


def _is_stain(parsed: Parsed, *, hints: Hints) -> bool:
    """Whether a text read from a picture is too short to be anybody's name but the expected one."""
    short = len(key(parsed.value)) < _LEAST_LETTERS and not hints.names(parsed.value)
    return short and parsed.span.source is Source.OCR


def stack_beside(sheet: Sheet, cell: Cell) -> list[Cell]:
    """Lines of value centred on one label: they begin above it and end under it."""
    column = sheet.column_beside(cell)
    above = [other for other in column if other.middle < cell.top]
    if not above:
        return []
    middle = (column[0].top + column[-1].bottom) / 2
    return column if abs(middle - cell.middle) < 0.3 * cell.height else []


def fit(head: Span, more: Sequence[Span], *, hints: Hints) -> Span:
    """Decide how many of the following lines belong to a value of free text.

    The expected name settles it where the page says just that; otherwise every line counts
    until one looks like a label or an address.
    """
    whole = head
    if hints.names(whole.text):
        return whole
    for line in more:
        whole = whole.joined(line)
        if hints.names(whole.text):
            return whole
    whole = head
    for line in more:
        if stops(line.folded):
            break
        whole = whole.joined(line)
    return whole


def lines_of(run: Run) -> list[Span]:
    """The printed lines of a block."""
    lines: list[list[int]] = []
    for index, word in enumerate(run.words):
        middle = (word.box.top + word.box.bottom) / 2
        if lines:
            last = run.words[lines[-1][0]].box
            if last.top <= middle <= last.bottom:
                lines[-1].append(index)
                continue
        lines.append([index])
    spans = []
    for indexes in lines:
        words = tuple(run.words[index] for index in indexes)
        spans.append(Span(" ".join(word.text for word in words), words))
    return spans
