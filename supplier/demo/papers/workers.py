"""Papers on foreign workers subject to a permit: the statement that there is none, and the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplier.demo.papers import wording
from supplier.demo.papers.grid import Look, table
from supplier.demo.papers.identity import Company
from supplier.demo.papers.pen import Pen

_LEFT = 56.0
_WIDTH = 483.0
_HEAD = (
    "Nom",
    "Prénom",
    "Nationalité",
    "Date d'embauche",
    "Type du titre valent autorisation de travail",
    "Numéro du titre valant autorisation de travail",
)
_WIDTHS = (76.0, 66.0, 72.0, 66.0, 110.0, 93.0)
_SWORN = (
    "Atteste sur l'honneur que la société n'emploie pas de salariés étrangers soumis à "
    "l'autorisation de travail en France."
)
_PROMISE = (
    "Je m'engage à renvoyer au donneur d'ordre le présent document mis à jour dès qu'une "
    "modification intervient dans la composition du personnel employé."
)
_EXEMPT = (
    "* Sont dispensés les ressortissants de l'Union européenne, de l'Espace économique européen "
    "et de la Suisse."
)


@dataclass(frozen=True, slots=True)
class Worker:
    """One line of the list, as article D8254-2 asks for it."""

    family: str
    given: str
    nationality: str
    hired_on: date
    permit_type: str
    permit_number: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (
            self.family.upper(),
            self.given,
            self.nationality,
            wording.slashed(self.hired_on),
            self.permit_type,
            self.permit_number,
        )

    @property
    def fields(self) -> dict[str, str]:
        return {
            "name": f"{self.family.upper()} {self.given}",
            "hired_on": self.hired_on.isoformat(),
            "nationality": self.nationality,
            "permit_type": self.permit_type,
            "permit_number": self.permit_number,
        }


@dataclass(frozen=True, slots=True)
class WorkersFacts:
    """What one paper says: no workers means the sworn statement that there are none.

    `contradicts` swears that there are none above a filled list.
    """

    company: Company
    signed_on: date
    workers: tuple[Worker, ...] = ()
    contradicts: bool = False

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        found: dict[str, object] = {
            "siren": self.company.siren,
            "company_name": self.company.name,
            "signed_on": self.signed_on.isoformat(),
            "signatory": self.company.signatory.spoken,
        }
        if self.workers:
            found["workers"] = [worker.fields for worker in self.workers]
        return found


def draw_workers(facts: WorkersFacts) -> bytes:
    """The list, or the list with NÉANT, on the form that most companies use."""
    pen = _pen(facts)
    y = _heading(pen)
    y = _declarant(pen, y, facts)
    if not facts.workers or facts.contradicts:
        y = pen.paragraph((_LEFT, y + 10), _SWORN, width=_WIDTH, size=10)
    rows = [worker.cells for worker in facts.workers]
    y = table(pen, (_LEFT, y + 12), rows, widths=_WIDTHS, look=Look(size=8), head=_HEAD)
    if not rows:
        pen.box((_LEFT, y), width=_WIDTH, height=24, edge="#000000")
        pen.text((pen.width / 2, y + 16), "NÉANT", face="sans-bold", size=10, align="centre")
        y += 24
    y = pen.paragraph((_LEFT, y + 26), _PROMISE, width=_WIDTH, size=10)
    _signed(pen, y + 24, facts)
    pen.paragraph((_LEFT, 780), _EXEMPT, width=_WIDTH, size=7)
    return pen.finish()


def _pen(facts: WorkersFacts) -> Pen:
    return Pen(
        title="Salariés étrangers", producer="LibreOffice 24.8",
        written_at=wording.noon(facts.signed_on),
    )  # fmt: skip


def _heading(pen: Pen) -> float:
    middle = pen.width / 2
    title = ["LISTE DES SALARIÉS ÉTRANGERS", "SOUMIS À L'AUTORISATION DE TRAVAIL*"]
    y = pen.lines((middle, 76), title, face="sans-bold", size=13, align="centre")
    law = "Conformément à l'art. D8254-2 du Code du Travail"
    pen.text((middle, y + 10), law, size=10, align="centre")
    return y + 44


def _declarant(pen: Pen, y: float, facts: WorkersFacts) -> float:
    who, person = facts.company, facts.company.signatory
    lines = [
        f"Je soussigné{'e' if person.woman else ''}, {person.spoken}",
        f"agissant en qualité de {person.role.lower()} de la société {who.name}",
        f"N° SIRET : {who.siret}",
        f"N° TVA intracom : {who.vat or wording.vat_number(who.siren)}",
    ]
    return pen.lines((_LEFT, y), lines, size=10, leading=1.5)


def _signed(pen: Pen, y: float, facts: WorkersFacts) -> None:
    town = facts.company.address.city
    pen.text((330, y), f"Fait à {town}, le {wording.slashed(facts.signed_on)}", size=10)
    pen.text((330, y + 22), "Signature", size=10)
    pen.sign((334, y + 62), facts.company.signatory.spoken, width=110)
