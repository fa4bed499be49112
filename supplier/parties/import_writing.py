"""Write the lines of an import: every row is made first, then all are written at once.

Whoever changes something waits for whoever else does, so that a line must cost little: a statement
for hundreds of lines, not many for each.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from supplier.kernel.audit import Actor, Noted, record_all
from supplier.kernel.database import new_id
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.parties import actions
from supplier.parties.comparing import FIELDS, PERSON_COLUMNS
from supplier.parties.imports import Line
from supplier.parties.models import Buyer, Contact, Engagement, Supplier

_CHUNK = 500
_LANGUAGES = {"DE": "de", "AT": "de", "FR": "fr", "BE": "fr", "LU": "fr"}


@dataclass(slots=True)
class _Ground:
    """What the lines name, as it is kept: suppliers by number, relations that run by supplier."""

    buyer: Buyer
    suppliers: dict[str, Supplier] = field(default_factory=dict)
    running: dict[uuid.UUID, Engagement] = field(default_factory=dict)


def write_lines(
    session: Session,
    lines: Sequence[Line],
    buyer_id: uuid.UUID,
    hidden: Collection[uuid.UUID],
    *,
    by: Actor,
    today: date,
    now: datetime,
) -> None:
    """Write lines without errors, judged in this transaction with the journal locked.

    Of the suppliers `hidden` only the relation with the company begins. Raises NotFoundError for an
    unknown group company, DomainError for a line that says what no supplier may be.
    """
    ground, noted = _load(session, lines, buyer_id), list[Noted]()
    with session.no_autoflush:
        for line in lines:
            noted += _write(session, line, ground, hidden, today=today, now=now)
    record_all(session, noted, by=by, at=now)


def _load(session: Session, lines: Sequence[Line], buyer_id: uuid.UUID) -> _Ground:
    buyer = session.get(Buyer, buyer_id)
    if buyer is None:
        raise NotFoundError(N_("This group company does not exist."))
    ground, keys = _Ground(buyer), sorted({line.key for line in lines} - {""})
    for first in range(0, len(keys), _CHUNK):
        some = keys[first : first + _CHUNK]
        query = select(Supplier).where(or_(Supplier.siren.in_(some), Supplier.vat_number.in_(some)))
        found = session.scalars(query.order_by(Supplier.id).with_for_update(key_share=True)).all()
        for row in found:
            # Several may share a VAT number: the first is meant. A SIREN is one supplier's.
            for key in (row.siren, row.vat_number):
                if key:
                    ground.suppliers.setdefault(key, row)
        relations = select(Engagement).where(
            Engagement.supplier_id.in_([row.id for row in found]),
            Engagement.buyer_id == buyer_id,
            Engagement.ended_on.is_(None),
        )
        ground.running |= {row.supplier_id: row for row in session.scalars(relations)}
    return ground


def _write(
    session: Session, line: Line, ground: _Ground, hidden: Collection[uuid.UUID], *, today: date,
    now: datetime,
) -> Iterator[Noted]:  # fmt: skip
    supplier = ground.suppliers.get(line.key)
    is_new = supplier is None
    if supplier is None:
        supplier = _new_supplier(line.values, now)
        session.add(supplier)
        yield Noted("supplier.created", supplier)
    elif supplier.id not in hidden:
        yield from _fill_in(session, supplier, line, now)
    if is_new or any(column in line.filled for column in PERSON_COLUMNS):
        yield from _add_person(session, supplier, line.values, now)
    yield from _begin(session, supplier, ground, line.values, today=today, now=now)


def _new_supplier(values: Mapping[str, str], now: datetime) -> Supplier:
    texts: dict[str, Any] = {key: values.get(key) for key in FIELDS}
    details = actions.SupplierDetails(
        **texts, kind=values["kind"], register=values.get("register") or "rcs",
        has_employees=_employs(values),
    )  # fmt: skip
    columns = actions.checked(details)
    return Supplier(
        id=new_id(), created_at=now, search_text=actions.search_text(columns), **columns
    )


def _employs(values: Mapping[str, str]) -> bool | None:
    return {"yes": True, "no": False}.get(values.get("has_employees", ""))


def _fill_in(session: Session, supplier: Supplier, line: Line, now: datetime) -> Iterator[Noted]:
    """Fill what was empty, as rehearsed; what people wrote stays."""
    filled = [key for key in line.filled if key in (*FIELDS, "kind", "has_employees")]
    for key in filled:
        value = _employs(line.values) if key == "has_employees" else line.values[key]
        setattr(supplier, key, value)
    if filled:
        columns: dict[str, Any] = {key: getattr(supplier, key) for key in FIELDS}
        supplier.search_text = actions.search_text(columns)
        actions.refresh_later(session, supplier.id, now=now)
        yield Noted("supplier.changed", supplier, {"fields": filled})


def _add_person(
    session: Session, supplier: Supplier, values: Mapping[str, str], now: datetime
) -> Iterator[Noted]:
    """Add the person of a line; the rehearsal saw that nobody there has the name or address."""
    email, phone = values.get("contact_email"), values.get("contact_phone")
    if not (email or phone):
        return
    details = actions.ContactDetails(
        name=values.get("contact_name") or supplier.name, email=email, phone=phone,
        role=values.get("contact_role"), language=_LANGUAGES.get(supplier.country, "en"),
    )  # fmt: skip
    contact = Contact(
        id=new_id(), supplier_id=supplier.id, created_at=now, changed_at=now,
        **actions.contact_values(details),
    )  # fmt: skip
    session.add(contact)
    yield Noted("contact.added", contact)


def _begin(
    session: Session, supplier: Supplier, ground: _Ground, values: Mapping[str, str], *,
    today: date, now: datetime,
) -> Iterator[Noted]:  # fmt: skip
    """Begin the relation with the company, or give one that runs its missing reference."""
    reference, day = values.get("supplier_reference"), values.get("started_on")
    running = ground.running.get(supplier.id)
    if running is None:
        begun = actions.new_engagement(
            supplier.id, ground.buyer, date.fromisoformat(day) if day else today, now, reference
        )
        session.add(begun)
        # A second line may mean the same one by another number: out of sight, it is not compared.
        ground.running[supplier.id] = begun
        actions.refresh_later(session, supplier.id, now=now)
        yield Noted("engagement.started", begun)
    elif reference and not running.supplier_reference:
        running.supplier_reference = reference
        yield Noted("engagement.changed", running, {"fields": ["supplier_reference"]})
