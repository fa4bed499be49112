"""The journal: who did what, when and why; and whether its chain holds."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk.room import events_in_sight, in_sight, pager
from supplier.kernel import journal
from supplier.kernel.i18n import N_
from supplier.kernel.journal import JournalFilter
from supplier.parties import queries as parties
from supplier.web import context, lists, saved_views
from supplier.web.event_words import FAMILIES, WORDS, event_words
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page

blueprint = Blueprint("desk_journal", __name__, url_prefix="/desk/journal")
READ = Permission.AUDIT_READ

register(
    Entry("desk_journal.index", N_("Journal"), "history", READ, group="control", order=60,
          prefix="desk_journal.")
)  # fmt: skip


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    since, until, wanted = lists.day("since"), lists.day("until"), _wanted()
    found = journal.list_events(
        wanted, suppliers=_suppliers(), sight=events_in_sight(READ), number=lists.page_number()
    )
    ids = {event.supplier_id for event in found.items if event.supplier_id}
    if wanted.supplier_id:
        ids.add(wanted.supplier_id)
    return page(
        "desk/journal.html", found=found, pager=pager(found), wanted=wanted, since=since,
        until=until, families=FAMILIES, names=parties.list_names(ids), head=journal.chain_head(),
        event_words=event_words, limit=journal.COUNTED, filtered=bool(request.args),
        file_url=_file_url,
    )  # fmt: skip


def _file_url(kind: str) -> str:
    """Where the lines of this page are taken as a file."""
    names = ("kind", "supplier", "actor", "since", "until")
    query = saved_views.present_query(*names)
    return url_for(".export", kind=kind) + (f"?{query}" if query else "")


def _wanted() -> JournalFilter:
    """The filter that the address names; what is not known is left out."""
    until = lists.day("until")
    return JournalFilter(
        kind=lists.choice("kind", [*FAMILIES, *WORDS]),
        supplier_id=_id("supplier"),
        actor=request.args.get("actor", "").strip()[:100],
        since=_start(lists.day("since")),
        until=_start(until + timedelta(days=1)) if until else None,
    )


def _suppliers() -> Any:
    """The suppliers whose lines the visitor reads, as a query; None for all."""
    sight = in_sight(READ)
    return None if sight is None else parties.ids_in_sight(sight)


@blueprint.get("/export.<any(csv, xlsx):kind>")
@requires(READ)
def export(kind: str) -> AnyResponse:
    """The filtered lines as a file; the journal keeps who took them."""
    if request.method == "HEAD":  # asks what would come, and takes nothing
        return Response()
    found = journal.take_events(
        _wanted(), suppliers=_suppliers(), sight=events_in_sight(READ), by=context.actor(),
        now=context.now(),
    )  # fmt: skip
    names = parties.list_names({event.supplier_id for event in found if event.supplier_id})
    rows = (
        {
            "seq": one.seq, "at": one.at, "what": event_words(one), "kind": one.kind,
            "from": one.from_state, "to": one.to_state, "reason": one.reason,
            "supplier": names.get(one.supplier_id) if one.supplier_id else None,
            "who": one.actor_name, "digest": one.digest,
        }
        for one in found
    )  # fmt: skip
    columns = [
        ("seq", gettext("Line")), ("at", gettext("When")), ("what", gettext("What")),
        ("kind", gettext("Kind")), ("from", gettext("State before")),
        ("to", gettext("State after")), ("reason", gettext("Reason")),
        ("supplier", gettext("Supplier")), ("who", gettext("Who")), ("digest", gettext("Digest")),
    ]  # fmt: skip
    return lists.export(rows, columns=columns, name="journal", kind=kind)


@blueprint.post("/verify")
@requires(READ)
def verify() -> AnyResponse:
    """Compute every digest again; long journals are verified by the command."""
    broken, checked = journal.verify_tail()
    if broken:
        lines = ", ".join(str(number) for number in broken[:5])
        flash(gettext("The chain is broken at line %(lines)s.", lines=lines), "bad")
        return redirect(_here(), 303)
    return done(gettext("The chain holds over the last %(num)s lines.", num=checked), _here())


def _here() -> str:
    return url_for(".index")


def _start(day: date | None) -> datetime | None:
    """The first instant of a legal day."""
    if day is None:
        return None
    zone = ZoneInfo(context.settings().timezone)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _id(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get(name, ""))
    except ValueError:
        return None
