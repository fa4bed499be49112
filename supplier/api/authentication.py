"""Programs come in with a bearer key: who it is, what it may, and how often."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import cast

from flask import current_app, g, request
from flask_babel import gettext
from sqlalchemy import func, select

from supplier.accounts.clients import find_api_client, note_api_use
from supplier.accounts.models import ApiClient, Attempt
from supplier.kernel.audit import Actor, ActorKind, record
from supplier.kernel.crypto import token_hash
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import DomainError, LimitError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.web import context
from supplier.web.guard import Audience, rule_of
from supplier.web.sessions import address_hash

#: Wrong keys from one address before it has to wait.
WRONG_KEYS = 20
WINDOW = timedelta(minutes=15)


class KeyRefusedError(DomainError):
    """No key, or not one of ours."""

    status = 401


def check_key() -> None:
    """Before each request of the API: a live key with the scope of the route, or no answer.

    Raises KeyRefusedError (401), NotFoundError for a route outside the key's scopes, LimitError
    after too many wrong keys from one address.
    """
    rule = rule_of(current_app, request.endpoint or "")
    if rule is None or rule.audience is not Audience.API:
        return
    key = _bearer()
    client = _find(key)
    if client is None:
        _count_wrong_key()
        raise KeyRefusedError(N_("Send a valid API key as a bearer token."))
    if rule.scope not in client.scopes:
        _record_refusal(client, str(rule.scope))
        raise NotFoundError(N_("This page does not exist."))
    note_api_use(client, now=context.now())
    g.api_client = client


def client() -> ApiClient:
    """The program of this request."""
    return cast(ApiClient, g.api_client)


def api_actor() -> Actor:
    """The program as the journal names it."""
    return Actor(ActorKind.API, client().id, client().name)


def api_buyers() -> frozenset[uuid.UUID] | None:
    """The group companies that the key is for; None means all."""
    buyer_id = client().buyer_id
    return None if buyer_id is None else frozenset({buyer_id})


def _bearer() -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _find(key: str) -> ApiClient | None:
    with reading() as session:
        return find_api_client(session, key, context.now())


def _count_wrong_key() -> None:
    """Written and committed before the answer, so that parallel tries count too."""
    name, now = f"api_key:{address_hash()}", context.now()
    with transaction() as session:
        session.add(Attempt(id=new_id(), key=name, at=now))
        session.flush()
        count = session.scalar(
            select(func.count()).where(Attempt.key == name, Attempt.at > now - WINDOW)
        )
    if int(count or 0) > WRONG_KEYS:
        raise LimitError(
            gettext("Too many wrong keys. Wait a quarter of an hour."),
            retry_after=int(WINDOW.total_seconds()),
        )


def _record_refusal(found: ApiClient, scope: str) -> None:
    with transaction() as session:
        record(
            session, "api.refused", subject=found, by=Actor(ActorKind.API, found.id, found.name),
            at=context.now(), data={"scope": scope, "request": token_hash(request.path)[:12]},
        )  # fmt: skip
