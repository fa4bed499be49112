"""Programs that use the API: their keys, what these open, and their end."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from supplier.accounts.models import ApiClient
from supplier.kernel import audit
from supplier.kernel.audit import Actor
from supplier.kernel.crypto import new_token, token_hash
from supplier.kernel.database import new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Buyer

KEY_MARK = "vg_"
_PREFIX = 11
#: `last_used_at` is written at most this often.
_TOUCH = timedelta(minutes=1)
#: What a key may open, one word a right; a route of the API names the word that it demands.
SCOPES: dict[str, str] = {
    "bank:read": N_("Read the active bank accounts"),
    "payments:check": N_("Ask whether an invoice may be paid"),
    "suppliers:read": N_("Read suppliers and their vigilance state"),
    "suppliers:write": N_("Create and change suppliers"),
    "contracts:write": N_("Send contracts, orders and invoices"),
}


def create_api_client(
    name: str,
    *,
    scopes: Sequence[str],
    buyer_id: uuid.UUID | None,
    by: Actor,
    now: datetime,
    within: Collection[uuid.UUID] | None = None,
) -> tuple[ApiClient, str]:
    """A new program, for one group company or (None) for all, and its key, shown once.

    Only the key's SHA-256 is kept. Raises DomainError naming the field, NotFoundError.
    """
    if not name.strip():
        raise DomainError(N_("Give a name."), field="name")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise DomainError(N_("Choose what this program may do."), field="scopes")
    if within is not None and buyer_id not in within:
        raise NotFoundError(N_("This group company does not exist."))
    key = KEY_MARK + new_token()
    with transaction() as session:
        if buyer_id is not None and session.get(Buyer, buyer_id) is None:
            raise NotFoundError(N_("This group company does not exist."))
        row = ApiClient(
            id=new_id(), name=name.strip(), key_prefix=key[:_PREFIX], key_hash=token_hash(key),
            scopes=sorted(set(scopes)), buyer_id=buyer_id, created_by_id=by.id, created_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(
            session, "api_client_created", subject=row, by=by, at=now,
            data={"scopes": row.scopes, "buyer": str(buyer_id) if buyer_id else None},
        )  # fmt: skip
        return row, key


def revoke_api_client(
    client_id: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    within: Collection[uuid.UUID] | None = None,
) -> None:
    """End a program's key; it opens nothing from the next request on.

    Raises NotFoundError, ConflictError.
    """
    with transaction() as session:
        row = session.get(ApiClient, client_id)
        if row is None or (within is not None and row.buyer_id not in within):
            raise NotFoundError(N_("This program does not exist."))
        changed = session.execute(
            update(ApiClient)
            .where(ApiClient.id == client_id, ApiClient.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This key has already been revoked."))
        audit.record(session, "api_client_revoked", subject=row, by=by, at=now)


def find_api_client(session: Session, key: str, now: datetime) -> ApiClient | None:
    """The program whose key this is, while the key is not revoked; reads only."""
    if not key.startswith(KEY_MARK):
        return None
    return session.scalars(
        select(ApiClient).where(
            ApiClient.key_hash == token_hash(key),
            or_(ApiClient.revoked_at.is_(None), ApiClient.revoked_at > now),
        )
    ).one_or_none()


def note_api_use(client: ApiClient, *, now: datetime) -> None:
    """Remember that a program came, at most once a minute."""
    if client.last_used_at is not None and now - client.last_used_at < _TOUCH:
        return
    with transaction() as session:
        session.execute(update(ApiClient).where(ApiClient.id == client.id).values(last_used_at=now))
