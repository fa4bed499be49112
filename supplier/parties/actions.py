"""What we do with parties: create and change companies, suppliers, contacts, engagements."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplier.adapters import queue
from supplier.kernel.audit import Actor, record
from supplier.kernel.clock import legal_day
from supplier.kernel.database import LOCKED, new_id, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.identifiers import Siren, Siret, VatNumber
from supplier.kernel.versions import check_seen
from supplier.kernel.words import fold
from supplier.parties.comparing import SAME_START
from supplier.parties.contacts import reachable, refuse_same_address
from supplier.parties.ends import check_end
from supplier.parties.known import began_then, refuse_known, runs_already
from supplier.parties.models import Buyer, Contact, Engagement, Supplier
from supplier.parties.numbers import read_number


@dataclass(frozen=True, slots=True)
class SupplierDetails:
    """Everything a person may say of a supplier. Identifiers are checked, None means unknown."""

    name: str
    kind: str = "legal_entity"
    siren: str | None = None
    siret: str | None = None
    vat_number: str | None = None
    country: str = "FR"
    legal_form: str | None = None
    sector: str | None = None
    register: str = "rcs"
    has_employees: bool | None = None
    employs_foreign_workers: bool | None = None
    posts_workers: bool = False
    temp_agency: bool = False
    construction: bool = False
    agricultural: bool = False
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    language: str = "fr"


#: What `change_supplier` changes, and what its version is made of.
SUPPLIER_FIELDS = tuple(item.name for item in fields(SupplierDetails))


@dataclass(frozen=True, slots=True)
class BuyerDetails:
    """A group company. The financial year ends on day `year_end_day` of month `year_end_month`."""

    name: str
    short_name: str
    siren: str
    year_end_month: int = 12
    year_end_day: int = 31
    address: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """A person at a supplier, with at least an address or a number."""

    name: str
    email: str | None = None
    phone: str | None = None
    role: str | None = None
    language: str = "fr"
    receives_requests: bool = True


#: What a version of a group company or of a person is made of; a SIREN never changes.
BUYER_FIELDS = tuple(item.name for item in fields(BuyerDetails) if item.name != "siren")
CONTACT_FIELDS = tuple(item.name for item in fields(ContactDetails))
#: What a supplier answers of its own staff.
ANSWER_FIELDS = ("has_employees", "employs_foreign_workers", "posts_workers")


def create_buyer(details: BuyerDetails, *, by: Actor, now: datetime) -> Buyer:
    """Add a company to the group. Raises DomainError on a wrong or known SIREN."""
    siren = str(read_number(Siren, details.siren, field="siren") or "")
    with transaction() as session:
        if session.scalar(select(Buyer.id).where(Buyer.siren == siren)):
            raise ConflictError(
                N_("A group company with this SIREN exists already."), field="siren"
            )
        values = _values(details) | {"siren": siren}
        buyer = Buyer(id=new_id(), created_at=now, **values)
        session.add(buyer)
        session.flush()
        record(session, "buyer.created", subject=buyer, by=by, at=now)
        return buyer


def change_buyer(
    buyer_id: uuid.UUID, details: BuyerDetails, *, by: Actor, now: datetime,
    seen: str | None = None,
) -> None:  # fmt: skip
    """Change a group company; its SIREN stays.

    `seen` is the version that was shown (of BUYER_FIELDS); raises StaleError on another.
    """
    with transaction() as session:
        buyer = session.get(Buyer, buyer_id, with_for_update=LOCKED)
        if buyer is None:
            raise NotFoundError(N_("This group company does not exist."))
        check_seen(buyer, BUYER_FIELDS, seen)
        changed = _assign(buyer, _values(details), keep={"siren"})
        if changed:
            record(session, "buyer.changed", subject=buyer, by=by, at=now, data={"fields": changed})


def create_supplier(details: SupplierDetails, *, by: Actor, now: datetime) -> Supplier:
    """Add a supplier. Raises InvalidIdentifierError, or ConflictError when it is known already."""
    values = checked(details)
    with transaction() as session:
        refuse_known(session, values, but=None)
        supplier = Supplier(id=new_id(), created_at=now, search_text=search_text(values), **values)
        session.add(supplier)
        session.flush()
        record(session, "supplier.created", subject=supplier, by=by, at=now)
        return supplier


def change_supplier(
    supplier_id: uuid.UUID, details: SupplierDetails, *, by: Actor, now: datetime,
    seen: str | None = None,
) -> None:  # fmt: skip
    """Change what is known of a supplier; what it owes is worked out again.

    `seen` is the version that was shown (of SUPPLIER_FIELDS); raises StaleError on another.
    """
    values = checked(details)
    with transaction() as session:
        supplier = get_supplier(session, supplier_id, lock=True)
        check_seen(supplier, SUPPLIER_FIELDS, seen)
        refuse_known(session, values, but=supplier_id)
        changed = _assign(supplier, values)
        if changed:
            supplier.search_text = search_text(values)
            data = {"fields": changed}
            record(session, "supplier.changed", subject=supplier, by=by, at=now, data=data)
            refresh_later(session, supplier_id, now=now)


def answer_questionnaire(
    supplier_id: uuid.UUID,
    *,
    has_employees: bool,
    employs_foreign_workers: bool,
    posts_workers: bool,
    by: Actor,
    now: datetime,
    seen: str | None = None,
) -> None:
    """What a supplier says of its own staff: it decides what is asked. `seen` as elsewhere."""
    answers = {
        "has_employees": has_employees,
        "employs_foreign_workers": employs_foreign_workers and has_employees,
        "posts_workers": posts_workers,
    }
    with transaction() as session:
        supplier = get_supplier(session, supplier_id, lock=True)
        check_seen(supplier, ANSWER_FIELDS, seen)
        changed = _assign(supplier, answers)
        record(
            session, "supplier.questionnaire_answered", subject=supplier, by=by, at=now,
            data={"fields": changed},
        )  # fmt: skip
        refresh_later(session, supplier_id, now=now)


def add_contact(
    supplier_id: uuid.UUID, details: ContactDetails, *, by: Actor, now: datetime
) -> Contact:
    """Add a person. Raises DomainError if out of reach, ConflictError on an address in use."""
    values = contact_values(details)
    with transaction() as session:
        supplier = get_supplier(session, supplier_id)
        refuse_same_address(session, supplier_id, values["email"])
        contact = Contact(
            id=new_id(), supplier_id=supplier.id, created_at=now, changed_at=now, **values
        )
        session.add(contact)
        session.flush()
        record(session, "contact.added", subject=contact, by=by, at=now)
        return contact


def change_contact(
    contact_id: uuid.UUID,
    details: ContactDetails,
    *,
    by: Actor,
    now: datetime,
    supplier_id: uuid.UUID | None = None,
    seen: str | None = None,
) -> None:
    """Change a person; a new address is taken to work until the mail server says otherwise.

    `seen` is the version that was shown (of CONTACT_FIELDS); raises StaleError on another.
    """
    values = contact_values(details)
    with transaction() as session:
        contact = get_contact(session, contact_id, supplier_id=supplier_id, lock=True)
        check_seen(contact, CONTACT_FIELDS, seen)
        if values["email"] != contact.email:
            refuse_same_address(session, contact.supplier_id, values["email"])
            contact.mail_state, contact.mail_bounced_at, contact.mail_fault = "ok", None, None
        changed = _assign(contact, values)
        if changed:
            contact.changed_at = now
            record(
                session, "contact.changed", subject=contact, by=by, at=now,
                data={"fields": changed},
            )  # fmt: skip


def write_again(contact_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Somebody made sure that the address takes mail again. Raises NotFoundError."""
    with transaction() as session:
        contact = get_contact(session, contact_id, lock=True)
        if contact.mail_state != "ok":
            contact.mail_state, contact.mail_bounced_at, contact.mail_fault = "ok", None, None
            record(session, "contact.written_to_again", subject=contact, by=by, at=now)


