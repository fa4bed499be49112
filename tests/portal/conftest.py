"""What the tests of the portal share: Alpha with Alice signed in, and Charlie elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.documents.models import Document
from supplier.kernel.database import reading
from supplier.parties.models import Buyer
from tests.documents.hands import Hands, alpha_of
from tests.make import Maker
from tests.web.posting import token_of


@dataclass(slots=True)
class Portal:
    """Alice's browser at Alpha, and Charlie's, who must see nothing of hers."""

    hands: Hands
    buyer: Buyer
    alice: FlaskClient
    charlie: FlaskClient

    def upload(self, *files: tuple[Any, str], fragment: bool = False, **fields: str) -> Any:
        token = token_of(self.alice, "/portal/deposit/")
        return self.alice.post(
            "/portal/deposit/",
            data={"csrf_token": token, "files": list(files), **fields},
            content_type="multipart/form-data",
            headers={"X-Fragment": "cards"} if fragment else {},
        )

    def papers(self) -> list[Document]:
        with reading() as session:
            return list(session.scalars(select(Document).order_by(Document.received_at)))

    def read_all(self) -> None:
        for row in self.papers():
            if row.state == "received":
                self.hands.read(row.id)


@pytest.fixture
def portal(app: Flask, make: Maker, browse: Callable[[uuid.UUID], FlaskClient]) -> Portal:
    hands = alpha_of(app, make)
    buyer = make.buyer("Kerlan Bâtiment", contact_name="Karim Benali")
    make.contract(make.engagement(hands.alpha, buyer))
    stranger = hands.stranger()
    charlie = make.supplier_user(stranger, "Charlie Autre")
    return Portal(hands, buyer, browse(hands.alice.id), browse(charlie.id))
