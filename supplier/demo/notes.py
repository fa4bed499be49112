"""What people noted in the demo: waivers, calls, a legal hold, requests of persons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from supplier.demo.people import Cast, Entry
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.demo.suppliers.facts import Scenario, SupplierFacts
from supplier.kernel.clock import add_months
from supplier.privacy import actions as privacy
from supplier.retention import actions as retention
from supplier.vigilance import actions as vigilance


def write_notes(cast: Cast, *, now: datetime, today: date) -> list[Entry]:
    """Waivers, calls that were noted, a legal hold, requests: what to do when."""
    diary = _requests(cast, now=now, today=today)
    for facts in SUPPLIERS:
        diary += [(now, act) for act in _waivers(cast, facts, now=now, today=today)]
        if Scenario.GAP_SOCIAL in facts.scenarios or Scenario.GAP_A1 in facts.scenarios:
            called = now - timedelta(days=3)
            diary.append((called, partial(
                vigilance.note_follow_up,
                cast.suppliers[facts.key], note="A promis les papiers sous cinq jours.",
                buyers=None, by=cast.staff["camille.roussel"], now=called,
                contact_id=cast.contacts[facts.key][0], promised_on=today + timedelta(days=2),
            )))  # fmt: skip
        if Scenario.HELD in facts.scenarios:
            diary.append((now, partial(
                retention.place_hold,
                cast.suppliers[facts.key], by=cast.staff["sophie.tanguy"], now=now,
                reason="Contentieux sur la réception des travaux, tribunal de Vannes.",
            )))  # fmt: skip
    return diary


def _requests(cast: Cast, *, now: datetime, today: date) -> list[Entry]:
    """One request that is due within days, and one that came this week."""
    diary: list[Entry] = []
    for key, right, message, age in (
        ("le-floch", "access", "Je souhaite une copie de ce que vous gardez sur moi.", 27),
        ("morgat", "erasure", "Merci d’effacer les coordonnées de notre ancienne gérante.", 3),
    ):
        who, at = cast.users[key], now - timedelta(days=age)
        diary.append((at, partial(
            privacy.file_request,
            right, message, user_id=who.id, supplier_id=cast.suppliers[key], by=who, now=at,
            name=who.name, received_on=today - timedelta(days=age),
        )))  # fmt: skip
    return diary


def _waivers(
    cast: Cast, facts: SupplierFacts, *, now: datetime, today: date
) -> Iterator[Callable[[], object]]:
    for requirement, reason in _exempt(facts):
        for key in facts.buyers:
            yield partial(
                vigilance.waive, cast.engagements[facts.key, key], requirement, from_on=today,
                until_on=add_months(today, 4), buyers=None, by=cast.staff["karim.benali"],
                now=now, reason=reason,
            )  # fmt: skip


def _exempt(facts: SupplierFacts) -> list[tuple[str, str]]:
    """What is not asked of whom, and why somebody said so."""
    if Scenario.WAIVED in facts.scenarios:
        reason = "Aucun salarié : la caisse de congés payés n’est pas concernée."
        return [("paid_leave_btp", reason)]
    if Scenario.FOREIGN in facts.scenarios and Scenario.COMPLETE in facts.scenarios:
        reason = "Fabrication et livraison sans pose : personne ne vient travailler en France."
        codes = ("posting_declaration", "foreign_social_certificate", "vat_number", "a1")
        return [(code, reason) for code in codes]
    return []
