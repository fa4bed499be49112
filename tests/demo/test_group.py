"""The group and its suppliers hold together: valid numbers, no clash, every scenario shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import pytest

from supplier.accounts.permissions import Role
from supplier.demo.group import BUYERS, STAFF, BuyerKey, buyer, staff
from supplier.demo.suppliers.directory import SUPPLIERS, in_scenario, supplier
from supplier.demo.suppliers.facts import Scenario, SupplierFacts
from supplier.kernel.identifiers import Siren, Siret, VatNumber

#: Telephone numbers kept for fiction by the French regulator, and the invented foreign ones.
FICTION = re.compile(r"02 61 91 \d\d \d\d|06 39 98 \d\d \d\d|\+(49|32|48)( \d+)*( 555?| 55)[ \d]+")

each = pytest.mark.parametrize("who", SUPPLIERS, ids=lambda who: who.key)


def test_about_sixty_suppliers_have_keys_and_numbers_of_their_own() -> None:
    assert 55 <= len(SUPPLIERS) <= 65
    assert not _twice(who.key for who in SUPPLIERS)
    sirens = [who.company.siren for who in SUPPLIERS if who.company.siren]
    assert not _twice([*sirens, *(item.siren for item in BUYERS)])
    assert not _twice(who.company.name for who in SUPPLIERS)


@each
def test_numbers_pass_their_keys_and_begin_as_fiction_does(who: SupplierFacts) -> None:
    assert VatNumber.parse(who.vat_number)
    if who.company.country == "FR":
        assert Siren.parse(who.company.siren).value.startswith("999")
        assert Siret.parse(who.company.siret)
    else:
        assert who.company.number
        assert not who.company.siren


@each
def test_nobody_can_be_reached_at_these_addresses(who: SupplierFacts) -> None:
    assert who.contacts
    for contact in who.contacts:
        assert contact.email.endswith(".example")
        assert FICTION.fullmatch(contact.phone), contact.phone


def test_no_two_contacts_share_an_address() -> None:
    assert not _twice(contact.email for who in SUPPLIERS for contact in who.contacts)
    assert not _twice(member.email for member in STAFF)


@each
def test_work_begins_after_the_relationship_and_ends_with_it(who: SupplierFacts) -> None:
    assert who.deals
    assert all(deal.starts >= who.since for deal in who.deals)
    if who.ended is not None:
        assert all(deal.ends is not None and deal.ends <= who.ended for deal in who.deals)


def test_every_scenario_is_shown_by_somebody() -> None:
    assert {scenario for scenario in Scenario if not in_scenario(scenario)} == set()


def test_only_relationships_over_for_five_years_are_erasable() -> None:
    assert all((who.ended or 0) <= -60 for who in in_scenario(Scenario.ERASABLE))
    assert all(who.ended is not None for who in in_scenario(Scenario.ENDED))


def test_the_group_has_somebody_for_every_role_and_two_who_validate() -> None:
    roles = Counter(member.role for member in STAFF)
    assert set(roles) == set(Role)
    assert roles[Role.BANK_VALIDATOR] >= 2
    assert roles[Role.ADMINISTRATOR] >= 2


def test_companies_of_the_group_are_found_by_their_key() -> None:
    assert [buyer(key).key for key in BuyerKey] == list(BuyerKey)
    assert all(Siren.parse(item.siren) for item in BUYERS)
    assert staff("karim.benali").name == "Karim Benali"
    assert {who for item in SUPPLIERS for who in item.buyers} == set(BuyerKey)


def test_legal_forms_are_said_as_people_say_them() -> None:
    assert supplier("lebrun").short_form == "SARL"
    assert supplier("dewaele").short_form == "SRL"
    assert supplier("guendogan").short_form == "GmbH"
    assert supplier("le-floch").short_form == "EI"
    assert supplier("le-floch").is_natural_person


def _twice(items: Iterable[str]) -> list[str]:
    return [item for item, times in Counter(items).items() if times > 1]
