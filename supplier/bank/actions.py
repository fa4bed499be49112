"""What we do with bank details: submit, approve, refuse, withdraw, block, call back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supplier.accounts.models import User
from supplier.adapters import queue
from supplier.bank.approvals import (
    ALLOWED,
    AccountState,
    Person,
    active_from,
    number_is_independent,
    objection,
    retyped_right,
    state_after,
    value_hash,
)
from supplier.bank.checks import Severity, check
from supplier.bank.facts import bank_facts, day, facts_of, iban_index, open_iban, same_buyer
from supplier.bank.models import BankAccount, BankApproval, CallBack
from supplier.kernel.audit import Actor, ActorKind, move, record
from supplier.kernel.crypto import keyring
from supplier.kernel.database import new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Bic, Iban
from supplier.parties.models import Contact, Engagement, Supplier

Buyers = frozenset[uuid.UUID] | None

_OPEN = (AccountState.SUBMITTED.value, AccountState.APPROVED_ONCE.value)
_MISSING = N_("These bank details do not exist.")


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
) -> BankAccount:
    """Hand in bank details; they replace what still waits, never what is in use.

    Raises InvalidIdentifierError for an IBAN or BIC that cannot be right, NotFoundError for a
    paper of another supplier, ConflictError when exactly this account is in use already.
    """
    checked, bic_value = Iban.parse(iban), str(Bic.parse(bic)) if bic else None
    if not holder.strip():
        raise DomainError(N_("Enter the account holder as printed on the paper."), field="holder")
    with transaction() as session:
        supplier = session.get(Supplier, supplier_id, with_for_update=True)
        if supplier is None:
            raise NotFoundError(N_("This supplier does not exist."))
        _require_engagement(session, supplier_id, buyer_id)
        index = iban_index(checked)
        _refuse_same(session, supplier_id, buyer_id, index, holder.strip())
        _withdraw_waiting(session, supplier_id, buyer_id, by=by, now=now)
        account = _new_account(
            session, supplier, checked, by=by, now=now, bic=bic_value, holder=holder.strip(),
            buyer_id=buyer_id, document_id=document_id,
        )  # fmt: skip
        session.flush()
        record(session, "bank.submitted", subject=account, by=by, at=now)
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

    The second approver types the IBAN from the paper without seeing ours. Raises ConflictError
    or DomainError with the reason; a wrong digit leaves an event and no approval.
    """
    with transaction() as session:
        account = get_account(session, account_id, buyers)
        facts, person = facts_of(session, account), _person(session, by)
        if reason := objection(facts, approver=person, seen_hash=seen_hash):
            raise ConflictError(reason)
        _refuse_unfit(session, account)
        second = state_after(facts) is AccountState.APPROVED_TWICE
        right = not second or retyped_right(retyped_iban or "", iban=open_iban(account))
        if not right:
            record(session, "bank.retyped_wrong", subject=account, by=by, at=now)
        else:
            _add_approval(session, account, by=by, now=now, position=2 if second else 1)
            _enter_state(session, account, second, by=by, now=now, cooling_off=cooling_off)
    if not right:
        raise DomainError(
            N_("The IBAN that you typed is not the one on file: compare with the paper, "
               "digit by digit."),
            field="retyped_iban",
        )  # fmt: skip
    return account


def refuse(account_id: uuid.UUID, *, reason: str, by: Actor, now: datetime, buyers: Buyers) -> None:
    """Refuse what waits, with a reason that the supplier reads."""
    if not reason.strip():
        raise DomainError(N_("Say why, so that the supplier can put it right."), field="reason")
    with transaction() as session:
        account = get_account(session, account_id, buyers)
        _close(
            session,
            account,
            AccountState.REFUSED,
            "bank.refused",
            by=by,
            now=now,
            reason=reason.strip(),
        )
        _tell(session, "bank_refused", account, now=now)


