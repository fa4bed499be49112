"""The entrance of the api: which of its rooms the application opens."""

from __future__ import annotations

from apiflask import APIFlask


def open_entrance(app: APIFlask) -> None:
    """Register every room of the api."""
