"""Names that a paper gives twice and not alike, each for the one whom it is about.

The best labelled is taken; another that its labels call the same, and that is nobody's whom the
paper may name besides (an issuer, a client, a person), is shown to a person beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.extract import Asks, Hints, as_value, asked_for
from supplier.documents.reading.fields import FIELDS
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.names import Likeness, likeness
from supplier.documents.reading.result import FieldValue, Value

#: Papers about one company alone; registers name its managers and auditors by the same labels.
_NAMED_ONCE = {
    DocumentKind.URSSAF_VIGILANCE: "company_name",
    DocumentKind.TAX_COMPLIANCE: "company_name",
    DocumentKind.PAID_LEAVE_BTP: "company_name",
    DocumentKind.DECENNIAL_INSURANCE: "company_name",
    DocumentKind.FOREIGN_WORKERS_NONE: "company_name",
    DocumentKind.BANK_DETAILS: "holder",
}


def of_paper(
    kind: DocumentKind, paper: Paper, fields: Mapping[str, FieldValue], *, hints: Hints
) -> tuple[Value, ...]:
    """The name of the paper and the first other one that it gives as well; none where all agree."""
    chosen = fields.get(_NAMED_ONCE.get(kind, ""))
    if not isinstance(chosen, Value):
        return ()
    for source in FIELDS[kind][_NAMED_ONCE[kind]]:
        if not isinstance(source, Asks):
            continue
        found = list(asked_for(paper, source, hints=hints))
        best = min((rank for rank, _ in found), default=0)
        for rank, parsed in found:
            like = likeness(parsed.value, chosen.text, scanned=paper.scanned)
            if rank == best and like is Likeness.DIFFERENT:
                return (chosen, as_value(parsed))
    return ()
