"""Add and change a supplier: a form that the public register may fill in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField
from wtforms.validators import Optional

from supplier.accounts.permissions import Permission
from supplier.adapters.registries import Company, registry
from supplier.desk import suppliers
from supplier.desk.changing import answer_change
from supplier.desk.contacts import LANGUAGES
from supplier.desk.engagements import supplier_url
from supplier.desk.fields import DayField
from supplier.desk.room import answer, in_sight, refresh
from supplier.kernel.errors import DomainError, UnavailableError
from supplier.kernel.identifiers import Siren
from supplier.parties import actions, engaging
from supplier.parties import queries as parties
from supplier.parties.actions import SupplierDetails
from supplier.web import context
from supplier.web.forms import Form, LineField, RadioField, SelectField, required
from supplier.web.guard import requires
from supplier.web.pages import done, page, refuse

blueprint = suppliers.blueprint
CHANGE = Permission.SUPPLIER_CHANGE
#: INSEE's codes of legal forms that suppliers have; the others are typed by hand.
LEGAL_FORMS = {
    "1000": "EI", "5498": "EURL", "5499": "SARL", "5599": "SA", "5710": "SAS", "5720": "SASU",
    "5202": "SNC", "6540": "SCI", "5458": "SCOP", "9220": "Association",
}  # fmt: skip
_YES_NO = [
    ("", lazy_gettext("Not known")), ("yes", lazy_gettext("Yes")), ("no", lazy_gettext("No")),
]  # fmt: skip
_FLAGS = ("posts_workers", "temp_agency", "construction", "agricultural")
_TEXTS = ("siren", "siret", "vat_number", "legal_form", "sector", "street", "postcode", "city")


class SupplierForm(Form):
    """Everything that may be said of a supplier; identifiers are checked by the action."""

    kind = RadioField(
        lazy_gettext("This supplier is"),
        choices=[("legal_entity", lazy_gettext("a company")),
                 ("natural_person", lazy_gettext("a sole trader (a person)"))],
        default="legal_entity",
    )  # fmt: skip
    siren = LineField(lazy_gettext("SIREN"), [Optional()], limit=20)
    siret = LineField(lazy_gettext("SIRET"), [Optional()], limit=30)
    vat_number = LineField(lazy_gettext("VAT number"), [Optional()], limit=30)
    country = LineField(
        lazy_gettext("Country"), [required(lazy_gettext("Write the country's two letters."))],
        default="FR", limit=2,
    )  # fmt: skip
    name = LineField(lazy_gettext("Name"), [required(lazy_gettext("Write the supplier's name."))])
    legal_form = LineField(lazy_gettext("Legal form"), [Optional()], limit=60)
    sector = LineField(lazy_gettext("Sector"), [Optional()], limit=80)
    register = SelectField(
        lazy_gettext("Register"),
        choices=[("rcs", lazy_gettext("Trade and companies register")),
                 ("rne_craft", lazy_gettext("National business register, craft")),
                 ("regulated", lazy_gettext("Regulated profession (its order)")),
                 ("liberal", lazy_gettext("Liberal profession")),
                 ("none", lazy_gettext("None"))],
    )  # fmt: skip
    street = LineField(lazy_gettext("Street"), [Optional()])
    postcode = LineField(lazy_gettext("Postcode"), [Optional()], limit=20)
    city = LineField(lazy_gettext("Town"), [Optional()], limit=100)
    has_employees = SelectField(lazy_gettext("Has employees"), choices=_YES_NO)
    employs_foreign_workers = SelectField(
        lazy_gettext("Employs foreign workers subject to a work permit"), choices=_YES_NO
    )
    construction = BooleanField(lazy_gettext("Construction work"))
    posts_workers = BooleanField(lazy_gettext("Posts workers from abroad"))
    temp_agency = BooleanField(lazy_gettext("Temporary employment agency"))
    agricultural = BooleanField(lazy_gettext("Agriculture (MSA)"))
    language = RadioField(lazy_gettext("Language of mails"), choices=LANGUAGES, default="fr")

    def details(self) -> SupplierDetails:
        """What was typed, as the action takes it."""
        values: dict[str, Any] = {name: getattr(self, name).data or None for name in _TEXTS}
        values |= {name: bool(getattr(self, name).data) for name in _FLAGS}
        return SupplierDetails(
            name=self.name.data or "", kind=self.kind.data,
            country=(self.country.data or "").upper(),
            register=self.register.data, language=self.language.data,
            has_employees=_known(self.has_employees.data),
            employs_foreign_workers=_known(self.employs_foreign_workers.data), **values,
        )  # fmt: skip

    def fill_in(self, found: Company) -> None:
        """What the register says; what it does not say stays as it was typed."""
        told = {
            "name": found.name, "street": found.street, "postcode": found.postcode,
            "city": found.city, "siret": found.siret,
            "legal_form": LEGAL_FORMS.get(found.legal_form_code or ""),
        }  # fmt: skip
        for name, value in told.items():
            if value:
                getattr(self, name).data = value
        if found.legal_form_code == "1000":
            self.kind.data = "natural_person"
        if found.employer is not None:
            self.has_employees.data = "yes" if found.employer else "no"


class ChangeSupplierForm(SupplierForm):
    """The same, with the version that was opened."""

    seen = HiddenField()


class NewSupplierForm(SupplierForm):
    """The same, with the relation that begins."""

    buyer = SelectField(lazy_gettext("Works with"), [Optional()])
    started_on = DayField(lazy_gettext("Since"), [Optional()])


def _known(word: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(word or "")


def _word(known: bool | None) -> str:
    return "" if known is None else "yes" if known else "no"


@blueprint.route("/new", methods=["GET", "POST"])
@requires(CHANGE)
def create() -> AnyResponse:
    form = NewSupplierForm(started_on=context.today())
    sight = in_sight(CHANGE)
    companies = [(str(one.id), one.name) for one in parties.list_buyers(buyers=sight)]
    everyone = [("", gettext("Nobody yet"))] if sight is None else []
    form.buyer.choices = [*everyone, *companies]

    def act() -> AnyResponse:
        by, now = context.actor(), context.now()
        one = engaging.welcome(
            form.details(), buyer_id=uuid.UUID(form.buyer.data) if form.buyer.data else None,
            started_on=form.started_on.data, by=by, now=now, within=sight,
        )  # fmt: skip
        refresh(one.id)
        words = gettext("Added. Now add a person who receives requests.")
        if one.name != form.details().name:
            words = gettext("Added as %(name)s: what the group knows already stays.", name=one.name)
        return done(words, supplier_url(one.id))

    return _form(
        form, lambda show: answer(form, act, show), title=gettext("Add a supplier"),
        back=url_for(".index"),
    )  # fmt: skip


@blueprint.route("/<uuid:supplier_id>/change", methods=["GET", "POST"])
@requires(CHANGE)
def change(supplier_id: uuid.UUID) -> AnyResponse:
    one = parties.get_supplier(supplier_id, buyers=in_sight(CHANGE))
    form = ChangeSupplierForm(
        obj=one,
        has_employees=_word(one.has_employees),
        employs_foreign_workers=_word(one.employs_foreign_workers),
    )
    if not form.is_submitted():
        form.has_employees.data = _word(one.has_employees)
        form.employs_foreign_workers.data = _word(one.employs_foreign_workers)

    def act() -> AnyResponse:
        actions.change_supplier(
            supplier_id, form.details(), by=context.actor(), now=context.now(),
            seen=form.seen.data or "",
        )  # fmt: skip
        refresh(supplier_id)
        words = gettext("Changed; what is owed was worked out again.")
        return done(words, supplier_url(supplier_id))

    def reply(show: Callable[..., AnyResponse]) -> AnyResponse:
        return answer_change(
            form, act, lambda status, found: show(status, differences=found),
            row=one, read=lambda: parties.get_supplier(supplier_id, buyers=in_sight(CHANGE)),
            typed=lambda: actions.checked(form.details()), names=actions.SUPPLIER_FIELDS,
        )  # fmt: skip

    return _form(form, reply, title=gettext("Change %(name)s", name=one.name),
                 back=supplier_url(supplier_id))  # fmt: skip


def _form(
    form: SupplierForm, reply: Callable[[Callable[..., AnyResponse]], AnyResponse], *,
    title: str, back: str,
) -> AnyResponse:  # fmt: skip
    """The form; the button of the register fills it in and keeps nothing yet."""

    def show(status: int, told: str = "", tone: str = "ok", **more: Any) -> AnyResponse:
        return page(
            "desk/supplier_form.html", form=form, title=title, back=back, told=told, tone=tone,
            register=registry().configured, status=status, **more,
        )  # fmt: skip

    if request.method == "POST" and request.form.get("act") == "lookup":
        return show(200, *_look_up(form))
    return reply(show)


def _look_up(form: SupplierForm) -> tuple[str, str]:
    """Ask the register; what it answered, and the tone of the banner."""
    try:
        siren = str(Siren.parse(form.siren.data or ""))
        found = registry().find(siren)
    except UnavailableError as error:
        return gettext(error.message), "soon"
    except DomainError as error:
        refuse(form, DomainError(error.message, field="siren"))
        return gettext(error.message), "bad"
    if found is None:
        return gettext(
            "The register does not show this number. That proves nothing: fill in by hand."
        ), "soon"
    form.fill_in(found)
    if not found.active:
        return gettext(
            "The register says that this company has ceased. Check before adding it."
        ), "bad"
    return gettext("Filled in from the register: check, then keep."), "ok"
