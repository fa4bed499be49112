"""Every route declares who may come; a route that declares nothing is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.kernel.audit import ActorKind
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.web import context, kept_forms
from supplier.web.sessions import is_proof_fresh

F = TypeVar("F", bound=Callable[..., Any])


class Audience(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    SUPPLIER = "supplier"
    STAFF = "staff"
    API = "api"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may open a page. `fresh`: a proof of identity within the last minutes is asked too."""

    audience: Audience
    permission: Permission | None = None
    scope: str | None = None
    fresh: bool = False
    why: str | None = None


def _declare(rule: Rule) -> Callable[[F], F]:
    def mark(view: F) -> F:
        view.access = rule  # type: ignore[attr-defined]
        return view

    return mark


def public(why: str) -> Callable[[F], F]:
    """Open to everybody; the reason stands on the list that a test prints."""
    return _declare(Rule(Audience.PUBLIC, why=why))


def signed_in(*, fresh: bool = False) -> Callable[[F], F]:
    """For anybody who signed in, supplier or staff."""
    return _declare(Rule(Audience.SIGNED_IN, fresh=fresh))


def for_supplier(*, fresh: bool = False) -> Callable[[F], F]:
    """For a supplier user who acts for a supplier (`context.supplier_id()`)."""
    return _declare(Rule(Audience.SUPPLIER, fresh=fresh))


def requires(permission: Permission, *, fresh: bool = False) -> Callable[[F], F]:
    """For staff who hold the permission for at least one group company."""
    return _declare(Rule(Audience.STAFF, permission=permission, fresh=fresh))


def api_scope(scope: str) -> Callable[[F], F]:
    """For a program whose key carries the scope; checked by the API's own entrance."""
    return _declare(Rule(Audience.API, scope=scope))


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """What a route declared, or None."""
    view = app.view_functions.get(endpoint)
    return getattr(view, "access", None)


def check() -> AnyResponse | None:
    """Before each request: let in, send to sign-in, or answer 404 (never 403: no hint)."""
    if request.endpoint is None or request.endpoint in {"static", "bootstrap"}:
        return None
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        raise NotFoundError(N_("This page does not exist."))
    if rule.audience in {Audience.PUBLIC, Audience.API}:
        return None
    visitor = context.find_visitor()
    if visitor is None:
        return _to_sign_in()
    return _check_visitor(rule)


def _check_visitor(rule: Rule) -> AnyResponse | None:
    visitor = context.visitor()
    if rule.audience == Audience.SUPPLIER:
        if visitor.kind != ActorKind.SUPPLIER or not visitor.mandates:
            raise NotFoundError(N_("This page does not exist."))
        if visitor.acting_supplier_id is None:
            return redirect(url_for("portal.choose"))
    if rule.audience == Audience.STAFF:
        assert rule.permission is not None
        if visitor.kind != ActorKind.STAFF or not visitor.may(rule.permission):
            raise NotFoundError(N_("This page does not exist."))
    if rule.fresh and not is_proof_fresh():
        here = _here()
        if request.method == "POST" and request.blueprint != "signin":
            kept_forms.keep(here.partition("?")[0])
        return redirect(url_for("signin.prove", next=here))
    kept_forms.take_up()
    return None


def _to_sign_in() -> AnyResponse:
    if request.path.startswith("/portal"):
        return redirect(url_for("signin.ask_link", next=_here()))
    return redirect(url_for("signin.sign_in", next=_here()))


def _here() -> str:
    """The page to come back to: this one when it can be opened again, else where they came from."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return local_path(request.referrer) or "/"


def local_path(target: str | None) -> str | None:
    """`target` as a path of this site, or None: nobody is ever sent elsewhere."""
    if not target:
        return None
    base = context.settings().public_url.rstrip("/")
    for prefix in (base, request.host_url.rstrip("/")):
        if target.startswith(prefix + "/"):
            target = target[len(prefix) :]
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(letter) < 32 or letter == "\\" for letter in target):
        return None
    return target


__all__ = [
    "Audience", "Rule", "api_scope", "check", "for_supplier", "local_path", "public",
    "requires", "rule_of", "signed_in",
]  # fmt: skip
