"""The entrance of the portal: which of its rooms the application opens."""

from __future__ import annotations

from apiflask import APIFlask

from supplier.portal import bank, company, deposit, help, home, papers, people, statements  # noqa: A004


def open_entrance(app: APIFlask) -> None:
    """Register every room of the portal."""
    for room in (home, deposit, papers, statements, bank, company, people, help):
        app.register_blueprint(room.blueprint)
