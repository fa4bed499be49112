"""The dates papers print, in the languages of their makers. Nothing is ever guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from supplier.kernel.clock import is_plausible

_MONTHS = {
    "janvier": 1, "janv": 1, "jan": 1, "januar": 1, "january": 1, "jaenner": 1, "janner": 1,
    "fevrier": 2, "fevr": 2, "fev": 2, "februar": 2, "february": 2, "feb": 2,
    "mars": 3, "marz": 3, "maerz": 3, "march": 3, "mar": 3,
    "avril": 4, "avr": 4, "april": 4, "apr": 4,
    "mai": 5, "may": 5,
    "juin": 6, "juni": 6, "june": 6, "jun": 6,
    "juillet": 7, "juil": 7, "juli": 7, "july": 7, "jul": 7,
    "aout": 8, "august": 8, "aug": 8,
    "septembre": 9, "sept": 9, "september": 9, "sep": 9,
    "octobre": 10, "oct": 10, "oktober": 10, "october": 10, "okt": 10,
    "novembre": 11, "nov": 11, "november": 11,
    "decembre": 12, "dec": 12, "dezember": 12, "december": 12, "dez": 12,
}  # fmt: skip
#: The months of Italian, Spanish, Portuguese, Dutch and Polish papers, where not written as above.
_ABROAD = (
    "gennaio enero janeiro januari stycznia", "febbraio febrero fevereiro februari lutego",
    "marzo marco maart marca", "aprile abril kwietnia", "maggio mayo maio mei maja",
    "giugno junio junho czerwca", "luglio julio julho lipca", "agosto augustus sierpnia",
    "settembre septiembre setiembre setembro wrzesnia", "ottobre octubre outubro pazdziernika",
    "noviembre listopada", "dicembre diciembre dezembro grudnia",
)  # fmt: skip
_MONTHS |= {name: at for at, names in enumerate(_ABROAD, 1) for name in names.split()}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d{2}"
#: Long months by the letters that a poor scan leaves: no two share beginning and end.
_SPOILT = {
    r"jan[a-z|]{2,5}er": 1, r"f[ec]v[a-z|]{2,5}er": 2, r"jui[a-z|]{2,4}et": 7,
    r"sept[a-z|]{2,6}re": 9, r"oct[a-z|]{1,4}re": 10, r"nov[a-z|]{2,6}re": 11,
    r"d[ec]c[a-z|]{2,6}re": 12,
}  # fmt: skip
_GARBLED = "|".join(_SPOILT)

_FORMS = tuple(
    re.compile(source)
    for source in (
        # 29/10/2020, 30.09.2022, 31-12-2013, with the blanks of a scan; "1 2/03/2007" says no day.
        rf"(?<![\d/.])(?:(?<!\d )|(?=[0-3]\d))(?P<d>[0-3]?\d) ?(?P<s>[/.-]) ?"
        rf"(?P<m>(?:[01] ?)?\d) ?(?P=s) ?(?P<y>{_YEAR})(?!\d)",
        # 04.11.26
        r"(?<![\d/.-])(?P<d>[0-3]?\d)(?P<s>[/.-])(?P<m>[01]?\d)(?P=s)(?P<y>\d{2})(?![/.-]?\d)",
        # 2026-10-29
        rf"(?<!\d)(?P<y>{_YEAR})-(?P<m>[01]\d)-(?P<d>[0-3]\d)(?!\d)",
        # 1er janvier 2026, 27 octobre 2020, 14. september 2026, 1st march 2026
        rf"(?<!\d)(?P<d>[0-3]?\d) ?(?:er|ter|\.|st|nd|rd|th)? (?:of |de )?(?P<n>{_NAMES})\b\.?,? "
        rf"?(?:del? )?(?P<y>{_YEAR})(?!\d)",
        # "ler janvier 2026": how a scan reads 1er
        rf"\b(?P<d1>[li|])er (?P<n>{_NAMES})\b\.? (?P<y>{_YEAR})(?!\d)",
        # 31 deceiiwre 2026: a scan's long month, its beginning and its end right
        rf"(?<!\d)(?P<d>[0-3]?\d) ?(?P<g>{_GARBLED}) (?P<y>{_YEAR})(?!\d)",
        # september 14, 2026
        rf"\b(?P<n>{_NAMES})\.? (?P<d>[0-3]?\d)(?:st|nd|rd|th)?,? (?P<y>{_YEAR})(?!\d)",
    )
)
#: JJMMAA without separators, as some Urssaf certificates print their situation date.
_COMPACT = re.compile(r"(?<![\d.,])(?P<d>[0-3]\d)(?P<m>[01]\d)(?P<y>\d{2})(?![\d,])")


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date and the characters of the folded text that say it."""

    day: date
    start: int
    end: int


def find_dates(folded: str, *, compact: bool = False) -> list[DateFound]:
    """Every real calendar date in a folded text, in order; `compact` also reads 300920."""
    found = [item for form in _FORMS for item in _matches(form, folded)]
    if compact and not found:
        found = _matches(_COMPACT, folded)
    found.sort(key=lambda item: (item.start, -item.end))
    kept: list[DateFound] = []
    for item in found:
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def first_date(folded: str, *, compact: bool = False) -> DateFound | None:
    """The first date of a folded text, or None."""
    return next(iter(find_dates(folded, compact=compact)), None)


def _matches(form: re.Pattern[str], folded: str) -> list[DateFound]:
    found = []
    for match in form.finditer(folded):
        day = _date(match)
        if day:
            found.append(DateFound(day, match.start(), match.end()))
    return found


def _date(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    if parts.get("g"):
        month = next(n for form, n in _SPOILT.items() if re.fullmatch(form, parts["g"]))
    else:
        month = _MONTHS[parts["n"]] if parts.get("n") else int(parts["m"].replace(" ", ""))
    year = int(parts["y"])
    try:
        day = date(year + 2000 if year < 100 else year, month, int(parts.get("d") or 1))
    except ValueError:
        return None
    return day if is_plausible(day) else None
