"""Suppliers: the list with its filters, views and exports; adding and changing one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from flask import Blueprint, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk.kept_views import KeptList, add_views, views_of
from supplier.desk.room import in_sight, pager
from supplier.desk.standing import row_chip, short_day, strip_of
from supplier.desk.taking import take_list
from supplier.evaluation.latest import LatestScore, list_scores
from supplier.kernel.database import Page
from supplier.kernel.i18n import N_
from supplier.parties import queries as parties
from supplier.vigilance import portfolio
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.portfolio import Standing, SupplierFilter, SupplierRow, SupplierSort
from supplier.web import context, lists
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import page

blueprint = Blueprint("desk_suppliers", __name__, url_prefix="/desk/suppliers")
READ, SCORES = Permission.SUPPLIER_READ, Permission.EVALUATION_READ
LIST = KeptList(
    "suppliers", "desk_suppliers.index",
    ("standing", "buyer", "requirement", "sector", "country", "q", "sort"),
)  # fmt: skip
add_views(blueprint, LIST, READ)

register(
    Entry(
        "desk_suppliers.index", N_("Suppliers"), "people", READ, group="main", order=30,
        prefix="desk_suppliers.",
    )
)  # fmt: skip

STANDINGS = {
    Standing.ALL: N_("All"),
    Standing.ATTENTION: N_("Gap open or soon"),
    Standing.GAP: N_("Gap open"),
    Standing.SOON: N_("Ends soon"),
    Standing.REVIEW: N_("Waits for a decision"),
    Standing.CLEAR: N_("In order"),
    Standing.ENDED: N_("Relation ended"),
}


def wanted_of_request() -> SupplierFilter:
    """The filter that the address names; what is not known is left out."""
    buyer = request.args.get("buyer", "", type=str)
    return SupplierFilter(
        standing=Standing(lists.choice("standing", [one.value for one in Standing])),
        buyer_id=_uuid(buyer),
        requirement=lists.choice("requirement", [one.value for one in RequirementCode]),
        sector=request.args.get("sector", "")[:200],
        country=request.args.get("country", "")[:2],
        text=request.args.get("q", "").strip()[:100],
        sort=SupplierSort(lists.choice("sort", [one.value for one in SupplierSort], "exposed")),
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    wanted, buyers, today = wanted_of_request(), in_sight(), context.today()
    found = portfolio.list_suppliers(wanted, buyers=buyers, today=today, number=lists.page_number())
    choices = parties.list_choices(buyers=buyers)
    kept = views_of(LIST)
    return page(
        "desk/suppliers.html", wanted=wanted, exposed=found.exposed, pager=pager(found.page),
        lines=_lines(found.page), total=found.page.total, sectors=choices.sectors,
        countries=choices.countries,
        buyers=choices.companies, standings=STANDINGS, rules=RULES, here=kept.here,
        kept=kept, link=lists.link,
        short_day=short_day,
    )  # fmt: skip


def _lines(found: Page[SupplierRow]) -> list[dict[str, Any]]:
    """The rows as drawn: chip, strip, companies, score."""
    today = context.today()
    scores = list_scores([row.supplier.id for row in found.items], buyers=in_sight(SCORES))
    return [
        {
            "row": row,
            "supplier": row.supplier,
            "chip": row_chip(row, today=today),
            "strip": strip_of(row, today=today),
            "score": next(iter(scores.get(row.supplier.id, [])), None),
            "companies": list(dict.fromkeys(one.buyer for one in row.relations)),
            "contact": next((one.contact for one in row.relations if one.contact), None),
        }
        for row in found.items
    ]


COLUMNS = (
    ("name", N_("Name")), ("siren", N_("SIREN")), ("vat_number", N_("VAT number")),
    ("country", N_("Country")), ("sector", N_("Sector")), ("companies", N_("Group companies")),
    ("reference", N_("Supplier reference")), ("state", N_("State")),
    ("missing", N_("Missing")), ("gap_since", N_("Gap since")),
    ("due_on", N_("Next end")), ("exposed", N_("Exposed (euros)")), ("score", N_("Score")),
    ("contact", N_("Buyer")),
)  # fmt: skip


@blueprint.get("/export.<any(csv, xlsx):kind>")
@requires(READ)
def export(kind: str) -> AnyResponse:
    """The filtered list as a file: csv or xlsx."""
    rows = portfolio.iterate_suppliers(
        wanted_of_request(), buyers=in_sight(), today=context.today()
    )
    return take_list(
        "suppliers", _exported(rows), columns=[(key, gettext(label)) for key, label in COLUMNS],
        name=f"vigie-{gettext('suppliers')}-{context.today().isoformat()}",
        kind=kind,
    )  # fmt: skip


def _exported(rows: Iterator[SupplierRow]) -> Iterator[dict[str, Any]]:
    """The lines of the file; the scores of a chunk of suppliers are asked together."""
    sight = in_sight(SCORES)
    while chunk := list(islice(rows, portfolio.EXPORT_BATCH)):
        scores = list_scores([row.supplier.id for row in chunk], buyers=sight)
        yield from (_cells(row, scores.get(row.supplier.id, [])) for row in chunk)


def _cells(row: SupplierRow, scores: Sequence[LatestScore]) -> dict[str, Any]:
    one, gaps = row.supplier, [duty for duty in row.duties if duty.gap_since]
    chip = row_chip(row, today=context.today())
    return {
        "name": one.name, "siren": one.siren, "vat_number": one.vat_number,
        "country": one.country, "sector": one.sector,
        "companies": ", ".join(dict.fromkeys(each.buyer for each in row.relations)),
        "reference": ", ".join(each.reference for each in row.relations if each.reference),
        "state": chip.words or gettext(STATE_WORDS[row.state.value]),
        "missing": ", ".join(dict.fromkeys(gettext(duty.label) for duty in gaps)),
        "gap_since": row.gap_since, "due_on": row.due_on, "exposed": row.exposed,
        "score": scores[0].score if scores else None,
        "contact": next((each.contact for each in row.relations if each.contact), None),
    }  # fmt: skip


STATE_WORDS = {
    "missing": N_("Missing"), "refused": N_("Refused"), "in_review": N_("To review"),
    "to_verify": N_("To be verified with the issuer"), "expiring": N_("Ends soon"),
    "waived": N_("Waived"), "covered": N_("Up to date"), "dormant": N_("Dormant"),
    "not_required": N_("Not required"),
}  # fmt: skip
