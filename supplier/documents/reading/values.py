"""Parsers: what a piece of text says, in canonical form, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from supplier.documents.reading.dates import find_dates, first_date
from supplier.documents.reading.extract import Parsed, Parser
from supplier.documents.reading.labels import is_label
from supplier.documents.reading.places import is_place
from supplier.documents.reading.spans import Run, Span
from supplier.documents.reading.text import fold
from supplier.kernel.identifiers import Siren, Siret
from supplier.kernel.pages import Source

_SIREN = re.compile(
    r"(?<![\dA-Z.,])\d{3}[ .\t\u00a0]?\d{3}[ .\t\u00a0]?\d{3}(?!\d)"
    # One figure a box, as forms have them.
    r"|(?<![\dA-Z.,])(?<!\d )\d(?: \d){8}(?! ?\d)"
)
_SIRET = re.compile(
    r"(?<![\dA-Z.,])\d{3}[ .\t\u00a0]?\d{3}[ .\t\u00a0]?\d{3}[ .\t\u00a0]?\d{3}[ .]?\d{2}"
    r"(?!\d)|(?<![\dA-Z.,])(?<!\d )\d(?: \d){13}(?! ?\d)"
)
_AMOUNT = re.compile(
    r"(?<![\d,.])(?P<whole>\d{1,3}(?:[ .'’\u00a0\u202f]\d{3})+|\d+)(?:[.,](?P<cents>\d{2}))?(?!\d)"
)
_CONFUSED = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1", "S": "5", "B": "8"})


def cut(span: Span, match: re.Match[str], *, group: int | str = 0) -> Span:
    """The part of `span` that a match names, with its own words."""
    part = span.cut(match.start(group), match.end(group))
    return part or span


def siren(span: Span) -> Parsed | None:
    """The first company number that passes its key, alone or as the head of a SIRET."""
    for match in _SIRET.finditer(span.text):
        number = digits(match[0])
        if is_siret(number):
            return Parsed(number[:9], cut(span, match))
    for match in _SIREN.finditer(span.text):
        number = digits(match[0])
        if is_siren(number):
            return Parsed(number, cut(span, match))
    return None


#: A number in three groups of which a scan took a figure or two for letters.
_SPOILT_SIREN = re.compile(
    r"(?<![\dA-Za-z.,])(?=(?:\D*\d){6})[\dOoIlSB|]{3}[ .]?[\dOoIlSB|]{3}[ .]?[\dOoIlSB|]{3}"
    r"(?![\dA-Za-z])"
)


def spoilt_siren(span: Span) -> Parsed | None:
    """As `siren`, on a scan too where figures were read as letters and the key then holds."""
    found = siren(span)
    if found or not any(word.source is Source.OCR for word in span.words):
        return found
    for match in _SPOILT_SIREN.finditer(span.text):
        number = digits(match[0].translate(_CONFUSED))
        if is_siren(number):
            return Parsed(number, cut(span, match))
    return None


def siret(span: Span) -> Parsed | None:
    """The first establishment number that passes its key."""
    return next(iter(sirets(span)), None)


def sirets(span: Span) -> Iterator[Parsed]:
    for match in _SIRET.finditer(span.text):
        number = digits(match[0])
        if is_siret(number):
            yield Parsed(number, cut(span, match))


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def is_siren(number: str) -> bool:
    """Nine digits that pass their key."""
    return number.isdigit() and len(number) == 9 and Siren.try_parse(number) is not None


def is_siret(number: str) -> bool:
    """Fourteen digits that pass their key, La Poste's own rule included."""
    return number.isdigit() and len(number) == 14 and Siret.try_parse(number) is not None


def day(span: Span) -> Parsed | None:
    """The first date."""
    found = first_date(fold(span.text))
    return _day(span, found.start, found.end, found.day.isoformat()) if found else None


def compact_day(span: Span) -> Parsed | None:
    """The first date, 300920 included."""
    found = first_date(fold(span.text), compact=True)
    return _day(span, found.start, found.end, found.day.isoformat()) if found else None


def last_day(span: Span) -> Parsed | None:
    found = find_dates(fold(span.text))
    if not found:
        return None
    return _day(span, found[-1].start, found[-1].end, found[-1].day.isoformat())


def _day(span: Span, start: int, end: int, value: str) -> Parsed:
    return Parsed(value, span.cut(start, end) or span)


