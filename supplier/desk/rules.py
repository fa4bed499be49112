"""Rules: what may be decided otherwise, where each default comes from, and what was decided."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired

from supplier.accounts.permissions import Permission
from supplier.desk.fields import DayField
from supplier.desk.room import answer, in_sight
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties import queries as parties
from supplier.parties.models import Buyer
from supplier.vigilance import rules
from supplier.vigilance.catalogue import RULES_VERSION
from supplier.vigilance.rules import KEYS, Override, RuleKey, ValueKind
from supplier.web import context
from supplier.web.forms import Form, LineField
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
    ValueKind.EUROS: N_("An amount in euros, without cents."),
    ValueKind.MODE: N_(
        "prudent (all orders of twelve rolling months) or strict (each contract alone)."
    ),
    ValueKind.MONTHS: N_("A number of months. The law's periods may be shortened only."),
    ValueKind.DAYS: N_("A number of days."),
    ValueKind.CODES: N_("Codes of requirements, separated by commas; empty for none."),
    ValueKind.PLAN: N_("Days before (60) and after (-7) the end, separated by commas."),
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with what holds today: for the group, and for each company that differs."""

    rule: RuleKey
    group: str
    decided: bool
    companies: tuple[tuple[str, str], ...]
    coming: tuple[Override, ...]


class RuleForm(Form):
    value = LineField(lazy_gettext("Value"))
    buyer = SelectField(lazy_gettext("For"))
    from_on = DayField(lazy_gettext("From"), [InputRequired(lazy_gettext("Give the first day."))])
    confirmed = HiddenField()


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
        return gettext("€%(amount)s", amount=value)
    if rule.kind is ValueKind.MONTHS and value.isdigit():
        return ngettext("%(num)d month", "%(num)d months", int(value))
    if rule.kind is ValueKind.DAYS and value.isdigit():
        return ngettext("%(num)d day", "%(num)d days", int(value))
    if rule.kind is ValueKind.CODES and not value:
        return gettext("none")
    return value


@blueprint.route("/<key>", methods=["GET", "POST"])
@requires(ADMIN, fresh=True)
def decide(key: str) -> AnyResponse:
    """Decide a rule otherwise: first what it would do is shown, then it is confirmed."""
    rule = KEYS.get(key)
    if rule is None:
        raise NotFoundError(N_("This rule does not exist."))
    form, sight = RuleForm(from_on=context.today()), in_sight(ADMIN)
    companies = parties.list_buyers(buyers=sight)
    everyone = [("", gettext("The whole group"))] if sight is None else []
    form.buyer.choices = [*everyone, *((str(one.id), one.name) for one in companies)]
    if not form.is_submitted():
        form.value.data = rule.default

    def show(status: int) -> AnyResponse:
        return page(
            "desk/rule.html", form=form, rule=rule, help=gettext(HELPS[rule.kind]),
            value_words=value_words, status=status,
        )  # fmt: skip

    return answer(form, lambda: _decide(rule, form), show)


def _decide(rule: RuleKey, form: RuleForm) -> AnyResponse:
    buyer_id = uuid.UUID(form.buyer.data) if form.buyer.data else None
    try:
        value = rules.check_value(rule.key, form.value.data or "")
    except DomainError as error:
        raise DomainError(error.message, field="value") from error
    if not form.confirmed.data:
        return _ask(rule, form, value)
    rules.set_rule(
        rule.key, value, buyer_id=buyer_id, from_on=form.from_on.day, by=context.actor(),
        now=context.now(),
    )  # fmt: skip
    return done(
        gettext("Decided. The files concerned are being computed again."), url_for(".index")
    )


def _choices(form: RuleForm) -> list[tuple[str, str]]:
    return [(str(one[0]), str(one[1])) for one in form.buyer.choices or ()]


def _ask(rule: RuleKey, form: RuleForm, value: str) -> AnyResponse:
    """What is about to be decided, to be confirmed."""
    chosen = form.buyer.data or ""
    who = next((words for value, words in _choices(form) if value == chosen), "")
    return page(
        "shared/confirm.html", title=gettext("Decide this rule otherwise?"),
        words=gettext("Past days stay judged by what held on them. From the day on, papers may be "
                      "owed, or no longer be owed, and reminders follow."),
        action=request.path, act=gettext("Decide"), back_url=url_for(".index"),
        facts=[
            (gettext("Rule"), gettext(rule.label)),
            (gettext("By default"), value_words(rule, rule.default)),
            (gettext("New value"), value_words(rule, value)),
            (gettext("For"), who), (gettext("From"), form.from_on.day.strftime("%d/%m/%Y")),
        ],
        hidden={"value": value, "buyer": form.buyer.data or "", "confirmed": "1",
                "from_on": form.from_on.day.isoformat()},
    )  # fmt: skip
