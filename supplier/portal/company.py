"""My company: what decides the papers asked for, and the people whom the group writes to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict

from flask import url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import LANGUAGES
from supplier.kernel.versions import StaleError, version_of
from supplier.parties import actions
from supplier.parties import contacts as parties
from supplier.parties.actions import ContactDetails
from supplier.portal.room import company, refresh, room
from supplier.web import context
from supplier.web.changing import Difference, compare
from supplier.web.forms import Form, LineField, RadioField, SelectField, required
from supplier.web.guard import for_supplier
from supplier.web.pages import done, page, refuse

blueprint = room("portal_company", "/portal/company")

_YES_NO = [("yes", lazy_gettext("Yes")), ("no", lazy_gettext("No"))]
_LANGUAGE_NAMES = {"fr": "Français", "en": "English", "de": "Deutsch"}
_LANGUAGES = [(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES]


def _answered() -> InputRequired:
    return InputRequired(lazy_gettext("Choose yes or no."))


class QuestionnaireForm(Form):
    """Three questions, each of which changes what is asked for, and the version that was opened."""

    seen = HiddenField()
    has_employees = RadioField(
        lazy_gettext("Does your company have employees?"), [_answered()], choices=_YES_NO
    )
    employs_foreign_workers = RadioField(
        lazy_gettext("Do you employ foreign workers who need a work permit?"),
        [_answered()],
        choices=_YES_NO,
    )
    posts_workers = RadioField(
        lazy_gettext("Do you send workers to France from another country?"),
        [_answered()],
        choices=_YES_NO,
    )

    def answers(self) -> dict[str, bool]:
        """What was chosen, as the action takes it."""
        return {name: self[name].data == "yes" for name in actions.ANSWER_FIELDS}


class ContactForm(Form):
    """One person, with an address or a number at least."""

    name = LineField(lazy_gettext("Name"), [required(lazy_gettext("Write the person's name."))])
    role = LineField(lazy_gettext("Function"))
    email = LineField(lazy_gettext("Mail address"))
    phone = LineField(lazy_gettext("Telephone"), limit=40)
    language = SelectField(lazy_gettext("Language"), choices=_LANGUAGES)
    receives_requests = BooleanField(lazy_gettext("Receives the requests for papers"))

    @property
    def details(self) -> ContactDetails:
        return ContactDetails(
            name=str(self.name.data), email=self.email.data or None,
            phone=self.phone.data or None, role=self.role.data or None,
            language=str(self.language.data), receives_requests=bool(self.receives_requests.data),
        )  # fmt: skip


class ChangeContactForm(ContactForm):
    """The same with the version that was opened."""

    seen = HiddenField()


@blueprint.get("/")
@for_supplier()
def show() -> AnyResponse:
    return _page(_questionnaire())


def _questionnaire() -> QuestionnaireForm:
    facts = company()
    values = {name: getattr(facts, name) for name in actions.ANSWER_FIELDS}
    known = {name: "yes" if value else "no" for name, value in values.items() if value is not None}
    return QuestionnaireForm(data={**known, "seen": version_of(facts, actions.ANSWER_FIELDS)})


def _page(
    form: QuestionnaireForm, *, status: int = 200, differences: Sequence[Difference] = ()
) -> AnyResponse:
    return page(
        "portal/company.html",
        form=form,
        contacts=parties.list_contacts(context.supplier_id()),
        differences=differences,
        status=status,
    )


@blueprint.post("/")
@for_supplier()
def answer() -> AnyResponse:
    form = QuestionnaireForm()
    if not form.validate_on_submit():
        return _page(form, status=422)
    try:
        actions.answer_questionnaire(
            context.supplier_id(), **form.answers(), by=context.actor(), now=context.now(),
            seen=form.seen.data or "",
        )  # fmt: skip
    except StaleError as error:
        refuse(form, error)
        found = compare(form, company(), form.answers(), names=actions.ANSWER_FIELDS)
        return _page(form, status=error.status, differences=found)
    refresh(context.supplier_id())
    return done(gettext("Recorded. The papers asked for follow from it."), url_for(".show"))


@blueprint.get("/contacts/new")
@for_supplier()
def new_contact() -> AnyResponse:
    form = ContactForm(data={"language": company().language, "receives_requests": True})
    return page("portal/contact.html", form=form, contact=None)


@blueprint.post("/contacts/new")
@for_supplier()
def add_contact() -> AnyResponse:
    form = ContactForm()
    if not form.validate_on_submit():
        return page("portal/contact.html", form=form, contact=None, status=422)
    try:
        actions.add_contact(
            context.supplier_id(), form.details, by=context.actor(), now=context.now()
        )
    except DomainError as error:
        refuse(form, error)
        return page("portal/contact.html", form=form, contact=None, status=error.status)
    return done(gettext("This person is added."), url_for(".show"))


@blueprint.get("/contacts/<uuid:contact_id>")
@for_supplier()
def contact(contact_id: uuid.UUID) -> AnyResponse:
    found = parties.get_own_contact(contact_id, context.supplier_id())
    form = ChangeContactForm(obj=found)
    form.seen.data = version_of(found, actions.CONTACT_FIELDS)
    return page("portal/contact.html", form=form, contact=found)


@blueprint.post("/contacts/<uuid:contact_id>")
@for_supplier()
def change_contact(contact_id: uuid.UUID) -> AnyResponse:
    found = parties.get_own_contact(contact_id, context.supplier_id())
    form = ChangeContactForm()
    if not form.validate_on_submit():
        return page("portal/contact.html", form=form, contact=found, status=422)
    try:
        actions.change_contact(
            contact_id, form.details, by=context.actor(), now=context.now(),
            supplier_id=context.supplier_id(), seen=form.seen.data or "",
        )  # fmt: skip
    except DomainError as error:
        refuse(form, error)
        return page(
            "portal/contact.html", form=form, contact=found, status=error.status,
            differences=_differences(form, contact_id) if isinstance(error, StaleError) else (),
        )  # fmt: skip
    return done(gettext("Changed."), url_for(".show"))


def _differences(form: ChangeContactForm, contact_id: uuid.UUID) -> list[Difference]:
    """What a colleague or the group kept of this person meanwhile."""
    now = parties.get_own_contact(contact_id, context.supplier_id())
    return compare(form, now, asdict(form.details), names=actions.CONTACT_FIELDS)


@blueprint.post("/contacts/<uuid:contact_id>/left")
@for_supplier()
def end_contact(contact_id: uuid.UUID) -> AnyResponse:
    actions.end_contact(
        contact_id, by=context.actor(), today=context.today(), now=context.now(),
        supplier_id=context.supplier_id(),
    )  # fmt: skip
    return done(gettext("Nothing is sent to this person any more."), url_for(".show"))
