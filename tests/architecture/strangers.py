"""Two group companies that do not know each other, with one of everything on each side."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from werkzeug.routing import Rule

from supplier.accounts.clients import create_api_client
from supplier.accounts.models import Passkey, User
from supplier.accounts.permissions import Role
from supplier.adapters.files import store
from supplier.bank import actions as bank
from supplier.contracts.models import Invoice
from supplier.evaluation import actions as evaluation
from supplier.evaluation.models import Grid, Period, Scorecard
from supplier.evaluation.scoring import DEFAULT_GRID, Source
from supplier.kernel.clock import legal_day
from supplier.kernel.database import Base, new_id, reading, transaction
from supplier.notifications.models import OutboxMessage
from supplier.parties import actions as parties
from supplier.parties.models import Buyer, ImportBatch, SavedView, Supplier
from supplier.privacy import actions as privacy
from supplier.retention.models import ErasureBatch, ErasureItem, LegalHold
from supplier.vigilance import actions as vigilance
from supplier.vigilance.models import Campaign, RuleRehearsal, Waiver
from tests.architecture.matrix import LETTERS
from tests.desk.papers import read_paper
from tests.evaluation.cast import criterion
from tests.make import Maker, actor

IBAN = {
    "own": "FR1420041010050500013M02606", "strange": "FR7630006000011234567890189",
    "third": "DE89370400440532013000",
}  # fmt: skip
#: What stands in an address and names nobody's thing.
PLAIN = {
    "number": "1", "kind": "csv", "day": "2026-11-20", "token": "nobody-was-sent-this-token",
    "key": "validity.kbis", "filename": "nothing.css",
}  # fmt: skip
TABLE = b"name;siren\nDelta;999000706\n"
#: Rows that only say that somebody came by.
TRACES = frozenset({"web_session", "attempt", "notice_seen"})


@dataclass(frozen=True, slots=True)
class World:
    """`people` by letter; ids of things by the name that they have in addresses."""

    people: dict[str, User]
    ids: dict[str, dict[str, uuid.UUID]]

    def own(self, rule: Rule) -> dict[str, Any]:
        return {name: self._id("own", rule, name) for name in rule.arguments}

    def strange(self, rule: Rule) -> list[dict[str, Any]]:
        """Addresses in which everything, or one of several things, is a stranger's."""
        names = [name for name in rule.arguments if name.endswith("_id")]
        mixed = [{**self.own(rule), name: self._id("strange", rule, name)} for name in names]
        whole = {**self.own(rule), **{name: self._id("strange", rule, name) for name in names}}
        return [*mixed, whole] if len(names) > 1 else mixed

    def _id(self, side: str, rule: Rule, name: str) -> Any:
        if not name.endswith("_id"):
            return PLAIN[name]
        room = rule.endpoint.split(".")[0]
        found = self.ids[side]
        return found.get(f"{room}.{name}", found.get(name, new_id()))


def address(rule: Rule, values: dict[str, Any] | None = None) -> str:
    """The path of a rule; ids that are not given are nobody's."""
    given = values or {
        name: new_id() if name.endswith("_id") else PLAIN[name] for name in rule.arguments
    }
    built = rule.build(given)
    assert built is not None, rule
    return built[1]


def changed_rows(*, without: Collection[str] = ()) -> dict[str, int]:
    """How many rows each table holds; visits themselves are left out."""
    with reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name not in TRACES | set(without)
        }


def make_world(make: Maker) -> World:
    """Staff for the first company only (an administrator acts for all), Alice at its supplier."""
    ours, theirs = make.buyer("Kerlan Bâtiment"), make.buyer("Armor Strange")
    people = {
        letter: make.staff(
            f"Somebody {letter}", role, buyer=None if role is Role.ADMINISTRATOR else ours
        )
        for letter, role in LETTERS.items()
    }
    alpha = make.supplier("Alpha Menuiserie")
    charlie = make.supplier("Charlie Stranger")
    people["S"] = make.supplier_user(alpha)
    stranger = make.supplier_user(charlie, "Charlie Stranger")
    purchaser = make.staff("Strange Achats", Role.PURCHASING, buyer=theirs)
    ids = {
        "own": _side(make, "own", ours, alpha, people["P"], people["S"]),
        "strange": _side(make, "strange", theirs, charlie, purchaser, stranger),
    }
    _shared(make, theirs, alpha, purchaser)
    return World(people, ids)


