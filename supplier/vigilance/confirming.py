"""Which kinds count only once their issuer confirmed them, and by whom they are owed today."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, select

from supplier.documents.kinds import DocumentKind
from supplier.vigilance.catalogue import RULES
from supplier.vigilance.models import Obligation
from supplier.vigilance.states import is_under_duty

#: What the law makes a condition: before the issuer's confirmation the paper covers no day.
MUST_BE_CONFIRMED: frozenset[DocumentKind] = frozenset().union(
    *(rule.issuer_check for rule in RULES.values())
)


def owing(kinds: Collection[DocumentKind], *, today: date) -> Select[uuid.UUID]:
    """The ids of suppliers who owe a paper of these kinds today, as a query for another one."""
    codes = [code.value for code, rule in RULES.items() if set(kinds) & set(rule.kinds)]
    return select(Obligation.supplier_id).where(
        Obligation.requirement.in_(codes), is_under_duty(today)
    )
