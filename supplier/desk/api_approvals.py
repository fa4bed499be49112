"""Programs that read bank accounts: accounting or a bank validator lets them in, or does not."""

from __future__ import annotations

import uuid

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import actions, queries
from supplier.accounts.clients import NO_PROGRAM, SCOPES
from supplier.accounts.permissions import Permission
from supplier.desk.room import in_sight
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.web import context
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page

blueprint = Blueprint("desk_api_approvals", __name__, url_prefix="/desk/bank-programs")
APPROVE = Permission.API_APPROVE

register(
    Entry(
        "desk_api_approvals.index", N_("Programs that read accounts"), "key", APPROVE,
        group="control", order=25, prefix="desk_api_approvals.",
        count=lambda visitor: queries.count_waiting_programs(buyers=visitor.buyers(APPROVE)),
    )
)  # fmt: skip


@blueprint.get("/")
@requires(APPROVE)
def index() -> AnyResponse:
    lines = queries.list_bank_programs(buyers=in_sight(APPROVE))
    return page("desk/api_approvals.html", lines=lines, labels=SCOPES)


@blueprint.post("/<uuid:client_id>/approve")
@requires(APPROVE, fresh=True)
def approve(client_id: uuid.UUID) -> AnyResponse:
    """The key is made now and shown in this one answer, to the approver and to nobody else."""
    client, key = actions.approve_api_client(
        client_id, by=context.actor(), now=context.now(), within=in_sight(APPROVE)
    )
    return page("desk/api_client_key.html", client=client, key=key, back=url_for(".index"))


@blueprint.post("/<uuid:client_id>/refuse")
@requires(APPROVE, fresh=True)
def refuse(client_id: uuid.UUID) -> AnyResponse:
    actions.refuse_api_client(
        client_id, by=context.actor(), now=context.now(), within=in_sight(APPROVE)
    )
    return done(gettext("Refused: this program never gets a key."), url_for(".index"))


@blueprint.post("/<uuid:client_id>/revoke")
@requires(APPROVE, fresh=True)
def revoke(client_id: uuid.UUID) -> AnyResponse:
    """Whoever lets a program in can also shut it out, without waiting for an administrator."""
    known = {line.client.id for line in queries.list_bank_programs(buyers=in_sight(APPROVE))}
    if client_id not in known:
        raise NotFoundError(NO_PROGRAM)
    actions.revoke_api_client(
        client_id, by=context.actor(), now=context.now(), within=in_sight(APPROVE)
    )
    return done(gettext("Revoked: this key opens nothing any more."), url_for(".index"))
