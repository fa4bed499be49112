"""What the settings decide about accounts, handed to this room once per process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from supplier.settings import LOOPBACK, Settings

#: An administrator's factor-reset link: long enough to reach a person, too short to be forgotten.
FACTOR_RESET = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Policy:
    """Lives of links, cost of a password hash, and the site that passkeys are bound to."""

    link: timedelta
    invitation: timedelta
    argon2_memory_kib: int
    argon2_time: int
    origin: str
    #: The demo on this machine alone, where printed links open every account.
    demo: bool = False
    #: What the provider must say for its second factor to count, and how old a proof may be.
    required_amr: frozenset[str] = frozenset()
    required_acr: frozenset[str] = frozenset()
    proof: timedelta = timedelta(minutes=5)

    @property
    def host(self) -> str:
        """The relying party of passkeys: the host alone, from the settings, never a request's."""
        return urlsplit(self.origin).hostname or "localhost"


def policy_of(settings: Settings) -> Policy:
    parts = urlsplit(settings.public_url)
    return Policy(
        link=timedelta(minutes=settings.link_minutes),
        invitation=timedelta(days=settings.invitation_days),
        argon2_memory_kib=settings.argon2_memory_kib,
        argon2_time=settings.argon2_time,
        origin=f"{parts.scheme}://{parts.netloc}",
        required_amr=frozenset(settings.oidc_required_amr.split()),
        required_acr=frozenset(settings.oidc_required_acr.split()),
        proof=timedelta(minutes=settings.proof_minutes),
        demo=settings.mode == "demo" and parts.hostname in LOOPBACK,
    )


class _Holder:
    policy: Policy = policy_of(Settings())


def use_policy(policy: Policy) -> None:
    """Install the policy of this process; the factory and the commands call it once."""
    _Holder.policy = policy


def policy() -> Policy:
    return _Holder.policy
