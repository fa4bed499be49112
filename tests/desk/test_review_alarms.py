"""A paper with an alarm is accepted knowingly, and nobody decides on what they did not see."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier.accounts.models import User
from supplier.accounts.permissions import Role
from supplier.documents import actions
from supplier.documents.alarms import ALARMING, AlarmError
from supplier.documents.kinds import ReasonCode
from supplier.documents.models import Document
from supplier.documents.reading.result import Finding, Severity
from supplier.documents.states import IssuerAnswer
from supplier.kernel.audit import Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading
from supplier.parties.models import Supplier
from tests.desk.papers import read_paper
from tests.desk.test_review import page_of, state_of
from tests.make import Maker, actor
from tests.web.posting import post, seen_in, token_of

Browse = Callable[[uuid.UUID], FlaskClient]
RETOUCHED = Finding("tampered", Severity.DOUBT, "The date was written over.", "")


@pytest.fixture
def alpha(make: Maker) -> Supplier:
    supplier = make.supplier()
    make.contract(make.engagement(supplier, make.buyer()))
    return supplier


@pytest.fixture
def denise(make: Maker) -> User:
    return make.staff("Denise Achats", Role.PURCHASING)


@pytest.fixture
def karim(make: Maker) -> User:
    return make.staff("Karim Benali", Role.PURCHASING)


def accepting(document: Document) -> Event:
    with reading() as session:
        query = select(Event).where(
            Event.subject_id == document.id, Event.kind == "document.accepted"
        )
        return session.scalars(query).one()


def test_one_stroke_does_not_accept_a_paper_with_an_alarm_and_nothing_typed_is_lost(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha, findings=(RETOUCHED,), reasons=(ReasonCode.TAMPERED,))
    answer = post(
        browse(denise.id), f"{page_of(document)}/accept", {"comment": "Vu avec vous."},
        page=page_of(document),
    )  # fmt: skip
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert state_of(document) == "in_review"
    assert "Cette pièce porte une alerte" in body
    assert "The date was written over." in body
    assert "Vu avec vous." in body
    assert 'name="alarms_seen" value="y" data-focus' in body


def test_the_second_key_accepts_it_and_the_journal_says_that_the_alarm_was_seen(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document = read_paper(alpha, findings=(RETOUCHED,), reasons=(ReasonCode.TAMPERED,))
    answer = post(
        browse(denise.id), f"{page_of(document)}/accept", {"alarms_seen": "y"},
        page=page_of(document),
    )  # fmt: skip
    assert answer.status_code == 303
    assert state_of(document) == "accepted"
    assert accepting(document).data["alarms_seen"] == ["tampered"]


@pytest.mark.parametrize("code", sorted(ALARMING))
def test_every_alarming_reason_asks_for_the_second_key(
    alpha: Supplier, denise: User, clock: FixedClock, code: ReasonCode
) -> None:
    document = read_paper(alpha, reasons=(code,))
    with pytest.raises(AlarmError):
        actions.accept(document.id, by=actor(denise), now=clock.at)
    assert state_of(document) == "in_review"


def test_what_the_issuer_does_not_confirm_is_an_alarm(
    browse: Browse, alpha: Supplier, denise: User, karim: User, clock: FixedClock
) -> None:
    document = read_paper(alpha)
    actions.record_issuer_check(
        document.id, result=IssuerAnswer.FAILED, by=actor(karim), now=clock.at
    )
    client = browse(denise.id)
    answer = post(client, f"{page_of(document)}/accept", page=page_of(document))
    assert answer.status_code == 422
    assert "L’émetteur ne confirme pas cette pièce" in answer.get_data(as_text=True)


@pytest.mark.parametrize("reason", [None, ReasonCode.TOO_OLD, ReasonCode.UNREADABLE])
def test_a_paper_without_an_alarm_takes_one_stroke(
    browse: Browse, alpha: Supplier, denise: User, reason: ReasonCode | None
) -> None:
    document = read_paper(alpha, reasons=(reason,) if reason else ())
    answer = post(browse(denise.id), f"{page_of(document)}/accept", page=page_of(document))
    assert answer.status_code == 303
    assert "alarms_seen" not in accepting(document).data


@pytest.mark.parametrize("verb", ["accept", "refuse", "ask"])
def test_a_value_corrected_meanwhile_is_shown_before_anything_is_decided(
    browse: Browse, alpha: Supplier, denise: User, karim: User, clock: FixedClock, verb: str
) -> None:
    document, client = read_paper(alpha), browse(denise.id)
    opened = client.get(page_of(document)).get_data(as_text=True)
    typed = {
        "csrf_token": token_of(client, page_of(document)), "seen": seen_in(opened),
        "opened_at": clock.at.isoformat(), "reason": "too_old", "comment": "Celle de novembre.",
    }  # fmt: skip
    actions.correct_fields(
        document.id, values={"issued_on": "2026-11-17"}, by=actor(karim), now=clock.at
    )
    answer = client.post(f"{page_of(document)}/{verb}", data=typed)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert state_of(document) == "in_review"
    changed = body[body.index('id="changed"') : body.index('id="read"')].replace("\xa0", " ")
    assert "17 novembre 2026" in changed
    assert "Karim Benali" in changed
    assert "Celle de novembre." in body
    again = {**typed, "seen": seen_in(body)}
    assert client.post(f"{page_of(document)}/{verb}", data=again).status_code == 303


def test_a_refusal_contested_since_is_not_decided_as_if_it_were_not(
    browse: Browse, alpha: Supplier, denise: User, karim: User, clock: FixedClock
) -> None:
    document, client = read_paper(alpha), browse(denise.id)
    opened = client.get(page_of(document)).get_data(as_text=True)
    actions.refuse(document.id, reasons=[ReasonCode.TOO_OLD], by=actor(karim), now=clock.at)
    actions.contest(document.id, supplier_id=alpha.id, by=actor(karim), now=clock.at)
    typed = {
        "csrf_token": token_of(client, page_of(document)), "seen": seen_in(opened),
        "opened_at": clock.at.isoformat(), "comment": "Non.", "reason": "too_old",
    }  # fmt: skip
    answer = client.post(f"{page_of(document)}/refuse", data=typed)
    assert answer.status_code == 409
    assert "Refus contesté" in answer.get_data(as_text=True)
    assert state_of(document) == "in_review"


def test_a_decision_that_does_not_say_what_was_seen_is_not_taken(
    browse: Browse, alpha: Supplier, denise: User
) -> None:
    document, client = read_paper(alpha), browse(denise.id)
    token = token_of(client, page_of(document))
    answer = client.post(f"{page_of(document)}/accept", data={"csrf_token": token})
    assert answer.status_code == 409
    assert state_of(document) == "in_review"


@pytest.mark.parametrize(
    "opened_at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "hier", ""]
)
def test_an_instant_that_is_none_is_left_out(
    browse: Browse, alpha: Supplier, denise: User, karim: User, clock: FixedClock, opened_at: str
) -> None:
    document, client = read_paper(alpha), browse(denise.id)
    opened = client.get(page_of(document)).get_data(as_text=True)
    typed = {"csrf_token": token_of(client, page_of(document)), "seen": seen_in(opened)}
    actions.correct_fields(
        document.id, values={"issued_on": "2026-11-17"}, by=actor(karim), now=clock.at
    )
    answer = client.post(f"{page_of(document)}/accept", data={**typed, "opened_at": opened_at})
    assert answer.status_code == 409
