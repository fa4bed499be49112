"""Needs, timelines, gaps, calls and figures: right answers, in a constant number of statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from supplier.kernel.clock import FixedClock
from supplier.kernel.database import db, transaction
from supplier.parties.models import Contact, Engagement, Supplier
from supplier.vigilance import actions, queries
from supplier.vigilance.coverage import IntervalState, State
from supplier.vigilance.figures import count_coverage
from supplier.vigilance.models import Obligation
from supplier.vigilance.queries import CallReason
from tests.make import Maker, actor
from tests.vigilance.files import accepted, at, decide, paper

TODAY = date(2026, 11, 23)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SELECTs sent while the block runs."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def firm(make: Maker, clock: FixedClock) -> Callable[..., tuple[Supplier, Engagement]]:
    """A supplier of a company, under a contract of 148,000 €."""
    buyer = make.buyer()

    def new(name: str = "Alpha Menuiserie", **values: object) -> tuple[Supplier, Engagement]:
        supplier = make.supplier(name, **values)
        engagement = make.engagement(supplier, buyer)
        make.contract(engagement, created_at=at(date(2025, 9, 1)))
        return supplier, engagement

    return new


def refresh(clock: FixedClock, day: date = TODAY) -> None:
    actions.refresh_all(now=clock.at, today=day)


def complete(supplier: Supplier, issued_on: date = date(2026, 9, 1)) -> None:
    for kind in ("kbis", "urssaf_vigilance", "foreign_workers_none", "tax_compliance"):
        accepted(supplier, kind, issued_on=issued_on)
    accepted(supplier, "bank_details", issued_on=issued_on, valid_until=None)


def test_a_supplier_sees_what_it_owes_why_and_to_whom(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    complete(supplier)
    decide(
        paper(supplier, "decennial_insurance"), "refuse", reasons=["wrong_kind"]
    )  # asked by nobody
    refused = paper(supplier, "urssaf_vigilance", issued_on=date(2026, 11, 1))
    decide(refused, "refuse", reasons=["too_old"])
    refresh(clock, date(2027, 3, 10))
    (one,) = queries.portal_needs(supplier.id, today=date(2027, 3, 10))
    urssaf = next(need for need in one.needs if need.requirement == "social_certificate")
    assert one.state is State.MISSING
    assert urssaf.state is State.REFUSED
    assert urssaf.paper is not None
    assert (urssaf.paper.id, urssaf.paper.reasons) == (refused.id, ("too_old",))
    assert urssaf.missing_since == date(2027, 3, 1)
    assert urssaf.source
    assert urssaf.url == "https://www.urssaf.fr"
    assert (one.person, one.phone) == ("Denise Achats", "02 61 91 04 00")
    assert one.contracts[0].title == "Résidence Les Tilleuls"
    assert urssaf not in [need for need in one.needs if not need.is_owed]


def test_a_complete_supplier_owes_nothing(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    complete(supplier, date(2026, 11, 2))
    refresh(clock)
    (one,) = queries.portal_needs(supplier.id, today=TODAY)
    assert one.owed == ()
    assert {need.state for need in one.needs} == {State.COVERED}


def test_the_file_of_a_supplier_takes_three_statements_whatever_it_holds(
    firm: Callable[..., tuple[Supplier, Engagement]], make: Maker, clock: FixedClock
) -> None:
    supplier, _ = firm()
    complete(supplier)
    refresh(clock)
    counts = []
    for number in range(2):
        with statements() as sent:
            queries.portal_needs(supplier.id, today=TODAY)
        with statements() as drawn:
            queries.supplier_coverage(supplier.id, today=TODAY, now=clock.at)
        with statements() as known:
            queries.supplier_coverage(
                supplier.id, today=TODAY, now=clock.at, known_at=at(date(2026, 10, 1))
            )
        counts.append((len(sent), len(drawn), len(known)))
        make.contract(make.engagement(supplier, make.buyer(f"Kerlan {number}")))
        complete(supplier, date(2026, 10, 1))
        refresh(clock)
    assert counts == [(3, 3, 8), (3, 3, 8)]


def test_another_companys_buyer_sees_only_their_own_needs(
    firm: Callable[..., tuple[Supplier, Engagement]], make: Maker, clock: FixedClock
) -> None:
    supplier, ours = firm()
    other = make.engagement(supplier, make.buyer("Kerlan Énergies"))
    refresh(clock)
    scope = frozenset({other.buyer_id})
    found = queries.portal_needs(supplier.id, today=TODAY, buyers=scope)
    assert [one.engagement.id for one in found] == [other.id]
    drawn = queries.supplier_coverage(supplier.id, today=TODAY, now=clock.at, buyers=scope)
    assert [one.engagement.id for one in drawn] == [other.id]
    assert ours.id != other.id


def test_the_past_is_shown_as_it_was_known_on_any_day(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    document = paper(supplier, "kbis", issued_on=date(2026, 9, 1))
    decide(document, at=at(date(2026, 9, 3)), revoked_at=at(date(2026, 10, 5)))
    refresh(clock)

    def state(as_of: date, known_on: date) -> State:
        (one,) = queries.supplier_coverage(
            supplier.id, today=as_of, now=clock.at, known_at=at(known_on, 20)
        )
        return next(row.state for row in one.rows if row.requirement == "registration")

    september = date(2026, 9, 10)
    assert state(september, date(2026, 9, 2)) is State.IN_REVIEW
    assert state(september, date(2026, 9, 10)) is State.COVERED
    assert state(september, TODAY) is State.IN_REVIEW  # the acceptance was taken back


def test_the_timeline_of_today_reads_the_same_from_the_rows_as_from_the_facts(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    complete(supplier, date(2026, 6, 1))
    refresh(clock)
    later = TODAY + timedelta(days=9)
    (written,) = queries.supplier_coverage(supplier.id, today=later, now=clock.at)
    (made,) = queries.supplier_coverage(
        supplier.id, today=later, now=clock.at + timedelta(seconds=1), known_at=clock.at
    )
    assert written.state is made.state
    assert [(row.requirement, row.state, row.intervals) for row in written.rows] == [
        (row.requirement, row.state, row.intervals) for row in made.rows
    ]
    assert written.share(first=date(2026, 6, 1), last=date(2026, 6, 30)).covered == 30


def test_gaps_come_by_supplier_with_their_euros_once(
    firm: Callable[..., tuple[Supplier, Engagement]], make: Maker, clock: FixedClock
) -> None:
    alpha, _ = firm()
    beta, _ = firm("Bêta Façades")
    complete(beta, date(2026, 11, 2))
    refresh(clock)
    (row,) = queries.list_gaps(buyers=None, today=TODAY)
    assert row.supplier_id == alpha.id
    assert row.since == date(2025, 9, 1)
    assert row.buyers == ("Bâtiment",)
    assert len(row.papers) == 5
    counted = queries.counts(buyers=None, today=TODAY)
    assert counted.open_suppliers == 1
    assert counted.exposed == row.exposed > 100_000


def test_a_gap_that_comes_is_counted_from_the_day_on_which_it_is_in_sight(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    complete(supplier, date(2026, 7, 1))  # foreign workers, Urssaf, Kbis end on 31 December
    refresh(clock)
    assert not queries.list_gaps(buyers=None, today=TODAY)

    def coming(until: date) -> int:
        return queries.counts(buyers=None, today=TODAY, until=until).coming_suppliers

    assert (coming(date(2026, 12, 31)), coming(date(2027, 1, 1))) == (0, 1)


def test_lists_of_gaps_take_one_statement_each_however_many_suppliers(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    seen = []
    for number in range(2):
        for copy in range(3):
            firm(f"Fournisseur {number}{copy}")
        refresh(clock)
        with statements() as sent:
            queries.list_gaps(buyers=None, today=TODAY)
            queries.who_to_call(buyers=None, today=TODAY)
            queries.counts(buyers=None, today=TODAY)
            queries.horizon(buyers=None, today=TODAY)
            queries.coverage_share(buyers=None, start=date(2026, 1, 1), end=TODAY)
            queries.refusal_reasons(buyers=None, since=at(date(2026, 9, 1)))
        seen.append(len(sent))
    assert seen == [1 + 1 + 4] * 2


def test_a_stranger_to_the_company_sees_no_gap(
    firm: Callable[..., tuple[Supplier, Engagement]], make: Maker, clock: FixedClock
) -> None:
    firm()
    refresh(clock)
    elsewhere = frozenset({make.buyer("Autre").id})
    assert not queries.list_gaps(buyers=elsewhere, today=TODAY)
    assert queries.counts(buyers=elsewhere, today=TODAY).open_suppliers == 0
    assert not queries.who_to_call(buyers=elsewhere, today=TODAY)
    assert all(week.open == 0 for week in queries.horizon(buyers=elsewhere, today=TODAY))


def test_the_horizon_shows_when_each_gap_opens_and_what_it_costs(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    complete(supplier, date(2026, 6, 10))  # the last good day is 9 December 2026
    refresh(clock)
    weeks = queries.horizon(buyers=None, today=TODAY)
    assert len(weeks) == 13
    assert weeks[0].starts_on == TODAY
    opening = {week.starts_on: week.opening for week in weeks if week.opening}
    assert opening == {date(2026, 12, 7): 1}
    assert weeks[2].exposed == Decimal("256.50") * 4  # Thursday 10 to Sunday 13
    assert weeks[3].exposed == Decimal("256.50") * 7
    assert [week.open for week in weeks[:4]] == [0, 0, 1, 1]


def test_an_open_gap_weighs_on_every_week_to_come(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    firm()
    refresh(clock)
    weeks = queries.horizon(buyers=None, today=TODAY)
    assert [week.opening for week in weeks] == [0] * 13
    assert {week.open for week in weeks} == {1}


def call(clock: FixedClock) -> CallReason | None:
    refresh(clock)
    found = queries.who_to_call(buyers=None, today=TODAY)
    return found[0].reason if found else None


def test_a_supplier_without_an_address_or_with_a_dead_one_must_be_called(
    firm: Callable[..., tuple[Supplier, Engagement]], make: Maker, clock: FixedClock
) -> None:
    supplier, _ = firm()
    assert call(clock) is CallReason.NO_ADDRESS
    contact = make.contact(supplier)
    assert call(clock) is None
    with transaction() as session:
        session.get_one(Contact, contact.id).mail_state = "bounced"
    assert call(clock) is CallReason.BOUNCED
    (found,) = queries.who_to_call(buyers=None, today=TODAY)
    assert (found.contact_name, found.phone) == ("Alice Martin", "02 61 91 08 30")


def test_two_reminders_or_a_broken_promise_call_for_a_call(
    firm: Callable[..., tuple[Supplier, Engagement]], make: Maker, clock: FixedClock
) -> None:
    supplier, _ = firm()
    make.contact(supplier)
    refresh(clock)
    with transaction() as session:
        for row in session.query(Obligation):
            row.reminders = 2
    assert call(clock) is CallReason.UNANSWERED
    actions.note_follow_up(
        supplier.id, note="Promis vendredi", promised_on=date(2026, 11, 20), buyers=None,
        by=actor(make.staff("Denise Achats")), now=clock.at,
    )  # fmt: skip
    assert call(clock) is CallReason.PROMISE_BROKEN


@pytest.mark.parametrize("promised_on", [TODAY, date(2026, 11, 27)])
def test_who_promised_a_day_is_called_once_that_day_has_passed(
    firm: Callable[..., tuple[Supplier, Engagement]],
    make: Maker,
    clock: FixedClock,
    promised_on: date,
) -> None:
    supplier, _ = firm()
    assert call(clock) is CallReason.NO_ADDRESS
    denise = actor(make.staff("Denise Achats"))
    actions.note_follow_up(
        supplier.id, note="Vendredi", promised_on=promised_on, buyers=None, by=denise, now=clock.at
    )
    assert call(clock) is None
    late = promised_on + timedelta(days=1)
    assert queries.who_to_call(buyers=None, today=late)[0].supplier_id == supplier.id
    actions.note_follow_up(
        supplier.id, note="Plus rien n'est promis", promised_on=None, buyers=None, by=denise,
        now=clock.at + timedelta(hours=1),
    )  # fmt: skip
    assert call(clock) is not None


def test_a_month_counts_the_days_on_which_every_paper_by_law_was_good(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    complete(supplier, date(2026, 9, 16))
    refresh(clock)
    count_coverage(clock.at)
    count_coverage(clock.at)  # a second run counts nothing twice
    shares = {
        one.month_on: one
        for one in queries.coverage_share(buyers=None, start=date(2025, 12, 1), end=TODAY)
    }
    assert len(shares) == 12
    assert shares[date(2026, 8, 1)].share == 0
    assert (shares[date(2026, 9, 1)].days.covered, shares[date(2026, 9, 1)].days.owed) == (15, 30)
    assert shares[date(2026, 10, 1)].share == 1
    assert shares[date(2026, 11, 1)].days.owed == 23  # the month is not over


def test_reasons_of_refusal_are_counted_by_paper(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    decide(paper(supplier), "refuse", reasons=["too_old", "wrong_company"])
    decide(paper(supplier), "refuse", reasons=["too_old"])
    decide(paper(supplier), "refuse", reasons=["too_old"], revoked_at=clock.at)
    found = queries.refusal_reasons(buyers=None, since=at(date(2026, 9, 1)))
    assert found.papers == 2
    assert found.reasons == (("too_old", 2), ("wrong_company", 1))


def test_a_late_paper_leaves_its_gap_in_the_drawing(
    firm: Callable[..., tuple[Supplier, Engagement]], clock: FixedClock
) -> None:
    supplier, _ = firm()
    accepted(supplier, "kbis", issued_on=date(2026, 9, 1), received_on=date(2026, 10, 1))
    refresh(clock)
    (one,) = queries.supplier_coverage(supplier.id, today=TODAY, now=clock.at)
    row = next(row for row in one.rows if row.requirement == "registration")
    assert IntervalState.LATE in {interval.state for interval in row.intervals}
