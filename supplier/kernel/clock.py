"""The only place that asks the machine what time it is, and the words we use for legal days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

PARIS = ZoneInfo("Europe/Paris")
#: Days that can stand in a business paper. Further out ("31/12/9999"), months and days added to
#: a day leave the calendar, and a day has no instant in every time zone.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands where it is put: `clock.at = …` moves it (tests, demo)."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def legal_day(now: datetime, *, zone: str = "Europe/Paris") -> date:
    """The calendar day of an instant where the law is applied (default Europe/Paris).

    Raises ValueError on a naive instant: a legal date is never guessed.
    """
    if now.tzinfo is None:
        raise ValueError("a legal day needs an aware instant")
    return now.astimezone(_zone(zone)).date()


def is_plausible(day: date) -> bool:
    """Whether a day that somebody wrote or printed can be meant and reckoned with."""
    return FIRST_DAY <= day <= LAST_DAY


def add_months(day: date, months: int) -> date:
    """The same day `months` later, clipped to the month's end (31 August + 6 = 28 February)."""
    return day + relativedelta(months=months)


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February in a common year."""
    return day + relativedelta(years=years)


def end_of_month(day: date) -> date:
    """The last day of the month that holds `day`."""
    return day + relativedelta(day=31)


def days_between(first: date, last: date) -> int:
    """Whole days from `first` to `last`; negative when `last` is before."""
    return (last - first) // timedelta(days=1)
