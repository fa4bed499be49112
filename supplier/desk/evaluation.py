"""Evaluation on the desk: the ranking, one scorecard with its facts, grids and periods."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired, NumberRange

from supplier.accounts.permissions import Permission
from supplier.desk.evaluation_words import (
    cloud_of,
    columns_of,
    criteria_of,
    source_words,
    to_decide,
)
from supplier.desk.fields import DayField
from supplier.desk.kept_views import KeptList, add_views, views_of
from supplier.desk.room import form_page, in_sight, may, pager
from supplier.desk.taking import take_list
from supplier.evaluation import actions, queries, ranking
from supplier.evaluation.queries import CardFile, PeriodLine
from supplier.evaluation.ranking import RankedSupplier, RankingFilter
from supplier.evaluation.scoring import (
    DEFAULT_GRID,
    GAP_CAP,
    PROVISIONAL_BELOW,
    CriterionSpec,
    Source,
)
from supplier.kernel.errors import ConflictError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties import queries as parties
from supplier.web import context, lists
from supplier.web.forms import Form, LineField, NoteField, NumberField, SelectField, required
from supplier.web.guard import requires
from supplier.web.navigation import Entry, register
from supplier.web.pages import done, page

blueprint = Blueprint("desk_evaluation", __name__, url_prefix="/desk/evaluation")
READ, RATE, CHANGE = (
    Permission.EVALUATION_READ, Permission.EVALUATION_RATE, Permission.EVALUATION_CHANGE,
)  # fmt: skip
#: Periods that the page offers as segments; the others are on the page of grids.
SHOWN_PERIODS = 4
MOST_ROWS = 20_000
#: Criteria of one's own that the form of a grid has room for.
OWN_CRITERIA = 3
#: A view holds for every period: it opens on the latest.
RANKING = KeptList("evaluation", "desk_evaluation.index", ("grade", "q", "sort"))
add_views(blueprint, RANKING, READ)

register(
    Entry(
        "desk_evaluation.index", N_("Evaluation"), "evaluation", READ, order=50,
        prefix="desk_evaluation.",
    )
)  # fmt: skip


class RateForm(Form):
    mark = NumberField(
        lazy_gettext("Mark out of 100"),
        [
            InputRequired(lazy_gettext("Give a mark from 0 to 100.")),
            NumberRange(0, 100, message=lazy_gettext("Give a mark from 0 to 100.")),
        ],
    )
    comment = NoteField(
        lazy_gettext("What it rests on"),
        [required(lazy_gettext("Give a comment: the supplier may ask why."))],
        limit=2000,
    )


class PeriodForm(Form):
    grid = SelectField(lazy_gettext("Grid"))
    label = LineField(
        lazy_gettext("Name of the period"), [required(lazy_gettext("Give the period a name."))],
        limit=60,
    )  # fmt: skip
    starts_on = DayField(lazy_gettext("First day"), [InputRequired(lazy_gettext("Give the day."))])
    ends_on = DayField(lazy_gettext("Last day"), [InputRequired(lazy_gettext("Give the day."))])


def _weight(label: Any, default: int) -> NumberField:
    return NumberField(
        label, [NumberRange(0, 100, message=lazy_gettext("A weight lies between 0 and 100."))],
        default=default,
    )  # fmt: skip


class GridForm(Form):
    """The usual criteria with their weights, and room for some of one's own."""

    name = LineField(lazy_gettext("Name of the grid"), [required()])
    buyer = SelectField(lazy_gettext("Group company"))
    own_1 = LineField(lazy_gettext("Criterion of your own"), limit=100)
    weight_own_1 = _weight(lazy_gettext("Its weight"), 0)
    own_2 = LineField(lazy_gettext("A second one"), limit=100)
    weight_own_2 = _weight(lazy_gettext("Its weight"), 0)
    own_3 = LineField(lazy_gettext("A third one"), limit=100)
    weight_own_3 = _weight(lazy_gettext("Its weight"), 0)

    def fill(self) -> None:
        sight = in_sight(CHANGE)
        everyone = [("", gettext("The whole group"))] if sight is None else []
        named = [(str(one.id), one.name) for one in parties.list_buyers(buyers=sight)]
        self.buyer.choices = [*everyone, *named]

    def criteria(self) -> list[CriterionSpec]:
        """The criteria that carry weight, the usual ones first."""
        usual = [
            CriterionSpec(one.code, one.label, one.source, int(self[f"usual_{one.code}"].data or 0))
            for one in DEFAULT_GRID
        ]
        own = [
            CriterionSpec(
                f"own_{place}", self[f"own_{place}"].data, Source.MANUAL,
                int(self[f"weight_own_{place}"].data or 0),
            )
            for place in range(1, OWN_CRITERIA + 1)
            if self[f"own_{place}"].data
        ]  # fmt: skip
        return [one for one in (*usual, *own) if one.weight]


