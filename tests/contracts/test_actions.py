"""Recording the work itself: contracts, amendments, orders, invoices, payments."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from supplier.accounts.permissions import Role
from supplier.adapters import files
from supplier.adapters.intake import RefusedFileError
from supplier.adapters.queue import Job
from supplier.contracts import actions, queries
from supplier.contracts.details import (
    AmendmentDetails,
    ContractDetails,
    InvoiceDetails,
    OrderDetails,
)
from supplier.contracts.files import Upload
from supplier.contracts.handing_out import hand_out_contract, hand_out_invoice
from supplier.contracts.models import Contract, Invoice
from supplier.kernel.audit import Actor, Event
from supplier.kernel.database import reading
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.parties.models import Engagement
from supplier.vigilance.crossings import crossing_of
from tests.make import Maker, actor

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
DETAILS = ContractDetails(
    reference="CT-1",
    title="Charpente du hangar",
    signed_on=date(2026, 3, 2),
    starts_on=date(2026, 3, 9),
    amount=Decimal("4200.00"),
)
INVOICE = InvoiceDetails(number="F-1", issued_on=date(2026, 6, 30), amount=Decimal(5000))


@pytest.fixture
def denise(make: Maker) -> Actor:
    return actor(make.staff("Denise Achats", Role.PURCHASING))


@pytest.fixture
def engagement(make: Maker) -> Engagement:
    return make.engagement(make.supplier(), make.buyer())


def events(kind: str) -> list[Event]:
    with reading() as session:
        return list(session.scalars(select(Event).where(Event.kind == kind)))


def contract(make: Maker, engagement: Engagement, by: Actor, **values: object) -> Contract:
    details = replace(DETAILS, **values)  # type: ignore[arg-type]
    return actions.create_contract(engagement.id, details, buyers=None, by=by, now=make.clock.at)


def test_a_contract_is_kept_with_its_file_its_event_and_the_job_that_follows(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    row = actions.create_contract(
        engagement.id, DETAILS, buyers=None, by=denise, now=make.clock.at,
        upload=Upload(PDF, "../contrat signé.pdf"),
    )  # fmt: skip
    assert (row.supplier_id, row.buyer_id) == (engagement.supplier_id, engagement.buyer_id)
    assert row.original_name == "contrat signé.pdf"
    (event,) = events("contract.created")
    assert event.data == {"sha256": row.sha256}
    with reading() as session:
        (job,) = session.scalars(select(Job).where(Job.task == "refresh_obligations"))
    assert job.payload == {"supplier_id": str(engagement.supplier_id)}
    data, name = hand_out_contract(row.id, buyers=None, by=denise, now=make.clock.at)
    assert (data, name) == (PDF, "contrat signé.pdf")
    assert len(events("contract.downloaded")) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": None}, "amount"),
        ({"amount": Decimal(0)}, "amount"),
        ({"kind": "framework"}, "amount"),
        ({"ends_on": date(2026, 3, 8)}, "ends_on"),
        ({"renews_on": date(2027, 3, 9)}, "renews_months"),
        ({"renews_on": date(2027, 3, 9), "renews_months": 0}, "renews_months"),
        ({"renews_on": date(2027, 3, 9), "renews_months": 121}, "renews_months"),
        ({"renews_months": 12}, "renews_on"),
        ({"renews_months": 12, "renews_on": date(2026, 3, 9)}, "renews_on"),
        (
            {"renews_months": 12, "renews_on": date(2027, 3, 9), "ends_on": date(2027, 3, 8)},
            "renews_on",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(
    make: Maker, engagement: Engagement, denise: Actor, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        contract(make, engagement, denise, **wrong)
    assert refused.value.field == field
    assert events("contract.created") == []


def test_a_known_reference_is_refused_and_leaves_no_file_behind(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    contract(make, engagement, denise)
    before = list(files.store().keys())
    with pytest.raises(DomainError) as refused:
        actions.create_contract(
            engagement.id, DETAILS, buyers=None, by=denise, now=make.clock.at,
            upload=Upload(PDF, "a.pdf"),
        )  # fmt: skip
    assert refused.value.field == "reference"
    assert list(files.store().keys()) == before


def test_a_file_that_is_not_a_paper_is_refused_from_its_bytes(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    with pytest.raises(RefusedFileError):
        actions.create_contract(
            engagement.id, DETAILS, buyers=None, by=denise, now=make.clock.at,
            upload=Upload(b"MZ program", "contract.pdf"),
        )  # fmt: skip
    assert list(files.store().keys()) == []


def test_a_kept_file_is_never_replaced(make: Maker, engagement: Engagement, denise: Actor) -> None:
    row = contract(make, engagement, denise)
    actions.attach_contract_file(
        row.id, Upload(PDF, "a.pdf"), buyers=None, by=denise, now=make.clock.at
    )
    with pytest.raises(ConflictError):
        actions.attach_contract_file(
            row.id, Upload(PDF + b"%", "b.pdf"), buyers=None, by=denise, now=make.clock.at
        )
    assert len(list(files.store().keys())) == 1


def test_a_person_of_another_company_finds_nothing(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    row = contract(make, engagement, denise)
    elsewhere = frozenset({uuid.uuid4()})
    with pytest.raises(NotFoundError):
        actions.create_contract(
            engagement.id, DETAILS, buyers=elsewhere, by=denise, now=make.clock.at
        )
    with pytest.raises(NotFoundError):
        actions.terminate_contract(
            row.id, terminated_on=date(2026, 6, 1), reason="x", buyers=elsewhere, by=denise,
            now=make.clock.at,
        )  # fmt: skip
    with pytest.raises(NotFoundError):
        queries.get_contract(row.id, buyers=elsewhere)
    with pytest.raises(NotFoundError):
        queries.propose_end(engagement.id, buyers=elsewhere)


def test_an_amendment_crosses_the_threshold_on_the_day_of_its_signature(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    row = contract(make, engagement, denise)
    facts = {"supplier_id": row.supplier_id, "buyer_id": row.buyer_id, "today": date(2026, 11, 23)}
    assert crossing_of(engagement.id, **facts).since is None  # type: ignore[arg-type]
    actions.amend_contract(
        row.id, AmendmentDetails("CT-1-A1", "Bardage", Decimal(800), date(2026, 9, 14)),
        buyers=None, by=denise, now=make.clock.at,
    )  # fmt: skip
    crossing = crossing_of(engagement.id, **facts)  # type: ignore[arg-type]
    assert crossing.since == date(2026, 9, 14)
    assert crossing.holds("CT-1-A1")
    assert queries.get_contract(row.id, buyers=None).amendments[0].reference == "CT-1-A1"


def test_a_change_names_its_fields_and_moves_the_end_of_amendments(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    row = contract(make, engagement, denise)
    amendment = actions.amend_contract(
        row.id, AmendmentDetails("A1", "Bardage", Decimal(800), date(2026, 9, 14)),
        buyers=None, by=denise, now=make.clock.at,
    )  # fmt: skip
    actions.change_contract(
        row.id, replace(DETAILS, ends_on=date(2027, 1, 31)), buyers=None, by=denise,
        now=make.clock.at,
    )  # fmt: skip
    assert events("contract.changed")[0].data == {"fields": ["ends_on"]}
    assert queries.get_contract(amendment.id, buyers=None).contract.ends_on == date(2027, 1, 31)
    with pytest.raises(ConflictError):
        actions.change_contract(amendment.id, DETAILS, buyers=None, by=denise, now=make.clock.at)


def test_a_contract_is_terminated_once_with_a_reason(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    row = contract(make, engagement, denise)

    def end(reason: str, day: date = date(2026, 10, 1)) -> None:
        actions.terminate_contract(
            row.id, terminated_on=day, reason=reason, buyers=None, by=denise, now=make.clock.at
        )

    with pytest.raises(DomainError):
        end(" ")
    with pytest.raises(DomainError):
        end("Chantier arrêté", date(2026, 3, 1))
    end("Chantier arrêté")
    assert events("contract.terminated")[0].reason == "Chantier arrêté"
    with pytest.raises(ConflictError):
        end("Une seconde fois")


def test_the_same_invoice_number_comes_once_for_a_supplier_and_a_company(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    def add(to: Engagement) -> Invoice:
        return actions.create_invoice(to.id, INVOICE, buyers=None, by=denise, now=make.clock.at)

    add(engagement)
    with pytest.raises(DomainError) as refused:
        add(engagement)
    assert refused.value.field == "number"
    add(make.engagement(make.supplier("Beta"), make.buyer("Autre")))


@pytest.mark.parametrize(
    ("amount", "total", "field"),
    [("6000", "5000", "total"), ("-100", "120", "total"), ("0", None, "amount")],
)
def test_swapped_amounts_are_explained_at_their_field(
    make: Maker, engagement: Engagement, denise: Actor, amount: str, total: str | None, field: str
) -> None:
    details = replace(
        INVOICE, amount=Decimal(amount), total=Decimal(total) if total is not None else None
    )
    with pytest.raises(DomainError) as refused:
        actions.create_invoice(engagement.id, details, buyers=None, by=denise, now=make.clock.at)
    assert refused.value.field == field


def test_a_credit_note_has_both_amounts_below_zero(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    details = replace(INVOICE, amount=Decimal(-100), total=Decimal(-120))
    row = actions.create_invoice(engagement.id, details, buyers=None, by=denise, now=make.clock.at)
    assert row.total == Decimal(-120)


def test_an_invoice_is_paid_once_and_never_in_the_future(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    row = actions.create_invoice(
        engagement.id, INVOICE, buyers=None, by=denise, now=make.clock.at,
        upload=Upload(PDF, "facture.pdf"),
    )  # fmt: skip

    def pay(day: date) -> None:
        actions.mark_paid(
            row.id, paid_on=day, buyers=None, by=denise, now=make.clock.at,
            today=date(2026, 11, 23),
        )  # fmt: skip

    with pytest.raises(DomainError):
        pay(date(2026, 11, 24))
    pay(date(2026, 11, 23))
    with pytest.raises(ConflictError):
        pay(date(2026, 11, 22))
    data, _ = hand_out_invoice(row.id, buyers=None, by=denise, now=make.clock.at)
    assert data == PDF


def test_an_order_belongs_to_a_contract_of_its_own_relation(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    other = make.contract(make.engagement(make.supplier("Beta"), make.buyer("Autre")))
    details = OrderDetails("BC-1", Decimal(900), date(2026, 4, 1), contract_id=other.id)
    with pytest.raises(DomainError) as refused:
        actions.create_order(engagement.id, details, buyers=None, by=denise, now=make.clock.at)
    assert refused.value.field == "contract_id"


def test_the_end_that_is_proposed_is_the_latest_day_on_file(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    row = contract(make, engagement, denise, ends_on=date(2026, 5, 31))
    assert queries.propose_end(engagement.id, buyers=None).ends_on == date(2026, 5, 31)
    invoice = actions.create_invoice(
        engagement.id, replace(INVOICE, contract_id=row.id), buyers=None, by=denise,
        now=make.clock.at,
    )  # fmt: skip
    open_one = queries.propose_end(engagement.id, buyers=None)
    assert (open_one.ends_on, open_one.unpaid_invoices) == (None, 1)
    actions.mark_paid(
        invoice.id, paid_on=date(2026, 8, 4), buyers=None, by=denise, now=make.clock.at,
        today=date(2026, 11, 23),
    )  # fmt: skip
    assert queries.propose_end(engagement.id, buyers=None).ends_on == date(2026, 8, 4)


def test_an_amendment_without_an_end_does_not_keep_a_relation_open(
    make: Maker, engagement: Engagement, denise: Actor
) -> None:
    row = contract(make, engagement, denise)
    actions.amend_contract(
        row.id, AmendmentDetails("A1", "Bardage", Decimal(800), date(2026, 9, 14)),
        buyers=None, by=denise, now=make.clock.at,
    )  # fmt: skip
    assert queries.propose_end(engagement.id, buyers=None).open_contracts == 1
    actions.terminate_contract(
        row.id, terminated_on=date(2026, 10, 1), reason="Fini", buyers=None, by=denise,
        now=make.clock.at,
    )  # fmt: skip
    assert queries.propose_end(engagement.id, buyers=None).ends_on == date(2026, 10, 1)
