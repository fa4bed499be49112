"""What a supplier was given in twelve rolling months, by company and by the group."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.contracts.models import PurchaseOrder
from supplier.contracts.terms import Renewal
from supplier.kernel.database import new_id
from supplier.parties.models import Engagement
from supplier.vigilance.duties import ContractFacts, ContractKind
from supplier.vigilance.group_totals import Total, group_total, total_of
from tests.make import Maker

TODAY = date(2026, 11, 23)
FIRST = date(2025, 11, 24)
ORDER = ContractKind.ORDER


def facts(amount: str | None, on: date = TODAY, **more: object) -> ContractFacts:
    known = ContractFacts(
        reference=f"C-{on}-{amount}", signed_on=on,
        amount_excl_tax=None if amount is None else Decimal(amount),
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


def within(amount: str, kind: ContractKind, on: date = TODAY) -> ContractFacts:
    return facts(amount, on, reference=f"{kind}-{amount}", kind=kind, part_of="C-1")


@pytest.mark.parametrize(
    ("contracts", "total"),
    [
        ([], Total()),
        ([facts("3000"), facts("2000", FIRST)], Total(Decimal(5000), contracts=2)),
        # Twelve months to the day: the one of a year ago no longer counts, nor one to come.
        ([facts("3000", date(2025, 11, 23)), facts("2000", date(2026, 11, 24))], Total()),
        ([facts("700", kind=ORDER)], Total(Decimal(700), orders=1)),
        # Orders within the amount of their contract are counted and add nothing.
        ([facts("1000", reference="C-1"), within("900", ORDER)],
         Total(Decimal(1000), contracts=1, orders=1)),
        ([facts("1000", reference="C-1"), within("1500", ORDER)],
         Total(Decimal(1500), contracts=1, orders=1)),
        ([facts("1000", reference="C-1"), within("500", ContractKind.AMENDMENT)],
         Total(Decimal(1500), contracts=1, amendments=1)),
        ([facts(None, kind=ContractKind.FRAMEWORK)], Total(contracts=1, unknown=1)),
        # A renewal counts the amount anew.
        ([facts("900", date(2024, 1, 1), renewal=Renewal(date(2025, 1, 1), 12))],
         Total(Decimal(900), renewals=1)),
        ([facts("900", date(2026, 1, 1), renewal=Renewal(date(2026, 7, 1), 6))],
         Total(Decimal(1800), contracts=1, renewals=1)),
    ],
)  # fmt: skip
def test_what_was_concluded_in_twelve_months_is_added_up(
    contracts: list[ContractFacts], total: Total
) -> None:
    assert total_of(contracts, today=TODAY) == total


WORK = st.lists(
    st.builds(
        lambda number, amount, on: facts(str(amount), on, reference=f"C-{number}"),
        st.integers(1, 10**6), st.integers(1, 9000),
        st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    ),
    max_size=8, unique_by=lambda one: one.reference,
)  # fmt: skip


@given(WORK, WORK)
def test_the_sum_of_the_group_is_the_sum_of_its_companies(
    first: list[ContractFacts], second: list[ContractFacts]
) -> None:
    named = [replace(one, reference=f"{one.reference}-B") for one in second]
    apart = total_of(first, today=TODAY) + total_of(named, today=TODAY)
    assert total_of([*first, *named], today=TODAY) == apart


def test_a_supplier_of_one_company_has_no_sum_of_the_group(make: Maker) -> None:
    supplier = make.supplier()
    make.contract(make.engagement(supplier, make.buyer()))
    assert group_total(supplier.id, buyers=None, today=TODAY) is None


def order(make: Maker, engagement: Engagement, amount: str) -> None:
    make._add(
        PurchaseOrder(
            id=new_id(), engagement_id=engagement.id, supplier_id=engagement.supplier_id,
            buyer_id=engagement.buyer_id, reference=f"CO-{new_id().hex[:8]}",
            amount=Decimal(amount), ordered_on=date(2026, 10, 1), created_at=make.clock.at,
        )
    )  # fmt: skip


def test_only_the_companies_in_sight_are_counted(make: Maker) -> None:
    supplier = make.supplier()
    one, two, three = (make.engagement(supplier, make.buyer(name)) for name in "ABC")
    for relation, amount in ((one, "3000"), (two, "2500"), (three, "9000")):
        order(make, relation, amount)
    found = group_total(supplier.id, buyers=frozenset({one.buyer_id, two.buyer_id}), today=TODAY)
    assert found is not None
    assert [each.total.amount for each in found.companies] == [Decimal(3000), Decimal(2500)]
    assert (found.total, found.only_together) == (Total(Decimal(5500), orders=2), True)
    alone = group_total(supplier.id, buyers=frozenset({one.buyer_id}), today=TODAY)
    assert alone is None
    whole = group_total(supplier.id, buyers=None, today=TODAY)
    assert whole is not None
    assert (whole.total.amount, whole.only_together) == (Decimal(14500), False)
