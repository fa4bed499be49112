"""The front door: home, password, second factor, passkey, sign-out, language."""

from __future__ import annotations

import uuid

from flask import Response, current_app, flash, jsonify, redirect, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import actions, signin
from supplier.accounts.challenges import Purpose
from supplier.kernel.audit import ActorKind
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import LANGUAGES
from supplier.web import context
from supplier.web.forms import Form, LineField, required
from supplier.web.guard import public
from supplier.web.pages import back_or, page
from supplier.web.sessions import table_session
from supplier.web.signin_base import (
    SecretField,
    adopt,
    as_options,
    at_most_a_password,
    blueprint,
    browser,
    go_in,
    keep_next,
    refused,
    refused_json,
    sent_credential,
    session_row,
)

SIGN_IN = "shared/signin/sign_in.html"
CODE = "shared/signin/code.html"


class SignInForm(Form):
    email = LineField(lazy_gettext("Mail address"), [required()])
    password = SecretField(lazy_gettext("Password"), [required(), at_most_a_password()])


class CodeForm(Form):
    code = LineField(lazy_gettext("Code"), [required(lazy_gettext("Type the code."))], limit=40)


@blueprint.get("/")
@public("sends people where they belong")
def home() -> AnyResponse:
    visitor = context.find_visitor()
    if visitor is not None:
        staff = visitor.kind == ActorKind.STAFF
        endpoint = "desk.week" if staff else "portal.home"
        if endpoint in current_app.view_functions and (visitor.grants or visitor.mandates):
            return redirect(url_for(endpoint))
    return page("shared/signin/welcome.html")


@blueprint.get("/sign-in")
@public("people without a session come here")
def sign_in() -> AnyResponse:
    keep_next()
    if context.find_visitor() is not None:
        return redirect(back_or(url_for(".home")))
    return page(SIGN_IN, form=SignInForm())


@blueprint.post("/sign-in")
@public("people without a session come here")
def check_password() -> AnyResponse:
    form = SignInForm()
    if not form.validate_on_submit():
        return page(SIGN_IN, form=form, status=422)
    try:
        opened = signin.sign_in_with_password(
            form.email.data or "", form.password.data, browser=browser(), now=context.now()
        )
    except DomainError as error:
        return refused(SIGN_IN, form, error)
    if opened.row.user_id is not None:
        return go_in(opened)
    table_session().adopt(opened.token, opened.row)
    return redirect(url_for(".code"), 303)


def _code_page(form: CodeForm, status: int = 200) -> Response:
    has_factor = signin.has_second_factor(_waiting_id())
    return page(CODE, form=form, has_factor=has_factor, status=status)


def _waiting_id() -> uuid.UUID:
    row = table_session().row
    return signin.pending_user(row, methods=signin.FIRST_STEPS, now=context.now()).id


@blueprint.get("/sign-in/code")
@public("the password was right, the second factor is still owed")
def code() -> AnyResponse:
    try:
        return _code_page(CodeForm())
    except DomainError as error:
        flash(gettext(error.message), "soon")
        return redirect(url_for(".sign_in"))


@blueprint.post("/sign-in/code")
@public("the password was right, the second factor is still owed")
def check_code() -> AnyResponse:
    form, row = CodeForm(), table_session().row
    if signin.find_pending(row, methods=signin.FIRST_STEPS, now=context.now()) is None:
        return redirect(url_for(".code"), 303)
    if not form.validate_on_submit():
        return _code_page(form, 422)
    try:
        opened = signin.sign_in_with_code(
            form.code.data or "", browser=browser(), now=context.now()
        )
    except DomainError as error:
        return refused(CODE, form, error, has_factor=True)
    return go_in(opened)


@blueprint.post("/sign-in/passkey/options")
@public("a passkey is password and second factor in one")
def passkey_options() -> Response:
    row = session_row()
    waiting = signin.find_pending(row, methods=signin.FIRST_STEPS, now=context.now())
    return as_options(
        signin.ask_passkey(row, purpose=Purpose.SIGN_IN, user_id=waiting, now=context.now())
    )


@blueprint.post("/sign-in/passkey")
@public("a passkey is password and second factor in one")
def check_passkey() -> Response:
    try:
        opened = signin.sign_in_with_passkey(
            sent_credential(), browser=browser(), now=context.now()
        )
    except DomainError as error:
        return refused_json(error)
    return jsonify(redirect=adopt(opened))


@blueprint.post("/sign-out")
@public("ends whatever session there is")
def sign_out() -> AnyResponse:
    row = table_session().row
    if row is not None:
        signin.sign_out(row, now=context.now())
    table_session().forget()
    flash(gettext("You are signed out."), "ok")
    return redirect(url_for(".home"), 303)


class LanguageForm(Form):
    language = LineField(limit=2)


@blueprint.post("/language")
@public("everybody reads in their language")
def language() -> AnyResponse:
    chosen = LanguageForm().language.data
    if chosen in LANGUAGES:
        table_session()["language"] = chosen
        visitor = context.find_visitor()
        if visitor is not None:
            actions.choose_language(visitor.user_id, chosen)
    return redirect(back_or(url_for(".home")), 303)
