"""A supplier's score: weighted criteria, the evidence behind each figure, grades and ranks.

No data is "not rated", never 0 and never 100: the weights of what was rated are scaled up to the
whole, and the scorecard says so. What rests on little is provisional, and who leaves a gap open is
never among the good ones. Marks and scores run from 0 to 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

BEST, WORST = 100, 0

#: A paper that comes on its due day earns 100, then less by the day, and nothing from here on.
LATE_BEYOND_DAYS = 30


class Source(StrEnum):
    #: Computed from when papers came.
    PUNCTUALITY = "punctuality"
    #: Computed from the days covered.
    COVERAGE = "coverage"
    #: A mark given by a person, with a comment.
    MANUAL = "manual"


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"


#: The lowest score of each grade, best first (the client's choice).
GRADES: tuple[tuple[int, Grade], ...] = (
    (85, Grade.A),
    (70, Grade.B),
    (50, Grade.C),
    (0, Grade.D),
)

#: The highest score while a paper that is owed is missing, the last of class C (the client's
#: choice): the buyer answers for that gap, however good the work is (L8222-2 code du travail).
GAP_CAP = 69
#: A score that rests on less than this much of the grid's weight, in per cent, is provisional (the
#: client's choice): a single good figure is no ranking.
PROVISIONAL_BELOW = 50


@dataclass(frozen=True, slots=True)
class CriterionSpec:
    """One criterion of a grid; `weight` is relative to the sum of the grid's weights."""

    code: str
    label: str
    source: Source
    weight: int


