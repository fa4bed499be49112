"""Working out the plan, holding, proposing, approving and erasing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from supplier import jobs
from supplier.accounts import actions as accounts
from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.adapters import files
from supplier.bank.models import BankAccount
from supplier.contracts import actions as contracts
from supplier.contracts.details import InvoiceDetails
from supplier.contracts.files import Upload
from supplier.contracts.models import Contract, Invoice
from supplier.documents.models import Decision, Document, IssuerCheck, Preview
from supplier.kernel import registers
from supplier.kernel.audit import SYSTEM, Actor, Event, broken_links
from supplier.kernel.clock import FixedClock
from supplier.kernel.crypto import keyring
from supplier.kernel.database import db, new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from supplier.kernel.registers import Erased
from supplier.notifications.models import OutboxMessage
from supplier.parties import actions as parties
from supplier.parties.models import Contact, Engagement, ImportBatch, Supplier
from supplier.privacy.models import RightsRequest
from supplier.retention import actions, queries
from supplier.retention.models import (
    ErasureBatch,
    ErasureEntry,
    ErasureItem,
    LegalHold,
    RetentionEntry,
)
from supplier.retention.plan import work_out_plan
from supplier.web import housekeeping
from tests.make import Maker, actor
from tests.races import at_once

#: Words that must be nowhere once their file is gone.
CANARIES = (
    "Kanarienvogel", "canari-facture.pdf", "canari-kbis.pdf", "canari@alpha.example",
    "CANARI-CONTRAT", "CANARI-FACTURE", "Chantier du canari", "canari dicté", "CANARI HOLDER",
    "canari-import.csv", "06 99 99 99 99", "Objet du canari", "Je suis le canari",
)  # fmt: skip
ENDED = date(2021, 11, 22)
#: Monday 23 November 2026: the day after five years.
FIRST = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n% Kanarienvogel\n%%EOF\n"


@dataclass
class Past:
    """A supplier whose only relation ended, with everything that we keep of such a one."""

    supplier: Supplier
    engagement: Engagement
    contract: Contract
    document: Document
    contact: Contact


@pytest.fixture
def gaelle(make: Maker) -> Actor:
    return actor(make.staff("Gaëlle Données", Role.DATA_PROTECTION))


@pytest.fixture
def past(app: Flask, make: Maker) -> Past:
    return make_past(make)


def make_past(make: Maker, *, ended_on: date = ENDED, name: str = "Alpha", **more: object) -> Past:
    supplier = make.supplier(name, **more)
    engagement = make.engagement(
        supplier, make.buyer(f"Acheteur de {name}"), started_on=date(2018, 1, 1),
        ended_on=ended_on, end_confirmed_at=make.clock.at,
    )  # fmt: skip
    contract = make.contract(
        engagement, reference=f"CANARI-CONTRAT {name}", title="Chantier du canari",
        signed_on=date(2018, 1, 1), starts_on=date(2018, 1, 1), ends_on=ended_on,
        file_key=files.store().put(PDF), original_name="canari-facture.pdf",
    )  # fmt: skip
    contact = make.contact(
        supplier, name="Alice Kanarienvogel", email="canari@alpha.example", phone="06 99 99 99 99"
    )
    return Past(supplier, engagement, contract, make_document(make, supplier), contact)


def make_document(make: Maker, supplier: Supplier) -> Document:
    """An accepted paper with all that hangs on it: page, reading, decision, issuer's answer."""
    document_id = new_id()
    reading_text = json.dumps({"company_name": "Kanarienvogel SARL"})
    document = Document(
        id=document_id, supplier_id=supplier.id, state="accepted", kind="kbis", origin="upload",
        original_name="canari-kbis.pdf", media_type="application/pdf", size=len(PDF),
        sha256=document_id.hex * 2, file_key=files.store().put(PDF), received_at=make.clock.at,
        received_by_kind="supplier", reasons=[], authenticity="confirmed",
        contest_comment="Je suis le canari", code_index="c" * 64,
        reading=keyring().seal_text(reading_text, context=f"document.reading:{document_id}"),
    )  # fmt: skip
    make._add(document)
    make._add(
        Preview(
            id=new_id(), document_id=document_id, page=1, width=10, height=10,
            file_key=files.store().put(b"picture of Kanarienvogel"),
        ),
        Decision(
            id=new_id(), document_id=document_id, supplier_id=supplier.id, outcome="accept",
            reasons=[], comment="Kanarienvogel a signé", by_machine=False, by_name="Denise",
            at=make.clock.at, rules_version="1",
        ),
        IssuerCheck(
            id=new_id(), document_id=document_id, supplier_id=supplier.id, result="confirmed",
            comment="canari dicté", capture_key=files.store().put(b"capture Kanarienvogel"),
            by_id=new_id(), by_name="Denise", at=make.clock.at,
        ),
    )  # fmt: skip
    return document


