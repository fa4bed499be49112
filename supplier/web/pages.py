"""How a page answers: a template, a fragment of it, a redirect with a word, a form sent back."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from supplier.kernel.errors import DomainError
from supplier.web.guard import local_path

FRAGMENT_HEADER = "X-Fragment"


def page(
    template: str, *, fragment: str | None = None, status: int = 200, **values: Any
) -> Response:
    """Render `template`; when the browser asks for its refreshing piece, only `fragment`.

    `fragment` is the template that the page itself includes, so both always show the same.
    """
    wanted = fragment if fragment and request.headers.get(FRAGMENT_HEADER) else None
    response = make_response(render_template(wanted or template, **values), status)
    if fragment:
        response.vary.add(FRAGMENT_HEADER)
    return response


def done(message: str, url: str) -> AnyResponse:
    """Say what happened, on the page that comes next. `message` is already translated."""
    flash(message, "ok")
    return redirect(url, 303)


def back_or(url: str) -> str:
    """The local page named by `next`, or `url`."""
    return local_path(request.values.get("next")) or url


def refuse(form: FlaskForm, error: DomainError) -> None:
    """Show an action's refusal at the field that it names, or above the form."""
    message = gettext(error.message)
    field = form._fields.get(error.field) if error.field else None
    if field is None:
        form.form_errors = [*form.form_errors, message]
    else:
        field.errors = [*field.errors, message]
