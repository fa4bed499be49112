"""Makers of rows with harmless defaults, and the cast of the tests.

Alice and her colleague Bob work at the supplier Alpha; Charlie works at Charlie's, a stranger;
Denise purchases; Émile and Élise validate bank details; Farid keeps accounts; Gaëlle protects
data; Hugo administers; Irène audits.
"""

from __future__ import annotations

import itertools
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from supplier.accounts.models import Mandate, StaffScope, User
from supplier.accounts.permissions import Role, Visitor
from supplier.accounts.sessions import begin, find_visitor
from supplier.contracts.models import Contract
from supplier.kernel.audit import Actor, ActorKind
from supplier.kernel.clock import FixedClock
from supplier.kernel.crypto import new_token
from supplier.kernel.database import new_id, reading, transaction
from supplier.parties.models import Buyer, Contact, Engagement, Supplier
from supplier.privacy import notice
from supplier.privacy.actions import note_seen

_numbers = itertools.count(1)
#: Fictional SIREN that pass the Luhn key.
SIRENS = ("999000102", "999000201", "999000300", "999000409", "999000508", "999000607", "999000706")


def luhn_siren(number: int) -> str:
    """A fictional SIREN that begins with 999 and passes the Luhn key."""
    stem = f"999{number:05d}"
    total = 0
    for place, letter in enumerate(reversed(stem)):
        digit = int(letter) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return stem + str(-total % 10)


class Maker:
    """Each method writes one row (and what it needs) and gives it back, detached."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock

    def _add(self, *rows: Any) -> Any:
        with transaction() as session:
            session.add_all(rows)
        return rows[0]

    def buyer(self, name: str = "Kerlan Bâtiment", **values: Any) -> Buyer:
        number = next(_numbers)
        defaults = {
            "short_name": name.rsplit(maxsplit=1)[-1],
            "siren": luhn_siren(90000 + number),
            "contact_name": "Denise Achats",
            "contact_phone": "02 61 91 04 00",
            "contact_email": "denise@kerlan.example",
            "created_at": self.clock.at,
        }
        buyer: Buyer = self._add(Buyer(id=new_id(), name=name, **{**defaults, **values}))
        return buyer

    def supplier(self, name: str = "Alpha Menuiserie", **values: Any) -> Supplier:
        defaults = {
            "siren": luhn_siren(next(_numbers)),
            "legal_form": "SARL",
            "has_employees": True,
            "search_text": name.lower(),
            "created_at": self.clock.at,
        }
        supplier: Supplier = self._add(Supplier(id=new_id(), name=name, **{**defaults, **values}))
        return supplier

    def contact(self, supplier: Supplier, **values: Any) -> Contact:
        defaults = {
            "name": "Alice Martin",
            "email": f"alice{next(_numbers)}@alpha.example",
            "phone": "02 61 91 08 30",
            "created_at": self.clock.at,
            "changed_at": self.clock.at,
        }
        contact: Contact = self._add(
            Contact(id=new_id(), supplier_id=supplier.id, **{**defaults, **values})
        )
        return contact

    def engagement(self, supplier: Supplier, buyer: Buyer, **values: Any) -> Engagement:
        defaults = {
            "started_on": date(2025, 9, 1),
            "contact_name": buyer.contact_name,
            "contact_phone": buyer.contact_phone,
            "created_at": self.clock.at,
        }
        engagement: Engagement = self._add(
            Engagement(
                id=new_id(), supplier_id=supplier.id, buyer_id=buyer.id, **{**defaults, **values}
            )
        )
        return engagement

    def contract(self, engagement: Engagement, **values: Any) -> Contract:
        defaults = {
            "reference": f"CT-{next(_numbers):04d}",
            "title": "Résidence Les Tilleuls",
            "amount": Decimal("148000.00"),
            "signed_on": date(2025, 9, 1),
            "starts_on": date(2025, 9, 1),
            "ends_on": date(2027, 3, 31),
            "created_at": self.clock.at,
        }
        contract: Contract = self._add(
            Contract(
                id=new_id(),
                engagement_id=engagement.id,
                supplier_id=engagement.supplier_id,
                buyer_id=engagement.buyer_id,
                **{**defaults, **values},
            )
        )
        return contract

    def user(self, name: str, *, kind: str = "staff", **values: Any) -> User:
        number = next(_numbers)
        user_id = new_id()
        defaults = {
            "email": f"{name.split(maxsplit=1)[0].lower()}{number}@kerlan.example",
            "webauthn_handle": user_id.bytes + user_id.bytes,
            "created_at": self.clock.at,
        }
        user: User = self._add(User(id=user_id, kind=kind, name=name, **{**defaults, **values}))
        return user

    def staff(self, name: str, *roles: Role, buyer: Buyer | None = None) -> User:
        """A staff user with roles in force (the validator role is approved)."""
        user = self.user(name)
        other = new_id()
        for role in roles:
            self._add(
                StaffScope(
                    id=new_id(), user_id=user.id, role=role.value,
                    buyer_id=buyer.id if buyer else None, granted_by_id=other,
                    granted_at=self.clock.at, approved_by_id=other, approved_at=self.clock.at,
                )
            )  # fmt: skip
        return user

    def supplier_user(self, supplier: Supplier, name: str = "Alice Martin") -> User:
        user = self.user(name, kind="supplier")
        self.mandate(user, supplier)
        return user

    def mandate(self, user: User, supplier: Supplier) -> Mandate:
        mandate: Mandate = self._add(
            Mandate(id=new_id(), user_id=user.id, supplier_id=supplier.id, from_at=self.clock.at)
        )
        return mandate

    def session_token(self, user_id: uuid.UUID) -> str:
        """A session of that user, proved just now, who has read the privacy notice."""
        with transaction() as session:
            token, _ = begin(
                session, now=self.clock.at, user_id=user_id, method="test",
                proved_at=self.clock.at, address_hash=new_token(), agent="test",
            )  # fmt: skip
        note_seen(user_id, notice.VERSION, now=self.clock.at)
        return token

    def visitor(self, user: User, supplier: Supplier | None = None) -> Visitor:
        with reading() as session:
            found = find_visitor(
                session, user.id, acting_supplier_id=supplier.id if supplier else None
            )
        assert found is not None
        return found


def actor(user: User, supplier: Supplier | None = None) -> Actor:
    return Actor(ActorKind(user.kind), user.id, user.name, supplier.id if supplier else None)