def all_of(table: type) -> list:
    with reading() as session:
        return list(session.scalars(select(table)))


def plan() -> dict[tuple[str, object], RetentionEntry]:
    return {(row.subject_type, row.subject_id): row for row in all_of(RetentionEntry)}


def proposed(now: datetime = FIRST) -> ErasureBatch:
    work_out_plan(now)
    batch = actions.propose(by=SYSTEM, now=now)
    assert batch is not None
    return batch


def run(batch: ErasureBatch, by: Actor, now: datetime = FIRST) -> ErasureBatch:
    actions.approve(batch.id, by=by, now=now)
    actions.execute_task({"batch_id": str(batch.id)}, now)
    with reading() as session:
        return session.get_one(ErasureBatch, batch.id)


def test_the_plan_says_when_each_thing_may_first_go(past: Past) -> None:
    work_out_plan(FIRST)
    found = plan()
    assert found["document", past.document.id].first_erasable_on == date(2026, 11, 23)
    assert found["contract", past.contract.id].rule == "contract"
    assert found["contact", past.contact.id].label == "Alice Kanarienvogel"
    assert found["supplier", past.supplier.id].first_erasable_on is None


def test_a_second_plan_changes_only_what_changed(past: Past, gaelle: Actor) -> None:
    work_out_plan(FIRST)
    before = plan()["document", past.document.id].id
    assert work_out_plan(FIRST + timedelta(hours=1))["changed"] == 0
    parties.resume_engagement(past.engagement.id, by=gaelle, now=FIRST)
    counts = work_out_plan(FIRST + timedelta(hours=2))
    assert counts["changed"] >= 3
    row = plan()["document", past.document.id]
    assert (row.id, row.first_erasable_on) == (before, None)
    assert queries.plan_on(FIRST.date(), today=FIRST.date(), buyers=None).worked_out_at == (
        FIRST + timedelta(hours=2)
    )


def test_nothing_is_proposed_a_day_early(past: Past) -> None:
    eve = FIRST - timedelta(days=1)
    work_out_plan(eve)
    batch = actions.propose(by=SYSTEM, now=eve)
    assert batch is None
    assert actions.propose_due(FIRST)["proposed"] == 3


def test_what_waits_in_a_batch_is_not_proposed_twice(past: Past) -> None:
    assert actions.propose_due(FIRST)["proposed"] == 3
    assert actions.propose_due(FIRST + timedelta(hours=1))["proposed"] == 0
    assert len(all_of(ErasureBatch)) == 1


def test_who_proposes_at_the_same_instant_gets_one_batch(app: Flask, past: Past) -> None:
    plans = at_once(app, *[lambda: work_out_plan(FIRST)] * 3)
    assert [counts["kept"] for counts in plans] == [len(plan())] * 3
    found = at_once(app, *[lambda: actions.propose(by=SYSTEM, now=FIRST)] * 3)
    assert len([batch for batch in found if batch is not None]) == 1
    assert len(all_of(ErasureBatch)) == 1


def test_a_rejected_batch_rests_for_a_week_unless_a_person_asks(past: Past, gaelle: Actor) -> None:
    batch = proposed()
    with pytest.raises(DomainError):
        actions.reject(batch.id, reason=" ", by=gaelle, now=FIRST)
    actions.reject(batch.id, reason="Contrôle en cours", by=gaelle, now=FIRST)
    assert actions.propose_due(FIRST + timedelta(days=6))["proposed"] == 0
    assert actions.propose_due(FIRST + timedelta(days=8))["proposed"] == 3
    with pytest.raises(ConflictError):
        actions.approve(batch.id, by=gaelle, now=FIRST)


