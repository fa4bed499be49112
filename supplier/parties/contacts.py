"""The people of one supplier, as the supplier itself sees them."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supplier.kernel.addresses import mail_address
from supplier.kernel.database import reading
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties.models import Contact


def list_contacts(supplier_id: uuid.UUID) -> list[Contact]:
    """Those who have not left, in order of name."""
    with reading() as session:
        return list(
            session.scalars(
                select(Contact)
                .where(Contact.supplier_id == supplier_id, Contact.left_on.is_(None))
                .order_by(Contact.sort_name, Contact.id)
            )
        )


def get_own_contact(contact_id: uuid.UUID, supplier_id: uuid.UUID) -> Contact:
    """A person of this supplier. Raises NotFoundError for any other, existing or not."""
    with reading() as session:
        found = session.scalars(
            select(Contact).where(
                Contact.id == contact_id,
                Contact.supplier_id == supplier_id,
                Contact.left_on.is_(None),
            )
        ).first()
    if found is None:
        raise NotFoundError(N_("This contact does not exist."))
    return found


def refuse_same_address(session: Session, supplier_id: uuid.UUID, email: str | None) -> None:
    """One person a mail address: it would be written to twice. Raises ConflictError."""
    known = session.scalar(
        select(Contact.name)
        .where(
            Contact.supplier_id == supplier_id, func.lower(Contact.email) == email,
            Contact.left_on.is_(None),
        )
        .limit(1)
    ) if email else None  # fmt: skip
    if known is not None:
        raise ConflictError(
            N_("Somebody with this mail address is on the list already: change that line."),
            field="email",
        )


def reachable(email: str | None, phone: str | None) -> str | None:
    """The one plain address of a contact, in lower case, or None with a telephone number alone.

    Raises DomainError (field `email`): an address that mails could not go to, or neither.
    """
    if not (email or phone):
        raise DomainError(
            N_("Give an e-mail address or a telephone number, so that they can be reached."),
            field="email",
        )
    found = mail_address(email) if email else None
    if email and found is None:
        raise DomainError(
            N_("The e-mail address is not one address: write name@company.fr."), field="email"
        )
    return found
