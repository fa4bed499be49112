"""Where papers are kept: a folder of encrypted files, durable before it is acknowledged."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from supplier.kernel.crypto import KeyRing, SealBrokenError
from supplier.kernel.errors import UnavailableError
from supplier.kernel.i18n import N_

SENTINEL = ".vigie-store"
#: Files go through memory in pieces of this size.
BLOCK = 65_536


class DamagedFileError(Exception):
    """A kept file is missing, or its bytes are not the ones that were acknowledged."""


class FileStore(Protocol):
    """Keeps bytes under names of ours. Nothing is ever overwritten."""

    def put(self, data: bytes | BinaryIO, *, sha256: str | None = None) -> str:
        """Keep `data`; on return it is on the disk, read back and compared. Gives its key.

        A stream is taken from its beginning, piece by piece. Raises UnavailableError, also where
        the bytes read back are not those written, or not those of `sha256`.
        """
        ...

    def get(self, key: str, *, sha256: str | None = None) -> bytes:
        """The bytes of `key`. Raises DamagedFileError."""
        ...

    def delete(self, key: str) -> None:
        """Remove `key`; a second time changes nothing."""
        ...

    def keys(self) -> Iterator[str]:
        """Every key in the store."""
        ...

    def age_seconds(self, key: str, *, now: float) -> float:
        """How old the file is, by the store's own clock."""
        ...

    def ready(self) -> bool:
        """True when files can be kept."""
        ...


class FolderStore:
    """The embedded store. Each file is sealed under a key of its own (`KeyRing.seal_blocks`)."""

    def __init__(self, folder: Path, ring: KeyRing) -> None:
        self._folder = folder
        self._ring = ring

    def prepare(self) -> None:
        """Create the folder and its mark. An unmounted volume lacks the mark and is noticed."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark = self._folder / SENTINEL
        if not mark.exists():
            mark.write_text("This folder belongs to Vigie.\n", encoding="utf-8")

    def ready(self) -> bool:
        """True when the folder is the one that was prepared."""
        return (self._folder / SENTINEL).is_file()

    def put(self, data: bytes | BinaryIO, *, sha256: str | None = None) -> str:
        if not self.ready():
            raise UnavailableError(N_("Files cannot be kept at the moment. Try again shortly."))
        key = secrets.token_hex(16)
        target = self._path(key)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        partial = target.with_suffix(".part")
        try:
            written = self._write(partial, data, key)
            if {self._read_back(partial, key), sha256 or written} != {written}:
                raise UnavailableError(N_("The disk gave back other bytes. Try again."))
            partial.rename(target)
            _sync_folder(target.parent)
            _sync_folder(self._folder)
        except OSError as error:
            raise UnavailableError(
                N_("The file could not be kept: the disk is full or unavailable. Try again later.")
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        return key

    def get(self, key: str, *, sha256: str | None = None) -> bytes:
        data = self._open(self._path(key), key)
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedFileError(f"file {key} is not the one that was acknowledged")
        return data

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync_folder(path.parent)

    def keys(self) -> Iterator[str]:
        for path in sorted(self._folder.glob("??/*")):
            if path.suffix == "":
                yield path.name

    def age_seconds(self, key: str, *, now: float) -> float:
        return now - self._path(key).stat().st_mtime

    def _path(self, key: str) -> Path:
        if len(key) != 32 or not all(letter in "0123456789abcdef" for letter in key):
            raise DamagedFileError("not a key of this store")
        return self._folder / key[:2] / key

    def _open(self, path: Path, key: str) -> bytes:
        try:
            if path.is_symlink():
                raise DamagedFileError(f"file {key} was replaced by a link")
            with path.open("rb") as file:
                return b"".join(self._ring.open_blocks(file, name=key))
        except (OSError, SealBrokenError) as error:
            raise DamagedFileError(f"file {key} cannot be read") from error

    def _write(self, path: Path, data: bytes | BinaryIO, key: str) -> str:
        """Seal, write and sync; gives the SHA-256 of what was sealed."""
        digest = hashlib.sha256()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            for block in self._ring.seal_blocks(_hashed(data, digest), name=key):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest()

    def _read_back(self, path: Path, key: str) -> str | None:
        """The SHA-256 of what is on the disk; None where it does not open."""
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                for block in self._ring.open_blocks(file, name=key):
                    digest.update(block)
        except SealBrokenError:
            return None
        return digest.hexdigest()


def pieces(data: bytes | BinaryIO) -> Iterator[bytes]:
    """A file from its beginning, piece by piece."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    file.seek(0)
    while block := file.read(BLOCK):
        yield block


def _hashed(data: bytes | BinaryIO, digest: hashlib._Hash) -> Iterator[bytes]:
    """The pieces of a file, added to a digest as they pass."""
    for block in pieces(data):
        digest.update(block)
        yield block


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Holder:
    store: FileStore | None = None


def use_store(store: FileStore) -> None:
    """Install the store of this process."""
    _Holder.store = store


def store() -> FileStore:
    """The store of this process. Raises RuntimeError when none was installed."""
    if _Holder.store is None:
        raise RuntimeError("no file store: create the application first")
    return _Holder.store
