"""Files of the store that no row names: what a crash between a file and its row leaves behind."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters.files import store
from supplier.kernel.database import db, reading
from supplier.retention.models import ErasureEntry

log = logging.getLogger("vigie.orphans")

#: Columns that hold keys of the store, wherever they stand.
KEY_COLUMNS = ("file_key", "masked_key", "capture_key", "certificate_key")
#: An upload writes its file first: a file without a row is odd only once it is old.
AGE = timedelta(days=1)
#: Crashes leave a few. More, or a larger share, and it is the database that is not the right one
#: (an older copy, an empty one): then nothing is deleted.
FEW, SHARE = 20, 0.01


@dataclass(frozen=True, slots=True)
class Orphans:
    """The files without a row, and how many there are in all."""

    keys: tuple[str, ...]
    files: int

    @property
    def too_many(self) -> bool:
        """True when the database is to be doubted rather than the files."""
        return len(self.keys) >= self.files or len(self.keys) > max(FEW, self.files * SHARE)


def references(session: Session) -> Iterator[tuple[str, str]]:
    """Every key that a row names, with the table that names it; not those on their way out."""
    for table in db.metadata.sorted_tables:
        if table.name == ErasureEntry.__tablename__:
            continue
        for name in KEY_COLUMNS:
            if name in table.c:
                column = table.c[name]
                for key in session.scalars(select(column).where(column.is_not(None), column != "")):
                    yield key, table.name


def find_orphans(*, now: datetime) -> Orphans:
    """The files older than a day that neither a row nor an erasure names."""
    # The files first: one that gets its row in between is then found to have it.
    keys = tuple(store().keys())
    with reading() as session:
        named = {key for key, _table in references(session)}
        named.update(session.scalars(select(ErasureEntry.file_key)))
    return Orphans(tuple(key for key in keys if key not in named and _is_old(key, now)), len(keys))


def _is_old(key: str, now: datetime) -> bool:
    try:
        return store().age_seconds(key, now=now.timestamp()) > AGE.total_seconds()
    except FileNotFoundError:  # erased in the meantime
        return False


def sweep(now: datetime) -> dict[str, int]:
    """Delete them, unless they are too many. Gives how many were deleted and how many left."""
    found = find_orphans(now=now)
    if not found.keys or found.too_many:
        if found.keys:
            log.warning("%s files without a row: too many to delete", len(found.keys))
        return {"deleted": 0, "left": len(found.keys)}
    for key in found.keys:
        store().delete(key)
    return {"deleted": len(found.keys), "left": 0}
