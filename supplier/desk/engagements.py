"""What purchasing arranges with a supplier: relations, waivers, calls, papers asked for."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from supplier.accounts.permissions import Permission
from supplier.desk.changing import answer_change
from supplier.desk.fields import DayField
from supplier.desk.room import form_page, in_sight, refresh
from supplier.desk.supplier_page import contacts_of, requirement_words
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.words import alphabetical
from supplier.notifications.asking import ask_for
from supplier.parties import actions, engaging
from supplier.parties import queries as parties
from supplier.parties.engaging import RelationDetails
from supplier.parties.models import Engagement
from supplier.vigilance import actions as vigilance
from supplier.vigilance import queries as duties
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.needs import EngagementNeeds
from supplier.web import context
from supplier.web.changing import Difference
from supplier.web.forms import (
    Form,
    LineField,
    NoteField,
    SelectField,
    SelectMultipleField,
    required,
)
from supplier.web.guard import requires
from supplier.web.mail_words import on_their_way
from supplier.web.pages import back_or, done, page

blueprint = Blueprint("desk_suppliers_acts", __name__, url_prefix="/desk/suppliers")
CHANGE, DUTIES = Permission.SUPPLIER_CHANGE, Permission.VIGILANCE_CHANGE


class EngageForm(Form):
    buyer = SelectField(
        lazy_gettext("Group company"), [InputRequired(lazy_gettext("Choose the group company."))]
    )
    started_on = DayField(
        lazy_gettext("First day"), [InputRequired(lazy_gettext("Give the first day."))]
    )
    supplier_reference = LineField(
        lazy_gettext("Our reference for this supplier"), [Optional()], limit=40
    )


class PersonForm(Form):
    """Whom the supplier may call and our reference, with the version that was opened."""

    seen = HiddenField()
    contact_name = LineField(lazy_gettext("Name"), [Optional()])
    contact_phone = LineField(lazy_gettext("Telephone"), [Optional()], limit=40)
    contact_email = LineField(lazy_gettext("Mail address"), [Optional()])
    supplier_reference = LineField(
        lazy_gettext("Our reference for this supplier"), [Optional()], limit=40
    )

    def details(self) -> RelationDetails:
        """What was typed, as the action takes it."""
        return RelationDetails(
            self.contact_name.data or None, self.contact_phone.data or None,
            self.contact_email.data or None, self.supplier_reference.data or None,
        )  # fmt: skip


class WaiverForm(Form):
    requirement = SelectField(lazy_gettext("What is not asked for"))
    from_on = DayField(lazy_gettext("From"), [InputRequired(lazy_gettext("Give the day."))])
    until_on = DayField(
        lazy_gettext("Until, last day included"), [InputRequired(lazy_gettext("Give the day."))]
    )
    reason = NoteField(
        lazy_gettext("Why"), [required(lazy_gettext("Say why it is not asked for."))], limit=1000
    )


class EndWaiverForm(Form):
    reason = NoteField(
        lazy_gettext("Why it is asked for again"),
        [required(lazy_gettext("Say why it is asked for again."))], limit=1000,
    )  # fmt: skip


class FollowUpForm(Form):
    contact = SelectField(lazy_gettext("Who answered"), [Optional()])
    note = NoteField(
        lazy_gettext("What came out of the call"),
        [required(lazy_gettext("Say what came out of the call."))], limit=1000,
    )  # fmt: skip
    promised_on = DayField(lazy_gettext("Promised for"), [Optional()])


class Boxes(SelectMultipleField):
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AskForm(Form):
    relation = SelectField(lazy_gettext("For which company"))
    requirements = Boxes(
        lazy_gettext("Papers"), [required(lazy_gettext("Choose the papers to ask for."))]
    )


def supplier_url(supplier_id: uuid.UUID) -> str:
    return url_for("desk_suppliers.show", supplier_id=supplier_id)


def relations_url(supplier_id: uuid.UUID) -> str:
    return url_for("desk_suppliers.relations", supplier_id=supplier_id)


def name_of(supplier_id: uuid.UUID, permission: Permission = CHANGE) -> str:
    """The name of a supplier in sight, for the title. Raises NotFoundError."""
    return parties.get_supplier(supplier_id, buyers=in_sight(permission)).name


@blueprint.route("/<uuid:supplier_id>/relations/new", methods=["GET", "POST"])
@requires(CHANGE)
def engage(supplier_id: uuid.UUID) -> AnyResponse:
    name, form = name_of(supplier_id), EngageForm()
    companies = parties.list_buyers(buyers=in_sight(CHANGE))
    form.buyer.choices = [(str(one.id), one.name) for one in companies]

    def act() -> AnyResponse:
        actions.engage(
            supplier_id, uuid.UUID(form.buyer.data), started_on=form.started_on.day,
            supplier_reference=form.supplier_reference.data or None, by=context.actor(),
            now=context.now(),
        )  # fmt: skip
        refresh(supplier_id)
        return done(gettext("The relation has begun."), relations_url(supplier_id))

    return form_page(
        form, act, title=gettext("Begin a relation"), words=name, button=gettext("Begin"),
        back=relations_url(supplier_id), crumb=name,
    )  # fmt: skip


def _relation(engagement_id: uuid.UUID, permission: Permission = CHANGE) -> Engagement:
    return parties.get_engagement(engagement_id, buyers=in_sight(permission))


@blueprint.post("/relations/<uuid:engagement_id>/resume")
@requires(CHANGE)
def resume(engagement_id: uuid.UUID) -> AnyResponse:
    one = _relation(engagement_id)
    actions.resume_engagement(engagement_id, by=context.actor(), now=context.now())
    refresh(one.supplier_id)
    return done(
        gettext("The relation goes on: papers are asked for again."),
        relations_url(one.supplier_id),
    )


@blueprint.route("/relations/<uuid:engagement_id>/person", methods=["GET", "POST"])
@requires(CHANGE)
def person(engagement_id: uuid.UUID) -> AnyResponse:
    one = _relation(engagement_id)
    form = PersonForm(obj=one)

    def act() -> AnyResponse:
        engaging.change_relation(
            engagement_id, form.details(), buyers=in_sight(CHANGE), by=context.actor(),
            now=context.now(), seen=form.seen.data or "",
        )  # fmt: skip
        return done(gettext("Changed."), relations_url(one.supplier_id))

    def show(status: int, found: list[Difference]) -> AnyResponse:
        return page(
            "desk/act.html", form=form, status=status, differences=found,
            title=gettext("Who answers at %(company)s", company=one.buyer.name),
            words=gettext("This person is named in every demand; the supplier may call them."),
            button=gettext("Keep"), back=relations_url(one.supplier_id),
        )  # fmt: skip

    return answer_change(
        form, act, show, row=one, names=engaging.RELATION_FIELDS,
        read=lambda: _relation(engagement_id), typed=lambda: asdict(form.details()),
    )  # fmt: skip


@blueprint.route("/relations/<uuid:engagement_id>/waivers/new", methods=["GET", "POST"])
@requires(DUTIES)
def waive(engagement_id: uuid.UUID) -> AnyResponse:
    one = _relation(engagement_id, DUTIES)
    form = WaiverForm(from_on=context.today())
    waivable = duties.list_waivable(engagement_id)
    named = [(code.value, requirement_words(code.value)) for code in waivable]
    form.requirement.choices = sorted(named, key=lambda choice: alphabetical(choice[1]))

    def act() -> AnyResponse:
        vigilance.waive(
            engagement_id, form.requirement.data, from_on=form.from_on.day,
            until_on=form.until_on.day, reason=form.reason.data or "", buyers=in_sight(DUTIES),
            by=context.actor(), now=context.now(),
        )  # fmt: skip
        return done(gettext("Waived; the drawing shows it dotted."), relations_url(one.supplier_id))

    return form_page(
        form, act, title=gettext("Do not ask for a paper"), button=gettext("Waive"),
        words=gettext("For %(company)s, for a time, in your name. What the law asks for stays "
                      "your company's risk.", company=one.buyer.name),
        back=relations_url(one.supplier_id),
    )  # fmt: skip


@blueprint.route("/<uuid:supplier_id>/waivers/<uuid:waiver_id>/end", methods=["GET", "POST"])
@requires(DUTIES)
def end_waiver(supplier_id: uuid.UUID, waiver_id: uuid.UUID) -> AnyResponse:
    name, form = name_of(supplier_id, DUTIES), EndWaiverForm()
    known = {one.id for one in duties.list_waivers(supplier_id, buyers=in_sight(DUTIES))}
    if waiver_id not in known:
        raise NotFoundError(N_("This waiver does not exist."))

    def act() -> AnyResponse:
        vigilance.revoke_waiver(
            waiver_id, reason=form.reason.data or "", buyers=in_sight(DUTIES), by=context.actor(),
            now=context.now(),
        )  # fmt: skip
        return done(gettext("Asked for again from today on."), relations_url(supplier_id))

    return form_page(
        form, act, title=gettext("Ask for it again"), words=name,
        button=gettext("Ask again from today"), back=relations_url(supplier_id), crumb=name,
    )  # fmt: skip


@blueprint.route("/<uuid:supplier_id>/follow-ups/new", methods=["GET", "POST"])
@requires(DUTIES)
def note_call(supplier_id: uuid.UUID) -> AnyResponse:
    """Keep what came out of a call; `next` leads back to the list of calls."""
    one = parties.get_supplier(supplier_id, buyers=in_sight(DUTIES))
    form = FollowUpForm()
    form.contact.choices = [("", gettext("Nobody, or somebody else")), *contacts_of(one)]
    back = back_or(relations_url(supplier_id))

    def act() -> AnyResponse:
        vigilance.note_follow_up(
            supplier_id, note=form.note.data or "", promised_on=form.promised_on.data,
            contact_id=uuid.UUID(form.contact.data) if form.contact.data else None,
            buyers=in_sight(DUTIES), by=context.actor(), now=context.now(),
        )  # fmt: skip
        return done(gettext("Noted."), back)

    return form_page(
        form, act, template="desk/call.html", one=one, back=back, title=gettext("Note a call"),
    )  # fmt: skip


@blueprint.route("/<uuid:supplier_id>/ask", methods=["GET", "POST"])
@requires(DUTIES)
def ask(supplier_id: uuid.UUID) -> AnyResponse:
    """Ask for papers now, in the words of a reminder."""
    name, form = name_of(supplier_id, DUTIES), AskForm()
    needs = duties.portal_needs(supplier_id, today=context.today(), buyers=in_sight(DUTIES))
    _offer(form, needs)

    def act() -> AnyResponse:
        queued = ask_for(
            uuid.UUID(form.relation.data),
            [RequirementCode(code) for code in form.requirements.data or []],
            buyers=in_sight(DUTIES), by=context.actor(), now=context.now(),
        )  # fmt: skip
        words = on_their_way(queued)
        if not queued:
            words = gettext("The same papers were asked for today already: nothing was sent twice.")
        return done(words, supplier_url(supplier_id))

    return form_page(
        form, act, title=gettext("Ask for papers"), button=gettext("Send"), drawing="mail",
        words=gettext("%(name)s: one mail to whoever receives requests, with where to get each "
                      "paper and whom to call.", name=name),
        back=supplier_url(supplier_id), crumb=name,
    )  # fmt: skip


def _offer(form: AskForm, needs: list[EngagementNeeds]) -> None:
    """The relations in force, and every paper that they may ask for; what is owed is ticked."""
    form.relation.choices = [(str(one.engagement.id), one.buyer.name) for one in needs]
    asked: dict[str, Any] = {}
    for one in needs:
        for need in one.needs:
            known = asked.get(need.requirement.value)
            if known is None or need.is_owed:
                asked[need.requirement.value] = need
    form.requirements.choices = [(code, gettext(need.label)) for code, need in asked.items()]
    if not form.is_submitted():
        form.requirements.data = [code for code, need in asked.items() if need.is_owed]
