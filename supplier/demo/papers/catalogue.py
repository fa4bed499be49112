"""Every paper that can be drawn: its facts, its kind, and the function that draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from supplier.demo.papers import (
    abroad,
    bank,
    building,
    insurance,
    kbis,
    letters,
    msa,
    rne,
    sales,
    tax,
    urssaf,
    workers,
)
from supplier.documents.kinds import DocumentKind


@dataclass(frozen=True, slots=True)
class Drawn:
    """How papers with one type of facts are drawn, and what kind the reader should see."""

    draw: Callable[[Any], bytes]
    kind: DocumentKind


_PAPERS: dict[type, Drawn] = {
    kbis.KbisFacts: Drawn(kbis.draw_kbis, DocumentKind.KBIS),
    rne.RneFacts: Drawn(rne.draw_rne, DocumentKind.RNE_EXTRACT),
    urssaf.EmployerFacts: Drawn(urssaf.draw_urssaf_employer, DocumentKind.URSSAF_VIGILANCE),
    urssaf.IndependentFacts: Drawn(urssaf.draw_urssaf_independent, DocumentKind.URSSAF_VIGILANCE),
    msa.MsaFacts: Drawn(msa.draw_msa, DocumentKind.URSSAF_VIGILANCE),
    tax.TaxFacts: Drawn(tax.draw_tax, DocumentKind.TAX_COMPLIANCE),
    bank.RibFacts: Drawn(bank.draw_rib, DocumentKind.BANK_DETAILS),
    bank.BankLetterFacts: Drawn(bank.draw_bank_letter, DocumentKind.BANK_DETAILS),
    insurance.InsuranceFacts: Drawn(insurance.draw_insurance, DocumentKind.DECENNIAL_INSURANCE),
    building.PaidLeaveFacts: Drawn(building.draw_paid_leave, DocumentKind.PAID_LEAVE_BTP),
    building.PensionFacts: Drawn(building.draw_pension, DocumentKind.OTHER),
    abroad.RegisterFacts: Drawn(abroad.draw_register, DocumentKind.FOREIGN_REGISTER_EXTRACT),
    abroad.A1Facts: Drawn(abroad.draw_a1, DocumentKind.A1_CERTIFICATE),
    sales.InvoiceFacts: Drawn(sales.draw_invoice, DocumentKind.INVOICE),
    sales.QuoteFacts: Drawn(sales.draw_quote, DocumentKind.OTHER),
    letters.DuesFacts: Drawn(letters.draw_dues, DocumentKind.OTHER),
    letters.CoverFacts: Drawn(letters.draw_cover, DocumentKind.OTHER),
    letters.ProofFacts: Drawn(letters.draw_proof, DocumentKind.OTHER),
}


def draw(facts: Any) -> bytes:
    """The paper that these facts make, as a PDF. Raises KeyError for facts of no paper."""
    return _PAPERS[type(facts)].draw(facts) if not _is_list(facts) else workers.draw_workers(facts)


def kind_of(facts: Any) -> DocumentKind:
    """The kind that a reader should see in the paper."""
    if _is_list(facts):
        filled = bool(facts.workers)
        return DocumentKind.FOREIGN_WORKERS_LIST if filled else DocumentKind.FOREIGN_WORKERS_NONE
    return _PAPERS[type(facts)].kind


def _is_list(facts: Any) -> bool:
    """The list of foreign workers is one form for two kinds: filled, or with none."""
    return isinstance(facts, workers.WorkersFacts)
