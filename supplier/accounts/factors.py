"""What a person proves themselves with, and its changes: each one ends the other sessions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from supplier.accounts import passkeys, recovery, totp
from supplier.accounts.challenges import Purpose, keep_challenge, take_challenge
from supplier.accounts.hashing import MAX_PASSWORD, hash_password
from supplier.accounts.identities import linked_to
from supplier.accounts.mailing import MailKind, ask_notice
from supplier.accounts.models import Passkey, TotpFactor, User, WebSession
from supplier.accounts.passwords import weakness
from supplier.accounts.people import (
    Browser,
    Opened,
    actor_of,
    get_open_user,
    hold_open_user,
    is_staff,
)
from supplier.accounts.sessions import begin, end_sessions
from supplier.accounts.signin import ENROLMENT, enter, pending_user
from supplier.adapters.identity import provider
from supplier.kernel import audit
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_

TOO_LONG = N_("Choose a shorter password: 128 characters at most.")
CODE_WRONG = N_("This code does not match. Check the clock of your phone and type the next code.")
LAST_WAY = N_(
    "Set up another way in first, a passkey for instance: without one you could not come back."
)
LAST_FACTOR = N_("Add another second factor first: without one you could not come back.")


class PasswordRefusedError(DomainError):
    """The password cannot be chosen; the sentence says why and what to do."""


def checked_hash(user: User, password: str) -> str:
    """The hash of a password that may be chosen. Raises PasswordRefusedError."""
    if len(password) > MAX_PASSWORD:
        raise PasswordRefusedError(TOO_LONG, field="password")
    reason = weakness(password, context=(user.email, user.name))
    if reason is not None:
        raise PasswordRefusedError(reason, field="password")
    return hash_password(password)


def keep_password(
    session: Session, user: User, hashed: str, *, now: datetime, keep: str | None = None
) -> None:
    """Write a new password: all sessions but `keep` end, an event is left, the owner is told.

    The very first password, chosen on the page of an invitation, is no news to anybody.
    """
    news = keep is not None or user.password_hash is not None
    user.password_hash, user.password_set_at = hashed, now
    end_sessions(session, user.id, keep=keep)
    audit.record(session, "password_changed", subject=user, by=actor_of(user), at=now)
    if news:
        ask_notice(session, MailKind.CREDENTIAL_CHANGED, user, now=now)


def change_password(
    user_id: uuid.UUID, password: str, *, browser: Browser, now: datetime
) -> Opened:
    """Choose a new password after a fresh proof of identity; only this session goes on.

    Raises PasswordRefusedError.
    """
    with reading() as session:
        hashed = checked_hash(get_open_user(session, user_id), password)
    with transaction() as session:
        user = hold_open_user(session, user_id)
        kept = _rotate(session, user, browser, now)
        keep_password(session, user, hashed, now=now, keep=kept.row.token_hash)
    return kept


def _rotate(session: Session, user: User, browser: Browser, now: datetime) -> Opened:
    """The same session under a new token; a proof just given still counts."""
    old = browser.session
    token, row = begin(
        session, now=now, user_id=user.id, old=old, proved_at=old.proved_at if old else None
    )
    return Opened(token, row)


def _changed(
    session: Session, user: User, kind: str, factor: str, *, browser: Browser, now: datetime
) -> Opened:
    """What every change of a factor does: a new token, no other session, an event, a mail."""
    kept = _rotate(session, user, browser, now)
    end_sessions(session, user.id, keep=kept.row.token_hash)
    audit.record(session, kind, subject=user, by=actor_of(user), at=now, data={"factor": factor})
    ask_notice(session, MailKind.CREDENTIAL_CHANGED, user, now=now)
    return kept


def _enrolled(
    session: Session, user: User, factor: str, *, browser: Browser, now: datetime
) -> Opened:
    """The first factor is there: the half-open session becomes a whole one."""
    half_open = browser.session.token_hash if browser.session else None
    end_sessions(session, user.id, keep=half_open)
    audit.record(
        session, "factor_added", subject=user, by=actor_of(user), at=now, data={"factor": factor}
    )
    return enter(session, user, browser, method=f"password+{factor}", proved_at=now, now=now)


def add_totp(
    user_id: uuid.UUID, secret: str, code: str, *, browser: Browser, now: datetime
) -> Opened:
    """Keep a code generator once it gave a right code; it replaces the one before.

    Raises DomainError on a wrong code.
    """
    with transaction() as session:
        user = hold_open_user(session, user_id)
        _confirm_totp(session, user, secret, code, now)
        return _changed(session, user, "factor_added", "totp", browser=browser, now=now)


def enrol_totp(secret: str, code: str, *, browser: Browser, now: datetime) -> Opened:
    """The same during enrolment: the person is then signed in. Raises DomainError."""
    user_id = pending_user(browser.session, methods=ENROLMENT, now=now).id
    with transaction() as session:
        user = hold_open_user(session, user_id)
        _confirm_totp(session, user, secret, code, now)
        return _enrolled(session, user, "totp", browser=browser, now=now)


def _confirm_totp(session: Session, user: User, secret: str, code: str, now: datetime) -> None:
    step = totp.matching_step(secret, code, now=now)
    if step is None:
        raise DomainError(CODE_WRONG, field="code")
    totp.keep_factor(session, user.id, secret, step=step, now=now)


def remove_totp(user_id: uuid.UUID, *, browser: Browser, now: datetime) -> Opened:
    """Take the code generator away. Raises DomainError when staff would be left without factor."""
    with transaction() as session:
        user = hold_open_user(session, user_id)
        if is_staff(user) and _passkeys(session, user_id) == 0:
            raise DomainError(LAST_FACTOR)
        session.execute(delete(TotpFactor).where(TotpFactor.user_id == user_id))
        return _changed(session, user, "factor_removed", "totp", browser=browser, now=now)


def ask_passkey_creation(user_id: uuid.UUID, row: WebSession, *, now: datetime) -> str:
    """Options for a new passkey (JSON); the challenge is kept on the session row."""
    with transaction() as session:
        challenge = passkeys.ask_registration(session, get_open_user(session, user_id))
        keep_challenge(session, row, challenge.value, purpose=Purpose.REGISTER, now=now)
    return challenge.options


def add_passkey(
    user_id: uuid.UUID, credential: Mapping[str, Any], *, name: str, browser: Browser, now: datetime
) -> Opened:
    """Keep a new passkey of a signed-in user. Raises DomainError."""
    challenge = _taken(browser, now)
    with transaction() as session:
        user = hold_open_user(session, user_id)
        passkeys.register(session, user, credential, challenge=challenge, name=name, now=now)
        return _changed(session, user, "factor_added", "passkey", browser=browser, now=now)


def enrol_passkey(
    credential: Mapping[str, Any], *, name: str, browser: Browser, now: datetime
) -> Opened:
    """The same during enrolment: the person is then signed in. Raises DomainError."""
    user_id = pending_user(browser.session, methods=ENROLMENT, now=now).id
    challenge = _taken(browser, now)
    with transaction() as session:
        user = hold_open_user(session, user_id)
        passkeys.register(session, user, credential, challenge=challenge, name=name, now=now)
        return _enrolled(session, user, "passkey", browser=browser, now=now)


def _taken(browser: Browser, now: datetime) -> bytes:
    if browser.session is None:
        raise DomainError(passkeys.NOT_ACCEPTED)
    with transaction() as session:
        return take_challenge(
            session, browser.session, purposes=frozenset({Purpose.REGISTER}), now=now
        )[0]


def remove_passkey(
    user_id: uuid.UUID, passkey_id: uuid.UUID, *, browser: Browser, now: datetime
) -> Opened:
    """Take one of the user's own passkeys away. Raises NotFoundError, DomainError as above."""
    with transaction() as session:
        user = hold_open_user(session, user_id)
        key = session.get(Passkey, passkey_id)
        if key is None or key.user_id != user_id:
            raise NotFoundError(N_("This passkey does not exist."))
        last = _passkeys(session, user_id) == 1 and not totp.has_totp(session, user_id)
        if is_staff(user) and last:
            raise DomainError(LAST_FACTOR)
        session.delete(key)
        return _changed(session, user, "factor_removed", "passkey", browser=browser, now=now)


