"""A small OpenID Connect provider on this machine: real codes, real PKCE, real RS256 signatures.

It speaks the documented format (OpenID Connect Core and Discovery 1.0, RFC 7636, RFC 9207) and
lies on demand: `claims` changes what its tokens say, `forge` how they are signed, `iss` what its
answer calls itself.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as AnyResponse

from supplier.kernel.clock import Clock
from supplier.settings import Settings

CLIENT, SECRET = "vigie", "a client secret for tests"


@dataclass
class LocalProvider:
    """What it says of the person who signs in, and how it misbehaves."""

    clock: Clock
    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    #: Makes the id_token from its claims, in place of an honest RS256 signature.
    forge: Callable[[dict[str, Any]], str] | None = None
    #: What the answer calls its sender (RFC 9207); None leaves it out.
    iss: str | None = None
    #: "ok", "error" (500), "garbage" or "refuse" at the token endpoint.
    token_mood: str = "ok"
    description: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def rotate(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    def authorize(self, address: str) -> str:
        """The person signs in at `address`: where their browser is sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"]}
        if self.iss is not None:
            answer["iss"] = self.iss
        return asked["redirect_uri"] + "?" + urlencode(answer)

    def token(self) -> AnyResponse | tuple[Response, int]:
        """One code, once, to the client that began with this challenge."""
        if self.token_mood == "error":
            return Response("down", 500)
        if self.token_mood == "garbage":
            return Response("<html>", 200)
        expected = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(request.form.get("code", ""), None)
        if request.headers.get("Authorization") not in {f"Basic {expected}", f"Basic {plain}"}:
            return jsonify(error="invalid_client"), 401
        if asked is None or self.token_mood == "refuse" or not self._is_verified(asked):
            return jsonify(error="invalid_grant"), 400
        now = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.url, "sub": "person-1", "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked.get("nonce"), "email_verified": True,
        }  # fmt: skip
        if "max_age" in asked:
            claims["auth_time"] = now
        claims |= self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        text = (self.forge or self.sign)(claims)
        return jsonify(access_token="unused", token_type="Bearer", id_token=text)

    def _is_verified(self, asked: dict[str, str]) -> bool:
        digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        right = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        return right and request.form.get("redirect_uri") == asked["redirect_uri"]

    def app(self) -> Flask:
        app = Flask("provider")

        @app.before_request
        def note() -> None:
            self.asked.append(request.path)

        @app.get("/.well-known/openid-configuration")
        def describe() -> Response:
            return jsonify({
                "issuer": self.url, "authorization_endpoint": self.url + "/authorize",
                "token_endpoint": self.url + "/token", "jwks_uri": self.url + "/keys",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **self.description,
            })  # fmt: skip

        @app.get("/keys")
        def keys() -> Response:
            return jsonify(KeySet([self.key]).as_dict(private=False))

        @app.get("/authorize")
        def ask() -> str:
            return "<h1>The group</h1><form method=post><button>It is me</button></form>"

        @app.post("/authorize")
        def authorize() -> AnyResponse:
            return redirect(self.authorize(request.url), 303)

        app.post("/token")(self.token)
        return app


def settings_of(local: LocalProvider, **values: Any) -> Settings:
    """Vigie set to this provider."""
    return Settings(
        public_url="http://localhost", oidc_issuer=local.url, oidc_client_id=CLIENT,
        oidc_client_secret=SECRET, **values,
    )  # fmt: skip


def hs256(claims: dict[str, Any]) -> str:
    """Signed with what a client knows: its own secret."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET * 2))


def unsigned(claims: dict[str, Any]) -> str:
    registry = JWSRegistry(algorithms=["none"])
    return jwt.encode({"alg": "none"}, claims, OctKey.import_key("x" * 32), registry=registry)


@contextmanager
def running(provider: LocalProvider) -> Iterator[LocalProvider]:
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
