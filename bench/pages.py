"""How pages hold up as the base grows: SQL statements and times, small base against large base.

    python -m bench.pages [SMALL] [LARGE]        default 1000 and 10000 suppliers, 20 papers each

Prints, for each page: statements on both bases, p50 and p95 in milliseconds on both, and the ratios
of both, and that of the work alone (the median of the processor's time), which a busy machine
leaves as it is. Both bases are asked in turn in the same run, so that a slow moment hits both.

Every page of the desk and the portal is asked, with the filters that weigh most; those that are not
pages, or for which the bases hold nothing, are named at the end.
"""

from __future__ import annotations

import gc
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from bench.base import Base, fill
from supplier.accounts.models import User
from supplier.contracts.models import Contract, Invoice
from supplier.documents.models import Document
from supplier.evaluation.models import Criterion, Period
from supplier.kernel.database import db, reading
from supplier.parties.models import Buyer, Contact, Engagement, Supplier

#: How often each page is asked on each base.
ROUNDS = 40
#: With the filters that weigh most, beside each page as it opens.
FILTERED = (
    "/desk/suppliers/?standing=gap", "/desk/suppliers/?standing=soon",
    "/desk/suppliers/?standing=clear", "/desk/suppliers/?sort=name", "/desk/suppliers/?sort=since",
    "/desk/suppliers/?sort=newest", "/desk/suppliers/?page=100000",
    "/desk/suppliers/?q=entreprise+004", "/desk/suppliers/?requirement=registration",
    "/desk/search/?q=entreprise+0004", "/desk/search/?q=kbis", "/desk/search/?q=F4-2",
    "/desk/contracts/?page=100000", "/desk/contracts/invoices?page=100000",
    "/desk/retention/lines?page=100000", "/desk/retention/lines?standing=running",
    "/desk/mails/?state=failed",
)  # fmt: skip
#: What a rule of the map stands for in the base; a rule with another value is left out.
_ROWS: dict[str, Any] = {
    "supplier_id": Supplier, "engagement_id": Engagement, "contract_id": Contract,
    "invoice_id": Invoice, "buyer_id": Buyer, "contact_id": Contact, "user_id": User,
    "document_id": Document, "period_id": Period, "criterion_id": Criterion,
}  # fmt: skip
_FIXED = {
    "desk_quality.decide": {"kind": "kbis"},
    "desk_rules.decide": {"key": "vigilance.warn_days"},
}
#: Files and pictures, and addresses that lead to another page.
_NO_PAGE = ("csv", "xlsx", "png", "pdf", "json", "ics", "/file", "/download", "/start",
            "/certificate", "/views/")  # fmt: skip


def pages(base: Base) -> tuple[dict[str, tuple[FlaskClient, str]], list[str]]:
    """Every page with who asks for it, and those that are left out."""
    found: dict[str, tuple[FlaskClient, str]] = {}
    left_out = []
    with base.app.app_context(), reading() as session:
        for rule in sorted(base.app.url_map.iter_rules(), key=lambda one: one.rule):
            if "GET" not in (rule.methods or ()) or not rule.rule.startswith(("/desk", "/portal")):
                continue
            values = _FIXED.get(rule.endpoint) or {
                name: _first(session, name, base) for name in rule.arguments
            }
            if None in values.values() or any(word in rule.rule for word in _NO_PAGE):
                left_out.append(rule.rule)
                continue
            client = base.supplier if rule.rule.startswith("/portal") else base.staff
            found[rule.rule] = (client, _address(base.app, rule, values))
    found |= {path: (base.staff, path) for path in FILTERED}
    return found, left_out


def _address(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def _first(session: Session, name: str, base: Base) -> Any:
    """A row of the first supplier, or any other."""
    table = _ROWS.get(name)
    if table is None:
        return None
    if table is Supplier:
        return base.first
    query = select(table.id).limit(1)
    if hasattr(table, "supplier_id"):
        query = query.where(table.supplier_id == base.first)
    return session.scalar(query.order_by(table.id))


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def ask(base: Base, client: FlaskClient, path: str) -> tuple[int, int, float, float]:
    """Status, statements, milliseconds, and those of work, whatever else the machine does."""
    with counted(base.app) as statements:
        started, worked = time.perf_counter(), time.process_time()
        status = client.get(path).status_code
        spent = (time.perf_counter() - started) * 1000
        work = (time.process_time() - worked) * 1000
    return status, len(statements), spent, work


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def main(small: int, large: int) -> int:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        return measure(fill(Path(one), small), fill(Path(two), large))


def measure(*bases: Base) -> int:
    # As `supplier serve` does: a look through all objects would fall on some page by chance.
    gc.collect()
    gc.freeze()
    asked = [pages(base) for base in bases]
    heads = f"{'p50 ms':>11} {'p95 ms':>11} {'p50':>5} {'p95':>5} {'work':>5}"
    print(f"{'page':<58} {'status':>6} {'SQL':>7} {heads}")
    worst = 0
    for name in asked[0][0]:
        addresses = [found[name] for found, _ in asked]
        for base, (client, path) in zip(bases, addresses, strict=True):
            ask(base, client, path)
        got: list[list[tuple[int, int, float, float]]] = [[], []]
        for _, (n, base) in itertools.product(range(ROUNDS), enumerate(bases)):
            got[n].append(ask(base, *addresses[n]))
        times = [[row[2] for row in rows] for rows in got]
        counts = [max(row[1] for row in rows) for rows in got]
        worst = max(worst, *counts)
        works = [statistics.median(row[3] for row in rows) for rows in got]
        mids = [statistics.median(row) for row in times]
        tops = [p95(row) for row in times]
        print(
            f"{name:<58} {got[1][0][0]:>6} {counts[0]:>3}/{counts[1]:<3} "
            f"{mids[0]:>5.0f}/{mids[1]:<5.0f} {tops[0]:>5.0f}/{tops[1]:<5.0f} "
            f"{mids[1] / mids[0]:>5.2f} {tops[1] / tops[0]:>5.2f} {works[1] / works[0]:>5.2f}",
            flush=True,
        )
    print(f"most statements: {worst}; left out: {', '.join(asked[0][1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:3] or ("1000", "10000"))))
