"""The group's own sign-in: out to its provider, and back. Only the way back opens a session.

The way out is a link, not a form: the page's policy lets forms go to this site alone, and
nobody can list all the addresses that a provider passes through.
"""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import factors, sso
from supplier.accounts.challenges import Purpose
from supplier.kernel.errors import DomainError, LimitError, NotFoundError, UnavailableError
from supplier.kernel.i18n import N_
from supplier.web import context
from supplier.web.guard import public, signed_in
from supplier.web.pages import back_or, done
from supplier.web.sessions import table_session
from supplier.web.signin_base import adopt, blueprint, browser, keep_next

#: What an answer may hold (RFC 6749, RFC 9207); nothing else of it is read.
_ANSWER = ("state", "code", "iss", "error")


def _open_only_when_configured() -> None:
    if not sso.is_configured():
        raise NotFoundError(N_("This page does not exist."))


def _refused(error: DomainError) -> AnyResponse:
    """Back to the page they came from, with what to do; the answer leaves the address bar."""
    flash(gettext(error.message), "bad")
    if context.find_visitor() is not None:
        return redirect(url_for(".prove"), 303)
    return redirect(url_for(".sign_in", next=table_session().get("next")), 303)


def _go(purpose: Purpose) -> AnyResponse:
    try:
        journey = sso.start(browser=browser(), now=context.now(), purpose=purpose)
    except UnavailableError as error:
        return _refused(error)
    if journey.opened is not None:
        table_session().adopt(journey.opened.token, journey.opened.row)
    return redirect(journey.url, 303)


@blueprint.get("/sso")
@public("staff without a session go to the group's sign-in")
def start_sso() -> AnyResponse:
    _open_only_when_configured()
    if "next" in request.args:
        keep_next()
    if context.find_visitor() is not None:
        return redirect(back_or(url_for(".home")))
    return _go(Purpose.SSO_SIGN_IN)


@blueprint.get("/sso/back")
@public("staff come back from the group's sign-in")
def finish_sso() -> AnyResponse:
    _open_only_when_configured()
    answer = {name: request.args[name] for name in _ANSWER if name in request.args}
    try:
        arrival = sso.finish(answer, browser=browser(), now=context.now())
    except LimitError:
        raise
    except DomainError as error:
        return _refused(error)
    if arrival.signed_in:
        return redirect(adopt(arrival.opened), 303)
    table_session().adopt(arrival.opened.token, arrival.opened.row)
    return redirect(url_for(".code"), 303)


@blueprint.get("/prove/sso")
@signed_in()
def prove_sso() -> AnyResponse:
    if not sso.may_prove(context.visitor().user_id):
        raise NotFoundError(N_("This page does not exist."))
    return _go(Purpose.SSO_PROVE)


@blueprint.post("/account/sso/unlink")
@signed_in(fresh=True)
def unlink_sso() -> AnyResponse:
    opened = factors.unlink_sso(context.visitor().user_id, browser=browser(), now=context.now())
    table_session().adopt(opened.token, opened.row)
    return done(
        gettext("The account of the group no longer opens this account."), url_for(".account")
    )
