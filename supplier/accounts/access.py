"""Ways in by mail: invitations, sign-in links, a forgotten password, a lost second factor."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supplier.accounts import attempts
from supplier.accounts.factors import PasswordRefusedError, checked_hash, keep_password
from supplier.accounts.hashing import is_password
from supplier.accounts.links import (
    DEAD_LINK,
    ENTRANCE,
    Addressee,
    LinkKind,
    addressee_of,
    find_open_link,
    is_fresh_link,
    make_link,
    spend_link,
)
from supplier.accounts.mailing import MailKind, ask_link_mail
from supplier.accounts.models import Invitation, Mandate, User
from supplier.accounts.people import (
    Browser,
    Opened,
    actor_of,
    find_user_by_email,
    get_open_user,
    hold_open_user,
    is_staff,
)
from supplier.accounts.policy import policy
from supplier.accounts.sessions import hold
from supplier.accounts.signin import begin_enrolment, enter, has_second_factor
from supplier.kernel import audit
from supplier.kernel.addresses import mail_address
from supplier.kernel.audit import SYSTEM, ActorKind
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Contact

NOT_AN_ADDRESS = N_("Type one mail address, like name@company.fr.")
WRONG_PASSWORD = N_("The password does not match. Type it again.")


def ask_sign_in_link(email: str, *, browser: Browser, now: datetime) -> None:
    """Send a new link to whoever may come in with this address; silent when nobody may.

    Raises DomainError for what is no address, LimitError. The answer is the same for every
    address, and the mail leaves later, so its time says nothing either.
    """
    address = _counted_address(email, browser=browser, now=now)
    with transaction() as session:
        to = _supplier_person(session, address)
        if to is not None:
            token, row = make_link(session, LinkKind.SIGN_IN, to, now=now)
            ask_link_mail(session, MailKind.SIGN_IN_LINK, row, token=token, now=now)
        _note_asked(session, "link_asked", to.user_id if to else None, now)


def ask_password_reset(email: str, *, browser: Browser, now: datetime) -> None:
    """Send a reset link to whoever has a password; silent otherwise. Raises as above."""
    address = _counted_address(email, browser=browser, now=now)
    with transaction() as session:
        user = find_user_by_email(session, address)
        if user is not None and (user.locked_at or user.password_hash is None):
            user = None
        if user is not None:
            to = addressee_of(user)
            token, row = make_link(session, LinkKind.PASSWORD_RESET, to, now=now)
            ask_link_mail(session, MailKind.PASSWORD_RESET, row, token=token, now=now)
        _note_asked(session, "password_reset_asked", user.id if user else None, now)


def _counted_address(email: str, *, browser: Browser, now: datetime) -> str:
    address = mail_address(email)
    if address is None:
        raise DomainError(NOT_AN_ADDRESS, field="email")
    attempts.count({"link-address": address, "link-client": browser.address_hash}, now=now)
    return address


def _note_asked(session: Session, kind: str, user_id: uuid.UUID | None, now: datetime) -> None:
    subject = session.get(User, user_id) if user_id else None
    audit.record(
        session, kind, subject=subject or "user", by=SYSTEM, at=now,
        data={"known": user_id is not None},
    )  # fmt: skip


def _supplier_person(session: Session, address: str) -> Addressee | None:
    """The supplier user of an address, or the person of an invitation that was never opened."""
    user = find_user_by_email(session, address)
    if user is not None:
        return None if is_staff(user) or user.locked_at else addressee_of(user)
    invited = session.scalars(
        select(Invitation)
        .where(
            Invitation.email == address,
            Invitation.kind == LinkKind.SUPPLIER.value,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.created_at.desc(), Invitation.id)
        .limit(1)
    ).one_or_none()
    if invited is None or not _still_there(session, invited):
        return None
    return Addressee(
        invited.email, invited.name, invited.language,
        supplier_id=invited.supplier_id, contact_id=invited.contact_id,
    )  # fmt: skip


def _still_there(session: Session, invitation: Invitation) -> bool:
    """True while the invited contact has this address and has not left."""
    contact = session.get(Contact, invitation.contact_id) if invitation.contact_id else None
    return (
        contact is not None
        and contact.left_on is None
        and mail_address(contact.email or "") == invitation.email
    )


def find_link(token: str, *, browser: Browser, now: datetime) -> Invitation | None:
    """The open link of a token, for its page; spends nothing.

    A token that opens nothing counts as a guess. Raises LimitError.
    """
    with reading() as session:
        row = find_open_link(session, token, now=now)
    if row is None:
        _count_guess(browser, now)
    return row


def _count_guess(browser: Browser, now: datetime) -> None:
    attempts.count({"token-client": browser.address_hash}, now=now)


def open_link(token: str, *, browser: Browser, now: datetime) -> Opened:
    """Spend a supplier's link and open their session; an invited person gets their account.

    A link from a recent mail is a fresh proof of identity. Raises NotFoundError, LimitError.
    """
    try:
        with transaction() as session:
            row = spend_link(session, token, kinds=ENTRANCE, now=now)
            user = _user_of(session, row, now)
            proved_at = now if is_fresh_link(row, now=now) else None
            opened = enter(session, user, browser, method="link", proved_at=proved_at, now=now)
            if row.supplier_id is not None:
                opened.row.acting_supplier_id = row.supplier_id
            return opened
    except NotFoundError:
        _refuse_link(browser, now)
        raise NotFoundError(DEAD_LINK) from None


def _refuse_link(browser: Browser, now: datetime) -> None:
    _count_guess(browser, now)
    with transaction() as session:
        audit.record(session, "invitation_refused", subject="invitation", by=SYSTEM, at=now)


def _user_of(session: Session, row: Invitation, now: datetime) -> User:
    """The supplier user of a spent link, made now when the invitation is their first."""
    user = session.get(User, row.user_id) if row.user_id else find_user_by_email(session, row.email)
    if user is not None and (
        not hold(session, user.id) or user.email != row.email or _barred(user)
    ):
        raise NotFoundError(DEAD_LINK)
    if row.supplier_id is None:
        if user is None:
            raise NotFoundError(DEAD_LINK)
        return user
    if not _still_there(session, row):
        raise NotFoundError(DEAD_LINK)
    if user is None:
        user = _first_account(session, row, now)
    _give_mandate(session, user, row, now)
    audit.record(session, "invitation_used", subject=row, by=actor_of(user), at=now)
    return user


def _first_account(session: Session, row: Invitation, now: datetime) -> User:
    """The account of somebody who had none, once: two of their invitations may open together."""
    who = Addressee(row.email, row.name, row.language)
    try:
        with session.begin_nested():
            return new_user(session, who, kind=ActorKind.SUPPLIER, by_id=row.invited_by_id, now=now)
    except IntegrityError:
        user = find_user_by_email(session, row.email)
        if user is None or _barred(user):
            raise NotFoundError(DEAD_LINK) from None
        return user


def _barred(user: User) -> bool:
    """Staff never come in by a link alone, but in the demo."""
    return is_staff(user) and not policy().demo


def _give_mandate(session: Session, user: User, row: Invitation, now: datetime) -> None:
    held = select(Mandate.id).where(
        Mandate.user_id == user.id,
        Mandate.supplier_id == row.supplier_id,
        Mandate.ended_at.is_(None),
    )
    if session.scalar(held.limit(1)) is not None:
        return
    mandate = Mandate(
        id=new_id(), user_id=user.id, supplier_id=row.supplier_id,
        granted_by_id=row.invited_by_id, from_at=now,
    )  # fmt: skip
    session.add(mandate)
    session.flush()
    audit.record(
        session, "mandate_given", subject=mandate, by=SYSTEM, at=now, data={"user": str(user.id)}
    )


def new_user(
    session: Session, who: Addressee, *, kind: ActorKind, by_id: uuid.UUID | None, now: datetime
) -> User:
    """A user without any way in yet; the passkey handle is random, never the id or address."""
    user = User(
        id=new_id(), kind=kind.value, email=who.email, name=who.name, language=who.language,
        webauthn_handle=secrets.token_bytes(32), created_by_id=by_id, created_at=now,
    )  # fmt: skip
    session.add(user)
    session.flush()
    return user


def accept_invitation(token: str, password: str, *, browser: Browser, now: datetime) -> Opened:
    """A member of staff chooses a password; the session may then set up the second factor.

    A weak password spends nothing. Raises PasswordRefusedError, NotFoundError, LimitError.
    """
    hashed = _hash_for(token, password, LinkKind.STAFF, browser=browser, now=now)
    with transaction() as session:
        user = _spend_with_password(session, token, LinkKind.STAFF, hashed, now)
        if has_second_factor(user.id):
            raise NotFoundError(DEAD_LINK)
        return begin_enrolment(session, user, browser, now=now)


def reset_password(token: str, password: str, *, browser: Browser, now: datetime) -> None:
    """Choose a new password after a mail: every session ends, nobody is signed in.

    The second factor is still asked at sign-in. Raises as above.
    """
    hashed = _hash_for(token, password, LinkKind.PASSWORD_RESET, browser=browser, now=now)
    with transaction() as session:
        _spend_with_password(session, token, LinkKind.PASSWORD_RESET, hashed, now)


def _hash_for(token: str, password: str, kind: LinkKind, *, browser: Browser, now: datetime) -> str:
    found = find_link(token, browser=browser, now=now)
    if found is None or found.kind != kind or found.user_id is None:
        raise NotFoundError(DEAD_LINK)
    with reading() as session:
        return checked_hash(get_open_user(session, found.user_id), password)


def _spend_with_password(
    session: Session, token: str, kind: LinkKind, hashed: str, now: datetime
) -> User:
    row = spend_link(session, token, kinds=frozenset({kind}), now=now)
    assert row.user_id is not None
    user = hold_open_user(session, row.user_id)
    if user.email != row.email:
        raise NotFoundError(DEAD_LINK)
    audit.record(session, "invitation_used", subject=row, by=actor_of(user), at=now)
    keep_password(session, user, hashed, now=now)
    return user


def begin_factor_reset(token: str, password: str, *, browser: Browser, now: datetime) -> Opened:
    """After an administrator's reset: link and password together open the enrolment.

    A wrong password spends nothing and counts as a try. Raises DomainError, LimitError,
    NotFoundError.
    """
    found = find_link(token, browser=browser, now=now)
    if found is None or found.kind != LinkKind.FACTOR_RESET or found.user_id is None:
        raise NotFoundError(DEAD_LINK)
    ticket = attempts.count({"code-user": str(found.user_id)}, now=now)
    with reading() as session:
        user = get_open_user(session, found.user_id)
    if not is_password(password, of=user.password_hash):
        with transaction() as session:
            audit.record(
                session, "sign_in_refused", subject=user, by=SYSTEM, at=now,
                data={"reason": "password"},
            )  # fmt: skip
        raise DomainError(WRONG_PASSWORD, field="password")
    with transaction() as session:
        attempts.forgive(session, ticket)
        row = spend_link(session, token, kinds=frozenset({LinkKind.FACTOR_RESET}), now=now)
        user = hold_open_user(session, found.user_id)
        audit.record(session, "invitation_used", subject=row, by=actor_of(user), at=now)
        return begin_enrolment(session, user, browser, now=now)


__all__ = [
    "PasswordRefusedError", "accept_invitation", "ask_password_reset", "ask_sign_in_link",
    "begin_factor_reset", "find_link", "new_user", "open_link", "reset_password",
]  # fmt: skip
