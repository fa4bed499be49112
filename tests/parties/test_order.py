"""Lists in order of names are read as people read them: É beside E, small beside capital."""

from __future__ import annotations

import pytest

from supplier.accounts import queries as accounts
from supplier.kernel.database import reading, transaction
from supplier.kernel.words import alphabetical
from supplier.parties import contacts, keeping, queries
from supplier.parties.models import Contact, Supplier
from supplier.vigilance.portfolio import SupplierFilter, SupplierSort, list_suppliers
from tests.make import Maker

MIXED = [
    "Zinc",
    "Énergies",
    "BET Kerlan",
    "Belle-Île",
    "DOLMONT",
    "Démolition",
    "Œuvre",
    "emballage",
]
READ = [
    "Belle-Île",
    "BET Kerlan",
    "Démolition",
    "DOLMONT",
    "emballage",
    "Énergies",
    "Œuvre",
    "Zinc",
]


@pytest.mark.parametrize(
    ("name", "key"),
    [("Belle-Île", "belle ile"), ("«\u00a0Œuvre\u00a0»", "oeuvre"), ("Łódź & Søn", "lodz son")],
)
def test_a_name_is_compared_by_its_plain_words(name: str, key: str) -> None:
    assert alphabetical(name) == key


def test_suppliers_stand_as_they_are_read_forth_and_back(make: Maker) -> None:
    buyer = make.buyer()
    for name in MIXED:
        make.engagement(make.supplier(name), buyer)
    found = []
    for number in (1, 2, 3, 4):
        one = list_suppliers(
            SupplierFilter(sort=SupplierSort.NAME),
            buyers=None,
            today=make.clock.at.date(),
            number=number,
            size=2,
        )
        found += [row.supplier.name for row in one.page.items]
    assert found == READ


def test_companies_people_and_users_stand_as_they_are_read(make: Maker) -> None:
    supplier = make.supplier()
    for name in MIXED:
        make.buyer(name)
        make.contact(supplier, name=name)
        make.user(name)
    assert [one.name for one in queries.list_buyers()] == READ
    assert [one.name for one in queries.list_choices(buyers=None).companies] == READ
    assert [one.name for one in contacts.list_contacts(supplier.id)] == READ
    assert [one.name for one in accounts.list_users().items] == READ
    assert [name for _, name in accounts.list_buyers()] == READ


def test_what_is_made_anonymous_leaves_no_name_to_sort_by(make: Maker) -> None:
    supplier = make.supplier("Zoé Kanarienvogel", kind="natural_person")
    contact = make.contact(supplier, name="Zoé")
    with transaction() as session:
        keeping.anonymise(session, supplier.id, make.clock.at)
        keeping.erase_contact(session, contact.id, make.clock.at)
    with reading() as session:
        assert session.get_one(Supplier, supplier.id).sort_name == ""
        assert session.get_one(Contact, contact.id).sort_name == ""
