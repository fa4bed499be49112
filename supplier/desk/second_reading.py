"""A second reading: an accepted paper is read without sight of the machine, then compared."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk import review_paper
from supplier.desk.room import answer, decidable_papers, readable_papers, refresh
from supplier.desk.unseen import cover_account, here, hides_account, is_blind, withholds_original
from supplier.documents import queries, second_readings
from supplier.documents.blind import DECISION, KIND, BlindReading, asked
from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.models import Document
from supplier.documents.queries import PaperFile
from supplier.documents.reading.result import Value
from supplier.documents.second_readings import Written
from supplier.documents.states import Outcome
from supplier.kernel.clock import is_plausible
from supplier.kernel.errors import ConflictError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.words import clean
from supplier.parties import queries as parties
from supplier.web import context, lists
from supplier.web.forms import Form, NoteField, RadioField, required
from supplier.web.guard import requires
from supplier.web.pages import done, page
from supplier.web.papers import field_words, is_day, kind_words, value_words

blueprint = Blueprint("desk_second_reading", __name__, url_prefix="/desk/review")
DECIDE = Permission.REVIEW_DECIDE
MAX_VALUE = 400
_OUTCOMES = {Outcome.ACCEPT: N_("I would accept it"), Outcome.REFUSE: N_("I would not accept it")}


class BlindForm(Form):
    """The values of the kind stand in the request under `value-<field>`."""

    outcome = RadioField(
        lazy_gettext("What would you decide?"),
        [required(lazy_gettext("Say what you would decide on this paper."))],
    )

    def fill(self) -> None:
        """Offer both decisions in the reader's language."""
        self.outcome.choices = [(one.value, gettext(words)) for one, words in _OUTCOMES.items()]


class SettleForm(Form):
    reason = NoteField(
        lazy_gettext("What the page says"),
        [required(lazy_gettext("Say what you saw on the page."))],
        limit=1000,
    )


@blueprint.get("/<uuid:document_id>/again")
@requires(DECIDE)
def show(document_id: uuid.UUID) -> AnyResponse:
    """First the kind, then its values; once they were kept, what differs."""
    file = _file(document_id)
    if (written := second_readings.find_open(document_id)) is not None:
        return _differing(file, written, SettleForm())
    form = BlindForm()
    form.fill()
    return _blind(file, form)


def _file(document_id: uuid.UUID) -> PaperFile:
    file = queries.get_file(document_id, decidable_papers())
    if not is_blind(file.document):
        raise NotFoundError(N_("This paper does not wait for a second look."))
    return file


def _too_late(document_id: uuid.UUID) -> AnyResponse | None:
    """The page for who comes with a form after the matter was closed; None while it is open."""
    file = queries.get_file(document_id, decidable_papers())
    if is_blind(file.document):
        return None
    error = ConflictError(N_("This paper does not wait for a second look."))
    return review_paper.conflict_page(document_id, error, buyers=readable_papers())


def _kind() -> DocumentKind | None:
    chosen = request.values.get("kind", "")
    return DocumentKind(chosen) if chosen in set(DocumentKind) else None


def _common(file: PaperFile) -> dict[str, Any]:
    pages = {one.page: one for one in file.previews}
    shown = pages.get(lists.page_number()) or next(iter(file.previews), None)
    companies = decidable_papers().companies
    return {
        "document": file.document, "previews": file.previews, "preview": shown,
        "file": file, "link": lists.link,
        "supplier": parties.get_with_relations(file.document.supplier_id, buyers=companies),
        "kind_words": kind_words, "field_words": field_words,
        "withheld": withholds_original(file),
    }  # fmt: skip


def _blind(
    file: PaperFile, form: BlindForm, *, wrong: Mapping[str, str] | None = None, status: int = 200
) -> AnyResponse:
    """Nothing on this page comes from the machine's reading."""
    kind = _kind()
    named = sorted(((one.value, gettext(spec.label)) for one, spec in KINDS.items()),
                   key=lambda one: one[1])  # fmt: skip
    return page(
        "desk/second_reading.html", **_common(file), form=form, kinds=named, kind=kind,
        wrong=wrong or {}, typed=request.form, status=status,
        fields=[(name, field_words(name), is_day(name)) for name in (asked(kind) if kind else ())],
    )  # fmt: skip


