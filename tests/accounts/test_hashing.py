"""Passwords are compared exactly, and nobody's absence is quicker than a wrong password."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from supplier.accounts.hashing import hash_password, is_outdated, is_password
from supplier.accounts.policy import Policy, policy_of, use_policy
from supplier.settings import Settings

PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "passwords-unicode.jsonl")
    .read_text()
    .splitlines()
]


def quick(time: int = 1) -> Policy:
    return policy_of(Settings(argon2_memory_kib=8, argon2_time=time))


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    use_policy(quick())
    yield
    use_policy(policy_of(Settings()))


@pytest.mark.parametrize("pair", PAIRS)
def test_only_equal_passwords_are_equal(pair: dict[str, str]) -> None:
    same = not pair["same"].startswith("no")
    assert is_password(pair["b"], of=hash_password(pair["a"])) is same
    assert is_password(pair["a"], of=hash_password(pair["a"]))


def test_what_is_too_long_is_never_cut() -> None:
    assert is_password("x" * 128, of=hash_password("x" * 128))
    assert not is_password("x" * 129, of=hash_password("x" * 128))
    with pytest.raises(ValueError, match="too long"):
        hash_password("x" * 129)


def test_nothing_matches_nobody() -> None:
    assert not is_password("nobody has this password", of=None)
    assert not is_password("", of=None)


@pytest.mark.parametrize("broken", ["", "plain", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_an_unreadable_hash_refuses(broken: str) -> None:
    assert not is_password("whatever it is", of=broken)


def test_a_dearer_setting_outdates_a_hash() -> None:
    made = hash_password("quatre ombres vertes")
    assert not is_outdated(made)
    use_policy(quick(time=2))
    assert is_outdated(made)
    assert is_password("quatre ombres vertes", of=made)
