"""A closer look at a picture: codes, accounts, dates and boxes are read a second time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from supplier.adapters.barcodes import parse_infogreffe
from supplier.documents.findings import doubt
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.bank import iban_holds, rib_holds
from supplier.documents.reading.dates import find_dates
from supplier.documents.reading.labels import SECURITY_CODE
from supplier.documents.reading.layout import Paper, Sheet
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.result import FieldValue, Finding, Value
from supplier.documents.reading.sources import Page
from supplier.documents.reading.spans import Span
from supplier.documents.reading.statements import Said, Statement
from supplier.documents.reading.text import fold
from supplier.documents.reading.zones import read_zone, turned, upright
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, Source

_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ALMOST_CODE = re.compile(r"(?=\S*\d)(?=\S*[A-Z])[A-Z0-9)(\]\[|$&]{12,18}$")
#: Letters that a scan takes for figures, in places where only a figure can stand.
_FIGURES = str.maketrans("OQDILSBZG", "000115826")
_TWINS = {"O": "O0", "0": "0O", "I": "I1", "1": "1I", "S": "S5", "5": "5S", "B": "B8", "8": "8B"}
_MOST_TWINS = 6
#: How much darker a ticked box is than an empty one.
_TICKED = 1.18


def closer_fields(
    kind: DocumentKind,
    fields: Mapping[str, FieldValue],
    paper: Paper,
    pages: Sequence[Page],
    *,
    name: str | None = None,
) -> dict[str, FieldValue]:
    """Values that the first reading of a picture missed or spoilt, by a second look.

    `name`: the expected company. A second reading that gives just that name settles a first one
    that came near it; it never replaces another name.
    """
    better: dict[str, FieldValue] = {}
    if kind is DocumentKind.URSSAF_VIGILANCE:
        code = _security_code(paper, pages)
        if code:
            better["security_code"] = code
    if kind is DocumentKind.KBIS:
        code = _verification_code(paper, pages, fields.get("verification_code"))
        if code:
            better["verification_code"] = code
    iban = fields.get("iban")
    if iban is None and kind is DocumentKind.BANK_DETAILS:
        account = _account_again(paper, pages)
        if account:
            better["iban"] = account
    if isinstance(iban, Value) and not iban_holds(iban.text):
        mended = mended_iban(iban.text)
        if mended:
            better["iban"] = replace(iban, value=mended, confidence=min(iban.confidence, 0.8))
    printed = fields.get(NAME_FIELDS.get(kind, ""))
    if name and isinstance(printed, Value) and printed.source is Source.OCR:
        again_read = _name_again(printed, name, pages)
        if again_read:
            better[NAME_FIELDS[kind]] = again_read
    return better


def _account_again(paper: Paper, pages: Sequence[Page]) -> Value | None:
    """The account beside its label, read again: the only one whose keys hold, a stain left out."""
    for sheet, cell in paper.cells:
        if not cell.run.folded.startswith("iban"):
            continue
        right = sheet.right_of(cell)
        span = cell.run.span(4, len(cell.run.text)) or (right.run.whole() if right else None)
        page = page_of(pages, sheet.number)
        if span is None or page is None:
            continue
        for text in (
            re.sub(r"[^A-Z0-9]", "", span.text),
            again(page, span.box, whitelist=_CAPITALS),
        ):
            whole = [text, *(text[:at] + text[at + 1 :] for at in range(2, len(text)))]
            good = {item for item in whole if iban_holds(item) and rib_holds(item)}
            if len(good) == 1:
                return Value(good.pop(), span.page, span.box, Source.OCR, 0.7)
    return None


#: The name that alone says whose paper it is, where no company number does.
NAME_FIELDS = {
    DocumentKind.BANK_DETAILS: "holder",
    DocumentKind.A1_CERTIFICATE: "employer",
    DocumentKind.FOREIGN_REGISTER_EXTRACT: "company_name",
}


def _name_again(printed: Value, name: str, pages: Sequence[Page]) -> Value | None:
    """The printed name read a second time, where that reading gives just the expected name."""
    if likeness(printed.text, name) is not Likeness.CLOSE or printed.box is None:
        return None
    page = page_of(pages, printed.page)
    words = read_zone(page, printed.box) if page else ()
    second = " ".join(word.text for word in words)
    if likeness(second, name) is not Likeness.SAME:
        return None
    return replace(printed, value=" ".join(second.split()), confidence=0.7)


def page_of(pages: Sequence[Page], number: int) -> Page | None:
    return next((page for page in pages if page.text.number == number), None)


def mended_iban(text: str) -> str | None:
    """The only IBAN that both keys accept once look-alike letters are tried; None if unsure."""
    fixed = text
    if text[:2] in {"FR", "MC"} and len(text) == 27:
        fixed = text[:2] + text[2:14].translate(_FIGURES) + text[14:25]
        fixed += text[25:].translate(_FIGURES)
    elif text[:2] == "DE":
        fixed = "DE" + text[2:].translate(_FIGURES)
    places = [index for index, letter in enumerate(fixed) if index >= 14 and letter in _TWINS]
    if len(places) > 11:
        return fixed if iban_holds(fixed) and rib_holds(fixed) else None
    good = {
        candidate
        for candidate in _variants(fixed, places)
        if iban_holds(candidate) and rib_holds(candidate)
    }
    return good.pop() if len(good) == 1 else None


def _variants(text: str, places: Sequence[int]) -> Iterator[str]:
    letters = [place for place in places if text[place].isalpha()]
    # A figure is read as a letter far more often than the reverse: try those places first.
    chosen = (letters + [place for place in places if place not in letters])[:_MOST_TWINS]
    for choice in product(*(_TWINS[text[place]] for place in chosen)):
        changed = list(text)
        for place, letter in zip(chosen, choice, strict=True):
            changed[place] = letter
        yield "".join(changed)


def _security_code(paper: Paper, pages: Sequence[Page]) -> Value | None:
    """The code of fifteen, letter by letter what most readings of all its places say.

    Every place is read again, capitals and figures only; both pages bear the code.
    """
    readings: list[Value] = []
    for sheet in paper.sheets:
        page = page_of(pages, sheet.number)
        if page is None or page.image is None:
            continue
        for span in almost_codes(sheet):
            first = Value(span.text, span.page, span.box, Source.OCR, span.confidence)
            # The page read whole counts as much as all zones, and first where they are even.
            readings += [first] * 3
            # How much white stands around decides about the first and the last letter.
            for margin in (0.0, 0.002, 0.004):
                second = again(page, span.box, whitelist=_CAPITALS, margin=margin)
                readings.append(replace(first, value=second, confidence=0.7))
        if not almost_codes(sheet):
            readings += _under_label(sheet, page)
    good = [item for item in readings if _FIFTEEN.fullmatch(item.text)]
    if not good:
        return None
    near = max((_near(item, good) for item in good), key=len)
    agreed = "".join(
        Counter(item.text[index] for item in near).most_common(1)[0][0] for index in range(15)
    )
    return replace(near[0], value=agreed)


def _near(one: Value, readings: Sequence[Value]) -> list[Value]:
    """The readings of the same code; one that stands alone was no code."""
    return [item for item in readings if _apart(item.text, one.text) <= _MOST_APART]


def _under_label(sheet: Sheet, page: Page) -> list[Value]:
    """The code under its heading, where the first reading saw no word that resembles one."""
    for cell in sheet.cells:
        match = _SECURITY_LABEL.search(cell.run.folded)
        span = cell.run.span(*match.span()) if match else None
        if span is None:
            continue
        box = span.box
        wide, high = box.x1 - box.x0, box.bottom - box.top
        zone = Box(max(0.0, box.x0 - wide), box.bottom, min(1.0, box.x1 + wide),
                   min(1.0, box.bottom + 6 * high))  # fmt: skip
        words = read_zone(page, zone, whitelist=_CAPITALS)
        return [
            Value(word.text, span.page, zone, Source.OCR, 0.5)
            for word in words if _FIFTEEN.fullmatch(word.text)
        ]  # fmt: skip
    return []


_SECURITY_LABEL = re.compile(SECURITY_CODE)
_FIFTEEN = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9]{15}")
#: Readings of one code differ in no more letters than this; another code differs in most.
_MOST_APART = 4


def _apart(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def edits(one: str, other: str) -> int:
    """How many letters must be changed, added or left out to make one text of the other."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, theirs in enumerate(other, 1):
            kept = before + (letter != theirs)
            before, row[place] = row[place], min(kept, row[place] + 1, row[place - 1] + 1)
    return row[-1]


