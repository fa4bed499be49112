"""What is asked about bank details: those that wait, one with its story, those that serve."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from supplier.bank.access import Buyers, visible_to
from supplier.bank.account_files import WAITING, AccountFile, find_place, get_file, get_paper
from supplier.bank.approvals import (
    AccountState,
)
from supplier.bank.facts import iban_index
from supplier.bank.models import BankAccount
from supplier.bank.pulls import (
    MAX_PULL,
    Changes,
    EndedAccount,
    PayableAccount,
    Pull,
    cursor_after,
    decode_cursor,
    encode_cursor,
    find_last_pull,
    list_changes,
    list_serving,
    pull,
    pull_history,
)
from supplier.documents.kept_reading import find_kept
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.states import State as DocumentState
from supplier.kernel.database import Page, reading
from supplier.kernel.identifiers import Iban
from supplier.kernel.words import fold
from supplier.parties.models import Buyer, Engagement, Supplier

__all__ = [
    "ACCOUNT_SORTS",
    "MAX_PULL",
    "VIEWS",
    "WAITING",
    "AccountFile",
    "AccountLine",
    "Changes",
    "EndedAccount",
    "PayableAccount",
    "Pull",
    "awaits_second",
    "cursor_after",
    "decode_cursor",
    "encode_cursor",
    "find_last_pull",
    "find_place",
    "get_file",
    "get_paper",
    "list_accounts",
    "list_changes",
    "list_companies",
    "list_of_supplier",
    "list_papers",
    "list_serving",
    "pull",
    "pull_history",
    "view_counts",
    "visible_to",
    "waiting_count",
]  # fmt: skip

VIEWS = ("waiting", "cooling", "active", "blocked", "all")
ACCOUNT_SORTS = ("supplier", "asked", "state")
#: The states in the order of an account's life, to sort by.
_LIFE = {
    state: place
    for place, state in enumerate(
        (
            AccountState.SUBMITTED, AccountState.APPROVED_ONCE, AccountState.APPROVED_TWICE,
            AccountState.BLOCKED, AccountState.REPLACED, AccountState.REFUSED,
            AccountState.WITHDRAWN,
        )
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account of a list, with what a person needs to know it by."""

    account: BankAccount
    supplier_name: str
    siren: str | None
    buyer_name: str | None