for _one in DEFAULT_GRID:
    setattr(GridForm, f"usual_{_one.code}", _weight(lazy_gettext(_one.label), _one.weight))


@blueprint.get("/")
@requires(READ)
def index() -> AnyResponse:
    sight = in_sight(READ)
    periods = queries.list_periods(buyers=sight)
    line = _chosen(periods)
    if line is None:
        return page("desk/evaluation_empty.html", may_change=may(CHANGE))
    return _ranking_page(line, periods)


def _chosen(periods: Sequence[PeriodLine]) -> PeriodLine | None:
    """The period of the address, else the latest one that has begun."""
    wanted = request.args.get("period", "")
    if wanted:
        found = next((one for one in periods if str(one.period.id) == wanted), None)
        if found is None:
            raise NotFoundError(N_("This period does not exist."))
        return found
    begun = (one for one in periods if one.period.starts_on <= context.today())
    return next(begun, periods[0] if periods else None)


def _wanted() -> RankingFilter:
    return RankingFilter(
        text=request.args.get("q", "").strip()[:100],
        grade=lists.choice("grade", ranking.GRADES),
        sort=lists.choice("sort", ranking.SORTS, "rank"),
    )


def _ranking_page(line: PeriodLine, periods: Sequence[PeriodLine]) -> AnyResponse:
    sight, before, wanted = in_sight(READ), queries.period_before(line, periods), _wanted()
    spots = ranking.list_spots(line, buyers=sight)
    found = ranking.list_ranking(
        line, wanted, buyers=sight, before=before, number=lists.page_number(), size=lists.PAGE_SIZE
    )
    return page(
        "desk/evaluation.html", line=line, before=before, periods=_segments(line, periods),
        counts=queries.count_cards(line.period.id, buyers=sight), found=found, wanted=wanted,
        cloud=cloud_of(spots, line), spots=spots, first=to_decide(spots), pager=pager(found),
        link=lists.link, may_change=may(CHANGE), kept=views_of(RANKING), gap_cap=GAP_CAP,
    )  # fmt: skip


def _segments(line: PeriodLine, periods: Sequence[PeriodLine]) -> list[tuple[str, str, bool]]:
    """The last periods of the same grid's company, the oldest first, and the one shown."""
    same = [one for one in periods if one.grid.buyer_id == line.grid.buyer_id][:SHOWN_PERIODS]
    shown = same if line in same else [*same[: SHOWN_PERIODS - 1], line]
    ordered = sorted(shown, key=lambda one: one.period.ends_on)
    return [
        (one.period.label, url_for(".index", period=one.period.id), one is line) for one in ordered
    ]


@blueprint.get("/export.<any(csv, xlsx):kind>")
@requires(READ)
def export(kind: str) -> AnyResponse:
    """The whole ranking of a period with the filters of the page."""
    sight = in_sight(READ)
    periods = queries.list_periods(buyers=sight)
    line = _chosen(periods)
    if line is None:
        raise NotFoundError(N_("This period does not exist."))
    found = ranking.list_ranking(
        line, _wanted(), buyers=sight, before=queries.period_before(line, periods), number=1,
        size=MOST_ROWS,
    )  # fmt: skip
    columns = [
        ("rank", gettext("Rank")), ("name", gettext("Supplier")), ("siren", gettext("SIREN")),
        ("score", gettext("Score")), ("grade", gettext("Class")),
        ("rated", gettext("Rated on (per cent of the grid)")),
        ("held_since", gettext("Held down by a gap since")),
        ("change", gettext("Movement")), ("spend", gettext("Spend over twelve months (euros)")),
    ]  # fmt: skip
    name = f"vigie-evaluation-{line.period.ends_on.isoformat()}"
    return take_list("evaluation", _exported(found.items), columns=columns, name=name, kind=kind)


def _exported(rows: Sequence[RankedSupplier]) -> Iterator[Mapping[str, Any]]:
    unrated = gettext("not rated")
    for one in rows:
        yield {
            "rank": one.rank, "name": one.name, "siren": one.siren,
            "score": unrated if one.score is None else one.score, "grade": one.grade,
            "rated": one.rated, "held_since": one.held_since, "change": one.change,
            "spend": one.spend,
        }  # fmt: skip


@blueprint.get("/<uuid:period_id>/<uuid:supplier_id>")
@requires(READ)
def show(period_id: uuid.UUID, supplier_id: uuid.UUID) -> AnyResponse:
    """One scorecard: each figure with the facts that it rests on."""
    file = _card(period_id, supplier_id)
    scores = queries.history(supplier_id, buyers=in_sight(READ))
    begun = file.line.period.starts_on <= context.today()
    return page(
        "desk/evaluation_card.html", file=file, line=file.line, supplier=file.supplier,
        criteria=criteria_of(file), columns=columns_of(scores), source_words=source_words,
        scores=scores, may_rate=may(RATE) and not file.line.is_closed and begun,
        may_change=may(CHANGE), gap_cap=GAP_CAP,
        is_provisional=file.card is not None and file.card.rated < PROVISIONAL_BELOW,
    )  # fmt: skip


def _card(period_id: uuid.UUID, supplier_id: uuid.UUID) -> CardFile:
    sight = in_sight(READ)
    periods = queries.list_periods(buyers=sight)
    return queries.get_card(period_id, supplier_id, buyers=sight, periods=periods)


@blueprint.route(
    "/<uuid:period_id>/<uuid:supplier_id>/rate/<uuid:criterion_id>", methods=["GET", "POST"]
)
@requires(RATE)
def rate(period_id: uuid.UUID, supplier_id: uuid.UUID, criterion_id: uuid.UUID) -> AnyResponse:
    file = _card(period_id, supplier_id)
    criterion = next((one for one in file.criteria if one.id == criterion_id), None)
    if criterion is None or criterion.source != Source.MANUAL:
        raise NotFoundError(N_("This criterion does not exist."))
    if file.line.is_closed:
        raise ConflictError(N_("This period is closed: its figures do not move any more."))
    back = url_for(".show", period_id=period_id, supplier_id=supplier_id)
    own = next(
        (one for one in file.ratings if one.criterion_id == criterion_id
         and one.by_id == context.visitor().user_id and one.replaced_at is None),
        None,
    )  # fmt: skip
    form = RateForm(data={"mark": own.mark, "comment": own.comment} if own else None)

    def act() -> AnyResponse:
        actions.rate(
            period_id, supplier_id=supplier_id, criterion_id=criterion_id,
            mark=int(form.mark.data or 0), comment=form.comment.data or "", by=context.actor(),
            now=context.now(), buyers=in_sight(RATE),
        )  # fmt: skip
        return done(gettext("The mark is recorded and the score follows."), back)

    return form_page(
        form, act, title=gettext(criterion.label), back=back, crumb=file.supplier.name,
        words=gettext(
            "%(name)s, %(period)s. Your earlier mark stays readable; the supplier may ask for "
            "your comment.", name=file.supplier.name, period=file.line.period.label,
        ),
        button=gettext("Record the mark"),
        helps={"mark": gettext("0 is the worst, 100 the best; 70 is what you expect.")},
    )  # fmt: skip


