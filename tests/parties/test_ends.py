"""When a relation may be said to be over: the rule alone, on any days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.kernel.clock import add_months
from supplier.kernel.errors import DomainError
from supplier.kernel.registers import Sign
from supplier.parties.ends import EarlyEndError, refuse_end

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
DAYS = st.dates(date(2010, 1, 1), date(2040, 12, 31))
SIGNS = st.lists(st.builds(Sign, day=DAYS, words=st.just("%(name)s"), name=st.text()), max_size=6)


def is_taken(ended_on: date, started_on: date, signs: list[Sign], today: date = TODAY) -> bool:
    try:
        refuse_end(ended_on, started_on=started_on, signs=signs, today=today)
    except DomainError:
        return False
    return True


@given(DAYS, DAYS, SIGNS, DAYS)
def test_an_end_is_taken_between_the_last_sign_and_a_year_ahead_and_nowhere_else(
    ended_on: date, started_on: date, signs: list[Sign], today: date
) -> None:
    first = max([started_on, *(sign.day for sign in signs)])
    within = first <= ended_on <= add_months(today, 12)
    assert is_taken(ended_on, started_on, signs, today) is within


@given(
    st.dates(date(2010, 1, 1), add_months(TODAY, 12)), st.integers(0, 2000),
    st.lists(st.integers(1, 3000), min_size=1, max_size=4), SIGNS,
)  # fmt: skip
def test_the_refusal_names_the_latest_sign(
    ended_on: date, before: int, after: list[int], signs: list[Sign]
) -> None:
    later = [Sign(ended_on + days * DAY, "%(name)s", str(days)) for days in after]
    with pytest.raises(EarlyEndError) as early:
        refuse_end(
            ended_on, started_on=ended_on - before * DAY, signs=[*signs, *later], today=TODAY
        )
    assert early.value.sign.day == max(sign.day for sign in (*signs, *later))


@given(DAYS, DAYS, SIGNS, SIGNS)
def test_more_on_file_never_allows_an_earlier_end(
    ended_on: date, started_on: date, signs: list[Sign], more: list[Sign]
) -> None:
    if is_taken(ended_on, started_on, [*signs, *more]):
        assert is_taken(ended_on, started_on, signs)


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 11, 23), date(2027, 11, 23)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 2, 28), date(2028, 2, 28)),
    ],
)
def test_an_end_is_announced_a_year_ahead_at_most(today: date, last: date) -> None:
    assert is_taken(last, date(2020, 1, 1), [], today)
    assert not is_taken(last + DAY, date(2020, 1, 1), [], today)
