"""Administration of programs: their keys, what these open, and their end."""

from __future__ import annotations

import uuid

from flask import Blueprint, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.widgets import CheckboxInput, ListWidget

from supplier.accounts import actions, queries
from supplier.accounts.clients import SCOPES, waits_for_approval
from supplier.accounts.permissions import Permission
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_
from supplier.web import context
from supplier.web.forms import Form, LineField, SelectField, SelectMultipleField, required
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page, refuse

blueprint = Blueprint("desk_api_clients", __name__, url_prefix="/desk/programs")
ADMIN = Permission.API_ADMIN

register(
    Entry(
        "desk_api_clients.index", N_("Programs and keys"), "key", ADMIN, group="administration",
        order=20, prefix="desk_api_clients.",
    )
)  # fmt: skip


class ClientForm(Form):
    name = LineField(lazy_gettext("Name of the program"), [required()])
    scopes = SelectMultipleField(
        lazy_gettext("What it may do"),
        [required(lazy_gettext("Choose what this program may do."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    buyer = SelectField(lazy_gettext("Group company"))

    def fill(self) -> None:
        """Offer the rights, and the group companies that the visitor administers."""
        self.scopes.choices = [(word, gettext(label)) for word, label in SCOPES.items()]
        buyers = _buyers()
        everyone = [("", gettext("The whole group"))] if buyers is None else []
        named = [(str(key), name) for key, name in queries.list_buyers(buyers=buyers)]
        self.buyer.choices = [*everyone, *named]


def _buyers() -> frozenset[uuid.UUID] | None:
    return context.visitor().buyers(ADMIN)


@blueprint.get("/")
@requires(ADMIN)
def index() -> AnyResponse:
    return page(
        "desk/api_clients.html", lines=queries.list_api_clients(buyers=_buyers()), labels=SCOPES,
        waits=waits_for_approval,
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def create() -> AnyResponse:
    """The key is shown in the answer itself and never again: there is no page that holds it.

    That of a program that reads bank data does not exist yet: its approver sees it.
    """
    form, status = ClientForm(), 200
    form.fill()
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                return _made(form)
            except DomainError as error:
                refuse(form, error)
    return page(
        "desk/users_act.html", form=form, status=status, back=url_for(".index"),
        title=gettext("A new program"), button=gettext("Make its key"),
        words=gettext(
            "The key is shown once. Give it what it needs and nothing more. A program that reads "
            "bank accounts waits for accounting or a bank validator, who alone see its key."
        ),
    )  # fmt: skip


def _made(form: ClientForm) -> AnyResponse:
    client, key = actions.create_api_client(
        form.name.data or "", scopes=form.scopes.data or [], within=_buyers(),
        buyer_id=uuid.UUID(form.buyer.data) if form.buyer.data else None,
        by=context.actor(), now=context.now(),
    )  # fmt: skip
    if key is None:
        return done(
            gettext("Asked. Accounting or a bank validator approves it and gets the key."),
            url_for(".index"),
        )
    return page("desk/api_client_key.html", client=client, key=key, back=url_for(".index"))


@blueprint.post("/<uuid:client_id>/revoke")
@requires(ADMIN, fresh=True)
def revoke(client_id: uuid.UUID) -> AnyResponse:
    actions.revoke_api_client(client_id, by=context.actor(), now=context.now(), within=_buyers())
    return done(gettext("Revoked: this key opens nothing any more."), url_for(".index"))
