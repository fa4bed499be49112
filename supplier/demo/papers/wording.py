"""How papers write days, amounts and numbers, in French and German."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from supplier.kernel.identifiers import rib_key

PARIS = ZoneInfo("Europe/Paris")

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def slashed(day: date) -> str:
    """29/10/2026."""
    return f"{day:%d/%m/%Y}"


def dotted(day: date) -> str:
    """29.10.2026."""
    return f"{day:%d.%m.%Y}"


def compact(day: date) -> str:
    """291026: as one Urssaf form prints the day of the situation."""
    return f"{day:%d%m%y}"


def in_words(day: date, *, first: str = "1er") -> str:
    """29 octobre 2026; the first of a month is written `first`."""
    number = first if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def month_in_words(day: date) -> str:
    """octobre 2026."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def at_time(day: date, moment: time, *, days: int = 0) -> datetime:
    """That moment of the day (or some days later) in Paris, as an aware instant."""
    return datetime.combine(day + timedelta(days=days), moment, tzinfo=PARIS)


def noon(day: date) -> datetime:
    """Midday of a day, for papers that print no time."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def amount(value: Decimal) -> str:
    """2 963 000,00: thousands by plain blanks, as the papers themselves do."""
    return f"{value:,.2f}".replace(",", " ").replace(".", ",")


def german_amount(value: Decimal) -> str:
    """25.000,00."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def spaced(number: str, *, by: int = 3) -> str:
    """999 000 417: digits in groups."""
    return " ".join(number[at : at + by] for at in range(0, len(number), by))


def spaced_siret(siret: str) -> str:
    """999 000 417 00018."""
    return f"{spaced(siret[:9])} {siret[9:]}"


def luhn(stem: str) -> str:
    """The number that a stem becomes with its Luhn key appended."""
    total = 0
    for place, letter in enumerate(reversed(stem)):
        digit = int(letter) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return stem + str(-total % 10)


def siret(siren: str, *, place: int = 1) -> str:
    """The SIRET of a company's establishment number `place`."""
    return luhn(f"{siren}{place:04d}")


def vat_number(siren: str) -> str:
    """The French VAT number: key = (12 + 3 × (SIREN mod 97)) mod 97."""
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def french_iban(*, bank: str, branch: str, account: str) -> str:
    """The IBAN of an account whose RIB key and mod 97 both hold."""
    stem = f"{bank}{branch}{account}"
    return iban("FR", f"{stem}{rib_key(stem):02d}")


def iban(country: str, account: str) -> str:
    """The IBAN of an account number of a country (ISO 13616 check digits)."""
    digits = "".join(str(int(letter, 36)) for letter in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{account}"
