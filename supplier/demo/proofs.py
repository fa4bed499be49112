"""What the demo's suppliers hand in where no kind of paper says it: a person accepts each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from supplier.demo.dossiers import made_number
from supplier.demo.papers import wording
from supplier.demo.papers.letters import ProofFacts
from supplier.demo.suppliers.facts import Scenario, SupplierFacts
from supplier.kernel.clock import add_months
from supplier.vigilance.catalogue import RequirementCode


@dataclass(frozen=True, slots=True)
class Proof:
    """A paper for a requirement: its day, its file, what it says, its printed last day."""

    purpose: RequirementCode
    on: date
    filename: str
    facts: ProofFacts
    valid_until: date | None = None


def proofs(supplier: SupplierFacts, *, first: date, last: date) -> Iterator[Proof]:
    """The proofs of one supplier between two days; some suppliers from abroad have none yet."""
    if supplier.temp_agency:
        for on in _every(12, first, last):
            yield _guarantee(supplier, on)
    if supplier.company.country == "FR" or Scenario.COMPLETE not in supplier.scenarios:
        return
    for on in _every(5, first, last):
        yield _vat(supplier, on)
        yield _social(supplier, on)
    if supplier.posts_workers:
        for on in _every(12, first, last):
            yield _posting(supplier, on)


def _every(months: int, first: date, last: date) -> Iterator[date]:
    """From the first day on, each time a little before the last one ends."""
    number, day = 0, first
    while day <= last:
        yield day
        number += 1
        day = add_months(first, number * months) - timedelta(days=number * 6)


def _guarantee(supplier: SupplierFacts, on: date) -> Proof:
    until = add_months(on, 12) - timedelta(days=1)
    facts = ProofFacts(
        supplier.company, "Caution Mutuelle de l'Exemple", "ATTESTATION DE GARANTIE FINANCIÈRE",
        "Nous nous portons caution de l'entreprise de travail temporaire ci-dessus pour le "
        "paiement des salaires, de leurs accessoires et des cotisations obligatoires.",
        on,
        (("Caution n°", made_number(supplier.key, "caution", length=8)),
         ("Valable jusqu'au", wording.slashed(until))),
    )  # fmt: skip
    code = RequirementCode.FINANCIAL_GUARANTEE
    return Proof(code, on, f"garantie-{on:%Y}.pdf", facts, until)


def _vat(supplier: SupplierFacts, on: date) -> Proof:
    facts = ProofFacts(
        supplier.company, "Administration fiscale (exemple)",
        "CONFIRMATION DU NUMÉRO DE TVA INTRACOMMUNAUTAIRE",
        "Le numéro ci-dessous est attribué à l'entreprise désignée et il est actif à ce jour. "
        "Ce document est une traduction en français de la confirmation d'origine.",
        on, (("Numéro de TVA", supplier.company.vat),),
    )  # fmt: skip
    return Proof(RequirementCode.VAT_NUMBER, on, f"tva-{on:%Y-%m}.pdf", facts)


def _social(supplier: SupplierFacts, on: date) -> Proof:
    facts = ProofFacts(
        supplier.company, "Caisse de sécurité sociale (exemple)",
        "CERTIFICAT DE L'ORGANISME SOCIAL DU PAYS D'ORIGINE",
        "L'employeur désigné est à jour de ses déclarations et du paiement de ses cotisations "
        "sociales. Ce document est une traduction en français du certificat d'origine.",
        on, (("Compte employeur", made_number(supplier.key, "social", length=8)),),
    )  # fmt: skip
    code = RequirementCode.FOREIGN_SOCIAL_CERTIFICATE
    return Proof(code, on, f"organisme-social-{on:%Y-%m}.pdf", facts)


def _posting(supplier: SupplierFacts, on: date) -> Proof:
    until = add_months(on, 12) - timedelta(days=1)
    facts = ProofFacts(
        supplier.company, "SIPSI (exemple)",
        "ACCUSÉ DE RÉCEPTION D'UNE DÉCLARATION PRÉALABLE DE DÉTACHEMENT",
        "La déclaration ci-dessous a été reçue. L'employeur atteste sur l'honneur avoir réglé "
        "les amendes administratives dont il serait redevable.",
        on,
        (("Déclaration n°", made_number(supplier.key, "sipsi", f"{on:%Y}", length=10)),
         ("Fin du détachement", wording.slashed(until))),
    )  # fmt: skip
    return Proof(RequirementCode.POSTING_DECLARATION, on, f"sipsi-{on:%Y}.pdf", facts, until)
