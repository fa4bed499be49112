"""Coming in by the group's own sign-in: what is accepted, and all that is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from supplier.accounts import actions, queries, sso
from supplier.accounts.links import LinkKind
from supplier.accounts.models import Invitation, SsoIdentity, User, WebSession
from supplier.accounts.people import Browser
from supplier.accounts.permissions import Role
from supplier.accounts.policy import policy, use_policy
from supplier.accounts.sessions import begin
from supplier.adapters import identity
from supplier.adapters.identity import Identity, OpenIdProvider, description_fault
from supplier.kernel.audit import SYSTEM, Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import DomainError
from supplier.settings import Settings, SettingsError
from tests.accounts.provider import CLIENT, LocalProvider, hs256, running, settings_of, unsigned
from tests.accounts.ready import events, mails, with_password, with_totp
from tests.accounts.test_races import at_once, refusals
from tests.make import Maker
from tests.web.posting import post

Browse = Callable[[UUID], FlaskClient]
DOWN = "Le service de connexion du groupe ne répond pas"
REFUSED = "n’a ouvert aucun compte ici"


@pytest.fixture
def provider(app: Flask, clock: FixedClock) -> Iterator[LocalProvider]:
    """The group's provider on this machine, and Vigie set to it; its factor does not count."""
    kept, rules = identity.provider(), policy()
    with running(LocalProvider(clock)) as local:
        identity.use_provider(settings_of(local))
        yield local
    identity._Holder.provider = kept
    use_policy(rules)


@pytest.fixture
def strong(provider: LocalProvider) -> LocalProvider:
    """The same, whose second factor counts when its tokens say `mfa`, as they do."""
    use_policy(replace(policy(), required_amr=frozenset({"mfa"})))
    provider.claims["amr"] = ["pwd", "mfa"]
    return provider


@pytest.fixture
def hugo(make: Maker, provider: LocalProvider) -> User:
    """Hugo, invited and known to the provider; he has nothing of ours yet."""
    user = make.staff("Hugo Admin", Role.ADMINISTRATOR)
    provider.claims["email"] = user.email
    return user


def go(client: FlaskClient, url: str = "/sso") -> str:
    answer = client.get(url)
    assert answer.status_code == 303, answer.status_code
    return str(answer.location)


def come_back(client: FlaskClient, address: str) -> TestResponse:
    return client.get(address.removeprefix("http://localhost"))


def sign_in(client: FlaskClient, provider: LocalProvider, url: str = "/sso") -> TestResponse:
    return come_back(client, provider.authorize(go(client, url)))


def link(user: User, provider: LocalProvider, subject: str = "person-1") -> None:
    with transaction() as session:
        session.add(
            SsoIdentity(
                id=new_id(), user_id=user.id, issuer=provider.url, subject=subject,
                linked_at=user.created_at,
            )
        )  # fmt: skip


def links() -> list[tuple[UUID, str]]:
    with reading() as session:
        return [(row.user_id, row.subject) for row in session.scalars(select(SsoIdentity))]


def last_refusal(kind: str = "sign_in_refused") -> str:
    with reading() as session:
        query = select(Event.data).where(Event.kind == kind).order_by(Event.seq.desc()).limit(1)
        data = session.scalars(query).one()
    assert data["reason"] == "sso"
    return str(data["why"])


def assert_refused(client: FlaskClient, answer: TestResponse, why: str) -> None:
    """One text, one event, nobody inside, and nothing left in the address bar."""
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert REFUSED in client.get("/sign-in").get_data(as_text=True)
    assert client.get("/account").status_code == 302
    assert last_refusal() == why
    assert links() == []


# What is asked of the provider.


