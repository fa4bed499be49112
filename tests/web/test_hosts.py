"""Only the name that people and mails use is answered."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from supplier.settings import SettingsError
from tests.conftest import test_settings as made_settings


@pytest.mark.parametrize("host", [
    "evil.example", "localhost.evil.example", "evil.example:80", "evil.localhost", "a b", "",
    "localhost@evil.example", "127.0.0.1.nip.io",
])  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/sign-in", "/portal/", "/api/v1/bank-accounts", "/nowhere"])
def test_a_host_that_is_not_ours_is_refused(
    client: FlaskClient, host: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)
    assert "Location" not in answer.headers
    # Whoever scans must not fill the log with our own faults.
    assert caplog.records == []


@pytest.mark.parametrize("host", ["localhost", "localhost:5000", "127.0.0.1:8000"])
def test_our_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(("mode", "public_url", "expected"), [
    ("production", "https://Vigie.Kerlan.example", ["vigie.kerlan.example"]),
    ("production", "https://vigie.kerlan.example:8443/", ["vigie.kerlan.example"]),
    ("development", "https://v.example", ["v.example", "127.0.0.1", "localhost"]),
    ("demo", "http://localhost:5000", ["localhost", "127.0.0.1", "localhost"]),
])  # fmt: skip
def test_the_names_follow_from_the_public_address(
    mode: str, public_url: str, expected: list[str]
) -> None:
    """Loopback is for a demo and for development: in production it would be one name too many."""
    settings = replace(made_settings("sqlite://", None), mode=mode, public_url=public_url)  # type: ignore[arg-type]
    assert settings.trusted_hosts == expected


@pytest.mark.parametrize(
    "public_url", ["https://", "https:///vigie", "localhost:5000", "https://*"]
)
def test_a_public_address_without_a_name_stops_the_start(public_url: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        replace(made_settings("sqlite://", None), public_url=public_url).check()  # type: ignore[arg-type]
