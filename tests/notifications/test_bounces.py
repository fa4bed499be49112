"""Reports in a real mailbox: matched to the one mail they are about, noted once, never lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supplier import jobs
from supplier.accounts.permissions import Role
from supplier.adapters import report_box
from supplier.adapters.report_box import ImapBox, use_report_box
from supplier.cli import checks
from supplier.kernel.audit import SYSTEM, Event
from supplier.kernel.clock import FixedClock
from supplier.kernel.database import reading, transaction
from supplier.kernel.errors import ConflictError
from supplier.notifications import bounces, messages, outbox
from supplier.notifications.bounces import read_bounces
from supplier.notifications.messages import Person
from supplier.notifications.models import OutboxMessage
from supplier.notifications.recipients import list_known, list_recipients
from supplier.notifications.reports import MAX_BYTES
from supplier.parties.models import Contact, Supplier
from supplier.settings import Settings, SettingsError
from tests.conftest import test_settings as make_settings
from tests.make import Maker
from tests.notifications.mailbox import Mailbox, open_mailbox
from tests.notifications.report_mailbox import ReportMailbox, behind_tls, open_report_mailbox
from tests.notifications.reports import ALICE, VACATION, block, report
from tests.web.posting import post

Browse = Callable[[uuid.UUID], FlaskClient]


@pytest.fixture(scope="module")
def server() -> Iterator[ReportMailbox]:
    with open_report_mailbox() as box:
        yield box


@pytest.fixture
def box(server: ReportMailbox, app: Flask) -> Iterator[ReportMailbox]:
    """The mailbox, empty, and Vigie reading it."""
    server.empty()
    use_report_box(server.url)
    yield server
    use_report_box("")


@pytest.fixture
def relay(app: Flask) -> Iterator[Mailbox]:
    """A mail server that takes everything and reports later."""
    with open_mailbox() as box:
        yield box


@pytest.fixture
def alice(make: Maker) -> Contact:
    return make.contact(make.supplier("Alpha Menuiserie"), email="Alice@Alpha.example")


@pytest.fixture
def sent(relay: Mailbox, alice: Contact, clock: FixedClock) -> str:
    """A notice to Alice that has left; its Message-ID."""
    return send(clock, "a")


def send(clock: FixedClock, key: str, address: str = ALICE) -> str:
    with transaction() as session:
        message = messages.new_sign_in(
            Person(address, "Alice Martin"), at=datetime(2026, 12, 1, tzinfo=UTC)
        )
        row_id = outbox.queue_mail(session, message, dedupe_key=key, now=clock.at)
    assert outbox.deliver(clock.at)["sent"] == 1
    with reading() as session:
        return session.get_one(OutboxMessage, row_id).message_id


def rows() -> list[OutboxMessage]:
    with reading() as session:
        return list(session.scalars(select(OutboxMessage)))


def contact(found: Contact) -> Contact:
    with reading() as session:
        return session.get_one(Contact, found.id)


def events(kind: str) -> list[Event]:
    with reading() as session:
        return list(session.scalars(select(Event).where(Event.kind == kind)))


def test_a_report_marks_the_mail_and_the_contact_with_the_reason(
    box: ReportMailbox, sent: str, alice: Contact, clock: FixedClock
) -> None:
    box.put(report(block(), message_id=sent))
    clock.at += timedelta(minutes=10)
    assert jobs.ring("read_bounces", now=clock.at)
    [row] = rows()
    assert (row.state, row.last_error, row.bounced_at) == ("bounced", "5.1.1", clock.at)
    found = contact(alice)
    assert (found.mail_state, found.mail_fault, found.mail_bounced_at) == (
        "bounced", "5.1.1", clock.at,
    )  # fmt: skip
    [event] = events("mail.bounced")
    assert (event.from_state, event.to_state, event.reason) == ("sent", "bounced", "5.1.1")
    assert len(events("contact.mail_bounced")) == 1
    assert box.unread() == 0


def test_a_report_read_a_second_time_changes_nothing(
    box: ReportMailbox, sent: str, clock: FixedClock
) -> None:
    box.put(report(block(), message_id=sent))
    assert read_bounces(clock.at) == {"refused": 1}
    box.mark_all_unread()
    assert read_bounces(clock.at) == {"known": 1}
    assert len(events("mail.bounced")) == len(events("contact.mail_bounced")) == 1


def test_an_old_report_does_not_stop_a_mail_that_a_person_sent_again(
    box: ReportMailbox, sent: str, clock: FixedClock
) -> None:
    box.put(report(block(), message_id=sent))
    read_bounces(clock.at)
    outbox.retry(rows()[0].id, buyers=None, by=SYSTEM, now=clock.at)
    box.mark_all_unread()
    assert read_bounces(clock.at) == {"known": 1}
    assert outbox.deliver(clock.at)["sent"] == 1
    box.mark_all_unread()
    assert read_bounces(clock.at) == {"known": 1}
    assert rows()[0].state == "sent"
    box.put(report(block(status="5.2.1"), message_id=sent))  # it came back a second time
    assert read_bounces(clock.at) == {"refused": 1}


def test_a_mail_given_up_on_the_way_says_nothing_against_the_address(
    box: ReportMailbox, sent: str, alice: Contact, clock: FixedClock
) -> None:
    box.put(report(block(action="delayed", status="4.4.1"), message_id=sent))
    assert read_bounces(clock.at) == {"delayed": 1}
    assert rows()[0].state == "sent"
    box.put(report(block(status="4.4.7"), message_id=sent))
    assert read_bounces(clock.at) == {"given_up": 1}
    assert (rows()[0].state, rows()[0].last_error) == ("failed", "4.4.7")
    assert contact(alice).mail_state == "ok"
    assert len(events("mail.given_up")) == 1


def test_a_report_counts_only_for_the_recipient_of_that_mail(
    box: ReportMailbox, sent: str, make: Maker, alice: Contact, clock: FixedClock
) -> None:
    charlie = make.contact(make.supplier("Delta"), email="charlie@delta.example")
    send(clock, "b", "charlie@delta.example")
    box.put(
        report(block(to="charlie@delta.example"), message_id=sent),  # Alice knows her own id only
        report(block(to="charlie@delta.example"), message_id="<guessed@kerlan.example>"),
        VACATION,
    )
    assert read_bounces(clock.at) == {"unknown": 2, "other": 1}
    assert {row.state for row in rows()} == {"sent"}
    assert (contact(charlie).mail_state, contact(alice).mail_state) == ("ok", "ok")
    assert box.unread() == 0


def test_of_several_recipients_only_ours_is_looked_at(
    box: ReportMailbox, sent: str, clock: FixedClock
) -> None:
    box.put(report(block(to="bob@alpha.example"), block(status="5.2.1"), message_id=sent))
    assert read_bounces(clock.at) == {"refused": 1}
    assert rows()[0].last_error == "5.2.1"


def test_a_report_silences_nobody_who_must_hear_of_bank_details(
    box: ReportMailbox, relay: Mailbox, sent: str, alice: Contact, make: Maker, clock: FixedClock
) -> None:
    with reading() as session:
        alpha = session.get_one(Supplier, alice.supplier_id)
    gone = make.contact(alpha, email="gone@alpha.example")
    relay.answers["gone@alpha.example"] = "550 No such user"
    with transaction() as session:
        message = messages.new_sign_in(Person("gone@alpha.example", "Gone"), at=clock.at)
        outbox.queue_mail(session, message, dedupe_key="gone", now=clock.at)
    outbox.deliver(clock.at)
    box.put(report(block(), message_id=sent))
    read_bounces(clock.at)
    assert (contact(alice).mail_fault, contact(gone).mail_fault) == ("5.1.1", "550")
    today = clock.at.date()
    with reading() as session:
        asked = list_recipients(session, [alice.supplier_id], today=today)[alice.supplier_id]
        warned = list_known(session, alice.supplier_id, today=today)
    assert asked == []
    assert [one.person.address for one in warned] == [ALICE]


def test_a_mail_that_never_left_cannot_come_back(
    box: ReportMailbox, alice: Contact, clock: FixedClock
) -> None:
    with transaction() as session:
        message = messages.new_sign_in(Person(ALICE, "Alice"), at=clock.at)
        outbox.queue_mail(session, message, dedupe_key="a", now=clock.at)
    box.put(report(block(), message_id=rows()[0].message_id))
    assert read_bounces(clock.at) == {"known": 1}
    assert rows()[0].state == "queued"


def test_a_huge_mail_is_passed_over_and_the_next_one_read(
    box: ReportMailbox, sent: str, clock: FixedClock
) -> None:
    huge = report(block(), message_id=sent, text="x" * MAX_BYTES)
    box.put(huge, report(block(), message_id=sent))
    assert read_bounces(clock.at) == {"other": 1, "refused": 1}


def test_a_mail_is_marked_read_only_after_the_commit(
    box: ReportMailbox, sent: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(report(block(), message_id=sent))

    def stop(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt  # the machine is switched off before the commit

    with monkeypatch.context() as patch:
        patch.setattr(bounces, "note_refusal", stop)
        with pytest.raises(KeyboardInterrupt):
            read_bounces(clock.at)
    assert (rows()[0].state, box.unread()) == ("sent", 1)
    assert read_bounces(clock.at) == {"refused": 1}


def test_a_report_waits_unread_while_a_person_is_faster(
    box: ReportMailbox, sent: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(report(block(), message_id=sent))

    def beaten(*_args: object, **_more: object) -> None:
        raise ConflictError("Someone else was faster.")

    with monkeypatch.context() as patch:
        patch.setattr(bounces, "note_refusal", beaten)
        assert read_bounces(clock.at) == {"later": 1}
    assert box.unread() == 1


def test_a_mailbox_that_is_down_waits_and_the_doctor_says_so(
    app: Flask,
    clock: FixedClock,
    tmp_path: Path,
    database_url: str,
) -> None:
    settings = make_settings(database_url, tmp_path / "files")
    assert says(settings, clock) == ("ok", "SUPPLIER_BOUNCES_URL is empty: only what a server "
                                     "refuses at once is seen")  # fmt: skip
    with open_report_mailbox() as box:
        use_report_box(box.url)
        assert says(settings, clock) == ("ok", "the mailbox answers")
        use_report_box(box.url.replace("INBOX", "Reports"))
        assert says(settings, clock)[0] == "warning"
        use_report_box(box.url.replace("vigie:", "somebody:"))
        state, detail = says(settings, clock)
        assert state == "warning"
        assert "AUTHENTICATIONFAILED" in detail
        use_report_box(box.url)
        box.process.kill()
        box.process.wait()
        assert read_bounces(clock.at) == {"unreachable": 1}
        state, detail = says(settings, clock)
    assert state == "warning"
    assert "127.0.0.1 INBOX: ConnectionRefusedError" in detail
    assert "p@ss" not in detail


def says(settings: Settings, clock: FixedClock) -> tuple[str, str]:
    found = {one.name: one for one in checks.doctor(settings, now=clock.at)}
    return found["reports on mail"].state, found["reports on mail"].detail


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    certificate, key = self_signed(tmp_path)
    with ExitStack() as stack:
        server = stack.enter_context(
            open_report_mailbox("--cert", str(certificate), "--key", str(key))
        )
        if scheme == "imaps":
            server.port = stack.enter_context(behind_tls(server.port, certificate, key))
        found = ImapBox(server.url_by(scheme))
        fault = found.fault()
        assert fault is not None
        assert "SSLCertVerificationError" in fault
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert found.fault() is None


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def test_without_a_mailbox_nothing_is_read(app: Flask, clock: FixedClock) -> None:
    assert report_box.report_box() is None
    assert read_bounces(clock.at) == {}


def test_mails_leave_under_the_address_of_the_mailbox(
    relay: Mailbox, alice: Contact, clock: FixedClock
) -> None:
    from supplier.adapters.mail import use_sender

    use_sender(relay.url, "Vigie <vigie@kerlan.example>", reports_to="reports@kerlan.example")
    send(clock, "a")
    use_sender(relay.url, "Vigie <vigie@kerlan.example>")
    send(clock, "b")
    assert relay.senders == ["reports@kerlan.example", "vigie@kerlan.example"]
    assert {mail["From"] for mail in relay.mails} == {"Vigie <vigie@kerlan.example>"}


def test_pages_say_in_words_why_a_mail_came_back(
    box: ReportMailbox, sent: str, make: Maker, alice: Contact, browse: Browse, clock: FixedClock
) -> None:
    box.put(report(block(status="5.2.2"), message_id=sent))
    read_bounces(clock.at)
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    supplier = client.get(f"/desk/suppliers/{alice.supplier_id}").get_data(as_text=True)
    assert "La boîte aux lettres est pleine. (5.2.2)" in supplier
    mails = client.get("/desk/mails/").get_data(as_text=True)
    assert "La boîte aux lettres est pleine. (5.2.2)" in mails


def test_an_address_that_works_again_is_written_to_again(
    box: ReportMailbox, sent: str, make: Maker, alice: Contact, browse: Browse, clock: FixedClock
) -> None:
    box.put(report(block(status="5.2.2"), message_id=sent))  # full, and emptied the next day
    read_bounces(clock.at)
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    shown = f"/desk/suppliers/{alice.supplier_id}"
    again = f"/desk/suppliers/contacts/{alice.id}/write-again"
    assert again in client.get(shown).get_data(as_text=True)
    for _ in range(2):
        assert post(client, again, page=shown).status_code == 303
    found = contact(alice)
    assert (found.mail_state, found.mail_bounced_at, found.mail_fault) == ("ok", None, None)
    assert len(events("contact.written_to_again")) == 1
    assert again not in client.get(shown).get_data(as_text=True)
    with reading() as session:
        today = clock.at.date()
        asked = list_recipients(session, [alice.supplier_id], today=today)[alice.supplier_id]
    assert [one.person.address for one in asked] == [ALICE]


def test_a_link_that_came_back_is_not_sent_again(
    box: ReportMailbox, relay: Mailbox, alice: Contact, make: Maker, browse: Browse,
    clock: FixedClock,
) -> None:  # fmt: skip
    with transaction() as session:
        message = messages.sign_in_link(Person(ALICE, "Alice"), token="T", expires_at=clock.at)
        row_id = outbox.queue_mail(session, message, dedupe_key="a", now=clock.at)
    assert row_id is not None
    outbox.deliver(clock.at)
    box.put(report(block(), message_id=rows()[0].message_id))
    assert read_bounces(clock.at) == {"refused": 1}
    with pytest.raises(ConflictError):
        outbox.retry(row_id, buyers=None, by=SYSTEM, now=clock.at)
    client = browse(make.staff("Denise Achats", Role.PURCHASING).id)
    assert f"/desk/mails/{row_id}/retry" not in client.get("/desk/mails/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOUNCES_URL", "imaps://host:993/INBOX"),  # nobody signs in
        ("BOUNCES_URL", "imaps://user:pass@host:many/INBOX"),
        ("BOUNCES_URL", "https://user:pass@host/INBOX"),
        ("BOUNCES_URL", "imap://user:pass@mail.kerlan.example/INBOX"),  # a password in the clear
        ("BOUNCES_URL", "imaps://user:p%C3%A4ss@host/INBOX"),
        ("BOUNCES_ADDRESS", "Vigie <reports@kerlan.example>"),
        ("BOUNCES_ADDRESS", "reports@kerlan.example\nBcc: a@b.example"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"SUPPLIER_{name}"):
        Settings.from_environ({f"SUPPLIER_{name}": value})


def test_a_right_setting_is_taken() -> None:
    found = Settings.from_environ(
        {
            "SUPPLIER_BOUNCES_URL": "imaps://user%40kerlan:p%40ss@mail.kerlan.example",
            "SUPPLIER_BOUNCES_ADDRESS": "reports@kerlan.example",
        }
    )
    assert found.bounces_address == "reports@kerlan.example"
