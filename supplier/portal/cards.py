"""One file, one card: what the deposit page shows of each paper, and in which order."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from flask import url_for
from flask_babel import format_decimal, gettext

from supplier.bank import queries as bank
from supplier.bank.approvals import AccountState
from supplier.bank.models import BankAccount
from supplier.documents import needless
from supplier.documents.kept_reading import kind_of
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.models import Document
from supplier.documents.queries import PaperFile
from supplier.documents.states import CONTESTABLE, WAITING, State, is_visible
from supplier.documents.waiting import places_of
from supplier.kernel.errors import DomainError
from supplier.kernel.pages import Box
from supplier.parties.models import Supplier
from supplier.portal.words import STATE_WORDS, Verdict, title_of, url_of, verdict_of
from supplier.web import context
from supplier.web.filters import show_text


class Group(StrEnum):
    """To redo, being read, accepted, done with: the order of the cards."""

    REDO = "redo"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DONE = "done"


_GROUPS = {
    State.RECEIVED: Group.WAITING,
    State.HELD: Group.WAITING,
    State.READ: Group.WAITING,
    State.IN_REVIEW: Group.WAITING,
    State.UNREADABLE: Group.REDO,
    State.REFUSED: Group.REDO,
    State.ACCEPTED: Group.ACCEPTED,
}
#: Reasons that another photo of the same paper mends.
_RETAKE = frozenset({ReasonCode.UNREADABLE.value, ReasonCode.NOT_A_DOCUMENT.value})
_WORKERS = frozenset({DocumentKind.FOREIGN_WORKERS_LIST, DocumentKind.FOREIGN_WORKERS_NONE})


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that the template prints of one paper."""

    id: uuid.UUID | None
    group: Group
    title: str
    state: str
    chip: str
    name: str
    size: str = ""
    fact: str = ""
    words: str = ""
    box: Box | None = None
    box_tone: str = "bad"
    thumb_url: str = ""
    url: str = ""
    refresh_url: str = ""
    outside: tuple[str, str] | None = None
    contestable: bool = False
    retake: bool = False
    fill_in_url: str = ""
    bank_url: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What else is on file: it says whether a paper asks for anything, and when it is read."""

    covers: Sequence[needless.Cover]
    accounts: Sequence[BankAccount]
    places: Mapping[uuid.UUID, int]


def what_is_known(supplier_id: uuid.UUID) -> Known:
    """What covers today, the accounts, and the places of what waits; three statements."""
    return Known(
        needless.list_covers(supplier_id, today=context.today()),
        bank.list_of_supplier(supplier_id),
        places_of(supplier_id),
    )


def known_of(document: Document) -> Known:
    """The same for one paper: what waits asks for nothing, what was read waits no more."""
    if document.state == State.RECEIVED:
        return Known((), (), places_of(document.supplier_id))
    covers = needless.list_covers(document.supplier_id, today=context.today())
    return Known(covers, bank.list_of_supplier(document.supplier_id), {})


def group_of(document: Document, known: Known) -> Group:
    if needless.is_needless(document, known.covers):
        return Group.DONE
    return _GROUPS.get(State(document.state), Group.DONE)


def card_of(file: PaperFile, company: Supplier, known: Known, *, again: bool = False) -> Card:
    """The card of a kept paper."""
    document = file.document
    state = State(document.state)
    account = _account(document, state, known)
    ahead = known.places.get(document.id, 0)
    verdict = _told(verdict_of(file, company, ahead=ahead), document, account, known)
    shown = shown_state(document)
    redo = state in CONTESTABLE and not needless.is_needless(document, known.covers)
    return Card(
        id=document.id,
        group=group_of(document, known),
        title=title_of(document),
        state=shown.value if shown is not State.READ else "reading",
        chip=state_words(document),
        name=_name(document),
        size=size_words(document.size),
        fact=verdict.fact,
        words=verdict.words,
        box=verdict.box if verdict.page == 1 else None,
        box_tone="bad" if redo else "ok",
        thumb_url=_thumb(file),
        url=url_for("portal_papers.show", document_id=document.id),
        refresh_url=_refresh(document, state),
        outside=url_of(document) if redo else None,
        contestable=redo and is_visible(document.reasons),
        retake=redo and bool(_RETAKE & set(document.reasons)),
        fill_in_url=url_for("portal_statements.choose") if redo and _is_workers(document) else "",
        bank_url="" if account else _bank(document, state),
        again=again,
    )


def shown_state(document: Document) -> State:
    """The state that the supplier sees: a statement that a later one contradicts is replaced."""
    state = State(document.state)
    if state is State.ACCEPTED and document.superseded_by_id is not None:
        return State.SUPERSEDED
    return state


def state_words(document: Document) -> str:
    """The state that the supplier sees, in words."""
    return gettext(STATE_WORDS[shown_state(document)])


def refused_file(name: str, error: DomainError) -> Card:
    """The card of a file that was not kept, with the sentence that says why."""
    params = getattr(error, "params", {})
    return Card(
        id=None,
        group=Group.REDO,
        title=gettext("File not received"),
        state="refused",
        chip=gettext("Not kept"),
        name=name,
        fact=show_text(error.message, **params),
        retake=True,
    )


def _name(document: Document) -> str:
    if not document.part or document.first_page is None:
        return document.original_name
    if document.first_page == document.last_page:
        return gettext(
            "%(name)s, page %(page)s", name=document.original_name, page=document.first_page
        )
    return gettext(
        "%(name)s, pages %(first)s to %(last)s",
        name=document.original_name, first=document.first_page, last=document.last_page,
    )  # fmt: skip


def _thumb(file: PaperFile) -> str:
    if not file.previews:
        return ""
    return url_for("portal_papers.page_image", document_id=file.document.id, number=1)


def _refresh(document: Document, state: State) -> str:
    if state not in WAITING:
        return ""
    return url_for("portal_deposit.card", document_id=document.id)


def _is_workers(document: Document) -> bool:
    return kind_of(document) in _WORKERS or document.expected_kind in _WORKERS


def _told(
    verdict: Verdict, document: Document, account: BankAccount | None, known: Known
) -> Verdict:
    """The verdict, with what makes it ask for nothing in place of what it would ask for."""
    if needless.is_needless(document, known.covers):
        words = gettext("A newer paper of this kind is accepted: this one is no longer needed.")
        return replace(verdict, words=words)
    if account is None:
        return verdict
    words = gettext("This account is already on its way: there is nothing to confirm.")
    if _is_in_use(account):
        words = gettext("This is the account already in use: there is nothing to confirm.")
    looked_at = verdict.words if document.state == State.IN_REVIEW else ""
    return replace(verdict, words=f"{words} {looked_at}".strip())


def _is_in_use(account: BankAccount) -> bool:
    begun = account.active_from is not None and account.active_from <= context.now()
    return account.state == AccountState.APPROVED_TWICE and begun


def _account(document: Document, state: State, known: Known) -> BankAccount | None:
    """The account on file that bank details show, if any."""
    return bank.find_shown(document, known.accounts) if _bank(document, state) else None


def _bank(document: Document, state: State) -> str:
    """Bank details that were read still want the supplier's word."""
    if document.kind != DocumentKind.BANK_DETAILS:
        return ""
    if state not in {State.ACCEPTED, State.IN_REVIEW}:
        return ""
    return url_for("portal_bank.confirm", document_id=document.id)


def size_words(size: int) -> str:
    """1.4 MB, 320 kB, in the reader's language."""
    if size >= 1024 * 1024:
        return gettext("%(size)s MB", size=format_decimal(round(size / (1024 * 1024), 1)))
    return gettext("%(size)s kB", size=format_decimal(max(1, size // 1024)))
