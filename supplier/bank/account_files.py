"""One account with its story: who handed it in, what was noticed, who may approve and why not."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, joinedload

from supplier.accounts.models import StaffScope, User
from supplier.accounts.permissions import Role
from supplier.bank.access import MISSING, Buyers, visible_to
from supplier.bank.approvals import (
    AccountFacts,
    AccountState,
    Approval,
    Person,
    number_is_independent,
    objection,
    valid_approvals,
)
from supplier.bank.call_backs import CallResult, Requester, requester_of
from supplier.bank.checks import Finding, needs_call_back
from supplier.bank.facts import (
    changed_since_start,
    elsewhere,
    findings_now,
    is_intact,
    open_iban,
)
from supplier.bank.models import BankAccount, BankApproval, CallBack
from supplier.bank.succession import changes_any
from supplier.documents.kept_reading import find_kept
from supplier.documents.models import Document, Preview
from supplier.documents.states import State
from supplier.kernel.database import reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.identifiers import Iban
from supplier.kernel.pages import Box
from supplier.parties.models import Buyer, Contact, Engagement, Supplier

WAITING = (AccountState.SUBMITTED.value, AccountState.APPROVED_ONCE.value)


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """An approval with the account that its author was created by."""

    name: str
    by: Person
    position: int
    value_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Validator:
    """Somebody who holds the role; `objection` says why they may not approve this account."""

    person: Person
    name: str
    objection: str | None


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number on file; only one known for long enough before the request may be called.

    A young one counts when it is found elsewhere too, unless it came from the supplier's people.
    `has_asked`: it reaches whoever handed the details in, who does not confirm a change.
    """

    contact: Contact
    is_known: bool
    has_asked: bool
    may_be_found: bool

    @property
    def may_call(self) -> bool:
        return self.is_known and not self.has_asked


@dataclass(frozen=True, slots=True)
class AccountFile:
    """Everything on one account: approvals, calls, whom one may call, what it would replace."""

    account: BankAccount
    supplier: Supplier
    buyer_name: str | None
    facts: AccountFacts
    approvals: tuple[ApprovalLine, ...]
    call_backs: Sequence[CallBack]
    numbers: tuple[NumberLine, ...]
    findings: tuple[Finding, ...]
    replaced: BankAccount | None
    history: Sequence[BankAccount]
    document: Document | None
    previews: Sequence[Preview]
    validators: tuple[Validator, ...]
    is_change: bool
    is_intact: bool

    @property
    def waits(self) -> bool:
        return self.account.state in WAITING

    @property
    def owes_call(self) -> bool:
        """Whether an approval waits for a call (a change, or something suspect)."""
        return self.is_change or needs_call_back(self.findings)

    @property
    def is_number_known(self) -> bool:
        return any(one.may_call for one in self.numbers)

    @property
    def call(self) -> str:
        """How the calls ended: denied for good, confirmed, or empty."""
        results = {call.result for call in self.call_backs}
        if CallResult.DENIED in results:
            return CallResult.DENIED.value
        return CallResult.CONFIRMED.value if CallResult.CONFIRMED in results else ""

    @property
    def telling_call(self) -> CallBack | None:
        """The last of the calls that ended so, whose number the page shows."""
        return next((one for one in reversed(self.call_backs) if one.result == self.call), None)

    @property
    def is_second(self) -> bool:
        return bool(valid_approvals(self.facts))

    def objection_to(self, person: Person) -> str | None:
        """Why this person may not approve, or None."""
        return objection(self.facts, approver=person, seen_hash=self.account.value_hash)

    def clear_iban(self) -> str:
        """The IBAN in groups of four, for the first approver only."""
        return Iban.parse(open_iban(self.account)).spaced


def get_file(account_id: uuid.UUID, *, buyers: Buyers, now: datetime) -> AccountFile:
    """One account with its story; six statements. Raises NotFoundError."""
    with reading() as session:
        row = session.execute(_one(account_id, buyers)).unique().first()
        if row is None:
            raise NotFoundError(MISSING)
        account, supplier, buyer_name, document, used, email = row
        history = _history(session, account.supplier_id)
        approvals = _approvals(session, account.id)
        facts = _facts(account, approvals)
        is_change = changes_any(account, history, now=now)
        asked = requester_of(account, email)
        numbers = _numbers(session, account, supplier, asked=asked, is_change=is_change)
        known = any(one.is_known for one in numbers)
        return AccountFile(
            account=account,
            supplier=supplier,
            buyer_name=buyer_name,
            facts=facts,
            approvals=approvals,
            call_backs=_calls(session, account.id),
            numbers=numbers,
            findings=findings_now(account, used_elsewhere=bool(used), number_known=known),
            replaced=_replaced(account, history),
            history=_in_sight(history, buyers),
            document=document,
            previews=document.previews if document is not None else (),
            validators=_validators(session, account, facts),
            is_change=is_change,
            is_intact=is_intact(account),
        )


def get_paper(account_id: uuid.UUID, *, buyers: Buyers, page: int) -> Preview:
    """A page of the bank details paper behind an account. Raises NotFoundError."""
    with reading() as session:
        found = session.scalars(
            select(Preview)
            .join(Document, Document.id == Preview.document_id)
            .join(BankAccount, BankAccount.document_id == Document.id)
            .where(
                BankAccount.id == account_id,
                BankAccount.erased_at.is_(None),
                visible_to(buyers),
                Document.kind == "bank_details",
                Document.state != State.ERASED,
                Preview.page == page,
            )
        ).first()
    if found is None:
        raise NotFoundError(MISSING)
    return found


