"""Every table, in one place to import: migrations and commands need them all to be known."""

from __future__ import annotations

from supplier.accounts import models as accounts
from supplier.adapters import queue
from supplier.bank import models as bank
from supplier.contracts import models as contracts
from supplier.documents import models as documents
from supplier.evaluation import models as evaluation
from supplier.kernel import audit, finding
from supplier.notifications import models as notifications
from supplier.parties import models as parties
from supplier.privacy import models as privacy
from supplier.retention import models as retention
from supplier.vigilance import models as vigilance

__all__ = [
    "accounts",
    "audit",
    "bank",
    "contracts",
    "documents",
    "evaluation",
    "finding",
    "notifications",
    "parties",
    "privacy",
    "queue",
    "retention",
    "vigilance",
]
