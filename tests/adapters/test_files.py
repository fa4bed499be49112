"""The store keeps a file durably before it says so, and in little memory."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from supplier.adapters import files
from supplier.adapters.files import DamagedFileError, FolderStore
from supplier.kernel.crypto import KeyRing
from supplier.kernel.errors import UnavailableError

DATA = b"%PDF-1.7 a paper " * 5000
MEGABYTE = 1_000_000


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing({"k": b"k" * 32}, "secret")


@pytest.fixture
def shelf(tmp_path: Path, ring: KeyRing) -> FolderStore:
    found = FolderStore(tmp_path / "files", ring)
    found.prepare()
    return found


def left(shelf: FolderStore) -> list[Path]:
    return list(shelf._folder.glob("??/*"))


def test_what_is_kept_comes_back_and_is_sealed_on_the_disk(shelf: FolderStore) -> None:
    key = shelf.put(DATA)
    assert shelf.get(key, sha256=hashlib.sha256(DATA).hexdigest()) == DATA
    [path] = left(shelf)
    assert b"a paper" not in path.read_bytes()


@pytest.mark.parametrize("size", [0, 1, files.BLOCK - 1, files.BLOCK, 3 * files.BLOCK + 7])
def test_a_stream_of_any_size_is_kept_as_its_bytes_are(shelf: FolderStore, size: int) -> None:
    data = (b"0123456789" * (size // 10 + 1))[:size]
    assert shelf.get(shelf.put(io.BytesIO(data))) == shelf.get(shelf.put(data)) == data


def test_a_file_is_synced_read_back_renamed_and_its_folders_synced_in_this_order(
    shelf: FolderStore, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename, opened = os.fsync, Path.rename, KeyRing.open_blocks

    def note_sync(handle: int) -> None:
        folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        name = Path(os.readlink(f"/proc/self/fd/{handle}")).name
        done.append(f"sync folder {name}" if folder else f"sync file {Path(name).suffix}")
        fsync(handle)

    def note_rename(path: Path, target: Path) -> Path:
        done.append("rename")
        return rename(path, target)

    def note_reading(self: KeyRing, sealed: BinaryIO, *, name: str) -> Iterator[bytes]:
        done.append("read back")
        return opened(self, sealed, name=name)

    monkeypatch.setattr(files.os, "fsync", note_sync)
    monkeypatch.setattr(Path, "rename", note_rename)
    monkeypatch.setattr(KeyRing, "open_blocks", note_reading)
    key = shelf.put(DATA)
    assert done == [
        "sync file .part", "read back", "rename", f"sync folder {key[:2]}", "sync folder files",
    ]  # fmt: skip


def spoilt(shelf: FolderStore, monkeypatch: pytest.MonkeyPatch, other: Any) -> None:
    """A disk that keeps other bytes than it was given, from the moment they are synced."""
    fsync = os.fsync

    def sync(handle: int) -> None:
        fsync(handle)
        for path in left(shelf):
            path.write_bytes(other(path))

    monkeypatch.setattr(files.os, "fsync", sync)


def flipped(path: Path) -> bytes:
    sealed = bytearray(path.read_bytes())
    sealed[-40] ^= 1
    return bytes(sealed)


def test_a_disk_that_alters_bytes_is_found_out_before_the_file_is_kept(
    shelf: FolderStore, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt(shelf, monkeypatch, flipped)
    with pytest.raises(UnavailableError):
        shelf.put(DATA)
    assert left(shelf) == []


def test_a_disk_that_gives_back_another_file_is_found_out(
    shelf: FolderStore, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt(
        shelf, monkeypatch,
        lambda path: b"".join(ring.seal_blocks([b"other"], name=path.stem)),
    )  # fmt: skip
    with pytest.raises(UnavailableError):
        shelf.put(DATA)
    assert left(shelf) == []


def test_bytes_that_are_not_those_that_were_looked_at_are_not_kept(shelf: FolderStore) -> None:
    with pytest.raises(UnavailableError):
        shelf.put(io.BytesIO(DATA), sha256=hashlib.sha256(b"others").hexdigest())
    assert left(shelf) == []


def test_a_cut_or_altered_file_does_not_open(shelf: FolderStore) -> None:
    key = shelf.put(DATA)
    [path] = left(shelf)
    whole = path.read_bytes()
    for sealed in (flipped(path), whole[:-1], whole[:30], b""):
        path.write_bytes(sealed)
        with pytest.raises(DamagedFileError):
            shelf.get(key)


def test_a_large_file_is_kept_in_little_memory(shelf: FolderStore, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(os.urandom(MEGABYTE) * 20)
    with large.open("rb") as file:
        tracemalloc.start()
        try:
            shelf.put(file)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 2 * MEGABYTE