@blueprint.post("/<uuid:document_id>/again")
@requires(DECIDE)
def keep(document_id: uuid.UUID) -> AnyResponse:
    """Keep what was read; only now is it compared with the machine."""
    if (late := _too_late(document_id)) is not None:
        return late
    file, form, kind = _file(document_id), BlindForm(), _kind()
    form.fill()
    if kind is None:
        return redirect(here(document_id))
    typed, wrong = _typed(kind)
    if not form.validate() or wrong:
        words = [f"{field_words(name)}: {words}" for name, words in wrong.items()]
        form.form_errors = [*form.form_errors, *words]
        return _blind(file, form, wrong=wrong, status=422)
    row = second_readings.read_again(
        document_id, read=BlindReading(kind, Outcome(form.outcome.data), typed),
        by=context.actor(), now=context.now(), buyers=decidable_papers(),
    )  # fmt: skip
    if row.differs:
        return redirect(here(document_id), 303)
    return done(gettext("You and the machine read the same. Here is the next one."), _next())


def _typed(kind: DocumentKind) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, by field, and what is wrong with it. An empty field was not legible."""
    typed, wrong = {}, {}
    for name in asked(kind):
        text = clean(request.form.get(f"value-{name}", ""))[:MAX_VALUE]
        if text:
            typed[name] = text
        if text and is_day(name) and not _is_date(text):
            wrong[name] = gettext("Write the date as day, month and year.")
    return typed, wrong


def _is_date(text: str) -> bool:
    try:
        return is_plausible(date.fromisoformat(text))
    except ValueError:
        return False


def _next() -> str:
    after = queries.find_next_waiting(decidable_papers(), not_for=context.visitor().user_id)
    return url_for("desk_review.show", document_id=after) if after else url_for("desk_review.index")


def _differing(
    file: PaperFile, written: Written, form: SettleForm, *, status: int = 200
) -> AnyResponse:
    return page(
        "desk/second_reading_differs.html", **_common(file), form=form, written=written,
        lines=_lines(file, written), status=status,
        mine=written.row.by_id == context.visitor().user_id,
    )  # fmt: skip


def _lines(file: PaperFile, written: Written) -> list[tuple[str, str, str, bool]]:
    """Name, what the person read, what the machine read, whether they differ."""
    reading = file.kept.reading if file.kept else None
    found = [
        (gettext("Decision"), gettext(_OUTCOMES[written.outcome]), gettext("Accepted"),
         DECISION in written.row.differs),
        (gettext("Kind of paper"), kind_words(written.kind), kind_words(file.document.kind),
         KIND in written.row.differs),
    ]  # fmt: skip
    cover = cover_account if hides_account(file) else str
    for name in asked(written.kind):
        mine = written.values.get(name, "")
        theirs = reading.find(name) if reading else None
        found.append(
            (field_words(name), cover(value_words(name, Value(mine, 1, None)) if mine else ""),
             cover(value_words(name, theirs) if theirs else ""), name in written.row.differs)
        )  # fmt: skip
    return found


@blueprint.post("/<uuid:document_id>/again/machine-right")
@requires(DECIDE)
def machine_right(document_id: uuid.UUID) -> AnyResponse:
    words = gettext("Kept: the machine's decision holds. Here is the next one.")
    return _settle(document_id, second_readings.find_for_the_machine, words, _next)


@blueprint.post("/<uuid:document_id>/again/machine-wrong")
@requires(DECIDE)
def machine_wrong(document_id: uuid.UUID) -> AnyResponse:
    words = gettext("Kept: the machine was wrong. The paper waits for a decision.")
    return _settle(
        document_id, second_readings.find_against_the_machine, words,
        lambda: url_for("desk_review.show", document_id=document_id),
    )  # fmt: skip


def _settle(
    document_id: uuid.UUID,
    verb: Callable[..., Document],
    words: str,
    target: Callable[[], str],
) -> AnyResponse:
    if (late := _too_late(document_id)) is not None:
        return late
    file, written = _file(document_id), second_readings.find_open(document_id)
    if written is None:
        return redirect(here(document_id), 303)
    form = SettleForm()

    def act() -> AnyResponse:
        document = verb(
            document_id, reason=form.reason.data or "", by=context.actor(), now=context.now(),
            buyers=decidable_papers(),
        )  # fmt: skip
        refresh(document.supplier_id)
        return done(words, target())

    return answer(form, act, lambda status: _differing(file, written, form, status=status))
