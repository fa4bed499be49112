"""What a page may ask about its request: the time, who comes, the settings."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import cast

from flask import current_app, g

from supplier.accounts.permissions import Visitor
from supplier.kernel.audit import Actor
from supplier.kernel.clock import Clock, legal_day
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.settings import Settings


def settings() -> Settings:
    return cast(Settings, current_app.extensions["vigie_settings"])


def now() -> datetime:
    """The instant of this request: asked once, the same everywhere below."""
    if "now" not in g:
        clock = cast(Clock, current_app.extensions["vigie_clock"])
        g.now = clock.now()
    return cast(datetime, g.now)


def today() -> date:
    """The legal day of this request."""
    return legal_day(now(), zone=settings().timezone)


def find_visitor() -> Visitor | None:
    """Who signed in, or None."""
    return cast("Visitor | None", g.get("visitor"))


def visitor() -> Visitor:
    """Who signed in. Raises NotFoundError when nobody did: pages are closed unless opened."""
    found = find_visitor()
    if found is None:
        raise NotFoundError(N_("This page does not exist."))
    return found


def actor() -> Actor:
    """Who acts, for the journal."""
    return visitor().actor


def supplier_id() -> uuid.UUID:
    """The supplier that the visitor acts for. Raises NotFoundError."""
    found = visitor().acting_supplier_id
    if found is None:
        raise NotFoundError(N_("This page does not exist."))
    return found
