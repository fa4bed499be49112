"""Passkeys, codes, passwords and sessions, as their owner uses and changes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import Passkey, RecoveryCode, TotpFactor, User, WebSession
from supplier.accounts.permissions import Role
from supplier.accounts.recovery import renew_codes
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from tests.accounts.ready import PASSWORD, events, mails, with_password, with_totp
from tests.accounts.software_key import UP, SoftwareKey
from tests.make import Maker
from tests.web.posting import post, post_json
from tests.web.test_signin_links import code_on

Browse = Callable[[UUID], FlaskClient]
NEW = "cinq galets blancs sous la pluie"


def add_key(client: FlaskClient, key: SoftwareKey, **how: Any) -> Any:
    page = "/account/passkeys/new"
    options = post_json(client, "/account/passkeys/options", page=page).get_json()
    import base64

    handle = options["user"]["id"]
    key.handle = base64.urlsafe_b64decode(handle + "=" * (-len(handle) % 4))
    return post_json(
        client, "/account/passkeys", {"credential": key.create(options, **how)}, page=page
    )


def options_of(client: FlaskClient, url: str = "/sign-in/passkey", page: str = "/sign-in") -> Any:
    return post_json(client, url + "/options", page=page).get_json()


def answer(
    client: FlaskClient, credential: Any, url: str = "/sign-in/passkey", page: str = "/sign-in"
) -> Any:
    return post_json(client, url, {"credential": credential}, page=page)


@pytest.fixture
def denise(make: Maker, clock: FixedClock) -> User:
    """Denise, with a password and a code generator."""
    user = with_password(make.staff("Denise Achats", Role.PURCHASING))
    with_totp(user, clock.at)
    return user


@pytest.fixture
def key(browse: Browse, denise: User) -> SoftwareKey:
    """Denise's passkey, registered."""
    key = SoftwareKey()
    assert add_key(browse(denise.id), key).get_json() == {"redirect": "/account"}
    return key


def test_a_passkey_signs_in_by_itself(client: FlaskClient, key: SoftwareKey, denise: User) -> None:
    options = options_of(client)
    assert options["userVerification"] == "required"
    assert options.get("allowCredentials", []) == []
    assert answer(client, key.get(options)).get_json() == {"redirect": "/"}
    assert client.get("/account").status_code == 200
    assert events(denise.id)[-1] == "signed_in"


def test_registration_demands_a_verified_person(browse: Browse, denise: User) -> None:
    client = browse(denise.id)
    assert add_key(client, SoftwareKey(), flags=UP).status_code == 422
    options = post_json(client, "/account/passkeys/options", page="/account/passkeys/new")
    chosen = options.get_json()["authenticatorSelection"]
    assert (chosen["userVerification"], chosen["residentKey"]) == ("required", "required")


def test_the_handle_is_neither_id_nor_address(browse: Browse, make: Maker) -> None:
    from supplier.accounts.access import new_user
    from supplier.accounts.links import Addressee
    from supplier.kernel.audit import ActorKind

    with transaction() as session:
        who = Addressee("z@z.example", "Z", "fr")
        user = new_user(session, who, kind=ActorKind.SUPPLIER, by_id=None, now=make.clock.at)
    assert len(user.webauthn_handle) == 32
    assert user.id.bytes not in user.webauthn_handle


def test_an_answer_without_verification_is_refused(client: FlaskClient, key: SoftwareKey) -> None:
    assert answer(client, key.get(options_of(client), flags=UP)).status_code == 422


def test_the_very_same_answer_serves_once(
    app: Flask, client: FlaskClient, key: SoftwareKey
) -> None:
    credential = key.get(options_of(client))
    assert answer(client, credential).status_code == 200
    assert answer(client, credential, page="/account").status_code == 422
    assert answer(app.test_client(), credential).status_code == 422


def test_a_failed_answer_burns_the_challenge(client: FlaskClient, key: SoftwareKey) -> None:
    options = options_of(client)
    assert answer(client, {"rawId": "x"}).status_code == 422
    assert answer(client, key.get(options)).status_code == 422


def test_a_challenge_ends_after_five_minutes(
    client: FlaskClient, key: SoftwareKey, clock: FixedClock
) -> None:
    options = options_of(client)
    clock.at += timedelta(minutes=5)
    assert answer(client, key.get(options)).status_code == 422


@pytest.mark.parametrize(
    "origin", ["https://localhost", "http://evil.example", "http://localhost:1"]
)
def test_another_origin_is_refused(client: FlaskClient, key: SoftwareKey, origin: str) -> None:
    assert answer(client, key.get(options_of(client), origin=origin)).status_code == 422


