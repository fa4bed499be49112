"""Handing in: any number of files at once, each answered by its card."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from flask import request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from supplier.accounts import attempts
from supplier.documents import actions, queries
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.queries import PaperFile
from supplier.kernel.errors import DomainError, LimitError
from supplier.portal.cards import (
    Card,
    Group,
    Known,
    card_of,
    group_of,
    refused_file,
    state_words,
    what_is_known,
)
from supplier.portal.papers import received_on
from supplier.portal.room import company, refresh, room
from supplier.vigilance.catalogue import RequirementCode
from supplier.web import context
from supplier.web.filters import show_instant
from supplier.web.forms import Form
from supplier.web.guard import for_supplier
from supplier.web.pages import FRAGMENT_HEADER, done, page
from supplier.web.sessions import address_hash

blueprint = room("portal_deposit", "/portal/deposit")

CARDS = "portal/_cards.html"
#: Papers stay on the deposit page for this time, and longer while they wait for an answer.
RECENT = timedelta(hours=36)
#: More files in one go than this come in two goes.
MAX_FILES = 50


class DepositForm(Form):
    """Only the token: the files are looked at one by one, whatever they are."""


@blueprint.get("/")
@for_supplier()
def show() -> AnyResponse:
    return _page()


@blueprint.post("/")
@for_supplier()
def submit() -> AnyResponse:
    files = [file for file in request.files.getlist("files") if file.filename]
    if not files:
        return _page(error=gettext("Choose at least one file."), status=422)
    if len(files) > MAX_FILES:
        return _page(
            error=gettext("Send at most %(num)d files at once.", num=MAX_FILES), status=422
        )
    answered, wait = _take_all(files)
    refresh(context.supplier_id())
    refused = [one for one in answered if isinstance(one, Card)]
    if request.headers.get(FRAGMENT_HEADER):
        return _waiting(_answer(answered, status=_status(refused, wait)), wait)
    if refused:
        return _waiting(_page(refused=refused, status=_status(refused, wait)), wait)
    message = ngettext("%(num)d file received.", "%(num)d files received.", len(answered))
    return done(message, url_for(".show"))


@blueprint.get("/card/<uuid:document_id>")
@for_supplier()
def card(document_id: uuid.UUID) -> AnyResponse:
    """One card, asked for again while its paper is being read; once read, its parts too."""
    file = queries.get_own_file(document_id, context.supplier_id())
    parts = queries.list_parts(document_id, context.supplier_id()) if file.parts else []
    known = what_is_known(context.supplier_id())
    cards = [card_of(one, company(), known) for one in (file, *parts)]
    return page(CARDS, fragment=CARDS, cards=cards)


def _take_all(files: Iterable[FileStorage]) -> tuple[list[actions.Receipt | Card], int]:
    """Each file, kept or refused, and for how many seconds no more are taken (0: at once)."""
    answered: list[actions.Receipt | Card] = []
    wait = 0
    for file in files:
        try:
            _count()
        except LimitError as error:
            wait = max(wait, error.retry_after)
            answered.append(_too_many(file, error.retry_after))
        else:
            answered.append(_take(file))
    return answered, wait


def _count() -> None:
    """One file, whatever becomes of it. Raises LimitError."""
    whom = {"upload-user": str(context.visitor().user_id), "upload-client": address_hash()}
    attempts.count(whom, now=context.now())


def _too_many(file: FileStorage, wait: int) -> Card:
    # A minute more than the clock shows: the minute that is shown is over by then.
    again = context.now() + timedelta(seconds=wait, minutes=1)
    words = gettext(
        "Too many files in a short time. Hand this one in again after %(when)s.",
        when=show_instant(again),
    )  # fmt: skip
    return refused_file(
        actions.shown_name(file.filename or ""), LimitError(words, retry_after=wait)
    )


def _status(refused: Sequence[Card], wait: int) -> int:
    return 429 if wait else 422 if refused else 201


def _waiting(response: AnyResponse, wait: int) -> AnyResponse:
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _take(file: FileStorage) -> actions.Receipt | Card:
    """Keep one file, or say why not: the others are not held up by it."""
    name = file.filename or ""
    try:
        return actions.submit(
            file.stream,  # type: ignore[arg-type]
            filename=name,
            supplier_id=context.supplier_id(),
            expected_kind=_expected(),
            by=context.actor(),
            now=context.now(),
            settings=context.settings(),
        )
    except DomainError as error:
        return refused_file(actions.shown_name(name), error)


def _expected() -> str | None:
    """What the supplier was asked for, when they came from that request."""
    return _known(request.form.get("expected", "")) or None


def _known(wanted: str) -> str:
    """A kind of paper, or a requirement that some paper without a kind of its own answers."""
    return wanted if wanted in set(DocumentKind) | set(RequirementCode) else ""


def _answer(answered: Sequence[actions.Receipt | Card], *, status: int) -> AnyResponse:
    """The cards alone, for the page that sent the files."""
    cards: list[Card] = []
    known = what_is_known(context.supplier_id())
    for one in answered:
        if isinstance(one, Card):
            cards.append(one)
            continue
        file = queries.get_own_file(one.document_id, context.supplier_id())
        cards.append(card_of(file, company(), known, again=one.again))
    return page(CARDS, fragment=CARDS, cards=cards, status=status)


_TONES = {Group.ACCEPTED: "ok", Group.REDO: "bad", Group.WAITING: "wait"}
#: Tone, file name, fingerprint, and the state in words.
_ReceiptLine = tuple[str, str, str, str]


def _receipts(files: Iterable[PaperFile], known: Known) -> dict[date, list[_ReceiptLine]]:
    """What came in on each day that the page shows, the newest day first: one receipt a day."""
    days: dict[date, list[_ReceiptLine]] = {}
    for file in files:
        if not file.document.part:
            days.setdefault(received_on(file.document), []).append(
                _receipt_line(file.document, known)
            )
    return days


def _receipt_line(document: Document, known: Known) -> _ReceiptLine:
    """A file as it stands now, in the words of its card."""
    tone = _TONES.get(group_of(document, known), "none")
    return tone, document.original_name, document.sha256, state_words(document)


def _page(*, refused: Iterable[Card] = (), error: str = "", status: int = 200) -> AnyResponse:
    files = queries.list_files(
        context.supplier_id(), since=context.now() - RECENT, waiting_too=True
    )
    known = what_is_known(context.supplier_id())
    cards = [*refused, *(card_of(file, company(), known) for file in files)]
    groups = {group: [card for card in cards if card.group is group] for group in Group}
    return page(
        "portal/deposit.html",
        form=DepositForm(),
        groups=groups,
        cards=cards,
        receipts=_receipts(files, known),
        expected=_known(request.values.get("expected", "")),
        error=error,
        max_bytes=context.settings().upload_max_bytes,
        status=status,
    )
