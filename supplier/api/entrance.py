"""The entrance of the API: which of its rooms the application opens."""

from __future__ import annotations

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, jsonify
from flask_babel import gettext

from supplier.api import bank_accounts, description
from supplier.api.authentication import check_key


def open_entrance(app: APIFlask) -> None:
    """Register every room of the API; keys are checked before anything else is read."""
    app.before_request(check_key)
    description.describe(app)
    app.register_blueprint(bank_accounts.blueprint)
    app.register_blueprint(description.blueprint)
    # Not `error_processor`: that would answer every page's 404 as JSON too.
    app.register_error_handler(HTTPError, show_error)


def show_error(error: HTTPError) -> Response:
    """A request that does not fit the description, as a problem document."""
    # The framework's own words are English only, beside sentences in the caller's language.
    unread = error.status_code == 422
    detail = gettext("Some values cannot be read: see errors.") if unread else error.message
    response = jsonify(
        type="about:blank", status=error.status_code, detail=detail, errors=error.detail
    )
    response.status_code = error.status_code
    response.content_type = "application/problem+json"
    return response
