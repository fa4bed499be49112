"""Since when the duty of vigilance runs towards one company, and which operations made it so."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supplier.kernel.database import reading
from supplier.vigilance.duties import ContractFacts, Duty, ThresholdMode, duty_under, operations
from supplier.vigilance.facts import load_contracts
from supplier.vigilance.rules import load_rule_book


@dataclass(frozen=True, slots=True)
class Crossing:
    """What is concluded with one company, against the threshold in force there on a day."""

    threshold: Decimal
    mode: ThresholdMode
    window_months: int
    duty: Duty
    work: tuple[ContractFacts, ...]

    @property
    def since(self) -> date | None:
        """The first day of the duty; None while the amounts stay below."""
        return self.duty.spans[0].first if self.duty.spans else None

    def holds(self, reference: str) -> bool:
        """Whether the operation with this reference is under the duty."""
        return any(
            reference == operation.reference
            or any(part.reference == reference for part in operation.parts)
            for operation, _ in self.duty.operations
        )


def crossing_of(
    engagement_id: uuid.UUID, *, supplier_id: uuid.UUID, buyer_id: uuid.UUID, today: date
) -> Crossing:
    """Whether and since when the threshold is crossed in one relation; two statements.

    The caller has made sure that the visitor may see the relation.
    """
    with reading() as session:
        rules = load_rule_book(session).rules(buyer_id, today)
        known = load_contracts(session, [supplier_id]).get(engagement_id, [])
    work = tuple(one.facts for one in known)
    return Crossing(
        threshold=rules.threshold,
        mode=rules.mode,
        window_months=rules.window_months,
        duty=duty_under(work, threshold=rules.limit, until=today),
        work=tuple(one.root for one in operations(work, threshold=rules.limit, until=today)),
    )
