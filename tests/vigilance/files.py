"""Rows that vigilance judges, with harmless defaults: a paper with its decision and its check."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from supplier.accounts.models import User
from supplier.bank.models import BankAccount, BankApproval
from supplier.contracts.models import Invoice
from supplier.documents.models import Decision, Document, IssuerCheck
from supplier.kernel.clock import add_months
from supplier.kernel.database import new_id, transaction
from supplier.parties.models import Engagement, Supplier
from supplier.vigilance.rules import check_value, write_rule
from supplier.vigilance.spans import before

BY = new_id()


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def paper(supplier: Supplier, kind: str = "urssaf_vigilance", **values: Any) -> Document:
    """A paper received on `received_on` and dated `issued_on`; nobody has decided yet."""
    issued_on: date = values.pop("issued_on", date(2026, 10, 1))
    received_on: date = values.pop("received_on", issued_on)
    defaults: dict[str, Any] = {
        "state": "in_review",
        "origin": "upload",
        "original_name": f"{kind}.pdf",
        "media_type": "application/pdf",
        "size": 1000,
        "sha256": new_id().hex * 2,
        "file_key": new_id().hex,
        "received_at": at(received_on),
        "received_by_kind": "supplier",
        "reasons": [],
        "issued_on": issued_on,
        "valid_from": issued_on,
        "valid_until": before(add_months(issued_on, 6)),
    }
    with transaction() as session:
        row = Document(id=new_id(), supplier_id=supplier.id, kind=kind, **{**defaults, **values})
        session.add(row)
    return row


def decide(document: Document, outcome: str = "accept", **values: Any) -> Decision:
    """A decision on a paper, at its receipt unless told otherwise."""
    defaults: dict[str, Any] = {
        "reasons": [],
        "by_machine": False,
        "by_id": BY,
        "by_name": "Denise Achats",
        "at": document.received_at,
        "rules_version": "test",
    }
    with transaction() as session:
        row = Decision(
            id=new_id(), document_id=document.id, supplier_id=document.supplier_id,
            outcome=outcome, **{**defaults, **values},
        )  # fmt: skip
        session.add(row)
        known = session.get_one(Document, document.id)
        known.state = {"accept": "accepted", "refuse": "refused"}[outcome]
        known.reasons = row.reasons
    return row


def confirm(document: Document, result: str = "confirmed", **values: Any) -> IssuerCheck:
    """The issuer's answer about a paper."""
    with transaction() as session:
        row = IssuerCheck(
            id=new_id(), document_id=document.id, supplier_id=document.supplier_id,
            result=result, by_id=BY, by_name="Denise Achats",
            **{"at": document.received_at, **values},
        )  # fmt: skip
        session.add(row)
    return row


def accepted(supplier: Supplier, kind: str = "urssaf_vigilance", **values: Any) -> Document:
    """A paper that was accepted on receipt, and confirmed by the issuer.

    Bank details come with the account that they show, verified by two people on that day.
    """
    document = paper(supplier, kind, **values)
    decide(document)
    confirm(document)
    if kind == "bank_details":
        account(supplier, document, approved_at=document.received_at)
    return document


def account(
    supplier: Supplier, document: Document | None = None, *, approved_at: datetime | None = None,
    **values: Any,
) -> BankAccount:  # fmt: skip
    """Bank details handed in with a paper; approved by a second person at an instant, if given."""
    submitted_at = document.received_at if document else approved_at
    defaults: dict[str, Any] = {
        "state": "approved_twice" if approved_at else "submitted", "iban": b"x",
        "iban_index": new_id().hex, "iban_masked": "FR76 •••• •••• •••• 0189", "holder": "Alpha",
        "version": 1, "value_hash": "x", "findings": [], "submitted_by_kind": "supplier",
        "submitted_by_name": "Alice Martin", "submitted_at": submitted_at,
        "last_changed_at": approved_at or submitted_at, "active_from": approved_at,
        "document_id": document.id if document else None,
    }  # fmt: skip
    with transaction() as session:
        row = BankAccount(id=new_id(), supplier_id=supplier.id, **{**defaults, **values})
        session.add(row)
        session.flush()
        if approved_at is not None:
            elise = User(
                id=new_id(), kind="staff", name="Élise Trésorerie", created_at=approved_at,
                email=f"{new_id().hex}@kerlan.example", webauthn_handle=new_id().bytes * 2,
            )  # fmt: skip
            session.add(elise)
            session.flush()
            session.add(
                BankApproval(
                    id=new_id(), account_id=row.id, approver_id=elise.id, position=2,
                    approver_name=elise.name, value_hash="x", at=approved_at,
                )
            )  # fmt: skip
    return row


def invoice(engagement: Engagement, issued_on: date, amount: str, **values: Any) -> Invoice:
    with transaction() as session:
        row = Invoice(
            id=new_id(), engagement_id=engagement.id, supplier_id=engagement.supplier_id,
            buyer_id=engagement.buyer_id, number=new_id().hex[:12], issued_on=issued_on,
            amount=Decimal(amount), created_at=at(issued_on), **values,
        )  # fmt: skip
        session.add(row)
    return row


def set_rule(key: str, value: str, **decided: Any) -> None:
    """A rule decided otherwise, without the rehearsal that comes before it on the page."""
    text = check_value(key, value)
    with transaction() as session:
        write_rule(session, key, text, **decided)
