"""The suppliers of a period, ranked among those in sight, and the dearest for a drawing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from supplier.evaluation.models import Scorecard
from supplier.evaluation.queries import Buyers, PeriodLine, cards_in_sight, spend_with
from supplier.evaluation.scoring import PROVISIONAL_BELOW
from supplier.kernel.database import Page, Part, page_of, paginate, reading
from supplier.kernel.words import fold
from supplier.parties.models import Supplier

#: Rated on enough of the grid to have a rank.
_WHOLE = Scorecard.rated >= PROVISIONAL_BELOW
SORTS = ("rank", "name", "spend", "change")
GRADES = ("A", "B", "C", "D", "none")
#: Spots of the cloud: the dearest ones; more would be a blot.
MAX_SPOTS = 150


@dataclass(frozen=True, slots=True)
class RankingFilter:
    """Which suppliers of a ranking, in which order."""

    text: str = ""
    grade: str = ""
    sort: str = "rank"


@dataclass(frozen=True, slots=True)
class RankedSupplier:
    """One line: equal scores share a rank; who is not rated, or on too little, has none.

    Spend is of twelve months.
    """

    supplier_id: uuid.UUID
    name: str
    siren: str | None
    score: int | None
    grade: str | None
    rank: int | None
    previous: int | None
    spend: Decimal
    rated: int
    held_since: date | None

    @property
    def is_provisional(self) -> bool:
        return self.score is not None and self.rated < PROVISIONAL_BELOW

    @property
    def change(self) -> int | None:
        """Points won or lost since the period before."""
        if self.score is None or self.previous is None:
            return None
        return self.score - self.previous


def list_ranking(
    line: PeriodLine,
    wanted: RankingFilter,
    *,
    buyers: Buyers,
    before: PeriodLine | None,
    number: int,
    size: int,
) -> Page[RankedSupplier]:
    """The suppliers of a period, ranked among those in sight; at most five statements."""
    query = select(Scorecard.supplier_id).where(*cards_in_sight(line.period.id, buyers))
    if wanted.text or wanted.sort == "name":
        query = query.join(Supplier, Supplier.id == Scorecard.supplier_id)
    query = query.where(*_matches(wanted))
    with reading() as session:
        if wanted.sort == "rank":
            rated, whole, all_of_them = session.execute(
                query.with_only_columns(
                    func.count(Scorecard.score), func.count(Scorecard.score).filter(_WHOLE),
                    func.count(),
                )
            ).one()  # fmt: skip
            counts = [whole, rated - whole, all_of_them - rated]
            found = page_of(session, _by_score(query), counts, number=number, size=size)
        else:
            ordered = _ordered(query, line, wanted.sort, buyers, before)
            found = paginate(session, ordered, number=number, size=size)
        items = _ranked(session, found.items, line, buyers, before)
    return Page(items, found.number, found.size, found.total)


def list_spots(line: PeriodLine, *, buyers: Buyers) -> list[RankedSupplier]:
    """The rated suppliers that cost most, for the drawing, without their ranks; one statement."""
    query = select(Scorecard.supplier_id).where(
        *cards_in_sight(line.period.id, buyers), Scorecard.score.is_not(None)
    )
    dearest = _ordered(query, line, "spend", buyers, None).limit(MAX_SPOTS)
    with reading() as session:
        found = _read(session, dearest, line=line, buyers=buyers, ranks={})
    return sorted(found.values(), key=lambda one: (-one.spend, str(one.supplier_id)))


def _by_score(query: Select[uuid.UUID]) -> list[Part[uuid.UUID]]:
    """The best first, then what is provisional, then those without a score; each by an index."""
    score, key = Scorecard.score, Scorecard.supplier_id
    forth, back = (score.desc(), key.desc()), (score, key)
    return [
        Part(query.where(score.is_not(None), _WHOLE), forth, back),
        Part(query.where(score.is_not(None), ~_WHOLE), forth, back),
        Part(query.where(score.is_(None)), forth, back),
    ]


def _ordered(
    query: Select[uuid.UUID], line: PeriodLine, sort: str, buyers: Buyers, before: PeriodLine | None
) -> Select[uuid.UUID]:
    if sort == "spend":
        spend = spend_with(line, Scorecard.supplier_id, buyers)
        return query.order_by(spend.desc(), Scorecard.supplier_id)
    if sort == "change":
        earlier = aliased(Scorecard)
        lost = Scorecard.score - earlier.score
        return query.outerjoin(earlier, _is_before(earlier, before)).order_by(
            lost.is_(None), lost, Scorecard.supplier_id
        )
    return query.order_by(Supplier.sort_name, Supplier.id)


def _is_before(earlier: Any, before: PeriodLine | None) -> ColumnElement[bool]:
    """The card of the same supplier in the period before, if there is one."""
    before_id = before.period.id if before else uuid.UUID(int=0)
    return and_(earlier.supplier_id == Scorecard.supplier_id, earlier.period_id == before_id)


def _ranks(session: Session, line: PeriodLine, buyers: Buyers) -> dict[int | None, int]:
    """The rank of each score among all suppliers in sight who are rated on enough.

    One more than those who are better.
    """
    query = (
        select(Scorecard.score, func.count())
        .where(*cards_in_sight(line.period.id, buyers), Scorecard.score.is_not(None), _WHOLE)
        .group_by(Scorecard.score)
        .order_by(Scorecard.score.desc())
    )
    ranks, better = dict[int | None, int](), 0
    for score, number in session.execute(query):
        ranks[score] = better + 1
        better += number
    return ranks


def _ranked(
    session: Session,
    ids: Sequence[uuid.UUID],
    line: PeriodLine,
    buyers: Buyers,
    before: PeriodLine | None,
) -> list[RankedSupplier]:
    """These suppliers in their order; two statements."""
    found = _read(
        session, ids, line=line, buyers=buyers, ranks=_ranks(session, line, buyers), before=before
    )
    return [found[one] for one in ids]


def _read(
    session: Session,
    ids: Any,
    *,
    line: PeriodLine,
    buyers: Buyers,
    ranks: Mapping[int | None, int],
    before: PeriodLine | None = None,
) -> dict[uuid.UUID, RankedSupplier]:
    earlier = aliased(Scorecard)
    query = (
        select(
            Supplier.id.label("supplier_id"), Supplier.name, Supplier.siren, Scorecard.score,
            Scorecard.grade, Scorecard.rated, Scorecard.held_since,
            earlier.score.label("previous"),
            spend_with(line, Supplier.id, buyers).label("spend"),
        )
        .select_from(Scorecard)
        .join(Supplier, Supplier.id == Scorecard.supplier_id)
        .outerjoin(earlier, _is_before(earlier, before))
        .where(Scorecard.period_id == line.period.id, Scorecard.supplier_id.in_(ids))
    )  # fmt: skip
    return {
        row.supplier_id: RankedSupplier(
            supplier_id=row.supplier_id, name=row.name, siren=row.siren, score=row.score,
            grade=row.grade, rated=row.rated, held_since=row.held_since,
            rank=ranks.get(row.score) if row.rated >= PROVISIONAL_BELOW else None,
            previous=row.previous,
            spend=Decimal(str(row.spend)).quantize(Decimal("0.01")),
        )
        for row in session.execute(query)
    }  # fmt: skip


def _matches(wanted: RankingFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.grade == "none":
        found.append(Scorecard.score.is_(None))
    elif wanted.grade:
        found.append(Scorecard.grade == wanted.grade)
    if wanted.text:
        found.append(Supplier.search_text.contains(fold(wanted.text), autoescape=True))
    return found
