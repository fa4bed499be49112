"""Guessing costs the guesser the same and tells them nothing; what it leaves behind is swept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts import access, actions, attempts, factors, hashing, signin
from supplier.accounts.models import Attempt, Passkey, User, WebSession
from supplier.accounts.permissions import Role
from supplier.accounts.policy import policy, use_policy
from supplier.adapters.queue import Job
from supplier.kernel.audit import SYSTEM
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import DomainError, LimitError, NotFoundError
from supplier.web import housekeeping
from tests.accounts.ready import NOWHERE, PASSWORD, events, with_password, with_totp
from tests.make import Maker, actor


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords were compared with."""
    seen: list[str] = []
    original = PasswordHasher.verify

    def verify(self: PasswordHasher, known: str, password: str) -> bool:
        seen.append(known)
        return original(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    return seen


def test_one_comparison_is_done_whoever_is_asked_for(
    app: Flask, make: Maker, comparisons: list[str]
) -> None:
    known = with_password(make.user("Denise Achats", email="known@kerlan.example"))
    make.user("Sans Passe", email="empty@kerlan.example")
    locked = with_password(make.user("Fermé", email="locked@kerlan.example"))
    actions.lock(locked.id, reason="départ", by=SYSTEM, now=make.clock.at)
    for email in (
        known.email, "empty@kerlan.example", locked.email, "nobody@kerlan.example", "no address",
    ):  # fmt: skip
        comparisons.clear()
        with pytest.raises(DomainError):
            signin.sign_in_with_password(
                email, "wrong wrong wrong", browser=NOWHERE, now=make.clock.at
            )
        assert len(comparisons) == 1, email
    # Whoever is locked is told nothing by the time that their own hash would take.
    comparisons.clear()
    with pytest.raises(DomainError):
        signin.sign_in_with_password(locked.email, PASSWORD, browser=NOWHERE, now=make.clock.at)
    assert comparisons != [hash_of(locked)]
    assert len(comparisons) == 1


def test_a_limit_that_is_reached_costs_the_same_comparison(
    app: Flask, make: Maker, comparisons: list[str]
) -> None:
    for _ in range(5):
        with pytest.raises(DomainError):
            signin.sign_in_with_password("a@b.example", "x", browser=NOWHERE, now=make.clock.at)
    comparisons.clear()
    with pytest.raises(LimitError):
        signin.sign_in_with_password("a@b.example", "x", browser=NOWHERE, now=make.clock.at)
    assert len(comparisons) == 1


def test_one_client_guesses_thirty_passwords_of_thirty_people(app: Flask, make: Maker) -> None:
    """Password spraying: each address is tried once, so only the client's limit ends it."""

    def try_one(number: int, browser: Any = NOWHERE) -> None:
        signin.sign_in_with_password(
            f"p{number}@kerlan.example", "Printemps2026!", browser=browser, now=make.clock.at
        )

    for number in range(30):
        with pytest.raises(DomainError) as refused:
            try_one(number)
        assert not isinstance(refused.value, LimitError)
    with pytest.raises(LimitError):
        try_one(30)
    with pytest.raises(DomainError) as refused:
        try_one(31, replace(NOWHERE, address_hash="another client"))
    assert not isinstance(refused.value, LimitError)


def test_a_sign_in_makes_a_cheap_hash_anew(app: Flask, make: Maker) -> None:
    denise = with_password(make.user("Denise Achats", email="denise@kerlan.example"))
    cheap, kept = hash_of(denise), policy()
    use_policy(replace(kept, argon2_memory_kib=kept.argon2_memory_kib * 2))
    try:
        assert hashing.is_outdated(cheap)
        signin.sign_in_with_password(denise.email, PASSWORD, browser=NOWHERE, now=make.clock.at)
        assert not hashing.is_outdated(hash_of(denise))
        assert hashing.is_password(PASSWORD, of=hash_of(denise))
    finally:
        use_policy(kept)


def hash_of(user: User) -> str:
    with reading() as session:
        found = session.get_one(User, user.id).password_hash
    assert found is not None
    return found


def test_a_session_writes_when_it_was_seen_once_a_minute(
    make: Maker, browse: Callable[[Any], FlaskClient], clock: FixedClock
) -> None:
    denise = make.staff("Denise Achats", Role.PURCHASING)
    client, first = browse(denise.id), clock.at
    client.get("/account")  # writes the session: its forms have a token from here on
    for seconds, seen in ((30, first), (59, first), (61, first + timedelta(seconds=61))):
        clock.at = first + timedelta(seconds=seconds)
        assert client.get("/account").status_code == 200
        with reading() as session:
            row = session.scalars(select(WebSession).where(WebSession.user_id == denise.id)).one()
        assert row.seen_at == seen


def test_what_nobody_can_use_any_more_is_swept_and_nothing_else(app: Flask, make: Maker) -> None:
    now = make.clock.at
    asleep, awake = make.user("Endormi"), make.user("Éveillé")
    make.clock.at = now - timedelta(hours=12)
    make.session_token(asleep.id)
    make.clock.at = now
    make.session_token(awake.id)
    with transaction() as session:
        for age in (timedelta(days=2), timedelta(hours=23)):
            session.add(Attempt(id=new_id(), key=f"password-address:{age}", at=now - age))
    swept = housekeeping.sweep(now)
    assert (swept["sessions"], swept["attempts"], swept["jobs"]) == (1, 1, 0)
    with reading() as session:
        assert [row.user_id for row in session.scalars(select(WebSession))] == [awake.id]
        assert [now - row.at for row in session.scalars(select(Attempt))] == [timedelta(hours=23)]
    with transaction() as session:
        for job in session.scalars(select(Job)):
            job.state, job.done_at = "done", now - timedelta(days=31)
        number = len(session.scalars(select(Job)).all())
    assert housekeeping.sweep(now)["jobs"] == number


def test_a_limit_counts_its_own_time_only(app: Flask, make: Maker) -> None:
    for _ in range(5):
        attempts.count({"code-user": "x"}, now=make.clock.at)
    with pytest.raises(LimitError) as reached:
        attempts.count({"code-user": "x"}, now=make.clock.at)
    assert 0 < reached.value.retry_after <= 15 * 60 + 1
    attempts.count({"code-user": "x"}, now=make.clock.at + timedelta(minutes=16))


def refuse_a_code(make: Maker, user: User) -> None:
    opened = signin.sign_in_with_password(user.email, PASSWORD, browser=NOWHERE, now=make.clock.at)
    right = pyotp.TOTP(pyotp.random_base32())  # of another secret
    with pytest.raises(DomainError):
        signin.sign_in_with_code(
            right.at(make.clock.at), browser=replace(NOWHERE, session=opened.row),
            now=make.clock.at,
        )  # fmt: skip


def open_a_dead_link(make: Maker, _user: User) -> None:
    with pytest.raises(NotFoundError):
        access.open_link("no such token", browser=NOWHERE, now=make.clock.at)


def end_the_sessions(make: Maker, user: User) -> None:
    make.session_token(user.id)
    assert actions.end_all_sessions(user.id, by=actor(user), now=make.clock.at) == 1


def remove_the_generator(make: Maker, user: User) -> None:
    with transaction() as session:
        session.add(
            Passkey(
                id=new_id(), user_id=user.id, credential_id=b"k", public_key=b"p", sign_count=0,
                transports=[], name="Clé", created_at=make.clock.at,
            )
        )  # fmt: skip
    token = make.session_token(user.id)
    with reading() as session:
        row = session.scalars(select(WebSession).where(WebSession.user_id == user.id)).one()
    assert token
    factors.remove_totp(user.id, browser=replace(NOWHERE, session=row), now=make.clock.at)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (refuse_a_code, "code_refused"),
        (open_a_dead_link, "invitation_refused"),
        (end_the_sessions, "sessions_ended"),
        (remove_the_generator, "factor_removed"),
    ],
)
def test_each_act_leaves_its_event(
    app: Flask, make: Maker, act: Callable[[Maker, User], None], kind: str
) -> None:
    denise = with_password(make.staff("Denise Achats", Role.PURCHASING))
    with_totp(denise, make.clock.at)
    assert kind not in events()
    act(make, denise)
    assert events().count(kind) == 1
