"""Every setting of Vigie, read once from the environment (prefix `SUPPLIER_`)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PREFIX = "SUPPLIER_"
#: Never accepted in production: it is printed in the documentation.
DEMO_SECRET = "demo-secret-for-loopback-only"  # noqa: S105
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")
_ADDRESS = re.compile(r"[^@\s<>,;:]+@[^@\s<>,;:]+")
DEMO_DATA_KEYS = "demo:" + base64.b64encode(b"vigie demo data key, 32 bytes!!!").decode()


class SettingsError(ValueError):
    """A setting is missing, malformed or too weak. The sentence names it and says what to do."""


def setting(default: Any, help_text: str) -> Any:
    """A field of `Settings` with the sentence that the reference prints."""
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the administrator decides. Durations are in the unit that their name ends with."""

    mode: str = setting("development", "`production`, `development` or `demo`.")
    database_url: str = setting(
        "sqlite:///vigie.db", "SQLAlchemy address; SQLite or `postgresql+psycopg://…`."
    )
    files_url: str = setting("file:uploads", "Where papers are kept: `file:FOLDER`.")
    secret_key: str = setting(DEMO_SECRET, "Keys look-ups and limits; 32 random characters.")
    data_keys: str = setting(
        DEMO_DATA_KEYS, "Encryption keys `id:base64,…`, newest first; each 32 bytes."
    )
    public_url: str = setting("http://localhost:5000", "The address that people and mails use.")
    mail_url: str = setting(
        "", "`smtp://user:pass@host:port` (STARTTLS: `smtp+starttls://`, TLS: `smtps://`)."
    )
    mail_from: str = setting("Vigie <vigie@localhost>", "Sender of every mail.")
    bounces_url: str = setting(
        "",
        "Mailbox for reports on mails that did not arrive: `imaps://user:pass@host:993/INBOX` "
        "(STARTTLS: `imap+starttls://`); empty = none is read.",
    )
    bounces_address: str = setting(
        "", "Address of that mailbox, the envelope sender of every mail; empty = that of MAIL_FROM."
    )
    group_name: str = setting("", "The group's name as staff and suppliers read it.")
    privacy_contact: str = setting(
        "", "Whom people write to about their data: name and mail address, said in the notice."
    )
    timezone: str = setting("Europe/Paris", "Where legal days begin and end.")
    trusted_proxies: int = setting(0, "How many reverse proxies set X-Forwarded-For.")
    upload_max_bytes: int = setting(20 * 1024 * 1024, "Largest file that a supplier may hand in.")
    upload_max_pages: int = setting(50, "Most pages that are read of one file.")
    upload_max_pixels: int = setting(50_000_000, "Most pixels of one image.")
    supplier_quota_bytes: int = setting(500 * 1024 * 1024, "Most bytes kept for one supplier.")
    reader_workers: int = setting(2, "Child processes that read papers.")
    second_reader: str = setting(
        "on",
        "`on`: pictures that leave a doubt are read by the extra `ocr-plus` too, where it is "
        "installed (1.5 GB for each child instead of 0.5); `off`: never.",
    )
    session_idle_minutes: int = setting(30, "A session ends after this time without a request.")
    session_hours: int = setting(10, "A session ends after this time whatever happens.")
    proof_minutes: int = setting(5, "How long a fresh proof of identity counts.")
    link_minutes: int = setting(15, "Life of a sign-in link asked for by its owner.")
    invitation_days: int = setting(14, "Life of an invitation.")
    bank_cooling_off_hours: int = setting(
        48, "Wait between the second approval of bank details and their use."
    )
    argon2_memory_kib: int = setting(19 * 1024, "Memory of one password hash.")
    argon2_time: int = setting(2, "Passes of one password hash.")
    oidc_issuer: str = setting(
        "", "The group's OpenID Connect provider, exactly as its tokens name it; empty = none."
    )
    oidc_client_id: str = setting("", "Vigie's client id at that provider.")
    oidc_client_secret: str = setting("", "Vigie's client secret at that provider.")
    oidc_required_amr: str = setting(
        "", "Words of `amr`, any of which proves the provider's second factor (`mfa otp`)."
    )
    oidc_required_acr: str = setting(
        "", "Words of `acr` (Entra ID: `acrs`), asked for; any of them proves that factor."
    )
    registry_url: str = setting(
        "",
        "Recherche d'entreprises; empty = no look-up (`https://recherche-entreprises.api.gouv.fr`).",
    )
    trust_roots: str = setting("", "Folder of PEM certificates trusted for signed papers.")
    two_d_doc_certificates: str = setting(
        "", "Folder of certificates (PEM, DER or an authority's directory) that seal 2D-Docs."
    )
    metrics_token: str = setting("", "Bearer token of `/metrics`; empty = closed.")
    sample_rate: float = setting(0.02, "Share of machine decisions that a person reads again.")
    error_target: float = setting(
        0.01, "Share of errors among accepted papers above which the machine's freedom tightens."
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; `X_FILE` names a file that holds X. Raises SettingsError."""
        values: dict[str, Any] = {}
        for item in fields(cls):
            text = read_setting(environ, PREFIX + item.name.upper())
            if text is not None:
                values[item.name] = _convert(item.name, text, type(item.default))
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse what would break a promise. Raises SettingsError."""
        self.keys()
        if self.mode not in {"production", "development", "demo"}:
            raise SettingsError(f"{PREFIX}MODE is production, development or demo.")
        if self.second_reader not in {"on", "off"}:
            raise SettingsError(f"{PREFIX}SECOND_READER is on or off.")
        if not _NAME.fullmatch(urlsplit(self.public_url).hostname or ""):
            raise SettingsError(f"{PREFIX}PUBLIC_URL is an address such as https://vigie.example.")
        for name in ("sample_rate", "error_target"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{PREFIX}{name.upper()} is a share between 0 and 1.")
        if self.oidc_issuer:
            self._check_oidc()
        if self.bounces_url:
            self._check_bounces()
        if self.bounces_address and not _ADDRESS.fullmatch(self.bounces_address):
            raise SettingsError(f"{PREFIX}BOUNCES_ADDRESS is one mail address, without a name.")
        if self.mode == "production":
            self._check_production()

    def _check_oidc(self) -> None:
        parts = urlsplit(self.oidc_issuer)
        if parts.scheme != "https" and not (
            parts.scheme == "http" and parts.hostname in LOOPBACK and self.mode != "production"
        ):
            raise SettingsError(f"{PREFIX}OIDC_ISSUER must begin with https://.")
        if len(self.oidc_issuer) > 200:
            raise SettingsError(f"{PREFIX}OIDC_ISSUER is longer than 200 characters.")
        for name in ("oidc_client_id", "oidc_client_secret"):
            if not getattr(self, name):
                raise SettingsError(f"{PREFIX}{name.upper()} is needed with {PREFIX}OIDC_ISSUER.")

    def _check_bounces(self) -> None:
        name, parts = f"{PREFIX}BOUNCES_URL", urlsplit(self.bounces_url)
        try:
            whole = bool(parts.hostname and parts.username and parts.password and parts.port != 0)
        except ValueError:  # a port that is no number
            whole = False
        if not whole or parts.scheme not in {"imaps", "imap+starttls", "imap"}:
            raise SettingsError(f"{name} is an address such as imaps://user:pass@host:993/INBOX.")
        if not unquote(f"{parts.username}{parts.password}").isascii():
            # The sign-in of IMAP knows no other letters (RFC 3501, LOGIN).
            raise SettingsError(f"{name}: choose a name and a password without accents.")
        if parts.scheme == "imap" and parts.hostname not in LOOPBACK:
            raise SettingsError(f"{name} must begin with imaps:// or imap+starttls://.")

    def _check_production(self) -> None:
        if self.secret_key == DEMO_SECRET or len(self.secret_key) < 32:
            raise SettingsError(f"{PREFIX}SECRET_KEY must be your own, 32 characters or more.")
        if self.data_keys == DEMO_DATA_KEYS:
            raise SettingsError(f"{PREFIX}DATA_KEYS must be your own (`supplier init` makes one).")
        if urlsplit(self.public_url).scheme != "https":
            raise SettingsError(f"{PREFIX}PUBLIC_URL must begin with https:// in production.")
        if not self.mail_url:
            raise SettingsError(f"{PREFIX}MAIL_URL is needed: suppliers come in by mail.")

    def keys(self) -> dict[str, bytes]:
        """The data keys by id, newest first. Raises SettingsError."""
        found: dict[str, bytes] = {}
        for part in filter(None, (piece.strip() for piece in self.data_keys.split(","))):
            name, _, encoded = part.partition(":")
            found[name] = _key(name, encoded)
        if not found:
            raise SettingsError(f"{PREFIX}DATA_KEYS is empty: write `id:base64`.")
        return found

    @property
    def secure(self) -> bool:
        """True where people come over https, so that cookies may demand it."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def trusted_hosts(self) -> list[str]:
        """The names that requests may come to: that of the public address, and on a desk loopback.

        Any other Host header is answered 400, so that no page or cache is made for a name that
        is not ours.
        """
        name = urlsplit(self.public_url).hostname or ""
        return [name] if self.mode == "production" else [name, *sorted(LOOPBACK - {"::1"})]

    @property
    def files_folder(self) -> Path:
        """The folder of the embedded store. Raises SettingsError for any other kind of store."""
        scheme, _, rest = self.files_url.partition(":")
        if scheme != "file" or not rest:
            raise SettingsError(f"{PREFIX}FILES_URL must be `file:FOLDER`.")
        return Path(rest.removeprefix("//")).expanduser()


def read_setting(environ: Mapping[str, str], name: str) -> str | None:
    """What `name` says, or the file that `name` with `_FILE` points to; None where neither is set.

    Children that are given no Settings read theirs so. Raises SettingsError.
    """
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{name}_FILE cannot be read: {error.strerror}.") from error
    return environ.get(name)


def _convert(name: str, text: str, kind: type) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name.upper()} must be a number, not {text!r}.") from error


def _key(name: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise SettingsError(f"{PREFIX}DATA_KEYS: key {name!r} is not base64.") from error
    if not name or len(key) != 32:
        raise SettingsError(f"{PREFIX}DATA_KEYS: key {name!r} must be 32 bytes with a name.")
    return key
