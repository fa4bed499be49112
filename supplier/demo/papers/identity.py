"""Whom the papers are about: a company, the persons who lead it, where it is registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supplier.demo.papers import wording


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address."""

    street: str
    postcode: str
    city: str

    @property
    def line(self) -> str:
        """On one line, as registers print it."""
        return f"{self.street} {self.postcode} {self.city}"

    @property
    def lines(self) -> tuple[str, str]:
        """As on an envelope."""
        return (self.street, f"{self.postcode} {self.city}")

    @property
    def capitals(self) -> tuple[str, str]:
        """As the post and the Urssaf print it."""
        return (self.street.upper(), f"{self.postcode} {self.city.upper()}")

    @property
    def joined(self) -> str:
        """Street, postcode and town joined by a comma, as the reader answers it."""
        return f"{self.street}, {self.postcode} {self.city}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who leads or signs. `role` is printed as it stands (Gérant, Présidente…)."""

    given: str
    family: str
    role: str
    born_on: date
    born_at: str
    nationality: str
    home: Address
    woman: bool = False

    @property
    def listed(self) -> str:
        """As registers print it: family name first, in capitals."""
        return f"{self.family.upper()} {self.given}"

    @property
    def spoken(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Company:
    """A company or sole trader. `siren` is empty abroad; `number` is then its register number.

    `capital` is None for a sole trader. `court` is the town of the register.
    """

    name: str
    legal_form: str
    address: Address
    activity: str
    registered_on: date
    leaders: tuple[Person, ...]
    siren: str = ""
    naf: str = ""
    capital: Decimal | None = None
    court: str = ""
    country: str = "FR"
    number: str = ""
    vat: str = ""

    @property
    def siret(self) -> str:
        """The SIRET of its seat."""
        return wording.siret(self.siren)

    @property
    def signatory(self) -> Person:
        """Who signs for it."""
        return self.leaders[0]

    @property
    def share_capital(self) -> Decimal:
        """Its capital, nought where there is none."""
        return self.capital or Decimal(0)

    @property
    def is_person(self) -> bool:
        """Whether it is a natural person in business."""
        return self.capital is None and self.country == "FR"


@dataclass(frozen=True, slots=True)
class Office:
    """A body that collects contributions: its name, its address, the town it writes from."""

    name: str
    address: Address
    town: str