def withdraw(account_id: uuid.UUID, *, supplier_id: uuid.UUID, by: Actor, now: datetime) -> None:
    """The supplier takes back what still waits."""
    with transaction() as session:
        account = session.get(BankAccount, account_id)
        if account is None or account.supplier_id != supplier_id:
            raise NotFoundError(_MISSING)
        _close(
            session,
            account,
            AccountState.WITHDRAWN,
            "bank.withdrawn",
            by=by,
            now=now,
            reason=None,
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
    is handed in again and approved by two people.
    """
    if not reason.strip():
        raise DomainError(N_("Say what happened, in a few words."), field="reason")
    with transaction() as session:
        account = get_account(session, account_id, buyers)
        if supplier_id not in (None, account.supplier_id):
            raise NotFoundError(_MISSING)
        _reinstate(session, account, by=by, now=now)
        _close(
            session,
            account,
            AccountState.BLOCKED,
            "bank.blocked",
            by=by,
            now=now,
            reason=reason.strip(),
        )
        _tell(session, "bank_blocked", account, now=now)


def record_call_back(
    account_id: uuid.UUID,
    *,
    contact_id: uuid.UUID,
    result: str,
    comment: str | None,
    by: Actor,
    now: datetime,
    buyers: Buyers,
) -> CallBack:
    """Keep a call to a number that was on file 30 days before the request (SECURITY B5).

    The number is the contact's, never typed here. Raises DomainError for a younger one.
    """
    if result not in {"confirmed", "denied", "unreached"}:
        raise DomainError(N_("Say how the call ended."), field="result")
    with transaction() as session:
        account = get_account(session, account_id, buyers)
        contact = session.get(Contact, contact_id)
        if contact is None or contact.supplier_id != account.supplier_id or not contact.phone:
            raise NotFoundError(N_("This contact does not exist."))
        if not number_is_independent(contact.changed_at, submitted_at=account.submitted_at):
            raise DomainError(
                N_("This number is younger than 30 days: call one that was known before."),
                field="contact_id",
            )
        call = CallBack(
            id=new_id(), account_id=account.id, contact_id=contact.id, number=contact.phone,
            number_source=N_("contact on file"), number_known_since=contact.changed_at,
            result=result, comment=(comment or "").strip() or None, by_id=_who(by),
            by_name=by.name, at=now,
        )  # fmt: skip
        session.add(call)
        session.flush()
        record(session, "bank.called_back", subject=account, by=by, at=now, data={"result": result})
        return call


def get_account(session: Session, account_id: uuid.UUID, buyers: Buyers) -> BankAccount:
    """An account that staff of these group companies may see. Raises NotFoundError."""
    account = session.get(BankAccount, account_id, with_for_update=True)
    if account is None or account.erased_at is not None or not _visible(session, account, buyers):
        raise NotFoundError(_MISSING)
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
        bank_facts(session, supplier, iban=iban, bic=bic, holder=holder, document_id=document_id),
        today=day(now),
    )
    account = BankAccount(
        id=account_id, supplier_id=supplier.id, buyer_id=buyer_id,
        state=AccountState.SUBMITTED.value, currency="EUR",
        iban=keyring().seal_text(iban.value, context=f"bank_account.iban:{account_id}"),
        iban_index=iban_index(iban), iban_masked=iban.masked, bic=bic, holder=holder[:200],
        bank_name=iban.bank_name, document_id=document_id, version=version,
        value_hash=value_hash(
            iban=iban.value, bic=bic, holder=holder[:200], supplier_id=supplier.id,
            version=version,
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
        select(BankAccount).where(
            BankAccount.supplier_id == supplier_id,
            same_buyer(buyer_id),
            BankAccount.state.in_(_OPEN),
        )
    )  # fmt: skip
    for account in waiting.all():
        _close(
            session,
            account,
            AccountState.WITHDRAWN,
            "bank.withdrawn",
            by=by,
            now=now,
            reason=None,
        )


def _refuse_unfit(session: Session, account: BankAccount) -> None:
    """Findings that block, and a call-back that is owed, stop an approval."""
    worst = {Severity(row["severity"]) for row in account.findings}
    if Severity.BLOCK in worst:
        raise DomainError(
            N_("These bank details cannot be approved as they stand: refuse them with the reason.")
        )
    if not _owes_call_back(session, account, worst):
        return
    results = session.scalars(
        select(CallBack.result).where(CallBack.account_id == account.id)
    ).all()
    if "denied" in results:
        raise DomainError(N_("The supplier denied this change on the telephone: refuse it."))
    if "confirmed" not in results:
        raise DomainError(
            N_("Call a number known before this request first, and record how the call ended.")
        )


def _owes_call_back(session: Session, account: BankAccount, worst: set[Severity]) -> bool:
    """A change of an account in use, and anything suspect, is confirmed on the telephone."""
    return Severity.ALERT in worst or bool(_in_use(session, account))


def _in_use(session: Session, account: BankAccount) -> Sequence[BankAccount]:
    """The accounts that this one would replace."""
    return session.scalars(
        select(BankAccount).where(
            BankAccount.supplier_id == account.supplier_id,
            BankAccount.id != account.id,
            BankAccount.currency == account.currency,
            BankAccount.state == AccountState.APPROVED_TWICE,
            same_buyer(account.buyer_id),
        )
    ).all()


def _add_approval(
    session: Session, account: BankAccount, *, by: Actor, now: datetime, position: int
) -> None:
    session.add(
        BankApproval(
            id=new_id(), account_id=account.id, approver_id=_who(by), approver_name=by.name,
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
    _replace(session, account, by=by, now=now)
    move(
        session, account, AccountState.APPROVED_TWICE.value, "bank.approved_twice",
        allowed=ALLOWED, by=by, at=now,
    )  # fmt: skip
    _tell(session, "bank_approved", account, now=now)


def _replace(session: Session, account: BankAccount, *, by: Actor, now: datetime) -> None:
    """What was in use serves until the new account does."""
    for old in _in_use(session, account):
        old.replaced_at, old.last_changed_at = account.active_from, now
        account.replaces_id = old.id
        move(
            session, old, AccountState.REPLACED.value, "bank.replaced", allowed=ALLOWED, by=by,
            at=now,
        )  # fmt: skip


def _reinstate(session: Session, account: BankAccount, *, by: Actor, now: datetime) -> None:
    """A new account that is blocked before its day gives its place back to the old one."""
    if account.active_from is None or account.active_from <= now or account.replaces_id is None:
        return
    old = session.get(BankAccount, account.replaces_id)
    if old is None or old.state != AccountState.REPLACED:
        return
    old.replaced_at, old.last_changed_at = None, now
    move(
        session, old, AccountState.APPROVED_TWICE.value, "bank.reinstated", allowed=ALLOWED,
        by=by, at=now,
    )  # fmt: skip


def _close(
    session: Session, account: BankAccount, to: AccountState, kind: str, *, by: Actor,
    now: datetime, reason: str | None,
) -> None:  # fmt: skip
    account.last_changed_at, account.closed_reason = now, reason
    move(session, account, to.value, kind, allowed=ALLOWED, by=by, at=now, reason=reason)


def _tell(session: Session, kind: str, account: BankAccount, *, now: datetime) -> None:
    queue.defer(
        session, "notify", now=now,
        payload={"kind": kind, "account_id": str(account.id),
                 "supplier_id": str(account.supplier_id)},
    )  # fmt: skip


def _require_engagement(
    session: Session, supplier_id: uuid.UUID, buyer_id: uuid.UUID | None
) -> None:
    if buyer_id is None:
        return
    found = session.scalar(
        select(Engagement.id).where(
            Engagement.supplier_id == supplier_id, Engagement.buyer_id == buyer_id
        )
    )
    if found is None:
        raise NotFoundError(N_("This group company does not exist."))


def _visible(session: Session, account: BankAccount, buyers: Buyers) -> bool:
    if buyers is None:
        return True
    if account.buyer_id is not None:
        return account.buyer_id in buyers
    return bool(
        session.scalar(
            select(Engagement.id).where(
                Engagement.supplier_id == account.supplier_id, Engagement.buyer_id.in_(buyers)
            )
        )
    )


def _person(session: Session, by: Actor) -> Person:
    user = session.get(User, by.id) if by.id else None
    if by.kind is not ActorKind.STAFF or user is None:
        raise NotFoundError(_MISSING)
    return Person(user.id, user.created_by_id)


def _who(by: Actor) -> uuid.UUID:
    if by.id is None:
        raise NotFoundError(_MISSING)
    return by.id


def _next_version(session: Session, supplier_id: uuid.UUID) -> int:
    highest = session.scalar(
        select(func.max(BankAccount.version)).where(BankAccount.supplier_id == supplier_id)
    )
    return int(highest or 0) + 1
