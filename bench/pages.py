"""How pages hold up as the base grows: SQL statements and times, small base against large base.

    python bench/pages.py [SMALL] [LARGE]        default 1000 and 10000 suppliers, 20 papers each

Prints, for each page: statements on both bases, p50 and p95 in milliseconds on both, and the ratios
of both, and that of the work alone (the median of the processor's time), which a busy machine
leaves as it is. Both bases are asked in turn in the same run, so that a slow moment hits both.

Every page of the desk and the portal is asked, with the filters that weigh most; those that are not
pages, or for which the bases hold nothing, are named at the end.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from supplier.accounts.models import Mandate, StaffScope, User
from supplier.accounts.permissions import Role
from supplier.accounts.sessions import begin
from supplier.adapters import files
from supplier.contracts.models import Contract, Invoice
from supplier.documents.models import Decision, Document, IssuerCheck
from supplier.evaluation.models import Criterion, Grid, Period, Scorecard
from supplier.factory import create_app
from supplier.kernel import finding
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import db, forget_traces, reading, transaction
from supplier.notifications.models import OutboxMessage
from supplier.parties.models import Buyer, Contact, Engagement, Supplier
from supplier.privacy import actions as privacy
from supplier.privacy.notice import VERSION
from supplier.retention import actions as retention
from supplier.settings import Settings
from supplier.vigilance import actions as vigilance
from supplier.vigilance import figures

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TODAY = date(2026, 11, 24)
PAPERS = 20
ROUNDS = 15
KINDS = ("kbis", "urssaf_vigilance", "tax_compliance", "foreign_workers_none")


@dataclass
class Base:
    """A filled installation, with somebody of each kind signed in."""

    app: Flask
    staff: FlaskClient
    supplier: FlaskClient
    first: uuid.UUID


def luhn(number: int) -> str:
    stem = f"9{number:07d}"
    total = 0
    for place, letter in enumerate(reversed(stem)):
        digit = int(letter) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return stem + str(-total % 10)


def fill(folder: Path, count: int) -> Base:
    settings = Settings(
        database_url=f"sqlite:///{folder}/vigie.db", files_url=f"file:{folder}/files",
        public_url="http://localhost",
    )  # fmt: skip
    app = create_app(settings, clock=FixedClock(NOW))
    store = files.store()
    assert isinstance(store, files.FolderStore)
    store.prepare()
    with app.app_context():
        upgrade()
        write(count)
        # As after some quiet: so much was never written at once in life.
        forget_traces()
        return Base(app, sign_in(app, "staff"), sign_in(app, "supplier"), first_supplier())


def write(count: int) -> None:
    buyers = [uuid.uuid4() for _ in range(3)]
    suppliers = [uuid.uuid4() for _ in range(count)]
    with transaction() as session:
        session.execute(
            insert(Buyer),
            [
                {"id": one, "name": f"Kerlan {n}", "short_name": f"K{n}", "siren": luhn(n),
                 "created_at": NOW}
                for n, one in enumerate(buyers)
            ],
        )  # fmt: skip
        rows = list(supplier_rows(suppliers))
        session.execute(insert(Supplier), rows)
        session.execute(
            insert(Contact),
            [
                {"id": uuid.uuid4(), "supplier_id": one, "name": f"Contact {n}",
                 "email": f"c{n}@s{n}.example", "created_at": NOW, "changed_at": NOW}
                for n, one in enumerate(suppliers)
            ],
        )  # fmt: skip
        engagements = [uuid.uuid4() for _ in suppliers]
        session.execute(
            insert(Engagement),
            [
                {"id": engagement, "supplier_id": one, "buyer_id": buyers[n % 3],
                 "started_on": TODAY - timedelta(days=600), "created_at": NOW}
                for n, (one, engagement) in enumerate(zip(suppliers, engagements, strict=True))
            ],
        )  # fmt: skip
        write_work(session, suppliers, engagements, buyers)
        papers = list(paper_rows(suppliers))
        session.execute(insert(Document), [row for row, _ in papers])
        session.execute(insert(Decision), [row for _, row in papers])
        session.execute(
            insert(IssuerCheck),
            [
                {"id": uuid.uuid4(), "document_id": row["id"], "supplier_id": row["supplier_id"],
                 "result": "confirmed", "by_id": uuid.uuid4(), "by_name": "Denise",
                 "at": row["received_at"]}
                for row, _ in papers if row["kind"] == "urssaf_vigilance"
            ],
        )  # fmt: skip
        write_mails(session, suppliers)
        write_scores(session, suppliers)
        write_people(session, suppliers[0])
    vigilance.refresh_all(now=NOW)
    figures.count_coverage(NOW)
    retention.work_out_plan(NOW)
    with transaction() as session:
        finding.rebuild(session)


def supplier_rows(ids: list[uuid.UUID]) -> Iterator[dict[str, object]]:
    for n, one in enumerate(ids):
        yield {
            "id": one, "name": f"Entreprise {n:05d}", "kind": "legal_entity",
            "siren": luhn(1000 + n), "search_text": f"entreprise {n:05d} {luhn(1000 + n)}",
            "has_employees": True, "created_at": NOW, "country": "FR", "register": "rcs",
        }  # fmt: skip


def write_work(session, suppliers, engagements, buyers) -> None:  # type: ignore[no-untyped-def]
    session.execute(
        insert(Contract),
        [
            {"id": uuid.uuid4(), "engagement_id": engagement, "supplier_id": one,
             "buyer_id": buyers[n % 3], "reference": f"CT-{n:06d}", "title": "Travaux",
             "amount": Decimal(20000), "signed_on": TODAY - timedelta(days=400 + n % 211),
             "starts_on": TODAY - timedelta(days=400), "ends_on": TODAY + timedelta(days=200),
             "created_at": NOW}
            for n, (one, engagement) in enumerate(zip(suppliers, engagements, strict=True))
        ],
    )  # fmt: skip
    session.execute(
        insert(Invoice),
        [
            {"id": uuid.uuid4(), "engagement_id": engagement, "supplier_id": one,
             "buyer_id": buyers[n % 3], "number": f"F{n}-{m}", "amount": Decimal(2000),
             "issued_on": TODAY - timedelta(days=60 * m + n % 59), "created_at": NOW}
            for n, (one, engagement) in enumerate(zip(suppliers, engagements, strict=True))
            for m in range(1, 4)
        ],
    )  # fmt: skip


def paper_rows(ids: list[uuid.UUID]) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    for n, one in enumerate(ids):
        for m in range(PAPERS):
            issued = TODAY - timedelta(days=(m // 4) * 170 + (n % 200))
            paper, at = uuid.uuid4(), NOW - timedelta(days=(TODAY - issued).days)
            kind = "bank_details" if m == PAPERS - 1 else KINDS[m % 4]
            waits, refused = n % 25 == 0 and m == 0, n % 20 == 1 and m == 4
            state = "in_review" if waits else "refused" if refused else "accepted"
            yield (
                {
                    "id": paper, "supplier_id": one, "kind": kind, "origin": "upload",
                    "state": state, "original_name": f"{kind}-{n:05d}-{m:02d}.pdf",
                    "media_type": "application/pdf", "size": 1000, "sha256": uuid.uuid4().hex * 2,
                    "file_key": uuid.uuid4().hex, "part": 0, "page_count": 1, "received_at": at,
                    "received_by_kind": "supplier", "verdict": "accept", "reasons": [],
                    "issued_on": issued,
                    "valid_until": None if kind == "bank_details" else issued + timedelta(days=180),
                    "authenticity": "confirmed",
                },
                {
                    "id": uuid.uuid4(), "document_id": paper, "supplier_id": one,
                    "outcome": "refuse" if refused else "accept",
                    "reasons": ["too_old"] if refused else [], "by_machine": True,
                    "by_name": "Vigie", "at": NOW if refused else at, "rules_version": "1",
                    "revoked_at": at if waits else None,
                },
            )  # fmt: skip


def write_mails(session, suppliers) -> None:  # type: ignore[no-untyped-def]
    """Five a supplier; one in a hundred failed."""
    session.execute(
        insert(OutboxMessage),
        [
            {"id": uuid.uuid4(), "message_id": f"<{n}.{m}@bench>", "dedupe_key": f"{n}.{m}",
             "kind": "reminder", "to_address": f"c{n}@s{n}.example", "to_name": f"Contact {n}",
             "language": "fr", "subject": "Relance", "body": b"", "supplier_id": one,
             "created_at": NOW - timedelta(days=30 * m, minutes=n), "not_before": NOW,
             "attempts": 1, "state": "failed" if (n + m) % 100 == 0 else "sent", "sent_at": NOW}
            for n, one in enumerate(suppliers)
            for m in range(5)
        ],
    )  # fmt: skip


def write_scores(session, suppliers) -> None:  # type: ignore[no-untyped-def]
    """One period for all."""
    grid, period = uuid.uuid4(), uuid.uuid4()
    session.execute(insert(Grid), [{"id": grid, "name": "Grille", "created_at": NOW}])
    session.execute(
        insert(Criterion),
        [{"id": uuid.uuid4(), "grid_id": grid, "position": 1, "code": "quality",
          "label": "Travail", "source": "manual", "weight": 100}],
    )  # fmt: skip
    session.execute(
        insert(Period),
        [{"id": period, "grid_id": grid, "label": "2025", "starts_on": date(2025, 1, 1),
          "ends_on": date(2025, 12, 31), "created_at": NOW}],
    )  # fmt: skip
    session.execute(
        insert(Scorecard),
        [
            {"id": uuid.uuid4(), "period_id": period, "supplier_id": one, "score": n % 101,
             "grade": "ABCD"[n % 4], "evidence": [], "computed_at": NOW}
            for n, one in enumerate(suppliers)
        ],
    )  # fmt: skip


def write_people(session, supplier_id: uuid.UUID) -> None:  # type: ignore[no-untyped-def]
    for kind in ("staff", "supplier"):
        user = User(
            id=uuid.uuid4(), kind=kind, email=f"{kind}@bench.example", name=kind.title(),
            webauthn_handle=uuid.uuid4().bytes * 2, created_at=NOW,
        )  # fmt: skip
        session.add(user)
        session.flush()
        if kind == "supplier":
            session.add(
                Mandate(id=uuid.uuid4(), user_id=user.id, supplier_id=supplier_id, from_at=NOW)
            )
        for role in Role if kind == "staff" else ():
            session.add(
                StaffScope(id=uuid.uuid4(), user_id=user.id, role=role.value, granted_at=NOW,
                           approved_by_id=uuid.uuid4(), approved_at=NOW)
            )  # fmt: skip


def sign_in(app: Flask, kind: str) -> FlaskClient:
    with transaction() as session:
        user_id = session.scalars(select(User.id).where(User.kind == kind)).one()
        token, _ = begin(
            session, now=NOW, user_id=user_id, method="bench", proved_at=NOW, address_hash="b"
        )
    client = app.test_client()
    client.set_cookie("session", token)
    privacy.note_seen(user_id, VERSION, now=NOW)
    return client


def first_supplier() -> uuid.UUID:
    with transaction() as session:
        return session.scalars(select(Supplier.id).order_by(Supplier.name)).first()  # type: ignore[return-value]


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
