"""Coming in, and proving again, by the group's OpenID Connect provider (staff only).

The provider's word is the first step. Its second factor counts only where the settings say what
it must name (`amr`, `acr`) and the token names it; otherwise ours is asked afterwards. An account
that has a second factor of ours is linked only once that factor was given.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from supplier.accounts import attempts
from supplier.accounts.challenges import Purpose, keep_challenge, take_challenge
from supplier.accounts.identities import find_linked, link, linked_to
from supplier.accounts.links import LinkKind, revoke_links
from supplier.accounts.models import User, WebSession
from supplier.accounts.people import Browser, Opened, find_user_by_email, is_staff
from supplier.accounts.policy import Policy, policy
from supplier.accounts.sessions import begin, hold
from supplier.accounts.signin import (
    begin_second_step,
    enter,
    has_second_factor,
    step_up,
)
from supplier.adapters.identity import (
    LEEWAY,
    AnswerRefusedError,
    Identity,
    Question,
    Why,
    provider,
)
from supplier.kernel import audit
from supplier.kernel.addresses import mail_address
from supplier.kernel.audit import SYSTEM
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import ConflictError, DomainError
from supplier.kernel.i18n import N_

log = logging.getLogger("vigie")
#: One text whatever was wrong: nobody learns which accounts exist, or which check failed.
REFUSED = N_(
    "The group's sign-in did not open an account here. Try again, or sign in with your address "
    "and password; if it goes on, ask an administrator."
)
PROOF_REFUSED = N_("The group's sign-in did not confirm that it is you. Try again, or another way.")
_JOURNEYS = frozenset({Purpose.SSO_SIGN_IN, Purpose.SSO_PROVE})


class Ground(StrEnum):
    """Why a sound answer opens nothing: for the journal."""

    UNKNOWN = "unknown"
    LOCKED = "locked"
    NOT_STAFF = "not_staff"
    OTHER_SUBJECT = "other_subject"
    OTHER_USER = "other_user"
    NOT_FRESH = "not_fresh"
    FACTOR = "factor"
    ENDED = "ended"


class _Refusal(Exception):
    """A sound answer that opens nothing; `user_id` when it is known whom it concerns."""

    def __init__(self, ground: Ground, user: User | None = None) -> None:
        super().__init__(ground.value)
        self.ground, self.user_id = ground, user.id if user else None


@dataclass(frozen=True, slots=True)
class Journey:
    """Where to send the browser, and the session that was begun when it had none."""

    url: str
    opened: Opened | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """The session after the answer. `signed_in` is false while the second factor is owed."""

    opened: Opened
    signed_in: bool


def is_configured() -> bool:
    return provider().issuer != ""


def can_prove() -> bool:
    """True when the provider's second factor may count: only then it proves somebody alone."""
    return is_configured() and _asks_factor(policy())


def start(*, browser: Browser, now: datetime, purpose: Purpose = Purpose.SSO_SIGN_IN) -> Journey:
    """Begin a journey to the provider; what its answer must show is kept on the session row.

    Raises UnavailableError when the provider does not answer.
    """
    question = Question.new()
    url = provider().address(question, again=purpose == Purpose.SSO_PROVE, now=now)
    with transaction() as session:
        row, opened = browser.session, None
        if row is None:
            token, row = begin(
                session, now=now, address_hash=browser.address_hash, agent=browser.agent
            )
            opened = Opened(token, row)
        keep_challenge(session, row, question.pack(), purpose=purpose, now=now)
    return Journey(url, opened)


def finish(answer: Mapping[str, str], *, browser: Browser, now: datetime) -> Arrival:
    """What the provider's answer opens: the session, the second step, or a fresh proof.

    The one handler of all that can be wrong: one text, one event. Raises DomainError,
    LimitError, UnavailableError.
    """
    ticket = attempts.count({"sso-client": browser.address_hash}, now=now)
    kept, purpose = _taken(browser.session, now)
    why: Why | Ground
    user_id = None
    try:
        identity = provider().identify(Question.unpack(kept), answer, now=now)
        with transaction() as session:
            attempts.forgive(session, ticket)
            if purpose == Purpose.SSO_PROVE:
                return _prove(session, identity, browser, now)
            return _admit(session, identity, browser, now)
    except AnswerRefusedError as error:
        why = error.why
    except _Refusal as error:
        why, user_id = error.ground, error.user_id
    except ConflictError:  # the session, or the account, was closed while we asked
        why = Ground.ENDED
    log.warning("sign-in by the group refused: %s", why.value)
    proving = purpose == Purpose.SSO_PROVE
    with transaction() as session:
        user = session.get(User, user_id) if user_id else None
        audit.record(
            session, "step_up_refused" if proving else "sign_in_refused", subject=user or "user",
            by=SYSTEM, at=now, data={"reason": "sso", "why": why.value},
        )  # fmt: skip
    raise DomainError(PROOF_REFUSED if proving else REFUSED)


