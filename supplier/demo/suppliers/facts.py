"""What a demo supplier is: the company, its people, its work for the group, its situation.

Time is counted in months from the day of the demo, the past negative, so that the story is the
same whenever it is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from supplier.demo.group import BuyerKey
from supplier.demo.papers.identity import Address, Company, Person
from supplier.demo.papers.wording import vat_number


class Scenario(StrEnum):
    """What a supplier's file shows on the day of the demo."""

    COMPLETE = "complete"
    EXPIRING = "expiring"
    GAP_SOCIAL = "gap_social"
    GAP_REGISTRATION = "gap_registration"
    GAP_WORKERS = "gap_workers"
    GAP_INSURANCE = "gap_insurance"
    GAP_A1 = "gap_a1"
    REFUSED_TOO_OLD = "refused_too_old"
    REFUSED_WRONG_COMPANY = "refused_wrong_company"
    REFUSED_WRONG_KIND = "refused_wrong_kind"
    REFUSED_LOCKED = "refused_locked"
    IN_REVIEW = "in_review"
    CONTESTED = "contested"
    TO_VERIFY = "to_verify"
    WAIVED = "waived"
    FOREIGN = "foreign"
    SOLE_TRADER = "sole_trader"
    INSOLVENCY = "insolvency"
    LIQUIDATION = "liquidation"
    BANK_CHANGE_PENDING = "bank_change_pending"
    BANK_FIRST_SUBMITTED = "bank_first_submitted"
    NEW_INVITED = "new_invited"
    BOUNCED_MAIL = "bounced_mail"
    DORMANT = "dormant"
    BELOW_THRESHOLD = "below_threshold"
    ENDED = "ended"
    ERASABLE = "erasable"
    HELD = "held"


class Sector(StrEnum):
    """What the supplier does, as purchasing sorts it."""

    BUILDING = "Bâtiment"
    STRUCTURE = "Gros œuvre"
    ENERGY = "Énergie et fluides"
    TRANSPORT = "Transport et logistique"
    SERVICES = "Services généraux"
    STUDIES = "Études et conseil"
    GREEN = "Espaces verts"
    STAFFING = "Travail temporaire"


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A person at the supplier's; `requests` False: a contact who gets no request for papers."""

    name: str
    role: str
    email: str
    phone: str
    language: str = "fr"
    requests: bool = True


@dataclass(frozen=True, slots=True)
class Deal:
    """A contract: signed `starts` months from the demo's day, running until `ends` (None: open).

    `renews`: it renews itself tacitly, every so many months.
    """

    buyer: BuyerKey
    title: str
    amount: Decimal
    starts: int
    ends: int | None
    renews: int | None = None

    @property
    def is_building_site(self) -> bool:
        """Whether it has a building site, which a ten-year insurance must cover."""
        return self.buyer is BuyerKey.BUILDING


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """One supplier of the demo. `since` and `ended` are months from the demo's day."""

    key: str
    company: Company
    sector: Sector
    contacts: tuple[ContactFacts, ...]
    deals: tuple[Deal, ...]
    scenarios: tuple[Scenario, ...]
    since: int
    ended: int | None = None
    register: str = "rcs"
    headcount: int = 0
    foreign_workers: int = 0
    posts_workers: bool = False
    construction: bool = False
    temp_agency: bool = False
    agricultural: bool = False
    language: str = "fr"

    @property
    def scenario(self) -> Scenario:
        """The one that matters most."""
        return self.scenarios[0]

    @property
    def buyers(self) -> tuple[BuyerKey, ...]:
        """The group's companies it works for, each once, in the order of its contracts."""
        return tuple(dict.fromkeys(deal.buyer for deal in self.deals))

    @property
    def short_form(self) -> str:
        """Its legal form as people say it: SARL, GmbH…"""
        return _SHORT[self.company.country, self.company.legal_form]

    @property
    def is_natural_person(self) -> bool:
        return self.company.is_person

    @property
    def vat_number(self) -> str:
        return self.company.vat


@dataclass(frozen=True, slots=True)
class Form:
    """A legal form: as people say it, and as registers print it."""

    short: str
    long: str
    boss: str
    boss_woman: str


SARL = Form("SARL", "Société à responsabilité limitée", "Gérant", "Gérante")
EURL = Form(
    "EURL", "Société à responsabilité limitée (Société à associé unique)", "Gérant", "Gérante"
)
SAS = Form("SAS", "Société par actions simplifiée", "Président", "Présidente")
SASU = Form(
    "SASU",
    "Société par actions simplifiée (Société à associé unique)",
    "Président",
    "Présidente",
)
SA = Form("SA", "Société anonyme à conseil d'administration", "Directeur général",
          "Directrice générale")  # fmt: skip
