"""Password hashes: argon2id, the same work whether or not there is anything to compare with."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from supplier.accounts.policy import policy

#: Longer ones are refused before they are hashed: nobody types them, they only cost time.
MAX_PASSWORD = 128


@lru_cache(maxsize=4)
def _hasher(memory: int, time: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time, memory_cost=memory, parallelism=1)


@lru_cache(maxsize=4)
def _dummy(memory: int, time: int) -> str:
    return _hasher(memory, time).hash("nobody has this password")


def _parameters() -> tuple[int, int]:
    return policy().argon2_memory_kib, policy().argon2_time


def normal(password: str) -> str:
    """The password as it is compared: NFC, so that é is é on every keyboard; nothing else."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """An argon2id hash. Raises ValueError when the password is too long to be hashed."""
    if len(password) > MAX_PASSWORD:
        raise ValueError("the password is too long")
    return _hasher(*_parameters()).hash(normal(password))


def is_password(password: str, *, of: str | None) -> bool:
    """Compare with the hash `of`; with None the same work is done and the answer is no.

    What cannot be a password (too long, an unreadable hash) costs the same time.
    """
    hasher = _hasher(*_parameters())
    known = of if of is not None and len(password) <= MAX_PASSWORD else None
    try:
        hasher.verify(known or _dummy(*_parameters()), normal(password[:MAX_PASSWORD]))
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


def is_outdated(password_hash: str) -> bool:
    """True when the settings ask for another cost than the hash was made with."""
    return _hasher(*_parameters()).check_needs_rehash(password_hash)


def warm_up() -> None:
    """Make the dummy hash now, so that the first unknown address takes no longer than others."""
    _dummy(*_parameters())
