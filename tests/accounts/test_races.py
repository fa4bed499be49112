"""Two people at the same instant: exactly one of them wins."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from supplier.accounts import access, actions, attempts, factors, signin
from supplier.accounts.challenges import Purpose
from supplier.accounts.models import Mandate, Passkey, StaffScope, User, WebSession
from supplier.accounts.people import Browser
from supplier.accounts.permissions import Role
from supplier.accounts.recovery import renew_codes
from supplier.accounts.roles import has_administrator
from supplier.accounts.sessions import begin
from supplier.accounts.totp import new_secret
from supplier.kernel.audit import SYSTEM
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, LimitError, NotFoundError
from tests.accounts.ready import (
    NOWHERE,
    PASSWORD,
    events,
    token_of,
    with_password,
    with_totp,
)
from tests.accounts.software_key import SoftwareKey
from tests.make import Maker, actor
from tests.races import at_once


def refusals(results: list[Any], kind: type[DomainError]) -> int:
    return sum(isinstance(result, kind) for result in results)


def half_open(user: User, clock: FixedClock) -> Browser:
    with transaction() as session:
        _, row = begin(session, now=clock.at, pending_user_id=user.id, method="password")
    return Browser(row, "client", "Tests")


def signed_in(user: User, clock: FixedClock) -> Browser:
    with transaction() as session:
        _, row = begin(session, now=clock.at, user_id=user.id, method="test", proved_at=clock.at)
    return Browser(row, "client", "Tests")


def sessions_of(user: User) -> int:
    with reading() as session:
        rows = select(func.count()).where(
            (WebSession.user_id == user.id) | (WebSession.pending_user_id == user.id)
        )
        return session.scalar(rows) or 0


def test_two_posts_of_one_invitation_open_one_session(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    contact = make.contact(make.supplier())
    actions.invite_supplier(contact.id, by=SYSTEM, now=clock.at)
    token = token_of("invitation_supplier")

    def act() -> Any:
        return access.open_link(token, browser=NOWHERE, now=clock.at)

    results = at_once(app, *[act] * 4)
    assert refusals(results, NotFoundError) == 3
    with reading() as session:
        for table in (User, Mandate, WebSession):
            assert session.scalar(select(func.count()).select_from(table)) == 1, table


def test_two_requests_with_one_code_sign_in_once(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    code = with_totp(hugo, clock.at).at(clock.at)
    browsers = [half_open(hugo, clock) for _ in range(4)]

    def act(browser: Browser) -> Callable[[], Any]:
        return lambda: signin.sign_in_with_code(code, browser=browser, now=clock.at)

    results = at_once(app, *map(act, browsers))
    assert refusals(results, DomainError) == 3


def test_one_recovery_code_signs_in_once(app: Flask, make: Maker, clock: FixedClock) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    with_totp(hugo, clock.at)
    with transaction() as session:
        code = renew_codes(session, hugo.id)[0]
    browsers = [half_open(hugo, clock) for _ in range(3)]

    def act(browser: Browser) -> Callable[[], Any]:
        return lambda: signin.sign_in_with_code(code, browser=browser, now=clock.at)

    assert refusals(at_once(app, *map(act, browsers)), DomainError) == 2


def test_a_limit_holds_however_many_try_at_once(app: Flask, clock: FixedClock) -> None:
    def act() -> Any:
        return attempts.count({"code-user": "somebody"}, now=clock.at)

    results = at_once(app, *[act] * 12)
    assert 12 - refusals(results, LimitError) <= 5


def test_two_posts_of_one_staff_invitation_choose_one_password(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    hugo = make.staff("Hugo Admin", Role.ADMINISTRATOR)
    actions.invite_staff(
        "ines@kerlan.example", name="Inès Neuve", language="fr", by=actor(hugo), now=clock.at
    )
    token = token_of("invitation_staff")

    def act() -> Any:
        return access.accept_invitation(token, PASSWORD, browser=NOWHERE, now=clock.at)

    assert refusals(at_once(app, *[act] * 3), NotFoundError) == 2
    assert events().count("invitation_used") == 1


def test_two_posts_of_one_password_reset_count_once(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    access.ask_password_reset(hugo.email, browser=NOWHERE, now=clock.at)
    token = token_of("password_reset")

    def act() -> Any:
        return access.reset_password(token, f"{PASSWORD} et bleues", browser=NOWHERE, now=clock.at)

    assert refusals(at_once(app, *[act] * 3), NotFoundError) == 2
    assert events(hugo.id).count("password_changed") == 1


def test_one_person_who_opens_two_invitations_at_once_is_one_user(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    """An accountant of two suppliers, two tabs."""
    tokens = []
    for name in ("Alpha Menuiserie", "Bêta Toiture"):
        contact = make.contact(make.supplier(name), email="compta@cabinet.example")
        actions.invite_supplier(contact.id, by=SYSTEM, now=clock.at)
        tokens.append(token_of("invitation_supplier"))

    def act(token: str) -> Callable[[], Any]:
        return lambda: access.open_link(token, browser=NOWHERE, now=clock.at)

    results = at_once(app, *map(act, tokens))
    assert refusals(results, DomainError) == results.count(None) == 0
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1
        assert session.scalar(select(func.count()).select_from(Mandate)) == 2


def test_two_requests_with_one_code_prove_once(app: Flask, make: Maker, clock: FixedClock) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    code = with_totp(hugo, clock.at).at(clock.at)
    browsers = [signed_in(hugo, clock) for _ in range(3)]

    def act(browser: Browser) -> Callable[[], Any]:
        return lambda: signin.prove_with_password(
            hugo.id, PASSWORD, code, browser=browser, now=clock.at
        )

    assert refusals(at_once(app, *map(act, browsers)), DomainError) == 2


def test_two_requests_with_one_half_open_session_open_one(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    """A code of the telephone and a recovery code, both right: one session goes on, once."""
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    code = with_totp(hugo, clock.at).at(clock.at)
    with transaction() as session:
        recovery = renew_codes(session, hugo.id)[0]
    browser = half_open(hugo, clock)

    def act(typed: str) -> Callable[[], Any]:
        return lambda: signin.sign_in_with_code(typed, browser=browser, now=clock.at)

    assert refusals(at_once(app, act(code), act(recovery)), ConflictError) == 1
    assert sessions_of(hugo) == 1


@pytest.mark.parametrize("_again", range(4))
def test_one_answer_of_a_passkey_signs_in_once(
    app: Flask, make: Maker, clock: FixedClock, _again: int
) -> None:
    hugo, key = make.staff("Hugo Admin", Role.ADMINISTRATOR), SoftwareKey()
    inside = signed_in(hugo, clock)
    assert inside.session is not None
    options = json.loads(factors.ask_passkey_creation(hugo.id, inside.session, now=clock.at))
    factors.add_passkey(hugo.id, key.create(options), name="Clé", browser=inside, now=clock.at)
    key.handle = hugo.webauthn_handle
    with transaction() as session:
        _, row = begin(session, now=clock.at)
    asked = signin.ask_passkey(row, purpose=Purpose.SIGN_IN, user_id=None, now=clock.at)
    answer = key.get(json.loads(asked))

    def act() -> Any:
        browser = Browser(row, "client", "Tests")
        return signin.sign_in_with_passkey(answer, browser=browser, now=clock.at)

    assert refusals(at_once(app, *[act] * 8), DomainError) == 7


def test_one_enrolment_sent_twice_sets_up_one_factor(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    with transaction() as session:
        _, row = begin(session, now=clock.at, pending_user_id=hugo.id, method="enrol")
    secret = new_secret()
    code = pyotp.TOTP(secret).at(clock.at)

    def act() -> Any:
        browser = Browser(row, "client", "Tests")
        return factors.enrol_totp(secret, code, browser=browser, now=clock.at)

    assert refusals(at_once(app, *[act] * 3), DomainError) == 2
    assert sessions_of(hugo) == 1


def test_a_session_that_was_ended_is_not_renewed(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    """The request was let in, and the session ended while it was at work."""
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    code = with_totp(hugo, clock.at).at(clock.at)
    browser, half = signed_in(hugo, clock), half_open(hugo, clock)
    actions.end_all_sessions(hugo.id, by=SYSTEM, now=clock.at)
    with pytest.raises(ConflictError):
        signin.prove_with_password(hugo.id, PASSWORD, code, browser=browser, now=clock.at)
    with pytest.raises(ConflictError):
        signin.sign_in_with_code(code, browser=half, now=clock.at)
    assert sessions_of(hugo) == 0


@pytest.mark.parametrize("_again", range(4))
def test_a_session_that_is_renewed_while_all_end_does_not_live_on(
    app: Flask, make: Maker, clock: FixedClock, _again: int
) -> None:
    hugo = make.staff("Hugo Admin", Role.ADMINISTRATOR)
    browser = signed_in(hugo, clock)
    results = at_once(
        app,
        lambda: factors.make_recovery_codes(hugo.id, browser=browser, now=clock.at),
        lambda: actions.end_all_sessions(hugo.id, by=SYSTEM, now=clock.at),
    )
    assert not isinstance(results[1], DomainError)
    assert sessions_of(hugo) == 0


@pytest.mark.parametrize("_again", range(4))
def test_a_new_password_ends_a_session_that_is_renewed_at_that_instant(
    app: Flask, make: Maker, clock: FixedClock, _again: int
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    code = with_totp(hugo, clock.at).at(clock.at)
    owner, thief = signed_in(hugo, clock), signed_in(hugo, clock)
    new = f"{PASSWORD} et bleues"
    results = at_once(
        app,
        lambda: factors.change_password(hugo.id, new, browser=owner, now=clock.at),
        lambda: signin.prove_with_password(hugo.id, PASSWORD, code, browser=thief, now=clock.at),
    )
    kept = results[0]
    with reading() as session:
        rows = session.scalars(select(WebSession).where(WebSession.user_id == hugo.id)).all()
    assert [row.token_hash for row in rows] == [kept.row.token_hash]


@pytest.mark.parametrize("_again", range(4))
def test_a_lock_wins_over_a_sign_in_under_way(
    app: Flask, make: Maker, clock: FixedClock, _again: int
) -> None:
    make.staff("Inès Neuve", Role.ADMINISTRATOR)
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    code = with_totp(hugo, clock.at).at(clock.at)
    browser = half_open(hugo, clock)
    at_once(
        app,
        lambda: signin.sign_in_with_code(code, browser=browser, now=clock.at),
        lambda: actions.lock(hugo.id, reason="départ", by=SYSTEM, now=clock.at),
    )
    assert "locked" in events(hugo.id)
    assert sessions_of(hugo) == 0


@pytest.mark.parametrize("_again", range(4))
def test_two_removals_never_take_both_factors(
    app: Flask, make: Maker, clock: FixedClock, _again: int
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    with_totp(hugo, clock.at)
    with transaction() as session:
        key = Passkey(
            id=new_id(), user_id=hugo.id, credential_id=b"key", public_key=b"", transports=[],
            name="Clé", created_at=clock.at,
        )  # fmt: skip
        session.add(key)
    one, other = signed_in(hugo, clock), signed_in(hugo, clock)
    results = at_once(
        app,
        lambda: factors.remove_totp(hugo.id, browser=one, now=clock.at),
        lambda: factors.remove_passkey(hugo.id, key.id, browser=other, now=clock.at),
    )
    assert refusals(results, DomainError) == 1
    assert signin.has_second_factor(hugo.id)


@pytest.mark.parametrize("_again", range(4))
@pytest.mark.parametrize("act", ["end", "lock"])
def test_two_administrators_never_strip_each_other(
    app: Flask, make: Maker, clock: FixedClock, act: str, _again: int
) -> None:
    hugo, ines = (make.staff(name, Role.ADMINISTRATOR) for name in ("Hugo", "Inès"))
    with reading() as session:
        held = {row.user_id: row.id for row in session.scalars(select(StaffScope))}

    def strip(by: User, whom: User) -> Callable[[], Any]:
        if act == "lock":
            return lambda: actions.lock(whom.id, reason="conflit", by=actor(by), now=clock.at)
        return lambda: actions.end_role(held[whom.id], by=actor(by), now=clock.at)

    results = at_once(app, strip(hugo, ines), strip(ines, hugo))
    assert refusals(results, DomainError) == 1
    with reading() as session:
        assert has_administrator(session)


def test_two_approvals_of_one_role_count_once(app: Flask, make: Maker, clock: FixedClock) -> None:
    hugo, ines, jean = (make.staff(name, Role.ADMINISTRATOR) for name in ("Hugo", "Inès", "Jean"))
    emile = make.user("Émile")
    scope = actions.grant_role(
        emile.id, role=Role.BANK_VALIDATOR, buyer_id=None, by=actor(hugo), now=clock.at
    )

    def act(user: User) -> Callable[[], Any]:
        return lambda: actions.approve_role(scope.id, by=actor(user), now=clock.at)

    assert refusals(at_once(app, act(ines), act(jean)), DomainError) == 1
