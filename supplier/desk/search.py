"""The search box: everything that the capabilities answer, grouped, in the visitor's sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk.room import Buyers, in_sight
from supplier.kernel import finding
from supplier.kernel.i18n import N_
from supplier.kernel.registers import Found, SearchScope
from supplier.web.guard import requires, rule_of
from supplier.web.pages import page

blueprint = Blueprint("desk_search", __name__, url_prefix="/desk/search")
GROUPS = {
    "suppliers": N_("Suppliers"),
    "documents": N_("Papers"),
    "contracts": N_("Contracts"),
    "invoices": N_("Invoices"),
    "bank": N_("Bank details"),
}
ICONS = {"suppliers": "people", "documents": "paper", "contracts": "contract", "bank": "bank",
         "invoices": "contract"}  # fmt: skip
EACH = 8
#: What opens the pages of the answers.
ANSWERED = (
    Permission.SUPPLIER_READ, Permission.DOCUMENT_READ, Permission.CONTRACT_READ,
    Permission.BANK_READ, Permission.BANK_PAPER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with its address."""

    title: str
    detail: str
    url: str


@blueprint.get("/")
@requires(Permission.SUPPLIER_READ)
def show() -> AnyResponse:
    text = request.args.get("q", "").strip()[:100]
    groups: dict[str, list[Answer]] = {}
    for one in _answers(text) if text else ():
        groups.setdefault(one.group, []).append(_answer(one))
    return page(
        "desk/search.html", text=text, groups=groups, labels=GROUPS, drawings=ICONS, each=EACH,
        total=sum(len(found) for found in groups.values()), search_text=text,
    )  # fmt: skip


def _answers(text: str) -> list[Found]:
    """What the visitor may open: each answer is looked for among the companies of its own page.

    Nearly everybody holds all their permissions for the same companies, and asks once.
    """
    sights = {in_sight(permission) for permission in ANSWERED} - {frozenset()}
    return [
        one
        for sight in sights
        for one in finding.search(text, SearchScope(sight), limit=EACH)
        if _sight_of(one) == sight
    ]


def _sight_of(one: Found) -> Buyers:
    """The companies for which the visitor may open the page that shows it."""
    if one.needs:
        return in_sight(Permission(one.needs))
    rule = rule_of(current_app, one.endpoint)
    if rule is None or rule.permission is None:
        return frozenset()
    return in_sight(rule.permission)


def _answer(one: Found) -> Answer:
    """Details hold marked words (the kind of a paper): they are translated part by part."""
    parts = [gettext(part) if part else "" for part in one.detail.split(" · ")]
    detail = " · ".join(part for part in parts if part)
    values: dict[str, Any] = dict(one.values)
    return Answer(one.title, detail, url_for(one.endpoint, **values))
