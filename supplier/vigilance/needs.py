"""What one supplier owes to each company: why, until when, what to do, whom to call."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from supplier.contracts.models import Contract
from supplier.documents.kinds import KINDS, DocumentKind
from supplier.documents.models import Decision, Document
from supplier.documents.states import State as PaperState
from supplier.kernel.database import reading
from supplier.parties.models import Buyer, Engagement, Supplier
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import (
    SEVERITY,
    State,
    worst,
)
from supplier.vigilance.models import Obligation
from supplier.vigilance.requirements import Register, register_papers
from supplier.vigilance.states import OWED, Buyers, state_expression, visible


@dataclass(frozen=True, slots=True)
class LastPaper:
    """The paper that a need is about: the one in force, or the last that was handed in."""

    id: uuid.UUID
    kind: str | None
    name: str
    state: str
    reasons: tuple[str, ...]
    received_at: datetime
    issued_on: date | None
    valid_until: date | None
    situation_on: date | None
    contested_at: datetime | None
    #: Since when a person has it to decide on; None while none has.
    with_person_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """One requirement of one company: its state today, why it is asked, what to do.

    `label`, `reason`, `source` and `where` are marked messages. `due_on` is the first day for
    which nothing was handed in; `missing_since` the first day of the open gap.
    """

    requirement: RequirementCode
    label: str
    state: State
    reason: str
    source: str
    basis: str
    kinds: tuple[DocumentKind, ...]
    where: str
    url: str
    due_on: date | None
    missing_since: date | None
    covered_until: date | None
    waived_until: date | None
    duty_until: date | None
    exposed: Decimal
    paper: LastPaper | None
    reminders: int = 0
    reminded_at: datetime | None = None

    @property
    def paper_ends_on(self) -> date | None:
        """The last day that the paper is good for, where another one will be wanted after it.

        A cover that runs to the end of its duty ends because the contract does; no paper does.
        """
        ends, duty = self.covered_until, self.duty_until
        return None if ends is None or (duty is not None and ends >= duty) else ends

    @property
    def to_confirm(self) -> bool:
        """Whether bank details were read and only the supplier's word is missing."""
        return (
            self.requirement is RequirementCode.BANK_DETAILS
            and self.state is State.MISSING
            and self.paper is not None
            and self.paper.state == "accepted"
        )

    @property
    def is_owed(self) -> bool:
        """Whether the supplier has something to do."""
        return self.state in OWED

    @property
    def kind(self) -> DocumentKind:
        """The usual paper for it."""
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class ContractLine:
    """A contract as people name it."""

    id: uuid.UUID
    reference: str
    title: str
    amount: Decimal | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class EngagementNeeds:
    """What one group company asks of the supplier, by whom, for which contracts; worst first."""

    engagement: Engagement
    buyer: Buyer
    contracts: tuple[ContractLine, ...]
    needs: tuple[Need, ...]

    @property
    def owed(self) -> tuple[Need, ...]:
        return tuple(need for need in self.needs if need.is_owed)

    @property
    def state(self) -> State:
        return worst(need.state for need in self.needs)

    @property
    def person(self) -> str | None:
        """Whom to call: the person of this engagement, else of the company."""
        return self.engagement.contact_name or self.buyer.contact_name

    @property
    def phone(self) -> str | None:
        return self.engagement.contact_phone or self.buyer.contact_phone

    @property
    def email(self) -> str | None:
        return self.engagement.contact_email or self.buyer.contact_email


def portal_needs(
    supplier_id: uuid.UUID, *, today: date, buyers: Buyers = None
) -> list[EngagementNeeds]:
    """What a supplier owes to each company on a day, ended relationships left out.

    Three statements. Companies with something owed come first.
    """
    with reading() as session:
        engagements = engagements_of(session, supplier_id, today, buyers)
        contracts = contracts_of(session, supplier_id, today)
        duties = _duties(session, supplier_id, today, buyers)
    found = [
        EngagementNeeds(
            engagement=one,
            buyer=one.buyer,
            contracts=tuple(contracts[one.id]),
            needs=tuple(sorted(duties[one.id], key=_urgency)),
        )
        for one in engagements
    ]
    return sorted(found, key=lambda one: (SEVERITY.index(one.state), one.buyer.name))


def _urgency(need: Need) -> tuple[int, date]:
    return (SEVERITY.index(need.state), need.due_on or need.covered_until or date.max)


