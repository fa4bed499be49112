"""Whom a mail reaches at a supplier, and who asks at the group company."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from supplier.accounts.models import Mandate, StaffScope, User
from supplier.accounts.permissions import GRANTS, NEED_TWO, Permission
from supplier.contracts.models import Contract
from supplier.kernel.addresses import mail_address
from supplier.notifications.messages import Asker, Person
from supplier.parties.models import Buyer, Contact, Engagement

#: Somebody who was taken off the contacts so lately still hears of a change of bank details:
#: removing the one who would protest is how the fraud begins.
FORMER_DAYS = 90


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person whom a mail reaches: a contact, a user, or both under one address."""

    person: Person
    contact_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None


def list_recipients(
    session: Session, supplier_ids: Collection[uuid.UUID], *, today: date
) -> Mapping[uuid.UUID, list[Recipient]]:
    """Who receives requests, by supplier: contacts that do, and those who act for it.

    Each address once; addresses that bounced are left out. Two statements.
    """
    contacts = (
        select(Contact)
        .where(
            Contact.supplier_id.in_(supplier_ids),
            Contact.receives_requests,
            Contact.mail_state == "ok",
            Contact.email.is_not(None),
            or_(Contact.left_on.is_(None), Contact.left_on > today),
        )
        .order_by(Contact.sort_name, Contact.id)
    )
    return _joined(session.scalars(contacts), session.execute(_users(supplier_ids)))


def list_known(session: Session, supplier_id: uuid.UUID, *, today: date) -> list[Recipient]:
    """Everybody known at a supplier, former contacts of the last months included.

    Also whose mail came back by a report alone: whoever was forwarded one of our mails can write
    such a report, and silence the one who would protest.
    """
    contacts = (
        select(Contact)
        .where(
            Contact.supplier_id == supplier_id,
            Contact.email.is_not(None),
            or_(Contact.mail_state == "ok", Contact.mail_fault.contains(".")),
            or_(Contact.left_on.is_(None), Contact.left_on > today - timedelta(days=FORMER_DAYS)),
        )
        .order_by(Contact.sort_name, Contact.id)
    )
    users = session.execute(_users([supplier_id]))
    return _joined(session.scalars(contacts), users)[supplier_id]


def _users(supplier_ids: Collection[uuid.UUID]) -> Select[uuid.UUID, User]:
    return (
        select(Mandate.supplier_id, User)
        .join(User, User.id == Mandate.user_id)
        .where(
            Mandate.supplier_id.in_(supplier_ids),
            Mandate.ended_at.is_(None),
            User.locked_at.is_(None),
        )
        .order_by(User.sort_name, User.id)
    )


def _joined(
    contacts: Iterable[Contact], users: Iterable[Any]
) -> defaultdict[uuid.UUID, list[Recipient]]:
    found: defaultdict[uuid.UUID, dict[str, Recipient]] = defaultdict(dict)
    for contact in contacts:
        address = mail_address(contact.email or "")
        if address:
            person = Person(address, contact.name, contact.language)
            found[contact.supplier_id].setdefault(address, Recipient(person, contact.id))
    for supplier_id, user in users:
        address = mail_address(user.email)
        if address is None:
            continue
        known = found[supplier_id].get(address)
        person = Person(address, user.name, user.language)
        found[supplier_id][address] = Recipient(
            person, known.contact_id if known else None, user.id
        )
    result: defaultdict[uuid.UUID, list[Recipient]] = defaultdict(list)
    for supplier_id, people in found.items():
        result[supplier_id] = list(people.values())
    return result


def list_staff(session: Session, permissions: Collection[Permission]) -> list[User]:
    """Members of staff who hold one of these permissions for any company, each once.

    A role that needs a second person counts once that one approved it.
    """
    roles = [role.value for role, granted in GRANTS.items() if granted & set(permissions)]
    holders = select(StaffScope.user_id).where(
        StaffScope.role.in_(roles),
        StaffScope.ended_at.is_(None),
        or_(
            StaffScope.role.not_in([role.value for role in NEED_TWO]),
            StaffScope.approved_by_id.is_not(None),
        ),
    )
    query = select(User).where(User.id.in_(holders), User.locked_at.is_(None))
    return list(session.scalars(query.order_by(User.sort_name, User.id)))


def asker_of(engagement: Engagement | None, buyer: Buyer | None = None) -> Asker:
    """Who asks: the person of the engagement, else of the company."""
    buyer = engagement.buyer if engagement is not None else buyer
    if buyer is None:
        return Asker(company="Vigie")
    name = (engagement.contact_name if engagement else None) or buyer.contact_name
    phone = (engagement.contact_phone if engagement else None) or buyer.contact_phone
    return Asker(buyer.name, name, phone)


def buyer_address(engagement: Engagement) -> str | None:
    """Where the company's contact person is reached, or None."""
    return mail_address(engagement.contact_email or engagement.buyer.contact_email or "")


def find_engagement(
    session: Session, supplier_id: uuid.UUID, *, today: date, buyer_id: uuid.UUID | None = None
) -> Engagement | None:
    """The relationship in force that began last (with one company, where it is named)."""
    query = select(Engagement).where(
        Engagement.supplier_id == supplier_id,
        or_(Engagement.ended_on.is_(None), Engagement.ended_on >= today),
    )
    if buyer_id is not None:
        query = query.where(Engagement.buyer_id == buyer_id)
    return session.scalars(
        query.order_by(Engagement.started_on.desc(), Engagement.id).limit(1)
    ).first()


def find_contract(session: Session, engagement: Engagement | None, *, today: date) -> str | None:
    """Reference and title of the contract under way that was signed last."""
    if engagement is None:
        return None
    row = session.scalars(
        select(Contract)
        .where(
            Contract.engagement_id == engagement.id,
            Contract.erased_at.is_(None),
            or_(Contract.ends_on.is_(None), Contract.ends_on >= today),
        )
        .order_by(Contract.signed_on.desc(), Contract.id)
        .limit(1)
    ).first()
    return f"{row.reference}, {row.title}" if row else None
