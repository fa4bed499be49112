"""Files of contracts and invoices: looked at from their bytes, encrypted, kept with their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from supplier.adapters.files import store
from supplier.adapters.intake import FileLimits, display_name, sniff


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its bytes and the name that its owner gave it."""

    data: bytes
    filename: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What a row remembers of a file in the store."""

    file_key: str
    sha256: str
    original_name: str


def look_at(upload: Upload, *, limits: FileLimits) -> None:
    """Raises RefusedFileError for a file that we do not take."""
    sniff(upload.data, upload.filename, limits=limits)


@contextmanager
def kept(upload: Upload | None, *, limits: FileLimits) -> Iterator[KeptFile | None]:
    """The file, durable before the row says so; removed again when the row cannot be written.

    Raises RefusedFileError, or UnavailableError when the store cannot keep it.
    """
    if upload is None:
        yield None
        return
    look_at(upload, limits=limits)
    key = store().put(upload.data)
    try:
        yield KeptFile(key, hashlib.sha256(upload.data).hexdigest(), display_name(upload.filename))
    except BaseException:
        store().delete(key)
        raise
