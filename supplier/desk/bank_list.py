"""The list of bank accounts: views, order, kept views, and its file with masked numbers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.bank import queries
from supplier.bank.queries import AccountLine
from supplier.desk.bank import READ, blueprint
from supplier.desk.bank_words import STATE_WORDS, short_mask, sign_words, state_of
from supplier.desk.kept_views import KeptList, add_views, views_of
from supplier.desk.room import in_sight, pager
from supplier.desk.taking import take_list
from supplier.kernel.i18n import N_
from supplier.web import context, lists
from supplier.web.guard import requires
from supplier.web.pages import page

#: The same as that of the accounts: this page adds itself to it.
__all__ = ["blueprint"]

#: Without the words searched for: they may be a whole IBAN, which is kept nowhere in the clear.
LIST = KeptList("bank", "desk_bank.index", ("view", "sort"))
add_views(blueprint, LIST, READ)
#: Most rows of one export.
MOST_ROWS = 20_000
VIEW_WORDS = {
    "waiting": N_("To approve"),
    "cooling": N_("Safety delay"),
    "active": N_("In service"),
    "blocked": N_("Blocked"),
    "all": N_("All"),
}


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    sight, now = in_sight(READ), context.now()
    view, search = lists.choice("view", queries.VIEWS, "waiting"), _search()
    sort = lists.choice("sort", lists.both_ways(queries.ACCOUNT_SORTS))
    kind = lists.choice("format", ("csv", "xlsx"))
    found = queries.list_accounts(
        buyers=sight, view=view, search=search, sort=sort, now=now,
        number=1 if kind else lists.page_number(), size=MOST_ROWS if kind else lists.PAGE_SIZE,
    )  # fmt: skip
    if kind:
        return _export(found.items, kind)
    return page(
        "desk/bank.html", found=found, view=view, search=search, pager=pager(found),
        counts=queries.view_counts(buyers=sight, now=now), words=VIEW_WORDS, link=lists.link,
        state_of=state_of, sign_words=sign_words, short_mask=short_mask, sort=sort,
        head=lists.heads(sort), kept=views_of(LIST),
    )  # fmt: skip


def _search() -> str:
    return request.args.get("q", "").strip()[:100]


def _export(found: Sequence[AccountLine], kind: str) -> AnyResponse:
    """The filtered list as a file; like the page, it never holds a whole account number."""
    rows = [
        {
            "supplier": line.supplier_name, "siren": line.siren,
            "company": line.buyer_name or gettext("whole group"),
            "account": short_mask(line.account.iban_masked), "holder": line.account.holder,
            "bank": line.account.bank_name, "version": line.account.version,
            "asked": line.account.submitted_at, "by": line.account.submitted_by_name,
            "state": gettext(STATE_WORDS[state_of(line.account)]),
            "from": line.account.active_from, "reason": line.account.closed_reason,
        }
        for line in found
    ]  # fmt: skip
    columns = [
        ("supplier", gettext("Supplier")), ("siren", gettext("SIREN")),
        ("company", gettext("Group company")), ("account", gettext("Account")),
        ("holder", gettext("Account holder")), ("bank", gettext("Bank")),
        ("version", gettext("Version")), ("asked", gettext("Asked for")), ("by", gettext("By")),
        ("state", gettext("State")), ("from", gettext("Serves from")),
        ("reason", gettext("Reason")),
    ]  # fmt: skip
    return take_list("bank", rows, columns=columns, kind=kind)
