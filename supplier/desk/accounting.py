"""The one page that accounting needs: what serves, what changed, the file to take, who took it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField

from supplier.accounts.permissions import Permission
from supplier.bank import queries
from supplier.bank.queries import EndedAccount, PayableAccount, Pull
from supplier.desk.bank_words import short_mask
from supplier.desk.room import in_sight, pager
from supplier.kernel.i18n import N_
from supplier.kernel.words import fold
from supplier.web import context, lists
from supplier.web.forms import Form
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import page

blueprint = Blueprint("desk_accounting", __name__, url_prefix="/desk/accounting")
PULL = Permission.BANK_PULL
#: How many pulls the history shows; every one is in the journal.
SHOWN_PULLS = 10

register(
    Entry(
        "desk_accounting.index", N_("Accounts to pay to"), "download", PULL, group="control",
        order=20, prefix="desk_accounting.",
    )
)  # fmt: skip

STATUS_WORDS = {
    "active": lazy_gettext("in service"),
    "blocked": lazy_gettext("blocked: pay nothing"),
    "replaced": lazy_gettext("replaced: remove"),
}


class DownloadForm(Form):
    """What to take (all, or what changed since this person's last download), and as what."""

    scope = HiddenField()
    kind = HiddenField()


@blueprint.get("/")
@requires(PULL)
def index() -> AnyResponse:
    sight, now, user_id = in_sight(PULL), context.now(), context.visitor().user_id
    search = request.args.get("q", "").strip()[:100]
    history = queries.pull_history(buyers=sight, user_id=user_id, limit=SHOWN_PULLS)
    last = history.own
    found = queries.list_serving(
        buyers=sight, search=fold(search), now=now, number=lists.page_number(),
        size=lists.PAGE_SIZE,
    )  # fmt: skip
    changes = queries.list_changes(buyers=sight, since=last.at, now=now) if last else None
    return page(
        "desk/accounting.html", found=found, search=search, pager=pager(found), last=last,
        changes=changes, short_mask=short_mask, status_words=STATUS_WORDS,
        pulls=history.shown,
        api_url=url_for("api_bank.list_bank_accounts", _external=False),
        public_url=context.settings().public_url.rstrip("/"),
    )  # fmt: skip


@blueprint.post("/download")
@requires(PULL)
def download() -> AnyResponse:
    """The file itself. Taking it is a pull: the journal keeps who, when and how many."""
    form = DownloadForm()
    kind = "xlsx" if form.kind.data == "xlsx" else "csv"
    last = queries.find_last_pull(context.visitor().user_id)
    since = queries.cursor_after(last) if last and form.scope.data == "changes" else None
    found = queries.pull(
        buyers=in_sight(PULL), by=context.actor(), now=context.now(), media=kind, since=since,
        limit=None,
    )  # fmt: skip
    day = context.today().isoformat()
    name = f"vigie-{'changes' if since else 'accounts'}-{day}"
    return lists.export(_rows(found), columns=_columns(), name=name, kind=kind)


def _columns() -> list[tuple[str, str]]:
    return [
        ("status", gettext("Status")),
        ("references", gettext("Supplier reference")),
        ("supplier", gettext("Supplier")),
        ("siren", gettext("SIREN")),
        ("company", gettext("Group company")),
        ("holder", gettext("Account holder")),
        ("iban", gettext("IBAN")),
        ("bic", gettext("BIC")),
        ("currency", gettext("Currency")),
        ("version", gettext("Version")),
        ("from", gettext("In service from")),
        ("until", gettext("Ended on")),
        ("relation_end", gettext("Relation ended on")),
        ("id", gettext("Identifier")),
    ]


def _rows(found: Pull) -> Iterable[dict[str, Any]]:
    yield from (_serving(one) for one in found.accounts)
    yield from (_ended(one) for one in found.ended)


def _serving(one: PayableAccount) -> dict[str, Any]:
    return {
        "status": str(STATUS_WORDS["active"]), "references": " ".join(one.supplier_references),
        "supplier": one.supplier_name, "siren": one.siren, "company": one.buyer_name,
        "holder": one.holder, "iban": one.iban, "bic": one.bic, "currency": one.currency,
        "version": one.version, "from": one.active_from, "until": None,
        "relation_end": one.relationship_ended_on, "id": str(one.id),
    }  # fmt: skip


def _ended(one: EndedAccount) -> dict[str, Any]:
    """Enough to find the account in the books; its number is no longer handed out whole."""
    return {
        "status": str(STATUS_WORDS[one.reason]), "references": " ".join(one.supplier_references),
        "supplier": one.supplier_name, "siren": one.siren, "company": one.buyer_name,
        "iban": one.iban_masked, "until": one.ended_at, "id": str(one.id),
    }  # fmt: skip
