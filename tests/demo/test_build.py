"""The whole demo: built by the real actions, every scenario shows, the same story each time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from supplier.adapters import files
from supplier.bank.models import BankAccount
from supplier.contracts.models import PurchaseOrder
from supplier.demo.build import build
from supplier.demo.suppliers.directory import SUPPLIERS, in_scenario
from supplier.demo.suppliers.facts import Scenario
from supplier.documents import apart
from supplier.documents.models import Decision, Document, SecondReading
from supplier.evaluation.models import Scorecard
from supplier.factory import create_app
from supplier.kernel.audit import Event, broken_links
from supplier.kernel.database import db, reading
from supplier.notifications.models import OutboxMessage
from supplier.parties.models import Contact, Supplier
from supplier.privacy.models import RightsRequest
from supplier.retention.models import ErasureBatch, LegalHold
from supplier.vigilance.models import Campaign, Obligation
from supplier.vigilance.states import state_expression
from tests.conftest import test_settings as settings_for

pytestmark = pytest.mark.sqlite
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def demo(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return built(template_database, tmp_path_factory.mktemp("demo"))


def built(template_database: Path, folder: Path) -> Flask:
    path = folder / "vigie.db"
    path.write_bytes(template_database.read_bytes())
    settings = replace(
        settings_for(f"sqlite:///{path}", folder / "files"), mode="demo", reader_workers=2
    )
    app = create_app(settings)
    store = files.store()
    assert isinstance(store, files.FolderStore)
    store.prepare()
    build(app, settings, now=NOW, today=TODAY, progress=lambda done, total: None)
    apart.stop()
    return app


def test_the_demo_tells_its_story(demo: Flask) -> None:
    with demo.app_context():
        with reading() as session:
            suppliers = {row.name: row.id for row in session.scalars(select(Supplier))}
            papers = session.execute(
                select(Document.state, func.count()).group_by(Document.state)
            ).all()
            waiting = session.scalars(
                select(BankAccount.state).where(BankAccount.state == "submitted")
            ).all()
            assert len(suppliers) == len(SUPPLIERS)
            assert dict(papers)["accepted"] > 500
            assert dict(papers)["refused"] >= 5
            assert dict(papers)["in_review"] >= 3
            assert len(waiting) >= 2
            assert session.scalar(select(func.count(Scorecard.id)).where(Scorecard.score > 0))
            assert session.scalar(select(func.count(RightsRequest.id))) == 2
            assert session.scalar(select(func.count(LegalHold.id))) == 1
            assert session.scalar(select(func.count(ErasureBatch.id))) == 1
            assert session.scalar(select(func.count(PurchaseOrder.id))) > 10
            campaigns = dict(session.execute(select(Campaign.state, func.count()).group_by(
                Campaign.state)).all())  # fmt: skip
            assert campaigns == {"sent": 1, "rehearsed": 1}
            mails = dict(session.execute(select(OutboxMessage.state, func.count()).group_by(
                OutboxMessage.state)).all())  # fmt: skip
            assert mails["bounced"] >= len(in_scenario(Scenario.BOUNCED_MAIL))
            assert mails["queued"] > 3
            for facts in in_scenario(Scenario.BOUNCED_MAIL):
                contact = session.scalars(select(Contact).where(
                    Contact.email == facts.contacts[0].email)).one()  # fmt: skip
                assert (contact.mail_state, contact.mail_fault) == ("bounced", "5.1.1")
            assert broken_links(session) == []
        db.engine.dispose()


def test_each_gap_of_the_story_is_a_gap_on_the_desk(demo: Flask) -> None:
    wanted = {
        Scenario.GAP_SOCIAL: "social_certificate",
        Scenario.GAP_REGISTRATION: "registration",
        Scenario.GAP_WORKERS: "foreign_workers",
    }
    with demo.app_context():
        with reading() as session:
            missing = set(
                session.execute(
                    select(Supplier.name, Obligation.requirement)
                    .join(Supplier, Supplier.id == Obligation.supplier_id)
                    .where(state_expression(TODAY).in_(["missing", "refused"]))
                ).all()
            )
        db.engine.dispose()
    for scenario, requirement in wanted.items():
        for facts in in_scenario(scenario):
            assert (facts.company.name, requirement) in missing, (facts.key, requirement)


def test_suppliers_from_abroad_and_the_agency_show_what_only_a_requirement_names(
    demo: Flask,
) -> None:
    abroad = {"vat_number", "foreign_social_certificate", "posting_declaration"}
    wanted = {("Intérim Cap Ouest", "financial_guarantee")} | {
        (name, code)
        for name in ("Hafenstahl Montage GmbH", "Charpentes Dewaele")
        for code in abroad
    }
    with demo.app_context():
        with reading() as session:
            covered = set(
                session.execute(
                    select(Supplier.name, Obligation.requirement)
                    .join(Supplier, Supplier.id == Obligation.supplier_id)
                    .where(state_expression(TODAY) == "covered")
                ).all()
            )
        db.engine.dispose()
    assert wanted <= covered


def test_another_demo_of_the_same_day_tells_the_same_story(
    demo: Flask, template_database: Path, tmp_path: Path
) -> None:
    again = story_of(built(template_database, tmp_path))
    for chapter, lines in story_of(demo).items():
        assert lines, chapter
        assert (lines - again[chapter], again[chapter] - lines) == (Counter(), Counter()), chapter


def story_of(demo: Flask) -> dict[str, Counter[str]]:
    """What was said and done, ids included; what is secret (seals, tokens, file keys) left out."""
    chapters = {
        "papers": select(
            Document.id, Document.supplier_id, Document.original_name, Document.sha256,
            Document.received_at, Document.state, Document.kind, Document.reasons,
            Document.sampled_at,
        ),
        "decisions": select(
            Decision.document_id, Decision.outcome, Decision.reasons, Decision.by_name,
            Decision.at, Decision.revoked_at,
        ),
        "second readings": select(
            SecondReading.document_id, SecondReading.state, SecondReading.drawn
        ),
        "duties": select(Obligation.supplier_id, Obligation.requirement, state_expression(TODAY)),
        "bank": select(BankAccount.id, BankAccount.supplier_id, BankAccount.state),
        "scores": select(
            Supplier.name, Scorecard.period_id, Scorecard.score, Scorecard.grade
        ).join(Supplier, Supplier.id == Scorecard.supplier_id),
        "mails": select(OutboxMessage.to_address, OutboxMessage.kind, OutboxMessage.state),
        "journal": select(Event.kind, Event.subject_id, Event.at, Event.actor_name, Event.reason),
    }  # fmt: skip
    with demo.app_context():
        with reading() as session:
            found = {
                name: Counter(map(str, session.execute(query).all()))
                for name, query in chapters.items()
            }
        db.engine.dispose()
    return found
