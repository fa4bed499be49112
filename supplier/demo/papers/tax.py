"""The tax compliance certificate (DGFiP), in the layout of 2023."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplier.demo.papers import wording
from supplier.demo.papers.identity import Address, Company
from supplier.demo.papers.pen import Pen

_LEFT = 84.0


@dataclass(frozen=True, slots=True)
class TaxFacts:
    """What one certificate says. `office` names the town of the tax office."""

    company: Company
    issued_on: date
    delivery_number: str
    office: str
    office_address: Address

    @property
    def issuer(self) -> str:
        return f"SERVICE IMPOTS DES ENTREPRISES {self.office.upper()}"

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "siren": self.company.siren,
            "company_name": self.company.name.upper(),
            "issued_on": self.issued_on.isoformat(),
            "delivery_number": self.delivery_number,
            "issuer": self.issuer,
        }


def draw_tax(facts: TaxFacts) -> bytes:
    """The certificate as a one-page PDF."""
    pen = Pen(
        title="Attestation de régularité fiscale", producer="DGFiP",
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    middle = pen.width / 2
    pen.text((middle, 62), "RÉPUBLIQUE FRANÇAISE", face="serif-bold", size=8, align="centre")
    body = "DIRECTION GENERALE DES FINANCES PUBLIQUES"
    pen.text((middle, 96), body, face="serif-bold", size=11, align="centre")
    pen.box((150, 112), width=295, height=26, fill="#d9d9d9", edge="#8a8a8a")
    title = "ATTESTATION DE REGULARITE FISCALE"
    pen.text((middle, 130), title, face="sans-bold", size=13, align="centre")
    number = f"Numéro de délivrance : {facts.delivery_number}"
    pen.text((middle, 166), number, face="serif-bold", size=11, align="centre")
    y = _company(pen, facts)
    for duty in (
        "- Dépôt des déclarations de résultats et de TVA",
        "- Paiement de la TVA(1)",
        "- Paiement de l'impôt sur les sociétés(1)",
    ):
        y = pen.lines((_LEFT + 50, y), [duty], face="serif", size=11, leading=1.4)
    given = f"Date de délivrance : le {wording.slashed(facts.issued_on)}"
    pen.text((250, y + 34), given, face="serif-bold", size=11)
    _office(pen, y + 74, facts)
    pen.rule((_LEFT, 742), (300, 742))
    note = "(1) Y compris les pénalités y afférent éventuellement mises à sa charge."
    pen.text((_LEFT, 754), note, face="serif", size=8)
    pen.text((pen.width - 60, 800), "page 1/1", face="sans", size=8, align="right")
    return pen.finish()


def _company(pen: Pen, facts: TaxFacts) -> float:
    who = facts.company
    y = 208.0
    pen.text((_LEFT, y), "La société désignée ci-dessous :", face="serif", size=11)
    pen.text((_LEFT, y + 32), "DENOMINATION DE LA SOCIETE :", face="serif-bold", size=11)
    y = pen.paragraph((_LEFT, y + 48), who.name.upper(), width=420, face="serif", size=11)
    seat = "ADRESSE DU PRINCIPAL ETABLISSEMENT :"
    pen.text((_LEFT, y + 16), seat, face="serif-bold", size=11)
    y = pen.lines((_LEFT, y + 32), who.address.capitals, face="serif", size=11)
    pen.text((_LEFT, y + 16), "N° SIREN :", face="serif-bold", size=11)
    pen.text((_LEFT + 64, y + 16), who.siren, face="serif", size=11)
    order = "est en règle au regard des obligations fiscales suivantes :"
    pen.text((_LEFT, y + 34), order, face="serif", size=11)
    return y + 62


def _office(pen: Pen, y: float, facts: TaxFacts) -> None:
    town = facts.office.upper()
    lines = [
        facts.issuer,
        *facts.office_address.capitals,
        "SEULEMENT SUR RV L MA ME J 8H30-12H15",
        f"SIE.{town.replace(' ', '-')}@DGFIP.EXAMPLE",
    ]
    pen.box((232, y - 16), width=310, height=96, edge="#b0b0b0")
    pen.text((387, y), "Service gestionnaire :", face="serif", size=10, align="centre")
    pen.lines((387, y + 14), lines, face="serif", size=10, align="centre")
