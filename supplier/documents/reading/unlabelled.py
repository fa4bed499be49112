"""Values that nothing announces and that only one reading of the page allows."""

from __future__ import annotations

import re

from supplier.documents.reading.dates import find_dates
from supplier.documents.reading.extract import Hints, Parsed, as_value, is_header
from supplier.documents.reading.layout import Cell, Paper, Sheet
from supplier.documents.reading.result import Value

#: What may stand before the day of a paper in its cell: a town, an article, "Fait à".
_LEADS = re.compile(
    r"(?:fait |signe |etabli |delivre |edite |emis |imprime |date )?(?:a |en )?"
    r"(?:[a-z][a-z' -]{1,40}?)?(?:(?:\s?,|\(\d{2,5}\))?\s?(?:le|ce|du)?\s?:?\s?)?"
)
#: Words by which a day is another one than that of the paper.
_ANOTHER = re.compile(
    r"\b(?:nee?|naissance|immatricul|inscri|depuis|jusqu|loi|decret|arrete|ordonnance|article"
    r"|effet|echeance|periode|valable|validite|recu|arrive|creation|embauch|cloture|debut|fin"
    r"|exercice|expir|situation|version|modifi|applicable|vigueur|compter|entre|au|souscri|paye"
    r"|exigible|terme|transfert|mention|jugement|imprime|maj|mise a jour"
    # The same in other languages: a beginning, an end, a foundation, an entry, a birth.
    r"|inicio|constitu|alta\b|nacimiento|baja\b|beginn|grundung|gegrundet|eintrag|geboren|geburt"
    r"|oprichting|opgericht|inschrijving|begin|sinds|incorporat|found|since|regist|birth|inizio"
    r"|iscri|nascita|utworz|rejestr|wpis|urodz|fundac|nascimento)"
)


def made_on(paper: Paper, _hints: Hints) -> Value | None:
    """The only day that stands by itself, or after no more than a town: that of the paper.

    Two such days, and a person tells which of them it is.
    """
    found: dict[str, Value] = {}
    for sheet, cell in paper.cells:
        for item in find_dates(cell.run.folded):
            before, after = cell.run.folded[: item.start], cell.run.folded[item.end :]
            alone = _LEADS.fullmatch(before) and not re.search(r"[a-z]{2}", after)
            if not alone or _ANOTHER.search(before) or _announced(sheet, cell):
                continue
            span = cell.run.span(item.start, item.end)
            if span:
                found.setdefault(item.day.isoformat(), as_value(Parsed(item.day.isoformat(), span)))
    return next(iter(found.values())) if len(found) == 1 else None


def _announced(sheet: Sheet, cell: Cell) -> bool:
    """Whether a label beside or over a cell asks for what it holds, or a table does."""
    left = sheet.left_of(cell)
    above = [
        other for row in sheet.rows[max(0, cell.row - 2) : cell.row] for other in row
        if other.overlap(cell) > 0 and cell.top - other.bottom < 2.2 * cell.height
        and not sheet.right_of(other)
    ]  # fmt: skip
    return any(is_header(other) or _ANOTHER.search(other.run.folded[-40:])
               for other in [*above[-1:], *([left] if left else [])])  # fmt: skip
