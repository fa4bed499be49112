"""Read what decides suppliers' files, in a constant number of statements however many they are."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Date, Integer, Row, and_, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from supplier.bank.approvals import AccountState
from supplier.bank.models import BankAccount, BankApproval
from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.contracts.terms import Renewal
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Decision, Document, IssuerCheck
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance.accounts import KnownAccount
from supplier.vigilance.assessment import (
    CheckFacts,
    DecisionFacts,
    DocumentFacts,
    EngagementFacts,
    KnownContract,
    KnownWaiver,
    SupplierFacts,
)
from supplier.vigilance.exposure import InvoiceFacts
from supplier.vigilance.models import Waiver
from supplier.vigilance.papers import WaiverFacts
from supplier.vigilance.requirements import (
    ContractFacts,
    ContractKind,
    Register,
    SupplierSituation,
)

Ids = Collection[uuid.UUID]
_EURO = "EUR"
#: The states in which an account is paid to no more.
_STOPPED = frozenset({AccountState.REFUSED, AccountState.WITHDRAWN, AccountState.BLOCKED})


@dataclass(frozen=True, slots=True)
class File:
    """A supplier's row beside the facts that judge it."""

    supplier: Supplier
    engagements: tuple[Engagement, ...]
    facts: SupplierFacts


def load_files(session: Session, supplier_ids: Ids) -> list[File]:
    """The files of these suppliers, in order of name; six statements.

    A supplier without an engagement owes nothing and is left out.
    """
    rows: dict[Supplier, dict[Engagement, None]] = {}
    accounts: defaultdict[uuid.UUID, dict[uuid.UUID, KnownAccount]] = defaultdict(dict)
    for row in session.execute(_with_accounts(supplier_ids)):
        rows.setdefault(row.Supplier, {})[row.Engagement] = None
        if row.id is not None:
            accounts[row.Supplier.id][row.id] = _account(row)
    contracts, references = _contracts(session, supplier_ids)
    invoices = _invoices(session, supplier_ids, references)
    waivers = _waivers(session, supplier_ids)
    documents = _documents(session, supplier_ids)
    return [
        File(
            supplier=supplier,
            engagements=tuple(engagements),
            facts=SupplierFacts(
                id=supplier.id,
                situation=situation_of(supplier),
                engagements=tuple(
                    _engagement(row, contracts[row.id], waivers[row.id], invoices[row.id])
                    for row in engagements
                ),
                documents=tuple(documents[supplier.id]),
                accounts=tuple(accounts[supplier.id].values()),
            ),
        )
        for supplier, engagements in rows.items()
    ]


def load_contracts(session: Session, ids: Ids) -> Mapping[uuid.UUID, list[KnownContract]]:
    """Contracts, amendments and orders of these suppliers by engagement; one statement."""
    return _contracts(session, ids)[0]


def situation_of(supplier: Supplier) -> SupplierSituation:
    """What decides the list of papers; a word that we do not know asks for the register."""
    known = {one.value for one in Register}
    return SupplierSituation(
        country=supplier.country,
        register=Register(supplier.register) if supplier.register in known else Register.RCS,
        legal_form=supplier.legal_form,
        is_natural_person=supplier.kind == "natural_person",
        has_employees=supplier.has_employees,
        employs_foreign_workers=supplier.employs_foreign_workers,
        temp_agency=supplier.temp_agency,
        construction=supplier.construction,
        posts_workers=supplier.posts_workers,
        agricultural=supplier.agricultural,
    )


def _engagement(
    row: Engagement,
    contracts: list[KnownContract],
    waivers: list[KnownWaiver],
    invoices: list[InvoiceFacts],
) -> EngagementFacts:
    return EngagementFacts(
        id=row.id,
        buyer_id=row.buyer_id,
        started_on=row.started_on,
        ended_on=row.ended_on,
        contracts=tuple(contracts),
        waivers=tuple(waivers),
        invoices=tuple(invoices),
    )