def _one(
    account_id: uuid.UUID, buyers: Buyers
) -> Select[BankAccount, Supplier, str, Document, bool, str]:
    return (
        select(
            BankAccount, Supplier, Buyer.name, Document,
            elsewhere(BankAccount.iban_index, BankAccount.supplier_id), User.email,
        )
        .join(Supplier, Supplier.id == BankAccount.supplier_id)
        .outerjoin(Buyer, Buyer.id == BankAccount.buyer_id)
        .outerjoin(Document, Document.id == BankAccount.document_id)
        .outerjoin(User, User.id == BankAccount.submitted_by_id)
        .where(BankAccount.id == account_id, BankAccount.erased_at.is_(None), visible_to(buyers))
        .options(joinedload(Document.previews))
    )  # fmt: skip


def _history(session: Session, supplier_id: uuid.UUID) -> Sequence[BankAccount]:
    return session.scalars(
        select(BankAccount)
        .where(BankAccount.supplier_id == supplier_id, BankAccount.erased_at.is_(None))
        .order_by(BankAccount.version.desc())
    ).all()


def _in_sight(history: Sequence[BankAccount], buyers: Buyers) -> Sequence[BankAccount]:
    """What another company pays to is nobody else's to read; the rules above knew of it."""
    return [
        one for one in history if buyers is None or one.buyer_id is None or one.buyer_id in buyers
    ]


def _approvals(session: Session, account_id: uuid.UUID) -> tuple[ApprovalLine, ...]:
    rows = session.execute(
        select(BankApproval, User.created_by_id)
        .join(User, User.id == BankApproval.approver_id)
        .where(BankApproval.account_id == account_id)
        .order_by(BankApproval.position)
    )
    return tuple(
        ApprovalLine(
            row.approver_name, Person(row.approver_id, maker), row.position, row.value_hash, row.at
        )
        for row, maker in rows
    )


def _facts(account: BankAccount, approvals: Sequence[ApprovalLine]) -> AccountFacts:
    return AccountFacts(
        state=AccountState(account.state),
        value_hash=account.value_hash,
        submitter=account.submitted_by_id,
        approvals=tuple(Approval(one.by, one.value_hash, one.at) for one in approvals),
        active_from=account.active_from,
        replaced_at=account.replaced_at,
    )


def _calls(session: Session, account_id: uuid.UUID) -> Sequence[CallBack]:
    return session.scalars(
        select(CallBack).where(CallBack.account_id == account_id).order_by(CallBack.at, CallBack.id)
    ).all()


def _numbers(
    session: Session, account: BankAccount, supplier: Supplier, *, asked: Requester, is_change: bool
) -> tuple[NumberLine, ...]:
    rows = session.execute(
        select(Contact, changed_since_start(supplier))
        .where(Contact.supplier_id == account.supplier_id, Contact.phone.is_not(None))
        .order_by(Contact.changed_at, Contact.id)
    ).all()
    theirs = asked.numbers(contact for contact, _ in rows)
    found = []
    for contact, wrote in rows:
        known = number_is_independent(contact.changed_at, submitted_at=account.submitted_at)
        rings = asked.rings_at(contact, theirs)
        elsewhere_too = (known or not wrote) and not (rings and is_change)
        found.append(NumberLine(contact, known, rings, elsewhere_too))
    return tuple(found)


def _replaced(account: BankAccount, history: Sequence[BankAccount]) -> BankAccount | None:
    """What this account takes the place of: known once approved, else what is in use now."""
    if account.replaces_id is not None:
        return next((old for old in history if old.id == account.replaces_id), None)
    if account.active_from is not None:
        return None
    serving = [old for old in history if old.state == AccountState.APPROVED_TWICE]
    own = (old for old in serving if old.id != account.id and old.buyer_id == account.buyer_id)
    wide = (old for old in serving if old.id != account.id and old.buyer_id is None)
    return next(own, None) or next(wide, None)


def _validators(
    session: Session, account: BankAccount, facts: AccountFacts
) -> tuple[Validator, ...]:
    """Who holds the role for the companies that the account is for, by name."""
    companies: ColumnElement[bool] = StaffScope.buyer_id == account.buyer_id
    if account.buyer_id is None:
        companies = StaffScope.buyer_id.in_(
            select(Engagement.buyer_id).where(Engagement.supplier_id == account.supplier_id)
        )
    rows = session.execute(
        select(User.id, User.created_by_id, User.name, User.sort_name)
        .join(StaffScope, StaffScope.user_id == User.id)
        .where(
            StaffScope.role == Role.BANK_VALIDATOR.value,
            StaffScope.approved_by_id.is_not(None),
            StaffScope.ended_at.is_(None),
            User.locked_at.is_(None),
            or_(StaffScope.buyer_id.is_(None), companies),
        )
        .distinct()
        .order_by(User.sort_name, User.id)
    )
    found = []
    for user_id, maker, name, _ in rows:
        person = Person(user_id, maker)
        words = objection(facts, approver=person, seen_hash=facts.value_hash)
        found.append(Validator(person, name, words))
    return tuple(found)


def find_place(document: Document | None) -> tuple[int, Box] | None:
    """The page and the place of the IBAN on a paper, without its text; None when not read."""
    kept = find_kept(document) if document is not None else None
    found = next((one for one in kept.reading.items("iban") if one.box), None) if kept else None
    return (found.page, found.box) if found is not None and found.box is not None else None
