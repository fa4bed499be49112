"""The demo's mailbox: the mails that it wrote, with their links, on its own machine only.

The demo has no mail server, and who opens this page can come in as anybody: the pages exist in no
other mode, and answer no other machine.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.policy import policy, policy_of
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.notifications import outbox, queries
from supplier.settings import Settings
from supplier.web import lists
from supplier.web.guard import public
from supplier.web.pages import page

ITSELF = frozenset({"127.0.0.1", "::1"})
blueprint = Blueprint("demo_mails", __name__, url_prefix="/demo/mails")


def add_to(app: Flask, settings: Settings) -> None:
    """Open the mailbox where it may stand at all."""
    if policy_of(settings).demo:
        app.register_blueprint(blueprint)


def is_shown() -> bool:
    """The demo has no mail server: on its own machine the page stands for the mailbox."""
    return policy().demo and request.remote_addr in ITSELF


def _refuse_others(view: Callable[..., AnyResponse]) -> Callable[..., AnyResponse]:
    # Not `before_request`: APIFlask takes every room that has one for a room of the API.
    @wraps(view)
    def shown(**values: Any) -> AnyResponse:
        if not is_shown():
            raise NotFoundError(N_("This page does not exist."))
        return view(**values)

    return shown


@blueprint.app_context_processor
def where() -> dict[str, str]:
    """The pages of sign-in link here; nowhere else do they know the address."""
    return {"demo_mails_url": url_for("demo_mails.index")} if request and is_shown() else {}


@blueprint.get("/")
@public("the demo's own machine reads the demo's mails")
@_refuse_others
def index() -> AnyResponse:
    found = queries.list_mails(buyers=None, number=lists.page_number())
    return page("shared/signin/demo_mails.html", mails=found, link=lists.link)


@blueprint.get("/<uuid:mail_id>")
@public("the demo's own machine reads the demo's mails")
@_refuse_others
def show(mail_id: uuid.UUID) -> AnyResponse:
    return page("shared/signin/demo_mail.html", mail=outbox.read_in_demo(mail_id))
