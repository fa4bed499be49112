"""When the duty of vigilance runs: contracts and orders of one buyer against the threshold.

C. trav. L8222-1 and R8222-1: for each operation of at least 5 000 € excluding tax, from its
conclusion to the end of its execution. Which orders make one operation is a setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from supplier.contracts.terms import Renewal
from supplier.kernel.clock import add_months
from supplier.kernel.i18n import N_
from supplier.vigilance.spans import Span, before, span_or_none, union


class ContractKind(StrEnum):
    SINGLE = "single"
    #: No amount of its own: orders are placed under it.
    FRAMEWORK = "framework"
    ORDER = "order"
    #: Adds to the amount of the contract that it is part of.
    AMENDMENT = "amendment"


class ThresholdMode(StrEnum):
    """How orders are added up (DOMAIN rule 2)."""

    #: Each operation alone; orders under one contract are one operation.
    STRICT = "strict"
    #: All that was concluded with this buyer in twelve rolling months.
    PRUDENT = "prudent"
    #: From the first euro.
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract, an order or an amendment; amounts in euros excluding tax, days are Paris days.

    `part_of` is the reference of the contract that an order or an amendment belongs to.
    """

    reference: str
    signed_on: date
    kind: ContractKind = ContractKind.SINGLE
    amount_excl_tax: Decimal | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    terminated_on: date | None = None
    #: Opening of the building site, where an insurance must cover it.
    site_opened_on: date | None = None
    part_of: str | None = None
    #: It renews itself tacitly, until somebody ends it.
    renewal: Renewal | None = None

    @property
    def end_of_work(self) -> date | None:
        """The last day of the work; None while no end is known."""
        return min((day for day in (self.ends_on, self.terminated_on) if day), default=None)

    def renewals(self, *, until: date) -> tuple[date, ...]:
        """The days up to `until` on which it renewed itself, the work going on."""
        if self.renewal is None:
            return ()
        days = self.renewal.days(until=min(until, self.end_of_work or until))
        return tuple(day for day in days if day > self.signed_on)

    def next_renewal_after(self, day: date) -> date | None:
        """The first day after `day` on which it renews itself; None where it ends before."""
        if self.renewal is None:
            return None
        following = self.renewal.next_after(max(day, self.signed_on))
        return following if following <= (self.end_of_work or following) else None


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which amount, added up how. `order_months` is our policy, the law gives no end."""

    amount: Decimal = Decimal(5000)
    mode: ThresholdMode = ThresholdMode.PRUDENT
    window_months: int = 12
    #: An order without an end date is held to run so long.
    order_months: int = 12


class TriggerKind(StrEnum):
    NO_AMOUNT = "no_amount"
    AMOUNT = "amount"
    ROLLING_SUM = "rolling_sum"
    FIRST_EURO = "first_euro"


#: Why the papers are asked, for the supplier to read.
TRIGGER_TEXTS: dict[TriggerKind, str] = {
    TriggerKind.NO_AMOUNT: N_(
        "%(reference)s has no fixed amount: the papers are due from its conclusion."
    ),
    TriggerKind.AMOUNT: N_(
        "%(reference)s reaches %(amount)s € excluding tax, the amount from which the law asks "
        "for these papers."
    ),
    TriggerKind.ROLLING_SUM: N_(
        "With %(reference)s, orders over twelve months reach %(amount)s € excluding tax."
    ),
    TriggerKind.FIRST_EURO: N_(
        "%(reference)s: this company asks for the papers from the first euro."
    ),
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """What made the duty begin: the contract, the day, and the amount reached that day."""

    kind: TriggerKind
    reference: str
    on: date
    amount: Decimal | None = None

    @property
    def sentence(self) -> str:
        """A marked message, to be filled with `values`."""
        return TRIGGER_TEXTS[self.kind]

    @property
    def values(self) -> dict[str, str]:
        return {"reference": self.reference, "amount": str(self.amount or "")}


@dataclass(frozen=True, slots=True)
class Operation:
    """One piece of work: a contract with its amendments and the orders placed under it.

    A contract that renews itself is one operation a term: a tacit renewal is a new conclusion
    (DOMAIN rule 9, our reading), and its amount counts anew for the term that it begins.
    """

    root: ContractFacts
    parts: tuple[ContractFacts, ...]
    ends_on: date | None

    @property
    def reference(self) -> str:
        return self.root.reference

    @property
    def work(self) -> Span | None:
        """From the conclusion to the end of the work; None when it ended before it began."""
        return span_or_none(self.root.signed_on, self.ends_on)

    @property
    def has_unknown_amount(self) -> bool:
        return self.root.amount_excl_tax is None


@dataclass(frozen=True, slots=True)
class Duty:
    """When the duty runs, what made it begin first, and which operations are under it."""

    spans: tuple[Span, ...] = ()
    trigger: Trigger | None = None
    operations: tuple[tuple[Operation, Span], ...] = ()


def operations(
    contracts: Iterable[ContractFacts], *, threshold: Threshold, until: date
) -> list[Operation]:
    """Contracts with what belongs to them, in order of conclusion; renewals up to `until`."""
    facts = sorted(contracts, key=lambda contract: (contract.signed_on, contract.reference))
    roots = {one.reference for one in facts if one.part_of is None}
    # What names a contract that is not known stands alone: it is never dropped.
    parts = [one for one in facts if one.part_of in roots]
    return [
        _operation(term, own, threshold)
        for one in facts
        if one not in parts
        for term, own in _terms(
            one, [part for part in parts if part.part_of == one.reference], until=until
        )
    ]


def _terms(
    root: ContractFacts, parts: Sequence[ContractFacts], *, until: date
) -> Iterable[tuple[ContractFacts, list[ContractFacts]]]:
    """A contract cut at its renewals, each term with what was signed within it.

    A term is worth the contract's amount with the amendments before it. The last one runs on to
    the end of the contract: it goes on unless somebody ends it.
    """
    term, rest = root, list(parts)
    for day in root.renewals(until=until):
        own = [part for part in rest if part.signed_on < day]
        yield replace(term, ends_on=before(day)), own
        rest = [part for part in rest if part.signed_on >= day]
        term = replace(term, signed_on=day, starts_on=day, amount_excl_tax=_amended(term, own))
    yield term, rest


def _amended(term: ContractFacts, parts: Iterable[ContractFacts]) -> Decimal | None:
    """What the next term is worth; without an amount it stays without one."""
    if term.amount_excl_tax is None:
        return None
    added = (one.amount_excl_tax for one in parts if one.kind is ContractKind.AMENDMENT)
    return term.amount_excl_tax + sum((one for one in added if one), Decimal(0))


def _operation(
    root: ContractFacts, parts: Sequence[ContractFacts], threshold: Threshold
) -> Operation:
    end = root.end_of_work
    if end is None and root.kind is ContractKind.ORDER:
        end = add_months(root.signed_on, threshold.order_months) - timedelta(days=1)
    return Operation(root, tuple(parts), end)


def increments(operation: Operation) -> list[tuple[date, Decimal]]:
    """The days on which the value of an operation grew, and by how much.

    Its value is the contract's amount with its amendments, or the orders placed under it when
    they come to more: orders within the amount are not counted twice.
    """
    fixed = operation.root.amount_excl_tax or Decimal(0)
    ordered, value = Decimal(0), fixed
    found = [(operation.root.signed_on, fixed)]
    for part in operation.parts:
        amount = part.amount_excl_tax or Decimal(0)
        if part.kind is ContractKind.AMENDMENT:
            fixed += amount
        else:
            ordered += amount
        found.append((part.signed_on, max(fixed, ordered) - value))
        value = max(fixed, ordered)
    return [(day, amount) for day, amount in found if amount]


def duty_under(contracts: Iterable[ContractFacts], *, threshold: Threshold, until: date) -> Duty:
    """When the duty of vigilance runs for one supplier and one buyer, renewals seen to `until`.

    Each operation comes under it on the first day that one of the rules says so, and stays to
    the end of its work ("périodiquement jusqu'à la fin de l'exécution du contrat").
    """
    found = operations(contracts, threshold=threshold, until=until)
    triggers = [_alone(operation, threshold) for operation in found]
    if threshold.mode is ThresholdMode.PRUDENT:
        triggers += _together(found, threshold)
    first: dict[Operation, Trigger] = {}
    for operation, trigger in sorted(
        (entry for entry in triggers if entry), key=lambda entry: entry[1].on
    ):
        first.setdefault(operation, trigger)
    return _duty(first.items())


def _duty(entries: Iterable[tuple[Operation, Trigger]]) -> Duty:
    under: list[tuple[Operation, Span, Trigger]] = []
    for operation, trigger in entries:
        span = span_or_none(trigger.on, operation.ends_on)
        if span is not None:
            under.append((operation, span, trigger))
    if not under:
        return Duty()
    return Duty(
        spans=union(span for _, span, _ in under),
        trigger=under[0][2],
        operations=tuple((operation, span) for operation, span, _ in under),
    )


def _alone(operation: Operation, threshold: Threshold) -> tuple[Operation, Trigger] | None:
    """The day on which an operation calls for the papers by itself."""
    signed_on, reference = operation.root.signed_on, operation.reference
    if threshold.mode is ThresholdMode.ALWAYS:
        return operation, Trigger(TriggerKind.FIRST_EURO, reference, signed_on)
    if operation.has_unknown_amount:
        return operation, Trigger(TriggerKind.NO_AMOUNT, reference, signed_on)
    value = Decimal(0)
    for day, amount in increments(operation):
        value += amount
        if value >= threshold.amount:
            return operation, Trigger(TriggerKind.AMOUNT, reference, day, value)
    return None


def _together(
    found: Sequence[Operation], threshold: Threshold
) -> Iterable[tuple[Operation, Trigger]]:
    """The days on which operations concluded within the rolling window reach the threshold."""
    grown = sorted(
        ((day, amount, operation) for operation in found for day, amount in increments(operation)),
        key=lambda entry: (entry[0], entry[2].reference),
    )
    for day, entries in groupby(grown, key=lambda entry: entry[0]):
        window = [
            entry
            for entry in grown
            if entry[0] <= day < add_months(entry[0], threshold.window_months)
        ]
        total = sum((amount for _, amount, _ in window), Decimal(0))
        if total >= threshold.amount:
            last = list(entries)[-1][2].reference
            trigger = Trigger(TriggerKind.ROLLING_SUM, last, day, total)
            yield from ((operation, trigger) for _, _, operation in window)
