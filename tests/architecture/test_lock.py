"""The lock file holds, by digest, a version of everything that pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def asked() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"]]
    for name in ("test", "ocr", "ocr-plus", "postgres", "sso"):
        texts += extras[name]
    return [one for one in map(Requirement, texts) if one.name != PROJECT["name"]]


def locked() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK, re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


@pytest.mark.parametrize("one", asked(), ids=lambda one: one.name)
def test_the_lock_holds_a_version_in_the_range_asked_for(one: Requirement) -> None:
    versions = locked().get(canonicalize_name(one.name), [])
    assert versions, "not locked: the first line of requirements.lock says how to write it again"
    assert all(one.specifier.contains(version) for version in versions), versions


def test_every_locked_version_has_its_digest_and_no_address_of_a_machine() -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE))
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in LOCK
    assert "/opt/" not in LOCK
