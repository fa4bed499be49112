"""What we do about the work itself: contracts, amendments, orders, invoices and their payment."""

from __future__ import annotations

import uuid
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.adapters.intake import FileLimits
from supplier.contracts.details import (
    AmendmentDetails,
    ContractDetails,
    InvoiceDetails,
    OrderDetails,
    check_contract,
    check_invoice,
    check_positive,
)
from supplier.contracts.files import KeptFile, Upload, kept
from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.contracts.refusals import (
    check_part,
    refuse_after_end,
    refuse_number,
    refuse_reference,
)
from supplier.kernel.audit import Actor, record
from supplier.kernel.database import LOCKED, new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.versions import check_seen
from supplier.parties.models import Engagement

#: Group companies that the actor may change things for; None means all.
Buyers = frozenset[uuid.UUID] | None

#: What `change_contract` changes, and what its version is made of.
CONTRACT_FIELDS = tuple(item.name for item in fields(ContractDetails))
_LIMITS = FileLimits()
_NO_ENGAGEMENT = N_("This relation does not exist.")
_NO_CONTRACT = N_("This contract does not exist.")
_NO_INVOICE = N_("This invoice does not exist.")
_FILE_THERE = N_(
    "A file is kept here already, and what is kept is never replaced. Record an amendment, or "
    "the invoice under its own number."
)


def create_contract(
    engagement_id: uuid.UUID,
    details: ContractDetails,
    *,
    buyers: Buyers,
    by: Actor,
    now: datetime,
    upload: Upload | None = None,
    limits: FileLimits = _LIMITS,
) -> Contract:
    """Record a contract, with its file if there is one; what the supplier owes follows.

    Raises NotFoundError, DomainError on a known reference, amounts and dates, RefusedFileError.
    """
    check_contract(details)
    with kept(upload, limits=limits) as file, transaction() as session:
        engagement = _get_engagement(session, engagement_id, buyers)
        refuse_after_end(session, engagement.id, details.signed_on, field="signed_on")
        refuse_after_end(session, engagement.id, details.ends_on, field="ends_on")
        refuse_reference(session, Contract, engagement.buyer_id, details.reference)
        row = Contract(
            **_place(engagement), **_values(details), **_file_values(file),
            created_at=now, created_by_id=by.id,
        )  # fmt: skip
        _add(session, row, "contract.created", by=by, now=now, data=_file_data(file))
        return row


def change_contract(
    contract_id: uuid.UUID,
    details: ContractDetails,
    *,
    buyers: Buyers,
    by: Actor,
    now: datetime,
    seen: str | None = None,
) -> None:
    """Correct a contract. What was agreed later is an amendment, with a day of its own.

    `seen` is the version that the person had before them (`contract_version`). Raises
    NotFoundError, ConflictError (StaleError when it changed since), DomainError.
    """
    check_contract(details)
    with transaction() as session:
        row = _get_contract(session, contract_id, buyers, lock=True)
        if row.part_of_id is not None:
            raise ConflictError(N_("An amendment is not changed: record another one."))
        check_seen(row, CONTRACT_FIELDS, seen)
        refuse_after_end(session, row.engagement_id, details.signed_on, field="signed_on")
        refuse_after_end(session, row.engagement_id, details.ends_on, field="ends_on")
        refuse_reference(session, Contract, row.buyer_id, details.reference, but=row.id)
        changed = _assign(row, _values(details))
        if not changed:
            return
        session.execute(
            update(Contract).where(Contract.part_of_id == row.id).values(ends_on=row.ends_on)
        )
        _note(session, row, "contract.changed", by=by, now=now, data={"fields": changed})


