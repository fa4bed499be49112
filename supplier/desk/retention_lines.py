"""Lines of the plan of erasures: what is planned, due and overdue, in any order and as a file."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.desk import retention_words as words
from supplier.desk.kept_views import KeptList, add_views, views_of
from supplier.desk.retention import READ, blueprint
from supplier.desk.room import in_sight, pager
from supplier.desk.taking import take_list
from supplier.retention import queries
from supplier.retention.queries import ENTRY_SORTS, STANDINGS, EntryFilter, EntryLine
from supplier.retention.schedule import SCHEDULE, RuleCode
from supplier.web import context, lists
from supplier.web.guard import requires
from supplier.web.pages import page

#: The same as that of the plan: this page adds itself to it.
__all__ = ["blueprint"]

LINES = KeptList("lines", "desk_retention.lines", ("rule", "standing", "until", "q", "sort"))
add_views(blueprint, LINES, READ)
#: Most rows of one export.
MOST_ROWS = 50_000
#: The views that everybody has: the plan, and what it is opened for most.
FIXED = ("overdue", "due", "soon")


@blueprint.get("/lines")
@requires(READ)
def lines() -> AnyResponse:
    wanted = EntryFilter(
        rule=lists.choice("rule", [code.value for code in RuleCode]),
        standing=lists.choice("standing", STANDINGS),
        until_on=lists.day("until"),
        text=request.args.get("q", "").strip()[:100],
        sort=lists.choice("sort", lists.both_ways(ENTRY_SORTS)),
    )
    kind = lists.choice("format", ("csv", "xlsx"))
    found = queries.list_entries(
        wanted, today=context.today(), buyers=in_sight(READ),
        number=1 if kind else lists.page_number(), size=MOST_ROWS if kind else lists.PAGE_SIZE,
    )  # fmt: skip
    if kind:
        return _export(found.items, kind)
    return page(
        "desk/retention_lines.html", found=found, wanted=wanted, pager=pager(found),
        link=lists.link, head=lists.heads(wanted.sort or "first"), schedule=SCHEDULE, words=words,
        kept=views_of(LINES), fixed_standings=FIXED,
    )  # fmt: skip


def _export(found: Sequence[EntryLine], kind: str) -> AnyResponse:
    """The filtered lines as a file, in the order of the page."""
    rows = [
        {
            "kind": gettext(words.KIND_WORDS.get(line.entry.subject_type, "")),
            "label": line.entry.label, "supplier": line.supplier_name, "buyer": line.buyer_name,
            "rule": gettext(SCHEDULE[RuleCode(line.entry.rule)].label),
            "basis": gettext(SCHEDULE[RuleCode(line.entry.rule)].basis),
            "starts_on": line.entry.starts_on, "first_on": line.entry.first_erasable_on,
            "standing": words.chip_of(line.prospect)[1],
        }
        for line in found
    ]  # fmt: skip
    columns = [
        ("kind", gettext("Kind")), ("label", gettext("What")), ("supplier", gettext("Supplier")),
        ("buyer", gettext("Group company")), ("rule", gettext("Rule")),
        ("basis", gettext("Legal basis")), ("starts_on", gettext("Counts from")),
        ("first_on", gettext("First erasable day")), ("standing", gettext("State")),
    ]  # fmt: skip
    return take_list("conservation", rows, columns=columns, kind=kind)
