"""Import suppliers: choose a file, say what its columns hold, read the rehearsal, carry it out."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired

from supplier.accounts.permissions import Permission
from supplier.desk.fields import UploadField
from supplier.desk.room import answer, in_sight, pager
from supplier.desk.taking import take_list
from supplier.kernel.clock import legal_day
from supplier.kernel.database import Page
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties import importing
from supplier.parties import queries as parties
from supplier.parties.imports import COLUMN_LABELS, count_owing
from supplier.parties.models import ImportBatch
from supplier.web import context, lists
from supplier.web.filters import show_date, show_text
from supplier.web.forms import Form, SelectField
from supplier.web.guard import requires
from supplier.web.pages import done, page

blueprint = Blueprint("desk_imports", __name__, url_prefix="/desk/imports")
CHANGE = Permission.SUPPLIER_CHANGE
OUTCOMES = {
    "create": N_("New"), "update": N_("Known, completed"), "same": N_("Known, nothing to add"),
    "error": N_("To correct"),
}  # fmt: skip
CODE_WORDS = {
    "natural_person": N_("a sole trader (a person)"),
    "legal_entity": N_("a company"),
    "rcs": N_("Trade and companies register"),
    "rne_craft": N_("National business register, craft"),
    "regulated": N_("Regulated profession (its order)"),
    "liberal": N_("Liberal profession"),
    "none": N_("None"),
}
EMPLOYS = {"yes": N_("Has employees"), "no": N_("No employees")}
KIND_LABEL = N_("Company or person")
LINES = 100


class FileForm(Form):
    buyer = SelectField(
        lazy_gettext("Suppliers of"), [InputRequired(lazy_gettext("Choose the group company."))]
    )
    file = UploadField(lazy_gettext("Table of suppliers"))


class MappingForm(Form):
    """The choices stand in the request under `column-<name>`."""


@blueprint.route("/", methods=["GET", "POST"])
@requires(CHANGE)
def index() -> AnyResponse:
    """The file is read and rehearsed at once with the columns that its headings suggest."""
    form = FileForm()
    companies = parties.list_buyers(buyers=in_sight(CHANGE))
    form.buyer.choices = [(str(one.id), one.name) for one in companies]

    def act() -> AnyResponse:
        found = form.file.file
        if found is None:
            raise DomainError(N_("Choose the table: CSV or XLSX."), field="file")
        if len(found[0]) > context.settings().upload_max_bytes:
            raise DomainError(N_("This table is too large: split it."), field="file")
        batch = importing.rehearse(
            found[0], name=found[1], buyer_id=uuid.UUID(form.buyer.data), by=context.actor(),
            now=context.now(), within=in_sight(CHANGE),
        )  # fmt: skip
        return done(
            gettext("Read and rehearsed: nothing is changed yet."),
            url_for(".show", batch_id=batch.id),
        )

    names = {one.id: one.short_name for one in companies}
    return answer(
        form, act,
        lambda status: page(
            "desk/imports.html", form=form, batches=_in_sight(names), names=names, status=status,
            counted=counted,
        ),
    )  # fmt: skip


def _in_sight(names: dict[uuid.UUID, str]) -> list[ImportBatch]:
    return [batch for batch in importing.list_batches(limit=50) if batch.buyer_id in names]


def _batch(batch_id: uuid.UUID) -> ImportBatch:
    """An import of a company in sight. Raises NotFoundError."""
    batch, sight = importing.get_batch(batch_id), in_sight(CHANGE)
    if sight is not None and batch.buyer_id not in sight:
        raise NotFoundError(N_("This import does not exist."))
    return batch


def counted(batch: ImportBatch) -> dict[str, int]:
    """How many lines create, complete or are wrong."""
    totals = dict.fromkeys(OUTCOMES, 0)
    for line in batch.report:
        totals[line["outcome"]] += 1
    return totals


@blueprint.get("/<uuid:batch_id>")
@requires(CHANGE)
def show(batch_id: uuid.UUID) -> AnyResponse:
    return _show(_batch(batch_id))


def _show(batch: ImportBatch, *, form: Form | None = None, status: int = 200) -> AnyResponse:
    only = lists.choice("only", OUTCOMES)
    lines = [line for line in batch.report if not only or line["outcome"] == only]
    found = _cut(lines, lists.page_number())
    return page(
        "desk/import.html", batch=batch, lines=found.items, only=only, totals=counted(batch),
        columns=_columns(batch), labels=COLUMN_LABELS, form=form or MappingForm(None),
        outcomes=OUTCOMES, said=said, error_words=error_words, filled_words=filled_words,
        kept_words=kept_words, pager=pager(found),
        owing=count_owing(batch.report, today=context.today()),
        differing=sum(bool(line["kept"]) for line in batch.report),
        campaign_url=_campaign_url(batch), limited=in_sight(CHANGE) is not None, status=status,
    )  # fmt: skip


def _cut(lines: list[dict[str, Any]], number: int) -> Page[dict[str, Any]]:
    number = min(number, max(1, -(-len(lines) // LINES)))
    return Page(lines[(number - 1) * LINES : number * LINES], number, LINES, len(lines))


def _columns(batch: ImportBatch) -> list[tuple[str, str, int | None]]:
    """Our columns: name, label, and the place of the one that holds it."""
    chosen = batch.mapping.get("columns", {})
    return [(name, gettext(label), chosen.get(name)) for name, label in COLUMN_LABELS.items()]


def _campaign_url(batch: ImportBatch) -> str:
    """Where the imported suppliers are invited, once that room is open."""
    if batch.state != "done" or "desk_campaigns.new" not in current_app.view_functions:
        return ""
    since = legal_day(batch.at).isoformat()
    return url_for("desk_campaigns.new", buyer=batch.buyer_id, since=since)


@blueprint.post("/<uuid:batch_id>/columns")
@requires(CHANGE)
def remap(batch_id: uuid.UUID) -> AnyResponse:
    """Rehearse again with other columns: a new rehearsal, the old one stays as it was."""
    batch, form = _batch(batch_id), MappingForm()

    def act() -> AnyResponse:
        again = importing.rehearse_again(
            batch.id, _chosen(batch), by=context.actor(), now=context.now(),
            within=in_sight(CHANGE),
        )  # fmt: skip
        words = gettext("Rehearsed again with these columns.")
        return done(words, url_for(".show", batch_id=again.id))

    return answer(form, act, lambda status: _show(batch, form=form, status=status))


def _chosen(batch: ImportBatch) -> dict[str, int]:
    """The columns that the form names. Raises DomainError when one is named twice."""
    places = {str(place): place for place in range(len(batch.mapping.get("headings", ())))}
    chosen: dict[str, int] = {}
    for name in COLUMN_LABELS:
        place = request.form.get(f"column-{name}", "", type=str)
        # Compared as text: Python reads no number of thousands of digits.
        if place in places:
            chosen[name] = places[place]
    if len(set(chosen.values())) != len(chosen):
        raise DomainError(N_("One column of the file cannot hold two things: choose again."))
    return chosen


@blueprint.post("/<uuid:batch_id>/carry-out")
@requires(CHANGE)
def carry_out(batch_id: uuid.UUID) -> AnyResponse:
    batch = _batch(batch_id)
    if not batch.report or counted(batch)["error"] == len(batch.report):
        form = MappingForm(None)
        form.form_errors = [gettext("No line is correct: mend the file, then import it again.")]
        return _show(batch, form=form, status=422)
    try:
        carried = importing.carry_out(
            batch.id, by=context.actor(), today=context.today(), now=context.now(),
            within=in_sight(CHANGE),
        )  # fmt: skip
    except ConflictError as error:
        form = MappingForm(None)
        form.form_errors = [gettext(error.message)]
        return _show(_batch(batch_id), form=form, status=409)
    totals = counted(carried)
    words = ngettext(
        "%(num)d supplier is there, exactly as rehearsed.",
        "%(num)d suppliers are there, exactly as rehearsed.",
        totals["create"] + totals["update"] + totals["same"],
    )  # fmt: skip
    return done(words, url_for(".show", batch_id=batch.id))


def said(values: dict[str, str]) -> dict[str, str]:
    """The values of a line with words for their codes, as people read them."""
    words = {name: CODE_WORDS.get(values.get(name, "")) for name in ("kind", "register")}
    words["has_employees"] = EMPLOYS.get(values.get("has_employees", ""))
    return values | {name: gettext(text) for name, text in words.items() if text}


def error_words(line: dict[str, Any]) -> list[str]:
    """What is to be corrected in a line, with what stands there."""
    return [show_text(error, written=line["written"]) for error in line["errors"]]


def filled_words(line: dict[str, Any]) -> list[str]:
    """What a line adds to a known supplier, column by column."""
    words = []
    for column in line["filled"]:
        value = _value_words(column, line["values"].get(column, ""))
        if column == "started_on" and not value:
            words.append(gettext("the relation begins"))
        else:
            words.append(_paired(column, value))
    return words


def kept_words(line: dict[str, Any]) -> list[str]:
    """What a line says otherwise than a known supplier, and what therefore stays."""
    return [
        gettext(
            "%(what)s (in the file: %(file)s)",
            what=_paired(column, _value_words(column, ours) or gettext("empty")),
            file=_value_words(column, theirs),
        )
        for column, ours, theirs in line["kept"]
    ]


def _paired(column: str, value: str) -> str:
    label = gettext(COLUMN_LABELS.get(column, KIND_LABEL))
    return gettext("%(label)s: %(value)s", label=label, value=value)


def _value_words(column: str, value: str) -> str:
    if column == "started_on":
        return show_date(date.fromisoformat(value)) if value else ""
    words = EMPLOYS if column == "has_employees" else CODE_WORDS
    if column in {"kind", "register", "has_employees"} and value in words:
        return gettext(words[value])
    return value


def _outcome(line: dict[str, Any]) -> str:
    words = OUTCOMES[line["outcome"]]
    return gettext(words)


@blueprint.get("/<uuid:batch_id>/report.<any(csv, xlsx):kind>")
@requires(CHANGE)
def report(batch_id: uuid.UUID, kind: str) -> AnyResponse:
    """The rehearsal line by line as a file, to correct the table with."""
    batch, only = _batch(batch_id), lists.choice("only", OUTCOMES)
    rows = [
        {
            "number": line["number"],
            "outcome": _outcome(line),
            "errors": " ".join(error_words(line)),
            "filled": "; ".join(filled_words(line)),
            "kept": "; ".join(kept_words(line)),
            "notes": " ".join(gettext(note) for note in line["notes"]),
            **said(line["values"]),
        }
        for line in batch.report
        if not only or line["outcome"] == only
    ]
    columns = [("number", gettext("Line")), ("outcome", gettext("Result")),
               ("errors", gettext("What to correct")), ("filled", gettext("Added")),
               ("kept", gettext("Differs, kept")), ("notes", gettext("Remarks"))]  # fmt: skip
    columns += [(name, gettext(label)) for name, label in COLUMN_LABELS.items()]
    columns.append(("kind", gettext(KIND_LABEL)))
    name = f"vigie-import-{batch.at.date().isoformat()}"
    return take_list("import", rows, columns=columns, name=name, kind=kind)
