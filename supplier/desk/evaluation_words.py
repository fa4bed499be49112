"""What the pages of evaluation say: facts in words, the cloud, the columns, what to put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext

from supplier.evaluation.latest import LatestScore
from supplier.evaluation.models import Criterion, Rating
from supplier.evaluation.queries import CardFile, PeriodLine
from supplier.evaluation.ranking import RankedSupplier
from supplier.evaluation.scoring import Source
from supplier.kernel.words import alphabetical
from supplier.web.charts import Bars, Item, draw_columns
from supplier.web.cloud import Cloud, Spot, draw_cloud
from supplier.web.filters import show_date, show_text

#: What splits the cloud in four (the client's choice).
DEAR = Decimal(50_000)
GOOD = 70
SHOWN_COLUMNS = 5
#: Figures that the machine takes from facts are told apart from what people judge.
SOURCES = {
    Source.COVERAGE: lazy_gettext("computed"),
    Source.PUNCTUALITY: lazy_gettext("computed"),
    Source.MANUAL: lazy_gettext("judged"),
}
#: Names written in the drawing, beside those that are weak and dear.
NAMED = 2


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion of a scorecard: its figure, how it moved, and the facts behind it."""

    criterion: Criterion
    mark: int | None
    share: int
    change: int | None
    facts: str
    evidence: tuple[str, ...]
    ratings: tuple[Rating, ...]


def source_words(source: str) -> str:
    return str(SOURCES[Source(source)])


def criteria_of(file: CardFile) -> list[CriterionLine]:
    """The criteria of the grid with what the scorecard says of each."""
    found = {one["code"]: one for one in (file.card.evidence if file.card else ())}
    return [_line(one, found.get(one.code, {}), file) for one in file.criteria]


def _line(criterion: Criterion, found: Mapping[str, Any], file: CardFile) -> CriterionLine:
    mark, before = found.get("mark"), file.mark_before(criterion.code)
    evidence = found.get("evidence", [])
    return CriterionLine(
        criterion=criterion,
        mark=mark,
        share=int(found.get("share", 0)),
        change=mark - before if mark is not None and before is not None else None,
        facts=_summary(criterion, evidence, mark),
        evidence=tuple(evidence_words(one) for one in evidence),
        ratings=tuple(one for one in file.ratings if one.criterion_id == criterion.id),
    )


def _summary(criterion: Criterion, evidence: Sequence[Mapping[str, Any]], mark: int | None) -> str:
    """The facts of a figure in one short sentence; the lines behind it say the rest."""
    values = [one["values"] for one in evidence]
    if mark is None:
        return (
            gettext("Not rated: nothing to judge")
            if criterion.source != Source.MANUAL
            else (gettext("Nobody gave a mark"))
        )
    if criterion.source == Source.COVERAGE:
        owed = sum(int(one["owed"]) for one in values)
        open_days = owed - sum(int(one["covered"]) for one in values)
        return gettext("%(open)s days uncovered out of %(owed)s", open=open_days, owed=owed)
    if criterion.source == Source.PUNCTUALITY:
        on_time = sum(1 for one in evidence if one["values"].get("days") == 0)
        return gettext("%(good)s of %(all)s papers in time", good=on_time, all=len(values))
    return ngettext("%(num)d mark", "%(num)d marks", len(values))


def evidence_words(line: Mapping[str, Any]) -> str:
    """One line of evidence, in the reader's language, days and requirements in words."""
    values = {key: _value(key, value) for key, value in line["values"].items()}
    return show_text(line["message"], **values)


def _value(key: str, value: Any) -> Any:
    if key == "requirement":
        return gettext(str(value))
    if key in {"due_on", "on"}:
        return show_date(date.fromisoformat(str(value)))
    return value


def cloud_of(spots: Sequence[RankedSupplier], line: PeriodLine) -> Cloud:
    """Spend and score of the rated suppliers; the weak and dear ones are named, and the best.

    Nobody is best on little: what is provisional is drawn without a name.
    """
    best = sorted(
        (
            one
            for one in spots
            if one.spend >= DEAR and (one.score or 0) >= GOOD and not one.is_provisional
        ),
        key=lambda one: (-(one.score or 0), alphabetical(one.name)),
    )[:NAMED]
    named = {one.supplier_id for one in (*best, *to_decide(spots))}
    return draw_cloud(
        [
            Spot(
                label=one.name,
                spend=one.spend,
                score=float(one.score or 0),
                url=url_for(
                    "desk_evaluation.show", period_id=line.period.id, supplier_id=one.supplier_id
                ),
                named=one.supplier_id in named,
            )
            for one in spots
        ],
        split_spend=DEAR,
        split_score=float(GOOD),
    )


def to_decide(spots: Sequence[RankedSupplier]) -> list[RankedSupplier]:
    """Suppliers to put right first: dear and below what is expected, the dearest first."""
    weak = [one for one in spots if one.spend >= DEAR and one.score is not None]
    return [one for one in weak if (one.score or 0) < GOOD][:5]


def columns_of(scores: Sequence[LatestScore]) -> Bars | None:
    """The last scores as columns, the oldest first; one alone is no history."""
    if len(scores) < 2:
        return None
    return draw_columns(
        [
            Item(one.period, one.score, "–" if one.score is None else str(one.score))
            for one in reversed(scores[:SHOWN_COLUMNS])
        ]
    )
