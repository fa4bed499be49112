"""Second factors: enrolment after an invitation, and their changes by a signed-in person."""

from __future__ import annotations

import base64
import io
import uuid

import segno
from flask import Response, flash, jsonify, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import factors, queries, signin, totp
from supplier.accounts.models import User
from supplier.kernel.crypto import SealBrokenError, keyring
from supplier.kernel.errors import DomainError
from supplier.web import context
from supplier.web.filters import show_date
from supplier.web.forms import Form, LineField, required
from supplier.web.guard import public, signed_in
from supplier.web.pages import done, page
from supplier.web.sessions import table_session
from supplier.web.signin_base import (
    adopt,
    as_options,
    blueprint,
    browser,
    refused,
    refused_json,
    sent_credential,
    sent_json,
    session_row,
)
from supplier.web.signin_links import ChooseForm

ENROL = "shared/signin/enrol.html"
TOTP = "shared/signin/totp.html"
_KEPT = "totp"
_WHY_ENROL = "a link and a password were given: the second factor is set up"


class ConfirmForm(Form):
    code = LineField(
        lazy_gettext("Code shown by your application"),
        [required(lazy_gettext("Type the six digits."))],
        limit=40,
    )


def _secret(user_id: uuid.UUID) -> str:
    """The key being set up, kept sealed in this session until a code confirms it."""
    context_name = f"web_session.totp:{user_id}"
    kept = table_session().get(_KEPT)
    if isinstance(kept, str):
        try:
            return keyring().open_text(base64.b64decode(kept), context=context_name)
        except (SealBrokenError, ValueError):
            pass
    secret = totp.new_secret()
    sealed = keyring().seal_text(secret, context=context_name)
    table_session()[_KEPT] = base64.b64encode(sealed).decode()
    return secret


def _drawing(user: User) -> Response:
    buffer = io.BytesIO()
    uri = totp.enrolment(user, _secret(user.id)).uri
    segno.make(uri, error="m").save(
        buffer, kind="svg", scale=5, border=4, dark="#0f2129", light="#ffffff", xmldecl=False
    )
    return Response(buffer.getvalue(), content_type="image/svg+xml")


def _enrolling() -> User:
    return signin.pending_user(table_session().row, methods=signin.ENROLMENT, now=context.now())


@blueprint.get("/enrol")
@public(_WHY_ENROL)
def enrol() -> AnyResponse:
    try:
        user = _enrolling()
    except DomainError as error:
        flash(gettext(error.message), "soon")
        return redirect(url_for(".sign_in"))
    key = totp.enrolment(user, _secret(user.id)).secret
    return page(ENROL, form=ConfirmForm(), key=key)


@blueprint.get("/enrol/qr.svg")
@public(_WHY_ENROL)
def enrol_drawing() -> Response:
    return _drawing(_enrolling())


@blueprint.post("/enrol")
@public(_WHY_ENROL)
def check_enrolment() -> AnyResponse:
    form, user = ConfirmForm(), _enrolling()
    secret = _secret(user.id)
    key = totp.enrolment(user, secret).secret
    if not form.validate_on_submit():
        return page(ENROL, form=form, key=key, status=422)
    try:
        opened = factors.enrol_totp(
            secret, form.code.data or "", browser=browser(), now=context.now()
        )
    except DomainError as error:
        return refused(ENROL, form, error, key=key)
    table_session().pop(_KEPT, None)
    adopt(opened)
    return redirect(url_for(".codes"), 303)


@blueprint.post("/enrol/passkey/options")
@public(_WHY_ENROL)
def enrol_passkey_options() -> Response:
    user = _enrolling()
    return as_options(factors.ask_passkey_creation(user.id, session_row(), now=context.now()))


@blueprint.post("/enrol/passkey")
@public(_WHY_ENROL)
def check_enrolment_passkey() -> Response:
    try:
        opened = factors.enrol_passkey(
            sent_credential(), name=_key_name(), browser=browser(), now=context.now()
        )
    except DomainError as error:
        return refused_json(error)
    table_session().pop(_KEPT, None)
    adopt(opened)
    return jsonify(redirect=url_for(".codes"))


