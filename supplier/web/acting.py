"""For whom a supplier user acts in this browser, when several suppliers gave them a mandate."""

from __future__ import annotations

import uuid

from sqlalchemy import update

from supplier.accounts.models import WebSession
from supplier.kernel.errors import NotFoundError
from supplier.kernel.i18n import N_
from supplier.web import context
from supplier.web.sessions import own_session, table_session


def act_for(supplier_id: uuid.UUID) -> None:
    """Go on for this supplier. Raises NotFoundError without a mandate from them."""
    row = table_session().row
    held = {held_id for held_id, _ in context.visitor().mandates}
    if row is None or supplier_id not in held:
        raise NotFoundError(N_("This page does not exist."))
    with own_session(write=True) as session:
        session.execute(
            update(WebSession)
            .where(WebSession.token_hash == row.token_hash)
            .values(acting_supplier_id=supplier_id)
        )
