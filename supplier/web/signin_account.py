"""My account: what I sign in with, where I am signed in, my language."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import actions, identities, queries, sso
from supplier.kernel.errors import NotFoundError
from supplier.web import context
from supplier.web.forms import Form, LineField
from supplier.web.guard import signed_in
from supplier.web.pages import done, page
from supplier.web.sessions import limits_of, table_session
from supplier.web.signin_base import blueprint, session_row


class SessionForm(Form):
    handle = LineField(limit=24)


@blueprint.get("/account")
@signed_in()
def account() -> AnyResponse:
    user_id = context.visitor().user_id
    return page(
        "shared/signin/account.html",
        factors=queries.get_factors(user_id),
        sessions=queries.list_sessions(
            user_id, now=context.now(), limits=limits_of(context.settings())
        ),
        linked=identities.find_link_of(user_id) if sso.is_configured() else None,
        current=session_row().token_hash,
    )


@blueprint.post("/account/sessions/end")
@signed_in()
def end_session() -> AnyResponse:
    handle = str(SessionForm().handle.data or "")
    try:
        actions.end_own_session(
            context.visitor().user_id, handle, by=context.actor(), now=context.now()
        )
    except NotFoundError as error:
        return done(gettext(error.message), url_for(".account"))
    if session_row().token_hash[:24] == handle:
        table_session().forget()
        return done(gettext("You are signed out."), url_for(".home"))
    return done(gettext("This session is ended."), url_for(".account"))
