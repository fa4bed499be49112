"""From the values read on a paper to its dates: issued, good from, good until; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.validity import DocumentFacts, valid_until


@dataclass(frozen=True, slots=True)
class Lifespan:
    """The dates of a paper; `valid_until` is its last good day, inclusive. None: not read."""

    issued_on: date | None = None
    situation_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None


def lifespan(kind: DocumentKind | None, day: Callable[[str], date | None]) -> Lifespan:
    """The dates that follow from the values; `day(name)` gives a date field or None.

    A printed period counts as printed; elsewhere the paper is good from its own date to the last
    day that `validity.valid_until` gives.
    """
    if kind is None:
        return Lifespan()
    spec = KINDS[kind]
    issued_on, situation_on = day("issued_on") or day("signed_on"), day("situation_on")
    first, last = spec.period or (spec.dated_by, None)
    facts = DocumentFacts(
        kind=kind,
        issued_on=day(spec.dated_by) if spec.dated_by and not spec.period else None,
        valid_from=day(first) if first else None,
        valid_until=day(last) if last else None,
    )
    return Lifespan(issued_on, situation_on, facts.valid_from, valid_until(facts))


def missing_date(kind: DocumentKind | None, known: Lifespan) -> str | None:
    """The field whose date is still owed before the paper can be accepted, or None.

    A legal date is never guessed: without it a person reads it on the page or asks for another.
    """
    if kind is None:
        return None
    spec = KINDS[kind]
    if spec.dated_by is None or known.valid_until is not None:
        return None
    return spec.dated_by
