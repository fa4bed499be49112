"""What we do about duties: compute them again, waive one, note a call."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from supplier.documents.kinds import Basis
from supplier.kernel import audit
from supplier.kernel.audit import Actor
from supplier.kernel.clock import legal_day
from supplier.kernel.database import new_id, reading, take_turn, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Contact, Engagement, Supplier
from supplier.vigilance.assessment import EngagementFacts, SupplierFacts, assess, next_news_on
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.coverage import Coverage, State
from supplier.vigilance.exposure import Work, exposed
from supplier.vigilance.facts import load_files
from supplier.vigilance.models import FollowUp, Obligation, Shortfall, Waiver
from supplier.vigilance.rules import RuleBook, load_rule_book
from supplier.vigilance.shortfalls import write_shortfalls
from supplier.vigilance.spans import Span, before
from supplier.vigilance.summary import Summary, holds_until, summarise

#: Suppliers computed in one transaction.
BATCH = 100
#: The same words of the same person so soon are a double press, not a second call.
SAME_CALL = timedelta(minutes=1)
Buyers = frozenset[uuid.UUID] | None


def refresh(session: Session, supplier_id: uuid.UUID, *, today: date, now: datetime) -> None:
    """Write this supplier's duties again from the facts, in the caller's transaction.

    Call it whenever a fact changes: a paper, a decision, a contract, the supplier's situation.
    """
    refresh_many(session, [supplier_id], today=today, now=now)


def refresh_many(
    session: Session, supplier_ids: Collection[uuid.UUID], *, today: date, now: datetime
) -> int:
    """The same for several suppliers, in a constant number of reads; how many rows it wrote."""
    session.flush()
    # One at a time: each reads what the one before has written.
    session.execute(
        select(Supplier.id)
        .where(Supplier.id.in_(supplier_ids))
        .order_by(Supplier.id)
        .with_for_update(key_share=True)
    )
    book = load_rule_book(session)
    rows = {
        (row.engagement_id, row.requirement): row
        for row in session.scalars(
            select(Obligation).where(Obligation.supplier_id.in_(supplier_ids))
        )
    }
    written = 0
    for file in load_files(session, supplier_ids):
        for engagement in file.facts.engagements:
            written += _write_engagement(
                session, file.facts, engagement, rows, book=book, today=today, now=now
            )
    session.flush()
    write_shortfalls(session, supplier_ids, today=today)
    return written


def _write_engagement(
    session: Session,
    facts: SupplierFacts,
    engagement: EngagementFacts,
    rows: Mapping[tuple[uuid.UUID, str], Obligation],
    *,
    book: RuleBook,
    today: date,
    now: datetime,
) -> int:
    """Write the duties of one engagement; how many it owes."""
    rules = book.rules(engagement.buyer_id, today)
    news = _next_news_on(engagement, book, today=today, warn_days=rules.warn_days)
    seen: set[str] = set()
    for verdict in assess(facts, engagement, rules=rules, as_of=today, known_at=now):
        one = verdict.coverage
        summary = summarise(one)
        if summary is None:
            continue
        code = one.requirement.code.value
        seen.add(code)
        row = rows.get((engagement.id, code)) or _new_row(session, facts, engagement, one)
        _write(row, one, summary, now=now)
        _write_euros(row, one, engagement.work_at(now))
        row.holds_until = _trusted_until(row, one, summary, news=news)
    for (engagement_id, code), row in rows.items():
        if engagement_id == engagement.id and code not in seen:
            _put_to_rest(row, now=now)
    return len(seen)


def _new_row(
    session: Session, facts: SupplierFacts, engagement: EngagementFacts, coverage: Coverage
) -> Obligation:
    row = Obligation(
        id=new_id(),
        engagement_id=engagement.id,
        supplier_id=facts.id,
        buyer_id=engagement.buyer_id,
        requirement=coverage.requirement.code.value,
        asked_on=coverage.as_of,
        reminders=0,
    )
    session.add(row)
    return row


def _write(row: Obligation, coverage: Coverage, summary: Summary, *, now: datetime) -> None:
    """Lay a verdict down as dates."""
    row.basis = coverage.requirement.basis.value
    row.rules_version = coverage.requirement.rules_version
    row.duty_from, row.duty_until = summary.duty_from, summary.duty_until
    row.covered_from, row.covered_until = summary.covered_from, summary.covered_until
    row.warn_from = summary.warn_from
    row.waived_from, row.waived_until = summary.waived_from, summary.waived_until
    row.in_review = summary.uncovered is State.IN_REVIEW
    row.to_verify = summary.uncovered is State.TO_VERIFY
    row.refused = summary.uncovered is State.REFUSED
    if row.next_due_on is not None and row.next_due_on != coverage.next_due_on:
        row.reminders, row.reminded_at = 0, None
    row.gap_from, row.next_due_on = coverage.gap_from, coverage.next_due_on
    row.document_id = uuid.UUID(coverage.paper_id) if coverage.paper_id else None
    row.intervals = [one.as_json() for one in coverage.intervals]
    row.refreshed_at = now


def _write_euros(row: Obligation, coverage: Coverage, work: Work) -> None:
    """Estimate what the gap costs. Only what the law asks for makes the client liable."""
    row.exposed, row.daily_rate = Decimal(0), Decimal(0)
    gap = coverage.gap_from
    if gap is None or coverage.requirement.basis is not Basis.LAW:
        return
    today = coverage.as_of
    if gap <= today:
        row.exposed = exposed([Span(gap, today)], work, today=today, until=today).amount
    day = max(gap, today + timedelta(days=1))
    row.daily_rate = exposed([Span(day, day)], work, today=today, until=day).amount


def _next_news_on(
    engagement: EngagementFacts, book: RuleBook, *, today: date, warn_days: int
) -> date | None:
    """The next day on which a rule decided before, or a contract signed in advance, counts."""
    days = (
        book.next_change_on(engagement.buyer_id, today),
        next_news_on(engagement, as_of=today, warn_days=warn_days),
    )
    return min((day for day in days if day is not None), default=None)


def _trusted_until(
    row: Obligation, coverage: Coverage, summary: Summary, *, news: date | None
) -> date | None:
    """The last day on which the row may be read without being written again."""
    today, gap = coverage.as_of, row.gap_from
    if gap is not None and gap <= today and row.daily_rate:
        return today  # the euros of an open gap grow every day
    ends = (
        holds_until(summary, coverage),
        before(news) if news else None,
        before(gap) if gap is not None and gap > today else None,
    )
    return min((day for day in ends if day is not None), default=None)


def _put_to_rest(row: Obligation, *, now: datetime) -> None:
    """Nothing makes this requirement due any more: its duty is empty, its reminders stay."""
    row.duty_until = before(row.duty_from)
    row.gap_from = row.next_due_on = row.holds_until = None
    row.exposed = row.daily_rate = Decimal(0)
    row.intervals, row.refreshed_at = [], now


def refresh_all(*, now: datetime, today: date | None = None) -> dict[str, int]:
    """Write every supplier's duties again, a hundred suppliers a transaction. Returns counts."""
    with reading() as session:
        ids = list(session.scalars(select(Supplier.id).order_by(Supplier.id)))
    return _refresh_batches(ids, today=today or legal_day(now), now=now)


