"""What the rules of bank details need to know, gathered from the tables."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from supplier.accounts.models import User
from supplier.bank.approvals import AccountFacts, AccountState, Approval, Person
from supplier.bank.checks import BankFacts
from supplier.bank.models import BankAccount, BankApproval
from supplier.documents.kept_reading import find_kept
from supplier.documents.models import Document
from supplier.kernel.clock import PARIS
from supplier.kernel.crypto import keyring
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Iban
from supplier.parties.models import Contact, Supplier


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
) -> BankFacts:
    """Bank details as handed in, what their paper shows, and what is on file around them."""
    elsewhere = session.scalar(
        select(func.count()).where(
            BankAccount.iban_index == iban_index(iban),
            BankAccount.supplier_id != supplier.id,
            BankAccount.state.not_in([AccountState.REFUSED, AccountState.WITHDRAWN]),
            BankAccount.erased_at.is_(None),
        )
    )
    contact_changed = session.scalar(
        select(func.max(Contact.changed_at)).where(Contact.supplier_id == supplier.id)
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
        used_elsewhere=bool(elsewhere),
        contact_changed_on=day(contact_changed) if contact_changed else None,
        last_changed_on=day(last_change) if last_change else None,
    )


def _printed(
    session: Session, supplier_id: uuid.UUID, document_id: uuid.UUID | None
) -> tuple[str, ...]:
    """The IBANs read on the paper. Raises NotFoundError for a paper of another supplier."""
    if document_id is None:
        return ()
    document = session.get(Document, document_id)
    if document is None or document.supplier_id != supplier_id:
        raise NotFoundError(N_("This paper does not exist."))
    kept = find_kept(document)
    return tuple(value.text for value in kept.reading.items("iban")) if kept else ()


def same_buyer(buyer_id: uuid.UUID | None) -> ColumnElement[bool]:
    """For the same group company, or for all of them: the two never replace each other."""
    if buyer_id is None:
        return BankAccount.buyer_id.is_(None)
    return BankAccount.buyer_id == buyer_id


def day(at: datetime) -> date:
    """The Paris day of an instant."""
    return at.astimezone(PARIS).date()
