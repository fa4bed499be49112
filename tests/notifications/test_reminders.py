"""Reminders: what is due today, once, on a worked day, in one mail a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.kernel.calendar import is_working_day
from supplier.notifications.reminders import (
    PLAN,
    Duty,
    clock_start,
    due,
    escalates,
    plan_round,
)

LAST = date(2026, 11, 24)  # a Tuesday
WORKED = date(2026, 11, 23)
ALICE = "alice@alpha.example"


def duty(key: str = "d1", **facts: object) -> Duty:
    base = Duty(key=key, address=ALICE, state="missing", due_on=WORKED + timedelta(days=30))
    return replace(base, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days_left", "sent", "step"),
    [
        (61, set(), None),
        (60, set(), 60),
        (60, {60}, None),
        (60, {30}, None),
        (59, {60}, None),
        (30, {60}, 30),
        (7, {60, 30, 15}, 7),
        (0, {60, 30, 15, 7}, None),
        (-1, {60, 30, 15, 7}, -1),
        (-6, {-1}, None),
        (-7, {-1}, -7),
        (-30, {-15}, -30),
        (-400, {-30}, None),
    ],
)
def test_a_step_is_due_from_its_day_on_and_once(
    days_left: int, sent: set[int], step: int | None
) -> None:
    assert due(LAST, today=LAST - timedelta(days=days_left), sent=sent) == step


def test_a_day_without_the_worker_loses_no_reminder() -> None:
    assert due(LAST, today=LAST - timedelta(days=29), sent={60}) == 30


def test_after_a_long_silence_one_reminder_leaves_not_four() -> None:
    today = LAST - timedelta(days=6)
    step = due(LAST, today=today, sent=set())
    assert step == 7
    assert due(LAST, today=today, sent={7}) is None


def test_a_refusal_restarts_the_clock() -> None:
    refused_on = LAST + timedelta(days=20)
    start = clock_start(LAST, refused_on=refused_on)
    assert due(start, today=refused_on + timedelta(days=1), sent=set()) == -1


def test_nobody_is_late_before_being_asked() -> None:
    asked_on = LAST + timedelta(days=200)
    assert clock_start(LAST, asked_on=asked_on) == asked_on
    assert clock_start(LAST, asked_on=LAST - timedelta(days=3)) == LAST


@pytest.mark.parametrize(
    "state", ["covered", "in_review", "to_verify", "waived", "dormant", "not_required"]
)
def test_a_deposit_a_waiver_or_the_end_of_work_stops_the_reminders(state: str) -> None:
    assert not plan_round([duty(state=state)], today=WORKED).mails


@pytest.mark.parametrize("state", ["missing", "refused", "expiring"])
def test_what_is_still_owed_is_asked_for(state: str) -> None:
    assert plan_round([duty(state=state)], today=WORKED).mails


@pytest.mark.parametrize(
    "day_off", [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 11), date(2026, 12, 25)]
)
def test_nothing_leaves_on_a_day_off_and_it_leaves_on_the_next_worked_day(day_off: date) -> None:
    owed = duty(due_on=day_off + timedelta(days=30))
    assert not plan_round([owed], today=day_off).mails
    after = day_off
    while not is_working_day(after):
        after += timedelta(days=1)
    assert plan_round([owed], today=after).mails[0].items[0].step == 30


def test_one_person_gets_one_mail_for_all_suppliers_and_buyers() -> None:
    later = duty("beta-kbis", due_on=WORKED + timedelta(days=29))
    sooner = duty("alpha-urssaf", due_on=WORKED + timedelta(days=7), address=" Alice@Alpha.example")
    (mail,) = plan_round([later, sooner], today=WORKED).mails
    assert mail.address == ALICE
    assert [item.duty.key for item in mail.items] == ["alpha-urssaf", "beta-kbis"]


def test_a_duty_told_to_two_people_makes_two_mails_and_one_line_each() -> None:
    bob = duty(address="bob@alpha.example")
    mails = plan_round([duty(), bob, duty()], today=WORKED).mails
    assert [(mail.address, len(mail.items)) for mail in mails] == [
        (ALICE, 1),
        ("bob@alpha.example", 1),
    ]


def test_the_buyer_is_told_with_the_third_reminder_and_once() -> None:
    facts = {"due_on": WORKED + timedelta(days=15), "buyer_address": "denise@buyer.example"}
    first = duty(sent=frozenset({60}), **facts)
    second = duty(sent=frozenset({60, 30}), **facts)
    told = replace(second, escalated=True)
    assert not plan_round([first], today=WORKED).escalations
    assert plan_round([second], today=WORKED).escalations[0].duties == (second,)
    assert not plan_round([told], today=WORKED).escalations
    assert plan_round([told], today=WORKED).mails


def test_one_escalation_a_buyer_however_many_people_were_written_to() -> None:
    facts = {
        "due_on": WORKED + timedelta(days=15),
        "sent": frozenset({60, 30}),
        "buyer_address": "denise@buyer.example",
    }
    duties = [duty(**facts), duty(address="bob@alpha.example", **facts), duty("d2", **facts)]
    (escalation,) = plan_round(duties, today=WORKED).escalations
    assert [found.key for found in escalation.duties] == ["d1", "d2"]


def test_without_a_contact_at_the_buyer_nothing_is_escalated() -> None:
    silent = duty(sent=frozenset({60, 30}), due_on=WORKED + timedelta(days=15))
    assert escalates(silent)
    assert not plan_round([silent], today=WORKED).escalations


@given(
    st.sets(st.integers(0, 120), max_size=60),
    st.integers(-40, 80),
)
def test_whatever_days_the_worker_runs_no_step_leaves_twice_or_early(
    runs: set[int], offset: int
) -> None:
    due_on = WORKED + timedelta(days=offset)
    sent: list[int] = []
    for run in sorted(runs):
        today = WORKED + timedelta(days=run)
        for _ in range(2):
            round_ = plan_round([duty(due_on=due_on, sent=frozenset(sent))], today=today)
            for mail in round_.mails:
                (item,) = mail.items
                assert today >= due_on - timedelta(days=item.step)
                assert is_working_day(today)
                sent.append(item.step)
    assert sent == sorted(set(sent), reverse=True)


@given(st.integers(-40, 60))
def test_a_worker_that_runs_every_day_sends_the_whole_plan_but_for_days_off(offset: int) -> None:
    due_on = WORKED + timedelta(days=offset)
    first = due_on - timedelta(days=70)
    sent: list[int] = []
    for run in range(120):
        today = first + timedelta(days=run)
        for mail in plan_round([duty(due_on=due_on, sent=frozenset(sent))], today=today).mails:
            sent += [item.step for item in mail.items]
    assert sent == list(PLAN)
