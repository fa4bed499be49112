"""Privacy: the notice that everybody is shown first, my data and its copy, my requests."""

from __future__ import annotations

import json
import uuid
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.kernel.audit import ActorKind
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.notifications.keeping import list_mails_to
from supplier.portal.data_copy import as_json, as_sections, introduction
from supplier.portal.room import room
from supplier.privacy import actions, queries
from supplier.privacy import notice as words
from supplier.privacy.extract import draw_extract
from supplier.privacy.rights import GROUNDS, RIGHTS
from supplier.retention.schedule import SCHEDULE, START_TEXTS
from supplier.web import context
from supplier.web.forms import Form, NoteField, RadioField, required
from supplier.web.frame import find_url, home_of
from supplier.web.guard import public, signed_in
from supplier.web.pages import FRAGMENT_HEADER, back_or, done, page, refuse
from supplier.web.sessions import table_session

blueprint = room("portal_privacy", "/portal/privacy")
#: Under this name the browser's session remembers that the notice was shown.
SEEN = "notice"


class RequestForm(Form):
    right = RadioField(
        lazy_gettext("What do you ask for?"),
        [required(lazy_gettext("Choose what you ask for."))],
        choices=[(right.value, lazy_gettext(spec.label)) for right, spec in RIGHTS.items()],
    )
    message = NoteField(
        lazy_gettext("In your words"),
        [required(lazy_gettext("Say in a sentence what it is about."))],
        description=lazy_gettext("No copy of an identity card: you are signed in, that is enough."),
    )


class TokenForm(Form):
    """Only the token: the notice was read."""


@blueprint.before_app_request
def show_notice_first() -> AnyResponse | None:
    """Before the first page of the portal or the desk: the notice in its present version.

    Only whole pages are turned aside; what was sent by a form or a script is never lost.
    """
    visitor = context.find_visitor()
    if visitor is None or request.method != "GET" or FRAGMENT_HEADER in request.headers:
        return None
    room_name = request.blueprint or ""
    if not room_name.startswith(("portal", "desk")) or room_name == blueprint.name:
        return None
    if table_session().get(SEEN) == words.VERSION:
        return None
    if queries.has_seen(visitor.user_id, words.VERSION):
        table_session()[SEEN] = words.VERSION
        return None
    return redirect(url_for("portal_privacy.notice", next=request.full_path.rstrip("?")))


@blueprint.get("/notice")
@public("people may read it before they give any data")
def notice() -> AnyResponse:
    visitor = context.find_visitor()
    seen = visitor is None or table_session().get(SEEN) == words.VERSION
    return page(
        "portal/notice.html",
        notice=words,
        schedule=SCHEDULE,
        starts=START_TEXTS,
        contact=context.settings().privacy_contact,
        group=context.settings().group_name,
        to_confirm=not seen,
        next=back_or(""),
        home_url=find_url(home_of(visitor)) or "/",
    )


@blueprint.post("/notice")
@signed_in()
def acknowledge() -> AnyResponse:
    TokenForm().validate_on_submit()
    actions.note_seen(context.visitor().user_id, words.VERSION, now=context.now())
    table_session()[SEEN] = words.VERSION
    return redirect(back_or(url_for("signin.home")), 303)


def _person() -> uuid.UUID:
    """The account of a supplier's person; staff ask their employer, not this page."""
    visitor = context.visitor()
    if visitor.kind is not ActorKind.SUPPLIER:
        raise NotFoundError(N_("This page does not exist."))
    return visitor.user_id


@blueprint.get("/")
@signed_in()
def my_data() -> AnyResponse:
    user_id = _person()
    return page(
        "portal/my_data.html",
        data=queries.get_overview(user_id),
        mails=list_mails_to(user_id, address=context.visitor().email, limit=20),
        rights=RIGHTS,
        contact=context.settings().privacy_contact,
    )


@blueprint.get("/copy.json")
@signed_in(fresh=True)
def copy_json() -> Response:
    """The copy that a program reads (GDPR, art. 20)."""
    body = json.dumps(_copy(as_json), ensure_ascii=False, indent=1)
    return _download(body.encode(), "json", "application/json")


@blueprint.get("/copy.pdf")
@signed_in(fresh=True)
def copy_pdf() -> Response:
    """The copy that a person reads (GDPR, art. 15)."""
    body = draw_extract(gettext("My data"), introduction(context.now()), _copy(as_sections))
    return _download(body, "pdf", "application/pdf")


def _copy(write: Any) -> Any:
    user_id = _person()
    data = queries.personal_data(user_id)
    return write(data, list_mails_to(user_id, address=data.user.email, limit=queries.MOST))


def _download(body: bytes, ending: str, media_type: str) -> Response:
    response = Response(body, content_type=media_type)
    name = f"vigie-{context.today().isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.route("/requests/new", methods=["GET", "POST"])
@signed_in()
def ask() -> AnyResponse:
    user_id, form = _person(), RequestForm()
    if not form.is_submitted():
        return _ask_page(form, 200)
    if not form.validate():
        return _ask_page(form, 422)
    try:
        row = actions.file_request(
            str(form.right.data), form.message.data or "", user_id=user_id,
            supplier_id=context.visitor().acting_supplier_id, by=context.actor(),
            now=context.now(),
        )  # fmt: skip
    except actions.OpenRequestError as error:
        flash(
            gettext(
                "You already ask for this under number %(number)s: it waits for its answer.",
                number=error.number,
            ),
            "info",
        )
        return redirect(url_for(".show_request", request_id=error.request_id), 303)
    except DomainError as error:
        refuse(form, error)
        return _ask_page(form, error.status)
    return done(
        gettext("Your request is registered under number %(number)s.", number=row.number),
        url_for(".show_request", request_id=row.id),
    )


def _ask_page(form: RequestForm, status: int) -> AnyResponse:
    return page("portal/rights_new.html", form=form, status=status)


@blueprint.get("/requests/<uuid:request_id>")
@signed_in()
def show_request(request_id: uuid.UUID) -> AnyResponse:
    line = queries.get_own_request(request_id, _person(), today=context.today())
    return page("portal/rights_request.html", line=line, rights=RIGHTS, grounds=GROUNDS)
