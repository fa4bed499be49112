"""Signing in with a real Chromium: passkeys of a virtual device, and pages without script."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from supplier.accounts import actions
from supplier.accounts.permissions import Role
from supplier.accounts.policy import policy, use_policy
from supplier.adapters import identity
from supplier.kernel.audit import SYSTEM
from supplier.kernel.clock import FixedClock
from tests.accounts.provider import LocalProvider, running, settings_of
from tests.accounts.ready import PASSWORD, events, token_of
from tests.make import Maker, actor
from tests.web.test_scripts import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The application on a port of its own; passkeys are bound to that address."""
    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://localhost:{server.server_port}"
    kept = policy()
    use_policy(replace(kept, origin=address))
    yield address
    use_policy(kept)
    server.shutdown()
    thread.join()


def with_device(context: Any) -> Any:
    """A page whose machine holds passkeys and verifies its owner."""
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    return page


def test_a_passkey_enrols_signs_in_and_proves(
    site: str, chromium: Any, make: Maker, clock: FixedClock
) -> None:
    hugo = make.staff("Hugo Admin", Role.ADMINISTRATOR)
    ines = actions.invite_staff(
        "ines@kerlan.example", name="Inès Neuve", language="fr", by=actor(hugo), now=clock.at
    )
    page = with_device(chromium.new_context(locale="fr-FR"))
    page.goto(f"{site}/link/{token_of('invitation_staff')}")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/enrol")
    page.click("[data-passkey=create] button")
    page.wait_for_url("**/account/codes")
    page.click("main button[type=submit]")
    assert page.locator("main ol li").count() == 10
    page.goto(f"{site}/account")
    page.locator("form[action='/sign-out'] button").first.click()
    page.goto(f"{site}/sign-in")
    page.click("[data-passkey=get] button")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/prove?next=/account/password")
    page.click("[data-passkey=get] button")
    page.wait_for_url(f"{site}/account/password")
    assert events(ines.id)[-2:] == ["signed_in", "stepped_up"]


def test_staff_come_in_and_prove_by_the_group(
    app: Flask, site: str, chromium: Any, make: Maker, clock: FixedClock
) -> None:
    """Out to another site and back, with real cookies and our own content policy."""
    hugo, kept = make.staff("Hugo Admin", Role.ADMINISTRATOR), identity.provider()
    with running(LocalProvider(clock)) as local:
        local.claims = {"email": hugo.email, "amr": ["mfa"]}
        identity.use_provider(replace(settings_of(local), public_url=site))
        use_policy(replace(policy(), required_amr=frozenset({"mfa"})))
        page = chromium.new_context(locale="fr-FR").new_page()
        page.goto(f"{site}/sign-in?next=/account/password")
        page.click("text=Me connecter avec mon compte du groupe")
        page.click("text=It is me")
        page.wait_for_url(f"{site}/prove?next=/account/password")
        page.click("text=Me reconnecter avec mon compte du groupe")
        page.click("text=It is me")
        page.wait_for_url(f"{site}/account/password")
        assert events(hugo.id) == ["sso_linked", "signed_in", "stepped_up"]
        local.claims["sub"] = "somebody else"
        page.goto(f"{site}/prove")
        page.click("text=Me reconnecter avec mon compte du groupe")
        page.click("text=It is me")
        page.wait_for_url(f"{site}/prove")
        assert "n’a pas confirmé que c’est bien vous" in page.inner_text("main")
    identity._Holder.provider = kept


def test_a_supplier_comes_in_without_script(site: str, chromium: Any, make: Maker) -> None:
    contact = make.contact(make.supplier())
    actions.invite_supplier(contact.id, by=SYSTEM, now=make.clock.at)
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{site}/link/{token_of('invitation_supplier')}")
    page.click("main button[type=submit]")
    assert page.goto(f"{site}/account").status == 200
    assert page.locator("h1").inner_text() == "Mon compte"


def test_the_pages_of_sign_in_have_no_serious_fault_for_readers(
    site: str, chromium: Any, make: Maker
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = chromium.new_context(locale="fr-FR").new_page()
    for path in ("/", "/sign-in", "/link", "/mail-sent", "/forgot-password", "/link/unknown"):
        page.goto(site + path)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
