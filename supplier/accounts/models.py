"""What we keep of who may come in: users, factors, sessions, invitations, rights, API clients."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supplier.kernel.database import Base, Id, Long, Name, Named, Short


class User(Named, Base):
    """A person with an account. What they may do stands in `StaffScope` and `Mandate`."""

    __tablename__ = "user"
    __table_args__ = (CheckConstraint("kind in ('supplier', 'staff')", name="kind"),)

    id: Mapped[Id]
    kind: Mapped[Short]
    email: Mapped[Name] = mapped_column(unique=True)
    language: Mapped[str] = mapped_column(String(2), default="fr")
    password_hash: Mapped[Name | None]
    password_set_at: Mapped[datetime | None]
    webauthn_handle: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    locked_at: Mapped[datetime | None]
    locked_reason: Mapped[Long | None]
    created_by_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]

    scopes: Mapped[list[StaffScope]] = relationship(
        foreign_keys="StaffScope.user_id", lazy="raise", back_populates="user"
    )


class WebSession(Base):
    """A browser's session. The token is never stored, only its SHA-256."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    #: The password was right and the second factor is still owed.
    pending_user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    #: Whom the provider named: linked to the account once the second factor is given.
    pending_subject: Mapped[str | None] = mapped_column(String(255))
    data: Mapped[dict[str, Any]]
    method: Mapped[Short | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    proved_at: Mapped[datetime | None]
    challenge: Mapped[bytes | None]
    challenge_purpose: Mapped[Short | None]
    challenge_expires_at: Mapped[datetime | None]
    acting_supplier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("supplier.id"))
    address_hash: Mapped[str] = mapped_column(String(64))
    agent: Mapped[Name]


class TotpFactor(Base):
    """A time-based code generator; `last_step` is the last time step that was used."""

    __tablename__ = "totp_factor"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    secret: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Passkey(Base):
    """A WebAuthn credential of a user."""

    __tablename__ = "passkey"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[Any]]
    backed_up: Mapped[bool] = mapped_column(default=False)
    name: Mapped[Name]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SsoIdentity(Base):
    """An account of the group's provider that opens this account: by issuer and subject only."""

    __tablename__ = "sso_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    issuer: Mapped[Name]
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime]


class RecoveryCode(Base):
    """One way back for a lost second factor; only a keyed digest is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class Invitation(Base):
    """A single-use link. Kinds: supplier, staff, sign_in, password_reset, factor_reset."""

    __tablename__ = "invitation"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[Short]
    email: Mapped[Name] = mapped_column(index=True)
    name: Mapped[Name]
    language: Mapped[str] = mapped_column(String(2), default="fr")
    supplier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("supplier.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contact.id"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    invited_by_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Mandate(Base):
    """A supplier user acts for a supplier; an accountant may hold several."""

    __tablename__ = "mandate"
    __table_args__ = (Index("ix_mandate_user_supplier", "user_id", "supplier_id"),)

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supplier.id"), index=True)
    granted_by_id: Mapped[uuid.UUID | None]
    from_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StaffScope(Base):
    """A role of a staff user, for one group company or (null) for all.

    The validator role counts only once `approved_by_id` names a second person.
    """

    __tablename__ = "staff_scope"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[Short]
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("buyer.id"))
    granted_by_id: Mapped[uuid.UUID | None]
    granted_at: Mapped[datetime]
    approved_by_id: Mapped[uuid.UUID | None]
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="raise", back_populates="scopes")


class Attempt(Base):
    """One try against a limit. `key` is a kind and a keyed digest, never an address."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"),)

    id: Mapped[Id]
    key: Mapped[Name]
    at: Mapped[datetime]


class ApiClient(Named, Base):
    """A program of the group. Only the SHA-256 of its key is kept; scopes are words.

    One that opens bank data has no key before `approved_by_id` names a second person.
    """

    __tablename__ = "api_client"

    id: Mapped[Id]
    key_prefix: Mapped[Short | None]
    key_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("buyer.id"))
    created_by_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    approved_by_id: Mapped[uuid.UUID | None]
    approved_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
