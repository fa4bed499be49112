"""`/api/openapi.json`: the API described for programs and their authors."""

from __future__ import annotations

from typing import cast

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, jsonify

from supplier.web.guard import public

blueprint = Blueprint("api_description", __name__)

SECURITY = {"ApiKey": {"type": "http", "scheme": "bearer"}}


def describe(app: APIFlask) -> None:
    """Say how programs prove who they are."""
    app.security_schemes = SECURITY
    app.view_functions["bootstrap"] = app.doc(hide=True)(app.view_functions["bootstrap"])
    app.description = "Vigie for programs. Errors are RFC 9457 problem documents."


@blueprint.get("/api/openapi.json")
@public("the description of the API holds no data")
def openapi() -> Response:
    return jsonify(cast(APIFlask, current_app).spec)
