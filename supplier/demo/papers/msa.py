"""The certificate of the agricultural fund (MSA)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplier.demo.papers import wording
from supplier.demo.papers.grid import Look, table
from supplier.demo.papers.identity import Company, Office
from supplier.demo.papers.pen import Pen


@dataclass(frozen=True, slots=True)
class MsaFacts:
    """What one certificate of the agricultural fund says; amounts in whole euros."""

    company: Company
    office: Office
    issued_on: date
    situation_on: date
    security_code: str
    headcount: int
    payroll: int

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "siren": self.company.siren,
            "sirets": [self.company.siret],
            "company_name": self.company.name,
            "issued_on": self.issued_on.isoformat(),
            "situation_on": self.situation_on.isoformat(),
            "security_code": self.security_code,
            "headcount": str(self.headcount),
            "payroll": f"{self.payroll}.00",
            "issuer": self.office.name,
        }


def draw_msa(facts: MsaFacts) -> bytes:
    """The one page of the agricultural fund's certificate."""
    pen = Pen(
        title="Attestation de vigilance MSA", producer="MSA",
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    green, who = "#00713f", facts.company
    pen.text((56, 60), "msa", face="sans-bold", size=28, colour=green)
    office = ["santé famille retraite services", "", facts.office.name, *facts.office.address.lines]
    pen.lines((56, 76), office, size=9)
    pen.lines((360, 132), [who.name, *who.address.lines], size=9)
    pen.text((56, 196), f"{facts.office.town}, le {wording.in_words(facts.issued_on)}", size=9)
    pen.text((56, 220), "Objet : attestation de vigilance", face="sans-bold", size=9)
    pen.box((56, 240), width=482, height=44, fill=green)
    title = [
        "ATTESTATION DE FOURNITURE DE DÉCLARATIONS SOCIALES ET DE PAIEMENT DES",
        "COTISATIONS ET CONTRIBUTIONS SOCIALES",
    ]
    middle = pen.width / 2
    pen.lines((middle, 258), title, face="sans-bold", align="centre", colour="#ffffff", leading=1.6)
    law = (
        "Articles L. 8222-1 et D. 8222-5 du code du travail, L. 724-7 et L. 725-24 du code rural "
        "et de la pêche maritime"
    )
    pen.text((middle, 304), law, size=7.5, align="centre")
    y = table(
        pen, (56, 318), _msa_rows(facts), widths=(200, 282), look=Look(size=9, pad=5, edge=green)
    )
    words = (
        "La caisse de Mutualité sociale agricole atteste que l'entreprise ci-dessus a fourni les "
        "déclarations sociales lui incombant et est à jour du paiement des cotisations et "
        f"contributions sociales dues à la date du {wording.in_words(facts.situation_on)}."
    )
    y = pen.paragraph((56, y + 24), words, width=482, size=9)
    check = (
        "L'authenticité de ce document peut être vérifiée sur www.msa.fr à l'aide du numéro de "
        "sécurité."
    )
    y = pen.paragraph((56, y + 8), check, width=482, size=9)
    pen.text((360, y + 24), "Le Directeur Général", size=9)
    pen.sign((362, y + 64), facts.office.name)
    return pen.finish()


def _msa_rows(facts: MsaFacts) -> list[tuple[str, str]]:
    who = facts.company
    return [
        ("Raison sociale", who.name),
        ("SIREN / SIRET", f"{wording.spaced(who.siren)} / {wording.spaced_siret(who.siret)}"),
        ("Effectif salarié", str(facts.headcount)),
        ("Total des rémunérations déclarées", f"{facts.payroll:,} €".replace(",", " ")),
        ("Numéro de sécurité", facts.security_code),
    ]
