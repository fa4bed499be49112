"""Campaigns: what was rehearsed is what is sent, once, to whoever can be reached."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from supplier.accounts.models import Invitation
from supplier.adapters.queue import Job
from supplier.kernel.audit import Actor, Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.parties.models import Buyer, Contact, Supplier
from supplier.vigilance import actions, campaigns
from supplier.vigilance.campaigns import Audience, CampaignFilter, CampaignLine, Outcome
from tests.make import Maker, actor
from tests.vigilance.files import accepted


@pytest.fixture
def buyer(make: Maker) -> Buyer:
    return make.buyer()


@pytest.fixture
def denise(make: Maker) -> Actor:
    return actor(make.staff("Denise Achats"))


@pytest.fixture
def suppliers(make: Maker, buyer: Buyer) -> dict[str, Supplier]:
    """Alpha can be reached; Bêta's address is dead, Gamma's is wrong, Delta has none."""
    found = {}
    for name, values in {
        "Alpha": {"email": "alice@alpha.example", "language": "de"},
        "Bêta": {"email": "bob@beta.example", "mail_state": "bounced"},
        "Gamma": {"email": "a@example.org,b@example.org"},
        "Delta": None,
    }.items():
        supplier = make.supplier(name)
        make.contract(make.engagement(supplier, buyer))
        if values:
            make.contact(supplier, **values)
        found[name] = supplier
    return found


def rehearse(buyer: Buyer, by: Actor, clock: FixedClock, *facts: object) -> uuid.UUID:
    wanted = CampaignFilter(*facts)  # type: ignore[arg-type]
    return campaigns.rehearse_campaign(buyer.id, wanted, buyers=None, by=by, now=clock.at)


def lines(campaign_id: uuid.UUID) -> dict[str, CampaignLine]:
    row = campaigns.get_campaign(campaign_id, buyers=None)
    return {line.supplier: line for line in campaigns.lines_of(row)}


def invitations() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Invitation)) or 0


def run_errand(clock: FixedClock) -> None:
    with reading() as session:
        jobs = session.scalars(select(Job).where(Job.task == campaigns.SEND_TASK)).all()
    for job in jobs:
        campaigns.send_task(job.payload, clock.at)


def test_a_rehearsal_says_who_gets_what_and_who_cannot_be_reached(
    suppliers: dict[str, Supplier], buyer: Buyer, denise: Actor, clock: FixedClock
) -> None:
    actions.refresh_all(now=clock.at)
    found = lines(rehearse(buyer, denise, clock))
    assert {name: line.outcome for name, line in found.items()} == {
        "Alpha": "send", "Bêta": "bounced", "Gamma": "bad_address", "Delta": "no_contact",
    }  # fmt: skip
    assert (found["Alpha"].language, found["Alpha"].owed) == ("de", 5)
    assert invitations() == 0
    assert not found["Delta"].is_reached


def test_what_was_rehearsed_is_sent_once(
    suppliers: dict[str, Supplier], buyer: Buyer, denise: Actor, clock: FixedClock
) -> None:
    campaign_id = rehearse(buyer, denise, clock)
    campaigns.send_campaign(campaign_id, buyers=None, by=denise, now=clock.at)
    with pytest.raises(ConflictError):
        campaigns.send_campaign(campaign_id, buyers=None, by=denise, now=clock.at)
    run_errand(clock)
    run_errand(clock)
    assert invitations() == 1
    assert lines(campaign_id)["Alpha"].outcome == Outcome.SENT
    with reading() as session:
        event = session.scalars(select(Event).where(Event.kind == "campaign.sent")).one()
    assert event.data == {"mails": 1, "unreached": 3}


def test_who_left_between_rehearsal_and_sending_is_not_written_to(
    suppliers: dict[str, Supplier], buyer: Buyer, denise: Actor, clock: FixedClock
) -> None:
    campaign_id = rehearse(buyer, denise, clock)
    with transaction() as session:
        contact = session.scalars(select(Contact).where(Contact.email.contains("alpha"))).one()
        contact.left_on = date(2026, 11, 23)
    campaigns.send_campaign(campaign_id, buyers=None, by=denise, now=clock.at)
    run_errand(clock)
    assert invitations() == 0
    assert lines(campaign_id)["Alpha"].outcome == Outcome.FAILED


def test_audiences_tell_new_silent_and_owing_suppliers_apart(
    suppliers: dict[str, Supplier], buyer: Buyer, make: Maker, denise: Actor, clock: FixedClock
) -> None:
    alpha = suppliers["Alpha"]
    for kind in ("kbis", "urssaf_vigilance", "foreign_workers_none", "tax_compliance"):
        accepted(alpha, kind, issued_on=date(2026, 11, 2))
    accepted(alpha, "bank_details", issued_on=date(2026, 11, 2), valid_until=None)
    actions.refresh_all(now=clock.at)
    assert "Alpha" not in lines(rehearse(buyer, denise, clock, Audience.OWING))
    with pytest.raises(DomainError):
        rehearse(buyer, denise, clock, Audience.SILENT)
    campaign_id = rehearse(buyer, denise, clock)
    campaigns.send_campaign(campaign_id, buyers=None, by=denise, now=clock.at)
    run_errand(clock)
    assert set(lines(rehearse(buyer, denise, clock, Audience.SILENT))) == {"Alpha"}
    assert "Alpha" not in lines(rehearse(buyer, denise, clock, Audience.NEW))
    make.supplier_user(alpha)
    with pytest.raises(DomainError):
        rehearse(buyer, denise, clock, Audience.SILENT)
    assert len(lines(rehearse(buyer, denise, clock, Audience.ALL))) == 4


def test_an_import_can_be_invited_alone(
    suppliers: dict[str, Supplier], buyer: Buyer, make: Maker, denise: Actor, clock: FixedClock
) -> None:
    clock.at += timedelta(days=3)
    make.contact(make.supplier("Epsilon"))
    late = make.supplier("Zeta")
    make.engagement(late, buyer)
    found = lines(rehearse(buyer, denise, clock, Audience.ALL, date(2026, 11, 25)))
    assert set(found) == {"Zeta"}


def test_nobody_sends_for_a_company_that_is_not_theirs(
    suppliers: dict[str, Supplier], buyer: Buyer, make: Maker, denise: Actor, clock: FixedClock
) -> None:
    elsewhere = frozenset({make.buyer("Autre").id})
    with pytest.raises(NotFoundError):
        campaigns.rehearse_campaign(
            buyer.id, CampaignFilter(), buyers=elsewhere, by=denise, now=clock.at
        )
    campaign_id = rehearse(buyer, denise, clock)
    for act in (campaigns.send_campaign, campaigns.discard_campaign):
        with pytest.raises(NotFoundError):
            act(campaign_id, buyers=elsewhere, by=denise, now=clock.at)
    assert campaigns.list_campaigns(buyers=elsewhere) == []


def test_a_discarded_rehearsal_is_never_sent(
    suppliers: dict[str, Supplier], buyer: Buyer, denise: Actor, clock: FixedClock
) -> None:
    campaign_id = rehearse(buyer, denise, clock)
    campaigns.discard_campaign(campaign_id, buyers=None, by=denise, now=clock.at)
    with pytest.raises(ConflictError):
        campaigns.send_campaign(campaign_id, buyers=None, by=denise, now=clock.at)
