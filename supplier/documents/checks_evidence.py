"""What the checks look at: what reading brought together about one paper, and its dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from supplier.documents import validity as rules
from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.reading.result import FieldValue, Finding, ReadRequest, Value
from supplier.documents.reading.statements import Said, Statement


@dataclass(frozen=True, slots=True)
class Evidence:
    """What reading brought together about one paper.

    `ibans` are all account numbers printed, `national_accounts` those printed as bank, branch,
    account and key; `missing_pages` what the page numbers announce and the file lacks.
    """

    kind: DocumentKind
    fields: Mapping[str, FieldValue]
    said: Sequence[Statement] = ()
    scanned: bool = False
    missing_pages: Sequence[int] = ()
    pages: int = 1
    #: Whether the pages number themselves ("page 1/2").
    numbered: bool = False
    #: Fields that the page prints otherwise than the data attached to the file says.
    attachment_differs: Sequence[str] = ()
    #: A scan shows a control code that could not be read letter by letter.
    code_seen: bool = False
    #: Control codes on other pages of the certificate that are not the one read.
    other_codes: frozenset[str] = frozenset()
    #: Whether the print itself calls two different codes the control code.
    codes_differ: bool = False
    #: Places of a picture where it cannot be told whether they hold the same control code.
    unsure_codes: tuple[Value, ...] = ()
    ibans: Sequence[str] = ()
    valid_ibans: Sequence[str] = ()
    national_accounts: frozenset[str] = frozenset()
    rib_key_holds: bool = True
    #: Account numbers on a scan that no misreading of the chosen one explains, keys or not.
    other_accounts: Sequence[str] = ()
    #: Whether the national form, where the paper announces it, repeats a part of the account.
    national_repeats: bool = True
    #: The code of the bank that keeps the account, where the paper names another bank's.
    other_bank: str = ""
    #: The number of the paper and that of another company, where its pages bear both.
    strangers: tuple[Value, ...] = ()
    #: The name of the paper and another that its labels give to the same company.
    rivals: tuple[Value, ...] = ()
    #: The last days of the permits on a list of workers.
    permit_ends: tuple[Value, ...] = ()
    #: Net, tax and total of an invoice, where they do not add up.
    unlike_sums: tuple[Value, ...] = ()
    local_register: bool = False
    text: str = ""
    barcode_codes: frozenset[str] = frozenset()
    barcode_sirens: frozenset[str] = frozenset()
    #: The names of the companies to whose pages the QR codes of an extract lead.
    barcode_names: frozenset[str] = frozenset()
    confirmed: frozenset[str] = field(default_factory=frozenset)

    def value(self, name: str) -> Value | None:
        found = self.fields.get(name)
        return found if isinstance(found, Value) else None

    def text_of(self, name: str) -> str | None:
        found = self.value(name)
        return found.text if found else None

    def day(self, name: str) -> date | None:
        text = self.text_of(name)
        return date.fromisoformat(text) if text else None

    def first(self, *said: Said) -> Statement | None:
        return next((item for item in self.said if item.said in said), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found, and whether it positively passed."""

    findings: tuple[Finding, ...] = ()
    passed: bool = False


Checker = Callable[[Evidence, ReadRequest], Outcome]


def facts_of(evidence: Evidence) -> rules.DocumentFacts:
    """The dates of a paper as the rules of validity want them."""
    spec = KINDS[evidence.kind]
    dated_by = spec.dated_by if spec.dated_by and not spec.period else None
    return rules.DocumentFacts(
        evidence.kind,
        issued_on=evidence.day(dated_by) if dated_by else None,
        situation_on=evidence.day("situation_on"),
        valid_from=evidence.day("valid_from"),
        valid_until=evidence.day("valid_until") if spec.period else None,
        provisional=evidence.first(Said.PROVISIONAL) is not None,
    )
