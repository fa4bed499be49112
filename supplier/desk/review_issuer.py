"""Ask the issuer: which papers wait for it, a guided check on its page, what it answered."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts.permissions import Permission
from supplier.adapters.intake import FileLimits, RefusedFileError, sniff
from supplier.desk import review_paper
from supplier.desk.review_paper import PaperView
from supplier.desk.room import answer, decidable_papers, pager, readable_papers, refresh
from supplier.desk.unseen import turn_away
from supplier.documents import actions, queries, unverified
from supplier.documents.handing_out import hand_out_capture
from supplier.documents.issuers import ISSUERS
from supplier.documents.kinds import DocumentKind
from supplier.documents.sight import PaperSight
from supplier.documents.states import IssuerAnswer
from supplier.documents.unverified import Ask
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.vigilance.confirming import MUST_BE_CONFIRMED, owing
from supplier.web import context, lists
from supplier.web.forms import Form, NoteField, RadioField, required
from supplier.web.guard import requires
from supplier.web.pages import done, page
from supplier.web.papers import as_download, kind_words

blueprint = Blueprint("desk_issuer", __name__, url_prefix="/desk/review")
DECIDE, READ = Permission.DOCUMENT_DECIDE, Permission.REVIEW_READ

ANSWERS = {
    IssuerAnswer.CONFIRMED: N_("The issuer confirms, and every value agrees"),
    IssuerAnswer.FAILED: N_("The issuer does not know it, or a value differs"),
    IssuerAnswer.UNAVAILABLE: N_("The page does not answer: unknown, to be tried again"),
}


class IssuerForm(Form):
    result = RadioField(
        lazy_gettext("What the issuer's page says"),
        [required(lazy_gettext("Choose what the issuer's page says."))],
    )
    capture = FileField(lazy_gettext("Capture of its page"))
    comment = NoteField(lazy_gettext("Comment"), limit=1000)

    def fill(self) -> None:
        """Offer the answers in the reader's language."""
        self.result.choices = [(one.value, gettext(label)) for one, label in ANSWERS.items()]


#: In the address: which queue a person goes through. What the law demands, or one kind.
LAW = "law"


@blueprint.get("/issuer/")
@requires(DECIDE)
def index() -> AnyResponse:
    queue = _queue("kind", LAW)
    found = unverified.list_unverified(_ask(queue), number=lists.page_number())
    return page(
        "desk/review_issuers.html", found=found, queue=queue, pager=pager(found), link=lists.link,
        kinds=[(LAW, gettext("What the law demands")), *_kinds()], kind_words=kind_words,
        minutes=max(1, -(-found.total * unverified.SECONDS_EACH // 60)), law=LAW,
    )  # fmt: skip


@blueprint.get("/issuer/start")
@requires(DECIDE)
def start() -> AnyResponse:
    """The first paper to ask about, or the queue, which says that it is empty."""
    return _next(_queue("queue", LAW))


def ask_of_law(buyers: PaperSight) -> Ask:
    """The papers that cover nothing before their issuer answers."""
    return _ask(LAW, buyers)


def _queue(name: str, default: str = "") -> str:
    return lists.choice(name, [LAW, *(kind.value for kind in ISSUERS)], default)


def _ask(queue: str, buyers: PaperSight | None = None) -> Ask:
    kinds: Collection[DocumentKind] = (
        MUST_BE_CONFIRMED if queue == LAW else frozenset({DocumentKind(queue)})
    )
    today = context.today()
    return Ask(kinds, owing(kinds, today=today), today, buyers or decidable_papers())


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, kind_words(kind)) for kind in ISSUERS]


def _next(queue: str, after: uuid.UUID | None = None) -> AnyResponse:
    following = _following(queue, after)
    if following is None:
        return redirect(url_for(".index", kind=queue), 303)
    return redirect(url_for(".show", document_id=following, queue=queue), 303)


def _following(queue: str, after: uuid.UUID | None) -> uuid.UUID | None:
    who = context.visitor().user_id
    return unverified.find_next_unverified(_ask(queue), not_for=who, after=after)


@blueprint.route("/<uuid:document_id>/issuer", methods=["GET", "POST"])
@requires(DECIDE)
def show(document_id: uuid.UUID) -> AnyResponse:
    queue = _queue("queue")
    form = IssuerForm()
    form.fill()
    view = review_paper.load(document_id, buyers=decidable_papers())
    if view.issuer is None:
        raise NotFoundError(N_("This page does not exist."))
    return answer(
        form,
        lambda: _record(view, form),
        lambda status: page(
            "desk/review_issuer.html", view=view, document=view.document, form=form,
            issuer=view.issuer, code=_code(view), kind_words=kind_words, queue=queue,
            following=_following(queue, document_id) if queue else None, status=status,
            answers=[(one.value, gettext(label)) for one, label in ANSWERS.items()],
        ),
    )  # fmt: skip


@blueprint.get("/<uuid:document_id>/issuer/<uuid:check_id>/capture")
@requires(READ)
def capture(document_id: uuid.UUID, check_id: uuid.UUID) -> AnyResponse:
    """What the issuer's page showed, as a file; the journal keeps who took it."""
    turn_away(queries.get_file(document_id, readable_papers()).document)
    data = hand_out_capture(
        document_id, check_id, buyers=readable_papers(), by=context.actor(), now=context.now()
    )
    media = sniff(data, limits=FileLimits(size=len(data)))
    name = gettext("issuer capture")
    return as_download(data, f"{name}.{media.value.partition('/')[2]}", media.value)


def _code(view: PaperView) -> str | None:
    assert view.issuer is not None
    return view.file.kept.reading.text(view.issuer.code) if view.file.kept else None


def _record(view: PaperView, form: IssuerForm) -> AnyResponse:
    result = IssuerAnswer(form.result.data)
    capture = _capture(form)
    if result is not IssuerAnswer.UNAVAILABLE and capture is None:
        raise DomainError(
            N_("Add a capture of the issuer's page: it proves what was answered."), field="capture"
        )
    actions.record_issuer_check(
        view.document.id, result=result, by=context.actor(), now=context.now(),
        buyers=decidable_papers(), comment=form.comment.data or None, capture=capture,
    )  # fmt: skip
    refresh(view.document.supplier_id)
    words = {
        IssuerAnswer.CONFIRMED: gettext("Kept: the issuer confirms this paper."),
        IssuerAnswer.FAILED: gettext("Kept: the issuer does not confirm this paper."),
        IssuerAnswer.UNAVAILABLE: gettext("Kept: no answer. The paper stays to be verified."),
    }
    queue = _queue("queue")
    if queue:
        flash(words[result], "ok")
        return _next(queue, view.document.id)
    return done(words[result], url_for("desk_review.show", document_id=view.document.id))


def _capture(form: IssuerForm) -> bytes | None:
    """The bytes of the capture, a picture or a PDF by its own bytes. Raises DomainError."""
    if not form.capture.data:
        return None
    limits = FileLimits(size=context.settings().upload_max_bytes)
    data: bytes = form.capture.data.read(limits.size + 1)
    try:
        sniff(data, form.capture.data.filename or "", limits=limits)
    except RefusedFileError as error:
        raise DomainError(
            N_("The capture is a picture (PNG, JPEG) or a PDF."), field="capture"
        ) from error
    return data
