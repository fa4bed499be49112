"""What the structure of a PDF tells: revisions, hidden or covered text, active content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supplier.kernel.pages import Box, PageText


class StructureCode(StrEnum):
    """The kinds of things found in the structure of a file."""

    UNREADABLE = "unreadable"
    PASSWORD = "password"
    PAGE_COUNT_LIE = "page_count_lie"
    CHANGED_AFTER = "changed_after"
    NO_UNICODE = "no_unicode"
    REMAPPED_UNICODE = "remapped_unicode"
    INVISIBLE_TEXT = "invisible_text"
    WHITE_TEXT = "white_text"
    TINY_TEXT = "tiny_text"
    COVERED_TEXT = "covered_text"
    OFF_PAGE_TEXT = "off_page_text"
    HIDDEN_LAYER = "hidden_layer"
    FREE_TEXT = "free_text"
    FORM_VALUE = "form_value"
    ACTIVE_CONTENT = "active_content"
    EMBEDDED_FILE = "embedded_file"
    EXTERNAL_STREAM = "external_stream"


class Hint(StrEnum):
    """How much a finding weighs: shown only, sent to a person, or suspected tampering."""

    NOTE = "note"
    DOUBT = "doubt"
    TAMPERING = "tampering"


@dataclass(frozen=True, slots=True)
class StructureFinding:
    """One thing found. `page` counts from 1 (None: the file as a whole); `detail` for a person."""

    code: StructureCode
    severity: Hint
    detail: str
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of a PDF. Instants are aware, as the file declares them, or None.

    `readable` is False when the file cannot be opened at all; `password` when it asks for one
    (an empty password is tried first and only sets `encrypted`).
    """

    readable: bool = True
    password: bool = False
    encrypted: bool = False
    linearized: bool = False
    signed: bool = False
    page_count: int = 0
    revisions: int = 1
    producer: str = ""
    creator: str = ""
    created_at: datetime | None = None
    modified_at: datetime | None = None
    findings: tuple[StructureFinding, ...] = ()


class ValueKind(StrEnum):
    """The kinds of values compared between text layer and picture."""

    IBAN = "iban"
    SIREN = "siren"
    DATE = "date"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A value of the text layer that the picture does not show, or the reverse.

    One of `in_text` and `in_image` may be empty. `box` is where the eye should look.
    """

    kind: ValueKind
    in_text: str
    in_image: str
    page: int
    box: Box | None


def inspect(data: bytes, pages: Sequence[PageText]) -> Structure:
    """Inspect a PDF; `pages` are its words as extracted (for places). Never raises."""
    return Structure()


def compare_text_and_image(page_text: PageText, ocr_text: PageText) -> tuple[Mismatch, ...]:
    """Values that differ between the text layer of a page and the OCR of its picture."""
    return ()
