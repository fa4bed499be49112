"""The door to the mailbox where mail servers report what did not arrive: read over IMAP."""

from __future__ import annotations

import imaplib
import logging
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from urllib.parse import unquote, urlsplit

from imapclient import SEEN, IMAPClient

from supplier.kernel.errors import UnavailableError
from supplier.kernel.i18n import N_

log = logging.getLogger("vigie.mail")
TIMEOUT = 20


class OpenBox(Protocol):
    """The mailbox while it is open."""

    def list_unread(self) -> list[int]:
        """The mails that nobody marked as read, in the order in which they came."""
        ...

    def read(self, uid: int, *, limit: int) -> bytes | None:
        """The mail as it came, still unread; None when it is larger than `limit` or gone."""
        ...

    def mark_read(self, uid: int) -> None: ...


class ReportBox(Protocol):
    def open(self) -> AbstractContextManager[OpenBox]:
        """Open the mailbox for a `with`. Raises UnavailableError, also while it is open."""
        ...

    def fault(self) -> str | None:
        """Why the mailbox cannot be read now, without its password; None when it can."""
        ...


class ImapBox:
    """`imaps://`, `imap+starttls://` or, on this machine, `imap://`; certificates verified."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._folder = unquote(self._parts.path.strip("/")) or "INBOX"

    @contextmanager
    def open(self) -> Iterator[OpenBox]:
        client = None
        try:
            client = self._connect()
            yield _Opened(client)
        except (imaplib.IMAP4.error, OSError) as error:
            raise UnavailableError(
                N_("The mailbox for reports does not answer. They wait and are read later.")
            ) from error
        finally:
            if client is not None:
                _leave(client)

    def _connect(self) -> IMAPClient:
        secure = self._parts.scheme == "imaps"
        context = ssl.create_default_context()
        client = IMAPClient(
            self._parts.hostname or "localhost", port=self._parts.port or (993 if secure else 143),
            ssl=secure, ssl_context=context if secure else None, timeout=TIMEOUT,
        )  # fmt: skip
        try:
            if self._parts.scheme == "imap+starttls":
                client.starttls(context)
            client.login(unquote(self._parts.username or ""), unquote(self._parts.password or ""))
            client.select_folder(self._folder)
        except BaseException:
            _leave(client)
            raise
        return client

    def fault(self) -> str | None:
        try:
            with self.open():
                return None
        except UnavailableError as error:
            return f"{self._parts.hostname} {self._folder}: {_cause(error)}"


def _leave(client: IMAPClient) -> None:
    try:
        client.shutdown()
    except (imaplib.IMAP4.error, OSError):
        log.debug("the mailbox was gone before it was left")


def _cause(error: BaseException) -> str:
    cause = error.__cause__
    if isinstance(cause, imaplib.IMAP4.error):
        # What the server says of a sign-in or a folder; it does not repeat the password.
        return str(cause).removeprefix("b'").removesuffix("'")[:120]
    return type(cause).__name__


class _Opened:
    def __init__(self, client: IMAPClient) -> None:
        self._client = client

    def list_unread(self) -> list[int]:
        return sorted(self._client.search(["UNSEEN", "UNDELETED"]))

    def read(self, uid: int, *, limit: int) -> bytes | None:
        size = self._client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE")
        if size is None or size > limit:
            return None
        found = self._client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
        return found if isinstance(found, bytes) else None

    def mark_read(self, uid: int) -> None:
        self._client.add_flags([uid], [SEEN])


class _Holder:
    box: ReportBox | None = None


def use_report_box(url: str) -> None:
    """Install the mailbox of this process; an empty address means that no report is read."""
    _Holder.box = ImapBox(url) if url else None


def report_box() -> ReportBox | None:
    return _Holder.box
