"""Suppliers of other countries, and those with whom the work is over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from supplier.demo.papers.identity import Address, Company
from supplier.demo.suppliers.facts import (
    GMBH,
    SARL,
    SPZOO,
    SRL,
    Boss,
    ContactFacts,
    Form,
    Scenario,
    Sector,
    SupplierFacts,
    building,
    energy,
    french,
    logistics,
)


def _foreign(
    name: str,
    country: str,
    form: Form,
    *,
    number: str,
    vat: str,
    capital: int,
    activity: str,
    at: tuple[str, str, str],
    court: str,
    registered: str,
    boss: Boss,
) -> Company:
    """A company of another country; `court` is the town of its register."""
    address = Address(*at)
    return Company(
        name=name,
        legal_form=form.long,
        address=address,
        activity=activity,
        registered_on=date.fromisoformat(registered),
        leaders=(boss.as_person(form, address),),
        capital=Decimal(capital),
        court=court,
        country=country,
        number=number,
        vat=vat,
    )


ABROAD: tuple[SupplierFacts, ...] = (
    SupplierFacts(
        "guendogan",
        _foreign(
            "Gündoğan Fassadenbau GmbH", "DE", GMBH, number="HRB 990051 B", vat="DE999000050",
            capital=25_000, activity="Herstellung und Montage von Fassaden",
            at=("Beispielallee 17", "12099", "Berlin"), court="Charlottenburg (Berlin)",
            registered="2013-05-14",
            boss=Boss("Emre", "Gündoğan", "1979-04-02", nationality="deutsch"),
        ),
        Sector.BUILDING,
        (ContactFacts("Selin Yıldız", "Projektleitung", "yildiz@guendogan.example",
                      "+49 30 5550 0142", language="de"),),
        (building("Vêture métallique, siège de la CCI", 186_000, -6, 4),),
        (Scenario.GAP_A1, Scenario.FOREIGN),
        since=-19, headcount=34, posts_workers=True, construction=True, language="de",
    ),
    SupplierFacts(
        "hafenstahl",
        _foreign(
            "Hafenstahl Montage GmbH", "DE", GMBH, number="HRB 990373", vat="DE999000373",
            capital=50_000, activity="Montage von Stahlkonstruktionen",
            at=("Musterkai 4", "27570", "Bremerhaven"), court="Bremen", registered="2006-11-23",
            boss=Boss("Antje", "Petersen", "1971-09-16", woman=True, nationality="deutsch"),
        ),
        Sector.STRUCTURE,
        (ContactFacts("Antje Petersen", "Geschäftsführerin", "petersen@hafenstahl.example",
                      "+49 471 5550 018", language="de"),),
        (logistics("Portique de la plate-forme de Brest", 240_000, -11, 3),),
        (Scenario.FOREIGN, Scenario.COMPLETE),
        since=-13, headcount=58, posts_workers=True, language="de",
    ),
    SupplierFacts(
        "dewaele",
        _foreign(
            "Charpentes Dewaele", "BE", SRL, number="0999.012.304", vat="BE0999012304",
            capital=18_600, activity="43.910 - Travaux de couverture",
            at=("Chaussée de l'Exemple 318", "7500", "Tournai"), court="Tournai",
            registered="2012-04-09", boss=Boss("Geert", "Dewaele", "1974-06-13",
                                               nationality="belge"),
        ),
        Sector.STRUCTURE,
        (ContactFacts("Geert Dewaele", "Administrateur", "geert@dewaele.example",
                      "+32 69 55 50 12"),),
        (building("Charpente lamellée, gymnase de Plescop", 132_000, -5, 7),),
        (Scenario.FOREIGN, Scenario.COMPLETE),
        since=-5, headcount=20, posts_workers=True, construction=True,
    ),
    SupplierFacts(
        "dolmont",
        _foreign(
            "DOLMONT INSTALACJE SP. Z O.O.", "PL", SPZOO, number="0000999033", vat="PL9990000333",
            capital=50_000, activity="Instalacje elektryczne",
            at=("Modelowa 12", "71-001", "Szczecin"), court="Szczecin", registered="2016-09-20",
            boss=Boss("Marek", "Wójcik", "1982-10-05", nationality="polska"),
        ),
        Sector.ENERGY,
        (ContactFacts("Marek Wójcik", "Prezes", "m.wojcik@dolmont.example",
                      "+48 91 555 00 33", language="en"),),
        (energy("Câblage des ombrières, parc de Lanester", 64_000, -4, 2),),
        (Scenario.EXPIRING, Scenario.FOREIGN),
        since=-4, headcount=26, posts_workers=True, language="en",
    ),
)  # fmt: skip

FORMER: tuple[SupplierFacts, ...] = (
    SupplierFacts(
        "quere",
        french(
            "Toitures Quéré", "999000854", SARL, capital=10_000, naf="43.91B",
            activity="Couverture", at=("2 rue du Calvaire", "56190", "Muzillac"),
            registered="2003-04-07", boss=Boss("Patrick", "Quéré", "1962-03-23"),
        ),
        Sector.BUILDING,
        (ContactFacts("Patrick Quéré", "Gérant", "p.quere@toitures-quere.example",
                      "02 61 91 01 05"),),
        (building("Couverture, école de Damgan", 37_000, -40, -29),),
        (Scenario.ENDED,),
        since=-71, ended=-29, headcount=6, construction=True,
    ),
    SupplierFacts(
        "madec",
        french(
            "Électricité Madec", "999000862", SARL, capital=12_000, naf="43.21A",
            activity="Installation électrique", at=("9 rue du Frout", "29000", "Quimper"),
            registered="1999-01-25", boss=Boss("Michel", "Madec", "1959-12-20"),
        ),
        Sector.ENERGY,
        (ContactFacts("Michel Madec", "Gérant", "m.madec@madec.example", "02 61 91 01 12"),),
        (energy("Rénovation électrique d'une agence", 23_000, -20, -8),),
        (Scenario.ENDED,),
        since=-45, ended=-8, headcount=3, construction=True,
    ),
    SupplierFacts(
        "kerfany",
        french(
            "Gros Œuvre Kerfany", "999000870", SARL, capital=60_000, naf="43.99C",
            activity="Gros œuvre", at=("Kerfany, 1 route de la Plage", "29350", "Moëlan-sur-Mer"),
            registered="1995-06-19", boss=Boss("Daniel", "Furic", "1957-07-01"),
        ),
        Sector.STRUCTURE,
        (ContactFacts("Daniel Furic", "Gérant", "d.furic@kerfany.example", "02 61 91 01 19"),),
        (building("Gros œuvre, chantier Kerfany", 310_000, -88, -63),),
        (Scenario.HELD, Scenario.ENDED),
        since=-102, ended=-63, headcount=17, construction=True,
    ),
    SupplierFacts(
        "marine-treguier",
        french(
            "Peinture Marine Tréguier", "999000888", SARL, capital=7_500, naf="43.34Z",
            activity="Peinture", at=("4 quai du Jaudy", "22220", "Tréguier"),
            registered="2002-02-18", boss=Boss("Hubert", "Le Meur", "1960-10-30"),
        ),
        Sector.BUILDING,
        (ContactFacts("Hubert Le Meur", "Gérant", "h.lemeur@marine-treguier.example",
                      "02 61 91 01 26"),),
        (building("Peintures, capitainerie", 15_500, -80, -65),),
        (Scenario.ERASABLE, Scenario.ENDED),
        since=-95, ended=-65, headcount=4, construction=True,
    ),
    SupplierFacts(
        "gueguen",
        french(
            "Transports Guéguen", "999000896", SARL, capital=20_000, naf="49.41A",
            activity="Transport routier",
            at=("Zone du Prat, 6 rue des Semeurs", "29600", "Morlaix"),
            registered="1993-09-27", boss=Boss("Joseph", "Guéguen", "1956-05-08"),
        ),
        Sector.TRANSPORT,
        (ContactFacts("Marie Guéguen", "Comptable", "marie@gueguen.example",
                      "02 61 91 01 33"),),
        (logistics("Tournées du Trégor", 58_000, -86, -61),),
        (Scenario.ERASABLE, Scenario.ENDED),
        since=-108, ended=-61, headcount=15,
    ),
)  # fmt: skip