def amend_contract(
    contract_id: uuid.UUID,
    details: AmendmentDetails,
    *,
    buyers: Buyers,
    by: Actor,
    now: datetime,
    upload: Upload | None = None,
    limits: FileLimits = _LIMITS,
) -> Contract:
    """Record an amendment: its amount counts from the day on which it was signed (R8222-1).

    Raises NotFoundError, ConflictError, DomainError, RefusedFileError.
    """
    if details.amount == 0:
        raise DomainError(N_("Give the amount that the amendment adds."), field="amount")
    with kept(upload, limits=limits) as file, transaction() as session:
        parent = _get_contract(session, contract_id, buyers)
        if parent.part_of_id is not None:
            raise ConflictError(N_("An amendment belongs to the contract itself: open that one."))
        if details.signed_on < parent.signed_on:
            raise DomainError(
                N_("The amendment was signed before its contract: check the date."),
                field="signed_on",
            )
        refuse_after_end(session, parent.engagement_id, details.signed_on, field="signed_on")
        refuse_reference(session, Contract, parent.buyer_id, details.reference)
        row = Contract(
            **_place(parent), **_values(details), **_file_values(file), kind="amendment",
            part_of_id=parent.id, currency=parent.currency, starts_on=details.signed_on,
            ends_on=parent.ends_on, terminated_on=parent.terminated_on,
            created_at=now, created_by_id=by.id,
        )  # fmt: skip
        data = _file_data(file) | {"contract_id": str(parent.id)}
        _add(session, row, "contract.amended", by=by, now=now, data=data)
        return row


