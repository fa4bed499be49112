"""The words for what the structure of a PDF tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supplier.kernel.pages import Box, Word


class StructureCode(StrEnum):
    """The kinds of things found in the structure of a file."""

    UNREADABLE = "unreadable"
    PASSWORD_NEEDED = "password_needed"  # noqa: S105 - a code, not a password
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
    DAMAGED_STREAM = "damaged_stream"


class Hint(StrEnum):
    """How much a finding weighs: shown only, sent to a person, or suspected tampering."""

    NOTE = "note"
    DOUBT = "doubt"
    TAMPERING = "tampering"


@dataclass(frozen=True, slots=True)
class StructureFinding:
    """One thing found. `page` counts from 1 (None: the file as a whole).

    `detail` is what was found, as data (the hidden text, the name of a field), never a sentence.
    """

    code: StructureCode
    severity: Hint
    detail: str
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Text that the text layer holds and the eye does not see, line by line."""

    page: int
    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class PastedValue:
    """A value that was painted after all the rest of its page, where a value stood before.

    `strange`: one that alone of its page has its typeface, whenever it was painted.
    """

    page: int
    box: Box
    text: str
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of a PDF. Instants are aware, as the file declares them, or None.

    `readable` is False when the file cannot be opened at all; `password_needed` when it asks for
    a password (the empty one is tried first and only sets `encrypted`). `ocr_pages`: pages whose
    text is the hidden layer of a copier over a picture, to be read from the picture. `hidden`
    and `shown` say how what is seen differs from the text layer: see `visible_page`.
    """

    readable: bool = True
    password_needed: bool = False
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
    hidden: tuple[HiddenText, ...] = ()
    shown: tuple[Word, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    fonts: tuple[str, ...] = ()
    pasted: tuple[PastedValue, ...] = ()

    @property
    def tampered(self) -> bool:
        """Whether anything points to tampering."""
        return any(finding.severity is Hint.TAMPERING for finding in self.findings)
