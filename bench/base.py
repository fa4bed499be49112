"""A large installation, written at once: what the pages are measured on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, select
from stdnum import luhn

from supplier.accounts.models import Mandate, StaffScope, User
from supplier.accounts.permissions import Role
from supplier.accounts.sessions import begin
from supplier.adapters import files
from supplier.bank.approvals import AccountState, value_hash
from supplier.bank.facts import iban_index
from supplier.bank.models import BankAccount, BankApproval
from supplier.contracts.models import Contract, Invoice
from supplier.demo.papers.wording import french_iban
from supplier.documents.models import Decision, Document, IssuerCheck
from supplier.evaluation.models import Criterion, Grid, Period, Scorecard
from supplier.factory import create_app
from supplier.kernel import finding
from supplier.kernel.clock import FixedClock
from supplier.kernel.crypto import keyring
from supplier.kernel.database import forget_traces, transaction
from supplier.kernel.identifiers import Iban
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
KINDS = ("kbis", "urssaf_vigilance", "tax_compliance", "foreign_workers_none")


@dataclass
class Base:
    """A filled installation, with somebody of each kind signed in."""

    app: Flask
    staff: FlaskClient
    supplier: FlaskClient
    first: uuid.UUID


def siren(number: int) -> str:
    """A number of nine digits whose key holds; nobody's."""
    stem = f"9{number:07d}"
    return stem + str(luhn.calc_check_digit(stem))


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
    """Suppliers with their work, papers, mails and scores; then all that follows from them."""
    buyers = [uuid.uuid4() for _ in range(3)]
    suppliers = [uuid.uuid4() for _ in range(count)]
    engagements = [uuid.uuid4() for _ in suppliers]
    with transaction() as session:
        write_parties(session, suppliers, engagements, buyers)
        write_work(session, suppliers, engagements, buyers)
        write_papers(session, suppliers)
        write_mails(session, suppliers)
        write_scores(session, suppliers)
        write_people(session, suppliers[0])
        write_accounts(session, suppliers)
    vigilance.refresh_all(now=NOW)
    figures.count_coverage(NOW)
    retention.work_out_plan(NOW)
    with transaction() as session:
        finding.rebuild(session)


def write_parties(session, suppliers, engagements, buyers) -> None:  # type: ignore[no-untyped-def]
    session.execute(
        insert(Buyer),
        [
            {"id": one, "name": f"Kerlan {n}", "short_name": f"K{n}", "siren": siren(n),
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
    session.execute(
        insert(Engagement),
        [
            {"id": engagement, "supplier_id": one, "buyer_id": buyers[n % 3],
             "started_on": TODAY - timedelta(days=600), "created_at": NOW}
            for n, (one, engagement) in enumerate(zip(suppliers, engagements, strict=True))
        ],
    )  # fmt: skip


def write_papers(session, suppliers) -> None:  # type: ignore[no-untyped-def]
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


def supplier_rows(ids: list[uuid.UUID]) -> Iterator[dict[str, object]]:
    for n, one in enumerate(ids):
        yield {
            "id": one, "name": f"Entreprise {n:05d}", "kind": "legal_entity",
            "siren": siren(1000 + n), "search_text": f"entreprise {n:05d} {siren(1000 + n)}",
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


def write_accounts(session, suppliers) -> None:  # type: ignore[no-untyped-def]
    """One in ten has none, one in twenty waits for its first approval, the others serve."""
    approvers = session.scalars(select(User.id).order_by(User.kind)).all()
    found = [account_row(n, one) for n, one in enumerate(suppliers) if n % 10 != 3]
    session.execute(insert(BankAccount), found)
    session.execute(
        insert(BankApproval),
        [
            {"id": uuid.uuid4(), "account_id": row["id"], "approver_id": one, "position": position,
             "approver_name": "Émile", "value_hash": row["value_hash"], "at": row["submitted_at"]}
            for row in found if row["state"] == AccountState.APPROVED_TWICE
            for position, one in enumerate(approvers[:2], 1)
        ],
    )  # fmt: skip


def account_row(n: int, supplier_id: uuid.UUID) -> dict[str, object]:
    iban = Iban.parse(french_iban(bank="30003", branch="01234", account=f"{n:011d}"))
    account_id, waits = uuid.uuid4(), n % 20 == 7
    at = NOW - timedelta(days=2 if waits else 500, minutes=n)
    return {
        "id": account_id, "supplier_id": supplier_id, "version": 1, "holder": f"Entreprise {n:05d}",
        "iban": keyring().seal_text(iban.value, context=f"bank_account.iban:{account_id}"),
        "iban_index": iban_index(iban), "iban_masked": iban.masked, "findings": [],
        "state": (AccountState.SUBMITTED if waits else AccountState.APPROVED_TWICE).value,
        "value_hash": value_hash(
            iban=iban.value, bic=None, holder=f"Entreprise {n:05d}", supplier_id=supplier_id,
            version=1,
        ),
        "submitted_by_kind": "supplier", "submitted_by_name": f"Contact {n}", "submitted_at": at,
        "active_from": None if waits else at + timedelta(days=2), "last_changed_at": at,
    }  # fmt: skip


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
             "grade": "ABCD"[n % 4], "rated": 100, "evidence": [], "computed_at": NOW}
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
