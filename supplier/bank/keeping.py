"""What retention is told of bank details."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from supplier.bank.approvals import AccountState
from supplier.bank.models import BankAccount, BankApproval, CallBack
from supplier.contracts.models import Invoice
from supplier.contracts.terms import YearEnd, year_close
from supplier.kernel import registers
from supplier.kernel.registers import Erased, Kept
from supplier.parties.keeping import relations_over
from supplier.parties.models import Buyer

_NEVER_PAID = frozenset(
    {AccountState.REFUSED, AccountState.WITHDRAWN, AccountState.SUBMITTED,
     AccountState.APPROVED_ONCE}
)  # fmt: skip


def list_kept(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """Accounts that payments were made to are vouchers; the others follow the relationship.

    The clock of a voucher starts at the close of the year of the last payment to the supplier,
    and never before its last relationship is over.
    """
    over, closes = relations_over(), _last_closes(session)
    rows = session.execute(
        select(BankAccount, over.c.ended_on)
        .outerjoin(over, over.c.supplier_id == BankAccount.supplier_id)
        .where(BankAccount.erased_at.is_(None))
        .order_by(BankAccount.submitted_at, BankAccount.id)
    )
    for account, ended_on in rows:
        unused = account.active_from is None and AccountState(account.state) in _NEVER_PAID
        close = closes.get(account.supplier_id)
        voucher_start = max(close, ended_on) if close and ended_on else ended_on
        yield Kept(
            subject_type="bank_account", subject_id=account.id, supplier_id=account.supplier_id,
            buyer_id=account.buyer_id,
            rule="bank_details_unused" if unused else "bank_details",
            starts_on=ended_on if unused else voucher_start, label=account.iban_masked,
        )  # fmt: skip


def _last_closes(session: Session) -> dict[uuid.UUID, date]:
    """By supplier, the close of the financial year of its last payment or invoice."""
    last = func.max(func.coalesce(Invoice.paid_on, Invoice.issued_on))
    rows = session.execute(
        select(Invoice.supplier_id, Buyer.year_end_month, Buyer.year_end_day, last)
        .join(Buyer, Buyer.id == Invoice.buyer_id)
        .group_by(Invoice.supplier_id, Buyer.year_end_month, Buyer.year_end_day)
    )
    closes: dict[uuid.UUID, date] = {}
    for supplier_id, month, day, last_on in rows:
        close = year_close(last_on, year_end=YearEnd(month, day))
        closes[supplier_id] = max(close, closes.get(supplier_id, close))
    return closes


def erase(session: Session, account_id: uuid.UUID, at: datetime) -> Erased:
    """Remove the account's value, its index and its people; that it existed stays."""
    account = session.get(BankAccount, account_id)
    if account is None or account.erased_at is not None:
        return Erased()
    account.iban, account.iban_index, account.iban_masked = b"", "", ""
    account.holder, account.bank_name, account.bic = "", None, None
    account.submitted_by_name, account.closed_reason = "", None
    account.findings, account.value_hash, account.erased_at = [], "", at
    for table, columns in (
        (BankApproval, {"approver_name": "", "value_hash": ""}),
        (CallBack, {"number": "", "comment": None, "by_name": "", "contact_id": None}),
    ):
        session.execute(
            update(table)
            .where(table.account_id == account_id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )
    return Erased(rows=1)


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("bank_account", list_kept, erase))
