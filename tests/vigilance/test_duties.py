"""When the duty of vigilance runs: the threshold of 5 000 € in its three modes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.contracts.terms import Renewal
from supplier.kernel.clock import add_months
from supplier.vigilance.duties import (
    ContractFacts,
    ContractKind,
    Threshold,
    ThresholdMode,
    TriggerKind,
    duty_under,
    increments,
    operations,
)
from supplier.vigilance.spans import OPEN, Span, count_days, subtract, union

STRICT = Threshold(mode=ThresholdMode.STRICT)
PRUDENT = Threshold(mode=ThresholdMode.PRUDENT)
ALWAYS = Threshold(mode=ThresholdMode.ALWAYS)
SIGNED = date(2026, 3, 1)
END = date(2026, 12, 31)
TODAY = date(2026, 11, 23)


def contract(amount: str | None = "5000", **facts: object) -> ContractFacts:
    base = ContractFacts(
        reference="C-1",
        signed_on=SIGNED,
        amount_excl_tax=None if amount is None else Decimal(amount),
        ends_on=END,
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def order(amount: str, signed_on: date, reference: str = "", **facts: object) -> ContractFacts:
    return contract(
        amount,
        reference=reference or f"O-{signed_on}",
        kind=ContractKind.ORDER,
        signed_on=signed_on,
        ends_on=None,
        **facts,
    )


@pytest.mark.parametrize(
    ("amount", "required"),
    [("5000", True), ("5000.00", True), ("4999.99", False), ("0", False), (None, True)],
)
@pytest.mark.parametrize("threshold", [STRICT, PRUDENT])
def test_five_thousand_euros_count_from_the_first_cent_of_equality(
    amount: str | None, required: bool, threshold: Threshold
) -> None:
    assert bool(duty_under([contract(amount)], threshold=threshold, until=TODAY).spans) is required


def test_from_the_first_euro_any_contract_counts() -> None:
    duty = duty_under([contract("1")], threshold=ALWAYS, until=TODAY)
    assert duty.spans == (Span(SIGNED, END),)
    assert duty.trigger is not None
    assert duty.trigger.kind is TriggerKind.FIRST_EURO


def test_the_duty_runs_from_conclusion_to_the_end_of_the_work() -> None:
    early = contract(starts_on=date(2026, 4, 1), terminated_on=date(2026, 6, 30))
    assert duty_under([early], threshold=STRICT, until=TODAY).spans == (
        Span(SIGNED, date(2026, 6, 30)),
    )


def test_without_an_end_the_duty_goes_on() -> None:
    assert duty_under([contract(ends_on=None)], threshold=STRICT, until=TODAY).spans == (
        Span(SIGNED, OPEN),
    )


def test_a_contract_terminated_before_it_began_owes_nothing() -> None:
    cancelled = contract(terminated_on=SIGNED - timedelta(days=1))
    assert duty_under([cancelled], threshold=ALWAYS, until=TODAY).spans == ()


def test_a_framework_without_an_amount_is_under_the_duty() -> None:
    framework = contract(None, kind=ContractKind.FRAMEWORK)
    duty = duty_under([framework], threshold=STRICT, until=TODAY)
    assert duty.spans == (Span(SIGNED, END),)
    assert duty.trigger is not None
    assert duty.trigger.kind is TriggerKind.NO_AMOUNT


def test_an_amendment_that_crosses_the_threshold_starts_the_duty_that_day() -> None:
    crossed_on = date(2026, 5, 4)
    amendment = contract(
        "2000",
        reference="C-1/A1",
        kind=ContractKind.AMENDMENT,
        part_of="C-1",
        signed_on=crossed_on,
    )
    duty = duty_under([contract("4000"), amendment], threshold=STRICT, until=TODAY)
    assert duty.spans == (Span(crossed_on, END),)
    assert duty.trigger is not None
    assert (duty.trigger.on, duty.trigger.amount) == (crossed_on, Decimal(6000))


def test_strict_mode_adds_up_the_orders_of_one_contract_only() -> None:
    small = contract("1000")
    within = [
        order("3000", date(2026, 4, 1), part_of="C-1"),
        order("2500", date(2026, 5, 1), part_of="C-1"),
    ]
    assert duty_under([small, *within], threshold=STRICT, until=TODAY).spans == (
        Span(date(2026, 5, 1), END),
    )
    apart = [order("3000", date(2026, 4, 1)), order("2500", date(2026, 5, 1))]
    assert duty_under(apart, threshold=STRICT, until=TODAY).spans == ()


def test_prudent_mode_finds_the_day_on_which_twelve_months_reach_the_threshold() -> None:
    orders = [
        order("2000", date(2026, 1, 10)),
        order("2000", date(2026, 6, 10)),
        order("1000", date(2026, 9, 1)),
        order("500", date(2026, 10, 1)),
    ]
    duty = duty_under(orders, threshold=PRUDENT, until=TODAY)
    assert duty.trigger is not None
    assert duty.trigger.on == date(2026, 9, 1)
    assert duty.trigger.kind is TriggerKind.ROLLING_SUM
    assert duty.trigger.amount == Decimal(5000)
    assert duty.spans == (Span(date(2026, 9, 1), date(2027, 9, 30)),)
    assert duty_under(orders[:2], threshold=PRUDENT, until=TODAY).spans == ()


@pytest.mark.parametrize(
    ("second_on", "together"),
    [(date(2027, 1, 9), True), (date(2027, 1, 10), False), (date(2026, 1, 10), True)],
)
def test_the_window_is_twelve_months_to_the_day(second_on: date, together: bool) -> None:
    orders = [order("3000", date(2026, 1, 10), "O-1"), order("3000", second_on, "O-2")]
    assert bool(duty_under(orders, threshold=PRUDENT, until=TODAY).spans) is together


def test_a_contract_of_the_window_that_has_ended_is_not_woken_up() -> None:
    ended = contract("4000", reference="C-0", ends_on=date(2026, 3, 31))
    running = contract("1500", reference="C-2", signed_on=date(2026, 6, 1))
    duty = duty_under([ended, running], threshold=PRUDENT, until=TODAY)
    assert duty.spans == (Span(date(2026, 6, 1), END),)


def test_orders_within_the_amount_of_their_contract_are_not_counted_twice() -> None:
    parts = [order("2000", date(2026, 4, 1), part_of="C-1")]
    assert duty_under([contract("4000"), *parts], threshold=PRUDENT, until=TODAY).spans == ()


def test_an_order_that_names_an_unknown_contract_is_not_lost() -> None:
    lost = order("6000", date(2026, 4, 1), part_of="C-404")
    assert duty_under([lost], threshold=STRICT, until=TODAY).spans


def test_an_order_under_an_order_is_not_lost() -> None:
    first = order("100", date(2026, 4, 1), "O-1", part_of="C-1")
    second = order("9000", date(2026, 5, 1), "O-2", part_of="O-1")
    assert duty_under([contract("10"), first, second], threshold=STRICT, until=TODAY).spans


def test_an_order_without_an_end_runs_for_the_months_of_the_policy() -> None:
    one = order("6000", date(2028, 2, 29))
    assert duty_under([one], threshold=STRICT, until=TODAY).spans == (
        Span(date(2028, 2, 29), date(2029, 2, 27)),
    )


AMOUNTS = st.integers(1, 9000).map(Decimal)
CONTRACTS = st.lists(
    st.builds(
        lambda at, amount, days: ContractFacts(
            reference=f"C-{at}-{amount}-{days}",
            signed_on=SIGNED + timedelta(days=at),
            amount_excl_tax=amount,
            ends_on=SIGNED + timedelta(days=at + days),
        ),
        st.integers(0, 700),
        AMOUNTS,
        st.integers(0, 500),
    ),
    max_size=7,
)


@given(CONTRACTS)
def test_prudence_never_asks_for_less(contracts: list[ContractFacts]) -> None:
    strict, prudent, always = (
        duty_under(contracts, threshold=threshold, until=TODAY).spans
        for threshold in (STRICT, PRUDENT, ALWAYS)
    )
    assert not subtract(strict, prudent)
    assert not subtract(prudent, always)


@given(CONTRACTS)
def test_no_duty_outside_the_work(contracts: list[ContractFacts]) -> None:
    work = [one.work for one in operations(contracts, threshold=PRUDENT, until=TODAY) if one.work]
    assert not subtract(duty_under(contracts, threshold=PRUDENT, until=TODAY).spans, work)


@given(CONTRACTS, st.integers(1, 9000), st.integers(1, 9000))
def test_a_higher_threshold_never_asks_for_more(
    contracts: list[ContractFacts], one: int, other: int
) -> None:
    low, high = sorted((one, other))
    wide = duty_under(contracts, threshold=replace(PRUDENT, amount=Decimal(low)), until=TODAY).spans
    narrow = duty_under(
        contracts, threshold=replace(PRUDENT, amount=Decimal(high)), until=TODAY
    ).spans
    assert not subtract(narrow, wide)


@given(CONTRACTS)
def test_the_rolling_sum_agrees_with_a_sum_made_day_by_day(contracts: list[ContractFacts]) -> None:
    duty = duty_under(contracts, threshold=PRUDENT, until=TODAY)
    crossed = [
        one.signed_on
        for one in contracts
        if sum(
            other.amount_excl_tax or 0
            for other in contracts
            if other.signed_on <= one.signed_on < _a_year_after(other.signed_on)
        )
        >= 5000
    ]
    assert (duty.trigger.on if duty.trigger else None) == min(crossed, default=None)


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1)


@given(CONTRACTS)
def test_the_value_of_an_operation_is_the_sum_of_its_growth(contracts: list[ContractFacts]) -> None:
    for operation in operations(contracts, threshold=STRICT, until=TODAY):
        assert sum(amount for _, amount in increments(operation)) == operation.root.amount_excl_tax


@given(CONTRACTS)
def test_days_are_counted_once(contracts: list[ContractFacts]) -> None:
    duty = duty_under(contracts, threshold=ALWAYS, until=TODAY)
    days = {
        one.signed_on + timedelta(days=n)
        for one in contracts
        for n in range(((one.ends_on or SIGNED) - one.signed_on).days + 1)
    }
    assert count_days(duty.spans) == len(days)


YEARLY = Renewal(date(2027, 3, 1), 12)


def renewing(amount: str | None = "4000", **facts: object) -> ContractFacts:
    return contract(amount, **{"ends_on": None, "renewal": YEARLY, **facts})


def test_each_renewal_is_a_conclusion_of_its_own() -> None:
    found = operations([renewing("9000")], threshold=STRICT, until=date(2028, 3, 1))
    assert [one.work for one in found] == [
        Span(SIGNED, date(2027, 2, 28)),
        Span(date(2027, 3, 1), date(2028, 2, 29)),
        Span(date(2028, 3, 1), OPEN),
    ]


@pytest.mark.parametrize(
    ("amount", "months", "threshold", "since"),
    [
        # Each term counts its amount anew: two years of 4 000 € are not one contract of 8 000 €.
        ("4000", 12, STRICT, None),
        ("4000", 12, PRUDENT, None),
        ("4000", 6, STRICT, None),
        # Two terms within twelve rolling months.
        ("4000", 6, PRUDENT, date(2026, 9, 1)),
        ("5000", 12, STRICT, SIGNED),
        ("1", 12, ALWAYS, SIGNED),
        (None, 12, STRICT, SIGNED),
    ],
)
def test_the_amount_counts_anew_with_each_term(
    amount: str | None, months: int, threshold: Threshold, since: date | None
) -> None:
    renewal = Renewal(add_months(SIGNED, months), months)
    one = renewing(amount, renewal=renewal)
    duty = duty_under([one], threshold=threshold, until=date(2029, 1, 1))
    assert duty.spans == ((Span(since, OPEN),) if since else ())


def test_a_contract_renews_itself_as_it_was_amended() -> None:
    amendment = contract(
        "1500", reference="C-1/A1", kind=ContractKind.AMENDMENT, part_of="C-1",
        signed_on=date(2027, 1, 10),
    )  # fmt: skip
    first, second = operations(
        [renewing("4000"), amendment], threshold=STRICT, until=date(2027, 3, 1)
    )
    assert first.parts == (amendment,)
    assert (second.root.amount_excl_tax, second.parts) == (Decimal(5500), ())


def test_an_order_belongs_to_the_term_in_which_it_was_placed() -> None:
    orders = [order("3000", date(2027, 2, 28), part_of="C-1"),
              order("3000", date(2027, 3, 1), part_of="C-1")]  # fmt: skip
    terms = operations([renewing("1000"), *orders], threshold=STRICT, until=TODAY_LATER)
    assert [len(one.parts) for one in terms] == [1, 1]
    assert not duty_under([renewing("1000"), *orders], threshold=STRICT, until=TODAY_LATER).spans


TODAY_LATER = date(2027, 6, 1)


@pytest.mark.parametrize("end", ["ends_on", "terminated_on"])
def test_nothing_is_renewed_after_the_contract_ended(end: str) -> None:
    ended = replace(renewing(), **{end: date(2028, 2, 29)})  # type: ignore[arg-type]
    assert ended.renewals(until=date(2035, 1, 1)) == (date(2027, 3, 1),)
    assert ended.next_renewal_after(date(2027, 3, 1)) is None
    terms = operations([ended], threshold=STRICT, until=date(2035, 1, 1))
    assert terms[-1].work == Span(date(2027, 3, 1), date(2028, 2, 29))


@given(
    CONTRACTS, st.integers(1, 36), st.integers(1, 500), st.integers(0, 2000),
    st.sampled_from([STRICT, PRUDENT, ALWAYS]),
)  # fmt: skip
def test_terms_follow_each_other_and_make_up_the_work(
    contracts: list[ContractFacts], months: int, after: int, ahead: int, threshold: Threshold
) -> None:
    renewed = [
        replace(one, renewal=Renewal(one.signed_on + timedelta(days=after), months))
        for one in contracts
    ]
    until = SIGNED + timedelta(days=ahead)
    terms = [one.work for one in operations(renewed, threshold=threshold, until=until) if one.work]
    whole = [one.work for one in operations(contracts, threshold=threshold, until=until)]
    assert union(terms) == union(one for one in whole if one)
    duty = duty_under(renewed, threshold=threshold, until=until)
    assert not subtract(duty.spans, terms)
    first_days = {one.signed_on for one in renewed}
    for term in terms:
        assert term.first in first_days or term.first <= until
