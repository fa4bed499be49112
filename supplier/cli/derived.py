"""What is kept beside the facts so that pages are quick: is it what the facts say, and again."""

from __future__ import annotations

from datetime import datetime

from supplier.cli.checks import Result
from supplier.kernel import finding
from supplier.kernel.clock import legal_day
from supplier.kernel.database import reading, transaction
from supplier.retention import plan
from supplier.vigilance import shortfalls

_AGAIN = "supplier verify --rebuild writes them again"


def verify_derived(*, now: datetime) -> list[Result]:
    """Count the gaps, the plan and the words of the search box again from the facts."""
    with reading() as session:
        return [
            _result("gaps", shortfalls.astray(session, today=legal_day(now))),
            _result("counts of the plan", plan.astray(session)),
            _result("search words", finding.astray(session)),
        ]


def _result(name: str, astray: int) -> Result:
    if astray:
        return Result(name, "fault", f"{astray} are not what the facts say; {_AGAIN}")
    return Result(name, "ok", "what the facts say")


def rebuild(*, now: datetime) -> None:
    """Write all of them again from the facts."""
    shortfalls.write_all(today=legal_day(now))
    with transaction() as session:
        plan.count_entries(session, now=now)
        finding.rebuild(session)
