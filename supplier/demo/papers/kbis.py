"""The Kbis extract (and the K of a natural person), as the registries of the courts print it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from supplier.demo.papers import wording
from supplier.demo.papers.identity import Address, Company, Person
from supplier.demo.papers.pen import Pen, measure, wrap

CONTROL = "https://controle.infogreffe.fr/controle"
CONTROL_LINK = "https://www.infogreffe.fr/controle/verif?codeVerif="

_LEFT = 42.0
_VALUES = 232.0
_RIGHT = 553.0
_SIZE = 9.5
_LINE = 12.5
_BOTTOM = 762.0
#: Courts renamed for a trial until the end of 2028 (arrêté of 5 July 2024).
_ECONOMIC = frozenset(
    {"Auxerre", "Avignon", "Le Havre", "Le Mans", "Limoges", "Lyon", "Marseille", "Nancy",
     "Nanterre", "Paris", "Saint-Brieuc", "Versailles"}
)  # fmt: skip
#: Courts of Alsace-Moselle: no verification code, no control address.
_LOCAL_LAW = frozenset(
    {"Strasbourg", "Saverne", "Colmar", "Mulhouse", "Metz", "Thionville", "Sarreguemines"}
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An observation that the registrar wrote on a day."""

    number: int
    on: date
    text: str


@dataclass(frozen=True, slots=True)
class KbisFacts:
    """What one extract says. `issued_on` is "à jour au"; it is printed the day after.

    `verification_code` is empty where the court prints none. `qr_code` may contradict it.
    """

    company: Company
    issued_on: date
    management_number: str
    verification_code: str
    registry: Address
    year_end: str = "31 décembre"
    mentions: tuple[Mention, ...] = ()
    struck_off_on: date | None = None
    auditor: str = ""
    other_sites: tuple[Address, ...] = ()
    qr_code: str = ""
    printed_at: time = time(10, 38, 53)

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        who = self.company
        found: dict[str, object] = {
            "siren": who.siren,
            "company_name": who.leaders[0].listed if who.is_person else who.name,
            "registry_court": who.court,
            "registered_on": who.registered_on.isoformat(),
            "issued_on": self.issued_on.isoformat(),
            "address": who.address.joined,
            "representatives": [person.listed for person in who.leaders],
        }
        if not who.is_person:
            found["legal_form"] = who.legal_form
        if who.capital is not None:
            found["share_capital"] = f"{who.capital:.2f}"
        if self.verification_code:
            found["verification_code"] = self.verification_code
        return found


def draw_kbis(facts: KbisFacts) -> bytes:
    """The extract as a PDF; as many pages as it needs."""
    pages = _paginate(_content(facts), first=196.0, later=120.0)
    pen = Pen(
        title="Extrait Kbis",
        producer="Apache FOP Version 1.1",
        written_at=wording.at_time(facts.issued_on, facts.printed_at, days=1),
    )
    for place, rows in enumerate(pages, start=1):
        _letterhead(pen, facts)
        if place == 1:
            _heading(pen, facts)
        for y, row in rows:
            row.draw(pen, y)
        _footer(pen, facts, page=place, of=len(pages))
        if place < len(pages):
            pen.turn_page()
    return pen.finish()


@dataclass(frozen=True, slots=True)
class _Row:
    """A heading, or a label with its value. `apart` is the blank kept above it."""

    label: str
    value: str = ""
    heading: bool = False
    apart: float = 0.0
    indent: float = 0.0

    @property
    def lines(self) -> list[str]:
        width = _RIGHT - _VALUES if self.value else _RIGHT - _LEFT
        return wrap(self.value or self.label, width=width, face="serif-bold", size=_SIZE)

    @property
    def height(self) -> float:
        return self.apart + len(self.lines) * _LINE

    def draw(self, pen: Pen, y: float) -> None:
        top = y + self.apart
        if self.heading:
            pen.text((_LEFT, top), self.label, face="serif-bold-italic", size=10.5)
            pen.rule((_LEFT, top + 3), (_RIGHT, top + 3))
            return
        face = "serif" if self.value else "serif-bold"
        pen.text((_LEFT + self.indent, top), self.label, face=face, size=_SIZE)
        if self.value:
            pen.lines(
                (_VALUES, top), self.lines, face="serif-bold", size=_SIZE, leading=_LINE / _SIZE
            )


