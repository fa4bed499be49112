"""Play two years of the fictional group's life into an empty database, day by day."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from flask import Flask
from sqlalchemy import delete, select

from supplier import jobs
from supplier.adapters.queue import Job
from supplier.bank import actions as bank
from supplier.bank.models import BankAccount
from supplier.contracts import actions as contracts
from supplier.contracts.details import ContractDetails, InvoiceDetails
from supplier.contracts.models import Contract
from supplier.demo import dossiers
from supplier.demo.deposits import Deposit, deposits
from supplier.demo.papers.catalogue import draw
from supplier.demo.people import Cast, at_hour, write_people
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.demo.suppliers.facts import Deal, Scenario, SupplierFacts
from supplier.documents import actions as documents
from supplier.documents import intake, judging, verifying
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.states import IssuerAnswer, State
from supplier.kernel.clock import add_months
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import DomainError
from supplier.retention import actions as retention
from supplier.settings import Settings
from supplier.vigilance import actions as vigilance

COOLING_OFF = timedelta(hours=48)
#: What happened longer ago than this left no work behind.
STALE = timedelta(days=4)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Handed:
    """A deposit that was acknowledged."""

    deposit: Deposit
    document_id: uuid.UUID
    at: datetime


def build(
    app: Flask, settings: Settings, *, now: datetime, today: date, progress: Progress
) -> Cast:
    """Fill the empty database of `app` as of `now`; `progress` hears papers done and to do.

    The same day gives the same story. Papers are drawn, handed in, read by the real reader and
    judged as any other.
    """
    with app.app_context():
        cast = write_people(today=today)
        _write_work(cast, today=today)
        todo = sorted(
            (one for facts in SUPPLIERS for one in deposits(facts, today=today)),
            key=lambda one: (one.on, one.supplier_key, one.filename),
        )
        done = 0
        for _, group in groupby(todo, key=lambda one: (one.on.year, one.on.month)):
            month = list(group)
            _play(app, cast, settings, month, now=now, today=today)
            done += len(month)
            progress(done, len(todo))
        _write_bank(cast, settings, now=now, today=today)
        _write_notes(cast, now=now, today=today)
        _settle(now)
    return cast


def _play(
    app: Flask, cast: Cast, settings: Settings, month: Sequence[Deposit], *, now: datetime,
    today: date,
) -> None:  # fmt: skip
    """A month: files are handed in, read side by side, then people do their part."""
    handed = [_hand_in(cast, settings, one, now=now) for one in month]

    def read(one: Handed) -> None:
        with app.app_context():
            judging.read_document(
                one.document_id, now=one.at + timedelta(seconds=2), today=one.deposit.on,
                settings=settings,
            )  # fmt: skip

    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        list(pool.map(read, handed))
    for one in handed:
        _follow(cast, one, now=now, today=today)


def _hand_in(cast: Cast, settings: Settings, deposit: Deposit, *, now: datetime) -> Handed:
    minute = sum(map(ord, deposit.supplier_key + deposit.filename))
    at = min(at_hour(deposit.on, 8 + minute % 9, minute % 60), now - timedelta(minutes=minute % 50))
    receipt = intake.submit(
        deposit.draw(), filename=deposit.filename,
        supplier_id=cast.suppliers[deposit.supplier_key], by=cast.users[deposit.supplier_key],
        now=at, settings=settings, expected_kind=deposit.expected.value,
    )  # fmt: skip
    return Handed(deposit, receipt.document_id, at)


def _follow(cast: Cast, one: Handed, *, now: datetime, today: date) -> None:
    """What people do about a paper: decide old doubts, ask the issuer, contest."""
    with reading() as session:
        document = session.get_one(Document, one.document_id)
    camille = cast.staff["camille.roussel"]
    later = min(one.at + timedelta(hours=5), now)
    old = today - one.deposit.on > timedelta(days=10) and not one.deposit.trouble
    if document.state == State.IN_REVIEW and old:
        try:
            document = documents.accept(one.document_id, by=camille, now=later)
        except DomainError:
            return
    if document.sampled_at is not None and old:
        verifying.confirm_sample(one.document_id, by=cast.staff["karim.benali"], now=later)
    if one.deposit.contested and document.state == State.REFUSED:
        documents.contest(
            one.document_id, supplier_id=document.supplier_id,
            by=cast.users[one.deposit.supplier_key], now=later,
            comment="Le Kbis a trois mois jour pour jour, il devrait convenir.",
        )  # fmt: skip
    if document.state == State.ACCEPTED and _is_checked(one.deposit, today=today):
        verifying.record_issuer_check(
            one.document_id, result=IssuerAnswer.CONFIRMED, by=camille, now=later
        )


def _is_checked(deposit: Deposit, *, today: date) -> bool:
    """Urssaf certificates are checked with the issuer, but for the latest of some suppliers."""
    if deposit.expected is not DocumentKind.URSSAF_VIGILANCE:
        return False
    facts = next(one for one in SUPPLIERS if one.key == deposit.supplier_key)
    waits = Scenario.TO_VERIFY in facts.scenarios and today - deposit.on < timedelta(days=150)
    return not waits


def _write_work(cast: Cast, *, today: date) -> None:
    """Contracts, and an invoice a quarter for each that has begun."""
    camille = cast.staff["camille.roussel"]
    for facts in SUPPLIERS:
        for place, deal in enumerate(facts.deals, start=1):
            signed = add_months(today, deal.starts)
            contract = contracts.create_contract(
                cast.engagements[facts.key, deal.buyer], _contract(facts, deal, place, today),
                buyers=None, by=camille, now=at_hour(min(signed, today), 10),
            )  # fmt: skip
            _write_invoices(cast, facts, deal, contract, today=today)


def _contract(facts: SupplierFacts, deal: Deal, place: int, today: date) -> ContractDetails:
    signed = min(add_months(today, deal.starts), today)
    number = sum(map(ord, facts.key)) % 900 + place
    return ContractDetails(
        reference=f"CT-{signed.year}-{number:04d}-{deal.buyer.value[:1].upper()}{place}",
        title=deal.title, amount=deal.amount, signed_on=signed, starts_on=signed,
        ends_on=add_months(today, deal.ends) if deal.ends is not None else None,
        site_opened_on=signed if deal.is_building_site else None,
    )  # fmt: skip


def _write_invoices(
    cast: Cast, facts: SupplierFacts, deal: Deal, contract: Contract, *, today: date
) -> None:
    """Equal parts a quarter over the contract; each paid six weeks later."""
    ends = deal.ends if deal.ends is not None else 12
    quarters = max(1, (ends - deal.starts) // 3)
    part = (deal.amount / quarters).quantize(Decimal("0.01"))
    by = cast.staff["karim.benali"]
    for number in range(1, quarters + 1):
        day = add_months(today, deal.starts) + timedelta(days=85 * number)
        if day > today:
            return
        details = InvoiceDetails(
            number=f"{day.year}-{contract.reference[-7:]}-{number:02d}",
            issued_on=day, amount=part, total=(part * Decimal("1.2")).quantize(Decimal("0.01")),
            contract_id=contract.id,
        )  # fmt: skip
        invoice = contracts.create_invoice(
            cast.engagements[facts.key, deal.buyer], details, buyers=None, by=by,
            now=at_hour(day, 15),
        )  # fmt: skip
        paid = day + timedelta(days=42)
        if paid <= today:
            contracts.mark_paid(
                invoice.id, paid_on=paid, buyers=None, by=by, now=at_hour(paid, 9), today=paid
            )


def _write_bank(cast: Cast, settings: Settings, *, now: datetime, today: date) -> None:
    """Each supplier's account, validated by two; two changes wait."""
    for facts in SUPPLIERS:
        if Scenario.NEW_INVITED in facts.scenarios:
            continue
        start = add_months(today, min(deal.starts for deal in facts.deals))
        fresh = Scenario.BANK_FIRST_SUBMITTED in facts.scenarios
        at = now - timedelta(hours=26) if fresh else at_hour(start, 11)
        account_id = _submit_account(cast, settings, facts, at=at, account=1)
        if not fresh:
            _validate(cast, facts, account_id, at=at, iban=_iban(facts, start, 1))
        if Scenario.BANK_CHANGE_PENDING in facts.scenarios:
            _submit_account(cast, settings, facts, at=now - timedelta(hours=20), account=2)


