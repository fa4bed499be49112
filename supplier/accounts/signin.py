"""How people come in: password, second factor, passkey, link; each step under a new token."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from supplier.accounts import attempts, passkeys, recovery, totp
from supplier.accounts.challenges import Purpose, keep_challenge, take_challenge
from supplier.accounts.hashing import hash_password, is_outdated, is_password
from supplier.accounts.identities import link_awaited
from supplier.accounts.mailing import MailKind, ask_notice
from supplier.accounts.models import Passkey, User, WebSession
from supplier.accounts.people import (
    Browser,
    Opened,
    actor_of,
    find_user_by_email,
    get_open_user,
    hold_open_user,
    is_staff,
)
from supplier.accounts.sessions import begin, hold
from supplier.kernel import audit
from supplier.kernel.addresses import mail_address
from supplier.kernel.audit import SYSTEM, Event
from supplier.kernel.crypto import keyring
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import DomainError, LimitError
from supplier.kernel.i18n import N_

#: One text whatever was wrong: unknown, no password, locked, wrong password.
REFUSED = N_("The address or the password does not match. Type both again.")
CODE_REFUSED = N_("This code does not match, or was already used. Wait for the next one.")
PENDING_OVER = N_("Too much time passed since your first step. Begin again.")
#: How long the step after the password or the group's sign-in, or an enrolment, may take.
PENDING = {
    "password": timedelta(minutes=5),
    "sso": timedelta(minutes=5),
    "enrol": timedelta(minutes=30),
}
#: First steps after which the second factor is owed; and the one that may set it up.
FIRST_STEPS = frozenset({"password", "sso"})
ENROLMENT = frozenset({"enrol"})
#: This many past sign-ins tell whether a device is known.
_REMEMBERED = 50


def sign_in_with_password(email: str, password: str, *, browser: Browser, now: datetime) -> Opened:
    """Check address and password: staff go on to their second factor, suppliers are in.

    Raises DomainError with one text for every refusal, LimitError after too many tries. The
    same work is done for known and unknown addresses.
    """
    address = mail_address(email)
    try:
        ticket = attempts.count(
            {
                "password-address": address or email.strip().lower()[:200],
                "password-client": browser.address_hash,
            },
            now=now,
        )
    except LimitError:
        is_password(password, of=None)
        raise
    with reading() as session:
        user = find_user_by_email(session, address)
    right = is_password(password, of=user.password_hash if user and not user.locked_at else None)
    if user is None or not right:
        _refuse(user, now)
    with transaction() as session:
        user = _unchanged(session, user)
        attempts.forgive(session, ticket)
        if user.password_hash and is_outdated(user.password_hash):
            user.password_hash = hash_password(password)
        if is_staff(user):
            return begin_second_step(session, user, browser, method="password", now=now)
        return enter(session, user, browser, method="password", proved_at=now, now=now)


def _refuse(user: User | None, now: datetime) -> NoReturn:
    reason = "unknown" if user is None else "locked" if user.locked_at else "password"
    with transaction() as session:
        audit.record(
            session, "sign_in_refused", subject=user or "user", by=SYSTEM, at=now,
            data={"reason": reason},
        )  # fmt: skip
    raise DomainError(REFUSED)


def _unchanged(session: Session, seen: User) -> User:
    """The user again, held, if neither the password nor the lock changed while we compared."""
    open_still = hold(session, seen.id)
    user = session.get(User, seen.id, populate_existing=True)
    if user is None or not open_still or user.password_hash != seen.password_hash:
        raise DomainError(REFUSED)
    return user


def begin_enrolment(session: Session, user: User, browser: Browser, *, now: datetime) -> Opened:
    """A session that may do one thing: set up the second factor."""
    return begin_second_step(session, user, browser, method="enrol", now=now)


def begin_second_step(
    session: Session, user: User, browser: Browser, *, method: str, now: datetime
) -> Opened:
    """A session that is not signed in: the first step was right, the next one is owed."""
    token, row = begin(
        session, now=now, pending_user_id=user.id, method=method, old=browser.session,
        address_hash=browser.address_hash, agent=browser.agent,
    )  # fmt: skip
    return Opened(token, row)


def find_pending(
    row: WebSession | None, *, methods: frozenset[str], now: datetime
) -> uuid.UUID | None:
    """Whose half-open session this is, while there is time to finish it."""
    if row is None or row.pending_user_id is None or row.method not in methods:
        return None
    return row.pending_user_id if now - row.created_at <= PENDING[row.method] else None


def pending_user(row: WebSession | None, *, methods: frozenset[str], now: datetime) -> User:
    """The user of a half-open session. Raises DomainError when it is over."""
    user_id = find_pending(row, methods=methods, now=now)
    with reading() as session:
        user = session.get(User, user_id) if user_id else None
    if user is None or user.locked_at:
        raise DomainError(PENDING_OVER)
    return user


def has_second_factor(user_id: uuid.UUID) -> bool:
    """True when the user can finish a sign-in: a code generator or a passkey."""
    with reading() as session:
        keys = select(Passkey.id).where(Passkey.user_id == user_id).limit(1)
        return totp.has_totp(session, user_id) or session.scalar(keys) is not None


def sign_in_with_code(code: str, *, browser: Browser, now: datetime) -> Opened:
    """Finish a sign-in with a code of the phone or a recovery code.

    After the group's sign-in the new session is not a fresh proof: nobody says when they gave
    their password over there. Raises DomainError, LimitError (by user: guessing six digits must
    stay hopeless).
    """
    user = pending_user(browser.session, methods=FIRST_STEPS, now=now)
    ticket = attempts.count({"code-user": str(user.id)}, now=now)
    first = browser.session.method if browser.session else None
    with transaction() as session:
        user = hold_open_user(session, user.id)
        second = use_any_code(session, user, code, now=now)
        if second is not None:
            attempts.forgive(session, ticket)
            link_awaited(session, user, browser, now=now)
            return enter(
                session, user, browser, method=f"{first}+{second}",
                proved_at=now if first == "password" else None, now=now,
            )  # fmt: skip
        audit.record(session, "code_refused", subject=user, by=actor_of(user), at=now)
    raise DomainError(CODE_REFUSED, field="code")


def use_any_code(session: Session, user: User, code: str, *, now: datetime) -> str | None:
    """Use a phone's code or a recovery code up; which of them it was, or None."""
    if not recovery.looks_like_code(code):
        return "totp" if totp.use_code(session, user.id, code, now=now) else None
    if not recovery.use_recovery_code(session, user.id, code, now=now):
        return None
    left = session.scalar(recovery.codes_left(user.id))
    audit.record(
        session, "recovery_used", subject=user, by=actor_of(user), at=now, data={"left": left}
    )
    ask_notice(session, MailKind.CREDENTIAL_CHANGED, user, now=now)
    return "recovery"


