"""Review: the queue of papers that wait for a person, one paper in full, and the decision on it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.desk import review_paper
from supplier.desk.review_deciding import DecisionForm, list_alarms, list_changes
from supplier.desk.review_paper import PaperView
from supplier.desk.review_purpose import CorrectionForm, KindForm, PurposeForm, purposes_of
from supplier.desk.review_refused import refusal_of
from supplier.desk.room import (
    answer,
    decidable_papers,
    may_decide_on,
    pager,
    readable_papers,
    refresh,
)
from supplier.desk.unseen import turn_away, withholds_original
from supplier.documents import actions, queries, review
from supplier.documents.alarms import AlarmError
from supplier.documents.handing_out import hand_out, show_whole
from supplier.documents.kept_reading import find_kept
from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.models import Document
from supplier.documents.obvious import is_obvious
from supplier.documents.review import Only, QueueFilter
from supplier.documents.seen import paper_version
from supplier.kernel.errors import ConflictError
from supplier.kernel.i18n import N_
from supplier.kernel.versions import StaleError
from supplier.web import context, lists
from supplier.web.changing import Difference
from supplier.web.forms import Form, NoteField, required
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page
from supplier.web.papers import as_download, as_picture, kind_words, reason_words

blueprint = Blueprint("desk_review", __name__, url_prefix="/desk/review")
READ, DECIDE = Permission.REVIEW_READ, Permission.REVIEW_DECIDE

register(
    Entry(
        "desk_review.index", N_("To review"), "eye", READ, group="main", order=20,
        count=lambda visitor: queries.count_waiting(readable_papers(visitor)).scalar_subquery(),
        prefix="desk_review.",
    )
)  # fmt: skip


class RevokeForm(Form):
    reason = NoteField(
        lazy_gettext("Why the decision is taken back"),
        [required(lazy_gettext("Say why the decision is taken back."))],
        limit=1000,
    )


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    wanted = QueueFilter(
        kind=lists.choice("kind", [kind.value for kind in DocumentKind]),
        only=Only(lists.choice("only", [only.value for only in Only])),
        text=request.args.get("q", "").strip()[:100],
    )
    buyers = readable_papers()
    found = review.list_queue(wanted, buyers=buyers, number=lists.page_number())
    obvious = sum(1 for line in found.items if line.obvious)
    return page(
        "desk/review_queue.html", found=found, wanted=wanted, pager=pager(found), obvious=obvious,
        counts=review.count_by_kind(buyers), kinds=_kind_choices(), kind_words=kind_words,
        reason_words=reason_words, minutes=_minutes(found.total), link=lists.link,
    )  # fmt: skip


def _kind_choices() -> list[tuple[str, str]]:
    named = [(kind.value, gettext(spec.label)) for kind, spec in KINDS.items()]
    return sorted(named, key=lambda one: one[1])


def _minutes(papers: int) -> int:
    return max(1, -(-papers * review.SECONDS_EACH // 60))


@blueprint.get("/start")
@requires(READ)
def start() -> AnyResponse:
    """The first paper to look at, or the empty queue."""
    first = queries.find_next_waiting(readable_papers(), not_for=context.visitor().user_id)
    return redirect(url_for(".show", document_id=first) if first else url_for(".index"))


@blueprint.post("/accept")
@requires(DECIDE)
def accept_obvious() -> AnyResponse:
    """Accept the chosen papers that are obvious; the others stay, and the page says so."""
    buyers, chosen = decidable_papers(), request.form.getlist("chosen", type=uuid.UUID)[:200]
    papers = queries.list_these(list(dict.fromkeys(chosen)), buyers)
    obvious = [one for one in papers if is_obvious(one, find_kept(one))]
    doubtful = len(papers) - len(obvious)
    accepted, left = actions.accept_many(
        [one.id for one in obvious], by=context.actor(), now=context.now(), buyers=buyers
    )
    refresh(*{one.supplier_id for one in obvious if one.id in accepted})
    words = ngettext("%(num)d paper accepted.", "%(num)d papers accepted.", len(accepted))
    if doubtful or left:
        words += " " + ngettext(
            "%(num)d stays: it needs a look of its own.",
            "%(num)d stay: they need a look of their own.", doubtful + len(left),
        )  # fmt: skip
    return done(words, url_for(".index"))


@blueprint.get("/<uuid:document_id>")
@requires(READ)
def show(document_id: uuid.UUID) -> AnyResponse:
    """A paper in full; one that is to be read again shows nothing of what the machine had."""
    return show_paper(document_id, DecisionForm())


def show_paper(
    document_id: uuid.UUID, form: Form, *, status: int = 200,
    differences: Sequence[Difference] = (), confirming: bool = False,
) -> AnyResponse:  # fmt: skip
    """The page of a paper; `form` is the one that was sent back, with what was typed in it."""
    view = review_paper.load(document_id, buyers=readable_papers())
    return _draw(view, form, status=status, differences=differences, confirming=confirming)


def _draw(view: PaperView, form: Form, **more: Any) -> AnyResponse:
    seen = paper_version(view.document)
    kinds = form if isinstance(form, KindForm) else KindForm(None, kind=view.document.kind)
    kinds.fill()
    purposes = form if isinstance(form, PurposeForm) else purposes_of(view.document)
    purposes.fill()
    written = form if isinstance(form, CorrectionForm) else CorrectionForm(None)
    decision = form if isinstance(form, DecisionForm) else DecisionForm(None)
    for one in (kinds, purposes, written, decision):
        # A form that came back keeps the version that it was typed over.
        one.seen.data = one.seen.data or seen
    decision.opened_at.data = decision.opened_at.data or context.now().isoformat()
    number = lists.page_number()
    chosen = decision.reason.data or next(iter(view.document.reasons), "")
    return page(
        "desk/review.html", view=view, document=view.document, number=number,
        preview=view.preview(number), whole="whole" in request.args, form=decision, sent=form,
        kinds=kinds, purposes=purposes, written=written, chosen=chosen,
        revoking=form if isinstance(form, RevokeForm) else RevokeForm(None),
        typed=request.form if isinstance(form, CorrectionForm) else {},
        letters=review_paper.letters(view), keys=review_paper.KEYS,
        kind_words=kind_words, reason_words=reason_words,
        may_decide=may_decide_on(view.document), link=lists.link, alarms=list_alarms(view),
        refused=refusal_of(view), **more,
    )  # fmt: skip


def _act(
    document_id: uuid.UUID, form: Form, act: Callable[[], Document], words: str
) -> AnyResponse:
    """Do it, then show the next paper at once; the slower of two sees who was faster."""
    turn_away_from(document_id)
    after = queries.find_next_waiting(
        readable_papers(), after=document_id, not_for=context.visitor().user_id
    )

    def carry_out() -> AnyResponse:
        try:
            document = act()
        except StaleError:
            if not isinstance(form, DecisionForm):
                raise
            return _show_changed(document_id, form)
        except AlarmError:
            return show_paper(document_id, form, status=422, confirming=True)
        except ConflictError as error:
            return review_paper.conflict_page(document_id, error, buyers=readable_papers())
        refresh(document.supplier_id)
        target = url_for(".show", document_id=after) if after else url_for(".index")
        return done(words, target)

    return answer(form, carry_out, lambda status: show_paper(document_id, form, status=status))


def _show_changed(document_id: uuid.UUID, form: DecisionForm) -> AnyResponse:
    """What changed since the page was opened, what was typed, and the paper as it stands now.

    Deciding again from here is a choice made with the changes in sight; alarms are asked anew.
    """
    view = review_paper.load(document_id, buyers=readable_papers())
    changes = list_changes(view, form.since)
    form.seen.data, form.opened_at.data, form.alarms_seen.data = None, None, False
    return _draw(view, form, status=409, changed=True, changes=changes)


def turn_away_from(document_id: uuid.UUID) -> None:
    """No decision by hand on what is to be read blind first."""
    turn_away(queries.get_file(document_id, readable_papers()).document)


@blueprint.post("/<uuid:document_id>/accept")
@requires(DECIDE)
def accept(document_id: uuid.UUID) -> AnyResponse:
    form = DecisionForm()
    return _act(
        document_id, form,
        lambda: actions.accept(
            document_id, by=context.actor(), now=context.now(), buyers=decidable_papers(),
            comment=form.comment.data or None, seen=form.seen.data or "",
            alarms_seen=form.alarms_seen.data,
        ),
        gettext("Accepted. Here is the next one."),
    )  # fmt: skip


@blueprint.post("/<uuid:document_id>/refuse")
@requires(DECIDE)
def refuse_paper(document_id: uuid.UUID) -> AnyResponse:
    form = DecisionForm()
    return _act(
        document_id, form,
        lambda: actions.refuse(
            document_id, reasons=form.reasons, by=context.actor(), now=context.now(),
            buyers=decidable_papers(), comment=form.comment.data or None,
            seen=form.seen.data or "",
        ),
        gettext("Refused: the supplier is told why. Here is the next one."),
    )  # fmt: skip


@blueprint.post("/<uuid:document_id>/ask")
@requires(DECIDE)
def ask_again(document_id: uuid.UUID) -> AnyResponse:
    form = DecisionForm()
    return _act(
        document_id, form,
        lambda: actions.ask_again(
            document_id, reasons=form.reasons, comment=form.comment.data or "",
            by=context.actor(), now=context.now(), buyers=decidable_papers(),
            seen=form.seen.data or "",
        ),
        gettext("Another one is asked for. Here is the next one."),
    )  # fmt: skip


@blueprint.post("/<uuid:document_id>/confirm")
@requires(DECIDE)
def confirm_sample(document_id: uuid.UUID) -> AnyResponse:
    """The machine's refusal was looked at and holds."""
    return _act(
        document_id, DecisionForm(),
        lambda: actions.confirm_sample(
            document_id, by=context.actor(), now=context.now(), buyers=decidable_papers()
        ),
        gettext("Confirmed. Here is the next one."),
    )  # fmt: skip


