"""The papers of a demo supplier on a given day: facts ready to be drawn.

Whatever a supplier does not tell (codes, account numbers, policy numbers) follows from its key
and the day, so that the same call always gives the same paper.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from supplier.demo.group import BuyerFacts
from supplier.demo.papers import wording
from supplier.demo.papers.abroad import A1Facts, RegisterFacts
from supplier.demo.papers.bank import BankLetterFacts, RibFacts
from supplier.demo.papers.building import PaidLeaveFacts
from supplier.demo.papers.identity import Address, Company, Office
from supplier.demo.papers.insurance import InsuranceFacts
from supplier.demo.papers.kbis import KbisFacts, Mention
from supplier.demo.papers.msa import MsaFacts
from supplier.demo.papers.rne import RneFacts
from supplier.demo.papers.sales import Customer, InvoiceFacts, Line
from supplier.demo.papers.tax import TaxFacts
from supplier.demo.papers.urssaf import EmployerFacts, IndependentFacts
from supplier.demo.papers.workers import Worker, WorkersFacts
from supplier.demo.suppliers.facts import SupplierFacts, court_of

_LETTERS = "ABCDEFGHIJKLMNPQRSTUVWXYZ"
_MIXED = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def made_code(*parts: object, length: int, letters: str) -> str:
    """A code that follows from its parts and from nothing else."""
    seed = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return "".join(letters[byte % len(letters)] for byte in seed[:length])


def made_number(*parts: object, length: int) -> str:
    """Digits that follow from their parts and from nothing else."""
    return made_code(*parts, length=length, letters="0123456789")


def end_of_last_month(day: date) -> date:
    """The last day of the month before."""
    return day.replace(day=1) - timedelta(days=1)


# Registers


def registration(
    supplier: SupplierFacts,
    *,
    issued_on: date,
    mentions: tuple[Mention, ...] = (),
    struck_off_on: date | None = None,
) -> KbisFacts | RneFacts | RegisterFacts:
    """The register paper that a supplier hands in: Kbis or K, RNE for a craft, foreign extract."""
    who = supplier.company
    if who.country != "FR":
        return RegisterFacts(who, issued_on, last_entry_on=who.registered_on.replace(year=2024))
    if supplier.register in {"rne_craft", "liberal"}:
        return RneFacts(who, issued_on, updated_on=who.registered_on.replace(year=2025))
    letter = "A" if who.is_person else "B"
    number = made_number(supplier.key, "gestion", length=5)
    return KbisFacts(
        company=who,
        issued_on=issued_on,
        management_number=f"{who.registered_on.year}{letter}{number}",
        verification_code=made_code(supplier.key, issued_on, length=10, letters=_MIXED),
        registry=_REGISTRIES[who.court],
        mentions=mentions,
        struck_off_on=struck_off_on,
        auditor="CABINET ARMOR AUDIT" if supplier.headcount >= 20 else "",
        other_sites=_sites(supplier),
    )


#: Where the registries of the courts are, at invented street numbers.
_REGISTRIES = {
    "Vannes": Address("1 place du Tribunal", "56000", "Vannes"),
    "Lorient": Address("3 rue des Juges", "56100", "Lorient"),
    "Quimper": Address("5 quai du Greffe", "29000", "Quimper"),
    "Brest": Address("7 rue du Greffe", "29200", "Brest"),
    "Saint-Brieuc": Address("2 place de la Justice", "22000", "Saint-Brieuc"),
    "Rennes": Address("9 rue du Registre", "35000", "Rennes"),
    "Saint-Malo": Address("4 rue du Tribunal", "35400", "Saint-Malo"),
    "Saint-Nazaire": Address("6 rue des Consuls", "44600", "Saint-Nazaire"),
    "Nantes": Address("8 quai des Consuls", "44000", "Nantes"),
}


def _sites(supplier: SupplierFacts) -> tuple[Address, ...]:
    """Other establishments: the larger the company, the more, and the more pages."""
    home = supplier.company.address
    streets = ("18 rue de la Gare", "4 allée des Ajoncs", "27 rue du Moulin")
    return tuple(
        Address(street, home.postcode, home.city) for street in streets[: supplier.headcount // 20]
    )


# Social declarations


URSSAF = Office("URSSAF BRETAGNE", Address("TSA 99999", "35000", "Rennes Cedex"), "RENNES")
MSA = Office("MSA d'Armorique", Address("3 rue du Grand Large", "29000", "Quimper"), "Quimper")
_MONTHLY_PAY = 2740


def social(
    supplier: SupplierFacts, *, issued_on: date, situation_on: date | None = None
) -> EmployerFacts | IndependentFacts | MsaFacts:
    """The certificate of the social body: employer, independent worker, or agricultural fund."""
    who = supplier.company
    situation = situation_on or end_of_last_month(issued_on)
    code = made_code(supplier.key, "social", issued_on, length=15, letters=_LETTERS + "123456789")
    if supplier.agricultural:
        return MsaFacts(
            who, MSA, issued_on, situation, code, supplier.headcount,
            supplier.headcount * _MONTHLY_PAY,
        )  # fmt: skip
    if who.is_person:
        return IndependentFacts(who, issued_on, situation, code)
    return EmployerFacts(
        who, URSSAF, issued_on, situation, code, supplier.headcount,
        supplier.headcount * _MONTHLY_PAY + int(made_number(supplier.key, length=3)),
    )  # fmt: skip


def foreign_workers(supplier: SupplierFacts, *, signed_on: date) -> WorkersFacts:
    """The list of foreign workers under permit, or the statement that there are none."""
    chosen = _WORKERS[: supplier.foreign_workers]
    shift = int(made_number(supplier.key, length=2))
    return WorkersFacts(
        company=supplier.company,
        signed_on=signed_on,
        workers=tuple(
            Worker(
                family, given, nationality, date(2022, 3, 1) + timedelta(days=31 * place + shift),
                permit, made_number(supplier.key, family, length=10),
            )
            for place, (family, given, nationality, permit) in enumerate(chosen)
        ),
    )  # fmt: skip


_SALARIED = "Carte de séjour temporaire « salarié »"
_YEARS = "Carte de séjour pluriannuelle"
_WORKERS = (
    ("Traoré", "Moussa", "Malienne", _SALARIED),
    ("Benhamida", "Karima", "Tunisienne", "Carte de résident"),
    ("Santos", "Diego", "Brésilienne", _YEARS),
    ("Nguyen", "Thi Lan", "Vietnamienne", _SALARIED),
    ("Ouattara", "Aya", "Ivoirienne", _YEARS),
    ("El Idrissi", "Youssef", "Marocaine", "Carte de résident"),
    ("Petrenko", "Oksana", "Ukrainienne", "Autorisation provisoire de séjour"),
    ("Silva", "Rosa", "Cap-verdienne", _SALARIED),
)


# Tax, insurance, paid leave


def tax(supplier: SupplierFacts, *, issued_on: date) -> TaxFacts:
    """The tax compliance certificate."""
    town = court_of(supplier.company.address)
    return TaxFacts(
        company=supplier.company,
        issued_on=issued_on,
        delivery_number=made_number(supplier.key, "tax", issued_on, length=7),
        office=town,
        office_address=Address("1 rue du Cadastre", supplier.company.address.postcode, town),
    )


_INSURERS = (
    ("ASSURANCES DU PONANT", Address("12 cours des Alliés", "35000", "Rennes")),
    ("MUTUELLE DES BÂTISSEURS DE L'OUEST", Address("40 rue de l'Arsenal", "44000", "Nantes")),
    ("COMPAGNIE ARMORICAINE D'ASSURANCES", Address("3 rue des Pêcheurs", "29000", "Quimper")),
)


def insurance(
    supplier: SupplierFacts, *, valid_from: date, valid_until: date, issued_on: date
) -> InsuranceFacts:
    """The certificate of ten-year liability insurance for a period."""
    insurer, address = _INSURERS[int(made_number(supplier.key, "insurer", length=2)) % 3]
    return InsuranceFacts(
        company=supplier.company,
        insurer=insurer,
        insurer_address=address,
        policy_number=f"{made_number(supplier.key, 'policy', length=7)} B 1459",
        valid_from=valid_from,
        valid_until=valid_until,
        issued_on=issued_on,
        activities=(supplier.company.activity,),
    )


def paid_leave(
    supplier: SupplierFacts, *, issued_on: date, in_order: bool = True
) -> PaidLeaveFacts:
    """The certificate of the construction paid-leave fund."""
    return PaidLeaveFacts(
        company=supplier.company,
        issued_on=issued_on,
        fund="CIBTP CAISSE DE L'OUEST",
        region="Grand Ouest",
        town="Nantes",
        member_number=made_number(supplier.key, "member", length=8),
        certificate_number=f"000200{made_number(supplier.key, issued_on, length=4)}PR_009999999ZZ0",
        director="Thierry MODÈLE",
        in_order=in_order,
    )


# Bank


@dataclass(frozen=True, slots=True)
class _Bank:
    """A bank as papers name it; accounts at a branch that no bank has."""

    name: str
    code: str
    bic: str
    town: str


_BANKS = (
    _Bank("CREDIT MUTUEL", "10278", "CMCIFR2AXXX", "VANNES CENTRE"),
    _Bank("BNP PARIBAS", "30004", "BNPAFRPPXXX", "RENNES LICES"),
    _Bank("CREDIT AGRICOLE DU MORBIHAN", "16006", "AGRIFRPP860", "VANNES PORT"),
    _Bank("BANQUE POPULAIRE GRAND OUEST", "13807", "CCBPFRPPXXX", "QUIMPER HALLES"),
)
_NO_BRANCH = "99901"
_ABROAD = {
    "DE": ("Sparkasse Offenburg/Ortenau", "SOLADES1OFG", "66450050", 10,
           Address("Postfach 99 99", "77652", "Offenburg")),
    "BE": ("BNP Paribas Fortis", "GEBABEBB", "001", 7,
           Address("Rue du Modèle 1", "1000", "Bruxelles")),
    "PL": ("Erste Bank Polska", "WBKPPLPPXXX", "10901014", 16,
           Address("ul. Przykladowa 1", "71-002", "Szczecin")),
}  # fmt: skip


def bank_details(
    supplier: SupplierFacts, *, printed_on: date, account: int = 1
) -> RibFacts | BankLetterFacts:
    """The bank details of a supplier's account number `account`: a RIB, or a bank's letter."""
    who = supplier.company
    if who.country != "FR":
        return _letter(supplier, printed_on, account)
    at = (int(made_number(supplier.key, "bank", length=2)) + account) % len(_BANKS)
    bank = _BANKS[at]
    return RibFacts(
        holder=who.name,
        address=who.address,
        iban=wording.french_iban(
            bank=bank.code, branch=_NO_BRANCH,
            account=f"0{made_number(supplier.key, 'account', account, length=10)}",
        ),
        bic=bank.bic,
        bank_name=bank.name,
        branch=bank.town,
        printed_on=printed_on,
    )  # fmt: skip


def _letter(supplier: SupplierFacts, issued_on: date, account: int) -> BankLetterFacts:
    who = supplier.company
    bank, bic, code, length, address = _ABROAD[who.country]
    stem = f"{code}{made_number(supplier.key, 'account', account, length=length)}"
    if who.country == "BE":
        # Belgian accounts end with the remainder of their first ten digits by 97, or 97 for 0.
        stem = f"{stem}{int(stem) % 97 or 97:02d}"
    return BankLetterFacts(
        holder=who.name,
        address=who.address,
        iban=wording.iban(who.country, stem),
        bic=bic,
        bank_name=bank,
        bank_address=address,
        issued_on=issued_on,
        language="de" if who.country == "DE" else "fr",
    )


# Posting


_POSTED = (("Schäfer", "Jörg"), ("Öztürk", "Cem"), ("Lindner", "Karsten"), ("Vogt", "Uwe"))
_BODIES = {
    "DE": ("AOK Nordost", Address("Musterplatz 1", "10117", "Berlin")),
    "BE": ("ONSS", Address("Place de l'Exemple 11", "1060", "Bruxelles")),
    "PL": ("ZUS", Address("ul. Modelowa 3", "71-003", "Szczecin")),
}


def posted_worker(
    supplier: SupplierFacts, *, place: int, valid_from: date, valid_until: date
) -> A1Facts:
    """The A1 of one of a foreign supplier's posted workers, the first being `place` 0."""
    family, given = _POSTED[place]
    body, address = _BODIES[supplier.company.country]
    return A1Facts(
        employer=supplier.company,
        family=family,
        given=given,
        born_on=date(1980 + place, 4, 12),
        valid_from=valid_from,
        valid_until=valid_until,
        issued_on=valid_from - timedelta(days=8),
        body=body,
        body_address=address,
        language="de" if supplier.company.country == "DE" else "fr",
    )


# Trade


def invoice(
    supplier: SupplierFacts,
    buyer: BuyerFacts,
    *,
    number: str,
    issued_on: date,
    title: str,
    net: Decimal,
    order: str = "",
) -> InvoiceFacts:
    """An invoice of one line; within the Union, the buyer owes the tax of foreign suppliers."""
    account = bank_details(supplier, printed_on=issued_on)
    return InvoiceFacts(
        seller=supplier.company,
        customer=Customer(buyer.name, buyer.address, buyer.siren, order),
        number=number,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=30),
        lines=(Line(title, Decimal(1), net),),
        iban=account.iban,
        bic=account.bic,
        vat_rate=Decimal(20) if supplier.company.country == "FR" else Decimal(0),
    )


def sister_company(supplier: SupplierFacts, *, name: str, siren: str) -> Company:
    """A company of the same people with another number: the usual wrong paper."""
    who = supplier.company
    return Company(
        name=name,
        legal_form="Société civile immobilière",
        address=who.address,
        activity="Location de terrains et d'autres biens immobiliers",
        registered_on=who.registered_on,
        leaders=who.leaders,
        siren=siren,
        naf="68.20B",
        capital=Decimal(1000),
        court=who.court,
        vat=wording.vat_number(siren),
    )
