"""The entrance of the portal: which of its rooms the application opens."""

from __future__ import annotations

from apiflask import APIFlask

from supplier.portal import (
    bank,
    company,
    deposit,
    help,  # noqa: A004
    home,
    papers,
    people,
    privacy,
    statements,
)


def open_entrance(app: APIFlask) -> None:
    """Register every room of the portal."""
    for room in (home, deposit, papers, statements, bank, company, people, privacy, help):
        app.register_blueprint(room.blueprint)
