"""Contracts: the list, one contract with all that was concluded under it, and its changes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.adapters.intake import RefusedFileError
from supplier.contracts import actions, choosing, queries
from supplier.contracts.handing_out import hand_out_contract
from supplier.contracts.models import Contract
from supplier.contracts.queries import CONTRACT_SORTS, CONTRACT_STATES, ContractFile, WorkFilter
from supplier.desk.changing import answer_change
from supplier.desk.contract_forms import (
    KINDS,
    VERDICT_WORDS,
    AmendmentForm,
    AttachForm,
    ChangeContractForm,
    ContractForm,
    TerminationForm,
    crossing_words,
    in_words,
    limits,
    next_renewal,
    renewal_words,
    term_words,
    upload_of,
    way_back,
)
from supplier.desk.kept_views import KeptList, add_views, views_of
from supplier.desk.room import form_page, in_sight, may, pager, refresh
from supplier.desk.taking import take_list
from supplier.kernel.i18n import N_
from supplier.vigilance.conclusions import conclusions_of
from supplier.vigilance.crossings import crossing_of
from supplier.web import context, lists
from supplier.web.changing import Difference
from supplier.web.filters import show_money
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page
from supplier.web.papers import as_download

blueprint = Blueprint("desk_contracts", __name__, url_prefix="/desk/contracts")
READ, CHANGE = Permission.CONTRACT_READ, Permission.CONTRACT_CHANGE
FILE = Permission.DOCUMENT_READ
#: The three lists of the work itself; their views are kept each by its own.
CONTRACTS, ORDERS, INVOICES = (
    KeptList(name, f"desk_contracts.{view}", ("q", "buyer", "supplier", "state", "sort"))
    for name, view in (("contracts", "index"), ("orders", "orders"), ("invoices", "invoices"))
)
for _kept in (CONTRACTS, ORDERS, INVOICES):
    add_views(blueprint, _kept, READ)
#: Most rows of one export.
MOST_ROWS = 20_000

register(
    Entry(
        "desk_contracts.index", N_("Contracts and invoices"), "contract", READ, order=40,
        prefix="desk_contracts.",
    )
)  # fmt: skip

STATE_WORDS = {
    "running": N_("Running"),
    "ending": N_("Ends within 60 days"),
    "renewing": N_("Renews itself within 60 days"),
    "coming": N_("To begin"),
    "over": N_("Over"),
}
#: What happened, in words; other events show their code.
EVENT_WORDS = {
    "contract.created": N_("Recorded"),
    "contract.changed": N_("Corrected"),
    "contract.amended": N_("Amended"),
    "contract.terminated": N_("Terminated"),
    "contract.file_added": N_("File added"),
    "contract.downloaded": N_("File handed out"),
    "invoice.created": N_("Recorded"),
    "invoice.file_added": N_("File added"),
    "invoice.paid": N_("Noted as paid"),
    "invoice.downloaded": N_("File handed out"),
}


def work_filter(states: Iterable[str], sorts: Iterable[str]) -> WorkFilter:
    """The filter of a list, out of the address; what is unknown there is left out."""
    return WorkFilter(
        text=request.args.get("q", "").strip()[:100],
        buyer_id=_uuid(request.args.get("buyer")),
        supplier_id=_uuid(request.args.get("supplier")),
        state=lists.choice("state", states),
        sort=lists.choice("sort", sorts),
    )


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def list_page(
    template: str,
    wanted: WorkFilter,
    find: Callable[[int, int], Any],
    *,
    columns: list[tuple[str, str]],
    row: Callable[[Any], Mapping[str, Any]],
    of: KeptList,
    **values: Any,
) -> AnyResponse:
    """One of the three lists, as a page or as a file (`?format=csv` or `xlsx`)."""
    kind = lists.choice("format", ("csv", "xlsx"))
    if kind:
        found = find(1, MOST_ROWS)
        rows = [row(one) for one in found.items]
        return take_list(of.name, rows, columns=columns, kind=kind)
    found = find(lists.page_number(), lists.PAGE_SIZE)
    return page(
        template, found=found, wanted=wanted, pager=pager(found), link=lists.link,
        buyers=queries.list_buyers(buyers=in_sight(READ)), may_change=may(CHANGE),
        kept=views_of(of), **values,
    )  # fmt: skip


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    wanted = work_filter(CONTRACT_STATES, CONTRACT_SORTS)
    return list_page(
        "desk/contracts.html",
        wanted,
        lambda number, size: queries.list_contracts(
            wanted, today=context.today(), buyers=in_sight(READ), number=number, size=size
        ),
        columns=[
            ("reference", gettext("Reference")), ("title", gettext("Subject")),
            ("supplier", gettext("Supplier")), ("siren", gettext("SIREN")),
            ("buyer", gettext("Group company")), ("amount", gettext("Amount without tax")),
            ("currency", gettext("Currency")), ("signed_on", gettext("Signature")),
            ("starts_on", gettext("Begins on")), ("ends_on", gettext("Ends on")),
            ("terminated_on", gettext("Terminated on")),
            ("renews_on", gettext("First renewal on")),
            ("renews_months", gettext("Renews itself every … months")),
        ],
        row=_row,
        of=CONTRACTS,
        states=STATE_WORDS,
        chip=chip_of,
        term=term_words,
        renewal=lambda one: renewal_words(one, next_renewal(one, context.today())),
        amended=lambda found: queries.list_amended([one.id for one in found]),
    )  # fmt: skip


def _row(contract: Contract) -> dict[str, Any]:
    return {
        "reference": contract.reference, "title": contract.title,
        "supplier": contract.supplier.name, "siren": contract.supplier.siren,
        "buyer": contract.buyer.name, "amount": contract.amount, "currency": contract.currency,
        "signed_on": contract.signed_on, "starts_on": contract.starts_on,
        "ends_on": contract.ends_on, "terminated_on": contract.terminated_on,
        "renews_on": contract.renews_on, "renews_months": contract.renews_months,
    }  # fmt: skip


def chip_of(contract: Contract) -> tuple[str, str]:
    """Tone and word for where a contract stands today."""
    today = context.today()
    if contract.terminated_on is not None and contract.terminated_on < today:
        return "none", gettext("Terminated")
    if contract.ends_on is not None and contract.ends_on < today:
        return "none", gettext("Over")
    if contract.starts_on > today:
        return "wait", gettext("To begin")
    if contract.ends_on is not None and contract.ends_on <= today + queries.ENDS_SOON:
        return "soon", gettext("Ends in %(days)s d", days=(contract.ends_on - today).days)
    return "ok", gettext("Running")


@blueprint.get("/new")
@requires(CHANGE)
def choose() -> AnyResponse:
    """Whose contract, order or invoice: one relation among many."""
    text = request.args.get("q", "").strip()[:100]
    return page(
        "desk/contracts_choose.html",
        q=text,
        what=lists.choice("what", ("contract", "order", "invoice"), "contract"),
        relations=choosing.find_relations(text, buyers=in_sight(CHANGE)),
    )


@blueprint.route("/new/<uuid:engagement_id>", methods=["GET", "POST"])
@requires(CHANGE)
def create(engagement_id: uuid.UUID) -> AnyResponse:
    relation = queries.get_relation(engagement_id, buyers=in_sight(CHANGE))
    form = ContractForm()

    def act() -> AnyResponse:
        contract = record_with_file(actions.create_contract, engagement_id, form)
        return done(gettext("The contract is recorded."), _at(contract.id))

    return form_page(
        form, act, title=gettext("New contract"), button=gettext("Record"), multipart=True,
        words=gettext(
            "%(supplier)s for %(company)s. What the supplier owes follows at once.",
            supplier=relation.supplier.name, company=relation.engagement.buyer.name,
        ),
        back=url_for(".index"), way=way_back(relation),
    )  # fmt: skip


def record_with_file(create: Callable[..., Any], engagement_id: uuid.UUID, form: Any) -> Any:
    """Record what was typed with its file; what the supplier owes follows at once."""
    row = with_file(
        lambda: create(
            engagement_id, form.details, buyers=in_sight(CHANGE), by=context.actor(),
            now=context.now(), upload=upload_of(form.file), limits=limits(),
        )
    )  # fmt: skip
    refresh(row.supplier_id)
    return row


def with_file(act: Callable[[], Any]) -> Any:
    """Do it; a file that is refused is said at its field."""
    try:
        return act()
    except RefusedFileError as refusal:
        raise in_words(refusal) from refusal


def _at(contract_id: uuid.UUID) -> str:
    return url_for(".show", contract_id=contract_id)


@blueprint.get("/<uuid:contract_id>")
@requires(READ)
def show(contract_id: uuid.UUID) -> AnyResponse:
    file = queries.get_contract(contract_id, buyers=in_sight(READ))
    row = file.contract
    crossing = crossing_of(
        row.engagement_id, supplier_id=row.supplier_id, buyer_id=row.buyer_id,
        today=context.today(),
    )  # fmt: skip
    conclusions = conclusions_of(row, today=context.today())
    return page(
        "desk/contract.html",
        file=file,
        conclusions=conclusions.past if row.part_of_id is None else (),
        renewal=renewal_words(row, conclusions.next_on),
        verdicts=VERDICT_WORDS,
        crossing=crossing,
        crossing_words=crossing_words(crossing),
        chip=chip_of(row),
        term=term_words(row),
        kinds=KINDS,
        value=_value(file),
        event_words=EVENT_WORDS,
        may_change=may(CHANGE) and row.terminated_on is None,
        may_read_file=may(FILE),
    )


def _value(file: ContractFile) -> str:
    """What the contract is worth with its amendments."""
    if file.contract.amount is None:
        return gettext("no amount of its own")
    amounts = [file.contract.amount, *(one.amount for one in file.amendments if one.amount)]
    return show_money(sum(amounts, Decimal(0)), file.contract.currency)


@blueprint.route("/<uuid:contract_id>/change", methods=["GET", "POST"])
@requires(CHANGE)
def change(contract_id: uuid.UUID) -> AnyResponse:
    row = queries.get_contract(contract_id, buyers=in_sight(CHANGE)).contract
    form = ChangeContractForm(obj=row)
    del form.file

    def act() -> AnyResponse:
        actions.change_contract(
            contract_id, form.details, buyers=in_sight(CHANGE), by=context.actor(),
            now=context.now(), seen=form.seen.data or "",
        )  # fmt: skip
        refresh(row.supplier_id)
        return done(gettext("The contract is corrected."), _at(contract_id))

    def show(status: int, found: list[Difference]) -> AnyResponse:
        return page(
            "desk/act.html", form=form, status=status, differences=found,
            title=gettext("Correct %(reference)s", reference=row.reference),
            words=gettext(
                "For what was typed wrongly. What was agreed later is an amendment: its amount "
                "counts from the day of its signature."
            ),
            button=gettext("Save"), back=_at(contract_id),
        )  # fmt: skip

    return answer_change(
        form, act, show, row=row, names=actions.CONTRACT_FIELDS, typed=lambda: asdict(form.details),
        read=lambda: queries.get_contract(contract_id, buyers=in_sight(CHANGE)).contract,
    )  # fmt: skip


@blueprint.route("/<uuid:contract_id>/amend", methods=["GET", "POST"])
@requires(CHANGE)
def amend(contract_id: uuid.UUID) -> AnyResponse:
    row = queries.get_contract(contract_id, buyers=in_sight(CHANGE)).contract
    form = AmendmentForm()

    def act() -> AnyResponse:
        with_file(
            lambda: actions.amend_contract(
                contract_id, form.details, buyers=in_sight(CHANGE), by=context.actor(),
                now=context.now(), upload=upload_of(form.file), limits=limits(),
            )
        )  # fmt: skip
        refresh(row.supplier_id)
        return done(gettext("The amendment is recorded."), _at(contract_id))

    return form_page(
        form, act, title=gettext("Amend %(reference)s", reference=row.reference),
        words=gettext("If it crosses the threshold, the papers are owed from that day on."),
        button=gettext("Record"), back=_at(contract_id), multipart=True,
    )  # fmt: skip


@blueprint.route("/<uuid:contract_id>/terminate", methods=["GET", "POST"])
@requires(CHANGE)
def terminate(contract_id: uuid.UUID) -> AnyResponse:
    row = queries.get_contract(contract_id, buyers=in_sight(CHANGE)).contract
    form = TerminationForm()

    def act() -> AnyResponse:
        actions.terminate_contract(
            contract_id, terminated_on=form.terminated_on.day, reason=form.reason.data or "",
            buyers=in_sight(CHANGE), by=context.actor(), now=context.now(),
        )  # fmt: skip
        refresh(row.supplier_id)
        return done(gettext("The contract is terminated."), _at(contract_id))

    return form_page(
        form, act, title=gettext("Terminate %(reference)s", reference=row.reference),
        words=gettext("Papers are owed until this day; nothing is erased by it."),
        button=gettext("Terminate"), danger=True, back=_at(contract_id),
    )  # fmt: skip


@blueprint.route("/<uuid:contract_id>/file", methods=["GET", "POST"])
@requires(CHANGE)
def attach(contract_id: uuid.UUID) -> AnyResponse:
    row = queries.get_contract(contract_id, buyers=in_sight(CHANGE)).contract
    return attach_page(
        row.reference,
        lambda upload: actions.attach_contract_file(
            contract_id, upload, buyers=in_sight(CHANGE), by=context.actor(), now=context.now(),
            limits=limits(),
        ),
        back=_at(contract_id),
    )  # fmt: skip


def attach_page(name: str, attach_it: Callable[[Any], None], *, back: str) -> AnyResponse:
    """The page that adds a file to a contract or an invoice."""
    form = AttachForm()

    def act() -> AnyResponse:
        upload = upload_of(form.file)
        if upload is None:
            raise in_words(RefusedFileError("empty"))
        with_file(lambda: attach_it(upload))
        return done(gettext("The file is kept, encrypted."), back)

    return form_page(
        form, act, title=gettext("Add the file of %(name)s", name=name),
        words=gettext("It is kept as it came, under its SHA-256, and never replaced."),
        button=gettext("Add"), back=back, multipart=True,
    )  # fmt: skip


@blueprint.get("/<uuid:contract_id>/download")
@requires(FILE)
def download(contract_id: uuid.UUID) -> AnyResponse:
    data, name = hand_out_contract(
        contract_id, buyers=in_sight(FILE), by=context.actor(), now=context.now()
    )
    return as_download(data, name, "application/octet-stream")
