"""What every room of the portal shares: its frame, its company, and what follows a change."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, g, request, url_for
from flask_babel import get_locale, gettext

from supplier.kernel.database import reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Supplier
from supplier.vigilance import actions as vigilance
from supplier.web import context


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the portal's navigation."""

    label: str
    url: str
    current: bool
    count: int | None = None


#: Endpoint, label, and the rooms in which the line is the current one.
_LINES = (
    ("portal.home", N_("Home"), ("portal",)),
    ("portal_deposit.show", N_("Hand in"), ("portal_deposit", "portal_statements")),
    ("portal_papers.history", N_("History"), ("portal_papers",)),
    ("portal_company.show", N_("My company"), ("portal_company", "portal_bank", "portal_people")),
    ("portal_privacy.my_data", N_("My data"), ("portal_privacy",)),
    ("portal_help.show", N_("Help"), ("portal_help",)),
)
#: Endpoint, label, and whether the page exists only for whoever acts for a supplier.
_FOOT = (
    ("portal_people.who_sees", N_("Who sees my papers?"), True),
    ("portal_privacy.notice", N_("Privacy"), False),
    ("signin.account", N_("My sign-in"), False),
)


def room(name: str, prefix: str) -> Blueprint:
    """A blueprint of the portal whose pages have its frame."""
    blueprint = Blueprint(name, "supplier.portal", url_prefix=prefix)
    blueprint.context_processor(frame)
    return blueprint


def frame() -> dict[str, Any]:
    """What the portal's layout reads."""
    views = current_app.view_functions
    here = request.blueprint or ""
    return {
        "company": find_company(),
        "language": language(),
        "language_url": url_for("signin.language"),
        "home_url": url_for("portal.home"),
        "sign_out_url": url_for("signin.sign_out"),
        "portal_navigation": [
            Link(gettext(label), url_for(endpoint), here in rooms)
            for endpoint, label, rooms in _LINES
            if endpoint in views
        ],
        "footer_links": [
            (gettext(label), url_for(endpoint))
            for endpoint, label, ours in _FOOT
            if endpoint in views and (find_company() is not None or not ours)
        ],
    }


def language() -> str:
    """The language of this page: fr, en or de."""
    locale = get_locale()
    return locale.language if locale else "fr"


def find_company() -> Supplier | None:
    """The supplier that the visitor acts for, read once a request; None before they chose."""
    visitor = context.find_visitor()
    if visitor is None or visitor.acting_supplier_id is None:
        return None
    if "company" not in g:
        with reading() as session:
            g.company = session.get(Supplier, visitor.acting_supplier_id)
    found: Supplier | None = g.company
    return found


def company() -> Supplier:
    """The supplier that the visitor acts for. Raises NotFoundError."""
    found = find_company()
    if found is None:
        raise NotFoundError(N_("This page does not exist."))
    return found


def refresh(supplier_id: uuid.UUID) -> None:
    """Work out at once what the supplier owes, so that the next page is true.

    The job left by the action does the same again: it is what counts if this process dies here.
    """
    vigilance.refresh_task({"supplier_id": str(supplier_id)}, context.now())
