"""Contracts that renew themselves soon: the database finds those that the rule names."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.permissions import Role
from supplier.contracts.models import Contract
from supplier.contracts.renewing import renews_between
from supplier.contracts.terms import ContractEnd, Renewal
from supplier.kernel.database import reading
from tests.make import Maker

TODAY = date(2026, 11, 23)
Browse = Callable[[UUID], FlaskClient]


def by_rule(row: Contract, first: date, last: date) -> bool:
    if row.renews_on is None or row.renews_months is None:
        return False
    day = Renewal(row.renews_on, row.renews_months).next_after(first - timedelta(days=1))
    end = ContractEnd(row.ends_on, row.terminated_on).last_day
    return day <= last and (end is None or day <= end)


def test_the_database_finds_the_renewals_of_the_rule(make: Maker) -> None:
    engagement, draw = make.engagement(make.supplier(), make.buyer()), random.Random(7)
    for number in range(150):
        starts_on = date(2024, 1, 1) + timedelta(days=draw.randrange(900))
        renews_on = starts_on + timedelta(days=draw.choice([31, 61, 182, 365, 400]))
        months = draw.choice([1, 2, 3, 6, 12, 24])
        end = draw.choice([None, None, TODAY + timedelta(days=draw.randrange(-30, 90))])
        make.contract(
            engagement, reference=f"R-{number}", starts_on=starts_on, signed_on=starts_on,
            renews_on=renews_on, renews_months=months, ends_on=None if number % 2 else end,
            terminated_on=end if number % 2 else None,
        )  # fmt: skip
    make.contract(engagement, reference="never")
    for today in (TODAY, date(2027, 2, 27), date(2028, 1, 31), date(2026, 12, 31)):
        for days in (0, 3, 60):
            last = today + timedelta(days=days)
            with reading() as session:
                rows = session.scalars(select(Contract)).all()
                query = select(Contract.reference).where(renews_between(today, last))
                found = set(session.scalars(query))
            assert found == {row.reference for row in rows if by_rule(row, today, last)}
            assert found or not days


def test_the_list_of_contracts_shows_those_that_renew_themselves_soon(
    make: Maker, browse: Browse
) -> None:
    engagement = make.engagement(make.supplier(), make.buyer())
    for reference, renews_on in (("BIENTOT", date(2025, 12, 20)), ("TARD", date(2026, 3, 1))):
        make.contract(
            engagement, reference=reference, starts_on=date(2025, 1, 10), ends_on=None,
            renews_on=renews_on, renews_months=12,
        )  # fmt: skip
    make.contract(engagement, reference="SANS")
    denise = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    page = denise.get("/desk/contracts/?state=renewing").get_data(as_text=True)
    assert "Se reconduit dans les 60 jours" in page
    assert "tous les 12 mois, prochaine le 20/12/2026" in page
    assert ("BIENTOT" in page, "TARD" in page, "SANS" in page) == (True, False, False)
