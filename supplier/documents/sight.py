"""Whose papers somebody sees: those that show an account number have readers of their own."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from supplier.documents.kinds import DocumentKind
from supplier.documents.models import Document
from supplier.parties.models import Engagement

Companies = Collection[uuid.UUID] | None


@dataclass(frozen=True, slots=True)
class PaperSight:
    """For which group companies somebody sees papers, and papers of bank details; None means all.

    A RIB shows the whole account number: purchasing reads every paper but this one, a bank
    validator this one and no other.
    """

    papers: Companies
    accounts: Companies

    @property
    def companies(self) -> Companies:
        """The companies of either."""
        if self.papers is None or self.accounts is None:
            return None
        return frozenset(self.papers) | frozenset(self.accounts)

    def within(self, companies: Companies) -> PaperSight:
        """The same, for no other companies than these."""
        return PaperSight(_both(self.papers, companies), _both(self.accounts, companies))


def _both(one: Companies, other: Companies) -> Companies:
    if one is None or other is None:
        return other if one is None else one
    return frozenset(one) & frozenset(other)


#: What the machine, and the tests of rules, see.
EVERYTHING = PaperSight(None, None)
#: Companies alone stand for their papers without those of bank details.
Buyers = PaperSight | Companies


def shows_account(document: Document) -> bool:
    """Whether a paper is one of bank details: read as one, or asked for as one and not known."""
    kind = None if document.kind == DocumentKind.OTHER else document.kind
    return (kind or document.expected_kind) == DocumentKind.BANK_DETAILS


def _shows_account() -> ColumnElement[bool]:
    """The same in SQL, with the files of which one part is such a paper. Never null."""
    part = aliased(Document)
    known = func.nullif(Document.kind, DocumentKind.OTHER.value)
    return or_(
        func.coalesce(known, Document.expected_kind, "") == DocumentKind.BANK_DETAILS.value,
        exists().where(
            part.parent_id == Document.id, part.kind == DocumentKind.BANK_DETAILS.value
        ),
    )  # fmt: skip


def visible_to(buyers: Buyers) -> ColumnElement[bool]:
    """The papers in sight of somebody: of suppliers who work with the companies that they see."""
    sight = buyers if isinstance(buyers, PaperSight) else PaperSight(buyers, frozenset())
    if sight == EVERYTHING:
        return Document.id.is_not(None)
    bank = _shows_account()
    return or_(and_(~bank, _works_for(sight.papers)), and_(bank, _works_for(sight.accounts)))


def _works_for(companies: Companies) -> ColumnElement[bool]:
    if companies is None:
        return Document.id.is_not(None)
    return Document.supplier_id.in_(
        select(Engagement.supplier_id).where(Engagement.buyer_id.in_(companies))
    )
