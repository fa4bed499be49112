"""Lists: filters and pages from the address, sort links, and exports that open safely."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from flask import Response, request, url_for

from supplier.kernel.clock import is_plausible
from supplier.web import context

PAGE_SIZE = 50
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0")


def page_number() -> int:
    """The page asked for, from 1 to a million; anything unreadable is page 1."""
    text = request.args.get("page", "1")
    readable = text.isascii() and text.isdigit() and len(text) <= 7
    return max(1, min(int(text), 1_000_000)) if readable else 1


def day(name: str) -> date | None:
    """A day of the address; None when there is none, it is no date, or it cannot be meant."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if is_plausible(found) else None


def choice(name: str, allowed: Iterable[str], default: str = "") -> str:
    """The value of a filter when it is one of `allowed`, else the default."""
    value = request.args.get(name, default)
    return value if value in set(allowed) else default


def link(**changes: Any) -> str:
    """The address of this list with some of its filters changed; None takes one away.

    Only filters are carried on: `_scheme`, `_external` and the like mean something to `url_for`
    (a link could be made to leave the site), and the path is never taken from the question.
    """
    given = {
        name: value
        for name, value in request.args.to_dict().items()
        if not name.startswith("_") and name != "endpoint"
    }
    values: dict[str, Any] = {**given, **(request.view_args or {})}
    for name, value in changes.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    return url_for(str(request.endpoint), **values)


def both_ways(keys: Iterable[str]) -> tuple[str, ...]:
    """The orders that an address may ask for: each key upwards, and downwards with a minus."""
    return tuple(order for key in keys for order in (key, f"-{key}"))


def heads(sort: str) -> Callable[[str], dict[str, str]]:
    """What `ui.head` wants to know of a key in a list sorted by `sort`: a second press turns it."""

    def head(key: str) -> dict[str, str]:
        ways = {key: "ascending", f"-{key}": "descending"}
        turned = f"-{key}" if sort == key else key
        return {"url": link(sort=turned, page=None), "direction": ways.get(sort, "")}

    return head


def cell(value: Any) -> str:
    """A value as a spreadsheet cell that no program takes for a formula (ASVS 1.2.10)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        # On the clock of the pages, and as every spreadsheet program reads it.
        return f"{value.astimezone(ZoneInfo(context.settings().timezone)):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, Decimal)):
        return str(value)
    text = str(value).replace("\0", "")
    return "'" + text if text.startswith(_DANGEROUS) else text


def export(
    rows: Iterable[Mapping[str, Any]], *, columns: Sequence[tuple[str, str]], name: str, kind: str
) -> Response:
    """`rows` as a file: `kind` is csv (semicolons, UTF-8 with mark) or xlsx.

    `columns` are pairs of key and heading, in order.
    """
    if kind == "xlsx":
        body, media = (
            _xlsx(rows, columns),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )
    else:
        kind, body, media = "csv", _csv(rows, columns), "text/csv; charset=utf-8"
    response = Response(body, content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[tuple[str, str]]) -> bytes:
    buffer = io.StringIO()
    # Every cell in quotes: a comma in one must not open a second cell where commas separate.
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([cell(heading) for _, heading in columns])
    writer.writerows([cell(row.get(key)) for key, _ in columns] for row in rows)
    return ("\ufeff" + buffer.getvalue()).encode()


def _xlsx(rows: Iterable[Mapping[str, Any]], columns: Sequence[tuple[str, str]]) -> bytes:
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for column, (_, heading) in enumerate(columns):
            sheet.write_string(0, column, cell(heading), bold)
        for line, row in enumerate(rows, start=1):
            for column, (key, _) in enumerate(columns):
                value = row.get(key)
                if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
                    sheet.write_number(line, column, float(value))
                else:
                    sheet.write_string(line, column, cell(value))
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return buffer.getvalue()
