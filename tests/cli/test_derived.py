"""What is kept beside the facts is verified, and written again on demand."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, update

from supplier.cli.derived import rebuild, verify_derived
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import transaction
from supplier.kernel.finding import SearchWord
from supplier.retention.models import RetentionCount
from supplier.retention.plan import work_out_plan
from supplier.vigilance import actions as vigilance
from supplier.vigilance.models import Shortfall
from tests.make import Maker


def states(clock: FixedClock, days: int = 0) -> dict[str, str]:
    now = clock.at + timedelta(days=days)
    return {result.name: result.state for result in verify_derived(now=now)}


def test_counts_that_went_astray_are_seen_and_written_again(make: Maker, clock: FixedClock) -> None:
    supplier = make.supplier("Alpha", search_text="alpha")
    make.contract(make.engagement(supplier, make.buyer()), created_at=clock.at)
    vigilance.refresh_all(now=clock.at)
    work_out_plan(clock.at)
    well = {"gaps": "ok", "counts of the plan": "ok", "search words": "ok"}
    assert states(clock) == states(clock, days=1) == states(clock, days=400) == well
    with transaction() as session:
        session.execute(update(Shortfall).values(since=None))
        session.execute(update(RetentionCount).values(number=7))
        session.execute(delete(SearchWord))
    assert set(states(clock).values()) == {"fault"}
    rebuild(now=clock.at)
    assert states(clock) == well
