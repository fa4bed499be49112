"""Which pieces of text are values worth forging: accounts, identifiers, dates, codes."""

from __future__ import annotations

import re
import unicodedata

IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Z0-9])")
DIGITS = re.compile(r"(?<!\d)\d(?:[ .]?\d){8,}(?!\d)")
DATE = re.compile(r"(?<!\d)(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})(?!\d)")
SPOKEN_DATE = re.compile(r"(?<!\d)(\d{1,2})(?:er)?\s+([a-z]{3,9})\.?\s+(\d{4})(?!\d)")
CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{10,15}"
    r"(?![A-Za-z0-9])"
)
MONTHS = {
    name[:4]: number
    for names in (
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "januar februar marz april mai juni juli august september oktober november dezember",
    )
    for number, name in enumerate(names.split(), 1)
}
MONTHS["juil"], MONTHS["juin"], MONTHS["juni"], MONTHS["juli"] = 7, 6, 6, 7


def folded(text: str) -> str:
    """Lower case without accents, blanks made one."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"\s+", " ", "".join(c for c in plain if not unicodedata.combining(c)))


def compact(text: str) -> str:
    """Letters and digits only, folded: what is compared where spacing means nothing."""
    return "".join(c for c in folded(text) if c.isalnum())


def ibans(text: str) -> set[str]:
    """Account numbers that pass their key (ISO 7064 mod 97), compact."""
    found = set()
    for match in IBAN.finditer(text.upper()):
        groups = match[0].split()
        for end in range(len(groups), 0, -1):
            candidate = "".join(groups[:end])
            if 15 <= len(candidate) <= 34 and _passes_mod_97(candidate):
                found.add(candidate)
                break
    return found


def _passes_mod_97(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def sirens(text: str) -> set[str]:
    """SIREN numbers (Luhn), alone or as the head of a SIRET."""
    found = set()
    for match in DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) in {9, 14} and _passes_luhn(digits[:9]):
            found.add(digits[:9])
    return found


def _passes_luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def dates(text: str) -> set[str]:
    """Calendar days in figures or French or German words, as ISO text."""
    found = {_iso(day, month, year) for day, month, year in DATE.findall(text)}
    for day, name, year in SPOKEN_DATE.findall(folded(text)):
        month = MONTHS.get(name[:4]) or MONTHS.get(name)
        if month:
            found.add(_iso(day, str(month), year))
    return found - {""}


def _iso(day: str, month: str, year: str) -> str:
    if 1 <= int(day) <= 31 and 1 <= int(month) <= 12:
        return f"{year}-{int(month):02}-{int(day):02}"
    return ""


def codes(text: str) -> set[str]:
    """Verification and security codes: 10 to 15 letters and digits mixed."""
    return {match[0] for match in CODE.finditer(text)}


def values(text: str) -> set[str]:
    """All of them."""
    return ibans(text) | sirens(text) | dates(text) | codes(text)
