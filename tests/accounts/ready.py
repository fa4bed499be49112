"""Accounts ready to be used: staff with password and code, links, jobs that wait."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import select

from supplier.accounts import totp
from supplier.accounts.hashing import hash_password
from supplier.accounts.mailing import TASK, open_token
from supplier.accounts.models import User
from supplier.accounts.people import Browser
from supplier.adapters.queue import Job
from supplier.kernel.audit import Event
from supplier.kernel.database import reading, transaction

PASSWORD = "quatre ombres vertes au large"
NOWHERE = Browser(None, "test-client", "Tests")


def with_password(user: User, password: str = PASSWORD) -> User:
    with transaction() as session:
        session.merge(user).password_hash = hash_password(password)
    return user


def with_totp(user: User, now: datetime) -> pyotp.TOTP:
    """A confirmed generator; the codes of this moment are not used yet."""
    secret = totp.new_secret()
    with transaction() as session:
        totp.keep_factor(session, user.id, secret, step=0, now=now)
    return pyotp.TOTP(secret)


def mails() -> list[dict[str, Any]]:
    """The payloads of the account mails that wait, the oldest first."""
    with reading() as session:
        jobs = session.scalars(select(Job).where(Job.task == TASK).order_by(Job.created_at))
        return [job.payload for job in jobs]


def token_of(kind: str) -> str:
    """The token inside the latest mail of a kind."""
    token = open_token([mail for mail in mails() if mail["kind"] == kind][-1])
    assert token is not None
    return token


def events(subject_id: uuid.UUID | None = None) -> list[str]:
    """The kinds of the events, of all or of one subject, in order."""
    query = select(Event.kind).order_by(Event.seq)
    if subject_id is not None:
        query = query.where(Event.subject_id == subject_id)
    with reading() as session:
        return list(session.scalars(query))