def _verification_code(
    paper: Paper, pages: Sequence[Page], first: FieldValue | None
) -> Value | None:
    """The code of ten of an extract: its QR code settles the letters, or a second reading."""
    codes = [
        Value(told.verification_code, barcode.page, barcode.box, Source.BARCODE, 1.0)
        for page in pages
        for barcode in page.barcodes
        if (told := parse_infogreffe(barcode.text)) and told.verification_code
    ]
    if isinstance(first, Value):
        if first.source is not Source.OCR:
            return None
        read = first.text.casefold()
        same = (c for c in codes if edits(c.text.casefold(), read) <= _OF_TEN)
        return next(same, None)
    if codes:
        return codes[0]
    for sheet, cell in paper.cells:
        match = _CODE_LABEL.search(cell.run.folded)
        page = page_of(pages, sheet.number) if match else None
        rest = cell.run.span(match.end(), len(cell.run.text)) if match else None
        if page is None or rest is None:
            continue
        text = again(page, rest.box, whitelist=_LETTERS)
        if len(text) == 10 and any(letter.isdigit() or letter.isupper() for letter in text):
            return Value(text, rest.page, rest.box, Source.OCR, 0.6)
    return None


_CODE_LABEL = re.compile(r"code de (?:verification|controle)\s?:?\s?")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#: Letters of ten that a scan may get wrong beside the same code in a QR code.
_OF_TEN = 3


