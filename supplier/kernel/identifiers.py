"""Numbers that name companies and accounts: SIREN, SIRET, VAT number, IBAN, BIC, NAF code.

Each is a value: it cannot exist unless its checks pass. `parse` takes what people and
spreadsheets give (blanks, dots, no-break spaces, lower case), `try_parse` answers None instead
of raising.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Self

import schwifty
import stdnum
from schwifty.exceptions import SchwiftyException
from stdnum.exceptions import ValidationError
from stdnum.fr import siren as _siren
from stdnum.fr import siret as _siret
from stdnum.fr import tva as _tva

from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

LA_POSTE = "356000000"
#: Countries whose accounts carry a RIB key.
RIB_COUNTRIES = frozenset({"FR", "MC"})

#: Banks of these territories hold accounts whose IBAN starts with the code of the country.
BIC_TERRITORIES = {
    "FR": frozenset({"FR", "GF", "GP", "MQ", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF"}),
    "GB": frozenset({"GB", "GG", "IM", "JE"}),
    "FI": frozenset({"FI", "AX"}),
}

_SEPARATORS = re.compile(r"[\s.\-_/\u00a0\u2007\u2009\u202f\u200b\ufeff]+")
_SCIENTIFIC = re.compile(r"^\d(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_DECIMALS = re.compile(r"^(\d{9,})[.,]0+$")
_SIREN, _SIRET = re.compile(r"[0-9]{9}"), re.compile(r"[0-9]{14}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_NAF = re.compile(r"[0-9]{4}[A-Z]")
_VAT = re.compile(r"[A-Z]{2,3}[A-Z0-9+*]{2,13}")
# The RIB key has its own table of letters (A, J = 1; B, K, S = 2 …), not that of the IBAN.
_RIB_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")

_EXCEL = N_(
    "A spreadsheet has shortened this number (it looks like 8,23E+13). Set the column to text "
    "in the spreadsheet and type the number in full."
)


class InvalidIdentifierError(DomainError):
    """A number that cannot be right. `code` is length, shape, checksum, rib_key, country, excel."""

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A checked number; `value` is its compact form."""

    value: str

    def __post_init__(self) -> None:
        self._check(self.value)

    def __str__(self) -> str:
        return self.value

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what somebody typed. Raises InvalidIdentifierError with what to do."""
        return cls(cls._clean(text))

    @classmethod
    def try_parse(cls, text: str | None) -> Self | None:
        """Read what somebody typed, or answer None."""
        try:
            return cls.parse(text) if text else None
        except InvalidIdentifierError:
            return None

    @classmethod
    def _clean(cls, text: str) -> str:
        return _compact(text)

    @classmethod
    def _check(cls, value: str) -> None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, order=True)
class Siren(Identifier):
    """The nine digits of a French company; the last one is a Luhn key."""

    @property
    def spaced(self) -> str:
        """As printed: three groups of three, with no-break spaces."""
        return "\u00a0".join((self.value[:3], self.value[3:6], self.value[6:]))

    @property
    def vat_number(self) -> VatNumber:
        """The French VAT number with the usual numeric key: (12 + 3 × (SIREN mod 97)) mod 97."""
        return VatNumber(f"FR{(12 + 3 * (int(self.value) % 97)) % 97:02d}{self.value}")

    @classmethod
    def _clean(cls, text: str) -> str:
        return _digits(text)

    @classmethod
    def _check(cls, value: str) -> None:
        if not _SIREN.fullmatch(value):
            raise InvalidIdentifierError(
                N_("A SIREN number has 9 digits: type all of them, zeros included."), code="length"
            )
        if not _siren.is_valid(value):
            raise InvalidIdentifierError(
                N_("This SIREN number has a wrong digit: compare it with the register extract."),
                code="checksum",
            )


@dataclass(frozen=True, slots=True, order=True)
class Siret(Identifier):
    """The fourteen digits of an establishment: its company's SIREN and five more."""

    @property
    def siren(self) -> Siren:
        return Siren(self.value[:9])

    @property
    def spaced(self) -> str:
        """As printed: 552 081 317 00012, with no-break spaces."""
        return f"{self.siren.spaced}\u00a0{self.value[9:]}"

    @classmethod
    def _clean(cls, text: str) -> str:
        return _digits(text)

    @classmethod
    def _check(cls, value: str) -> None:
        if not _SIRET.fullmatch(value):
            raise InvalidIdentifierError(
                N_("A SIRET number has 14 digits: type all of them, zeros included."),
                code="length",
            )
        if not (_siren.is_valid(value[:9]) and _holds_siret_key(value)):
            raise InvalidIdentifierError(
                N_("This SIRET number has a wrong digit: compare it with the register extract."),
                code="checksum",
            )