def engagements_of(
    session: Session, supplier_id: uuid.UUID, today: date, buyers: Buyers
) -> Sequence[Engagement]:
    """The relationships that had not ended on a day, in order of their start."""
    query = (
        select(Engagement)
        .where(
            Engagement.supplier_id == supplier_id,
            or_(Engagement.ended_on.is_(None), Engagement.ended_on >= today),
        )
        .order_by(Engagement.started_on, Engagement.id)
    )
    if buyers is not None:
        query = query.where(Engagement.buyer_id.in_(buyers))
    return session.scalars(query).all()


def contracts_of(
    session: Session, supplier_id: uuid.UUID, today: date
) -> defaultdict[uuid.UUID, list[ContractLine]]:
    """The contracts that had not ended on a day, by engagement."""
    found: defaultdict[uuid.UUID, list[ContractLine]] = defaultdict(list)
    running = or_(Contract.ends_on.is_(None), Contract.ends_on >= today)
    for row in session.scalars(
        select(Contract)
        .where(
            Contract.supplier_id == supplier_id,
            Contract.erased_at.is_(None),
            Contract.terminated_on.is_(None) | (Contract.terminated_on >= today),
            running,
        )
        .order_by(Contract.signed_on, Contract.id)
    ):
        line = ContractLine(row.id, row.reference, row.title, row.amount, row.ends_on)
        found[row.engagement_id].append(line)
    return found


def _duties(
    session: Session, supplier_id: uuid.UUID, today: date, buyers: Buyers
) -> defaultdict[uuid.UUID, list[Need]]:
    """Every duty with its state, its supplier and its paper, by engagement; one statement."""
    found: defaultdict[uuid.UUID, list[Need]] = defaultdict(list)
    query = (
        select(Obligation, state_expression(today), Supplier, Document, _last_revoked())
        .join(Supplier, Supplier.id == Obligation.supplier_id)
        .outerjoin(Document, Document.id == Obligation.document_id)
        .where(Obligation.supplier_id == supplier_id)
    )
    for row, state, supplier, document, revoked in session.execute(visible(query, buyers)):
        paper = _last_paper(document, revoked) if document else None
        found[row.engagement_id].append(_need(row, State(state), supplier, paper, today))
    return found


def _last_revoked() -> ScalarSelect[datetime | None]:
    """When the last decision on the paper was taken back: from then on it waits again."""
    return (
        select(func.max(Decision.revoked_at))
        .where(Decision.document_id == Document.id)
        .correlate(Document)
        .scalar_subquery()
    )


def _need(
    row: Obligation, state: State, supplier: Supplier, paper: LastPaper | None, today: date
) -> Need:
    code = RequirementCode(row.requirement)
    rule = RULES[code]
    kinds = _kinds(code, supplier)
    gap = row.gap_from if row.gap_from and row.gap_from <= today else None
    return Need(
        requirement=code,
        label=rule.label,
        state=state,
        reason=rule.reason,
        source=rule.source,
        basis=row.basis,
        kinds=kinds,
        where=KINDS[kinds[0]].where,
        url=KINDS[kinds[0]].url,
        due_on=row.next_due_on,
        missing_since=gap,
        covered_until=row.covered_until,
        waived_until=row.waived_until,
        duty_until=row.duty_until,
        exposed=row.exposed,
        paper=paper,
        reminders=row.reminders,
        reminded_at=row.reminded_at,
    )


def _kinds(code: RequirementCode, supplier: Supplier) -> tuple[DocumentKind, ...]:
    """The papers that this supplier may hand in, the usual one first."""
    kinds = RULES[code].kinds
    if code is RequirementCode.FOREIGN_WORKERS and supplier.employs_foreign_workers:
        return (DocumentKind.FOREIGN_WORKERS_LIST,)
    if code is RequirementCode.REGISTRATION and supplier.register in set(Register):
        return register_papers(Register(supplier.register))
    return kinds


def _last_paper(document: Document, revoked: datetime | None) -> LastPaper:
    came = (document.received_at, document.read_at, document.contested_at, revoked)
    waits = document.state == PaperState.IN_REVIEW
    return LastPaper(
        id=document.id,
        kind=document.kind,
        name=document.original_name,
        state=document.state,
        reasons=tuple(document.reasons or ()),
        received_at=document.received_at,
        issued_on=document.issued_on,
        valid_until=document.valid_until,
        situation_on=document.situation_on,
        contested_at=document.contested_at,
        with_person_since=max(at for at in came if at) if waits else None,
    )
