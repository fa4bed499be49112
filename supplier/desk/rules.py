"""Rules: what may be decided otherwise, where each default comes from, and what was decided."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import Blueprint, redirect, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from supplier.accounts.permissions import Permission
from supplier.desk.fields import DayField
from supplier.desk.room import answer, in_sight
from supplier.documents.kinds import Basis
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties import queries as parties
from supplier.parties.models import Buyer
from supplier.vigilance import rehearsal, rules
from supplier.vigilance.catalogue import RULES_VERSION
from supplier.vigilance.coverage import State
from supplier.vigilance.duties import ThresholdMode
from supplier.vigilance.requirements import RULES, LooserThanLawError, PeriodMode
from supplier.vigilance.rules import KEYS, Override, RuleKey, ValueKind
from supplier.web import context
from supplier.web.filters import show_money
from supplier.web.forms import (
    Form,
    LineField,
    RadioField,
    SelectField,
    SelectMultipleField,
    required,
)
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page

blueprint = Blueprint("desk_rules", __name__, url_prefix="/desk/rules")
ADMIN = Permission.RULES_ADMIN

register(
    Entry("desk_rules.index", N_("Rules"), "rules", ADMIN, group="administration", order=30,
          prefix="desk_rules.")
)  # fmt: skip

HELPS = {
    ValueKind.EUROS: N_("An amount in euros. The law's may be lowered only."),
    ValueKind.MONTHS: N_("A number of months. The law's periods may be shortened only."),
    ValueKind.DAYS: N_("A number of days."),
    ValueKind.CODES: N_("Tick what is not asked for; nothing ticked: everything is."),
    ValueKind.PLAN: N_("Days before (60) and after (-7) the end, separated by commas."),
}
#: Values that are words of ours: how people say each, and what it means.
CHOICES = {
    ValueKind.MODE: {
        ThresholdMode.PRUDENT.value: (
            N_("prudent"), N_("prudent: all orders of twelve rolling months together")
        ),
        ThresholdMode.STRICT.value: (N_("strict"), N_("strict: each contract alone")),
    },
    ValueKind.PERIOD: {
        PeriodMode.WARNS.value: (
            N_("a warning"), N_("a warning: it stays good as long as the law says")
        ),
        PeriodMode.ENDS.value: (N_("covers no longer"), N_("it covers no longer")),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with what holds today: for the group, and for each company that differs."""

    rule: RuleKey
    group: str
    decided: bool
    companies: tuple[tuple[str, str], ...]
    coming: tuple[Override, ...]


class RuleForm(Form):
    value: Field = LineField(lazy_gettext("Value"))
    buyer = SelectField(lazy_gettext("For"))

    @property
    def text(self) -> str:
        """The value as rules are written: several codes are joined by commas."""
        data = self.value.data or ""
        return data if isinstance(data, str) else ",".join(data)


class ChoiceForm(RuleForm):
    value = RadioField(lazy_gettext("Value"), [required(lazy_gettext("Choose a value."))])