def test_the_question_carries_state_nonce_and_a_hashed_verifier(
    client: FlaskClient, provider: LocalProvider
) -> None:
    asked = parse_qs(urlsplit(go(client)).query)
    assert asked["redirect_uri"] == ["http://localhost/sso/back"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid email"]
    secrets = [asked[name][0] for name in ("state", "nonce", "code_challenge")]
    assert len(set(secrets)) == 3
    assert all(len(text) >= 43 for text in secrets)
    assert "prompt" not in asked
    assert parse_qs(urlsplit(go(client)).query)["state"] != asked["state"]


def test_a_required_context_is_asked_for(provider: LocalProvider, clock: FixedClock) -> None:
    door = OpenIdProvider(settings_of(provider, oidc_required_acr="gold"))
    asked = parse_qs(
        urlsplit(door.address(identity.Question.new(), again=True, now=clock.at)).query
    )
    assert asked["acr_values"] == ["gold"]
    assert json.loads(asked["claims"][0])["id_token"]["acrs"]["value"] == "gold"
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])


# Who comes in.


def test_invited_staff_come_in_when_the_factor_over_there_counts(
    client: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    answer = sign_in(client, strong)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/account").status_code == 200
    assert links() == [(hugo.id, "person-1")]
    assert events(hugo.id) == ["sso_linked", "signed_in"]
    assert [mail["kind"] for mail in mails()] == ["credential_changed"]
    # When they gave their password over there is not known: this is no fresh proof.
    assert client.get("/account/password").location.startswith("/prove")


def test_the_first_sign_in_closes_the_way_in_by_an_older_invitation(
    client: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    actions.resend_invitation(hugo.id, by=SYSTEM, now=clock.at)
    sign_in(client, strong)
    with reading() as session:
        row = session.scalars(
            select(Invitation).where(Invitation.kind == LinkKind.STAFF.value)
        ).one()
    assert row.revoked_at == clock.at


def test_a_linked_account_comes_in_whatever_its_address_says_now(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    link(hugo, strong)
    strong.claims |= {"email": "married@kerlan.example", "email_verified": False}
    assert sign_in(client, strong).location == "/"
    assert events(hugo.id) == ["signed_in"]


def test_the_page_that_sent_me_is_where_i_go(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    client.get("/account")
    client.get("/sign-in?next=/account")
    assert sign_in(client, strong).location == "/account"
    assert go_again(client) == "/"


def go_again(client: FlaskClient) -> str:
    """Whoever is in needs no journey."""
    return str(client.get("/sso").location)


def test_the_session_has_a_new_token(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    address = go(client)
    before = client.get_cookie("session")
    come_back(client, strong.authorize(address))
    after = client.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    thief = client.application.test_client()
    thief.set_cookie("session", before.value)
    assert thief.get("/account").status_code == 302


# Whose second factor.


def test_our_code_is_asked_when_theirs_does_not_count(
    client: FlaskClient, hugo: User, provider: LocalProvider, clock: FixedClock
) -> None:
    """A group that has said nothing about `amr` gets our second factor, whatever tokens claim."""
    provider.claims["amr"] = ["mfa"]
    generator = with_totp(with_password(hugo), clock.at)
    answer = sign_in(client, provider)
    assert (answer.status_code, answer.location) == (303, "/sign-in/code")
    assert client.get("/account").status_code == 302
    assert links() == []
    done = post(client, "/sign-in/code", {"code": generator.at(clock.at)})
    assert (done.status_code, done.location) == (303, "/")
    assert links() == [(hugo.id, "person-1")]
    assert events(hugo.id) == ["sso_linked", "signed_in"]
    with reading() as session:
        row = session.scalars(select(WebSession).where(WebSession.user_id == hugo.id)).one()
    assert (row.method, row.proved_at) == ("sso+totp", None)


def test_a_wrong_code_links_nothing(
    client: FlaskClient, hugo: User, provider: LocalProvider, clock: FixedClock
) -> None:
    with_totp(with_password(hugo), clock.at)
    sign_in(client, provider)
    assert post(client, "/sign-in/code", {"code": "000000"}).status_code == 422
    assert links() == []


def test_the_first_link_of_an_account_in_use_needs_its_own_factor_too(
    client: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    """Whoever runs the provider cannot walk into an account that somebody uses."""
    generator = with_totp(with_password(hugo), clock.at)
    assert sign_in(client, strong).location == "/sign-in/code"
    post(client, "/sign-in/code", {"code": generator.at(clock.at)})
    assert links() == [(hugo.id, "person-1")]
    other = client.application.test_client()
    assert sign_in(other, strong).location == "/"


def test_the_second_step_does_not_last(
    client: FlaskClient, hugo: User, provider: LocalProvider, clock: FixedClock
) -> None:
    with_totp(with_password(hugo), clock.at)
    sign_in(client, provider)
    clock.at += timedelta(minutes=6)
    assert client.get("/sign-in/code").location == "/sign-in"


def test_without_any_counting_factor_nobody_comes_in(
    client: FlaskClient, hugo: User, provider: LocalProvider
) -> None:
    sign_in(client, provider)
    body = client.get("/sign-in/code").get_data(as_text=True)
    assert 'name="code"' not in body
    assert client.get("/enrol").location == "/sign-in"
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("amr", "acr", "methods", "contexts", "counts"),
    [
        ("", "", {"mfa"}, {"gold"}, False),
        ("mfa", "", {"mfa", "pwd"}, set(), True),
        ("mfa otp", "", {"otp"}, set(), True),
        ("mfa", "", {"pwd"}, set(), False),
        ("", "gold", set(), {"gold"}, True),
        ("", "gold", {"gold"}, {"silver"}, False),
        ("mfa", "gold", {"mfa"}, {"gold"}, True),
        ("mfa", "gold", {"mfa"}, {""}, False),
    ],
)
def test_a_factor_counts_only_where_asked_for_and_shown(
    app: Flask, amr: str, acr: str, methods: set[str], contexts: set[str], counts: bool
) -> None:
    rules = replace(
        policy(), required_amr=frozenset(amr.split()), required_acr=frozenset(acr.split())
    )
    who = Identity("i", "s", None, None, frozenset(methods), frozenset(contexts))
    assert sso.factor_counts(who, rules) is counts


# What is refused, each with one text and one event.


def test_a_wrong_state_is_refused(client: FlaskClient, hugo: User, strong: LocalProvider) -> None:
    back = strong.authorize(go(client))
    assert_refused(client, come_back(client, changed(back, state="x" * 43)), "state")
    # The question is spent: the right answer comes too late.
    assert_refused(client, come_back(client, back), "state")


def changed(address: str, **values: str | None) -> str:
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **values}
    kept = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=urlencode(kept)).geturl()


def test_an_answer_serves_once(client: FlaskClient, hugo: User, strong: LocalProvider) -> None:
    back = strong.authorize(go(client))
    assert come_back(client, back).location == "/"
    post(client, "/sign-out", page="/account")
    answer = come_back(client, back)
    assert answer.location == "/sign-in"
    assert last_refusal() == "state"
    assert client.get("/account").status_code == 302


def test_another_browser_with_the_same_answer_is_refused(
    app: Flask, client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    back = strong.authorize(go(client))
    thief = app.test_client()
    assert_refused(thief, come_back(thief, back), "state")
    thief.get("/sign-in")
    assert_refused(thief, come_back(thief, back), "state")
    go(thief)
    assert_refused(thief, come_back(thief, back), "state")


def test_a_question_does_not_wait_for_ever(
    client: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    back = strong.authorize(go(client))
    clock.at += timedelta(minutes=11)
    assert_refused(client, come_back(client, back), "state")


def test_an_answer_of_another_provider_is_refused_before_its_code_is_used(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    strong.iss = "https://elsewhere.example"
    assert_refused(client, sign_in(client, strong), "issuer")
    assert "/token" not in strong.asked


def test_a_provider_that_names_itself_must_do_so(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    strong.description = {"authorization_response_iss_parameter_supported": True}
    assert_refused(client, sign_in(client, strong), "issuer")
    strong.iss = strong.url
    assert sign_in(client, strong).location == "/"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "another"}, "claims"),
        ({"nonce": None}, "claims"),
        ({"iss": "https://elsewhere.example"}, "claims"),
        ({"iss": None}, "claims"),
        ({"aud": "another-client"}, "claims"),
        ({"aud": ["another-client", CLIENT]}, "claims"),  # without azp
        ({"aud": [CLIENT], "azp": "another-client"}, "claims"),
        ({"aud": None}, "claims"),
        ({"sub": None}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": "x" * 256}, "claims"),
        ({"sub": "a\0b"}, "claims"),
        ({"exp": None}, "claims"),
        ({"exp": 1}, "expired"),
        ({"iat": 4_000_000_000}, "claims"),
        ({"amr": "mfa"}, "claims"),
        ({"acrs": "gold"}, "claims"),
        ({"auth_time": 10**20}, "claims"),
        ({"auth_time": "now"}, "claims"),
        ({"email_verified": False}, "unknown"),
        ({"email_verified": None}, "unknown"),
        ({"email_verified": "true"}, "unknown"),
        ({"email_verified": None, "xms_edov": "0"}, "unknown"),
        ({"email": None}, "unknown"),
        ({"email": "nobody@kerlan.example"}, "unknown"),
        ({"email": "not an address"}, "unknown"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(
    client: FlaskClient, hugo: User, strong: LocalProvider, claims: dict[str, Any], why: str
) -> None:
    strong.claims |= claims
    assert_refused(client, sign_in(client, strong), why)


def test_the_leeway_is_thirty_seconds(
    client: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    strong.claims["exp"] = int(clock.at.timestamp()) - 31
    assert_refused(client, sign_in(client, strong), "expired")
    strong.claims["exp"] = int(clock.at.timestamp()) - 29
    assert sign_in(client, strong).location == "/"


@pytest.mark.parametrize("forge", [hs256, unsigned, lambda _claims: "nonsense", lambda _claims: ""])
def test_only_a_signature_of_the_provider_counts(
    client: FlaskClient, hugo: User, strong: LocalProvider, forge: Callable[..., str]
) -> None:
    strong.forge = forge
    assert_refused(client, sign_in(client, strong), "token")


def test_a_token_signed_with_another_key_is_refused(
    client: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    stranger = LocalProvider(clock)
    strong.forge = stranger.sign  # the same key id, another key
    assert_refused(client, sign_in(client, strong), "token")


def test_new_keys_of_the_provider_are_fetched(
    app: Flask, client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    sign_in(client, strong)
    strong.rotate()
    assert sign_in(app.test_client(), strong).location == "/"


def test_entra_says_otherwise_that_it_vouches_for_an_address(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    strong.claims |= {"email_verified": None, "xms_edov": True}
    assert sign_in(client, strong).location == "/"


def test_a_refusal_over_there_and_a_refused_code_open_nothing(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    back = strong.authorize(go(client))
    denied = changed(back, code=None, error="access_denied")
    assert_refused(client, come_back(client, denied), "provider")
    strong.token_mood = "refuse"
    assert_refused(client, sign_in(client, strong), "code")


def test_a_locked_account_stays_closed(
    client: FlaskClient, hugo: User, make: Maker, strong: LocalProvider, clock: FixedClock
) -> None:
    make.staff("Inès Neuve", Role.ADMINISTRATOR)
    actions.lock(hugo.id, reason="départ", by=SYSTEM, now=clock.at)
    assert_refused(client, sign_in(client, strong), "locked")
    link(hugo, strong)
    assert sign_in(client, strong).location == "/sign-in"
    assert last_refusal() == "locked"


def test_suppliers_never_come_in_this_way(
    client: FlaskClient, make: Maker, hugo: User, strong: LocalProvider
) -> None:
    strong.claims["email"] = make.supplier_user(make.supplier()).email
    assert_refused(client, sign_in(client, strong), "not_staff")


def test_whoever_inherits_an_address_inherits_nothing(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    link(hugo, strong)
    strong.claims["sub"] = "person-2"
    assert sign_in(client, strong).location == "/sign-in"
    assert last_refusal() == "other_subject"
    assert links() == [(hugo.id, "person-1")]


def test_answers_are_limited_by_client(
    client: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    for _ in range(30):
        client.get("/sso/back?state=x&code=y")
    answer = client.get("/sso/back?state=x&code=y")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


# The provider is away.


def test_a_provider_that_is_away_says_what_to_do_and_passwords_go_on(
    client: FlaskClient, hugo: User, provider: LocalProvider, clock: FixedClock
) -> None:
    with_totp(with_password(hugo), clock.at)
    identity.use_provider(replace(settings_of(provider), oidc_issuer="http://127.0.0.1:9"))
    answer = client.get("/sso")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert DOWN in client.get("/sign-in").get_data(as_text=True)
    from tests.web.test_signin import sign_in as by_password

    assert by_password(client, hugo.email).location == "/sign-in/code"


@pytest.mark.parametrize("mood", ["error", "garbage"])
def test_a_provider_that_fails_on_the_way_back_is_not_a_refusal(
    client: FlaskClient, hugo: User, strong: LocalProvider, mood: str
) -> None:
    strong.token_mood = mood
    assert sign_in(client, strong).location == "/sign-in"
    assert DOWN in client.get("/sign-in").get_data(as_text=True)
    assert "sign_in_refused" not in events()


def test_a_silence_is_believed_for_a_moment_and_then_asked_again(
    client: FlaskClient, provider: LocalProvider, clock: FixedClock
) -> None:
    provider.description = {"issuer": "https://elsewhere.example"}
    assert client.get("/sso").location == "/sign-in"
    assert client.get("/sso").location == "/sign-in"
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    provider.description = {}
    clock.at += timedelta(seconds=16)
    assert client.get("/sso").location.startswith(provider.url)
    client.get("/sso")
    assert provider.asked.count("/.well-known/openid-configuration") == 2


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"issuer": "https://sso.example/"}, "calls itself"),
        ({"token_endpoint": "http://sso.example/token"}, "token_endpoint"),
        ({"jwks_uri": None}, "jwks_uri"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
    ],
)
def test_a_description_must_be_of_our_provider_and_over_https(
    change: dict[str, Any], fault: str | None
) -> None:
    whole = {"issuer": "https://sso.example"} | {
        name: f"https://sso.example/{name}"
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    }
    found = description_fault({**whole, **change}, "https://sso.example")
    assert (fault is None) == (found is None)
    assert fault is None or fault in str(found)


# Not configured.


def test_without_a_provider_there_is_no_button_and_no_way(
    client: FlaskClient, browse: Browse, make: Maker
) -> None:
    assert "/sso" not in client.get("/sign-in").get_data(as_text=True)
    for url in ("/sso", "/sso/back"):
        assert client.get(url).status_code == 404
    hugo = browse(make.staff("Hugo Admin", Role.ADMINISTRATOR).id)
    assert hugo.get("/prove/sso").status_code == 404
    body = hugo.get("/account").get_data(as_text=True)
    assert "Compte du groupe" not in body


@pytest.mark.parametrize("language", ["fr", "en", "de"])
def test_the_button_stands_on_the_sign_in_page_in_each_language(
    client: FlaskClient, provider: LocalProvider, language: str
) -> None:
    words = {
        "fr": "Me connecter avec mon compte du groupe",
        "en": "Sign in with my account of the group",
        "de": "Mit meinem Konto der Gruppe anmelden",
    }
    body = client.get("/sign-in", headers={"Accept-Language": language}).get_data(as_text=True)
    assert words[language] in body


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID"),
        ({"oidc_client_secret": ""}, "OIDC_CLIENT_SECRET"),
        ({"oidc_issuer": "http://sso.example"}, "https://"),
        ({"oidc_issuer": "https://" + "x" * 200}, "200"),
    ],
)
def test_half_a_setting_stops_the_start(values: dict[str, str], words: str) -> None:
    whole = {
        "oidc_issuer": "https://sso.example", "oidc_client_id": "a", "oidc_client_secret": "b",
    }  # fmt: skip
    Settings(**whole).check()  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=words):
        Settings(**{**whole, **values}).check()  # type: ignore[arg-type]


# Proving again.


@pytest.fixture
def inside(browse: Browse, hugo: User, strong: LocalProvider) -> FlaskClient:
    """Hugo's browser, linked and signed in, his last proof being old."""
    link(hugo, strong)
    client = browse(hugo.id)
    with transaction() as session:
        session.execute(update(WebSession).values(proved_at=None))
    return client


def test_a_fresh_proof_is_given_over_there(
    inside: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    assert inside.get("/account/password").location == "/prove?next=/account/password"
    assert "/prove/sso" in inside.get("/prove?next=/account/password").get_data(as_text=True)
    address = go(inside, "/prove/sso")
    asked = parse_qs(urlsplit(address).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    answer = come_back(inside, strong.authorize(address))
    assert (answer.status_code, answer.location) == (303, "/account/password")
    assert inside.get("/account/password").status_code == 200
    assert events(hugo.id) == ["stepped_up"]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"auth_time": None}, "not_fresh"),
        ({"auth_time": -301}, "not_fresh"),
        ({"auth_time": 31}, "not_fresh"),
        ({"amr": ["pwd"]}, "factor"),
        ({"sub": "person-2"}, "other_user"),
    ],
)
def test_a_proof_that_does_not_hold_is_refused(
    inside: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock,
    claims: dict[str, Any], why: str,
) -> None:  # fmt: skip
    if isinstance(claims.get("auth_time"), int):
        claims = {"auth_time": int(clock.at.timestamp()) + claims["auth_time"]}
    strong.claims |= claims
    answer = sign_in(inside, strong, "/prove/sso")
    assert (answer.status_code, answer.location) == (303, "/prove")
    assert last_refusal("step_up_refused") == why
    assert inside.get("/account/password").status_code == 302
    assert inside.get("/account").status_code == 200


def test_a_proof_counts_from_when_it_was_given(
    inside: FlaskClient, strong: LocalProvider, clock: FixedClock
) -> None:
    strong.claims["auth_time"] = int(clock.at.timestamp()) - 240
    sign_in(inside, strong, "/prove/sso")
    assert inside.get("/account/password").status_code == 200
    clock.at += timedelta(seconds=61)
    assert inside.get("/account/password").status_code == 302


def test_a_colleagues_account_proves_nothing(
    inside: FlaskClient, make: Maker, strong: LocalProvider
) -> None:
    link(make.staff("Inès Neuve", Role.ADMINISTRATOR), strong, "person-2")
    strong.claims["sub"] = "person-2"
    sign_in(inside, strong, "/prove/sso")
    assert last_refusal("step_up_refused") == "other_user"


def test_an_answer_to_a_sign_in_is_no_proof(
    app: Flask, inside: FlaskClient, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    """The purpose stands on the row: only a journey that asked `prompt=login` can prove."""
    client = app.test_client()
    strong.claims["auth_time"] = int(clock.at.timestamp())
    sign_in(client, strong)
    assert client.get("/account/password").location.startswith("/prove")


def test_only_a_counting_factor_is_offered_as_proof(
    inside: FlaskClient, hugo: User, strong: LocalProvider
) -> None:
    use_policy(replace(policy(), required_amr=frozenset()))
    assert "/prove/sso" not in inside.get("/prove").get_data(as_text=True)
    assert inside.get("/prove/sso").status_code == 404


# The link, seen and ended by its owner.


def test_the_owner_sees_the_link_and_ends_it(
    browse: Browse, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    with_totp(with_password(hugo), clock.at)
    client, other = browse(hugo.id), browse(hugo.id)
    assert "/account/sso/unlink" not in client.get("/account").get_data(as_text=True)
    link(hugo, strong)
    assert "/account/sso/unlink" in client.get("/account").get_data(as_text=True)
    answer = post(client, "/account/sso/unlink", page="/account")
    assert (answer.status_code, answer.location) == (303, "/account")
    assert links() == []
    assert events(hugo.id) == ["sso_unlinked"]
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200
    assert post(client, "/account/sso/unlink", page="/account").status_code == 404


def test_the_last_way_in_is_not_ended(browse: Browse, hugo: User, strong: LocalProvider) -> None:
    link(hugo, strong)
    assert post(browse(hugo.id), "/account/sso/unlink", page="/account").status_code == 422
    with_password(hugo)
    assert post(browse(hugo.id), "/account/sso/unlink", page="/account").status_code == 422
    assert links() == [(hugo.id, "person-1")]


# An administrator ends it for somebody whom the group gave a new account.


def test_an_administrator_unlinks_and_rights_on_bank_data_wait_again(
    browse: Browse, make: Maker, strong: LocalProvider, clock: FixedClock
) -> None:
    emile, ines = make.staff("Émile", Role.BANK_VALIDATOR), make.staff("Inès", Role.ADMINISTRATOR)
    link(emile, strong)
    his, hers = browse(emile.id), browse(ines.id)
    page = f"/desk/users/{emile.id}"
    assert f"{page}/sso/unlink" in hers.get(page).get_data(as_text=True)
    assert post(hers, f"{page}/sso/unlink", {"check": " "}).status_code == 422
    answer = post(hers, f"{page}/sso/unlink", {"check": "appelé au standard"})
    assert (answer.status_code, answer.location) == (303, page)
    assert links() == []
    assert events(emile.id) == ["role_suspended", "sso_unlinked"]
    assert his.get("/account").status_code == 302
    assert [line.scope.user_id for line in queries.list_waiting_roles()] == [emile.id]
    assert post(hers, f"{page}/sso/unlink", {"check": "encore"}).status_code == 409
    link(ines, strong)
    own = f"/desk/users/{ines.id}/sso/unlink"
    assert post(hers, own, {"check": "moi-même"}).status_code == 422


def test_who_came_by_the_group_is_no_longer_invited(
    hugo: User, browse: Browse, strong: LocalProvider
) -> None:
    waiting = queries.UserFilter(state="invited")
    assert [user.id for user in queries.list_users(waiting).items] == [hugo.id]
    link(hugo, strong)
    assert queries.list_users(waiting).items == []
    body = browse(hugo.id).get("/desk/users/").get_data(as_text=True)
    assert "v-chip-wait" not in body


def test_a_provider_without_the_extra_stops_the_start(
    provider: LocalProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "authlib.integrations.requests_client", None)
    with pytest.raises(SettingsError, match="vigie\\[sso\\]"):
        identity.use_provider(settings_of(provider))


# Races.


def journey(provider: LocalProvider, clock: FixedClock) -> tuple[Browser, dict[str, str]]:
    """A browser that stands before the door with an answer in its hand."""
    with transaction() as session:
        _, row = begin(session, now=clock.at)
    browser = Browser(row, "client", "Tests")
    url = sso.start(browser=browser, now=clock.at).url
    return browser, dict(parse_qsl(urlsplit(provider.authorize(url)).query))


def test_two_requests_with_one_answer_open_one_session(
    app: Flask, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    browser, answer = journey(strong, clock)

    def act() -> Any:
        return sso.finish(answer, browser=browser, now=clock.at)

    results = at_once(app, *[act] * 4)
    assert refusals(results, DomainError) == 3
    assert links() == [(hugo.id, "person-1")]
    with reading() as session:
        assert (
            len(session.scalars(select(WebSession).where(WebSession.user_id == hugo.id)).all()) == 1
        )


def test_two_first_sign_ins_link_once(
    app: Flask, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    """The same person in two browsers, and somebody else with the same address."""
    first, second = journey(strong, clock), journey(strong, clock)
    strong.claims["sub"] = "person-2"
    third = journey(strong, clock)

    def act(one: tuple[Browser, dict[str, str]]) -> Callable[[], Any]:
        return lambda: sso.finish(one[1], browser=one[0], now=clock.at)

    results = at_once(app, act(first), act(second), act(third))
    assert len(links()) == 1
    assert all(result is not None for result in results)
    assert refusals(results, DomainError) <= 2


def test_an_unlink_and_a_lock_win_over_what_is_under_way(
    app: Flask, make: Maker, hugo: User, strong: LocalProvider, clock: FixedClock
) -> None:
    link(hugo, strong)
    make.staff("Inès Neuve", Role.ADMINISTRATOR)
    browser, answer = journey(strong, clock)
    at_once(
        app,
        lambda: sso.finish(answer, browser=browser, now=clock.at),
        lambda: actions.lock(hugo.id, reason="départ", by=SYSTEM, now=clock.at),
    )
    with reading() as session:
        user = session.get(User, hugo.id)
        assert user is not None
        assert user.locked_at == clock.at
        left = session.scalars(select(WebSession).where(WebSession.user_id == hugo.id)).all()
    assert left == []
