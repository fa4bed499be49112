"""What reading a paper asks and answers: request, values with their places, findings, verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.kernel.pages import Box, Source


class Verdict(StrEnum):
    """What the machine says of a paper. `REFUSE` is certain; `REVIEW` goes to a person."""

    ACCEPT = "accept"
    REVIEW = "review"
    REFUSE = "refuse"


class Severity(StrEnum):
    """What a finding does: nothing, send the paper to a person, or refuse it."""

    NOTE = "note"
    DOUBT = "doubt"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Whose paper it should be, which one was asked for, and the legal day of the reading.

    `supplier_siren` is None for a foreign company. `pages` (first, last; from 1, inclusive)
    reads one paper of a file that holds several. `codes_seen_elsewhere` holds issuer codes that
    another supplier already handed in. A file of more than `most_pages` is not read.
    """

    today: date
    supplier_siren: str | None = None
    supplier_name: str | None = None
    expected_kind: DocumentKind | None = None
    pages: tuple[int, int] | None = None
    codes_seen_elsewhere: frozenset[str] = frozenset()
    most_pages: int = 50


@dataclass(frozen=True, slots=True)
class Value:
    """One value read. Dates are ISO, amounts decimal strings, identifiers without blanks.

    `value` is a string, or a mapping of strings for one row of a list of workers. `box` is None
    only where the value has no place on a page (attachment, form data).
    """

    value: str | Mapping[str, str]
    page: int
    box: Box | None
    source: Source = Source.TEXT
    confidence: float = 1.0

    @property
    def text(self) -> str:
        """The value as text; the values of a row joined by a comma."""
        return self.value if isinstance(self.value, str) else ", ".join(self.value.values())


FieldValue = Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know. `message` is a marked text, `params` fill it.

    `rule` names the source (an article, a policy of ours); `page` and `box` say where to look.
    """

    code: str
    severity: Severity
    message: str
    rule: str = ""
    page: int | None = None
    box: Box | None = None
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Zone:
    """A place on a page (from 1) that is covered when the page is shown."""

    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Making:
    """How a PDF was made, in its own words: it may say anything. Instants are ISO or empty.

    `versions` counts what was written one after the other; `signed`, `ocr_layer`, `linearized`
    and `locked` (opens without a password, but forbids changes) are ordinary causes.
    """

    producer: str = ""
    creator: str = ""
    created_at: str = ""
    modified_at: str = ""
    fonts: tuple[str, ...] = ()
    versions: int = 1
    signed: bool = False
    ocr_layer: bool = False
    linearized: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """One paper inside a file: its kind and its pages (from 1, inclusive)."""

    kind: DocumentKind
    first_page: int
    last_page: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the machine can say of one file."""

    kind: DocumentKind | None
    fields: Mapping[str, FieldValue]
    verdict: Verdict
    reasons: tuple[ReasonCode, ...]
    findings: tuple[Finding, ...] = ()
    pages: int = 0
    segments: tuple[Segment, ...] = ()
    language: str | None = None
    #: Last good day, inclusive; None where the kind has no end or the date was not read.
    valid_until: date | None = None
    #: True when the words come from an image (scan, photo), not from a text layer.
    scanned: bool = False
    seconds: float = 0.0
    #: What of the pages is covered when they are shown (social security numbers, homes).
    masks: tuple[Zone, ...] = ()
    #: None for pictures.
    making: Making | None = None

    def find(self, name: str) -> Value | None:
        """The value of a single field, or None when it was not read."""
        found = self.fields.get(name)
        return found if isinstance(found, Value) else None

    def text(self, name: str) -> str | None:
        """The text of a single field, or None when it was not read."""
        found = self.find(name)
        return found.text if found else None

    def day(self, name: str) -> date | None:
        """A date field as a date, or None when it was not read."""
        text = self.text(name)
        return date.fromisoformat(text) if text else None

    def items(self, name: str) -> tuple[Value, ...]:
        """The values of a list field (SIRETs, representatives, workers)."""
        found = self.fields.get(name, ())
        return found if isinstance(found, tuple) else (found,)


def as_json(reading: Reading) -> dict[str, Any]:
    """The reading as plain data: what `supplier read --json` prints and the database keeps."""
    return {
        "kind": reading.kind.value if reading.kind else None,
        "fields": {name: _field_json(found) for name, found in reading.fields.items()},
        "verdict": reading.verdict.value,
        "reasons": [reason.value for reason in reading.reasons],
        "findings": [_finding_json(finding) for finding in reading.findings],
        "pages": reading.pages,
        "segments": [
            {"kind": part.kind.value, "first_page": part.first_page, "last_page": part.last_page}
            for part in reading.segments
        ],
        "language": reading.language,
        "valid_until": reading.valid_until.isoformat() if reading.valid_until else None,
        "scanned": reading.scanned,
        "seconds": round(reading.seconds, 4),
        "masks": [{"page": one.page, "box": _box_json(one.box)} for one in reading.masks],
        "making": asdict(reading.making) if reading.making else None,
    }


def from_json(data: Mapping[str, Any]) -> Reading:
    """The reading that `as_json` wrote. Raises KeyError or ValueError on anything else."""
    return Reading(
        kind=DocumentKind(data["kind"]) if data["kind"] else None,
        fields={name: _field_from(found) for name, found in data["fields"].items()},
        verdict=Verdict(data["verdict"]),
        reasons=tuple(ReasonCode(code) for code in data["reasons"]),
        findings=tuple(_finding_from(item) for item in data["findings"]),
        pages=data["pages"],
        segments=tuple(
            Segment(DocumentKind(part["kind"]), part["first_page"], part["last_page"])
            for part in data["segments"]
        ),
        language=data["language"],
        valid_until=date.fromisoformat(data["valid_until"]) if data["valid_until"] else None,
        scanned=data["scanned"],
        seconds=data["seconds"],
        masks=tuple(Zone(one["page"], Box(*one["box"])) for one in data.get("masks", ())),
        making=_making_from(data.get("making")),
    )


def _making_from(data: Mapping[str, Any] | None) -> Making | None:
    return Making(**{**data, "fonts": tuple(data["fonts"])}) if data else None


def _field_json(found: FieldValue) -> Any:
    if isinstance(found, tuple):
        return [_value_json(item) for item in found]
    return _value_json(found)


def _value_json(value: Value) -> dict[str, Any]:
    return {
        "value": value.value if isinstance(value.value, str) else dict(value.value),
        "page": value.page,
        "box": _box_json(value.box),
        "source": value.source.value,
        "confidence": round(value.confidence, 3),
    }


def _box_json(box: Box | None) -> list[float] | None:
    return [round(side, 5) for side in (box.x0, box.top, box.x1, box.bottom)] if box else None


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "params": dict(finding.params),
        "rule": finding.rule,
        "page": finding.page,
        "box": _box_json(finding.box),
    }


def _field_from(data: Any) -> FieldValue:
    if isinstance(data, list):
        return tuple(_value_from(item) for item in data)
    return _value_from(data)


def _value_from(data: Mapping[str, Any]) -> Value:
    return Value(
        data["value"],
        data["page"],
        _box_from(data["box"]),
        Source(data["source"]),
        data["confidence"],
    )


def _box_from(data: list[float] | None) -> Box | None:
    return Box(*data) if data else None


def _finding_from(data: Mapping[str, Any]) -> Finding:
    return Finding(
        data["code"],
        Severity(data["severity"]),
        data["message"],
        data["rule"],
        data["page"],
        _box_from(data["box"]),
        data["params"],
    )
