"""What the structure of a file means: what is really shown, and what was tampered with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from supplier.adapters.signatures import (
    SignatureReport,
    SignatureVerdict,
    validate_signatures,
    verdict_of,
)
from supplier.documents.findings import doubt, note, refusal
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.einvoice import invoice_fields
from supplier.documents.reading.forensics import (
    Hint,
    Structure,
    StructureCode,
    StructureFinding,
    inspect,
    visible_page,
)
from supplier.documents.reading.result import FieldValue, Finding, Making, Severity
from supplier.documents.reading.sources import PDF, Gathered, Page
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, PageText

_TEXTS: Mapping[StructureCode, str] = {
    StructureCode.CHANGED_AFTER: N_("The file was changed after it was made: %(detail)s"),
    StructureCode.REMAPPED_UNICODE: N_(
        "What the page shows and what a program reads are not the same: %(detail)s"
    ),
    StructureCode.INVISIBLE_TEXT: N_("The page holds text that nobody can see: %(detail)s"),
    StructureCode.WHITE_TEXT: N_("The page holds white text: %(detail)s"),
    StructureCode.TINY_TEXT: N_("The page holds text too small to be seen: %(detail)s"),
    StructureCode.COVERED_TEXT: N_("Text was covered by something else: %(detail)s"),
    StructureCode.OFF_PAGE_TEXT: N_("The file holds text outside the page: %(detail)s"),
    StructureCode.HIDDEN_LAYER: N_("The file holds a hidden layer with text: %(detail)s"),
    StructureCode.FREE_TEXT: N_("An annotation shows its own text: %(detail)s"),
    StructureCode.FORM_VALUE: N_("A form field shows its own text: %(detail)s"),
}
#: Where the administrator keeps the certificates trusted for signed papers (setting trust_roots).
_ROOTS_VARIABLE = "SUPPLIER_TRUST_ROOTS"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the file really shows, and the findings of its structure."""

    findings: Sequence[Finding] = ()
    structure: Structure = field(default_factory=Structure)
    attached: Mapping[str, FieldValue] = field(default_factory=dict)

    def seen(self, page: Page) -> PageText:
        """The page as the eye sees it; a picture shows nothing else."""
        if page.quality is not None or not (self.structure.hidden or self.structure.shown):
            return page.text
        return visible_page(self.structure, page.text)

    def fields(self, kind: DocumentKind) -> Mapping[str, FieldValue]:
        """Values that come with the file as data: the invoice of a Factur-X."""
        return self.attached if kind is DocumentKind.INVOICE else {}


def structure_findings(data: bytes, media_type: str, gathered: Gathered) -> Shown:
    """Inspect the structure of a PDF; there is nothing to say of pictures."""
    if media_type != PDF:
        return Shown()
    layers = [page.text_layer or page.text for page in gathered.pages]
    structure = inspect(data, layers)
    pictured = frozenset(structure.ocr_pages)
    findings = [
        finding
        for found in structure.findings
        if (finding := _finding(found, pictured=pictured)) is not None
    ]
    findings.extend(_signatures(data))
    embedded = any(f.code is StructureCode.EMBEDDED_FILE for f in structure.findings)
    attached = invoice_fields(data) if embedded else {}
    return Shown(tuple(findings), structure, attached)


def making(shown: Shown) -> Making | None:
    """How the file was made, in its own words; None for what is no PDF."""
    structure = shown.structure
    if not structure.page_count:
        return None
    return Making(
        structure.producer,
        structure.creator,
        structure.created_at.isoformat() if structure.created_at else "",
        structure.modified_at.isoformat() if structure.modified_at else "",
        structure.fonts,
        versions=structure.revisions,
        signed=structure.signed,
        ocr_layer=bool(structure.ocr_pages),
        linearized=structure.linearized,
        locked=structure.encrypted,
    )


def _finding(found: StructureFinding, *, pictured: frozenset[int]) -> Finding | None:
    text = _TEXTS.get(found.code)
    if text is None:
        return _other(found)
    # The layer of a copier is invisible by nature; such pages are read from the picture.
    harmless = found.page in pictured and found.code is StructureCode.INVISIBLE_TEXT
    if found.severity is Hint.NOTE or harmless:
        return Finding(
            found.code.value, Severity.NOTE, text, "", found.page, found.box,
            {"detail": found.detail},
        )  # fmt: skip
    make = refusal if found.severity is Hint.TAMPERING else doubt
    params = {"detail": found.detail}
    return make(ReasonCode.TAMPERED, message=text, at=_Place(found), params=params)


def _other(found: StructureFinding) -> Finding | None:
    if found.severity is Hint.DOUBT:
        return doubt(
            ReasonCode.UNREADABLE,
            message=N_("The file is built in a way that could not be checked."),
            at=_Place(found),
        )
    if found.severity is Hint.TAMPERING:
        return refusal(ReasonCode.TAMPERED, at=_Place(found))
    return note("structure", at=_Place(found), params={"detail": f"{found.code} {found.detail}"})


@dataclass(frozen=True, slots=True)
class _Place:
    found: StructureFinding

    @property
    def page(self) -> int | None:
        return self.found.page

    @property
    def box(self) -> Box | None:
        return self.found.box


def _signatures(data: bytes) -> Iterator[Finding]:
    """Broken or overtaken signatures refuse; sound ones are said; none is the normal case."""
    if b"/ByteRange" not in data:
        return
    reports = validate_signatures(data, trust_roots=trust_roots())
    verdict = verdict_of(reports)
    if verdict in {SignatureVerdict.BROKEN, SignatureVerdict.MODIFIED_AFTER}:
        yield refusal(ReasonCode.SIGNATURE_BROKEN)
    elif verdict is SignatureVerdict.VALID_KNOWN:
        yield note("signed_known", params={"signer": _signer(reports)})
    elif verdict is SignatureVerdict.VALID_UNKNOWN:
        yield note("signed_unknown")


def _signer(reports: Sequence[SignatureReport]) -> str:
    return ", ".join(dict.fromkeys(report.signer for report in reports))


@lru_cache(maxsize=1)
def trust_roots() -> tuple[bytes, ...]:
    """The certificates of the folder that the administrator named; none by default."""
    folder = os.environ.get(_ROOTS_VARIABLE, "")
    if not folder:
        return ()
    return tuple(path.read_bytes() for path in sorted(Path(folder).glob("*.[pcd]e[mr]*")))
