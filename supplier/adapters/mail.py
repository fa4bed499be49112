"""The door to the mail server: one message at a time, over SMTP with a time-out."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

from supplier.kernel.errors import UnavailableError
from supplier.kernel.i18n import N_

TIMEOUT = 20


class AddressRefusedError(Exception):
    """The server says for good that this address takes no mail."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person. Dates and ids are set by the caller so that a retry is the same."""

    message_id: str
    to_address: str
    to_name: str
    subject: str
    text: str
    html: str
    language: str
    sent_at: float


class MailSender(Protocol):
    def send(self, mail: Mail) -> None:
        """Hand the mail over. Raises AddressRefusedError, or UnavailableError to try later."""
        ...


class SmtpSender:
    """`smtp://`, `smtp+starttls://` or `smtps://`, with certificates verified."""

    def __init__(self, url: str, sender: str, *, reports_to: str = "") -> None:
        self._parts = urlsplit(url)
        self._sender = sender
        # The envelope sender: where mail servers report what they could not deliver.
        self._reports_to = reports_to or parseaddr(sender)[1]

    def send(self, mail: Mail) -> None:
        try:
            with self._connect() as server:
                message = as_message(mail, sender=self._sender)
                server.send_message(message, from_addr=self._reports_to)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            if 500 <= code < 600:
                raise AddressRefusedError(str(code)) from error
            raise _unavailable() from error
        except (smtplib.SMTPException, OSError) as error:
            raise _unavailable() from error

    def _connect(self) -> smtplib.SMTP:
        host = self._parts.hostname or "localhost"
        if self._parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._parts.port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, self._parts.port or 25, timeout=TIMEOUT)
            if self._parts.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
        if self._parts.username:
            server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
        return server


class NoSender:
    """No mail server is configured: every mail waits in the outbox and says so."""

    def send(self, mail: Mail) -> None:  # noqa: ARG002
        raise _unavailable()


def as_message(mail: Mail, *, sender: str) -> EmailMessage:
    """The mail as RFC 5322, text and HTML. Raises ValueError on a line break in a header."""
    message = EmailMessage()
    name, address = parseaddr(sender)
    message["From"] = formataddr((name, address))
    message["To"] = formataddr((mail.to_name, mail.to_address))
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Date"] = formatdate(mail.sent_at, localtime=False)
    message["Content-Language"] = mail.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _unavailable() -> UnavailableError:
    return UnavailableError(
        N_("The mail server does not answer. The mail waits and is sent later.")
    )


class _Holder:
    sender: MailSender = NoSender()


def use_sender(url: str, mail_from: str, *, reports_to: str = "") -> None:
    """Install the sender of this process; an empty address means that mails wait."""
    _Holder.sender = SmtpSender(url, mail_from, reports_to=reports_to) if url else NoSender()


def sender() -> MailSender:
    return _Holder.sender