#: The grid that a new installation starts with; each company may write its own.
DEFAULT_GRID: tuple[CriterionSpec, ...] = (
    CriterionSpec("coverage", N_("Days covered by valid papers"), Source.COVERAGE, 25),
    CriterionSpec("punctuality", N_("Papers handed in on time"), Source.PUNCTUALITY, 15),
    CriterionSpec("quality", N_("Quality of the work"), Source.MANUAL, 25),
    CriterionSpec("deadlines", N_("Keeping to deadlines"), Source.MANUAL, 20),
    CriterionSpec("communication", N_("Communication and reactivity"), Source.MANUAL, 10),
    CriterionSpec("safety", N_("Safety and environment on site"), Source.MANUAL, 5),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A paper that was due in the period, and the day it came (None: it has not come)."""

    requirement: str
    due_on: date
    received_on: date | None = None


@dataclass(frozen=True, slots=True)
class DaysCovered:
    """Days covered out of days owed in the period, for one requirement."""

    requirement: str
    covered: int
    owed: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's mark (0 to 100) on a manual criterion; the comment is compulsory."""

    criterion: str
    value: int
    comment: str
    by_name: str
    on: date

    def __post_init__(self) -> None:
        if not WORST <= self.value <= BEST:
            raise DomainError(N_("A mark lies between 0 and 100."), field="mark")
        if not self.comment.strip():
            raise DomainError(N_("Give a comment: the supplier may ask why."), field="comment")


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """What is known of one supplier for one period; papers due up to `judged_on` count.

    `gap_since` is the first day of the oldest gap that is open on that day.
    """

    judged_on: date
    deliveries: tuple[Delivery, ...] = ()
    days: tuple[DaysCovered, ...] = ()
    marks: tuple[Mark, ...] = ()
    gap_since: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line behind a figure: a marked message and its values."""

    message: str
    values: Mapping[str, str | int]

    def as_json(self) -> dict[str, object]:
        return {"message": self.message, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """What a criterion came to; `mark` is None when nothing could be rated.

    `share` is the part that it has in the score once the weights are scaled to what was rated.
    """

    criterion: CriterionSpec
    mark: Fraction | None
    share: Fraction
    evidence: tuple[Evidence, ...]

    @property
    def rounded(self) -> int | None:
        return None if self.mark is None else _rounded(self.mark)

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.criterion.code,
            "label": self.criterion.label,
            "source": self.criterion.source.value,
            "weight": self.criterion.weight,
            "share": _rounded(self.share * 100),
            "mark": self.rounded,
            "evidence": [line.as_json() for line in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Score:
    """A supplier's score for a period with everything that it rests on.

    `rated` is the part of the grid's weight that was rated, in per cent; `held_since` the first day
    of the gap that held the score down to `GAP_CAP`.
    """

    value: int | None
    grade: Grade | None
    criteria: tuple[CriterionScore, ...]
    rated: int = 0
    held_since: date | None = None


def check_grid(grid: Sequence[CriterionSpec]) -> None:
    """Raise DomainError when a grid cannot be used."""
    codes = [criterion.code for criterion in grid]
    if len(set(codes)) != len(codes):
        raise DomainError(N_("Two criteria of the grid have the same code."))
    if any(criterion.weight < 0 for criterion in grid) or not any(c.weight for c in grid):
        raise DomainError(N_("Give each criterion a weight, and at least one more than zero."))


def score(grid: Sequence[CriterionSpec], facts: SupplierFacts) -> Score:
    """Score one supplier. Raises DomainError on a grid that cannot be used."""
    check_grid(grid)
    rated = [(criterion, *_rate(criterion, facts)) for criterion in grid]
    weight = sum(criterion.weight for criterion, mark, _ in rated if mark is not None)
    criteria = tuple(
        CriterionScore(
            criterion,
            mark,
            Fraction(criterion.weight, weight) if mark is not None and weight else Fraction(0),
            evidence,
        )
        for criterion, mark, evidence in rated
    )
    if not weight:
        return Score(None, None, criteria)
    total = sum((one.share * one.mark for one in criteria if one.mark is not None), Fraction(0))
    value, held_since = _rounded(total), None
    if facts.gap_since is not None and value > GAP_CAP:
        value, held_since = GAP_CAP, facts.gap_since
    whole = sum(criterion.weight for criterion in grid)
    rated_part = _rounded(Fraction(100 * weight, whole))
    return Score(value, grade_of(value), criteria, rated_part, held_since)


def grade_of(value: int) -> Grade:
    """The grade of a score between 0 and 100."""
    return next(grade for floor, grade in GRADES if value >= floor)


def _rate(
    criterion: CriterionSpec, facts: SupplierFacts
) -> tuple[Fraction | None, tuple[Evidence, ...]]:
    if criterion.source is Source.PUNCTUALITY:
        return _punctuality(facts)
    if criterion.source is Source.COVERAGE:
        return _coverage(facts)
    return _manual(criterion.code, facts)


_NOT_RATED = Evidence(N_("Not rated: there is nothing to judge in this period."), {})


def _punctuality(facts: SupplierFacts) -> tuple[Fraction | None, tuple[Evidence, ...]]:
    """The mean over the papers that were due: on time 100, thirty days late or absent 0."""
    due = [one for one in facts.deliveries if one.due_on <= facts.judged_on]
    if not due:
        return None, (_NOT_RATED,)
    marks = [_delivery_mark(one, judged_on=facts.judged_on) for one in due]
    lines = tuple(
        _delivery_line(one, judged_on=facts.judged_on)
        for one in sorted(due, key=lambda one: (one.due_on, one.requirement))
    )
    return Fraction(sum(marks), len(marks)), lines


def days_late(delivery: Delivery, *, judged_on: date) -> int:
    """Days between the due day and the day the paper came, or the day of judging; at least 0.

    A paper that came after the day of judging had not come on that day.
    """
    came = min(delivery.received_on or judged_on, judged_on)
    return max((came - delivery.due_on).days, 0)


def _has_come(delivery: Delivery, *, judged_on: date) -> bool:
    return delivery.received_on is not None and delivery.received_on <= judged_on


def _delivery_mark(delivery: Delivery, *, judged_on: date) -> Fraction:
    if not _has_come(delivery, judged_on=judged_on):
        return Fraction(WORST)
    late = days_late(delivery, judged_on=judged_on)
    return BEST * max(Fraction(LATE_BEYOND_DAYS - late, LATE_BEYOND_DAYS), Fraction(0))


def _delivery_line(delivery: Delivery, *, judged_on: date) -> Evidence:
    late = days_late(delivery, judged_on=judged_on)
    values: dict[str, str | int] = {
        "requirement": delivery.requirement,
        "due_on": delivery.due_on.isoformat(),
        "days": late,
    }
    if not _has_come(delivery, judged_on=judged_on):
        return Evidence(N_("%(requirement)s: due on %(due_on)s, not received."), values)
    if late:
        return Evidence(
            N_("%(requirement)s: due on %(due_on)s, received %(days)s days late."), values
        )
    return Evidence(N_("%(requirement)s: due on %(due_on)s, received in time."), values)


def _coverage(facts: SupplierFacts) -> tuple[Fraction | None, tuple[Evidence, ...]]:
    """The share of the days owed that valid papers covered, over all requirements."""
    owed = sum(one.owed for one in facts.days)
    if not owed:
        return None, (_NOT_RATED,)
    lines = tuple(
        Evidence(
            N_("%(requirement)s: %(covered)s days covered out of %(owed)s."),
            {"requirement": one.requirement, "covered": one.covered, "owed": one.owed},
        )
        for one in facts.days
        if one.owed
    )
    return Fraction(BEST * sum(one.covered for one in facts.days), owed), lines


def _manual(code: str, facts: SupplierFacts) -> tuple[Fraction | None, tuple[Evidence, ...]]:
    """The mean of the marks that people gave."""
    marks = [mark for mark in facts.marks if mark.criterion == code]
    if not marks:
        return None, (Evidence(N_("Not rated: nobody gave a mark in this period."), {}),)
    lines = tuple(
        Evidence(
            N_("%(mark)s out of 100 by %(by)s on %(on)s: %(comment)s"),
            {
                "mark": mark.value,
                "by": mark.by_name,
                "on": mark.on.isoformat(),
                "comment": mark.comment,
            },
        )
        for mark in marks
    )
    return Fraction(sum(mark.value for mark in marks), len(marks)), lines


def _rounded(value: Fraction) -> int:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
