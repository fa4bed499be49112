"""What is asked about bank details: those that wait, one with its story, those that serve."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import Session, selectinload

from supplier.bank.actions import Buyers
from supplier.bank.approvals import AccountState
from supplier.bank.facts import open_iban
from supplier.bank.models import BankAccount, BankPull, validated_bank_account
from supplier.kernel.audit import Actor, ActorKind, record
from supplier.kernel.database import Page, UtcDateTime, new_id, paginate, reading, transaction
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer, Contact, Engagement, Supplier

WAITING = (AccountState.SUBMITTED.value, AccountState.APPROVED_ONCE.value)
VIEWS = ("waiting", "active", "cooling", "blocked", "all")
MAX_PULL = 1000


@dataclass(frozen=True, slots=True)
class AccountFile:
    """Everything on one account: approvals, calls, whom one may call, what it would replace."""

    account: BankAccount
    supplier: Supplier
    contacts: Sequence[Contact]
    in_use: BankAccount | None
    history: Sequence[BankAccount]


@dataclass(frozen=True, slots=True)
class PayableAccount:
    """What accounting gets: an account that two people validated and that serves now."""

    id: uuid.UUID
    supplier_id: uuid.UUID
    supplier_name: str
    siren: str | None
    supplier_references: tuple[str, ...]
    buyer_siren: str | None
    holder: str
    iban: str
    bic: str | None
    currency: str
    version: int
    active_from: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class EndedAccount:
    """An account that served and does not any more: take it out of your books."""

    id: uuid.UUID
    supplier_id: uuid.UUID
    ended_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Pull:
    """One answer to accounting; `cursor` asks next time for what changed since."""

    accounts: Sequence[PayableAccount]
    ended: Sequence[EndedAccount]
    cursor: str
    more: bool


def list_accounts(
    *, buyers: Buyers, view: str, search: str, number: int, size: int, now: datetime
) -> Page[BankAccount]:
    """The accounts of a view (see `VIEWS`), the longest waiting first, with their supplier."""
    query = (
        select(BankAccount)
        .join(Supplier, Supplier.id == BankAccount.supplier_id)
        .where(BankAccount.erased_at.is_(None), visible_to(buyers), _in_view(view, now))
        .options(selectinload(BankAccount.approvals))
    )
    if search:
        query = query.where(Supplier.search_text.contains(search, autoescape=True))
    order = BankAccount.submitted_at if view == "waiting" else BankAccount.last_changed_at.desc()
    with reading() as session:
        return paginate(session, query.order_by(order, BankAccount.id), number=number, size=size)


def suppliers_of(accounts: Sequence[BankAccount]) -> dict[uuid.UUID, Supplier]:
    """The suppliers of these accounts, by id."""
    with reading() as session:
        found = session.scalars(
            select(Supplier).where(Supplier.id.in_({account.supplier_id for account in accounts}))
        )
        return {supplier.id: supplier for supplier in found}


def get_file(account_id: uuid.UUID, *, buyers: Buyers) -> AccountFile:
    """One account with its story. Raises NotFoundError."""
    with reading() as session:
        account = session.scalars(
            select(BankAccount)
            .where(
                BankAccount.id == account_id, BankAccount.erased_at.is_(None), visible_to(buyers)
            )
            .options(selectinload(BankAccount.approvals), selectinload(BankAccount.call_backs))
        ).first()
        if account is None:
            raise NotFoundError(N_("These bank details do not exist."))
        supplier = session.get_one(Supplier, account.supplier_id)
        contacts = session.scalars(
            select(Contact)
            .where(Contact.supplier_id == supplier.id, Contact.phone.is_not(None))
            .order_by(Contact.changed_at, Contact.id)
        ).all()
        history = _history(session, account)
    in_use = next(
        (old for old in history if old.state == AccountState.APPROVED_TWICE
         and old.id != account.id and old.buyer_id == account.buyer_id),
        None,
    )  # fmt: skip
    return AccountFile(account, supplier, contacts, in_use, history)


def list_of_supplier(supplier_id: uuid.UUID) -> Sequence[BankAccount]:
    """Every version of a supplier's bank details, the latest first."""
    with reading() as session:
        return session.scalars(
            select(BankAccount)
            .where(BankAccount.supplier_id == supplier_id, BankAccount.erased_at.is_(None))
            .options(selectinload(BankAccount.approvals))
            .order_by(BankAccount.version.desc())
        ).all()


