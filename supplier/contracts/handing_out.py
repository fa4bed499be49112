"""Give the file of a contract or an invoice to a person, and write down who took it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from supplier.adapters.files import store
from supplier.contracts.models import Contract, Invoice
from supplier.contracts.queries import NO_CONTRACT, NO_INVOICE, Buyers, get_in
from supplier.kernel.audit import Actor, record
from supplier.kernel.database import transaction
from supplier.kernel.errors import NotFoundError


def hand_out_contract(
    contract_id: uuid.UUID, *, buyers: Buyers, by: Actor, now: datetime
) -> tuple[bytes, str]:
    """The bytes as they came, compared with their hash, and the name to offer.

    The event is written before the bytes leave. Raises NotFoundError, DamagedFileError.
    """
    return _hand_out(Contract, contract_id, NO_CONTRACT, buyers=buyers, by=by, now=now)


def hand_out_invoice(
    invoice_id: uuid.UUID, *, buyers: Buyers, by: Actor, now: datetime
) -> tuple[bytes, str]:
    """The same for an invoice."""
    return _hand_out(Invoice, invoice_id, NO_INVOICE, buyers=buyers, by=by, now=now)


def _hand_out(
    table: Any, row_id: uuid.UUID, missing: str, *, buyers: Buyers, by: Actor, now: datetime
) -> tuple[bytes, str]:
    with transaction() as session:
        row = get_in(session, table, row_id, buyers, missing)
        if row.file_key is None:
            raise NotFoundError(missing)
        data = store().get(row.file_key, sha256=row.sha256)
        kind = f"{table.__tablename__}.downloaded"
        record(session, kind, subject=row, by=by, at=now)
    return data, row.original_name or "document"
