"""Alpha and its papers, drawn as issuers draw them, and the hands that carry them."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import date

from flask import Flask

from supplier.accounts.models import User
from supplier.demo import dossiers
from supplier.demo.papers.catalogue import draw
from supplier.demo.suppliers.directory import supplier as fictional
from supplier.documents import actions, queries
from supplier.documents.intake import Receipt
from supplier.documents.models import Document
from supplier.documents.queries import PaperFile
from supplier.kernel.audit import Actor
from supplier.kernel.database import reading
from supplier.parties.models import Supplier
from supplier.settings import Settings
from tests.make import Maker, actor, luhn_siren

_strangers = itertools.count(88_000)
LEBRUN = fictional("lebrun")
DAY = date(2026, 10, 12)
TODAY = date(2026, 11, 23)


def urssaf(issued_on: date = DAY) -> bytes:
    return draw(dossiers.social(LEBRUN, issued_on=issued_on))


def kbis(issued_on: date = DAY) -> bytes:
    return draw(dossiers.registration(LEBRUN, issued_on=issued_on))


def tax(issued_on: date = DAY) -> bytes:
    return draw(dossiers.tax(LEBRUN, issued_on=issued_on))


def rib() -> bytes:
    return draw(dossiers.bank_details(LEBRUN, printed_on=DAY))


@dataclass(slots=True)
class Hands:
    """Alice hands in for Alpha; the worker reads; `by` is Alice at Alpha."""

    app: Flask
    make: Maker
    alpha: Supplier
    alice: User
    received: list[uuid.UUID] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        found: Settings = self.app.extensions["vigie_settings"]
        return found

    @property
    def by(self) -> Actor:
        return actor(self.alice, self.alpha)

    def stranger(self, name: str = "Charlie & Cie") -> Supplier:
        """Another supplier; its number is never Alpha's own, which the makers may reach too."""
        return self.make.supplier(name=name, siren=luhn_siren(next(_strangers)))

    def submit(self, data: bytes, name: str = "paper.pdf", expected: str | None = None) -> Receipt:
        return actions.submit(
            data, filename=name, supplier_id=self.alpha.id, by=self.by, now=self.make.clock.at,
            settings=self.settings, expected_kind=expected,
        )  # fmt: skip

    def read(self, document_id: uuid.UUID) -> PaperFile:
        actions.read_document(
            document_id, now=self.make.clock.at, today=TODAY, settings=self.settings
        )
        return self.file(document_id)

    def hand_in(
        self, data: bytes, name: str = "paper.pdf", expected: str | None = None
    ) -> PaperFile:
        return self.read(self.submit(data, name, expected).document_id)

    def file(self, document_id: uuid.UUID) -> PaperFile:
        return queries.get_own_file(document_id, self.alpha.id)

    def row(self, document_id: uuid.UUID) -> Document:
        with reading() as session:
            return session.get_one(Document, document_id)


def alpha_of(app: Flask, make: Maker) -> Hands:
    """Alpha is Lebrun, so that drawn papers bear its name and number."""
    company = LEBRUN.company
    alpha = make.supplier(name=company.name, siren=company.siren)
    return Hands(app, make, alpha, make.supplier_user(alpha, "Alice Martin"))
