"""Whose nationals need a work permit in France: countries by ISO code, with their names."""

from __future__ import annotations

from babel import Locale

#: Free to work: European Union, European Economic Area, Switzerland (art. L5221-2 and R5221-2).
EUROPEAN_UNION = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR",
    "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO",
    "SE", "SI", "SK",
))  # fmt: skip
ECONOMIC_AREA = frozenset(("IS", "LI", "NO"))
#: Exempt by treaty or custom: Switzerland, and nationals of Monaco, Andorra and San Marino.
TREATIES = frozenset(("CH", "MC", "AD", "SM"))
WITHOUT_PERMIT = EUROPEAN_UNION | ECONOMIC_AREA | TREATIES
_NOT_COUNTRIES = frozenset((
    "EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "AC", "TA", "CP", "DG", "EA",
    "IC", "CQ",
))  # fmt: skip


def needs_permit(country: str) -> bool:
    """Whether nationals of this country (ISO 3166 code) are on the list of D8254-2.

    The United Kingdom is: its nationals need a permit since 1 January 2021.
    """
    return country.upper() not in WITHOUT_PERMIT


def countries(language: str) -> list[tuple[str, str]]:
    """Codes and names of all countries in a language (`fr`, `en`, `de`), in order of name."""
    names = Locale.parse(language).territories
    found = [
        (code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    ]
    return sorted(found, key=lambda pair: _folded(pair[1]))


def country_name(code: str, language: str = "fr") -> str:
    """The name of a country, or its code when the language has none."""
    return str(Locale.parse(language).territories.get(code.upper(), code))


def _folded(name: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
