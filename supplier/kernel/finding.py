"""Ask every capability what it knows of some words."""

from __future__ import annotations

from supplier.kernel.database import reading
from supplier.kernel.registers import Found, SearchScope, finders


def search(text: str, scope: SearchScope, *, limit: int) -> list[Found]:
    """The answers of all capabilities, at most `limit` each and group, in their own order."""
    with reading() as session:
        return [one for finder in finders() for one in finder(session, text, scope, limit)]