@blueprint.post("/<uuid:document_id>/revoke")
@requires(DECIDE)
def revoke(document_id: uuid.UUID) -> AnyResponse:
    turn_away_from(document_id)
    form = RevokeForm()

    def act() -> AnyResponse:
        try:
            document = actions.revoke(
                document_id, reason=form.reason.data or "", by=context.actor(), now=context.now(),
                buyers=decidable_papers(),
            )  # fmt: skip
        except ConflictError as error:
            return review_paper.conflict_page(document_id, error, buyers=readable_papers())
        refresh(document.supplier_id)
        return done(gettext("Taken back: the paper waits for a decision."), url_of(document_id))

    return answer(form, act, lambda status: show_paper(document_id, form, status=status))


def url_of(document_id: uuid.UUID) -> str:
    return url_for(".show", document_id=document_id)


@blueprint.get("/<uuid:document_id>/pages/<int:number>.png")
@requires(READ)
def image(document_id: uuid.UUID, number: int) -> AnyResponse:
    return as_picture(queries.page_image(queries.get_file(document_id, readable_papers()), number))


@blueprint.get("/<uuid:document_id>/pages/<int(max=9999):number>/whole.png")
@requires(DECIDE)
def whole(document_id: uuid.UUID, number: int) -> AnyResponse:
    """A page without its black boxes, for whoever asked; the journal keeps who saw it."""
    return as_picture(
        show_whole(
            document_id, page=number, buyers=decidable_papers(), by=context.actor(),
            now=context.now(),
        )
    )  # fmt: skip


@blueprint.get("/<uuid:document_id>/file")
@requires(READ)
def original(document_id: uuid.UUID) -> AnyResponse:
    """The file exactly as it was handed in; the journal keeps who took it."""
    if withholds_original(queries.get_file(document_id, readable_papers())):
        raise ConflictError(
            N_(
                "The original of these bank details stays here while a second person is to type "
                "the number from the page. It comes back as soon as that person has decided."
            )
        )
    document, data = hand_out(
        document_id, buyers=readable_papers(), by=context.actor(), now=context.now()
    )
    return as_download(data, document.original_name, document.media_type)
