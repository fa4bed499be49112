"""The people of a supplier, as purchasing keeps them: who is written to, and where."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField
from wtforms.validators import Optional

from supplier.accounts import actions as accounts
from supplier.desk.changing import answer_change
from supplier.desk.engagements import CHANGE, blueprint, name_of, supplier_url
from supplier.desk.room import form_page, in_sight
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties import actions
from supplier.parties import queries as parties
from supplier.parties.actions import ContactDetails
from supplier.parties.models import Contact
from supplier.web import context
from supplier.web.changing import Difference
from supplier.web.forms import Form, LineField, RadioField, required
from supplier.web.guard import requires
from supplier.web.mail_words import on_its_way
from supplier.web.pages import done, page

#: That of what is arranged with a supplier: these pages add themselves to it.
__all__ = ["blueprint"]

LANGUAGES = [("fr", "Français"), ("en", "English"), ("de", "Deutsch")]


class ContactForm(Form):
    name = LineField(lazy_gettext("Name"), [required(lazy_gettext("Write the person's name."))])
    role = LineField(lazy_gettext("Role"), [Optional()])
    email = LineField(lazy_gettext("Mail address"), [Optional()])
    phone = LineField(lazy_gettext("Telephone"), [Optional()], limit=40)
    language = RadioField(lazy_gettext("Language"), choices=LANGUAGES, default="fr")
    receives_requests = BooleanField(lazy_gettext("Receives the requests for papers"), default=True)

    def details(self) -> ContactDetails:
        """What was typed, as the action takes it."""
        return ContactDetails(
            name=self.name.data or "", email=self.email.data or None,
            phone=self.phone.data or None, role=self.role.data or None,
            language=self.language.data, receives_requests=bool(self.receives_requests.data),
        )  # fmt: skip


class ChangeContactForm(ContactForm):
    """The same with the version that was opened."""

    seen = HiddenField()


@blueprint.route("/<uuid:supplier_id>/contacts/new", methods=["GET", "POST"])
@requires(CHANGE)
def add_contact(supplier_id: uuid.UUID) -> AnyResponse:
    name, form = name_of(supplier_id), ContactForm()

    def act() -> AnyResponse:
        actions.add_contact(supplier_id, form.details(), by=context.actor(), now=context.now())
        return done(gettext("Added."), supplier_url(supplier_id))

    return form_page(
        form, act, title=gettext("Add a contact"), words=name, button=gettext("Add"),
        back=supplier_url(supplier_id), crumb=name,
    )  # fmt: skip


def _contact(contact_id: uuid.UUID) -> Contact:
    found = parties.get_contact(contact_id, buyers=in_sight(CHANGE))
    if found.left_on is not None:
        raise NotFoundError(N_("This contact does not exist."))
    return found


@blueprint.route("/contacts/<uuid:contact_id>/change", methods=["GET", "POST"])
@requires(CHANGE)
def change_contact(contact_id: uuid.UUID) -> AnyResponse:
    one = _contact(contact_id)
    form = ChangeContactForm(obj=one)

    def act() -> AnyResponse:
        actions.change_contact(
            contact_id, form.details(), by=context.actor(), now=context.now(),
            seen=form.seen.data or "",
        )  # fmt: skip
        return done(gettext("Changed."), supplier_url(one.supplier_id))

    def show(status: int, found: list[Difference]) -> AnyResponse:
        return page(
            "desk/act.html", form=form, status=status, differences=found,
            title=gettext("Change %(name)s", name=one.name), button=gettext("Keep"),
            words=gettext("A change of address or number counts for calls about bank details only "
                          "after a month."),
            back=supplier_url(one.supplier_id),
        )  # fmt: skip

    return answer_change(
        form, act, show, row=one, names=actions.CONTACT_FIELDS, read=lambda: _contact(contact_id),
        typed=lambda: asdict(form.details()),
    )  # fmt: skip


@blueprint.post("/contacts/<uuid:contact_id>/left")
@requires(CHANGE)
def contact_left(contact_id: uuid.UUID) -> AnyResponse:
    one = _contact(contact_id)
    actions.end_contact(contact_id, by=context.actor(), today=context.today(), now=context.now())
    return done(
        gettext("%(name)s has left: nothing is sent to them any more.", name=one.name),
        supplier_url(one.supplier_id),
    )


@blueprint.post("/contacts/<uuid:contact_id>/invite")
@requires(CHANGE)
def invite(contact_id: uuid.UUID) -> AnyResponse:
    """Send the link to the portal; an older one of the same person dies."""
    one = _contact(contact_id)
    accounts.invite_supplier(contact_id, by=context.actor(), now=context.now())
    words = gettext(
        "The invitation to %(name)s is on its way; an older link is dead.", name=one.name
    )
    return done(on_its_way(words), supplier_url(one.supplier_id))


@blueprint.post("/contacts/<uuid:contact_id>/write-again")
@requires(CHANGE)
def write_again(contact_id: uuid.UUID) -> AnyResponse:
    """The address takes mail again: somebody made sure of it."""
    one = _contact(contact_id)
    actions.write_again(contact_id, by=context.actor(), now=context.now())
    return done(
        gettext("%(name)s is written to again.", name=one.name), supplier_url(one.supplier_id)
    )
