"""Who acts for a supplier, as the supplier itself sees and ends it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from supplier.accounts.models import Invitation, Mandate, User
from supplier.kernel.database import reading
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who acts for the supplier, and since when."""

    mandate_id: uuid.UUID
    user_id: uuid.UUID
    name: str
    email: str
    since: datetime


def list_holders(supplier_id: uuid.UUID) -> list[Holder]:
    """The mandates in force, in order of name."""
    with reading() as session:
        rows = session.execute(
            select(Mandate.id, User.id, User.name, User.email, Mandate.from_at)
            .join(User, User.id == Mandate.user_id)
            .where(Mandate.supplier_id == supplier_id, Mandate.ended_at.is_(None))
            .order_by(User.sort_name, Mandate.id)
        ).all()
    return [Holder(*row) for row in rows]


def list_open_invitations(supplier_id: uuid.UUID, *, now: datetime) -> list[Invitation]:
    """Invitations of this supplier that were neither used nor revoked and still live."""
    with reading() as session:
        return list(
            session.scalars(
                select(Invitation)
                .where(
                    Invitation.supplier_id == supplier_id,
                    Invitation.kind == "supplier",
                    Invitation.used_at.is_(None),
                    Invitation.revoked_at.is_(None),
                    Invitation.expires_at > now,
                )
                .order_by(Invitation.created_at.desc(), Invitation.id)
            )
        )


def get_holder(mandate_id: uuid.UUID, supplier_id: uuid.UUID) -> Holder:
    """A mandate that this supplier gave and that runs. Raises NotFoundError."""
    for holder in list_holders(supplier_id):
        if holder.mandate_id == mandate_id:
            return holder
    raise NotFoundError(N_("This mandate does not exist."))
