"""The mails that accounts ask for: a job in the same transaction, its token sealed."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from supplier.accounts.models import Invitation, User
from supplier.adapters import queue
from supplier.kernel.crypto import keyring

TASK = "account_mail"


class MailKind(StrEnum):
    INVITATION_SUPPLIER = "invitation_supplier"
    INVITATION_STAFF = "invitation_staff"
    SIGN_IN_LINK = "sign_in_link"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    FACTOR_RESET = "factor_reset"
    CREDENTIAL_CHANGED = "credential_changed"
    ADDRESS_CHANGED = "address_changed"
    NEW_SIGN_IN = "new_sign_in"


def ask_link_mail(
    session: Session,
    kind: MailKind,
    invitation: Invitation,
    *,
    token: str,
    now: datetime,
    engagement_id: uuid.UUID | None = None,
) -> None:
    """Ask for the mail that carries a link. The token is in no table in clear."""
    sealed = keyring().seal_text(token, context=_context(str(invitation.id)))
    _defer(
        session, kind, now=now, invitation_id=invitation.id, user_id=invitation.user_id,
        address=invitation.email, name=invitation.name, language=invitation.language,
        token_sealed=base64.b64encode(sealed).decode(), supplier_id=invitation.supplier_id,
        engagement_id=engagement_id,
    )  # fmt: skip


def ask_notice(
    session: Session, kind: MailKind, user: User, *, now: datetime, address: str | None = None
) -> None:
    """Tell a person what happened to their account, at `address` or where they are reached."""
    _defer(
        session, kind, now=now, user_id=user.id, address=address or user.email, name=user.name,
        language=user.language,
    )  # fmt: skip


def open_token(payload: Mapping[str, Any]) -> str | None:
    """The token of a job's payload, or None when the mail carries none.

    Raises SealBrokenError when the payload was altered.
    """
    sealed = payload.get("token_sealed")
    if sealed is None:
        return None
    context = _context(str(payload["invitation_id"]))
    return keyring().open_text(base64.b64decode(sealed), context=context)


def _context(invitation_id: str) -> str:
    return f"account_mail.token:{invitation_id}"


def _defer(session: Session, kind: MailKind, *, now: datetime, **values: Any) -> None:
    names = (
        "invitation_id", "user_id", "address", "name", "language", "token_sealed",
        "supplier_id", "engagement_id",
    )  # fmt: skip
    payload: dict[str, Any] = {"kind": kind.value}
    for name in names:
        value = values.get(name)
        payload[name] = str(value) if isinstance(value, uuid.UUID) else value
    queue.defer(session, TASK, now=now, payload=payload)
