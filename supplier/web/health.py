"""Is it alive, is it ready, how much has it to do: for machines, without personal data."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import func, select

from supplier.adapters import files, queue
from supplier.kernel.database import durability_fault, reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.web import context
from supplier.web.guard import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/health/live")
@public("a load balancer asks whether the process answers")
def live() -> Response:
    return jsonify(status="ok")


@blueprint.get("/health/ready")
@public("a load balancer asks whether to send people here; says only yes or no")
def ready() -> Response:
    """200 when the database answers as promised and the file store is mounted, else 503."""
    response = jsonify(status="ok")
    if not _is_ready():
        response = jsonify(status="unavailable")
        response.status_code = 503
    return response


def _is_ready() -> bool:
    try:
        with reading() as session:
            if durability_fault(session) is not None:
                return False
        return files.store().ready()
    except Exception:
        return False


@blueprint.get("/metrics")
@public("a monitoring program asks with its own token; closed without one")
def metrics() -> Response:
    """Counts in the Prometheus text format. 404 without the right bearer token."""
    token = context.settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not secrets.compare_digest(token.encode(), given.encode()):
        raise NotFoundError(N_("This page does not exist."))
    with reading() as session:
        rows = session.execute(select(queue.Job.state, func.count()).group_by(queue.Job.state))
        lines = [f'vigie_jobs{{state="{state}"}} {count}' for state, count in rows]
    return Response("\n".join(["# TYPE vigie_jobs gauge", *lines, ""]), mimetype="text/plain")
