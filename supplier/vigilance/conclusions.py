"""How the papers stood on the days on which a contract was concluded, its renewals included.

L8222-1 asks for the check "lors de la conclusion"; a tacit renewal is a new one (DOMAIN rule 9, our
reading). A paper that came after the day settles it late: it never makes that day good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import and_, select

from supplier.contracts.models import Contract
from supplier.documents.kinds import Basis
from supplier.kernel.database import reading
from supplier.parties.models import Engagement
from supplier.vigilance.assessment import ended_with
from supplier.vigilance.coverage import Interval, IntervalState
from supplier.vigilance.duties import ContractFacts
from supplier.vigilance.facts import contract_facts
from supplier.vigilance.models import Obligation
from supplier.vigilance.summary import intervals_on

#: A contract that renews itself each month has many; these are shown.
MOST_SHOWN = 12

_GOOD = frozenset({IntervalState.COVERED, IntervalState.EXPIRING})
_WAITING = frozenset({IntervalState.PENDING, IntervalState.TO_VERIFY})


class Verdict(StrEnum):
    """What was in hand on the day of a conclusion, gravest first."""

    MISSING = "missing"
    SETTLED_LATE = "settled_late"
    WAITING = "waiting"
    WAIVED = "waived"
    GOOD = "good"
    NOT_ASKED = "not_asked"


_GRAVEST = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One conclusion of a contract. `settled_on`: the first day with all papers, where late."""

    on: date
    is_renewal: bool
    verdict: Verdict
    settled_on: date | None = None


def conclusion_days(contract: ContractFacts, *, today: date) -> tuple[date, ...]:
    """The signature and the tacit renewals up to `today`, the last of many, in order.

    The signature is there too when it lies ahead: its papers are asked before it.
    """
    renewed = contract.renewals(until=today)[-MOST_SHOWN:]
    return (contract.signed_on, *renewed)


def judge(day: date, duties: Iterable[Sequence[Interval]]) -> tuple[Verdict, date | None]:
    """The gravest verdict of all requirements on a day, and since when all was settled if late.

    `duties` are the intervals of each requirement, in order, as they read today.
    """
    found = [_judge_one(day, intervals) for intervals in duties]
    verdict = min((one for one, _ in found), key=_GRAVEST.index, default=Verdict.NOT_ASKED)
    settled = [on for one, on in found if one is Verdict.SETTLED_LATE and on is not None]
    return verdict, max(settled, default=None) if verdict is Verdict.SETTLED_LATE else None


def _judge_one(day: date, intervals: Sequence[Interval]) -> tuple[Verdict, date | None]:
    held = next((one for one in intervals if day in one.span), None)
    if held is None:
        return Verdict.NOT_ASKED, None
    if held.state in _GOOD:
        return Verdict.GOOD, None
    if held.state is IntervalState.WAIVED:
        return Verdict.WAIVED, None
    if held.state in _WAITING:
        return Verdict.WAITING, None
    later = (one.span.first for one in intervals if one.span.first > day and one.state in _GOOD)
    settled_on = min(later, default=None)
    return (Verdict.SETTLED_LATE, settled_on) if settled_on else (Verdict.MISSING, None)


@dataclass(frozen=True, slots=True)
class Conclusions:
    """A contract's conclusions, the last first, and its next tacit renewal if there is one."""

    past: tuple[Conclusion, ...]
    next_on: date | None


def conclusions_of(contract: Contract, *, today: date) -> Conclusions:
    """How a contract that the caller may see was concluded; one statement.

    Only what the law asks for is judged.
    """
    query = (
        select(Engagement.ended_on, Obligation.intervals)
        .outerjoin(
            Obligation,
            and_(Obligation.engagement_id == Engagement.id, Obligation.basis == Basis.LAW.value),
        )
        .where(Engagement.id == contract.engagement_id)
    )
    with reading() as session:
        rows = session.execute(query).all()
    duties = [intervals_on(row.intervals, today=today) for row in rows if row.intervals]
    facts = ended_with(contract_facts(contract), rows[0].ended_on)
    found = []
    for day in conclusion_days(facts, today=today):
        verdict, settled_on = judge(day, duties)
        found.append(Conclusion(day, day != facts.signed_on, verdict, settled_on))
    return Conclusions(tuple(found[::-1]), facts.next_renewal_after(today))
