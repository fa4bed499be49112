"""A passkey in software: what an authenticator answers, with its flags as parameters."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost"
#: User present, user verified, attested data.
UP, UV, AT = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class SoftwareKey:
    """One credential. `count` 0 never grows, as synced passkeys do."""

    def __init__(self, *, host: str = "localhost", count: int = 0) -> None:
        self.id = secrets.token_bytes(32)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.host, self.count = host, count
        self.handle: bytes | None = None

    def _data(self, flags: int) -> bytes:
        return (
            hashlib.sha256(self.host.encode()).digest()
            + bytes([flags])
            + self.count.to_bytes(4, "big")
        )

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def create(
        self, options: dict[str, Any], *, flags: int = UP | UV, origin: str = ORIGIN
    ) -> dict[str, Any]:
        """The answer to registration options."""
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(flags | AT) + attested
        return self._answer(
            clientDataJSON=text(self._client("webauthn.create", options["challenge"], origin)),
            attestationObject=text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            transports=["internal"],
        )

    def get(
        self, options: dict[str, Any], *, flags: int = UP | UV, origin: str = ORIGIN
    ) -> dict[str, Any]:
        """The answer to sign-in options."""
        if self.count:
            self.count += 1
        client = self._client("webauthn.get", options["challenge"], origin)
        data = self._data(flags)
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            clientDataJSON=text(client),
            authenticatorData=text(data),
            signature=text(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            userHandle=text(self.handle) if self.handle else None,
        )

    def _answer(self, **response: Any) -> dict[str, Any]:
        return {
            "id": text(self.id), "rawId": text(self.id), "type": "public-key",
            "response": response, "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
        }  # fmt: skip
