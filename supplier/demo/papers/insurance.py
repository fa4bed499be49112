"""The certificate of ten-year liability insurance (articles A243-2 and following)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplier.demo.papers import wording
from supplier.demo.papers.grid import Look, table
from supplier.demo.papers.identity import Address, Company
from supplier.demo.papers.pen import Pen

_LEFT = 60.0
_WIDTH = 475.0
_TERMS = (
    "Le contrat garantit la responsabilité décennale de l'assuré instaurée par les articles 1792 "
    "et suivants du code civil, dans le cadre et les limites prévus par les articles L. 241-1 et "
    "L. 241-2 du code des assurances relatifs à l'obligation d'assurance décennale.",
    "La garantie couvre les travaux de réparation de l'ouvrage auquel l'assuré a contribué, ainsi "
    "que des ouvrages existants totalement incorporés dans l'ouvrage neuf, lorsque la "
    "responsabilité de l'assuré est engagée.",
    "Durée et maintien de la garantie : dix ans à compter de la réception des travaux.",
    "La présente attestation ne peut engager l'assureur au-delà des clauses et conditions du "
    "contrat auquel elle se réfère.",
)


@dataclass(frozen=True, slots=True)
class InsuranceFacts:
    """What one certificate says; both ends of the period are days of cover."""

    company: Company
    insurer: str
    insurer_address: Address
    policy_number: str
    valid_from: date
    valid_until: date
    issued_on: date
    activities: tuple[str, ...]

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "siren": self.company.siren,
            "company_name": self.company.name,
            "insurer": self.insurer,
            "policy_number": self.policy_number,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }


def draw_insurance(facts: InsuranceFacts) -> bytes:
    """The certificate as a one-page PDF."""
    pen = Pen(
        title="Attestation d'assurance décennale", producer="Quadient",
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    pen.text((_LEFT, 60), facts.insurer, face="serif-bold", size=15)
    pen.lines((_LEFT, 74), facts.insurer_address.lines, face="serif", size=8.5)
    middle = pen.width / 2
    title = ["ATTESTATION D'ASSURANCE", "Assurance de responsabilité décennale obligatoire"]
    pen.lines((middle, 124), title, face="serif-bold", size=13, align="centre")
    intro = (
        f"Nous soussignés, {facts.insurer}, attestons que l'entreprise désignée ci-dessous est "
        "titulaire d'un contrat d'assurance de responsabilité décennale :"
    )
    y = pen.paragraph((_LEFT, 172), intro, width=_WIDTH, face="serif", size=10)
    look = Look(size=9.5, pad=5, edge="#7c7c7c", face="serif-bold", first_face="serif")
    y = table(pen, (_LEFT, y + 6), _rows(facts), widths=(165, 310), look=look)
    y += 24
    for words in (_cover(facts), *_TERMS):
        y = pen.paragraph((_LEFT, y), words, width=_WIDTH, face="serif", size=10) + 8
    town = facts.insurer_address.city
    pen.text((340, y + 24), f"Fait à {town}, le {wording.in_words(facts.issued_on)}", face="serif")
    pen.text((340, y + 38), "Pour l'assureur", face="serif", size=10)
    pen.sign((342, y + 84), facts.insurer, width=110)
    return pen.finish()


def _rows(facts: InsuranceFacts) -> list[tuple[str, str]]:
    who = facts.company
    return [
        ("Assuré", who.name),
        ("Adresse", who.address.joined),
        ("N° SIREN", wording.spaced(who.siren)),
        ("Numéro de contrat", facts.policy_number),
        ("Activités garanties", " ; ".join(facts.activities)),
    ]


def _cover(facts: InsuranceFacts) -> str:
    return (
        "La présente attestation est valable pour les chantiers ouverts entre le "
        f"{wording.in_words(facts.valid_from)} et le {wording.in_words(facts.valid_until)} en "
        "France métropolitaine, pour des opérations de construction dont le coût total n'est pas "
        "supérieur à 15 000 000 €."
    )
