"""The door to the group's OpenID Connect provider: who signed in over there, and how.

Authlib speaks the protocol (code flow, PKCE S256, state, nonce); what it leaves open is pinned
here: the issuer of the answer (RFC 9207), the algorithms, the leeway, the time. Authlib is
untyped, so nothing of it leaves this file.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

from supplier.kernel.errors import UnavailableError
from supplier.kernel.i18n import N_
from supplier.settings import Settings, SettingsError

log = logging.getLogger("vigie")
TIMEOUT = 5
LEEWAY = 30
#: Whatever the provider says it can do: a token signed otherwise (HS256, none) never counts.
ALGORITHMS = ("RS256", "ES256")
#: How long the provider's description is believed, and how long its silence.
KNOWN = timedelta(hours=1)
SILENT = timedelta(seconds=15)
#: OpenID Connect Core, section 2: at most 255 ASCII characters.
MAX_SUBJECT = 255
DOWN = N_(
    "The group's sign-in does not answer. Sign in with your address and password, or try again "
    "in a few minutes."
)
MISSING = "SUPPLIER_OIDC_ISSUER needs the extra `sso`: pip install 'vigie[sso]'."


class Why(StrEnum):
    """What was wrong with an answer: for the journal, never for the person."""

    STATE = "state"
    ISSUER = "issuer"
    PROVIDER = "provider"
    CODE = "code"
    TOKEN = "token"  # noqa: S105
    CLAIMS = "claims"
    EXPIRED = "expired"


class AnswerRefusedError(Exception):
    """The answer of the provider does not hold."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Question:
    """What one journey to the provider carries. Kept on the session row, used once."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Question:
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @classmethod
    def unpack(cls, kept: bytes) -> Question:
        """The question again. Raises AnswerRefusedError when none was kept."""
        parts = kept.decode(errors="replace").split(".")
        if len(parts) != 3 or not all(parts):
            raise AnswerRefusedError(Why.STATE)
        return cls(*parts)

    def pack(self) -> bytes:
        return ".".join((self.state, self.nonce, self.verifier)).encode()


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider names. `email` is there only when the provider vouches for it."""

    issuer: str
    subject: str
    email: str | None
    authenticated_at: datetime | None
    methods: frozenset[str]
    contexts: frozenset[str]


class Provider(Protocol):
    @property
    def issuer(self) -> str:
        """The provider's name, as its tokens say it; empty when none is configured."""
        ...

    def address(self, question: Question, *, again: bool, now: datetime) -> str:
        """Where to send the person; `again` makes them prove who they are, even if signed in.

        Raises UnavailableError.
        """
        ...

    def identify(self, question: Question, answer: Mapping[str, str], *, now: datetime) -> Identity:
        """Whom an answer names. Raises AnswerRefusedError, UnavailableError."""
        ...

    def fault(self) -> str | None:
        """Why nobody could come in this way now, with what to do; None when all is well."""
        ...


class NoProvider:
    """No provider is configured: nobody comes in this way."""

    issuer = ""

    def address(self, question: Question, *, again: bool, now: datetime) -> str:  # noqa: ARG002
        raise UnavailableError(DOWN)

    def identify(
        self,
        question: Question,  # noqa: ARG002
        answer: Mapping[str, str],  # noqa: ARG002
        *,
        now: datetime,  # noqa: ARG002
    ) -> Identity:
        raise UnavailableError(DOWN)

    def fault(self) -> str | None:
        return None