def test_nobody_approves_what_they_proposed(past: Past, gaelle: Actor) -> None:
    work_out_plan(FIRST)
    batch = actions.propose(by=gaelle, now=FIRST)
    assert batch is not None
    with pytest.raises(ForbiddenError):
        actions.approve(batch.id, by=gaelle, now=FIRST)
    with pytest.raises(ForbiddenError):
        actions.approve(batch.id, by=SYSTEM, now=FIRST)


def test_an_approved_batch_erases_and_leaves_a_certificate(
    past: Past, gaelle: Actor, clock: FixedClock
) -> None:
    batch = proposed()
    actions.approve(batch.id, by=gaelle, now=FIRST)
    assert jobs.run_due(now=FIRST) > 0
    with reading() as session:
        done = session.get_one(ErasureBatch, batch.id)
        assert broken_links(session) == []
    assert done.state == "executed"
    certificate = files.store().get(str(done.certificate_key), sha256=done.certificate_sha256)
    assert certificate.startswith(b"%PDF")
    assert {item.outcome for item in all_of(ErasureItem)} == {"erased"}
    assert {item.label for item in all_of(ErasureItem)} == {""}
    # The certificate alone is left in the store.
    assert list(files.store().keys()) == [done.certificate_key]
    with pytest.raises(ConflictError):
        actions.approve(batch.id, by=gaelle, now=FIRST)


def test_a_hold_wins_even_after_the_approval(past: Past, gaelle: Actor) -> None:
    batch = proposed()
    actions.approve(batch.id, by=gaelle, now=FIRST)
    hold = actions.place_hold(past.supplier.id, reason="Contentieux", by=gaelle, now=FIRST)
    actions.execute_task({"batch_id": str(batch.id)}, FIRST)
    assert {item.outcome for item in all_of(ErasureItem)} == {"held"}
    assert files.store().get(past.document.file_key) == PDF
    assert actions.propose_due(FIRST)["proposed"] == 0
    actions.lift_hold(hold.id, reason="Jugé", by=gaelle, now=FIRST)
    assert actions.propose_due(FIRST)["proposed"] == 3
    with pytest.raises(ConflictError):
        actions.lift_hold(hold.id, reason="Jugé", by=gaelle, now=FIRST)


def test_a_hold_needs_a_reason_and_a_supplier_in_sight(past: Past, gaelle: Actor) -> None:
    with pytest.raises(DomainError):
        actions.place_hold(past.supplier.id, reason="", by=gaelle, now=FIRST)
    hold = actions.place_hold(past.supplier.id, reason="Contentieux", by=gaelle, now=FIRST)
    with pytest.raises(DomainError):
        actions.lift_hold(hold.id, reason=" ", by=gaelle, now=FIRST)
    with pytest.raises(NotFoundError):
        actions.place_hold(
            past.supplier.id, reason="x", by=gaelle, now=FIRST, buyers=frozenset({new_id()})
        )


def test_a_supplier_is_held_once_at_a_time(past: Past, gaelle: Actor) -> None:
    """Two holds for one press too many: who lifted one would believe the supplier free."""
    first = actions.place_hold(past.supplier.id, reason="Contentieux", by=gaelle, now=FIRST)
    with pytest.raises(ConflictError):
        actions.place_hold(past.supplier.id, reason="Contentieux", by=gaelle, now=FIRST)
    assert [hold.id for hold in all_of(LegalHold)] == [first.id]
    actions.lift_hold(first.id, reason="Jugé", by=gaelle, now=FIRST)
    actions.place_hold(past.supplier.id, reason="Un autre", by=gaelle, now=FIRST)
    assert len(all_of(LegalHold)) == 2


def test_work_that_began_again_after_the_approval_keeps_everything(
    past: Past, gaelle: Actor
) -> None:
    batch = proposed()
    actions.approve(batch.id, by=gaelle, now=FIRST)
    parties.resume_engagement(past.engagement.id, by=gaelle, now=FIRST)
    actions.execute_task({"batch_id": str(batch.id)}, FIRST)
    assert {item.outcome for item in all_of(ErasureItem)} == {"not_due"}
    assert files.store().get(past.document.file_key) == PDF


