"""What one supplier was given over twelve rolling months: by each group company, and by the group.

The law counts for each company that contracts (L8222-1); the sum of the group is what prudence
looks at beside it (DOMAIN rule 2). It changes no verdict.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from supplier.kernel.clock import add_months
from supplier.kernel.database import reading
from supplier.parties.models import Engagement
from supplier.vigilance.assessment import ended_with
from supplier.vigilance.duties import (
    ContractFacts,
    ContractKind,
    Threshold,
    increments,
    operations,
)
from supplier.vigilance.facts import load_contracts
from supplier.vigilance.states import Buyers

#: From here on the law asks for papers; the sum is measured by the law's own figures.
LAW = Threshold()


@dataclass(frozen=True, slots=True)
class Total:
    """Euros without tax concluded in the window, and what was counted for it.

    An order within a contract's amount is counted and adds nothing. `unknown` are contracts and
    orders that began in the window without an amount in euros: the sum is at least this.
    """

    amount: Decimal = Decimal(0)
    contracts: int = 0
    amendments: int = 0
    orders: int = 0
    renewals: int = 0
    unknown: int = 0

    def __add__(self, other: Total) -> Total:
        return Total(
            self.amount + other.amount, self.contracts + other.contracts,
            self.amendments + other.amendments, self.orders + other.orders,
            self.renewals + other.renewals, self.unknown + other.unknown,
        )  # fmt: skip

    @property
    def reaches(self) -> bool:
        """Whether the sum reaches the amount from which the law asks for papers."""
        return self.amount >= LAW.amount


def total_of(contracts: Iterable[ContractFacts], *, today: date) -> Total:
    """What was concluded in the twelve months that end on a day, that day included."""
    counted: Counter[str] = Counter()
    amount, signed = Decimal(0), set()
    for operation in operations(contracts, threshold=LAW, until=today):
        amount += sum(
            (grown for day, grown in increments(operation) if _in_window(day, today)), Decimal(0)
        )
        root = operation.root
        for one in (root, *operation.parts):
            if not _in_window(one.signed_on, today):
                continue
            is_renewal = one is root and root.reference in signed
            counted["renewals" if is_renewal else _COUNTED[one.kind]] += 1
            counted["unknown"] += one.amount_excl_tax is None
        signed.add(root.reference)
    return Total(amount, **counted)


_COUNTED = {
    ContractKind.SINGLE: "contracts",
    ContractKind.FRAMEWORK: "contracts",
    ContractKind.AMENDMENT: "amendments",
    ContractKind.ORDER: "orders",
}


def _in_window(day: date, today: date) -> bool:
    return day <= today < add_months(day, LAW.window_months)


@dataclass(frozen=True, slots=True)
class CompanyTotal:
    """The total of one company that works with the supplier."""

    buyer_id: uuid.UUID
    company: str
    total: Total


@dataclass(frozen=True, slots=True)
class GroupTotal:
    """The companies in sight, the largest first, and their sum."""

    companies: tuple[CompanyTotal, ...]

    @property
    def total(self) -> Total:
        return sum((one.total for one in self.companies), Total())

    @property
    def only_together(self) -> bool:
        """Whether the law's amount is reached by the sum alone, by no company for itself."""
        return self.total.reaches and not any(one.total.reaches for one in self.companies)


def group_total(supplier_id: uuid.UUID, *, buyers: Buyers, today: date) -> GroupTotal | None:
    """The totals of the companies in sight; None unless several work with the supplier.

    Two statements.
    """
    query = (
        select(Engagement)
        .where(Engagement.supplier_id == supplier_id)
        .options(joinedload(Engagement.buyer))
        .order_by(Engagement.started_on, Engagement.id)
    )
    if buyers is not None:
        query = query.where(Engagement.buyer_id.in_(buyers))
    with reading() as session:
        relations = session.scalars(query).all()
        if len({one.buyer_id for one in relations}) < 2:
            return None
        known = load_contracts(session, [supplier_id])
    names = {one.buyer_id: one.buyer.name for one in relations}
    work: dict[uuid.UUID, list[ContractFacts]] = {buyer_id: [] for buyer_id in names}
    for one in relations:
        facts = (contract.facts for contract in known.get(one.id, ()))
        work[one.buyer_id] += [ended_with(contract, one.ended_on) for contract in facts]
    found = [
        CompanyTotal(buyer_id, names[buyer_id], total_of(contracts, today=today))
        for buyer_id, contracts in work.items()
    ]
    found.sort(key=lambda one: (-one.total.amount, one.company))
    return GroupTotal(tuple(found))
