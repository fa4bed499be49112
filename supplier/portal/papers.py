"""One paper in full, its pages and file, the history, receipts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from flask import url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.documents import actions, queries
from supplier.documents.intake import receipt_number
from supplier.documents.kept_reading import KeptReading
from supplier.documents.models import Document
from supplier.documents.printing import ReceiptLine, ReceiptWords, print_receipt
from supplier.documents.queries import PaperFile
from supplier.documents.reading.result import Severity, Value
from supplier.documents.states import WITHDRAWABLE, State
from supplier.kernel.clock import is_plausible, legal_day
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, Source
from supplier.portal.cards import card_of, known_of, shown_state
from supplier.portal.room import company, refresh, room
from supplier.portal.words import STATE_WORDS, title_of
from supplier.web import context
from supplier.web.filters import show_long_date
from supplier.web.forms import Form, NoteField
from supplier.web.guard import for_supplier
from supplier.web.lists import link, page_number
from supplier.web.pages import done, page
from supplier.web.papers import (
    as_download,
    as_picture,
    field_words,
    finding_words,
    value_words,
)

blueprint = room("portal_papers", "/portal/papers")

_SOURCES = {
    Source.TEXT: N_("text"),
    Source.OCR: N_("picture"),
    Source.BARCODE: N_("barcode"),
    Source.FORM: N_("typed"),
    Source.ATTACHMENT: N_("attached data"),
}
#: A value under this confidence is shown as doubtful.
_SURE = 0.8
#: The file comes out as a file: nothing in it is ever run by the portal's own pages.


class ContestForm(Form):
    comment = NoteField(limit=1000)


@blueprint.get("/<uuid:document_id>")
@for_supplier()
def show(document_id: uuid.UUID) -> AnyResponse:
    file = queries.get_own_file(document_id, context.supplier_id())
    shown = file.preview(page_number())
    number = shown.page if shown else 1
    rows = field_rows(file.kept, page=number) if file.kept else []
    card = card_of(file, company(), known_of(file.document))
    return page(
        "portal/paper.html",
        file=file,
        document=file.document,
        card=card,
        rows=[row[:6] for row in rows],
        shown=shown,
        pages=[(one.page, link(page=one.page), one.page == number) for one in file.previews],
        zones=_zones(file, rows, number),
        number=receipt_number(file.document.id, received_on(file.document)),
        received_on=received_on(file.document),
        contestable=card.contestable,
        withdrawable=file.document.state in WITHDRAWABLE,
        contest_form=ContestForm(),
        events=_events(file),
    )


def _zones(
    file: PaperFile, rows: Sequence[tuple[int | str, str, str, str, bool, bool, Value]], page: int
) -> list[tuple[int | str, Box | None, bool, str]]:
    """What is lit on a page: each value, and what the machine refused the paper for."""
    found: list[tuple[int | str, Box | None, bool, str]] = [
        (row[0], row[6].box, row[4], row[1]) for row in rows if row[0]
    ]
    places = {box for _, box, _, _ in found}
    for one in file.kept.reading.findings if file.kept else ():
        if one.severity is Severity.REFUSAL and one.page == page and one.box not in places | {None}:
            found.append((len(found) + 1, one.box, True, finding_words(one)))
            places.add(one.box)
    return found


def field_rows(
    kept: KeptReading, *, page: int = 1
) -> list[tuple[int | str, str, str, str, bool, bool, Value]]:
    """What was read, in the order of the paper: number of its zone on a page, name, value,
    source, doubt, whether its figures stand in columns, and the value itself."""
    flat: list[tuple[str, Value]] = []
    for name, found in kept.reading.fields.items():
        flat += [(name, one) for one in (found if isinstance(found, tuple) else (found,))]
    rows: list[tuple[int | str, str, str, str, bool, bool, Value]] = []
    number = 0
    for name, value in flat:
        placed = value.box is not None and value.page == page
        number += placed
        rows.append(
            (
                number if placed else "", field_words(name),
                value_words(name, value), _source(value, page), value.confidence < _SURE,
                name in {"siren", "iban", "bic", "sirets"}, value,
            )
        )  # fmt: skip
    return rows


def _source(value: Value, page: int) -> str:
    """Where a value comes from, with its page where that is another than the one shown."""
    source = gettext(_SOURCES[value.source])
    if value.box is None or value.page == page:
        return source
    return gettext("%(source)s, page %(page)d", source=source, page=value.page)


def received_on(document: Document) -> date:
    return legal_day(document.received_at, zone=context.settings().timezone)


def _events(file: PaperFile) -> list[tuple[object, str]]:
    """The story of a paper in the supplier's words; who decided is a role, never a name."""
    told: list[tuple[object, str]] = [(file.document.received_at, gettext("Handed in"))]
    if file.document.read_at:
        told.append((file.document.read_at, gettext("Read by the machine")))
    for decision in file.decisions:
        words = gettext("Accepted") if decision.outcome == "accept" else gettext("Refused")
        by = gettext("by the machine") if decision.by_machine else gettext("by a person")
        told.append((decision.at, f"{words} {by}"))
        if decision.revoked_at:
            told.append((decision.revoked_at, gettext("Decision taken back")))
    if file.document.contested_at:
        told.append((file.document.contested_at, gettext("Contested by you")))
    confirmed = gettext("Confirmed by the issuer")
    told += [(check.at, confirmed) for check in file.checks if check.result == "confirmed"]
    return sorted(told, key=lambda one: str(one[0]))


