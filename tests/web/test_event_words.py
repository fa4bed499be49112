"""What happened, in words."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from flask import Flask

from supplier.adapters.intake import REFUSALS
from supplier.documents.statements import STATEMENT_RULE
from supplier.kernel.audit import Event
from supplier.web.event_words import FILE_WORDS, event_lines, event_words

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def happened(
    kind: str, *, who: str = "Karim", minutes: int = 0, about: uuid.UUID | None = None
) -> Event:
    return Event(
        kind=kind, actor_name=who, at=NOON - timedelta(minutes=minutes), subject_id=about,
        reason=None, data={},
    )  # fmt: skip


def test_the_same_act_in_one_go_is_told_once_with_its_number(app: Flask) -> None:
    events = [happened("evaluation.rated", minutes=i) for i in range(4)]
    events.append(happened("contact.added", minutes=9))
    with app.test_request_context(headers={"Accept-Language": "en"}):
        told = event_lines(events)
    assert [(one.at, one.words) for one in told] == [
        (NOON, "Supplier rated, 4 times"),
        (NOON - timedelta(minutes=9), "Contact added"),
    ]


def test_acts_of_two_people_or_days_or_papers_stay_apart(app: Flask) -> None:
    kbis, rib = uuid.uuid4(), uuid.uuid4()
    events = [
        happened("document.accepted", about=kbis),
        happened("document.accepted", about=rib),
        happened("document.accepted", about=rib, who="Denise"),
        happened("document.accepted", about=rib, who="Denise", minutes=1440),
    ]
    with app.test_request_context(headers={"Accept-Language": "en"}):
        told = event_lines(events, {kbis: "kbis", rib: "bank_details"})
    assert len(told) == 4


def test_why_a_mail_came_back_is_said_in_words(app: Flask) -> None:
    told = {}
    for kind, reason in (
        ("contact.mail_bounced", "5.2.2"),
        ("mail.bounced", "550"),
        ("mail.given_up", "ConnectionRefusedError"),
        ("contact.ended", "5.2.2"),  # a sentence of a person stays as it was written
    ):
        event = happened(kind)
        event.reason = reason
        with app.test_request_context(headers={"Accept-Language": "en"}):
            told[kind] = event_words(event).partition(": ")[2]
    assert told == {
        "contact.mail_bounced": "This mailbox is full. (5.2.2)",
        "mail.bounced": "The server refused the address (550).",
        "mail.given_up": "our mail server could not be reached",
        "contact.ended": "5.2.2",
    }


def test_no_code_stands_in_what_happened_to_a_file(app: Flask) -> None:
    told = []
    for kind, reason in (("upload.refused", "office"), ("document.accepted", STATEMENT_RULE)):
        event = happened(kind)
        event.reason = reason
        with app.test_request_context(headers={"Accept-Language": "fr"}):
            told.append(event_words(event).rpartition("\u00a0: ")[2])
    assert told == ["un fichier bureautique", "signée sur la page"]
    assert REFUSALS.keys() <= FILE_WORDS.keys()
