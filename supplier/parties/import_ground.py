"""What is known of the suppliers that the lines of an import name."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from supplier.parties.comparing import FIELDS, Known, Person
from supplier.parties.imports import Line
from supplier.parties.models import Contact, Engagement, Supplier
from supplier.parties.queries import is_visible

_CHUNK = 500


def list_known(
    session: Session,
    lines: Sequence[Line],
    *,
    buyer_id: uuid.UUID,
    within: Collection[uuid.UUID] | None,
) -> dict[str, Known]:
    """The suppliers in sight by SIREN and by VAT number, with their relation with one company."""
    keys = sorted({line.key for line in lines} - {""})
    found: dict[str, Known] = {}
    for first in range(0, len(keys), _CHUNK):
        some = keys[first : first + _CHUNK]
        named = or_(Supplier.siren.in_(some), Supplier.vat_number.in_(some))
        query = select(Supplier).where(is_visible(within), named).order_by(Supplier.id)
        rows = list(session.scalars(query))
        people = _people(session, [row.id for row in rows])
        relations, ended = _relations(session, [row.id for row in rows], buyer_id)
        for row in rows:
            known = Known(
                row.id.hex, _values(row), tuple(people[row.id]), relations.get(row.id),
                frozenset(ended[row.id]),
            )  # fmt: skip
            for key in {row.siren, row.vat_number} & set(some):
                found.setdefault(str(key), known)
    return found


def _values(row: Supplier) -> dict[str, str]:
    employs = {True: "yes", False: "no", None: ""}[row.has_employees]
    texts = {key: getattr(row, key) or "" for key in (*FIELDS, "kind", "register")}
    return texts | {"has_employees": employs}


def _people(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Person]]:
    found: dict[uuid.UUID, list[Person]] = defaultdict(list)
    for row in session.scalars(
        select(Contact)
        .where(Contact.supplier_id.in_(ids), Contact.name != "")
        .order_by(Contact.created_at, Contact.id)
    ):
        values = {
            "contact_name": row.name, "contact_email": row.email or "",
            "contact_phone": row.phone or "", "contact_role": row.role or "",
        }  # fmt: skip
        found[row.supplier_id].append(Person(values, has_left=row.left_on is not None))
    return found


def _relations(
    session: Session, ids: Sequence[uuid.UUID], buyer_id: uuid.UUID
) -> tuple[dict[uuid.UUID, dict[str, str]], dict[uuid.UUID, set[str]]]:
    """The relation of each that runs with this company, and the first days of those that ended."""
    rows = session.scalars(
        select(Engagement).where(Engagement.supplier_id.in_(ids), Engagement.buyer_id == buyer_id)
    )
    running: dict[uuid.UUID, dict[str, str]] = {}
    ended: dict[uuid.UUID, set[str]] = defaultdict(set)
    for row in rows:
        day = row.started_on.isoformat()
        if row.ended_on is not None:
            ended[row.supplier_id].add(day)
            continue
        running[row.supplier_id] = {
            "started_on": day, "supplier_reference": row.supplier_reference or "",
        }  # fmt: skip
    return running, ended
