"""Requests of people about their data: filed, extended, answered, refused."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from supplier import jobs
from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.kernel.audit import Actor, Event
from supplier.kernel.database import reading
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.notifications.models import OutboxMessage
from supplier.parties.models import Supplier
from supplier.privacy import actions, queries
from supplier.privacy.models import NoticeSeen, RightsRequest
from tests.make import Maker, actor

TODAY = date(2026, 11, 23)


@pytest.fixture
def alpha(make: Maker) -> Supplier:
    supplier = make.supplier()
    make.engagement(supplier, make.buyer())
    return supplier


@pytest.fixture
def alice(make: Maker, alpha: Supplier) -> User:
    return make.supplier_user(alpha)


@pytest.fixture
def gaelle(make: Maker) -> Actor:
    return actor(make.staff("Gaëlle", Role.DATA_PROTECTION))


def filed(make: Maker, user: User, supplier: Supplier, **more: object) -> RightsRequest:
    values = {"user_id": user.id, "supplier_id": supplier.id, **more}
    return actions.file_request(
        str(values.pop("right", "access")), "Que gardez-vous de moi ?",
        by=actor(user, supplier), now=make.clock.at, **values,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_request_gets_a_number_a_last_day_and_a_receipt(
    make: Maker, alice: User, alpha: Supplier
) -> None:
    row = filed(make, alice, alpha)
    assert row.number == "DP-2026-0001"
    # 23 December 2026 is a Wednesday.
    assert (row.received_on, row.due_on) == (TODAY, date(2026, 12, 23))
    assert filed(make, alice, alpha, right="erasure").number == "DP-2026-0002"
    jobs.run_due(now=make.clock.at)
    with reading() as session:
        mails = session.scalars(select(OutboxMessage)).all()
        (event, _) = session.scalars(select(Event).where(Event.kind == "rights.received"))
    assert {mail.kind for mail in mails} == {"rights_received"}
    assert event.data == {"right": "access", "number": "DP-2026-0001", "due_on": "2026-12-23"}


def test_one_open_request_of_a_right_is_enough(
    make: Maker, alice: User, alpha: Supplier, gaelle: Actor
) -> None:
    first = filed(make, alice, alpha)
    with pytest.raises(actions.OpenRequestError) as second:
        filed(make, alice, alpha)
    assert (second.value.request_id, second.value.number) == (first.id, first.number)
    filed(make, make.supplier_user(alpha, "Bob Colin"), alpha)
    actions.answer(first.id, text="Voici.", buyers=None, by=gaelle, now=make.clock.at)
    assert filed(make, alice, alpha).number == "DP-2026-0003"


def test_a_letter_counts_from_the_day_on_which_it_came(make: Maker, gaelle: Actor) -> None:
    row = actions.file_request(
        "erasure", "Effacez tout", user_id=None, supplier_id=None, by=gaelle, now=make.clock.at,
        name="Jean Quéré", received_on=date(2026, 10, 30),
    )  # fmt: skip
    # A month later is a Monday; 30 November.
    assert row.due_on == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"right": "everything"}, "right"),
        ({"message": " "}, "message"),
        ({"name": ""}, "name"),
        ({"email": "not an address"}, "email"),
        ({"received_on": date(2026, 11, 24)}, "received_on"),
    ],
)
def test_what_is_wrong_in_a_letter_is_said_at_its_field(
    make: Maker, gaelle: Actor, change: dict[str, object], field: str
) -> None:
    values: dict[str, object] = {
        "right": "access", "message": "x", "name": "Jean", "email": "j@q.example",
        "received_on": TODAY, **change,
    }  # fmt: skip
    with pytest.raises(DomainError) as refused:
        actions.file_request(
            str(values.pop("right")), str(values.pop("message")), user_id=None,
            supplier_id=None, by=gaelle, now=make.clock.at, **values,  # type: ignore[arg-type]
        )  # fmt: skip
    assert refused.value.field == field


def test_an_extension_is_announced_once_with_its_reason_in_the_first_month(
    make: Maker, alice: User, alpha: Supplier, gaelle: Actor
) -> None:
    row = filed(make, alice, alpha)

    def extend(reason: str, now: datetime) -> None:
        actions.extend(row.id, reason=reason, buyers=None, by=gaelle, now=now)

    with pytest.raises(DomainError):
        extend(" ", make.clock.at)
    with pytest.raises(DomainError):
        extend("Dossier épais", datetime(2026, 12, 23, 9, tzinfo=UTC))
    extend("Dossier épais", make.clock.at)
    with pytest.raises(DomainError):
        extend("Encore", make.clock.at)
    line, _ = queries.get_request(row.id, today=TODAY, buyers=None)
    assert line.request.due_on == date(2027, 2, 23)
    jobs.run_due(now=make.clock.at)
    with reading() as session:
        kinds = set(session.scalars(select(OutboxMessage.kind)))
    assert kinds == {"rights_received", "rights_news"}


def test_an_answer_closes_and_a_second_one_is_too_late(
    make: Maker, alice: User, alpha: Supplier, gaelle: Actor
) -> None:
    row = filed(make, alice, alpha)
    with pytest.raises(DomainError):
        actions.answer(row.id, text="", buyers=None, by=gaelle, now=make.clock.at)
    actions.answer(row.id, text="Voici.", buyers=None, by=gaelle, now=make.clock.at)
    with pytest.raises(ConflictError):
        actions.answer(row.id, text="Encore.", buyers=None, by=gaelle, now=make.clock.at)
    line, events = queries.get_request(row.id, today=TODAY, buyers=None)
    assert (line.request.answer, line.clock.is_closed) == ("Voici.", True)
    assert [event.kind for event in events] == ["rights.answered", "rights.received"]


def test_a_refusal_needs_a_ground_that_fits_the_right(
    make: Maker, alice: User, alpha: Supplier, gaelle: Actor
) -> None:
    row = filed(make, alice, alpha)

    def refuse(ground: str) -> None:
        actions.refuse(
            row.id, ground=ground, text="La loi", buyers=None, by=gaelle, now=make.clock.at
        )

    with pytest.raises(DomainError) as refused:
        refuse("legal_obligation")
    assert refused.value.field == "ground"
    refuse("unfounded_or_excessive")
    with reading() as session:
        (event,) = session.scalars(select(Event).where(Event.kind == "rights.refused"))
    assert event.data == {"ground": "unfounded_or_excessive"}


def test_who_answers_for_another_company_finds_nothing(
    make: Maker, alice: User, alpha: Supplier, gaelle: Actor
) -> None:
    row = filed(make, alice, alpha)
    elsewhere = frozenset({uuid.uuid4()})
    with pytest.raises(NotFoundError):
        actions.answer(row.id, text="x", buyers=elsewhere, by=gaelle, now=make.clock.at)
    found = queries.list_requests(
        state="", right="", today=TODAY, buyers=elsewhere, number=1, size=10
    )
    assert found.total == 0


def test_a_notice_is_noted_once_for_each_version(make: Maker, alice: User) -> None:
    for version in ("1", "1", "2"):
        actions.note_seen(alice.id, version, now=make.clock.at)
    assert queries.has_seen(alice.id, "2")
    assert not queries.has_seen(alice.id, "3")
    with reading() as session:
        assert len(session.scalars(select(NoticeSeen)).all()) == 2


def test_an_unknown_ground_is_never_taken(
    make: Maker, alice: User, alpha: Supplier, gaelle: Actor
) -> None:
    row = filed(make, alice, alpha)
    with pytest.raises(DomainError):
        actions.refuse(row.id, ground="", text="x", buyers=None, by=gaelle, now=make.clock.at)
