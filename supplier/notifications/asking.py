"""Ask a supplier for papers now: one mail a person, in the words of a reminder."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.documents.kinds import KINDS
from supplier.kernel import audit
from supplier.kernel.audit import Actor
from supplier.kernel.clock import legal_day
from supplier.kernel.database import transaction
from supplier.kernel.errors import DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.notifications import messages
from supplier.notifications.messages import ReminderLine
from supplier.notifications.outbox import queue_mail
from supplier.notifications.recipients import asker_of, list_recipients
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.models import Obligation
from supplier.vigilance.states import is_open_gap

Buyers = Collection[uuid.UUID] | None


def ask_for(
    engagement_id: uuid.UUID,
    requirements: Collection[RequirementCode],
    *,
    buyers: Buyers,
    by: Actor,
    now: datetime,
) -> int:
    """Write to whoever receives requests at the supplier; how many mails were queued.

    The same papers are asked of a person once a day. Raises NotFoundError for other people's
    relation, DomainError without papers or without anybody to write to.
    """
    wanted = [code for code in RequirementCode if code in set(requirements)]
    if not wanted:
        raise DomainError(N_("Choose the papers to ask for."), field="requirements")
    today = legal_day(now)
    with transaction() as session:
        engagement = session.get(Engagement, engagement_id)
        if engagement is None or (buyers is not None and engagement.buyer_id not in buyers):
            raise NotFoundError(N_("This relation does not exist."))
        supplier = session.get_one(Supplier, engagement.supplier_id)
        people = list_recipients(session, [supplier.id], today=today)[supplier.id]
        if not people:
            raise DomainError(
                N_("Nobody there has a mail address that works: call, and add a contact.")
            )
        lines = _lines(session, engagement, supplier, wanted, today)
        queued = 0
        for to in people:
            message = messages.reminder(
                to.person, lines=lines, asker=asker_of(engagement), by_hand=True
            )
            told = queue_mail(
                session, message, now=now, supplier_id=supplier.id, contact_id=to.contact_id,
                user_id=to.user_id,
                dedupe_key=_key(engagement.id, to.person.address, wanted, today),
            )  # fmt: skip
            queued += told is not None
        audit.record(
            session, "papers.asked", subject=engagement, by=by, at=now,
            data={"requirements": [code.value for code in wanted], "mails": queued},
        )  # fmt: skip
    return queued


def _key(
    engagement_id: uuid.UUID, address: str, wanted: Collection[RequirementCode], day: date
) -> str:
    """The same papers asked of the same person on the same day are the same mail."""
    said = f"{address}:{','.join(code.value for code in wanted)}"
    digest = hashlib.sha256(said.encode()).hexdigest()[:32]
    return f"asked:{engagement_id}:{day.isoformat()}:{digest}"


def _lines(
    session: Session,
    engagement: Engagement,
    supplier: Supplier,
    wanted: Collection[RequirementCode],
    today: date,
) -> list[ReminderLine]:
    rows = session.execute(
        select(Obligation.requirement, Obligation.next_due_on, is_open_gap(today)).where(
            Obligation.engagement_id == engagement.id
        )
    ).all()
    due: Mapping[str, date | None] = {code: day for code, day, _ in rows}
    # What is asked for while the one on file serves stops nobody's orders.
    open_gaps = {code for code, _, is_open in rows if is_open}
    lines = []
    for code in wanted:
        due_on = due.get(code.value) or today
        overdue = code.value in open_gaps and due_on <= today
        lines.append(
            ReminderLine(
                supplier=supplier.name, company=engagement.buyer.name, label=RULES[code].label,
                where=KINDS[RULES[code].kinds[0]].where, due_on=due_on, overdue=overdue,
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: line.due_on)
