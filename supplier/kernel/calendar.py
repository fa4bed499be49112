"""Which days are worked in France: not Saturdays, Sundays and public holidays."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """The national public holidays of a year (C. trav. L3133-1), without those of one region."""
    return frozenset(holidays.country_holidays("FR", years=year))


def is_working_day(day: date) -> bool:
    """Whether an office is open on this day."""
    return day.weekday() < SATURDAY and day not in public_holidays(day.year)


def next_working_day(day: date) -> date:
    """The day itself if it is worked, else the first worked day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
