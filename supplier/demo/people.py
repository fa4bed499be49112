"""Write the demo's companies, people and relations into the database."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from supplier.accounts.hashing import hash_password
from supplier.accounts.models import Mandate, StaffScope, TotpFactor, User
from supplier.accounts.permissions import NEED_TWO
from supplier.accounts.totp import context_of
from supplier.demo.group import BUYERS, STAFF, BuyerKey, StaffFacts
from supplier.demo.suppliers.directory import SUPPLIERS
from supplier.demo.suppliers.facts import ContactFacts, Scenario, SupplierFacts
from supplier.kernel.audit import SYSTEM, Actor, ActorKind
from supplier.kernel.clock import PARIS, add_months
from supplier.kernel.crypto import keyring
from supplier.kernel.database import new_id, transaction
from supplier.parties import actions as parties

#: Printed by `supplier demo`, refused in production: the demo listens on this machine only.
PASSWORD = "phare-de-nuit-2026"  # noqa: S105
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105
#: Something that happens at an instant.
Entry = tuple[datetime, Callable[[], object]]


@dataclass(slots=True)
class Cast:
    """Who exists, by the keys of the tables."""

    buyers: dict[BuyerKey, uuid.UUID] = field(default_factory=dict)
    staff: dict[str, Actor] = field(default_factory=dict)
    suppliers: dict[str, uuid.UUID] = field(default_factory=dict)
    users: dict[str, Actor] = field(default_factory=dict)
    contacts: dict[str, list[uuid.UUID]] = field(default_factory=dict)
    engagements: dict[tuple[str, BuyerKey], uuid.UUID] = field(default_factory=dict)


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of a Paris day."""
    return datetime.combine(day, time(hour, minute), tzinfo=PARIS)


def write_people(*, today: date) -> Cast:
    """Group companies, staff with their roles, suppliers with contacts and relations."""
    cast = Cast()
    founded = at_hour(add_months(today, -110), 9)
    for facts in BUYERS:
        buyer = parties.create_buyer(
            parties.BuyerDetails(
                name=facts.name, short_name=facts.short_name, siren=facts.siren,
                year_end_month=facts.year_end[0], year_end_day=facts.year_end[1],
                address=facts.address.line, contact_name=facts.contact_name,
                contact_email=facts.contact_email, contact_phone=facts.contact_phone,
            ),
            by=SYSTEM, now=founded,
        )  # fmt: skip
        cast.buyers[facts.key] = buyer.id
    _write_staff(cast, founded)
    for supplier in SUPPLIERS:
        _write_supplier(cast, supplier, today=today)
    return cast


def _write_staff(cast: Cast, now: datetime) -> None:
    password = hash_password(PASSWORD)
    with transaction() as session:
        for person in STAFF:
            user_id = _user(
                session, "staff", email=person.email, name=person.name, language="fr", now=now
            )
            session.get_one(User, user_id).password_hash = password
            session.get_one(User, user_id).password_set_at = now
            secret = keyring().seal_text(TOTP_SECRET, context=context_of(user_id))
            session.add(
                TotpFactor(user_id=user_id, secret=secret, confirmed_at=now, created_at=now)
            )
            cast.staff[person.key] = Actor(ActorKind.STAFF, user_id, person.name)
        session.flush()
        for person in STAFF:
            session.add_all(_scopes(cast, person, now))


def _scopes(cast: Cast, person: StaffFacts, now: datetime) -> list[StaffScope]:
    """Roles are granted by one administrator and, where it takes two, approved by the other."""
    granted, approved = cast.staff["erwan.jaffre"].id, cast.staff["nolwenn.prigent"].id
    two = person.role in NEED_TWO
    return [
        StaffScope(
            id=new_id(), user_id=cast.staff[person.key].id, role=person.role.value,
            buyer_id=cast.buyers[key] if key else None, granted_by_id=granted, granted_at=now,
            approved_by_id=approved if two else None, approved_at=now if two else None,
        )
        for key in (person.buyers or (None,))
    ]  # fmt: skip


def _write_supplier(cast: Cast, facts: SupplierFacts, *, today: date) -> None:
    since = at_hour(add_months(today, facts.since) - timedelta(days=20), 9)
    supplier = parties.create_supplier(_details(facts), by=SYSTEM, now=since)
    cast.suppliers[facts.key] = supplier.id
    cast.contacts[facts.key] = [
        parties.add_contact(supplier.id, _contact(one), by=SYSTEM, now=since).id
        for one in facts.contacts
    ]
    for key in facts.buyers:
        engagement = parties.engage(
            supplier.id, cast.buyers[key],
            started_on=add_months(today, min(d.starts for d in facts.deals if d.buyer == key)),
            by=SYSTEM, now=since, supplier_reference=_reference(facts, key),
        )  # fmt: skip
        cast.engagements[facts.key, key] = engagement.id
        if facts.ended is not None:
            ended = add_months(today, facts.ended)
            by = cast.staff["camille.roussel"]
            parties.end_engagement(engagement.id, ended_on=ended, by=by, now=at_hour(ended, 17))
    _write_user(cast, facts, supplier.id, since)


def _write_user(cast: Cast, facts: SupplierFacts, supplier_id: uuid.UUID, now: datetime) -> None:
    """The first contact has an account, unless the supplier was only just invited."""
    first = facts.contacts[0]
    if Scenario.NEW_INVITED in facts.scenarios:
        return
    with transaction() as session:
        user_id = _user(
            session,
            "supplier",
            email=first.email,
            name=first.name,
            language=first.language,
            now=now,
        )
        session.flush()
        session.add(Mandate(id=new_id(), user_id=user_id, supplier_id=supplier_id, from_at=now))
    cast.users[facts.key] = Actor(ActorKind.SUPPLIER, user_id, first.name, supplier_id)


def _user(
    session: Session, kind: str, *, email: str, name: str, language: str, now: datetime
) -> uuid.UUID:  # fmt: skip
    user_id = new_id()
    session.add(
        User(
            id=user_id, kind=kind, email=email, name=name, language=language,
            webauthn_handle=new_id().bytes + new_id().bytes, created_at=now,
        )
    )  # fmt: skip
    return user_id


def _details(facts: SupplierFacts) -> parties.SupplierDetails:
    company = facts.company
    return parties.SupplierDetails(
        name=company.name, kind="natural_person" if facts.is_natural_person else "legal_entity",
        siren=company.siren if company.country == "FR" else None, vat_number=facts.vat_number,
        country=company.country, legal_form=facts.short_form, sector=facts.sector.value,
        register=facts.register, has_employees=facts.headcount > 0,
        employs_foreign_workers=facts.foreign_workers > 0, posts_workers=facts.posts_workers,
        temp_agency=facts.temp_agency, construction=facts.construction,
        agricultural=facts.agricultural, street=company.address.street,
        postcode=company.address.postcode, city=company.address.city, language=facts.language,
    )  # fmt: skip


def _contact(facts: ContactFacts) -> parties.ContactDetails:
    return parties.ContactDetails(
        name=facts.name, email=facts.email, phone=facts.phone, role=facts.role,
        language=facts.language, receives_requests=facts.requests,
    )  # fmt: skip


def _reference(facts: SupplierFacts, key: BuyerKey) -> str:
    return f"F{list(BuyerKey).index(key) + 1}{sum(map(ord, facts.key)) % 10_000:04d}"
