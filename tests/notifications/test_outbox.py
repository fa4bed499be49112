"""The outbox against a real mail server: once, never lost, never elsewhere, always in sight."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from supplier.adapters.mail import AddressRefusedError, Mail, use_sender
from supplier.adapters.mail import _Holder as Door
from supplier.kernel.audit import SYSTEM, Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import ConflictError, DomainError, NotFoundError
from supplier.notifications import messages, outbox
from supplier.notifications.messages import Person
from supplier.notifications.models import OutboxMessage
from supplier.notifications.queries import count_by_state, list_mails
from supplier.parties.models import Contact, Supplier
from tests.make import Maker
from tests.notifications.mailbox import Mailbox, open_mailbox

AT = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
ALICE = Person("alice@alpha.example", "Alice Martin", "fr")


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    with open_mailbox() as box:
        yield box


@pytest.fixture
def queue(make: Maker, clock: FixedClock) -> Callable[..., uuid.UUID | None]:
    def put(key: str = "a", to: Person = ALICE, **about: uuid.UUID) -> uuid.UUID | None:
        with transaction() as session:
            message = messages.sign_in_link(to, token="TOKEN", expires_at=AT)
            return outbox.queue_mail(session, message, dedupe_key=key, now=clock.at, **about)

    return put


def row() -> OutboxMessage:
    with reading() as session:
        return session.scalars(select(OutboxMessage)).one()


def events(kind: str) -> list[Event]:
    with reading() as session:
        return list(session.scalars(select(Event).where(Event.kind == kind)))


def test_a_mail_is_sent_once_with_text_and_html(
    mailbox: Mailbox, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    queue()
    assert outbox.deliver(clock.at)["sent"] == 1
    assert outbox.deliver(clock.at)["sent"] == 0
    (mail,) = mailbox.mails
    assert mailbox.recipients == [["alice@alpha.example"]]
    assert mail["To"] == "Alice Martin <alice@alpha.example>"
    assert mail["From"] == "Vigie <vigie@kerlan.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == row().message_id
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert "http://localhost/link/TOKEN" in text.get_content()
    assert html is not None
    assert "http://localhost/link/TOKEN" in html.get_content()
    assert row().state == "sent"
    assert len(events("mail.sent")) == 1


def test_the_same_fact_is_never_queued_twice(
    queue: Callable[..., uuid.UUID | None], mailbox: Mailbox
) -> None:
    assert queue("fact")
    assert queue("fact") is None


def test_a_mail_exists_only_if_its_cause_does(app: Flask, clock: FixedClock) -> None:
    message = messages.sign_in_link(ALICE, token="TOKEN", expires_at=AT)

    def fail_after_queueing() -> None:
        with transaction() as session:
            outbox.queue_mail(session, message, dedupe_key="a", now=clock.at)
            raise ConflictError("someone was faster")

    with pytest.raises(ConflictError):
        fail_after_queueing()
    assert count_by_state(buyers=None) == {}


def test_the_link_is_sealed_while_it_waits_and_gone_once_it_left(
    mailbox: Mailbox, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    queue()
    assert b"TOKEN" not in row().body
    outbox.deliver(clock.at)
    assert row().body == b""


def test_a_permanent_refusal_stops_the_mail_and_marks_the_contact(
    mailbox: Mailbox, make: Maker, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    contact = make.contact(make.supplier(), email="Alice@Alpha.example")
    mailbox.answers["alice@alpha.example"] = "550 No such user"
    queue()
    assert outbox.deliver(clock.at)["bounced"] == 1
    with reading() as session:
        known = session.get_one(Contact, contact.id)
    assert (known.mail_state, known.mail_bounced_at) == ("bounced", clock.at)
    assert (row().state, row().last_error) == ("bounced", "550")
    assert len(events("mail.bounced")) == len(events("contact.mail_bounced")) == 1
    clock.at += timedelta(days=2)
    assert outbox.deliver(clock.at)["sent"] == 0


def test_a_busy_server_gets_the_mail_later_with_growing_waits(
    mailbox: Mailbox, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    mailbox.answers["alice@alpha.example"] = "451 Try again later"
    queue()
    assert outbox.deliver(clock.at)["later"] == 1
    first = row().not_before - clock.at
    assert outbox.deliver(clock.at) == {"sent": 0, "later": 0, "bounced": 0, "given_up": 0}
    clock.at = row().not_before
    assert outbox.deliver(clock.at)["later"] == 1
    assert row().not_before - clock.at > first
    mailbox.answers.clear()
    clock.at = row().not_before
    assert outbox.deliver(clock.at)["sent"] == 1
    assert row().last_error is None


def test_a_server_that_hangs_up_after_the_last_dot_gets_the_same_message_id_again(
    mailbox: Mailbox, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    mailbox.hang_up = True
    queue()
    assert outbox.deliver(clock.at)["later"] == 1
    mailbox.hang_up = False
    clock.at = row().not_before
    assert outbox.deliver(clock.at)["sent"] == 1
    assert len(mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1
    assert len({mail["Date"] for mail in mailbox.mails}) == 1


def test_after_three_days_of_failures_the_mail_is_given_up_in_sight(
    mailbox: Mailbox, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    mailbox.answer = "451 Out of order"
    queue()
    start = clock.at
    while row().state == "queued":
        clock.at = row().not_before
        outbox.deliver(clock.at)
    assert row().state == "failed"
    assert clock.at - start >= timedelta(days=2)
    assert len(events("mail.given_up")) == 1
    assert list_mails(buyers=None, state="failed").total == 1


def test_a_given_up_mail_is_tried_again_by_a_person_once(
    mailbox: Mailbox, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    mailbox.answers["alice@alpha.example"] = "550 No such user"
    queue()
    outbox.deliver(clock.at)
    mailbox.answers.clear()
    outbox.retry(row().id, buyers=None, by=SYSTEM, now=clock.at)
    with pytest.raises(ConflictError):
        outbox.retry(row().id, buyers=None, by=SYSTEM, now=clock.at)
    assert outbox.deliver(clock.at)["sent"] == 1
    assert len(events("mail.retried")) == 1


def test_without_a_mail_server_mails_wait_and_say_so(
    app: Flask, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    use_sender("", "")
    queue()
    assert outbox.deliver(clock.at)["later"] == 1
    (mail,) = list_mails(buyers=None).items
    assert mail.is_late


def test_nothing_answers_at_the_servers_address(
    app: Flask, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    use_sender("smtp://127.0.0.1:1", "vigie@localhost")
    queue()
    assert outbox.deliver(clock.at)["later"] == 1
    assert row().last_error == "ConnectionRefusedError"


def test_a_worker_that_died_after_the_send_sends_the_same_mail_again(
    app: Flask, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    sent: list[str] = []

    class Dying:
        def send(self, mail: Mail) -> None:
            sent.append(mail.message_id)
            if len(sent) == 1:
                raise KeyboardInterrupt  # the machine is switched off here

    Door.sender = Dying()
    queue()
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver(clock.at)
    assert outbox.deliver(clock.at)["sent"] == 0  # still leased
    clock.at += outbox.LEASE
    assert outbox.deliver(clock.at)["sent"] == 1
    assert len(set(sent)) == 1


def test_one_bad_mail_does_not_hold_up_the_others(
    app: Flask, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    sent: list[str] = []

    class Choosy:
        def send(self, mail: Mail) -> None:
            if mail.to_address == "bad@alpha.example":
                raise ValueError("cannot be written as a mail")
            if mail.to_address == "gone@alpha.example":
                raise AddressRefusedError("550")
            sent.append(mail.to_address)

    Door.sender = Choosy()
    for name in ("bad", "gone", "good"):
        queue(name, Person(f"{name}@alpha.example", name))
    counts = outbox.deliver(clock.at)
    assert counts == {"sent": 1, "later": 1, "bounced": 1, "given_up": 0}
    assert sent == ["good@alpha.example"]


def test_hostile_addresses_never_reach_the_server(
    mailbox: Mailbox, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    path = Path(__file__).parent.parent / "data" / "emails.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        address = json.loads(line)["email"]
        try:
            queue(line, Person(address, "Alice"))
        except DomainError:
            continue
    while outbox.deliver(clock.at)["sent"]:
        pass
    assert all(len(found) == 1 for found in mailbox.recipients)
    assert {found[0].rpartition("@")[2] for found in mailbox.recipients} <= {
        "example.org", "xn--exmple-4nf.org",
    }  # fmt: skip
    assert not [name for mail in mailbox.mails for name in mail if name.lower() in {"bcc", "cc"}]
    assert {mail["Subject"] for mail in mailbox.mails} == {"Votre lien pour entrer dans Vigie"}


def test_hostile_names_stay_in_their_header(
    mailbox: Mailbox, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    names = [
        "Dupont\r\nBcc: victim@example.org",
        "<a@b.example>, c@d.example",
        'A" <x@y.example> "',
    ]
    for name in names:
        queue(name, Person("alice@alpha.example", name))
    outbox.deliver(clock.at)
    assert mailbox.recipients == [["alice@alpha.example"]] * 3
    for mail in mailbox.mails:
        assert mail["Bcc"] is None
        assert [one.addr_spec for one in mail["To"].addresses] == ["alice@alpha.example"]


def test_the_desk_sees_mails_about_its_own_suppliers_only(
    make: Maker, queue: Callable[..., uuid.UUID | None], clock: FixedClock
) -> None:
    supplier: Supplier = make.supplier()
    engagement = make.engagement(supplier, make.buyer())
    elsewhere = frozenset({make.buyer("Autre").id})
    message_id = queue("a", supplier_id=supplier.id)
    queue("b", Person("denise@kerlan.example", "Denise"))
    ours = frozenset({engagement.buyer_id})
    assert list_mails(buyers=None).total == 2
    assert list_mails(buyers=ours).total == 1
    assert list_mails(buyers=elsewhere).total == 0
    assert list_mails(buyers=None, text="denise").total == 1
    assert message_id is not None
    with pytest.raises(NotFoundError):
        outbox.retry(message_id, buyers=elsewhere, by=SYSTEM, now=clock.at)
