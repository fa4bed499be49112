"""What retention and the search box are told of suppliers, their people and import files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.orm import Session

from supplier.kernel import finding, registers
from supplier.kernel.clock import legal_day
from supplier.kernel.finding import REPEATED, Asked, Indexed, first_of, order_of
from supplier.kernel.identifiers import Siren
from supplier.kernel.registers import Erased, Found, Kept, SearchScope
from supplier.parties.models import Contact, Engagement, ImportBatch, Supplier

SEARCH_MIN = 2


def relations_over() -> Subquery:
    """By supplier, the confirmed end of its last relationship; null while one goes on."""
    unfinished = func.count() - func.count(Engagement.end_confirmed_at)
    return (
        select(
            Engagement.supplier_id.label("supplier_id"),
            case((unfinished == 0, func.max(Engagement.ended_on)), else_=None).label("ended_on"),
        )
        .group_by(Engagement.supplier_id)
        .subquery()
    )


def list_contacts(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """A contact who left goes a year later; the others five years after the relationship."""
    over = relations_over()
    rows = session.execute(
        select(Contact.id, Contact.supplier_id, Contact.name, Contact.left_on, over.c.ended_on)
        .outerjoin(over, over.c.supplier_id == Contact.supplier_id)
        .where(Contact.name != "")
        .order_by(Contact.created_at, Contact.id)
    )
    for row in rows:
        left = row.left_on is not None
        yield Kept(
            subject_type="contact", subject_id=row.id, supplier_id=row.supplier_id, buyer_id=None,
            rule="contact_left" if left else "contact",
            starts_on=row.left_on if left else row.ended_on, label=row.name,
        )  # fmt: skip


def erase_contact(session: Session, contact_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    """Make the person unknown; the row stays for what refers to it (calls, mails)."""
    contact = session.get(Contact, contact_id)
    if contact is None or contact.name == "":
        return Erased()
    contact.name, contact.role, contact.phone, contact.email = "", None, None, None
    contact.receives_requests = False
    return Erased(rows=1)


def list_sole_traders(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    """A sole trader is a person: made anonymous five years after the last relationship."""
    over = relations_over()
    rows = session.execute(
        select(Supplier.id, Supplier.name, Supplier.kind, over.c.ended_on)
        .outerjoin(over, over.c.supplier_id == Supplier.id)
        .where(Supplier.anonymised_at.is_(None))
        .order_by(Supplier.created_at, Supplier.id)
    )
    for row in rows:
        person = row.kind == "natural_person"
        yield Kept(
            subject_type="supplier", subject_id=row.id, supplier_id=row.id, buyer_id=None,
            rule="sole_trader" if person else "legal_entity",
            starts_on=row.ended_on, label=row.name,
        )  # fmt: skip


def anonymise(session: Session, supplier_id: uuid.UUID, at: datetime) -> Erased:
    """Take away everything that names a sole trader; the numbers of past years stay."""
    supplier = session.get(Supplier, supplier_id)
    if supplier is None or supplier.anonymised_at is not None:
        return Erased()
    if supplier.kind != "natural_person":
        return Erased()
    supplier.name, supplier.search_text, supplier.anonymised_at = "", "", at
    supplier.siren = supplier.siret = supplier.vat_number = None
    supplier.street = supplier.postcode = supplier.city = None
    return Erased(rows=1)


def list_imports(session: Session, today: date) -> Iterable[Kept]:  # noqa: ARG001
    rows = session.scalars(
        select(ImportBatch).where(ImportBatch.file_key.is_not(None)).order_by(ImportBatch.at)
    )
    for batch in rows:
        yield Kept(
            subject_type="import_batch", subject_id=batch.id, supplier_id=None,
            buyer_id=batch.buyer_id, rule="import_file", starts_on=legal_day(batch.at),
            label=batch.original_name,
        )  # fmt: skip


def erase_import(session: Session, batch_id: uuid.UUID, at: datetime) -> Erased:  # noqa: ARG001
    """Remove the file and the lines of an import; that it happened stays."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None or batch.file_key is None:
        return Erased()
    key, batch.file_key = batch.file_key, None
    batch.report, batch.original_name = [], ""
    return Erased((key,), rows=1)


def find(session: Session, asked: Asked, scope: SearchScope, limit: int) -> Sequence[Found]:
    """Suppliers by name, number or town, and by the name or address of their people."""
    matches = asked.matches("suppliers")
    if matches is None or len(asked.text) < SEARCH_MIN:
        return []
    query = (
        select(Supplier)
        .join(matches, matches.c.subject_id == Supplier.id)
        .where(Supplier.anonymised_at.is_(None))
        .order_by(*order_of(matches))
        .limit(limit * REPEATED)
    )
    if scope.buyer_ids is not None:
        query = query.where(
            Supplier.id.in_(
                select(Engagement.supplier_id).where(Engagement.buyer_id.in_(scope.buyer_ids))
            )
        )
    return [_found(supplier) for supplier in first_of(session.scalars(query), limit)]


def _found(supplier: Supplier) -> Found:
    siren = Siren.try_parse(supplier.siren)
    parts = (siren.spaced if siren else supplier.vat_number, supplier.city)
    return Found(
        group="suppliers",
        title=supplier.name,
        detail=" · ".join(part for part in parts if part),
        endpoint="desk_suppliers.show",
        values={"supplier_id": str(supplier.id)},
    )


def declare() -> None:
    """Tell the registers; a second time changes nothing."""
    registers.keep(registers.Keeper("contact", list_contacts, erase_contact))
    registers.keep(registers.Keeper("supplier", list_sole_traders, anonymise))
    registers.keep(registers.Keeper("import_batch", list_imports, erase_import))
    finding.index(
        Indexed("suppliers", Supplier, ("search_text",), text=lambda row: str(row.search_text))
    )
    finding.index(
        Indexed(
            "suppliers", Contact, ("name", "email"), subject=lambda row: row.supplier_id,
            text=lambda row: f"{row.name} {row.email or ''}",
        )
    )  # fmt: skip
    finding.answer_search("suppliers", find)
