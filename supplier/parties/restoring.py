"""Put back what a spreadsheet took from numbers: zeros at the start, and figures at the end. Pure.

A figure comes back only where no other number is possible; each repair is told on its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import InvalidIdentifierError, Siren, recover_siret

_SEPARATORS = re.compile(r"[\s.\-/()\u2007\u202f\u200b\ufeff]+")
#: A French number without its zero: one kind of line (1 to 9) and eight figures.
_NINE = re.compile(r"[1-9][0-9]{8}")
_EIGHT = re.compile(r"[0-9]{8}")
_SIRET_DIGITS = 14

PHONE_RESTORED = N_(
    "The spreadsheet had removed the zero of the telephone number; it was read as a French one: "
    "look at it."
)
SIREN_RESTORED = N_(
    "The SIREN had 8 digits: with the zero that a spreadsheet removes its key is right, so the "
    "zero was put back. Compare it with the register extract."
)
SIREN_SHORT = N_(
    "The SIREN has 8 digits, and a zero in front does not make it right: type its 9 digits from "
    "the register extract."
)
SIRET_LEFT_OUT = N_(
    "A spreadsheet had shortened the SIRET: it was left out, and the supplier comes in by its "
    "SIREN. Add the SIRET on its page."
)


def french_phone(cell: str) -> str | None:
    """The number with its country, where a spreadsheet took the zero of a French one; else None."""
    bare = _SEPARATORS.sub("", cell.removesuffix(".0").removesuffix(",0"))
    if not _NINE.fullmatch(bare):
        return None
    return " ".join(("+33", bare[0], *(bare[at : at + 2] for at in range(1, 9, 2))))


def restore_phone(values: dict[str, str], notes: list[str]) -> None:
    found = french_phone(values.get("contact_phone", "")) if values["country"] == "FR" else None
    if found is not None:
        values["contact_phone"] = found
        notes.append(PHONE_RESTORED)


def recover_siren(cell: str) -> tuple[str, str | None]:
    """A SIREN and what was put right in it. Raises InvalidIdentifierError."""
    bare = _SEPARATORS.sub("", re.sub(r"[.,]0+$", "", cell.strip().strip("'\"=")))
    if not _EIGHT.fullmatch(bare):
        return str(Siren.parse(cell)), None
    found = Siren.try_parse(bare.zfill(9))
    if found is None:
        raise InvalidIdentifierError(SIREN_SHORT, code="length")
    return str(found), SIREN_RESTORED


def drop_shortened_siret(values: dict[str, str], notes: list[str]) -> None:
    """Leave out a SIRET whose end a spreadsheet dropped, where a whole SIREN says who it is.

    One whose figures cannot be those of that SIREN stays, and is refused with its line.
    """
    cell = values.get("siret", "")
    if is_shortened(cell) and _may_begin_with(cell, _siren_of(values)):
        del values["siret"]
        notes.append(SIRET_LEFT_OUT)


def is_shortened(cell: str) -> bool:
    """Whether a number that was not put right is one whose figures a spreadsheet dropped."""
    try:
        recover_siret(cell)
    except InvalidIdentifierError as error:
        return error.code == "excel"
    return False


def _siren_of(values: Mapping[str, str]) -> str | None:
    try:
        return recover_siren(values.get("siren", ""))[0]
    except InvalidIdentifierError:
        return None


def _may_begin_with(cell: str, siren: str | None) -> bool:
    if siren is None:
        return False
    try:
        number = Decimal(cell.strip().strip("'\"=").upper().replace(",", "."))
    except InvalidOperation:  # an exponent that no number has
        return False
    if number.adjusted() != _SIRET_DIGITS - 1:
        return False
    first = Decimal(siren) * 100_000
    # The last figure shown was rounded: half of its place on either side.
    half = Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
    return first - half <= number <= first + 99_999 + half