def unlink_sso(user_id: uuid.UUID, *, browser: Browser, now: datetime) -> Opened:
    """Take the link to the group's account away.

    Raises NotFoundError, and DomainError when nothing else would open the account.
    """
    with transaction() as session:
        user = hold_open_user(session, user_id)
        row = linked_to(session, user_id, provider().issuer)
        if row is None:
            raise NotFoundError(N_("This account is not linked."))
        by_code = user.password_hash is not None and totp.has_totp(session, user_id)
        if not by_code and _passkeys(session, user_id) == 0:
            raise DomainError(LAST_WAY)
        session.delete(row)
        return _changed(session, user, "sso_unlinked", "sso", browser=browser, now=now)


def _passkeys(session: Session, user_id: uuid.UUID) -> int:
    query = select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id)
    return session.scalar(query) or 0


def make_recovery_codes(
    user_id: uuid.UUID, *, browser: Browser, now: datetime
) -> tuple[Opened, list[str]]:
    """Ten new recovery codes, to be shown once; the old ones end."""
    with transaction() as session:
        user = hold_open_user(session, user_id)
        codes = recovery.renew_codes(session, user_id)
        return _changed(session, user, "factor_added", "recovery", browser=browser, now=now), codes


def remove_all(session: Session, user_id: uuid.UUID) -> None:
    """Take every second factor of a user away (an administrator's reset)."""
    for table in (TotpFactor, Passkey):
        session.execute(delete(table).where(table.user_id == user_id))
    recovery.delete_codes(session, user_id)
