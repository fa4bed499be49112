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


#: Parts of other states and places without a state: their people have another nationality.
_TERRITORIES = frozenset((
    "AI", "AQ", "AS", "AW", "AX", "BL", "BM", "BQ", "BV", "CC", "CK", "CW",
    "CX", "EH", "FK", "FO", "GF", "GG", "GI", "GL", "GP", "GS", "GU", "HK",
    "HM", "IM", "IO", "JE", "KY", "MF", "MO", "MP", "MQ", "MS", "NC", "NF",
    "NU", "PF", "PM", "PN", "PR", "RE", "SH", "SJ", "SX", "TC", "TF", "TK",
    "UM", "VG", "VI", "WF", "YT",
))  # fmt: skip


def needs_permit(country: str) -> bool:
    """Whether nationals of this country (ISO 3166 code) are on the list of D8254-2.

    The United Kingdom is: its nationals need a permit since 1 January 2021.
    """
    return country.upper() not in WITHOUT_PERMIT


def nationalities(language: str) -> list[tuple[str, str]]:
    """Codes and names of the states whose nationals a list may name, in order of name.

    In a language (`fr`, `en`, `de`). France is none of them; the states whose nationals need no
    permit are, so that whoever writes one down is told (DOMAIN rule 26).
    """
    names = Locale.parse(language).territories
    left_out = _NOT_COUNTRIES | _TERRITORIES | {"FR"}
    found = [
        (code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in left_out
    ]
    return sorted(found, key=lambda pair: _folded(pair[1]))


def country_name(code: str, language: str = "fr") -> str:
    """The name of a country, or its code when the language has none."""
    return str(Locale.parse(language).territories.get(code.upper(), code))


def _folded(name: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