def end_contact(
    contact_id: uuid.UUID,
    *,
    by: Actor,
    today: date,
    now: datetime,
    supplier_id: uuid.UUID | None = None,
) -> None:
    """The person has left: nothing is sent to them any more."""
    with transaction() as session:
        contact = get_contact(session, contact_id, supplier_id=supplier_id)
        contact.left_on, contact.receives_requests, contact.changed_at = today, False, now
        record(session, "contact.left", subject=contact, by=by, at=now)


def engage(
    supplier_id: uuid.UUID,
    buyer_id: uuid.UUID,
    *,
    started_on: date,
    by: Actor,
    now: datetime,
    supplier_reference: str | None = None,
    contact_name: str | None = None,
    contact_phone: str | None = None,
    contact_email: str | None = None,
) -> Engagement:
    """Begin the relation of a supplier with a group company; the contact is the buyer's person.

    Raises ConflictError while another one runs, DomainError where one began on that day already.
    """
    with transaction() as session:
        supplier, buyer = get_supplier(session, supplier_id), session.get(Buyer, buyer_id)
        if buyer is None:
            raise NotFoundError(N_("This group company does not exist."))
        if runs_already(session, supplier_id, buyer_id):
            raise ConflictError(N_("This supplier already works with this group company."))
        if began_then(session, supplier_id, buyer_id, started_on):
            raise DomainError(SAME_START, field="started_on")
        engagement = new_engagement(
            supplier.id, buyer, started_on, now, supplier_reference,
            contact_name=contact_name, contact_phone=contact_phone, contact_email=contact_email,
        )  # fmt: skip
        session.add(engagement)
        session.flush()
        record(session, "engagement.started", subject=engagement, by=by, at=now)
        refresh_later(session, supplier_id, now=now)
        return engagement


