"""Decides from the bytes alone what kind of file came in, and refuses the rest in plain words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from supplier.adapters import intake_headers as headers
from supplier.adapters.peek import Bytes
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

MAX_NAME = 150
NO_NAME = "document"


class MediaType(StrEnum):
    """The file types that are accepted."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"
    HEIC = "image/heic"


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How large a file may be: bytes, pixels of a picture, pages of a TIFF."""

    size: int = 20_000_000
    pixels: int = 50_000_000
    pages: int = 50


class RefusedFileError(DomainError):
    """The file is not one we take. `message` is a marked English text for the entrance.

    `code` is stable (audit, API); `params` fill the message after its translation.
    """

    status = 415

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(REFUSALS[code], field="file")
        self.code = code
        self.params = params


REFUSALS: dict[str, str] = {
    "empty": N_("This file is empty. Check it on your device, then send it again."),
    "too_large": N_(
        "This file is larger than %(megabytes)s MB. Scan it in black and white or at 200 dpi, "
        "then send it again."
    ),
    "too_many_pixels": N_(
        "This picture is larger than %(megapixels)s megapixels. Take the photo again at a lower "
        "resolution, or send a PDF."
    ),
    "too_many_pages": N_(
        "This file has more than %(pages)s pages. Send only the pages of the document asked for."
    ),
    "cut_off": N_(
        "This file arrived incomplete: the transfer was interrupted. Please send it again."
    ),
    "damaged": N_(
        "This file is damaged and cannot be opened. Open it on your device, save it again as a "
        "PDF, then send that file."
    ),
    "archive": N_(
        "Archives (ZIP, RAR, 7z…) are not accepted. Take the documents out and send each one as "
        "a PDF or a photo."
    ),
    "office": N_(
        "Word, Excel and other office files are not accepted. Save the document as a PDF, then "
        "send the PDF."
    ),
    "web_page": N_(
        "Web pages, SVG and XML files are not accepted. Print the page to a PDF, then send the PDF."
    ),
    "postscript": N_("PostScript files are not accepted. Save the document as a PDF."),
    "program": N_("This file is a program, not a document. Send a PDF or a photo."),
    "other_picture": N_(
        "This kind of picture is not accepted. Send the document as a PDF, or the photo as JPEG, "
        "PNG or HEIC."
    ),
    "two_kinds": N_(
        "This file is two kinds of files at once, which our security rules refuse. Print the "
        "document to a new PDF, then send that file."
    ),
    "unknown": N_(
        "This kind of file is not accepted. Send the document as a PDF or a photo (JPEG, PNG, "
        "TIFF, HEIC)."
    ),
}

#: What a refused file starts with, and how its refusal is called. First match wins.
REFUSED_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"{\\rtf", "office"),
    (b"%!", "postscript"),
    (b"\xc5\xd0\xd3\xc6", "postscript"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"GIF8", "other_picture"),
    (b"BM", "other_picture"),
    (b"RIFF", "other_picture"),
    (b"8BPS", "other_picture"),
    (b"\x00\x00\x01\x00", "other_picture"),
    (b"II+\x00", "other_picture"),
    (b"MM\x00+", "other_picture"),
)
ACCEPTED_ENDINGS = (".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".heic")
OFFICE_MARKS = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis", b"word/", b"xl/")
MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|\?xml|html|svg|head|body|script)", re.I)
Sizer = Callable[[Bytes], headers.Extent]
PICTURES: tuple[tuple[MediaType, tuple[bytes, ...], Sizer], ...] = (
    (MediaType.JPEG, (b"\xff\xd8\xff",), headers.jpeg),
    (MediaType.PNG, (b"\x89PNG\r\n\x1a\n",), headers.png),
    (MediaType.TIFF, (b"II*\x00", b"MM\x00*"), headers.tiff),
)


def sniff(data: Bytes, filename: str = "", *, limits: FileLimits | None = None) -> MediaType:
    """The type of a file, decided once, from its bytes at offset 0.

    Sizes are read from the headers, nothing is decoded. `filename` has no say in the type; it
    only helps to word a refusal (a broken PDF is called broken). Raises RefusedFileError.
    """
    limits = limits or FileLimits()
    if not len(data):
        raise RefusedFileError("empty")
    if len(data) > limits.size:
        raise RefusedFileError("too_large", megabytes=limits.size // 1_000_000)
    kind = _kind(data, filename=filename)
    if _is_second_kind(data, kind=kind):
        raise RefusedFileError("two_kinds")
    if kind is MediaType.PDF:
        _check_pdf(data)
    else:
        _check_extent(data, kind=kind, limits=limits)
    return kind


def _kind(data: Bytes, *, filename: str) -> MediaType:
    head = data[:16]
    if re.match(rb"%PDF-\d\.\d", head):
        return MediaType.PDF
    for kind, starts, _ in PICTURES:
        if head.startswith(starts):
            return kind
    if head[4:8] == b"ftyp":
        if headers.is_heic(data):
            return MediaType.HEIC
        raise RefusedFileError("other_picture")
    raise RefusedFileError(_refusal(data, filename=filename))


def _refusal(data: Bytes, *, filename: str) -> str:
    head = data[:4096]
    if head.startswith(b"PK"):
        return "office" if any(mark in head for mark in OFFICE_MARKS) else "archive"
    for start, code in REFUSED_STARTS:
        if head.startswith(start):
            return code
    if MARKUP.match(head[:1024]):
        return "web_page"
    return "damaged" if filename.lower().endswith(ACCEPTED_ENDINGS) else "unknown"


def _is_second_kind(data: Bytes, *, kind: MediaType) -> bool:
    if headers.ends_as_zip(data):
        return True
    # By chance five given bytes stand in one file of 20 MB in 50,000; with an object, never.
    return kind is not MediaType.PDF and _holds(data, b"%PDF-") and _holds(data, b" obj")


def _check_pdf(data: Bytes) -> None:
    if not _holds(data, b" obj") and not _holds(data, b"\nobj"):
        raise RefusedFileError("cut_off")


def _holds(data: Bytes, sought: bytes) -> bool:
    return data.find(sought) >= 0


def _check_extent(data: Bytes, *, kind: MediaType, limits: FileLimits) -> None:
    sizer = next((sizer for known, _, sizer in PICTURES if known is kind), headers.heic)
    try:
        extent = sizer(data)
    except headers.CutOffError as error:
        raise RefusedFileError("cut_off") from error
    except (headers.DamagedError, ValueError, IndexError, ArithmeticError) as error:
        raise RefusedFileError("damaged") from error
    if extent.pixels > limits.pixels:
        raise RefusedFileError("too_many_pixels", megapixels=limits.pixels // 1_000_000)
    if extent.pages > limits.pages:
        raise RefusedFileError("too_many_pages", pages=limits.pages)


_UNSAFE = set('<>:"|?*\\/')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def display_name(filename: str) -> str:
    """The name shown to people and offered on download: no path, NFC, 150 characters at most.

    Control, direction and other invisible characters become "_", as do those a file system
    refuses. It is never used to name a file in the store.
    """
    last = re.split(r"[\\/]", filename)[-1]
    clean = "".join(_shown(character) for character in last)
    clean = re.sub(r"\s+", " ", unicodedata.normalize("NFC", clean)).strip(" .")
    if _DEVICES.match(clean):
        clean = f"_{clean}"
    return _shortened(clean) or NO_NAME


def _shown(character: str) -> str:
    if character.isspace() and character != "\n":
        return " "
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return "_" if hidden or character in _UNSAFE else character


def _shortened(name: str) -> str:
    if len(name) <= MAX_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 8:
        return name[:MAX_NAME].rstrip(" .")
    return stem[: MAX_NAME - len(ending) - 2].rstrip(" .") + "…" + dot + ending