def almost_codes(sheet: Sheet) -> list[Span]:
    """Words that look like a security code with a letter more or less, or a stain."""
    return [
        Span(word.text, (word,))
        for word in sheet.words
        if _ALMOST_CODE.match(word.text) and len(re.findall(r"\d", word.text)) >= 2
    ]


def again(page: Page, box: Box, *, whitelist: str = "", margin: float = 0.004) -> str:
    """The text of one zone of a picture, read alone; blanks taken out."""
    words = read_zone(page, box, whitelist=whitelist, margin=margin)
    return "".join(word.text for word in words)


#: Higher than this share of a page, a date runs over two lines: its zone holds other words too.
_ONE_LINE = 0.028


def second_looks(
    kind: DocumentKind,
    fields: Mapping[str, FieldValue],
    pages: Sequence[Page],
    *,
    confirmed: Collection[str] = (),
) -> Iterator[Finding]:
    """Doubts where a second reading of the decisive date says another day.

    `confirmed`: what another reader read alike on the whole page, which weighs more than a zone.
    """
    spec = KINDS[kind]
    names = spec.period or ((spec.dated_by,) if spec.dated_by else ())
    for name in names:
        value = fields.get(name)
        if name in confirmed or not isinstance(value, Value) or value.box is None:
            continue
        if value.source is not Source.OCR:
            continue
        if value.box.bottom - value.box.top > _ONE_LINE:
            continue
        page = page_of(pages, value.page)
        words = read_zone(page, value.box) if page else ()
        found = find_dates(fold(" ".join(word.text for word in words)))
        days = [item.day.isoformat() for item in found]
        if days and value.text not in days:
            yield doubt(
                ReasonCode.UNREADABLE,
                message=N_("A date could not be read with certainty: %(first)s or %(second)s."),
                at=value,
                params={"first": value.text, "second": days[0]},
            )


def ticked(said: Sequence[Statement], pages: Sequence[Page]) -> list[Statement]:
    """Keep of two opposite boxed sentences the one whose box is ticked.

    Where the picture can't tell, both stay, and the checks make a doubt of it.
    """
    kept = list(said)
    for yes, no in (
        (Said.IN_ORDER, Said.NOT_IN_ORDER),
        (Said.NO_FOREIGN_WORKERS, Said.FOREIGN_WORKERS),
    ):
        first = next((item for item in kept if item.said is yes), None)
        second = next((item for item in kept if item.said is no), None)
        if first is None or second is None:
            continue
        inks = [_box_ink(item.span, pages) for item in (first, second)]
        if None in inks:
            continue
        ours, theirs = inks[0] or 0.0, inks[1] or 0.0
        if ours > theirs * _TICKED:
            kept = [item for item in kept if item.said is not no]
        elif theirs > ours * _TICKED:
            kept = [item for item in kept if item.said is not yes]
    return kept


def _box_ink(span: Span, pages: Sequence[Page]) -> float | None:
    """The share of ink in the place where the box of a sentence stands, left of its line."""
    page = page_of(pages, span.page)
    if page is None or page.image is None:
        return None
    turn = page.quality.turn % 360 if page.quality else 0
    line = _line_start(span, page, turn)
    image = upright(page, turn)
    width, height = image.size
    high = (line.bottom - line.top) * height
    right, left = line.x0 * width - 0.15 * high, line.x0 * width - 2.6 * high
    if left < 0 or high < 4:
        return None
    crop = image.convert("L").crop(
        (int(left), int(line.top * height - 0.35 * high), int(right),
         int(line.bottom * height + 0.35 * high))
    )  # fmt: skip
    return _ink(crop)


def _line_start(span: Span, page: Page, turn: int) -> Box:
    """The first word of the line that a sentence stands in."""
    first = span.words[0]
    shown = turned(getattr(first, "shown", None) or first.box, turn)
    best = shown
    for word in page.text.words:
        box = turned(word.box, turn)
        middle = (box.top + box.bottom) / 2
        near = abs(middle - (shown.top + shown.bottom) / 2) < (shown.bottom - shown.top)
        if near and box.x0 < best.x0 and best.x0 - box.x1 < 0.05 and len(word.text) > 2:
            best = box
    return Box(best.x0, shown.top, shown.x1, shown.bottom)


def _ink(crop: Any) -> float:
    histogram = crop.histogram()
    total = sum(histogram) or 1
    level = _paper_level(histogram, total) * 0.72
    return float(sum(histogram[: int(level)])) / total


def _paper_level(histogram: Sequence[int], total: int) -> float:
    """The grey of the paper: the brightness that half of the pixels exceed."""
    seen = 0
    for grey in range(255, -1, -1):
        seen += histogram[grey]
        if seen * 2 >= total:
            return float(grey)
    return 255.0
