"""What a session waits to be answered: kept on its row, for one purpose, used once."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supplier.accounts.models import WebSession


class Purpose(StrEnum):
    """What a challenge is for; an answer to one purpose never serves another."""

    SIGN_IN = "sign_in"
    PROVE = "prove"
    REGISTER = "register"
    SSO_SIGN_IN = "sso_sign_in"
    SSO_PROVE = "sso_prove"


#: A device answers at once; at the group's provider a person types, waits and confirms.
LIFE = {
    Purpose.SIGN_IN: timedelta(minutes=5),
    Purpose.PROVE: timedelta(minutes=5),
    Purpose.REGISTER: timedelta(minutes=5),
    Purpose.SSO_SIGN_IN: timedelta(minutes=10),
    Purpose.SSO_PROVE: timedelta(minutes=10),
}


def keep_challenge(
    session: Session, row: WebSession, value: bytes, *, purpose: Purpose, now: datetime
) -> None:
    """Keep what must be answered; a newer one takes the place of the older."""
    session.execute(
        update(WebSession)
        .where(WebSession.token_hash == row.token_hash)
        .values(
            challenge=value, challenge_purpose=purpose.value,
            challenge_expires_at=now + LIFE[purpose],
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def take_challenge(
    session: Session, row: WebSession, *, purposes: frozenset[Purpose], now: datetime
) -> tuple[bytes, Purpose | None]:
    """The challenge of this session and its purpose, cleared before anything is verified.

    Gives nothing (empty, None) when there is none, somebody else took it, it is too old or for
    another purpose. Commit before verifying: a failed answer must not find it again.
    """
    mine = WebSession.token_hash == row.token_hash
    seen = session.execute(
        select(
            WebSession.challenge, WebSession.challenge_purpose, WebSession.challenge_expires_at
        ).where(mine)
    ).one_or_none()
    if seen is None or seen.challenge is None:
        return b"", None
    cleared = session.execute(
        update(WebSession)
        .where(mine, WebSession.challenge == seen.challenge)
        .values(challenge=None, challenge_purpose=None, challenge_expires_at=None)
        .execution_options(synchronize_session=False)
    )
    taken = getattr(cleared, "rowcount", 0) == 1
    if not taken or seen.challenge_expires_at <= now or seen.challenge_purpose not in purposes:
        return b"", None
    return bytes(seen.challenge), Purpose(seen.challenge_purpose)