class CodesForm(RuleForm):
    value = SelectMultipleField(
        lazy_gettext("Value"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


def _form(rule: RuleKey, held: str) -> RuleForm:
    """The form of a rule, with what holds; a value that is no free text is chosen, not typed."""
    if rule.kind in CHOICES:
        one = ChoiceForm(data={"value": held})
        one.value.choices = [
            (value, gettext(long)) for value, (_short, long) in CHOICES[rule.kind].items()
        ]
        return one
    if rule.kind is ValueKind.CODES:
        some = CodesForm(data={"value": held.split(",") if held else []})
        some.value.choices = [
            (code.value, gettext(asked.label))
            for code, asked in RULES.items()
            if asked.basis is not Basis.LAW
        ]
        return some
    return RuleForm(data={"value": held})


class DecisionForm(Form):
    from_on = DayField(lazy_gettext("From"), [InputRequired(lazy_gettext("Give the first day."))])


@blueprint.get("/")
@requires(ADMIN)
def index() -> AnyResponse:
    book, companies = rules.rule_book(), parties.list_buyers(buyers=in_sight(ADMIN))
    names = {one.id: one.short_name for one in companies}
    seen = [one for one in book.overrides if one.buyer_id is None or one.buyer_id in names]
    return page(
        "desk/rules.html", lines=_lines(seen, companies, context.today()), names=names,
        decisions=sorted(seen, key=lambda one: (one.at, str(one.id)), reverse=True)[:50],
        keys=KEYS, version=RULES_VERSION, value_words=value_words,
    )  # fmt: skip


def _lines(
    overrides: Sequence[Override], companies: Sequence[Buyer], today: date
) -> list[RuleLine]:
    found = []
    for key, rule in KEYS.items():
        own = [one for one in overrides if one.key == key]
        group = _in_force([one for one in own if one.buyer_id is None], today)
        differing = []
        for company in companies:
            theirs = _in_force([one for one in own if one.buyer_id == company.id], today)
            if theirs is not None:
                differing.append((company.short_name, theirs))
        coming = tuple(one for one in own if one.from_on > today)
        found.append(
            RuleLine(rule, group if group is not None else rule.default, group is not None,
                     tuple(differing), coming)
        )  # fmt: skip
    return found


def _in_force(found: Sequence[Override], today: date) -> str | None:
    """What was decided last for today: the later day wins, then the later decision."""
    held = [one for one in found if one.from_on <= today]
    return max(held, key=lambda one: (one.from_on, one.at)).value if held else None


def value_words(rule: RuleKey, value: str) -> str:
    """A value as people say it."""
    if rule.kind is ValueKind.EUROS:
        return show_money(Decimal(value.replace(",", ".")))
    if rule.kind is ValueKind.MONTHS and value.isdigit():
        return ngettext("%(num)d month", "%(num)d months", int(value))
    if rule.kind is ValueKind.DAYS and value.isdigit():
        return ngettext("%(num)d day", "%(num)d days", int(value))
    if rule.kind is ValueKind.CODES:
        codes = [code for code in RULES if code.value in value.split(",")]
        return ", ".join(gettext(RULES[code].label) for code in codes) or gettext("none")
    named = CHOICES.get(rule.kind, {}).get(value)
    return gettext(named[0]) if named else value


@blueprint.route("/<key>", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def decide(key: str) -> AnyResponse:
    """Try a value: what it would do to everybody is worked out before anything is decided."""
    rule = _rule(key)
    held = _in_force(
        [one for one in rules.rule_book().overrides if one.key == key and one.buyer_id is None],
        context.today(),
    )
    form, sight = _form(rule, held if held is not None else rule.default), in_sight(ADMIN)
    companies = parties.list_buyers(buyers=sight)
    everyone = [("", gettext("The whole group"))] if sight is None else []
    form.buyer.choices = [*everyone, *((str(one.id), one.name) for one in companies)]

    def show(status: int) -> AnyResponse:
        return page(
            "desk/rule.html", form=form, rule=rule, help=_help(rule),
            value_words=value_words, status=status,
        )  # fmt: skip

    return answer(form, lambda: _rehearse(rule, form), show)


def _help(rule: RuleKey) -> str:
    return gettext(HELPS[rule.kind]) if rule.kind in HELPS else ""


def _rule(key: str) -> RuleKey:
    rule = KEYS.get(key)
    if rule is None:
        raise NotFoundError(N_("This rule does not exist."))
    return rule


def _rehearse(rule: RuleKey, form: RuleForm) -> AnyResponse:
    try:
        value = rules.check_value(rule.key, form.text)
    except LooserThanLawError as error:
        raise DomainError(error.message, field="value") from error
    except DomainError as error:
        words = f"{gettext(error.message)} {_help(rule)}".strip()
        raise DomainError(words, field="value") from error
    _must_differ(rule, value, form.buyer.data)
    rehearsal_id = rehearsal.rehearse(
        rule.key, value, buyer_id=uuid.UUID(form.buyer.data) if form.buyer.data else None,
        buyers=in_sight(ADMIN), by=context.actor(), now=context.now(),
    )  # fmt: skip
    return redirect(url_for(".rehearsed", rehearsal_id=rehearsal_id), 303)


def _must_differ(rule: RuleKey, value: str, buyer: str) -> None:
    """Raises DomainError for what holds already, with nothing else decided for later."""
    buyer_id, today = uuid.UUID(buyer) if buyer else None, context.today()
    own = [one for one in rules.rule_book().overrides if one.key == rule.key]
    mine = [one for one in own if one.buyer_id == buyer_id]
    if any(one.from_on > today for one in own):
        return
    held = _in_force(mine, today)
    if held is None:
        # A company without a decision of its own follows the group's, or the default.
        held = _in_force([one for one in own if one.buyer_id is None], today)
    if value == (held if held is not None else rule.default):
        raise DomainError(N_("This value holds already: nothing would change."), field="value")


@blueprint.get("/rehearsals/<uuid:rehearsal_id>")
@requires(ADMIN)
def rehearsed(rehearsal_id: uuid.UUID) -> AnyResponse:
    return _show(rehearsal_id, DecisionForm(from_on=context.today()), 200)


@blueprint.post("/rehearsals/<uuid:rehearsal_id>")
@requires(ADMIN, fresh=True)
def apply(rehearsal_id: uuid.UUID) -> AnyResponse:
    """Decide what was rehearsed, from a day on."""
    form = DecisionForm()

    def act() -> AnyResponse:
        rehearsal.decide_rehearsed(
            rehearsal_id, from_on=form.from_on.day, buyers=in_sight(ADMIN), by=context.actor(),
            now=context.now(),
        )  # fmt: skip
        words = gettext("Decided. The files concerned are being computed again.")
        return done(words, url_for(".index"))

    return answer(form, act, lambda status: _show(rehearsal_id, form, status))


def _show(rehearsal_id: uuid.UUID, form: DecisionForm, status: int) -> AnyResponse:
    row = rehearsal.get_rehearsal(rehearsal_id, buyers=in_sight(ADMIN))
    names = {one.id: one.name for one in parties.list_buyers(buyers=in_sight(ADMIN))}
    rule = _rule(row.key)
    return page(
        "desk/rehearsal.html", fragment="desk/_rehearsal.html", status=status, row=row, rule=rule,
        form=form, turns=rehearsal.list_turns(row), states=[one.value for one in State],
        whom=names[row.buyer_id] if row.buyer_id else gettext("The whole group"),
        value_words=value_words,
    )  # fmt: skip
