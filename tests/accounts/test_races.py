"""Two people at the same instant: exactly one of them wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from supplier.accounts import access, actions, attempts, signin
from supplier.accounts.models import Mandate, User, WebSession
from supplier.accounts.people import Browser
from supplier.accounts.permissions import Role
from supplier.accounts.recovery import renew_codes
from supplier.accounts.sessions import begin
from supplier.kernel.audit import SYSTEM
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import DomainError, LimitError, NotFoundError
from tests.accounts.ready import NOWHERE, token_of, with_password, with_totp
from tests.make import Maker, actor


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Run acts in threads that start together; gives results, or the domain's refusals."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait()
            try:
                results[place] = act()
            except DomainError as error:
                results[place] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def refusals(results: list[Any], kind: type[DomainError]) -> int:
    return sum(isinstance(result, kind) for result in results)


def half_open(user: User, clock: FixedClock) -> Browser:
    with transaction() as session:
        _, row = begin(session, now=clock.at, pending_user_id=user.id, method="password")
    return Browser(row, "client", "Tests")


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


def test_two_approvals_of_one_role_count_once(app: Flask, make: Maker, clock: FixedClock) -> None:
    hugo, ines, jean = (make.staff(name, Role.ADMINISTRATOR) for name in ("Hugo", "Inès", "Jean"))
    emile = make.user("Émile")
    scope = actions.grant_role(
        emile.id, role=Role.BANK_VALIDATOR, buyer_id=None, by=actor(hugo), now=clock.at
    )

    def act(user: User) -> Callable[[], Any]:
        return lambda: actions.approve_role(scope.id, by=actor(user), now=clock.at)

    assert refusals(at_once(app, act(ines), act(jean)), DomainError) == 1