def _iban(facts: SupplierFacts, day: date, account: int) -> str:
    return dossiers.bank_details(facts, printed_on=day, account=account).iban


def _submit_account(
    cast: Cast, settings: Settings, facts: SupplierFacts, *, at: datetime, account: int
) -> uuid.UUID:
    paper = dossiers.bank_details(facts, printed_on=at.date(), account=account)
    receipt = intake.submit(
        draw(paper), filename=f"RIB {at:%Y}.pdf", supplier_id=cast.suppliers[facts.key],
        by=cast.users[facts.key], now=at, settings=settings,
        expected_kind=DocumentKind.BANK_DETAILS.value,
    )  # fmt: skip
    judging.read_document(receipt.document_id, now=at, today=at.date(), settings=settings)
    row = bank.submit(
        supplier_id=cast.suppliers[facts.key], iban=paper.iban, bic=paper.bic,
        holder=paper.holder, document_id=_readable(receipt.document_id),
        by=cast.users[facts.key], now=at,
    )  # fmt: skip
    return row.id


def _readable(document_id: uuid.UUID) -> uuid.UUID | None:
    """The paper, unless the machine refused it: then the account is entered without one."""
    with reading() as session:
        state = session.get_one(Document, document_id).state
    return None if state in {State.REFUSED, State.UNREADABLE} else document_id


def _validate(
    cast: Cast, facts: SupplierFacts, account_id: uuid.UUID, *, at: datetime, iban: str
) -> None:
    """Two validators, a call first where the rules ask for one; doubts stay for the desk."""
    herve, ines = cast.staff["herve.legoff"], cast.staff["ines.morvan"]
    with reading() as session:
        seen = session.get_one(BankAccount, account_id).value_hash
    # A number that is too young does not count; most accounts need no call.
    with suppress(DomainError):
        bank.record_call_back(
            account_id,
            contact_id=cast.contacts[facts.key][0],
            result="confirmed",
            comment=None,
            by=herve,
            now=at + timedelta(hours=20),
            buyers=None,
        )
    for by, days, typed in ((herve, 1, None), (ines, 2, iban)):
        try:
            bank.approve(
                account_id, seen_hash=seen, by=by, now=at + timedelta(days=days), buyers=None,
                retyped_iban=typed, cooling_off=COOLING_OFF,
            )  # fmt: skip
        except DomainError:
            return


def _write_notes(cast: Cast, *, now: datetime, today: date) -> None:
    """Waivers, follow-ups of calls, a legal hold."""
    camille, karim = cast.staff["camille.roussel"], cast.staff["karim.benali"]
    for facts in SUPPLIERS:
        for requirement, reason in _waivers(facts):
            for key in facts.buyers:
                vigilance.waive(
                    cast.engagements[facts.key, key],
                    requirement,
                    from_on=today,
                    until_on=add_months(today, 4),
                    buyers=None,
                    by=karim,
                    now=now,
                    reason=reason,
                )
        if Scenario.GAP_SOCIAL in facts.scenarios or Scenario.GAP_A1 in facts.scenarios:
            vigilance.note_follow_up(
                cast.suppliers[facts.key], note="A promis les papiers pour mercredi.",
                buyers=None, by=camille, now=now - timedelta(days=3),
                contact_id=cast.contacts[facts.key][0], promised_on=today + timedelta(days=2),
            )  # fmt: skip
        if Scenario.HELD in facts.scenarios:
            retention.place_hold(
                cast.suppliers[facts.key], by=cast.staff["sophie.tanguy"], now=now,
                reason="Contentieux sur la réception des travaux, tribunal de Vannes.",
            )  # fmt: skip


def _waivers(facts: SupplierFacts) -> list[tuple[str, str]]:
    """What is not asked of whom, and why somebody said so."""
    if Scenario.WAIVED in facts.scenarios:
        reason = "Aucun salarié : la caisse de congés payés n’est pas concernée."
        return [("paid_leave_btp", reason)]
    if Scenario.FOREIGN in facts.scenarios and Scenario.COMPLETE in facts.scenarios:
        reason = "Fabrication et livraison sans pose : personne ne vient travailler en France."
        codes = ("posting_declaration", "foreign_social_certificate", "vat_number", "a1")
        return [(code, reason) for code in codes]
    return []


def _settle(now: datetime) -> None:
    """Past work left nothing to do; what is recent goes the usual way."""
    with transaction() as session:
        session.execute(delete(Job).where(Job.created_at < now - STALE))
    vigilance.refresh_all(now=now)
    while jobs.run_due(now=now, limit=500):
        pass
    retention.propose_due(now)


def supplier_link_keys(scenarios: Iterable[Scenario]) -> list[str]:
    """The keys of suppliers that show these scenarios, one each."""
    return [
        next(one.key for one in SUPPLIERS if scenario in one.scenarios) for scenario in scenarios
    ]


def has_data() -> bool:
    """True when the database is already filled."""
    with reading() as session:
        return session.scalar(select(Document.id).limit(1)) is not None
