"""Papers of foreign companies: register extracts (DE, BE, PL) and the A1 certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from supplier.demo.papers import wording
from supplier.demo.papers.grid import Look, table
from supplier.demo.papers.identity import Address, Company
from supplier.demo.papers.pen import Pen

_LANDSCAPE = (842.0, 595.0)
_BLUE = "#003399"


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """What one extract says. `printed_on` is the day of the query, never of the last entry."""

    company: Company
    printed_on: date
    last_entry_on: date

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "registration_number": self.company.number,
            "company_name": self.company.name,
            "issued_on": self.printed_on.isoformat(),
            "country": self.company.country,
        }


@dataclass(frozen=True, slots=True)
class A1Facts:
    """What one A1 says: for one worker of one employer, from a day to a day, both included."""

    employer: Company
    family: str
    given: str
    born_on: date
    valid_from: date
    valid_until: date
    issued_on: date
    body: str
    body_address: Address
    language: str = "de"

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "worker": f"{self.family} {self.given}",
            "employer": self.employer.name,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "country": self.employer.country,
        }


def draw_register(facts: RegisterFacts) -> bytes:
    """The extract as the register of the company's country prints it."""
    return _REGISTERS[facts.company.country](facts)


def _german(facts: RegisterFacts) -> bytes:
    who = facts.company
    pen = Pen(
        title="Handelsregister B", producer="Registerportal", size=_LANDSCAPE,
        written_at=wording.at_time(facts.printed_on, time(9, 16)),
    )  # fmt: skip
    pen.text((44, 46), f"Handelsregister B des Amtsgerichts {who.court}", size=9.5)
    middle = ["Abteilung B", "Wiedergabe des aktuellen Registerinhalts",
              f"Abruf vom {wording.dotted(facts.printed_on)} 9:16"]  # fmt: skip
    pen.lines((400, 46), middle, size=9.5)
    pen.text((798, 46), "Nummer der Firma:", size=9.5, align="right")
    pen.text((798, 59), who.number, face="sans-bold", size=9.5, align="right")
    pen.text((44, 96), "Seite 1 von 1 — Aktueller Ausdruck", size=9.5)
    look = Look(size=9, pad=4, face="sans", first_face="sans")
    table(pen, (44, 108), _german_rows(facts), widths=(250, 504), look=look)
    return pen.finish()


def _german_rows(facts: RegisterFacts) -> list[tuple[str, str]]:
    who, boss = facts.company, facts.company.signatory
    born = f"*{wording.dotted(boss.born_on)}"
    seat = f"{who.address.city}, {who.address.street}, {who.address.postcode} {who.address.city}"
    return [
        ("1. Anzahl der bisherigen Eintragungen:", "7"),
        ("2. a) Firma:", who.name),
        ("b) Sitz, Niederlassung, inländische Geschäftsanschrift:", seat),
        ("c) Gegenstand des Unternehmens:", who.activity),
        ("3. Grund- oder Stammkapital:", f"{wording.german_amount(who.share_capital)} EUR"),
        ("4. a) Allgemeine Vertretungsregelung:",
         "Ist nur ein Geschäftsführer bestellt, so vertritt er die Gesellschaft allein."),
        ("b) Vorstand, Geschäftsführer:",
         f"{boss.family}, {boss.given}, {boss.home.city}, {born}, einzelvertretungsberechtigt"),
        ("5. Prokura:", "-"),
        ("6. a) Rechtsform, Beginn, Satzung:",
         f"{who.legal_form}, Gesellschaftsvertrag vom {wording.dotted(who.registered_on)}"),
        ("7. a) Tag der letzten Eintragung:", wording.dotted(facts.last_entry_on)),
    ]  # fmt: skip


