"""What every page of sign-in shares: the blueprint, the browser, ways on, secret fields."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field
from wtforms.validators import Length
from wtforms.widgets import PasswordInput

from supplier.accounts import sso
from supplier.accounts.hashing import MAX_PASSWORD
from supplier.accounts.models import WebSession
from supplier.accounts.people import Browser, Opened
from supplier.kernel.errors import DomainError, LimitError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.web.forms import Form
from supplier.web.guard import local_path
from supplier.web.pages import page, refuse
from supplier.web.sessions import address_hash, agent, table_session

blueprint = Blueprint("signin", __name__)
_NEXT = "next"


class SecretField(Field):
    """A password, checked exactly as it was typed: nothing trimmed, dropped or shown again."""

    widget = PasswordInput(hide_value=True)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist else ""

    def _value(self) -> str:
        return ""


def at_most_a_password() -> Length:
    """Longer ones are refused before anything is computed from them."""
    message = lazy_gettext("Type a shorter password: at most %(max)d characters.")
    return Length(max=MAX_PASSWORD, message=message)


def browser() -> Browser:
    """Where this request comes from, in the words of `accounts`."""
    return Browser(table_session().row, address_hash(), agent())


def session_row() -> WebSession:
    """The row of this browser. Raises NotFoundError when it has none yet."""
    row = table_session().row
    if row is None:
        raise NotFoundError(N_("This page does not exist."))
    return row


def go_in(opened: Opened) -> AnyResponse:
    """Take the new session over, and go where the person was going."""
    return redirect(adopt(opened), 303)


def adopt(opened: Opened) -> str:
    """Take the new session over; gives the address to go on to."""
    table_session().adopt(opened.token, opened.row)
    return local_path(table_session().pop(_NEXT, None)) or url_for("signin.home")


def keep_next() -> None:
    """Remember the page that sent the person here; a plain visit forgets an older one."""
    target = local_path(request.values.get(_NEXT))
    if target is not None:
        table_session()[_NEXT] = target
    elif table_session().get(_NEXT) is not None and request.method == "GET":
        table_session().pop(_NEXT)


def refused(template: str, form: Form, error: DomainError, **values: Any) -> Response:
    """The same page again, with the refusal at its place and its own status."""
    refuse(form, error)
    status = error.status if isinstance(error, LimitError) else 422
    response = page(template, form=form, status=status, **values)
    if isinstance(error, LimitError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def refused_json(error: DomainError) -> Response:
    """A refusal for the script of the passkeys."""
    response = jsonify(message=gettext(error.message))
    response.status_code = error.status if isinstance(error, LimitError) else 422
    if isinstance(error, LimitError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def sent_json() -> dict[str, Any]:
    """The body of a request by script. Anything but an object is an empty one."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # a hundred thousand brackets: not among what `silent` answers
        return {}
    return body if isinstance(body, dict) else {}


def sent_credential() -> dict[str, Any]:
    """The device's answer in that body; an empty one never verifies."""
    credential = sent_json().get("credential")
    return credential if isinstance(credential, dict) else {}


def as_options(options: str) -> Response:
    """Options of a passkey ceremony, as the library wrote them."""
    return Response(options, content_type="application/json")


@blueprint.app_context_processor
def links_of_the_frame() -> dict[str, Any]:
    """The addresses that every layout shows."""
    locale = get_locale()
    return {
        "language": locale.language if locale else "fr",
        "language_url": url_for("signin.language"),
        "sign_out_url": url_for("signin.sign_out"),
        "account_url": url_for("signin.account"),
        "sso_url": url_for("signin.start_sso") if sso.is_configured() else "",
    }