def waiting_count(buyers: Buyers) -> Select[int]:
    """How many accounts wait for an approval, as a query for the desk's rail."""
    return (
        select(func.count(BankAccount.id))
        .where(
            BankAccount.state.in_(WAITING), BankAccount.erased_at.is_(None), visible_to(buyers)
        )
    )  # fmt: skip


def pull(
    *, buyers: Buyers, by: Actor, now: datetime, media: str, since: str | None = None,
    limit: int = MAX_PULL,
) -> Pull:  # fmt: skip
    """The accounts that serve now and changed since the cursor, oldest change first.

    Only what the database view shows approved by two people. Every pull is an event. Raises
    DomainError for a cursor that is not ours.
    """
    start, limit = decode_cursor(since), max(1, min(limit, MAX_PULL))
    with transaction() as session:
        rows = session.execute(_payable(buyers, now, start).limit(limit + 1)).all()
        more, rows = len(rows) > limit, rows[:limit]
        ended = [] if start is None else _ended(session, buyers, now, start)
        references = _references(session, {row.BankAccount.supplier_id for row in rows})
        accounts = [_as_payable(row, references) for row in rows]
        cursor = _next_cursor(rows, more, now)
        _remember(session, by, len(accounts), media=media, cursor=since, now=now)
        return Pull(accounts, ended, cursor, more)


def encode_cursor(at: datetime, account_id: uuid.UUID | None) -> str:
    """An opaque place in the order of changes."""
    text = f"{at.astimezone(UTC).isoformat()}|{account_id.hex if account_id else ''}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str | None) -> tuple[datetime, uuid.UUID | None] | None:
    """The place that a cursor names. Raises DomainError when it is not ours."""
    if not text:
        return None
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        instant, _, account = plain.partition("|")
        at = datetime.fromisoformat(instant)
        if at.tzinfo is None:
            raise ValueError(instant)
        return at, uuid.UUID(account) if account else None
    except (ValueError, binascii.Error, UnicodeDecodeError) as error:
        raise DomainError(
            N_("This cursor is not one of ours: send the one of your last pull, or none."),
            field="since",
        ) from error


def visible_to(buyers: Buyers) -> ColumnElement[bool]:
    """Accounts for these group companies, or for all of them at a supplier they work with."""
    if buyers is None:
        return BankAccount.id.is_not(None)
    shared = and_(
        BankAccount.buyer_id.is_(None),
        BankAccount.supplier_id.in_(
            select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
        ),
    )
    return or_(BankAccount.buyer_id.in_(buyers), shared)


def _in_view(view: str, now: datetime) -> ColumnElement[bool]:
    twice = BankAccount.state == AccountState.APPROVED_TWICE
    return {
        "waiting": BankAccount.state.in_(WAITING),
        "active": and_(twice, BankAccount.active_from <= now),
        "cooling": and_(twice, BankAccount.active_from > now),
        "blocked": BankAccount.state == AccountState.BLOCKED,
    }.get(view, BankAccount.id.is_not(None))


def _history(session: Session, account: BankAccount) -> Sequence[BankAccount]:
    return session.scalars(
        select(BankAccount)
        .where(BankAccount.supplier_id == account.supplier_id, BankAccount.erased_at.is_(None))
        .options(selectinload(BankAccount.approvals))
        .order_by(BankAccount.version.desc())
    ).all()


