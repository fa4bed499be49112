"""How the papers stood when a contract was concluded, and each time it renewed itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.kernel.clock import FixedClock
from supplier.kernel.database import transaction
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance import actions
from supplier.vigilance.conclusions import Verdict, conclusions_of, judge
from supplier.vigilance.coverage import Interval, IntervalState
from supplier.vigilance.spans import Span
from tests.make import Maker
from tests.vigilance.files import accepted

DAY = date(2026, 6, 1)
LATER = date(2026, 6, 20)
S = IntervalState


def intervals(*states: tuple[int, S]) -> tuple[Interval, ...]:
    """Intervals of so many days each, the first one from the day on."""
    found, first = [], DAY
    for days, state in states:
        last = first + timedelta(days=days - 1)
        found.append(Interval(Span(first, last), state))
        first = last + timedelta(days=1)
    return tuple(found)


@pytest.mark.parametrize(
    ("duties", "verdict", "settled_on"),
    [
        ([], Verdict.NOT_ASKED, None),
        ([intervals((30, S.COVERED))], Verdict.GOOD, None),
        ([intervals((30, S.EXPIRING))], Verdict.GOOD, None),
        ([intervals((30, S.WAIVED))], Verdict.WAIVED, None),
        ([intervals((30, S.PENDING))], Verdict.WAITING, None),
        ([intervals((30, S.TO_VERIFY))], Verdict.WAITING, None),
        ([intervals((30, S.GAP))], Verdict.MISSING, None),
        # A paper that covers the day came later; one that begins later settles it all the same.
        ([intervals((19, S.LATE), (9, S.COVERED))], Verdict.SETTLED_LATE, LATER),
        ([intervals((19, S.GAP), (9, S.EXPIRING))], Verdict.SETTLED_LATE, LATER),
        ([intervals((19, S.GAP), (9, S.WAIVED))], Verdict.MISSING, None),
        ([intervals((19, S.GAP), (9, S.TO_VERIFY))], Verdict.MISSING, None),
        # One paper that lacks to this day outweighs the one that came late.
        ([intervals((9, S.GAP), (9, S.COVERED)), intervals((30, S.GAP))], Verdict.MISSING, None),
        # All are there once the last has come.
        ([intervals((9, S.GAP), (30, S.COVERED)), intervals((19, S.LATE), (9, S.COVERED))],
         Verdict.SETTLED_LATE, LATER),
        ([intervals((30, S.COVERED)), intervals((19, S.GAP), (9, S.COVERED))],
         Verdict.SETTLED_LATE, LATER),
    ],
)  # fmt: skip
def test_the_day_of_a_conclusion_is_judged_by_what_was_in_hand(
    duties: list[tuple[Interval, ...]], verdict: Verdict, settled_on: date | None
) -> None:
    assert judge(DAY, duties) == (verdict, settled_on)


DUTIES = st.lists(
    st.lists(st.tuples(st.integers(1, 40), st.sampled_from(S)), min_size=1, max_size=5).map(
        lambda parts: intervals(*parts)
    ),
    max_size=4,
)


@given(DUTIES, st.integers(0, 60))
def test_nothing_that_comes_later_makes_a_conclusion_good(
    duties: list[tuple[Interval, ...]], days: int
) -> None:
    day = DAY + timedelta(days=days)
    verdict, settled_on = judge(day, duties)
    held = [one.state for duty in duties for one in duty if day in one.span]
    if verdict is Verdict.GOOD:
        assert set(held) <= {S.COVERED, S.EXPIRING}
    if {S.GAP, S.LATE, S.GAP_TO_COME} & set(held):
        assert verdict in {Verdict.MISSING, Verdict.SETTLED_LATE}
    assert (settled_on is not None) == (verdict is Verdict.SETTLED_LATE)
    assert settled_on is None or settled_on > day


@pytest.fixture
def engagement(make: Maker) -> Engagement:
    return make.engagement(make.supplier(), make.buyer(), started_on=date(2025, 6, 1))


def refresh(engagement: Engagement, clock: FixedClock, today: date) -> None:
    with transaction() as session:
        actions.refresh(session, engagement.supplier_id, today=today, now=clock.at)


def test_a_renewal_without_papers_is_settled_late_by_those_that_follow(
    make: Maker, engagement: Engagement, clock: FixedClock
) -> None:
    contract = make.contract(
        engagement, signed_on=date(2025, 6, 1), starts_on=date(2025, 6, 1), ends_on=None,
        renews_on=DAY, renews_months=12,
    )  # fmt: skip
    with transaction() as session:
        supplier = session.get_one(Supplier, engagement.supplier_id)
    for kind in ("urssaf_vigilance", "kbis", "foreign_workers_none"):
        accepted(supplier, kind, issued_on=date(2026, 6, 20))
    today = date(2026, 11, 23)
    refresh(engagement, clock, today)
    found = conclusions_of(contract, today=today)
    renewal, signature = found.past
    assert (renewal.on, renewal.is_renewal) == (DAY, True)
    assert (renewal.verdict, renewal.settled_on) == (Verdict.SETTLED_LATE, date(2026, 6, 20))
    assert (signature.on, signature.is_renewal) == (date(2025, 6, 1), False)
    assert found.next_on == date(2027, 6, 1)


def test_a_relation_that_ended_renews_nothing(make: Maker, clock: FixedClock) -> None:
    ended = make.engagement(
        make.supplier(), make.buyer("Autre"), started_on=date(2024, 1, 1), ended_on=date(2026, 2, 1)
    )
    contract = make.contract(
        ended, signed_on=date(2024, 1, 1), starts_on=date(2024, 1, 1), ends_on=None,
        renews_on=date(2025, 1, 1), renews_months=12,
    )  # fmt: skip
    refresh(ended, clock, date(2029, 1, 1))
    found = conclusions_of(contract, today=date(2029, 1, 1))
    assert [one.on for one in found.past] == [
        date(2026, 1, 1), date(2025, 1, 1), date(2024, 1, 1)
    ]  # fmt: skip
    assert found.next_on is None
