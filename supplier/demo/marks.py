"""The demo's evaluations: four quarters, rated by the people who bought, computed and closed."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from supplier.demo import dossiers
from supplier.demo.people import Cast, Entry, at_hour
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.demo.suppliers.facts import Scenario, SupplierFacts
from supplier.evaluation import actions as evaluation
from supplier.evaluation.models import Criterion
from supplier.evaluation.scoring import DEFAULT_GRID, Source
from supplier.kernel.clock import add_months
from supplier.kernel.database import reading

QUARTERS = 4
_POOR = frozenset(
    {Scenario.GAP_SOCIAL, Scenario.GAP_WORKERS, Scenario.INSOLVENCY, Scenario.LIQUIDATION}
)
_WORDS = {
    "quality": ("Reprises à prévoir sur deux ouvrages.", "Travail soigné, réception sans réserve."),
    "deadlines": ("Trois semaines de retard sur le planning.", "Délais tenus, équipe complète."),
    "communication": ("Il faut relancer pour obtenir une réponse.", "Répond dans la journée."),
    "safety": ("Protections oubliées lors d’une visite.", "Chantier tenu, accueil sécurité fait."),
}


def write_marks(cast: Cast, *, now: datetime, today: date) -> list[Entry]:
    """A grid, the last three whole quarters closed, and the present one open: what to do when."""
    book = _Book(cast, today)
    diary: list[Entry] = [(at := at_hour(add_months(today, -13), 9), partial(book.begin, now=at))]
    for starts_on, ends_on in quarters(today):
        opened, rated = at_hour(starts_on, 9), min(at_hour(ends_on, 16), now)
        diary += [
            (opened, partial(book.open, starts_on, ends_on, now=opened)),
            (rated, partial(book.rate, starts_on, now=rated)),
        ]
        if ends_on < today:
            closed = rated + timedelta(days=6)
            diary.append((closed, partial(book.close, starts_on, now=closed)))
    return diary


class _Book:
    """The grid and its quarters, as they come to be."""

    def __init__(self, cast: Cast, today: date) -> None:
        self._cast, self._today = cast, today
        self._camille = cast.staff["camille.roussel"]
        self._grid_id: uuid.UUID
        self._criteria: dict[str, uuid.UUID] = {}
        self._periods: dict[date, uuid.UUID] = {}

    def begin(self, *, now: datetime) -> None:
        self._grid_id = evaluation.create_grid(
            "Fournisseurs du groupe", criteria=DEFAULT_GRID, by=self._camille, now=now
        ).id
        of_this_grid = select(Criterion).where(Criterion.grid_id == self._grid_id)
        with reading() as session:
            self._criteria = {
                row.code: row.id
                for row in session.scalars(of_this_grid)
                if row.source == Source.MANUAL
            }

    def open(self, starts_on: date, ends_on: date, *, now: datetime) -> None:
        self._periods[starts_on] = evaluation.open_period(
            self._grid_id, label=f"T{(starts_on.month + 2) // 3} {starts_on.year}",
            starts_on=starts_on, ends_on=ends_on, by=self._camille, now=now,
        ).id  # fmt: skip

    def rate(self, quarter: date, *, now: datetime) -> None:
        period_id = self._periods[quarter]
        for facts in SUPPLIERS:
            if _is_rated(facts, quarter, self._today):
                _rate(self._cast, facts, period_id, self._criteria, quarter=quarter, now=now)
        evaluation.compute_scores(period_id, by=self._camille, now=now)

    def close(self, quarter: date, *, now: datetime) -> None:
        evaluation.close_period(self._periods[quarter], by=self._camille, now=now)


def quarters(today: date) -> list[tuple[date, date]]:
    """The present quarter and the ones before, the oldest first."""
    first = today.replace(day=1, month=(today.month - 1) // 3 * 3 + 1)
    starts = [add_months(first, -3 * back) for back in range(QUARTERS - 1, -1, -1)]
    return [(day, add_months(day, 3) - timedelta(days=1)) for day in starts]


def _is_rated(facts: SupplierFacts, starts_on: date, today: date) -> bool:
    """Somebody worked with them then; one in five was not rated by anybody."""
    begun = any(add_months(today, deal.starts) <= starts_on for deal in facts.deals)
    skipped = int(dossiers.made_number(facts.key, "rated", length=3)) % 5 == 0
    return begun and facts.ended is None and not skipped


def _rate(
    cast: Cast, facts: SupplierFacts, period_id: uuid.UUID, criteria: dict[str, uuid.UUID], *,
    quarter: date, now: datetime,
) -> None:  # fmt: skip
    by = cast.staff["karim.benali"]
    poor = bool(_POOR & set(facts.scenarios))
    for code, criterion_id in criteria.items():
        drawn = int(dossiers.made_number(facts.key, code, quarter, length=4)) % 26
        mark = (48 if poor else 70) + drawn
        evaluation.rate(
            period_id, supplier_id=cast.suppliers[facts.key], criterion_id=criterion_id,
            mark=mark, comment=_WORDS[code][mark >= 75], by=by, now=now,
        )  # fmt: skip