@dataclass(frozen=True, slots=True)
class RecoveredSiret:
    """A SIRET from a spreadsheet cell. `repair` says what was put right, None when nothing."""

    siret: Siret
    repair: str | None = None


def recover_siret(cell: str | float) -> RecoveredSiret:
    """Read a SIRET from a spreadsheet cell that may have been treated as a number.

    A figure is repaired only when no other number is possible: decimals that are zeros, a
    scientific form that still shows all fourteen digits, or one or two zeros lost at the start
    when both keys (SIREN and SIRET) hold. Raises InvalidIdentifierError otherwise.
    """
    text = _cell_text(cell)
    digits = _digits(text)
    if 12 <= len(digits) < 14 and digits.isdecimal():
        found = Siret.try_parse(digits.zfill(14))
        if found is not None:
            return RecoveredSiret(
                found, N_("The spreadsheet had removed the zero at the start; it was put back.")
            )
    siret = Siret(digits)
    if text == digits or _SEPARATORS.sub("", text) == siret.value:
        return RecoveredSiret(siret)
    return RecoveredSiret(
        siret, N_("The spreadsheet had turned it into a number; it was restored.")
    )


@dataclass(frozen=True, slots=True, order=True)
class VatNumber(Identifier):
    """A VAT number with its country letters, checked by the country's own rule where known."""

    @property
    def country(self) -> str:
        """The two letters printed in front: EL for Greece, XI for Northern Ireland."""
        return self.value[:2]

    @property
    def siren(self) -> Siren | None:
        """The company behind a French number; None for another country and for Monaco."""
        return Siren.try_parse(self.value[4:]) if self.country == "FR" else None

    @classmethod
    def _check(cls, value: str) -> None:
        if not _VAT.fullmatch(value):
            raise InvalidIdentifierError(
                N_("A VAT number starts with two letters for the country, such as FR or DE."),
                code="shape",
            )
        country, number = _vat_rule(value)
        rule = _tva if country == "fr" else stdnum.get_cc_module(country, "vat")
        if rule is None:
            raise InvalidIdentifierError(
                N_("This country's VAT numbers are not known here: check the first two letters."),
                code="country",
            )
        try:
            rule.validate(number)
        except ValidationError as wrong:
            raise InvalidIdentifierError(
                N_("This VAT number has a wrong digit: compare it with an invoice."),
                code="checksum",
            ) from wrong


@dataclass(frozen=True, slots=True, order=True)
class Iban(Identifier):
    """An account number: mod 97 holds and, in France and Monaco, the RIB key as well."""

    @property
    def country(self) -> str:
        return self.value[:2]

    @property
    def spaced(self) -> str:
        """As printed, in groups of four."""
        return " ".join(self.value[at : at + 4] for at in range(0, len(self.value), 4))

    @property
    def masked(self) -> str:
        """Safe to show and to log: only the first and the last four characters."""
        return f"{self.value[:4]} •••• •••• •••• {self.value[-4:]}"

    @property
    def bank_code(self) -> str:
        return str(schwifty.IBAN(self.value).bank_code)

    @property
    def bank_name(self) -> str | None:
        """The bank that the code belongs to, or None when the registry does not know it."""
        return schwifty.IBAN(self.value).bank_name or None

    @property
    def suggested_bic(self) -> Bic | None:
        """The bank's BIC where it has only one that is known; a person confirms it."""
        return Bic.try_parse(str(schwifty.IBAN(self.value).bic or ""))

    @classmethod
    def _clean(cls, text: str) -> str:
        return re.sub(r"^IBAN:?", "", _compact(text))

    @classmethod
    def _check(cls, value: str) -> None:
        if not (_IBAN.fullmatch(value) and schwifty.IBAN(value, allow_invalid=True).is_valid):
            raise _iban_error(value)
        if value[:2] in RIB_COUNTRIES and rib_key(value[4:25]) != int(value[25:]):
            raise InvalidIdentifierError(
                N_(
                    "The last two digits (RIB key) do not fit this account number. Copy the IBAN "
                    "again from the bank's own document."
                ),
                code="rib_key",
            )


