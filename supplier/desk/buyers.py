"""The companies of the group: who they are, when their year ends, who answers for them."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from flask import Blueprint, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField
from wtforms.validators import InputRequired, NumberRange, Optional

from supplier.accounts.permissions import Permission
from supplier.desk.changing import answer_change
from supplier.desk.room import form_page, in_sight
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties import actions
from supplier.parties import queries as parties
from supplier.parties.actions import BuyerDetails
from supplier.web import context
from supplier.web.changing import Difference
from supplier.web.filters import month_name
from supplier.web.forms import Form, LineField, NoteField, NumberField, SelectField, required
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page

blueprint = Blueprint("desk_buyers", __name__, url_prefix="/desk/companies")
ADMIN = Permission.RULES_ADMIN

register(
    Entry("desk_buyers.index", N_("Group companies"), "building", ADMIN, group="administration",
          order=25, prefix="desk_buyers.")
)  # fmt: skip


class BuyerForm(Form):
    name = LineField(lazy_gettext("Name"), [required(lazy_gettext("Write the company's name."))])
    short_name = LineField(
        lazy_gettext("Short name"), [required(lazy_gettext("Write a short name for lists."))],
        limit=40,
    )  # fmt: skip
    siren = LineField(
        lazy_gettext("SIREN"), [required(lazy_gettext("Write the nine digits."))], limit=20
    )
    year_end_day = NumberField(
        lazy_gettext("Last day of the financial year"),
        [InputRequired(lazy_gettext("Give the day.")), NumberRange(1, 31)], default=31,
    )  # fmt: skip
    year_end_month = SelectField(lazy_gettext("Month"), coerce=int, default=12)
    address = NoteField(lazy_gettext("Address"), [Optional()], limit=500)
    contact_name = LineField(lazy_gettext("Who answers for suppliers"), [Optional()])
    contact_phone = LineField(lazy_gettext("Telephone"), [Optional()], limit=40)
    contact_email = LineField(lazy_gettext("Mail address"), [Optional()])

    def fill(self) -> None:
        """Offer the months by their names."""
        self.year_end_month.choices = [(month, month_name(month)) for month in range(1, 13)]

    def details(self) -> BuyerDetails:
        """What was typed. Raises DomainError for a day that the month does not have."""
        day, month = self.year_end_day.data or 0, self.year_end_month.data
        if day > {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31):
            raise DomainError(N_("This month has no such day."), field="year_end_day")
        return BuyerDetails(
            name=self.name.data or "", short_name=self.short_name.data or "",
            siren=self.siren.data or "", year_end_month=month, year_end_day=day,
            address=self.address.data or None,
            contact_name=self.contact_name.data or None,
            contact_email=self.contact_email.data or None,
            contact_phone=self.contact_phone.data or None,
        )  # fmt: skip


class ChangeBuyerForm(BuyerForm):
    """The same with the version that was opened."""

    seen = HiddenField()


HELPS = {
    "year_end_day": N_("The time of keeping invoices counts from the close of this year."),
    "contact_name": N_("Named in demands where the relation itself names nobody."),
}


@blueprint.get("/")
@requires(ADMIN)
def index() -> AnyResponse:
    return page(
        "desk/buyers.html", buyers=parties.list_buyers(buyers=in_sight(ADMIN)),
        month_name=month_name, may_add=in_sight(ADMIN) is None,
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def create() -> AnyResponse:
    if in_sight(ADMIN) is not None:
        raise NotFoundError(N_("This page does not exist."))
    form = BuyerForm()
    form.fill()

    def act() -> AnyResponse:
        one = actions.create_buyer(form.details(), by=context.actor(), now=context.now())
        return done(gettext("%(name)s belongs to the group.", name=one.name), url_for(".index"))

    return form_page(
        form, act, title=gettext("Add a group company"), button=gettext("Add"), helps=_helps(),
        words=gettext("Suppliers work with a company; rights and rules may differ by company."),
        back=url_for(".index"), crumb=gettext("Group companies"),
    )  # fmt: skip


def _helps() -> dict[str, str]:
    return {name: gettext(words) for name, words in HELPS.items()}


@blueprint.route("/<uuid:buyer_id>", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def change(buyer_id: uuid.UUID) -> AnyResponse:
    one = parties.get_buyer(buyer_id, buyers=in_sight(ADMIN))
    form = ChangeBuyerForm(obj=one)
    form.fill()

    def act() -> AnyResponse:
        actions.change_buyer(
            buyer_id, form.details(), by=context.actor(), now=context.now(),
            seen=form.seen.data or "",
        )  # fmt: skip
        return done(gettext("Changed."), url_for(".index"))

    def show(status: int, found: list[Difference]) -> AnyResponse:
        return page(
            "desk/act.html", form=form, status=status, differences=found, title=one.name,
            button=gettext("Keep"), helps=_helps(), back=url_for(".index"),
            words=gettext("The SIREN stays: another one is another company."),
            crumb=gettext("Group companies"),
        )  # fmt: skip

    form.siren.data = one.siren
    return answer_change(
        form, act, show, row=one, names=actions.BUYER_FIELDS, typed=lambda: asdict(form.details()),
        read=lambda: parties.get_buyer(buyer_id, buyers=in_sight(ADMIN)),
    )  # fmt: skip
