"""Read the tables that companies export: CSV in any usual dress, XLSX; cells as plain text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import load_workbook

from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_UNPACKED = 100 * 1024 * 1024
#: The first line by which a CSV tells Excel its delimiter.
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=([;\t,|])\"?[;,]*\s*$", re.IGNORECASE)
#: Excel in France writes Windows-1252; these bytes have no letter there.
_UNDEFINED_1252 = {0x81, 0x8D, 0x8F, 0x90, 0x9D}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: headings, then rows of the same width. Line numbers count from 2 in the file."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_sheet(data: bytes) -> Sheet:
    """The table in a CSV or XLSX file. Raises DomainError with what to do."""
    if data.startswith(b"PK\x03\x04"):
        return _frame(_xlsx_rows(data))
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DomainError(
            N_("This is not a table. Export it as CSV or XLSX and try again."), field="file"
        )
    return _frame(_csv_rows(_decode(data)))


def _decode(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16, else Windows-1252. Raises DomainError."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if set(data) & _UNDEFINED_1252:
        raise DomainError(
            N_("The table holds unreadable characters. Export it as UTF-8 and try again."),
            field="file",
        )
    return data.decode("cp1252")


def _csv_rows(text: str) -> list[list[str]]:
    first, _, rest = text.partition("\n")
    delimiter = max(";\t,|", key=first.count)
    if declared := _SEPARATOR_LINE.match(first):
        # Excel obeys this line and hides it: line numbers are those that Excel shows.
        delimiter, text = declared[1], rest
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
        return [row for _, row in zip(range(MAX_ROWS + 2), reader, strict=False)]
    except csv.Error as error:
        raise DomainError(
            N_("This table cannot be read. Export it again as CSV with semicolons."), field="file"
        ) from error


def _xlsx_rows(data: bytes) -> list[list[str]]:
    """The first sheet; formulas count as their last value. Bombs are refused before unpacking."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED:
                raise DomainError(N_("This file is too large once unpacked."), field="file")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
        return [[_cell(value) for value in row] for row in rows]
    except DomainError:
        raise
    except Exception as error:
        # openpyxl lets many kinds of errors through on damaged files.
        raise DomainError(
            N_("This spreadsheet cannot be opened. Save it again as XLSX, or export it as CSV."),
            field="file",
        ) from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _frame(rows: Sequence[Sequence[str]]) -> Sheet:
    filled = [[cell.strip(" \u00a0\r") for cell in row] for row in rows]
    while filled and not any(filled[-1]):
        filled.pop()
    if len(filled) < 2:
        raise DomainError(
            N_("The table is empty: its first line holds the headings, then one line a supplier."),
            field="file",
        )
    if len(filled) > MAX_ROWS + 1:
        raise DomainError(
            N_("The table is too long: import at most 20,000 lines at once."), field="file"
        )
    used = max(place + 1 for row in filled for place, cell in enumerate(row) if cell)
    width = min(used, MAX_COLUMNS)
    squared = [tuple((*row, *([""] * width))[:width]) for row in filled]
    return Sheet(headings=squared[0], rows=tuple(squared[1:]))
