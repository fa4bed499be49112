"""Marks that take its value from a paper: "SPÉCIMEN", "ANNULÉ", "SANS VALEUR", in any direction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from supplier.adapters import watermarks
from supplier.documents.findings import doubt
from supplier.documents.kinds import ReasonCode
from supplier.documents.reading.closer import edits
from supplier.documents.reading.layout import Cell, Sheet
from supplier.documents.reading.result import Finding
from supplier.documents.reading.sources import Page
from supplier.documents.reading.text import fold
from supplier.documents.reading.zones import turned, upright
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, PageText, Word

MARKED = N_("A mark on the paper says that it has no value: %(mark)s.")
ACROSS = N_("Large letters are drawn across the page: %(mark)s.")
#: Words that say so wherever they stand alone.
_SAYS = (
    r"specimen|(?:document |copie )?sans valeur(?: (?:legale|contractuelle|juridique))?|annulee?"
    r"|nul et non avenu|non valable|(?:duplicata|copie|document) non valable|fac[- ]?simile"
    r"|ne pas utiliser|document de (?:demonstration|test)|cancel+ed|ungultig|storniert"
)
#: Words that head a column or name somebody elsewhere: alone on their line, in capitals.
_MAY_SAY = (
    r"exemple|modele|void|muster|draft|entwurf|brouillon|invalid|projet|esquisse|epreuve|essai"
)
_ALONE = re.compile(rf"\W*(?:{_SAYS})\W*")
_SHOUTED = re.compile(rf"\W*(?:{_MAY_SAY})\W*")
#: The same across a page, where blanks are lost between letters that stand apart.
_ACROSS = re.compile(rf"(?:{_SAYS}|{_MAY_SAY})".replace(" ", "").replace("[-]?", ""))
#: Words so much higher than the usual ones are drawn across the page.
_HIGH = 2.5
_WORDS = (
    "SPECIMEN", "SANSVALEUR", "ANNULE", "ANNULEE", "NONVALABLE", "DUPLICATANONVALABLE", "EXEMPLE",
    "MODELE", "VOID", "MUSTER", "CANCELLED", "CANCELED", "BROUILLON", "ENTWURF", "UNGULTIG",
    "FACSIMILE", "SANSVALEURLEGALE", "COPIESANSVALEUR", "NEPASUTILISER", "DRAFT", "INVALID",
    "PROJET",
)  # fmt: skip
#: A word of so many letters may be misread in one, once it was found drawn across a page.
_LONG = 6
#: So many large letters that slant across a page are no part of it, whatever they say.
_LETTERS = 4


@dataclass(frozen=True, slots=True)
class _Mark:
    words: str
    page: int
    box: Box
    #: Whether it is one of the words known, or letters that nobody could make out.
    known: bool = True


def marked(
    pages: Sequence[Page], sheets: Sequence[Sheet], texts: Iterable[PageText]
) -> Iterator[Finding]:
    """A doubt for each page that bears such a mark. `texts`: the pages as the eye sees them."""
    for page, sheet, text in zip(pages, sheets, texts, strict=True):
        found = _alone(sheet) or _across(text) or _drawn(page)
        if found:
            params = {"mark": found.words}
            message = MARKED if found.known else ACROSS
            yield doubt(ReasonCode.CONTENT_ALARM, message=message, at=found, params=params)


def _alone(sheet: Sheet) -> _Mark | None:
    for row in sheet.rows:
        for cell in row:
            if _ALONE.fullmatch(cell.run.folded) or (len(row) == 1 and _is_shouted(cell)):
                return _Mark(cell.run.text, sheet.number, cell.run.whole().box)
    return None


def _is_shouted(cell: Cell) -> bool:
    return cell.run.text.isupper() and bool(_SHOUTED.fullmatch(cell.run.folded))


def _across(text: PageText) -> _Mark | None:
    """Words drawn large or slanting, which the arrangement into lines leaves out or tears apart."""
    heights = sorted(word.box.bottom - word.box.top for word in text.words)
    if not heights:
        return None
    usual = heights[len(heights) // 2]
    large = [word for word in text.words if word.box.bottom - word.box.top > _HIGH * usual]
    for match in _ACROSS.finditer(fold("".join(word.text for word in large))):
        words = _words_at(large, match.start(), match.end())
        # "invalidité" begins with such a word, and is none.
        if fold("".join(word.text for word in words)).strip(" .,:!*-") == match[0]:
            box = words[0].box
            for word in words[1:]:
                box = box.union(word.box)
            return _Mark(" ".join(word.text for word in words), text.number, box)
    return None


def _words_at(words: Sequence[Word], start: int, end: int) -> list[Word]:
    found, at = [], 0
    for word in words:
        if at < end and at + len(word.text) > start:
            found.append(word)
        at += len(word.text)
    return found


def _drawn(page: Page) -> _Mark | None:
    """Large letters in light ink on a picture, which readers of print pass over."""
    if page.image is None or page.quality is None:
        return None
    turn = page.quality.turn % 360
    found = watermarks.lettered(upright(page, turn))
    if found is None:
        return None
    word = next((word for word in _WORDS if _is_word(found.text, word)), None)
    if word is None and not (found.slanting and len(found.text) >= _LETTERS):
        return None
    return _Mark(word or found.text, page.text.number, turned(found.box, -turn % 360), bool(word))


def _is_word(text: str, word: str) -> bool:
    if len(word) < _LONG:
        return text == word
    return abs(len(text) - len(word)) <= 1 and edits(text, word) <= 1