def _belgian(facts: RegisterFacts) -> bytes:
    who, boss = facts.company, facts.company.signatory
    since = wording.in_words(who.registered_on, first="1")
    pen = _upright(facts, title="Extrait BCE", producer="SPF Economie")
    pen.text((60, 70), "Banque-Carrefour des Entreprises", face="sans-bold", size=15)
    pen.text((60, 88), "SPF Economie, P.M.E., Classes moyennes et Energie", size=9)
    as_of = wording.in_words(facts.printed_on, first="1")
    about = f"Extrait des données de l'entité enregistrée, situation au {as_of}"
    pen.text((60, 124), about, face="sans-bold", size=10.5)
    rows = [
        ("Numéro d'entreprise :", who.number),
        ("Statut :", "Actif"),
        ("Situation juridique :", f"Situation normale, depuis le {since}"),
        ("Date de début :", since),
        ("Dénomination :", who.name),
        ("Adresse du siège :", f"{who.address.street}, {who.address.postcode} {who.address.city}"),
        ("Type d'entité :", "Personne morale"),
        ("Forme légale :", who.legal_form),
        ("Fonctions :", f"Administrateur {boss.family}, {boss.given} - Depuis le {since}"),
        ("Activités TVA (NACEBEL) :", who.activity),
    ]
    y = _pairs(pen, 156, rows)
    note = (
        "Cet extrait est produit à partir des données inscrites dans la BCE à la date indiquée "
        "ci-dessus."
    )
    pen.text((60, y + 20), note, size=8.5)
    return pen.finish()


def _polish(facts: RegisterFacts) -> bytes:
    who, boss = facts.company, facts.company.signatory
    pen = _upright(facts, title="KRS", producer="Ministerstwo Sprawiedliwosci")
    title = ["KRAJOWY REJESTR SĄDOWY", f"Stan na dzień {wording.dotted(facts.printed_on)}"]
    pen.lines((pen.width / 2, 70), _latin(title), face="sans-bold", size=12, align="centre")
    number = f"Numer KRS: {who.number}"
    pen.text((pen.width / 2, 112), number, face="sans-bold", size=11, align="centre")
    about = [
        "Informacja odpowiadająca odpisowi aktualnemu",
        "z rejestru przedsiębiorców pobrana na podstawie art. 4 ust. 4aa ustawy",
    ]
    pen.lines((pen.width / 2, 136), _latin(about), size=9, align="centre")
    rows = [
        ("Oznaczenie formy prawnej", who.legal_form),
        ("Firma, pod którą spółka działa", who.name),
        ("Siedziba", who.address.city),
        ("Adres", f"ul. {who.address.street}, {who.address.postcode} {who.address.city}"),
        ("Wysokość kapitału zakładowego", f"{wording.amount(who.share_capital)} PLN"),
        ("Organ uprawniony do reprezentacji", f"ZARZĄD: {boss.family}, {boss.given}"),
    ]
    cells = [(_latin([label])[0], _latin([value])[0]) for label, value in rows]
    table(pen, (56, 178), cells, widths=(200, 283), look=Look(size=9, pad=5))
    return pen.finish()


#: The one face at hand for foreign letters lacks some Polish ones: written as in a telegram.
_TELEGRAM = str.maketrans("ąęńśźżĄĘŃŚŹŻć", "aenszzAENSZZc")


def _latin(lines: list[str]) -> list[str]:
    return [line.translate(_TELEGRAM) for line in lines]


_REGISTERS = {"DE": _german, "BE": _belgian, "PL": _polish}


def _upright(facts: RegisterFacts, *, title: str, producer: str) -> Pen:
    return Pen(
        title=title, producer=producer,
        written_at=wording.at_time(facts.printed_on, time(11, 5)),
    )  # fmt: skip


def _pairs(pen: Pen, y: float, rows: list[tuple[str, str]]) -> float:
    for label, value in rows:
        pen.text((60, y), label, size=9.5)
        y = pen.paragraph((230, y), value, width=310, face="sans-bold", size=9.5) + 6
    return y


@dataclass(frozen=True, slots=True)
class _A1Words:
    """The fixed words of the form in one language: title, sections, labels."""

    title: str
    sections: tuple[str, str, str, str, str]
    person: tuple[str, str, str]
    state: tuple[str, str, str]
    posted: str
    employer: tuple[str, str]
    body: tuple[str, str]


