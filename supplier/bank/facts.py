"""What the rules of bank details need to know, gathered from the tables."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from supplier.accounts.models import User
from supplier.bank.approvals import (
    NUMBER_KNOWN_FOR,
    AccountFacts,
    AccountState,
    Approval,
    Person,
    value_hash,
)
from supplier.bank.checks import BankFacts, Finding, FindingCode, Severity
from supplier.bank.models import BankAccount, BankApproval
from supplier.documents.kept_reading import find_kept
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.documents.states import State
from supplier.kernel.audit import ActorKind, Event
from supplier.kernel.clock import PARIS
from supplier.kernel.crypto import SealBrokenError, keyring
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Iban
from supplier.parties.models import Contact, Supplier

#: How long staff may take to enter a supplier with its contacts.
_FIRST_ENTRY = timedelta(hours=1)
#: A paper in one of these states supports nothing.
_UNUSABLE = frozenset({State.REFUSED, State.WITHDRAWN, State.ERASED, State.SUPERSEDED})


def open_iban(account: BankAccount) -> str:
    """The IBAN in clear, compact. Raises SealBrokenError when it was moved or altered."""
    return keyring().open_text(account.iban, context=f"bank_account.iban:{account.id}")


def iban_index(iban: Iban) -> str:
    """The keyed digest by which equal IBANs are found."""
    return keyring().index(iban.value, purpose="iban")


def facts_of(session: Session, account: BankAccount) -> AccountFacts:
    """What the rules of approval need to know of an account."""
    rows = session.execute(
        select(BankApproval, User.created_by_id)
        .join(User, User.id == BankApproval.approver_id)
        .where(BankApproval.account_id == account.id)
        .order_by(BankApproval.position)
    )
    approvals = tuple(
        Approval(by=Person(row.approver_id, created_by), value_hash=row.value_hash, at=row.at)
        for row, created_by in rows
    )
    return AccountFacts(
        state=AccountState(account.state),
        value_hash=account.value_hash,
        submitter=account.submitted_by_id,
        approvals=approvals,
        active_from=account.active_from,
        replaced_at=account.replaced_at,
    )


def bank_facts(
    session: Session,
    supplier: Supplier,
    *,
    iban: Iban,
    bic: str | None,
    holder: str,
    document_id: uuid.UUID | None,
    now: datetime,
) -> BankFacts:
    """Bank details as handed in, what their paper shows, and what is on file around them."""
    index = iban_index(iban)
    blocked = session.scalar(
        select(BankAccount.id)
        .where(
            BankAccount.iban_index == index,
            BankAccount.supplier_id == supplier.id,
            BankAccount.state == AccountState.BLOCKED,
        )
        .limit(1)
    )
    contact_changed = session.scalar(
        select(func.max(Contact.changed_at)).where(
            Contact.supplier_id == supplier.id, changed_since_start(supplier)
        )
    )
    last_change = session.scalar(
        select(func.max(BankAccount.submitted_at)).where(
            BankAccount.supplier_id == supplier.id,
            BankAccount.state.not_in([AccountState.WITHDRAWN]),
        )
    )
    return BankFacts(
        iban=iban.value,
        holder=holder,
        legal_name=supplier.name,
        bic=bic,
        printed_ibans=_printed(session, supplier.id, document_id),
        supplier_country=supplier.country,
        used_elsewhere=is_used_elsewhere(session, index, supplier.id),
        blocked_before=blocked is not None,
        contact_changed_on=day(contact_changed) if contact_changed else None,
        number_known=is_number_known(session, supplier.id, submitted_at=now),
        last_changed_on=day(last_change) if last_change else None,
    )


def is_used_elsewhere(session: Session, index: str, supplier_id: uuid.UUID) -> bool:
    """Whether another supplier waits with, is paid to, or was blocked at the same IBAN."""
    return bool(session.scalar(select(elsewhere(index, supplier_id))))


def elsewhere(
    index: str | InstrumentedAttribute[str],
    supplier_id: uuid.UUID | InstrumentedAttribute[uuid.UUID],
) -> ColumnElement[bool]:
    """The same question as a condition inside another statement."""
    other = aliased(BankAccount)
    return exists().where(
        other.iban_index == index,
        other.supplier_id != supplier_id,
        other.state.not_in([AccountState.REFUSED, AccountState.WITHDRAWN]),
        other.erased_at.is_(None),
    )


def changed_since_start(supplier: Supplier) -> ColumnElement[bool]:
    """Contacts that the supplier's own people wrote, or that came after the supplier.

    What the group's staff wrote with the supplier is no sign of anything.
    """
    by_themselves = exists().where(
        Event.subject_type == "contact",
        Event.subject_id == Contact.id,
        Event.kind.in_(["contact.added", "contact.changed"]),
        Event.actor_kind == ActorKind.SUPPLIER,
    )
    return or_(Contact.changed_at > supplier.created_at + _FIRST_ENTRY, by_themselves)


def is_number_known(session: Session, supplier_id: uuid.UUID, *, submitted_at: datetime) -> bool:
    """Whether any number was on file long enough before the request to be called."""
    known = session.scalar(
        select(Contact.id)
        .where(
            Contact.supplier_id == supplier_id,
            Contact.phone.is_not(None),
            Contact.changed_at <= submitted_at - NUMBER_KNOWN_FOR,
        )
        .limit(1)
    )
    return known is not None


def is_intact(account: BankAccount) -> bool:
    """Whether the row still says what was approved: its digest is that of its own values."""
    try:
        iban = open_iban(account)
    except SealBrokenError:
        return False
    return account.value_hash == value_hash(
        iban=iban, bic=account.bic, holder=account.holder, supplier_id=account.supplier_id,
        version=account.version,
    )  # fmt: skip


def findings_now(
    account: BankAccount, *, used_elsewhere: bool, number_known: bool
) -> tuple[Finding, ...]:
    """What was noticed when the details came, with what others handed in or changed since then."""
    today = {
        FindingCode.USED_ELSEWHERE: used_elsewhere,
        FindingCode.NO_KNOWN_NUMBER: not number_known,
    }
    codes = {FindingCode(row["code"]) for row in account.findings} - today.keys()
    codes |= {code for code, holds in today.items() if holds}
    order = list(Severity)
    return tuple(
        sorted(map(Finding, codes), key=lambda one: (order.index(one.severity), one.code.value))
    )


def _printed(
    session: Session, supplier_id: uuid.UUID, document_id: uuid.UUID | None
) -> tuple[str, ...]:
    """The IBANs that the machine read on the paper; one that a person wrote there proves nothing.

    Raises NotFoundError for a paper of another supplier.
    """
    if document_id is None:
        return ()
    document = session.get(Document, document_id)
    usable = document is not None and document.state not in _UNUSABLE
    if document is None or document.supplier_id != supplier_id or not usable:
        raise NotFoundError(N_("This paper does not exist."))
    if document.kind != DocumentKind.BANK_DETAILS:
        raise DomainError(N_("This paper is not bank details: choose another one."))
    kept = find_kept(document)
    return kept.printed("iban") if kept else ()


def same_buyer(buyer_id: uuid.UUID | None) -> ColumnElement[bool]:
    """For the same group company, or for all of them: the two never replace each other."""
    if buyer_id is None:
        return BankAccount.buyer_id.is_(None)
    return BankAccount.buyer_id == buyer_id


def day(at: datetime) -> date:
    """The Paris day of an instant."""
    return at.astimezone(PARIS).date()
