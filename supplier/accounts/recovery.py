"""Recovery codes: ten ways back for a lost second factor, each used once."""

from __future__ import annotations

import base64
import secrets
import uuid
from datetime import datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from supplier.accounts.models import RecoveryCode
from supplier.kernel.crypto import keyring
from supplier.kernel.database import new_id

HOW_MANY = 10
_BYTES = 10
LENGTH = 16


def renew_codes(session: Session, user_id: uuid.UUID) -> list[str]:
    """Ten new codes, of 80 random bits each; the old ones end. They are never shown again."""
    codes = [base64.b32encode(secrets.token_bytes(_BYTES)).decode() for _ in range(HOW_MANY)]
    delete_codes(session, user_id)
    session.add_all(
        RecoveryCode(id=new_id(), user_id=user_id, code_hash=_hash(user_id, code)) for code in codes
    )
    return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in codes]


def delete_codes(session: Session, user_id: uuid.UUID) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def looks_like_code(text: str) -> bool:
    """True for what can be a recovery code, as against six digits."""
    return len(_plain(text)) == LENGTH


def use_recovery_code(session: Session, user_id: uuid.UUID, code: str, *, now: datetime) -> bool:
    """True when the code is the user's and was never used: one update finds it, or none does."""
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.code_hash == _hash(user_id, _plain(code)),
            RecoveryCode.user_id == user_id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return used.scalar_one_or_none() is not None


def codes_left(user_id: uuid.UUID) -> Select[int]:
    """How many codes of a user still open, as a query."""
    return (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    )


def _plain(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())


def _hash(user_id: uuid.UUID, code: str) -> str:
    return keyring().index(code, purpose=f"recovery-code:{user_id}")