def refresh_stale(now: datetime) -> dict[str, int]:
    """Write again the rows that the passing of days has outrun, and those never written."""
    today = legal_day(now)
    outrun = select(Obligation.supplier_id).where(Obligation.holds_until < today)
    changing = select(Shortfall.supplier_id).where(Shortfall.holds_until < today)
    never = select(Engagement.supplier_id).where(
        ~select(Obligation.id).where(Obligation.engagement_id == Engagement.id).exists(),
        or_(Engagement.ended_on.is_(None), Engagement.ended_on >= today),
    )
    with reading() as session:
        ids = sorted({one for found in (outrun, changing, never) for one in session.scalars(found)})
    return _refresh_batches(ids, today=today, now=now)


def refresh_these(supplier_ids: Collection[uuid.UUID], *, now: datetime) -> dict[str, int]:
    """Write the duties of these suppliers again, so many at a time."""
    return _refresh_batches(sorted(supplier_ids), today=legal_day(now), now=now)


def _refresh_batches(ids: Sequence[uuid.UUID], *, today: date, now: datetime) -> dict[str, int]:
    written = 0
    for first in range(0, len(ids), BATCH):
        with transaction() as session:
            written += refresh_many(session, ids[first : first + BATCH], today=today, now=now)
    return {"suppliers": len(ids), "duties": written}


def refresh_task(payload: Mapping[str, Any], now: datetime) -> None:
    """The worker's errand `refresh_obligations`: one supplier (`supplier_id`), or all."""
    if not payload.get("supplier_id"):
        refresh_all(now=now)
        return
    with transaction() as session:
        supplier_id = uuid.UUID(str(payload["supplier_id"]))
        refresh(session, supplier_id, today=legal_day(now), now=now)


