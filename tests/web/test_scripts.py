"""The scripts in a real Chromium: files, refreshed pieces, keys, zones; and axe on the guide."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import webauthn
from flask import Flask, Response, render_template, render_template_string, request
from webauthn.helpers.structs import AuthenticatorSelectionCriteria, ResidentKeyRequirement
from werkzeug.serving import make_server

from supplier.web import assets
from supplier.web.plumbing import CSP
from tests.web import guide

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

DROP = """{% extends "shared/portal.html" %}{% import "shared/ui.html" as ui %}{% block main %}
<h1>Déposer</h1>{{ ui.dropzone('/drop', 'Déposez', 'PDF ou photo', max_bytes=1048576) }}
<section class="v-sheet"><h2>Vos fichiers</h2><div id="cards"></div></section>
<p data-follow="owed">Il manque {{ owed }} pièce</p>{% endblock %}
{% block scripts %}
<script type="module" src="{{ url_for('static', filename='js/follow.js') }}"></script>
{% endblock %}"""
CARD = """{% import "shared/ui.html" as ui %}{{ ui.paper_card('Extrait Kbis',
ui.chip('accepted' if looks > 1 else 'reading'), name, id='p-' ~ name,
refresh_url='' if looks > 1 else '/card/' ~ name) }}"""
REVIEW = """{% extends "shared/desk.html" %}{% import "shared/ui.html" as ui %}{% block main %}
<h1>Examen</h1><div class="v-review">
{% call ui.page_viewer('/static/icons/vigie.svg', 595, 842, zones, 'Page 1') %}{% endcall %}
<div>{{ ui.field_list(fields) }}{% call ui.form(none, action='/decide') %}
{{ ui.reasons('reason', [('too_old', 'Trop ancienne'), ('altered', 'Modifiée')], 'Raison') }}
{% call ui.decide() %}{{ ui.button('Accepter', kind='primary', key='A', name='act', value='yes') }}
{{ ui.button('Refuser', kind='refuse', key='R', name='act', value='no') }}{% endcall %}{% endcall %}
</div></div>{% endblock %}"""


PASSKEY = """{% extends "shared/auth.html" %}{% import "shared/ui.html" as ui %}{% block main %}
<h1>Clé d’accès</h1>{{ ui.passkey_button(kind, 'Clé', '/options/' ~ kind, '/finish/' ~ kind) }}
{% endblock %}"""


def serve_passkeys(app: Flask) -> None:
    """The two ends of a passkey, checked by the library that Vigie uses."""
    kept: dict[str, bytes] = {"challenge": b"c" * 32}

    def options(kind: str) -> Response:
        challenge = kept["challenge"]
        if kind == "create":
            made: Any = webauthn.generate_registration_options(
                rp_id="localhost",
                rp_name="Vigie",
                user_name="alice",
                challenge=challenge,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED
                ),
            )
        else:
            made = webauthn.generate_authentication_options(rp_id="localhost", challenge=challenge)
        return Response(webauthn.options_to_json(made), mimetype="application/json")

    def finish(kind: str) -> dict[str, str] | tuple[dict[str, str], int]:
        origin = f"http://{request.host}"
        told: Any = {"expected_challenge": kept["challenge"], "expected_origin": origin}
        credential = (request.get_json() or {})["credential"]
        if kind == "create":
            made = webauthn.verify_registration_response(
                credential=credential, expected_rp_id="localhost", **told
            )
            kept["key"] = made.credential_public_key
        elif "refuse" in kept:
            return {"message": "Cette clé est inconnue."}, 422
        else:
            webauthn.verify_authentication_response(
                credential=credential,
                expected_rp_id="localhost",
                credential_public_key=kept["key"],
                credential_current_sign_count=0,
                **told,
            )
            kept["refuse"] = b""
        return {"redirect": "/done"}

    app.add_url_rule("/options/<kind>", view_func=options, methods=["POST"])
    app.add_url_rule("/finish/<kind>", view_func=finish, methods=["POST"])
    app.add_url_rule("/done", "done", lambda: "done")
    app.add_url_rule(
        "/passkey/<kind>",
        "passkey",
        lambda kind: render_template_string(PASSKEY, **guide.shell(kind=kind)),
    )


def serve_pages(app: Flask) -> None:
    """Pages that answer as Vigie's do: fragments by header, strict CSP."""
    looks: dict[str, int] = {}

    def drop_page() -> str:
        owed = 0 if looks.get("owed.pdf", 0) > 1 else 1
        return render_template_string(DROP, owed=owed, **guide.shell())

    def drop() -> tuple[str, int]:
        file = request.files["files"]
        assert request.headers["X-Fragment"] == "cards"
        assert request.form["csrf_token"]
        looks[file.filename or ""] = 0
        return render_template_string(CARD, name=file.filename, looks=0), 201

    def card(name: str) -> str:
        assert request.headers["X-Fragment"] == "card"
        looks[name] += 1
        return render_template_string(CARD, name=name, looks=looks[name])

    def guarded(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    app.add_url_rule("/portal", view_func=drop_page)
    app.add_url_rule("/drop", view_func=drop, methods=["POST"])
    app.add_url_rule("/card/<name>", view_func=card)
    app.add_url_rule(
        "/review",
        "review",
        lambda: render_template_string(REVIEW, **guide.shell(**guide.values())),
    )
    app.add_url_rule(
        "/guide/<theme>",
        "guide",
        lambda theme: render_template(
            "shared/styleguide.html", **guide.shell(theme=theme, **guide.values())
        ),
    )
    app.add_url_rule(
        "/decide",
        "decide",
        lambda: f"{request.form.get('act')} {request.form.get('reason')}",
        methods=["POST"],
    )
    app.after_request(guarded)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    app = guide.make_app()
    serve_pages(app)
    serve_passkeys(app)
    folder = assets.bootstrap_folder()
    app.view_functions["bootstrap"] = lambda filename: Response(
        (folder / filename).read_bytes(), mimetype="text/css"
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def tab(chromium: Any, base: str) -> Iterator[Any]:
    """A fresh tab; any error of a script or refusal by the CSP fails the test."""
    context = chromium.new_context(base_url=base, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda message: (
            troubles.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield page
    context.close()
    assert troubles == []


def pdf(name: str, size: int = 100) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": b"x" * size}


def test_each_file_becomes_a_card_that_ends_with_its_verdict(tab: Any) -> None:
    tab.goto("/portal")
    tab.set_input_files("#drop-files", [pdf("a.pdf"), pdf("b.pdf")])
    tab.wait_for_selector("#cards .v-chip-ok >> nth=1")
    assert tab.locator("#cards article").count() == 2
    assert tab.locator("#cards [data-refresh-url]").count() == 0


def test_what_the_page_says_is_owed_follows_the_verdicts(tab: Any) -> None:
    tab.goto("/portal")
    assert "1 pièce" in tab.locator("[data-follow=owed]").inner_text()
    tab.set_input_files("#drop-files", [pdf("owed.pdf")])
    tab.wait_for_selector("[data-follow=owed] >> text=Il manque 0 pièce")


def test_a_file_dropped_anywhere_on_the_page_is_taken(tab: Any) -> None:
    tab.goto("/portal")
    tab.wait_for_selector(".v-drop-live")
    tab.evaluate(
        """() => { const data = new DataTransfer();
        data.items.add(new File(['x'], 'dropped.pdf', { type: 'application/pdf' }));
        document.body.dispatchEvent(new DragEvent('drop',
          { dataTransfer: data, bubbles: true, cancelable: true })); }"""
    )
    tab.wait_for_selector("[id='p-dropped.pdf']")


def test_a_file_that_is_too_large_says_so_before_it_travels(tab: Any) -> None:
    tab.goto("/portal")
    tab.set_input_files("#drop-files", [pdf("big.pdf", 1_100_000)])
    error = tab.wait_for_selector("[data-sending-error]:visible")
    assert "1" in error.inner_text()


def test_a_lost_connection_offers_to_send_again(tab: Any) -> None:
    tab.goto("/portal")
    tab.wait_for_selector(".v-drop-live")
    tab.context.set_offline(True)
    tab.set_input_files("#drop-files", [pdf("off.pdf")])
    retry = tab.wait_for_selector("[data-sending-retry]:visible")
    tab.context.set_offline(False)
    retry.click()
    tab.wait_for_selector("[id='p-off.pdf']")


def test_without_a_script_there_is_a_plain_file_field(chromium: Any, base: str) -> None:
    context = chromium.new_context(base_url=base, java_script_enabled=False)
    page = context.new_page()
    page.goto("/portal")
    assert page.locator("#drop-files").is_visible()
    assert page.locator("form.v-drop button[type=submit]").is_visible()
    context.close()


@pytest.mark.parametrize(
    ("pressed", "decided"),
    [
        (("a",), "yes None"),
        (("r", "2", "r"), "no altered"),
        (("r", "1", "Enter"), "no too_old"),
    ],
)
def test_a_reviewer_decides_from_the_keyboard(
    tab: Any, pressed: tuple[str, ...], decided: str
) -> None:
    tab.goto("/review")
    for key in pressed:
        tab.keyboard.press(key)
    tab.wait_for_url("**/decide")
    assert tab.locator("body").inner_text() == decided


def test_keys_do_nothing_in_a_field(tab: Any) -> None:
    tab.goto("/review")
    tab.keyboard.press("/")
    tab.keyboard.type("ra?")
    assert tab.evaluate("document.activeElement.value") == "ra?"
    assert tab.locator("dialog[open]").count() == 0


def test_keys_can_be_switched_off_and_stay_off(tab: Any) -> None:
    tab.goto("/review")
    tab.keyboard.press("?")
    assert "Accepter" in tab.locator("dialog[open]").inner_text()
    tab.locator("#keys-on").uncheck()
    tab.keyboard.press("Escape")
    tab.goto("/review")
    tab.keyboard.press("a")
    tab.keyboard.press("?")
    assert tab.locator("dialog[open]").count() == 1
    assert tab.url.endswith("/review")


def test_a_field_and_its_zone_light_each_other_up(tab: Any) -> None:
    tab.goto("/review")
    tab.locator("[data-zone-for='2']").focus()
    assert "is-lit" in tab.locator("[data-zone='2']").get_attribute("class")
    tab.locator("[data-zone='1'] rect").hover()
    assert "is-lit" in tab.locator("[data-zone-for='1']").get_attribute("class")


def test_rows_are_walked_and_chosen_by_keys(tab: Any) -> None:
    tab.goto("/guide/light")
    tab.evaluate("document.activeElement.blur()")
    for key in ("j", "j", "x"):
        tab.keyboard.press(key)
    assert tab.locator("tr:focus-within .v-pick").is_checked()
    assert tab.locator("[data-pick-count]").inner_text().startswith("2")


def test_a_passkey_is_made_used_and_refused_in_words(tab: Any, base: str) -> None:
    """The device is Chromium's virtual one; the name `localhost` stands for the site."""
    tools = tab.context.new_cdp_session(tab)
    tools.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    device |= {"hasUserVerification": True, "isUserVerified": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    site = base.replace("127.0.0.1", "localhost")
    for kind in ("create", "get"):
        tab.goto(f"{site}/passkey/{kind}")
        tab.get_by_role("button", name="Clé").click()
        tab.wait_for_url("**/done")
    tab.goto(f"{site}/passkey/get")
    tab.get_by_role("button", name="Clé").click()
    tab.wait_for_selector("[data-passkey-status]:not(:empty)")
    assert tab.locator("[data-passkey-status]").inner_text() == "Cette clé est inconnue."
    assert tab.get_by_role("button", name="Clé").is_enabled()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_no_page_is_wider_than_its_window(tab: Any, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    for address in ("/guide/light", "/portal", "/review"):
        tab.goto(address)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(tab: Any, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab.goto(f"/guide/{theme}")
    found = Axe().run(tab).response["violations"]
    assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == []
