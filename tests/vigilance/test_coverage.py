"""Coverage: every day of a duty in one state, on two axes of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.documents.kinds import DocumentKind
from supplier.kernel.clock import add_months
from supplier.vigilance.catalogue import RULES, RequirementCode
from supplier.vigilance.coverage import (
    Authenticity,
    Coverage,
    DayCount,
    IntervalState,
    Paper,
    State,
    WaiverFacts,
    cover,
    overview,
    share_of,
    worst,
)
from supplier.vigilance.papers import known_papers
from supplier.vigilance.requirements import Requirement
from supplier.vigilance.spans import OPEN, Span, subtract, union

START = date(2026, 1, 1)
ALWAYS = datetime(2030, 1, 1, tzinfo=UTC)


def day(number: int) -> date:
    return START + timedelta(days=number)


def at(when: date, hour: int = 10) -> datetime:
    return datetime(when.year, when.month, when.day, hour, tzinfo=UTC)


def requirement(
    *duty: Span, code: RequirementCode = RequirementCode.REGISTRATION, **facts: object
) -> Requirement:
    rule = RULES[code]
    base = Requirement(
        code=code,
        kinds=rule.kinds,
        duty=duty or (Span(START),),
        basis=rule.basis,
        reason=rule.reason,
        source=rule.source,
        renewal_months=rule.renewal_months,
        issuer_check=rule.issuer_check,
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def paper(received_on: date = START, **facts: object) -> Paper:
    base = Paper(
        id=f"kbis-{received_on}",
        kind=DocumentKind.KBIS,
        received_on=received_on,
        issued_on=received_on,
        valid_until=add_months(received_on, 6) - timedelta(days=1),
        accepted_at=at(received_on),
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def urssaf(received_on: date = START, **facts: object) -> Paper:
    return paper(
        received_on,
        **{
            "id": f"urssaf-{received_on}",
            "kind": DocumentKind.URSSAF_VIGILANCE,
            "authenticity": Authenticity.CONFIRMED,
            "checked_at": at(received_on),
            **facts,
        },
    )


def seen(
    *papers: Paper,
    on: date = START,
    owed: Requirement | None = None,
    known_at: datetime | None = None,
    **facts: object,
) -> Coverage:
    return cover(
        owed or requirement(),
        papers,
        as_of=on,
        known_at=known_at or max(at(on, 22), ALWAYS),
        **facts,  # type: ignore[arg-type]
    )


def drawn(coverage: Coverage) -> list[tuple[str, date, date | None]]:
    return [(one.state.value, one.span.first, one.span.until) for one in coverage.intervals]


def test_nothing_handed_in_is_missing_from_the_first_day() -> None:
    found = seen(on=day(9))
    assert found.state is State.MISSING
    assert drawn(found) == [("gap", START, day(9)), ("gap_to_come", day(10), None)]
    assert (found.gap_from, found.next_due_on) == (START, START)
    assert found.covered_until is None


def test_a_paper_covers_from_receipt_to_its_last_good_day() -> None:
    found = seen(paper(), on=date(2026, 2, 1))
    assert found.state is State.COVERED
    assert found.covered_until == date(2026, 6, 30)
    assert found.gap_from == found.next_due_on == date(2026, 7, 1)
    assert found.renew_from == date(2026, 7, 1) - timedelta(days=60)
    assert found.paper_id == "kbis-2026-01-01"


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 5, 1), State.COVERED),
        (date(2026, 5, 2), State.EXPIRING),
        (date(2026, 6, 30), State.EXPIRING),
        (date(2026, 7, 1), State.MISSING),
    ],
)
def test_the_last_sixty_days_are_ending_and_the_limit_is_a_gap(on: date, state: State) -> None:
    assert seen(paper(), on=on).state is state


def test_a_cover_that_ended_in_the_past_is_drawn_as_covered() -> None:
    found = seen(paper(), on=date(2026, 8, 1))
    assert drawn(found)[0] == ("covered", START, date(2026, 6, 30))


def test_a_cover_that_is_followed_is_not_ending() -> None:
    assert seen(paper(), paper(date(2026, 6, 20)), on=date(2026, 6, 25)).state is State.COVERED


def test_a_cover_that_outlives_the_duty_is_not_ending() -> None:
    owed = requirement(Span(START, date(2026, 6, 15)))
    found = seen(paper(), on=date(2026, 6, 10), owed=owed)
    assert (found.state, found.next_due_on, found.renew_from) == (State.COVERED, None, None)


@pytest.mark.parametrize(
    ("issued", "last_good"),
    [
        (date(2026, 8, 31), date(2027, 2, 27)),
        (date(2026, 8, 30), date(2027, 2, 27)),
        (date(2028, 2, 29), date(2028, 8, 28)),
        (date(2026, 3, 31), date(2026, 9, 29)),
        (date(2026, 1, 1), date(2026, 6, 30)),
    ],
)
def test_the_six_months_end_as_the_law_counts_them(issued: date, last_good: date) -> None:
    found = seen(urssaf(issued), on=issued, owed=social())
    assert found.covered_until == last_good


def social(*duty: Span) -> Requirement:
    return requirement(*duty, code=RequirementCode.SOCIAL_CERTIFICATE)


def test_a_late_paper_does_not_turn_the_past_green() -> None:
    late = paper(day(40), issued_on=START, good_from=START)
    found = seen(late, on=day(50))
    assert drawn(found)[:2] == [
        ("late", START, day(39)),
        ("covered", day(40), found.intervals[1].span.until),
    ]
    assert found.state is State.COVERED
    assert seen(late, on=day(20)).state is State.MISSING
    assert found.share(Span(START, day(49))) == DayCount(covered=10, owed=50)


def test_a_paper_from_the_first_day_is_not_late() -> None:
    assert drawn(seen(paper(), on=day(9)))[0][0] == "covered"
    assert drawn(seen(on=day(9)))[0][0] == "gap"


def test_a_paper_issued_after_the_conclusion_is_late_too() -> None:
    found = seen(paper(day(5)), on=day(9))
    assert drawn(found)[0] == ("gap", START, day(4))


def test_a_day_is_judged_by_what_was_known_then() -> None:
    slow = paper(day(3), accepted_at=at(day(20)))
    assert seen(slow, on=day(10), known_at=at(day(10))).state is State.IN_REVIEW
    assert seen(slow, on=day(10), known_at=at(day(20))).state is State.COVERED
    assert seen(slow, on=day(10), known_at=at(day(2))).state is State.MISSING


def test_a_revoked_acceptance_counts_until_it_was_revoked() -> None:
    forged = paper(revoked_at=at(day(30)))
    assert seen(forged, on=day(10), known_at=at(day(29))).state is State.COVERED
    revoked = seen(forged, on=day(10), known_at=at(day(30)))
    assert (revoked.state, revoked.refused) == (State.REFUSED, True)


def test_paris_decides_on_which_day_a_paper_is_known() -> None:
    early = paper(date(2026, 7, 1), valid_until=date(2026, 12, 31))
    late_evening_in_utc = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # 00:30 on 1 July in Paris
    early = replace(early, accepted_at=late_evening_in_utc)
    known = seen(early, on=date(2026, 7, 1), known_at=late_evening_in_utc)
    assert known.state is State.COVERED


def test_an_accepted_certificate_waits_for_its_issuer() -> None:
    waiting = urssaf(authenticity=Authenticity.UNCHECKED, checked_at=None)
    found = seen(waiting, on=day(5), owed=social())
    assert (found.state, found.to_verify) == (State.TO_VERIFY, True)
    # The supplier owes nothing more for these days; the cover is not there all the same.
    assert (found.gap_from, found.next_due_on) == (START, date(2026, 7, 1))
    confirmed = replace(waiting, authenticity=Authenticity.CONFIRMED, checked_at=at(day(4)))
    assert seen(confirmed, on=day(5), owed=social()).state is State.COVERED
    before = seen(confirmed, on=day(3), owed=social(), known_at=at(day(3)))
    assert before.state is State.TO_VERIFY


def test_a_certificate_that_its_issuer_denies_is_refused() -> None:
    denied = urssaf(authenticity=Authenticity.FAILED)
    assert seen(denied, on=day(5), owed=social()).state is State.REFUSED


def test_a_deposit_stops_what_is_owed_while_it_waits() -> None:
    waiting = paper(day(3), accepted_at=None, state="in_review")
    found = seen(waiting, on=day(5))
    assert (found.state, found.in_review) == (State.IN_REVIEW, True)
    assert found.gap_from == START
    assert found.next_due_on == day(0) + timedelta(days=(add_months(day(3), 6) - START).days)


def test_a_paper_not_read_yet_waits_for_what_it_was_handed_in_for() -> None:
    unread = Paper("x", None, day(3), state="received", asked_for="registration")
    assert seen(unread, on=day(5)).state is State.IN_REVIEW
    assert seen(replace(unread, asked_for="bank_details"), on=day(5)).state is State.MISSING


def test_a_paper_of_an_unknown_kind_counts_only_for_what_it_names() -> None:
    owed = requirement(code=RequirementCode.FINANCIAL_GUARANTEE)
    other = paper(kind=DocumentKind.OTHER)
    assert seen(other, owed=owed).state is State.MISSING
    assert seen(replace(other, asked_for="financial_guarantee"), owed=owed).state is State.COVERED


def test_a_refusal_is_told_until_something_else_comes() -> None:
    refused = paper(day(3), accepted_at=None, refused_at=at(day(4)), state="refused")
    assert seen(refused, on=day(5)).state is State.REFUSED
    again = paper(day(6), accepted_at=None, state="read")
    assert seen(refused, again, on=day(6)).state is State.IN_REVIEW


def test_a_refused_renewal_leaves_the_old_cover() -> None:
    refused = paper(day(100), accepted_at=None, refused_at=at(day(101)))
    found = seen(paper(), refused, on=day(101))
    assert (found.state, found.refused) == (State.COVERED, True)


@pytest.mark.parametrize("state", ["withdrawn", "erased"])
def test_what_was_withdrawn_or_erased_is_not_there(state: str) -> None:
    assert seen(paper(state=state), on=day(5)).state is State.MISSING


def test_a_superseded_paper_still_covers_its_days() -> None:
    assert seen(paper(state="superseded"), on=day(5)).state is State.COVERED


def test_a_paper_without_an_end_is_asked_again_after_the_cycle() -> None:
    owed = requirement(code=RequirementCode.FOREIGN_REGISTER)
    endless = paper(kind=DocumentKind.FOREIGN_REGISTER_EXTRACT, valid_until=None)
    assert seen(endless, owed=owed).covered_until == date(2026, 6, 30)
    bank = requirement(code=RequirementCode.BANK_DETAILS)
    rib = paper(kind=DocumentKind.BANK_DETAILS, valid_until=None)
    found = seen(rib, owed=bank)
    assert (found.covered_until, found.next_due_on) == (OPEN, None)


def test_the_insurance_covers_its_printed_period_not_its_receipt() -> None:
    opening = day(60)
    owed = requirement(Span(opening, opening), code=RequirementCode.DECENNIAL_INSURANCE)
    insurance = paper(
        kind=DocumentKind.DECENNIAL_INSURANCE, good_from=day(30), valid_until=day(395)
    )
    assert seen(insurance, on=day(10), owed=owed).state is State.COVERED
    assert seen(on=day(10), owed=owed).state is State.MISSING
    over = replace(insurance, valid_until=day(59))
    assert seen(over, on=day(10), owed=owed).next_due_on == opening


def test_after_the_work_the_requirement_sleeps() -> None:
    owed = requirement(Span(START, day(30)))
    assert seen(on=day(31), owed=owed).state is State.DORMANT
    assert seen(on=day(31), owed=owed).next_due_on is None


def test_between_two_orders_the_next_one_is_prepared() -> None:
    owed = requirement(Span(START, day(30)), Span(day(90), day(120)))
    found = seen(on=day(40), owed=owed)
    assert (found.state, found.next_due_on) == (State.MISSING, day(90))
    assert seen(paper(day(35)), on=day(40), owed=owed).state is State.COVERED


def test_below_the_threshold_nothing_is_required() -> None:
    owed = replace(requirement(), duty=())
    found = seen(owed=owed)
    assert (found.state, found.intervals) == (State.NOT_REQUIRED, ())


def waiver(first: int, last: int, granted: int, **facts: object) -> WaiverFacts:
    return replace(WaiverFacts(day(first), day(last), at(day(granted))), **facts)  # type: ignore[arg-type]


def test_a_waiver_excuses_its_days_and_no_day_before_it_was_granted() -> None:
    found = seen(on=day(12), waivers=[waiver(0, 20, granted=10)])
    assert drawn(found) == [
        ("gap", START, day(9)),
        ("waived", day(10), day(20)),
        ("gap_to_come", day(21), None),
    ]
    assert (found.state, found.waived_until) == (State.WAIVED, day(20))
    assert found.next_due_on == day(21)


def test_a_revoked_waiver_ends_on_the_day_before() -> None:
    revoked = waiver(0, 20, granted=0, revoked_at=at(day(5)))
    assert seen(on=day(5), waivers=[revoked]).state is State.MISSING
    assert seen(on=day(4), waivers=[revoked]).state is State.WAIVED
    assert seen(on=day(5), known_at=at(day(4)), waivers=[revoked]).state is State.WAIVED


def test_a_paper_on_a_waived_day_covers_it() -> None:
    found = seen(paper(), on=day(5), waivers=[waiver(0, 20, granted=0)])
    assert found.state is State.COVERED


def test_waived_days_are_not_owed_in_the_share() -> None:
    found = seen(paper(day(10)), on=day(29), waivers=[waiver(0, 4, granted=0)])
    assert found.share(Span(START, day(29))) == DayCount(covered=20, owed=25)


def test_an_interval_keeps_the_paper_s_own_last_day_whatever_cuts_it() -> None:
    """Another paper, the end of the duty: neither changes how long the first one is good."""
    alone = seen(paper(), on=START)
    both = seen(paper(), paper(day(40)), on=day(50))
    assert {one.good_until for one in alone.intervals if one.paper_id} == {date(2026, 6, 30)}
    first = both.intervals[0]
    assert (first.span.last, first.good_until) == (day(39), date(2026, 6, 30))
    assert both.intervals[-1].good_until is None


def test_intervals_are_written_for_drawings() -> None:
    found = seen(paper(), on=START)
    assert found.intervals[0].as_json() == {
        "from": "2026-01-01",
        "until": "2026-05-01",
        "state": "covered",
        "document": "kbis-2026-01-01",
        "good_until": "2026-06-30",
    }
    assert found.intervals[-1].as_json()["until"] is None


def test_the_worst_requirement_gives_the_state_and_the_contract_stays_apart() -> None:
    law = seen(paper(), on=day(5))
    tax = seen(on=day(5), owed=requirement(code=RequirementCode.TAX_CERTIFICATE))
    found = overview([law, tax])
    assert (found.law, found.policy, found.worst) == (
        State.COVERED,
        State.MISSING,
        State.MISSING,
    )
    assert overview([]).worst is State.NOT_REQUIRED
    assert worst([State.WAIVED, State.EXPIRING, State.DORMANT]) is State.EXPIRING


def test_the_share_adds_up_over_requirements() -> None:
    both = [seen(paper(), on=day(9)), seen(on=day(9))]
    assert share_of(both, within=Span(START, day(9))) == DayCount(covered=10, owed=20)
    assert share_of([], within=Span(START, day(9))) == DayCount(covered=0, owed=0)


# The rule against an oracle that looks at one day at a time.

DAYS = st.integers(0, 90)
INSTANTS = st.none() | DAYS.map(lambda number: at(day(number)))


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    issued = draw(DAYS)
    received = issued + draw(st.integers(0, 30))
    checked = draw(INSTANTS)
    return Paper(
        id=str(draw(st.uuids())),
        kind=draw(st.sampled_from([DocumentKind.URSSAF_VIGILANCE, DocumentKind.KBIS])),
        received_on=day(received),
        issued_on=day(issued),
        valid_until=day(issued + draw(st.integers(0, 60))),
        accepted_at=draw(INSTANTS),
        revoked_at=draw(st.none() | INSTANTS),
        authenticity=draw(st.sampled_from(Authenticity)) if checked else Authenticity.UNCHECKED,
        checked_at=checked,
    )


SPANS = st.lists(
    st.tuples(DAYS, st.integers(0, 60)).map(lambda pair: Span(day(pair[0]), day(sum(pair)))),
    max_size=3,
)
DUTIES = SPANS.map(union).filter(bool) | DAYS.map(lambda number: (Span(day(number)),))
WAIVERS = st.lists(
    st.builds(
        lambda first, length, granted, revoked: WaiverFacts(
            day(first), day(first + length), at(day(granted)), revoked
        ),
        DAYS,
        st.integers(0, 40),
        DAYS,
        INSTANTS,
    ),
    max_size=2,
)
PAPERS = st.lists(papers(), max_size=5)


@given(DUTIES, PAPERS, WAIVERS, DAYS, DAYS)
def test_intervals_never_overlap_and_their_union_is_the_duty(
    duty: tuple[Span, ...], found: list[Paper], waivers: list[WaiverFacts], on: int, known: int
) -> None:
    result = cover(social(*duty), found, as_of=day(on), known_at=at(day(known)), waivers=waivers)
    spans = [interval.span for interval in result.intervals]
    assert all(one.last < other.first for one, other in pairwise(spans))
    assert union(spans) == union(duty)


@given(PAPERS, WAIVERS, DAYS, DAYS)
def test_each_day_is_what_a_look_at_that_day_alone_says(
    found: list[Paper], waivers: list[WaiverFacts], on: int, known: int
) -> None:
    known_at = at(day(known))
    result = cover(social(), found, as_of=day(on), known_at=known_at, waivers=waivers)
    for number in range(160):
        interval = next(one for one in result.intervals if day(number) in one.span)
        assert _group(interval.state) == _naive(found, waivers, day(number), known_at)


def _group(state: IntervalState) -> str:
    if state in {IntervalState.COVERED, IntervalState.EXPIRING}:
        return "covered"
    if state in {IntervalState.GAP, IntervalState.GAP_TO_COME, IntervalState.LATE}:
        return "gap"
    return state.value


def _naive(found: list[Paper], waivers: list[WaiverFacts], when: date, known_at: datetime) -> str:
    words = {_word(one, when, known_at) for one in found}
    if any(
        one.granted_at <= known_at
        and max(one.from_on, one.granted_at.date()) <= when <= one.until_on
        and not (one.revoked_at and one.revoked_at <= known_at and one.revoked_at.date() <= when)
        for one in waivers
    ):
        words.add("waived")
    order = ("covered", "waived", "to_verify", "pending")
    return next((word for word in order if word in words), "gap")


def _word(one: Paper, when: date, known_at: datetime) -> str:
    def yet(instant: datetime | None) -> bool:
        return instant is not None and instant <= known_at

    assert one.valid_until is not None
    in_hand = one.received_on <= when <= one.valid_until and one.received_on <= known_at.date()
    if one.kind is not DocumentKind.URSSAF_VIGILANCE or not in_hand or yet(one.revoked_at):
        return "gap"
    if not yet(one.accepted_at):
        return "pending"
    if not yet(one.checked_at) or one.authenticity is Authenticity.UNCHECKED:
        return "to_verify"
    return "covered" if one.authenticity is Authenticity.CONFIRMED else "gap"


def _green(result: Coverage) -> tuple[Span, ...]:
    return union(
        one.span
        for one in result.intervals
        if one.state in {IntervalState.COVERED, IntervalState.EXPIRING}
    )


@given(DUTIES, PAPERS, papers(), DAYS, DAYS)
def test_one_more_paper_never_takes_a_covered_day_away(
    duty: tuple[Span, ...], found: list[Paper], more: Paper, on: int, known: int
) -> None:
    owed, known_at = social(*duty), at(day(known))
    fewer = _green(cover(owed, found, as_of=day(on), known_at=known_at))
    assert not subtract(
        fewer, _green(cover(owed, [*found, more], as_of=day(on), known_at=known_at))
    )


@given(DUTIES, PAPERS, DAYS, DAYS, DAYS)
def test_knowing_more_takes_no_covered_day_away_unless_something_was_revoked(
    duty: tuple[Span, ...], found: list[Paper], on: int, one: int, other: int
) -> None:
    early, late = sorted((one, other))
    kept = [replace(each, revoked_at=None) for each in found]
    owed = social(*duty)
    first = _green(cover(owed, kept, as_of=day(on), known_at=at(day(early))))
    assert not subtract(first, _green(cover(owed, kept, as_of=day(on), known_at=at(day(late)))))


@given(DUTIES, PAPERS, DAYS)
def test_no_day_before_the_first_receipt_is_ever_green(
    duty: tuple[Span, ...], found: list[Paper], on: int
) -> None:
    result = cover(social(*duty), found, as_of=day(on), known_at=ALWAYS)
    first = min((one.received_on for one in found), default=OPEN)
    assert all(span.first >= first for span in _green(result))


@given(DUTIES, PAPERS, WAIVERS, DAYS, DAYS, st.integers(0, 60))
def test_dates_and_state_agree(
    duty: tuple[Span, ...],
    found: list[Paper],
    waivers: list[WaiverFacts],
    on: int,
    first: int,
    length: int,
) -> None:
    result = cover(social(*duty), found, as_of=day(on), known_at=ALWAYS, waivers=waivers)
    count = result.share(Span(day(first), day(first + length)))
    assert 0 <= count.covered <= count.owed <= length + 1
    in_duty = any(day(on) in span for span in duty)
    if in_duty and result.state in {State.COVERED, State.EXPIRING}:
        assert result.covered_until is not None
        assert result.covered_until >= day(on)
        assert result.gap_from is None or result.gap_from > day(on)
    if in_duty and result.state in {State.MISSING, State.REFUSED}:
        assert result.next_due_on is not None
        assert result.next_due_on <= day(on)
    # Before the duty begins, the state is that of its first day.
    if in_duty and result.state is State.EXPIRING:
        assert result.next_due_on is not None
        assert result.renew_from is not None
        assert result.renew_from <= day(on) < result.next_due_on


def test_of_two_statements_on_foreign_workers_the_later_speaks_from_its_day() -> None:
    none = paper(
        day(0), id="none", kind=DocumentKind.FOREIGN_WORKERS_NONE, issued_on=day(0),
    )  # fmt: skip
    listed = paper(
        day(10), id="list", kind=DocumentKind.FOREIGN_WORKERS_LIST, issued_on=day(10),
        valid_until=day(20),
    )  # fmt: skip
    # Today the supplier says "yes": the list alone is asked, the days before it stay covered.
    asked = requirement(
        Span(day(0), day(40)), code=RequirementCode.FOREIGN_WORKERS,
        kinds=(DocumentKind.FOREIGN_WORKERS_LIST,),
    )  # fmt: skip
    known = known_papers(asked, [none, listed], waivers=(), known_at=ALWAYS)
    assert {name: span for span, name in known.good} == {
        "none": Span(day(0), day(9)), "list": Span(day(10), day(20)),
    }  # fmt: skip
    before = known_papers(asked, [none, listed], waivers=(), known_at=at(day(5)))
    assert before.good == ()
    taken_back = replace(listed, revoked_at=at(day(12)))
    both = replace(asked, kinds=RULES[RequirementCode.FOREIGN_WORKERS].kinds)
    again = known_papers(both, [none, taken_back], waivers=(), known_at=ALWAYS)
    assert [span.last for span, _ in again.good] == [none.valid_until]


def test_of_one_day_the_statement_accepted_later_speaks() -> None:
    kinds = (DocumentKind.FOREIGN_WORKERS_NONE, DocumentKind.FOREIGN_WORKERS_LIST)
    for first, second in (kinds, kinds[::-1]):
        papers = [
            paper(day(0), id="z", kind=first, accepted_at=at(day(0), 9)),
            paper(day(0), id="a", kind=second, accepted_at=at(day(0), 10)),
        ]
        asked = requirement(code=RequirementCode.FOREIGN_WORKERS)
        known = known_papers(asked, papers, waivers=(), known_at=ALWAYS)
        assert [name for _, name in known.good] == ["a"]
