"""All suppliers of the demo, in one list and by key."""

from __future__ import annotations

from supplier.demo.suppliers.elsewhere import ABROAD, FORMER
from supplier.demo.suppliers.energies import ENERGIES
from supplier.demo.suppliers.facts import Scenario, SupplierFacts
from supplier.demo.suppliers.services import SERVICES
from supplier.demo.suppliers.trades import TRADES

SUPPLIERS: tuple[SupplierFacts, ...] = (*TRADES, *ENERGIES, *SERVICES, *ABROAD, *FORMER)

_BY_KEY = {item.key: item for item in SUPPLIERS}


def supplier(key: str) -> SupplierFacts:
    """The supplier with this key. Raises KeyError for none."""
    return _BY_KEY[key]


def in_scenario(scenario: Scenario) -> tuple[SupplierFacts, ...]:
    """The suppliers that show this scenario."""
    return tuple(item for item in SUPPLIERS if scenario in item.scenarios)