@blueprint.get("/<uuid:document_id>/pages/<int:number>.png")
@for_supplier()
def page_image(document_id: uuid.UUID, number: int) -> AnyResponse:
    file = queries.get_own_file(document_id, context.supplier_id())
    return as_picture(queries.page_image(file, number))


@blueprint.get("/<uuid:document_id>/file")
@for_supplier()
def original(document_id: uuid.UUID) -> AnyResponse:
    """The file exactly as it was handed in, to be kept, never to be opened by the portal."""
    document = queries.get_own_file(document_id, context.supplier_id()).document
    return as_download(queries.original(document), document.original_name, document.media_type)


@blueprint.post("/<uuid:document_id>/contest")
@for_supplier()
def contest(document_id: uuid.UUID) -> AnyResponse:
    form = ContestForm()
    if not form.validate_on_submit():
        return _contest_again(document_id, form)
    actions.contest(
        document_id, supplier_id=context.supplier_id(), comment=form.comment.data or None,
        by=context.actor(), now=context.now(),
    )  # fmt: skip
    refresh(context.supplier_id())
    return done(
        gettext("Another person looks at this paper. The answer comes by mail."),
        url_for(".show", document_id=document_id),
    )


def _contest_again(document_id: uuid.UUID, form: ContestForm) -> AnyResponse:
    file = queries.get_own_file(document_id, context.supplier_id())
    return page(
        "portal/contest.html", form=form, document=file.document, title=title_of(file.document),
        status=422,
    )  # fmt: skip


@blueprint.post("/<uuid:document_id>/withdraw")
@for_supplier()
def withdraw(document_id: uuid.UUID) -> AnyResponse:
    actions.withdraw(
        document_id, supplier_id=context.supplier_id(), by=context.actor(), now=context.now()
    )
    refresh(context.supplier_id())
    return done(gettext("This paper is withdrawn."), url_for(".history"))


@blueprint.get("/")
@for_supplier()
def history() -> AnyResponse:
    found = queries.list_history(context.supplier_id(), number=page_number())
    return page(
        "portal/history.html",
        found=found,
        rows=[_history_row(document) for document in found.items],
        previous_url=link(page=found.number - 1) if found.number > 1 else "",
        next_url=link(page=found.number + 1) if found.number < found.pages else "",
    )


def _history_row(document: Document) -> dict[str, object]:
    state = shown_state(document)
    shown, chip = state.value, gettext(STATE_WORDS[state])
    if state is State.READ:
        shown = "reading"
    elif (
        state is State.ACCEPTED and document.valid_until and document.valid_until < context.today()
    ):
        shown, chip = "expired", gettext("Out of date")
    return {
        "document": document,
        "title": title_of(document),
        "state": shown,
        "chip": chip,
        "received_on": received_on(document),
        "good_until": document.valid_until if state is State.ACCEPTED else None,
    }


@blueprint.get("/receipts/<day>")
@for_supplier()
def receipt(day: str) -> AnyResponse:
    """What came in on a day, each file with its whole hash, made to be printed."""
    on, documents = _of_day(day)
    rows = [_history_row(document) for document in documents]
    return page("portal/receipt.html", day=on, rows=rows, receipt_number=receipt_number)


@blueprint.get("/receipts/<day>.pdf")
@for_supplier()
def receipt_file(day: str) -> AnyResponse:
    on, documents = _of_day(day)
    lines = [
        ReceiptLine(one.original_name, one.sha256, one.size, one.received_at) for one in documents
    ]
    words = ReceiptWords(
        title=gettext("Receipt of %(day)s", day=show_long_date(on)),
        intro=gettext(
            "%(company)s, SIREN %(siren)s: files received and kept.",
            company=company().name, siren=company().siren or "—",
        ),
        heads=(gettext("File"), gettext("Received"), gettext("SHA-256 fingerprint")),
        note=gettext(
            "The fingerprint is computed from the bytes of the file: the same file always has the "
            "same one, and a changed file another."
        ),
    )  # fmt: skip
    name = f"receipt-{on.isoformat()}.pdf"
    return as_download(print_receipt(words, lines), name, "application/pdf")


def _of_day(text: str) -> tuple[date, Sequence[Document]]:
    try:
        on = date.fromisoformat(text)
    except ValueError as error:
        raise NotFoundError(N_("This page does not exist.")) from error
    documents = queries.list_of_day(context.supplier_id(), on) if is_plausible(on) else []
    if not documents:
        raise NotFoundError(N_("Nothing was handed in on this day."))
    return on, documents
