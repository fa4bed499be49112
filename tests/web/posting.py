"""Send forms as a browser does: open the page, take its token, post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_SEEN = re.compile(r'name="seen"[^>]*value="([0-9a-f]+)"')


def token_of(client: FlaskClient, page: str) -> str:
    """The CSRF token that a page holds; redirects are followed to a page that can be read."""
    answer = client.get(page, follow_redirects=True)
    found = _TOKEN.search(answer.get_data(as_text=True))
    assert found is not None, f"{page} answered {answer.status_code} and holds no token"
    return unescape(found.group(1))


def post(
    client: FlaskClient,
    url: str,
    data: Mapping[str, Any] | None = None,
    *,
    page: str | None = None,
    **more: Any,
) -> TestResponse:
    """Post `data` to `url` with the token of `page` (by default of `url` itself).

    The version that a form was opened with goes along too, where the page holds one.
    """
    text = client.get(page or url, follow_redirects=True).get_data(as_text=True)
    token = _TOKEN.search(text)
    assert token is not None, f"{page or url} holds no token"
    hidden = {"csrf_token": unescape(token.group(1))}
    if seen := seen_in(text):
        hidden["seen"] = seen
    return client.post(url, data={**hidden, **(data or {})}, **more)


def seen_in(text: str) -> str:
    """The version that the form of a page was opened with; nothing where it has none."""
    found = _SEEN.search(text)
    return found.group(1) if found else ""


def post_json(
    client: FlaskClient, url: str, data: Mapping[str, Any] | None = None, *, page: str
) -> TestResponse:
    """The same for a script: JSON, with the token in its header."""
    headers = {"X-CSRFToken": token_of(client, page)}
    return client.post(url, json=dict(data or {}), headers=headers)
