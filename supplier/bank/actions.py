"""What we do with bank details: submit, approve, refuse, withdraw, block, call back."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.bank.access import MISSING, Buyers, get_account, get_person
from supplier.bank.approvals import (
    ALLOWED,
    AccountState,
    Person,
    active_from,
    objection,
    retyped_right,
    state_after,
    value_hash,
)
from supplier.bank.call_backs import owes_call_back, record_call_back, refuse_uncalled
from supplier.bank.checks import check, is_blocked
from supplier.bank.facts import (
    bank_facts,
    day,
    facts_of,
    findings_now,
    iban_index,
    is_intact,
    is_number_known,
    is_used_elsewhere,
    open_iban,
    same_buyer,
)
from supplier.bank.models import BankAccount, BankApproval
from supplier.bank.succession import reinstate, replace
from supplier.documents.intake import ask_to_refresh
from supplier.documents.models import Document
from supplier.documents.states import State
from supplier.kernel.audit import Actor, move, record
from supplier.kernel.crypto import keyring
from supplier.kernel.database import LOCKED, new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Bic, Iban
from supplier.parties.models import Engagement, Supplier

__all__ = ["Buyers", "approve", "block", "record_call_back", "refuse", "submit", "withdraw"]

_OPEN = (AccountState.SUBMITTED.value, AccountState.APPROVED_ONCE.value)
_CHANGED = N_("These bank details have changed since you opened them: look at them again.")


def submit(
    *,
    supplier_id: uuid.UUID,
    iban: str,
    holder: str,
    by: Actor,
    now: datetime,
    bic: str | None = None,
    buyer_id: uuid.UUID | None = None,
    document_id: uuid.UUID | None = None,
    buyers: Buyers = None,
) -> BankAccount:
    """Hand in bank details; they replace what still waits, never what is in use.

    `buyers` limits staff who enter for a supplier. Raises InvalidIdentifierError for an IBAN or
    BIC that cannot be right, NotFoundError for a paper of another supplier, ConflictError when
    exactly this account is in use already.
    """
    checked, bic_value = Iban.parse(iban), str(Bic.parse(bic)) if bic else None
    holder = holder.strip()[:200]
    if not holder:
        raise DomainError(N_("Enter the account holder as printed on the paper."), field="holder")
    with transaction() as session:
        supplier = session.get(Supplier, supplier_id, with_for_update=LOCKED)
        if supplier is None:
            raise NotFoundError(N_("This supplier does not exist."))
        _require_engagement(session, supplier_id, buyer_id, buyers)
        _refuse_same(session, supplier_id, buyer_id, iban_index(checked), holder)
        _withdraw_waiting(session, supplier_id, buyer_id, by=by, now=now)
        account = _new_account(
            session, supplier, checked, by=by, now=now, bic=bic_value, holder=holder,
            buyer_id=buyer_id, document_id=document_id,
        )  # fmt: skip
        session.flush()
        record(session, "bank.submitted", subject=account, by=by, at=now)
        # Bank details are owed as an account: each step changes what is missing.
        ask_to_refresh(session, supplier_id, now=now)
        _tell(session, "bank_submitted", account, now=now)
        return account


def approve(
    account_id: uuid.UUID,
    *,
    seen_hash: str,
    by: Actor,
    now: datetime,
    buyers: Buyers,
    retyped_iban: str | None = None,
    cooling_off: timedelta,
) -> BankAccount:
    """Approve exactly the value that was seen; the second approval starts the cooling-off.

    The second approver types the IBAN from the paper without seeing ours; None says that the
    approver saw a page for the first one. Raises ConflictError or DomainError with the reason; a
    wrong digit leaves an event and no approval.
    """
    with transaction() as session:
        account = get_account(session, account_id, buyers)
        facts, person = facts_of(session, account), get_person(session, by)
        if reason := objection(facts, approver=person, seen_hash=seen_hash):
            raise ConflictError(reason)
        second = state_after(facts) is AccountState.APPROVED_TWICE
        _refuse_unfit(session, account, now=now)
        _refuse_unseen(second, retyped_iban)
        right = not second or retyped_right(retyped_iban or "", iban=open_iban(account))
        if not right:
            record(session, "bank.retyped_wrong", subject=account, by=by, at=now)
        else:
            _add_approval(session, account, person, by=by, now=now, position=2 if second else 1)
            _enter_state(session, account, second, by=by, now=now, cooling_off=cooling_off)
    if not right:
        raise DomainError(
            N_("The IBAN that you typed is not the one on file: compare with the paper, "
               "digit by digit."),
            field="retyped_iban",
        )  # fmt: skip
    return account


def refuse(
    account_id: uuid.UUID,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    buyers: Buyers,
    seen_hash: str | None = None,
) -> None:
    """Refuse what waits, with a reason that the supplier reads."""
    if not reason.strip():
        raise DomainError(N_("Say why, so that the supplier can put it right."), field="reason")
    with transaction() as session:
        account = get_account(session, account_id, buyers)
        if seen_hash not in (None, account.value_hash):
            raise ConflictError(_CHANGED)
        _close(
            session, account, AccountState.REFUSED, "bank.refused", by=by, now=now,
            reason=reason.strip(),
        )  # fmt: skip
        _tell(session, "bank_refused", account, now=now)


def withdraw(account_id: uuid.UUID, *, supplier_id: uuid.UUID, by: Actor, now: datetime) -> None:
    """The supplier takes back what still waits."""
    with transaction() as session:
        account = _own_account(session, account_id, supplier_id)
        _close(
            session, account, AccountState.WITHDRAWN, "bank.withdrawn", by=by, now=now, reason=None
        )


def block(
    account_id: uuid.UUID,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    buyers: Buyers = None,
    supplier_id: uuid.UUID | None = None,
) -> None:
    """Stop an account at once: any one validator, or the supplier itself, may do so.

    What it was about to replace serves again. A blocked account never comes back by itself: it
    is handed in again and approved by two people. Raises ConflictError for one that is over.
    """
    if not reason.strip():
        raise DomainError(N_("Say what happened, in a few words."), field="reason")
    with transaction() as session:
        account = get_account(session, account_id, buyers)
        if supplier_id not in (None, account.supplier_id):
            raise NotFoundError(MISSING)
        if account.replaced_at is not None and account.replaced_at <= now:
            raise ConflictError(N_("This account no longer serves: there is nothing to stop."))
        reinstate(session, account, by=by, now=now)
        _close(
            session, account, AccountState.BLOCKED, "bank.blocked", by=by, now=now,
            reason=reason.strip(),
        )  # fmt: skip
        _tell(session, "bank_blocked", account, now=now)


def _own_account(session: Session, account_id: uuid.UUID, supplier_id: uuid.UUID) -> BankAccount:
    account = get_account(session, account_id, None)
    if account.supplier_id != supplier_id:
        raise NotFoundError(MISSING)
    return account


def _new_account(
    session: Session,
    supplier: Supplier,
    iban: Iban,
    *,
    by: Actor,
    now: datetime,
    bic: str | None,
    holder: str,
    buyer_id: uuid.UUID | None,
    document_id: uuid.UUID | None,
) -> BankAccount:
    account_id, version = new_id(), _next_version(session, supplier.id)
    findings = check(
        bank_facts(
            session, supplier, iban=iban, bic=bic, holder=holder, document_id=document_id, now=now
        ),
        today=day(now),
    )
    account = BankAccount(
        id=account_id, supplier_id=supplier.id, buyer_id=buyer_id,
        state=AccountState.SUBMITTED.value, currency="EUR",
        iban=keyring().seal_text(iban.value, context=f"bank_account.iban:{account_id}"),
        iban_index=iban_index(iban), iban_masked=iban.masked, bic=bic, holder=holder,
        bank_name=iban.bank_name, document_id=document_id, version=version,
        value_hash=value_hash(
            iban=iban.value, bic=bic, holder=holder, supplier_id=supplier.id, version=version
        ),
        findings=[found.as_json() for found in findings], submitted_by_kind=by.kind.value,
        submitted_by_id=by.id, submitted_by_name=by.name, submitted_at=now, last_changed_at=now,
    )  # fmt: skip
    session.add(account)
    return account


def _refuse_same(
    session: Session, supplier_id: uuid.UUID, buyer_id: uuid.UUID | None, index: str, holder: str
) -> None:
    same = session.scalars(
        select(BankAccount).where(
            BankAccount.supplier_id == supplier_id,
            same_buyer(buyer_id),
            BankAccount.iban_index == index,
            BankAccount.holder == holder,
            BankAccount.state.in_([*_OPEN, AccountState.APPROVED_TWICE]),
        )
    ).first()  # fmt: skip
    if same is not None:
        raise ConflictError(
            N_("This account is on file already: there is nothing to do."), field="iban"
        )


def _withdraw_waiting(
    session: Session, supplier_id: uuid.UUID, buyer_id: uuid.UUID | None, *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    waiting = session.scalars(
        select(BankAccount)
        .where(
            BankAccount.supplier_id == supplier_id,
            same_buyer(buyer_id),
            BankAccount.state.in_(_OPEN),
        )
        .with_for_update(key_share=True)
    )
    for account in waiting.all():
        _close(
            session, account, AccountState.WITHDRAWN, "bank.withdrawn", by=by, now=now, reason=None
        )


def _refuse_unfit(session: Session, account: BankAccount, *, now: datetime) -> None:
    """What was altered, findings that block, a refused paper, and a call that is owed."""
    if not is_intact(account):
        raise ConflictError(
            N_("The stored value is not the one that was handed in: refuse it and tell your "
               "administrator.")
        )  # fmt: skip
    used = is_used_elsewhere(session, account.iban_index, account.supplier_id)
    known = is_number_known(session, account.supplier_id, submitted_at=account.submitted_at)
    findings = findings_now(account, used_elsewhere=used, number_known=known)
    if is_blocked(findings):
        raise DomainError(
            N_("These bank details cannot be approved as they stand: refuse them with the reason.")
        )
    paper = session.get(Document, account.document_id) if account.document_id else None
    if paper is not None and paper.state == State.REFUSED:
        raise DomainError(
            N_("The paper behind these bank details was refused: refuse them with the reason.")
        )
    if owes_call_back(session, account, findings, now=now):
        refuse_uncalled(session, account)


def _refuse_unseen(second: bool, retyped_iban: str | None) -> None:
    """The page for a first approval shows the IBAN: it cannot become a second one unawares."""
    if second and retyped_iban is None:
        raise ConflictError(
            N_("Somebody approved first while you were looking: yours is now the second approval.")
        )


def _add_approval(
    session: Session, account: BankAccount, person: Person, *, by: Actor, now: datetime,
    position: int,
) -> None:  # fmt: skip
    session.add(
        BankApproval(
            id=new_id(), account_id=account.id, approver_id=person.id, approver_name=by.name,
            position=position, value_hash=account.value_hash, at=now,
        )
    )  # fmt: skip
    session.flush()


def _enter_state(
    session: Session, account: BankAccount, second: bool, *, by: Actor, now: datetime,
    cooling_off: timedelta,
) -> None:  # fmt: skip
    account.last_changed_at = now
    if not second:
        move(
            session, account, AccountState.APPROVED_ONCE.value, "bank.approved_once",
            allowed=ALLOWED, by=by, at=now,
        )  # fmt: skip
        return
    account.active_from = active_from(now, cooling_off=cooling_off)
    replace(session, account, by=by, now=now)
    move(
        session, account, AccountState.APPROVED_TWICE.value, "bank.approved_twice",
        allowed=ALLOWED, by=by, at=now,
    )  # fmt: skip
    ask_to_refresh(session, account.supplier_id, now=now)
    _tell(session, "bank_approved", account, now=now)


def _close(
    session: Session, account: BankAccount, to: AccountState, kind: str, *, by: Actor,
    now: datetime, reason: str | None,
) -> None:  # fmt: skip
    account.last_changed_at, account.closed_reason = now, reason
    move(session, account, to.value, kind, allowed=ALLOWED, by=by, at=now, reason=reason)
    ask_to_refresh(session, account.supplier_id, now=now)


def _tell(session: Session, kind: str, account: BankAccount, *, now: datetime) -> None:
    queue.defer(
        session, "notify", now=now,
        payload={"kind": kind, "account_id": str(account.id),
                 "supplier_id": str(account.supplier_id)},
    )  # fmt: skip


def _require_engagement(
    session: Session, supplier_id: uuid.UUID, buyer_id: uuid.UUID | None, buyers: Buyers
) -> None:
    """The company that is named works with the supplier, and staff act for theirs only."""
    if buyers is not None and buyer_id is None:
        raise DomainError(N_("Choose the group company that pays to it."), field="buyer")
    if buyer_id is None:
        return
    found = session.scalar(
        select(Engagement.id).where(
            Engagement.supplier_id == supplier_id, Engagement.buyer_id == buyer_id
        )
    )
    if found is None or (buyers is not None and buyer_id not in buyers):
        raise NotFoundError(N_("This group company does not exist."))


def _next_version(session: Session, supplier_id: uuid.UUID) -> int:
    highest = session.scalar(
        select(func.max(BankAccount.version)).where(BankAccount.supplier_id == supplier_id)
    )
    return int(highest or 0) + 1
