"""The certificate of registration in the national business register (RNE), kept by the INPI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplier.demo.papers import wording
from supplier.demo.papers.grid import Look, table
from supplier.demo.papers.identity import Company
from supplier.demo.papers.pen import Pen

_RED = "#c3102f"
_LEFT = 56.0
_WIDTHS = (170.0, 313.0)
_LOOK = Look(size=8.5, pad=4.5, edge="#b9b9b9")


@dataclass(frozen=True, slots=True)
class RneFacts:
    """What one certificate says: the state of the entry on `issued_on`."""

    company: Company
    issued_on: date
    updated_on: date

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        who = self.company
        return {
            "siren": who.siren,
            "company_name": who.leaders[0].listed if who.is_person else who.name,
            "legal_form": who.legal_form,
            "registered_on": who.registered_on.isoformat(),
            "issued_on": self.issued_on.isoformat(),
            "address": who.address.joined,
            "representatives": [person.listed for person in who.leaders],
        }


def draw_rne(facts: RneFacts) -> bytes:
    """The certificate as a one-page PDF."""
    pen = Pen(
        title="Attestation d'immatriculation au RNE",
        producer="INPI RNE",
        written_at=wording.noon(facts.issued_on),
    )
    _heading(pen, facts)
    y = _block(pen, 182.0, "Identité de l'entreprise", _identity(facts))
    if not facts.company.is_person:
        for person in facts.company.leaders:
            rows = [
                ("Qualité", person.role),
                ("Nom, Prénom(s)", person.listed),
                ("Date de naissance (mm/aaaa)", f"{person.born_on:%m/%Y}"),
                ("Commune de résidence", person.home.city),
            ]
            y = _block(pen, y + 22, "Gestion et Direction", rows)
    y = _block(pen, y + 22, "Établissements", _site(facts))
    note = (
        "La présente attestation vaut justificatif d'immatriculation au Registre national des "
        "entreprises. Elle peut être obtenue gratuitement sur data.inpi.fr."
    )
    pen.paragraph((_LEFT, y + 24), note, width=sum(_WIDTHS), size=7.5)
    foot = "Document issu du Registre national des entreprises tenu par l'INPI - page 1/1"
    pen.text((pen.width / 2, 806), foot, size=7, align="centre")
    return pen.finish()


def _heading(pen: Pen, facts: RneFacts) -> None:
    pen.text((_LEFT, 58), "inpi", face="sans-bold", size=26, colour=_RED)
    right = ["REGISTRE NATIONAL DES ENTREPRISES", "Guichet unique des formalités des entreprises"]
    pen.lines((_LEFT + sum(_WIDTHS), 48), right, size=7.5, align="right")
    pen.rule((_LEFT, 74), (_LEFT + sum(_WIDTHS), 74), colour=_RED, line=1.2)
    title = ["Attestation d'immatriculation", "au Registre national des entreprises"]
    middle = pen.width / 2
    pen.lines((middle, 104), title, face="sans-bold", size=14, align="centre")
    name = facts.fields["company_name"]
    about = f"concernant l'entreprise {name} à la date du {wording.in_words(facts.issued_on)}"
    pen.paragraph((middle, 142), about, width=sum(_WIDTHS), size=9, align="centre")
    updated = f"Date de mise à jour de l'entreprise : {wording.slashed(facts.updated_on)}"
    pen.text((_LEFT, 166), updated, size=7.5)


def _block(pen: Pen, y: float, title: str, rows: list[tuple[str, str]]) -> float:
    pen.text((_LEFT, y + 10), title, face="sans-bold", size=10, colour=_RED)
    return table(pen, (_LEFT, y + 16), rows, widths=_WIDTHS, look=_LOOK)


def _identity(facts: RneFacts) -> list[tuple[str, str]]:
    who = facts.company
    label = "Nom, Prénom(s)" if who.is_person else "Dénomination"
    rows = [
        (label, str(facts.fields["company_name"])),
        ("SIREN (Siège)", wording.spaced(who.siren)),
        ("Date d'immatriculation au RNE", wording.slashed(who.registered_on)),
        ("Date d'activité", wording.slashed(who.registered_on)),
        ("Nature de l'activité principale", "Artisanale"),
        ("Forme juridique", who.legal_form),
        ("Code APE", who.naf.replace(".", "")),
        ("Adresse du siège", f"{who.address.joined}"),
    ]
    if who.capital is not None:
        rows.insert(7, ("Capital social", f"{wording.amount(who.capital)} EUR"))
    return rows


def _site(facts: RneFacts) -> list[tuple[str, str]]:
    who = facts.company
    return [
        ("Type d'établissement", "Siège et principal"),
        ("Date début activité", wording.slashed(who.registered_on)),
        ("Siret", wording.spaced_siret(who.siret)),
        ("Code APE", who.naf.replace(".", "")),
        ("Activité principale", who.activity),
        ("Adresse", who.address.joined),
    ]
