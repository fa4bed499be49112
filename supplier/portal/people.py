"""Who acts for us on the portal, whom we invite, and who of the group sees what."""

from __future__ import annotations

import uuid

from flask import url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import actions as accounts
from supplier.accounts import attempts, mandates
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_
from supplier.parties.actions import ContactDetails
from supplier.portal.room import company, room
from supplier.vigilance import queries as vigilance
from supplier.web import context
from supplier.web.forms import Form, LineField, required
from supplier.web.guard import for_supplier
from supplier.web.mail_words import on_its_way
from supplier.web.pages import done, page, refuse

blueprint = room("portal_people", "/portal/people")

#: Who of the group sees what, in words: role, what they see, what they do.
WHO_SEES = (
    (
        N_("Purchasing"),
        N_("Your papers, your contacts, your contracts. Not your account number, nor its paper."),
        N_("Accept or refuse papers, remind you, call you."),
    ),
    (
        N_("Bank validators"),
        N_("Your bank details and the paper that proves them."),
        N_("Accept or refuse this paper, verify the account two by two, call you back."),
    ),
    (
        N_("Accounting"),
        N_("The account that two people validated."),
        N_("Pay you."),
    ),
    (
        N_("Data protection officer"),
        N_("How long each thing is kept, and your requests."),
        N_("Answer you within a month, have things erased on time."),
    ),
    (
        N_("Auditors"),
        N_("The papers and the journal of decisions. Of account numbers, the ends alone."),
        N_("Nothing: they change nothing."),
    ),
    (
        N_("Administrators"),
        N_("The list of suppliers and users. No bank data, no papers."),
        N_("Give and take back access."),
    ),
)


class InvitationForm(Form):
    """Somebody who shall act for the company: a colleague, an accountant."""

    name = LineField(lazy_gettext("Name"), [required(lazy_gettext("Write the person's name."))])
    email = LineField(
        lazy_gettext("Mail address"), [required(lazy_gettext("Write the person's mail address."))]
    )
    role = LineField(lazy_gettext("Function"))


class TokenForm(Form):
    """Only the token: what is meant stands in the address."""


@blueprint.get("/")
@for_supplier()
def show() -> AnyResponse:
    return _page(InvitationForm())


def _page(form: InvitationForm, *, status: int = 200) -> AnyResponse:
    supplier_id = context.supplier_id()
    return page(
        "portal/people.html",
        form=form,
        holders=mandates.list_holders(supplier_id),
        invitations=mandates.list_open_invitations(supplier_id, now=context.now()),
        status=status,
    )


@blueprint.post("/")
@for_supplier(fresh=True)
def invite() -> AnyResponse:
    """Invite a person: they get a link by mail, and act for the company once they used it."""
    form = InvitationForm()
    if not form.validate_on_submit():
        return _page(form, status=422)
    try:
        _invite(form)
    except DomainError as error:
        refuse(form, error)
        return _page(form, status=error.status)
    return done(on_its_way(gettext("The invitation is on its way by mail.")), url_for(".show"))


def _invite(form: InvitationForm) -> None:
    supplier_id = context.supplier_id()
    # Counted before, and whatever becomes of it.
    attempts.count({"invitation-supplier": str(supplier_id)}, now=context.now())
    person = ContactDetails(
        name=str(form.name.data), email=str(form.email.data), role=form.role.data or None,
        language=company().language, receives_requests=False,
    )  # fmt: skip
    accounts.invite_person(supplier_id, person, by=context.actor(), now=context.now())


@blueprint.post("/<uuid:mandate_id>/end")
@for_supplier(fresh=True)
def end(mandate_id: uuid.UUID) -> AnyResponse:
    """Take a mandate back. Nobody takes back their own: they would lock themselves out."""
    holder = mandates.get_holder(mandate_id, context.supplier_id())
    if holder.user_id == context.visitor().user_id:
        form = InvitationForm(formdata=None)
        refuse(form, DomainError(N_("Ask a colleague to take back your own access.")))
        return _page(form, status=422)
    accounts.end_mandate(mandate_id, by=context.actor(), now=context.now())
    return done(gettext("%(name)s no longer acts for you.", name=holder.name), url_for(".show"))


@blueprint.get("/who-sees-what")
@for_supplier()
def who_sees() -> AnyResponse:
    found = vigilance.portal_needs(context.supplier_id(), today=context.today())
    return page("portal/who_sees.html", rows=WHO_SEES, companies=found)