def _key_name() -> str:
    name = str(sent_json().get("name") or "").strip()[:80]
    return name or gettext("Passkey of %(date)s", date=show_date(context.today()))


def _me() -> User:
    return queries.get_user(context.visitor().user_id).user


@blueprint.get("/account/totp")
@signed_in(fresh=True)
def new_totp() -> AnyResponse:
    user = _me()
    return page(TOTP, form=ConfirmForm(), key=totp.enrolment(user, _secret(user.id)).secret)


@blueprint.get("/account/totp/qr.svg")
@signed_in(fresh=True)
def totp_drawing() -> Response:
    return _drawing(_me())


@blueprint.post("/account/totp")
@signed_in(fresh=True)
def add_totp() -> AnyResponse:
    form, user = ConfirmForm(), _me()
    secret = _secret(user.id)
    key = totp.enrolment(user, secret).secret
    if not form.validate_on_submit():
        return page(TOTP, form=form, key=key, status=422)
    try:
        opened = factors.add_totp(
            user.id, secret, form.code.data or "", browser=browser(), now=context.now()
        )
    except DomainError as error:
        return refused(TOTP, form, error, key=key)
    table_session().pop(_KEPT, None)
    table_session().adopt(opened.token, opened.row)
    return done(gettext("Your application is set up."), url_for(".account"))


@blueprint.post("/account/totp/remove")
@signed_in(fresh=True)
def remove_totp() -> AnyResponse:
    opened = factors.remove_totp(context.visitor().user_id, browser=browser(), now=context.now())
    table_session().adopt(opened.token, opened.row)
    return done(gettext("Your application no longer opens this account."), url_for(".account"))


@blueprint.get("/account/passkeys/new")
@signed_in(fresh=True)
def new_passkey() -> AnyResponse:
    return page("shared/signin/new_passkey.html")


@blueprint.post("/account/passkeys/options")
@signed_in(fresh=True)
def new_passkey_options() -> Response:
    user_id = context.visitor().user_id
    return as_options(factors.ask_passkey_creation(user_id, session_row(), now=context.now()))


@blueprint.post("/account/passkeys")
@signed_in(fresh=True)
def add_passkey() -> Response:
    try:
        opened = factors.add_passkey(
            context.visitor().user_id, sent_credential(), name=_key_name(), browser=browser(),
            now=context.now(),
        )  # fmt: skip
    except DomainError as error:
        return refused_json(error)
    table_session().adopt(opened.token, opened.row)
    flash(gettext("Your passkey is added."), "ok")
    return jsonify(redirect=url_for(".account"))


@blueprint.post("/account/passkeys/<uuid:passkey_id>/remove")
@signed_in(fresh=True)
def remove_passkey(passkey_id: uuid.UUID) -> AnyResponse:
    opened = factors.remove_passkey(
        context.visitor().user_id, passkey_id, browser=browser(), now=context.now()
    )
    table_session().adopt(opened.token, opened.row)
    return done(gettext("This passkey no longer opens this account."), url_for(".account"))


@blueprint.get("/account/codes")
@signed_in(fresh=True)
def codes() -> AnyResponse:
    left = queries.get_factors(context.visitor().user_id).codes_left
    return page("shared/signin/codes.html", codes=(), left=left)


@blueprint.post("/account/codes")
@signed_in(fresh=True)
def make_codes() -> AnyResponse:
    """Shown in the answer itself and never again: there is no page that holds them."""
    opened, made = factors.make_recovery_codes(
        context.visitor().user_id, browser=browser(), now=context.now()
    )
    table_session().adopt(opened.token, opened.row)
    return page("shared/signin/codes.html", codes=made, left=len(made))


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in(fresh=True)
def change_password() -> AnyResponse:
    form, template = ChooseForm(), "shared/signin/password.html"
    if request.method == "GET":
        return page(template, form=form)
    if not form.validate_on_submit():
        return page(template, form=form, status=422)
    try:
        opened = factors.change_password(
            context.visitor().user_id, form.password.data, browser=browser(), now=context.now()
        )
    except DomainError as error:
        return refused(template, form, error)
    table_session().adopt(opened.token, opened.row)
    return done(gettext("Your password is changed."), url_for(".account"))
