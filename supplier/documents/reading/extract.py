"""The engine of extraction: labels and phrases, as data, find values and their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from supplier.documents.reading.labels import after_second, is_label
from supplier.documents.reading.layout import Cell, Paper, Sheet
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.spans import Run, Span
from supplier.documents.reading.text import key, pattern

_LEAD = r"^(?:[-•*·>.]+ ?)?"
_TAIL = r"(?:\s?\([^()]{1,30}\))?\s?(?:[:;.]+\s?|(?=[\s:;/])|$)"
_BARE_TAIL = r"(?:\s?\([^()]{1,30}\))?\s?(?:[:;]\s?|$|(?=[/|] ?[a-z]))"
#: Cells that head a column: what stands under them is the value, not what stands beside them.
_HEADER = re.compile(
    r"(?:code )?guichet|c/guichet|(?:code )?(?:banque|etablissement)|compte|n(?:°|umero)(?: de)? "
    r"?compte|n/compte|cle(?: rib)?|c/rice|devise|domiciliation|adresse|bic.{0,40}|code bic|"
    r"(?:n° ?|numero )?(?:de )?sire[nt]|client n°|n° (?:de )?client|date d'effet|echeance|effet|"
    r"contrat|n° (?:de )?contrat|date|periode|montant|titulaire|iban|"
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
class By:
    """A reading that needs its own function."""

    find: Special


Source = Label | Phrase | By
Fields = Mapping[str, Sequence[Source]]


def label_form(source: str) -> re.Pattern[str]:
    """How a label of several words begins its cell; the value stands where the match ends."""
    return pattern(rf"{_LEAD}(?:{source}){_TAIL}")


def label(source: str, parse: Parser, *, wraps: bool = False, only: str = "") -> Label:
    """A label of several words, or one that nothing else begins with."""
    return Label(label_form(source), parse, wraps, only)


def bare_label(source: str, parse: Parser, *, wraps: bool = False, only: str = "") -> Label:
    """An ordinary word as a label: it must end its cell or be followed by a colon."""
    return Label(pattern(rf"{_LEAD}(?:{source}){_BARE_TAIL}"), parse, wraps, only)


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


def first(paper: Paper, sources: Sequence[Source], *, hints: Hints) -> FieldValue | None:
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


def candidates(paper: Paper, source: Label | Phrase, *, hints: Hints) -> Iterator[Parsed]:
    """Every value that a label or a phrase finds, in reading order."""
    if isinstance(source, Phrase):
        yield from _phrased(paper, source)
        return
    for sheet, cell in paper.cells:
        match = source.form.match(cell.run.folded)
        if match:
            end = after_second(cell.run.folded, match.end())
            yield from _labelled(sheet, cell, end, source, hints=hints)


def as_value(parsed: Parsed) -> Value:
    """The value with its page, box, source and confidence."""
    span = parsed.span
    return Value(parsed.value, span.page, span.box, span.source, round(span.confidence, 3))


def _phrased(paper: Paper, source: Phrase) -> Iterator[Parsed]:
    seen: set[tuple[int, float, float]] = set()
    for runs in (paper.blocks, paper.lines):
        for run in runs:
            for match in source.form.finditer(run.folded):
                span = run.span(match.start("v"), match.end("v"))
                parsed = source.parse(span) if span else None
                if parsed is None:
                    continue
                place = (parsed.span.page, parsed.span.box.x0, parsed.span.box.top)
                if place not in seen:
                    seen.add(place)
                    yield parsed


def _labelled(
    sheet: Sheet, cell: Cell, end: int, source: Label, *, hints: Hints
) -> Iterator[Parsed]:
    rest = cell.run.span(end, len(cell.run.text))
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
            yield from _cell_value(sheet, right, source, hints=hints)
            return
    if source.only in {"", "below"}:
        for under in sheet.below(cell)[:2]:
            if is_header(under) and not source.form.match(under.run.folded):
                return  # The next label: what stands under that is its own.
            found = list(_cell_value(sheet, under, source, hints=hints))
            yield from found
            if found:
                return


def _in_sentence(text: str, end: int, rest: Span) -> bool:
    """Whether a label is only a word of a sentence that its line goes on with, small letters all.

    "… est / assurée par le contrat …": a form would begin its label or its value with a capital.
    """
    return text[:1].islower() and rest.text[:1].islower() and text[:end].rstrip()[-1:].isalpha()


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


def _cell_value(sheet: Sheet, cell: Cell, source: Label, *, hints: Hints) -> Iterator[Parsed]:
    more = sheet.continued(cell) if source.wraps else []
    yield from _parsed(source, cell.run.whole(), [c.run.whole() for c in more], hints=hints)


def _parsed(source: Label, head: Span, more: Sequence[Span], *, hints: Hints) -> Iterator[Parsed]:
    span = head
    if source.wraps:
        span = fit(head, more, hints=hints)
    parsed = source.parse(span)
    if parsed:
        yield parsed


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


_ADDRESS = re.compile(
    r"(?:\d+(?:\s?(?:bis|ter|quater|[a-d]))?[ ,]|\d{5}\b|l-\d{4}\b|z\.?[ai]\.?c?\b|zone\b|parc\b|"
    r"lieu|route\b|rue\b|avenue\b|av\.?\b|boulevard\b|bd\b|place\b|impasse\b|chemin\b|allee\b|"
    r"quai\b|cours\b|square\b|tour\b|immeuble\b|residence\b|batiment\b|bat\b|cs\b|bp\b|tsa\b|"
    r"centre commercial|hameau\b|villa\b|passage\b|traverse\b|domaine\b|chez\b|espace\b|c/o\b)"
)
_OTHER_LABEL = re.compile(
    r"(?:siren|siret|n°|numero|adresse|forme|capital|sigle|date|tel|email|e-mail|courriel|code|"
    r"activite|r\.?c\.?s|tva|represente|qualite|domiciliation|iban|bic|page)(?!\w)|.{2,40} ?:"
)


_WAY = (
    r"(?:rue|avenue|av\.?|boulevard|bd|place|impasse|chemin|allees?|quai|cours|square|route|via|"
    r"viale|piazza|corso|calle|carrer|avenida|avda\.?|poligono|ul\.?|ulica|aleja|al\.|rua|estrada"
    r"|strada|str\.)(?!\w)"
)
_TOWN = r"(?:[a-z]{1,2}-)?(?:\d{4,5}|\d{2}-\d{3}|\d{4} [a-z]{2}) [^\d]{2,40}"
_PLACE = re.compile(
    rf"\d+(?: ?(?:bis|ter|quater|[a-d]))?,? {_WAY}.*|{_WAY} [^\d]{{2,40}}[ ,]\d+ ?[a-z]?(?:,.*)?"
    r"|[^\d,]*(?:strass?e|str\.|weg|platz|allee|gasse|laan|straat|steenweg|dreef|plein|kade)"
    rf" \d+ ?[a-z]?(?:,.*)?|(?!\d{{4}} ){_TOWN}|.*\d.*, ?{_TOWN}"
)


def is_place(folded: str) -> bool:
    """Whether a text is nothing but a street with its number, a town with its postcode, or both."""
    return bool(_PLACE.fullmatch(folded.strip()))


def is_address(folded: str) -> bool:
    """Whether a line begins as the street or town lines of an address do."""
    return bool(_ADDRESS.match(folded))


def stops(folded: str) -> bool:
    """Whether a line can't continue a name."""
    return is_address(folded) or bool(_OTHER_LABEL.match(folded))


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
