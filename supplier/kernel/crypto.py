"""Encryption of fields and files, and keyed indexes: AES-256-GCM under a ring of keys."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE = 12


class SealBrokenError(Exception):
    """The bytes were altered, moved to another row, or sealed under a key we do not have."""


class KeyRing:
    """Seals with the newest key and opens with any.

    A sealed value is `version | length of key id | key id | nonce | ciphertext`. Its context
    (table, column, row) is authenticated, so a value copied into another row does not open.
    """

    def __init__(self, keys: Mapping[str, bytes], secret: str) -> None:
        self._keys = dict(keys)
        self._newest = next(iter(self._keys))
        self._secret = secret.encode()

    def seal(self, plain: bytes, *, context: str) -> bytes:
        """Encrypt `plain`; only the same `context` opens it again."""
        key_id = self._newest.encode()
        nonce = secrets.token_bytes(_NONCE)
        cipher = AESGCM(self._keys[self._newest]).encrypt(nonce, plain, context.encode())
        return _VERSION + bytes([len(key_id)]) + key_id + nonce + cipher

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt. Raises SealBrokenError."""
        key_id, nonce, cipher = _split(sealed)
        key = self._keys.get(key_id)
        if key is None:
            raise SealBrokenError(f"no key {key_id!r} in the ring")
        try:
            return AESGCM(key).decrypt(nonce, cipher, context.encode())
        except InvalidTag as error:
            raise SealBrokenError("the sealed value does not open in this place") from error

    def seal_text(self, text: str, *, context: str) -> bytes:
        return self.seal(text.encode(), context=context)

    def open_text(self, sealed: bytes, *, context: str) -> str:
        return self.open(sealed, context=context).decode()

    def seal_file(self, plain: bytes, *, name: str) -> bytes:
        """Encrypt a file under a key of its own, itself sealed by the ring."""
        data_key = AESGCM.generate_key(256)
        wrapped = self.seal(data_key, context=f"file-key:{name}")
        nonce = secrets.token_bytes(_NONCE)
        body = AESGCM(data_key).encrypt(nonce, plain, name.encode())
        return len(wrapped).to_bytes(2, "big") + wrapped + nonce + body

    def open_file(self, sealed: bytes, *, name: str) -> bytes:
        """Decrypt a file. Raises SealBrokenError."""
        size = int.from_bytes(sealed[:2], "big")
        data_key = self.open(sealed[2 : 2 + size], context=f"file-key:{name}")
        nonce, body = sealed[2 + size : 2 + size + _NONCE], sealed[2 + size + _NONCE :]
        try:
            return AESGCM(data_key).decrypt(nonce, body, name.encode())
        except InvalidTag as error:
            raise SealBrokenError(f"file {name} was altered") from error

    def index(self, value: str, *, purpose: str) -> str:
        """A keyed digest to find equal values without reading them (HMAC-SHA256, hex)."""
        return hmac.new(self._secret, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    if len(sealed) < 2 + _NONCE or sealed[:1] != _VERSION:
        raise SealBrokenError("not a sealed value")
    end = 2 + sealed[1]
    key_id = sealed[2:end].decode(errors="replace")
    return key_id, sealed[end : end + _NONCE], sealed[end + _NONCE :]


def new_token() -> str:
    """A random token of 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256 in hex. The token itself is never stored."""
    return hashlib.sha256(token.encode()).hexdigest()


class _Holder:
    ring: KeyRing | None = None


def use_keyring(ring: KeyRing) -> None:
    """Install the ring of this process; the factory and the commands call it once."""
    _Holder.ring = ring


def keyring() -> KeyRing:
    """The ring of this process. Raises RuntimeError when none was installed."""
    if _Holder.ring is None:
        raise RuntimeError("no key ring: create the application first")
    return _Holder.ring
