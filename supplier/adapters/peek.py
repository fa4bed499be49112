"""A look into a file that stays where it is: the few bytes that are asked for, and no more."""

from __future__ import annotations

from typing import BinaryIO, Protocol, overload

#: What is read at once around an asked byte, and while something is sought.
WINDOW = 65_536


class Bytes(Protocol):
    """What deciding a type needs of a file: `bytes` have it, and so has `Peek`."""

    def __len__(self) -> int: ...

    @overload
    def __getitem__(self, index: int, /) -> int: ...

    @overload
    def __getitem__(self, index: slice, /) -> bytes: ...

    def find(self, sought: bytes, start: int = 0, /) -> int: ...


class Peek:
    """A file as if it were its bytes, in the memory of one window."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self._start = 0
        self._window = b""

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> bytes: ...

    def __getitem__(self, index: int | slice) -> int | bytes:
        if isinstance(index, slice):
            start, stop, _ = index.indices(self._size)
            return self._read(start, max(0, stop - start))
        place = index - self._start
        if not 0 <= place < len(self._window):
            self._start, place = index, 0
            self._window = self._read(index, WINDOW)
        return self._window[place]

    def find(self, sought: bytes, start: int = 0) -> int:
        """Where `sought` stands for the first time from `start` on; -1 where it does not."""
        while start < self._size:
            # A little more than a window: what lies across its end is found too.
            place = self._read(start, WINDOW + len(sought) - 1).find(sought)
            if place >= 0:
                return start + place
            start += WINDOW
        return -1

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        return self._file.read(length)
