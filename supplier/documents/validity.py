"""How long a paper is good: pure rules on its dates. A last good day is always inclusive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from supplier.documents.kinds import KINDS, DocumentKind
from supplier.kernel.clock import add_months, end_of_month

#: Provisional Urssaf certificates end with the first due date; this is the default (CSS L243-15).
PROVISIONAL_DAYS = 90
#: A situation date further before the issue date than this goes to a person (rule 7).
SITUATION_MONTHS = 3
#: How long after the period that a social certificate speaks of API Entreprise still counts it
#: (rule 7); the law counts from the date of the certificate alone.
PERIOD_MONTHS = 6
_PERIOD_KINDS = frozenset({DocumentKind.URSSAF_VIGILANCE})


class Standing(StrEnum):
    """Where a paper stands on a day."""

    GOOD = "good"
    NOT_YET_VALID = "not_yet_valid"
    TOO_OLD = "too_old"
    EXPIRED = "expired"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the rules need of a paper. Dates are Paris dates; None when not read.

    `issued_on` is the date that the kind's period runs from (signature for statements);
    `months` replaces the catalogue's figure where a group company set its own.
    """

    kind: DocumentKind
    issued_on: date | None = None
    situation_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    provisional: bool = False
    months: int | None = None
    covers_months: int | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """The standing on a day, the first day no longer good, and the last good day."""

    standing: Standing
    limit: date | None = None
    valid_until: date | None = None


def limit_of(issued_on: date, months: int) -> date:
    """The first day a paper "of less than `months` months" is no longer good."""
    return add_months(issued_on, months)


def fresh_until(facts: DocumentFacts) -> date | None:
    """The last day on which the paper may be handed in; None without end or without date."""
    spec = KINDS[facts.kind]
    if spec.period:
        return facts.valid_until
    if facts.issued_on is None:
        return None
    if facts.provisional:
        return facts.issued_on + timedelta(days=PROVISIONAL_DAYS - 1)
    months = facts.months if facts.months is not None else spec.months
    return limit_of(facts.issued_on, months) - timedelta(days=1) if months else None


def valid_until(facts: DocumentFacts) -> date | None:
    """The last day that the paper covers once accepted; None without end or without date."""
    spec = KINDS[facts.kind]
    if spec.period or facts.provisional or facts.issued_on is None:
        return fresh_until(facts)
    covers = facts.covers_months if facts.covers_months is not None else spec.covers_months
    return limit_of(facts.issued_on, covers) - timedelta(days=1) if covers else None


def validity(facts: DocumentFacts, *, today: date) -> Validity:
    """Whether the paper may be handed in `today` (Code du travail D8222-5, D8254-4; policies)."""
    spec = KINDS[facts.kind]
    if spec.dated_by is None:
        return Validity(Standing.GOOD)
    last, covered = fresh_until(facts), valid_until(facts)
    begins = facts.valid_from if spec.period else facts.issued_on
    if last is None or begins is None:
        return Validity(Standing.UNDATED)
    limit = last + timedelta(days=1)
    if begins > today:
        return Validity(Standing.NOT_YET_VALID, limit, covered)
    if today > last:
        return Validity(Standing.EXPIRED if spec.period else Standing.TOO_OLD, limit, covered)
    return Validity(Standing.GOOD, limit, covered)


def situation_is_odd(facts: DocumentFacts) -> bool:
    """Whether the situation date lies after the issue date, or more than three months before."""
    if facts.situation_on is None or facts.issued_on is None:
        return False
    if facts.situation_on > facts.issued_on:
        return True
    return add_months(facts.situation_on, SITUATION_MONTHS) < facts.issued_on


def period_limit(kind: DocumentKind | None, situation_on: date | None) -> date | None:
    """The first day on which the period that a certificate speaks of is too long past (rule 7).

    None for a paper that speaks of no period, or whose date was not read.
    """
    if kind not in _PERIOD_KINDS or situation_on is None:
        return None
    return end_of_month(add_months(situation_on, PERIOD_MONTHS)) + timedelta(days=1)


def period_is_past(facts: DocumentFacts, *, today: date) -> bool:
    """Whether a certificate is still good by the law, while the period it speaks of is long past.

    An orange warning, no refusal: D8222-5 knows the date of the certificate only.
    """
    limit = period_limit(facts.kind, facts.situation_on)
    if limit is None or today < limit:
        return False
    return facts.valid_until is None or today <= facts.valid_until