def _shared(make: Maker, theirs: Buyer, alpha: Supplier, purchaser: User) -> None:
    """Alpha works for the other company as well: what those two have is theirs alone."""
    now, by = make.clock.at, actor(purchaser)
    engagement = parties.engage(
        alpha.id, theirs.id, started_on=date(2025, 9, 1), by=by, now=now,
        supplier_reference="F-strange-too",
    )  # fmt: skip
    make.contract(engagement, reference="CT-strange", title="Strange works")
    bank.submit(
        supplier_id=alpha.id, iban=IBAN["third"], holder="Strange Holder", buyer_id=theirs.id,
        by=by, now=now,
    )  # fmt: skip
    waiver = vigilance.waive(
        engagement.id, "registration", from_on=legal_day(now), until_on=date(2026, 12, 31),
        reason="Strange reason", buyers=None, by=by, now=now,
    )  # fmt: skip
    vigilance.revoke_waiver(waiver, reason="Strange end", buyers=None, by=by, now=now)
    with transaction() as session:
        session.add(_invoice(make, engagement, alpha, theirs))
        grid = session.scalars(select(Grid).where(Grid.buyer_id == theirs.id)).one()
        period = session.scalars(select(Period).where(Period.grid_id == grid.id)).one()
        session.add(
            Scorecard(
                id=new_id(), period_id=period.id, supplier_id=alpha.id, score=13, grade="E",
                evidence=[], computed_at=now,
            )
        )  # fmt: skip
    manual = next(one.code for one in DEFAULT_GRID if one.source is Source.MANUAL)
    evaluation.rate(
        period.id, supplier_id=alpha.id, criterion_id=criterion(period, manual).id, mark=13,
        comment="Strange mark", by=by, now=now,
    )  # fmt: skip


def _side(
    make: Maker, side: str, buyer: Buyer, supplier: Supplier, staff: User, person: User
) -> dict[str, uuid.UUID]:
    now, by = make.clock.at, actor(staff)
    engagement = make.engagement(supplier, buyer, supplier_reference=f"F-{side}")
    contract = make.contract(engagement)
    document = read_paper(supplier, original_name=f"{side}-canary.pdf")
    contact = make.contact(supplier, created_at=now - timedelta(days=400))
    account = bank.submit(
        supplier_id=supplier.id, iban=IBAN[side], holder=supplier.name, buyer_id=buyer.id,
        by=actor(person, supplier), now=now,
    )  # fmt: skip
    grid = evaluation.create_grid(
        f"Grid {side}", criteria=DEFAULT_GRID, by=by, now=now, buyer_id=buyer.id
    )
    period = evaluation.open_period(
        grid.id, label=f"T3 {side}", starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30), by=by,
        now=now,
    )  # fmt: skip
    manual = next(one.code for one in DEFAULT_GRID if one.source is Source.MANUAL)
    request = privacy.file_request(
        "access", f"What do you hold of me, {side}?", user_id=person.id, supplier_id=supplier.id,
        by=actor(person, supplier), now=now,
    )  # fmt: skip
    key, _ = create_api_client(
        f"Program {side}", scopes=["bank:read"], buyer_id=buyer.id, by=by, now=now
    )
    rows = _rows(make, side, buyer, supplier, staff, person)
    with transaction() as session:
        session.add_all(rows.values())
        session.flush()
        session.add(_item(rows["desk_retention.batch_id"].id, supplier, buyer, document.id))
        session.add(_invoice(make, engagement, supplier, buyer))
    with reading() as session:
        invoice = session.scalars(select(Invoice).where(Invoice.buyer_id == buyer.id)).one()
    return {
        "engagement_id": engagement.id, "contract_id": contract.id, "document_id": document.id,
        "contact_id": contact.id, "account_id": account.id, "grid_id": grid.id,
        "period_id": period.id, "criterion_id": criterion(period, manual).id,
        "request_id": request.id, "invoice_id": invoice.id, "supplier_id": supplier.id,
        "buyer_id": buyer.id, "client_id": key.id, "user_id": person.id,
        "mandate_id": make.visitor(person).mandates and _mandate(person),
        **{name: row.id for name, row in rows.items()},
    }  # fmt: skip


