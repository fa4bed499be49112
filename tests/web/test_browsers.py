"""The names of browsers."""

from __future__ import annotations

import pytest

from supplier.web.browsers import name_of_browser

GECKO = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {GECKO} Chrome/140.0.0.0 Safari/537.36",
            "Chrome, Linux",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64) {GECKO} Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        (f"Mozilla/5.0 (iPhone) {GECKO} Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iOS"),
        (
            "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Firefox, Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15) Gecko Firefox/140.0", "Firefox, macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_session_is_told_by_browser_and_system(agent: str, name: str) -> None:
    assert name_of_browser(agent) == name
