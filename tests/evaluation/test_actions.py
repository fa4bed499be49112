"""Grids, periods, marks and scorecards on the database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from supplier import jobs
from supplier.accounts.permissions import Role
from supplier.evaluation import actions, queries, ranking
from supplier.evaluation.keeping import erase_rating, erase_scorecard, list_ratings, list_scorecards
from supplier.evaluation.models import Period, Rating
from supplier.evaluation.ranking import RankingFilter
from supplier.evaluation.scoring import CriterionSpec, Source
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.parties.actions import end_engagement
from tests.evaluation.cast import TODAY, Evaluation, card, criterion, kinds, marks
from tests.make import Maker, actor
from tests.races import at_once
from tests.vigilance.files import accepted


@pytest.fixture
def room(make: Maker) -> Evaluation:
    return Evaluation(make)


# Grids


def test_a_grid_keeps_its_criteria_in_order_and_leaves_an_event(room: Evaluation) -> None:
    (grid,) = queries.list_grids(buyers=None)
    assert [one.weight for one in grid.criteria] == [25, 15, 25, 20, 10, 5]
    assert kinds() == ["evaluation.grid_created"]


@pytest.mark.parametrize(
    "criteria",
    [
        [],
        [CriterionSpec("a", "A", Source.MANUAL, 0)],
        [CriterionSpec("a", "A", Source.MANUAL, 1), CriterionSpec("a", "B", Source.MANUAL, 1)],
    ],
)
def test_a_grid_that_cannot_be_used_is_refused(room: Evaluation, criteria: Any) -> None:
    with pytest.raises(DomainError):
        room.new_grid(criteria=criteria)


def test_whoever_acts_for_one_company_writes_its_grid_only(room: Evaluation, make: Maker) -> None:
    mine, other = frozenset({room.buyer.id}), make.buyer("Kerlan Énergies")
    with pytest.raises(DomainError):
        room.new_grid(buyers=mine)
    with pytest.raises(NotFoundError):
        room.new_grid(buyers=mine, buyer_id=other.id)
    assert room.new_grid(buyers=mine, buyer_id=room.buyer.id).buyer_id == room.buyer.id
    with pytest.raises(NotFoundError):
        actions.retire_grid(room.grid.id, by=actor(room.denise), now=make.clock.at, buyers=mine)


def test_a_retired_grid_opens_no_period(room: Evaluation, make: Maker) -> None:
    actions.retire_grid(room.grid.id, by=actor(room.denise), now=make.clock.at)
    with pytest.raises(ConflictError):
        room.period()
    with pytest.raises(ConflictError):
        actions.retire_grid(room.grid.id, by=actor(room.denise), now=make.clock.at)


# Periods


def test_opening_a_period_has_its_scores_computed(room: Evaluation, make: Maker) -> None:
    supplier, period = room.supplier(), room.period()
    assert card(period, supplier) is None
    while jobs.run_due(now=make.clock.at):
        pass
    found = card(period, supplier)
    assert found is not None
    assert found.score is not None
    assert kinds()[-1] == "evaluation.computed"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"label": " "}, "label"), ({"ends_on": date(2026, 6, 30)}, "ends_on")],
)
def test_a_period_that_cannot_be_is_refused(
    room: Evaluation, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as error:
        room.period(**values)
    assert error.value.field == field


def test_periods_of_a_grid_share_no_day(room: Evaluation) -> None:
    room.period()
    with pytest.raises(ConflictError):
        room.period("again", starts_on=date(2026, 9, 30), ends_on=date(2026, 12, 31))
    assert room.period("T4", starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31)).label == "T4"


def test_a_closed_period_does_not_move(room: Evaluation, make: Maker) -> None:
    supplier, period = room.supplier(papers_from=None), room.period()
    actions.close_period(period.id, by=actor(room.denise), now=make.clock.at)
    before = card(period, supplier)
    accepted(supplier, "kbis", issued_on=date(2026, 7, 1))
    assert room.compute(period) == 0
    with pytest.raises(ConflictError):
        room.rate(period, supplier)
    with pytest.raises(ConflictError):
        actions.close_period(period.id, by=actor(room.denise), now=make.clock.at)
    after = card(period, supplier)
    assert before is not None
    assert after is not None
    assert (before.score, before.evidence) == (after.score, after.evidence)
    assert kinds()[-1] == "evaluation.period_closed"


def test_a_period_is_closed_only_once_its_days_are_over(room: Evaluation, make: Maker) -> None:
    period = room.period("T4", starts_on=date(2026, 10, 1), ends_on=TODAY)
    with pytest.raises(ConflictError):
        actions.close_period(period.id, by=actor(room.denise), now=make.clock.at)
    make.clock.at += timedelta(days=1)
    assert actions.close_period(period.id, by=actor(room.denise), now=make.clock.at).closed_at


# Scores from facts


def test_full_cover_and_papers_in_time_make_a_hundred(room: Evaluation) -> None:
    supplier = room.supplier(papers_from=date(2026, 6, 15))
    period = room.period()
    room.compute(period)
    assert marks(card(period, supplier))["coverage"] == 100


def test_an_absent_paper_costs_days_and_no_data_is_not_rated(room: Evaluation) -> None:
    without, period = room.supplier(papers_from=None), room.period()
    room.compute(period)
    found = card(period, without)
    assert found is not None
    assert marks(found)["coverage"] == 0
    assert marks(found)["quality"] is None
    assert (found.score, found.grade) == (0, "D")
    (line,) = [one for one in found.evidence if one["code"] == "coverage"]
    assert all(one["values"]["owed"] == 92 for one in line["evidence"])


def test_a_late_paper_costs_coverage_and_punctuality(room: Evaluation) -> None:
    supplier = room.supplier(papers_from=date(2026, 2, 1))
    for kind in ("kbis", "urssaf_vigilance", "foreign_workers_none"):
        accepted(supplier, kind, issued_on=date(2026, 8, 11))
    room.supplier("Other")
    period = room.period()
    room.compute(period)
    found = marks(card(period, supplier))
    assert found["coverage"] is not None
    assert found["punctuality"] is not None
    assert 0 < found["coverage"] < 100
    assert 0 < found["punctuality"] < 100


def test_a_supplier_that_nothing_is_asked_of_is_not_rated(room: Evaluation, make: Maker) -> None:
    supplier = make.supplier("Beta Conseil")
    make.engagement(supplier, room.buyer)
    period = room.period()
    room.compute(period)
    found = card(period, supplier)
    assert found is not None
    assert (found.score, found.grade) == (None, None)


def test_only_those_who_worked_with_us_in_the_period_are_there(
    room: Evaluation, make: Maker
) -> None:
    gone, late, other = make.supplier("Gone"), make.supplier("Late"), make.supplier("Other")
    make.engagement(gone, room.buyer, ended_on=date(2026, 6, 30))
    make.engagement(late, room.buyer, started_on=date(2026, 10, 1))
    make.engagement(other, make.buyer("Kerlan Énergies"))
    grid = room.new_grid("Bâtiment", buyer_id=room.buyer.id)
    period = room.period(grid=grid)
    room.compute(period)
    assert [card(period, one) for one in (gone, late, other)] == [None, None, None]


def test_a_second_computation_changes_nothing_and_says_nothing(room: Evaluation) -> None:
    room.supplier()
    period = room.period()
    assert room.compute(period) == 1
    count = len(kinds())
    assert room.compute(period) == 0
    assert len(kinds()) == count


def test_the_clock_computes_periods_that_have_begun(room: Evaluation, make: Maker) -> None:
    room.supplier()
    room.period()
    room.period("2027", starts_on=date(2027, 1, 1), ends_on=date(2027, 3, 31))
    assert actions.compute_due(make.clock.at) == {"periods": 1, "changed": 1}
    assert jobs.ring("compute_scores", now=make.clock.at)
    assert not jobs.ring("compute_scores", now=make.clock.at)


def test_a_period_that_has_just_begun_judges_no_day(room: Evaluation) -> None:
    supplier = room.supplier()
    period = room.period("now", starts_on=TODAY, ends_on=date(2026, 12, 31))
    room.rate(period, supplier, 70)
    assert marks(card(period, supplier)) == {
        "coverage": None, "punctuality": None, "quality": 70, "deadlines": None,
        "communication": None, "safety": None,
    }  # fmt: skip


# Marks


def test_a_mark_moves_the_score_at_once(room: Evaluation) -> None:
    supplier, period = room.supplier(papers_from=None), room.period()
    room.rate(period, supplier, 80)
    found = card(period, supplier)
    assert marks(found)["quality"] == 80
    assert "evaluation.rated" in kinds()


def test_a_second_mark_replaces_ones_own_and_both_stay(room: Evaluation, make: Maker) -> None:
    supplier, period = room.supplier(), room.period()
    room.rate(period, supplier, 80)
    make.clock.at += timedelta(minutes=5)
    room.rate(period, supplier, 40, comment="Leaks.")
    with reading() as session:
        rows = session.scalars(select(Rating).order_by(Rating.at)).all()
    assert [(row.mark, row.replaced_at) for row in rows] == [(80, make.clock.at), (40, None)]
    assert marks(card(period, supplier))["quality"] == 40


def test_two_people_count_by_their_mean(room: Evaluation, make: Maker) -> None:
    supplier, period = room.supplier(), room.period()
    room.rate(period, supplier, 80)
    room.rate(period, supplier, 61, user=make.staff("Didier", Role.PURCHASING))
    assert marks(card(period, supplier))["quality"] == 71


@pytest.mark.parametrize(
    ("values", "field"),
    [({"mark": 101}, "mark"), ({"mark": -1}, "mark"), ({"comment": " "}, "comment")],
)
def test_a_mark_lies_within_bounds_and_says_why(
    room: Evaluation, values: dict[str, Any], field: str
) -> None:
    supplier, period = room.supplier(), room.period()
    with pytest.raises(DomainError) as error:
        room.rate(period, supplier, **values)
    assert error.value.field == field
    with reading() as session:
        assert session.scalars(select(Rating)).all() == []


def test_nobody_rates_what_is_computed(room: Evaluation) -> None:
    supplier, period = room.supplier(), room.period()
    with pytest.raises(DomainError):
        room.rate(period, supplier, code="coverage")


def test_nobody_rates_out_of_sight_or_before_the_time(room: Evaluation, make: Maker) -> None:
    supplier, period = room.supplier(), room.period()
    elsewhere = frozenset({make.buyer("Kerlan Énergies").id})
    with pytest.raises(NotFoundError):
        room.rate(period, supplier, buyers=elsewhere)
    with pytest.raises(NotFoundError):
        room.rate(period, make.supplier("Charlie"))
    with pytest.raises(NotFoundError):
        room.rate(period, supplier, criterion_id=new_id())
    other = room.period("2027", starts_on=date(2027, 1, 1), ends_on=date(2027, 3, 31))
    with pytest.raises(ConflictError):
        room.rate(other, supplier)


def test_a_criterion_of_another_grid_does_not_exist(room: Evaluation) -> None:
    supplier, period = room.supplier(), room.period()
    other = room.period(grid=room.new_grid("Other"))
    with pytest.raises(NotFoundError):
        room.rate(period, supplier, criterion_id=criterion(other, "quality").id)


def test_closing_and_rating_at_once_leave_one_truth(
    app: Flask, room: Evaluation, make: Maker
) -> None:
    supplier, period = room.supplier(papers_from=None), room.period()
    rated, closed = at_once(
        app,
        lambda: room.rate(period, supplier, 80),
        lambda: actions.close_period(period.id, by=actor(room.denise), now=make.clock.at),
    )
    assert not isinstance(closed, DomainError)
    kept = None if isinstance(rated, DomainError) else 80
    assert marks(card(period, supplier))["quality"] == kept


# Lists


def test_equal_scores_share_a_rank_and_the_unrated_have_none(room: Evaluation, make: Maker) -> None:
    period, names = room.period(), ("A", "B", "C")
    found = [room.supplier(name, papers_from=None, has_employees=True) for name in names]
    for supplier, mark in zip(found, (90, 90, 50), strict=True):
        room.rate(period, supplier, mark)
    unrated = make.supplier("Z")
    make.engagement(unrated, room.buyer)
    room.compute(period)
    (line,) = queries.list_periods(buyers=None)
    page = ranking.list_ranking(line, RankingFilter(), buyers=None, before=None, number=1, size=10)
    assert [one.rank for one in page.items] == [1, 1, 3, None]
    assert sorted((one.name, one.rank) for one in page.items) == [
        ("A", 1), ("B", 1), ("C", 3), ("Z", None),
    ]  # fmt: skip
    only = ranking.list_ranking(
        line, RankingFilter(text="c"), buyers=None, before=None, number=1, size=10
    )
    assert [(one.name, one.rank) for one in only.items] == [("C", 3)]


def test_spend_is_of_twelve_months_and_of_those_in_sight(room: Evaluation) -> None:
    supplier, period = room.supplier(spend="60000.50"), room.period()
    from tests.vigilance.files import invoice

    invoice(room.engagements[supplier.id], date(2025, 9, 29), "9999")
    invoice(room.engagements[supplier.id], date(2026, 10, 1), "7777")
    room.compute(period)
    (line,) = queries.list_periods(buyers=None)
    (one,) = ranking.list_spots(line, buyers=None)
    assert str(one.spend) == "60000.50"


def test_those_of_other_companies_see_neither_supplier_nor_period(
    room: Evaluation, make: Maker
) -> None:
    grid = room.new_grid("Bâtiment", buyer_id=room.buyer.id)
    supplier, period = room.supplier(), room.period(grid=grid)
    room.compute(period)
    elsewhere = frozenset({make.buyer("Kerlan Énergies").id})
    assert queries.list_periods(buyers=elsewhere) == []
    with pytest.raises(NotFoundError):
        queries.get_card(period.id, supplier.id, buyers=elsewhere, periods=[])


def test_the_latest_score_and_those_before(room: Evaluation) -> None:
    supplier = room.supplier()
    for label, start, end in (
        ("T2", date(2026, 4, 1), date(2026, 6, 30)),
        ("T3", date(2026, 7, 1), date(2026, 9, 30)),
    ):
        room.compute(room.period(label, starts_on=start, ends_on=end))
    found = queries.history(supplier.id, buyers=None)
    assert [one.period for one in found] == ["T3", "T2"]
    assert queries.history(supplier.id, buyers=frozenset({room.buyer.id})) == found
    assert queries.history(supplier.id, buyers=frozenset({new_id()})) == []
    assert queries.history(supplier.id, buyers=frozenset()) == []


# Retention


def test_scores_and_marks_go_five_years_after_the_relationship(
    room: Evaluation, make: Maker
) -> None:
    supplier, period = room.supplier(), room.period()
    room.rate(period, supplier, 80)
    with reading() as session:
        assert {kept.starts_on for kept in list_scorecards(session, TODAY)} == {None}
    end_engagement(
        room.engagements[supplier.id].id, ended_on=date(2027, 3, 31), by=actor(room.denise),
        now=make.clock.at,
    )  # fmt: skip
    with transaction() as session:
        (one,) = list_scorecards(session, TODAY)
        (rating,) = list_ratings(session, TODAY)
        assert (one.rule, one.starts_on) == ("evaluation", date(2027, 3, 31))
        assert erase_scorecard(session, one.subject_id, make.clock.at).rows == 1
        assert erase_rating(session, rating.subject_id, make.clock.at).rows == 1
        assert erase_rating(session, rating.subject_id, make.clock.at).rows == 0
    assert card(period, supplier) is None
    with reading() as session:
        assert session.get(Period, period.id) is not None
