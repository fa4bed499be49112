"""What administrators and purchasing do to accounts: invite, lock, reset, readdress.

Roles stand in `roles.py` and programs in `clients.py`; both are reachable from here.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from supplier.accounts.access import new_user
from supplier.accounts.clients import (
    approve_api_client,
    create_api_client,
    find_api_client,
    note_api_use,
    refuse_api_client,
    revoke_api_client,
)
from supplier.accounts.factors import remove_all
from supplier.accounts.links import Addressee, LinkKind, addressee_of, make_link, revoke_links
from supplier.accounts.mailing import MailKind, ask_link_mail, ask_notice
from supplier.accounts.models import Invitation, Mandate, SsoIdentity, User, WebSession
from supplier.accounts.people import find_user_by_email, get_user, is_staff
from supplier.accounts.permissions import Role
from supplier.accounts.policy import policy
from supplier.accounts.roles import (
    add_role,
    approve_role,
    check_not_last_administrator,
    end_role,
    grant_role,
    has_administrator,
    suspend_roles,
)
from supplier.accounts.sessions import end_sessions
from supplier.accounts.signin import has_second_factor
from supplier.adapters.identity import provider
from supplier.kernel import audit
from supplier.kernel.addresses import mail_address
from supplier.kernel.audit import SYSTEM, Actor, ActorKind
from supplier.kernel.clock import legal_day
from supplier.kernel.database import transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import LANGUAGES, N_
from supplier.parties import actions as parties
from supplier.parties import contacts
from supplier.parties.actions import ContactDetails
from supplier.parties.models import Contact, Engagement

NOT_AN_ADDRESS = N_("Type one mail address, like name@company.fr.")
TAKEN = N_("Another user already has this address.")
NOT_YOURSELF = N_("Ask another administrator: nobody does this to their own account.")
DEMO_LINK = timedelta(hours=12)


def invite_supplier(
    contact_id: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    engagement_id: uuid.UUID | None = None,
) -> Invitation:
    """Invite a contact of a supplier; older invitations of the same person there are revoked.

    The mail names the engagement (by default the latest one in force). When the link is used,
    the person gets an account and acts for the supplier. Raises NotFoundError, DomainError.
    """
    with transaction() as session:
        contact = session.get(Contact, contact_id)
        if contact is None or contact.left_on is not None:
            raise NotFoundError(N_("This contact does not exist."))
        to = _invited(session, contact)
        token, row = make_link(session, LinkKind.SUPPLIER, to, now=now, by_id=by.id)
        engagement = engagement_id or _latest_engagement(session, contact, legal_day(now))
        audit.record(session, "invited", subject=row, by=by, at=now, data={"kind": row.kind})
        ask_link_mail(
            session, MailKind.INVITATION_SUPPLIER, row, token=token, now=now,
            engagement_id=engagement,
        )  # fmt: skip
        return row


def _invited(session: Session, contact: Contact) -> Addressee:
    address = mail_address(contact.email or "")
    if address is None:
        raise DomainError(N_("Give this contact a mail address first."), field="email")
    user = find_user_by_email(session, address)
    if user is not None and (is_staff(user) or user.locked_at is not None):
        raise DomainError(N_("This address cannot be invited as a supplier."), field="email")
    return Addressee(
        address, contact.name, contact.language, supplier_id=contact.supplier_id,
        contact_id=contact.id, user_id=user.id if user else None,
    )  # fmt: skip


def invite_person(
    supplier_id: uuid.UUID, person: ContactDetails, *, by: Actor, now: datetime
) -> Invitation:
    """Invite somebody whom the supplier names: a contact that it has, else a new one.

    The contact and the invitation are written together or not at all. Raises as
    `parties.actions.add_contact` and `invite_supplier`.
    """
    with transaction():
        known = [
            one
            for one in contacts.list_contacts(supplier_id)
            if (one.email or "").casefold() == (person.email or "").casefold()
        ]
        contact = known[0] if known else parties.add_contact(supplier_id, person, by=by, now=now)
        return invite_supplier(contact.id, by=by, now=now)


def _latest_engagement(session: Session, contact: Contact, today: date) -> uuid.UUID | None:
    return session.scalar(
        select(Engagement.id)
        .where(
            Engagement.supplier_id == contact.supplier_id,
            or_(Engagement.ended_on.is_(None), Engagement.ended_on >= today),
        )
        .order_by(Engagement.started_on.desc(), Engagement.id)
        .limit(1)
    )


def invite_staff(email: str, *, name: str, language: str, by: Actor, now: datetime) -> User:
    """A new member of staff, without roles; a mail lets them choose their own password.

    Raises DomainError naming the field.
    """
    with transaction() as session:
        user, token, row = _new_staff(session, email, name=name, language=language, by=by, now=now)
        ask_link_mail(session, MailKind.INVITATION_STAFF, row, token=token, now=now)
        return user


def _new_staff(
    session: Session, email: str, *, name: str, language: str, by: Actor, now: datetime
) -> tuple[User, str, Invitation]:
    address = _free_address(session, email)
    if not name.strip():
        raise DomainError(N_("Give a name."), field="name")
    who = Addressee(address, name.strip(), language if language in LANGUAGES else "fr")
    user = new_user(session, who, kind=ActorKind.STAFF, by_id=by.id, now=now)
    token, row = make_link(session, LinkKind.STAFF, addressee_of(user), now=now, by_id=by.id)
    audit.record(session, "invited", subject=user, by=by, at=now, data={"kind": row.kind})
    return user, token, row


def _free_address(session: Session, email: str) -> str:
    address = mail_address(email)
    if address is None:
        raise DomainError(NOT_AN_ADDRESS, field="email")
    if find_user_by_email(session, address) is not None:
        raise DomainError(TAKEN, field="email")
    return address


def create_first_administrator(email: str, *, name: str, language: str, now: datetime) -> str:
    """The first administrator of a new installation; gives the token of their one-time link.

    Raises ConflictError when there is an administrator already, DomainError for a bad address.
    """
    with transaction() as session:
        if has_administrator(session):
            raise ConflictError(N_("There is an administrator already: ask them to invite you."))
        user, token, _ = _new_staff(
            session, email, name=name, language=language, by=SYSTEM, now=now
        )
        add_role(session, user, Role.ADMINISTRATOR, None, by=SYSTEM, now=now)
        return token


def resend_invitation(user_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Send a member of staff who never finished enrolment a new link; the older one is revoked.

    Raises NotFoundError, ConflictError.
    """
    with transaction() as session:
        user = get_user(session, user_id)
        if not is_staff(user) or user.locked_at or has_second_factor(user_id):
            raise ConflictError(N_("This account is already in use: no invitation is needed."))
        token, row = make_link(session, LinkKind.STAFF, addressee_of(user), now=now, by_id=by.id)
        audit.record(session, "invited", subject=user, by=by, at=now, data={"kind": row.kind})
        ask_link_mail(session, MailKind.INVITATION_STAFF, row, token=token, now=now)


