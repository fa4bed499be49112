"""Two readings of one picture brought together: what agrees, what is filled in, what differs.

The second reader may confirm or fill in; it never overrules. Where both give a decisive value
and not the same, a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from supplier.documents.findings import doubt
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.bank import iban_holds, rib_holds
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.result import FieldValue, Finding, ReadRequest, Value
from supplier.documents.reading.statements import Statement
from supplier.documents.reading.text import key
from supplier.documents.reading.values import is_siren
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Source

NUMBERS = frozenset({"siren", "seller_siren"})
CODES = frozenset({"verification_code", "security_code", "delivery_number"})
NAMES = frozenset({"company_name", "holder", "employer"})
COUNTED_APART = N_(
    "Two readers of the picture counted %(first)s and %(second)s people on this list."
)
READ_APART = N_("Two readers of the picture read this otherwise: %(first)s or %(second)s.")


@dataclass(frozen=True, slots=True)
class Agreed:
    """The values of both readings. `confirmed`: read alike by both; `differing`: by name."""

    fields: Mapping[str, FieldValue]
    confirmed: frozenset[str]
    differing: Mapping[str, tuple[Value, Value]]
    #: How many people each saw on a list, where they do not count the same.
    counted: tuple[int, int] | None = None

    def findings(self) -> Iterator[Finding]:
        if self.counted:
            params = {"first": str(self.counted[0]), "second": str(self.counted[1])}
            yield doubt(ReasonCode.UNREADABLE, message=COUNTED_APART, params=params)
        for first, second in self.differing.values():
            yield doubt(
                ReasonCode.UNREADABLE, message=READ_APART, at=first,
                params={"first": first.text, "second": second.text},
            )  # fmt: skip

    def with_second(self) -> Mapping[str, FieldValue]:
        """The values where the second reader is believed: what differs goes to a person anyway."""
        return {**self.fields, **{name: pair[1] for name, pair in self.differing.items()}}


def agreed(
    kind: DocumentKind,
    first: Mapping[str, FieldValue],
    second: Mapping[str, FieldValue],
    *,
    request: ReadRequest,
    codes: frozenset[str] = frozenset(),
) -> Agreed:
    """Bring two readings of one paper together. `codes`: what its barcodes say."""
    fields = dict(first)
    confirmed: set[str] = set()
    differing: dict[str, tuple[Value, Value]] = {}
    counted: tuple[int, int] | None = None
    for name, found in second.items():
        ours = first.get(name)
        if not isinstance(found, Value) or not isinstance(ours, Value):
            if ours is None and _sound(name, found):
                fields[name] = found
            elif isinstance(ours, tuple) and isinstance(found, tuple) and name == "workers":
                fields[name] = _people(ours, found)
                counted = (len(ours), len(found)) if len(ours) != len(found) else None
            continue
        if ours.source is not Source.OCR:
            continue
        if _same(name, ours, found):
            confirmed.add(name)
            fields[name] = replace(ours, confidence=max(ours.confidence, found.confidence))
        elif _is_misread(name, ours, found, request=request, codes=codes):
            fields[name] = found
        elif name in _decisive(kind) and _sound(name, found):
            differing[name] = (ours, found)
    return Agreed(fields, frozenset(confirmed), differing, counted)


def said_by_both(first: Sequence[Statement], second: Sequence[Statement]) -> list[Statement]:
    """Everything that either reader saw the paper say."""
    known = {item.said for item in first}
    return [*first, *(item for item in second if item.said not in known)]


def _decisive(kind: DocumentKind) -> frozenset[str]:
    spec = KINDS[kind]
    days = spec.period or ((spec.dated_by,) if spec.dated_by else ())
    return NUMBERS | CODES | NAMES | {"iban", *days}


def _same(name: str, ours: Value, found: Value) -> bool:
    if name in NAMES:
        return likeness(found.text, ours.text, scanned=True) is Likeness.SAME
    if name in CODES:
        return ours.text == found.text
    return key(ours.text) == key(found.text)


def _sound(name: str, found: FieldValue) -> bool:
    """Whether a value can be right at all: its key holds, where it has one."""
    if not isinstance(found, Value):
        return bool(found)
    if name in NUMBERS:
        return is_siren(found.text)
    if name == "iban":
        return iban_holds(found.text) and rib_holds(found.text)
    return True


def _is_misread(
    name: str, ours: Value, found: Value, *, request: ReadRequest, codes: frozenset[str]
) -> bool:
    """Whether the first value is wrong by itself and the second is what it should have been.

    A key that does not hold against one that does; a printed code against the QR code; a name
    that comes near the expected one where the second reading is just that.
    """
    if name in NUMBERS or name == "iban":
        return not _sound(name, ours) and _sound(name, found)
    if name in CODES:
        return bool(codes) and ours.text not in codes and found.text in codes
    expected = request.supplier_name
    return (
        name in NAMES
        and expected is not None
        and likeness(ours.text, expected) is Likeness.CLOSE
        and likeness(found.text, expected) is Likeness.SAME
    )


def _people(ours: tuple[Value, ...], found: tuple[Value, ...]) -> tuple[Value, ...]:
    """The longer list of people; of lists as long, the first one with its empty cells filled."""
    if len(ours) != len(found):
        return max(ours, found, key=len)
    return tuple(_row(one, other) for one, other in zip(ours, found, strict=True))


def _row(one: Value, other: Value) -> Value:
    """A row whose empty cells the second reader saw, where the rest is of the same person."""
    first, second = one.value, other.value
    if isinstance(first, str) or isinstance(second, str):
        return one
    if not any(text and key(text) == key(second.get(name, "")) for name, text in first.items()):
        return one
    return replace(one, value={name: text or second.get(name, "") for name, text in first.items()})
