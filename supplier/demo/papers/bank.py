"""Bank details: the French RIB with its grid, and the letter of a bank for a SEPA account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplier.demo.papers import wording
from supplier.demo.papers.grid import Look, table
from supplier.demo.papers.identity import Address
from supplier.demo.papers.pen import Pen

_LEFT = 56.0
_WIDTH = 483.0
_PURPOSE = (
    "Ce relevé est destiné à être remis, sur leur demande, à vos créanciers ou débiteurs français "
    "ou étrangers, appelés à faire inscrire des opérations à votre compte (virements, paiement de "
    "quittances,...)."
)
_LOOK = Look(size=10, pad=5, face="mono-bold", first_face="mono-bold", align="centre")


@dataclass(frozen=True, slots=True)
class RibFacts:
    """What one RIB says. `iban` is French and without blanks.

    `hidden_iban` is written where programs read it and nobody sees it: a paper made to deceive.
    """

    holder: str
    address: Address
    iban: str
    bic: str
    bank_name: str
    branch: str
    printed_on: date
    hidden_iban: str = ""

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "holder": self.holder,
            "iban": self.iban,
            "bic": self.bic,
            "bank_name": self.bank_name,
        }


@dataclass(frozen=True, slots=True)
class BankLetterFacts:
    """What a bank confirms by letter, in German or in French. `language` is de or fr."""

    holder: str
    address: Address
    iban: str
    bic: str
    bank_name: str
    bank_address: Address
    issued_on: date
    language: str = "de"

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        return {
            "holder": self.holder,
            "iban": self.iban,
            "bic": self.bic,
            "bank_name": self.bank_name,
        }


def draw_rib(facts: RibFacts) -> bytes:
    """The RIB as a one-page PDF."""
    pen = Pen(
        title="Relevé d'identité bancaire", producer="iText 5.5",
        written_at=wording.noon(facts.printed_on),
    )  # fmt: skip
    pen.text((_LEFT, 52), facts.bank_name, face="sans-bold", size=13)
    pen.box((_LEFT, 70), width=_WIDTH, height=24, edge="#000000")
    title = "RELEVE D'IDENTITE BANCAIRE / IBAN"
    pen.text((pen.width / 2, 87), title, face="sans-bold", size=13, align="centre")
    y = pen.paragraph((_LEFT, 112), _PURPOSE, width=_WIDTH, size=7.5)
    pen.text((_LEFT, y + 10), "Cadre réservé au destinataire du relevé", size=8)
    pen.box((_LEFT, y + 16), width=_WIDTH, height=42, edge="#8a8a8a")
    y = pen.lines((_LEFT, y + 80), ["Titulaire du compte"], size=9)
    y = pen.lines((_LEFT, y), [facts.holder], face="sans-bold", size=10)
    y = pen.lines((_LEFT, y), facts.address.capitals, size=9.5)
    y = _national(pen, y + 14, facts)
    _international(pen, y + 22, facts)
    if facts.hidden_iban:
        pen.hidden((_LEFT, 620), f"IBAN {wording.spaced(facts.hidden_iban, by=4)}")
    return pen.finish()


def _national(pen: Pen, y: float, facts: RibFacts) -> float:
    pen.text((_LEFT, y), "Identifiant national de compte bancaire - RIB", size=9)
    account = facts.iban[4:]
    row = (account[:5], account[5:10], account[10:21], account[21:], facts.branch)
    head = ("Banque", "Guichet", "N° compte", "Clé", "Domiciliation")
    return table(pen, (_LEFT, y + 6), [row], widths=(62, 62, 108, 42, 209), look=_LOOK, head=head)


def _international(pen: Pen, y: float, facts: RibFacts) -> None:
    pen.text((_LEFT, y), "Identifiant international de compte bancaire", size=9)
    widths = (_WIDTH - 130, 130)
    head = ("IBAN (International Bank Account Number)", "BIC (Bank Identification Code)")
    row = (wording.spaced(facts.iban, by=4), facts.bic)
    table(pen, (_LEFT, y + 6), [row], widths=widths, look=_LOOK, head=head)


@dataclass(frozen=True, slots=True)
class _Words:
    """The fixed words of the letter in one language."""

    title: str
    greeting: str
    intro: str
    labels: tuple[str, str, str, str]
    note: str
    ending: str


_LETTERS = {
    "de": _Words(
        "Bestätigung der Bankverbindung",
        "Sehr geehrte Damen und Herren,",
        "hiermit bestätigen wir Ihnen, dass bei unserem Institut folgendes Konto geführt wird:",
        ("Kontoinhaber:", "IBAN:", "BIC:", "Kreditinstitut:"),
        "Dieses Schreiben wurde maschinell erstellt und ist ohne Unterschrift gültig.",
        "Mit freundlichen Grüßen",
    ),
    "fr": _Words(
        "Attestation de coordonnées bancaires (SEPA)",
        "Madame, Monsieur,",
        "Nous vous confirmons que le compte suivant est ouvert dans nos livres :",
        ("Titulaire du compte :", "IBAN :", "BIC :", "Banque :"),
        "Ce document a été établi automatiquement ; il est valable sans signature.",
        "Nous vous prions d'agréer nos salutations distinguées.",
    ),
}


def draw_bank_letter(facts: BankLetterFacts) -> bytes:
    """The letter as a one-page PDF."""
    words = _LETTERS[facts.language]
    pen = Pen(
        title=words.title, producer="OpenText Exstream",
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    pen.text((_LEFT, 64), facts.bank_name, face="sans-bold", size=16)
    sender = f"{facts.bank_name} · {facts.bank_address.line}"
    pen.text((_LEFT, 128), sender, size=7)
    pen.lines((_LEFT, 146), [facts.holder, *facts.address.lines], size=10)
    pen.text((480, 214), wording.dotted(facts.issued_on), size=10)
    pen.text((_LEFT, 250), words.title, face="sans-bold", size=11)
    y = pen.lines((_LEFT, 282), [words.greeting, "", words.intro], size=10) + 12
    values = (facts.holder, wording.spaced(facts.iban, by=4), facts.bic, facts.bank_name)
    for label, value in zip(words.labels, values, strict=True):
        pen.text((_LEFT, y), label, size=10)
        pen.text((_LEFT + 130, y), value, size=10)
        y += 16
    pen.lines((_LEFT, y + 14), [words.note, "", words.ending, facts.bank_name], size=10)
    return pen.finish()
