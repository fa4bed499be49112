"""A supplier's file judged: every requirement of every engagement, on a day, as known then.

Takes the facts as they were written (decisions with their instants, nothing overwritten) and asks
the rules; so the verdict of any past day, as known on any past day, is one call.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from supplier.documents.kinds import DocumentKind
from supplier.documents.validity import period_limit
from supplier.kernel.clock import legal_day
from supplier.vigilance.accounts import KnownAccount, account_papers
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.coverage import Coverage, cover
from supplier.vigilance.exposure import InvoiceFacts, Work
from supplier.vigilance.papers import Authenticity, Paper, WaiverFacts
from supplier.vigilance.requirements import (
    ContractFacts,
    PeriodMode,
    Rules,
    SupplierSituation,
    implied_contract,
    requirements_for,
)
from supplier.vigilance.spans import OPEN, before


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """One decision on a paper: accept or refuse, and when it was taken back if it was."""

    outcome: str
    at: datetime
    revoked_at: datetime | None = None

    def in_force(self, known_at: datetime) -> bool:
        revoked = self.revoked_at is not None and self.revoked_at <= known_at
        return self.at <= known_at and not revoked


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What the issuer answered about a paper: confirmed, failed or unavailable."""

    result: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A paper of the supplier with its history; the instants are aware and in UTC."""

    id: uuid.UUID
    kind: DocumentKind | None
    state: str
    received_at: datetime
    expected_kind: str | None = None
    issued_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    #: The day of which a social certificate tells the situation.
    situation_on: date | None = None
    decisions: tuple[DecisionFacts, ...] = ()
    checks: tuple[CheckFacts, ...] = ()

    def decision_at(self, known_at: datetime) -> DecisionFacts | None:
        """The decision in force at an instant, or None while it waits for one."""
        standing = [one for one in self.decisions if one.in_force(known_at)]
        return max(standing, key=lambda one: one.at, default=None)

    def check_at(self, known_at: datetime) -> CheckFacts | None:
        """The issuer's last answer known at an instant; no answer is no check."""
        answers = [
            one
            for one in self.checks
            if one.at <= known_at and one.result in {Authenticity.CONFIRMED, Authenticity.FAILED}
        ]
        return max(answers, key=lambda one: one.at, default=None)


@dataclass(frozen=True, slots=True)
class KnownContract:
    """A contract or order with the instant from which we knew of it."""

    facts: ContractFacts
    known_from: datetime
    title: str = ""


@dataclass(frozen=True, slots=True)
class KnownWaiver:
    """A waiver of one requirement of the engagement."""

    requirement: str
    facts: WaiverFacts


@dataclass(frozen=True, slots=True)
class EngagementFacts:
    """One supplier × one group company, with what was concluded and what was waived."""

    id: uuid.UUID
    buyer_id: uuid.UUID
    started_on: date
    ended_on: date | None = None
    contracts: tuple[KnownContract, ...] = ()
    waivers: tuple[KnownWaiver, ...] = ()
    invoices: tuple[InvoiceFacts, ...] = ()

    def work_at(self, known_at: datetime) -> Work:
        """What a gap may cost: the contracts known at an instant and the invoices."""
        return Work(self.contracts_at(known_at), self.invoices)

    @property
    def began_on(self) -> date:
        """The first day on which this company had to do with the supplier."""
        return min((self.started_on, *(one.facts.signed_on for one in self.contracts)))

    def contracts_at(self, known_at: datetime) -> tuple[ContractFacts, ...]:
        """What was known to be concluded; work ends with the relationship at the latest."""
        known = [one.facts for one in self.contracts if one.known_from <= known_at]
        if not self.contracts:
            known = [implied_contract(self.started_on, ended_on=self.ended_on)]
        return tuple(ended_with(one, self.ended_on) for one in known)


