"""The lists of vigilance, under one name. Each is a constant number of SQL statements."""

from __future__ import annotations

from supplier.vigilance.calls import CALL_REASON_TEXTS, Call, CallReason, who_to_call
from supplier.vigilance.figures import (
    Counts,
    HorizonWeek,
    MonthShare,
    Refusals,
    counts,
    coverage_share,
    horizon,
    refusal_reasons,
)
from supplier.vigilance.gaps import GapRow, list_gaps
from supplier.vigilance.needs import ContractLine, EngagementNeeds, Need, portal_needs
from supplier.vigilance.notes import list_follow_ups, list_waivable, list_waivers
from supplier.vigilance.states import (
    OWED,
    UNCOVERED,
    is_open_gap,
    opens_between,
    state_expression,
)
from supplier.vigilance.timelines import CoverageRow, EngagementCoverage, supplier_coverage

__all__ = [
    "CALL_REASON_TEXTS",
    "OWED",
    "UNCOVERED",
    "Call",
    "CallReason",
    "ContractLine",
    "Counts",
    "CoverageRow",
    "EngagementCoverage",
    "EngagementNeeds",
    "GapRow",
    "HorizonWeek",
    "MonthShare",
    "Need",
    "Refusals",
    "counts",
    "coverage_share",
    "horizon",
    "is_open_gap",
    "list_follow_ups",
    "list_gaps",
    "list_waivable",
    "list_waivers",
    "opens_between",
    "portal_needs",
    "refusal_reasons",
    "state_expression",
    "supplier_coverage",
    "who_to_call",
]
