"""What a mail of a campaign would say, without a link and without sending anything."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from supplier.accounts.policy import policy
from supplier.kernel.database import reading
from supplier.kernel.i18n import LANGUAGES
from supplier.notifications import messages
from supplier.notifications.messages import Asked, Message, Person
from supplier.notifications.recipients import asker_of, find_contract
from supplier.parties.models import Engagement
from supplier.vigilance.campaigns import CampaignLine
from supplier.vigilance.needs import portal_needs

#: Stands where the secret part of the link comes.
NO_TOKEN = "…"  # noqa: S105


def invitation(line: CampaignLine, *, today: date, now: datetime) -> list[Message]:
    """The invitation of one line, in its own language first, then in the others."""
    engagement_id = uuid.UUID(line.engagement_id)
    with reading() as session:
        engagement = session.get(Engagement, engagement_id)
        contract = find_contract(session, engagement, today=today)
    needs = portal_needs(uuid.UUID(line.supplier_id), today=today)
    owed = [need for one in needs if one.engagement.id == engagement_id for need in one.owed]
    first = line.language or "fr"
    return [
        messages.invitation_supplier(
            Person(line.address or "", line.name or "", language),
            token=NO_TOKEN,
            supplier=line.supplier,
            asker=asker_of(engagement),
            papers=[Asked(need.label, need.where) for need in owed],
            expires_at=now + policy().invitation,
            contract=contract,
        )
        for language in sorted(LANGUAGES, key=lambda code: code != first)
    ]
