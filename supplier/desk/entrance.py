"""The entrance of the desk: which of its rooms the application opens."""

from __future__ import annotations

from apiflask import APIFlask

from supplier.desk import (
    accounting,
    api_approvals,
    api_clients,
    bank,
    bank_list,
    buyers,
    campaigns,
    contacts,
    contracts,
    engagements,
    evaluation,
    imports,
    invoices,
    journal,
    mails,
    quality,
    relations,
    retention,
    retention_lines,
    review,
    review_correcting,
    review_issuer,
    review_versions,
    rights,
    rules,
    search,
    second_reading,
    supplier_forms,
    supplier_page,
    suppliers,
    users,
    week,
)


def open_entrance(app: APIFlask) -> None:
    """Register every room of the desk."""
    app.register_blueprint(week.blueprint)
    # What people write on a paper adds itself to the blueprint of the review.
    assert review_correcting.blueprint is review.blueprint
    app.register_blueprint(review.blueprint)
    app.register_blueprint(review_issuer.blueprint)
    app.register_blueprint(review_versions.blueprint)
    app.register_blueprint(second_reading.blueprint)
    app.register_blueprint(quality.blueprint)
    # One supplier's page and its form add themselves to the blueprint of the list.
    assert supplier_page.blueprint is supplier_forms.blueprint is suppliers.blueprint
    app.register_blueprint(suppliers.blueprint)
    # The people of a supplier add themselves to what is arranged with it.
    assert contacts.blueprint is engagements.blueprint
    for room in (engagements, imports, search, journal, rules, buyers):
        app.register_blueprint(room.blueprint)
    app.register_blueprint(users.blueprint)
    app.register_blueprint(api_clients.blueprint)
    app.register_blueprint(api_approvals.blueprint)
    # Invoices and relations add their pages to the blueprint of the contracts.
    assert invoices.blueprint is relations.blueprint is contracts.blueprint
    app.register_blueprint(contracts.blueprint)
    # The lists of lines and of accounts add themselves to the plan and to the accounts.
    assert retention_lines.blueprint is retention.blueprint
    app.register_blueprint(retention.blueprint)
    app.register_blueprint(rights.blueprint)
    app.register_blueprint(campaigns.blueprint)
    app.register_blueprint(mails.blueprint)
    assert bank_list.blueprint is bank.blueprint
    app.register_blueprint(bank.blueprint)
    app.register_blueprint(accounting.blueprint)
    app.register_blueprint(evaluation.blueprint)