def test_a_counter_that_goes_back_is_a_copy(
    client: FlaskClient, browse: Browse, denise: User
) -> None:
    key = SoftwareKey(count=7)
    add_key(browse(denise.id), key)
    assert answer(client, key.get(options_of(client))).status_code == 200
    key.count = 3
    assert answer(client, key.get(options_of(client, page="/account")), page="/account"
    ).status_code == 422  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [{}, {"credential": None}, {"credential": []}, {"credential": {"rawId": 5}},
     {"credential": {"rawId": "%%", "response": 3}}, {"credential": {"id": "a", "rawId": "YQ"}}],
)  # fmt: skip
def test_broken_bodies_are_refused_and_never_crash(client: FlaskClient, body: Any) -> None:
    options_of(client)
    assert post_json(client, "/sign-in/passkey", body, page="/sign-in").status_code == 422


def test_a_locked_person_s_passkey_opens_nothing(
    client: FlaskClient, key: SoftwareKey, denise: User, clock: FixedClock
) -> None:
    with transaction() as session:
        session.merge(denise).locked_at = clock.at
    assert answer(client, key.get(options_of(client))).status_code == 422


def test_after_a_password_only_the_same_person_s_passkey_goes_on(
    client: FlaskClient, key: SoftwareKey, make: Maker
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    post(client, "/sign-in", {"email": hugo.email, "password": PASSWORD})
    credential = key.get(options_of(client, page="/sign-in"))
    assert answer(client, credential).status_code == 422
    assert client.get("/account").status_code == 302


def test_a_step_up_by_passkey_is_the_visitor_s_own(
    browse: Browse, key: SoftwareKey, denise: User, make: Maker, clock: FixedClock
) -> None:
    other = browse(make.staff("Hugo Admin", Role.ADMINISTRATOR).id)
    mine = browse(denise.id)
    clock.at += timedelta(minutes=6)
    for client, status in ((other, 422), (mine, 200)):
        credential = key.get(options_of(client, "/prove/passkey", "/prove"))
        assert answer(client, credential, "/prove/passkey", "/prove").status_code == status
    assert other.get("/account/password").status_code == 302
    assert mine.get("/account/password").status_code == 200


def test_a_sign_in_answer_proves_nothing(browse: Browse, key: SoftwareKey, denise: User) -> None:
    client = browse(denise.id)
    credential = key.get(options_of(client, "/sign-in/passkey", "/account"))
    assert answer(client, credential, "/prove/passkey", "/prove").status_code == 422


def test_a_changed_factor_ends_the_other_sessions_and_is_told(browse: Browse, denise: User) -> None:
    here, there = browse(denise.id), browse(denise.id)
    before = here.get_cookie("session")
    add_key(here, SoftwareKey())
    assert here.get_cookie("session") != before
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert [mail["kind"] for mail in mails()] == ["credential_changed"]


def test_staff_keep_one_second_factor(browse: Browse, key: SoftwareKey, denise: User) -> None:
    client = browse(denise.id)
    assert post(client, "/account/totp/remove", page="/account").status_code == 303
    with reading() as session:
        passkey = session.scalars(select(Passkey)).one()
    answer_ = post(client, f"/account/passkeys/{passkey.id}/remove", page="/account")
    assert answer_.status_code == 422
    with reading() as session:
        assert session.scalars(select(Passkey)).one().id == passkey.id


def test_nobody_removes_another_person_s_passkey(
    browse: Browse, key: SoftwareKey, make: Maker
) -> None:
    with reading() as session:
        passkey = session.scalars(select(Passkey)).one()
    client = browse(make.supplier_user(make.supplier()).id)
    assert post(client, f"/account/passkeys/{passkey.id}/remove", page="/account"
    ).status_code == 404  # fmt: skip


def test_a_code_opens_one_door_only(
    app: Flask, browse: Browse, make: Maker, clock: FixedClock
) -> None:
    user = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    generator = with_totp(user, clock.at)
    code = generator.at(clock.at)
    statuses = []
    for _ in range(2):
        client = app.test_client()
        post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
        statuses.append(post(client, "/sign-in/code", {"code": code}).status_code)
    assert statuses == [303, 422]
    prove = post(browse(user.id), "/prove", {"password": PASSWORD, "code": code})
    assert prove.status_code == 422


def test_the_previous_step_counts_and_older_ones_do_not(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    for back, status in ((30, 303), (60, 422), (-30, 422)):
        user = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
        generator = with_totp(user, clock.at)
        client = app.test_client()
        post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
        code = generator.at(clock.at - timedelta(seconds=back))
        assert post(client, "/sign-in/code", {"code": code}).status_code == status, back


def test_staff_prove_by_password_and_code_together(
    browse: Browse, make: Maker, clock: FixedClock
) -> None:
    user = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    generator = with_totp(user, clock.at)
    client = browse(user.id)
    clock.at += timedelta(minutes=6)
    right = generator.at(clock.at)
    for password, code in ((PASSWORD, "000000"), ("wrong wrong wrong", right), (PASSWORD, "")):
        answer_ = post(client, "/prove", {"password": password, "code": code})
        assert answer_.status_code == 422
    before = client.get_cookie("session")
    assert client.get("/account/password").location == "/prove?next=/account/password"
    client.get("/prove?next=/account/password")
    answer_ = post(client, "/prove", {"password": PASSWORD, "code": right})
    assert answer_.location == "/account/password"
    assert client.get_cookie("session") != before


def test_a_proof_lasts_five_minutes_whatever_is_done(
    browse: Browse, denise: User, clock: FixedClock
) -> None:
    client = browse(denise.id)
    for _ in range(5):
        clock.at += timedelta(minutes=1)
        assert client.get("/account/password").status_code == 200
    clock.at += timedelta(seconds=1)
    assert client.get("/account/password").status_code == 302


def test_a_recovery_code_opens_once_and_is_told(app: Flask, denise: User) -> None:
    with transaction() as session:
        code = renew_codes(session, denise.id)[0]
    statuses = []
    for typed in (code.lower().replace("-", " "), code):
        client = app.test_client()
        post(client, "/sign-in", {"email": denise.email, "password": PASSWORD})
        statuses.append(post(client, "/sign-in/code", {"code": typed}).status_code)
    assert statuses == [303, 422]
    assert "recovery_used" in events(denise.id)
    assert "credential_changed" in [mail["kind"] for mail in mails()]


def test_recovery_codes_are_shown_once_and_kept_as_digests(browse: Browse, denise: User) -> None:
    import re

    client = browse(denise.id)
    shown = re.findall(
        r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", post(client, "/account/codes").get_data(as_text=True)
    )
    assert len(set(shown)) == 10
    page = client.get("/account/codes").get_data(as_text=True)
    assert not any(code in page for code in shown)
    with reading() as session:
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(kept) == 10
    assert not {code.replace("-", "") for code in shown} & set(kept)


def test_a_new_application_replaces_the_old_one_only_when_its_code_is_right(
    browse: Browse, denise: User, clock: FixedClock
) -> None:
    client = browse(denise.id)
    with reading() as session:
        old = session.scalars(select(TotpFactor.secret)).one()
    code = code_on(client, "/account/totp", clock)
    wrong = "000000" if code != "000000" else "111111"
    assert post(client, "/account/totp", {"code": wrong}).status_code == 422
    with reading() as session:
        assert session.scalars(select(TotpFactor.secret)).one() == old
    assert post(client, "/account/totp", {"code": code}).status_code == 303
    with reading() as session:
        row = session.scalars(select(TotpFactor)).one()
    assert row.secret != old
    assert row.last_step == int(clock.at.timestamp()) // 30


def test_a_new_password_ends_the_other_sessions(browse: Browse, denise: User) -> None:
    here, there = browse(denise.id), browse(denise.id)
    answer_ = post(here, "/account/password", {"password": NEW, "again": NEW})
    assert answer_.status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert "password_changed" in events(denise.id)


def test_my_sessions_can_be_ended_one_by_one_and_only_mine(
    browse: Browse, denise: User, make: Maker
) -> None:
    here, there = browse(denise.id), browse(denise.id)
    stranger = browse(make.supplier_user(make.supplier()).id)
    cookie = there.get_cookie("session")
    assert cookie is not None
    from supplier.kernel.crypto import token_hash

    handle = {"handle": token_hash(cookie.value)[:24]}
    post(stranger, "/account/sessions/end", handle, page="/account")
    assert there.get("/account").status_code == 200
    post(here, "/account/sessions/end", handle, page="/account")
    assert there.get("/account").status_code == 302
    assert here.get("/account").status_code == 200


def test_a_session_sleeps_half_an_hour_and_lives_ten_hours(
    browse: Browse, denise: User, clock: FixedClock
) -> None:
    client = browse(denise.id)
    clock.at += timedelta(minutes=31)
    assert client.get("/account").status_code == 302
    client, start = browse(denise.id), clock.at
    while clock.at - start < timedelta(hours=9, minutes=50):
        clock.at += timedelta(minutes=25)
        assert client.get("/account").status_code == 200, clock.at - start
    clock.at = start + timedelta(hours=10, minutes=1)
    assert client.get("/account").status_code == 302


def test_a_proof_does_not_lengthen_a_session(
    browse: Browse, make: Maker, clock: FixedClock
) -> None:
    alice = with_password(make.supplier_user(make.supplier()))
    client = browse(alice.id)
    born = clock.at
    clock.at += timedelta(minutes=20)
    post(client, "/prove", {"password": PASSWORD}, page="/account")
    with reading() as session:
        assert session.scalars(select(WebSession.created_at)).all() == [born]


def test_the_account_page_asks_few_questions(app: Flask, browse: Browse, denise: User) -> None:
    from sqlalchemy import event

    from supplier.kernel.database import db

    client, statements = browse(denise.id), []
    client.get("/account")

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    client.get("/account")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len([text for text in statements if not text.startswith(("BEGIN", "PRAGMA"))]) <= 12
