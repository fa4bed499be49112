"""A second reading without sight of the first: what is asked, and where the two differ; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.result import Reading
from supplier.documents.reading.text import key
from supplier.documents.states import Outcome

#: The words by which a difference of kind, or of the decision itself, is called.
KIND, DECISION = "kind", "decision"
#: Lists are not typed a second time.
_LISTS = frozenset({"sirets", "representatives", "workers"})
_NAMES = frozenset(
    {"company_name", "holder", "employer", "worker", "signatory", "seller_name", "insurer"}
)
_FIGURES = frozenset({"siren", "seller_siren", "iban", "registration_number", "policy_number"})
_AMOUNTS = frozenset({"total_gross"})


@dataclass(frozen=True, slots=True)
class BlindReading:
    """What a person read and would decide, before seeing what the machine had. Dates are ISO."""

    kind: DocumentKind
    outcome: Outcome
    values: Mapping[str, str] = field(default_factory=dict)


def asked(kind: DocumentKind) -> tuple[str, ...]:
    """The values that a second reader types: those that the verdict lived by."""
    return tuple(name for name in KINDS[kind].demands if name not in _LISTS)


def differences(first: Reading, second: BlindReading) -> tuple[str, ...]:
    """Where a person read or decided otherwise than a machine that accepted the paper.

    A kind that differs says it all: the values of two kinds are not compared.
    """
    found = [] if second.outcome is Outcome.ACCEPT else [DECISION]
    if second.kind is not first.kind:
        return (KIND, *found)
    found += [
        name
        for name in asked(second.kind)
        if not same(name, first.text(name) or "", second.values.get(name, ""),
                    scanned=first.scanned)
    ]  # fmt: skip
    return tuple(found)


def same(name: str, one: str, other: str, *, scanned: bool = False) -> bool:
    """Whether two ways of writing the value of a field mean the same."""
    if not one or not other:
        return one == other
    if name in _NAMES:
        return likeness(one, other, scanned=scanned) is Likeness.SAME
    if name in _FIGURES:
        return _joined(one) == _joined(other)
    if name in _AMOUNTS:
        return _amount(one) == _amount(other)
    return key(one) == key(other)


def _joined(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _amount(text: str) -> Decimal | str:
    plain = re.sub(r"[\s\u00a0\u202f€]", "", text).replace(",", ".")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return plain
