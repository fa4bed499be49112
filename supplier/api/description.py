"""`/api/openapi.json`: the API described for programs and their authors."""

from __future__ import annotations

from typing import Any, cast

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, jsonify

from supplier.web.guard import public

blueprint = Blueprint("api_description", __name__)

SECURITY = {"ApiKey": {"type": "http", "scheme": "bearer"}}
#: A problem document (RFC 9457); `errors` only where values could not be read.
PROBLEM = {
    "type": "object",
    "required": ["type", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, in the caller's language."},
        "errors": {"type": "object", "description": "By place and name of the value."},
    },
}


def problems(said: dict[int, str]) -> dict[int, Any]:
    """The answers of a route that are no success: each status and when it comes."""
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {status: {"description": words, "content": content} for status, words in said.items()}


def describe(app: APIFlask) -> None:
    """Say how programs prove who they are."""
    app.security_schemes = SECURITY
    # It would be described as the framework's own JSON: routes say their errors themselves.
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = False
    app.config["AUTO_AUTH_ERROR_RESPONSE"] = False
    app.view_functions["bootstrap"] = app.doc(hide=True)(app.view_functions["bootstrap"])
    app.description = "Vigie for programs. Errors are RFC 9457 problem documents."


@blueprint.get("/api/openapi.json")
@public("the description of the API holds no data")
def openapi() -> Response:
    return jsonify(cast(APIFlask, current_app).spec)
