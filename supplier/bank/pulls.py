"""What accounting takes: the accounts that serve, what ended, and a record of each pull."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import Session

from supplier.bank.access import Buyers, visible_to
from supplier.bank.approvals import AccountState
from supplier.bank.facts import is_intact, open_iban
from supplier.bank.models import BankAccount, BankPull, validated_bank_account
from supplier.bank.pulled_relations import Relations, relations_of
from supplier.kernel.audit import Actor, ActorKind, record
from supplier.kernel.clock import legal_day
from supplier.kernel.database import Page, UtcDateTime, new_id, reading, transaction
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer, Supplier

MAX_PULL = 1000
#: A cursor steps back so far: a change whose request began before a pull may be written after it
#: (locks and statements last a minute at most). It is told twice rather than never.
OVERLAP = timedelta(minutes=5)

Place = tuple[datetime, uuid.UUID | None]


@dataclass(frozen=True, slots=True)
class PayableAccount:
    """What accounting gets: an account that two people validated and that serves now.

    `relationship_ended_on` is there once every relation that it is for has ended: it serves for
    what is still to pay.
    """

    id: uuid.UUID
    supplier_id: uuid.UUID
    supplier_name: str
    siren: str | None
    supplier_references: tuple[str, ...]
    buyer_siren: str | None
    buyer_name: str | None
    holder: str
    iban: str
    iban_masked: str
    bic: str | None
    currency: str
    version: int
    active_from: datetime
    changed_at: datetime
    relationship_ended_on: date | None


@dataclass(frozen=True, slots=True)
class EndedAccount:
    """An account that served and does not any more: take it out of your books.

    `reason` is blocked or replaced.
    """

    id: uuid.UUID
    supplier_id: uuid.UUID
    ended_at: datetime
    reason: str
    supplier_name: str
    siren: str | None
    supplier_references: tuple[str, ...]
    buyer_name: str | None
    iban_masked: str


@dataclass(frozen=True, slots=True)
class Pull:
    """One answer to accounting; `cursor` asks next time for what changed since."""

    accounts: Sequence[PayableAccount]
    ended: Sequence[EndedAccount]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What the next pull would say is new, as figures and lines for a page."""

    accounts: Sequence[PayableAccount]
    ended: Sequence[EndedAccount]


def pull(
    *, buyers: Buyers, by: Actor, now: datetime, media: str, since: str | None = None,
    limit: int | None = MAX_PULL,
) -> Pull:  # fmt: skip
    """The accounts that serve now and changed since the cursor, oldest change first.

    Only what the database view shows approved by two people, and whose row still has the digest
    that they approved. `limit` is at most `MAX_PULL`, or None for a file with everything. Every
    pull is an event. Raises DomainError for a cursor that is not ours.
    """
    start = decode_cursor(since)
    size = None if limit is None else max(1, min(limit, MAX_PULL))
    with transaction() as session:
        query = _payable(buyers, now, start)
        rows = session.execute(query.limit(size + 1) if size else query).all()
        more, rows = (size is not None and len(rows) > size), rows[:size]
        ended = [] if start is None else _list_ended(session, buyers, now, start[0])
        whole = [row for row in rows if is_intact(row.BankAccount)]
        _report_altered(session, rows, whole, by=by, now=now)
        relations = _relations(session, whole, buyers, now)
        accounts = [_one_payable(row, relations, clear=True) for row in whole]
        _remember(session, by, len(accounts), media=media, cursor=since, now=now)
        return Pull(accounts, ended, _next_cursor(rows, more, now), more)


def list_serving(
    *, buyers: Buyers, search: str, now: datetime, number: int, size: int
) -> Page[PayableAccount]:
    """The accounts that serve now, by name of supplier; the IBAN stays masked. Two statements.

    Without words to look for, the total is counted by state, in an index alone; the lines are those
    that the database shows to be validated by two people. A page after the last one is asked again
    as the first.
    """
    query = _by_name(buyers, now)
    if search:
        query = query.where(Supplier.search_text.contains(search, autoescape=True))
        query = query.add_columns(func.count().over().label("total"))
    else:
        query = query.add_columns(_serving(buyers, now).label("total"))
    with reading() as session:
        rows = session.execute(query.limit(size).offset((number - 1) * size)).all()
        if not rows and number > 1:
            number, rows = 1, session.execute(query.limit(size)).all()
        total = rows[0].total if rows else 0
        relations = _relations(session, rows, buyers, now)
        shown = [_one_payable(row, relations, clear=False) for row in rows]
        return Page(shown, number, size, total)


