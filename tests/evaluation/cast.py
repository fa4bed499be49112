"""Suppliers under evaluation: papers, invoices, a grid and a quarter that is over."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.evaluation import actions
from supplier.evaluation.models import Criterion, Grid, Period, Rating, Scorecard
from supplier.evaluation.scoring import DEFAULT_GRID
from supplier.kernel.audit import Event
from supplier.kernel.database import reading
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance.actions import refresh_all
from tests.make import Maker, actor
from tests.vigilance.files import accepted, at, invoice

TODAY = date(2026, 11, 23)
KINDS = ("kbis", "urssaf_vigilance", "foreign_workers_none", "tax_compliance")


class Evaluation:
    """Denise keeps the grid of the group; the third quarter of 2026 is over."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        self.buyer = make.buyer()
        self.denise = make.staff("Denise Achats", Role.PURCHASING)
        self.grid = self.new_grid()
        self.engagements: dict[uuid.UUID, Engagement] = {}

    def new_grid(self, name: str = "Works, version 4", **values: Any) -> Grid:
        return actions.create_grid(
            name, criteria=values.pop("criteria", DEFAULT_GRID), by=actor(self.denise),
            now=self.make.clock.at, **values,
        )  # fmt: skip

    def period(self, label: str = "T3 2026", **values: Any) -> Period:
        defaults: dict[str, Any] = {
            "starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30),
            "by": actor(self.denise), "now": self.make.clock.at,
        }  # fmt: skip
        grid: Grid = values.pop("grid", self.grid)
        return actions.open_period(grid.id, label=label, **{**defaults, **values})

    def supplier(
        self, name: str = "Alpha Menuiserie", *, papers_from: date | None = date(2026, 5, 1),
        spend: str = "", **values: Any,
    ) -> Supplier:  # fmt: skip
        """A supplier under contract, with its papers of a day (None: none) and an invoice."""
        supplier = self.make.supplier(name, **values)
        engagement = self.make.engagement(supplier, self.buyer)
        self.make.contract(engagement, created_at=at(date(2025, 9, 1)))
        if papers_from is not None:
            for kind in KINDS:
                accepted(supplier, kind, issued_on=papers_from)
            accepted(supplier, "bank_details", issued_on=papers_from, valid_until=None)
        if spend:
            invoice(engagement, date(2026, 8, 1), spend)
        self.engagements[supplier.id] = engagement
        refresh_all(now=self.make.clock.at, today=TODAY)
        return supplier

    def rate(self, period: Period, supplier: Supplier, mark: int = 80, **values: Any) -> Rating:
        code = values.pop("code", "quality")
        defaults: dict[str, Any] = {
            "comment": "Clean work.", "by": actor(values.pop("user", self.denise)),
            "now": self.make.clock.at, "criterion_id": criterion(period, code).id,
        }  # fmt: skip
        return actions.rate(period.id, supplier_id=supplier.id, mark=mark, **{**defaults, **values})

    def compute(self, period: Period) -> int:
        return actions.compute_scores(period.id, by=actor(self.denise), now=self.make.clock.at)


def criterion(period: Period, code: str) -> Criterion:
    with reading() as session:
        return session.scalars(
            select(Criterion).where(Criterion.grid_id == period.grid_id, Criterion.code == code)
        ).one()


def card(period: Period, supplier: Supplier) -> Scorecard | None:
    with reading() as session:
        return session.scalars(
            select(Scorecard).where(
                Scorecard.period_id == period.id, Scorecard.supplier_id == supplier.id
            )
        ).first()


def marks(found: Scorecard | None) -> dict[str, int | None]:
    assert found is not None
    return {one["code"]: one["mark"] for one in found.evidence}


def kinds() -> list[str]:
    with reading() as session:
        query = select(Event.kind).where(Event.kind.like("evaluation.%")).order_by(Event.seq)
        return list(session.scalars(query))


__all__ = ["TODAY", "Evaluation", "User", "card", "criterion", "kinds", "marks"]
