"""Which account of the group's provider opens which account here: by issuer and subject."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.accounts.mailing import MailKind, ask_notice
from supplier.accounts.models import SsoIdentity, User
from supplier.accounts.people import Browser, actor_of
from supplier.accounts.sessions import end_sessions, hold
from supplier.adapters.identity import provider
from supplier.kernel import audit
from supplier.kernel.database import new_id, reading
from supplier.kernel.errors import ConflictError
from supplier.kernel.i18n import N_

ALREADY = N_("This account is linked to another account of the group. Sign in again.")


def find_linked(session: Session, issuer: str, subject: str) -> SsoIdentity | None:
    return session.scalars(
        select(SsoIdentity).where(SsoIdentity.issuer == issuer, SsoIdentity.subject == subject)
    ).one_or_none()


def linked_to(session: Session, user_id: uuid.UUID, issuer: str) -> SsoIdentity | None:
    """What a user is linked to at one provider."""
    return session.scalars(
        select(SsoIdentity).where(SsoIdentity.user_id == user_id, SsoIdentity.issuer == issuer)
    ).one_or_none()


def find_link_of(user_id: uuid.UUID) -> SsoIdentity | None:
    """What a user is linked to at the provider of today, for their own page."""
    with reading() as session:
        return linked_to(session, user_id, provider().issuer)


def linked_among(user_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these users who are linked."""
    with reading() as session:
        return set(
            session.scalars(select(SsoIdentity.user_id).where(SsoIdentity.user_id.in_(user_ids)))
        )


def link(session: Session, user: User, subject: str, *, browser: Browser, now: datetime) -> None:
    """Bind the account to whom the provider named. A new way in: the other sessions end, and the
    owner is told.

    Raises ConflictError when either is bound already: somebody was faster.
    """
    issuer = provider().issuer
    hold(session, user.id)  # whoever comes second sees the first one's row
    if linked_to(session, user.id, issuer) or find_linked(session, issuer, subject):
        raise ConflictError(ALREADY)
    row = SsoIdentity(id=new_id(), user_id=user.id, issuer=issuer, subject=subject, linked_at=now)
    session.add(row)
    session.flush()
    end_sessions(session, user.id, keep=browser.session.token_hash if browser.session else None)
    audit.record(
        session, "sso_linked", subject=user, by=actor_of(user), at=now,
        data={"identity": str(row.id)},
    )  # fmt: skip
    ask_notice(session, MailKind.CREDENTIAL_CHANGED, user, now=now)


def link_awaited(session: Session, user: User, browser: Browser, *, now: datetime) -> None:
    """The second factor was given: bind what this half-open session had named, if anything."""
    subject = browser.session.pending_subject if browser.session else None
    if subject is not None:
        link(session, user, subject, browser=browser, now=now)