class OpenIdProvider:
    """One provider, known by its issuer; its description is asked for and kept an hour."""

    def __init__(self, settings: Settings) -> None:
        try:
            from authlib.integrations.requests_client import OAuth2Session
        except ImportError as error:
            raise SettingsError(MISSING) from error
        self.issuer = settings.oidc_issuer
        self._contexts = settings.oidc_required_acr.split()
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._back = settings.public_url.rstrip("/") + "/sso/back"
        self._session_type = OAuth2Session
        self._metadata: dict[str, Any] | None = None
        self._keys: dict[str, Any] | None = None
        self._asked_at: datetime | None = None
        self._asking = threading.Lock()

    def address(self, question: Question, *, again: bool, now: datetime) -> str:
        endpoint = self.describe(now=now)["authorization_endpoint"]
        extra: dict[str, str] = {"nonce": question.nonce}
        if again:
            extra |= {"prompt": "login", "max_age": "0"}
        if self._contexts:
            # `acrs` is how Entra ID names the same thing; others ignore what they do not know.
            wanted: dict[str, Any] = {"essential": True, "values": self._contexts}
            if len(self._contexts) == 1:
                wanted = {"essential": True, "value": self._contexts[0]}
            extra["acr_values"] = " ".join(self._contexts)
            extra["claims"] = json.dumps({"id_token": {"acrs": wanted}})
        with self._session() as session:
            url, _ = session.create_authorization_url(
                endpoint, state=question.state, code_verifier=question.verifier, **extra
            )
        return str(url)

    def identify(self, question: Question, answer: Mapping[str, str], *, now: datetime) -> Identity:
        if not hmac.compare_digest(answer.get("state", "").encode(), question.state.encode()):
            raise AnswerRefusedError(Why.STATE)
        metadata = self.describe(now=now)
        self._check_issuer(answer, metadata)
        if "error" in answer or not answer.get("code"):
            raise AnswerRefusedError(Why.PROVIDER)
        token = self._redeem(metadata, question, answer["code"])
        return self._read(token, question, metadata, now=now)

    def describe(self, *, now: datetime) -> dict[str, Any]:
        """The provider's own description. Raises UnavailableError; a silence is kept a moment.

        One asks, the others wait for what it finds: a provider that is away holds nobody twice.
        """
        with self._asking:
            age = abs(now - self._asked_at) if self._asked_at is not None else KNOWN
            if self._metadata is not None and age < KNOWN:
                return self._metadata
            if self._metadata is None and age < SILENT:
                raise UnavailableError(DOWN)
            self._metadata, self._keys, self._asked_at = None, None, now
            found = self._get(self._described_at())
            fault = description_fault(found, self.issuer)
            if fault:
                log.error("sign-in provider: %s", fault)
                raise UnavailableError(DOWN)
            self._metadata = found
            return found

    def fault(self) -> str | None:
        try:
            found = self._get(self._described_at())
            fault = description_fault(found, self.issuer)
            if fault is None:
                self._get(str(found["jwks_uri"]))
        except UnavailableError:
            return f"{self._described_at()} or its keys do not answer: staff use their passwords"
        return fault

    def _described_at(self) -> str:
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"

    def _check_issuer(self, answer: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """RFC 9207, which Authlib does not check: another provider's answer is not ours."""
        named = answer.get("iss")
        promised = metadata.get("authorization_response_iss_parameter_supported") is True
        if named is None and not promised:
            return
        if named != self.issuer:
            raise AnswerRefusedError(Why.ISSUER)

    def _redeem(
        self, metadata: Mapping[str, Any], question: Question, code: str
    ) -> Mapping[str, Any]:
        """Code and verifier against a token. A refused code and a provider away are told apart."""
        from authlib.integrations.base_client import OAuthError
        from requests import RequestException

        try:
            with self._session() as session:
                found: dict[str, Any] = session.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=question.verifier,
                    grant_type="authorization_code", allow_redirects=False,
                )  # fmt: skip
        except OAuthError as error:
            log.warning("sign-in provider refused a code: %s", str(error.error)[:60])
            raise AnswerRefusedError(Why.CODE) from error
        except (RequestException, ValueError, TypeError, KeyError) as error:
            log.warning("sign-in provider unavailable: %s", type(error).__name__)
            raise UnavailableError(DOWN) from error
        return found

    def _read(
        self,
        token: Mapping[str, Any],
        question: Question,
        metadata: Mapping[str, Any],
        *,
        now: datetime,
    ) -> Identity:
        """The identity in a token signed by the provider, for us, now and for this question."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError

        if not isinstance(token.get("id_token"), str):
            raise AnswerRefusedError(Why.TOKEN)
        try:
            try:
                claims, header = self._open(token["id_token"], metadata, renew=False)
            except InvalidKeyIdError:  # the provider changed its keys since we asked
                claims, header = self._open(token["id_token"], metadata, renew=True)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            log.warning("sign-in token refused: %s", type(error).__name__)
            raise AnswerRefusedError(Why.TOKEN) from error
        checked = CodeIDToken(
            claims,
            header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
            },
            {
                "nonce": question.nonce, "client_id": self._client_id,
                "access_token": token.get("access_token"),
            },
        )  # fmt: skip
        try:
            checked.validate(now=int(now.timestamp()), leeway=LEEWAY)
            return identity_of(claims)
        except ExpiredTokenError as error:
            raise AnswerRefusedError(Why.EXPIRED) from error
        except (JoseError, ArithmeticError, ValueError, TypeError, KeyError, OSError) as error:
            log.warning("sign-in token refused: %s", str(error)[:120])
            raise AnswerRefusedError(Why.CLAIMS) from error

    def _open(
        self, text: str, metadata: Mapping[str, Any], *, renew: bool
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        from joserfc import jwt
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        if self._keys is None or renew:
            self._keys = self._get(metadata["jwks_uri"])
        opened = jwt.decode(
            text,
            KeySet.import_key_set(self._keys),  # type: ignore[arg-type]
            registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False),
        )
        return dict(opened.claims), dict(opened.header)

    def _get(self, url: str) -> dict[str, Any]:
        from requests import RequestException

        try:
            with self._session() as session:
                answer = session.get(url, withhold_token=True, allow_redirects=False)
                answer.raise_for_status()
                found = answer.json()
        except (RequestException, ValueError) as error:
            log.warning("sign-in provider unavailable: %s", type(error).__name__)
            raise UnavailableError(DOWN) from error
        if not isinstance(found, dict):
            raise UnavailableError(DOWN)
        return found

    def _session(self) -> Any:
        """A client of the provider, with a limit on waiting."""
        return self._session_type(
            self._client_id, self._secret, scope="openid email", redirect_uri=self._back,
            code_challenge_method="S256", default_timeout=TIMEOUT,
        )  # fmt: skip


def description_fault(found: Mapping[str, Any], issuer: str) -> str | None:
    """Why a description cannot be used, or None. Its issuer must be ours to the letter."""
    if found.get("issuer") != issuer:
        return f"it calls itself {found.get('issuer')!r}, expected {issuer!r}"
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        parts = urlsplit(str(found.get(name) or ""))
        if parts.scheme != "https" and parts.scheme != urlsplit(issuer).scheme:
            return f"its {name} is missing or not https"
    return None


def identity_of(claims: Mapping[str, Any]) -> Identity:
    """What a checked token says. Raises TypeError, ValueError on claims of a wrong shape."""
    at, subject = claims.get("auth_time"), str(claims["sub"])
    if len(subject) > MAX_SUBJECT or "\0" in subject:
        raise ValueError("sub")
    contexts = claims.get("acrs") or []
    if not isinstance(contexts, list):
        raise TypeError("acrs")
    return Identity(
        issuer=str(claims["iss"]),
        subject=subject,
        email=str(claims["email"]) if claims.get("email") and _is_vouched(claims) else None,
        authenticated_at=datetime.fromtimestamp(at, UTC) if at is not None else None,
        methods=frozenset(map(str, claims.get("amr") or [])),
        contexts=frozenset(map(str, [*contexts, claims.get("acr") or ""])),
    )


def _is_vouched(claims: Mapping[str, Any]) -> bool:
    """`email_verified`, exactly true; Entra ID never sends it and says `xms_edov` instead."""
    if "email_verified" in claims:
        return claims["email_verified"] is True
    return claims.get("xms_edov") in (True, "1", "true")


class _Holder:
    provider: Provider = NoProvider()


def use_provider(settings: Settings) -> None:
    """Install the provider of this process. Raises SettingsError without the extra `sso`."""
    _Holder.provider = OpenIdProvider(settings) if settings.oidc_issuer else NoProvider()


def provider() -> Provider:
    return _Holder.provider
