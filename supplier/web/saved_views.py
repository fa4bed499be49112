"""Lists with their filters, kept under a name by the person who uses them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from flask import request
from sqlalchemy import delete, select

from supplier.kernel.database import new_id, reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.kernel.i18n import N_
from supplier.kernel.words import alphabetical
from supplier.parties.models import SavedView

MOST = 20


def list_views(user_id: uuid.UUID, list_name: str) -> Sequence[SavedView]:
    """The views that a person kept of a list, by name; one statement."""
    with reading() as session:
        found = session.scalars(
            select(SavedView).where(SavedView.user_id == user_id, SavedView.list_name == list_name)
        ).all()
    return sorted(found, key=lambda one: (alphabetical(one.name), str(one.id)))


def keep_view(
    user_id: uuid.UUID, list_name: str, *, name: str, query: str, now: datetime
) -> SavedView:
    """Keep the filters `query` under a name.

    Raises DomainError without a name or beyond twenty, ConflictError when the name is taken.
    """
    if not name:
        raise DomainError(N_("Give the view a name."), field="name")
    with transaction() as session:
        known = session.scalars(
            select(SavedView).where(SavedView.user_id == user_id, SavedView.list_name == list_name)
        ).all()
        if any(one.name.casefold() == name.casefold() for one in known):
            raise ConflictError(N_("You have a view of this name already."), field="name")
        if len(known) >= MOST:
            raise DomainError(N_("Twenty views are enough: remove one first."), field="name")
        row = SavedView(
            id=new_id(), user_id=user_id, list_name=list_name, name=name, query=query[:1000],
            created_at=now,
        )  # fmt: skip
        session.add(row)
    return row


def forget_view(view_id: uuid.UUID, *, user_id: uuid.UUID) -> None:
    """Remove one's own view. Raises NotFoundError for anybody else's."""
    with transaction() as session:
        removed = session.execute(
            delete(SavedView).where(SavedView.id == view_id, SavedView.user_id == user_id)
        )
        if getattr(removed, "rowcount", 0) != 1:
            raise NotFoundError(N_("This view does not exist."))


def present_query(*names: str) -> str:
    """The filters of this request as they are kept: only `names`, empty ones left out, sorted."""
    found = ((name, request.args.get(name, "")) for name in sorted(names))
    return urlencode([(name, value) for name, value in found if value])