def ask_passkey(
    row: WebSession, *, purpose: Purpose, user_id: uuid.UUID | None, now: datetime
) -> str:
    """Options for the device (JSON); their challenge is kept on the session row."""
    with transaction() as session:
        challenge = passkeys.ask_answer(session, user_id)
        keep_challenge(session, row, challenge.value, purpose=purpose, now=now)
    return challenge.options


def sign_in_with_passkey(
    credential: Mapping[str, Any], *, browser: Browser, now: datetime
) -> Opened:
    """A passkey with user verification is password and second factor in one.

    Raises DomainError, LimitError.
    """
    user, ticket = _answered(credential, Purpose.SIGN_IN, browser, now)
    waiting = find_pending(browser.session, methods=FIRST_STEPS, now=now)
    if waiting is not None and waiting != user.id:
        raise DomainError(passkeys.NOT_ACCEPTED)
    with transaction() as session:
        attempts.forgive(session, ticket)
        user = hold_open_user(session, user.id)
        if waiting is not None:
            link_awaited(session, user, browser, now=now)
        return enter(session, user, browser, method="passkey", proved_at=now, now=now)


def _answered(
    credential: Mapping[str, Any], purpose: Purpose, browser: Browser, now: datetime
) -> tuple[User, attempts.Ticket]:
    """Whose passkey answered this session's challenge, which is gone whatever happens."""
    ticket = attempts.count({"passkey-client": browser.address_hash}, now=now)
    if browser.session is None:
        raise DomainError(passkeys.NOT_ACCEPTED)
    with transaction() as session:
        challenge, _ = take_challenge(
            session, browser.session, purposes=frozenset({purpose}), now=now
        )
    try:
        with transaction() as session:
            return passkeys.verify(session, credential, challenge=challenge, now=now), ticket
    except DomainError:
        kind = "sign_in_refused" if purpose == Purpose.SIGN_IN else "step_up_refused"
        with transaction() as session:
            audit.record(
                session, kind, subject="user", by=SYSTEM, at=now, data={"reason": "passkey"}
            )
        raise DomainError(passkeys.NOT_ACCEPTED) from None


