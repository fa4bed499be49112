"""Help for suppliers, and their dates as a calendar file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, timedelta

from flask import Response
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.documents.kinds import KINDS, DocumentKind
from supplier.portal.room import room
from supplier.vigilance import queries as vigilance
from supplier.web import context
from supplier.web.guard import for_supplier
from supplier.web.pages import page
from supplier.web.papers import as_download

blueprint = room("portal_help", "/portal/help")

_NOT_ASKED = frozenset({DocumentKind.INVOICE, DocumentKind.OTHER})


@blueprint.get("/")
@for_supplier()
def show() -> AnyResponse:
    """Where each paper comes from and how long it is good: the catalogue itself."""
    kinds = [spec for kind, spec in KINDS.items() if kind not in _NOT_ASKED]
    found = vigilance.portal_needs(context.supplier_id(), today=context.today())
    return page(
        "portal/help.html",
        kinds=kinds,
        people=[one for one in found if one.person],
        max_bytes=context.settings().upload_max_bytes,
        max_pages=context.settings().upload_max_pages,
    )


@blueprint.get("/dates.ics")
@for_supplier()
def calendar() -> Response:
    """The last good days of papers and the ends of contracts, as all-day entries; no name in it."""
    days: dict[tuple[date, str], str] = {}
    for one in vigilance.portal_needs(context.supplier_id(), today=context.today()):
        for need in one.needs:
            day = need.paper_ends_on
            if day is not None and context.today() <= day and day.year < 9000:
                label = gettext(need.label)
                days[day, need.requirement.value] = gettext("Last good day: %(paper)s", paper=label)
        for contract in one.contracts:
            end = contract.ends_on
            if end is not None and context.today() <= end:
                days[end, f"contract-{contract.id}"] = gettext("End of a contract")
    stamp = context.now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vigie//Vigie//FR", "CALSCALE:GREGORIAN"]
    for (day, code), words in sorted(days.items()):
        lines += _event(day, f"{code}-{day.isoformat()}@vigie", words, stamp)
    lines.append("END:VCALENDAR")
    return as_download(_folded(lines), "vigie.ics", "text/calendar; charset=utf-8")


def _event(day: date, uid: str, words: str, stamp: str) -> list[str]:
    text = words.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", " ")
    return [
        "BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{text}", "TRANSP:TRANSPARENT",
        "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{text}", "TRIGGER:-P14D", "END:VALARM",
        "END:VEVENT",
    ]  # fmt: skip


def _folded(lines: Iterable[str]) -> bytes:
    """RFC 5545: lines of at most 75 bytes, continued after a blank."""
    out: list[bytes] = []
    for line in lines:
        rest = line.encode()
        while len(rest) > 74:
            cut = 74
            while rest[cut] & 0xC0 == 0x80:
                cut -= 1
            out.append(rest[:cut])
            rest = b" " + rest[cut:]
        out.append(rest)
    return b"\r\n".join(out) + b"\r\n"