SCOP = Form(
    "SCOP",
    "Société coopérative de production à responsabilité limitée",
    "Gérant",
    "Gérante",
)
SELARL = Form("SELARL", "Société d'exercice libéral à responsabilité limitée", "Gérant", "Gérante")
EI = Form("EI", "Entrepreneur individuel", "Exploitant", "Exploitante")
GMBH = Form("GmbH", "Gesellschaft mit beschränkter Haftung", "Geschäftsführer", "Geschäftsführerin")
SRL = Form("SRL", "Société à responsabilité limitée", "Administrateur", "Administratrice")
SPZOO = Form("sp. z o.o.", "SPÓŁKA Z OGRANICZONĄ ODPOWIEDZIALNOŚCIĄ", "Prezes", "Prezes")

_SHORT = {("FR", form.long): form.short for form in (SARL, EURL, SAS, SASU, SA, SCOP, SELARL, EI)}
_SHORT |= {
    ("DE", GMBH.long): GMBH.short,
    ("BE", SRL.long): SRL.short,
    ("PL", SPZOO.long): SPZOO.short,
}


@dataclass(frozen=True, slots=True)
class Boss:
    """Who leads the company."""

    given: str
    family: str
    born_on: str
    woman: bool = False
    nationality: str = "Française"

    def as_person(self, form: Form, home: Address) -> Person:
        """The person as papers print them, living in a street of the company's town."""
        return Person(
            given=self.given,
            family=self.family,
            role=form.boss_woman if self.woman else form.boss,
            born_on=date.fromisoformat(self.born_on),
            born_at=f"{home.city} ({home.postcode[:2]})",
            nationality=self.nationality,
            home=home,
            woman=self.woman,
        )


#: The court whose register a French town belongs to; else that of the department.
_COURTS = {
    "Lorient": "Lorient", "Lanester": "Lorient", "Ploemeur": "Lorient", "Hennebont": "Lorient",
    "Brest": "Brest", "Guipavas": "Brest", "Landerneau": "Brest", "Morlaix": "Brest",
    "Lesneven": "Brest", "Saint-Malo": "Saint-Malo", "Dinard": "Saint-Malo",
    "Saint-Nazaire": "Saint-Nazaire", "Strasbourg": "Strasbourg",
}  # fmt: skip
_DEPARTMENTS = {
    "22": "Saint-Brieuc", "29": "Quimper", "35": "Rennes", "44": "Nantes", "49": "Angers",
    "56": "Vannes", "67": "Strasbourg", "72": "Le Mans", "75": "Paris",
}  # fmt: skip


def court_of(address: Address) -> str:
    """The town whose court keeps the register for an address."""
    return _COURTS.get(address.city) or _DEPARTMENTS[address.postcode[:2]]


def french(
    name: str,
    siren: str,
    form: Form,
    *,
    capital: int,
    naf: str,
    activity: str,
    at: tuple[str, str, str],
    registered: str,
    boss: Boss,
) -> Company:
    """A French company or sole trader, with what its papers need."""
    address = Address(*at)
    home = Address(f"{int(siren[-3:-1]) + 2} rue des Ajoncs", address.postcode, address.city)
    return Company(
        name=name,
        legal_form=form.long,
        address=address,
        activity=activity,
        registered_on=date.fromisoformat(registered),
        leaders=(boss.as_person(form, home),),
        siren=siren,
        naf=naf,
        capital=None if form is EI else Decimal(capital),
        court=court_of(address),
        vat=vat_number(siren),
    )


def building(title: str, amount: int, starts: int, ends: int | None) -> Deal:
    """A contract with Kerlan Bâtiment."""
    return Deal(BuyerKey.BUILDING, title, Decimal(amount), starts, ends)


def energy(title: str, amount: int, starts: int, ends: int | None) -> Deal:
    """A contract with Kerlan Énergies."""
    return Deal(BuyerKey.ENERGY, title, Decimal(amount), starts, ends)


def logistics(
    title: str, amount: int, starts: int, ends: int | None, *, renews: int | None = None
) -> Deal:
    """A contract with Kerlan Logistique."""
    return Deal(BuyerKey.LOGISTICS, title, Decimal(amount), starts, ends, renews)