def _contracts(
    session: Session, ids: Ids
) -> tuple[Mapping[uuid.UUID, list[KnownContract]], dict[uuid.UUID, str]]:
    """Contracts and orders by engagement, and the reference of each contract; one statement."""
    rows = session.execute(_work_query(ids)).all()
    references = {row.id: row.reference for row in rows if row.kind != ContractKind.ORDER}
    found: defaultdict[uuid.UUID, list[KnownContract]] = defaultdict(list)
    for row in rows:
        facts = contract_facts(row, part_of=references.get(row.part_of))
        found[row.engagement_id].append(KnownContract(facts, row.created_at, row.title))
    return found, references


def _work_query(ids: Ids) -> Any:
    contracts = select(
        Contract.id,
        Contract.engagement_id,
        Contract.reference,
        Contract.title,
        Contract.kind,
        Contract.amount,
        Contract.currency,
        Contract.signed_on,
        Contract.starts_on,
        Contract.ends_on,
        Contract.terminated_on,
        Contract.site_opened_on,
        Contract.renews_on,
        Contract.renews_months,
        Contract.created_at,
        Contract.part_of_id.label("part_of"),
    ).where(Contract.supplier_id.in_(ids), Contract.erased_at.is_(None))
    no_day = cast(null(), Date)
    orders = select(
        PurchaseOrder.id,
        PurchaseOrder.engagement_id,
        PurchaseOrder.reference,
        literal(""),
        literal(ContractKind.ORDER.value),
        PurchaseOrder.amount,
        PurchaseOrder.currency,
        PurchaseOrder.ordered_on,
        no_day,
        no_day,
        no_day,
        no_day,
        no_day,
        cast(null(), Integer),
        PurchaseOrder.created_at,
        PurchaseOrder.contract_id,
    ).where(PurchaseOrder.supplier_id.in_(ids), PurchaseOrder.erased_at.is_(None))
    return union_all(contracts, orders)


def contract_facts(row: Any, *, part_of: str | None = None) -> ContractFacts:
    """A contract or order as the rules see it.

    An amount that is not in euros counts as unknown: the papers are then due from its conclusion
    (prudent; R8222-1 speaks of euros and we keep no rate).
    """
    known = {kind.value for kind in ContractKind}
    return ContractFacts(
        reference=row.reference,
        signed_on=row.signed_on,
        kind=ContractKind(row.kind) if row.kind in known else ContractKind.SINGLE,
        amount_excl_tax=row.amount if row.currency == _EURO else None,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        terminated_on=row.terminated_on,
        site_opened_on=row.site_opened_on,
        part_of=part_of,
        renewal=_renewal(row),
    )


def _renewal(row: Any) -> Renewal | None:
    known = row.renews_on is not None and row.renews_months is not None
    return Renewal(row.renews_on, row.renews_months) if known else None


def _invoices(
    session: Session, ids: Ids, references: Mapping[uuid.UUID, str]
) -> Mapping[uuid.UUID, list[InvoiceFacts]]:
    """Invoices in euros by engagement: an estimate takes no rate that we do not have."""
    found: defaultdict[uuid.UUID, list[InvoiceFacts]] = defaultdict(list)
    for row in session.execute(
        select(Invoice.engagement_id, Invoice.contract_id, Invoice.issued_on, Invoice.amount).where(
            Invoice.supplier_id.in_(ids), Invoice.currency == _EURO
        )
    ):
        contract = references.get(row.contract_id) if row.contract_id else None
        found[row.engagement_id].append(InvoiceFacts(row.issued_on, row.amount, contract))
    return found


def _waivers(session: Session, ids: Ids) -> Mapping[uuid.UUID, list[KnownWaiver]]:
    found: defaultdict[uuid.UUID, list[KnownWaiver]] = defaultdict(list)
    for row in session.scalars(select(Waiver).where(Waiver.supplier_id.in_(ids))):
        facts = WaiverFacts(row.from_on, row.until_on, row.at, row.revoked_at)
        found[row.engagement_id].append(KnownWaiver(row.requirement, facts))
    return found


