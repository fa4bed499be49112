"""What the file speaks against: known references and numbers, work of a relation that is over."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from supplier.contracts.models import Contract, Invoice, PurchaseOrder
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_
from supplier.parties.models import Engagement


def refuse_after_end(
    session: Session, engagement_id: uuid.UUID, *days: date | None, field: str | None = None
) -> None:
    """Refuse work that goes on after the end of its relation; past work may be added.

    No paper would be owed for it, and its clock of conservation would run already. Raises
    DomainError that says to resume the relation.
    """
    ended_on = session.scalar(
        select(Engagement.ended_on)
        .where(Engagement.id == engagement_id)
        .with_for_update(key_share=True)
    )
    if ended_on is not None and any(day > ended_on for day in days if day is not None):
        raise DomainError(
            N_(
                "This relation has ended before this day. Resume it first, on the supplier's "
                "page, or check the date."
            ),
            field=field,
        )


def check_part(session: Session, engagement: Engagement, contract_id: uuid.UUID | None) -> None:
    """Raises DomainError where the contract is one of another relation."""
    if contract_id is None:
        return
    contract = session.get(Contract, contract_id)
    if contract is None or contract.engagement_id != engagement.id:
        raise DomainError(N_("Choose a contract of this relation."), field="contract_id")


def refuse_reference(
    session: Session,
    table: type[Contract] | type[PurchaseOrder],
    buyer_id: uuid.UUID,
    reference: str,
    *,
    but: uuid.UUID | None = None,
) -> None:
    """Raises DomainError where the company has this reference for another row."""
    same: ColumnElement[bool] = table.reference == reference
    found = session.scalar(select(table.id).where(table.buyer_id == buyer_id, same))
    if found not in (None, but):
        raise DomainError(
            N_("This company has this reference already: give another one."), field="reference"
        )


def refuse_number(session: Session, engagement: Engagement, number: str) -> None:
    """Raises DomainError where the supplier used this number for this company already."""
    found = session.scalar(
        select(Invoice.id).where(
            Invoice.supplier_id == engagement.supplier_id,
            Invoice.buyer_id == engagement.buyer_id,
            Invoice.number == number,
        )
    )
    if found is not None:
        raise DomainError(
            N_(
                "This supplier's invoice with this number is recorded already: the same one, "
                "perhaps, sent twice?"
            ),
            field="number",
        )
