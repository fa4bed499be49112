"""Which state of a row somebody saw before changing it, so that nobody undoes another's work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from supplier.kernel.errors import ConflictError
from supplier.kernel.i18n import N_


class StaleError(ConflictError):
    """Somebody else changed the row since it was opened."""


def version_of(row: Any, names: Iterable[str]) -> str:
    """A fingerprint of what a row says under these names; the same values give the same one."""
    # 4200 and 4200.00 are one amount, whichever the database gave back.
    values = [getattr(row, name) for name in sorted(names)]
    plain = [value.normalize() if isinstance(value, Decimal) else value for value in values]
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:32]


def check_seen(row: Any, names: Iterable[str], seen: str | None) -> None:
    """Raises StaleError unless the row still says what was seen; None: nothing was shown."""
    if seen is not None and seen != version_of(row, names):
        raise StaleError(
            N_("Somebody else changed this meanwhile. Compare below, then keep yours or go back.")
        )