def terminate_contract(
    contract_id: uuid.UUID,
    *,
    terminated_on: date,
    reason: str,
    buyers: Buyers,
    by: Actor,
    now: datetime,
) -> None:
    """Note that a contract ended before its term, and why; papers are due until that day.

    Raises NotFoundError, ConflictError when it is terminated already, DomainError.
    """
    if not reason.strip():
        raise DomainError(N_("Give the reason, for whoever opens this later."), field="reason")
    with transaction() as session:
        row = _get_contract(session, contract_id, buyers)
        if terminated_on < row.signed_on:
            raise DomainError(
                N_("The end lies before the signature: check the date."), field="terminated_on"
            )
        refuse_after_end(session, row.engagement_id, terminated_on, field="terminated_on")
        changed = session.execute(
            update(Contract)
            .where(Contract.id == row.id, Contract.terminated_on.is_(None))
            .values(terminated_on=terminated_on)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This contract is terminated already."))
        session.execute(
            update(Contract)
            .where(Contract.part_of_id == row.id)
            .values(terminated_on=terminated_on)
        )
        _note(
            session, row, "contract.terminated", by=by, now=now, reason=reason.strip(),
            data={"terminated_on": terminated_on.isoformat()},
        )  # fmt: skip


def attach_contract_file(
    contract_id: uuid.UUID,
    upload: Upload,
    *,
    buyers: Buyers,
    by: Actor,
    now: datetime,
    limits: FileLimits = _LIMITS,
) -> None:
    """Add the signed file of a contract that has none yet. Raises ConflictError otherwise."""
    with kept(upload, limits=limits) as file, transaction() as session:
        row = _get_contract(session, contract_id, buyers)
        _attach(session, row, file, "contract.file_added", by=by, now=now)


def create_order(
    engagement_id: uuid.UUID, details: OrderDetails, *, buyers: Buyers, by: Actor, now: datetime
) -> PurchaseOrder:
    """Record a purchase order; orders add up towards the threshold (DOMAIN rule 2).

    Raises NotFoundError, DomainError (on a known reference too).
    """
    check_positive(details.amount)
    with transaction() as session:
        engagement = _get_engagement(session, engagement_id, buyers)
        refuse_after_end(session, engagement.id, details.ordered_on, field="ordered_on")
        check_part(session, engagement, details.contract_id)
        refuse_reference(session, PurchaseOrder, engagement.buyer_id, details.reference)
        row = PurchaseOrder(**_place(engagement), **_values(details), created_at=now)
        _add(session, row, "order.created", by=by, now=now, data={})
        return row


def create_invoice(
    engagement_id: uuid.UUID,
    details: InvoiceDetails,
    *,
    buyers: Buyers,
    by: Actor,
    now: datetime,
    upload: Upload | None = None,
    limits: FileLimits = _LIMITS,
) -> Invoice:
    """Record an invoice, with its file if there is one.

    Raises NotFoundError, RefusedFileError, and DomainError on amounts or on a number that this
    supplier used for this company already.
    """
    check_invoice(details)
    with kept(upload, limits=limits) as file, transaction() as session:
        engagement = _get_engagement(session, engagement_id, buyers)
        refuse_after_end(session, engagement.id, details.issued_on, field="issued_on")
        check_part(session, engagement, details.contract_id)
        refuse_number(session, engagement, details.number)
        row = Invoice(
            **_place(engagement), **_values(details), **_file_values(file),
            created_at=now, created_by_id=by.id,
        )  # fmt: skip
        _add(session, row, "invoice.created", by=by, now=now, data=_file_data(file))
        return row


def attach_invoice_file(
    invoice_id: uuid.UUID,
    upload: Upload,
    *,
    buyers: Buyers,
    by: Actor,
    now: datetime,
    limits: FileLimits = _LIMITS,
) -> None:
    """Add the file of an invoice that has none yet. Raises ConflictError otherwise."""
    with kept(upload, limits=limits) as file, transaction() as session:
        row = _get_invoice(session, invoice_id, buyers)
        _attach(session, row, file, "invoice.file_added", by=by, now=now)


def mark_paid(
    invoice_id: uuid.UUID, *, paid_on: date, buyers: Buyers, by: Actor, now: datetime, today: date
) -> None:
    """Note the day of the payment: it may be the last sign of a relation, and it dates vouchers.

    Raises NotFoundError, ConflictError when it is paid already, DomainError on a day to come.
    """
    if paid_on > today:
        raise DomainError(
            N_("This day is still to come: note it once it is paid."), field="paid_on"
        )
    with transaction() as session:
        row = _get_invoice(session, invoice_id, buyers)
        changed = session.execute(
            update(Invoice)
            .where(Invoice.id == row.id, Invoice.paid_on.is_(None))
            .values(paid_on=paid_on)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This invoice is noted as paid already."))
        _note(session, row, "invoice.paid", by=by, now=now, data={"paid_on": paid_on.isoformat()})


def _get_engagement(session: Session, engagement_id: uuid.UUID, buyers: Buyers) -> Engagement:
    row = session.get(Engagement, engagement_id)
    if row is None or not _within(row.buyer_id, buyers):
        raise NotFoundError(_NO_ENGAGEMENT)
    return row


def _get_contract(
    session: Session, contract_id: uuid.UUID, buyers: Buyers, *, lock: bool = False
) -> Contract:
    row = session.get(Contract, contract_id, with_for_update=LOCKED if lock else None)
    if row is None or row.erased_at is not None or not _within(row.buyer_id, buyers):
        raise NotFoundError(_NO_CONTRACT)
    return row


def _get_invoice(session: Session, invoice_id: uuid.UUID, buyers: Buyers) -> Invoice:
    row = session.get(Invoice, invoice_id)
    if row is None or row.erased_at is not None or not _within(row.buyer_id, buyers):
        raise NotFoundError(_NO_INVOICE)
    return row


def _within(buyer_id: uuid.UUID, buyers: Buyers) -> bool:
    return buyers is None or buyer_id in buyers


def _place(row: Engagement | Contract) -> dict[str, uuid.UUID]:
    """The ids that say whose work it is."""
    engagement_id = row.id if isinstance(row, Engagement) else row.engagement_id
    return {
        "id": new_id(),
        "engagement_id": engagement_id,
        "supplier_id": row.supplier_id,
        "buyer_id": row.buyer_id,
    }


def _values(details: Any) -> dict[str, Any]:
    return {item.name: getattr(details, item.name) for item in fields(details)}


def _assign(row: Any, values: dict[str, Any]) -> list[str]:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return sorted(changed)


def _file_values(file: KeptFile | None) -> dict[str, Any]:
    return _values(file) if file else {}


def _file_data(file: KeptFile | None) -> dict[str, Any]:
    return {"sha256": file.sha256} if file else {}


def _attach(
    session: Session, row: Contract | Invoice, file: KeptFile | None, kind: str,
    *, by: Actor, now: datetime,
) -> None:  # fmt: skip
    assert file is not None
    table = type(row)
    changed = session.execute(
        update(table).where(table.id == row.id, table.file_key.is_(None)).values(**_values(file))
    )
    if getattr(changed, "rowcount", 0) != 1:
        raise ConflictError(_FILE_THERE, field="file")
    _note(session, row, kind, by=by, now=now, data=_file_data(file))


def _add(
    session: Session, row: Any, kind: str, *, by: Actor, now: datetime, data: dict[str, Any]
) -> None:
    session.add(row)
    session.flush()
    _note(session, row, kind, by=by, now=now, data=data)


def _note(
    session: Session,
    row: Contract | PurchaseOrder | Invoice,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    data: dict[str, Any],
    reason: str | None = None,
) -> None:
    """Write the event, and have what the supplier owes worked out again."""
    record(session, kind, subject=row, by=by, at=now, reason=reason, data=data)
    queue.defer(
        session, "refresh_obligations", now=now, payload={"supplier_id": str(row.supplier_id)}
    )