@blueprint.get("/grids")
@requires(READ)
def grids() -> AnyResponse:
    sight = in_sight(READ)
    return page(
        "desk/evaluation_grids.html", grids=queries.list_grids(buyers=sight),
        periods=queries.list_periods(buyers=sight), may_change=may(CHANGE),
        changeable=in_sight(CHANGE) if may(CHANGE) else frozenset(), source_words=source_words,
        companies={one.id: one.name for one in parties.list_buyers()},
    )  # fmt: skip


@blueprint.route("/grids/new", methods=["GET", "POST"])
@requires(CHANGE)
def new_grid() -> AnyResponse:
    form = GridForm()
    form.fill()

    def act() -> AnyResponse:
        actions.create_grid(
            form.name.data or "", criteria=form.criteria(), by=context.actor(),
            now=context.now(), buyer_id=_uuid(form.buyer.data), buyers=in_sight(CHANGE),
        )  # fmt: skip
        return done(gettext("The grid is written. Open a period with it."), url_for(".grids"))

    return form_page(
        form, act, template="desk/evaluation_grid.html", usual=DEFAULT_GRID,
        source_words=source_words, own=range(1, OWN_CRITERIA + 1), back=url_for(".grids"),
    )  # fmt: skip


@blueprint.post("/grids/<uuid:grid_id>/retire")
@requires(CHANGE)
def retire_grid(grid_id: uuid.UUID) -> AnyResponse:
    actions.retire_grid(grid_id, by=context.actor(), now=context.now(), buyers=in_sight(CHANGE))
    return done(gettext("Retired. Its periods keep it."), url_for(".grids"))


@blueprint.route("/periods/new", methods=["GET", "POST"])
@requires(CHANGE)
def open_period() -> AnyResponse:
    form, sight = PeriodForm(), in_sight(CHANGE)
    usable = [
        one
        for one in queries.list_grids(buyers=sight)
        if one.retired_at is None and (sight is None or one.buyer_id in sight)
    ]
    form.grid.choices = [(str(one.id), one.name) for one in usable]

    def act() -> AnyResponse:
        period = actions.open_period(
            uuid.UUID(str(form.grid.data)), label=form.label.data or "",
            starts_on=form.starts_on.day, ends_on=form.ends_on.day, by=context.actor(),
            now=context.now(), buyers=sight,
        )  # fmt: skip
        return done(
            gettext("Open. The scores appear within a minute."),
            url_for(".index", period=period.id),
        )

    return form_page(
        form, act, title=gettext("Open a period"), back=url_for(".grids"),
        crumb=gettext("Grids and periods"),
        words=gettext("Both days included. It is closed by a person once its days are over."),
        button=gettext("Open the period"),
        helps={"label": gettext("For example: 4th quarter of 2026.")},
    )  # fmt: skip


@blueprint.post("/<uuid:period_id>/compute")
@requires(CHANGE)
def compute(period_id: uuid.UUID) -> AnyResponse:
    actions.ask_computation(
        period_id, by=context.actor(), now=context.now(), buyers=in_sight(CHANGE)
    )
    return done(
        gettext("The scores are being computed again: reload in a moment."),
        url_for(".index", period=period_id),
    )


@blueprint.post("/<uuid:period_id>/close")
@requires(CHANGE)
def close(period_id: uuid.UUID) -> AnyResponse:
    actions.close_period(period_id, by=context.actor(), now=context.now(), buyers=in_sight(CHANGE))
    return done(
        gettext("Closed. Its figures do not move any more."), url_for(".index", period=period_id)
    )


def _uuid(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None
