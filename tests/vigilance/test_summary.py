"""A duty as a few dates: they say what the rules say, on every day, in Python and in SQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from supplier.documents.kinds import DocumentKind
from supplier.kernel.database import new_id, transaction
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import Coverage, State, cover
from supplier.vigilance.models import Obligation
from supplier.vigilance.papers import Paper, WaiverFacts
from supplier.vigilance.requirements import Requirement
from supplier.vigilance.spans import OPEN, Span, union
from supplier.vigilance.states import UNCOVERED, is_open_gap, state_expression
from supplier.vigilance.summary import Summary, holds_until, intervals_on, summarise
from tests.make import Maker

START = date(2026, 1, 1)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
TODAY = NOW.date()
FAR = TODAY + timedelta(days=900)
days = st.integers(0, 500).map(lambda number: START + timedelta(days=number))
past = st.integers(0, 150).map(lambda number: START + timedelta(days=number))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first = draw(days)
    length = draw(st.none() | st.integers(0, 300))
    return Span(first, OPEN if length is None else first + timedelta(days=length))


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    received_on = draw(past)
    decided = draw(st.sampled_from(["accepted", "refused", "pending"]))
    good_from = draw(st.none() | days)
    length = draw(st.integers(-20, 300))
    instant = datetime(received_on.year, received_on.month, received_on.day, 12, tzinfo=UTC)
    return Paper(
        id=draw(st.sampled_from("abcdef")),
        kind=DocumentKind.KBIS,
        received_on=received_on,
        good_from=good_from,
        valid_until=received_on + timedelta(days=length),
        accepted_at=instant if decided == "accepted" else None,
        refused_at=instant if decided == "refused" else None,
    )


@st.composite
def waivers(draw: st.DrawFn) -> WaiverFacts:
    first = draw(days)
    return WaiverFacts(first, first + timedelta(days=draw(st.integers(0, 90))), granted_at=NOW)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Requirement, list[Paper], list[WaiverFacts]]:
    rule = RULES[RequirementCode.REGISTRATION]
    requirement = Requirement(
        code=RequirementCode.REGISTRATION,
        kinds=rule.kinds,
        duty=union(draw(st.lists(spans(), min_size=1, max_size=2))),
        basis=rule.basis,
        reason=rule.reason,
        source=rule.source,
        renewal_months=draw(st.none() | st.just(6)),
    )
    return requirement, draw(st.lists(papers(), max_size=4)), draw(st.lists(waivers(), max_size=2))


def judge(case: tuple[Requirement, list[Paper], list[WaiverFacts]], day: date) -> Coverage:
    requirement, held, waived = case
    return cover(requirement, held, as_of=day, known_at=NOW, waivers=waived)


@settings(max_examples=150)
@given(cases())
def test_the_dates_say_what_the_rules_say_as_long_as_they_claim_to(
    case: tuple[Requirement, list[Paper], list[WaiverFacts]],
) -> None:
    coverage = judge(case, TODAY)
    summary = summarise(coverage)
    assert summary is not None
    until = holds_until(summary, coverage)
    last = min(until or FAR, FAR)
    for number in range(0, (last - TODAY).days + 1, 3):
        day = TODAY + timedelta(days=number)
        assert summary.state_on(day) is judge(case, day).state, day
    assert summary.state_on(last) is judge(case, last).state
    if until is not None and until < FAR:
        after = until + timedelta(days=1)
        assert summary.state_on(after) is not judge(case, after).state


@settings(max_examples=100)
@given(cases())
def test_kept_intervals_read_on_a_later_day_are_those_of_that_day(
    case: tuple[Requirement, list[Paper], list[WaiverFacts]],
) -> None:
    intervals = judge(case, TODAY).intervals
    kept = [one.as_json() for one in intervals]
    edges = {one.span.first for one in intervals} | {one.span.last for one in intervals} - {OPEN}
    for edge in edges | {TODAY}:
        for day in (edge, edge + timedelta(days=1)):
            if day >= TODAY:
                read = intervals_on(kept, today=day)
                assert [(one.span, one.state) for one in read] == [
                    (one.span, one.state) for one in judge(case, day).intervals
                ]


def test_two_papers_that_share_the_last_days_of_a_cover_end_with_the_cover() -> None:
    """Read on the day after the first of them ended, all the last days are still amber."""
    rule = RULES[RequirementCode.REGISTRATION]
    duty = (Span(START, OPEN),)
    requirement = Requirement(
        code=RequirementCode.REGISTRATION, kinds=rule.kinds, duty=duty, basis=rule.basis,
        reason=rule.reason, source=rule.source, renewal_months=None,
    )  # fmt: skip
    instant = NOW - timedelta(days=9)
    held = [
        Paper(
            id=name, kind=DocumentKind.KBIS, received_on=instant.date(), good_from=first,
            valid_until=TODAY + timedelta(days=days), accepted_at=instant,
        )
        for name, first, days in (("a", START, 20), ("b", TODAY + timedelta(days=21), 50))
    ]  # fmt: skip
    case = (requirement, held, [])
    kept = [one.as_json() for one in judge(case, TODAY).intervals]
    for days in (20, 21, 50, 51):
        day = TODAY + timedelta(days=days)
        read = [(one.span, one.state) for one in intervals_on(kept, today=day)]
        assert read == [(one.span, one.state) for one in judge(case, day).intervals]


#: Few days, so that the edges meet.
near = st.integers(0, 8).map(lambda number: START + timedelta(days=number))
some_days = st.none() | near


@st.composite
def summaries(draw: st.DrawFn) -> Summary:
    covered_from = draw(some_days)
    waived_from = draw(some_days)
    return Summary(
        duty_from=draw(near),
        duty_until=draw(some_days),
        covered_from=covered_from,
        covered_until=draw(some_days) if covered_from else None,
        warn_from=draw(some_days),
        waived_from=waived_from,
        waived_until=draw(some_days) if waived_from else None,
        uncovered=draw(st.sampled_from(UNCOVERED)),
    )


def write(row: Obligation, summary: Summary) -> None:
    row.duty_from, row.duty_until = summary.duty_from, summary.duty_until
    row.covered_from, row.covered_until = summary.covered_from, summary.covered_until
    row.warn_from = summary.warn_from
    row.waived_from, row.waived_until = summary.waived_from, summary.waived_until
    row.in_review = summary.uncovered is State.IN_REVIEW
    row.to_verify = summary.uncovered is State.TO_VERIFY
    row.refused = summary.uncovered is State.REFUSED


def test_the_database_and_the_rule_name_the_same_state_on_any_day(app: Flask, make: Maker) -> None:
    engagement = make.engagement(make.supplier(), make.buyer())

    @settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.lists(summaries(), min_size=13, max_size=13), near)
    def agree(drawn: list[Summary], day: date) -> None:
        with transaction() as session:
            session.execute(delete(Obligation))
            expected = {}
            for code, summary in zip(RequirementCode, drawn, strict=True):
                row = Obligation(
                    id=new_id(), engagement_id=engagement.id, supplier_id=engagement.supplier_id,
                    buyer_id=engagement.buyer_id, requirement=code.value, basis="law",
                    intervals=[], rules_version="test", refreshed_at=NOW,
                    asked_on=START, gap_from=START,
                )  # fmt: skip
                write(row, summary)
                session.add(row)
                expected[code.value] = summary.state_on(day)
            session.flush()
            query = select(Obligation.requirement, state_expression(day))
            assert {code: State(state) for code, state in session.execute(query)} == expected
            gaps = set(session.scalars(select(Obligation.requirement).where(is_open_gap(day))))
            begun = {code.value for code, one in zip(RequirementCode, drawn, strict=True)
                     if one.duty_from <= day}  # fmt: skip
            assert gaps == {code for code in begun if expected[code] in UNCOVERED}

    agree()
