"""Gaps across suppliers: which are open, and what they cost."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased, defer

from supplier.kernel.database import reading
from supplier.parties.models import Buyer, Contact, Supplier
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import State
from supplier.vigilance.models import FollowUp, Obligation
from supplier.vigilance.shortfalls import gaps_in_sight, is_short
from supplier.vigilance.states import Buyers, is_open_gap, state_expression, visible

#: A coming gap is in sight for so many days.
SIGHT_DAYS = 45


@dataclass(frozen=True, slots=True)
class MissingPaper:
    """One paper that is missing at one company. `label` is a marked message."""

    requirement: RequirementCode
    label: str
    state: State
    buyer: str
    basis: str
    since: date


@dataclass(frozen=True, slots=True)
class LastWord:
    """What a colleague noted last about a supplier."""

    note: str
    promised_on: date | None
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GapRow:
    """One supplier with its open gaps: since when, and euros so far."""

    supplier_id: uuid.UUID
    name: str
    since: date
    exposed: Decimal
    papers: tuple[MissingPaper, ...]
    reminders: int
    reminded_at: datetime | None
    bounced_at: datetime | None
    last_word: LastWord | None

    @property
    def buyers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(paper.buyer for paper in self.papers))

    @property
    def requirements(self) -> tuple[str, ...]:
        """Labels, each once: marked messages."""
        return tuple(dict.fromkeys(paper.label for paper in self.papers))


def list_gaps(*, buyers: Buyers, today: date, limit: int = 50) -> list[GapRow]:
    """The suppliers whose open gaps expose most, each once; one statement."""
    with reading() as session:
        rows = session.execute(_with_papers(buyers, today, limit)).all()
    found: defaultdict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.id].append(row)
    return [_gap_row(papers, today) for papers in found.values()]


def _with_papers(buyers: Buyers, today: date, limit: int) -> Any:
    """The first suppliers with every paper that each lacks, and the last word about it."""
    gap = gaps_in_sight(buyers, today)
    page = (
        select(gap.c.supplier_id.label("id"), gap.c.since, gap.c.exposed)
        .where(is_short(gap.c, today))
        .order_by(gap.c.exposed.desc(), gap.c.since, gap.c.supplier_id)
        .limit(limit)
        .subquery("page")
    )
    query = (
        select(page, Supplier.name, Obligation, state_expression(today).label("state"),
               Buyer.short_name, bounced_at(page.c.id).label("bounced_at"), FollowUp)
        .join(Supplier, Supplier.id == page.c.id)
        .join(Obligation, and_(Obligation.supplier_id == page.c.id, is_open_gap(today)))
        .join(Buyer, Buyer.id == Obligation.buyer_id)
        .outerjoin(FollowUp, FollowUp.id == last_note_of(page.c.id))
        .options(defer(Obligation.intervals))
        .order_by(page.c.exposed.desc(), page.c.since, page.c.id, Obligation.gap_from,
                  Obligation.id)
    )  # fmt: skip
    return visible(query, buyers)


def last_note_of(supplier_id: Any) -> Any:
    """The id of the last note about a supplier of the query around it."""
    note = aliased(FollowUp)
    return (
        select(note.id)
        .where(note.supplier_id == supplier_id)
        .order_by(note.at.desc(), note.id)
        .limit(1)
        .scalar_subquery()
    )


def bounced_at(supplier_id: Any) -> Any:
    """When a mail to somebody at a supplier of the query around it came back last."""
    return (
        select(func.max(Contact.mail_bounced_at))
        .where(Contact.supplier_id == supplier_id, Contact.mail_state == "bounced")
        .scalar_subquery()
    )


def word_of(note: FollowUp | None) -> LastWord | None:
    """A note as a list shows it."""
    return LastWord(note.note, note.promised_on, note.by_name, note.at) if note else None


def _paper(row: Any, today: date) -> MissingPaper:
    duty: Obligation = row.Obligation
    code = RequirementCode(duty.requirement)
    since = duty.gap_from or duty.next_due_on or today
    label = RULES[code].label
    return MissingPaper(code, label, State(row.state), row.short_name, duty.basis, since)


def _gap_row(rows: Sequence[Any], today: date) -> GapRow:
    """One supplier, from a row for each paper that it lacks."""
    first, duties = rows[0], [row.Obligation for row in rows]
    return GapRow(
        supplier_id=first.id,
        name=first.name,
        since=first.since,
        exposed=Decimal(first.exposed or 0),
        papers=tuple(_paper(row, today) for row in rows),
        reminders=max(duty.reminders for duty in duties),
        reminded_at=max((at for duty in duties if (at := duty.reminded_at)), default=None),
        bounced_at=first.bounced_at,
        last_word=word_of(first.FollowUp),
    )
