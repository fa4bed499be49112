"""One paper of each sort, drawn for suppliers of the demo: the examples of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from supplier.demo import dossiers
from supplier.demo.group import BUYERS
from supplier.demo.papers.building import PensionFacts
from supplier.demo.papers.kbis import Mention
from supplier.demo.papers.letters import CoverFacts, DuesFacts
from supplier.demo.papers.sales import Customer, Line, QuoteFacts
from supplier.demo.suppliers.directory import supplier
from supplier.demo.suppliers.facts import SupplierFacts

DAY = date(2026, 10, 12)
TODAY = date(2026, 11, 23)


def papers_of(who: SupplierFacts) -> Iterator[tuple[str, Any]]:
    """Every paper that a supplier would hand in, by a word for it."""
    yield "register", dossiers.registration(who, issued_on=DAY)
    yield "bank", dossiers.bank_details(who, printed_on=DAY)
    yield (
        "invoice",
        dossiers.invoice(
            who, BUYERS[0], number="F2026-00817", issued_on=DAY, title="Situation n° 4",
            net=Decimal("12480.50"), order="BC-26-3071",
        ),
    )  # fmt: skip
    if who.company.country != "FR":
        yield (
            "a1",
            dossiers.posted_worker(
                who, place=0, valid_from=date(2026, 9, 1), valid_until=date(2027, 8, 31)
            ),
        )
        return
    yield "social", dossiers.social(who, issued_on=DAY)
    yield "tax", dossiers.tax(who, issued_on=DAY)
    yield "workers", dossiers.foreign_workers(who, signed_on=DAY)
    if who.construction:
        yield (
            "insurance",
            dossiers.insurance(
                who, valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31),
                issued_on=date(2026, 1, 5),
            ),
        )  # fmt: skip
        yield "paid leave", dossiers.paid_leave(who, issued_on=DAY)


def others() -> Iterator[tuple[str, Any]]:
    """Papers that nobody asked for, and extracts with something to say."""
    lebrun = supplier("lebrun").company
    kerlan = BUYERS[0]
    yield "pension", PensionFacts(lebrun, DAY, date(2026, 9, 30), "Mont-St-Aignan")
    yield "dues", DuesFacts(lebrun, dossiers.URSSAF, DAY, date(2026, 11, 5), Decimal("8412.00"))
    yield "cover letter", CoverFacts(lebrun, kerlan.name, DAY, ("Extrait Kbis", "RIB"))
    customer = Customer(kerlan.name, kerlan.address, kerlan.siren)
    line = Line("Pose de fenêtres", Decimal(12), Decimal("640.00"))
    yield "quote", QuoteFacts(lebrun, customer, "D-2026-118", DAY, (line,))
    yield (
        "struck off",
        dossiers.registration(supplier("lebrun"), issued_on=DAY, struck_off_on=date(2026, 9, 30)),
    )
    yield (
        "liquidation",
        dossiers.registration(supplier("lebrun"), issued_on=DAY, mentions=(LIQUIDATION,)),
    )


LIQUIDATION = Mention(
    3,
    date(2026, 9, 18),
    "Jugement du tribunal de commerce de Vannes prononçant l'ouverture d'une procédure de "
    "liquidation judiciaire",
)
#: A company, a sole trader in a craft and in commerce, a farmer's contractor, foreigners.
KEYS = (
    "lebrun", "guivarch", "hascoet", "cap-ouest", "le-floch", "kerdoncuff", "salaun-conseil",
    "morgat", "guendogan", "dewaele", "dolmont",
)  # fmt: skip
SAMPLES: dict[str, Any] = {
    f"{key}: {word}": facts for key in KEYS for word, facts in papers_of(supplier(key))
} | dict(others())