def waive(
    engagement_id: uuid.UUID,
    requirement: str,
    *,
    from_on: date,
    until_on: date,
    reason: str,
    buyers: Buyers,
    by: Actor,
    now: datetime,
) -> uuid.UUID:
    """Do not ask for a requirement for a time; it never reaches back.

    Raises NotFoundError for somebody else's engagement, DomainError on dates, an unknown
    requirement or an empty reason.
    """
    today = legal_day(now)
    _check_waiver(requirement, from_on=from_on, until_on=until_on, reason=reason, today=today)
    with transaction() as session:
        engagement = _get_engagement(session, engagement_id, buyers)
        row = Waiver(
            id=new_id(), engagement_id=engagement.id, supplier_id=engagement.supplier_id,
            requirement=requirement, from_on=from_on, until_on=until_on, reason=reason.strip(),
            by_id=by.id, by_name=by.name, at=now, revoked_at=None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(
            session, "waiver.granted", subject=row, by=by, at=now, reason=row.reason,
            buyer_id=engagement.buyer_id,
            data={"requirement": requirement, "engagement_id": str(engagement.id),
                  "from": from_on.isoformat(), "until": until_on.isoformat()},
        )  # fmt: skip
        refresh(session, engagement.supplier_id, today=today, now=now)
        return row.id


def _check_waiver(
    requirement: str, *, from_on: date, until_on: date, reason: str, today: date
) -> None:
    if requirement not in {code.value for code in RequirementCode}:
        raise DomainError(N_("Choose what is not asked for."), field="requirement")
    if from_on < today:
        raise DomainError(N_("A waiver begins today at the earliest."), field="from_on")
    if until_on < from_on:
        raise DomainError(N_("The end comes before the beginning."), field="until_on")
    if not reason.strip():
        raise DomainError(N_("Say why it is not asked for."), field="reason")


def revoke_waiver(
    waiver_id: uuid.UUID, *, reason: str, buyers: Buyers, by: Actor, now: datetime
) -> None:
    """Ask again for what was waived, from today on. Raises NotFoundError, ConflictError."""
    with transaction() as session:
        row = session.get(Waiver, waiver_id)
        if row is None:
            raise NotFoundError(N_("This waiver does not exist."))
        engagement = _get_engagement(session, row.engagement_id, buyers)
        revoked = session.execute(
            update(Waiver)
            .where(Waiver.id == row.id, Waiver.revoked_at.is_(None))
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
        if getattr(revoked, "rowcount", 0) != 1:
            raise ConflictError(N_("This waiver was already ended."))
        session.refresh(row)
        audit.record(
            session, "waiver.revoked", subject=row, by=by, at=now, reason=reason.strip() or None,
            buyer_id=engagement.buyer_id,
            data={"requirement": row.requirement, "engagement_id": str(row.engagement_id)},
        )  # fmt: skip
        refresh(session, row.supplier_id, today=legal_day(now), now=now)


def note_follow_up(
    supplier_id: uuid.UUID,
    *,
    note: str,
    buyers: Buyers,
    by: Actor,
    now: datetime,
    contact_id: uuid.UUID | None = None,
    promised_on: date | None = None,
) -> uuid.UUID:
    """Keep what came out of a call: who answered, what was promised for when.

    The same words of the same person within a minute are the same call: a double press. Raises
    NotFoundError for somebody else's supplier or contact, DomainError on an empty note.
    """
    if not note.strip():
        raise DomainError(N_("Say what came out of the call."), field="note")
    with transaction() as session:
        _check_supplier(session, supplier_id, buyers)
        contact = session.get(Contact, contact_id) if contact_id else None
        if contact_id and (contact is None or contact.supplier_id != supplier_id):
            raise NotFoundError(N_("This contact does not exist."))
        row = FollowUp(
            id=new_id(), supplier_id=supplier_id, contact_id=contact_id, note=note.strip(),
            promised_on=promised_on, by_id=by.id, by_name=by.name, at=now,
        )  # fmt: skip
        take_turn(session, f"follow_up.{supplier_id}")
        if (same := _just_noted(session, row)) is not None:
            return same
        session.add(row)
        session.flush()
        audit.record(
            session, "follow_up.noted", subject=row, by=by, at=now,
            data={"contact_id": str(contact_id) if contact_id else None,
                  "promised_on": promised_on.isoformat() if promised_on else None},
        )  # fmt: skip
        return row.id


def _just_noted(session: Session, new: FollowUp) -> uuid.UUID | None:
    return session.scalars(
        select(FollowUp.id).where(
            FollowUp.supplier_id == new.supplier_id,
            FollowUp.by_id == new.by_id,
            FollowUp.at > new.at - SAME_CALL,
            FollowUp.note == new.note,
            FollowUp.contact_id.is_not_distinct_from(new.contact_id),
            FollowUp.promised_on.is_not_distinct_from(new.promised_on),
        )
    ).first()


def _get_engagement(session: Session, engagement_id: uuid.UUID, buyers: Buyers) -> Engagement:
    row = session.get(Engagement, engagement_id)
    if row is None or (buyers is not None and row.buyer_id not in buyers):
        raise NotFoundError(N_("This relationship does not exist."))
    return row


def _check_supplier(session: Session, supplier_id: uuid.UUID, buyers: Buyers) -> None:
    query = select(Supplier.id).where(Supplier.id == supplier_id)
    if buyers is not None:
        theirs = select(Engagement.supplier_id).where(Engagement.buyer_id.in_(buyers))
        query = query.where(Supplier.id.in_(theirs))
    if session.scalar(query) is None:
        raise NotFoundError(N_("This supplier does not exist."))