def _section(title: str, *rows: _Row) -> list[_Row]:
    return [_Row(title, heading=True, apart=11.0), _Row("", apart=-8.0), *rows]


def _content(facts: KbisFacts) -> list[_Row]:
    who = facts.company
    identity = _natural_person(facts) if who.is_person else _legal_person(facts)
    rows = [*identity]
    if not who.is_person:
        rows += _section(
            "GESTION, DIRECTION, ADMINISTRATION, CONTROLE, ASSOCIES OU MEMBRES",
            *[row for person in who.leaders for row in _leader(person)],
            *_auditor(facts),
        )
    rows += _main_site(facts)
    for site in facts.other_sites:
        rows += _section(
            "RENSEIGNEMENTS RELATIFS AUX AUTRES ETABLISSEMENTS DANS LE RESSORT",
            _Row("Adresse de l'établissement", site.line),
            _Row("Activité(s) exercée(s)", who.activity),
        )
    if facts.mentions:
        rows += _section(
            "OBSERVATIONS ET RENSEIGNEMENTS COMPLEMENTAIRES",
            *[_Row(f"- Mention n° {m.number} du {wording.slashed(m.on)}", m.text)
              for m in facts.mentions],
        )  # fmt: skip
    return rows


def _registration(facts: KbisFacts) -> list[_Row]:
    who = facts.company
    rows = [
        _Row("Immatriculation au RCS, numéro", f"{wording.spaced(who.siren)} R.C.S. {who.court}"),
        _Row("Date d'immatriculation", wording.slashed(who.registered_on)),
    ]
    if facts.struck_off_on:
        rows.append(_Row("Immatriculation radiée le", wording.slashed(facts.struck_off_on)))
    return rows


def _legal_person(facts: KbisFacts) -> list[_Row]:
    who = facts.company
    ends = who.registered_on.replace(year=who.registered_on.year + 99, day=1)
    return _section(
        "IDENTIFICATION DE LA PERSONNE MORALE",
        *_registration(facts),
        _Row("Dénomination ou raison sociale", who.name, apart=5.0),
        _Row("Forme juridique", who.legal_form),
        _Row("Capital social", f"{wording.amount(who.share_capital)} Euros"),
        _Row("Adresse du siège", who.address.line, apart=5.0),
        _Row("Activités principales", who.activity, apart=5.0),
        _Row("Nomenclature d'activités française (code NAF)", who.naf.replace(".", "")),
        _Row("Durée de la personne morale", f"Jusqu'au {wording.slashed(ends)}"),
        _Row("Date de clôture de l'exercice social", facts.year_end),
    )


def _natural_person(facts: KbisFacts) -> list[_Row]:
    person = facts.company.signatory
    return _section(
        "IDENTIFICATION DE LA PERSONNE PHYSIQUE",
        *_registration(facts),
        _Row("Nom, prénoms", person.listed, apart=5.0),
        *_civil(person, indent=0.0),
    )


def _leader(person: Person) -> list[_Row]:
    return [
        _Row(person.role, apart=3.0),
        _Row("Nom, prénoms", person.listed, indent=22.0),
        *_civil(person, indent=22.0),
    ]


def _civil(person: Person, *, indent: float) -> list[_Row]:
    born = f"Le {wording.slashed(person.born_on)} à {person.born_at}"
    return [
        _Row("Date et lieu de naissance", born, indent=indent),
        _Row("Nationalité", person.nationality, indent=indent),
        _Row("Domicile personnel", person.home.line, indent=indent),
    ]


def _auditor(facts: KbisFacts) -> list[_Row]:
    if not facts.auditor:
        return []
    return [
        _Row("Commissaire aux comptes titulaire", apart=3.0),
        _Row("Dénomination", facts.auditor, indent=22.0),
        _Row("Forme juridique", "Société anonyme", indent=22.0),
        _Row("Adresse", f"2 rue de la Mairie {facts.registry.postcode} {facts.company.court}",
             indent=22.0),
    ]  # fmt: skip


