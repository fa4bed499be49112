"""Papers without a kind of their own: dues, a cover letter, what only a requirement names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supplier.demo.papers import wording
from supplier.demo.papers.identity import Company, Office
from supplier.demo.papers.pen import Pen

_LEFT = 56.0
_WIDTH = 483.0


@dataclass(frozen=True, slots=True)
class DuesFacts:
    """A call for contributions: often handed in instead of the certificate."""

    company: Company
    office: Office
    issued_on: date
    due_on: date
    amount: Decimal

    @property
    def fields(self) -> dict[str, object]:
        """No field of this paper is read."""
        return {}


@dataclass(frozen=True, slots=True)
class CoverFacts:
    """A letter that announces the papers sent with it."""

    company: Company
    to: str
    written_on: date
    enclosed: tuple[str, ...]

    @property
    def fields(self) -> dict[str, object]:
        """No field of this paper is read."""
        return {}


@dataclass(frozen=True, slots=True)
class ProofFacts:
    """A certificate of which only a requirement tells what it is: a guarantee, a posting."""

    company: Company
    issuer: str
    title: str
    words: str
    issued_on: date
    rows: tuple[tuple[str, str], ...]

    @property
    def fields(self) -> dict[str, object]:
        """No field of this paper is read: a person says what it answers."""
        return {}


def draw_dues(facts: DuesFacts) -> bytes:
    """The call as a one-page PDF."""
    pen = Pen(
        title="Avis d'appel de cotisations", producer="GPL Ghostscript 9.06",
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    who = facts.company
    pen.lines((_LEFT, 60), [facts.office.name, *facts.office.address.capitals], size=9)
    pen.lines((340, 130), [who.name.upper(), *who.address.capitals], face="mono", size=9)
    pen.text((_LEFT, 200), f"N° SIREN : {wording.spaced(who.siren)}", size=9)
    dated = f"{facts.office.town}, le {wording.slashed(facts.issued_on)}"
    pen.text((_LEFT, 216), dated, size=9)
    title = "AVIS D'APPEL DE COTISATIONS ET CONTRIBUTIONS SOCIALES"
    pen.text((pen.width / 2, 256), title, face="sans-bold", size=13, align="centre")
    words = (
        "Nous vous invitons à régler la somme ci-dessous au plus tard à la date d'échéance. À "
        "défaut, une mise en demeure vous sera adressée et des majorations seront appliquées."
    )
    y = pen.paragraph((_LEFT, 292), words, width=_WIDTH, size=10)
    sums = [
        f"Montant à payer : {wording.amount(facts.amount)} €",
        f"Date d'échéance : {wording.slashed(facts.due_on)}",
    ]
    pen.lines((_LEFT, y + 16), sums, face="sans-bold", size=11, leading=1.6)
    return pen.finish()


def draw_cover(facts: CoverFacts) -> bytes:
    """The letter as a one-page PDF."""
    pen = Pen(
        title="Courrier", producer="LibreOffice 24.8", written_at=wording.noon(facts.written_on)
    )
    who = facts.company
    pen.lines((_LEFT, 70), [who.name, *who.address.lines], size=10)
    pen.text((350, 130), facts.to, size=10)
    pen.text((350, 180), f"{who.address.city}, le {wording.in_words(facts.written_on)}", size=10)
    pen.text((_LEFT, 216), "Objet : envoi de nos pièces", face="sans-bold", size=10)
    opening = "Madame, Monsieur, veuillez trouver ci-joint les pièces que vous nous demandez :"
    pen.text((_LEFT, 246), opening, size=10)
    y = pen.lines((_LEFT + 16, 272), [f"– {item}" for item in facts.enclosed], size=10, leading=1.5)
    pen.text((_LEFT, y + 12), "Nous restons à votre disposition.", size=10)
    pen.text((350, y + 44), who.signatory.spoken, size=10)
    pen.sign((352, y + 84), who.signatory.spoken)
    return pen.finish()


def draw_proof(facts: ProofFacts) -> bytes:
    """The certificate as a one-page PDF."""
    pen = Pen(
        title=facts.title, producer="LibreOffice 24.8", written_at=wording.noon(facts.issued_on)
    )
    pen.text((_LEFT, 64), facts.issuer, face="sans-bold", size=11)
    pen.text((_LEFT, 84), wording.slashed(facts.issued_on), size=10)
    who = facts.company
    pen.lines((340, 120), [who.name, *who.address.lines], size=10)
    pen.text((pen.width / 2, 220), facts.title, face="sans-bold", size=13, align="centre")
    y = pen.paragraph((_LEFT, 256), facts.words, width=_WIDTH, size=10)
    pen.lines((_LEFT, y + 20), [f"{name} : {value}" for name, value in facts.rows], size=10,
              leading=1.6)  # fmt: skip
    return pen.finish()
