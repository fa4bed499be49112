"""The cast at work on bank details: Alice hands in, Émile and Élise validate, Denise purchases."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.adapters.queue import Job
from supplier.bank import actions
from supplier.bank.models import BankAccount, CallBack
from supplier.documents.kept_reading import KeptReading, seal
from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document, Preview
from supplier.documents.previews import keep, write_down
from supplier.documents.reading.result import Reading, Value, Verdict
from supplier.kernel.audit import Event
from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.pages import Box, Source
from supplier.parties.models import Supplier
from tests.make import Maker, actor

IBAN_A = "FR1420041010050500013M02606"
IBAN_B = "FR7630006000011234567890189"
IBAN_C = "DE89370400440532013000"
COOLING = timedelta(hours=48)


class Bank:
    """A supplier with a contact known for a year, and those who decide on its account."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        long_ago = make.clock.at - timedelta(days=400)
        self.buyer = make.buyer()
        self.supplier = make.supplier("Alpha Menuiserie", created_at=long_ago)
        make.engagement(self.supplier, self.buyer, supplier_reference="F0042")
        self.contact = make.contact(
            self.supplier, name="Bernadette Caisse", changed_at=long_ago, created_at=long_ago
        )
        self.alice = make.supplier_user(self.supplier)
        self.emile = make.staff("Émile Contrôle", Role.BANK_VALIDATOR)
        self.elise = make.staff("Élise Trésorerie", Role.BANK_VALIDATOR)
        self.denise = make.staff("Denise Achats", Role.PURCHASING)

    def submit(self, iban: str = IBAN_A, *, by: User | None = None, **values: Any) -> BankAccount:
        supplier: Supplier = values.pop("supplier", self.supplier)
        who = actor(by) if by else actor(self.alice, self.supplier)
        defaults = {"holder": supplier.name, "by": who, "now": self.make.clock.at}
        return actions.submit(supplier_id=supplier.id, iban=iban, **{**defaults, **values})

    def call(self, account: BankAccount, result: str = "confirmed", **values: Any) -> CallBack:
        defaults: dict[str, Any] = {
            "contact_id": self.contact.id, "comment": None, "by": actor(self.emile),
            "now": self.make.clock.at, "buyers": None,
        }  # fmt: skip
        return actions.record_call_back(account.id, result=result, **{**defaults, **values})

    def approve(
        self, account: BankAccount, by: User, iban: str | None = None, **values: Any
    ) -> BankAccount:
        defaults: dict[str, Any] = {
            "seen_hash": account.value_hash, "by": actor(by), "now": self.make.clock.at,
            "buyers": None, "retyped_iban": iban, "cooling_off": COOLING,
        }  # fmt: skip
        return actions.approve(account.id, **{**defaults, **values})

    def validated(self, iban: str = IBAN_A, **values: Any) -> BankAccount:
        account = self.submit(iban, **values)
        self.call(account)
        self.approve(account, self.emile)
        return self.approve(account, self.elise, iban)

    def block(self, account: BankAccount, **values: Any) -> None:
        defaults: dict[str, Any] = {
            "reason": "Not us.", "by": actor(self.emile), "now": self.make.clock.at,
        }  # fmt: skip
        actions.block(account.id, **{**defaults, **values})

    def refuse(self, account: BankAccount, **values: Any) -> None:
        defaults: dict[str, Any] = {
            "reason": "Illegible.", "by": actor(self.emile), "now": self.make.clock.at,
            "buyers": None,
        }  # fmt: skip
        actions.refuse(account.id, **{**defaults, **values})

    def paper(self, iban: str = IBAN_A, *, state: str = "accepted", **values: Any) -> Document:
        """A bank details paper of Alpha, read, with the picture of its page."""
        values.setdefault("supplier_id", self.supplier.id)
        document_id = new_id()
        box = Box(0.2, 0.3, 0.8, 0.34)
        found = Reading(
            kind=DocumentKind.BANK_DETAILS, verdict=Verdict.ACCEPT, reasons=(), pages=1,
            fields={"iban": Value(iban, 1, box, Source.TEXT, 1.0)},
        )  # fmt: skip
        defaults: dict[str, Any] = {
            "kind": "bank_details", "state": state, "origin": "upload",
            "original_name": "RIB.pdf", "media_type": "application/pdf", "size": 1000,
            "sha256": new_id().hex * 2, "file_key": new_id().hex,
            "received_at": self.make.clock.at, "received_by_kind": "supplier", "reasons": [],
            "reading": seal(KeptReading(found), document_id),
        }  # fmt: skip
        with transaction() as session:
            row = Document(id=document_id, **{**defaults, **values})
            session.add(row)
            session.flush()
            write_down(session, document_id, keep([picture()]))
        return row


def picture() -> Any:
    """A small white page as the previews keep it."""
    import io

    from PIL import Image

    from supplier.documents.previews import Picture

    out = io.BytesIO()
    Image.new("L", (60, 85), 255).save(out, "PNG")
    return Picture(1, 60, 85, out.getvalue())


def state_of(account: BankAccount) -> str:
    return row_of(account).state


def row_of(account: BankAccount) -> BankAccount:
    with reading() as session:
        return session.get_one(BankAccount, account.id)


def events(account_id: uuid.UUID | None = None) -> list[str]:
    """The kinds of events of an account (or of all), in order."""
    query = select(Event.kind).where(Event.subject_type == "bank_account").order_by(Event.seq)
    if account_id is not None:
        query = query.where(Event.subject_id == account_id)
    with reading() as session:
        return list(session.scalars(query))


def told() -> list[str]:
    """The kinds of notices that wait to be sent, in order."""
    with reading() as session:
        jobs = session.scalars(select(Job).where(Job.task == "notify").order_by(Job.created_at))
        return [str(job.payload["kind"]) for job in jobs]


__all__ = ["COOLING", "IBAN_A", "IBAN_B", "IBAN_C", "Bank", "Preview", "events", "row_of",
           "state_of", "told"]  # fmt: skip
