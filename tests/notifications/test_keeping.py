"""Mails, waivers, calls and campaigns under retention: listed with their rule, erased of people."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from supplier.kernel import registers
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.notifications import messages, outbox
from supplier.notifications.messages import Person
from supplier.notifications.models import OutboxMessage
from supplier.vigilance import actions, campaigns
from supplier.vigilance.campaigns import Audience, CampaignFilter
from supplier.vigilance.models import Campaign, FollowUp, Waiver
from tests.make import Maker, actor


def kept(subject_type: str, today: date) -> list[registers.Kept]:
    with reading() as session:
        return list(registers.keeper_of(subject_type).list_kept(session, today))


def erase(subject_type: str, today: date, clock: FixedClock) -> registers.Erased:
    (one,) = kept(subject_type, today)
    with transaction() as session:
        return registers.keeper_of(subject_type).erase(session, one.subject_id, clock.at)


def test_a_mail_is_kept_three_years_from_its_day_and_then_names_nobody(
    app: Flask, clock: FixedClock
) -> None:
    with transaction() as session:
        message = messages.new_sign_in(Person("a@alpha.example", "Alice"), at=clock.at)
        outbox.queue_mail(session, message, dedupe_key="a:a@alpha.example", now=clock.at)
    (one,) = kept("outbox_message", date(2026, 11, 23))
    assert (one.rule, one.starts_on) == ("mail_log", date(2026, 11, 23))
    assert erase("outbox_message", date(2029, 11, 24), clock).rows == 1
    with reading() as session:
        row = session.scalars(select(OutboxMessage)).one()
    assert (row.to_address, row.to_name, row.subject, row.body) == ("", "", "", b"")
    assert "alpha" not in row.dedupe_key
    assert kept("outbox_message", date(2029, 11, 24)) == []


def test_waivers_calls_and_campaigns_lose_their_people_and_words(
    make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    supplier, buyer = make.supplier(), make.buyer()
    engagement = make.engagement(supplier, buyer)
    make.contact(supplier)
    today = date(2026, 11, 23)
    actions.waive(
        engagement.id, "registration", from_on=today, until_on=today + timedelta(days=9),
        reason="Vu", buyers=None, by=denise, now=clock.at,
    )  # fmt: skip
    actions.note_follow_up(supplier.id, note="Promis", buyers=None, by=denise, now=clock.at)
    campaigns.rehearse_campaign(
        buyer.id, CampaignFilter(Audience.ALL), buyers=None, by=denise, now=clock.at
    )
    for subject_type in ("waiver", "follow_up", "campaign"):
        (one,) = kept(subject_type, today)
        assert one.starts_on == (today if subject_type == "campaign" else None)
        assert erase(subject_type, today, clock).rows == 1
        assert kept(subject_type, today) == []
    with reading() as session:
        assert session.scalars(select(Waiver.reason)).one() == ""
        assert session.scalars(select(FollowUp)).all() == []
        assert session.scalars(select(Campaign.report)).one() == []
