"""Papers of trade: the invoice, plain or as Factur-X, and the quote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from supplier.demo.papers import wording
from supplier.demo.papers.grid import Look, table
from supplier.demo.papers.identity import Address, Company
from supplier.demo.papers.pen import Pen

_LEFT = 56.0
_WIDTH = 483.0
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what, how much of it, at which price without tax."""

    label: str
    quantity: Decimal
    price: Decimal

    @property
    def net(self) -> Decimal:
        return (self.quantity * self.price).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is billed. `order` is the reference that the customer gave."""

    name: str
    address: Address
    siren: str
    order: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """What one invoice says, in euros; `vat_rate` in per cent."""

    seller: Company
    customer: Customer
    number: str
    issued_on: date
    due_on: date
    lines: tuple[Line, ...]
    iban: str
    bic: str
    vat_rate: Decimal = Decimal(20)

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return (self.net * self.vat_rate / 100).quantize(_CENT, ROUND_HALF_UP)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax

    @property
    def seller_vat(self) -> str:
        return self.seller.vat or wording.vat_number(self.seller.siren)

    @property
    def fields(self) -> dict[str, object]:
        """What a reader should find, by the names of the public surface."""
        found: dict[str, object] = {
            "number": self.number,
            "issued_on": self.issued_on.isoformat(),
            "seller_name": self.seller.name,
            "seller_vat": self.seller_vat,
            "iban": self.iban,
            "total_gross": f"{self.gross:.2f}",
            "currency": "EUR",
        }
        if self.seller.siren:
            found["seller_siren"] = self.seller.siren
        return found


def draw_invoice(facts: InvoiceFacts) -> bytes:
    """The invoice as a one-page PDF."""
    pen = Pen(
        title=f"Facture {facts.number}", producer="Gestion commerciale",
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    _seller(pen, facts.seller, facts.seller_vat)
    pen.text((539, 74), "FACTURE", face="sans-bold", size=20, align="right", colour="#1f5f8b")
    about = [
        f"N° {facts.number}",
        f"Date : {wording.slashed(facts.issued_on)}",
        f"Échéance : {wording.slashed(facts.due_on)}",
    ]
    if facts.customer.order:
        about.append(f"Votre commande : {facts.customer.order}")
    pen.lines((539, 98), about, size=9.5, align="right")
    _customer(pen, facts.customer)
    y = _lines(pen, facts.lines)
    totals = [
        f"Total HT : {wording.amount(facts.net)} €",
        f"TVA {facts.vat_rate.normalize():f} % : {wording.amount(facts.tax)} €",
    ]
    y = pen.lines((539, y + 26), totals, size=10, align="right", leading=1.4)
    gross = f"Total TTC : {wording.amount(facts.gross)} €"
    pen.text((539, y + 4), gross, face="sans-bold", size=11, align="right")
    iban = wording.spaced(facts.iban, by=4)
    pen.text((_LEFT, y + 40), f"Règlement par virement – IBAN {iban} – BIC {facts.bic}", size=9)
    _terms(pen, facts.seller)
    return pen.finish()


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """What one quote says: a paper that names no account and proves nothing on the company."""

    seller: Company
    customer: Customer
    number: str
    issued_on: date
    lines: tuple[Line, ...]

    @property
    def fields(self) -> dict[str, object]:
        """No field of this paper is read."""
        return {}


def draw_quote(facts: QuoteFacts) -> bytes:
    """The quote as a one-page PDF."""
    pen = Pen(
        title=f"Devis {facts.number}", producer="Gestion commerciale",
        written_at=wording.noon(facts.issued_on),
    )  # fmt: skip
    _seller(pen, facts.seller, wording.vat_number(facts.seller.siren))
    pen.text((539, 74), "DEVIS", face="sans-bold", size=20, align="right", colour="#1f5f8b")
    about = [f"Devis n° {facts.number}", f"Date : {wording.slashed(facts.issued_on)}"]
    pen.lines((539, 98), about, size=9.5, align="right")
    _customer(pen, facts.customer)
    y = _lines(pen, facts.lines)
    net = sum((line.net for line in facts.lines), Decimal(0))
    pen.text((539, y + 26), f"Total HT : {wording.amount(net)} €", size=10, align="right")
    accord = "Devis valable trois mois. Bon pour accord, date et signature du client :"
    pen.text((_LEFT, y + 70), accord, size=9)
    _terms(pen, facts.seller)
    return pen.finish()


def _seller(pen: Pen, seller: Company, vat: str) -> None:
    pen.text((_LEFT, 70), seller.name, face="sans-bold", size=13)
    lines = [*seller.address.lines]
    if seller.siren:
        lines.append(f"SIREN {wording.spaced(seller.siren)}")
    lines.append(f"N° TVA {vat}")
    pen.lines((_LEFT, 86), lines, size=9.5)


def _customer(pen: Pen, customer: Customer) -> None:
    lines = [customer.name, *customer.address.lines, f"SIREN {wording.spaced(customer.siren)}"]
    pen.lines((330, 178), lines, size=10)


def _lines(pen: Pen, lines: tuple[Line, ...]) -> float:
    rows = [
        (line.label, f"{line.quantity.normalize():f}", wording.amount(line.price),
         wording.amount(line.net))
        for line in lines
    ]  # fmt: skip
    look = Look(size=9.5, pad=5, edge="#c4c4c4")
    head = ("Désignation", "Qté", "PU HT", "Montant HT")
    return table(pen, (_LEFT, 252), rows, widths=(253, 60, 80, 90), look=look, head=head)


def _terms(pen: Pen, seller: Company) -> None:
    capital = f" au capital de {wording.amount(seller.capital)} €" if seller.capital else ""
    number = f"RCS {seller.court} {wording.spaced(seller.siren)}" if seller.siren else seller.number
    words = (
        "En cas de retard de paiement, pénalités au taux légal et indemnité forfaitaire de 40 €. "
        f"{seller.legal_form}{capital} – {number}"
    )
    pen.paragraph((_LEFT, 780), words, width=_WIDTH, size=7.5)