def _documents(session: Session, ids: Ids) -> Mapping[uuid.UUID, list[DocumentFacts]]:
    """Papers with their decisions and issuer checks, by supplier; two statements."""
    checks: defaultdict[uuid.UUID, list[CheckFacts]] = defaultdict(list)
    asked = (
        select(IssuerCheck)
        .join(Document, Document.id == IssuerCheck.document_id)
        .where(Document.supplier_id.in_(ids))
    )
    for check in session.scalars(asked):
        checks[check.document_id].append(CheckFacts(check.result, check.at))
    papers: dict[uuid.UUID, tuple[uuid.UUID, DocumentFacts]] = {}
    for row in session.execute(_papers_with_decisions(ids)):
        known = papers.get(row.id)
        facts = known[1] if known else _document(row, tuple(checks[row.id]))
        papers[row.id] = (row.supplier_id, _with_decision(facts, row))
    found: defaultdict[uuid.UUID, list[DocumentFacts]] = defaultdict(list)
    for supplier_id, facts in papers.values():
        found[supplier_id].append(facts)
    return found


def _with_accounts(ids: Ids) -> Any:
    """Suppliers with each of their engagements, and beside it each version of bank details."""
    kept = and_(BankAccount.supplier_id == Supplier.id, BankAccount.erased_at.is_(None))
    second = and_(BankApproval.account_id == BankAccount.id, BankApproval.position == 2)
    return (
        select(
            Supplier, Engagement, BankAccount.id, BankAccount.state, BankAccount.buyer_id,
            BankAccount.document_id, BankAccount.submitted_at, BankAccount.active_from,
            BankAccount.replaced_at, BankAccount.last_changed_at, BankApproval.at,
        )
        .join(Engagement, Engagement.supplier_id == Supplier.id)
        .outerjoin(BankAccount, kept)
        .outerjoin(BankApproval, second)
        .where(Supplier.id.in_(ids))
        .order_by(
            Supplier.name, Supplier.id, Engagement.started_on, Engagement.id, BankAccount.version
        )
    )  # fmt: skip


def _account(row: Row[Any]) -> KnownAccount:
    return KnownAccount(
        row.buyer_id, row.document_id, row.submitted_at,
        approved_at=row.at, active_from=row.active_from,
        stopped_at=row.last_changed_at if row.state in _STOPPED else None,
        replaced_at=row.replaced_at,
    )  # fmt: skip


def _papers_with_decisions(ids: Ids) -> Any:
    return (
        select(
            Document.id,
            Document.supplier_id,
            Document.kind,
            Document.expected_kind,
            Document.state,
            Document.received_at,
            Document.issued_on,
            Document.valid_from,
            Document.valid_until,
            Document.situation_on,
            Decision.outcome,
            Decision.at.label("decided_at"),
            Decision.revoked_at,
        )
        .outerjoin(Decision, Decision.document_id == Document.id)
        .where(
            Document.supplier_id.in_(ids),
            Document.erased_at.is_(None),
            # A file that was split is there as its papers; a replaced refusal is told by the next.
            Document.state.not_in(("superseded", "withdrawn", "erased")),
        )
    )


def _document(row: Row[Any], checks: tuple[CheckFacts, ...]) -> DocumentFacts:
    known = {kind.value for kind in DocumentKind}
    return DocumentFacts(
        id=row.id,
        kind=DocumentKind(row.kind) if row.kind in known else None,
        state=row.state,
        received_at=row.received_at,
        expected_kind=row.expected_kind,
        issued_on=row.issued_on,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        situation_on=row.situation_on,
        checks=checks,
    )


def _with_decision(facts: DocumentFacts, row: Row[Any]) -> DocumentFacts:
    if row.outcome is None:
        return facts
    decision = DecisionFacts(row.outcome, row.decided_at, row.revoked_at)
    return replace(facts, decisions=(*facts.decisions, decision))