def _serving(buyers: Buyers, now: datetime) -> ColumnElement[int]:
    """How many accounts serve by their state: those that took over, and those about to yield."""
    serves = select(func.count(BankAccount.state)).where(
        BankAccount.state == AccountState.APPROVED_TWICE, BankAccount.active_from <= now,
        BankAccount.erased_at.is_(None),
    )  # fmt: skip
    yields = select(func.count(BankAccount.state)).where(
        BankAccount.state == AccountState.REPLACED, BankAccount.active_from <= now,
        BankAccount.erased_at.is_(None), BankAccount.replaced_at > now,
    )  # fmt: skip
    if buyers is not None:
        serves, yields = serves.where(visible_to(buyers)), yields.where(visible_to(buyers))
    return serves.correlate(None).scalar_subquery() + yields.correlate(None).scalar_subquery()


def list_changes(*, buyers: Buyers, since: datetime, now: datetime) -> Changes:
    """What began or ceased to serve after an instant, without taking it; three statements."""
    with reading() as session:
        rows = session.execute(_payable(buyers, now, (since, None)).limit(MAX_PULL)).all()
        over = session.execute(_over(buyers, now, since).limit(MAX_PULL)).all()
        relations = _relations(session, (*rows, *over), buyers, now)
        accounts = [_one_payable(row, relations, clear=False) for row in rows]
        return Changes(accounts, [_one_ended(row, relations) for row in over])


@dataclass(frozen=True, slots=True)
class PullHistory:
    """Who took the accounts, the latest first, and the last time that the reader did."""

    shown: Sequence[BankPull]
    own: BankPull | None


def pull_history(*, buyers: Buyers, user_id: uuid.UUID, limit: int = 10) -> PullHistory:
    """The last pulls; who sees some companies only, sees their own. One statement."""
    order = (BankPull.at.desc(), BankPull.id)
    latest = select(BankPull.id).order_by(*order)
    mine = latest.where(BankPull.user_id == user_id)
    shown = (latest if buyers is None else mine).limit(limit)
    query = select(BankPull).where(or_(BankPull.id.in_(shown), BankPull.id.in_(mine.limit(1))))
    with reading() as session:
        rows = session.scalars(query.order_by(*order)).all()
    own = next((one for one in rows if one.user_id == user_id), None)
    return PullHistory(rows[:limit], own)


def find_last_pull(user_id: uuid.UUID) -> BankPull | None:
    """The last time that this person downloaded the accounts."""
    with reading() as session:
        return session.scalars(
            select(BankPull)
            .where(BankPull.user_id == user_id)
            .order_by(BankPull.at.desc(), BankPull.id)
            .limit(1)
        ).first()


def cursor_after(last: BankPull) -> str:
    """The cursor of what changed since a pull."""
    return encode_cursor(last.at - OVERLAP, None)


def encode_cursor(at: datetime, account_id: uuid.UUID | None) -> str:
    """An opaque place in the order of changes."""
    text = f"{at.astimezone(UTC).isoformat()}|{account_id.hex if account_id else ''}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str | None) -> Place | None:
    """The place that a cursor names. Raises DomainError when it is not ours."""
    if not text:
        return None
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        instant, _, account = plain.partition("|")
        at = datetime.fromisoformat(instant)
        if at.tzinfo is None:
            raise ValueError(instant)
        return at.astimezone(UTC), uuid.UUID(account) if account else None
    except (ValueError, OverflowError, binascii.Error) as error:
        raise DomainError(
            N_("This cursor is not one of ours: send the one of your last pull, or none."),
            field="since",
        ) from error


def _place() -> ColumnElement[datetime]:
    """Where an account stands in the order of pulls: the later of its start and its change."""
    start, change = BankAccount.active_from, BankAccount.last_changed_at
    return type_coerce(case((start > change, start), else_=change), UtcDateTime())


def _payable(
    buyers: Buyers, now: datetime, start: Place | None
) -> Select[BankAccount, Supplier, datetime, str, str]:
    """What serves now, in the order of pulls."""
    place = _place()
    query = (
        _rows_of(place)
        .join(validated_bank_account, validated_bank_account.c.id == BankAccount.id)
        .join(Supplier, Supplier.id == BankAccount.supplier_id)
        .outerjoin(Buyer, Buyer.id == BankAccount.buyer_id)
        .where(*_serves(buyers, now))
    )
    if start is not None:
        query = query.where(_after(place, start))
    return query.order_by(place, BankAccount.id)


def _by_name(buyers: Buyers, now: datetime) -> Select[BankAccount, Supplier, datetime, str, str]:
    """What serves now, by name of supplier; a page of it reads no more than what stands on it."""
    view = validated_bank_account
    # Not a plain key of the supplier, or SQLite begins with the accounts and sorts all of them.
    theirs = BankAccount.supplier_id == func.coalesce(Supplier.id, Supplier.id)
    return (
        _rows_of(_place())
        .select_from(Supplier)
        .join(BankAccount, theirs)
        .outerjoin(Buyer, Buyer.id == BankAccount.buyer_id)
        .where(select(view.c.id).where(view.c.id == BankAccount.id).exists())
        .where(*_serves(buyers, now))
        .order_by(Supplier.sort_name, Supplier.id, BankAccount.id)
    )


