"""The certificates of the Urssaf: two pages for an employer, one for an independent worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplier.demo.papers import wording
from supplier.demo.papers.grid import Look, table
from supplier.demo.papers.identity import Company, Office
from supplier.demo.papers.pen import GREY, Pen, wrap

_GHOST = "GPL Ghostscript 9.06"
_DARK = "#4a4a4a"
_MAIN = 178.0
_MAIN_WIDTH = 372.0
_SIDE = 26.0
_SIDE_WIDTH = 134.0

_TITLE = (
    "ATTESTATION DE FOURNITURE DES DÉCLARATIONS SOCIALES ET DE "
    "PAIEMENT DES COTISATIONS ET CONTRIBUTIONS"
)
_CHECK = (
    "La vérification de l'authenticité et de la validité de ce document s'effectue sur "
    "www.urssaf.fr"
)
_LETTER = (
    "Madame, Monsieur,",
    "Je vous adresse votre attestation de fourniture des déclarations sociales et de paiement "
    "des cotisations et contributions sociales.",
    "{quality}, cette attestation vous est délivrée pour les établissements dont la liste figure "
    "au verso.",
    "J'attire votre attention sur le fait que ce document a été établi à partir de vos "
    "déclarations. Il ne préjuge pas de l'exactitude de ces déclarations et ne vaut pas "
    "renonciation au recouvrement d'éventuelles créances.",
    "La validité de cette attestation et le détail des informations contenues doivent être "
    "contrôlés par votre cocontractant.",
    "Pour tout renseignement complémentaire, n'hésitez pas à prendre contact avec nos "
    "conseillers Urssaf.",
)
_RESERVE = (
    "La présente attestation ne préjuge pas de l'exactitude des bases sur lesquelles elle a été "
    "établie et ne vaut pas renonciation au recouvrement des éventuelles créances contestées."
)
_NOTES = (
    "* Cette attestation concerne les contributions d'assurance chômage et cotisations AGS dues "
    "au titre des rémunérations versées à compter du 1er janvier 2011. Pour les périodes "
    "antérieures à cette date, il convient de se rapprocher de Pôle Emploi.",
    "** Cette attestation concerne les contributions liées à l'obligation d'emploi des "
    "travailleurs handicapés dues au titre des périodes d'emploi à compter du 1er janvier 2020.",
)


@dataclass(frozen=True, slots=True)
class EmployerFacts:
    """What one employer certificate says.

    `issued_on` is the day of the letter, `situation_on` the end of the period looked at,
    `payroll` in whole euros for the month of `situation_on`. Nobody employed: the form for an
    independent worker without employees, which tells neither figure.
    """

    company: Company
    office: Office
    issued_on: date
    situation_on: date
    security_code: str
    headcount: int
    payroll: int
    sirets: tuple[str, ...] = ()

    @property
    def establishments(self) -> tuple[str, ...]:
        return self.sirets or (self.company.siret,)

    @property
    def quality(self) -> str:
        """As what the company gets the certificate."""
        if self.headcount:
            return "En votre qualité d'employeur"
        return "En votre seule qualité de travailleur indépendant non employeur"

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        found: dict[str, object] = {
            "siren": self.company.siren,
            "sirets": list(self.establishments),
            "company_name": self.company.name,
            "issued_on": self.issued_on.isoformat(),
            "situation_on": self.situation_on.isoformat(),
            "security_code": self.security_code,
            "issuer": self.office.name,
        }
        if self.headcount:
            found |= {"headcount": str(self.headcount), "payroll": f"{self.payroll}.00"}
        return found


@dataclass(frozen=True, slots=True)
class IndependentFacts:
    """What one certificate of an independent worker says. No social-security number is drawn."""

    company: Company
    issued_on: date
    situation_on: date
    security_code: str

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "siren": self.company.siren,
            "sirets": [self.company.siret],
            "company_name": _civil(self.company),
            "issued_on": self.issued_on.isoformat(),
            "situation_on": self.situation_on.isoformat(),
            "security_code": self.security_code,
            "issuer": "Urssaf",
        }


def draw_urssaf_employer(facts: EmployerFacts) -> bytes:
    """The two pages of the employer's certificate: the letter, then the certificate."""
    pen = Pen(
        title="Attestation de vigilance", producer=_GHOST,
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    _letter_page(pen, facts)
    pen.turn_page()
    _certificate_page(pen, facts)
    return pen.finish()


def _letter_page(pen: Pen, facts: EmployerFacts) -> None:
    _mark(pen, rule_to=780)
    dated = f"A {facts.office.town} , le {wording.slashed(facts.issued_on)}"
    pen.text((390, 96), dated, size=9)
    office = [facts.office.name, *facts.office.address.capitals]
    pen.lines((158, 96), office, face="mono", size=8.5, align="right")
    _side_title(pen, 148, "POUR NOUS CONTACTER")
    pen.lines((_SIDE, 172), ["Courriel:  urssaf.fr", "Tel.:  3957"], size=8.5)
    _side_title(pen, 196, "RÉFÉRENCES")
    pen.text((_SIDE, 222), "N°SIREN", face="sans-bold", size=8.5)
    pen.text((84, 222), wording.spaced(facts.company.siren), size=8.5)
    pen.text((_SIDE, 268), "Page   1/2", face="sans-bold", size=8.5)
    _side_title(pen, 286, "CADRE LÉGAL")
    law = "Article L.243-15 du code de la Sécurité sociale."
    pen.paragraph((_SIDE, 312), law, width=_SIDE_WIDTH, size=7)
    _code_box(pen, 350, facts.security_code)
    _addressee(pen, 176, facts.company)
    subject = (
        "OBJET : Attestation de fourniture des déclarations sociales et paiement des cotisations "
        "et contributions sociales."
    )
    y = pen.paragraph((_MAIN, 254), subject, width=_MAIN_WIDTH, face="sans-bold", size=9)
    y += 22
    for words in _LETTER:
        said = words.format(quality=facts.quality)
        y = pen.paragraph((_MAIN, y), said, width=_MAIN_WIDTH, size=9) + 9
    pen.lines((440, y + 18), ["Cordialement,", "Le Directeur"], size=9)
    pen.upright((572, 760), "NAT / UR-311 / Attestation vigilance - URSSAF / 44 / juillet 2022")


def _certificate_page(pen: Pen, facts: EmployerFacts) -> None:
    _mark(pen, rule_to=240)
    pen.box((_MAIN - 6, 36), width=_MAIN_WIDTH + 10, height=46, fill=_DARK)
    title = wrap(_TITLE, width=_MAIN_WIDTH, face="sans-bold", size=10.5)
    pen.lines((_MAIN, 54), title, face="sans-bold", size=10.5, colour="#ffffff")
    law = "Article L.243-15 du code de la Sécurité sociale"
    pen.text((_MAIN, 96), law, size=8)
    pen.text((_MAIN + _MAIN_WIDTH, 96), "2/2", size=8, align="right")
    _addressee(pen, 124, facts.company)
    _code_box(pen, 138, facts.security_code)
    y = _terms(pen, facts)
    look = Look(size=8.5, head_fill="#dcdcdc")
    siren, head = (
        wording.spaced(facts.company.siren),
        ("NOM ET ADRESSE DU SIEGE SOCIAL", "NUMÉRO SIREN"),
    )
    seat = "\n".join((facts.company.name, *facts.company.address.capitals))
    y = table(pen, (_SIDE, y + 8), [(seat, siren)], widths=(390, 134), look=look, head=head)
    rows = [
        (f"{facts.company.name}\n{' '.join(facts.company.address.capitals)}",
         wording.spaced_siret(siret))
        for siret in facts.establishments
    ]  # fmt: skip
    head = ("ÉTABLISSEMENTS CONCERNÉS", "NUMÉRO SIRET")
    y = table(pen, (_SIDE, y + 10), rows, widths=(390, 134), look=look, head=head)
    _attest(pen, y + 18, facts)


def _terms(pen: Pen, facts: EmployerFacts) -> float:
    intro = (
        f"{facts.quality}, la présente attestation de fourniture des déclarations et de paiement "
        "des cotisations de Sécurité sociale et d'allocations familiales, de contributions "
        "d'assurance chômage et de cotisations AGS, vous est délivrée :"
    )
    y = pen.paragraph((_MAIN, 196), intro, width=_MAIN_WIDTH, size=8.5)
    figures = [
        f"- pour un effectif moyen mensuel de {facts.headcount} salariés,",
        f"- pour une masse salariale de {facts.payroll} euros,",
        f"- au titre du mois de {wording.month_in_words(facts.situation_on)},",
    ]
    points = [
        *(figures if facts.headcount else ()),
        "- et au titre du (des) établissement(s) suivant(s) :",
    ]
    return pen.lines((_MAIN, y + 4), points, size=8.5, leading=1.35)


def _attest(pen: Pen, y: float, facts: EmployerFacts) -> None:
    pen.box((_SIDE, y), width=524, height=15, fill=_DARK)
    pen.text(
        (_SIDE + 262, y + 11), "ATTESTATION DE L'UNION DE RECOUVREMENT", face="sans-bold",
        size=8.5, align="centre", colour="#ffffff",
    )  # fmt: skip
    below = pen.paragraph((_MAIN, y + 34), _certified(facts), width=_MAIN_WIDTH, size=9)
    pen.paragraph((_SIDE, y + 34), _RESERVE, width=_SIDE_WIDTH, size=6.5, colour=_DARK)
    made = [f"Fait à : {facts.office.town}", f"le : {wording.slashed(facts.issued_on)}"]
    y = pen.lines((410, below + 24), made, size=9)
    pen.lines((450, y + 14), ["Le Directeur", "ou son délégataire"], size=8)
    pen.sign((452, y + 62), facts.office.name)
    for note in _NOTES if facts.headcount else ():
        below = pen.paragraph((_MAIN, below + 24), note, width=206, size=6, face="sans-italic") - 16


def _certified(facts: EmployerFacts) -> str:
    day = wording.slashed(facts.situation_on)
    opening = (
        "Le Directeur soussigné certifie qu'au titre du (des) établissement(s) ci-dessus "
        "désigné(s), l'entreprise est à jour de ses obligations en matière de cotisations de "
        "Sécurité sociale et d'allocations familiales"
    )
    if not facts.headcount:
        return f"{opening} exigibles au {day}."
    return (
        f"{opening}, de contributions d'assurance chômage, de cotisations AGS*, et d'obligation "
        f"d'emploi des travailleurs handicapés** à la date du {day}."
    )


def draw_urssaf_independent(facts: IndependentFacts) -> bytes:
    """The one page of an independent worker's certificate."""
    pen = Pen(
        title="Attestation de vigilance", producer=_GHOST,
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    who = facts.company
    title = ["ATTESTATION DE COMPTE À JOUR ET DE", "FOURNITURE DE DÉCLARATIONS ET DE PAIEMENTS"]
    pen.lines((_MAIN, 50), title, face="sans-bold", size=12)
    pen.lines((158, 96), ["Urssaf", "93518 Montreuil Cedex"], size=9, align="right")
    pen.text((390, 96), f"A MONTREUIL, le {_capital_month(facts.issued_on)}", size=9)
    pen.lines((330, 176), [_civil(who), *who.address.capitals], face="mono", size=9)
    _independent_side(pen, facts)
    y = pen.lines(
        (_MAIN, 300), [_salute(who), "", "Le Directeur de l'Urssaf certifie que :"], size=9
    )
    y = pen.lines((_MAIN, y + 8), [_civil(who)], face="sans-bold", size=9)
    y = pen.lines((_MAIN, y + 8), [f"Numéro Siret : {who.siret}"], size=9)
    pen.text((_MAIN, y + 8), "Adresse d'activité :", size=9)
    y = pen.lines((_MAIN + 100, y + 8), who.address.capitals, size=9)
    y = pen.paragraph((_MAIN, y + 16), _up_to_date(facts), width=_MAIN_WIDTH, size=9)
    reserve = (
        "Ce document est établi à partir de vos déclarations. Il ne préjuge pas de l'exactitude "
        "de ces déclarations et ne vaut pas renonciation au recouvrement d'éventuelles créances. "
        "L'existence de délais de paiement respectés ne fait pas obstacle à la validité de cette "
        "attestation."
    )
    y = pen.paragraph((_MAIN, y + 8), reserve, width=_MAIN_WIDTH, size=9)
    made = ["Fait à : MONTREUIL", f"Le : {wording.slashed(facts.issued_on)}", "", "Le Directeur"]
    y = pen.lines((400, y + 30), made, size=9)
    pen.sign((404, y + 20), "independants")
    pen.upright((572, 760), "NAT / RSI-29B / Attestation vigilance / 16 / 17 décembre 2019")
    return pen.finish()


def _independent_side(pen: Pen, facts: IndependentFacts) -> None:
    _side_title(pen, 132, "VOTRE CONTACT")
    pen.lines((_SIDE, 158), ["Tél. : 3698", "Courriel : secu-independants.fr"], size=8)
    _side_title(pen, 184, "VOS RÉFÉRENCES")
    for y, label, value in (
        (210, "N° Sécurité Sociale", "non affiché"),
        (224, "N° SIRET", facts.company.siret),
        (238, "Page", "1/1"),
    ):
        pen.text((_SIDE, y), label, size=8)
        pen.text((_SIDE + 84, y), value, size=8)
    _side_title(pen, 262, "CADRE LÉGAL")
    law = "Articles L.8222-1 à L.8222-3 et D.8222-5 du Code du Travail."
    pen.paragraph((_SIDE, 288), law, width=_SIDE_WIDTH, size=7)
    site = "www.secu-independants.fr/attestations"
    _code_box(pen, 330, facts.security_code, check=_CHECK.replace("www.urssaf.fr", site))


def _up_to_date(facts: IndependentFacts) -> str:
    return (
        "est à jour de ses obligations en matière de déclarations et de paiements des cotisations "
        "de Sécurité sociale (maladie-maternité, indemnités journalières, retraite, "
        "invalidité-décès, allocations familiales) et des contributions sociales (CSG/CRDS et, le "
        "cas échéant, de la contribution à la formation professionnelle CFP) au "
        f"{wording.compact(facts.situation_on)}."
    )


def _mark(pen: Pen, *, rule_to: float) -> None:
    """The body's word mark, drawn in our own way, and the line beside the margin."""
    pen.text((_SIDE, 58), "Urssaf", face="sans-bold", size=20, colour=_DARK)
    pen.text((_SIDE, 70), "Au service de notre protection sociale", size=6, colour=GREY)
    pen.rule((168, 30), (168, rule_to), colour=GREY)


def _side_title(pen: Pen, y: float, title: str) -> None:
    pen.box((_SIDE, y), width=_SIDE_WIDTH, height=13, fill=_DARK)
    pen.text((_SIDE + 4, y + 9.5), title, face="sans-bold", size=8, colour="#ffffff")


def _code_box(pen: Pen, y: float, code: str, *, check: str = _CHECK) -> None:
    pen.box((_SIDE, y), width=_SIDE_WIDTH, height=76, edge=_DARK)
    pen.box((_SIDE, y), width=_SIDE_WIDTH, height=14, fill=_DARK)
    middle = _SIDE + _SIDE_WIDTH / 2
    pen.text(
        (middle, y + 10), "CODE DE SÉCURITÉ", face="sans-bold", size=8, align="centre",
        colour="#ffffff",
    )  # fmt: skip
    pen.text((middle, y + 32), code, face="sans-bold", size=10, align="centre")
    pen.paragraph((_SIDE + 4, y + 46), check, width=_SIDE_WIDTH - 8, size=6.5)


def _addressee(pen: Pen, y: float, company: Company) -> None:
    pen.lines((330, y), [company.name.upper(), *company.address.capitals], face="mono", size=9)


def _civil(company: Company) -> str:
    """A sole trader as the Urssaf writes him: MR or MME, then the name in capitals."""
    person = company.signatory
    return f"{'MME' if person.woman else 'MR'} {person.listed.upper()}"


def _salute(company: Company) -> str:
    return "Madame," if company.signatory.woman else "Monsieur,"


def _capital_month(day: date) -> str:
    """27 Octobre 2026: as this form prints its day."""
    return f"{day.day} {wording.MONTHS[day.month - 1].capitalize()} {day.year}"