def enter(
    session: Session,
    user: User,
    browser: Browser,
    *,
    method: str,
    proved_at: datetime | None,
    now: datetime,
) -> Opened:
    """Open the session of a user who proved enough, with its event and, on a new device, a mail."""
    device = keyring().index(browser.agent, purpose=f"device:{user.id}")[:16]
    fresh = method != "link" and _is_new_device(session, user.id, device)
    token, row = begin(
        session, now=now, user_id=user.id, method=method, proved_at=proved_at,
        old=browser.session, address_hash=browser.address_hash, agent=browser.agent,
    )  # fmt: skip
    audit.record(
        session, "signed_in", subject=user, by=actor_of(user), at=now,
        data={"method": method, "device": device},
    )  # fmt: skip
    if fresh:
        ask_notice(session, MailKind.NEW_SIGN_IN, user, now=now)
    return Opened(token, row)


def _is_new_device(session: Session, user_id: uuid.UUID, device: str) -> bool:
    """True when this user came in before, but never with this browser."""
    seen = session.scalars(
        select(Event.data)
        .where(Event.subject_type == "user", Event.subject_id == user_id, Event.kind == "signed_in")
        .order_by(Event.seq.desc())
        .limit(_REMEMBERED)
    ).all()
    return bool(seen) and all(data.get("device") != device for data in seen)


def prove_with_password(
    user_id: uuid.UUID, password: str, code: str, *, browser: Browser, now: datetime
) -> Opened:
    """A fresh proof: staff by password and code, suppliers by password.

    Nothing is told apart in the answer. Raises DomainError, LimitError.
    """
    ticket = attempts.count({"code-user": str(user_id)}, now=now)
    with reading() as session:
        user = get_open_user(session, user_id)
    right = is_password(password, of=user.password_hash)
    with transaction() as session:
        user = _unchanged(session, user)
        method = "password"
        if right and is_staff(user):
            second = use_any_code(session, user, code, now=now)
            method = f"password+{second}" if second else ""
        if right and method:
            attempts.forgive(session, ticket)
            return step_up(session, user, browser, method=method, proved_at=now, now=now)
        audit.record(session, "step_up_refused", subject=user, by=actor_of(user), at=now)
    raise DomainError(
        N_("The password or the code does not match. Type both again.")
        if is_staff(user)
        else N_("The password does not match. Type it again.")
    )


def prove_with_passkey(
    user_id: uuid.UUID, credential: Mapping[str, Any], *, browser: Browser, now: datetime
) -> Opened:
    """A fresh proof by the visitor's own passkey; somebody else's is refused."""
    user, ticket = _answered(credential, Purpose.PROVE, browser, now)
    if user.id != user_id:
        raise DomainError(passkeys.NOT_ACCEPTED)
    with transaction() as session:
        attempts.forgive(session, ticket)
        user = get_open_user(session, user_id)
        return step_up(session, user, browser, method="passkey", proved_at=now, now=now)


def step_up(
    session: Session,
    user: User,
    browser: Browser,
    *,
    method: str,
    proved_at: datetime,
    now: datetime,
) -> Opened:
    """The same session under a new token, with the proof that was given at `proved_at`."""
    token, row = begin(session, now=now, user_id=user.id, proved_at=proved_at, old=browser.session)
    audit.record(
        session, "stepped_up", subject=user, by=actor_of(user), at=now, data={"method": method}
    )
    return Opened(token, row)


def sign_out(row: WebSession, *, now: datetime) -> None:
    """End this session on the server: a copy of its cookie opens nothing any more."""
    with transaction() as session:
        session.execute(delete(WebSession).where(WebSession.token_hash == row.token_hash))
        user = session.get(User, row.user_id) if row.user_id else None
        if user is not None:
            audit.record(session, "signed_out", subject=user, by=actor_of(user), at=now)
