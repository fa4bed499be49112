"""The page of a supplier: what is red there, and what counts as something that happened."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date

from flask.testing import FlaskClient

from supplier.accounts.permissions import Role
from supplier.kernel.audit import record
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import transaction
from supplier.parties.models import Supplier
from tests.make import Maker, actor
from tests.vigilance.files import accepted

Browse = Callable[[uuid.UUID], FlaskClient]


def test_a_paper_past_its_day_is_red_only_where_none_followed(make: Maker, browse: Browse) -> None:
    supplier = known_supplier(make)
    for year in (2024, 2025):
        accepted(supplier, "kbis", issued_on=date(year, 3, 1), valid_until=date(year, 9, 1))
    accepted(supplier, "decennial_insurance", issued_on=date(2025, 1, 1),
             valid_until=date(2025, 12, 31))  # fmt: skip
    page = browse(make.staff("Denise Achats", Role.PURCHASING).id).get(page_of(supplier))
    tones = re.findall(r'v-chip-(\w+)">(?:<svg.*?</svg>)?Périmée', page.get_data(as_text=True))
    assert sorted(tones) == ["bad", "bad", "none"]


def test_copies_that_people_took_do_not_hide_what_happened(
    make: Maker, browse: Browse, clock: FixedClock
) -> None:
    supplier = known_supplier(make)
    denise = make.staff("Denise Achats", Role.PURCHASING)
    kinds = ("kbis", "urssaf_vigilance", "tax_compliance", "decennial_insurance")
    papers = [accepted(supplier, kind, issued_on=date(2026, 11, 1)) for kind in kinds]
    with transaction() as session:
        record(session, "supplier.changed", subject=supplier, by=actor(denise), at=clock.at)
        for document in papers * 20:
            record(session, "document.downloaded", subject=document, by=actor(denise), at=clock.at)
    client = browse(denise.id)
    assert "Fichier d’origine" not in told(client, page_of(supplier))
    assert "Fournisseur modifié" in told(client, page_of(supplier))
    assert "Fichier d’origine" in client.get(f"{page_of(supplier)}/history").get_data(as_text=True)


def known_supplier(make: Maker) -> Supplier:
    supplier = make.supplier("Alpha Menuiserie")
    make.contract(make.engagement(supplier, make.buyer()))
    return supplier


def page_of(supplier: Supplier) -> str:
    return f"/desk/suppliers/{supplier.id}"


def told(client: FlaskClient, page: str) -> str:
    """What the page says under "What happened"."""
    body = client.get(page).get_data(as_text=True)
    return body[body.index('id="events"') :].partition("</section>")[0]