def amount(span: Span) -> Parsed | None:
    """The first amount, as a decimal string with two decimals."""
    match = _AMOUNT.search(span.text)
    if not match:
        return None
    whole = digits(match["whole"])
    return Parsed(f"{int(whole)}.{match['cents'] or '00'}", cut(span, match))


def count(span: Span) -> Parsed | None:
    """The first whole number."""
    match = re.search(r"\d{1,3}(?: \d{3})+(?!\d)|\d+", span.text)
    return Parsed(str(int(digits(match[0]))), cut(span, match)) if match else None


def free(span: Span) -> Parsed | None:
    """Free text as printed, without the colon or dash that led to it; never another label."""
    text = span.text.strip(" \t:;,•*")
    if not re.search(r"\w", text) or is_label(fold(text)):
        return None
    part = span.cut(span.text.index(text), span.text.index(text) + len(text)) or span
    return Parsed(" ".join(text.split()), part)


#: What follows a company's name on its line: its address, its number, its form, its capital.
_AFTER_NAME = re.compile(
    r"\s*(?:[,;(–—-]\s*|\s)(?=(?:n° ?|numero )?(?:siren|siret|r\.?c\.?s)\b)"
    r"|\s*[,;–—-]\s+(?=(?:\d+(?: ?(?:bis|ter|quater))?,? [a-z]|\d{5} [a-z]|(?:zone|z\.?[ai]\.?c?"
    r"|parc|lieu[- ]dit|immeuble|residence|tour|bp|cs)\b))"
    r"|\s*\((?:siren|siret|rcs|n°)"
)


#: What heads a paper or a part of it, and what leads to another value: nobody is called that.
_HEADING = re.compile(
    r"(?:releve d'identite|cadre reserve|partie reservee|exemplaire|attestation (?:de|d'|sur)"
    r"|certificat (?:de|d')|extrait (?:k ?bis|d)"
    r"|objet ?:|liste nominative|coordonnees (?:bancaires|de)|references bancaires"
    r"|madame, monsieur|page \d|(?:fait )?a [a-z' -]{2,30},? le \d|n° ?\d{3}|tel\.? ?:? ?\d)"
)


def company(span: Span) -> Parsed | None:
    """A company's name, without the address or the number that follow it on its line.

    An address, a heading or another label is no name.
    """
    match = _AFTER_NAME.search(span.folded)
    part = span
    if match:
        cut_off = span.cut(0, match.start()) if match.start() else None
        if cut_off is None:
            return None
        part = cut_off
    if is_place(part.folded) or _HEADING.match(part.folded):
        return None
    return free(part)


#: Words that open what is said of a company, not its name.
_NOT_A_NAME = re.compile(
    r"(?:ci-|sus|n'|ne |a |est |atteste|certifie|declare|s'engage|dont|qui|que|designee?|susvisee?|"
    r"desgn|titulaire|mentionnee?|en |et |de |du |des |d')"
)


def named_company(span: Span) -> Parsed | None:
    """A company's name inside a sentence: names begin with a capital or a figure."""
    parsed = company(span)
    if parsed is None or _NOT_A_NAME.match(parsed.span.folded):
        return None
    return parsed if parsed.value[0].isupper() or parsed.value[0].isdigit() else None


def matching(source: str, *, flags: int = 0) -> Parser:
    """A parser for text of a given form; group `v`, if any, is the value."""
    form = re.compile(source, flags)

    def parse(span: Span) -> Parsed | None:
        match = form.search(span.text)
        if not match:
            return None
        group = "v" if "v" in match.re.groupindex else 0
        return Parsed(" ".join(match[group].split()), cut(span, match, group=group))

    return parse


def lone_sirens(texts: Iterable[str]) -> set[str]:
    """The different company numbers with a good key among some texts."""
    found = set()
    for text in texts:
        for match in _SIREN.finditer(text):
            number = digits(match[0])
            if is_siren(number):
                found.add(number)
    return found


def in_run(run: Run, form: re.Pattern[str], *, raw: bool = True) -> Iterator[tuple[str, Span]]:
    """Every match of a form in a run, with its place."""
    for match in form.finditer(run.text if raw else run.folded):
        span = run.span(match.start(), match.end())
        if span:
            yield match[0], span
