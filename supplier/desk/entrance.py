"""The entrance of the desk: which of its rooms the application opens."""

from __future__ import annotations

from apiflask import APIFlask

from supplier.desk import api_clients, campaigns, contracts, invoices, mails, relations, users


def open_entrance(app: APIFlask) -> None:
    """Register every room of the desk."""
    app.register_blueprint(users.blueprint)
    app.register_blueprint(api_clients.blueprint)
    # Invoices and relations add their pages to the blueprint of the contracts.
    assert invoices.blueprint is relations.blueprint is contracts.blueprint
    app.register_blueprint(contracts.blueprint)
    app.register_blueprint(campaigns.blueprint)
    app.register_blueprint(mails.blueprint)