def _taken(row: WebSession | None, now: datetime) -> tuple[bytes, Purpose | None]:
    """The journey that this browser began; gone whatever happens next."""
    if row is None:
        return b"", None
    with transaction() as session:
        return take_challenge(session, row, purposes=_JOURNEYS, now=now)


def _admit(session: Session, identity: Identity, browser: Browser, now: datetime) -> Arrival:
    user, linked = _whose(session, identity)
    known_factor = has_second_factor(user.id)
    if not factor_counts(identity, policy()) or (not linked and known_factor):
        opened = begin_second_step(session, user, browser, method="sso", now=now)
        opened.row.pending_subject = None if linked else identity.subject
        return Arrival(opened, signed_in=False)
    if not linked:
        link(session, user, identity.subject, browser=browser, now=now)
        # The account is in use from now on: the way in by an older mail closes.
        revoke_links(session, email=user.email, kind=LinkKind.STAFF, now=now)
    return Arrival(
        enter(session, user, browser, method="sso", proved_at=None, now=now), signed_in=True
    )


def _whose(session: Session, identity: Identity) -> tuple[User, bool]:
    """The member of staff, held, and whether the link stands already. Raises _Refusal.

    Once linked, the address plays no part any more: whoever inherits it inherits nothing.
    """
    row = find_linked(session, identity.issuer, identity.subject)
    if row is not None:
        user = session.get(User, row.user_id)
    else:
        address = mail_address(identity.email) if identity.email else None
        user = find_user_by_email(session, address)
    if user is None:
        raise _Refusal(Ground.UNKNOWN)
    if not hold(session, user.id):
        raise _Refusal(Ground.LOCKED, user)
    if not is_staff(user):
        raise _Refusal(Ground.NOT_STAFF, user)
    # Asked again now that nobody else acts on this account: another browser may have been faster.
    standing = linked_to(session, user.id, identity.issuer)
    if standing is not None and standing.subject != identity.subject:
        raise _Refusal(Ground.OTHER_SUBJECT, user)
    if row is not None and standing is None:
        raise _Refusal(Ground.ENDED, user)
    return user, standing is not None


def _prove(session: Session, identity: Identity, browser: Browser, now: datetime) -> Arrival:
    """A fresh proof by the visitor's own linked account, given over there just now."""
    row = find_linked(session, identity.issuer, identity.subject)
    mine = browser.session.user_id if browser.session else None
    user = session.get(User, mine) if mine else None
    if user is None or row is None or row.user_id != mine:
        raise _Refusal(Ground.OTHER_USER, user)
    if not hold(session, user.id):
        raise _Refusal(Ground.LOCKED, user)
    if not factor_counts(identity, policy()):
        raise _Refusal(Ground.FACTOR, user)
    at = fresh_since(identity.authenticated_at, life=policy().proof, now=now)
    if at is None:
        raise _Refusal(Ground.NOT_FRESH, user)
    opened = step_up(session, user, browser, method="sso", proved_at=at, now=now)
    return Arrival(opened, signed_in=True)


def fresh_since(at: datetime | None, *, life: timedelta, now: datetime) -> datetime | None:
    """When the person proved who they are, or None when that is unknown or too long ago.

    A provider whose clock is a little ahead is believed, for no longer than our own clock says.
    """
    if at is None or now - at > life or at - now > timedelta(seconds=LEEWAY):
        return None
    return min(at, now)


def factor_counts(identity: Identity, rules: Policy) -> bool:
    """True when the settings say what proves a second factor over there, and the token shows it."""
    if not _asks_factor(rules):
        return False
    methods = not rules.required_amr or bool(rules.required_amr & identity.methods)
    contexts = not rules.required_acr or bool(rules.required_acr & identity.contexts)
    return methods and contexts


def _asks_factor(rules: Policy) -> bool:
    return bool(rules.required_amr or rules.required_acr)


def may_prove(user_id: uuid.UUID) -> bool:
    """True when this person can prove themselves over there."""
    if not can_prove():
        return False
    with reading() as session:
        return linked_to(session, user_id, provider().issuer) is not None


__all__ = [
    "Arrival", "Journey", "can_prove", "factor_counts", "finish", "fresh_since", "is_configured",
    "may_prove", "start",
]  # fmt: skip
