"""How a day is written in the languages of the pages, the mails and the printed papers. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime

from babel.dates import format_date, format_datetime

#: A day in a sentence, after the language.
LONG = {"fr": "d MMMM yyyy", "en": "d MMMM yyyy", "de": "d. MMMM yyyy"}
#: A day where the year goes without saying, and one where the month does as well.
SHORT = {"fr": "d MMM", "en": "d MMM", "de": "d. MMM"}
ALONE = {"fr": "d", "en": "d", "de": "d."}
_BEFORE_MONTH = re.compile(r"\b(\d{1,2}(?:er|\.)?) (?=[^\W\d])")
#: The number of the day, written as such; not `dd`, and not a letter of a quoted text.
_NUMBER = re.compile(r"(?<![a-zA-Z'])d(?![a-zA-Z'])")


def day_in(pattern: str, day: date, language: str) -> str:
    """`day` by a pattern of CLDR; French counts the first of the month: 1er décembre 2026."""
    return str(format_date(day, _counted(pattern, day, language), locale=language))


def instant_in(pattern: str, at: datetime, language: str) -> str:
    """The same for an instant, already on the clock of the reader."""
    return str(format_datetime(at, _counted(pattern, at, language), locale=language))


def long_day(day: date, language: str) -> str:
    """12 octobre 2026, 1er mars 2026."""
    return day_in(LONG[language], day, language)


def short_day(day: date, language: str) -> str:
    """3 Nov., on one line."""
    return held(day_in(SHORT[language], day, language))


def lone_day(day: date, language: str) -> str:
    """3, or 3. in German: the month stands nearby."""
    return day_in(ALONE[language], day, language)


def held(text: str) -> str:
    """The same words, whose line never ends between the number of the day and its month."""
    return _BEFORE_MONTH.sub("\\1\u00a0", text)


def _counted(pattern: str, day: date, language: str) -> str:
    return _NUMBER.sub("d'er'", pattern) if language == "fr" and day.day == 1 else pattern
