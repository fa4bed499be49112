"""Links by mail: asked for, opened, spent once, dead afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts import actions
from supplier.accounts.models import Invitation, Mandate, User, WebSession
from supplier.accounts.permissions import Role
from supplier.accounts.policy import policy, policy_of, use_policy
from supplier.adapters.queue import Job
from supplier.kernel.audit import SYSTEM
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from tests.accounts.ready import PASSWORD, events, mails, token_of, with_password, with_totp
from tests.make import Maker, actor
from tests.web.posting import post

Browse = Callable[[UUID], FlaskClient]
NEW = "cinq galets blancs sous la pluie"


def invite(make: Maker, supplier=None):  # type: ignore[no-untyped-def]
    """A contact of Alpha, invited: the contact and the token of their mail."""
    contact = make.contact(supplier or make.supplier())
    actions.invite_supplier(contact.id, by=SYSTEM, now=make.clock.at)
    return contact, token_of("invitation_supplier")


def test_opening_the_page_of_a_link_spends_nothing(client: FlaskClient, make: Maker) -> None:
    _, token = invite(make)
    for _ in range(3):
        assert client.get(f"/link/{token}").status_code == 200
    assert post(client, f"/link/{token}").status_code == 303


def test_an_invitation_makes_the_account_and_the_mandate(client: FlaskClient, make: Maker) -> None:
    contact, token = invite(make)
    assert post(client, f"/link/{token}").location == "/"
    with reading() as session:
        acting = session.scalars(select(WebSession.acting_supplier_id)).all()
        assert contact.supplier_id in acting
        user = session.scalars(select(User).where(User.email == contact.email)).one()
        mandate = session.scalars(select(Mandate).where(Mandate.user_id == user.id)).one()
    assert (user.kind, user.name, mandate.supplier_id) == (
        "supplier", contact.name, contact.supplier_id,
    )  # fmt: skip
    assert client.get("/account").status_code == 200
    assert {"mandate_given", "invitation_used", "signed_in"} <= set(events())


def test_a_spent_link_is_dead_in_every_browser(
    app: Flask, client: FlaskClient, make: Maker
) -> None:
    _, token = invite(make)
    page = client.get(f"/link/{token}")
    assert page.status_code == 200
    post(client, f"/link/{token}")
    other = app.test_client()
    assert other.get(f"/link/{token}").status_code == 404
    assert post(other, f"/link/{token}", page="/link").status_code == 404


def test_a_link_dies_with_its_time(client: FlaskClient, make: Maker, clock: FixedClock) -> None:
    alice = make.supplier_user(make.supplier())
    post(client, "/link", {"email": alice.email})
    sign_in = token_of("sign_in_link")
    _, invitation = invite(make)
    clock.at += timedelta(minutes=15)
    assert client.get(f"/link/{sign_in}").status_code == 404
    clock.at += timedelta(days=13)
    assert client.get(f"/link/{invitation}").status_code == 200
    clock.at += timedelta(days=1)
    assert client.get(f"/link/{invitation}").status_code == 404


def test_only_the_latest_invitation_works(client: FlaskClient, make: Maker) -> None:
    contact, first = invite(make)
    actions.invite_supplier(contact.id, by=SYSTEM, now=make.clock.at + timedelta(minutes=1))
    assert client.get(f"/link/{first}").status_code == 404
    assert client.get(f"/link/{token_of('invitation_supplier')}").status_code == 200


def test_an_accountant_invited_twice_keeps_one_account(client: FlaskClient, make: Maker) -> None:
    address = "compta@cabinet.example"
    for name in ("Alpha", "Beta"):
        contact = make.contact(make.supplier(name), email=address)
        actions.invite_supplier(contact.id, by=SYSTEM, now=make.clock.at)
        make.clock.at += timedelta(seconds=1)
        assert post(client, f"/link/{token_of('invitation_supplier')}").status_code == 303
    with reading() as session:
        user = session.scalars(select(User).where(User.email == address)).one()
        assert len(session.scalars(select(Mandate).where(Mandate.user_id == user.id)).all()) == 2


def test_the_answer_is_the_same_for_every_address(client: FlaskClient, make: Maker) -> None:
    alice = make.supplier_user(make.supplier())
    denise = make.staff("Denise Achats", Role.PURCHASING)
    seen = set()
    for email in (alice.email, "nobody@alpha.example", denise.email):
        answer = post(client, "/link", {"email": email})
        seen.add((answer.status_code, answer.location, len(answer.data)))
    assert len(seen) == 1
    assert [mail["address"] for mail in mails()] == [alice.email]


def test_an_old_invitation_can_be_asked_for_again_by_its_owner(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    contact, _ = invite(make)
    clock.at += timedelta(days=60)
    post(client, "/link", {"email": contact.email.upper()})
    assert post(client, f"/link/{token_of('sign_in_link')}").status_code == 303
    assert client.get("/account").status_code == 200


def test_a_contact_who_left_or_moved_cannot_come_in(client: FlaskClient, make: Maker) -> None:
    contact, token = invite(make)
    with transaction() as session:
        session.merge(contact).email = "someone-else@alpha.example"
    assert post(client, f"/link/{token}").status_code == 404
    with reading() as session:
        row = session.scalars(select(Invitation)).one()
    assert row.used_at is None


def test_the_token_is_nowhere_in_clear(client: FlaskClient, make: Maker) -> None:
    _, token = invite(make)
    with reading() as session:
        jobs = session.scalars(select(Job)).all()
        rows = session.scalars(select(Invitation)).all()
    assert all(token not in str(job.payload) for job in jobs)
    assert all(token not in str(vars(row)) for row in rows)


def test_asking_too_often_waits_and_says_so(client: FlaskClient, make: Maker) -> None:
    for email in ("alice@alpha.example", "nobody@alpha.example"):
        for _ in range(4):
            assert post(client, "/link", {"email": email}).status_code == 303
        assert post(client, "/link", {"email": email}).status_code == 429


def test_guessing_tokens_is_limited(client: FlaskClient, make: Maker) -> None:
    answers = [client.get(f"/link/guess-{number}").status_code for number in range(25)]
    assert answers[:20] == [404] * 20
    assert set(answers[20:]) == {429}
    _, token = invite(make)
    assert client.get(f"/link/{token}").status_code == 200


def test_a_fresh_link_is_a_fresh_proof_and_an_old_one_is_not(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    for wait, proved in ((timedelta(minutes=5), True), (timedelta(days=5), False)):
        contact, token = invite(make)
        clock.at += wait
        client = app.test_client()
        post(client, f"/link/{token}")
        with reading() as session:
            user = session.scalars(select(User).where(User.email == contact.email)).one()
            row = session.scalars(select(WebSession).where(WebSession.user_id == user.id)).one()
        assert (row.proved_at is not None) is proved


def test_staff_never_come_in_by_a_link_alone(client: FlaskClient, make: Maker) -> None:
    denise = make.staff("Denise Achats", Role.PURCHASING)
    contact = make.contact(make.supplier(), email="later@kerlan.example")
    actions.invite_supplier(contact.id, by=SYSTEM, now=make.clock.at)
    with transaction() as session:
        session.merge(denise).email = "later@kerlan.example"
    assert post(client, f"/link/{token_of('invitation_supplier')}").status_code == 404


def test_a_supplier_proves_again_by_mail_and_comes_back(
    browse: Browse, make: Maker, clock: FixedClock
) -> None:
    alice = make.supplier_user(make.supplier())
    client = browse(alice.id)
    clock.at += timedelta(minutes=6)
    sent = client.get("/account/password")
    assert sent.location == "/prove?next=/account/password"
    client.get(sent.location)
    assert post(client, "/prove/link", page="/account").location == "/mail-sent"
    answer = post(client, f"/link/{token_of('sign_in_link')}")
    assert answer.location == "/account/password"
    assert client.get("/account/password").status_code == 200


@pytest.mark.parametrize(
    ("mode", "url", "address", "shown"),
    [
        ("demo", "http://localhost:5000", "127.0.0.1", True),
        ("demo", "http://localhost:5000", "192.0.2.7", False),
        ("demo", "https://vigie.example", "127.0.0.1", False),
        ("development", "http://localhost:5000", "127.0.0.1", False),
        ("production", "https://vigie.example", "127.0.0.1", False),
    ],
)
def test_only_the_demo_on_its_own_machine_shows_the_link_of_a_mail(
    app: Flask, browse: Browse, make: Maker, mode: str, url: str, address: str, shown: bool
) -> None:
    alice = make.supplier_user(make.supplier())
    client = browse(alice.id)
    client.get("/prove?next=/account/password")
    settings = replace(app.extensions["vigie_settings"], mode=mode, public_url=url)
    use_policy(replace(policy(), demo=policy_of(settings).demo))
    answer = post(
        client, "/prove/link", page="/account", environ_overrides={"REMOTE_ADDR": address}
    )
    use_policy(replace(policy(), demo=False))
    found = re.search(r'href="(/link/[^"]+)"', answer.get_data(as_text=True))
    assert (found is not None) is shown
    if found is not None:
        assert post(client, found[1]).location == "/account/password"


def test_a_member_of_staff_enrols_from_the_invitation(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    hugo = make.staff("Hugo Admin", Role.ADMINISTRATOR)
    user = actions.invite_staff(
        "ines@kerlan.example", name="Inès Neuve", language="fr", by=actor(hugo), now=clock.at
    )
    link = f"/link/{token_of('invitation_staff')}"
    weak = post(client, link, {"password": "azertyuiop123", "again": "azertyuiop123"})
    assert weak.status_code == 422
    assert post(client, link, {"password": NEW, "again": NEW + "x"}).status_code == 422
    assert post(client, link, {"password": NEW, "again": NEW}).location == "/enrol"
    assert client.get("/account").status_code == 302
    drawing = client.get("/enrol/qr.svg")
    assert drawing.content_type.startswith("image/svg+xml")
    assert b"style=" not in drawing.data
    code = code_on(client, "/enrol", clock)
    assert post(client, "/enrol", {"code": "123456" if code != "123456" else "654321"}
    ).status_code == 422  # fmt: skip
    assert post(client, "/enrol", {"code": code}).location == "/account/codes"
    shown = post(client, "/account/codes").get_data(as_text=True)
    assert shown.count("<li>") >= 10
    assert "factor_added" in events(user.id)
    assert client.get(link).status_code == 404


def code_on(client: FlaskClient, page: str, clock: FixedClock) -> str:
    """The code that an application shows after the key on a page was typed into it."""
    import re

    import pyotp

    found = re.search(
        r'<p class="v-mono">([A-Z2-7 ]+)</p>', client.get(page).get_data(as_text=True)
    )
    assert found is not None
    return pyotp.TOTP(found.group(1).replace(" ", "")).at(clock.at)


def test_an_enrolment_left_alone_needs_a_new_invitation(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    hugo = make.staff("Hugo Admin", Role.ADMINISTRATOR)
    user = actions.invite_staff(
        "ines@kerlan.example", name="Inès Neuve", language="fr", by=actor(hugo), now=clock.at
    )
    post(client, f"/link/{token_of('invitation_staff')}", {"password": NEW, "again": NEW})
    clock.at += timedelta(minutes=31)
    assert client.get("/enrol").status_code == 302
    actions.resend_invitation(user.id, by=actor(hugo), now=clock.at)
    link = f"/link/{token_of('invitation_staff')}"
    assert post(client, link, {"password": NEW, "again": NEW}).location == "/enrol"


def test_a_password_reset_does_not_pass_the_second_factor(
    client: FlaskClient, browse: Browse, make: Maker, clock: FixedClock
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    generator = with_totp(hugo, clock.at)
    elsewhere = browse(hugo.id)
    post(client, "/forgot-password", {"email": hugo.email})
    link = f"/link/{token_of('password_reset')}"
    assert post(client, link, {"password": NEW, "again": NEW}).location == "/sign-in"
    assert client.get("/account").status_code == 302
    assert elsewhere.get("/account").status_code == 302
    assert post(client, "/sign-in", {"email": hugo.email, "password": PASSWORD}).status_code == 422
    assert (
        post(client, "/sign-in", {"email": hugo.email, "password": NEW}).location == "/sign-in/code"
    )
    assert post(client, "/sign-in/code", {"code": generator.at(clock.at)}).location == "/"
    assert "credential_changed" in [mail["kind"] for mail in mails()]


def test_a_reset_mail_says_nothing_about_the_address(client: FlaskClient, make: Maker) -> None:
    known = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    answers = {
        (answer.status_code, answer.location, len(answer.data))
        for answer in (
            post(client, "/forgot-password", {"email": email})
            for email in (known.email, "nobody@kerlan.example")
        )
    }
    assert len(answers) == 1
    assert [mail["kind"] for mail in mails()] == ["password_reset"]


def test_a_lost_factor_comes_back_by_administrator_link_and_password(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    hugo = make.staff("Hugo Admin", Role.ADMINISTRATOR)
    denise = with_password(make.staff("Denise Achats", Role.PURCHASING))
    with_totp(denise, clock.at)
    actions.reset_factors(denise.id, check="Vue au bureau", by=actor(hugo), now=clock.at)
    link = f"/link/{token_of('factor_reset')}"
    assert post(client, link, {"password": "wrong wrong wrong"}).status_code == 422
    assert post(client, link, {"password": PASSWORD}).location == "/enrol"
    assert post(client, "/enrol", {"code": code_on(client, "/enrol", clock)}).status_code == 303
    assert client.get("/account").status_code == 200
    assert client.get(link).status_code == 404


def test_a_link_of_one_purpose_is_refused_for_another(
    client: FlaskClient, make: Maker, clock: FixedClock
) -> None:
    hugo = with_password(make.staff("Hugo Admin", Role.ADMINISTRATOR))
    post(client, "/forgot-password", {"email": hugo.email})
    token = token_of("password_reset")
    with transaction() as session:
        session.scalars(select(Invitation)).one().kind = "unknown"
    assert post(client, f"/link/{token}", {"password": NEW, "again": NEW}, page="/link"
    ).status_code == 404  # fmt: skip
    assert client.get("/account").status_code == 302


def test_in_the_demo_a_printed_link_opens_staff_accounts_too(
    client: FlaskClient, make: Maker
) -> None:
    denise = make.staff("Denise Achats", Role.PURCHASING)
    use_policy(replace(policy(), demo=True))
    link = f"/link/{actions.make_demo_link(denise.id, now=make.clock.at)}"
    assert post(client, link).status_code == 303
    assert client.get("/account").status_code == 200
    use_policy(replace(policy(), demo=False))
