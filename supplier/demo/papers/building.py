"""Letters of the construction funds: paid leave (CIBTP) and retirement (PRO BTP)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplier.demo.papers import wording
from supplier.demo.papers.identity import Company
from supplier.demo.papers.pen import Pen

_LEFT = 56.0
_WIDTH = 483.0
_TITLE = (
    "CERTIFICAT ATTESTANT LE RESPECT DES OBLIGATIONS RELATIVES AUX",
    "CONGES PAYES ET AU CHOMAGE-INTEMPERIES",
)
_LAW = (
    "(Article L.2141-2 du code de la commande publique, Arrêté du 22 mars 2019 fixant la liste des "
    "impôts, taxes, contributions ou cotisations sociales donnant lieu à la délivrance de "
    "certificats pour l'attribution des contrats de la commande publique)"
)
_POINTS = (
    "- en ce qui concerne les déclarations exigibles servant à l'assiette des cotisations de "
    "congés payés et des cotisations de chômage-intempéries,",
    "- en ce qui concerne le paiement desdites cotisations exigibles à la date de délivrance de "
    "ce document.",
)
_CHECK = (
    "Vérifier l'authenticité et la validité de l'ensemble des données portées sur ce document sur "
    "mon-espace.cibtp.fr/02/adh/authenticite-attestation-marche"
)


@dataclass(frozen=True, slots=True)
class PaidLeaveFacts:
    """What one certificate says. `in_order` False: the fund says that the company is not."""

    company: Company
    issued_on: date
    fund: str
    region: str
    town: str
    member_number: str
    certificate_number: str
    director: str
    in_order: bool = True

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "siren": self.company.siren,
            "company_name": self.company.name.upper(),
            "issued_on": self.issued_on.isoformat(),
            "issuer": self.fund,
        }


@dataclass(frozen=True, slots=True)
class PensionFacts:
    """What a PRO BTP letter says: a paper of another kind than any that is asked for."""

    company: Company
    issued_on: date
    due_on: date
    town: str

    @property
    def fields(self) -> dict[str, object]:
        """No field of this paper is read."""
        return {}


def draw_paid_leave(facts: PaidLeaveFacts) -> bytes:
    """The certificate as a one-page PDF."""
    pen = Pen(
        title="Certificat congés payés", producer="CIBTP", written_at=wording.noon(facts.issued_on)
    )
    who = facts.company
    pen.text((_LEFT, 40), "ADCATTMPUBLIC", size=6)
    pen.text((_LEFT, 66), "CIBTP", face="sans-bold", size=20)
    pen.text((_LEFT, 80), facts.region.upper(), size=8)
    contact = ["Références à rappeler :", f"  Votre identifiant CIBTP : {facts.member_number}",
               f"  SIRET : {who.siret}", "Pour nous contacter :",
               "  Votre espace dédié sur cibtp.fr"]  # fmt: skip
    pen.lines((_LEFT, 106), contact, size=7.5)
    pen.lines((340, 128), [who.name.upper(), *who.address.capitals], size=9.5)
    _security(pen, facts)
    pen.text((360, 262), f"{facts.town}, le {_capital_month(facts.issued_on)}", size=9.5)
    y = pen.lines((pen.width / 2, 296), _TITLE, face="sans-bold", size=11, align="centre")
    y = pen.paragraph((_LEFT, y + 6), _LAW, width=_WIDTH, size=7)
    pen.text((_LEFT, y + 16), "Identification de l'entreprise :", size=9.5)
    y = pen.lines((_LEFT + 20, y + 32), [who.name.upper(), *who.address.capitals], size=9.5)
    member = f"SIREN : {who.siren} - N° Adhérent : {facts.member_number}"
    pen.text((_LEFT + 20, y), member, size=9.5)
    y = pen.paragraph((_LEFT, y + 24), _statement(facts), width=_WIDTH, size=9.5)
    for point in _POINTS:
        y = pen.paragraph((_LEFT, y + 4), point, width=_WIDTH, size=9.5)
    y = pen.lines((380, y + 24), [facts.director, "Directeur Général"], size=9.5)
    pen.sign((382, y + 34), facts.director)
    reserve = (
        "Le présent certificat ne préjuge pas de l'exactitude des bases sur lesquelles il a été "
        "établi"
    )
    pen.text((_LEFT, 740), reserve, size=7.5)
    pen.text((_LEFT, 770), facts.fund, face="sans-bold", size=8)
    return pen.finish()


def _security(pen: Pen, facts: PaidLeaveFacts) -> None:
    pen.box((_LEFT, 172), width=210, height=66, edge="#000000")
    pen.box((_LEFT, 172), width=210, height=13, fill="#000000")
    pen.text((_LEFT + 6, 182), "CODE DE SECURITE", face="sans-bold", size=8, colour="#ffffff")
    number = f"Numéro de l'attestation : {facts.certificate_number}"
    pen.text((_LEFT + 4, 198), number, face="sans-bold", size=7)
    pen.paragraph((_LEFT + 4, 208), _CHECK, width=202, size=7)


def _statement(facts: PaidLeaveFacts) -> str:
    state = "est en situation régulière" if facts.in_order else "n'est pas en situation régulière"
    return (
        f"Je soussigné, {facts.director}, Directeur Général, dont relève l'entreprise pour les "
        "cotisations obligatoires relatives aux congés payés et au chômage-intempéries, atteste, "
        "conformément à l'article L.2141-2 du code de la commande publique, que l'entreprise "
        f"{state} vis-à-vis de la caisse :"
    )


def draw_pension(facts: PensionFacts) -> bytes:
    """The letter as a one-page PDF."""
    pen = Pen(
        title="Attestation de cotisations", producer="PRO BTP",
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    who = facts.company
    dated = f"{facts.town}, le {_capital_month(facts.issued_on)}"
    pen.text((_LEFT, 60), "PRO BTP", face="sans-bold", size=18)
    head = ["Contact", "www.probtp.com", f"Siret : {who.siret}",
            "(À rappeler dans tous nos échanges)"]  # fmt: skip
    pen.lines((_LEFT, 84), head, size=8)
    pen.text((360, 160), dated, size=10)
    pen.text((_LEFT, 200), "Objet : Attestation de cotisations", face="sans-bold", size=10)
    pen.text((pen.width / 2, 240), "ATTESTATION", face="sans-bold", size=14, align="centre")
    lines = [
        "Je, soussigné, atteste que l'entreprise :",
        f"   • Raison sociale : {who.name}",
        f"   • Adresse : {who.address.line}",
        f"   • Numéro de Siret : {who.siret}",
        "a souscrit :",
        "   - un contrat retraite à ALPRO agirc-arrco",
        "   - un contrat prévoyance auprès de BTP-PRÉVOYANCE",
        "et qu'en tenant compte des éléments connus à cette date, elle est à jour des cotisations "
        "exigi-",
        f"bles au {wording.dotted(facts.due_on)}.",
        "",
        "Fait pour valoir et servir ce que de droit.",
        "",
        dated,
        "Directeur régional",
    ]
    y = pen.lines((_LEFT, 280), lines, size=10, leading=1.5)
    pen.sign((_LEFT, y + 30), "probtp")
    return pen.finish()


def _capital_month(day: date) -> str:
    return f"{day.day} {wording.MONTHS[day.month - 1].capitalize()} {day.year}"
