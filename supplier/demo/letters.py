"""The mails of the demo: a campaign that went out, one that waits, and mails that came back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from supplier.accounts.actions import invite_supplier
from supplier.demo.group import BuyerKey
from supplier.demo.people import Cast
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.demo.suppliers.facts import Scenario
from supplier.kernel.database import transaction
from supplier.notifications import outbox
from supplier.notifications.models import OutboxMessage
from supplier.parties.models import Contact
from supplier.vigilance import campaigns
from supplier.vigilance.campaigns import Audience, CampaignFilter


def write_letters(cast: Cast, *, now: datetime) -> None:
    """Ask those who owe something; their mails are made by the jobs that this leaves behind."""
    camille = cast.staff["camille.roussel"]
    wanted = CampaignFilter(audience=Audience.OWING)
    sent = campaigns.rehearse_campaign(
        cast.buyers[BuyerKey.ENERGY], wanted, buyers=None, by=camille, now=now,
        name="Pièces de fin d’année",
    )  # fmt: skip
    campaigns.send_campaign(sent, buyers=None, by=camille, now=now)
    campaigns.rehearse_campaign(
        cast.buyers[BuyerKey.LOGISTICS], wanted, buyers=None, by=camille, now=now,
        name="Avant la visite de l’inspection",
    )  # fmt: skip
    for facts in SUPPLIERS:
        if Scenario.BOUNCED_MAIL in facts.scenarios:
            invite_supplier(cast.contacts[facts.key][0], by=camille, now=now)


def send_back(cast: Cast, *, now: datetime) -> None:
    """The servers of some suppliers know nobody of that name."""
    for facts in SUPPLIERS:
        if Scenario.BOUNCED_MAIL not in facts.scenarios:
            continue
        with transaction() as session:
            contact = session.get_one(Contact, cast.contacts[facts.key][0])
            for mail in session.scalars(
                select(OutboxMessage).where(
                    OutboxMessage.to_address == func.lower(contact.email),
                    OutboxMessage.state == outbox.MailState.QUEUED,
                )
            ):
                outbox.note_refusal(session, mail, code="5.1.1", now=now)
