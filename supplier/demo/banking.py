"""The demo's bank details, as entries of its diary."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial

from supplier.bank import actions as bank
from supplier.bank.call_backs import NumberSource
from supplier.bank.models import BankAccount
from supplier.demo import dossiers
from supplier.demo.papers.catalogue import draw
from supplier.demo.people import Cast, Entry, at_hour
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.demo.suppliers.facts import Scenario, SupplierFacts
from supplier.documents import intake, judging
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.states import State
from supplier.kernel.clock import add_months
from supplier.kernel.database import reading
from supplier.kernel.errors import DomainError
from supplier.settings import Settings

COOLING_OFF = timedelta(hours=48)


def write_bank(cast: Cast, settings: Settings, *, now: datetime, today: date) -> Iterator[Entry]:
    """Each supplier's account, validated by two; a first one and a change wait for the desk."""
    for facts in SUPPLIERS:
        if Scenario.NEW_INVITED in facts.scenarios:
            continue
        start = add_months(today, min(deal.starts for deal in facts.deals))
        fresh = Scenario.BANK_FIRST_SUBMITTED in facts.scenarios
        at = now - timedelta(hours=26) if fresh else at_hour(start, 11)
        made: list[uuid.UUID] = []
        yield at, partial(_submit, cast, settings, facts, at=at, account=1, made=made)
        if not fresh:
            yield from _validation(cast, facts, made, at=at)
        if Scenario.BANK_CHANGE_PENDING in facts.scenarios:
            late = now - timedelta(hours=20)
            yield late, partial(_submit, cast, settings, facts, at=late, account=2, made=[])


def _submit(
    cast: Cast, settings: Settings, facts: SupplierFacts, *, at: datetime, account: int,
    made: list[uuid.UUID],
) -> None:  # fmt: skip
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
    made.append(row.id)


def _readable(document_id: uuid.UUID) -> uuid.UUID | None:
    """The paper, unless the machine refused it: then the account is entered without one."""
    with reading() as session:
        state = session.get_one(Document, document_id).state
    return None if state in {State.REFUSED, State.UNREADABLE} else document_id


def _validation(
    cast: Cast, facts: SupplierFacts, made: list[uuid.UUID], *, at: datetime
) -> Iterator[Entry]:
    """A call, then two validators; doubts stay for the desk."""
    yield at + timedelta(hours=20), partial(_call, cast, facts, made, at=at + timedelta(hours=20))
    iban = dossiers.bank_details(facts, printed_on=at.date()).iban
    for who, days, typed in (("herve.legoff", 1, None), ("ines.morvan", 2, iban)):
        later = at + timedelta(days=days)
        yield later, partial(_approve, cast, who, made, at=later, typed=typed)


def _call(cast: Cast, facts: SupplierFacts, made: list[uuid.UUID], *, at: datetime) -> None:
    called = partial(
        bank.record_call_back, made[0], result="confirmed", comment=None,
        by=cast.staff["herve.legoff"], now=at, buyers=None,
    )  # fmt: skip
    known = [*cast.contacts[facts.key][1:], cast.contacts[facts.key][0]]
    for contact_id in known:
        # Whoever asked is not called, nor anybody on file for less than 30 days.
        with suppress(DomainError):
            called(contact_id=contact_id)
            return
    # The register has the number of the same office.
    called(number=facts.contacts[0].phone, source=NumberSource.PUBLIC_REGISTER)


def _approve(
    cast: Cast, who: str, made: list[uuid.UUID], *, at: datetime, typed: str | None
) -> None:
    with reading() as session:
        seen = session.get_one(BankAccount, made[0]).value_hash
    with suppress(DomainError):
        bank.approve(
            made[0], seen_hash=seen, by=cast.staff[who], now=at, buyers=None,
            retyped_iban=typed, cooling_off=COOLING_OFF,
        )  # fmt: skip
