"""Programs that use the API: their keys, what these open, and their end.

A program that reads bank data is made by two people, like the accounts that it reads: an
administrator asks for it, and somebody with a right on bank details approves it. Its key does not
exist before that, and the approver alone sees it: an administrator, who never sees bank data,
would otherwise walk away with a secret that begins to work the moment somebody says yes.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
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
#: What begins so opens bank data, and takes two people.
BANK_MARK = "bank:"
NO_PROGRAM = N_("This program does not exist.")
ALREADY = N_("Someone has already dealt with this program.")
#: `last_used_at` is written at most this often.
_TOUCH = timedelta(minutes=1)
#: What a key may open, one word a right; a route of the API names the word that it demands. Only
#: what some route demands is offered: a key that opens nothing is a promise not kept.
SCOPES: dict[str, str] = {
    "bank:read": N_("Read the active bank accounts"),
}


def opens_bank(scopes: Iterable[str]) -> bool:
    """Whether a program with these rights may read bank data."""
    return any(word.startswith(BANK_MARK) for word in scopes)


def create_api_client(
    name: str,
    *,
    scopes: Sequence[str],
    buyer_id: uuid.UUID | None,
    by: Actor,
    now: datetime,
    within: Collection[uuid.UUID] | None = None,
) -> tuple[ApiClient, str | None]:
    """A new program, for one group company or (None) for all, and its key, shown once.

    Only the key's SHA-256 is kept. A program that reads bank data gets none (None) before
    `approve_api_client`. Raises DomainError naming the field, NotFoundError.
    """
    if not name.strip():
        raise DomainError(N_("Give a name."), field="name")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise DomainError(N_("Choose what this program may do."), field="scopes")
    if within is not None and buyer_id not in within:
        raise NotFoundError(N_("This group company does not exist."))
    with transaction() as session:
        if buyer_id is not None and session.get(Buyer, buyer_id) is None:
            raise NotFoundError(N_("This group company does not exist."))
        row = ApiClient(
            id=new_id(), name=name.strip(), scopes=sorted(set(scopes)), buyer_id=buyer_id,
            created_by_id=by.id, created_at=now,
        )  # fmt: skip
        key = None if opens_bank(scopes) else _give_key(row)
        session.add(row)
        session.flush()
        audit.record(
            session, "api_client_created", subject=row, by=by, at=now,
            data={"scopes": row.scopes, "buyer": str(buyer_id) if buyer_id else None},
        )  # fmt: skip
        return row, key


def _give_key(row: ApiClient) -> str:
    key = KEY_MARK + new_token()
    row.key_prefix, row.key_hash = key[:_PREFIX], token_hash(key)
    return key


def approve_api_client(
    client_id: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    within: Collection[uuid.UUID] | None = None,
) -> tuple[ApiClient, str]:
    """The second person's yes to a program that reads bank data: gives its key, shown once.

    `within` are the group companies whose bank data concern the approver (None: all). Raises
    NotFoundError, ConflictError (dealt with, or needs no yes), DomainError.
    """
    with transaction() as session:
        row = _waiting_client(session, client_id, within)
        if by.id is None or by.id == row.created_by_id:
            raise DomainError(N_("Another person must approve: not who asked for it."))
        key = _give_key(row)
        row.approved_by_id, row.approved_at = by.id, now
        audit.record(
            session, "api_client_approved", subject=row, by=by, at=now,
            data={"scopes": row.scopes},
        )  # fmt: skip
        return row, key


def refuse_api_client(
    client_id: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    within: Collection[uuid.UUID] | None = None,
) -> None:
    """The second person's no: the program never gets a key. Raises NotFoundError, ConflictError."""
    with transaction() as session:
        row = _waiting_client(session, client_id, within)
        row.revoked_at = now
        audit.record(session, "api_client_refused", subject=row, by=by, at=now)


def _waiting_client(
    session: Session, client_id: uuid.UUID, within: Collection[uuid.UUID] | None
) -> ApiClient:
    """The program, locked so that the slower of two people meets its new state."""
    row = session.scalars(
        select(ApiClient).where(ApiClient.id == client_id).with_for_update(key_share=True)
    ).one_or_none()
    if row is None or (within is not None and row.buyer_id not in within):
        raise NotFoundError(NO_PROGRAM)
    if not waits_for_approval(row):
        raise ConflictError(ALREADY)
    return row


def waits_for_approval(row: ApiClient) -> bool:
    """Whether a program still has to be approved by somebody with a right on bank details."""
    return opens_bank(row.scopes) and row.approved_at is None and row.revoked_at is None


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
            raise NotFoundError(NO_PROGRAM)
        changed = session.execute(
            update(ApiClient)
            .where(ApiClient.id == client_id, ApiClient.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This key has already been revoked."))
        audit.record(session, "api_client_revoked", subject=row, by=by, at=now)


def find_api_client(session: Session, key: str, now: datetime) -> ApiClient | None:
    """The program whose key this is, while the key is not revoked; reads only.

    One that opens bank data and was approved by nobody is answered like an unknown key, however
    its key came into the table.
    """
    if not key.startswith(KEY_MARK):
        return None
    found = session.scalars(
        select(ApiClient).where(
            ApiClient.key_hash == token_hash(key),
            or_(ApiClient.revoked_at.is_(None), ApiClient.revoked_at > now),
        )
    ).one_or_none()
    if found is None or (opens_bank(found.scopes) and found.approved_by_id is None):
        return None
    return found


def note_api_use(client: ApiClient, *, now: datetime) -> None:
    """Remember that a program came, at most once a minute."""
    if client.last_used_at is not None and now - client.last_used_at < _TOUCH:
        return
    with transaction() as session:
        session.execute(update(ApiClient).where(ApiClient.id == client.id).values(last_used_at=now))
