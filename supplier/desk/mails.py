"""Mails that left, wait, failed or came back; those that failed can be tried again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import Blueprint, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk.room import in_sight, may, pager
from supplier.desk.taking import take_list
from supplier.kernel.i18n import N_
from supplier.notifications import outbox, queries
from supplier.notifications.outbox import MailState
from supplier.notifications.queries import MailRow
from supplier.web import context, lists
from supplier.web.guard import requires
from supplier.web.mail_words import fault_words, try_words
from supplier.web.navigation import Entry, register
from supplier.web.pages import back_or, done, page

blueprint = Blueprint("desk_mails", __name__, url_prefix="/desk/mails")
READ = Permission.SUPPLIER_READ
RETRY = Permission.CAMPAIGN_SEND
#: Most rows of one export.
MOST_ROWS = 20_000

register(
    Entry(
        "desk_mails.index", N_("Mails"), "mail", READ, group="control", order=80,
        count=lambda visitor: queries.count_stuck(buyers=visitor.buyers(READ)),
        prefix="desk_mails.",
    )
)  # fmt: skip

STATE_WORDS = {
    "queued": N_("To be sent"),
    "sent": N_("Sent"),
    "bounced": N_("Came back"),
    "failed": N_("Given up"),
}
KIND_LABELS: dict[str, str] = {
    "invitation_supplier": N_("Invitation"),
    "invitation_staff": N_("Invitation of a colleague"),
    "sign_in_link": N_("Sign-in link"),
    "password_reset": N_("New password"),
    "factor_reset": N_("New second factor"),
    "credential_changed": N_("Notice: sign-in changed"),
    "address_changed": N_("Notice: address changed"),
    "new_sign_in": N_("Notice: new device"),
    "reminder": N_("Reminder"),
    "escalation": N_("Supplier without an answer"),
    "document_refused": N_("Paper refused"),
    "contest_answered": N_("Answer to a contest"),
    "bank_submitted": N_("Bank details handed in"),
    "bank_approved": N_("Bank details validated"),
    "bank_refused": N_("Bank details not validated"),
    "bank_blocked": N_("Bank details blocked"),
    "policy_tightened": N_("The machine gets stricter"),
    "rights_received": N_("Request about personal data"),
    "rights_news": N_("News on a request about personal data"),
}


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    state = lists.choice("state", [one.value for one in MailState])
    text = request.args.get("q", "").strip()[:100]
    sort = lists.choice("sort", queries.MAIL_SORTS, "written")
    kind = lists.choice("format", ("csv", "xlsx"))
    if kind:
        every = queries.list_mails(
            buyers=in_sight(READ), state=state, text=text, sort=sort, size=MOST_ROWS
        )
        return _export(every.items, kind)
    found = queries.list_mails(
        buyers=in_sight(READ), state=state, text=text, sort=sort, number=lists.page_number()
    )
    return page(
        "desk/mails.html", mails=found, state=state, text=text, sort=sort, labels=KIND_LABELS,
        counts=queries.count_by_state(buyers=in_sight(READ)), link=lists.link,
        pager=pager(found), may_retry=may(RETRY), waits=outbox.mail_waits(),
        fault_words=fault_words, try_words=try_words,
    )  # fmt: skip


def _export(mails: Sequence[MailRow], kind: str) -> AnyResponse:
    """The filtered list as a file; like the page, it never shows what a mail holds."""
    rows = [
        {
            "name": one.to_name, "address": one.to_address, "subject": one.subject,
            "kind": gettext(KIND_LABELS[one.kind]) if one.kind in KIND_LABELS else one.kind,
            "supplier": one.supplier, "written": one.created_at,
            "state": gettext(STATE_WORDS[one.state]), "sent": one.sent_at,
            "bounced": one.bounced_at, "fault": one.last_error,
        }
        for one in mails
    ]  # fmt: skip
    columns = [
        ("name", gettext("Recipient")), ("address", gettext("Mail address")),
        ("subject", gettext("Subject")), ("kind", gettext("Kind")),
        ("supplier", gettext("Supplier")), ("written", gettext("Written")),
        ("state", gettext("State")), ("sent", gettext("Sent")),
        ("bounced", gettext("Came back")), ("fault", gettext("Why it did not arrive")),
    ]  # fmt: skip
    return take_list("mails", rows, columns=columns, kind=kind)


@blueprint.post("/<uuid:mail_id>/retry")
@requires(RETRY)
def retry(mail_id: uuid.UUID) -> AnyResponse:
    outbox.retry(mail_id, buyers=in_sight(RETRY), by=context.actor(), now=context.now())
    return done(gettext("It is tried again within a minute."), back_or(url_for(".index")))