def lock(user_id: uuid.UUID, *, reason: str, by: Actor, now: datetime) -> None:
    """Close an account at once: sessions end, links die. Raises NotFoundError, ConflictError."""
    _need_reason(reason)
    with transaction() as session:
        user = get_user(session, user_id)
        _not_oneself(user, by)
        check_not_last_administrator(session, user)
        changed = session.execute(
            update(User)
            .where(User.id == user_id, User.locked_at.is_(None))
            .values(locked_at=now, locked_reason=reason)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This account is already locked."))
        ended = end_sessions(session, user_id)
        revoke_links(session, email=user.email, now=now)
        audit.record(
            session, "locked", subject=user, by=by, at=now, reason=reason, data={"sessions": ended}
        )


def unlock(user_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Open a locked account again. Raises NotFoundError, ConflictError."""
    with transaction() as session:
        user = get_user(session, user_id)
        changed = session.execute(
            update(User)
            .where(User.id == user_id, User.locked_at.is_not(None))
            .values(locked_at=None, locked_reason=None)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This account is not locked."))
        audit.record(session, "unlocked", subject=user, by=by, at=now)


def end_all_sessions(user_id: uuid.UUID, *, by: Actor, now: datetime) -> int:
    """Sign a user out everywhere. Gives the number of sessions. Raises NotFoundError."""
    with transaction() as session:
        user = get_user(session, user_id)
        ended = end_sessions(session, user_id)
        audit.record(
            session, "sessions_ended", subject=user, by=by, at=now, data={"sessions": ended}
        )
        return ended


def end_own_session(user_id: uuid.UUID, handle: str, *, by: Actor, now: datetime) -> None:
    """End one session of one's own, named by the start of its hash. Raises NotFoundError."""
    with transaction() as session:
        rows = session.scalars(select(WebSession).where(WebSession.user_id == user_id)).all()
        found = [row for row in rows if row.token_hash[:24] == handle]
        if not found:
            raise NotFoundError(N_("This session has already ended."))
        session.delete(found[0])
        user = get_user(session, user_id)
        audit.record(session, "sessions_ended", subject=user, by=by, at=now, data={"sessions": 1})


def reset_factors(user_id: uuid.UUID, *, check: str, by: Actor, now: datetime) -> None:
    """Take away the lost second factor of a member of staff and send them a link.

    `check` says how their identity was verified; it stays in the journal. Sessions end. The
    link alone opens nothing: its page asks for the password. Rights on bank details
    wait for another administrator again. Raises NotFoundError, DomainError.
    """
    _need_reason(check, field="check")
    with transaction() as session:
        user = get_user(session, user_id)
        _not_oneself(user, by)
        if not is_staff(user) or user.locked_at or user.password_hash is None:
            raise ConflictError(N_("This account has no second factor to reset."))
        remove_all(session, user_id)
        suspend_roles(session, user, by=by, now=now)
        ended = end_sessions(session, user_id)
        to = addressee_of(user)
        token, row = make_link(session, LinkKind.FACTOR_RESET, to, now=now, by_id=by.id)
        audit.record(
            session, "factor_reset", subject=user, by=by, at=now, reason=check,
            data={"sessions": ended},
        )  # fmt: skip
        ask_link_mail(session, MailKind.FACTOR_RESET, row, token=token, now=now)


def unlink_sso(user_id: uuid.UUID, *, check: str, by: Actor, now: datetime) -> None:
    """Take away the link to an account of the group's provider that its owner lost there.

    The next sign-in by that provider links whoever it vouches for under the account's address,
    so rights on bank details wait for a second yes again, and sessions end. `check` says how
    the person's identity was verified. Raises NotFoundError, ConflictError, DomainError.
    """
    _need_reason(check, field="check")
    with transaction() as session:
        user = get_user(session, user_id)
        _not_oneself(user, by)
        removed = session.execute(
            delete(SsoIdentity).where(
                SsoIdentity.user_id == user_id, SsoIdentity.issuer == provider().issuer
            )
        )
        if getattr(removed, "rowcount", 0) != 1:
            raise ConflictError(N_("This account is not linked."))
        suspend_roles(session, user, by=by, now=now)
        ended = end_sessions(session, user_id)
        audit.record(
            session, "sso_unlinked", subject=user, by=by, at=now, reason=check,
            data={"sessions": ended},
        )  # fmt: skip
        ask_notice(session, MailKind.CREDENTIAL_CHANGED, user, now=now)


def change_address(
    user_id: uuid.UUID, *, email: str, reason: str, by: Actor, now: datetime
) -> None:
    """Give an account another mail address (a lost mailbox): both addresses are told.

    Sessions end and the links sent to the old address die; rights on bank details
    wait for another administrator again. Raises NotFoundError, DomainError.
    """
    _need_reason(reason)
    with transaction() as session:
        user = get_user(session, user_id)
        _not_oneself(user, by)
        address = _free_address(session, email)
        old = user.email
        user.email = address
        suspend_roles(session, user, by=by, now=now)
        ended = end_sessions(session, user_id)
        revoke_links(session, email=old, now=now)
        audit.record(
            session, "address_changed", subject=user, by=by, at=now, reason=reason,
            data={"sessions": ended},
        )  # fmt: skip
        for target in (old, address):
            ask_notice(session, MailKind.ADDRESS_CHANGED, user, now=now, address=target)


def end_mandate(mandate_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """A person no longer acts for a supplier; it holds from their next request on."""
    with transaction() as session:
        mandate = session.get(Mandate, mandate_id)
        if mandate is None:
            raise NotFoundError(N_("This mandate does not exist."))
        changed = session.execute(
            update(Mandate)
            .where(Mandate.id == mandate_id, Mandate.ended_at.is_(None))
            .values(ended_at=now)
        )
        if getattr(changed, "rowcount", 0) != 1:
            raise ConflictError(N_("This mandate has already ended."))
        end_sessions(session, mandate.user_id)
        # An invitation that was sent again and not opened yet would give the mandate back.
        revoke_links(
            session, email=get_user(session, mandate.user_id).email, kind=LinkKind.SUPPLIER,
            supplier_id=mandate.supplier_id, now=now,
        )  # fmt: skip
        audit.record(
            session, "mandate_ended", subject=mandate, by=by, at=now,
            data={"user": str(mandate.user_id)},
        )  # fmt: skip


def choose_language(user_id: uuid.UUID, language: str) -> None:
    """Keep the language that a person reads and is written to. Raises NotFoundError."""
    if language not in LANGUAGES:
        raise NotFoundError(N_("This language is not available."))
    with transaction() as session:
        get_user(session, user_id).language = language


def make_demo_link(user_id: uuid.UUID, *, now: datetime) -> str:
    """The token of a link that opens any account of the demo for some hours.

    Raises ConflictError outside the demo: staff never come in by a link alone.
    """
    if not policy().demo:
        raise ConflictError(N_("This works in the demo only."))
    with transaction() as session:
        to = addressee_of(get_user(session, user_id))
        token, row = make_link(session, LinkKind.SIGN_IN, to, now=now)
        row.expires_at = now + DEMO_LINK
        return token


def _not_oneself(user: User, by: Actor) -> None:
    if by.id == user.id:
        raise DomainError(NOT_YOURSELF)


def _need_reason(text: str, field: str = "reason") -> None:
    if not text.strip():
        raise DomainError(N_("Give the reason: it stays in the journal."), field=field)


__all__ = [
    "approve_api_client", "approve_role", "change_address", "choose_language",
    "create_api_client", "create_first_administrator", "end_all_sessions", "end_mandate",
    "end_own_session", "end_role", "find_api_client", "grant_role", "invite_person", "invite_staff",
    "invite_supplier", "lock", "make_demo_link", "note_api_use", "refuse_api_client",
    "resend_invitation", "reset_factors", "revoke_api_client", "unlink_sso", "unlock",
]  # fmt: skip
