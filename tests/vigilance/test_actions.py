"""Duties written from facts: refreshed, waived, followed up; rules decided otherwise."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from supplier.adapters.queue import Job
from supplier.kernel.audit import SYSTEM, Actor, Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance import actions
from supplier.vigilance.catalogue import RequirementCode
from supplier.vigilance.models import Obligation
from supplier.vigilance.rules import KEYS, rule_book
from tests.make import Maker, actor
from tests.races import at_once
from tests.vigilance.files import accepted, decide, invoice, paper, set_rule

TODAY = date(2026, 11, 23)
URSSAF = RequirementCode.SOCIAL_CERTIFICATE.value
KBIS = RequirementCode.REGISTRATION.value


def refresh(supplier: Supplier, now: datetime, today: date = TODAY) -> dict[str, Obligation]:
    with transaction() as session:
        actions.refresh(session, supplier.id, today=today, now=now)
    with reading() as session:
        rows = session.scalars(select(Obligation).where(Obligation.supplier_id == supplier.id))
        return {row.requirement: row for row in rows}


def counted(query: type[Event] | type[Job], **where: str) -> int:
    with reading() as session:
        found = select(func.count()).select_from(query).filter_by(**where)
        return session.scalar(found) or 0


@pytest.fixture
def engagement(make: Maker) -> Engagement:
    """Alpha works for Kerlan under a contract of 148,000 € from September 2025 to March 2027."""
    engagement = make.engagement(make.supplier(), make.buyer())
    make.contract(engagement)
    return engagement


def supplier_of(engagement: Engagement) -> Supplier:
    with reading() as session:
        return session.get_one(Supplier, engagement.supplier_id)


def test_an_accepted_and_confirmed_certificate_covers_six_months(
    engagement: Engagement, clock: FixedClock
) -> None:
    document = accepted(supplier_of(engagement), issued_on=date(2026, 8, 31))
    row = refresh(supplier_of(engagement), clock.at)[URSSAF]
    assert (row.covered_from, row.covered_until) == (date(2026, 8, 31), date(2027, 2, 27))
    assert row.gap_from == date(2027, 2, 28)
    assert row.warn_from == date(2026, 12, 30)
    assert row.document_id == document.id
    assert row.duty_until == date(2027, 3, 31)


def test_an_accepted_certificate_waits_for_the_issuer(
    engagement: Engagement, clock: FixedClock
) -> None:
    decide(paper(supplier_of(engagement), issued_on=date(2026, 10, 1)))
    row = refresh(supplier_of(engagement), clock.at)[URSSAF]
    assert row.to_verify
    assert row.covered_until is None
    assert row.gap_from == date(2025, 9, 1)
    assert row.next_due_on is None or row.next_due_on > TODAY


def test_a_second_refresh_writes_the_same_rows_again(
    engagement: Engagement, clock: FixedClock
) -> None:
    first = refresh(supplier_of(engagement), clock.at)
    second = refresh(supplier_of(engagement), clock.at + timedelta(hours=1))
    assert {row.id for row in first.values()} == {row.id for row in second.values()}
    assert second[URSSAF].refreshed_at > first[URSSAF].refreshed_at


def test_an_open_gap_exposes_what_was_invoiced_in_it(
    engagement: Engagement, clock: FixedClock
) -> None:
    accepted(supplier_of(engagement), issued_on=date(2026, 3, 1))
    invoice(engagement, date(2026, 7, 1), "9000.00")
    invoice(engagement, date(2026, 9, 30), "12000.00")
    rows = refresh(supplier_of(engagement), clock.at)
    assert rows[URSSAF].gap_from == date(2026, 9, 1)
    assert rows[URSSAF].exposed >= Decimal(12000)
    assert rows["tax_certificate"].exposed == 0  # asked by contract: no liability by this law


def test_below_the_threshold_only_the_contract_asks(make: Maker, clock: FixedClock) -> None:
    engagement = make.engagement(make.supplier(), make.buyer())
    make.contract(engagement, amount=Decimal("3900.00"))
    assert set(refresh(supplier_of(engagement), clock.at)) == {"bank_details"}


def test_what_is_no_longer_due_comes_to_rest_and_keeps_its_reminders(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    refresh(supplier_of(engagement), clock.at)
    with transaction() as session:
        session.get_one(Supplier, engagement.supplier_id).register = "liberal"
    row = refresh(supplier_of(engagement), clock.at)[KBIS]
    assert row.duty_until is not None
    assert row.duty_until < row.duty_from
    assert row.gap_from is None


def test_one_paper_serves_two_companies_from_the_day_each_began(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    other = make.engagement(
        supplier_of(engagement), make.buyer("Kerlan Énergies"), started_on=date(2026, 11, 1)
    )
    accepted(supplier_of(engagement), issued_on=date(2026, 10, 1))
    refresh(supplier_of(engagement), clock.at)
    with reading() as session:
        found = session.scalars(
            select(Obligation).where(
                Obligation.engagement_id == other.id, Obligation.requirement == URSSAF
            )
        ).one()
    assert found.covered_from == date(2026, 11, 1)


def test_the_sweep_writes_what_was_never_written_and_what_days_have_outrun(
    engagement: Engagement, clock: FixedClock
) -> None:
    assert actions.refresh_stale(clock.at)["suppliers"] == 1
    assert actions.refresh_stale(clock.at)["suppliers"] == 0
    assert actions.refresh_stale(clock.at + timedelta(days=1))["suppliers"] == 1


def test_the_errand_refreshes_one_supplier_or_all(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    make.contract(make.engagement(make.supplier("Bêta"), make.buyer("Kerlan Énergies")))
    actions.refresh_task({"supplier_id": str(engagement.supplier_id)}, clock.at)
    with reading() as session:
        one = session.scalar(select(func.count(func.distinct(Obligation.supplier_id))))
    actions.refresh_task({}, clock.at)
    with reading() as session:
        both = session.scalar(select(func.count(func.distinct(Obligation.supplier_id))))
    assert (one, both) == (1, 2)


def waive(engagement: Engagement, by: Actor, now: datetime, **values: object) -> uuid.UUID:
    facts: dict[str, object] = {
        "from_on": TODAY, "until_on": TODAY + timedelta(days=30),
        "reason": "Aucun salarié", "buyers": None, **values,
    }  # fmt: skip
    return actions.waive(engagement.id, KBIS, by=by, now=now, **facts)  # type: ignore[arg-type]


def test_a_waiver_stops_the_asking_from_today_and_leaves_its_trace(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    waive(engagement, denise, clock.at)
    with reading() as session:
        row = session.scalars(select(Obligation).where(Obligation.requirement == KBIS)).one()
    assert (row.waived_from, row.waived_until) == (TODAY, TODAY + timedelta(days=30))
    assert [one["state"] for one in row.intervals][:2] == ["gap", "waived"]
    assert counted(Event, kind="waiver.granted") == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"from_on": TODAY - timedelta(days=1)}, "from_on"),
        ({"until_on": TODAY - timedelta(days=1)}, "until_on"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_a_waiver_needs_days_to_come_and_a_reason(
    engagement: Engagement, clock: FixedClock, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        waive(engagement, SYSTEM, clock.at, **wrong)
    assert refusal.value.field == field


def test_nobody_waives_for_a_company_that_is_not_theirs(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    with pytest.raises(NotFoundError):
        waive(engagement, SYSTEM, clock.at, buyers=frozenset({make.buyer("Autre").id}))


def test_a_waiver_is_ended_once_and_asked_for_again_the_same_day(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    waiver_id = waive(engagement, denise, clock.at)
    clock.at += timedelta(days=2)
    actions.revoke_waiver(waiver_id, reason="Embauche", buyers=None, by=denise, now=clock.at)
    with reading() as session:
        row = session.scalars(select(Obligation).where(Obligation.requirement == KBIS)).one()
    assert [one["state"] for one in row.intervals] == ["gap", "waived", "gap", "gap_to_come"]
    with pytest.raises(ConflictError):
        actions.revoke_waiver(waiver_id, reason="", buyers=None, by=denise, now=clock.at)


def test_a_call_is_noted_with_what_was_promised(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    actions.note_follow_up(
        engagement.supplier_id, note="Promis pour mercredi", promised_on=date(2026, 11, 25),
        buyers=frozenset({engagement.buyer_id}), by=denise, now=clock.at,
    )  # fmt: skip
    assert counted(Event, kind="follow_up.noted") == 1


def test_three_presses_are_one_call_and_the_same_words_later_another(
    app: Flask, make: Maker, clock: FixedClock
) -> None:
    supplier = make.supplier()
    by = actor(make.staff("Denise Achats"))

    def note() -> uuid.UUID:
        return actions.note_follow_up(
            supplier.id, note="Ne répond pas.", buyers=None, by=by, now=clock.at
        )

    assert len(set(at_once(app, note, note, note))) == 1
    assert counted(Event, kind="follow_up.noted") == 1
    clock.at += timedelta(minutes=1)
    note()
    assert counted(Event, kind="follow_up.noted") == 2


def test_a_call_to_a_stranger_or_with_nothing_to_say_is_not_noted(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    elsewhere = frozenset({make.buyer("Autre").id})
    contact = make.contact(make.supplier("Charlie"))
    for wrong in ({"buyers": elsewhere}, {"contact_id": contact.id, "buyers": None}):
        with pytest.raises(NotFoundError):
            actions.note_follow_up(
                engagement.supplier_id, note="x", by=SYSTEM, now=clock.at, **wrong
            )  # type: ignore[arg-type]
    with pytest.raises(DomainError):
        actions.note_follow_up(
            engagement.supplier_id, note=" ", buyers=None, by=SYSTEM, now=clock.at
        )


def test_a_rule_holds_for_its_company_from_its_day_and_never_before(
    make: Maker, clock: FixedClock
) -> None:
    ours, other = make.buyer(), make.buyer("Kerlan Énergies")
    hugo = actor(make.staff("Hugo Admin"))
    set_rule("vigilance.threshold", "3000", buyer_id=None,
             from_on=date(2026, 12, 1), by=hugo, now=clock.at)  # fmt: skip
    set_rule("vigilance.threshold", "0", buyer_id=ours.id, from_on=date(2026, 11, 1),
             by=hugo, now=clock.at)  # fmt: skip
    book = rule_book()
    assert book.rules(ours.id, date(2026, 10, 31)).threshold == 5000
    assert book.rules(ours.id, date(2026, 12, 2)).threshold == 0
    assert book.rules(other.id, date(2026, 11, 30)).threshold == 5000
    assert book.rules(other.id, date(2026, 12, 1)).threshold == 3000
    assert book.rules(other.id, TODAY).version != book.rules(ours.id, TODAY).version
    assert counted(Event, kind="rule.set") == 2
    assert counted(Job, task="refresh_obligations") == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vigilance.threshold", "beaucoup"),
        ("vigilance.mode", "lenient"),
        ("vigilance.not_asked", "social_certificate"),
        ("vigilance.renewal.social_certificate", "9"),
        ("reminders.plan", ""),
        ("reminders.plan", "60,soon"),
    ],
)
def test_a_value_that_cannot_hold_is_refused_with_its_key(
    make: Maker, clock: FixedClock, key: str, value: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        set_rule(key, value, buyer_id=None, from_on=TODAY, by=SYSTEM, now=clock.at)
    assert refusal.value.field == key


def test_an_unknown_rule_or_company_is_not_found(make: Maker, clock: FixedClock) -> None:
    for key, buyer_id in (("vigilance.magic", None), ("vigilance.mode", uuid.uuid4())):
        with pytest.raises(NotFoundError):
            set_rule(key, "strict", buyer_id=buyer_id, from_on=TODAY, by=SYSTEM, now=clock.at)


def test_every_rule_names_its_source_and_its_default_is_accepted() -> None:
    for one in KEYS.values():
        assert one.source
        assert one.label
    assert rule_book_default_plan() == (60, 30, 15, 7, -1, -7, -15, -30)


def rule_book_default_plan() -> tuple[int, ...]:
    from supplier.vigilance.rules import RuleBook

    return RuleBook().plan(uuid.uuid4(), TODAY)


def test_a_strict_company_takes_a_register_extract_for_three_months(
    engagement: Engagement, make: Maker, clock: FixedClock
) -> None:
    accepted(supplier_of(engagement), "kbis", issued_on=date(2026, 10, 12))
    set_rule("vigilance.renewal.registration", "3", buyer_id=engagement.buyer_id,
             from_on=date(2026, 1, 1), by=SYSTEM, now=clock.at)  # fmt: skip
    row = refresh(supplier_of(engagement), clock.at)[KBIS]
    assert row.covered_until == date(2027, 1, 11)
    assert "+" in row.rules_version


def test_a_paper_of_yesterday_leaves_the_past_as_it_was(
    engagement: Engagement, clock: FixedClock
) -> None:
    accepted(
        supplier_of(engagement), issued_on=date(2026, 9, 1), received_on=TODAY - timedelta(days=1)
    )
    states = [one["state"] for one in refresh(supplier_of(engagement), clock.at)[URSSAF].intervals]
    assert states == ["gap", "late", "covered", "expiring", "gap_to_come"]


def test_the_period_of_a_certificate_ends_its_cover_only_where_a_rule_says_so(
    engagement: Engagement, clock: FixedClock
) -> None:
    supplier = supplier_of(engagement)
    accepted(supplier, issued_on=date(2026, 8, 2), situation_on=date(2026, 6, 30))
    assert refresh(supplier, clock.at)[URSSAF].covered_until == date(2027, 2, 1)
    set_rule(
        "vigilance.period", "ends", buyer_id=engagement.buyer_id, from_on=TODAY, by=SYSTEM,
        now=clock.at,
    )  # fmt: skip
    assert refresh(supplier, clock.at)[URSSAF].covered_until == date(2026, 12, 31)
