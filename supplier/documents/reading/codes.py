"""Whether every page of a certificate bears the same control code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.closer import again, almost_codes, page_of
from supplier.documents.reading.extract import By, Hints, Parsed, candidates, label, phrase
from supplier.documents.reading.labels import SECURITY_CODE
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.register import KBIS
from supplier.documents.reading.result import FieldValue, Value
from supplier.documents.reading.social import security_code
from supplier.documents.reading.sources import Page
from supplier.documents.reading.spans import Span

_SECURITY = (
    phrase(rf"{SECURITY_CODE}\s?:?\s?(?P<v>[a-z0-9]{{15}})\b", security_code),
    label(SECURITY_CODE, security_code),
)
_FIELDS = {
    DocumentKind.URSSAF_VIGILANCE: "security_code",
    DocumentKind.KBIS: "verification_code",
}
_LABELLED = {
    DocumentKind.URSSAF_VIGILANCE: _SECURITY,
    DocumentKind.KBIS: tuple(
        source for source in KBIS["verification_code"] if not isinstance(source, By)
    ),
}
_ANY = re.compile(
    r"(?<![A-Z0-9])(?=[A-Z0-9]{0,14}\d)(?=[A-Z0-9]{0,14}[A-Z])[A-Z0-9]{15}(?![A-Z0-9])"
)
_SIGNS = {
    DocumentKind.URSSAF_VIGILANCE: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    DocumentKind.KBIS: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
}
_LENGTHS = {DocumentKind.URSSAF_VIGILANCE: 15, DocumentKind.KBIS: 10}
#: What scans take for each other: one sign stands for all of its row.
_ALIKE = str.maketrans("oqdiljzsbgvy", "0001112586uu")
#: A code of fifteen that a scan gives with a letter more or less.
_SPOILT = re.compile(r"(?=\S*\d\S*\d)(?=\S*[A-Z]\S*[A-Z])[A-Z0-9]{14,16}")
#: Two readings of one code share most of its letters, in order; two codes hardly any.
_SAME = 0.6
#: White around a place: how much of it decides about the first and the last letter.
_MARGINS = (0.0, 0.002, 0.004)


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes that are not the one read. `labelled`: those that the print calls the control code.

    `unsure`: places of a picture where it cannot be told whether they hold the same code.
    """

    others: frozenset[str] = frozenset()
    labelled: frozenset[str] = frozenset()
    unsure: tuple[Value, ...] = ()


def other_codes(
    kind: DocumentKind, paper: Paper, fields: Mapping[str, FieldValue], pages: Sequence[Page]
) -> Codes:
    """The codes that a paper bears beside the one read: it should bear one, on every page."""
    read = fields.get(_FIELDS.get(kind, ""))
    if not isinstance(read, Value):
        return Codes()
    if paper.scanned:
        return _on_scan(kind, paper, read, pages)
    named = frozenset(p.value for p in _named(kind, paper) if p.value != read.text)
    loose = frozenset[str]()
    if kind is DocumentKind.URSSAF_VIGILANCE:
        found = (match[0] for line in paper.lines for match in _ANY.finditer(line.text))
        loose = frozenset(code for code in found if code != read.text)
    return Codes(loose | named, named)


def _named(kind: DocumentKind, paper: Paper) -> Iterator[Parsed]:
    for source in _LABELLED[kind]:
        yield from candidates(paper, source, hints=Hints())


def alike(code: str) -> str:
    """A code as far as a scan can tell: letters that look like figures, or like capitals."""
    return code.casefold().translate(_ALIKE)


def _on_scan(kind: DocumentKind, paper: Paper, read: Value, pages: Sequence[Page]) -> Codes:
    """Codes of a picture that no misreading explains, and places that were not read surely.

    A page whose readings give the code of another page once bears that code: one letter misread
    makes no other one. What shares little with it is another code where it was read alike every
    time; what was not read alike, or alike but for a few letters, is for another reader, or for
    people.
    """
    others = set(_loose(kind, paper, read))
    readings: dict[int, list[str]] = {}
    spans: dict[int, Span] = {}
    for span in _places(kind, paper):
        found = _readings(kind, span, pages)
        if found:
            readings.setdefault(span.page, []).extend(found)
            spans.setdefault(span.page, span)
    unsure: list[Value] = []
    first, *rest = readings or {0: []}
    for page in rest:
        ours, theirs = readings[first], readings[page]
        if {alike(text) for text in ours} & {alike(text) for text in theirs}:
            continue
        far = all(_is_other(one, other) for one in ours for other in theirs)
        sure = _agreed(kind, ours) and _agreed(kind, theirs)
        if far and sure:
            others.add(theirs[0])
        elif far or sure:
            unsure += [_seen_at(spans[first]), _seen_at(spans[page])]
    return Codes(frozenset(others), unsure=tuple(unsure))


def _seen_at(span: Span) -> Value:
    return Value(span.text, span.page, span.box, span.source, span.confidence)


def _loose(kind: DocumentKind, paper: Paper, read: Value) -> Iterator[str]:
    if kind is DocumentKind.URSSAF_VIGILANCE:
        for sheet in paper.sheets:
            for word in sheet.words:
                if _SPOILT.fullmatch(word.text) and _is_other(word.text, read.text):
                    yield word.text


def _is_other(code: str, read: str) -> bool:
    return SequenceMatcher(None, code, read, autojunk=False).ratio() < _SAME


_CALLED = re.compile(r"code de (?:verification|controle)\s?:?\s?")


def _places(kind: DocumentKind, paper: Paper) -> Iterator[Span]:
    """Where the pages of a picture bear a code, however badly it was read the first time."""
    for sheet in paper.sheets:
        if kind is DocumentKind.URSSAF_VIGILANCE:
            spans = almost_codes(sheet)
            known = {span.words[0] for span in spans}
            yield from spans
            for word in sheet.words:
                if _ANY.fullmatch(word.text) and word not in known:
                    yield Span(word.text, (word,))
            continue
        for cell in sheet.cells:
            match = _CALLED.search(cell.run.folded)
            if match is None:
                continue
            right = sheet.right_of(cell)
            rest = cell.run.span(match.end(), len(cell.run.text))
            span = rest or (right.run.whole() if right else None)
            if span:
                yield span


#: Readings of one place that must give the same, before another place is held against it.
_SURE = 3
#: Letters more or less with which a place is still taken for one that holds a code.
_MORE = 2


def _readings(kind: DocumentKind, span: Span, pages: Sequence[Page]) -> list[str]:
    """What a place gives when it is read with the page, and alone; as long as a code may come."""
    page = page_of(pages, span.page)
    if page is None or page.image is None:
        return []
    texts = [span.text.replace(" ", "")]
    texts += [again(page, span.box, whitelist=_SIGNS[kind], margin=margin) for margin in _MARGINS]
    return [text for text in texts if abs(len(text) - _LENGTHS[kind]) <= _MORE]


def _agreed(kind: DocumentKind, texts: Sequence[str]) -> bool:
    """Whether the readings of one page agree but for letters that look alike."""
    whole = [alike(text) for text in texts if len(text) == _LENGTHS[kind]]
    return bool(whole) and Counter(whole).most_common(1)[0][1] >= _SURE