_A1_WORDS = {
    "de": _A1Words(
        "Bescheinigung über die Rechtsvorschriften der sozialen Sicherheit, die auf den/die "
        "Inhaber/in anzuwenden sind",
        ("1. ANGABEN ZUR PERSON DES INHABERS / DER INHABERIN",
         "2. MITGLIEDSTAAT, DESSEN RECHTSVORSCHRIFTEN GELTEN", "3. STATUSBESTÄTIGUNG",
         "4. ANGABEN ZUM ARBEITGEBER / ZUR SELBSTÄNDIGEN TÄTIGKEIT", "6. AUSSTELLENDE STELLE"),
        ("Nachname", "Vornamen", "Geburtsdatum"),
        ("Mitgliedstaat", "Anfangsdatum", "Enddatum"),
        "Entsandte(r) Arbeitnehmer(in)",
        ("Name", "Anschrift"),
        ("Bezeichnung", "Datum"),
    ),
    "fr": _A1Words(
        "Certificat concernant la législation de sécurité sociale applicable au titulaire",
        ("1. RENSEIGNEMENTS CONCERNANT LE TITULAIRE",
         "2. ÉTAT MEMBRE DONT LA LÉGISLATION S'APPLIQUE", "3. CONFIRMATION DU STATUT",
         "4. RENSEIGNEMENTS CONCERNANT L'EMPLOYEUR / L'ACTIVITÉ NON SALARIÉE",
         "6. INSTITUTION QUI DÉLIVRE LE CERTIFICAT"),
        ("Nom", "Prénoms", "Date de naissance"),
        ("État membre", "Date de début", "Date de fin"),
        "Travailleur salarié détaché",
        ("Nom", "Adresse"),
        ("Nom", "Date"),
    ),
}  # fmt: skip


def draw_a1(facts: A1Facts) -> bytes:
    """The certificate as a one-page PDF. No personal identification number is drawn."""
    words = _A1_WORDS[facts.language]
    pen = Pen(title="A1", producer="sv.net", written_at=wording.noon(facts.issued_on))
    head = ["Coordination des systèmes de sécurité sociale", "Règlements UE 883/04 et 987/09 (*)"]
    pen.lines((46, 56), head, face="sans-bold", size=9)
    pen.box((484, 40), width=64, height=36, edge=_BLUE, line=1.5)
    pen.text((516, 67), "A1", face="sans-bold", size=24, align="centre", colour=_BLUE)
    y = pen.paragraph((46, 104), words.title, width=500, face="sans-bold", size=9.5)
    for section, rows in zip(words.sections, _a1_rows(facts, words), strict=True):
        y = _a1_section(pen, y + 12, section, rows)
    law = (
        "(*) Règlement (CE) n° 883/2004, articles 11 à 16, et règlement (CE) n° 987/2009, "
        "article 19."
    )
    pen.text((46, y + 24), law, size=7)
    pen.text((548, 806), "1/1", size=8, align="right")
    return pen.finish()


def _a1_section(pen: Pen, y: float, title: str, rows: list[tuple[str, str, str]]) -> float:
    pen.box((46, y), width=502, height=15, fill=_BLUE, edge=_BLUE)
    pen.text((52, y + 11), title, face="sans-bold", size=8.5, colour="#ffffff")
    look = Look(size=9, pad=4, edge=_BLUE, face="sans-bold")
    cells = [(number, f"{label}", value) for number, label, value in rows]
    return table(pen, (46, y + 15), cells, widths=(40, 180, 282), look=look)


def _a1_rows(facts: A1Facts, words: _A1Words) -> list[list[tuple[str, str, str]]]:
    day = wording.dotted if facts.language == "de" else wording.slashed
    boss = facts.employer
    where = f"{boss.address.street}, {boss.address.postcode} {boss.address.city}"
    body = f"{facts.body}, {facts.body_address.postcode} {facts.body_address.city}"
    return [
        [("1.2", words.person[0], facts.family), ("1.3", words.person[1], facts.given),
         ("1.5", words.person[2], day(facts.born_on))],
        [("2.1", words.state[0], boss.country), ("2.2", words.state[1], day(facts.valid_from)),
         ("2.3", words.state[2], day(facts.valid_until))],
        [("3.1", words.posted, "X")],
        [("4.2", words.employer[0], boss.name), ("4.4", words.employer[1], where)],
        [("6.1", words.body[0], body), ("6.9", words.body[1], day(facts.issued_on))],
    ]  # fmt: skip