def _mandate(person: User) -> uuid.UUID:
    from supplier.accounts.models import Mandate

    with reading() as session:
        return session.scalars(select(Mandate.id).where(Mandate.user_id == person.id)).one()


def _rows(
    make: Maker, side: str, buyer: Buyer, supplier: Supplier, staff: User, person: User
) -> dict[str, Any]:
    """What has no action of its own that a test could call in one line."""
    now = make.clock.at
    engagement = make.engagement(supplier, buyer, started_on=date(2024, 1, 1),
                                 ended_on=date(2024, 12, 31))  # fmt: skip
    return {
        "waiver_id": Waiver(
            id=new_id(), engagement_id=engagement.id, supplier_id=supplier.id, requirement="kbis",
            from_on=date(2026, 1, 1), until_on=date(2026, 12, 31), reason=f"Waived {side}",
            by_id=staff.id, by_name=staff.name, at=now,
        ),
        "campaign_id": Campaign(
            id=new_id(), state="rehearsed", buyer_id=buyer.id, name=f"Campaign {side}", report=[],
            by_id=staff.id, at=now,
        ),
        "desk_imports.batch_id": ImportBatch(
            id=new_id(), state="rehearsed", buyer_id=buyer.id, original_name=f"{side}.csv",
            file_key=store().put(TABLE), sha256=hashlib.sha256(TABLE).hexdigest(),
            mapping={"headings": ["name", "siren"], "columns": {"name": 0, "siren": 1}},
            report=[], by_id=staff.id, at=now,
        ),
        "rehearsal_id": RuleRehearsal(
            id=new_id(), key="vigilance.warn_days", value="30", buyer_id=buyer.id, day=now.date(),
            at=now, total=0, before={}, after={}, turns=[], finished_at=now,
        ),
        "view_id": SavedView(
            id=new_id(), user_id=staff.id, list_name="suppliers", name=f"View {side}",
            query="standing=gap", created_at=now,
        ),
        "mail_id": OutboxMessage(
            id=new_id(), message_id=f"{side}@vigie", dedupe_key=side, kind="reminder",
            to_address=f"{side}@alpha.example", to_name=side, language="fr",
            subject=f"Mail {side}", body=b"", supplier_id=supplier.id, created_at=now,
            not_before=now, state="failed",
        ),
        "hold_id": LegalHold(
            id=new_id(), supplier_id=supplier.id, reason=f"Dispute {side}", by_id=staff.id,
            by_name=staff.name, at=now,
        ),
        "desk_retention.batch_id": ErasureBatch(
            id=new_id(), state="proposed", day=now.date(), proposed_at=now,
        ),
        "passkey_id": Passkey(
            id=new_id(), user_id=person.id, credential_id=side.encode(), public_key=b"",
            transports=[], name=side, created_at=now,
        ),
    }  # fmt: skip


def _item(
    batch_id: uuid.UUID, supplier: Supplier, buyer: Buyer, document_id: uuid.UUID
) -> ErasureItem:
    return ErasureItem(
        id=new_id(), batch_id=batch_id, subject_type="document", subject_id=document_id,
        supplier_id=supplier.id, buyer_id=buyer.id, rule="vigilance_paper",
        starts_on=date(2020, 1, 1), first_erasable_on=date(2025, 1, 2), label="Old paper",
    )  # fmt: skip


def _invoice(make: Maker, engagement: Any, supplier: Supplier, buyer: Buyer) -> Invoice:
    return Invoice(
        id=new_id(), engagement_id=engagement.id, supplier_id=supplier.id, buyer_id=buyer.id,
        number=f"FA-{buyer.short_name}", issued_on=date(2026, 10, 1), amount=Decimal("1200.00"),
        created_at=make.clock.at,
    )  # fmt: skip