def rib_key(account: str) -> int:
    """The key (1 to 97) of the 21 characters bank + branch + account of a French RIB.

    Letters stand for 1 to 9 by the RIB's own table; key = 97 − (89·B + 15·G + 3·C) mod 97.
    """
    digits = account.upper().translate(_RIB_LETTERS)
    bank, branch, number = int(digits[:5]), int(digits[5:10]), int(digits[10:21])
    return 97 - (89 * bank + 15 * branch + 3 * number) % 97


@dataclass(frozen=True, slots=True, order=True)
class Bic(Identifier):
    """A bank's code, eight characters or eleven; the branch XXX (head office) is left out."""

    @property
    def country(self) -> str:
        return self.value[4:6]

    @property
    def long(self) -> str:
        """Always eleven characters, for programs that want them."""
        return self.value.ljust(11, "X")

    def fits(self, iban: Iban) -> bool:
        """Whether the bank may hold this account: same country, overseas territories included."""
        return self.country in BIC_TERRITORIES.get(iban.country, frozenset({iban.country}))

    @classmethod
    def _clean(cls, text: str) -> str:
        compact = _compact(text)
        return compact[:8] if len(compact) == 11 and compact.endswith("XXX") else compact

    @classmethod
    def _check(cls, value: str) -> None:
        if not _BIC.fullmatch(value):
            raise InvalidIdentifierError(
                N_("A BIC has 8 or 11 characters and starts with 6 letters, such as BNPAFRPP."),
                code="shape",
            )
        if not schwifty.BIC(value, allow_invalid=True).country:
            raise InvalidIdentifierError(
                N_("Letters 5 and 6 of this BIC are not a country: copy it from the RIB."),
                code="country",
            )


def _vat_rule(value: str) -> tuple[str, str]:
    """Whose rule checks a VAT number, and the number in the form that this rule expects."""
    if value.startswith("EL"):
        return "gr", value
    # Northern Ireland kept the British numbers and their key.
    return ("gb", value[2:]) if value.startswith("XI") else (value[:2].lower(), value)


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", text).upper()


def _digits(text: str) -> str:
    """The digits of a company number, freed of blanks and of what a spreadsheet adds."""
    trimmed = text.strip().strip("'\"=")
    if _SCIENTIFIC.match(trimmed):
        return _unfold(trimmed)
    return _compact(_DECIMALS.sub(r"\1", trimmed))


#: Digits that any of these identifiers may have.
_LONGEST = 40


def _unfold(text: str) -> str:
    try:
        number = Decimal(text.upper().replace(",", "."))
    except InvalidOperation:  # an exponent that no number has
        raise InvalidIdentifierError(_EXCEL, code="excel") from None
    # Written out, a large exponent would fill the memory.
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
        raise InvalidIdentifierError(_EXCEL, code="excel")
    whole = f"{number:f}"
    # Fewer figures shown than the number has: the missing ones are lost, not zeros.
    if "." in whole or len(number.as_tuple().digits) < len(whole):
        raise InvalidIdentifierError(_EXCEL, code="excel")
    return whole


def _cell_text(cell: str | float) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool) or not math.isfinite(cell) or cell != int(cell):
        raise InvalidIdentifierError(_EXCEL, code="excel")
    return f"{int(cell)}.0" if isinstance(cell, float) else str(cell)


def _holds_siret_key(value: str) -> bool:
    # Establishments of La Poste outgrew the Luhn key: the sum of their digits is a multiple of 5.
    return bool(_siret.is_valid(value)) or (
        value.startswith(LA_POSTE) and sum(map(int, value)) % 5 == 0
    )


def _iban_error(value: str) -> InvalidIdentifierError:
    known = schwifty.IBAN(value, allow_invalid=True)
    try:
        expected = int(known.spec.iban_length)
    except SchwiftyException:
        return InvalidIdentifierError(
            N_("An IBAN starts with two letters for the country, such as FR or DE."),
            code="country",
        )
    if len(value) != expected:
        return InvalidIdentifierError(
            N_("This IBAN does not have the right number of characters for its country."),
            code="length",
        )
    return InvalidIdentifierError(
        N_("This IBAN has a wrong character: copy it again from the bank's own document."),
        code="checksum",
    )