def ended_with(contract: ContractFacts, ended_on: date | None) -> ContractFacts:
    """A contract whose work, and whose renewals, end with the relationship at the latest."""
    if ended_on is None:
        return contract
    return replace(contract, terminated_on=min(contract.terminated_on or ended_on, ended_on))


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """Everything that decides the state of one supplier's file."""

    id: uuid.UUID
    situation: SupplierSituation
    engagements: tuple[EngagementFacts, ...] = ()
    documents: tuple[DocumentFacts, ...] = ()
    accounts: tuple[KnownAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict on one requirement of one engagement."""

    engagement: EngagementFacts
    coverage: Coverage

    @property
    def requirement(self) -> str:
        return self.coverage.requirement.code.value


def assess(
    facts: SupplierFacts,
    engagement: EngagementFacts,
    *,
    rules: Rules,
    as_of: date,
    known_at: datetime,
) -> tuple[Assessment, ...]:
    """Every requirement of one engagement on the Paris day `as_of`, as known at `known_at`.

    Requirements that nothing makes due are there too, as not required.
    """
    papers = [_paper(one, engagement, rules, known_at) for one in facts.documents]
    accounts, unconfirmed = _account_papers(facts, engagement, rules, known_at)
    wanted = requirements_for(
        facts.situation, engagement.contracts_at(known_at), buyer_rules=rules, on=as_of
    )
    found = []
    for requirement in wanted:
        is_bank = requirement.code is RequirementCode.BANK_DETAILS
        coverage = cover(
            requirement,
            accounts if is_bank else papers,
            as_of=as_of,
            known_at=known_at,
            waivers=_waivers(engagement.waivers, requirement.code.value),
            warn_days=rules.warn_days,
        )
        if is_bank and not coverage.paper_id:
            coverage = replace(coverage, paper_id=unconfirmed)
        found.append(Assessment(engagement, coverage))
    return tuple(found)


def _account_papers(
    facts: SupplierFacts, engagement: EngagementFacts, rules: Rules, known_at: datetime
) -> tuple[list[Paper], str | None]:
    """What bank details are worth: the accounts, and the last paper where it says more.

    A paper that was read and accepted is no account yet: the supplier has to confirm it. Its id
    comes beside, so that pages can say so.
    """
    last = max(
        (one.submitted_at for one in facts.accounts if one.submitted_at <= known_at), default=None
    )
    newer = [
        one
        for one in facts.documents
        if one.received_at <= known_at
        and (last is None or one.received_at > last)
        and _shows_account(one)
    ]
    found = account_papers(
        facts.accounts, buyer_id=engagement.buyer_id, began_on=engagement.began_on,
        known_at=known_at,
    )  # fmt: skip
    if not newer:
        return found, None
    latest = max(newer, key=lambda one: (one.received_at, one.id))
    decision = latest.decision_at(known_at)
    if decision is not None and decision.outcome == "accept":
        return found, str(latest.id)
    return [*found, _paper(latest, engagement, rules, known_at)], None


def _shows_account(document: DocumentFacts) -> bool:
    wanted = document.expected_kind if document.kind is None else document.kind.value
    return wanted == RequirementCode.BANK_DETAILS.value


def next_news_on(engagement: EngagementFacts, *, as_of: date, warn_days: int) -> date | None:
    """The day after `as_of` on which the next conclusion begins to count.

    A contract signed in advance, or the next tacit renewal of one.
    """
    seen_until = as_of + timedelta(days=warn_days)
    days = [one.facts.signed_on for one in engagement.contracts]
    for one in engagement.contracts:
        facts = ended_with(one.facts, engagement.ended_on)
        days += filter(None, [facts.next_renewal_after(seen_until)])
    return min((day - timedelta(days=warn_days) for day in days if day > seen_until), default=None)


def _waivers(waivers: Sequence[KnownWaiver], requirement: str) -> list[WaiverFacts]:
    return [one.facts for one in waivers if one.requirement == requirement]


def _paper(
    document: DocumentFacts, engagement: EngagementFacts, rules: Rules, known_at: datetime
) -> Paper:
    """A paper as this buyer held it at an instant.

    One paper serves every company of the group, but none received it before the relationship
    began (L8222-1 binds each of them; DOMAIN rule 5).
    """
    began_on = min(engagement.began_on, legal_day(known_at))
    decision = document.decision_at(known_at)
    check = document.check_at(known_at)
    return Paper(
        id=str(document.id),
        kind=document.kind,
        received_on=max(legal_day(document.received_at), began_on),
        issued_on=document.issued_on,
        good_from=document.valid_from,
        valid_until=_good_until(document, rules),
        accepted_at=decision.at if decision and decision.outcome == "accept" else None,
        refused_at=decision.at if decision and decision.outcome == "refuse" else None,
        state=document.state,
        authenticity=Authenticity(check.result) if check else Authenticity.UNCHECKED,
        checked_at=check.at if check else None,
        asked_for=document.expected_kind,
    )


def _good_until(document: DocumentFacts, rules: Rules) -> date | None:
    """The last good day by law, or by the period that it speaks of where that one ends it."""
    limit = period_limit(document.kind, document.situation_on)
    if rules.period is PeriodMode.WARNS or limit is None:
        return document.valid_until
    return min(document.valid_until or OPEN, before(limit))
