"""The fictional group Kerlan: its three companies, the people who work there, what they buy.

Names, addresses, numbers and telephone numbers are invented; numbers begin with 999 and pass
their keys, telephone numbers stand in the ranges kept for fiction.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supplier.accounts.permissions import Role
from supplier.demo.papers.identity import Address

GROUP_NAME = "Groupe Kerlan"
MAIL_DOMAIN = "kerlan.example"


class BuyerKey(StrEnum):
    """The group's companies, as the tables of suppliers name them."""

    BUILDING = "batiment"
    ENERGY = "energies"
    LOGISTICS = "logistique"


@dataclass(frozen=True, slots=True)
class BuyerFacts:
    """One company of the group; `year_end` is month and day."""

    key: BuyerKey
    name: str
    short_name: str
    siren: str
    address: Address
    contact_name: str
    contact_email: str
    contact_phone: str
    year_end: tuple[int, int] = (12, 31)


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """Somebody who works for the group. Empty `buyers`: all companies."""

    key: str
    name: str
    role: Role
    phone: str
    buyers: tuple[BuyerKey, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.key}@{MAIL_DOMAIN}"


BUYERS: tuple[BuyerFacts, ...] = (
    BuyerFacts(
        BuyerKey.BUILDING,
        "Kerlan Bâtiment",
        "Bâtiment",
        "999000011",
        Address("14 quai des Goélands", "56000", "Vannes"),
        "Karim Benali",
        "karim.benali@kerlan.example",
        "02 61 91 04 12",
    ),
    BuyerFacts(
        BuyerKey.ENERGY,
        "Kerlan Énergies",
        "Énergies",
        "999000029",
        Address("3 rue du Phare", "56100", "Lorient"),
        "Lucie Daniel",
        "lucie.daniel@kerlan.example",
        "02 61 91 04 27",
    ),
    BuyerFacts(
        BuyerKey.LOGISTICS,
        "Kerlan Logistique",
        "Logistique",
        "999000037",
        Address("Parc d'activités du Vent-Debout, 8 allée des Dockers", "29200", "Brest"),
        "Yann Morel",
        "yann.morel@kerlan.example",
        "02 61 91 04 33",
        year_end=(6, 30),
    ),
)

STAFF: tuple[StaffFacts, ...] = (
    StaffFacts("camille.roussel", "Camille Roussel", Role.PURCHASING, "02 61 91 04 10"),
    StaffFacts("karim.benali", "Karim Benali", Role.PURCHASING, "02 61 91 04 12"),
    StaffFacts(
        "lucie.daniel", "Lucie Daniel", Role.PURCHASING, "02 61 91 04 27", (BuyerKey.ENERGY,)
    ),
    StaffFacts(
        "yann.morel", "Yann Morel", Role.PURCHASING, "02 61 91 04 33", (BuyerKey.LOGISTICS,)
    ),
    StaffFacts("herve.legoff", "Hervé Le Goff", Role.BANK_VALIDATOR, "02 61 91 04 40"),
    StaffFacts("ines.morvan", "Inès Morvan", Role.BANK_VALIDATOR, "02 61 91 04 41"),
    StaffFacts("maelle.quemener", "Maëlle Quémener", Role.ACCOUNTING, "02 61 91 04 45"),
    StaffFacts("sophie.tanguy", "Sophie Tanguy", Role.DATA_PROTECTION, "02 61 91 04 50"),
    StaffFacts("etienne.corre", "Étienne Corre", Role.AUDITOR, "02 61 91 04 55"),
    StaffFacts("erwan.jaffre", "Erwan Jaffré", Role.ADMINISTRATOR, "02 61 91 04 60"),
    StaffFacts("nolwenn.prigent", "Nolwenn Prigent", Role.ADMINISTRATOR, "02 61 91 04 61"),
)


def buyer(key: BuyerKey) -> BuyerFacts:
    """The company of the group with this key."""
    return next(item for item in BUYERS if item.key == key)


def staff(key: str) -> StaffFacts:
    """The member of staff with this key. Raises StopIteration for nobody."""
    return next(item for item in STAFF if item.key == key)
