"""`smtp+starttls://`: a mail goes over an encrypted line to a server that is known, or it waits."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from supplier.adapters.mail import Mail, SmtpSender
from supplier.kernel.errors import UnavailableError
from tests.browser.conftest import free_port
from tests.notifications.mailbox import Mailbox
from tests.notifications.test_bounces import self_signed

MAIL = Mail("<1@vigie.example>", "alice@alpha.example", "Alice", "Bonjour", "Texte", "<p>Texte</p>",
            "fr", 0.0)  # fmt: skip


def test_a_mail_goes_encrypted_to_a_server_whose_certificate_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    box, port = Mailbox(), free_port()
    server = Controller(
        box, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True
    )
    server.start()
    try:
        sender = SmtpSender(f"smtp+starttls://127.0.0.1:{port}", "Vigie <vigie@kerlan.example>")
        with pytest.raises(UnavailableError):
            sender.send(MAIL)
        assert box.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        sender.send(MAIL)
    finally:
        server.stop()
    assert [mail["Subject"] for mail in box.mails] == ["Bonjour"]


def test_a_server_that_offers_no_encryption_gets_nothing() -> None:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        with pytest.raises(UnavailableError):
            SmtpSender(f"smtp+starttls://127.0.0.1:{port}", "vigie@kerlan.example").send(MAIL)
    finally:
        server.stop()
    assert box.mails == []
