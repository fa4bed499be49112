"""One supplier's coverage over time: today, on any past day, and as known on any past day."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.documents.kinds import Basis
from supplier.kernel.database import reading
from supplier.parties.models import Buyer, Engagement
from supplier.vigilance.assessment import assess
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import Coverage, DayCount, Interval, IntervalState, State, worst
from supplier.vigilance.facts import load_files
from supplier.vigilance.models import Obligation
from supplier.vigilance.needs import ContractLine, contracts_of, engagements_of
from supplier.vigilance.rules import load_rule_book
from supplier.vigilance.spans import Span, count_days, intersect, union
from supplier.vigilance.states import Buyers, state_expression, visible
from supplier.vigilance.summary import intervals_on


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One line of the timeline. Intervals are disjoint, in order, and make up the duty."""

    requirement: RequirementCode
    label: str
    source: str
    basis: str
    renewal_months: int | None
    state: State
    covered_until: date | None
    gap_from: date | None
    intervals: tuple[Interval, ...]
    rules_version: str
    #: Euros of work done in the gap that is open (an estimate, exposure.py); None where it is not
    #: known, as for the past that was known on a past day.
    exposed: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EngagementCoverage:
    """The timeline of one company's file; `rows` by law first."""

    engagement: Engagement
    buyer: Buyer
    contracts: tuple[ContractLine, ...]
    rows: tuple[CoverageRow, ...]
    #: The supplier's name, where the facts were read anew.
    supplier: str = ""

    @property
    def state(self) -> State:
        return worst(row.state for row in self.rows)

    def share(self, *, first: date, last: date) -> DayCount:
        """Days on which all requirements of the law were covered, of the days owed."""
        owed, gaps = _owed_and_gaps(row for row in self.rows if row.basis == Basis.LAW)
        window = [Span(first, last)]
        days = count_days(intersect(owed, window))
        return DayCount(days - count_days(intersect(gaps, window)), days)


def _owed_and_gaps(rows: Iterable[CoverageRow]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    green = {IntervalState.COVERED, IntervalState.EXPIRING}
    owed = [one for row in rows for one in row.intervals if one.state is not IntervalState.WAIVED]
    gaps = [one.span for one in owed if one.state not in green]
    return union(one.span for one in owed), union(gaps)


def supplier_coverage(
    supplier_id: uuid.UUID,
    *,
    today: date,
    now: datetime,
    known_at: datetime | None = None,
    buyers: Buyers = None,
) -> list[EngagementCoverage]:
    """The timelines of a supplier, one a company, ended relationships included.

    Without `known_at`, as known now: three statements. With it, every verdict is made again from
    the facts of that instant, eight statements: a decision taken later does not count, one that
    was revoked since still does.
    """
    with reading() as session:
        if known_at is not None and known_at < now:
            return _as_known(session, supplier_id, today, known_at, buyers)
        return _as_written(session, supplier_id, today, buyers)


def _as_written(
    session: Session, supplier_id: uuid.UUID, today: date, buyers: Buyers
) -> list[EngagementCoverage]:
    engagements = engagements_of(session, supplier_id, date.min, buyers)
    contracts = contracts_of(session, supplier_id, date.min)
    query = select(Obligation, state_expression(today)).where(Obligation.supplier_id == supplier_id)
    rows: defaultdict[uuid.UUID, list[CoverageRow]] = defaultdict(list)
    for row, state in session.execute(visible(query, buyers)):
        if row.intervals:
            rows[row.engagement_id].append(_written_row(row, State(state), today))
    return [_timeline(one, contracts[one.id], rows[one.id]) for one in engagements]


def _written_row(row: Obligation, state: State, today: date) -> CoverageRow:
    code = RequirementCode(row.requirement)
    return CoverageRow(
        requirement=code,
        label=RULES[code].label,
        source=RULES[code].source,
        basis=row.basis,
        renewal_months=RULES[code].renewal_months,
        state=state,
        covered_until=row.covered_until,
        gap_from=row.gap_from,
        intervals=intervals_on(row.intervals, today=today),
        rules_version=row.rules_version,
        exposed=row.exposed or None,
    )


def _as_known(
    session: Session, supplier_id: uuid.UUID, today: date, known_at: datetime, buyers: Buyers
) -> list[EngagementCoverage]:
    book = load_rule_book(session)
    contracts = contracts_of(session, supplier_id, date.min)
    found = []
    for file in load_files(session, [supplier_id]):
        for row, facts in zip(file.engagements, file.facts.engagements, strict=True):
            if buyers is not None and row.buyer_id not in buyers:
                continue
            rules = book.rules(row.buyer_id, today, known_at=known_at)
            verdicts = assess(file.facts, facts, rules=rules, as_of=today, known_at=known_at)
            rows = [_known_row(one.coverage) for one in verdicts if one.coverage.intervals]
            timeline = _timeline(row, contracts[row.id], rows)
            found.append(replace(timeline, supplier=file.supplier.name))
    return found


def _known_row(coverage: Coverage) -> CoverageRow:
    requirement = coverage.requirement
    return CoverageRow(
        requirement=requirement.code,
        label=requirement.label,
        source=requirement.source,
        basis=requirement.basis.value,
        renewal_months=requirement.renewal_months,
        state=coverage.state,
        covered_until=coverage.covered_until,
        gap_from=coverage.gap_from,
        intervals=coverage.intervals,
        rules_version=requirement.rules_version,
    )


def _timeline(
    engagement: Engagement, contracts: Iterable[ContractLine], rows: Iterable[CoverageRow]
) -> EngagementCoverage:
    order = list(RequirementCode)
    ordered = sorted(rows, key=lambda row: (row.basis != Basis.LAW, order.index(row.requirement)))
    return EngagementCoverage(engagement, engagement.buyer, tuple(contracts), tuple(ordered))
