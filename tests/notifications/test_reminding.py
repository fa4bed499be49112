"""Reminders on the database: once each, one mail a person, and a word to the buyer at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import delete, select

from supplier.accounts.models import Invitation
from supplier.documents import actions as documents
from supplier.documents.kinds import ReasonCode
from supplier.kernel.audit import SYSTEM
from supplier.kernel.clock import FixedClock
from supplier.kernel.crypto import keyring
from supplier.kernel.database import new_id, reading, transaction
from supplier.notifications import outbox
from supplier.notifications.models import OutboxMessage, ReminderSent
from supplier.notifications.tasks import send_reminders
from supplier.parties.models import Contact, Engagement, Supplier
from supplier.vigilance import actions
from supplier.vigilance.models import Obligation
from tests.make import Maker, actor
from tests.vigilance.files import accepted, paper, set_rule

#: Monday 23 November 2026, ten o'clock in Paris.
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def firm(make: Maker, clock: FixedClock) -> Callable[..., Engagement]:
    """A supplier that was invited a month ago and whose papers end on 9 December 2026."""
    buyer = make.buyer()

    def new(name: str = "Alpha", email: str = "alice@alpha.example") -> Engagement:
        supplier = make.supplier(name)
        engagement = make.engagement(supplier, buyer)
        make.contract(engagement)
        contact = make.contact(supplier, email=email)
        invited(supplier, contact.id, email)
        complete(supplier, date(2026, 6, 10))
        return engagement

    return new


def invited(supplier: Supplier, contact_id: object, email: str) -> None:
    at = MONDAY - timedelta(days=30)
    with transaction() as session:
        session.add(
            Invitation(
                id=new_id(), token_hash=new_id().hex, kind="supplier", email=email, name="Alice",
                supplier_id=supplier.id, contact_id=contact_id, created_at=at,
                expires_at=at + timedelta(days=14),
            )
        )  # fmt: skip


def complete(supplier: Supplier, issued_on: date) -> None:
    for kind in ("kbis", "urssaf_vigilance", "foreign_workers_none"):
        accepted(supplier, kind, issued_on=issued_on)
    accepted(supplier, "tax_compliance", issued_on=issued_on, valid_until=date(2027, 12, 31))
    accepted(supplier, "bank_details", issued_on=issued_on, valid_until=None)


def refresh(at: datetime) -> None:
    actions.refresh_all(now=at)


def mails(kind: str = "reminder") -> list[OutboxMessage]:
    with reading() as session:
        return list(
            session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.kind == kind)
                .order_by(OutboxMessage.created_at, OutboxMessage.id)
            )
        )


def body(mail: OutboxMessage) -> str:
    return keyring().open_text(mail.body, context=f"outbox_message.body:{mail.id}")


def test_a_reminder_names_the_papers_that_end_and_leaves_once(
    firm: Callable[..., Engagement], clock: FixedClock
) -> None:
    firm()
    refresh(clock.at)
    assert send_reminders(clock.at) == {"reminders": 1, "escalations": 0}
    assert send_reminders(clock.at + timedelta(hours=1)) == {"reminders": 0, "escalations": 0}
    (mail,) = mails()
    assert mail.to_address == "alice@alpha.example"
    assert mail.subject == "3 pièces à renouveler"
    assert "10 décembre 2026" in body(mail)
    with reading() as session:
        rows = session.scalars(select(Obligation).where(Obligation.reminders == 1)).all()
    assert len(rows) == 3
    assert {row.reminded_at for row in rows} == {clock.at}


def test_one_mail_for_all_suppliers_and_companies_of_a_person(
    firm: Callable[..., Engagement], make: Maker, clock: FixedClock
) -> None:
    firm("Alpha")
    firm("Bêta")
    refresh(clock.at)
    assert send_reminders(clock.at)["reminders"] == 1
    assert "Alpha" in body(mails()[0])
    assert "Bêta" in body(mails()[0])


def test_accountants_with_a_mandate_are_told_in_their_language(
    firm: Callable[..., Engagement], make: Maker, clock: FixedClock
) -> None:
    engagement = firm()
    user = make.user("Karl Buchhalter", kind="supplier", language="de")
    with reading() as session:
        supplier = session.get_one(Supplier, engagement.supplier_id)
    make.mandate(user, supplier)
    refresh(clock.at)
    assert send_reminders(clock.at)["reminders"] == 2
    assert {mail.language for mail in mails()} == {"fr", "de"}


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 21, 10, tzinfo=UTC),  # a Saturday
        datetime(2026, 11, 11, 10, tzinfo=UTC),  # Armistice day
        datetime(2026, 11, 23, 6, tzinfo=UTC),  # seven o'clock in Paris
    ],
)
def test_nothing_leaves_on_a_day_off_or_before_the_office_opens(
    firm: Callable[..., Engagement], clock: FixedClock, at: datetime
) -> None:
    firm()
    refresh(at)
    assert send_reminders(at)["reminders"] == 0


def test_nobody_is_reminded_who_was_never_asked(make: Maker, clock: FixedClock) -> None:
    supplier = make.supplier()
    make.contract(make.engagement(supplier, make.buyer()))
    make.contact(supplier)
    refresh(clock.at)
    assert send_reminders(clock.at)["reminders"] == 0


def test_nobody_is_late_before_being_asked(make: Maker, clock: FixedClock) -> None:
    supplier = make.supplier()
    known = MONDAY - timedelta(days=60)
    make.contract(make.engagement(supplier, make.buyer()), created_at=known)  # since 2025
    contact = make.contact(supplier, email="alice@alpha.example")
    refresh(MONDAY - timedelta(days=30))
    invited(supplier, contact.id, "alice@alpha.example")
    send_reminders(MONDAY - timedelta(days=20))
    with reading() as session:
        rows = session.scalars(select(ReminderSent)).all()
    assert {row.due_on for row in rows} == {date(2026, 10, 24)}  # the day of the invitation
    assert {row.step for row in rows} == {-7}


def test_five_days_without_the_worker_make_one_mail_not_five(
    firm: Callable[..., Engagement], clock: FixedClock
) -> None:
    firm()
    refresh(clock.at)
    for days in (0, 16, 17, 18, 21):
        send_reminders(clock.at + timedelta(days=days))
    with reading() as session:
        steps = session.scalars(select(ReminderSent.step).order_by(ReminderSent.at)).all()
    assert sorted(set(steps), reverse=True) == [30, 7]
    assert len(mails()) == 2


def test_a_deposit_stops_the_reminders(firm: Callable[..., Engagement], clock: FixedClock) -> None:
    engagement = firm()
    with reading() as session:
        supplier = session.get_one(Supplier, engagement.supplier_id)
    for kind in ("kbis", "urssaf_vigilance", "foreign_workers_none"):
        paper(supplier, kind, issued_on=date(2026, 11, 20))
    refresh(clock.at)
    assert send_reminders(clock.at)["reminders"] == 0


def test_a_contest_that_a_person_has_stops_the_reminders(
    make: Maker, firm: Callable[..., Engagement], clock: FixedClock
) -> None:
    engagement = firm()
    with reading() as session:
        supplier = session.get_one(Supplier, engagement.supplier_id)
    for kind in ("urssaf_vigilance", "foreign_workers_none"):
        accepted(supplier, kind, issued_on=date(2026, 11, 20))
    kbis = paper(supplier, "kbis", issued_on=date(2026, 11, 20))
    make.clock.at = clock.at
    denise, alice = make.staff("Denise"), make.supplier_user(supplier)
    documents.refuse(kbis.id, reasons=[ReasonCode.UNREADABLE], by=actor(denise), now=clock.at)
    at = MONDAY + timedelta(days=18)
    refresh(at)
    assert send_reminders(at)["reminders"] > 0
    with transaction() as session:
        session.execute(delete(ReminderSent))
    documents.contest(kbis.id, supplier_id=supplier.id, by=actor(alice, supplier), now=at)
    refresh(at)
    assert send_reminders(at)["reminders"] == 0


def test_a_bounced_address_is_not_written_to(
    firm: Callable[..., Engagement], make: Maker, clock: FixedClock
) -> None:
    engagement = firm()
    with transaction() as session:
        contact = session.scalars(
            select(Contact).where(Contact.supplier_id == engagement.supplier_id)
        ).one()
        contact.mail_state = "bounced"
    refresh(clock.at)
    assert send_reminders(clock.at)["reminders"] == 0


def run_days(clock: FixedClock, days: int) -> None:
    for number in range(days):
        at = MONDAY + timedelta(days=number)
        actions.refresh_stale(at)
        send_reminders(at)


def test_after_two_reminders_without_an_answer_the_buyer_hears_once(
    firm: Callable[..., Engagement], clock: FixedClock
) -> None:
    firm()
    refresh(clock.at)
    run_days(clock, 40)
    (escalation,) = mails("escalation")
    assert escalation.to_address == "denise@kerlan.example"
    assert "02 61 91 08 30" in body(escalation)  # whom to call at the supplier
    assert mails()[2].created_at == escalation.created_at  # with the third reminder


def test_a_silent_supplier_gets_the_whole_plan_and_never_two_mails_a_week(
    firm: Callable[..., Engagement], clock: FixedClock
) -> None:
    firm()
    refresh(clock.at)
    run_days(clock, 60)
    days = [mail.created_at for mail in mails()]
    assert all(later - earlier > timedelta(days=6) for earlier, later in pairwise(days))
    with reading() as session:
        rows = session.scalars(select(ReminderSent)).all()
    told = [(row.obligation_id, row.due_on, row.step, row.address) for row in rows]
    assert len(told) == len(set(told))
    assert {row.step for row in rows if row.address == "alice@alpha.example"} >= {30, 15, 7, -7}


def test_a_company_may_have_a_plan_of_its_own(
    firm: Callable[..., Engagement], clock: FixedClock
) -> None:
    engagement = firm()
    set_rule("reminders.plan", "5", buyer_id=engagement.buyer_id, from_on=date(2026, 1, 1),
             by=SYSTEM, now=clock.at)  # fmt: skip
    refresh(clock.at)
    assert send_reminders(clock.at)["reminders"] == 0
    assert send_reminders(datetime(2026, 12, 7, 10, tzinfo=UTC))["reminders"] == 1


def test_two_workers_at_once_send_one_mail(
    app: Flask, firm: Callable[..., Engagement], clock: FixedClock
) -> None:
    firm()
    refresh(clock.at)
    counts: list[int] = []

    def work() -> None:
        with app.app_context():
            counts.append(send_reminders(clock.at)["reminders"])

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == len(mails()) == 1
    assert outbox.MailState(mails()[0].state) == "queued"