def _main_site(facts: KbisFacts) -> list[_Row]:
    who = facts.company
    return _section(
        "RENSEIGNEMENTS RELATIFS A L'ACTIVITE ET A L'ETABLISSEMENT PRINCIPAL",
        _Row("Adresse de l'établissement", who.address.line),
        _Row("Activité(s) exercée(s)", who.activity, apart=5.0),
        _Row("Nomenclature d'activités française (code NAF)", who.naf.replace(".", "")),
        _Row("Date de commencement d'activité", wording.slashed(who.registered_on)),
        _Row("Origine du fonds ou de l'activité", "Création", apart=5.0),
        _Row("Mode d'exploitation", "Exploitation directe", apart=5.0),
    )


def _paginate(rows: list[_Row], *, first: float, later: float) -> list[list[tuple[float, _Row]]]:
    """Rows with their y, page by page; a heading never ends a page."""
    pages: list[list[tuple[float, _Row]]] = [[]]
    y = first
    for row in rows:
        needed = row.height + (3 * _LINE if row.heading else 0.0)
        if y + needed > _BOTTOM and pages[-1]:
            pages.append([])
            y = later
        if not row.heading and not row.label and not row.value:
            y += row.apart + _LINE
            continue
        pages[-1].append((y, row))
        y += row.height
    return pages


def _letterhead(pen: Pen, facts: KbisFacts) -> None:
    lines = [f"Greffe du {_tribunal(facts.company.court)}", facts.registry.street]
    lines.append(f"{facts.registry.postcode} {facts.registry.city.upper()}")
    pen.lines((_LEFT, 44), lines, face="serif", size=_SIZE)
    pen.text((_LEFT, 92), f"N° de gestion {facts.management_number}", face="serif", size=_SIZE)
    if not facts.verification_code:
        return
    code = [f"Code de vérification : {facts.verification_code}", CONTROL]
    pen.lines((330, 56), code, face="serif", size=_SIZE)
    link = CONTROL_LINK + (facts.qr_code or facts.verification_code)
    pen.qr((492, 64), link, side=58)


def _tribunal(court: str) -> str:
    """The court's name: "Tribunal de Commerce du Mans", "… de Rennes", "… d'Angers"."""
    kind = "Tribunal de Commerce"
    if court in _LOCAL_LAW:
        kind = "Tribunal Judiciaire"
    elif court in _ECONOMIC:
        kind = "Tribunal des Activités Economiques"
    if court.startswith("Le "):
        return f"{kind} du {court[3:]}"
    return f"{kind} d'{court}" if court[0] in "AEIOUÉ" else f"{kind} de {court}"


def _heading(pen: Pen, facts: KbisFacts) -> None:
    middle = (_LEFT + _RIGHT) / 2
    title = "Extrait K" if facts.company.is_person else "Extrait Kbis"
    pen.text((middle, 122), title, face="serif-bold", size=17, align="centre")
    long = "EXTRAIT D'IMMATRICULATION PRINCIPALE AU REGISTRE DU COMMERCE ET DES SOCIETES"
    pen.text((middle, 148), long, face="serif-bold", size=10, align="centre")
    as_of = f"à jour au {wording.in_words(facts.issued_on)}"
    pen.text((middle, 163), as_of, face="serif", size=10, align="centre")


def _footer(pen: Pen, facts: KbisFacts, *, page: int, of: int) -> None:
    if page == of:
        pen.text((470, 772), "Le Greffier", face="serif-italic", size=_SIZE)
        pen.sign((400, 770), f"greffe {facts.company.court}", width=60)
        pen.text((_RIGHT, 790), "FIN DE L'EXTRAIT", face="serif", size=8.5, align="right")
    printed = wording.at_time(facts.issued_on, facts.printed_at, days=1)
    note = f"R.C.S. {facts.company.court} - {printed:%d/%m/%Y - %H:%M:%S}"
    pen.text((_LEFT, 808), note, face="serif", size=8.5)
    number = f"page {page}/{of}"
    x = _RIGHT - measure(number, face="serif", size=8.5)
    pen.text((x, 808), number, face="serif", size=8.5)