def _place() -> ColumnElement[datetime]:
    """Where an account stands in the order of pulls: the later of its start and its change."""
    start, change = BankAccount.active_from, BankAccount.last_changed_at
    return type_coerce(case((start > change, start), else_=change), UtcDateTime())


def _payable(
    buyers: Buyers, now: datetime, start: tuple[datetime, uuid.UUID | None] | None
) -> Select[BankAccount, Supplier, datetime, str]:
    view, place = validated_bank_account, _place()
    query = (
        select(BankAccount, Supplier, place.label("place"), Buyer.siren)
        .join(view, view.c.id == BankAccount.id)
        .join(Supplier, Supplier.id == BankAccount.supplier_id)
        .outerjoin(Buyer, Buyer.id == BankAccount.buyer_id)
        .where(
            BankAccount.active_from <= now,
            or_(BankAccount.replaced_at.is_(None), BankAccount.replaced_at > now),
            visible_to(buyers),
        )
    )
    if start is not None:
        query = query.where(_after(place, start))
    return query.order_by(place, BankAccount.id)


def _after(
    place: ColumnElement[datetime], start: tuple[datetime, uuid.UUID | None]
) -> ColumnElement[bool]:
    at, account_id = start
    if account_id is None:
        return place > at
    return tuple_(place, BankAccount.id) > tuple_(
        literal(at, UtcDateTime()), literal(account_id, Uuid())
    )


def _ended(
    session: Session, buyers: Buyers, now: datetime, start: tuple[datetime, uuid.UUID | None]
) -> list[EndedAccount]:
    """What served before and ended since: blocked, or replaced by another that serves now."""
    ended_at = case(
        (BankAccount.state == AccountState.BLOCKED, BankAccount.last_changed_at),
        else_=BankAccount.replaced_at,
    )
    rows = session.execute(
        select(BankAccount.id, BankAccount.supplier_id, ended_at, BankAccount.state)
        .where(
            BankAccount.state.in_([AccountState.BLOCKED, AccountState.REPLACED]),
            BankAccount.active_from <= ended_at,
            ended_at > start[0],
            ended_at <= now,
            visible_to(buyers),
        )
        .order_by(ended_at, BankAccount.id)
    )
    return [EndedAccount(*row) for row in rows]


def _references(session: Session, supplier_ids: set[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    rows = session.execute(
        select(Engagement.supplier_id, Engagement.supplier_reference)
        .where(Engagement.supplier_id.in_(supplier_ids), Engagement.supplier_reference.is_not(None))
        .order_by(Engagement.started_on, Engagement.id)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for supplier_id, reference in rows:
        found.setdefault(supplier_id, []).append(str(reference))
    return found


def _as_payable(row: Any, references: dict[uuid.UUID, list[str]]) -> PayableAccount:
    account, supplier, place, buyer_siren = row
    assert account.active_from is not None
    return PayableAccount(
        id=account.id,
        supplier_id=supplier.id,
        supplier_name=supplier.name,
        siren=supplier.siren,
        supplier_references=tuple(references.get(supplier.id, ())),
        buyer_siren=buyer_siren,
        holder=account.holder,
        iban=open_iban(account),
        bic=account.bic,
        currency=account.currency,
        version=account.version,
        active_from=account.active_from,
        changed_at=place,
    )


def _next_cursor(rows: Sequence[Any], more: bool, now: datetime) -> str:
    """Up to the last row while more wait, up to this instant once all were served."""
    if more:
        account, _, place, _ = rows[-1]
        return encode_cursor(place, account.id)
    return encode_cursor(now, None)


def _remember(
    session: Session, by: Actor, count: int, *, media: str, cursor: str | None, now: datetime
) -> None:
    row = BankPull(
        id=new_id(), by_name=by.name, format=media, cursor=(cursor or "")[:200] or None,
        count=count, at=now,
        client_id=by.id if by.kind is ActorKind.API else None,
        user_id=by.id if by.kind is ActorKind.STAFF else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record(session, "bank.pulled", subject=row, by=by, at=now, data={"count": count})
