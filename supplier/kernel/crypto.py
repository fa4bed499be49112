"""Encryption of fields and files, and keyed indexes: AES-256-GCM under a ring of keys."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

_VERSION = b"\x01"
_NONCE = 12
_TAG = 16
_BLOCK = 65_536


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

    def seal_blocks(self, plain: Iterable[bytes], *, name: str) -> Iterator[bytes]:
        """Encrypt a file block by block under a key of its own, itself sealed by the ring."""
        data_key = AESGCM.generate_key(256)
        wrapped = self.seal(data_key, context=f"file-key:{name}")
        nonce = secrets.token_bytes(_NONCE)
        yield len(wrapped).to_bytes(2, "big") + wrapped + nonce
        cipher = Cipher(AES256(data_key), GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(name.encode())
        for block in plain:
            yield cipher.update(block)
        yield cipher.finalize() + cipher.tag

    def open_blocks(self, sealed: BinaryIO, *, name: str) -> Iterator[bytes]:
        """Decrypt a file block by block. Raises SealBrokenError.

        Nothing of it is sure before the last block came.
        """
        wrapped = sealed.read(int.from_bytes(sealed.read(2), "big"))
        data_key = self.open(wrapped, context=f"file-key:{name}")
        nonce = sealed.read(_NONCE)
        if len(nonce) < _NONCE:
            raise SealBrokenError(f"file {name} was cut")
        cipher = Cipher(AES256(data_key), GCM(nonce)).decryptor()
        cipher.authenticate_additional_data(name.encode())
        rest = b""
        while block := sealed.read(_BLOCK):
            rest += block
            yield cipher.update(rest[:-_TAG])
            rest = rest[-_TAG:]
        try:
            yield cipher.finalize_with_tag(rest)
        except (InvalidTag, ValueError) as error:  # ValueError: too short for a tag
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