def new_engagement(
    supplier_id: uuid.UUID,
    buyer: Buyer,
    started_on: date,
    now: datetime,
    supplier_reference: str | None = None,
    **contact: str | None,
) -> Engagement:
    """The row of a relation that begins; what `contact` leaves empty is the buyer's own person."""
    names = ("contact_name", "contact_phone", "contact_email")
    person = {name: contact.get(name) or getattr(buyer, name) for name in names}
    return Engagement(
        id=new_id(), supplier_id=supplier_id, buyer_id=buyer.id, started_on=started_on,
        supplier_reference=supplier_reference or None, created_at=now, **person,
    )  # fmt: skip


def end_engagement(engagement_id: uuid.UUID, *, ended_on: date, by: Actor, now: datetime) -> None:
    """Confirm that a relation ended on a day: its retention clock starts there.

    Raises DomainError on a day that the file contradicts (`check_end`).
    """
    with transaction() as session:
        engagement = get_engagement(session, engagement_id, lock=True)
        check_end(session, engagement, ended_on, today=legal_day(now))
        engagement.ended_on = ended_on
        engagement.end_confirmed_by_id, engagement.end_confirmed_at = by.id, now
        data = {"ended_on": ended_on.isoformat()}
        record(session, "engagement.ended", subject=engagement, by=by, at=now, data=data)
        refresh_later(session, engagement.supplier_id, now=now)


def resume_engagement(engagement_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """The relation goes on after all: its retention clock is cancelled."""
    with transaction() as session:
        engagement = get_engagement(session, engagement_id)
        if engagement.ended_on is None:
            raise ConflictError(N_("This relation has not ended."))
        engagement.ended_on = None
        engagement.end_confirmed_by_id = engagement.end_confirmed_at = None
        record(session, "engagement.resumed", subject=engagement, by=by, at=now)
        refresh_later(session, engagement.supplier_id, now=now)


def get_supplier(session: Session, supplier_id: uuid.UUID, *, lock: bool = False) -> Supplier:
    """Raises NotFoundError."""
    supplier = session.get(Supplier, supplier_id, with_for_update=LOCKED if lock else None)
    if supplier is None:
        raise NotFoundError(N_("This supplier does not exist."))
    return supplier


def get_contact(
    session: Session, contact_id: uuid.UUID, *, supplier_id: uuid.UUID | None = None,
    lock: bool = False,
) -> Contact:  # fmt: skip
    """Raises NotFoundError, also for a contact of another supplier than `supplier_id`."""
    contact = session.get(Contact, contact_id, with_for_update=LOCKED if lock else None)
    if contact is None or supplier_id not in (None, contact.supplier_id):
        raise NotFoundError(N_("This contact does not exist."))
    return contact


def get_engagement(
    session: Session, engagement_id: uuid.UUID, *, lock: bool = False
) -> Engagement:  # fmt: skip
    """Raises NotFoundError."""
    engagement = session.get(Engagement, engagement_id, with_for_update=LOCKED if lock else None)
    if engagement is None:
        raise NotFoundError(N_("This relation does not exist."))
    return engagement


def refresh_later(session: Session, supplier_id: uuid.UUID, *, now: datetime) -> None:
    """Have what the supplier owes worked out again, after this transaction."""
    queue.defer(session, "refresh_obligations", now=now, payload={"supplier_id": str(supplier_id)})


def checked(details: SupplierDetails) -> dict[str, Any]:
    """The columns of a supplier, identifiers parsed and made to agree.

    Raises InvalidIdentifierError or DomainError with the field and what to do.
    """
    values = _values(details)
    siret = read_number(Siret, details.siret, field="siret")
    siren = read_number(Siren, details.siren, field="siren") or (siret.siren if siret else None)
    vat = read_number(VatNumber, details.vat_number, field="vat_number")
    if siret and siren and str(siret)[:9] != str(siren):
        raise DomainError(N_("The SIRET does not begin with the SIREN: check both."), field="siret")
    if details.country == "FR" and siren is None:
        raise DomainError(
            N_("A French supplier has a SIREN: enter its nine digits."), field="siren"
        )
    values["siren"] = str(siren) if siren else None
    values["siret"] = str(siret) if siret else None
    values["vat_number"] = str(vat) if vat else None
    return values


def search_text(values: dict[str, Any]) -> str:
    """What the search box compares with: folded name, identifiers and town."""
    parts = (values.get(key) for key in ("name", "siren", "siret", "vat_number", "city"))
    return fold(" ".join(str(part) for part in parts if part))


def _values(details: Any) -> dict[str, Any]:
    return {item.name: getattr(details, item.name) for item in fields(details)}


def _assign(row: Any, values: dict[str, Any], keep: set[str] | None = None) -> list[str]:
    changed = [
        name
        for name, value in values.items()
        if name not in (keep or ()) and getattr(row, name) != value
    ]
    for name in changed:
        setattr(row, name, values[name])
    return sorted(changed)


def contact_values(details: ContactDetails) -> dict[str, Any]:
    """The columns of a contact. Raises DomainError for somebody out of reach."""
    values = _values(details)
    values["email"] = reachable(details.email, details.phone)
    return values
