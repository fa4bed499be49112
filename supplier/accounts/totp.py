"""Codes from a phone: enrolment, and one use for each time step."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supplier.accounts.models import TotpFactor, User
from supplier.kernel.crypto import keyring

ISSUER = "Vigie"
STEP_SECONDS = 30
#: The current step and the one before: a code is often typed while it ends.
_BACK = 1


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the page shows: the address behind the QR code, and the key to type by hand."""

    uri: str
    secret: str


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def enrolment(user: User, secret: str) -> Enrolment:
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return Enrolment(uri, " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)))


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step (now or the one before) whose code this is, or None.

    Every candidate is compared, each in constant time.
    """
    digits = "".join(letter for letter in code if letter.isascii() and letter.isdigit())
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current, current - _BACK - 1, -1):
        expected = pyotp.TOTP(secret).generate_otp(step)
        if hmac.compare_digest(expected.encode(), digits.encode()) and found is None:
            found = step
    return found


def keep_factor(
    session: Session, user_id: uuid.UUID, secret: str, *, step: int, now: datetime
) -> None:
    """Make `secret` the user's generator; the step that confirmed it is already used."""
    row = session.get(TotpFactor, user_id) or TotpFactor(user_id=user_id, created_at=now)
    row.secret = keyring().seal_text(secret, context=context_of(user_id))
    row.last_step, row.confirmed_at = step, now
    session.add(row)


def use_code(session: Session, user_id: uuid.UUID, code: str, *, now: datetime) -> bool:
    """True when the code is right and its step was not used before: once, whoever else tries."""
    sealed = session.scalar(
        select(TotpFactor.secret).where(
            TotpFactor.user_id == user_id, TotpFactor.confirmed_at.is_not(None)
        )
    )
    if sealed is None:
        return False
    secret = keyring().open_text(sealed, context=context_of(user_id))
    step = matching_step(secret, code, now=now)
    if step is None:
        return False
    used = session.execute(
        update(TotpFactor)
        .where(TotpFactor.user_id == user_id, TotpFactor.last_step < step)
        .values(last_step=step)
        .returning(TotpFactor.user_id)
        .execution_options(synchronize_session=False)
    )
    return used.scalar_one_or_none() is not None


def has_totp(session: Session, user_id: uuid.UUID) -> bool:
    query = select(TotpFactor.user_id).where(
        TotpFactor.user_id == user_id, TotpFactor.confirmed_at.is_not(None)
    )
    return session.scalar(query) is not None


def context_of(user_id: uuid.UUID) -> str:
    return f"totp_factor.secret:{user_id}"
