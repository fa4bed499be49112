"""Limits on guessing: every try is written and committed before it is checked."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from supplier.accounts.models import Attempt
from supplier.kernel.crypto import keyring
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import LimitError
from supplier.kernel.i18n import N_

log = logging.getLogger("vigie")
TOO_MANY = N_("Too many tries in a short time. Wait fifteen minutes, then try again.")
_QUARTER, _HOUR, _DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries within `within`."""

    most: int
    within: timedelta


#: CNIL 2022-100: a password of 50 bits needs restricted tries (five, a pause, 25 a day).
#: A client may be a whole company behind one address, so its figures are larger, and a try
#: that succeeds is taken off again. Reaching a limit never locks an account.
LIMITS: dict[str, tuple[Limit, ...]] = {
    "password-address": (Limit(5, _QUARTER), Limit(25, _DAY)),
    "password-client": (Limit(30, _QUARTER), Limit(300, _DAY)),
    "code-user": (Limit(5, _QUARTER), Limit(25, _DAY)),
    "link-address": (Limit(4, _QUARTER), Limit(20, _DAY)),
    "link-client": (Limit(20, _QUARTER), Limit(200, _DAY)),
    "token-client": (Limit(20, _QUARTER), Limit(200, _DAY)),
    "passkey-client": (Limit(30, _QUARTER), Limit(300, _DAY)),
    "sso-client": (Limit(30, _QUARTER), Limit(300, _DAY)),
    # Mails that a supplier's people make us send to addresses of their choice.
    "invitation-supplier": (Limit(10, _QUARTER), Limit(30, _DAY)),
    # Files handed in: each costs a reading. An accountant hands in for many suppliers, and an
    # office of them comes from one address.
    "upload-user": (Limit(100, _QUARTER), Limit(400, _DAY)),
    "upload-client": (Limit(300, _QUARTER), Limit(2000, _DAY)),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """The tries that one act wrote: taken off again when it succeeds."""

    ids: tuple[uuid.UUID, ...]
    keys: tuple[str, ...]


def count(whom: Mapping[str, str], *, now: datetime) -> Ticket:
    """Write one try for each limit (its name → whom it concerns), then check them all.

    Raises LimitError with one text for every case. A refused try does not count, so a pause
    ends when it said it would.
    """
    keys = tuple(f"{name}:{keyring().index(value, purpose=name)}" for name, value in whom.items())
    rows = [Attempt(id=new_id(), key=key, at=now) for key in keys]
    ticket = Ticket(tuple(row.id for row in rows), keys)
    with transaction() as session:
        session.add_all(rows)
    with reading() as session:
        wait = max(
            (_wait(session, key, limit, now) for key in keys for limit in LIMITS[_name(key)]),
            default=timedelta(0),
        )
    if wait > timedelta(0):
        log.warning("limit reached: %s", ", ".join(sorted(whom)))
        with transaction() as session:
            _delete(session, ticket)
        raise LimitError(TOO_MANY, retry_after=int(wait.total_seconds()) + 1)
    return ticket


def _name(key: str) -> str:
    return key.partition(":")[0]


def _wait(session: Session, key: str, limit: Limit, now: datetime) -> timedelta:
    """How long until one more try is allowed; zero when it is now."""
    recent = (Attempt.key == key, Attempt.at > now - limit.within)
    total = session.scalar(select(func.count()).select_from(Attempt).where(*recent)) or 0
    if total <= limit.most:
        return timedelta(0)
    leaves = session.scalar(
        select(Attempt.at).where(*recent).order_by(Attempt.at, Attempt.id).limit(1)
    )
    return (leaves or now) + limit.within - now


def forgive(session: Session, ticket: Ticket) -> None:
    """The act succeeded: its client's try is taken off, and all tries on its own person."""
    personal = [key for key in ticket.keys if not _name(key).endswith("-client")]
    _delete(session, ticket)
    session.execute(delete(Attempt).where(Attempt.key.in_(personal)))


def _delete(session: Session, ticket: Ticket) -> None:
    session.execute(delete(Attempt).where(Attempt.id.in_(ticket.ids)))
