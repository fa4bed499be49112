"""Saying what a paper is and what stands on it: the slower of two compares before it is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from types import SimpleNamespace

from flask import request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.desk import review_paper
from supplier.desk.review import DECIDE, blueprint, show_paper, turn_away_from, url_of
from supplier.desk.review_paper import PaperView
from supplier.desk.review_purpose import CorrectionForm, KindForm, PurposeForm, SeenForm
from supplier.desk.room import answer, decidable_papers, may_decide_on, readable_papers, refresh
from supplier.documents import actions
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.reading.result import Value
from supplier.documents.seen import paper_version
from supplier.documents.sight import shows_account
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_
from supplier.kernel.versions import StaleError
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.purposes import PURPOSES, needs_end
from supplier.web import context
from supplier.web.changing import Difference, differences
from supplier.web.guard import requires
from supplier.web.pages import done
from supplier.web.pages import refuse as say_why
from supplier.web.papers import field_words, value_words

#: That of the review: these pages add themselves to it.
__all__ = ["blueprint"]


def _reply(
    document_id: uuid.UUID,
    form: SeenForm,
    act: Callable[[], AnyResponse],
    compare: Callable[[PaperView], list[Difference]],
) -> AnyResponse:
    """As `answer`; where somebody was faster, the paper as it stands now and what was typed."""
    try:
        return answer(form, act, lambda status: show_paper(document_id, form, status=status))
    except StaleError as error:
        say_why(form, error)
        view = review_paper.load(document_id, buyers=readable_papers())
        form.seen.data = paper_version(view.document)
        return show_paper(document_id, form, status=error.status, differences=compare(view))


@blueprint.post("/<uuid:document_id>/kind")
@requires(DECIDE)
def correct_kind(document_id: uuid.UUID) -> AnyResponse:
    turn_away_from(document_id)
    form = KindForm()
    form.fill()

    def act() -> AnyResponse:
        document = actions.correct_kind(
            document_id, kind=DocumentKind(form.kind.data), by=context.actor(), now=context.now(),
            buyers=decidable_papers(), seen=form.seen.data or "",
        )  # fmt: skip
        refresh(document.supplier_id)
        return _kind_written(document)

    def compare(view: PaperView) -> list[Difference]:
        return differences(form, view.document, {"kind": form.kind.data})

    return _reply(document_id, form, act, compare)


@blueprint.post("/<uuid:document_id>/purpose")
@requires(DECIDE)
def say_purpose(document_id: uuid.UUID) -> AnyResponse:
    turn_away_from(document_id)
    form = PurposeForm()
    form.fill()

    def act() -> AnyResponse:
        code, until = RequirementCode(form.purpose.data), form.valid_until.data
        if until is None and needs_end(code):
            raise DomainError(N_("Read its last good day on the page."), field="valid_until")
        document = actions.say_purpose(
            document_id, purpose=code.value, issued_on=form.issued_on.day, valid_until=until,
            by=context.actor(), now=context.now(), buyers=decidable_papers(),
            seen=form.seen.data or "",
        )  # fmt: skip
        refresh(document.supplier_id)
        return done(gettext("Written down: accept it now, and it counts."), url_of(document.id))

    return _reply(document_id, form, act, lambda view: _other_purpose(form, view.document))


def _other_purpose(form: PurposeForm, document: Document) -> list[Difference]:
    """Where what is kept now is not what was typed."""
    wanted = document.expected_kind
    kept = SimpleNamespace(
        purpose=wanted if wanted in PURPOSES else None,
        issued_on=document.issued_on, valid_until=document.valid_until,
    )  # fmt: skip
    typed = {"purpose": form.purpose.data, "issued_on": form.issued_on.data,
             "valid_until": form.valid_until.data}  # fmt: skip
    return differences(form, kept, typed)


def _kind_written(document: Document) -> AnyResponse:
    """Back to the paper, or to the queue when it has become a paper of other people."""
    if may_decide_on(document):
        return done(gettext("Written down: this is what the paper is."), url_of(document.id))
    words = gettext("Written down. Bank validators decide on papers that show an account number.")
    if not shows_account(document):
        words = gettext("Written down. Purchasing decides on this paper.")
    return done(words, url_for(".index"))


@blueprint.post("/<uuid:document_id>/values")
@requires(DECIDE)
def correct(document_id: uuid.UUID) -> AnyResponse:
    """Write what a person reads on the page; only values that differ are touched."""
    form = CorrectionForm()
    view = review_paper.load(document_id, buyers=decidable_papers())
    changed = _changed(view)

    def act() -> AnyResponse:
        if changed:
            actions.correct_fields(
                document_id, values=changed, by=context.actor(), now=context.now(),
                buyers=decidable_papers(), seen=form.seen.data or "",
            )  # fmt: skip
            refresh(view.document.supplier_id)
        return done(
            ngettext("%(num)d value corrected.", "%(num)d values corrected.", len(changed)),
            url_of(document_id),
        )

    return _reply(document_id, form, lambda: _naming(act), _other_values)


def _naming(act: Callable[[], AnyResponse]) -> AnyResponse:
    """The fields are no form's: a refusal names in words the value that it speaks of."""
    try:
        return act()
    except DomainError as error:
        if not error.field:
            raise
        words = gettext(
            "%(name)s: %(words)s", name=field_words(error.field), words=gettext(error.message)
        )
        raise DomainError(words) from error


def _other_values(view: PaperView) -> list[Difference]:
    """Where what stands there now is not what was typed."""
    words = {one.name: (one.label, one.value) for one in view.correctable()}
    return [
        Difference(words[name][0], _in_words(name, words[name][1]), _in_words(name, typed))
        for name, typed in _changed(view).items()
    ]


def _in_words(name: str, text: str) -> str:
    return value_words(name, Value(text, 1, None)) if text else "—"


def _changed(view: PaperView) -> dict[str, str]:
    """What was typed and differs from what stands there."""
    typed = {one: request.form.get(f"value-{one.name}", "").strip() for one in view.correctable()}
    return {one.name: text for one, text in typed.items() if text and text != one.value}
