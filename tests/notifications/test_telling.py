"""What is told when something happened: accounts, decisions, bank details, rights requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from supplier.accounts.actions import invite_supplier
from supplier.accounts.models import StaffScope
from supplier.accounts.permissions import Role
from supplier.adapters.queue import Job
from supplier.bank.models import BankAccount
from supplier.documents import actions as documents
from supplier.documents.kinds import ReasonCode
from supplier.documents.models import AcceptancePolicy
from supplier.documents.states import Outcome
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import new_id, reading, transaction
from supplier.notifications import outbox
from supplier.notifications.models import OutboxMessage
from supplier.notifications.tasks import account_mail, notify, tell_decisions
from supplier.parties.models import Contact, Supplier
from supplier.privacy.models import RightsRequest
from tests.make import Maker, actor
from tests.notifications.mailbox import Mailbox, open_mailbox
from tests.vigilance.files import paper


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    with open_mailbox() as box:
        yield box


@pytest.fixture
def alpha(make: Maker) -> Supplier:
    supplier = make.supplier("Alpha Menuiserie")
    make.contract(make.engagement(supplier, make.buyer()), reference="CT-2025-0118")
    make.contact(supplier, email="alice@alpha.example")
    return supplier


def kinds() -> list[str]:
    with reading() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at))
        return [row.kind for row in rows]


def job(task: str) -> dict[str, object]:
    with reading() as session:
        return session.scalars(select(Job).where(Job.task == task)).one().payload


def text(mailbox: Mailbox, number: int = 0) -> str:
    body = mailbox.mails[number].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_an_invitation_names_asker_contract_papers_and_its_link_opens(
    mailbox: Mailbox, alpha: Supplier, make: Maker, clock: FixedClock, app: Flask
) -> None:
    denise = actor(make.staff("Denise Achats"))
    with reading() as session:
        contact = session.scalars(select(Contact)).one()
    invite_supplier(contact.id, by=denise, now=clock.at)
    account_mail(job("account_mail"), clock.at)
    account_mail(job("account_mail"), clock.at)  # a second run sends nothing twice
    (mail,) = mailbox.mails
    said = text(mailbox)
    for fact in ("Denise Achats", "Kerlan Bâtiment", "CT-2025-0118", "02 61 91 04 00"):
        assert fact in said
    assert "pièces" in mail["Subject"]
    link = re.search(r"http://localhost(/link/\S+)", said)
    assert link is not None
    assert app.test_client().get(link[1]).status_code == 200


def test_a_link_that_was_replaced_is_not_sent_any_more(
    mailbox: Mailbox, alpha: Supplier, make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    with reading() as session:
        contact = session.scalars(select(Contact)).one()
    invite_supplier(contact.id, by=denise, now=clock.at)
    first = job("account_mail")
    invite_supplier(contact.id, by=denise, now=clock.at + timedelta(minutes=1))
    account_mail(first, clock.at + timedelta(minutes=2))
    assert mailbox.mails == []


@pytest.mark.parametrize("kind", ["credential_changed", "address_changed", "new_sign_in"])
def test_people_hear_of_what_happened_to_their_account(
    mailbox: Mailbox, make: Maker, clock: FixedClock, kind: str
) -> None:
    user = make.user("Alice Martin", kind="supplier")
    payload = {
        "kind": kind, "user_id": str(user.id), "address": "old@alpha.example",
        "name": user.name, "language": "fr", "invitation_id": None, "token_sealed": None,
        "supplier_id": None, "engagement_id": None,
    }  # fmt: skip
    account_mail(payload, clock.at)
    assert mailbox.recipients == [["old@alpha.example"]]
    assert "23 novembre 2026, 10:00" in text(mailbox)


def test_refusals_wait_for_quiet_and_go_into_one_mail(
    mailbox: Mailbox, alpha: Supplier, make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    for kind in ("kbis", "urssaf_vigilance"):
        documents.refuse(
            paper(alpha, kind).id, reasons=[ReasonCode.TOO_OLD], by=denise, now=clock.at,
            comment="Datée de mai.",
        )  # fmt: skip
    assert tell_decisions(clock.at + timedelta(minutes=5))["refusals"] == 0
    clock.at += timedelta(minutes=21)
    notify({"kind": "document_refused"}, clock.at)
    assert tell_decisions(clock.at + timedelta(minutes=1))["refusals"] == 0
    (mail,) = mailbox.mails
    assert mail["Subject"] == "2 pièces sont à redonner"
    assert "Datée de mai." in text(mailbox)
    assert "02 61 91 04 00" in text(mailbox)


def test_a_paper_without_a_kind_is_named_by_the_requirement_it_was_for(
    mailbox: Mailbox, alpha: Supplier, make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    for kind, wanted in (("other", "financial_guarantee"), (None, "posting_declaration")):
        found = paper(alpha, kind, expected_kind=wanted)  # type: ignore[arg-type]
        documents.refuse(found.id, reasons=[ReasonCode.TOO_OLD], by=denise, now=clock.at)
    clock.at += timedelta(minutes=21)
    tell_decisions(clock.at)
    outbox.deliver(clock.at)
    said = text(mailbox)
    assert "Garantie financière" in said
    assert "Déclaration de détachement (SIPSI)" in said
    assert "Autre pièce" not in said
    assert "non reconnue" not in said


def test_validators_hear_when_the_policy_of_bank_papers_tightens(
    mailbox: Mailbox, make: Maker, clock: FixedClock
) -> None:
    claire = make.staff("Claire Banque", Role.BANK_VALIDATOR)
    hugo = make.staff("Hugo Admin", Role.ADMINISTRATOR)
    make.staff("Denise Achats", Role.PURCHASING)
    nobody_yet = make.staff("Nora Banque", Role.BANK_VALIDATOR)
    with transaction() as session:
        scopes = select(StaffScope).where(StaffScope.user_id == nobody_yet.id)
        session.scalars(scopes).one().approved_by_id = None
        line = AcceptancePolicy(
            id=new_id(), kind="bank_details", level="all", read=9, wrong=2, by_name="Vigie",
            at=clock.at,
        )  # fmt: skip
        session.add(line)
    for _ in range(2):
        notify({"kind": "policy_tightened", "policy_id": str(line.id)}, clock.at)
    said = {mailbox.recipients[one][0]: text(mailbox, one) for one in range(len(mailbox.mails))}
    assert set(said) == {claire.email, hugo.email}
    assert len(mailbox.mails) == 2
    # Each where they may go: a validator has no page of measured errors.
    assert "/desk/review/" in said[claire.email]
    assert "/desk/quality/" in said[hugo.email]


def test_a_refusal_that_no_longer_stands_is_not_told(
    mailbox: Mailbox, alpha: Supplier, make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    document = paper(alpha, "kbis")
    documents.refuse(document.id, reasons=[ReasonCode.TOO_OLD], by=denise, now=clock.at)
    documents.revoke(document.id, reason="Erreur", by=denise, now=clock.at)
    assert tell_decisions(clock.at + timedelta(hours=1))["refusals"] == 0


def test_a_new_refusal_after_the_mail_makes_a_new_mail(
    mailbox: Mailbox, alpha: Supplier, make: Maker, clock: FixedClock
) -> None:
    denise = actor(make.staff("Denise Achats"))
    for kind in ("kbis", "urssaf_vigilance"):
        documents.refuse(
            paper(alpha, kind).id, reasons=[ReasonCode.TOO_OLD], by=denise, now=clock.at
        )
        clock.at += timedelta(hours=1)
        assert tell_decisions(clock.at)["refusals"] == 1
    assert kinds() == ["document_refused"] * 2


@pytest.mark.parametrize(
    ("outcome", "subject"),
    [(Outcome.ACCEPT, "Vous aviez raison"), (Outcome.REFUSE, "le refus est maintenu")],
)
def test_whoever_contests_gets_the_answer_of_somebody_else(
    mailbox: Mailbox,
    alpha: Supplier,
    make: Maker,
    clock: FixedClock,
    outcome: Outcome,
    subject: str,
) -> None:
    denise, other = actor(make.staff("Denise Achats")), actor(make.staff("Benoît Achats"))
    alice = actor(make.supplier_user(alpha), alpha)
    document = paper(alpha, "kbis")
    documents.refuse(document.id, reasons=[ReasonCode.TOO_OLD], by=denise, now=clock.at)
    documents.contest(document.id, supplier_id=alpha.id, by=alice, now=clock.at)
    documents.answer_contest(
        document.id, outcome=outcome, comment="Trois mois jour pour jour.", by=other, now=clock.at
    )
    notify({"kind": "contest_answered", "document_id": str(document.id)}, clock.at)
    notify({"kind": "contest_answered", "document_id": str(document.id)}, clock.at)
    assert len(mailbox.mails) == 2  # Alice the contact and Alice the user
    assert subject in mailbox.mails[0]["Subject"]
    assert "Trois mois jour pour jour." in text(mailbox)
    later = clock.at + timedelta(hours=1)
    assert tell_decisions(later) == {"refusals": 0, "answers": 0}


def account(supplier: Supplier, at: datetime) -> BankAccount:
    with transaction() as session:
        row = BankAccount(
            id=new_id(), supplier_id=supplier.id, state="submitted", iban=b"x", iban_index="x",
            iban_masked="FR76 •••• •••• •••• 0189", holder="Alpha", version=1, value_hash="x",
            findings=[], submitted_by_kind="supplier", submitted_by_name="Alice Martin",
            submitted_at=at, last_changed_at=at,
        )  # fmt: skip
        session.add(row)
    return row


@pytest.mark.parametrize(
    "kind", ["bank_submitted", "bank_approved", "bank_refused", "bank_blocked"]
)
def test_everybody_known_hears_of_bank_details_even_who_was_taken_off_lately(
    mailbox: Mailbox, alpha: Supplier, make: Maker, clock: FixedClock, kind: str
) -> None:
    make.contact(alpha, email="paul@alpha.example", left_on=date(2026, 11, 20))
    make.contact(alpha, email="old@alpha.example", left_on=date(2026, 1, 1))
    make.contact(alpha, email="bank@alpha.example", receives_requests=False)
    row = account(alpha, clock.at)
    payload = {"kind": kind, "account_id": str(row.id), "supplier_id": str(alpha.id)}
    notify(payload, clock.at)
    notify(payload, clock.at)
    told = sorted(found[0] for found in mailbox.recipients)
    assert told == ["alice@alpha.example", "bank@alpha.example", "paul@alpha.example"]
    assert "0189" in text(mailbox)
    assert "FR76" not in text(mailbox)
    assert "02 61 91 04 00" in text(mailbox)


def test_a_request_about_personal_data_is_confirmed_with_its_day(
    mailbox: Mailbox, app: Flask, clock: FixedClock
) -> None:
    with transaction() as session:
        row = RightsRequest(
            id=new_id(), number="D-2026-0007", right="access", requester_name="Paul",
            requester_email="paul@alpha.example", message="?", state="open",
            received_at=clock.at, received_on=date(2026, 11, 23), due_on=date(2026, 12, 23),
        )  # fmt: skip
        session.add(row)
    notify({"kind": "rights_received", "request_id": str(row.id)}, clock.at)
    assert mailbox.recipients == [["paul@alpha.example"]]
    assert "23 décembre 2026" in text(mailbox)


def test_an_unknown_kind_is_an_error_not_a_silence(app: Flask) -> None:
    with pytest.raises(ValueError, match="nothing is told"):
        notify({"kind": "weather"}, datetime(2026, 11, 23, tzinfo=UTC))
