"""Passkeys: registration and answers, always with user verification."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from supplier.accounts.models import Passkey, User
from supplier.accounts.people import get_open_user
from supplier.accounts.policy import policy
from supplier.kernel.database import new_id
from supplier.kernel.errors import DomainError
from supplier.kernel.i18n import N_

NOT_ACCEPTED = N_("This passkey was not accepted. Try again, or use another way.")
_TRANSPORTS = frozenset(item.value for item in AuthenticatorTransport)
#: What a broken answer may raise: never a crash, always a refusal.
_BROKEN = (WebAuthnException, KeyError, ValueError, TypeError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What to keep on the session row, and the options to send to the device (JSON)."""

    value: bytes
    options: str


def ask_registration(session: Session, user: User) -> Challenge:
    """Options for a new passkey of `user`; those they have are excluded."""
    value = secrets.token_bytes(32)
    options = generate_registration_options(
        rp_id=policy().host,
        rp_name="Vigie",
        user_name=user.email,
        user_id=user.webauthn_handle,
        user_display_name=user.name,
        challenge=value,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(session, user.id),
    )
    return Challenge(value, options_to_json(options))


def ask_answer(session: Session, user_id: uuid.UUID | None) -> Challenge:
    """Options for an answer: by any passkey of this site, or by those of one user.

    With nobody known yet no key is named, so the answer is the same for every visitor.
    """
    value = secrets.token_bytes(32)
    options = generate_authentication_options(
        rp_id=policy().host,
        challenge=value,
        allow_credentials=_descriptors(session, user_id) if user_id else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Challenge(value, options_to_json(options))


def _descriptors(session: Session, user_id: uuid.UUID) -> list[PublicKeyCredentialDescriptor]:
    rows = session.execute(
        select(Passkey.credential_id, Passkey.transports)
        .where(Passkey.user_id == user_id)
        .order_by(Passkey.created_at, Passkey.id)
    )
    return [
        PublicKeyCredentialDescriptor(
            id=credential_id, transports=[AuthenticatorTransport(word) for word in transports]
        )
        for credential_id, transports in rows
    ]


def register(
    session: Session,
    user: User,
    credential: Mapping[str, Any],
    *,
    challenge: bytes,
    name: str,
    now: datetime,
) -> Passkey:
    """Keep a new passkey. Raises DomainError when the device's answer does not hold."""
    try:
        verified = verify_registration_response(
            credential=dict(credential),
            expected_challenge=_usable(challenge),
            expected_rp_id=policy().host,
            expected_origin=policy().origin,
            require_user_verification=True,
        )
        transports = [
            str(word)
            for word in credential["response"].get("transports") or []
            if word in _TRANSPORTS
        ]
    except _BROKEN as error:
        raise DomainError(NOT_ACCEPTED) from error
    known = select(Passkey.id).where(Passkey.credential_id == verified.credential_id)
    if session.scalar(known) is not None:
        raise DomainError(NOT_ACCEPTED)
    row = Passkey(
        id=new_id(), user_id=user.id, credential_id=verified.credential_id,
        public_key=verified.credential_public_key, sign_count=verified.sign_count,
        transports=transports, backed_up=verified.credential_backed_up, name=name[:200],
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def verify(
    session: Session, credential: Mapping[str, Any], *, challenge: bytes, now: datetime
) -> User:
    """Whose passkey answered. Raises DomainError: unknown, wrong, replayed, cloned or locked.

    A counter that does not grow is refused; 0 always passes (synced passkeys never count), so
    the challenge alone stops a replay.
    """
    try:
        key = _find_key(session, credential)
        verified = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=_usable(challenge),
            expected_rp_id=policy().host,
            expected_origin=policy().origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
        user = get_open_user(session, key.user_id)
        handle = credential["response"].get("userHandle")
        if handle and base64url_to_bytes(handle) != user.webauthn_handle:
            raise DomainError(NOT_ACCEPTED)
    except _BROKEN as error:
        raise DomainError(NOT_ACCEPTED) from error
    _note_use(session, key, verified.new_sign_count, now)
    return user


def _find_key(session: Session, credential: Mapping[str, Any]) -> Passkey:
    raw = base64url_to_bytes(str(credential["rawId"]))
    key = session.scalars(select(Passkey).where(Passkey.credential_id == raw)).one_or_none()
    if key is None:
        raise DomainError(NOT_ACCEPTED)
    return key


def _note_use(session: Session, key: Passkey, count: int, now: datetime) -> None:
    changed = session.execute(
        update(Passkey)
        .where(Passkey.id == key.id, Passkey.sign_count == key.sign_count)
        .values(sign_count=count, used_at=now)
        .execution_options(synchronize_session=False)
    )
    if getattr(changed, "rowcount", 0) != 1:
        raise DomainError(NOT_ACCEPTED)


def _usable(challenge: bytes) -> bytes:
    if not challenge:
        raise ValueError("no challenge was asked")
    return challenge
