"""Prove again who you are: asked before what must not be done on a forgotten screen."""

from __future__ import annotations

from flask import Response, jsonify, redirect, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import access, actions, queries, signin, sso
from supplier.accounts.challenges import Purpose
from supplier.kernel.audit import ActorKind
from supplier.kernel.errors import DomainError
from supplier.web import context, demo_mails
from supplier.web.forms import Form, LineField, required
from supplier.web.guard import signed_in
from supplier.web.pages import page
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

PROVE = "shared/signin/prove.html"


class ProofForm(Form):
    password = SecretField(lazy_gettext("Password"), [required(), at_most_a_password()])


class StaffProofForm(ProofForm):
    code = LineField(lazy_gettext("Code"), [required(lazy_gettext("Type the code."))], limit=40)


def _form() -> ProofForm:
    return StaffProofForm() if context.visitor().kind == ActorKind.STAFF else ProofForm()


def _page(form: ProofForm, error: DomainError | None = None) -> Response:
    """The page that asks for a proof, after `error` if there was one."""
    user_id = context.visitor().user_id
    factors, by_group = queries.get_factors(user_id), sso.may_prove(user_id)
    if error is not None:
        return refused(PROVE, form, error, factors=factors, by_group=by_group)
    status = 422 if form.errors else 200
    return page(PROVE, form=form, status=status, factors=factors, by_group=by_group)


@blueprint.get("/prove")
@signed_in()
def prove() -> AnyResponse:
    if "next" in request.args:
        keep_next()
    return _page(_form())


@blueprint.post("/prove")
@signed_in()
def check_proof() -> AnyResponse:
    form = _form()
    if not form.validate_on_submit():
        return _page(form)
    code = form.code.data if isinstance(form, StaffProofForm) else ""
    try:
        opened = signin.prove_with_password(
            context.visitor().user_id,
            form.password.data,
            code or "",
            browser=browser(),
            now=context.now(),
        )
    except DomainError as error:
        return _page(form, error)
    return go_in(opened)


@blueprint.post("/prove/link")
@signed_in()
def prove_by_mail() -> AnyResponse:
    """For suppliers: the link of a fresh mail proves who opens it, in this same browser."""
    if context.visitor().kind == ActorKind.SUPPLIER:
        if demo_mails.is_shown():
            token = actions.make_demo_link(context.visitor().user_id, now=context.now())
            return page(
                "shared/signin/mail_sent.html", minutes=context.settings().link_minutes,
                demo_link=url_for(".open_link", token=token),
            )  # fmt: skip
        access.ask_sign_in_link(context.visitor().email, browser=browser(), now=context.now())
    return redirect(url_for(".mail_sent"), 303)


@blueprint.post("/prove/passkey/options")
@signed_in()
def prove_passkey_options() -> Response:
    return as_options(
        signin.ask_passkey(
            session_row(),
            purpose=Purpose.PROVE,
            user_id=context.visitor().user_id,
            now=context.now(),
        )
    )


@blueprint.post("/prove/passkey")
@signed_in()
def check_proof_passkey() -> Response:
    try:
        opened = signin.prove_with_passkey(
            context.visitor().user_id, sent_credential(), browser=browser(), now=context.now()
        )
    except DomainError as error:
        return refused_json(error)
    return jsonify(redirect=adopt(opened))