def _rows_of(
    place: ColumnElement[datetime],
) -> Select[BankAccount, Supplier, datetime, str, str]:
    return select(
        BankAccount, Supplier, place.label("place"), Buyer.siren.label("buyer_siren"),
        Buyer.name.label("buyer_name"),
    )  # fmt: skip


def _serves(buyers: Buyers, now: datetime) -> list[ColumnElement[bool]]:
    return [
        BankAccount.active_from <= now,
        or_(BankAccount.replaced_at.is_(None), BankAccount.replaced_at > now),
        visible_to(buyers),
    ]


def _after(place: ColumnElement[datetime], start: Place) -> ColumnElement[bool]:
    at, account_id = start
    if account_id is None:
        return place > at
    return tuple_(place, BankAccount.id) > tuple_(
        literal(at, UtcDateTime()), literal(account_id, Uuid())
    )


def _list_ended(
    session: Session, buyers: Buyers, now: datetime, since: datetime
) -> list[EndedAccount]:
    rows = session.execute(_over(buyers, now, since)).all()
    relations = _relations(session, rows, buyers, now)
    return [_one_ended(row, relations) for row in rows]


def _over(
    buyers: Buyers, now: datetime, since: datetime
) -> Select[BankAccount, Supplier, datetime, str]:
    """What served before and ended since: blocked, or replaced by another that serves now."""
    blocked = BankAccount.state == AccountState.BLOCKED
    ended_at = type_coerce(
        case((blocked, BankAccount.last_changed_at), else_=BankAccount.replaced_at), UtcDateTime()
    )
    return (
        select(BankAccount, Supplier, ended_at.label("ended_at"), Buyer.name.label("buyer_name"))
        .join(Supplier, Supplier.id == BankAccount.supplier_id)
        .outerjoin(Buyer, Buyer.id == BankAccount.buyer_id)
        .where(
            or_(blocked, BankAccount.state == AccountState.REPLACED),
            BankAccount.active_from <= ended_at,
            ended_at > since,
            ended_at <= now,
            visible_to(buyers),
        )
        .order_by(ended_at, BankAccount.id)
    )


def _one_ended(row: Any, relations: Relations) -> EndedAccount:
    return EndedAccount(
        id=row.BankAccount.id,
        supplier_id=row.Supplier.id,
        ended_at=row.ended_at,
        reason=row.BankAccount.state,
        supplier_name=row.Supplier.name,
        siren=row.Supplier.siren,
        supplier_references=relations.references_of(row.Supplier.id),
        buyer_name=row.buyer_name,
        iban_masked=row.BankAccount.iban_masked,
    )


def _relations(session: Session, rows: Sequence[Any], buyers: Buyers, now: datetime) -> Relations:
    suppliers = {row.Supplier.id for row in rows}
    return relations_of(session, suppliers, buyers=buyers, today=legal_day(now))


def _one_payable(row: Any, relations: Relations, *, clear: bool) -> PayableAccount:
    account, supplier = row.BankAccount, row.Supplier
    assert account.active_from is not None
    return PayableAccount(
        id=account.id,
        supplier_id=supplier.id,
        supplier_name=supplier.name,
        siren=supplier.siren,
        supplier_references=relations.references_of(supplier.id),
        buyer_siren=row.buyer_siren,
        buyer_name=row.buyer_name,
        holder=account.holder,
        iban=open_iban(account) if clear else account.iban_masked,
        iban_masked=account.iban_masked,
        bic=account.bic,
        currency=account.currency,
        version=account.version,
        active_from=account.active_from,
        changed_at=row.place,
        relationship_ended_on=relations.ended_on(supplier.id, account.buyer_id),
    )


def _next_cursor(rows: Sequence[Any], more: bool, now: datetime) -> str:
    """Up to the last row while more wait, up to this instant once all were served."""
    if more:
        return encode_cursor(rows[-1].place, rows[-1].BankAccount.id)
    return encode_cursor(now - OVERLAP, None)


def _report_altered(
    session: Session, rows: Sequence[Any], whole: Sequence[Any], *, by: Actor, now: datetime
) -> None:
    """A row changed behind our back is left out, and the journal says so."""
    intact = {row.BankAccount.id for row in whole}
    for row in rows:
        if row.BankAccount.id not in intact:
            record(session, "bank.found_altered", subject=row.BankAccount, by=by, at=now)


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
