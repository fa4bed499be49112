"""Ways in by mail: ask for a link, open one, choose a password, come back after a loss."""

from __future__ import annotations

from flask import redirect, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import ValidationError

from supplier.accounts import access
from supplier.accounts.links import DEAD_LINK, ENTRANCE, LinkKind
from supplier.accounts.models import Invitation
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.web import context
from supplier.web.forms import Form, LineField, required
from supplier.web.guard import public
from supplier.web.pages import done, page
from supplier.web.sessions import table_session
from supplier.web.signin_base import (
    SecretField,
    at_most_a_password,
    blueprint,
    browser,
    go_in,
    keep_next,
    refused,
)

ASK = "shared/signin/ask_link.html"
FORGOT = "shared/signin/forgot.html"
LINK = "shared/signin/link.html"
CHOOSE = "shared/signin/choose_password.html"
RESET = "shared/signin/factor_reset.html"
TOKEN = "/link/<token>"  # noqa: S105


class AddressForm(Form):
    email = LineField(lazy_gettext("Mail address"), [required()])


class ChooseForm(Form):
    password = SecretField(lazy_gettext("New password"), [required(), at_most_a_password()])
    again = SecretField(lazy_gettext("The same once more"), [required(), at_most_a_password()])

    def validate_again(self, field: SecretField) -> None:
        if field.data != self.password.data:
            raise ValidationError(gettext("The two do not match. Type both again."))


class PasswordForm(Form):
    password = SecretField(lazy_gettext("Password"), [required(), at_most_a_password()])


@blueprint.get("/link")
@public("suppliers without a session ask for a link here")
def ask_link() -> AnyResponse:
    keep_next()
    return page(ASK, form=AddressForm())


@blueprint.post("/link")
@public("suppliers without a session ask for a link here")
def send_link() -> AnyResponse:
    form = AddressForm()
    if not form.validate_on_submit():
        return page(ASK, form=form, status=422)
    try:
        access.ask_sign_in_link(form.email.data or "", browser=browser(), now=context.now())
    except DomainError as error:
        return refused(ASK, form, error)
    return redirect(url_for(".mail_sent"), 303)


@blueprint.get("/mail-sent")
@public("the same answer for every address")
def mail_sent() -> AnyResponse:
    return page("shared/signin/mail_sent.html", minutes=context.settings().link_minutes)


@blueprint.get("/forgot-password")
@public("who lost a password has no session")
def forgot() -> AnyResponse:
    return page(FORGOT, form=AddressForm())


@blueprint.post("/forgot-password")
@public("who lost a password has no session")
def send_reset() -> AnyResponse:
    form = AddressForm()
    if not form.validate_on_submit():
        return page(FORGOT, form=form, status=422)
    try:
        access.ask_password_reset(form.email.data or "", browser=browser(), now=context.now())
    except DomainError as error:
        return refused(FORGOT, form, error)
    return redirect(url_for(".mail_sent"), 303)


def _dead() -> AnyResponse:
    """One page for used, replaced, old and invented links; it offers a new one."""
    return page("shared/signin/dead_link.html", form=AddressForm(), status=404)


@blueprint.get(TOKEN)
@public("holds a secret link: shows its page and spends nothing")
def open_link(token: str) -> AnyResponse:
    link = access.find_link(token, browser=browser(), now=context.now())
    if link is None:
        return _dead()
    if link.kind in ENTRANCE:
        return page(LINK, link=link, form=Form())
    if link.kind == LinkKind.FACTOR_RESET:
        return page(RESET, link=link, form=PasswordForm())
    return page(CHOOSE, link=link, form=ChooseForm())


@blueprint.post(TOKEN)
@public("holds a secret link: spends it")
def spend_link(token: str) -> AnyResponse:
    link = access.find_link(token, browser=browser(), now=context.now())
    if link is None:
        return _dead()
    try:
        if link.kind in ENTRANCE:
            return go_in(access.open_link(token, browser=browser(), now=context.now()))
        if link.kind == LinkKind.FACTOR_RESET:
            return _reset_factor(token, link)
        return _choose(token, link)
    except NotFoundError as error:
        if error.message != DEAD_LINK:
            raise
        return _dead()


def _choose(token: str, link: Invitation) -> AnyResponse:
    form = ChooseForm()
    if not form.validate_on_submit():
        return page(CHOOSE, form=form, link=link, status=422)
    try:
        return _with_password(token, link, form.password.data)
    except access.PasswordRefusedError as error:
        return refused(CHOOSE, form, error, link=link)


def _with_password(token: str, link: Invitation, password: str) -> AnyResponse:
    if link.kind == LinkKind.STAFF:
        opened = access.accept_invitation(token, password, browser=browser(), now=context.now())
        table_session().adopt(opened.token, opened.row)
        return redirect(url_for(".enrol"), 303)
    access.reset_password(token, password, browser=browser(), now=context.now())
    return done(gettext("Your password is changed. Sign in with it."), url_for(".sign_in"))


def _reset_factor(token: str, link: Invitation) -> AnyResponse:
    form = PasswordForm()
    if not form.validate_on_submit():
        return page(RESET, form=form, link=link, status=422)
    try:
        opened = access.begin_factor_reset(
            token, form.password.data, browser=browser(), now=context.now()
        )
    except NotFoundError:
        raise
    except DomainError as error:
        return refused(RESET, form, error, link=link)
    table_session().adopt(opened.token, opened.row)
    return redirect(url_for(".enrol"), 303)