def list_accounts(
    *, buyers: Buyers, view: str, search: str, number: int, size: int, now: datetime,
    sort: str = "",
) -> Page[AccountLine]:  # fmt: skip
    """The accounts of a view (see `VIEWS`), the longest waiting first; two statements.

    `search` is a name, a SIREN or a whole IBAN; `sort` is one of `ACCOUNT_SORTS`, with a minus
    before it downwards. Without one, what waits stands by its age, all else by its last change.
    """
    query = (
        select(BankAccount, Supplier.name, Supplier.siren, Buyer.name)
        .join(Supplier, Supplier.id == BankAccount.supplier_id)
        .outerjoin(Buyer, Buyer.id == BankAccount.buyer_id)
        .where(BankAccount.erased_at.is_(None), visible_to(buyers), _in_view(view, now))
    )
    if search:
        query = query.where(_matches(search))
    with reading() as session:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        number = min(max(1, number), max(1, -(-total // size)))
        rows = session.execute(
            query.order_by(*_order(sort, view)).limit(size).offset((number - 1) * size)
        )
        return Page([AccountLine(*row) for row in rows], number, size, total)


def _order(sort: str, view: str) -> tuple[Any, ...]:
    """What a sort compares; the identifier makes an end, so that no page repeats another."""
    keys: dict[str, tuple[Any, ...]] = {
        "supplier": (Supplier.sort_name, BankAccount.version, BankAccount.id),
        "asked": (BankAccount.submitted_at, BankAccount.id),
        "state": (
            case(_LIFE, value=BankAccount.state, else_=len(_LIFE)),
            BankAccount.active_from.is_(None), BankAccount.active_from,
            Supplier.sort_name, BankAccount.id,
        ),
    }  # fmt: skip
    found = keys.get(sort.removeprefix("-"))
    if found is not None:
        return tuple(key.desc() for key in found) if sort.startswith("-") else found
    order = BankAccount.submitted_at if view == "waiting" else BankAccount.last_changed_at.desc()
    return order, BankAccount.id


def _matches(search: str) -> ColumnElement[bool]:
    iban = Iban.try_parse(search)
    if iban is not None:
        return BankAccount.iban_index == iban_index(iban)
    words = fold(search)
    compact = words.replace(" ", "")
    named = Supplier.search_text.contains(words, autoescape=True)
    if not compact.isdigit():
        return named
    return or_(named, Supplier.siren.startswith(compact, autoescape=True))


def view_counts(*, buyers: Buyers, now: datetime) -> dict[str, int]:
    """How many accounts each view holds; one statement."""
    views = VIEWS[:-1]
    columns = [func.sum(case((_in_view(view, now), 1), else_=0)) for view in views]
    query = select(*columns).where(BankAccount.erased_at.is_(None), visible_to(buyers))
    with reading() as session:
        row = session.execute(query).one()
    return {view: int(count or 0) for view, count in zip(views, row, strict=True)}


def list_of_supplier(supplier_id: uuid.UUID) -> Sequence[BankAccount]:
    """Every version of a supplier's bank details, the latest first."""
    with reading() as session:
        return (
            session.scalars(
                select(BankAccount)
                .where(BankAccount.supplier_id == supplier_id, BankAccount.erased_at.is_(None))
                .options(joinedload(BankAccount.approvals))
                .order_by(BankAccount.version.desc())
            )
            .unique()
            .all()
        )


def waiting_count(buyers: Buyers) -> Select[int]:
    """How many accounts wait for an approval, as a query for the desk's rail."""
    return select(func.count(BankAccount.id)).where(
        BankAccount.state.in_(WAITING), BankAccount.erased_at.is_(None), visible_to(buyers)
    )


def awaits_second(supplier_id: uuid.UUID) -> bool:
    """Whether an account of this supplier waits for the person who types it without sight of it."""
    query = select(BankAccount.id).where(
        BankAccount.supplier_id == supplier_id,
        BankAccount.state == AccountState.APPROVED_ONCE,
        BankAccount.erased_at.is_(None),
    )
    with reading() as session:
        return session.scalar(query.limit(1)) is not None


def _in_view(view: str, now: datetime) -> ColumnElement[bool]:
    twice = BankAccount.state == AccountState.APPROVED_TWICE
    until = and_(BankAccount.state == AccountState.REPLACED, BankAccount.replaced_at > now)
    return {
        "waiting": BankAccount.state.in_(WAITING),
        "active": and_(or_(twice, until), BankAccount.active_from <= now),
        "cooling": and_(twice, BankAccount.active_from > now),
        "blocked": BankAccount.state == AccountState.BLOCKED,
    }.get(view, BankAccount.id.is_not(None))


def list_papers(supplier_id: uuid.UUID) -> Sequence[Document]:
    """The bank details papers of a supplier that may support an account, the latest first."""
    with reading() as session:
        return session.scalars(
            select(Document)
            .where(
                Document.supplier_id == supplier_id,
                Document.kind == DocumentKind.BANK_DETAILS,
                Document.state.in_([DocumentState.ACCEPTED, DocumentState.IN_REVIEW]),
            )
            .order_by(Document.received_at.desc(), Document.id)
            .limit(20)
        ).all()


def find_unconfirmed(supplier_id: uuid.UUID, accounts: Sequence[BankAccount]) -> Document | None:
    """The latest bank details paper whose account the supplier has not confirmed yet.

    `accounts` are all of the supplier's. A paper older than the last account, or of an account
    that is on file, wants nothing more.
    """
    known = {one.iban_index for one in accounts}
    last = max((one.submitted_at for one in accounts), default=None)
    for paper in list_papers(supplier_id):
        if last is not None and paper.received_at <= last:
            return None
        if _shown_index(paper) not in known:
            return paper
    return None


def find_shown(paper: Document, accounts: Sequence[BankAccount]) -> BankAccount | None:
    """Which of these accounts a paper shows, if it is paid to or on its way; the latest."""
    shown = _shown_index(paper)
    live = (one for one in accounts if one.state in {*WAITING, AccountState.APPROVED_TWICE})
    return next((one for one in live if one.iban_index == shown), None)


def _shown_index(paper: Document) -> str | None:
    """The digest of the account number that was read on a paper."""
    kept = find_kept(paper)
    iban = Iban.try_parse(kept.reading.text("iban") or "") if kept else None
    return iban_index(iban) if iban else None


def list_companies(supplier_id: uuid.UUID, *, buyers: Buyers) -> Sequence[Buyer]:
    """The group companies that work with a supplier, as far as the visitor acts for them."""
    query = (
        select(Buyer)
        .where(
            Buyer.id.in_(select(Engagement.buyer_id).where(Engagement.supplier_id == supplier_id))
        )
        .order_by(Buyer.sort_name, Buyer.id)
    )
    if buyers is not None:
        query = query.where(Buyer.id.in_(buyers))
    with reading() as session:
        return session.scalars(query).all()