def test_a_crash_before_the_files_are_gone_is_finished_by_the_next_run(
    past: Past, gaelle: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = proposed()
    actions.approve(batch.id, by=gaelle, now=FIRST)
    keep = files.store().delete
    calls: list[str] = []

    def fail_once(key: str) -> None:
        calls.append(key)
        if len(calls) == 2:
            raise OSError("power cut")
        keep(key)

    monkeypatch.setattr(files.store(), "delete", fail_once)
    with pytest.raises(OSError, match="power cut"):
        actions.execute_task({"batch_id": str(batch.id)}, FIRST)
    with reading() as session:
        assert session.get_one(ErasureBatch, batch.id).state == "approved"
    actions.execute_task({"batch_id": str(batch.id)}, FIRST)
    with reading() as session:
        done = session.get_one(ErasureBatch, batch.id)
    assert done.state == "executed"
    assert list(files.store().keys()) == [done.certificate_key]
    assert all(entry.file_gone_at for entry in all_of(ErasureEntry))


def test_one_thing_that_cannot_be_erased_stops_no_other(
    past: Past, gaelle: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = proposed()
    actions.approve(batch.id, by=gaelle, now=FIRST)
    keeper = registers.keeper_of("contact")

    def fail(*_: object) -> Erased:
        raise RuntimeError("bad row")

    registers.keep(registers.Keeper("contact", keeper.list_kept, fail))
    try:
        with pytest.raises(RuntimeError, match="bad row"):
            actions.execute_task({"batch_id": str(batch.id)}, FIRST)
    finally:
        registers.keep(keeper)
    outcomes = {item.subject_type: item.outcome for item in all_of(ErasureItem)}
    assert outcomes == {"contact": None, "document": "erased", "contract": "erased"}
    actions.execute_task({"batch_id": str(batch.id)}, FIRST)
    with reading() as session:
        assert session.get_one(ErasureBatch, batch.id).state == "executed"


def test_a_second_run_of_the_task_changes_nothing(past: Past, gaelle: Actor) -> None:
    batch = run(proposed(), gaelle)
    before = len(all_of(Event))
    actions.execute_task({"batch_id": str(batch.id)}, FIRST)
    assert len(all_of(Event)) == before


def test_a_sole_trader_goes_with_the_last_thing_that_names_them(
    app: Flask, make: Maker, gaelle: Actor
) -> None:
    past = make_past(make, name="Martin", kind="natural_person")
    invoice = contracts.create_invoice(
        past.engagement.id, InvoiceDetails("F-1", date(2021, 3, 1), Decimal(900)),
        buyers=None, by=gaelle, now=FIRST,
    )  # fmt: skip
    work_out_plan(FIRST)
    row = plan()["supplier", past.supplier.id]
    assert row.starts_on == ENDED
    # Ten years from the close of 2021, not five from the end.
    assert row.first_erasable_on == date(2032, 1, 1)
    run(proposed(), gaelle)
    with reading() as session:
        assert session.get_one(Supplier, past.supplier.id).anonymised_at is None
    later = datetime(2032, 1, 1, 9, 0, tzinfo=UTC)
    run(proposed(later), gaelle, later)
    with reading() as session:
        supplier = session.get_one(Supplier, past.supplier.id)
        assert session.get_one(Invoice, invoice.id).erased_at is not None
    assert (supplier.name, supplier.siren, supplier.search_text) == ("", None, "")


def test_a_company_keeps_its_name_when_its_people_go(past: Past, gaelle: Actor) -> None:
    run(proposed(), gaelle)
    with reading() as session:
        supplier = session.get_one(Supplier, past.supplier.id)
        contact = session.get_one(Contact, past.contact.id)
    assert supplier.name == "Alpha"
    assert (contact.name, contact.email, contact.phone) == ("", None, None)


def test_an_account_goes_a_year_after_its_last_mandate(
    past: Past, make: Maker, gaelle: Actor
) -> None:
    user = make.supplier_user(past.supplier, "Bob Kanarienvogel")
    work_out_plan(FIRST)
    assert plan()["user", user.id].rule == "contact"
    token = make.session_token(user.id)
    assert token
    run(proposed(), gaelle)
    with reading() as session:
        gone = session.get_one(User, user.id)
    assert gone.name == ""
    assert gone.locked_at is not None
    assert "@" not in gone.email


def test_after_a_restore_the_ledger_erases_again(past: Past, gaelle: Actor) -> None:
    run(proposed(), gaelle)
    with transaction() as session:
        session.execute(update(Contact).where(Contact.id == past.contact.id).values(name="Alice"))
    assert actions.replay_ledger(FIRST)["rows"] == 1
    with reading() as session:
        assert session.get_one(Contact, past.contact.id).name == ""


@pytest.mark.sqlite
@pytest.mark.parametrize("rejected_first", [False, True])
def test_nothing_erased_is_found_in_the_database_file_or_the_store(
    past: Past, make: Maker, gaelle: Actor, app: Flask, tmp_path: Path, rejected_first: bool
) -> None:
    """Canaries: every kind of value, in every place that copies it."""
    plant(past, make, gaelle)
    database, store = tmp_path / "vigie.db", tmp_path / "files"
    later = datetime(2040, 1, 2, 9, 0, tzinfo=UTC)
    work_out_plan(later)
    if rejected_first:
        batch = proposed(later)
        actions.reject(batch.id, reason="Plus tard", by=gaelle, now=later)
    checkpoint()
    there = database.read_bytes()
    # A canary that was never planted proves nothing; some are only inside sealed values.
    assert len([canary for canary in CANARIES if canary.encode() in there]) >= 12
    run(proposed(later), gaelle, later)
    housekeeping.sweep(later)
    checkpoint()
    left = database.read_bytes() + (tmp_path / "vigie.db-wal").read_bytes()
    assert [canary for canary in CANARIES if canary.encode() in left] == []
    kept = {path.name for path in store.glob("??/*")}
    assert kept == {row.certificate_key for row in all_of(ErasureBatch) if row.certificate_key}


def checkpoint() -> None:
    db.session.remove()
    connection = db.engine.raw_connection()
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def plant(past: Past, make: Maker, gaelle: Actor) -> None:
    """Values in the places that the shared past does not fill."""
    invoice = contracts.create_invoice(
        past.engagement.id, InvoiceDetails("CANARI-FACTURE", date(2021, 3, 1), Decimal(900)),
        buyers=None, by=gaelle, now=FIRST, upload=Upload(PDF, "canari-facture.pdf"),
    )  # fmt: skip
    account_id = new_id()
    make._add(
        BankAccount(
            id=account_id, supplier_id=past.supplier.id, state="approved_twice",
            iban=keyring().seal_text("FR7630006000011234567890189", context="bank_account.iban"),
            iban_index="i" * 64, iban_masked="FR76 •••• 0189", holder="CANARI HOLDER", version=1,
            value_hash="v" * 64, findings=[], submitted_by_kind="supplier",
            submitted_by_name="Alice Kanarienvogel", submitted_at=FIRST, active_from=FIRST,
            last_changed_at=FIRST,
        )
    )  # fmt: skip
    make._add(
        OutboxMessage(
            id=new_id(), message_id="<m@x>", dedupe_key="reminder:canari@alpha.example:1",
            state="sent", kind="reminder", to_address="canari@alpha.example",
            to_name="Alice Kanarienvogel", language="fr", subject="Objet du canari",
            body=b"Kanarienvogel", supplier_id=past.supplier.id, contact_id=past.contact.id,
            created_at=FIRST, not_before=FIRST,
        ),
        ImportBatch(
            id=new_id(), state="done", buyer_id=past.engagement.buyer_id,
            original_name="canari-import.csv", file_key=files.store().put(b"Kanarienvogel;"),
            sha256="s" * 64, mapping={}, report=[{"name": "Kanarienvogel"}], at=FIRST,
        ),
        RightsRequest(
            id=new_id(), number="DP-1", right="access", requester_name="Alice Kanarienvogel",
            requester_email="canari@alpha.example", message="Je suis le canari",
            state="answered", received_at=FIRST, received_on=FIRST.date(), due_on=FIRST.date(),
            answer="Kanarienvogel", closed_at=FIRST, closed_on=FIRST.date(),
        ),
    )  # fmt: skip
    accounts.invite_supplier(past.contact.id, by=gaelle, now=FIRST)
    jobs.run_due(now=FIRST)
    assert invoice.file_key
